# SPDX-License-Identifier: EUPL-1.2
"""Compressed answers, for text only: a part of a tile file must arrive as the bytes it is.

Public pages hold no secret that compression could betray.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip


def is_text(response: HttpResponseBase) -> bool:
    """Whether an answer is a page, a table or GeoJSON, and whole."""
    kind = response.headers.get("Content-Type", "")
    return response.status_code != 206 and kind.startswith(
        ("text/", "application/json", "application/geo+json")
    )


def takes_compressed(request: HttpRequest) -> bool:
    """Whether who asks can read gzip."""
    return re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) is not None


class TextCompression(GZipMiddleware):
    """Compress what was not kept compressed (`caching.py`)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave binary answers and partial content alone."""
        return super().process_response(request, response) if is_text(response) else response
