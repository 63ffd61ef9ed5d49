# SPDX-License-Identifier: EUPL-1.2
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.monitor.gaps import (
    clustered_share,
    course,
    noise_of_change,
    pooled_noise,
    reach,
    withhold_low_coverage,
)

GAPS = st.dictionaries(st.integers(2000, 2024), st.floats(-50, 50), max_size=8)


def test_r002_area_60_city_66_is_a_gap_of_6_that_shrinks_stays_or_grows() -> None:
    rule = {"start": 2008, "end": 2016, "direction": "hoger-beter", "noise_sd": 0.5}
    assert course({2008: 60.0 - 66.0, 2016: 64.0 - 66.0}, **rule).verdict == "closing"
    assert course({2008: 60.0 - 66.0, 2016: 60.5 - 66.0}, **rule).verdict == "stable"
    assert course({2008: 60.0 - 66.0, 2016: 57.0 - 66.0}, **rule).verdict == "widening"
    assert course({2008: -6.0, 2016: -2.0}, **rule).gap_start == -6.0


def test_one_measurement_gives_a_level_and_no_change() -> None:
    judged = course({2007: -13.0}, start=2007, end=2008, direction="hoger-beter", noise_sd=1.0)
    assert (judged.gap_end, judged.change, judged.change_first) == (-13.0, None, None)
    assert (judged.verdict, judged.reason) == ("unknown", "too-few")


def test_a_falling_share_of_something_bad_closes_the_gap() -> None:
    judged = course({2008: 9.0, 2016: 4.0}, start=2008, end=2016, direction="lager-beter", noise_sd=0.5)
    assert judged.verdict == "closing"
    assert judged.change == 5.0


def test_r142_a_change_within_noise_is_stable_and_just_beyond_it_is_not() -> None:
    edge = noise_of_change(1.0)
    assert edge == pytest.approx(1.6448536 * math.sqrt(2), abs=1e-6)  # 90 %, two measurements
    rule = {"start": 2002, "end": 2016, "direction": "hoger-beter", "noise_sd": 1.0}
    assert course({2002: 0.0, 2016: edge - 1e-9}, **rule).verdict == "stable"
    assert course({2002: 0.0, 2016: edge + 1e-9}, **rule).verdict == "closing"


def test_noise_known_from_few_series_asks_for_more() -> None:
    assert noise_of_change(1.0, 1) == pytest.approx(6.3137515 * math.sqrt(2), abs=1e-6)  # Student, one degree
    rule = {"start": 2002, "end": 2016, "direction": "hoger-beter", "noise_sd": 1.0}
    assert course({2002: 0.0, 2016: 3.0}, **rule).verdict == "closing"
    assert course({2002: 0.0, 2016: 3.0}, **rule, freedom=1).verdict == "stable"


def test_an_area_ahead_of_its_city_gains_by_going_further_and_loses_by_coming_nearer() -> None:
    rule = {"start": 2012, "end": 2016, "direction": "hoger-beter", "noise_sd": 0.1}
    assert course({2012: 1.0, 2016: 3.0}, **rule).verdict == "closing"
    assert course({2012: 3.0, 2016: 1.0}, **rule).verdict == "widening"


def test_r143_two_points_are_no_trend() -> None:
    judged = course({2002: -3.0, 2016: 0.0}, start=2002, end=2016, direction="hoger-beter", noise_sd=0.1)
    assert judged.two_points
    three = course(
        {2002: -3.0, 2008: -2, 2016: 0.0}, start=2002, end=2016, direction="hoger-beter", noise_sd=0.1
    )
    assert not three.two_points


def test_no_measurement_at_the_baseline_leaves_the_change_unknown_and_names_the_first_year() -> None:
    judged = course({2012: 8.0, 2020: 6.0}, start=2008, end=2016, direction="lager-beter", noise_sd=None)
    assert (judged.verdict, judged.change) == ("unknown", None)
    assert judged.reason == "starts-later"
    assert (judged.first, judged.last, judged.change_first) == (2012, 2020, 2.0)
    assert judged.gap_end == 6.0


def test_unknown_noise_gives_no_verdict() -> None:
    judged = course({2008: 8.0, 2016: 1.0}, start=2008, end=2016, direction="lager-beter", noise_sd=None)
    assert judged.verdict == "unknown"
    assert judged.change == 7.0


@given(GAPS, st.floats(0.01, 5))
def test_mirroring_direction_and_values_gives_the_same_verdict(gaps: dict[int, float], noise: float) -> None:
    up = course(gaps, start=2004, end=2018, direction="hoger-beter", noise_sd=noise)
    down = course(
        {y: -g for y, g in gaps.items()}, start=2004, end=2018, direction="lager-beter", noise_sd=noise
    )
    assert up.verdict == down.verdict
    assert up.reason == down.reason


