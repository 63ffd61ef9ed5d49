# SPDX-License-Identifier: EUPL-1.2
from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.catalogue import score_version
from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.score import (
    additivity_residual,
    classes,
    classify,
    development,
    require_one_version,
    weighted_mean,
)

LBM3 = score_version("lbm3")
DIMENSIONS = [d.id for d in LBM3.dimensions]


@pytest.fixture(scope="module")
def published_2024(packaged: Path) -> pl.DataFrame:
    """The 12,147 buurten and 342 gemeenten of 2024 as published."""
    return pl.concat(
        pl.read_csv(
            packaged / "leefbaarometer" / f"lbm3-{level}-2024.csv.gz", schema_overrides={"year": pl.String}
        )
        for level in ("buurt", "gemeente")
    ).rename({"year": "period"})


@pytest.fixture(scope="module")
def published_2012_2016(packaged: Path) -> pl.DataFrame:
    """Scores of 2.0 per wijk for 2012, 2014 and 2016 as published."""
    frame = pl.read_csv(
        packaged / "leefbaarometer/lbm2-wijk-dimensiescore-stand-2012-2016.csv.gz",
        schema_overrides={"JAAR": pl.String},
        null_values=["", "NaN", "NA"],
    )
    return frame.rename(lambda c: {"GBD": "area", "JAAR": "period"}.get(c, c.removeprefix("RLB").lower()))


def test_published_classes_of_all_areas_of_2024_come_out(published_2024: pl.DataFrame) -> None:
    # validation targets V2 and V3: 0 of 12,489 areas differ
    found = classes(published_2024, LBM3)
    assert found.height == 12_489
    pairs = {"class_total": "kscore", "class_dev": "kafw"} | {f"class_{d}": f"k{d}" for d in DIMENSIONS}
    for ours, theirs in pairs.items():
        assert (found[ours].cast(pl.Int64) != found[theirs]).sum() == 0, ours


def test_number_of_buurten_per_class_of_the_total(published_2024: pl.DataFrame) -> None:
    # monitor-methods §1.3 item 3
    buurten = published_2024.filter(pl.col("id").str.starts_with("BU"))
    counts = classes(buurten, LBM3)["class_total"].value_counts().sort("class_total")["count"].to_list()
    assert counts == [11, 27, 98, 513, 554, 2667, 3435, 2805, 2037]


def test_r130_contributions_sum_to_the_total_in_3_0(published_2024: pl.DataFrame) -> None:
    residual = nw.from_native(published_2024).select(additivity_residual(LBM3)).to_native()["residual"]
    assert residual.abs().max() <= 2e-6  # V1
    assert residual.abs().max() > 0  # it is measured, not assumed


def test_r130_contributions_sum_to_the_total_in_2_0(published_2012_2016: pl.DataFrame) -> None:
    version = score_version("lbm2")
    residual = (
        nw.from_native(published_2012_2016).select(additivity_residual(version)).to_native()["residual"]
    )
    assert residual.drop_nulls().abs().max() <= 0.002


def test_the_published_development_is_the_difference_plus_a_national_constant(
    published_2012_2016: pl.DataFrame, packaged: Path
) -> None:
    version = score_version("lbm2")
    official = pl.read_csv(
        packaged / "leefbaarometer/lbm2-wijk-dimensiescore-ontwikkeling-2012-2016.csv.gz",
        null_values=["", "NaN", "NA"],
    )
    for start, end, total in ((2012, 2014, 0.00865), (2012, 2016, 0.03006), (2014, 2016, 0.02141)):
        ours = development(published_2012_2016, version, start=start, end=end)
        theirs = official.filter((pl.col("BEGIN") == start) & (pl.col("EINDE") == end))
        both = ours.join(theirs, left_on="area", right_on="GBD").drop_nulls("DLBRMTR")
        assert both.height > 2800
        for column in ("rmtr", *(d.id for d in version.dimensions)):
            assert (both[column] - both[f"DLB{column.upper()}"]).abs().max() < 1e-9, column
        assert version.development_constants[f"{start}-{end}"]["rmtr"] == pytest.approx(total, abs=5e-6)


def test_r128_development_without_known_constant_says_that_it_is_relative() -> None:
    frame = pl.DataFrame(
        {"area": ["a", "a"], "period": ["2014", "2022"], **{c: [0.1, 0.3] for c in ("afw", *DIMENSIONS)}}
    )
    (row,) = development(frame, LBM3, start=2014, end=2022).to_dicts()
    assert row["afw"] == pytest.approx(0.2)
    assert row["basis"] == "t.o.v. Nederland"


def test_a_difference_across_versions_is_refused_with_the_reason() -> None:
    with pytest.raises(KrachtwijkError, match="niet van elkaar af te trekken") as refusal:
        require_one_version(score_version("lbm2"), LBM3)
    assert "één versie" in str(refusal.value)


def test_r129_version_1_has_six_dimensions_and_2_and_3_have_five() -> None:
    assert {v: len(score_version(v).dimensions) for v in ("lbm1", "lbm2", "lbm3")} == {
        "lbm1": 6,
        "lbm2": 5,
        "lbm3": 5,
    }


