# SPDX-License-Identifier: EUPL-1.2
"""The ministry's search for displacement (R-159, R-160) against a slow plain reading of its rules."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.monitor.effects.search_areas import (
    Indicated,
    Lines,
    SearchSets,
    adjacency,
    chance_of_plot,
    flows,
    indicated,
    measured,
    relative,
    search_sets,
)

LINES = Lines()


def marked(change: np.ndarray, weight: np.ndarray, receiving: np.ndarray, sets: SearchSets) -> Indicated:
    """The indications of one window."""
    return indicated(measured({"total": change[:, None]}, weight, receiving[:, None], LINES), sets)


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of squares of a board that share a side, in both directions."""
    place = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([place[:, :-1].ravel(), place[:, 1:].ravel()], axis=1),
            np.stack([place[:-1].ravel(), place[1:].ravel()], axis=1),
        ]
    )
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return both[:, 0], both[:, 1]


@st.composite
def countries(draw: st.DrawFn) -> dict[str, np.ndarray]:
    side = draw(st.integers(4, 7))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    many = side * side
    change = np.where(generator.random(many) < 0.1, np.nan, generator.normal(size=many).round(1))
    return {
        "code": np.where(generator.random(many) < 0.3, generator.integers(0, 5, many), -1),
        "city": generator.integers(-1, 4, many),
        "region": generator.integers(-1, 3, many),
        "weight": generator.integers(0, 4, many).astype(float),
        "change": change,
        "receiving": generator.random(many) < 0.7,
        "first": grid(side)[0],
        "second": grid(side)[1],
    }


def plain_sets(c: dict[str, np.ndarray]) -> dict[str, dict[int, tuple[set[int], set[int]]]]:
    """Targets and search areas as sets of postcodes, word for word as the method page says."""
    many = len(c["code"])
    near = {i: set() for i in range(many)}
    for a, b in zip(c["first"].tolist(), c["second"].tolist(), strict=True):
        near[a].add(b)
    programme = {i for i in range(many) if c["code"][i] >= 0}
    found: dict[str, dict[int, tuple[set[int], set[int]]]] = {"aanliggend": {}, "stad": {}, "regio": {}}
    beside: set[int] = set()
    for area in sorted({int(c["code"][i]) for i in programme}):
        own = {i for i in programme if c["code"][i] == area}
        around = set().union(*(near[i] for i in own)) - own
        beside |= around
        found["aanliggend"][area] = own, around
    chosen = {int(c["city"][i]) for i in programme} - {-1}
    for city in sorted(chosen):
        inside = {i for i in range(many) if c["city"][i] == city}
        found["stad"][city] = inside & programme, inside - programme - beside
    for region in sorted({int(c["region"][i]) for i in programme} - {-1}):
        inside = {i for i in range(many) if c["region"][i] == region}
        outside = {i for i in inside if int(c["city"][i]) not in chosen}
        found["regio"][region] = inside & programme, outside - programme
    return found


@given(countries())
def test_search_areas_are_what_the_page_says_and_never_hold_the_target(c: dict[str, np.ndarray]) -> None:
    near = adjacency(c["first"], c["second"], len(c["code"]))
    made = search_sets(c["code"], near, c["city"], c["region"])
    for kind, wanted in plain_sets(c).items():
        sets = made[kind]
        assert sets.unit.tolist() == list(wanted)
        for row, (own, around) in enumerate(wanted.values()):
            assert set(np.flatnonzero(sets.target.toarray()[row])) == own
            assert set(np.flatnonzero(sets.around.toarray()[row])) == around
            if kind != "aanliggend":  # the comparison set holds no programme area
                assert (c["code"][sorted(around)] < 0).all()


