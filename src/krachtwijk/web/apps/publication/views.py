# SPDX-License-Identifier: EUPL-1.2
"""Public pages: translate a request to selectors and their answers to a template, nothing more."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext

from krachtwijk.catalogue import indicators, themes
from krachtwijk.catalogue import programmes as all_programmes
from krachtwijk.geography import codes
from krachtwijk.monitor.model import Indicator, Programme, Window
from krachtwijk.web.apps.publication import figures, selectors, wording
from krachtwijk.web.apps.publication import methods as method_pages

CSV_TABLES_OF_AREA = ("scores", "ontwikkeling", "kerncijfers")
CSV_TABLES_OF_PROGRAMME = ("gebieden", "reeks", "telling", "doelen")


def _csv(name: str, rows: Sequence[dict[str, Any]]) -> HttpResponse:
    """Rows as they stand in the result table, every column, so that a figure can be walked back."""
    if not rows:
        raise Http404
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _traces(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The editions, rule and run behind rows, each once and with its date: the source line."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    made_at = {info.run: info.made_at for info in selectors.results()}
    for row in rows:
        found[row["edition"], row["rule"], row["run"]] = {
            "editions": [e for name in row["edition"].split() if (e := selectors.edition(name))],
            "rule": row["rule"],
            "run": row["run"],
            "made_at": made_at.get(row["run"]),
            "method": method_pages.of_rule(row["rule"]),
        }
    return list(found.values())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page of an address that does not exist."""
    return render(request, "404.html", status=404)


# --- start and search -----------------------------------------------------------------------------------------


def home(request: HttpRequest) -> HttpResponse:
    """The question, a search field, and where to go from there."""
    return render(
        request,
        "publication/home.html",
        {"programmes": all_programmes().values(), "has_data": selectors.has_data()},
    )


def search(request: HttpRequest) -> HttpResponse:
    """Areas by name, code or postcode; a single hit goes to its page at once."""
    query = request.GET.get("q", "").strip()[:80]
    found, count = selectors.find(query)
    if count == 1:
        return redirect("publication:area", code=found[0].code)
    return render(
        request,
        "publication/search.html",
        {"query": query, "found": found, "count": count, "has_data": selectors.has_data()},
    )


# --- areas ----------------------------------------------------------------------------------------------------


def _area_or_404(code: str) -> selectors.Area:
    found = selectors.area(code)
    if found is None:
        raise Http404
    return found


def _score_table(found: selectors.Area, score: selectors.Scores) -> dict[str, Any]:
    """A version's rows for the template: per period the total, its class and the dimensions."""
    return {
        "score": score,
        "dimensions": score.version.dimensions,
        "columns": 1 + len(score.version.dimensions),
        "own_sum": any(row["origin"] == "eigen optelling" for row in score.rows),
        "breaks": wording.breaks(
            (i for i in indicators().values() if any(c.source == score.version.id for c in i.columns)),
            [int(row["period"]) for row in score.rows],
            found.provincie or "",
        ),
    }


