# SPDX-License-Identifier: EUPL-1.2
"""The colours of the nine classes, read from the one file that defines them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).resolve().parent / "static" / "krachtwijk" / "tokens.css"


@cache
def class_colours() -> tuple[str, ...]:
    """Nine hex colours, class 1 first."""
    found = dict(re.findall(r"--klasse-(\d): (#[0-9a-f]{6});", TOKENS.read_text("utf-8")))
    return tuple(found[str(number)] for number in range(1, 10))
