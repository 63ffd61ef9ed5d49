# SPDX-License-Identifier: EUPL-1.2
"""G27: what is published gives nobody away. From rows to cells, and the built result table as a reader has it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from krachtwijk.catalogue import disclosure, indicators
from krachtwijk.monitor.disclosure import Sums, determined
from krachtwijk.monitor.gaps import withhold_few
from krachtwijk.runs.disclosure import (
    _cells,
    _Kinds,
    _sums_between,
    _sums_within,
    _with_bases,
    summary,
    suppress,
)
from krachtwijk.warehouse import STATUSES, Warehouse

LIMIT = disclosure().limit
COUNTS = sorted(_Kinds(disclosure(), indicators()).counts)
AGES = ["leeftijd-0-14", "leeftijd-15-24", "leeftijd-25-44", "leeftijd-45-64", "leeftijd-65-plus"]

CELL = ["place", "name"]

Row = tuple[str, str, str, str, float | None, str]


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={
            "level": pl.String,
            "area": pl.String,
            "indicator": pl.String,
            "period": pl.String,
            "value": pl.Float64,
            "status": pl.Enum(STATUSES),
        },
        orient="row",
    )


def ok(area: str, figures: dict[str, float | None], period: str = "2024", status: str = "ok") -> list[Row]:
    level = {"BU": "buurt", "WK": "wijk", "GM": "gemeente"}.get(area[:2], "cel100m")
    return [
        (level, area, name, period, value, status if value is not None else "secret")
        for name, value in figures.items()
    ]


def suppressed(rows: list[Row]) -> pl.DataFrame:
    return suppress(frame(rows), disclosure(), indicators())


def told(found: pl.DataFrame) -> dict[tuple[str, str], str]:
    return {(r["area"], r["indicator"]): r["status"] for r in found.to_dicts()}


@st.composite
def towns(draw: st.DrawFn, least: int = 0) -> list[Row]:
    """A gemeente of wijken of buurten with inhabitants, men and women, five ages, and sometimes their shares."""
    rows: list[Row] = []
    shares = draw(st.booleans())
    figures = st.lists(st.integers(least, 40), min_size=10, max_size=10)

    def area(code: str, counts: np.ndarray[Any, Any]) -> None:
        people = float(counts.sum())
        figures = dict(zip(["mannen", "vrouwen"], counts.sum(axis=1).tolist(), strict=True))
        figures |= dict(zip(AGES, counts.sum(axis=0).tolist(), strict=True))
        rows.extend(ok(code, {"inwoners": people} | {k: float(v) for k, v in figures.items()}))
        if shares and people:
            rows.extend(ok(code, {f"aandeel-{a}": 100 * figures[a] / people for a in AGES}))

    total = np.zeros((2, 5))
    for wijk in range(draw(st.integers(1, 3))):
        inside = np.zeros((2, 5))
        for buurt in range(draw(st.integers(1, 3))):
            counts = np.array(draw(figures), dtype=float).reshape(2, 5)
            area(f"BU000{1}{wijk:02}{buurt:02}", counts)
            inside += counts
        area(f"WK000{1}{wijk:02}", inside)
        total += inside
    area("GM0001", total)
    return rows


@settings(max_examples=60)
@given(towns(), st.randoms(use_true_random=False))
def test_g27_no_small_or_derivable_cell_is_left_whatever_the_order(rows: list[Row], random: Any) -> None:
    given_ = frame(rows)
    found = suppress(given_, disclosure(), indicators())
    assert_nothing_given_away(found, given_)
    mixed = list(range(len(rows)))
    random.shuffle(mixed)
    again = suppress(given_[mixed], disclosure(), indicators())
    assert_frame_equal(again, found[mixed])
    assert_frame_equal(suppress(found, disclosure(), indicators()), found)


@settings(max_examples=25)
@given(towns(least=10))
def test_nothing_is_withheld_where_nobody_is_in_a_small_cell(rows: list[Row]) -> None:
    found = suppressed(rows)
    assert found["value"].to_list() == [row[4] for row in rows]


def assert_nothing_given_away(found: pl.DataFrame, given_: pl.DataFrame) -> None:
    """No small count is left, and by elimination over every sum no withheld count follows from the rest.

    ``given_`` are the same rows as published by the source: which sums hold is a fact of those.
    """
    counts = found.filter(pl.col("indicator").is_in(COUNTS))
    assert counts.filter((pl.col("value") > 0) & (pl.col("value") < LIMIT)).height == 0
    withheld = pl.col("status").cast(pl.String).str.starts_with("suppressed")
    assert found.filter(withheld & pl.col("value").is_not_null()).height == 0
    assert_no_sum_has_one_gap(found)
    kinds = _Kinds(disclosure(), indicators())
    columns = ["level", "area", "period", "indicator", "value", "status"]
    rows = _with_bases(given_.select(columns), kinds)
    cells = _cells(rows)
    within, extra = _sums_within(cells, rows, kinds)
    entries = pl.concat([*within, _sums_between(cells, kinds)])
    entries = entries.with_columns(pl.col("group").rank("dense").cast(pl.Int64) - 1).sort("group", "cell")
    sums = Sums(entries["group"].to_numpy(), entries["cell"].to_numpy(), entries["sign"].to_numpy())
    # a reader makes the same cells of the published rows; what has no value there is unknown
    left = _cells(_with_bases(found.select(columns), kinds))
    left = cells.select(*CELL).join(left, on=CELL, how="left", maintain_order="left")
    unknown = np.concatenate([left["value"].is_null().to_numpy(), np.ones(extra, np.bool_)])
    derived = cells.with_columns(pl.Series("derived", determined(unknown, sums)[: cells.height])).filter(
        "derived"
    )
    rows = rows.with_columns(found["status"].alias("status"))
    hidden = rows.filter(withheld & pl.col("name").is_not_null())
    assert derived.join(hidden, on=CELL, how="semi").height == 0


def assert_no_sum_has_one_gap(found: pl.DataFrame) -> None:
    """The plainest way to work a figure out: one gap in a row of men, women and inhabitants, or among buurten."""
    keys = ["level", "area", "period"]
    counts = found.filter(pl.col("indicator").is_in(COUNTS)).with_columns(
        pl.col("status").cast(pl.String).str.starts_with("suppressed").alias("gap")
    )
    cells = counts.group_by(*keys, "indicator").agg(pl.col("value").max(), pl.col("gap").any())
    for whole in (w for w in disclosure().sums if {*w.parts, w.total} <= set(COUNTS)):
        of = cells.filter(pl.col("indicator").is_in([*whole.parts, whole.total])).group_by(keys)
        found_parts = of.agg(
            pl.len(),
            pl.col("value").is_null().sum().alias("unknown"),
            pl.col("gap").sum().alias("gaps"),
            pl.col("value").filter(pl.col("indicator") == whole.total).first().alias("total"),
            pl.col("value").filter(pl.col("indicator") != whole.total).sum().alias("parts"),
        )
        # what a total leaves over its parts where one of them has no figure, or there is none for it
        left = (pl.col("total") - pl.col("parts")).is_between(0, LIMIT, closed="none")
        few = found_parts.filter(left & (pl.col("gaps") == 0) & (pl.col("parts") > 0))
        assert few.filter(
            pl.lit(whole.rest) | (pl.col("len") - pl.col("unknown") <= len(whole.parts))
        ).is_empty()
        complete = found_parts.filter(pl.lit(not whole.rest) & (pl.col("len") == len(whole.parts) + 1))
        assert complete.filter((pl.col("unknown") == 1) & (pl.col("gaps") == 1)).height == 0, whole
    wijken = cells.filter(pl.col("level") == "wijk").select(
        pl.col("area").alias("wijk"), "period", "indicator", pl.col("value").alias("total")
    )
    inside = cells.filter(pl.col("level") == "buurt").with_columns(
        (pl.lit("WK") + pl.col("area").str.slice(2, 6)).alias("wijk")
    )
    one = (
        inside.join(wijken.filter(pl.col("total").is_not_null()), on=["wijk", "period", "indicator"])
        .group_by("wijk", "period", "indicator")
        .agg(
            pl.col("value").is_null().sum().alias("unknown"),
            pl.col("gap").sum().alias("gaps"),
            (pl.col("total").first() - pl.col("value").sum()).alias("left"),
            (2.5 * (pl.len() + 1)).alias("slack"),
        )
        .filter((pl.col("unknown") == 1) & (pl.col("gaps") == 1))
    )
    # what is left is not near the one gap: then another buurt is not in the table
    assert one.filter(pl.col("left").is_between(-pl.col("slack"), 10 + pl.col("slack"))).height == 0


def test_a_share_that_gives_a_small_count_back_goes_with_it() -> None:
    # 3 % of 200 inhabitants is 6 people, though their number is not published
    found = told(suppressed(ok("WK000101", {"inwoners": 200, "aandeel-verweduwd": 3, "aandeel-gehuwd": 40})))
    assert found["WK000101", "aandeel-verweduwd"] == "suppressed"
    assert found["WK000101", "inwoners"] == found["WK000101", "aandeel-gehuwd"] == "ok"


def test_a_figure_about_fewer_than_ten_people_is_withheld_also_when_they_are_counted_in_another_year() -> (
    None
):
    rows = ok("BU00010101", {"gez-roker": 21.3, "stedelijkheid": 5}, "2020", "estimated")
    rows += ok("BU00010101", {"inwoners": 5}, "2019") + ok(
        "BU00010102", {"gez-roker": 20.0}, "2020", "estimated"
    )
    found = told(suppressed(rows))
    assert found["BU00010101", "gez-roker"] == "suppressed"
    assert found["BU00010101", "stedelijkheid"] == found["BU00010102", "gez-roker"] == "estimated"


def test_an_estimate_of_a_model_counts_nobody() -> None:
    rows = ok("BU00010101", {"inwoners": 100}, "2020") + ok(
        "BU00010101", {"gez-roker": 4.0}, "2020", "estimated"
    )
    assert told(suppressed(rows))["BU00010101", "gez-roker"] == "estimated"


def test_density_and_household_size_do_not_give_inhabitants_back() -> None:
    rows = ok(
        "BU00010101",
        {
            "inwoners": 5,
            "oppervlakte-land": 10,
            "bevolkingsdichtheid": 50,
            "huishoudens": 20,
            "huishoudensgrootte": 0.3,
        },
    )
    found = told(suppressed(rows))
    assert {found["BU00010101", n] for n in ("bevolkingsdichtheid", "huishoudensgrootte")} == {"suppressed"}
    assert found["BU00010101", "oppervlakte-land"] == "ok"


def test_an_area_that_is_the_whole_of_another_hides_it_too_and_a_sibling_where_there_is_one() -> None:
    alone = told(suppressed(ok("WK000101", {"inwoners": 5}) + ok("BU00010101", {"inwoners": 5})))
    assert set(alone.values()) == {"suppressed"}
    rows = ok("WK000101", {"inwoners": 1_035}) + ok("BU00010101", {"inwoners": 5})
    rows += ok("BU00010102", {"inwoners": 30}) + ok("BU00010103", {"inwoners": 1_000})
    assert [row["status"] for row in suppressed(rows).to_dicts()] == [
        "ok",
        "suppressed",
        "suppressed_with",
        "ok",
    ]


def test_the_same_cell_is_withheld_in_every_edition() -> None:
    rows = ok("BU00010101", {"inwoners": 5}) + ok("BU00010101", {"inwoners": 10})
    assert set(suppressed(rows)["value"].to_list()) == {None}


def test_growth_between_two_years_does_not_give_one_of_them_back() -> None:
    cell = "E2288N5799"
    rows = ok(cell, {"inwoners": 5}, "2000") + ok(cell, {"inwoners": 25}, "2010")
    rows += ok(cell, {"bevolkingsgroei": 20}, "2000-2010")
    assert [r["status"] for r in suppressed(rows).to_dicts()] == ["suppressed", "ok", "suppressed_with"]


def test_a_wrong_file_of_rules_is_told(tmp_path: Any) -> None:
    from krachtwijk.catalogue import load_disclosure
    from krachtwijk.errors import KrachtwijkError

    path = tmp_path / "disclosure.toml"
    start = 'units = ["personen"]\ninhabitants = "inwoners"\n'
    path.write_text(start + '[[sum]]\ntotal = "inwoners"\nparts = ["manen"]\n')
    with pytest.raises(KrachtwijkError, match="manen"):
        load_disclosure(path)
    ratio = '[[ratio]]\nfigure = "aandeel-gehuwd"\ncount = "gehuwd"\nbase = "inwoners"\n'
    path.write_text(start + ratio * 2)
    with pytest.raises(KrachtwijkError, match="twee"):
        load_disclosure(path)


# --- on everything that is packaged ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def published(built: Warehouse) -> pl.DataFrame:
    """The key figures as the publishers gave them."""
    return (
        built.observations()
        .filter(pl.col("value").is_not_null() & ~pl.col("indicator").str.starts_with("lbm"))
        .select("level", "area", "period", "edition", "indicator", "value")
        .collect()
    )


def test_every_declared_sum_holds_on_the_packaged_figures(published: pl.DataFrame) -> None:
    keys = ["level", "area", "period", "edition"]
    for whole in disclosure().sums:
        names = [*whole.parts, *([whole.total] if whole.total else [])]
        wide = published.filter(pl.col("indicator").is_in(names)).pivot(
            "indicator", index=keys, values="value"
        )
        if not set(names) <= set(wide.columns):
            assert whole.parts == (
                "eenouderhuishoudens",
                "tweeouderhuishoudens",
            )  # never in one file with their total
            continue
        wide = wide.drop_nulls()
        if whole.total == "huishoudens-met-kinderen":  # never in one file with its parts
            continue
        assert wide.height > 0, whole
        shares = all(indicators()[name].unit == "%" for name in whole.parts)
        of_shares = shares and (not whole.total or indicators()[whole.total].unit != "%")
        total = pl.lit(100.0) if of_shares else pl.col(whole.total)
        if whole.rest and not of_shares:  # where both are shares of the same base, or both counts
            assert indicators()[whole.total].unit == indicators()[whole.parts[0]].unit
        # every published number may be off by its rounding
        slack = sum(indicators()[name].rounding for name in whole.parts)
        slack += 0 if of_shares else indicators()[whole.total].rounding
        off = wide.select((pl.sum_horizontal(*whole.parts) - total).alias("off"))["off"]
        if whole.rest:  # never more than the whole, and mostly clearly less
            assert off.max() <= slack + 1e-6, (whole, off.max())
            assert off.median() < 0, whole
            continue
        off = off.abs()
        assert off.max() <= slack + 1e-6, (whole, off.max())


def test_g27_what_a_total_leaves_is_a_small_number_though_no_figure_tells_it() -> None:
    """Subtracting makes a cell that nobody published: households without children, others than a background."""

    def statuses(**figures: float) -> dict[str, str]:
        area = "BU00010101"
        found = told(
            suppressed(ok(area, {k.replace("_", "-"): v for k, v in figures.items()}, period="2019"))
        )
        return {name: status for (_, name), status in found.items()}

    # 20 households of which 15 have children leave 5 that have none
    assert statuses(huishoudens=20, huishoudens_met_kinderen=15) == {
        "huishoudens": "ok",
        "huishoudens-met-kinderen": "suppressed_with",
    }
    assert set(statuses(huishoudens=25, huishoudens_met_kinderen=15).values()) == {"ok"}
    assert set(statuses(huishoudens=15, huishoudens_met_kinderen=15).values()) == {"ok"}
    # two ages of five
    ages = statuses(inwoners=105, leeftijd_0_14=60, leeftijd_15_24=40)
    assert ages == {"inwoners": "ok", "leeftijd-0-14": "ok", "leeftijd-15-24": "suppressed_with"}
    # one of two sexes
    assert statuses(inwoners=105, mannen=100)["mannen"] == "suppressed_with"
    # the rest of a background has no figure of its own
    assert statuses(inwoners=205, tot_2022_westers=50, tot_2022_niet_westers=150) == {
        "inwoners": "ok",
        "tot-2022-westers": "suppressed_with",
        "tot-2022-niet-westers": "ok",
    }
    # of 500 households 6,2 % against 7,2 %: 5 of them lie between the two limits
    poor = statuses(huishoudens=500, huishoudens_110_sociaal_minimum=6.2, huishoudens_120_sociaal_minimum=7.2)
    assert poor["huishoudens-110-sociaal-minimum"] == "suppressed_with"
    assert poor["huishoudens-120-sociaal-minimum"] == "ok"
    # against 9,2 %: 15
    wide = statuses(huishoudens=500, huishoudens_110_sociaal_minimum=6.2, huishoudens_120_sociaal_minimum=9.2)
    assert set(wide.values()) == {"ok"}


def test_every_declared_ratio_holds_on_the_packaged_figures(published: pl.DataFrame) -> None:
    seen = 0
    for ratio in disclosure().ratios:
        names = [ratio.figure, ratio.count, ratio.base]
        part = published.filter(pl.col("indicator").is_in(names))
        wide = part.group_by("level", "area", "period", "indicator").agg(pl.col("value").first())
        wide = wide.pivot("indicator", index=["level", "area", "period"], values="value")
        if not ratio.exact or not set(names) <= set(wide.columns):
            continue
        wide = wide.drop_nulls().filter(pl.col(ratio.base) >= 500)
        if wide.height < 10:
            continue
        seen += 1
        made = wide[ratio.count] / wide[ratio.base] * ratio.per
        off = ((wide[ratio.figure] - made).abs()).median()
        assert off <= indicators()[ratio.figure].rounding, (ratio, off)
    assert seen >= 8


def test_g27_no_result_table_holds_a_small_or_derivable_number_of_people(built: Warehouse) -> None:
    tables = built.results()
    assert "kerncijfers" in {info.table for info in tables}
    for info in tables:
        table = built.result(info.table)
        assert table is not None
        if info.table == "kerncijfers":
            continue
        # no other table counts people: their columns are scores, classes, gaps, counts of areas
        if "indicator" in table.collect_schema().names():
            assert not set(table.select("indicator").unique().collect()["indicator"]) & set(COUNTS), (
                info.table
            )
        assert not {"weight", "inhabitants", "inwoners"} & set(table.collect_schema().names()), info.table
    found = built.result("kerncijfers")
    assert found is not None
    keys = ["level", "area", "period", "edition", "indicator", "geo_year"]
    source = built.observations().select(
        *keys, pl.col("value").alias("given"), pl.col("status").alias("word")
    )
    both = found.join(source, on=keys, how="left", maintain_order="left").collect()
    assert_nothing_given_away(
        both, both.with_columns(pl.col("given").alias("value"), pl.col("word").alias("status"))
    )


def test_g27_no_figure_about_fewer_than_ten_inhabitants_is_published(built: Warehouse) -> None:
    found = built.result("kerncijfers")
    assert found is not None
    few = (
        built.observations(indicators=["inwoners"])
        .filter((pl.col("value") > 0) & (pl.col("value") < LIMIT))
        .select("level", "area", "period")
    )
    about = [i.id for i in indicators().values() if i.aggregation != "som" and i.weight == "inwoners"]
    shown = found.filter(pl.col("indicator").is_in(about) & pl.col("value").is_not_null())
    assert few.collect().height > 4_000
    assert shown.join(few, on=["level", "area", "period"], how="semi").collect().height == 0


def test_what_was_published_and_is_not_small_still_stands_there(
    built: Warehouse, published: pl.DataFrame
) -> None:
    result = built.result("kerncijfers")
    assert result is not None
    found = result.collect()
    keys = ["level", "area", "period", "edition", "indicator"]
    both = found.filter(pl.col("value").is_not_null()).join(published, on=keys, suffix="_published")
    assert (both["value"] == both["value_published"]).all()
    assert found.height - found["value"].null_count() == both.height
    # no gemeente or country is hidden to protect a part of it
    large = found.filter(pl.col("level").is_in(["gemeente", "land"]))
    assert large.filter(pl.col("status").cast(pl.String) == "suppressed_with").height == 0
    counts = summary(found)
    info = built.result_info("kerncijfers")
    assert info is not None
    assert info.extra == counts
    assert 0 < counts["suppressed_with"] < counts["suppressed"] < 0.03 * counts["shown"]


def test_an_average_of_our_own_is_about_ten_people_or_more() -> None:
    made = pl.DataFrame({"value": [1.0, 2.0, None], "weight": [9.9, 10.0, 5.0]})
    assert withhold_few(made)["value"].to_list() == [None, 2.0, None]
    assert withhold_few(made, minimum=5)["value"].to_list() == [1.0, 2.0, None]


def test_tables_keep_one_order_of_words_for_status() -> None:
    # the publisher's words come first, in the order of an edition, so that a cast between the two never fails
    words = frame([]).schema["status"]
    from krachtwijk.runs.disclosure import SHOWN_STATUSES

    assert isinstance(words, pl.Enum)
    assert list(SHOWN_STATUSES.categories)[: len(words.categories)] == list(words.categories)
    assert all(a != b for a, b in pairwise(SHOWN_STATUSES.categories))
