# SPDX-License-Identifier: EUPL-1.2
"""The method pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from krachtwijk.web.apps.publication import methods as method_pages


def methods(request: HttpRequest) -> HttpResponse:
    """All method pages."""
    return render(request, "publication/methods.html", {"pages": method_pages.pages(get_language() or "nl")})


def method(request: HttpRequest, slug: str) -> HttpResponse:
    """One method page."""
    page = method_pages.page(slug, get_language() or "nl")
    if page is None:
        raise Http404
    return render(request, "publication/method.html", {"page": page})
