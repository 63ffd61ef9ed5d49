# SPDX-License-Identifier: EUPL-1.2
"""The desk of early warnings: what waits, who looks at it and by when, what was decided. Not public.

A filter stands in the address; nothing here needs JavaScript.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from krachtwijk.catalogue import warnings as specs
from krachtwijk.documents import charts
from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.publication import methods, services, wording_warning
from krachtwijk.web.apps.publication.figures import Figure, figure
from krachtwijk.web.apps.publication.forms_warnings import AssignForm, DecideForm, ReleaseForm, ReopenForm
from krachtwijk.web.apps.publication.models import Waarschuwing
from krachtwijk.web.apps.publication.permissions import Reach, for_warnings, may_own
from krachtwijk.web.apps.publication.selectors import edition
from krachtwijk.web.apps.publication.selectors import warning_desk as held
from krachtwijk.web.apps.publication.selectors.warning_desk import Key, Warned
from krachtwijk.web.apps.publication.services.warnings import STREAM, ChangedMeanwhileError, called
from krachtwijk.web.apps.publication.views.common import csv_answer
from krachtwijk.web.apps.record import selectors as record

PER_PAGE = 50
#: What was done, shown once on the next page.
TOLD = "waarschuwing gezegd"
TO_DO, DECIDED, ALL = "open", "besloten", "alle"
#: Of the owner: the reader, nobody, or anybody.
ME, NOBODY = "ik", "niemand"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the address asks for; anything unknown falls back to the first choice."""

    level: str
    period: str
    state: str
    owner: str
    municipality: str
    whole: bool

    def query(self, **changed: str) -> str:
        """These choices as an address."""
        words = {
            "gebieden": self.level,
            "jaar": self.period,
            "staat": self.state,
            "eigenaar": self.owner,
            "gemeente": self.municipality,
            "welke": "alle" if self.whole else "",
        }
        return urlencode({name: text for name, text in {**words, **changed}.items() if text})


