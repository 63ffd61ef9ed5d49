# SPDX-License-Identifier: EUPL-1.2
"""Did problems move next door, and did the areas do better than look-alikes: plan, power and result of a study."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from krachtwijk.catalogue import dictionary
from krachtwijk.catalogue import programmes as all_programmes
from krachtwijk.documents import charts
from krachtwijk.monitor.effects.plan import Outcome, StudyPlan, Variant
from krachtwijk.monitor.model import Programme
from krachtwijk.web.apps.publication import wording, wording_study
from krachtwijk.web.apps.publication.figures import Figure, figure
from krachtwijk.web.apps.publication.selectors import Row
from krachtwijk.web.apps.publication.selectors import displacement as held
from krachtwijk.web.apps.publication.selectors.displacement import Study
from krachtwijk.web.apps.publication.views.common import answer, programme_or_404, traces

#: Rings in the order of a page.
RINGS = ("programma", "ring-1", "ring-2")
#: Letters of a label that fit above its dot.
LETTERS = 48
#: Standard deviations apart from which two groups are called unlike.
ALIKE = 0.1
_DIFFERENCES = ("verschil-stad", "verschil-vanzelf", "verschil-lijkend")


def displacements(request: HttpRequest) -> HttpResponse:
    """Every programme with what its study found, or that there is none."""
    found = {study.programme.id: study for study in held.studied()}
    entries = [
        {"programme": made, "study": study, "finding": _heading(study), "course": _own_course(study)}
        if study
        else {"programme": made}
        for made in all_programmes().values()
        for study in [found.get(made.id)]
    ]
    return render(request, "publication/displacements.html", {"entries": entries})


def displacement(request: HttpRequest, programme_id: str) -> HttpResponse:
    """One programme: the plan, the power, the rings, the variants, the ministry's method, and the score's own leak."""
    made = programme_or_404(programme_id)
    found = held.study(made)
    main = held.primary(found, "waterbed") if found else None
    if found is None or main is None:
        return render(request, "publication/displacement_none.html", {"programme": made, "effect": False})
    plan = found.plan
    outcome = plan.outcome(main["outcome"])
    rows = held.estimates(found, "waterbed")
    rings = _of_test(rows, main, variant=main["variant"])
    variants = [row for row in _of_test(rows, main) if row["term"] == main["term"]]
    shown = {
        "power": _power(found, main, outcome),
        "rings": _rings(rings, outcome),
        "placebos": _placebos(found, main, outcome),
        "variants": _variants(found, variants, outcome),
        "ministry": _marks(made),
    }
    derived = sum(certainty == "afgeleid" for area in made.areas for _, _, certainty in area.parts)
    context = {
        "programme": made,
        "study": found,
        "plan": plan,
        "heading": _heading(found),
        "main": main,
        "window": wording.between(main["window"]),
        "amount": _amounts(outcome, main),
        "smallest": _smallest(found, main, outcome),
        "outcome": outcome,
        "unit": wording_study.unit(outcome),
        "roles": [(wording_study.named(wording_study.ROLES, k), n) for k, n in _ordered(held.roles(found))],
        **shown,
        "ring_rows": [(wording_study.term(r["term"]), r, _amounts(outcome, r)) for r in rings],
        "variant_rows": [
            (wording_study.variant(plan, r["variant"]), r, _amounts(outcome, r)) for r in variants
        ],
        "metric_rows": [
            (
                wording_study.variant(plan, r["variant"]),
                wording_study.term(r["term"]),
                r,
                _amounts(outcome, r),
            )
            for r in _of_test(rows, main)
            if r["term"] not in RINGS
        ],
        "before": [
            wording_study.before_the_start(outcome, row)
            for row in _before(found, rows, main)
            if row["placebo_low"] is not None
        ],
        "course": _own_course(found),
        "certain": [
            wording_study.without_derived(outcome, r, derived)
            for r in variants
            if derived and _variant(plan, r).certainty == "bron"
        ],
        "beyond": wording_study.beyond_zero(plan, outcome, variants),
        "derived": derived,
        "others": _others(found, rows, main),
        **_family(found, rows),
        "courses": _courses(found, outcome),
        "leak": _leak(found),
        **_ministry(made),
        "files": _files(
            made, "plan", "kracht", "schatting", "placebo", "verloop", "lek", "ministerie-telling"
        ),
        "traces": traces([main, *held.leak(found)[:1], *_ministry_rows(made)[:1]]),
    }
    return answer(request, "publication/displacement.html", context, [*shown.values(), *context["courses"]])


def effect(request: HttpRequest, programme_id: str) -> HttpResponse:
    """Towards the city, beside look-alikes: two true figures that answer different questions, for ``?venster=``."""
    made = programme_or_404(programme_id)
    found = held.study(made)
    main = held.primary(found, "effect") if found else None
    rows = held.estimates(found, "effect") if found else []
    sets = _with_tests(held.beside(found), rows, main) if found and main else {}
    if (
        found is None
        or main is None
        or "verschil-lijkend" not in sets.get((main["outcome"], main["window"]), {})
    ):
        return render(request, "publication/displacement_none.html", {"programme": made, "effect": True})
    plan = found.plan
    outcome = plan.outcome(main["outcome"])
    windows = [w for w in plan.windows if "verschil-lijkend" in sets.get((outcome.id, w.id), {})]
    window = next((w for w in windows if w.id == request.GET.get("venster")), plan.window(main["window"]))
    measures = sets[outcome.id, window.id]
    tested = {**main, "window": window.id}  # the test of the plan, in the window that is shown
    shown = {
        "lines": _lines(measures, outcome),
        "gaps": _gaps(measures, outcome),
        "power": _power(found, tested, outcome),
    }
    better = measures["verschil-lijkend"]
    sign = _sign(better, plan.inference.alpha)
    context = {
        "programme": made,
        "study": found,
        "plan": plan,
        "outcome": outcome,
        "unit": wording_study.unit(outcome),
        "heading": wording_study.effect_finding(found, window.id, measures["verschil-stad"], sign),
        "course": _own_course(found),
        "sign": sign,
        "below": (better["placebo_high"] or 0.0) < 0,
        "window": window,
        "windows": windows,
        "between": wording.between(window.id),
        "main": main,
        "measures": [
            (wording_study.named(wording_study.MEASURES, name), row, _levels(outcome, row))
            for name in wording_study.MEASURES
            for row in [measures.get(name)]
            if row is not None
        ],
        "per_window": [
            (
                w,
                [_levels(outcome, sets[outcome.id, w.id][name]) for name in _DIFFERENCES],
                _amounts(outcome, _as_estimate(sets[outcome.id, w.id]["verschil-lijkend"]))["band"],
            )
            for w in windows
        ],
        "unlike": wording.listed(
            [
                wording_study.lowered(wording_study.variable(r["variable"]))
                for r in held.balance(found)
                if abs(r["apart_matched"]) >= ALIKE
            ]
        ),
        "closer": _amounts(outcome, _as_estimate(measures["verschil-stad"])),
        "better": _amounts(outcome, _as_estimate(better)),
        "better_row": better,
        "smallest": _smallest(found, tested, outcome),
        "whole": held.roles(found).get("programma", 0),
        "itself": _amounts(outcome, _as_estimate(measures["verschil-vanzelf"])),
        **shown,
        "others": _others(found, rows, None),
        **_family(found, rows),
        "balance": [(wording_study.variable(r["variable"]), r) for r in held.balance(found)],
        "files": _files(made, "naast-elkaar", "schatting", "balans", "placebo", "plan"),
        "traces": traces([measures["programma"], main]),
    }
    return answer(request, "publication/effect.html", context, shown.values())


def _with_tests(
    sets: dict[tuple[str, str], dict[str, Row]], rows: Iterable[Row], main: Row
) -> dict[tuple[str, str], dict[str, Row]]:
    """What stands side by side, the difference from look-alikes with the interval and tests of its estimate."""
    tested = {
        (row["outcome"], row["window"]): row
        for row in rows
        if (row["method"], row["variant"], row["term"]) == (main["method"], main["variant"], main["term"])
    }
    names = ("low", "high", "placebo_low", "placebo_high", "p_wild", "p_placebo")
    return {
        key: measures | {"verschil-lijkend": row | {n: tested[key][n] for n in names}}
        for key, measures in sets.items()
        for row in [measures.get("verschil-lijkend")]
        if row is not None and key in tested
    }


def _sign(row: Row, alpha: float) -> int:
    """Which way an estimate points by the rule of the plan: both tests must say so; 0 where they do not."""
    tests = (row["p_wild"], row["p_placebo"])
    if any(p is None or p >= alpha for p in tests):
        return 0
    return 1 if row["change"] > 0 else -1


def _own_course(found: Study) -> str:
    """How the areas themselves fared in the first window after the start, in words."""
    main = held.primary(found, "effect")
    after = next((w for w in found.plan.windows if w.role != "voor"), None)
    if main is None or after is None:
        return ""
    measures = held.beside(found).get((main["outcome"], after.id), {})
    if not measures.keys() >= {"verschil-stad", "verschil-vanzelf"}:
        return ""
    outcome = found.plan.outcome(main["outcome"])
    return wording_study.own_course(
        outcome, after.id, measures["verschil-stad"], measures["verschil-vanzelf"]
    )


def _variant(plan: StudyPlan, row: Row) -> Variant:
    return next(v for v in plan.variants if v.id == row["variant"])


def _heading(found: Study) -> str:
    return wording_study.displacement_finding(found, found.verdicts.get("waterbed", ""))


def _of_test(rows: Iterable[Row], main: Row, **more: object) -> list[Row]:
    """Estimates of the outcome, window and method of another one."""
    wanted = {name: main[name] for name in ("outcome", "window", "method")} | more
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def _before(found: Study, rows: Iterable[Row], main: Row) -> list[Row]:
    """The same test in the windows before the programme."""
    before = {w.id for w in found.plan.windows if w.role == "voor"}
    wanted = {name: main[name] for name in ("outcome", "method", "term", "variant")}
    return [
        row
        for row in rows
        if row["window"] in before and all(row[name] == value for name, value in wanted.items())
    ]


def _ordered(counts: dict[str, int]) -> list[tuple[str, int]]:
    order = list(wording_study.ROLES)
    return sorted(counts.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))


def _amounts(outcome: Outcome, row: Row) -> dict[str, str]:
    """An estimate in words: its size, its interval, and the band of placebo programmes."""
    around = _around(row)
    return {
        "value": wording_study.amount(outcome, row["estimate"]),
        "interval": wording_study.between(outcome, row),
        "band": wording_study.between(outcome, {"low": around[0], "high": around[1]}) if around else "–",
    }


def _levels(outcome: Outcome, row: Row) -> dict[str, str]:
    return {
        "start": wording_study.amount(outcome, row["at_start"], signed=False),
        "end": wording_study.amount(outcome, row["at_end"], signed=False),
        "change": wording_study.amount(outcome, row["change"]),
        "interval": wording_study.between(outcome, row) if row["low"] is not None else "–",
    }


def _as_estimate(row: Row) -> Row:
    return {**row, "estimate": row["change"]}


def _around(row: Row) -> tuple[float, float] | None:
    low, high = row.get("placebo_low"), row.get("placebo_high")
    return None if low is None or high is None else (low, high)


def _dot(label: str, row: Row) -> charts.Dot:
    return charts.Dot(label, row["estimate"], row["low"], row["high"], around=_around(row))


def _dots(name: str, rows: Sequence[tuple[str, Row]], title: str, told: str, outcome: Outcome) -> Figure:
    svg = charts.dots(
        name,
        [_dot(charts.short(label, LETTERS), row) for label, row in rows],
        title=title,
        desc=told,
        form=lambda value: wording_study.amount(outcome, value),
        middle=0.0,
    )
    return figure(name, svg, told, [row for _, row in rows])


def _powers(found: Study, main: Row) -> list[list[Row]]:
    """The power curves of a test: by each way, from the years before the programme and from its own window."""
    windows = {main["window"], *(w.id for w in found.plan.windows if w.role == "voor")}
    curves: dict[tuple[str, str], list[Row]] = {}
    for row in held.power(found):
        same = all(row[name] == main[name] for name in ("outcome", "term", "method"))
        if same and row["window"] in windows:
            curves.setdefault((row["basis"], row["window"]), []).append(row)
    return [sorted(rows, key=lambda r: r["displacement"]) for rows in curves.values()]


def _smallest(found: Study, main: Row, outcome: Outcome) -> dict[str, Any] | None:
    """The smallest shift that would have been seen, by the most careful of the ways in which that was worked out."""
    curves = _powers(found, main)
    if not curves:
        return None
    most = max(rows[0]["smallest"] for rows in curves)
    relevant = found.plan.relevant
    return {
        "value": wording_study.amount(outcome, most, signed=False),
        "one_in": wording_study.one_in(most) if outcome.id == "klasse" else "",
        "relevant": wording_study.amount(outcome, relevant, signed=False),
        "enough": most <= relevant,
        "ways": [
            (
                wording_study.power_basis(rows[0]),
                wording_study.amount(outcome, rows[0]["smallest"], signed=False),
            )
            for rows in curves
        ],
    }


def _power(found: Study, main: Row, outcome: Outcome) -> Figure | None:
    """The chance to see shifts of several sizes, by the most careful way."""
    curves = _powers(found, main)
    if not curves:
        return None
    rows = max(curves, key=lambda rows: rows[0]["smallest"])
    drawn = rows[:: max(1, len(rows) // 4)]
    told = wording_study.power_basis(rows[0]) + "."
    bars = [
        charts.Bar(
            gettext("Verschuiving van %(shift)s %(unit)s")
            % {
                "shift": wording_study.amount(outcome, row["displacement"], signed=False),
                "unit": wording_study.unit(outcome),
            },
            row["power"],
        )
        for row in drawn
    ]
    title = gettext("De kans dat wij een verschuiving zien, naar haar omvang")
    svg = charts.bars("kracht", bars, title=title, desc=told, form=wording_study.chance)
    return figure("kracht", svg, told, rows)


def _rings(rows: Sequence[Row], outcome: Outcome) -> Figure:
    ordered = sorted(rows, key=lambda r: RINGS.index(r["term"]) if r["term"] in RINGS else len(RINGS))
    told = gettext(
        "De stip is de schatting, de streep het interval van 95%. Het lichte vlak is wat nagebootste programma’s geven."
    )
    title = gettext("Verschil met postcodes verder weg in dezelfde stad")
    return _dots("ringen", [(wording_study.term(r["term"]), r) for r in ordered], title, told, outcome)


def _variants(found: Study, rows: Sequence[Row], outcome: Outcome) -> Figure:
    values = [row["estimate"] for row in rows]
    told = gettext("Met andere keuzes ligt de schatting tussen %(low)s en %(high)s.") % {
        "low": wording_study.amount(outcome, min(values)),
        "high": wording_study.amount(outcome, max(values)),
    }
    title = gettext("Dezelfde toets met andere keuzes")
    named = [(wording_study.drawn(found.plan, r["variant"]), r) for r in rows]
    return _dots("varianten", named, title, told, outcome)


def _placebos(found: Study, main: Row, outcome: Outcome) -> Figure | None:
    rows = held.placebos(found, main)
    if not rows:
        return None
    share = min(
        sum(row["estimate"] >= main["estimate"] for row in rows),
        sum(row["estimate"] <= main["estimate"] for row in rows),
    ) / len(rows)
    told = gettext(
        "Van %(n)s nagebootste programma’s ligt %(share)s aan die kant minstens zo ver als het echte. "
        "De toets telt dat dubbel, voor beide kanten."
    ) % {"n": wording.number(len(rows)), "share": wording_study.chance(share)}
    svg = charts.histogram(
        "nabootsing",
        [row["estimate"] for row in rows],
        title=gettext("Het echte programma tussen nagebootste programma’s"),
        desc=told,
        form=lambda value: wording_study.amount(outcome, value),
        value=main["estimate"],
        label=gettext("het echte programma"),
        around=_around(main),
        around_label=gettext("Het lichte vlak: 95% van de nabootsingen"),
    )
    return figure("nabootsing", svg, told, rows)


def _courses(found: Study, outcome: Outcome) -> list[Figure]:
    """Per ring its course against the comparison, all on one scale."""
    rows = held.course(found, outcome.id)
    terms = [name for name in RINGS if name in rows]
    drawn = charts.panels(
        [
            (
                f"verloop-{name}",
                wording_study.term(name),
                gettext("Van %(first)s tot %(last)s, met het interval van 95%%.")
                % {"first": rows[name][0]["period"], "last": rows[name][-1]["period"]},
                [
                    charts.Line(
                        wording_study.term(name),
                        _against_base(rows[name], found.plan.base),
                    )
                ],
            )
            for name in terms
        ],
        form=lambda value: wording_study.amount(outcome, value),
        left=40.0,
    )
    return [
        figure(f"verloop-{name}", svg, wording_study.term(name), rows[name])
        for name, svg in zip(terms, drawn, strict=True)
    ]


def _against_base(rows: Iterable[Row], base: int) -> tuple[charts.Point, ...]:
    """A course in order of year, with the year it is held against: there the difference is 0 by definition."""
    points = [charts.Point(int(r["period"]), r["estimate"], r["low"], r["high"]) for r in rows]
    return tuple(sorted([*points, charts.Point(base, 0.0, 0.0, 0.0)], key=lambda point: point.year))


def _others(found: Study, rows: Sequence[Row], main: Row | None) -> list[dict[str, Any]]:
    """All estimates of the main variant, by outcome and window; without the test that stands above."""
    plan = found.plan
    known = {o.id for o in plan.outcomes}
    return [
        {
            "outcome": wording_study.outcome(plan, row["outcome"]),
            "window": row["window"],
            "term": wording_study.term(row["term"]),
            "method": wording_study.named(wording_study.METHODS, row["method"]),
            "row": row,
            "amount": _amounts(plan.outcome(row["outcome"]), row),
        }
        for row in rows
        if row["variant"] == plan.main.id and row["outcome"] in known and row is not main
    ]


def _family(found: Study, rows: Sequence[Row]) -> dict[str, Any]:
    """How many other tests the plan counts, how many of them stand out at its rate of false alarms, and which."""
    rate, plan = found.plan.inference.fdr, found.plan
    before = {w.id for w in plan.windows if w.role == "voor"}
    known_before = {row["outcome"] for row in rows if row["window"] in before}
    tested = [row for row in rows if row["q"] is not None]
    beyond = [row for row in tested if row["q"] <= rate]
    return {
        "tests": len(tested),
        "found": len(beyond),
        "fdr": rate,
        "stand_out": [
            {
                "outcome": wording_study.outcome(plan, row["outcome"]),
                "years": wording.between(row["window"]),
                "value": wording_study.amount(plan.outcome(row["outcome"]), row["estimate"]),
                "unit": wording_study.unit(plan.outcome(row["outcome"])),
                "before": row["outcome"] in known_before,
            }
            for row in beyond
        ],
    }


def _leak(found: Study) -> list[tuple[str, list[tuple[str, float]]]]:
    """Per radius the share of a change that shows in each ring without anything having moved."""
    radii: dict[float, list[tuple[str, float]]] = {}
    for row in held.leak(found):
        radii.setdefault(row["radius"], []).append((wording_study.term(row["term"]), row["share"]))
    return [(wording.number(radius), shares) for radius, shares in sorted(radii.items())]


def _ministry_rows(made: Programme) -> list[Row]:
    searched = held.searched(made)
    return [] if searched is None else searched[1]


def _ministry(made: Programme) -> dict[str, Any]:
    """The ministry's counts, then and now, as a table: a row per search area and indication, a column per window."""
    searched = held.searched(made)
    if searched is None:
        return {}
    plan, counts = searched
    windows = [*dict.fromkeys(c["window"] for c in counts if c["origin"] == "gepubliceerd")]
    windows += [w.id for w in plan.windows]
    ours = [c for c in counts if c["receiving"] in (str(plan.receiving[0]), "matig positief")]
    at = {(c["search"], c["indication"], c["window"]): c for c in ours}
    rows = [
        (
            wording_study.named(wording_study.SEARCHED, kind),
            [
                (
                    wording_study.named(wording_study.INDICATIONS, name),
                    [at.get((kind, name, w)) for w in windows],
                )
                for name in wording_study.INDICATIONS
                if any((kind, name, w) in at for w in windows)
            ],
        )
        for kind in wording_study.SEARCHED
    ]
    together = [
        (
            wording_study.named(wording_study.SEARCHED, kind),
            [at.get((kind, "samenhang", w.id)) for w in plan.windows],
        )
        for kind in wording_study.SEARCHED
    ]
    wider = {c["window"]: c for c in counts if _is_mark(c) and c["receiving"] == str(plan.receiving[-1])}
    return {
        "searched": plan,
        "search_windows": [(w, any(w == x.id for x in plan.windows)) for w in windows],
        "search_rows": rows,
        "together": together,
        "then": next((c for c in counts if _is_mark(c) and c["origin"] == "gepubliceerd"), None),
        "wider": [wider[w.id] for w in plan.windows if w.id in wider],
        "limit": plan.receiving[0],
        "limit_wider": plan.receiving[-1],
    }


