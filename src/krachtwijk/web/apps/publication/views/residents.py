# SPDX-License-Identifier: EUPL-1.2
"""Residents or residence: did people get ahead, or did others come to live there? With an invented example."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from krachtwijk.documents import charts
from krachtwijk.runs.residents import GONE
from krachtwijk.web.apps.publication import wording
from krachtwijk.web.apps.publication.figures import Figure, figure
from krachtwijk.web.apps.publication.selectors import Row
from krachtwijk.web.apps.publication.selectors import residents as held
from krachtwijk.web.apps.publication.views.common import answer, traces
from krachtwijk.web.speaking import gettext

PARTS = ("progress", "moved_in", "entered", "moved_out", "gone")
FOLLOWED = ("stayers", "leavers", "comers")


def residents(request: HttpRequest) -> HttpResponse:
    """The question, the example of the area in ``?wijk=``, what research found, and how an owner of data does it."""
    areas = held.example_areas()
    if not areas:
        raise Http404
    area = request.GET.get("wijk", areas[0])
    if area not in areas:
        raise Http404
    split, cohort = held.split_of(area), held.cohort_of(area)
    first, last = held.example_years()
    years = {"first": str(first), "last": str(last)}
    change, course = _change(area, split, years), _course(area, cohort, years)
    context = {
        "areas": areas,
        "area": area,
        "finding": _finding(area, split),
        **years,
        "change": change,
        "split": split,
        "everybody": held.everybody(),
        "parts": [(_part(name), split[name]) for name in PARTS],
        "course": course,
        "course_rows": [(_group(name), cohort[name][-1]) for name in FOLLOWED],
        "moves": _moves(areas),
        "classes": _classes(area),
        "traces": traces([*split.values(), *cohort["stayers"][:1]]),
    }
    return answer(request, "publication/residents.html", context, [change, course])


def _finding(area: str, split: dict[str, Row]) -> str:
    stayed, whole = split["progress"]["value"], split["change"]["value"]
    words = {"area": area, "stayed": _points(stayed), "whole": _points(whole)}
    if whole < stayed:
        return gettext("%(area)s: wie bleef ging %(stayed)s punt vooruit, de wijk maar %(whole)s") % words
    return gettext("%(area)s: wie bleef ging %(stayed)s punt vooruit, de wijk %(whole)s") % words


def _points(value: float) -> str:
    return wording.number(value, 2)


def _signed(value: float) -> str:
    return wording.number(value, 2, signed=True)


def _part(name: str) -> str:
    return {
        "progress": gettext("Vooruitgang van wie bleef"),
        "moved_in": gettext("Wie uit een andere wijk kwam"),
        "entered": gettext("Wie nieuw in de gegevens is"),
        "moved_out": gettext("Wie naar een andere wijk ging"),
        "gone": gettext("Wie uit de gegevens verdween"),
    }[name]


def _group(name: str) -> str:
    return {
        "stayers": gettext("Blijvers"),
        "leavers": gettext("Vertrekkers"),
        "comers": gettext("Nieuwkomers"),
    }[name]


def _change(area: str, split: dict[str, Row], years: dict[str, str]) -> Figure:
    told = gettext(
        "Van %(begin)s naar %(end)s: vooruitgang van wie bleef %(progress)s, komst van anderen %(inflow)s, "
        "vertrek %(outflow)s."
    ) % {
        "begin": _points(split["start"]["value"]),
        "end": _points(split["end"]["value"]),
        **{part: _signed(split[part]["value"]) for part in ("progress", "inflow", "outflow")},
    }
    parts = [
        charts.Part(_part(name), row["value"], row["low"], row["high"], gettext("weggelaten"))
        for name in PARTS
        if (row := split[name])
    ]
    svg = charts.cascade(
        "verandering",
        parts,
        begin=(gettext("Gemiddelde in %(year)s") % {"year": years["first"]}, split["start"]["value"]),
        end=(gettext("Gemiddelde in %(year)s") % {"year": years["last"]}, split["end"]["value"]),
        title=gettext("%(area)s: waaruit de verandering bestaat (verzonnen)") % {"area": area},
        desc=told,
        form=_signed,
        level=_points,
    )
    return figure("verandering", svg, told, split.values())


def _course(area: str, cohort: dict[str, list[Row]], years: dict[str, str]) -> Figure:
    roles = {"stayers": "gebied", "leavers": "stad", "comers": "land"}
    lines = [
        charts.Line(
            _group(name),
            tuple(
                charts.Point(int(r["period"][-4:]), r["mean_last"], r["last_low"], r["last_high"])
                for r in cohort[name]
            ),
            roles[name],
        )
        for name in FOLLOWED
    ]
    told = gettext(
        "In %(last)s staan blijvers op %(stayers)s, nieuwkomers op %(comers)s en vertrekkers op %(leavers)s."
    ) % {"last": years["last"], **{name: _points(cohort[name][-1]["mean_last"]) for name in FOLLOWED}}
    svg = charts.series(
        "mensen",
        lines,
        title=gettext("%(area)s: waar blijvers, vertrekkers en nieuwkomers staan (verzonnen)")
        % {"area": area},
        desc=told,
        form=lambda value: wording.number(value, 1),
    )
    return figure("mensen", svg, told, [row for name in FOLLOWED for row in cohort[name]])


def _moves(areas: Sequence[str]) -> dict[str, Any]:
    """The table of moves: per area its shares by where people live in the last year."""
    shares = {(row["area"], row["to"]): row for row in held.moves()}
    to = [*areas, GONE]
    return {
        "to": [*areas, gettext("Uit beeld")],
        "rows": [(area, [(shares.get((area, other)), other == area) for other in to]) for area in areas],
    }


def _classes(area: str) -> dict[str, Any]:
    """Who stayed, by class in the first year and in the last."""
    cuts = [wording.number(cut, 0) for cut in held.example_cuts()]
    names = [
        gettext("lager dan %(cut)s") % {"cut": cuts[0]},
        *(gettext("%(low)s tot %(high)s") % {"low": a, "high": b} for a, b in itertools.pairwise(cuts)),
        gettext("%(cut)s of meer") % {"cut": cuts[-1]},
    ]
    rows = {(r["class_first"], r["class_last"]): r for r in held.classes_of(area, "stayers")}
    k = len(names)
    return {
        "to": names,
        "rows": [
            (name, [(rows[before, after], before == after) for after in range(1, k + 1)])
            for before, name in enumerate(names, 1)
        ],
    }
