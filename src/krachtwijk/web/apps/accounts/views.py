# SPDX-License-Identifier: EUPL-1.2
"""The second step of logging in: setting it up, and taking it."""

from __future__ import annotations

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from krachtwijk.web.apps.accounts import second_factor


def _next(request: HttpRequest) -> str:
    given = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(given, {request.get_host()}, require_https=request.is_secure())
    return given if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


@never_cache
@login_required
def verify(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the app, or one of paper."""
    if second_factor.has(request.user) is None:
        return redirect("accounts:second_set_up")
    refused, status = "", 200
    if request.method == "POST":
        right = second_factor.check(user=request.user, given=request.POST.get("code", "")[:40])
        if right:
            second_factor.remember(request, request.user)
            return redirect(_next(request))
        status = 400 if right is False else 429
        refused = (
            gettext(
                "Deze code klopt niet, of hij is al gebruikt. Wacht op de volgende code en probeer het opnieuw."
            )
            if right is False
            else gettext("U probeerde het te vaak. Wacht een kwartier en probeer het dan opnieuw.")
        )
    context = {"refused": refused, "next": _next(request)}
    return render(request, "accounts/second_step.html", context, status=status)


@never_cache
@login_required
def set_up(request: HttpRequest) -> HttpResponse:
    """Link an app, and get the printed codes. Who has a factor takes that step first."""
    factor = second_factor.has(request.user)
    if factor is not None and not second_factor.passed(request, factor):
        return redirect("accounts:second_step")
    refused, status = "", 200
    if request.method == "POST":
        printed = second_factor.confirm(user=request.user, given=request.POST.get("code", "")[:40])
        if printed is not None:
            second_factor.remember(request, request.user)
            return render(request, "accounts/second_codes.html", {"codes": printed, "next": _next(request)})
        refused, status = gettext("Deze code klopt niet. Kijk in de app en typ de code die er nu staat."), 400
    made = second_factor.begin(user=request.user)
    secret = second_factor.secret_of(made)
    context = {
        "refused": refused,
        "next": _next(request),
        "qr": segno.make(second_factor.address(made), error="m").svg_data_uri(
            scale=5, border=4, light="white"
        ),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    }
    return render(request, "accounts/second_set_up.html", context, status=status)
