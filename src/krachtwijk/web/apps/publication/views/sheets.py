# SPDX-License-Identifier: EUPL-1.2
"""An area on one sheet of paper, and as the picture that goes with a shared link."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from krachtwijk.documents import paper
from krachtwijk.geography import codes
from krachtwijk.web.apps.publication import selectors
from krachtwijk.web.apps.publication.area_sheet import area_document, area_picture, site_picture
from krachtwijk.web.apps.publication.views.common import area_or_404


def _dated() -> datetime.date:
    """The day of the newest run: the sheet changes when its figures do, not when a clock ticks."""
    made = max((info.made_at for info in selectors.results()), default="")
    return datetime.date.fromisoformat(made[:10]) if made else datetime.date(2000, 1, 1)


def area_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """One A4 as PDF/UA."""
    found = area_or_404(codes.clean(code))
    address = request.build_absolute_uri(reverse("publication:area", args=[found.code]))
    return HttpResponse(
        paper.pdf(area_document(found, address, _dated())),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="krachtwijk-{found.code}.pdf"'},
    )


def area_image(request: HttpRequest, code: str) -> HttpResponse:
    """The picture of a link to an area."""
    found = area_or_404(codes.clean(code))
    return HttpResponse(paper.png(area_picture(found, _dated())), content_type="image/png")


def site_image(request: HttpRequest) -> HttpResponse:
    """The picture of a link to any other page."""
    return HttpResponse(paper.png(site_picture(_dated())), content_type="image/png")
