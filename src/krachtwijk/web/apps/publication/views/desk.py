# SPDX-License-Identifier: EUPL-1.2
"""The desks: reports of readers, taking in publications, computing the results. Never kept by a browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.accounts.permissions import DATA, EDITORS, WARNINGS, role_required, roles_of
from krachtwijk.web.apps.publication import intake as work
from krachtwijk.web.apps.publication import services
from krachtwijk.web.apps.publication.forms import AnswerForm, UploadForm
from krachtwijk.web.apps.publication.models import Melding
from krachtwijk.web.apps.publication.selectors import reports as found
from krachtwijk.web.apps.publication.selectors import warning_desk as warnings
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.vouchers.selectors import works_anywhere
from krachtwijk.web.sealing import unseal

PER_PAGE = 50
#: Lines that were not used, shown at most; the edition's own page and the command have them all.
REJECTED_SHOWN = 200
_SALT = "krachtwijk.inlezen"


@never_cache
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """What there is to do for this person."""
    roles = roles_of(request.user)
    context: dict[str, Any] = {"roles": sorted(roles), "edits": EDITORS in roles, "data": DATA in roles}
    context["works"] = works_anywhere(request.user, localdate())
    if EDITORS in roles:
        context["counts"] = found.report_counts()
    if DATA in roles:
        context["progress"] = _progress()
    context["warnings"] = warnings.waiting_for(request.user) if roles & WARNINGS else None
    return render(request, "desk/start.html", context)


@never_cache
@role_required(EDITORS)
def reports(request: HttpRequest) -> HttpResponse:
    """All reports; ``?staat=`` open (unless said otherwise), beantwoord or alle."""
    counts = found.report_counts()
    state = request.GET.get("staat", Melding.OPEN)
    if state not in (*counts, "alle"):
        state = Melding.OPEN
    pages = Paginator(found.reports("" if state == "alle" else state), PER_PAGE)
    words = {Melding.OPEN: gettext("open"), Melding.ANSWERED: gettext("beantwoord")}
    choices = [(name, words[name], counts[name]) for name, _ in Melding.STATES]
    choices.append(("alle", gettext("alle"), sum(counts.values())))
    return render(
        request,
        "desk/reports.html",
        {"state": state, "choices": choices, "page": pages.get_page(request.GET.get("blad"))},
    )


@never_cache
@role_required(EDITORS)
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One report, its history, and the answer."""
    made = found.report(number)
    if made is None:
        raise Http404
    form = AnswerForm(request.POST or None, initial={"antwoord": made.answer})
    status = 200
    if request.method == "POST" and "heropen" in request.POST:
        services.reopen_report(
            number=number,
            reason=request.POST.get("reden", "").replace("\0", "")[:200],
            actor=_staff(request),
        )
        return redirect("desk:report", number=number)
    if request.method == "POST":
        if form.is_valid():
            services.answer_report(
                number=number,
                answer=form.cleaned_data["antwoord"],
                reason=form.cleaned_data["reden"],
                actor=_staff(request),
            )
            return redirect("desk:report", number=number)
        status = 400
    context = {
        "report": made,
        "email": unseal(made.email),
        "form": form,
        "history": record.events(stream=services.STREAM, subject=services.subject(number)),
    }
    return render(request, "desk/report.html", context, status=status)


@never_cache
@role_required(DATA)
def intake(request: HttpRequest) -> HttpResponse:
    """First look at what is in a file, then take it in."""
    if request.method != "POST":
        return render(request, "desk/intake.html", {"form": UploadForm()})
    return _take_in(request) if "neem-op" in request.POST else _look(request)


def _look(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "desk/intake.html", {"form": form}, status=400)
    warehouse, year = Warehouse(), form.cleaned_data["jaar"]
    path = None
    try:
        token = work.keep(warehouse, form.cleaned_data["bestand"])
        path = work.kept(warehouse, token)
        assert path is not None
        outcome = work.look(warehouse, path, year)
    except KrachtwijkError as error:
        if path is not None:
            work.drop(path)
        return render(request, "desk/intake.html", {"form": form, "refused": work.told(error)}, status=400)
    if not outcome.new:
        work.drop(path)
    ticket = signing.dumps([token, year, _staff(request).pk], salt=_SALT)
    return render(request, "desk/intake_report.html", {**_told(outcome), "ticket": ticket, "taken": False})


def _take_in(request: HttpRequest) -> HttpResponse:
    warehouse = Warehouse()
    try:
        token, year, owner = signing.loads(request.POST.get("kaartje", ""), salt=_SALT, max_age=work.KEPT_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        token, year, owner = "", "", None
    path = work.kept(warehouse, token) if owner == _staff(request).pk else None
    if path is None:
        refused = gettext("Dit bestand staat niet meer klaar. Stuur het opnieuw.")
        return render(request, "desk/intake.html", {"form": UploadForm(), "refused": refused}, status=400)
    try:
        outcome = work.take_in(warehouse, path, year, _staff(request))
    except KrachtwijkError as error:
        refused = work.told(error)
        return render(request, "desk/intake.html", {"form": UploadForm(), "refused": refused}, status=400)
    return render(
        request, "desk/intake_report.html", {**_told(outcome), "taken": True, "progress": _progress()}
    )


def _told(outcome: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "rejected": outcome.rejected[:REJECTED_SHOWN],
        "more": max(0, len(outcome.rejected) - REJECTED_SHOWN),
    }


@never_cache
@role_required(DATA)
def compute(request: HttpRequest) -> HttpResponse:
    """How the computation stands; POST starts one, unless one is at work."""
    refused = ""
    if request.method == "POST":
        try:
            work.start(Warehouse(), _staff(request))
        except KrachtwijkError as error:
            refused = str(error)
        else:
            return redirect("desk:compute")
    return render(
        request,
        "desk/compute.html",
        {"progress": _progress(), "refused": refused},
        status=409 if refused else 200,
    )


def _progress() -> dict[str, Any]:
    progress = work.progress(Warehouse())
    for name in ("started", "ended"):
        if name in progress:
            progress[name] = datetime.fromisoformat(progress[name])
    return progress


def _staff(request: HttpRequest) -> Any:
    """Who is at the desk; the guard of each desk saw to it that there is somebody."""
    return request.user
