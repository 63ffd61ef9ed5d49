# SPDX-License-Identifier: EUPL-1.2
"""Who works in the example funds, with their passwords: shown to who sits at the machine, and to nobody else."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from krachtwijk.web.apps.publication import example as warnings
from krachtwijk.web.apps.vouchers import season
from krachtwijk.web.apps.vouchers.models import Fund

HERE = frozenset({"127.0.0.1", "::1"})


def at_the_machine(request: HttpRequest) -> bool:
    """Whether the question comes from this machine itself, and not through a front server."""
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    return request.META.get("REMOTE_ADDR") in HERE and not forwarded


@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """The logins of the example funds."""
    funds = list(Fund.objects.filter(example=True))
    if not funds or not at_the_machine(request):
        raise Http404
    logins = [
        (fund, [(role, name, season.password(name)) for role, name in season.usernames(fund.pk).items()])
        for fund in funds
    ]
    context = {"logins": logins, "warnings": warnings.logins()}
    return render(request, "vouchers/example.html", context)
