# SPDX-License-Identifier: EUPL-1.2
"""A theme: what it is about, which figures it has, where they stand in the country and in the programmes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from krachtwijk.catalogue import indicators, programmes
from krachtwijk.catalogue import themes as all_themes
from krachtwijk.monitor.model import Indicator, Programme, Theme, Window
from krachtwijk.web.apps.publication import comparisons, selectors, wording
from krachtwijk.web.apps.publication.selectors.themes import Coverage, coverage, national
from krachtwijk.web.apps.publication.views.common import answer, traces

#: How many courses of the country a theme page draws.
COURSES = 12


def _of(theme: Theme) -> list[Indicator]:
    return [i for i in indicators().values() if i.theme == theme.id]


def themes(request: HttpRequest) -> HttpResponse:
    """The themes, under the list that brings them in."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in wording.THEME_LISTS}
    for theme in all_themes().values():
        held = _of(theme)
        first = next((name for name in wording.THEME_LISTS if name in theme.lists), None)
        if held and first:
            found[first].append(
                {
                    "theme": theme,
                    "count": len(held),
                    "some": [wording.label(i) for i in _some(held)],
                    "followed": [
                        m for m in programmes().values() if set(m.indicators) & {i.id for i in held}
                    ],
                }
            )
    lists = [
        {"title": wording.theme_list(name), "themes": entries} for name, entries in found.items() if entries
    ]
    return answer(request, "publication/themes.html", {"lists": lists})


def _some(held: Sequence[Indicator], wanted: int = 4) -> list[Indicator]:
    """A few indicators that show how wide a theme is: what a programme follows, then some from its whole list."""
    first = [i for i in held if any(i.id in m.indicators for m in programmes().values())][:2]
    others = [i for i in held if i not in first]
    step = max(1, len(others) // max(1, wanted - len(first)))
    return [*first, *others[::step]][:wanted]


def theme(request: HttpRequest, theme_id: str) -> HttpResponse:
    """One theme: where a programme follows it, the course of the country, and each indicator."""
    found = all_themes().get(theme_id)
    held = _of(found) if found else []
    if found is None or not held:
        raise Http404
    covered = {i.id: coverage(i.id) for i in held}
    followed = [part for made in programmes().values() if (part := _followed(made, held))]
    counted = [line for part in followed for line in part["lines"]]
    courses = _national(held, [line["indicator"].id for line in counted])
    lead = next((line for line in counted if line["row"]["closing"] is not None), None)
    told = wording.counted(lead["programme"], lead["window"], lead["row"]) if lead else ""
    context = {
        "theme": found,
        "policy": all_themes().get(found.policy or ""),
        "place": wording.theme_place(found.lists),
        "count": len(held),
        "lead": told[:1].lower() + told[1:],  # it follows the name of the theme
        "rest": wording.rest_of_count(lead["row"]) if lead else "",
        "lead_indicator": lead["indicator"] if lead else None,
        "followed": followed,
        "courses": courses,
        "indicators": [_line(i, covered[i.id]) for i in held if covered[i.id]],
        "empty": [i for i in held if not covered[i.id]],
        "on_map": any(i.id.startswith("lbm3-") for i in held),
        "traces": traces([*(line["row"] for line in counted), *(courses.rows if courses else ())]),
    }
    return answer(
        request, "publication/theme.html", context, [*(part["figure"] for part in followed), courses]
    )


def _followed(made: Programme, held: Sequence[Indicator]) -> dict[str, Any] | None:
    """Per indicator that a programme follows: the counts of its longest window with a verdict."""
    counts = {(c["indicator"], c["window"]): c for c in selectors.outcome_counts(made.id)}
    wanted = [i for i in held if i.id in made.indicators]
    lines = [
        {"programme": made, "indicator": i, "window": window, "row": row}
        for i in wanted
        if (known := _longest(made, i, counts)) is not None
        for window, row in [known]
    ]
    if not wanted:
        return None
    told = {line["indicator"].id for line in lines}
    return {
        "programme": made,
        "has_boundaries": any(a.parts for a in made.areas),
        "lines": lines,
        "silent": [i for i in wanted if i.id not in told],
        "figure": comparisons.verdicts_per_indicator(
            made, [(line["indicator"], line["window"], line["row"]) for line in lines]
        ),
    }


def _longest(
    made: Programme, indicator: Indicator, counts: dict[tuple[str, str], dict[str, Any]]
) -> tuple[Window, dict[str, Any]] | None:
    for window in made.windows:
        row = counts.get((indicator.id, window.id))
        if row is not None and row["share"] is not None:
            return window, row
    return None


def _national(held: Sequence[Indicator], first: Iterable[str]) -> Any:
    """The courses of the country: those that a programme follows first, then in the order of the catalogue."""
    by_id = {i.id: i for i in held}
    found = national(by_id)
    order = [*(name for name in first if name in found), *found]
    chosen = list(dict.fromkeys(name for name in order if len(found[name]) > 1))[:COURSES]
    return comparisons.national_courses([(by_id[name], found[name]) for name in chosen])


def _line(indicator: Indicator, covered: Coverage) -> dict[str, Any]:
    periods = sorted({period for held in covered.values() for period in held})
    return {
        "indicator": indicator,
        "direction": wording.direction(indicator),
        "years": wording.span(periods),
        "levels": [wording.level(level).lower() for level in covered],
    }
