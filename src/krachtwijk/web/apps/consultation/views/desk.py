# SPDX-License-Identifier: EUPL-1.2
"""The desk of a Wijkraadpleging: prepare, letters, the counter, paper, hands, count. Never kept by a browser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.consultation import selectors, services
from krachtwijk.web.apps.consultation.forms import (
    CodeForm,
    DeskCodeForm,
    HandsForm,
    LettersForm,
    ObserverForm,
    PaperForm,
    PrepareForm,
    WithdrawForm,
)
from krachtwijk.web.apps.consultation.letters import addresses, letters
from krachtwijk.web.apps.consultation.models import Handen, Partij, Stemrecht, Wijkraadpleging
from krachtwijk.web.apps.consultation.views.common import attempt
from krachtwijk.web.apps.record.canonical import canonical
from krachtwijk.web.apps.vouchers.current import bylaw_of
from krachtwijk.web.apps.vouchers.permissions import AUDITOR, HELPER, OFFICIAL, REGIEGROEP, held
from krachtwijk.web.apps.vouchers.views.common import Desk, desk_of, fund_or_404

STAFF = (OFFICIAL, HELPER, REGIEGROEP, AUDITOR)
#: What the official presses, and what it does.
ACTIONS = {
    "open": services.open_,
    "sluit": services.close,
    "tel": services.count,
    "hertel": services.recount,
    "stel-vast": services.establish,
}


def _place(desk: Desk, number: int) -> Wijkraadpleging:
    found = selectors.one(number)
    if found is None or found.fund_id != desk.fund.pk:
        raise Http404
    return found


@desk_of(*STAFF)
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All consultations and questions of a fund, and which wijken have plans that wait."""
    waiting = [
        (wijk.name, len(selectors.waiting_cases(desk.fund, wijk.name))) for wijk in desk.fund.wijken.all()
    ]
    return render(
        request,
        "consultation/desk_home.html",
        {
            "desk": desk,
            "found": selectors.consultations(desk.fund),
            "questions": selectors.questions(desk.fund),
            "waiting": waiting,
            "leads": OFFICIAL in desk.roles,
        },
    )