def test_r131_the_mean_area_shows_0_and_lies_in_class_5_of_the_deviation_and_6_of_the_total() -> None:
    frame = pl.DataFrame({"period": ["2024"], **{c: [0.0] for c in ("afw", *DIMENSIONS)}})
    (row,) = classes(frame, LBM3).to_dicts()
    assert (row["class_dev"], row["class_total"]) == (5, 6)


def test_r133_the_zero_point_is_the_upper_limit_of_class_4_not_deviation_0() -> None:
    assert LBM3.zero_class is not None
    zero_point = LBM3.total_cuts[LBM3.zero_class - 1]
    frame = pl.DataFrame(
        {"period": ["2024"] * 2, **{c: [zero_point - 1e-6, zero_point] for c in ("afw", *DIMENSIONS)}}
    )
    assert classes(frame, LBM3)["class_total"].to_list() == [4, 5]
    assert zero_point < 0
    assert LBM3.class_labels[LBM3.zero_class - 1] == "zwak"


def test_the_total_class_of_another_year_is_not_guessed() -> None:
    frame = pl.DataFrame({"period": ["2022"], **{c: [0.0] for c in ("afw", *DIMENSIONS)}})
    assert classes(frame, LBM3)["class_total"].to_list() == [None]


def test_a_version_without_rulers_gives_no_classes() -> None:
    with pytest.raises(KrachtwijkError, match="geen klassegrenzen"):
        classes(pl.DataFrame({"period": ["2016"], "rmtr": [0.0]}), score_version("lbm2"))


@given(st.lists(st.floats(-2, 2), min_size=1))
def test_classes_rise_with_the_value(values: list[float]) -> None:
    frame = pl.DataFrame({"x": sorted(values)})
    found = (
        nw.from_native(frame).select(classify(nw.col("x"), LBM3.deviation_cuts)).to_native()["x"].to_list()
    )
    assert found == sorted(found)
    assert min(found) >= 1
    assert max(found) <= 9


def test_a_value_on_the_cut_belongs_to_the_higher_class_and_null_stays_null() -> None:
    frame = pl.DataFrame({"x": [1.0, 0.9999, None]})
    assert nw.from_native(frame).select(classify(nw.col("x"), (1.0,))).to_native()["x"].to_list() == [
        2,
        1,
        None,
    ]


GROUPS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.one_of(st.none(), st.floats(-5, 5)),
        st.one_of(st.just(0.0), st.floats(1e-6, 1000)),
    ),
    min_size=1,
)


@given(GROUPS)
def test_an_aggregate_lies_between_its_parts_and_covers_what_has_a_value(rows: list[tuple]) -> None:
    frame = pl.DataFrame(rows, schema={"g": pl.String, "v": pl.Float64, "w": pl.Float64}, orient="row")
    for row in weighted_mean(frame, ["g"], ["v"], weight="w").to_dicts():
        parts = frame.filter((pl.col("g") == row["g"]) & (pl.col("w") > 0))
        with_value = parts.filter(pl.col("v").is_not_null())
        total = parts["w"].sum()
        expected = with_value["w"].sum() / total if total > 0 else 0.0
        assert row["v_coverage"] == pytest.approx(expected, abs=1e-12)
        if with_value.height == 0:
            assert row["v"] is None
        else:
            assert with_value["v"].min() - 1e-9 <= row["v"] <= with_value["v"].max() + 1e-9


def test_aggregating_in_two_steps_gives_what_one_step_gives() -> None:
    frame = pl.DataFrame(
        {"g": ["x"] * 4, "h": ["a", "a", "b", "b"], "v": [1.0, 2.0, 4.0, 8.0], "w": [1.0, 2.0, 3.0, 4.0]}
    )
    once = weighted_mean(frame, ["g"], ["v"], weight="w")["v"][0]
    twice = weighted_mean(weighted_mean(frame, ["g", "h"], ["v"], weight="w"), ["g"], ["v"], weight="weight")[
        "v"
    ][0]
    assert once == pytest.approx(twice, abs=1e-12) == pytest.approx(4.9)


def test_duckdb_gives_the_classes_and_means_that_polars_gives(
    published_2024: pl.DataFrame, tmp_path: Path
) -> None:
    frame = published_2024.with_columns(pl.col("provincie").alias("g"), pl.lit(1.0).alias("w"))
    frame.write_parquet(tmp_path / "f.parquet")
    relation = duckdb.read_parquet(str(tmp_path / "f.parquet"))
    columns = ["id", "class_total", "class_dev", *(f"class_{d}" for d in DIMENSIONS)]
    by_duckdb = sorted(classes(relation, LBM3).project(", ".join(columns)).fetchall())
    assert by_duckdb == sorted(classes(frame, LBM3).select(columns).rows())
    ours = dict(weighted_mean(frame.lazy(), ["g"], ["afw"], weight="w").collect().select("g", "afw").rows())
    theirs = dict(weighted_mean(relation, ["g"], ["afw"], weight="w").project("g, afw").fetchall())
    assert theirs == pytest.approx(ours, abs=1e-12)
