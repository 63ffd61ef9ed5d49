# SPDX-License-Identifier: EUPL-1.2
"""What the pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError

from krachtwijk.errors import KrachtwijkError


def attempt(write: Callable[[], Any]) -> tuple[Any, str]:
    """What a service gave, or the one sentence that says why it was refused."""
    try:
        return write(), ""
    except KrachtwijkError as error:
        return None, str(error)
    except ValidationError as error:
        return None, " ".join(error.messages)
