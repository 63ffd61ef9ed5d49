# SPDX-License-Identifier: EUPL-1.2
"""Public pages: translate a request to a selector and its answer to a template, nothing more."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from krachtwijk.web.apps.publication import selectors


def area(request: HttpRequest, code: str) -> HttpResponse:
    """One area: its score, class, dimensions and where they come from."""
    rows = selectors.scores(code)
    if not rows:
        raise Http404
    return render(request, "publication/area.html", {"code": code, "rows": rows})


def home(request: HttpRequest, **_: str) -> HttpResponse:
    """The start page."""
    return render(request, "base.html")


search = area_csv = programmes = programme = programme_csv = programme_area = home
methods = method = sources = source = home
