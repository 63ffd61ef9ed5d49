# SPDX-License-Identifier: EUPL-1.2
"""Accessibility, privacy, contact. What only the owner knows comes from settings, or is said to be absent."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from krachtwijk import __version__

#: The address of a page, and its template.
PAGES = {
    "toegankelijkheid": "publication/about_accessibility.html",
    "privacy": "publication/about_privacy.html",
    "contact": "publication/about_contact.html",
}
#: When the statements were last held against the site.
CHECKED = "2026-11-21"


def about(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the statements."""
    if slug not in PAGES:
        raise Http404
    return render(
        request,
        PAGES[slug],
        {
            "checked": CHECKED,
            "version": __version__,
            "answer_days": settings.ANSWER_DAYS,
            "email_days": settings.REPORT_EMAIL_DAYS,
            "report_days": settings.REPORT_DAYS,
            "log_days": settings.LOG_DAYS,
            "language_cookie": settings.LANGUAGE_COOKIE_NAME,
            "form_cookie": settings.CSRF_COOKIE_NAME,
            "session_cookie": settings.SESSION_COOKIE_NAME,
        },
    )