@given(countries())
def test_indications_equal_a_plain_reading_of_the_rules(c: dict[str, np.ndarray]) -> None:
    near = adjacency(c["first"], c["second"], len(c["code"]))
    d = relative(c["change"], c["weight"], c["region"])
    for kind, wanted in plain_sets(c).items():
        sets = search_sets(c["code"], near, c["city"], c["region"])[kind]
        found = marked(d, c["weight"], c["receiving"], sets)

        def mean(members: set[int], values: np.ndarray) -> float:
            known = [i for i in members if np.isfinite(d[i])]
            total = sum(c["weight"][i] for i in known)
            return sum(c["weight"][i] * values[i] for i in known) / total if total else np.nan

        may = {i for i in range(len(d)) if c["receiving"][i] and np.isfinite(d[i])}
        x = np.array([mean(own, d) for own, _ in wanted.values()])
        y = np.array([mean(around & may, d) for _, around in wanted.values()])
        both = np.isfinite(x) & np.isfinite(y)
        np.testing.assert_allclose(found.plots["total"].target[:, 0], x, atol=1e-12)
        np.testing.assert_allclose(found.plots["total"].around[:, 0], y, atol=1e-12)
        if both.sum() > 1 and x[both].std() > 1e-9 and y[both].std() > 1e-9:
            for row in np.flatnonzero(both):
                u = (x[row] - x[both].mean()) / x[both].std(ddof=1)
                v = (y[row] - y[both].mean()) / y[both].std(ddof=1)
                one = u > 0.5 and v < -0.5
                two = y[row] < x[row] and v <= 0 and (u - v) / sqrt(2) > sqrt(0.5)
                edge = min(abs(u - 0.5), abs(v + 0.5), abs(v), abs(v + 1), abs((u - v) / sqrt(2) - sqrt(0.5)))
                if edge > 1e-9 and abs(x[row] - y[row]) > 1e-9:
                    mark = 1 if one else 3 if v < -1 else 2 if two else 0
                    assert found.plots["total"].combination[row, 0] == mark
        spread = np.std([d[i] for i in may], ddof=1) if len(may) > 1 else np.nan
        falls = np.where(np.isnan(d), 0, d < -0.5 * spread).astype(float)
        share = np.array([mean(around & may, falls) for _, around in wanted.values()])
        np.testing.assert_allclose(found.parts.declining[:, 0], share, atol=1e-12)
        lagging = [sum(bool(d[i] < -2 * spread) for i in around & may) for _, around in wanted.values()]
        assert found.parts.lagging[:, 0].tolist() == lagging
        assert found.parts.postcodes[:, 0].tolist() == [len(around & may) for _, around in wanted.values()]


@given(countries())
def test_changes_are_against_the_regional_trend(c: dict[str, np.ndarray]) -> None:
    d = relative(c["change"], c["weight"], c["region"])
    for region in range(3):
        here = (c["region"] == region) & np.isfinite(d)
        assert np.sum(c["weight"][here] * d[here]) == pytest.approx(0, abs=1e-9)
        known = np.isfinite(c["change"]) & (c["region"] == region) & (c["weight"] > 0)
        assert (here == known).all()
    np.testing.assert_allclose(relative(c["change"] + 5, c["weight"], c["region"]), d, atol=1e-9)


def test_a_shift_of_a_whole_region_gives_no_indication_more() -> None:
    generator = np.random.default_rng(4)
    first, second = grid(8)
    code = np.full(64, -1)
    code[[0, 9, 18, 27, 36, 45, 54, 63]] = np.arange(8)
    region = np.repeat([0, 1], 32)
    sets = search_sets(code, adjacency(first, second, 64), np.zeros(64, dtype=np.int64), region)["aanliggend"]
    change, ones, everyone = generator.normal(size=64), np.ones(64), np.ones(64, dtype=bool)
    before, after = (
        marked(relative(d, ones, region), ones, everyone, sets).alarms()
        for d in (change, change + 3 * region)
    )
    for name, marks in before.items():
        assert (after[name] == marks).all(), name


@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.6])
def test_the_share_that_chance_marks_is_that_of_simulated_pairs(correlation: float) -> None:
    """400,000 pairs: a standard error of 0.0007, so 0.003 is four of them."""
    u, e = np.random.default_rng(9).normal(size=(2, 400_000))
    v = correlation * u + sqrt(1 - correlation**2) * e
    marked = ((u > 0.5) & (v < -0.5)) | ((v <= 0) & ((u - v) / sqrt(2) > sqrt(0.5))) | (v < -1)
    assert chance_of_plot(LINES, correlation) == pytest.approx(marked.mean(), abs=0.003)


