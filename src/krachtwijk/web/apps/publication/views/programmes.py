# SPDX-License-Identifier: EUPL-1.2
"""Programmes, their areas and how these move against their city."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from krachtwijk.catalogue import indicators, themes
from krachtwijk.catalogue import programmes as all_programmes
from krachtwijk.geography import codes
from krachtwijk.monitor.model import Indicator, Programme, Window
from krachtwijk.web.apps.publication import comparisons, figures, selectors, wording
from krachtwijk.web.apps.publication.views.common import (
    answer,
    csv_answer,
    grouped,
    longest,
    programme_or_404,
    traces,
)

CSV_TABLES_OF_PROGRAMME = ("gebieden", "reeks", "telling", "doelen")


def chosen(
    request: HttpRequest, made: Programme, counts: Sequence[dict[str, Any]]
) -> tuple[Indicator | None, Window | None]:
    """The indicator and window asked for; what does not exist gives the first one."""
    known = [i for i in made.indicators if i in indicators() and any(c["indicator"] == i for c in counts)]
    wanted = request.GET.get("onderwerp")
    name = wanted if wanted in known else next(iter(known), None)
    windows = {w.id: w for w in made.windows}
    window = windows.get(request.GET.get("venster", "")) or next(iter(windows.values()), None)
    return (indicators()[name] if name else None), window


def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes there are."""
    return render(request, "publication/programmes.html", {"programmes": all_programmes().values()})


def programme(request: HttpRequest, programme_id: str) -> HttpResponse:
    """A programme: how many areas gained on their city, every area's course, and the table."""
    made = programme_or_404(programme_id)
    counts = selectors.outcome_counts(made.id)
    indicator, window = chosen(request, made, counts)
    of_indicator = {c["window"]: c for c in counts if indicator and c["indicator"] == indicator.id}
    count = of_indicator.get(window.id) if window else None
    rows = selectors.outcome_of(made.id, indicator.id, window.id) if indicator and window else {}
    series = selectors.outcome_series(made.id, indicator.id) if indicator else {}
    panels = {p.area.id: p for p in figures.small_multiples(made, indicator, series)} if indicator else {}
    counted = _counted(made, counts, window) if window else []
    target_counts = selectors.target_counts(made.id)
    groups = _groups(made, indicator, rows) if indicator else []
    order = "verandering" if request.GET.get("volgorde") == "verandering" and groups else "stad"
    context = {
        "programme": made,
        "indicator": indicator,
        "indicator_groups": by_theme(i for i in made.indicators if any(c["indicator"] == i for c in counts)),
        "window": window,
        "order": order,
        "can_sort": bool(groups),
        "count": count,
        "heading": wording.counted(made, window, count)
        if window and count
        else wording.pick(made.name, made.name_en)
        if any(a.parts for a in made.areas)
        else wording.unbounded(made),
        "others": wording.rest_of_count(count) if count else "",
        "interval": wording.interval(count) if count else "",
        "closing": wording.closing(window, count) if window and count else "",
        "per_window": comparisons.verdicts_per_window(indicator, made.windows, of_indicator)
        if indicator
        else None,
        "windows": [{"window": w, "row": of_indicator[w.id]} for w in made.windows if w.id in of_indicator],
        "courses": comparisons.courses(made.areas, series, window, count) if window else None,
        "groups": comparisons.change_groups(
            indicator,
            window,
            [(g["title"], [(e["area"], e["row"]) for e in g["areas"]]) for g in groups if g["number"]],
        )
        if indicator and window and order == "verandering"
        else None,
        "dots": figures.count_dots([e["row"] for e in counted], window, indicators()) if window else None,
        "counted": _counted_by_theme(made, counted, counts),
        "told": _told(rows.values()),
        "breaks": wording.breaks([indicator], _years(rows.values())) if indicator else [],
        "sections": [
            {**section, "areas": [{**e, "panel": panels.get(e["area"].id)} for e in section["areas"]]}
            for section in (groups if order == "verandering" else _cities(made, rows))
        ],
        "has_panels": bool(panels),
        "has_boundaries": any(a.parts for a in made.areas),
        "targets": [
            {
                "target": t,
                "last": target_counts[t.id]["last"],
                "counts": [
                    (wording.target_status(word), target_counts[t.id][word])
                    for word in wording.TARGET_STATUSES
                ],
            }
            for t in made.targets
            if t.id in target_counts
        ],
        "traces": traces(rows.values()),
    }
    shown = [context["dots"], context["per_window"], context["courses"], context["groups"]]
    return answer(request, "publication/programme.html", context, shown)


def by_theme(names: Iterable[str]) -> list[dict[str, Any]]:
    """Indicators with their theme, themes in the order of the catalogue and those without indicators left out."""
    wanted = [indicators()[name] for name in names]
    return [
        {"theme": theme, "indicators": held}
        for theme in themes().values()
        if (held := [i for i in wanted if i.theme == theme.id])
    ]


