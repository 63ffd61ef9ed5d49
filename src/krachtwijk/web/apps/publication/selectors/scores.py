# SPDX-License-Identifier: EUPL-1.2
"""Scores and key figures of an area."""

from __future__ import annotations

from dataclasses import dataclass

from krachtwijk.catalogue import score_versions
from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.warehouse import ResultInfo
from krachtwijk.web.apps.publication.selectors.areas import Area, Row
from krachtwijk.web.apps.publication.selectors.sources import table_rows
from krachtwijk.web.apps.publication.store import store


@dataclass(frozen=True, slots=True)
class Scores:
    """What one version of the Leefbaarometer says of an area: rows in order of period."""

    version: ScoreVersion
    info: ResultInfo
    rows: tuple[Row, ...]


def _per_version(found: Area, kind: str) -> list[Scores]:
    answer = []
    for version in reversed(score_versions().values()):
        table = store().table(f"{version.id}-{kind}{found.level}")
        rows = table.rows(found.code) if table is not None else []
        if table is not None and rows:
            answer.append(Scores(version, table.info, tuple(sorted(rows, key=lambda r: r["period"]))))
    return answer


def scores(found: Area) -> list[Scores]:
    """The scores of an area, newest version first; versions never share a list."""
    return _per_version(found, "")


def developments(found: Area) -> list[Scores]:
    """Changes within one version between two years."""
    return _per_version(found, "ontwikkeling-")


def key_figures(found: Area) -> list[Row]:
    """Key figures of an area, every indicator and period."""
    table = store().table("kerncijfers")
    if table is None:
        return []
    rows = [row for row in table.rows(found.code) if row["level"] == found.level]
    return sorted(rows, key=lambda r: (r["indicator"], r["period"]))


def mean_class(version: ScoreVersion, period: str) -> int | None:
    """The class in which the national mean of a year lies, None where the version tells no cuts."""
    rows = table_rows(f"{version.id}-land")
    return next((row["class_total"] for row in rows if row["period"] == period), None)
