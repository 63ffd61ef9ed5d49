# SPDX-License-Identifier: EUPL-1.2
"""Groups of areas that cannot be told apart: a partition, whatever the order, that chance alone does not cut."""

import math
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from krachtwijk.monitor.gaps import CONFIDENCE
from krachtwijk.monitor.grouping import told_apart

CHANGES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.integers(-50, 50).map(float), max_size=25
)
SDS = st.floats(0.1, 30)


@given(CHANGES, SDS, st.sampled_from([3.0, 40.0, math.inf]), st.randoms())
def test_every_area_is_in_one_group_whatever_the_order(
    changes: dict[str, float], sd: float, freedom: float, chance: random.Random
) -> None:
    groups = told_apart(changes, noise_sd=sd, freedom=freedom)
    shuffled = list(changes.items())
    chance.shuffle(shuffled)
    assert told_apart(dict(shuffled), noise_sd=sd, freedom=freedom) == groups
    assert groups.keys() == changes.keys()
    assert set(groups.values()) == set(range(1, len(set(groups.values())) + 1))


@given(CHANGES, SDS)
def test_groups_never_overlap_and_equal_changes_share_one(changes: dict[str, float], sd: float) -> None:
    groups = told_apart(changes, noise_sd=sd)
    for one in changes:
        for other in changes:
            if changes[one] == changes[other]:
                assert groups[one] == groups[other]
            if changes[one] > changes[other]:
                assert groups[one] <= groups[other]


@given(CHANGES, SDS, st.integers(-40, 40))
def test_the_same_gain_for_all_changes_no_group(changes: dict[str, float], sd: float, gain: int) -> None:
    moved = {area: change + gain for area, change in changes.items()}
    assert told_apart(moved, noise_sd=sd) == told_apart(changes, noise_sd=sd)


@given(CHANGES)
def test_without_noise_every_change_is_its_own_group_and_with_very_much_there_is_one(
    changes: dict[str, float],
) -> None:
    assert len(set(told_apart(changes, noise_sd=1e-9).values())) == len(set(changes.values()))
    assert len(set(told_apart(changes, noise_sd=1e6).values())) <= 1


def test_two_clear_clusters_are_two_groups_with_the_largest_gain_first() -> None:
    changes = {"a": 5.1, "b": 4.9, "c": 5.0, "d": -5.0, "e": -4.8}
    assert told_apart(changes, noise_sd=0.5) == {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}


def test_a_chain_of_small_steps_is_cut_though_neighbours_are_alike() -> None:
    changes = {str(n): float(n) for n in range(40)}
    groups = told_apart(changes, noise_sd=2.0)
    assert groups["0"] != groups["39"]
    assert len(set(groups.values())) < 40


def test_two_areas_part_where_scott_and_knotts_likelihood_ratio_says_so() -> None:
    # for two values the ratio is pi / (2 (pi - 2)) * d^2 / 2 / sd^2, held against chi-squared (2 / (pi - 2)):
    # solved for d at 90 % that is 2.461 standard deviations
    assert told_apart({"a": 2.45, "b": 0.0}, noise_sd=1.0) == {"a": 1, "b": 1}
    assert told_apart({"a": 2.47, "b": 0.0}, noise_sd=1.0) == {"a": 1, "b": 2}


def test_noise_that_is_itself_uncertain_asks_for_more() -> None:
    changes = {"a": 2.5, "b": 0.0}
    assert len(set(told_apart(changes, noise_sd=1.0).values())) == 2
    assert len(set(told_apart(changes, noise_sd=1.0, freedom=2).values())) == 1


def test_areas_that_all_changed_alike_are_seldom_cut_by_chance() -> None:
    draws = norm.rvs(size=(600, 40), random_state=np.random.default_rng(20070322))
    cut = sum(
        len(set(told_apart({str(n): float(v) for n, v in enumerate(row)}, noise_sd=1.0).values())) > 1
        for row in draws
    )
    assert cut / len(draws) < 1 - CONFIDENCE + 0.05
