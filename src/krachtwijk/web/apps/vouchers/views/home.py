# SPDX-License-Identifier: EUPL-1.2
"""Where residents' money is, and whether there is some in your street."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from krachtwijk.web.apps.vouchers import selectors

_POSTCODE = re.compile(r"\s*([1-9][0-9]{3})\s*(?:[A-Za-z]{2})?\s*")


def home(request: HttpRequest) -> HttpResponse:
    """All funds, and the answer for a postcode (``?postcode=``)."""
    given, refused, here, today = request.GET.get("postcode", ""), "", None, timezone.localdate()
    if given.strip():
        found = _POSTCODE.fullmatch(given)
        if found is None:
            refused = gettext("Schrijf de postcode als 1813 AB.")
        else:
            here = [selectors.place(wijk, today) for wijk in selectors.find_wijken(found[1])]
    funds = [(fund, selectors.places(fund, today)) for fund in selectors.funds()]
    return render(
        request,
        "vouchers/home.html",
        {"postcode": given, "refused": refused, "here": here, "funds": funds},
        status=400 if refused else 200,
    )
