# SPDX-License-Identifier: EUPL-1.2
"""The ministry's search for displacement on the packaged figures (R-159, R-160), beside the published counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from krachtwijk.catalogue import DATA, programme
from krachtwijk.catalogue.search_areas import SearchPlan, load_search_plan, search_plan
from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.model import Programme
from krachtwijk.runs.search_areas import Country, country, read_moves, tables
from krachtwijk.warehouse import Warehouse

FILE = DATA / "studies" / "krachtwijken-2007-ministerie.toml"


@pytest.fixture(scope="module")
def plan() -> SearchPlan:
    found = search_plan("krachtwijken-2007")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def forty() -> Programme:
    return programme("krachtwijken-2007")


@pytest.fixture(scope="module")
def known(built: Warehouse, forty: Programme, plan: SearchPlan) -> Country:
    found = country(built, forty, plan)
    assert found is not None
    return found


def test_every_postcode_lies_in_a_city_and_a_region_of_2015(known: Country, forty: Programme) -> None:
    assert (known.city >= 0).all() and (known.region >= 0).all()
    assert len(known.names["regio"]) == 40  # COROP regions
    assert len(known.names["stad"]) == 393  # municipalities on 1 January 2015
    at = {area: row for row, area in enumerate(known.areas)}
    for area in forty.areas:
        for _, code, _ in area.parts:
            assert known.names["aanliggend"][known.code[at[code]]] == area.id
            assert known.names["stad"][known.city[at[code]]] == area.city_code, code
    assert known.names["regio"][known.region[at["1011"]]] == "CR23"  # Groot-Amsterdam


def test_the_counts_follow_from_the_rows(built: Warehouse, plan: SearchPlan) -> None:
    rows = built.result("waterbed-krachtwijken-2007-ministerie").collect()  # type: ignore[union-attr]
    counts = built.result("waterbed-krachtwijken-2007-ministerie-telling").collect()  # type: ignore[union-attr]
    ours = counts.filter(origin="berekend", receiving=str(plan.receiving[0])).filter(
        pl.col("indication") != "samenhang"
    )
    keys = ["search", "indication", "window"]
    again = (
        rows.drop_nulls("alarm")
        .group_by(keys)
        .agg(alarms=pl.col("alarm").sum().cast(pl.Int32), units=pl.len())
    )
    both = ours.join(again, on=keys, suffix="_again")
    assert both.height == ours.height > 60
    assert both.filter(pl.col("alarms") != pl.col("alarms_again")).is_empty()
    assert both.filter(pl.col("units") != pl.col("units_again")).is_empty()
    whole = rows.pivot("indication", index=["search", "unit", "window"], values="alarm")
    known = whole.drop_nulls(["1a", "1b", "1c"])
    assert known.filter(pl.col("1") != (pl.col("1a") | pl.col("1b") | pl.col("1c"))).is_empty()
    assert rows.filter(search="aanliggend")["unit"].n_unique() == 40
    assert rows.filter(search="stad")["unit"].n_unique() == 18


def test_the_published_counts_stand_beside_ours(built: Warehouse) -> None:
    """RIGO and Atlas voor gemeenten 2011, p. 40, 47 and 57 of the copy."""
    counts = built.result("waterbed-krachtwijken-2007-ministerie-telling").collect()  # type: ignore[union-attr]
    told = {
        (row["search"], row["indication"], row["window"]): (row["alarms"], row["units"])
        for row in counts.filter(origin="gepubliceerd").to_dicts()
    }
    assert told["aanliggend", "1a", "2006-2008"] == told["aanliggend", "1a", "2008-2010"] == (11, 40)
    assert told["aanliggend", "2a", "2006-2008"] == (16, 40)
    assert told["aanliggend", "1", "2008-2010"] == (18, 40)
    assert told["stad", "1", "2006-2008"] == (9, 18)
    assert told["regio", "1a", "2008-2010"] == (3, 16)
    assert len(told) == 13


def test_the_marks_of_the_method_page_are_those_of_the_data(known: Country, plan: SearchPlan) -> None:
    """docs/methods/search-areas.md, measured on 2026-11-22."""
    _, counts = tables(known, plan)
    ours = counts.filter(search="aanliggend", indication="1a", receiving="5", origin="berekend")
    assert dict(ours.select("window", "alarms").iter_rows()) == {
        "2002-2008": 8,
        "2008-2012": 7,
        "2008-2016": 9,
        "2012-2014": 11,
        "2014-2016": 6,
        "2012-2016": 7,
    }
    assert ours["units"].unique().to_list() == [35]


def test_a_wider_class_counts_more_surroundings(known: Country, plan: SearchPlan) -> None:
    _, counts = tables(known, plan)
    told = counts.filter(indication="samenhang", search="aanliggend").pivot(
        "receiving", index="window", values="units"
    )
    assert told.filter(pl.col("6") < pl.col("5")).is_empty() and (told["6"] > told["5"]).any()


def test_counts_stand_beside_those_of_programmes_placed_at_random(known: Country, plan: SearchPlan) -> None:
    generator = np.random.default_rng(5)
    drawn = [generator.permutation(known.code) for _ in range(5)]
    _, counts = tables(known, plan, placebos=drawn)
    ours = counts.filter(origin="berekend", receiving="5", search="aanliggend")
    assert ours["placebos"].to_list() == [5] * ours.height
    assert ours.filter(pl.col("p") < 1 / 6).is_empty()  # the programme itself is one of the six
    assert ours.filter(pl.col("chance_low") > pl.col("chance_high")).is_empty()
    own = tables(known, plan, placebos=[known.code])[1].filter(origin="berekend", receiving="5")
    marks = own.filter(pl.col("indication") != "samenhang")
    # itself gives itself
    assert marks.filter((pl.col("chance_mean") - pl.col("alarms")).abs() > 1e-9).is_empty()
    assert marks["p"].unique().to_list() == [1.0]
    assert counts.filter(origin="gepubliceerd")["placebos"].drop_nulls().is_empty()


def test_moves_give_indication_2b(known: Country, plan: SearchPlan, tmp_path: Path) -> None:
    file = tmp_path / "verhuizingen.csv"
    file.write_text("van;naar;aantal\n1813;1814;40\n1813;1811;4\n1813;9999;6\n3814;3817;12\n")
    rows, _ = tables(known, plan, moves=read_moves(file))
    told = rows.filter(indication="2b", search="aanliggend", window="2012-2014").drop_nulls("value")
    assert set(told["unit"]) <= {"AW01", "AW02"}
    assert (told["value"] <= 1).all()
    assert rows.filter(indication="2b")["alarm"].null_count() > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("van;naar\n1813;1814\n", "Kolom aantal ontbreekt"),
        ("van;naar;aantal\n1813;1814;veel\n", "aantal is geen aantal mensen"),
        ("van;naar;aantal\n1813;1814;-3\n", "aantal is geen aantal mensen"),
        ("van;naar;aantal\n1813;1814;3\n1813 AB;1814;3\n", "van is geen postcode"),
        ("van;naar;aantal\n1813;18;3\n", "naar is geen postcode"),
        ("van;naar;aantal\n1813;1814;3\n1813;1814;4\n", "staan er vaker in"),
        ("van;naar;aantal\n1813;1814;3;4\n", "niet te lezen"),
        ("", "leeg"),
    ],
)
def test_a_file_of_moves_with_a_mistake_is_refused(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "verhuizingen.csv"
    file.write_text(text)
    with pytest.raises(KrachtwijkError, match=told) as refused:
        read_moves(file)
    assert "verhuizingen.csv" in refused.value.where and refused.value.mend


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("receiving = [5, 6]", "receiving = [10]", "hoogste klasse"),
        ("end = 2012\nbasis", "end = 2011\nbasis", "Venster 2008-2011"),
        ('basis = "score"', 'basis = "punten"', "Onbekende basis"),
        ("strong = 1.0", "sterk = 1.0", "Onbekend veld sterk"),
        ('version = "lbm2"', 'version = "lbm9"', "bestaat niet"),
    ],
)
def test_a_mistake_in_the_plan_is_told(old: str, new: str, told: str, tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "studie.toml"
    path.write_text(text.replace(old, new))
    with pytest.raises(KrachtwijkError, match=told):
        load_search_plan(path)


def test_a_programme_without_a_plan_has_none() -> None:
    assert search_plan("nplv-2022") is None
