# SPDX-License-Identifier: EUPL-1.2
"""R-161: areas on several levels, who is in none, and what an internal table shows that a released one does not."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.persons.flows import Change
from krachtwijk.monitor.persons.generator import world
from krachtwijk.runs import residents
from krachtwijk.runs.residents import ALL, OWN, REST, Request, tables
from krachtwijk.warehouse.persons import Columns, People, people, write_year

PERIOD = ((2008, 2010),)
GROUPS = pl.DataFrame({"area": ["1", "2", "3"], "stad": ["Oost", "Oost", "West"], "land": ["X", "X", "X"]})


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("people")
    for year in world(4, people=4_000, areas=4, years=3, unknown=0.0).table():
        write_year(folder, year)
    with people(folder, Columns()) as opened:
        yield opened


def test_r161_levels_add_up_and_who_is_in_no_group_is_not_shown(source: People) -> None:
    made = tables(
        source, Request(("split", "moves"), PERIOD, groups=GROUPS, levels=(OWN, "stad"), internal=True)
    )
    split = made.tables["split"]
    assert set(split["area"]) == {"1", "2", "3", "4", "Oost", "West", ALL}
    start = {row["area"]: row["people"] for row in split.filter(part="start").to_dicts()}
    assert start["1"] + start["2"] == start["Oost"] and start["3"] == start["West"]
    assert sum(start[a] for a in "1234") == start[ALL]
    stay = {row["area"]: row["people"] for row in split.filter(part="progress").to_dicts()}
    moves = made.tables["moves"].filter(level=OWN)
    between = moves.filter(
        ((pl.col("area") == "1") & (pl.col("to") == "2")) | ((pl.col("area") == "2") & (pl.col("to") == "1"))
    )
    assert stay["Oost"] == stay["1"] + stay["2"] + between["people"].sum()
    assert REST not in set(made.tables["moves"]["area"]) and REST in set(made.tables["moves"]["to"])


def test_a_released_table_is_the_internal_one_with_holes(source: People) -> None:
    asked = Request(("cohort", "classes"), PERIOD, Change(cuts=(5.0, 7.0)))
    free = tables(source, Request(**{**{f: getattr(asked, f) for f in asked.__slots__}, "internal": True}))
    made = tables(source, asked)
    assert free.hidden == 0 < made.hidden
    for name, frame in made.tables.items():
        for row, whole in zip(frame.to_dicts(), free.tables[name].to_dicts(), strict=True):
            for column, value in row.items():
                assert value is None or value == whole[column] or column == "status"
            if row["status"] == "ok" and row["people"]:
                assert row["people"] >= 10


def test_levels_that_do_not_fit_and_tables_of_too_many_moves_are_refused(
    source: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    crossed = GROUPS.with_columns(land=pl.Series(["X", "Y", "Y"]))
    with pytest.raises(KrachtwijkError, match="Oost ligt in X én in Y"):
        tables(source, Request(("split",), PERIOD, groups=crossed, levels=("stad", "land")))
    monkeypatch.setattr(residents, "MOST_MOVES", 3)
    with pytest.raises(KrachtwijkError, match="tussen 4 gebieden"):
        tables(source, Request(("moves",), PERIOD))
