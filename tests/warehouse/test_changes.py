# SPDX-License-Identifier: EUPL-1.2
"""Figures never change silently (issue 3, item 5): a run that replaces a table leaves a count of what it changed."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.warehouse.changes import compare

AREAS = ("BU1", "BU2", "BU3", "BU4")
PERIODS = ("2020", "2021")
numbers = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)))


def table(values: dict[tuple[str, str], float | None], run: str = "a") -> pl.DataFrame:
    rows = [
        {"area": a, "period": p, "value": v, "status": "ok", "edition": "e", "rule": "r", "run": run}
        for (a, p), v in values.items()
    ]
    return pl.DataFrame(
        rows,
        schema={
            "area": pl.String, "period": pl.String, "value": pl.Float64, "status": pl.String,
            "edition": pl.String, "rule": pl.String, "run": pl.String,
        },
    )  # fmt: skip


tables = st.dictionaries(st.tuples(st.sampled_from(AREAS), st.sampled_from(PERIODS)), numbers, max_size=8)


@given(before=tables, after=tables)
def test_every_changed_new_and_vanished_cell_is_counted_and_nothing_else(
    before: dict[tuple[str, str], float | None], after: dict[tuple[str, str], float | None]
) -> None:
    found = compare(table(before), table(after, run="b"))
    both = before.keys() & after.keys()
    assert found.cells == sum(before[k] != after[k] for k in both)
    assert found.added == len(after.keys() - before.keys())
    assert found.removed == len(before.keys() - after.keys())
    assert bool(found) == (before != after)


@given(values=tables, order=st.randoms())
def test_another_order_run_or_edition_is_no_change_of_figures(
    values: dict[tuple[str, str], float | None], order: Any
) -> None:
    shuffled = list(values.items())
    order.shuffle(shuffled)
    after = table(dict(shuffled), run="b").with_columns(pl.lit("other").alias("edition"))
    assert not compare(table(values), after)


@pytest.mark.parametrize("withheld", ["secret", "suppressed", "suppressed_with"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_withheld_figure_is_counted_and_never_shown(withheld: str, side: str) -> None:
    open_, other = table({("BU1", "2020"): 7.0}), table({("BU1", "2020"): 8.0})
    hidden = other.with_columns(pl.lit(withheld).alias("status"))
    found = compare(hidden, open_) if side == "before" else compare(open_, hidden)
    assert found.cells == 2
    assert found.examples == ()


def test_a_value_that_went_or_came_is_counted_and_not_shown() -> None:
    found = compare(table({("BU1", "2020"): 7.0}), table({("BU1", "2020"): None}))
    assert (found.cells, found.examples) == (1, ())


def test_examples_are_the_largest_changes_first_and_twenty_at_most() -> None:
    before = {(f"BU{n:02}", "2020"): 100.0 for n in range(30)}
    after = {key: 100.0 + n for n, key in enumerate(before)}
    found = compare(table(before), table(after))
    assert found.cells == 29
    assert len(found.examples) == 20
    assert found.examples[0] == {
        "key": {"area": "BU29", "period": "2020"}, "column": "value", "old": 100.0, "new": 129.0,
    }  # fmt: skip


def test_rows_without_a_key_of_their_own_are_compared_whole() -> None:
    twice = pl.concat([table({("BU1", "2020"): 1.0}), table({("BU1", "2020"): 2.0})])
    other = pl.concat([table({("BU1", "2020"): 1.0}), table({("BU1", "2020"): 3.0})])
    found = compare(twice, other)
    assert (found.added, found.removed, found.cells) == (1, 1, 0)
    assert not compare(twice, twice.reverse())


def test_a_number_that_turns_into_a_word_and_a_column_that_goes_are_told() -> None:
    before = table({("BU1", "2020"): 1.0}).with_columns(pl.lit(1).alias("class"), pl.lit(2).alias("gone"))
    after = table({("BU1", "2020"): 1.0}).with_columns(pl.lit("een").alias("class"))
    found = compare(before, after)
    assert (found.by_column, found.columns_removed) == ({"class": 1}, ("gone",))


def write(warehouse: Warehouse, frame: pl.DataFrame, run: str, *editions: str, rule: str = "r-1") -> None:
    warehouse.write_result(frame, ResultInfo("t", run, rule, editions, 0, software="1"))


def test_the_warehouse_keeps_what_each_run_changed_and_why(warehouse: Warehouse) -> None:
    write(warehouse, table({("BU1", "2020"): 1.0}), "a", "e1")
    assert warehouse.changes() == []
    write(warehouse, table({("BU1", "2020"): 1.0}, run="b"), "b", "e1", "e2")
    assert warehouse.changes() == []  # the same figures: no news
    write(warehouse, table({("BU1", "2020"): 2.0}, run="c"), "c", "e2", rule="r-2")
    write(warehouse, table({("BU1", "2020"): 1.0}, run="b"), "b", "e2", rule="r-2")
    newest, first = warehouse.changes()
    assert (first.before, first.after, first.causes) == ("b", "c", ("editions", "rule"))
    assert (first.editions_added, first.editions_removed) == ((), ("e1",))
    assert (newest.before, newest.after, newest.causes) == ("c", "b", ("facts",))


def test_a_run_stopped_before_its_table_became_current_is_told_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(warehouse, table({("BU1", "2020"): 1.0}), "a")
    original = pl.DataFrame.write_parquet

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_parquet", stopped)
    with pytest.raises(KeyboardInterrupt):
        write(warehouse, table({("BU1", "2020"): 2.0}), "b")
    monkeypatch.setattr(pl.DataFrame, "write_parquet", original)
    write(warehouse, table({("BU1", "2020"): 2.0}), "b")
    assert [(c.before, c.after, c.cells) for c in warehouse.changes()] == [("a", "b", 1)]