def _cities(made: Programme, rows: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The areas per city, both by name: the order of the page unless a reader asks for another."""
    order = sorted(made.areas, key=lambda a: (a.city, a.name))
    return [
        {
            "title": city,
            "code": part[0].city_code,
            "areas": [{"area": a, "row": rows.get(a.id)} for a in part],
        }
        for city, members in groupby(order, key=lambda a: a.city)
        if (part := list(members))
    ]


def _groups(
    made: Programme, indicator: Indicator, rows: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The groups of areas that cannot be told apart, from forward to back, and last who has no verdict."""
    found: dict[int, list[dict[str, Any]]] = {}
    for area in sorted(made.areas, key=lambda a: (a.city, a.name)):
        row = rows.get(area.id)
        number = row.get("group") if row else None
        found.setdefault(number or 0, []).append({"area": area, "row": row})
    unknown = found.pop(0, [])
    if not found:
        return []
    sections = [
        {
            "number": number,
            "title": wording.group_of(number, len(found), [e["row"] for e in entries], indicator),
            "areas": entries,
        }
        for number, entries in sorted(found.items())
    ]
    if unknown:
        sections.append({"number": 0, "title": wording.no_group(), "areas": unknown})
    return sections


def _counted_by_theme(
    made: Programme, counted: Iterable[dict[str, Any]], counts: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The counts of a window per theme; where a window tells nothing, the windows that do."""
    entries = {e["indicator"].id: e for e in counted}
    return [
        {
            "theme": group["theme"],
            "counted": [
                {
                    **entries[i.id],
                    "elsewhere": [
                        w
                        for w in made.windows
                        if any(
                            c["indicator"] == i.id and c["window"] == w.id and c["share"] is not None
                            for c in counts
                        )
                    ],
                }
                for i in group["indicators"]
            ],
        }
        for group in by_theme(entries)
    ]


def _years(rows: Iterable[dict[str, Any]]) -> list[int]:
    """Every year that rows compare."""
    return sorted({row[name] for row in rows for name in ("start", "end", "first", "last") if row[name]})


def _told(rows: Collection[dict[str, Any]]) -> dict[str, Any]:
    """What a table of areas says once instead of in every row: explanation, years of the figures."""

    def only(name: str) -> int | None:
        found = {row[name] for row in rows if row[name] is not None}
        return found.pop() if len(found) == 1 else None

    common = wording.common(rows)
    return {
        "why": common,
        "all": all(wording.explained(row) == common for row in rows),
        # where no area's change is known, the table shows the change since the first measurement
        "first": only("first") if all(row["change"] is None for row in rows) else None,
        "last": only("last"),
        "start": only("start"),
        "end": only("end"),
    }


def _counted(made: Programme, counts: Iterable[dict[str, Any]], window: Window) -> list[dict[str, Any]]:
    """The counts of a window with their indicator, in the order of the programme."""
    by_name = {c["indicator"]: c for c in counts if c["window"] == window.id}
    return [{"indicator": indicators()[i], "row": by_name[i]} for i in made.indicators if i in by_name]


def programme_area(request: HttpRequest, programme_id: str, area_id: str) -> HttpResponse:
    """One area of a programme: its gap on every indicator, the verdicts and their reasons.

    Per indicator in the longest window that has a verdict, unless a reader asks for one window.
    """
    made = programme_or_404(programme_id)
    area = next((a for a in made.areas if a.id == area_id), None)
    if area is None:
        raise Http404
    counts = selectors.outcome_counts(made.id)
    indicator, window = chosen(request, made, counts)
    every = selectors.outcome_rows(made.id, area.id)
    asked = request.GET.get("venster") in {w.id for w in made.windows}
    if asked:
        rows = [r for r in every if window and r["window"] == window.id]
    else:
        rows = longest(made, every)
        judged = {r["window"] for r in rows if r["verdict"] != "unknown"}
        window = next((w for w in made.windows if {w.id} == judged), None)
    verdicts = [r["verdict"] for r in rows]
    targets = {t.id: t for t in made.targets}
    city = selectors.area(area.city_code)
    provincie = city.provincie if city else None
    context = {
        "programme": made,
        "area": area,
        "indicator": indicator,
        "indicator_groups": by_theme(i for i in made.indicators if any(c["indicator"] == i for c in counts)),
        "window": window,
        "longest": not asked,
        "groups": grouped(made, rows) if asked else grouped(made, rows, wording.unjudged),
        "rest": wording.rest_of_area(verdicts),
        "breaks": wording.breaks(
            [indicator], _years(r for r in rows if r["indicator"] == indicator.id), provincie
        )
        if indicator
        else [],
        "heading": wording.area_finding(area, window, verdicts),
        "course": figures.outcome_course(area, indicator, selectors.outcome_series(made.id, indicator.id))
        if indicator
        else None,
        "series": _series_table(made.id, area, indicator) if indicator else [],
        "parts": [
            {"code": code, "area": selectors.area(code), "certainty": certainty}
            for _, code, certainty in area.parts
        ],
        "targets": [
            {"target": targets[r["target"]], "row": r}
            for r in selectors.outcome_targets(made.id, area.id)
            if r["target"] in targets
        ],
        "traces": traces(rows),
    }
    return answer(request, "publication/programme_area.html", context, [context["course"]])


def _series_table(programme_id: str, area: Any, indicator: Indicator) -> list[dict[str, Any]]:
    """Per period the value of area, city, the city without its programme areas, and country."""
    series = selectors.outcome_series(programme_id, indicator.id)
    columns = [
        {r["period"]: r["value"] for r in series.get(key, [])}
        for key in (
            ("gebied", area.id),
            ("stad", area.city_code),
            ("stad-zonder", area.city_code),
            ("land", codes.COUNTRY),
        )
    ]
    periods = sorted({p for column in columns for p in column})
    return [{"period": p, "values": [column.get(p) for column in columns]} for p in periods]


def programme_csv(request: HttpRequest, programme_id: str, table: str) -> HttpResponse:
    """The figures of a programme as CSV: gaps, courses, counts with interval, targets."""
    made = programme_or_404(programme_id)
    if table not in CSV_TABLES_OF_PROGRAMME:
        raise Http404
    suffix = "" if table == "gebieden" else f"-{table}"
    return csv_answer(f"{made.id}-{table}", selectors.table_rows(f"outcome-{made.id}{suffix}"))
