# SPDX-License-Identifier: EUPL-1.2
"""Content Security Policy: a page may load and reach nothing but this site itself (Django 5.2 has none of its own)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the map's own buttons are drawn as data: images in its stylesheet
        "connect-src 'self'",
        "worker-src 'self'",  # the map reads its tiles in a worker from our own address
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class ContentSecurityPolicy:
    """Sets the header on every answer that has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the rest of the site does, with the policy on top."""
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        return response