def _files(made: Programme, *kinds: str) -> list[tuple[str, str]]:
    """The result tables behind a page, with what each is called."""
    names = [f"waterbed-{made.id}-{kind}" for kind in kinds]
    return [
        (name, wording.pick(kind.label, kind.label_en))
        for name in names
        for kind in [dictionary().kind(name)]
        if kind is not None and held.is_made(name)
    ]


def _is_mark(count: Row) -> bool:
    return (count["search"], count["indication"]) == ("aanliggend", "1a")


def _marks(made: Programme) -> Figure | None:
    """How many areas indication 1a marks, then and now, beside what chance and placebo programmes mark."""
    searched = held.searched(made)
    if searched is None:
        return None
    plan, counts = searched
    rows = [c for c in counts if _is_mark(c) and c["receiving"] in (str(plan.receiving[0]), "matig positief")]
    by_itself = rows[0]["expected"] / rows[0]["units"]
    rows.sort(key=lambda c: (c["origin"] != "gepubliceerd", c["window"]))
    dots = []
    for row in rows:
        words = {"window": wording.period(row["window"]), "n": row["alarms"], "of": row["units"]}
        label = (
            gettext("%(window)s: %(n)s van %(of)s, toen geteld")
            if row["origin"] == "gepubliceerd"
            else gettext("%(window)s: %(n)s van %(of)s, vooral voor de start")
            if row["window"] < made.baseline[:4]
            else gettext("%(window)s: %(n)s van %(of)s")
        ) % words
        low, high = row["chance_low"], row["chance_high"]
        around = None if low is None else (low / row["units"], high / row["units"])
        dots.append(charts.Dot(label, row["alarms"] / row["units"], around=around))
    above = [
        row["window"] for row in rows if row["chance_high"] is not None and row["alarms"] > row["chance_high"]
    ]
    told = gettext(
        "De lijn is wat de regel geeft als wijk en omgeving niets met elkaar te maken hebben: %(share)s."
    ) % {"share": wording.percent(by_itself)}
    if any(dot.around for dot in dots):
        told += " " + gettext("Het lichte vlak is wat 9 van de 10 nagebootste programma’s geven.")
        if above:
            told += " " + gettext("Daarboven ligt de telling van %(listed)s.") % {
                "listed": wording.listed(above)
            }
    svg = charts.dots(
        "signalen",
        dots,
        title=gettext("Deel van de wijken met signaal 1a"),
        desc=told,
        form=wording.percent,
        bounds=(0.0, max([0.5, *(d.value or 0.0 for d in dots), *(d.around[1] for d in dots if d.around)])),
        middle=by_itself,
    )
    return figure("signalen", svg, told, rows)