@desk_of(OFFICIAL)
def prepare(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new consultation in a wijk (``?wijk=``)."""
    wijk = request.GET.get("wijk", "")
    if not desk.fund.wijken.filter(name=wijk).exists():
        raise Http404
    form = PrepareForm(
        request.POST or None,
        forms_allowed=bylaw_of(desk.fund.bylaw)("consultation_forms"),
        cases=selectors.waiting_cases(desk.fund, wijk),
    )
    refused, status = "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            given = form.cleaned_data
            made, refused = attempt(
                lambda: services.prepare(
                    fund=desk.fund.pk,
                    wijk=wijk,
                    plans=form.plans,
                    actor=desk.user,
                    **{
                        n: given[n]
                        for n in ("title", "question", "form", "opens", "closes", "token", "rehearsal")
                    },
                )
            )
            if made:
                return redirect("consultationdesk:consultation", fund=desk.fund.pk, number=made.pk)
            status = 409
    context = {"desk": desk, "form": form, "wijk": wijk, "refused": refused}
    return render(request, "consultation/desk_prepare.html", context, status=status)


@desk_of(*STAFF)
def consultation(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """How it stands, and the next thing to do."""
    place, refused = _place(desk, number), ""
    if request.method == "POST":
        act = ACTIONS.get(request.POST.get("doe", ""))
        if act is None:
            raise Http404
        done, refused = attempt(lambda: act(consultation=place.pk, actor=desk.user))
        if not refused:
            told = "" if done is not False else "?hertelling=anders"
            answer = redirect("consultationdesk:consultation", fund=desk.fund.pk, number=place.pk)
            answer["Location"] += told
            return answer
        place = _place(desk, number)
    return render(
        request, "consultation/desk_consultation.html", _context(request, desk, place, refused),
        status=409 if refused else 200,
    )  # fmt: skip


def _context(request: HttpRequest, desk: Desk, place: Wijkraadpleging, refused: str = "") -> dict[str, Any]:
    return {
        "desk": desk,
        "place": place,
        "plans": place.plans.all(),
        "turnout": selectors.turnout(place),
        "result": selectors.result(place) if place.is_counted else None,
        "batches": place.batches.all(),
        "leads": desk.may(place.wijk, OFFICIAL),
        "counts": desk.may(place.wijk, OFFICIAL, HELPER, REGIEGROEP),
        "at_desk": desk.may(place.wijk, OFFICIAL, HELPER),
        "refused": refused,
        "differs": request.GET.get("hertelling") == "anders",
        "withdraw": WithdrawForm(),
        "observer": ObserverForm(),
    }


@desk_of(OFFICIAL)
@sensitive_post_parameters()
def make_letters(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Letters with a code, as one PDF. The list that was given goes nowhere else."""
    place = _place(desk, number)
    age, unit = selectors.electorate(selectors.law_of(place))
    form, refused, status = LettersForm(request.POST or None), "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            household = unit == "household"
            to = addresses(form.cleaned_data["lijst"], household) or [()] * (form.cleaned_data["aantal"] or 0)
            made, refused = attempt(
                lambda: services.make_codes(
                    consultation=place.pk, size=len(to), actor=desk.user, token=form.cleaned_data["token"]
                )
            )
            status = 409
            if made:
                where = request.build_absolute_uri(f"/bewonersgeld/raadpleging/{place.pk}/stem/")
                paper = letters(place, made, to, where, age, household, desk.today)
                return HttpResponse(
                    paper,
                    content_type="application/pdf",
                    headers={
                        "Content-Disposition": f'attachment; filename="raadpleging-{place.pk}-brieven.pdf"'
                    },
                )
    return render(
        request, "consultation/desk_letters.html",
        {
            "desk": desk, "place": place, "form": form, "refused": refused, "age": age, "unit": unit,
            "most": services.MOST,
        },
        status=status,
    )  # fmt: skip


@desk_of(OFFICIAL)
def withdraw(request: HttpRequest, desk: Desk, number: int, batch: int) -> HttpResponse:
    """Make the unused codes of a batch worthless."""
    place = _place(desk, number)
    if request.method != "POST" or not Partij.objects.filter(pk=batch, consultation=place).exists():
        raise Http404
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reden"] if form.is_valid() else ""
    _, refused = attempt(lambda: services.withdraw_codes(batch=batch, actor=desk.user, reason=reason))
    if refused:
        context = _context(request, desk, _place(desk, number), refused)
        return render(request, "consultation/desk_consultation.html", context, status=409)
    return redirect("consultationdesk:consultation", fund=desk.fund.pk, number=place.pk)


@desk_of(OFFICIAL)
def annul(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Let a consultation lapse, with a reason."""
    place = _place(desk, number)
    if request.method != "POST":
        raise Http404
    form = WithdrawForm(request.POST)
    reason = form.cleaned_data["reden"] if form.is_valid() else ""
    _, refused = attempt(lambda: services.annul(consultation=place.pk, actor=desk.user, reason=reason))
    if refused:
        context = _context(request, desk, _place(desk, number), refused)
        return render(request, "consultation/desk_consultation.html", context, status=409)
    return redirect("consultationdesk:consultation", fund=desk.fund.pk, number=place.pk)


@desk_of(OFFICIAL)
def observe(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Let somebody follow the log."""
    place = _place(desk, number)
    if request.method != "POST":
        raise Http404
    form = ObserverForm(request.POST)
    found = User.objects.filter(username=form.cleaned_data["naam"]).first() if form.is_valid() else None
    if found is None:
        context = _context(request, desk, place, gettext("Deze inlognaam is er niet."))
        return render(request, "consultation/desk_consultation.html", context, status=400)
    attempted = attempt(
        lambda: services.name_observer(consultation=place.pk, observer=found, actor=desk.user)
    )
    if attempted[1]:
        context = _context(request, desk, place, attempted[1])
        return render(request, "consultation/desk_consultation.html", context, status=409)
    return redirect("consultationdesk:consultation", fund=desk.fund.pk, number=place.pk)


@desk_of(OFFICIAL, HELPER)
@sensitive_post_parameters()
def counter(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """The counter: look up a code, use it for paper or the meeting, give one to who shows an identity."""
    place = _place(desk, number)
    what = request.POST.get("doe", "")
    form, give = (
        CodeForm(request.POST if what and what != "geef" else None),
        DeskCodeForm(request.POST if what == "geef" else None),
    )
    told, code, refused, status = "", "", "", 200
    if what == "geef":
        status = 400
        if give.is_valid():
            made, refused = attempt(
                lambda: services.give_code(
                    consultation=place.pk,
                    actor=desk.user,
                    token=give.cleaned_data["token"],
                    identity_shown=give.cleaned_data["id_getoond"],
                    reason=give.cleaned_data["reden"],
                )
            )
            code, status = made or "", 409 if refused else 200
            give = DeskCodeForm()
    elif what in ("kijk", Stemrecht.PAPER, Stemrecht.MEETING):
        status = 400
        if form.is_valid():
            told, refused = _used(place, desk, what, form.cleaned_data["code"])
            status = 409 if refused else 200
            form = CodeForm() if not refused else form
    return render(
        request, "consultation/desk_counter.html",
        {
            "desk": desk, "place": place, "form": form, "give": give, "told": told, "code": code,
            "refused": refused, "accepts": place.accepts(timezone.now()),
        },
        status=status,
    )  # fmt: skip


def _used(place: Wijkraadpleging, desk: Desk, what: str, code: str) -> tuple[str, str]:
    """What to tell the person at the counter, and what was refused."""

    def look() -> str:
        if what != "kijk":
            used = services.register(consultation=place.pk, code=code, channel=what, actor=desk.user)
            return services.told(used)
        right = services.looked_up(consultation=place, given=code, actor=desk.user)
        if right is None:
            raise KrachtwijkError(gettext("Deze code geeft geen stem in deze raadpleging"))
        return services.told(right)

    told, refused = attempt(look)
    return told or "", refused


@desk_of(OFFICIAL, HELPER, REGIEGROEP)
def paper(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Read paper ballots: one person after the other, a third where they differ."""
    place = _place(desk, number)
    sheets = list(place.sheets.all())
    mine = [s.number for s in sheets if not s.agreed and desk.user.pk not in (s.first_by_id, s.second_by_id)]
    follows = mine[0] if mine else len(sheets) + 1
    against = str(selectors.law_of(place)("consultation_rule")) == "yes-no"
    form = PaperForm(
        request.POST or None, plans=place.plans.all(), against=against, initial={"nummer": follows}
    )
    refused, status = "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            _, refused = attempt(
                lambda: services.enter_paper(
                    consultation=place.pk,
                    number=form.cleaned_data["nummer"],
                    ballot=form.ballot(),
                    actor=desk.user,
                )
            )
            if not refused:
                return redirect("consultationdesk:paper", fund=desk.fund.pk, number=place.pk)
            status = 409
    return render(
        request, "consultation/desk_paper.html",
        {
            "desk": desk, "place": place, "form": form, "rows": form.rows(), "sheets": sheets, "refused": refused,
            "turnout": selectors.turnout(place),
        },
        status=status,
    )  # fmt: skip


@desk_of(OFFICIAL, HELPER, REGIEGROEP)
def hands(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """A show of hands: counted by one, confirmed by another."""
    place = _place(desk, number)
    found = Handen.objects.filter(consultation=place).select_related("counted_by", "confirmed_by").first()
    form = HandsForm(request.POST if "tel" in request.POST else None, plans=place.plans.all())
    refused, status = "", 200
    if request.method == "POST":
        status = 400
        if "bevestig" in request.POST and found:
            _, refused = attempt(lambda: services.confirm_hands(consultation=place.pk, actor=desk.user))
        elif form.is_valid():
            _, refused = attempt(
                lambda: services.count_hands(consultation=place.pk, counts=form.counts(), actor=desk.user)
            )
        else:
            refused = gettext("Schrijf bij elk plan een getal.")
        if not refused:
            return redirect("consultationdesk:hands", fund=desk.fund.pk, number=place.pk)
        status = 409 if form.is_bound and form.is_valid() else 400
    counts = [(p, *found.counts[str(p.number)]) for p in place.plans.all()] if found else []
    return render(
        request, "consultation/desk_hands.html",
        {
            "desk": desk, "place": place, "form": form, "found": found, "counts": counts, "refused": refused,
            "turnout": selectors.turnout(place),
        },
        status=status,
    )  # fmt: skip


@never_cache
@login_required
def log(request: HttpRequest, fund: str, number: int) -> HttpResponse:
    """The log, for observers, who hold no role in the fund, and for staff."""
    place = selectors.one(number)
    if place is None or place.fund_id != fund_or_404(fund).pk:
        raise Http404
    staff = any(a.fund_id == fund and a.role in STAFF for a in held(request.user, timezone.localdate()))
    if not staff and not place.observers.filter(pk=request.user.pk).exists():
        raise PermissionDenied
    told = [(event, canonical(event.payload)) for event in selectors.log(place)]
    context = {"place": place, "log": told, "turnout": selectors.turnout(place)}
    return render(request, "consultation/desk_log.html", context)
