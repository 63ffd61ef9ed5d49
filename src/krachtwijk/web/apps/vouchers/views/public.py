# SPDX-License-Identifier: EUPL-1.2
"""What everybody sees of a fund: the money to the euro, the plans that got some, the terms, and the daily roots."""

from __future__ import annotations

import csv
import hashlib
import io
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from krachtwijk import __version__
from krachtwijk.documents import charts
from krachtwijk.rules.ledger import Account
from krachtwijk.rules.money import euros
from krachtwijk.rules.states import GRANTED
from krachtwijk.web.apps.vouchers import current, selectors
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.selectors import Initiative
from krachtwijk.web.apps.vouchers.templatetags.vouchers import euro, stands
from krachtwijk.web.apps.vouchers.views.common import View, fund_or_404

PER_PAGE = 50
#: In the list to choose from: how a plan that got vouchers can stand.
STATES = (*GRANTED, "vastgesteld", "verlening_ingetrokken")
#: The fields of the open data, in CSV and JSON alike.
FIELDS = ("fund", "municipality", "wijk", "title", "granted", "paid", "state", "decided", "page")
#: So many roots stand on the page.
DAYS = 60


def _unchanged(stamp: Callable[[Fund], str]) -> Callable[[View], View]:
    """Answer 304 where the browser has this page already; it asks every time, so it never shows an old amount."""

    def etag(request: HttpRequest, fund: str, **_: object) -> str | None:
        if settings.DEBUG:
            return None
        found = fund_or_404(fund)
        # the day: an application becomes late by itself
        parts = (__version__, get_language(), timezone.localdate(), settings.SITE_NAME, settings.OWNER,
                 settings.THEME_STAMP, found.pk, found.title, found.length, stamp(found))  # fmt: skip
        return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"'

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, fund: str, **named: object) -> HttpResponse:
            return view(request, fund_or_404(fund), **named)

        read: View = require_safe(cache_control(no_cache=True)(condition(etag_func=etag)(answer)))
        return read

    return decorate


@_unchanged(selectors.published_stamp)
def fund(request: HttpRequest, fund: Fund) -> HttpResponse:
    """One fund: what is left (7.1), what happened with the money, the plans (7.2), the terms and the refusals."""
    rows = selectors.accounts(fund)
    wijk, state = request.GET.get("wijk", ""), request.GET.get("stand", "")
    wijken = [name for name, _ in rows]
    if (wijk and wijk not in wijken) or (state and state not in STATES):
        raise Http404
    found = selectors.initiatives(fund, wijk, state)
    whole, by_wijk = selectors.terms(fund, timezone.localdate())
    total = selectors.together(rows)
    context = {
        "fund": fund,
        "law": current.bylaw_of(fund.bylaw).title,
        "rows": rows,
        "total": total,
        "chart": _chart(rows),
        "finding": _finding(total),
        "terms": whole,
        "terms_by_wijk": by_wijk,
        "refusals": selectors.refusals(fund),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("blad")),
        "count": len(found),
        "wijken": wijken,
        "wijk": wijk,
        "states": STATES,
        "state": state,
    }
    return render(request, "vouchers/public/fund.html", context)


def _finding(total: dict[Account, int]) -> str:
    if not total["ceiling"]:
        return gettext("Er is nog geen geld verdeeld")
    if total["available"] <= 0:
        return gettext("Al het geld is verdeeld")
    return gettext("Er is nog %(left)s van %(all)s te verdelen") % {
        "left": euro(total["available"]),
        "all": euro(total["ceiling"]),
    }


def _chart(rows: list[tuple[str, dict[Account, int]]]) -> SafeString | None:
    """A bar per wijk: what became of its ceiling. What was paid stands without what came back."""
    if not any(accounts["ceiling"] for _, accounts in rows):
        return None
    words: tuple[tuple[str, str, Callable[[dict[Account, int]], int]], ...] = (
        ("betaald", gettext("betaald"), lambda a: a["paid"] - a["recovered"]),
        ("uitstaand", gettext("in vouchers"), lambda a: a["outstanding"]),
        ("toegezegd", gettext("toegezegd"), lambda a: a["committed"]),
        ("over", gettext("te verdelen"), lambda a: a["available"]),
        ("vervallen", gettext("vervallen"), lambda a: a["lapsed"]),
    )
    items = [
        charts.Stack(wijk, tuple((kind, max(of(a), 0), word) for kind, word, of in words), gettext("geen"))
        for wijk, a in rows
    ]
    title = gettext("Wat er met het geld van elke wijk is gebeurd")
    told = "; ".join(
        f"{wijk}: " + ", ".join(f"{euro(of(a))} {word}" for _, word, of in words) for wijk, a in rows
    )
    return mark_safe(charts.stacks("geld", items, title=title, desc=f"{told}.", form=euro))


@_unchanged(selectors.published_stamp)
def initiative(request: HttpRequest, fund: Fund, code: uuid.UUID) -> HttpResponse:
    """One plan that was made public, with what came of it."""
    found = selectors.initiative(fund, code)
    if found is None:
        raise Http404
    context = {"fund": fund, "initiative": found}
    return render(request, "vouchers/public/initiative.html", context)


def _row(fund: Fund, one: Initiative) -> dict[str, str]:
    page = reverse("vouchers:initiative", args=[fund.pk, one.code]) if one.code else ""
    with override("nl"):
        word = stands(one.state)
    made = (
        fund.pk, fund.municipality, one.wijk, one.title, euros(one.granted), euros(one.paid), word,
        one.decided.isoformat(), page,
    )  # fmt: skip
    return dict(zip(FIELDS, made, strict=True))


@_unchanged(selectors.published_stamp)
def csv_list(request: HttpRequest, fund: Fund) -> HttpResponse:
    """Open data: the plans that got vouchers, a line each."""
    out = io.StringIO()
    written = csv.DictWriter(out, FIELDS, lineterminator="\n")
    written.writeheader()
    for one in selectors.initiatives(fund):
        row = _row(fund, one)
        # a spreadsheet takes text that begins so for a formula
        row["title"] = f"'{row['title']}" if row["title"][:1] in "=+-@\t\r" and row["title"] else row["title"]
        written.writerow(row)
    name = f'attachment; filename="initiatieven-{fund.pk}.csv"'
    return HttpResponse(
        out.getvalue(), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@_unchanged(selectors.published_stamp)
def json_list(request: HttpRequest, fund: Fund) -> HttpResponse:
    """Open data: the same plans, and the money per wijk."""
    made: dict[str, Any] = {
        "fund": fund.pk,
        "title": fund.title,
        "municipality": fund.municipality,
        "bylaw": fund.bylaw,
        "example": fund.example,
        "money": {
            wijk: {name: euros(cents) for name, cents in accounts.items()}
            for wijk, accounts in selectors.accounts(fund)
        },
        "initiatives": [_row(fund, one) for one in selectors.initiatives(fund)],
    }
    return JsonResponse(made, json_dumps_params={"ensure_ascii": False})


@require_safe
@cache_control(no_cache=True)
def roots(request: HttpRequest) -> HttpResponse:
    """The daily roots: with these everybody can see later that nothing was changed."""
    return render(request, "vouchers/public/roots.html", {"roots": selectors.roots(DAYS)})
