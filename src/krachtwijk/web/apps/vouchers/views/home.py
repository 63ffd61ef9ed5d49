# SPDX-License-Identifier: EUPL-1.2
"""Where residents' money is, and whether there is some in your street."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from krachtwijk.web.apps.vouchers import selectors

_POSTCODE = re.compile(r"\s*([1-9][0-9]{3})\s*(?:[A-Za-z]{2})?\s*")


def home(request: HttpRequest) -> HttpResponse:
    """All funds, and the answer for a postcode (``?postcode=``)."""
    given, refused, wijken = request.GET.get("postcode", ""), "", None
    if given.strip():
        found = _POSTCODE.fullmatch(given)
        if found is None:
            refused = gettext("Schrijf de postcode als 1813 AB.")
        else:
            wijken = selectors.find_wijken(found[1])
    funds = [(fund, selectors.balances(fund)) for fund in selectors.funds()]
    return render(
        request,
        "vouchers/home.html",
        {"postcode": given, "refused": refused, "wijken": wijken, "funds": funds},
        status=400 if refused else 200,
    )
