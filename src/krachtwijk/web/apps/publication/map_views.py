# SPDX-License-Identifier: EUPL-1.2
"""The map page: a plain form, a legend and a list that work without JavaScript; the script only draws and links."""

from __future__ import annotations

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from krachtwijk.web.apps.publication import map_selectors


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The map and its list for the choices in the address."""
    context = {
        "view": map_selectors.map_view(request.GET.dict()),
        "areas_at": reverse("publication:area", args=["CODE"]).removesuffix("CODE/"),
        # the front-end packages are fetched at set-up; without them the page is the list
        "drawable": finders.find("vendor/manifest.json") is not None,
    }
    return render(request, "publication/map.html", context)
