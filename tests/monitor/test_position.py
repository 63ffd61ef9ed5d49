# SPDX-License-Identifier: EUPL-1.2
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import percentileofscore

from krachtwijk.monitor.position import positions

SCORES = st.lists(
    st.one_of(st.none(), st.sampled_from([-0.2, 0.0, 0.1]), st.floats(-1, 1)), min_size=1, max_size=60
)


def frame(scores: list[float | None], cities: int = 12) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "area": [f"B{i:03}" for i in range(len(scores))],
            "period": "2024",
            "city": [f"G{i % cities}" for i in range(len(scores))],
            "total": scores,
        },
        schema_overrides={"total": pl.Float64},
    )


@given(SCORES, st.integers(1, 14))
def test_percentiles_are_those_of_scipy(scores: list[float | None], cities: int) -> None:
    found = {r["area"]: r for r in positions(frame(scores, cities), ["total"], least=1).to_dicts()}
    data = frame(scores, cities).drop_nulls("total")
    assert set(found) == set(data["area"])
    for row in data.to_dicts():
        for group, end in ((data, ""), (data.filter(city=row["city"]), "_city")):
            values = group["total"].to_list()
            expected = percentileofscore(values, row["total"], kind="mean")
            assert found[row["area"]][f"percentile{end}"] == pytest.approx(expected)
            assert found[row["area"]][f"areas{end}"] == len(values)
            assert found[row["area"]][f"lower{end}"] == sum(v < row["total"] for v in values)


@given(st.lists(st.integers(-1000, 1000), min_size=20, max_size=60))
def test_mirrored_scores_mirror_every_percentile_and_the_mean_is_50(scores: list[int]) -> None:
    up = positions(frame([s / 1000 for s in scores]), ["total"]).sort("area")["percentile"]
    down = positions(frame([-s / 1000 for s in scores]), ["total"]).sort("area")["percentile"]
    assert (up + down).to_list() == pytest.approx([100.0] * len(scores))
    assert up.mean() == pytest.approx(50.0)


@pytest.mark.parametrize(
    ("areas", "cities", "told"), [(9, 9, False), (10, 10, True), (40, 9, False), (40, 10, True)]
)
def test_a_place_needs_ten_areas_and_ten_cities(areas: int, cities: int, told: bool) -> None:
    found = positions(frame([i / 100 for i in range(areas)], cities), ["total"])
    assert found["percentile"].is_not_null().all() is told
    assert found["areas"].to_list() == [areas] * areas
    assert found["lower"].is_not_null().all() is told


def test_in_a_city_a_place_needs_ten_areas_and_an_area_of_no_city_has_none() -> None:
    data = frame([i / 100 for i in range(29)], 2).with_columns(
        city=pl.when(pl.col("area") == "B000").then(None).otherwise("city")
    )
    few = data.with_columns(city=pl.when(pl.int_range(pl.len()) < 10).then(pl.lit("klein")).otherwise("city"))
    found = {r["area"]: r for r in positions(data, ["total"]).to_dicts()}
    assert (found["B000"]["percentile_city"], found["B000"]["areas_city"]) == (None, None)
    assert found["B001"]["areas_city"] in {14, 28}
    small = {r["area"]: r for r in positions(few.tail(28), ["total"]).to_dicts()}
    assert small["B001"]["percentile_city"] is None
    assert small["B001"]["areas_city"] == 9


def test_periods_and_measures_are_never_mixed() -> None:
    first = frame([i / 100 for i in range(12)]).with_columns(other=-pl.col("total"))
    second = first.with_columns(pl.lit("2022").alias("period"), pl.col("total") + 5)
    found = positions(pl.concat([first, second]), ["total", "other"])
    totals = found.filter(measure="total").pivot("period", index="area", values="percentile")
    assert totals["2022"].to_list() == totals["2024"].to_list()
    others = found.filter(measure="other", period="2024").sort("area")["percentile"].to_list()
    assert others == others[::-1][::-1]
    assert others[0] > others[-1]
