# SPDX-License-Identifier: EUPL-1.2
"""R-161: the change of an area split into progress of stayers, coming and going, exactly and with its error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.persons.cohorts import cohort
from krachtwijk.monitor.persons.flows import Change, Flows, tally
from krachtwijk.monitor.persons.generator import world
from krachtwijk.monitor.persons.split import HALF, TERMS, split
from krachtwijk.monitor.persons.transitions import area_moves, class_moves, shares

Make = Callable[..., Flows]
AREAS = 3


@st.composite
def populations(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """People of two years in three areas; some in one year only, some without an outcome."""
    n = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    scale = 10.0 ** draw(st.integers(-3, 4))
    frames = []
    area = rng.integers(0, AREAS, n)
    for _ in range(2):
        outcome = scale * (rng.normal(3, 1, n) + area)
        outcome[rng.random(n) < 0.1] = np.nan
        frame = pl.DataFrame({"person": np.arange(n), "area": area, "outcome": outcome})
        frames.append(frame.filter(pl.Series(rng.random(n) < 0.85)))
        area = np.where(rng.random(n) < 0.35, rng.integers(0, AREAS, n), area)
    return frames[0], frames[1]


def means(frame: pl.DataFrame, area: int) -> np.ndarray[Any, Any]:
    return frame.filter((pl.col("area") == area) & ~pl.col("outcome").is_nan())["outcome"].to_numpy()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(populations())
def test_r161_the_parts_add_up_exactly_to_the_change_of_the_plain_means(
    made: Make, two: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    first, last = two
    centre = float(first["outcome"].fill_nan(None).mean() or 0.0)
    found = split(made(first, last, AREAS, centre=centre))
    for area in range(AREAS):
        before, after = means(first, area), means(last, area)
        size = max(1.0, *np.abs(before), *np.abs(after)) if len(before) and len(after) else 1.0
        if np.isfinite(found.terms[area]).all():
            assert abs(found.terms[area].sum() - (after.mean() - before.mean())) < 1e-12 * size
            assert abs(found.mean_first[area] - before.mean()) < 1e-12 * size
            assert found.first[area] == len(before) and found.last[area] == len(after)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(populations(), st.integers(0, 2**31))
def test_the_order_and_the_numbers_of_people_do_not_matter(
    made: Make, two: tuple[pl.DataFrame, pl.DataFrame], seed: int
) -> None:
    other = [
        f.with_columns(person=1000 - pl.col("person")).sample(fraction=1, shuffle=True, seed=seed)
        for f in two
    ]
    one, again = split(made(*two, AREAS)), split(made(*other, AREAS))
    np.testing.assert_allclose(again.terms, one.terms, rtol=1e-12, atol=1e-9)
    np.testing.assert_array_equal(again.people, one.people)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(populations())
def test_the_covariance_is_that_of_influence_functions_written_out_per_person(
    made: Make, two: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    """The oracle holds every person; tolerance 1e-9, and 1e-12 of the square of an outcome."""
    first, last = two
    found = split(made(first, last, AREAS))
    both = first.join(last, on="person", how="full", suffix="_last", coalesce=True)
    y0, y1 = (both[c].fill_null(np.nan).to_numpy() for c in ("outcome", "outcome_last"))
    a0, a1 = (both[c].fill_null(-1).to_numpy() for c in ("area", "area_last"))
    k0, k1 = ~np.isnan(y0), ~np.isnan(y1)
    for area in range(AREAS):
        if not np.isfinite(found.terms[area]).all():
            continue
        in0, in1 = (a0 == area) & k0, (a1 == area) & k1
        stay = in0 & in1
        here = in0 | in1
        s0, s1 = y0[stay].mean(), y1[stay].mean()
        groups = {
            "moved_in": in1 & (a0 != area) & (a0 >= 0),
            "entered": in1 & (a0 < 0),
            "measured_in": in1 & (a0 == area) & ~k0,
            "moved_out": in0 & (a1 != area) & (a1 >= 0),
            "gone": in0 & (a1 < 0),
            "measured_out": in0 & (a1 == area) & ~k1,
        }
        values = [np.where(stay, np.nan_to_num(y1 - y0) - (s1 - s0), 0.0) / stay.sum()]
        for name in TERMS[1:]:
            g = groups[name]
            inside, y, s, sign = (
                (in1, y1, s1, 1) if name.endswith("in") or name == "entered" else (in0, y0, s0, -1)
            )
            n = inside.sum()
            term = np.where(g, y - s, 0.0).sum() / n
            own = (np.where(g, y - s, 0.0) - inside * term) / n
            values.append(sign * (own - g.sum() / n * np.where(stay, y - s, 0.0) / stay.sum()))
        influence = np.nan_to_num(np.array(values))[:, here]
        expected = influence @ influence.T * here.sum() / max(here.sum() - 1, 1)
        np.testing.assert_allclose(
            found.covariance[area],
            expected,
            rtol=1e-9,
            atol=1e-12 * max(1e-300, *first["outcome"].fill_nan(0) ** 2, *last["outcome"].fill_nan(0) ** 2),
        )


def test_by_hand(made: Make) -> None:
    """Area 0: stayers 2→4 and 4→6; one of 9 leaves for area 1, one of 1 dies; one of 3 comes, one of 8 is born."""
    first = pl.DataFrame({"person": [1, 2, 3, 4, 5], "area": [0, 0, 0, 0, 1], "outcome": [2.0, 4, 9, 1, 2.5]})
    last = pl.DataFrame({"person": [1, 2, 3, 5, 6], "area": [0, 0, 1, 0, 0], "outcome": [4.0, 6, 9, 3, 8]})
    held = made(first, last, 2, Change(0.4))
    found = split(held)
    named = dict(zip(TERMS, found.terms[0], strict=True))
    assert named["progress"] == pytest.approx(2.0)
    assert named["moved_in"] == pytest.approx((3 - 5) / 4) and named["entered"] == pytest.approx((8 - 5) / 4)
    assert named["moved_out"] == pytest.approx(-(9 - 3) / 4) and named["gone"] == pytest.approx(-(1 - 3) / 4)
    assert found.change[0] == pytest.approx(5.25 - 4.0)
    followed = cohort(tally(held))
    assert followed.people[0].tolist() == [3, 2, 1, 1]
    assert followed.progress[0].tolist() == pytest.approx([4 / 3, 2, 0, 0.5])
    assert followed.moved[0, 0].tolist() == [0, 1, 2] and followed.lost[0] == 1
    assert area_moves(held).people.tolist() == [[2, 1, 0, 1], [1, 0, 0, 0]]


def test_classes_are_counted_and_their_shares_have_wilsons_interval(made: Make) -> None:
    first = pl.DataFrame({"person": range(4), "area": [0] * 4, "outcome": [1.0, 1, 5, 5]})
    last = pl.DataFrame({"person": range(4), "area": [0, 0, 0, 1], "outcome": [5.0, 1, 1, 5]})
    held = tally(made(first, last, 2, Change(cuts=(3.0,))))
    table = class_moves(held)
    assert table[0, 0].tolist() == [[1, 1], [1, 0]] and table[0, 1].tolist() == [[0, 0], [0, 1]]
    assert table[1, 2].tolist() == [[0, 0], [0, 1]]
    share, low, high = shares(np.array([[10, 90]]))
    # Wilson for 10 of 100 at 90 %, by the formula with z = 1.6449 (R: prop.test(10, 100, conf.level=.9, correct=FALSE))
    assert share[0, 0] == 0.1
    assert low[0, 0] == pytest.approx(0.0609, abs=2e-4) and high[0, 0] == pytest.approx(0.1602, abs=2e-4)


def test_a_sample_of_everybody_has_no_error_and_a_share_outside_is_refused(made: Make) -> None:
    first = pl.DataFrame({"person": range(9), "area": [0] * 9, "outcome": np.arange(9.0)})
    last = first.with_columns(outcome=pl.col("outcome") * 1.5)
    held = made(first, last, 1)
    assert split(held).error()[0] > 0 and split(held, sampled=1).error()[0] == 0
    half = split(held, sampled=0.5).covariance
    np.testing.assert_allclose(half, split(held).covariance / 2)
    with pytest.raises(ValueError, match="share"):
        split(held, sampled=2)


def test_r161_intervals_hold_the_truth_of_invented_worlds_at_their_rate(
    made: Make, years: Callable[..., dict[int, pl.DataFrame]]
) -> None:
    """60 worlds x 4 areas x 5 terms and their sums. Of 1,200 intervals of 90 %, 87-93 %: 3 standard errors around."""
    inside, sums = [], []
    for seed in range(60):
        made_up = world(seed, people=3_000, areas=4, years=4)
        table = years(made_up)
        found = split(made(table[2008], table[2011], 4, centre=5.0))
        truth = made_up.truth(2008, 2011)
        errors = np.sqrt(np.einsum("nii->ni", found.covariance))
        chosen = [TERMS.index(t) for t in ("progress", "moved_in", "entered", "moved_out", "gone")]
        inside.append(np.abs(found.terms - truth)[:, chosen] < HALF * errors[:, chosen])
        sums.append(np.abs(found.change - truth.sum(axis=1)) < HALF * found.error())
    assert 0.87 < np.mean(inside) < 0.93
    assert 0.84 < np.mean(sums) < 0.96


def test_a_group_of_areas_knows_no_moves_inside_it(
    made: Make, years: Callable[..., dict[int, pl.DataFrame]]
) -> None:
    table = years(world(5, people=2_000, areas=4, years=3))
    held = made(table[2008], table[2010], 4)
    together = split(held.grouped(["both", "rest"], [0, 0, 1, 1]))
    merged = [f.with_columns(area=pl.col("area") // 2) for f in (table[2008], table[2010])]
    np.testing.assert_allclose(together.terms, split(made(*merged, 2)).terms, atol=1e-12)


def test_the_generator_gives_the_same_bits(years: Callable[..., dict[int, pl.DataFrame]]) -> None:
    """The sums are of the first run of this code: they change only where the world does."""
    last = years(world(1, people=1_000, areas=3, years=3))[2010]
    assert last.height == 1000
    assert int(last["person"].cast(pl.Int64).sum()) == BITS[0]
    assert last["outcome"].fill_nan(0.0).sum() == pytest.approx(BITS[1], abs=1e-9)
    with pytest.raises(ValueError, match="2 to"):
        world(1, areas=1)
    with pytest.raises(ValueError, match="two years"):
        world(1, people=100, years=2).truth(2009, 2008)


BITS = (513146, 5289.0745178461075)
