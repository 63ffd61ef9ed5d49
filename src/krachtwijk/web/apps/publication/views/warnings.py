# SPDX-License-Identifier: EUPL-1.2
"""Early warning, for everybody: what is predicted, how often it was right, and why no area is named here."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from krachtwijk.documents import charts
from krachtwijk.web.apps.publication import wording, wording_warning
from krachtwijk.web.apps.publication.figures import Figure, figure
from krachtwijk.web.apps.publication.selectors import Row
from krachtwijk.web.apps.publication.selectors import warnings as held
from krachtwijk.web.apps.publication.selectors.warnings import Trial
from krachtwijk.web.apps.publication.views.common import answer, traces

#: A hundred areas: so shares are told.
HUNDRED = 100


def warning(request: HttpRequest) -> HttpResponse:
    """How well the warning works for the kind of area in ``?gebieden=``; without a test it says so."""
    levels = held.levels()
    level = request.GET.get("gebieden", (levels or [""])[0])
    if "gebieden" in request.GET and level not in levels:
        raise Http404
    trials = held.trials(level) if level else []
    if not trials:
        return answer(request, "publication/warning.html", {"lead": None})
    lead = trials[0]
    unseen = next((t for t in trials if _same(t, lead) and t.split == held.UNSEEN), None)
    later = [t for t in trials if t.split == lead.split]
    sizes = held.sizes(level, lead)
    order, bins, swing = _order(later), _reliability(level, lead), _swing(sizes)
    context = {
        "choices": [(name, wording.kinds(name)) for name in levels],
        "level": level,
        "what": wording.kinds(level).lower(),
        "lead": lead,
        "unseen": unseen,
        "top": _of_hundred(lead.model["top5"]),
        "fell": _of_hundred(lead.share),
        "missed": HUNDRED - _of_hundred(lead.model["top5"]),
        "in_order": _of_hundred(lead.model["auc"]),
        "rival": _of_hundred(lead.best["auc"]) if lead.best else None,
        "rival_word": wording_warning.method(lead.best["method"]) if lead.best else "",
        "leads": _table([t for t in trials if _same(t, lead)]),
        "scores": _table([t for t in trials if t.target == held.SCORE and not _same(t, lead)]),
        "classes": _table([t for t in trials if t.target == held.CLASS and not _same(t, lead)]),
        "better": sum(t.beats for t in later),
        "tried": len(later),
        "order": order,
        "bins": bins,
        "bin_rows": held.reliability(level, lead),
        "swing": swing,
        "sizes": [(wording_warning.size(r["size"]), r) for r in sizes],
        "downloads": [
            (f"waarschuwing-{level}-{kind}", words)
            for kind, words in (
                ("toets", gettext("Alle toetsen (CSV)")),
                ("betrouwbaarheid", gettext("Alle kansen (CSV)")),
                ("groep", gettext("Naar inwoners (CSV)")),
            )
        ],
        "traces": traces([lead.model, *held.reliability(level, lead)[:1], *sizes[:1]]),
    }
    return answer(request, "publication/warning.html", context, [order, bins, swing])


def _same(one: Trial, other: Trial) -> bool:
    return (one.target, one.origin, one.until) == (other.target, other.origin, other.until)


def _of_hundred(share: float) -> int:
    return round(HUNDRED * share)


def _table(trials: Sequence[Trial]) -> list[tuple[Trial, list[tuple[str, Row]]]]:
    return [
        (t, [(wording_warning.method(m), t.rows[m]) for m in held.METHODS if m in t.rows]) for t in trials
    ]


def _share(value: float) -> str:
    return wording.number(100 * value, 0)


def _order(trials: Sequence[Trial]) -> Figure:
    """Of each test the order (AUC) of the warning and of the simple rules, with intervals, beside drawing lots."""
    groups = []
    for trial in trials:
        dots = tuple(
            charts.Dot(wording_warning.method(m), row["auc"], row["auc_low"], row["auc_high"])
            for m in (held.MODEL, *held.NAIVE)
            if (row := trial.rows.get(m)) is not None and row["auc"] is not None
        )
        groups.append(charts.DotGroup(wording_warning.trial(trial.target, trial.origin, trial.until), dots))
    better = sum(t.beats for t in trials)
    told = gettext(
        "In %(better)s van de %(tried)s toetsen ordende de waarschuwing duidelijk beter dan elke eenvoudige regel."
    ) % {"better": better, "tried": len(trials)}
    svg = charts.dot_table(
        "volgorde",
        groups,
        title=gettext("Hoe vaak het gebied dat daalde de grootste kans had, van 100 paren"),
        desc=told,
        form=_share,
        middle=0.5,
        middle_label=gettext("loten"),
    )
    return figure("volgorde", svg, told, [row for t in trials for row in t.rows.values()])


def _reliability(level: str, lead: Trial) -> Figure | None:
    """What was expected against what happened, beside the line where both are equal."""
    rows = held.reliability(level, lead)
    if not rows:
        return None
    inside = sum(r["low"] <= r["predicted"] <= r["high"] for r in rows)
    told = gettext(
        "Bij %(inside)s van de %(n)s groepen past de voorspelde kans bij wat er gebeurde. "
        "Een streep is een interval van 95%%."
    ) % {"inside": inside, "n": len(rows)}
    spots = [
        charts.Spot(
            f"groep-{r['bin']}",
            _percent(r["predicted"]),
            r["predicted"],
            r["observed"],
            None,
            (r["low"], r["high"]),
        )
        for r in rows
    ]
    marks = charts.ticks(0.0, max(max(r["high"], r["predicted"]) for r in rows))
    svg = charts.scatter(
        "kansen",
        spots,
        title=gettext("Voorspelde kans en wat er gebeurde"),
        desc=told,
        across=charts.Axis(gettext("voorspelde kans"), _percent, marks),
        up=charts.Axis(gettext("deel dat daalde"), _percent, marks),
        equal=gettext("kans klopt"),
    )
    return figure("kansen", svg, told, rows)


def _percent(share: float) -> str:
    return wording.percent(share)


def _swing(rows: Sequence[Row]) -> Figure | None:
    """How much scores of areas of each size swing."""
    known = [r for r in rows if r["spread"] is not None and r["size"] != "onbekend"]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    told = gettext(
        "Spreiding van de verandering: %(small)s punten in de kleinste gebieden, %(large)s in de grootste."
    ) % {
        "small": wording.number(first["spread"], 3),
        "large": wording.number(last["spread"], 3),
    }
    bars = [charts.Bar(wording_warning.size(r["size"]), r["spread"]) for r in known]
    svg = charts.bars(
        "grootte",
        bars,
        title=gettext("Hoeveel de score schommelt, naar inwoners"),
        desc=told,
        form=lambda value: wording.number(value, 3),
    )
    return figure("grootte", svg, told, list(rows))
