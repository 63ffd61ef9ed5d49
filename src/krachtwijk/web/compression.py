# SPDX-License-Identifier: EUPL-1.2
"""Compressed answers, for text only: a part of a tile file must arrive as the bytes it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class TextCompression(GZipMiddleware):
    """Compress pages, tables and GeoJSON. Public pages hold no secret that compression could betray."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave binary answers and partial content alone."""
        kind = response.headers.get("Content-Type", "")
        if response.status_code == 206 or not kind.startswith(
            ("text/", "application/json", "application/geo+json")
        ):
            return response
        return super().process_response(request, response)
