# SPDX-License-Identifier: EUPL-1.2
"""What a page may do in a browser: load and reach nothing but this site itself, and use no device.

Django 5.2 sets the other security headers itself, and has none of its own for these two.
"""

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


#: No page needs any of these, so no script on it may ask for them.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "microphone",
        "payment",
        "usb",
    )
)


class ContentSecurityPolicy:
    """Sets both headers on every answer that has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the rest of the site does, with the policy on top."""
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response
