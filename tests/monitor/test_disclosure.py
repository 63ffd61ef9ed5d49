# SPDX-License-Identifier: EUPL-1.2
"""G27 and R-disclosure: no hidden cell can be worked out from what is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from krachtwijk.monitor.disclosure import SHOWN, SMALL, WITH, Sums, determined, protect, small
from krachtwijk.monitor.model import LIMIT

Tables = tuple[np.ndarray[Any, Any], Sums]


@st.composite
def tables(draw: st.DrawFn, most: int = 40, least: int = 0) -> Tables:
    """A town of wijken and buurten, in each area men + women and three ages that make the inhabitants: all adds up."""
    figures = st.integers(least, most)
    buurten = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))  # per wijk
    cells: list[float] = []
    sums: list[list[tuple[int, int]]] = []

    def area(counts: np.ndarray[Any, Any]) -> dict[str, int]:
        """Cells of one area from its sex x age counts."""
        at = len(cells)
        cells.extend([counts.sum(), *counts.sum(axis=1), *counts.sum(axis=0)])
        sums.append([(at, -1), (at + 1, 1), (at + 2, 1)])
        sums.append([(at, -1), (at + 3, 1), (at + 4, 1), (at + 5, 1)])
        return {"at": at}

    def total(children: list[tuple[int, np.ndarray[Any, Any]]]) -> tuple[int, np.ndarray[Any, Any]]:
        counts = sum((c for _, c in children), np.zeros((2, 3)))
        at = area(counts)["at"]
        sums.extend([(at + k, -1), *((child + k, 1) for child, _ in children)] for k in range(6))
        return at, counts

    wijken = []
    for number in buurten:
        own = []
        for _ in range(number):
            counts = np.array(draw(st.lists(figures, min_size=6, max_size=6)), float).reshape(2, 3)
            own.append((area(counts)["at"], counts))
        wijken.append(total(own))
    total(wijken)
    values = np.array(cells, dtype=float)
    for cell in draw(st.lists(st.integers(0, len(cells) - 1), max_size=3)):
        values[cell] = np.nan  # what the publisher hid already
    return values, Sums.of(sums)


def matrix(sums: Sums, cells: int) -> np.ndarray[Any, Any]:
    dense = np.zeros((len(sums), cells))
    np.add.at(dense, (sums.sum_, sums.cell), sums.sign)
    return dense


def by_rank(unknown: np.ndarray[Any, Any], sums: Sums) -> np.ndarray[Any, Any]:
    """The oracle: a unit vector that does not raise the rank lies in the row space."""
    dense = matrix(sums, len(unknown))[:, unknown]
    rank = np.linalg.matrix_rank(dense) if dense.size else 0
    told = np.zeros(len(unknown), bool)
    for place, cell in enumerate(np.flatnonzero(unknown)):
        told[cell] = np.linalg.matrix_rank(np.vstack([dense, np.eye(dense.shape[1])[place]])) == rank
    return told


@given(tables(), st.randoms(use_true_random=False))
def test_what_follows_from_the_rest_is_found_exactly(made: Tables, random: Any) -> None:
    values, sums = made
    unknown = np.array([random.random() < 0.35 for _ in values])
    assert (determined(unknown, sums) == by_rank(unknown, sums)).all()


@given(tables())
def test_g27_no_hidden_cell_follows_from_what_is_shown(made: Tables) -> None:
    values, sums = made
    states = protect(values, sums)
    assert not small(values[states == SHOWN]).any()
    unknown = (states > 0) | np.isnan(values)
    assert not (by_rank(unknown, sums) & (states > 0)).any()


@settings(max_examples=25)
@given(tables(most=12))
def test_g27_knowing_that_people_are_never_negative_does_not_help(made: Tables) -> None:
    values, sums = made
    states = protect(values, sums)
    unknown = (states > 0) | np.isnan(values)
    dense = matrix(sums, len(values))
    right = -dense[:, ~unknown] @ values[~unknown]
    left = dense[:, unknown]
    for place, cell in enumerate(np.flatnonzero(unknown)):
        if not states[cell]:
            continue
        aim = np.zeros(left.shape[1])
        aim[place] = 1
        low, high = (linprog(sign * aim, A_eq=left, b_eq=right, bounds=(0, None)) for sign in (1, -1))
        assert low.success and high.status in {0, 3}  # 3: without an upper bound
        assert high.status == 3 or -high.fun - low.fun > 1e-6


@given(tables(most=12))
def test_hidden_parts_of_one_sum_are_together_not_below_the_limit(made: Tables) -> None:
    values, sums = made
    states = protect(values, sums)
    for index in range(len(sums)):
        here = sums.sum_ == index
        cells, signs = sums.cell[here], sums.sign[here]
        hidden = states[cells] > 0
        shown = ~hidden & ~np.isnan(values[cells])
        if hidden.any() and (signs[~shown] > 0).all():
            assert -(values[cells[shown]] * signs[shown]).sum() >= LIMIT


@given(tables(least=10))
def test_nothing_is_hidden_where_nothing_is_small(made: Tables) -> None:
    values, sums = made
    assert not protect(values, sums).any()


@given(tables())
def test_hiding_again_hides_nothing_more_and_is_always_the_same(made: Tables) -> None:
    values, sums = made
    states = protect(values, sums)
    assert (protect(values, sums) == states).all()
    assert not protect(np.where(states > 0, np.nan, values), sums).any()


def test_the_smallest_other_cell_is_hidden_with_it() -> None:
    sums = Sums.of([[(0, -1), (1, 1), (2, 1), (3, 1)]])
    assert protect([65, 5, 40, 20], sums).tolist() == [SHOWN, SMALL, SHOWN, WITH]


def test_two_small_parts_that_make_less_than_the_limit_take_a_third_with_them() -> None:
    sums = Sums.of([[(0, -1), (1, 1), (2, 1), (3, 1)]])
    assert protect([46, 2, 4, 40], sums).tolist() == [SHOWN, SMALL, SMALL, WITH]


def test_zero_absent_and_the_limit_itself_stay() -> None:
    assert small([0, 1, 9, 9.9, 10, np.nan]).tolist() == [False, True, True, True, False, False]
    sums = Sums.of([[(0, -1), (1, 1), (2, 1)]])
    assert protect([10, 10, 0], sums).tolist() == [SHOWN, SHOWN, SHOWN]
    assert protect([100, np.nan, 5], sums).tolist() == [SHOWN, SHOWN, SMALL]


def test_a_growth_is_hidden_before_the_count_that_it_gives_back() -> None:
    # inhabitants of 2000 + growth = inhabitants of 2010
    sums = Sums.of([[(0, 1), (1, 1), (2, -1)]])
    assert protect([5, 20, 25], sums, free=[False, True, False]).tolist() == [SMALL, WITH, SHOWN]
    assert protect([25, -3, 22], sums, free=[False, True, False]).tolist() == [SHOWN, SHOWN, SHOWN]


def test_sums_that_only_together_give_a_cell_away_are_seen() -> None:
    # 0+1+2 and 1+2+3 with totals: 0 - 3 follows, and 3 is published under its own name as 4
    sums = Sums.of([[(5, -1), (0, 1), (1, 1), (2, 1)], [(6, -1), (1, 1), (2, 1), (3, 1)], [(4, -1), (3, 1)]])
    unknown = np.array([True, True, True, False, False, False, False])
    assert determined(unknown, sums).tolist() == [True, False, False, False, False, False, False]