def _lines(measures: dict[str, Row], outcome: Outcome) -> Figure:
    """From start to end: the areas, their cities, look-alikes, and what was to be expected by itself."""
    roles = (("programma", "gebied"), ("stad", "stad"), ("lijkend", "a4"), ("vanzelf", "land"))
    lines = [
        charts.Line(
            wording_study.named(wording_study.LINES, name),
            (charts.Point(row["start"], row["at_start"]), charts.Point(row["end"], row["at_end"])),
            role,
        )
        for name, role in roles
        for row in [measures.get(name)]
        if row is not None
    ]
    told = gettext(
        "De wijken gingen van %(a)s naar %(b)s. Wijken die erop leken gingen van %(c)s naar %(d)s."
    ) % {
        "a": wording_study.amount(outcome, measures["programma"]["at_start"], signed=False),
        "b": wording_study.amount(outcome, measures["programma"]["at_end"], signed=False),
        "c": wording_study.amount(outcome, measures["lijkend"]["at_start"], signed=False),
        "d": wording_study.amount(outcome, measures["lijkend"]["at_end"], signed=False),
    }
    svg = charts.series(
        "verloop",
        lines,
        title=gettext("Van begin tot eind"),
        desc=told,
        form=lambda value: wording_study.amount(outcome, value, signed=False),
    )
    return figure("verloop", svg, told, [measures[name] for name, _ in roles if name in measures])


def _gaps(measures: dict[str, Row], outcome: Outcome) -> Figure:
    told = gettext(
        "Rechts van de lijn is meer vooruit. De streep is het interval van 95%, "
        "het lichte vlak wat nagebootste programma’s geven."
    )
    rows = [(wording_study.named(wording_study.MEASURES, n), _as_estimate(measures[n])) for n in _DIFFERENCES]
    return _dots("verschillen", rows, gettext("Drie verschillen naast elkaar"), told, outcome)
