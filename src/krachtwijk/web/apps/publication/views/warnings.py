# SPDX-License-Identifier: EUPL-1.2
"""Early warning, for everybody: what is predicted, how often it was right, and why no area is named here."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext

from krachtwijk.catalogue import score_version
from krachtwijk.catalogue import warnings as specs
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
    levels = [name for name in held.levels() if name in specs()]
    level = request.GET.get("gebieden", (levels or [""])[0])
    if "gebieden" in request.GET and level not in levels:
        raise Http404
    trials = held.trials(level) if level else []
    if not trials:
        return answer(request, "publication/warning.html", {"lead": None})
    lead, spec = trials[0], specs()[level]
    sizes, bin_rows = held.sizes(level, lead), held.reliability(level, lead)
    order, bins, swing = _order(trials), _reliability(bin_rows), _swing(sizes)
    rival, front = lead.best("auc"), lead.best("top5")
    context = {
        "choices": [(name, wording.kinds(name)) for name in levels],
        "level": level,
        "spec": spec,
        "version": score_version(spec.version).name,
        "lead": lead,
        "top": _of_hundred(lead.model["top5"]),
        "fell": _of_hundred(lead.share),
        "missed": HUNDRED - _of_hundred(lead.model["top5"]),
        "in_order": _of_hundred(lead.model["auc"]),
        "rival": rival and (wording_warning.method(rival["method"]), rival),
        "front": front and (wording_warning.method(front["method"]), front),
        "ahead": lead.beats("auc"),
        "ahead_in_front": lead.beats("top5"),
        "first": _rows(lead),
        "others": [(wording_warning.trial(t.target, t.origin, t.until), t, _rows(t)) for t in trials[1:]],
        "only": sum(t.target == held.SCORE for t in trials) == 1,
        "no_better": wording.listed(
            [wording_warning.size(r["size"]).lower() for r in sizes if r["brier"] >= r["brier_chance"]]
        ),
        "by_class": any(t.target == held.CLASS for t in trials),
        "small_first": lead.rows.get("klein-daalt"),
        "order": order,
        "bins": bins,
        "bin_rows": bin_rows,
        "swing": swing,
        "sizes": [(wording_warning.size(r["size"]), r) for r in sizes],
        "downloads": [
            (f"{spec.table}-{kind}", words)
            for kind, words in (
                ("toets", gettext("Alle toetsen (CSV)")),
                ("betrouwbaarheid", gettext("Alle kansen (CSV)")),
                ("groep", gettext("Naar inwoners (CSV)")),
                ("model", gettext("De gewichten (CSV)")),
            )
        ],
        "traces": traces([lead.model, *bin_rows[:1], *sizes[:1]]),
    }
    return answer(request, "publication/warning.html", context, [order, bins, swing])


def _of_hundred(share: float) -> int:
    return round(HUNDRED * share)


def _rows(trial: Trial) -> list[tuple[str, Row]]:
    """The rows of a test in words: the warning, that in areas it never saw, the simple rules, one chance for all."""
    rows = [(wording_warning.method(m), trial.rows[m]) for m in held.METHODS if m in trial.rows]
    if trial.unseen is not None:
        rows.insert(1, (gettext("de waarschuwing, in gebieden die zij nooit zag"), trial.unseen))
    return rows


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
    better = sum(t.beats("auc") for t in trials)
    told = gettext(
        "In %(better)s van de %(tried)s toetsen ordende de waarschuwing duidelijk beter dan elke eenvoudige regel."
    ) % {"better": better, "tried": len(trials)}
    told += " " + gettext(
        "Rechts is beter: in zo veel van de 100 paren kreeg het gebied dat daalde de grootste kans."
    )
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


def _reliability(rows: Sequence[Row]) -> Figure | None:
    """What was expected against what happened, beside the line where both are equal."""
    if not rows:
        return None
    inside = sum(r["low"] <= r["predicted"] <= r["high"] for r in rows)
    told = gettext(
        "Bij %(inside)s van de %(n)s groepen past de voorspelde kans bij wat er gebeurde. "
        "Een streep is een interval van 90%%."
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
