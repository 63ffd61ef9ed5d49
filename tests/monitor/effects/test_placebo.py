# SPDX-License-Identifier: EUPL-1.2
"""R-159, R-160: placebo programmes keep city, sizes, contiguity and the rule of choice, and take nothing twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from krachtwijk.monitor.effects import placebo
from krachtwijk.monitor.effects.panel import Panel, placebos
from krachtwijk.monitor.effects.power import from_placebos, placebo_p
from krachtwijk.monitor.effects.towns import CUTS
from krachtwijk.monitor.effects.towns import towns as towns_of

SIDE = 7


def towns(number: int, seed: int) -> tuple[np.ndarray, csr_array, np.ndarray, np.ndarray]:
    """Square towns of 7 x 7 postcodes: city, who adjoins, who may be taken (not the corner of 2 x 2), class before."""
    chance = np.random.default_rng(seed)
    n = number * SIDE * SIDE
    at = np.arange(n)
    row, column, city = at % 49 // SIDE, at % SIDE, at // 49
    apart = np.abs(row[:, None] - row) + np.abs(column[:, None] - column)
    near = csr_array(((apart == 1) & (city[:, None] == city)).astype(float))
    eligible = ~((row < 2) & (column < 2))
    return city, near, eligible, chance.integers(1, 10, n).astype(float)


@settings(max_examples=25)
@given(st.integers(1, 3), st.integers(0, 10**6), st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_placebos_keep_city_number_sizes_and_contiguity_and_take_nothing_twice(
    number: int, seed: int, sizes: list[int]
) -> None:
    city, near, eligible, before = towns(number, seed)
    drawn = placebo.draw(
        city, near, eligible, before, dict.fromkeys(range(number), sizes), draws=5, seed=seed
    )
    for area in drawn.area:
        assert not (area[~eligible] >= 0).any()  # neither the real programme nor anything else left out
        for town in range(number):
            mine = area[city == town]
            counts = np.unique(mine[mine >= 0], return_counts=True)[1]
            assert sorted(counts) == sorted(sizes)
        for one in range(number * len(sizes)):
            members = np.flatnonzero(area == one)
            assert connected_components(near[members][:, members])[0] == 1
            assert len(np.unique(city[members])) == 1


def test_placebos_are_among_the_worst_of_their_city_unless_a_neighbour_was_needed() -> None:
    city, near, eligible, before = towns(2, 3)
    drawn = placebo.draw(
        city, near, eligible, before, {0: [2], 1: [1, 1]}, draws=200, seed=5, worst=0.4, room=1.0
    )
    assert (drawn.reached == 0).any()
    for area in drawn.area[drawn.reached == 0]:
        for town in (0, 1):
            own = eligible & (city == town)
            limit = np.sort(before[own])[int(np.ceil(0.4 * own.sum())) - 1]
            assert before[(area >= 0) & (city == town)].max() <= limit


def test_equal_scores_are_told_apart_by_chance_and_every_candidate_has_its_turn() -> None:
    city, near, eligible, _ = towns(1, 0)
    drawn = placebo.draw(city, near, eligible, np.ones(49), {0: [3]}, draws=400, seed=1)
    assert ((drawn.area >= 0).any(axis=0) == eligible).all()
    assert 0 < drawn.alike < 0.2


def test_the_same_seed_gives_the_same_programmes_to_the_bit_and_another_seed_others() -> None:
    city, near, eligible, before = towns(2, 1)
    made = [
        placebo.draw(city, near, eligible, before, {0: [3, 2], 1: [4]}, draws=20, seed=seed).area
        for seed in (7, 7, 8)
    ]
    assert (made[0] == made[1]).all()
    assert (made[0] != made[2]).any()
    assert int((made[0].astype(np.int64) * np.arange(made[0].size).reshape(made[0].shape)).sum()) == PINNED


#: Computed on 2026-11-22; integer mixing alone decides, so another machine has the same.
PINNED = -1543908


def test_more_draws_begin_with_the_same_programmes() -> None:
    city, near, eligible, before = towns(1, 1)
    few, many = (
        placebo.draw(city, near, eligible, before, {0: [3]}, draws=count, seed=7).area for count in (5, 9)
    )
    assert (many[:5] == few).all()


def test_what_does_not_fit_is_told_by_city() -> None:
    city, near, eligible, before = towns(1, 1)
    with pytest.raises(ValueError, match="city 0 has 45 eligible postcodes for 46"):
        placebo.draw(city, near, eligible, before, {0: [46]}, draws=1, seed=1)
    apart = csr_array((49, 49))
    with pytest.raises(ValueError, match="do not fit in city 0"):
        placebo.draw(city, apart, eligible, before, {0: [2]}, draws=1, seed=1)
    before[:] = np.nan
    with pytest.raises(ValueError, match="city 0 has 0"):
        placebo.draw(city, near, eligible, before, {0: [1]}, draws=1, seed=1)


def test_steps_count_borders_and_roles_leave_out_who_is_not_in_the_universe() -> None:
    line = csr_array(np.eye(6, k=1) + np.eye(6, k=-1))
    inside = np.array([True, False, False, False, False, False])
    assert placebo.steps(inside, line, 2).tolist() == [0, 1, 2, 3, 3, 3]
    both = np.array([True, False, False, False, True, True])
    assert placebo.steps(both, line, 2).tolist() == [0, 1, 2, 1, 0, 0]
    drawn = placebo.Drawn(np.array([[0, -1, -1, -1, -1, -1]], dtype=np.int16), np.zeros(1, dtype=np.int64))
    assert placebo.roles(drawn, line, np.array([0, 1, 3, 4]), 2).tolist() == [[1, 2, 0, 0]]
    assert placebo.roles(drawn, line, np.arange(6), 2).tolist() == [[1, 2, 3, 0, 0, 0]]


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_levers_give_the_coefficients_of_the_panel(seed: int) -> None:
    city, near, eligible, before = towns(3, seed)
    drawn = placebo.draw(city, near, eligible, before, dict.fromkeys(range(3), (3, 2)), draws=6, seed=seed)
    universe = np.flatnonzero(eligible)
    codes = placebo.roles(drawn, near, universe, 2)
    order = [placebo.steps(row >= 0, near, 2)[universe] for row in drawn.area]
    assert (codes == np.where(np.array(order) > 2, 0, np.array(order) + 1)).all()
    change = np.random.default_rng(seed).normal(size=len(universe))
    panel = Panel(np.column_stack([np.zeros_like(change), change]), city[universe])
    oracle = placebos(panel, codes, np.array([False, True]), classes=3, period_effects=city[universe])
    lever = placebo.levers(codes, 3, city[universe])
    assert lever @ change == pytest.approx(oracle.coef, abs=1e-10)
    assert placebo.spreads(codes, lever, change, city[universe]) == pytest.approx(oracle.se, abs=1e-10)


def test_a_ring_that_nobody_is_in_is_told() -> None:
    with pytest.raises(ValueError, match="programme 1 has a ring that tells nothing"):
        codes = np.array([[1, 0, 2, 0], [1, 0, 1, 0]], dtype=np.int8)
        placebo.levers(codes, 2, np.array([0, 0, 0, 0]))


def in_towns(seed: int, displaced: float) -> tuple[float, float]:
    """Where the worst were chosen a measurement before the base: p of ring 1, and the shift that would be found."""
    made = towns_of(
        seed,
        displaced=displaced,
        cities=16,
        taking_part=16,
        areas=64,
        chosen=0.04,
        periods=(2, 1),
        ago=1,
    )
    pairs = cKDTree(made.xy).query_pairs(CUTS[0], output_type="ndarray")
    n = len(made.xy)
    near = csr_array((np.ones(2 * len(pairs)), np.concatenate([pairs, pairs[:, ::-1]]).T), shape=(n, n))
    own = np.flatnonzero(made.programme)
    piece = connected_components(near[own][:, own])[1]
    sizes: dict[int, list[int]] = {}
    for one in range(piece.max() + 1):
        sizes.setdefault(int(made.city[own[piece == one][0]]), []).append(int((piece == one).sum()))
    change = made.values[:, 2] - made.values[:, 1]
    steps = placebo.steps(made.programme, near, 2)
    real = placebo.levers(np.where(steps > 2, 0, steps + 1).astype(np.int8)[None], 3, made.city) @ change
    free = np.flatnonzero(~made.programme)
    drawn = placebo.draw(made.city, near, ~made.programme, made.values[:, 0], sizes, draws=99, seed=seed)
    fake = placebo.levers(placebo.roles(drawn, near, free, 2), 3, made.city[free]) @ change[free]
    band = from_placebos(fake[:, 1])
    return placebo_p(float(real[0, 1]), fake[:, 1]), -band.down


def test_planted_displacement_is_found_and_null_towns_seldom_alarm() -> None:
    """R-159, small: 40 null towns gave 1 alarm and -0.4 was found in 34 of 40 on 2026-11-22."""
    null = [in_towns(seed, 0.0) for seed in range(1, 13)]
    assert sum(p < 0.05 for p, _ in null) <= 2
    assert 0.2 < np.mean([shift for _, shift in null]) < 0.45
    planted = [in_towns(seed, -0.6) for seed in range(1, 7)]
    assert sum(p < 0.05 for p, _ in planted) >= 5