def test_the_published_count_of_1a_is_what_chance_gives() -> None:
    """11 of 40 in both periods (the report, p. 40)."""
    assert 40 * chance_of_plot(LINES) == pytest.approx(10.5, abs=0.1)


def test_planted_displacement_is_marked_and_makes_the_correlation_negative() -> None:
    generator = np.random.default_rng(11)
    first, second = grid(20)
    code = np.full(400, -1)
    centres = np.array([22, 26, 30, 34, 122, 126, 130, 134, 222, 226, 230, 234])
    code[centres] = np.arange(12)
    sets = search_sets(
        code, adjacency(first, second, 400), np.zeros(400, dtype=np.int64), np.zeros(400, dtype=np.int64)
    )
    change = generator.normal(size=400) * 0.2
    for centre in centres[:3]:
        change[centre] += 2
        change[sets["aanliggend"].around.toarray()[code[centre]] > 0] -= 2
    ones, everyone = np.ones(400), np.ones(400, dtype=bool)
    d = relative(change, ones, np.zeros(400, dtype=np.int64))
    found = marked(d, ones, everyone, sets["aanliggend"])
    assert (
        found.alarms()["1a"][:3].all() and found.alarms()["1b"][:3].all() and found.alarms()["1c"][:3].all()
    )
    assert found.plots["total"].correlation < -0.9
    nobody = marked(d, ones, ~everyone, sets["aanliggend"])
    assert not any(alarms.any() for alarms in nobody.alarms().values())
    assert np.isnan(nobody.plots["total"].correlation).all()
    beside = np.corrcoef(found.plots["total"].target[:, 0], found.plots["total"].around[:, 0])[0, 1]
    assert found.plots["total"].correlation[0] == pytest.approx(beside, abs=1e-12)


def test_windows_side_by_side_are_those_one_by_one() -> None:
    generator = np.random.default_rng(2)
    first, second = grid(9)
    code = np.where(generator.random(81) < 0.25, generator.integers(0, 6, 81), -1)
    zero = np.zeros(81, dtype=np.int64)
    change = np.where(generator.random((81, 4)) < 0.2, np.nan, generator.normal(size=(81, 4)))
    people, may = generator.integers(0, 9, 81).astype(float), generator.random((81, 4)) < 0.6
    for sets in search_sets(code, adjacency(first, second, 81), generator.integers(0, 5, 81), zero).values():
        together = indicated(measured({"total": change, "vei": -change}, people, may, LINES), sets)
        for w in range(4):
            alone = indicated(
                measured({"total": change[:, [w]], "vei": -change[:, [w]]}, people, may[:, [w]], LINES), sets
            )
            for name, (alarms, told) in alone.told().items():
                assert (together.told()[name][0][:, [w]] == alarms).all()
                assert (together.told()[name][1][:, [w]] == told).all()


def test_moves_count_from_target_to_search_area_and_small_flows_tell_nothing() -> None:
    first, second = grid(3)
    code = np.array([0, -1, -1, -1, -1, -1, -1, -1, 1])  # opposite corners
    zero = np.zeros(9, dtype=np.int64)
    sets = search_sets(code, adjacency(first, second, 9), zero, zero)["aanliggend"]
    receiving = np.ones(9, dtype=bool)
    receiving[3] = False
    origin, goal = np.array([0, 0, 0, 8, 8, -1, 4]), np.array([1, 3, -1, 7, 2, 1, 5])
    people = np.array([30.0, 50, 20, 9, 91, 500, 500])
    share, much = flows(origin, goal, people, receiving, sets, LINES)
    assert share[0] == pytest.approx(30 / 100)  # 3 may not receive; who leaves the country counts as leaving
    assert np.isnan(share[1])  # nine people
    assert not much.any()  # one known share is nothing to compare
    people[3] = 60.0
    share, much = flows(origin, goal, people, receiving, sets, LINES)
    assert share[1] == pytest.approx(60 / 151)
    assert much.tolist() == [False, True]