@given(GAPS, st.floats(0.01, 5), st.floats(1.0, 3))
def test_more_noise_never_turns_stable_into_a_verdict(
    gaps: dict[int, float], noise: float, factor: float
) -> None:
    rule = {"start": 2004, "end": 2018, "direction": "hoger-beter"}
    if course(gaps, noise_sd=noise, **rule).verdict == "stable":
        assert course(gaps, noise_sd=noise * factor, **rule).verdict == "stable"


def test_pooled_noise_equals_least_squares_by_hand() -> None:
    rng = np.random.default_rng(7)
    years = np.array([2002, 2008, 2012, 2014, 2016])
    rows, rss, df = [], 0.0, 0
    for area in range(40):
        y = rng.normal(-2, 1) + rng.normal(0, 0.1) * (years - 2002) + rng.normal(0, 0.3, 5)
        fit = np.polyfit(years, y, 1)
        rss += float(((y - np.polyval(fit, years)) ** 2).sum())
        df += 3
        rows += [(f"A{area}", "x", int(t), float(v)) for t, v in zip(years, y, strict=True)]
    rows += [("B", "x", 2002, 1.0), ("B", "x", 2016, 9.0)]  # two points tell nothing about noise
    frame = pl.DataFrame(rows, schema=["area", "indicator", "period", "gap"], orient="row")
    (found,) = pooled_noise(frame).to_dicts()
    assert found["freedom"] == df
    assert found["noise_sd"] == pytest.approx(math.sqrt(rss / df), rel=1e-9)


def test_two_measurements_alone_tell_no_noise() -> None:
    frame = pl.DataFrame(
        {"area": ["a", "a"], "indicator": ["x", "x"], "period": [2012, 2020], "gap": [1.0, 2.0]}
    )
    assert pooled_noise(frame).height == 0


def test_an_aggregate_below_60_percent_coverage_shows_no_figure() -> None:
    frame = pl.DataFrame({"value": [1.0, 2.0], "coverage": [0.5999, 0.60]})
    assert withhold_low_coverage(frame)["value"].to_list() == [None, 2.0]


def test_independent_areas_give_wilsons_interval() -> None:
    # one area a city: no clustering; Wilson with Student's quantile of 39 degrees of freedom, by hand
    hits = [True] * 26 + [False] * 14
    found = clustered_share(hits, [str(i) for i in range(40)])
    z, n, p = 1.6848751, 40, 0.65
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert found.low == pytest.approx(centre - half, abs=1e-6)
    assert found.high == pytest.approx(centre + half, abs=1e-6)
    assert found.effective == 40


def test_areas_of_one_city_that_move_together_count_for_less() -> None:
    together = clustered_share([True] * 20 + [False] * 20, [str(i // 4) for i in range(40)])
    apart = clustered_share([True] * 20 + [False] * 20, [str(i % 10) for i in range(40)])
    assert together.effective == pytest.approx(10)
    assert together.high - together.low > apart.high - apart.low


def test_the_interval_covers_in_about_90_of_100_programmes() -> None:
    # 40 areas in 18 cities of the programme's sizes, intraclass correlation about 0.2 (beta-binomial)
    sizes = [1, 1, 5, 4, 4, 1, 1, 3, 1, 2, 1, 1, 1, 1, 7, 1, 4, 1]
    rng = np.random.default_rng(20070322)
    p, rho, hits, runs = 0.6, 0.2, 0, 1500
    a, b = p * (1 / rho - 1), (1 - p) * (1 / rho - 1)
    cities = [str(c) for c, size in enumerate(sizes) for _ in range(size)]
    for _ in range(runs):
        rates = np.repeat(rng.beta(a, b, len(sizes)), sizes)
        found = clustered_share(list(rng.random(40) < rates), cities)
        hits += found.low <= p <= found.high
    assert 0.87 <= hits / runs <= 0.95


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), max_size=40))
def test_the_share_lies_in_its_interval(pairs: list[tuple[bool, str]]) -> None:
    found = clustered_share([h for h, _ in pairs], [c for _, c in pairs])
    if found.share is not None:
        assert 0 <= found.low <= found.share <= found.high <= 1


@pytest.mark.parametrize(
    ("gaps", "status"),
    [
        ({2002: -2.0, 2016: 0.0}, "reached"),
        ({2002: -2.0, 2012: -0.5}, "on-course"),
        ({2002: -2.0, 2012: -1.8}, "behind"),
        ({2002: -2.0, 2018: -0.1}, "behind"),
        ({2012: -2.0, 2016: -0.1}, "unknown"),
        ({2002: -2.0}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_r140_a_target_is_reached_on_course_behind_or_unknown(gaps: dict[int, float], status: str) -> None:
    assert reach(gaps, baseline=2007, by=2017, direction="hoger-beter")[0] == status
