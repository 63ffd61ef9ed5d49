# SPDX-License-Identifier: EUPL-1.2
"""Residents or residence: the invented example, as its tables hold it."""

from __future__ import annotations

from typing import Any

from krachtwijk.runs.residents import ALL, EXAMPLE
from krachtwijk.web.apps.publication.selectors.areas import Row
from krachtwijk.web.apps.publication.store import Table, store


def example_areas() -> list[str]:
    """The areas of the example; none where it was not made."""
    table = _table("")
    return [] if table is None else [area for area in table.ranges if area != ALL]


def example_years() -> tuple[int, int]:
    """First and last year of the example."""
    table = _table("")
    assert table is not None, "ask `example_areas` first"
    first, _, last = str(table.frame["period"][0]).partition("-")
    return int(first), int(last)


def example_cuts() -> list[float]:
    """The limits between its classes."""
    table = _table("-klassen")
    return [] if table is None else list(table.info.extra["cuts"])


def split_of(area: str) -> dict[str, Row]:
    """The change of an area and its parts, by part."""
    return {row["part"]: row for row in _rows("", area)}


def everybody() -> dict[str, Row]:
    """The same of all areas together."""
    return split_of(ALL)


def cohort_of(area: str) -> dict[str, list[Row]]:
    """Per group of people of an area its rows, a year each."""
    found: dict[str, list[Row]] = {}
    for row in sorted(_rows("-cohort", area), key=lambda r: r["period"]):
        found.setdefault(row["group"], []).append(row)
    return found


def moves() -> list[Row]:
    """Who lived where in the first year and in the last."""
    table = _table("-verhuizing")
    return [] if table is None else table.frame.to_dicts()


def classes_of(area: str, group: str) -> list[Row]:
    """People of an area by class in the first and in the last year."""
    return [row for row in _rows("-klassen", area) if row["group"] == group]


def _table(kind: str) -> Table | None:
    return store().table(f"{EXAMPLE}{kind}")


def _rows(kind: str, area: str) -> list[dict[str, Any]]:
    table = _table(kind)
    return [] if table is None else table.rows(area)