def _choices(request: HttpRequest, level: str, periods: list[str]) -> Choices:
    asked = request.GET.get
    state, period = asked("staat", TO_DO), asked("jaar", "")
    owner = asked("eigenaar", "")
    return Choices(
        level,
        period if period in periods else (periods or [""])[0],
        state if state in (TO_DO, DECIDED, ALL) else TO_DO,
        owner if owner in (ME, NOBODY) or owner.isdecimal() else "",
        asked("gemeente", ""),
        asked("welke") == "alle",
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """The warnings somebody sees: those of the year, those that the choices leave, and what there is to choose from."""

    levels: list[str]
    periods: list[str]
    chosen: Choices
    every: list[Warned]
    shown: list[Warned]
    #: open in other years, by year
    elsewhere: dict[str, int]


def _queue(request: HttpRequest, reach: Reach) -> Queue:
    levels = held.levels()
    level = request.GET.get("gebieden", "")
    level = level if level in levels else (levels or [""])[0]
    known = held.followed(level)
    periods = sorted({*held.periods(level), *(key.period for key in known)}, reverse=True)
    chosen = _choices(request, level, periods)
    mine = None if reach.everywhere else reach.municipalities
    every = held.warned(level, chosen.period, known, mine, chosen.whole)
    elsewhere = Counter(
        key.period
        for key, row in known.items()
        if key.period != chosen.period and row.state == Waarschuwing.OPEN and _seen(reach, key)
    )
    return Queue(levels, periods, chosen, every, _left(every, chosen, reach.user), dict(elsewhere))


def _seen(reach: Reach, key: Key) -> bool:
    place = held.area(key.area)
    return place is not None and reach.sees(place.gemeente)


def _left(every: list[Warned], chosen: Choices, user: User) -> list[Warned]:
    """What the choices leave: first what has a day, the earliest first; then the largest chance."""
    tests: list[Callable[[Warned], bool]] = []
    if chosen.state != ALL:
        tests.append(lambda w: w.open == (chosen.state == TO_DO))
    if chosen.municipality:
        tests.append(lambda w: w.area.gemeente == chosen.municipality)
    if chosen.owner:
        wanted = {ME: user.pk, NOBODY: None}.get(
            chosen.owner, int(chosen.owner) if chosen.owner.isdecimal() else 0
        )
        tests.append(lambda w: (w.known.owner_id if w.known else None) == wanted)
    left = [w for w in every if all(test(w) for test in tests)]
    never = datetime.date.max
    return sorted(
        left,
        key=lambda w: (
            (w.known and w.open and w.known.due) or never,
            -(w.figures.get("probability") or 0.0),
            w.key.area,
        ),
    )


def _free(warned: Warned) -> bool:
    """Whether it may be given to somebody together with others."""
    return warned.open and (warned.known is None or warned.known.owner_id is None)


@for_warnings
def queue(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The warnings that this person sees, as the address asks."""
    found, today = _queue(request, reach), localdate()
    page = Paginator(found.shown, PER_PAGE).get_page(request.GET.get("blad"))
    counts = Counter(w.open for w in found.every)
    states = [
        (TO_DO, gettext("te doen"), counts[True]),
        (DECIDED, gettext("besloten"), counts[False]),
        (ALL, gettext("alle"), len(found.every)),
    ]
    owners = {w.known.owner_id: called(w.known.owner) for w in found.every if w.known and w.known.owner}
    places = {w.area.gemeente: w.area.gemeente_name for w in found.every if w.area.gemeente}
    rows = [(w, w.late(today), _free(w) and reach.may_assign(w.area.gemeente)) for w in page]
    until = _until(found.every)
    context = {
        "queue": found,
        "chosen": found.chosen,
        "page": page,
        "rows": rows,
        "any_free": any(free for _, _, free in rows),
        "states": [(n, word, count, found.chosen.query(staat=n)) for n, word, count in states],
        "waiting": counts[True],
        "late": sum(w.late(today) for w in found.every),
        "until": until,
        "past": bool(until) and until < str(today.year),
        "years": [
            (year, n, f"?jaar={year}&gebieden={found.chosen.level}") for year, n in found.elsewhere.items()
        ],
        "owners": sorted(
            ((str(pk), name) for pk, name in owners.items() if pk != reach.user.pk), key=lambda o: o[1]
        ),
        "places": sorted(places.items(), key=lambda place: place[1] or "") if len(places) > 1 else [],
        "told": request.session.pop(TOLD, ""),
        "query": found.chosen.query(),
        "trace": _trace(found.chosen.level),
    }
    return render(request, "desk/warnings.html", context)


def _until(rows: list[Warned]) -> str:
    """The year that the chances are about; empty where no row has one."""
    return next((str(int(w.key.period) + w.row["horizon"]) for w in rows if w.row), "")


def _trace(level: str) -> dict[str, Any] | None:
    info = held.info_of(level)
    if info is None:
        return None
    return {
        "editions": [e for name in info.editions if (e := edition(name))],
        "rule": info.rule,
        "run": info.run,
        "made_at": info.made_at,
        "method": methods.of_rule(info.rule),
    }


@for_warnings
def queue_csv(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The list that stands there, for who sees it; that it was taken is written down."""
    found = _queue(request, reach)
    services.note_export(actor=reach.user, count=len(found.shown), what=found.chosen.query())
    return csv_answer("krachtwijk-waarschuwingen-niet-openbaar", [_as_row(w) for w in found.shown])


def _as_row(warned: Warned) -> dict[str, Any]:
    known = warned.known
    text = known.reaction if known else ""
    return {
        "level": warned.key.level,
        "area": warned.key.area,
        "name": warned.area.name,
        "municipality": warned.area.gemeente or "",
        "period": warned.key.period,
        **{
            name: warned.figures.get(name)
            for name in (
                *held.FIGURES,
                "zero",
                "distance",
                "crossing",
                "change",
                "neighbours",
                "swing",
                "size",
                "flagged",
            )
        },
        "owner": called(known.owner) if known and known.owner else "",
        "due": known.due if known else None,
        "state": known.state if known else Waarschuwing.OPEN,
        "decision": known.decision if known else "",
        # a spreadsheet takes such a text for a formula
        "reaction": f"'{text}" if text[:1] in ("=", "+", "-", "@") else text,
        **{name: (warned.row or {}).get(name, "") for name in ("edition", "rule", "run")},
    }


@require_POST
@for_warnings
def assign(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Several at once to one person: first who and by when, with the list to check; nothing is written before that."""
    keys = [Key(*parts) for text in request.POST.getlist("kies") if len(parts := text.split(" ")) == 3]
    chosen = [w for w in held.several(keys[:PER_PAGE]) if reach.may_assign(w.area.gemeente)]
    if not chosen:
        request.session[TOLD] = gettext("Kies eerst een of meer gebieden in de lijst.")
        return redirect(_back(request))
    owners = may_own({w.area.gemeente for w in chosen})
    sent = "uiterlijk" in request.POST
    form = AssignForm(request.POST if sent else None, owners=owners)
    refused = ""
    if sent and form.is_valid():
        try:
            given = services.assign_warnings(
                keys=[w.key for w in chosen],
                owner=form.owner,
                due=form.cleaned_data["uiterlijk"],
                reason=form.cleaned_data["waarom"],
                actor=reach.user,
            )
        except KrachtwijkError as error:
            refused = str(error)
        else:
            request.session[TOLD] = _given(len(given), len(chosen) - len(given), called(form.owner))
            return redirect(_back(request))
    context = {
        "chosen": [(w, _free(w)) for w in chosen],
        "form": form,
        "refused": refused,
        "back": _back(request),
        "query": request.POST.get("keuze", ""),
    }
    return render(
        request, "desk/warnings_assign.html", context, status=400 if refused or form.errors else 200
    )


def _given(given: int, left: int, name: str) -> str:
    told = ngettext(
        "%(n)s waarschuwing staat nu bij %(name)s.", "%(n)s waarschuwingen staan nu bij %(name)s.", given
    ) % {"n": given, "name": name}
    if not left:
        return told
    rest = ngettext(
        "%(n)s andere had al een eigenaar of een besluit, en bleef zo.",
        "%(n)s andere hadden al een eigenaar of een besluit, en bleven zo.",
        left,
    ) % {"n": left}
    return f"{told} {rest}"


def _back(request: HttpRequest) -> str:
    return f"{reverse('desk:warnings')}?{urlencode(parse_qsl(request.POST.get('keuze', '')[:500]))}".rstrip(
        "?"
    )


@for_warnings
def warning(request: HttpRequest, reach: Reach, level: str, period: str, code: str) -> HttpResponse:
    """One warning: what is expected and why, who looks at it, what was decided, and everything that happened."""
    found = held.one(Key(level, code, period))
    if found is None or not reach.sees(found.area.gemeente):
        raise Http404
    forms = _forms(request, reach, found)
    refused, status = "", 200
    if request.method == "POST":
        try:
            if _act(request, reach, found, forms):
                return redirect("desk:warning", level=level, period=period, code=code)
            status = 400
        except KrachtwijkError as error:
            refused, status = str(error), 409 if isinstance(error, ChangedMeanwhileError) else 400
            # as it stands now, with what was typed
            found = held.one(found.key) or found
            forms = _forms(request, reach, found)
    history = list(record.events(stream=STREAM, subject=found.key.subject))
    people = {e.payload.get("eigenaar") for e in history} - {None}
    names = {user.pk: called(user) for user in User.objects.filter(pk__in=people)}
    drawn = _drawn(found)
    context = {
        "warned": found,
        "spec": specs().get(level),
        "known": found.known,
        "figures": found.figures,
        "changed": found.changed,
        "until": str(int(period) + found.row["horizon"]) if found.row else "",
        "late": found.late(localdate()),
        "drawn": drawn,
        "reasons": wording_warning.reasons(found.row) if found.row else [],
        "forms": forms,
        "refused": refused,
        "told": request.session.pop(TOLD, ""),
        "history": [(event, names.get(event.payload.get("eigenaar"), "")) for event in history],
        "trace": _trace(level),
    }
    return render(request, "desk/warning.html", context, status=status)


def _forms(request: HttpRequest, reach: Reach, found: Warned) -> dict[str, Any]:
    """The forms of what this person may do now, filled in where it was this one that was sent."""
    place, owned = found.area.gemeente, found.known is not None and found.known.owner_id is not None
    sent = request.POST.get("actie") if request.method == "POST" else None

    def data(name: str) -> Any:
        return request.POST if sent == name else None

    made: dict[str, Any] = {}
    if reach.may_decide(place, found.known):
        made["besluit"] = DecideForm(data("besluit"))
    if reach.may_assign(place):
        if found.open:
            made["toewijzen"] = AssignForm(data("toewijzen"), owners=may_own({place}))
            if owned:
                made["loslaten"] = ReleaseForm(data("loslaten"))
        else:
            made["heropen"] = ReopenForm(data("heropen"), owned=owned)
    return made


def _act(request: HttpRequest, reach: Reach, found: Warned, forms: dict[str, Any]) -> bool:
    """Do what was sent; False where its form is not filled in well. Raises KrachtwijkError, Http404."""
    action, given = request.POST.get("actie", ""), request.POST.get("stand", "")
    form = forms.get(action)
    if form is None:
        # not offered: no role for it, or somebody else acted meanwhile
        raise ChangedMeanwhileError(
            gettext("Dit kan nu niet"), where=gettext("waarschuwing"), mend=gettext("Lees wat er nu staat")
        )
    if not form.is_valid():
        return False
    words = form.cleaned_data
    at: dict[str, Any] = {"actor": reach.user, "version": int(given) if given.isdecimal() else -1}
    if action == "toewijzen":
        services.assign_warnings(
            keys=[found.key], owner=form.owner, due=words["uiterlijk"], reason=words["waarom"], **at
        )
    elif action == "loslaten":
        services.release_warning(key=found.key, reason=words["reden_los"], **at)
    elif action == "heropen":
        services.reopen_warning(key=found.key, reason=words["reden_open"], due=words.get("nieuwe_dag"), **at)
    else:
        services.answer_warning(key=found.key, decision=words["besluit"], reaction=words["reactie"], **at)
    request.session[TOLD] = gettext("Het is opgeschreven.")
    return True


def _drawn(found: Warned) -> Figure | None:
    """The expected change with its interval, beside no change at all."""
    row = found.row
    if row is None:
        return None
    told = gettext(
        "Wij verwachten %(expected)s punten. Met 90%% kans wordt het tussen %(low)s en %(high)s."
    ) % {name: wording_warning.points(row[name]) for name in ("expected", "low", "high")}
    dot = charts.Dot(gettext("Verandering van de score"), row["expected"], row["low"], row["high"])
    svg = charts.dots(
        "verandering",
        [dot],
        title=gettext("%(name)s: de verandering die wij verwachten") % {"name": found.area.name},
        desc=told,
        form=wording_warning.points,
        middle=0.0,
        bounds=(min(row["low"], 0.0) - 0.01, max(row["high"], 0.0) + 0.02),
    )
    return figure("verandering", svg, told, [])
