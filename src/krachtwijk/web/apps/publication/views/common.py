# SPDX-License-Identifier: EUPL-1.2
"""What several pages do: rows as CSV, the source line, an area or programme of the address."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from krachtwijk.catalogue import indicators
from krachtwijk.monitor.model import Programme
from krachtwijk.web.apps.publication import methods as method_pages
from krachtwijk.web.apps.publication import selectors, wording
from krachtwijk.web.apps.publication.figures import Figure


def csv_answer(name: str, rows: Sequence[dict[str, Any]]) -> HttpResponse:
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


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], figures: Iterable[Figure | None] = ()
) -> HttpResponse:
    """A page; with ``?csv=<name>`` the rows behind that figure of it, or 404 where it has none of that name."""
    wanted = request.GET.get("csv")
    if wanted is None:
        return render(request, template, context)
    for figure in figures:
        if figure is not None and figure.name == wanted:
            return csv_answer(f"krachtwijk-{wanted}", figure.rows)
    raise Http404


def traces(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The editions, rule and run behind rows, each once and with its date: the source line."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    made_at = {info.run: info.made_at for info in selectors.results()}
    changed = selectors.recently_changed(localdate())
    for row in rows:
        key = row["edition"], row["rule"], row["run"]
        if key in found:
            continue
        found[key] = {
            "editions": [e for name in row["edition"].split() if (e := selectors.edition(name))],
            "rule": row["rule"],
            "run": row["run"],
            "made_at": made_at.get(row["run"]),
            "changed": changed.get(row["run"]),
            "method": method_pages.of_rule(row["rule"]),
        }
    return list(found.values())


def area_or_404(code: str) -> selectors.Area:
    """The area of a code in the address."""
    found = selectors.area(code)
    if found is None:
        raise Http404
    return found


def programme_or_404(programme_id: str) -> Programme:
    """The programme of an id in the address."""
    made = selectors.find_programme(programme_id)
    if made is None:
        raise Http404
    return made


def longest(made: Programme, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of one area per indicator the row of the longest window that has a verdict; the last window's where none has."""
    held = {(row["indicator"], row["window"]): row for row in rows}
    found = []
    for name in made.indicators:
        told = [held[name, w.id] for w in made.windows if (name, w.id) in held]
        found += [row for row in told if row["verdict"] != "unknown"][:1] or told[-1:]
    return found


def grouped(
    made: Programme,
    rows: Iterable[dict[str, Any]],
    explain: Callable[[dict[str, Any]], str] = wording.explained,
) -> list[dict[str, Any]]:
    """Rows with their indicator in the order of the programme, those with one explanation together under it."""
    by_name = {row["indicator"]: row for row in rows}
    groups: dict[str, list[dict[str, Any]]] = {}
    for name in made.indicators:
        if name in by_name:
            entry = {"indicator": indicators()[name], "row": by_name[name]}
            groups.setdefault(explain(by_name[name]), []).append(entry)
    return [
        {"why": why, "unknown": all(e["row"]["change"] is None for e in entries), "outcomes": entries}
        for why, entries in groups.items()
    ]