def _latest_figures(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per theme the newest figure of each indicator, in words."""
    latest = {row["indicator"]: row for row in rows}
    themed = {theme: [] for theme in themes()}
    for name, indicator in indicators().items():
        if name in latest:
            row = latest[name]
            themed[indicator.theme].append(
                {
                    "label": wording.label(indicator),
                    "text": wording.figure(row, indicator),
                    "period": wording.period(row["period"]),
                    "edition": row["edition"],
                    "source": edition.title
                    if (edition := selectors.edition(row["edition"]))
                    else indicator.source,
                }
            )
    return [{"theme": themes()[theme], "figures": figures} for theme, figures in themed.items() if figures]


def _breaks_of_latest(rows: Sequence[dict[str, Any]], found: selectors.Area) -> list[str]:
    """What to know before comparing the newest key figures with those of earlier years."""
    years: dict[str, list[int]] = {}
    for row in rows:
        years.setdefault(row["indicator"], []).extend(int(year) for year in row["period"].split("-"))
    told = [
        text
        for name, held in years.items()
        if name in indicators()
        for text in wording.breaks([indicators()[name]], held, found.provincie or "")
    ]
    return list(dict.fromkeys(told))


def area(request: HttpRequest, code: str) -> HttpResponse:
    """One area: where it stands, what that is made of, its course, key figures and programme."""
    found = _area_or_404(codes.clean(code))
    if code != found.code:
        return HttpResponsePermanentRedirect(reverse("publication:area", args=[found.code]))
    scores = [s for s in selectors.scores(found) if wording.newest(s) is not None]
    lead = scores[0] if scores else None
    row = wording.newest(lead)
    developments = selectors.developments(found)
    key_figures = selectors.key_figures(found)
    gemeente = selectors.area(found.gemeente) if found.gemeente and found.level != "gemeente" else None
    versions = [
        {
            **_score_table(found, score),
            "class_course": figures.class_course(found, score),
            "score_course": figures.score_course(found, score),
            "developments": [d for d in developments if d.version.id == score.version.id],
        }
        for score in scores
        if found.level != "land" and (score is not lead or len(score.rows) > 1)
    ]
    context = {
        "area": found,
        "finding": wording.finding(found, lead),
        "lead": lead,
        "row": row,
        "gemeente": gemeente,
        "gemeente_row": _same_period(gemeente, lead, row),
        "wijk": selectors.area(found.wijk) if found.wijk and found.wijk != found.code else None,
        "mean_class": selectors.mean_class(lead.version, row["period"]) if lead and row else None,
        "contributions": figures.contributions(found, lead, row) if lead and row else None,
        "versions": versions,
        "has_developments": bool(developments),
        "two_versions": len(scores) > 1,
        "key_figures": _latest_figures(key_figures),
        "key_figure_breaks": _breaks_of_latest(key_figures, found),
        "memberships": _memberships(found),
        "successors": selectors.areas(found.successors),
        "predecessors": selectors.areas(found.predecessors),
        "parts": selectors.parts_of(found),
        "traces": _traces([*(r for s in scores for r in s.rows), *key_figures]),
    }
    return render(request, "publication/area.html", context)


def _same_period(
    other: selectors.Area | None, lead: selectors.Scores | None, row: dict[str, Any] | None
) -> dict[str, Any] | None:
    """The row of another area with the same version and period, to set beside."""
    if other is None or lead is None or row is None:
        return None
    return next(
        (
            r
            for s in selectors.scores(other)
            if s.version.id == lead.version.id
            for r in s.rows
            if r["period"] == row["period"] and r["total"] is not None
        ),
        None,
    )


def _memberships(found: selectors.Area) -> list[dict[str, Any]]:
    """Per programme area: its gaps in the first window; a gemeente only names its areas."""
    answer = []
    for member in selectors.memberships(found):
        made = member.programme
        window = made.windows[0] if made.windows else None
        rows = selectors.outcome_rows(made.id, member.area.id) if member.share else []
        answer.append(
            {
                "programme": made,
                "area": member.area,
                "share": member.share,
                "window": window,
                "groups": _grouped(made, [r for r in rows if window and r["window"] == window.id]),
            }
        )
    return answer


def _grouped(made: Programme, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their indicator in the order of the programme, those with one explanation together under it."""
    by_name = {row["indicator"]: row for row in rows}
    groups: dict[str, list[dict[str, Any]]] = {}
    for name in made.indicators:
        if name in by_name:
            entry = {"indicator": indicators()[name], "row": by_name[name]}
            groups.setdefault(wording.explained(by_name[name]), []).append(entry)
    return [
        {"why": why, "unknown": all(e["row"]["change"] is None for e in entries), "outcomes": entries}
        for why, entries in groups.items()
    ]


def area_csv(request: HttpRequest, code: str, table: str) -> HttpResponse:
    """The figures of an area, all years, as CSV."""
    found = _area_or_404(codes.clean(code))
    if table == "kerncijfers":
        rows = selectors.key_figures(found)
    elif table in CSV_TABLES_OF_AREA:
        read = selectors.scores if table == "scores" else selectors.developments
        rows = [{"version": s.version.id, **r} for s in read(found) for r in s.rows]
    else:
        raise Http404
    return _csv(f"{found.code}-{table}", rows)


# --- programmes -----------------------------------------------------------------------------------------------


def _programme_or_404(programme_id: str) -> Programme:
    made = selectors.find_programme(programme_id)
    if made is None:
        raise Http404
    return made


def _chosen(
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
    made = _programme_or_404(programme_id)
    counts = selectors.outcome_counts(made.id)
    indicator, window = _chosen(request, made, counts)
    count = next(
        (
            c
            for c in counts
            if indicator and window and (c["indicator"], c["window"]) == (indicator.id, window.id)
        ),
        None,
    )
    rows = selectors.outcome_of(made.id, indicator.id, window.id) if indicator and window else {}
    series = selectors.outcome_series(made.id, indicator.id) if indicator else {}
    panels = {p.area.id: p for p in figures.small_multiples(made, indicator, series)} if indicator else {}
    counted = _counted(made, counts, window) if window else []
    target_counts = selectors.target_counts(made.id)
    order = sorted(made.areas, key=lambda a: (a.city, a.name))
    context = {
        "programme": made,
        "indicator": indicator,
        "indicators": [indicators()[i] for i in made.indicators if any(c["indicator"] == i for c in counts)],
        "window": window,
        "count": count,
        "heading": wording.counted(made, window, count)
        if window and count
        else wording.pick(made.name, made.name_en)
        if any(a.parts for a in made.areas)
        else wording.unbounded(made),
        "interval": wording.interval(count) if count else "",
        "others": wording.rest_of_count(count) if count else "",
        "dots": figures.count_dots([e["row"] for e in counted], window, indicators()) if window else None,
        "counted": counted,
        "told": _told(rows.values()),
        "breaks": wording.breaks([indicator], _years(rows.values())) if indicator else [],
        "cities": [
            {
                "name": city,
                "code": part[0].city_code,
                "areas": [{"area": a, "row": rows.get(a.id), "panel": panels.get(a.id)} for a in part],
                "has_panels": any(a.id in panels for a in part),
            }
            for city, members in groupby(order, key=lambda a: a.city)
            if (part := list(members))
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
        "traces": _traces(rows.values()),
    }
    return render(request, "publication/programme.html", context)


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
    """One area of a programme: its gap on every indicator, the verdicts and their reasons."""
    made = _programme_or_404(programme_id)
    area = next((a for a in made.areas if a.id == area_id), None)
    if area is None:
        raise Http404
    counts = selectors.outcome_counts(made.id)
    indicator, window = _chosen(request, made, counts)
    rows = [r for r in selectors.outcome_rows(made.id, area.id) if window and r["window"] == window.id]
    targets = {t.id: t for t in made.targets}
    city = selectors.area(area.city_code)
    provincie = city.provincie if city else None
    context = {
        "programme": made,
        "area": area,
        "indicator": indicator,
        "indicators": [indicators()[i] for i in made.indicators if any(c["indicator"] == i for c in counts)],
        "window": window,
        "groups": _grouped(made, rows),
        "breaks": wording.breaks(
            [indicator], _years(r for r in rows if r["indicator"] == indicator.id), provincie
        )
        if indicator
        else [],
        "heading": wording.area_finding(area, window, [r["verdict"] for r in rows]),
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
        "traces": _traces(rows),
    }
    return render(request, "publication/programme_area.html", context)


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
    made = _programme_or_404(programme_id)
    if table not in CSV_TABLES_OF_PROGRAMME:
        raise Http404
    suffix = "" if table == "gebieden" else f"-{table}"
    return _csv(f"{made.id}-{table}", selectors.table_rows(f"outcome-{made.id}{suffix}"))


# --- method and sources ---------------------------------------------------------------------------------------


def methods(request: HttpRequest) -> HttpResponse:
    """All method pages."""
    return render(request, "publication/methods.html", {"pages": method_pages.pages(get_language() or "nl")})


def method(request: HttpRequest, slug: str) -> HttpResponse:
    """One method page."""
    page = method_pages.page(slug, get_language() or "nl")
    if page is None:
        raise Http404
    return render(request, "publication/method.html", {"page": page})


def sources(request: HttpRequest) -> HttpResponse:
    """Every edition taken in, and every result table made of them."""
    return render(
        request,
        "publication/sources.html",
        {"editions": selectors.editions(), "results": selectors.results(), "title": gettext("Bronnen")},
    )


def source(request: HttpRequest, edition_id: str) -> HttpResponse:
    """One edition: licence, dates, rows, what was left out and why."""
    edition = selectors.edition(edition_id)
    if edition is None:
        raise Http404
    used = [info for info in selectors.results() if edition.edition in info.editions]
    return render(
        request,
        "publication/source.html",
        {"edition": edition, "rejected": selectors.rejected(edition_id), "used": used},
    )
