# SPDX-License-Identifier: EUPL-1.2
"""The study of a programme's displacement and effect: its plan, its power, its estimates, and the ministry's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from krachtwijk.catalogue import programmes
from krachtwijk.catalogue.search_areas import SearchPlan, search_plan
from krachtwijk.catalogue.studies import study as study_plan
from krachtwijk.monitor.effects.plan import Question, StudyPlan
from krachtwijk.monitor.model import Programme
from krachtwijk.web.apps.publication.selectors.areas import Row
from krachtwijk.web.apps.publication.store import Table, store


@dataclass(frozen=True, slots=True)
class Study:
    """A study with results. ``extra``: what was written beside the plan when it was fixed (text, hash, fixed_at, …)."""

    programme: Programme
    plan: StudyPlan
    extra: dict[str, Any]
    verdicts: dict[str, Any]


def studied() -> list[Study]:
    """The studies that have results, in the order of the programmes."""
    return [found for made in programmes().values() if (found := study(made)) is not None]


def study(made: Programme) -> Study | None:
    """The study of a programme; None where it has no plan or no results."""
    plan = study_plan(made.id)
    fixed, estimated = _table(made.id, "plan"), _table(made.id, "schatting")
    if plan is None or fixed is None or estimated is None:
        return None
    extra = {"fixed_at": fixed.info.made_at} | {k: v for k, v in fixed.info.extra.items() if v}
    return Study(made, plan, extra, dict(estimated.info.extra.get("verdicts", {})))


def power(found: Study) -> list[Row]:
    """The chance to see a shift, per test and size of it."""
    return _rows(found, "kracht")


def estimates(found: Study, question: Question) -> list[Row]:
    """Every estimate of a question, the variants in the order of the plan."""
    return [row for row in _rows(found, "schatting") if row["question"] == question]


def primary(found: Study, question: Question) -> Row | None:
    """The estimate that the plan named beforehand."""
    return next((row for row in estimates(found, question) if row["primary"]), None)


def placebos(found: Study, row: Row) -> list[Row]:
    """What placebo programmes give for the test of an estimate."""
    table = _table(found.programme.id, "placebo")
    if table is None:
        return []
    names = ("question", "outcome", "window", "term")
    wanted = tuple(str(row[name]) for name in names)

    def of_test(frame: pl.DataFrame) -> list[Row]:
        same = [pl.col(name).cast(pl.String) == value for name, value in zip(names, wanted, strict=True)]
        return frame.filter(same).to_dicts()

    return table.derived(wanted, of_test)


def course(found: Study, outcome: str) -> dict[str, list[Row]]:
    """By term the estimates against the base year, in order of year."""
    rows: dict[str, list[Row]] = {}
    for row in sorted(_rows(found, "verloop"), key=lambda r: r["period"]):
        if row["outcome"] == outcome:
            rows.setdefault(row["term"], []).append(row)
    return rows


def beside(found: Study) -> dict[tuple[str, str], dict[str, Row]]:
    """By outcome and window: per measure where it began, where it ended, and the change."""
    rows: dict[tuple[str, str], dict[str, Row]] = {}
    for row in _rows(found, "naast-elkaar"):
        rows.setdefault((row["outcome"], row["window"]), {})[row["measure"]] = row
    return rows


def balance(found: Study) -> list[Row]:
    """How alike programme and look-alikes were before the start."""
    return _rows(found, "balans")


def leak(found: Study) -> list[Row]:
    """What the score's own smoothing carries over a border."""
    return _rows(found, "lek")


def roles(found: Study) -> dict[str, int]:
    """How many postcodes have which place in the study."""
    counts: dict[str, int] = {}
    for row in _rows(found, "plan"):
        counts[row["role"]] = counts.get(row["role"], 0) + 1
    return counts


def searched(made: Programme) -> tuple[SearchPlan, list[Row]] | None:
    """The ministry's method: its numbers and its counts; None where it was not done. Rows per area are not public."""
    plan, counts = search_plan(made.id), _table(made.id, "ministerie-telling")
    return None if plan is None or counts is None else (plan, _all(counts))


def is_made(name: str) -> bool:
    """Whether there is a result table of this name."""
    return name in store().names()


def _table(programme_id: str, kind: str) -> Table | None:
    return store().table(f"waterbed-{programme_id}-{kind}")


def _rows(found: Study, kind: str) -> list[Row]:
    table = _table(found.programme.id, kind)
    return [] if table is None else _all(table)


def _all(table: Table) -> list[Row]:
    return table.derived("rows", lambda frame: frame.to_dicts())
