# SPDX-License-Identifier: EUPL-1.2
"""R-161 and disclosure: an attacker who knows every sum cannot tell a small cell, whatever was asked for and when."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.disclosure import SHOWN, Sums, determined, ranges, shield
from krachtwijk.monitor.persons.flows import Change, Flows, tally
from krachtwijk.monitor.persons.release import Level, Release, Rules, add_years, everybody, name

Make = Callable[..., Flows]
LIMIT = 10


def people(seed: int, n: int, areas: int, years: int = 2) -> list[pl.DataFrame]:
    rng = np.random.default_rng(seed)
    area, frames = rng.integers(0, areas, n), []
    outcome = np.exp(rng.normal(3, 1.0, n))
    for _ in range(years):
        outcome = outcome + rng.normal(0, 1, n)
        known = np.where(rng.random(n) < 0.05, np.nan, np.abs(outcome))
        frame = pl.DataFrame({"person": np.arange(n), "area": area, "outcome": known})
        frames.append(frame.filter(pl.Series(rng.random(n) < 0.93)))
        area = np.where(rng.random(n) < 0.2, rng.integers(0, areas, n), area)
    return frames


def levels_of(flows: Flows, *, moves: bool = False) -> list[Level]:
    """Areas, pairs of them as cities, everybody."""
    n = len(flows.areas)
    pair = np.arange(n) // 2
    cities = [f"C{c}" for c in range(pair.max() + 1)]
    return [
        Level("gebied", flows, pair, moves),
        Level("stad", flows.grouped(cities, pair), np.zeros(len(cities), np.int64)),
        Level("alles", flows.grouped(["alles"], np.zeros(n, np.int64))),
    ]


def attack(release: Release) -> None:
    """What a reader can find of small cells: by exact elimination, and by the least and the most each can be."""
    names = list(release.people)
    place = {cell: at for at, cell in enumerate(names)}
    values = np.array([release.people[cell] for cell in names], float)
    sums = Sums.of([[(place[c], sign) for c, sign in row] for row in release.sums])
    hidden = np.array([release.state[cell] != SHOWN for cell in names])
    few = (values > 0) & (values < LIMIT)
    assert hidden[few].all()
    assert not (determined(hidden, sums) & few).any()
    cells = np.random.default_rng(0).permutation(np.flatnonzero(few))[:40].tolist()
    low, high = ranges(values, sums, hidden, cells)
    assert (low < 1e-6).all() and (high > LIMIT - 1e-6).all()


@pytest.mark.parametrize(("seed", "n", "classes"), [(1, 500, True), (2, 350, False), (3, 900, False)])
def test_r161_no_small_cell_can_be_told_between_0_and_10(
    made: Make, seed: int, n: int, classes: bool
) -> None:
    first, last = people(seed, n, 4)
    change = Change(cuts=(15.0,)) if classes else Change(0.5)
    release = Release()
    add_years(
        release,
        levels_of(made(first, last, 4, change), moves=True),
        2008,
        2012,
        directions=True,
        classes=classes,
    )
    assert not release.settle()
    attack(release)


def test_every_sum_of_a_release_is_true(made: Make) -> None:
    first, last = people(3, 700, 6)
    release = Release()
    add_years(
        release,
        levels_of(made(first, last, 6, Change(cuts=(15.0, 30.0))), moves=True),
        2008,
        2012,
        directions=True,
        classes=True,
    )
    for row in release.sums:
        assert sum(sign * release.people[cell] for cell, sign in row) == 0, row


def test_a_later_release_keeps_what_was_shown_and_hides_what_was_hidden(made: Make) -> None:
    frames = people(11, 1_500, 4, years=3)
    first = Release()
    add_years(first, levels_of(made(frames[0], frames[1], 4)), 2008, 2009)
    assert not first.settle()
    later = Release()
    later.people, later.sums, later.unsafe = dict(first.people), dict(first.sums), set(first.unsafe)
    later.before = {cell: state == SHOWN for cell, state in first.state.items()}
    add_years(later, levels_of(made(frames[0], frames[2], 4)), 2008, 2010)
    assert not later.settle()
    for cell, state in first.state.items():
        assert (later.state[cell] == SHOWN) == (state == SHOWN) or not first.people[cell]
    attack(later)


def test_a_release_that_would_give_an_earlier_one_away_is_refused() -> None:
    release = Release()
    for cell, n in (("a", 5), ("b", 40), ("all", 45)):
        release.cell(cell, n)
    release.sum(["all"], ["a", "b"])
    release.before = {"b": True, "all": True}
    assert release.settle() == ["a"]


def test_nested_areas_do_not_tell_of_those_who_moved_between_them(made: Make) -> None:
    """Three people moved within the city: stayers of the city less those of its areas would be 3."""
    n = 400
    first = pl.DataFrame({"person": range(n), "area": [0, 1] * (n // 2), "outcome": np.arange(float(n))})
    area = first["area"].to_list()
    for mover in (0, 2, 4):
        area[mover] = 1
    last = first.with_columns(area=pl.Series(area), outcome=pl.col("outcome") * 1.1)
    flows = made(first, last, 2)
    release = Release()
    add_years(
        release,
        [Level("gebied", flows, [0, 0]), Level("stad", flows.grouped(["S"], [0, 0]))],
        2008,
        2009,
    )
    assert release.people[name("stad", "S", "within", 2008, 2009, "both")] == 3
    assert not release.settle()
    shown = [
        release.shown(name(level, area, "stayers", 2008, 2009))
        for level, area in (("gebied", "0"), ("gebied", "1"), ("stad", "S"))
    ]
    assert not all(shown)
    attack(release)


def test_a_group_with_one_and_the_same_outcome_is_hidden(made: Make) -> None:
    first = pl.DataFrame({"person": range(90), "area": [0] * 90, "outcome": [1.0] * 30 + [0.0, 1.0] * 30})
    last = first.with_columns(area=pl.Series([1] * 30 + [0] * 60))
    release = Release()
    flows = made(first, last, 2)
    add_years(release, [Level("gebied", flows, [0, 0]), Level("alles", flows.grouped(["a"], [0, 0]))], 1, 2)
    release.settle()
    assert not release.shown(name("gebied", "0", "moved_out", 1, 2))


def test_an_amount_that_one_person_makes_is_hidden_within_its_margin(made: Make) -> None:
    """Of 30 who left one has 1,000 and the others 1: who has the second most knows the first to 3 %."""
    outcome = [1000.0] + [1.0] * 29 + [20.0, 30.0] * 60
    first = pl.DataFrame({"person": range(150), "area": [0] * 150, "outcome": outcome})
    last = first.with_columns(area=pl.Series([1] * 30 + [0] * 120))
    flows = made(first, last, 2, largest=True)
    held = tally(flows)
    assert held.largest[0, 3].tolist() == [1000.0, 1.0, 1000.0, 1.0]
    levels = [Level("gebied", flows, [0, 0]), Level("alles", flows.grouped(["a"], [0, 0]))]
    plain, watched = Release(), Release(Rules(amounts=True))
    for release in (plain, watched):
        add_years(release, levels, 1, 2)
        release.settle()
    cell = name("gebied", "0", "moved_out", 1, 2)
    assert plain.shown(cell) and not watched.shown(cell)
    # and its total does not follow from that of all less that of stayers
    assert not (
        watched.shown(name("gebied", "0", "stayers", 1, 2)) and watched.shown(everybody("gebied", "0", 1))
    )


@settings(max_examples=25)
@given(st.lists(st.integers(0, 30), min_size=9, max_size=9))
def test_a_shield_leaves_every_small_cell_of_a_table_open(counts: list[int]) -> None:
    table = np.array(counts, float).reshape(3, 3)
    full = np.block([[table, table.sum(1, keepdims=True)], [table.sum(0, keepdims=True), table.sum()]])
    values = full.ravel()
    sums = [[(r * 4 + 3, -1), *((r * 4 + c, 1) for c in range(3))] for r in range(4)]
    sums += [[(12 + c, -1), *((r * 4 + c, 1) for r in range(3))] for c in range(4)]
    few = (values > 0) & (values < LIMIT)
    states, failed = shield(
        values, Sums.of(sums), np.where(few, 0.0, np.nan), np.where(few, float(LIMIT), np.nan)
    )
    cells = [c for c in np.flatnonzero(few).tolist() if c not in failed]
    low, high = ranges(values, Sums.of(sums), states > 0, cells)
    assert (low < 1e-6).all() and (high > LIMIT - 1e-6).all()
    if not few.any():
        assert not states.any()
