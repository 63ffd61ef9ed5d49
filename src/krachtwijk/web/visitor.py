# SPDX-License-Identifier: EUPL-1.2
"""Where a request comes from, for limits only: never kept as it is."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """What the front server says, if there is one, else the other end of the line."""
    if settings.BEHIND_PROXY:
        named: str = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if named:
            return named
    return str(request.META.get("REMOTE_ADDR", ""))
