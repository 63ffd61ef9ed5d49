# SPDX-License-Identifier: EUPL-1.2
"""The record of warnings against scipy, a published table and what must hold of any figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from krachtwijk.monitor.warning import record

ROWS = st.lists(st.tuples(st.integers(-5, 5), st.booleans(), st.integers(0, 4)), min_size=2, max_size=60)


def arrays(rows: list[tuple[int, bool, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    score, event, block = zip(*rows, strict=True)
    return np.array(score, dtype=float), np.array(event), np.array(block)


def area_under(score: np.ndarray, event: np.ndarray) -> float:
    return float(record.duels(score, event, np.zeros(len(score), dtype=np.int64)).auc()[0])


@given(ROWS)
def test_the_area_under_the_curve_is_mann_whitneys_u_over_the_pairs(
    rows: list[tuple[int, bool, int]],
) -> None:
    score, event, block = arrays(rows)
    found = record.duels(score, event, block).auc()[0]
    if event.all() or not event.any():
        assert np.isnan(found)
        return
    u = mannwhitneyu(score[event], score[~event]).statistic
    assert found == pytest.approx(u / (event.sum() * (~event).sum()), abs=1e-12)
    assert record.duels(-score, event, block).auc()[0] == pytest.approx(1 - found, abs=1e-12)
    assert record.duels(np.exp(score), event, block).auc()[0] == found  # only the order counts


def test_the_table_of_hanley_and_mcneil() -> None:
    # Radiology 143 (1982), table 1, ratings of 109 CT images: W = 0.893 (figures quoted from memory)
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    score = np.repeat(np.tile(np.arange(5.0), 2), [*normal, *abnormal])
    event = np.repeat([False, True], [sum(normal), sum(abnormal)])
    assert area_under(score, event) == pytest.approx(0.893, abs=0.0005)


@given(ROWS)
def test_drawing_blocks_is_counting_their_areas_as_often_as_they_were_drawn(
    rows: list[tuple[int, bool, int]],
) -> None:
    score, event, block = arrays(rows)
    duels = record.duels(score, event, block)
    taken = record.drawn(len(duels.yes), draws=3)
    assert (taken.sum(axis=1) == len(duels.yes)).all()
    _, place = np.unique(block, return_inverse=True)
    for often, found in zip(taken, duels.auc(taken), strict=True):
        times = often[place].astype(int)
        again, hit = np.repeat(score, times), np.repeat(event, times)
        expected = area_under(again, hit) if 0 < hit.sum() < len(hit) else np.nan
        assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_an_interval_is_wider_where_blocks_share_what_the_score_misses() -> None:
    generator = np.random.default_rng(1)
    block = np.repeat(np.arange(30), 40)
    score = generator.normal(size=1200)
    alone = score + generator.normal(size=1200) > 1.2
    shared = score + 1.5 * generator.normal(size=30)[block] > 1.2
    widths = []
    for event in (alone, shared):
        low, high = record.interval(record.duels(score, event, block).auc(record.drawn(30)))
        assert low < area_under(score, event) < high
        widths.append(high - low)
    assert widths[1] > 1.5 * widths[0]


def test_of_ties_at_the_edge_the_top_takes_a_part() -> None:
    event = np.array([True, True, False, False, False, False, False, False, False, False])
    assert record.top_share(np.arange(10.0)[::-1], event, 0.2) == 1.0
    assert record.top_share(np.zeros(10), event, 0.2) == pytest.approx(0.2)
    assert record.top_share(np.array([2.0, 1, 1, 0, 0, 0, 0, 0, 0, 0]), event, 0.2) == pytest.approx(0.75)


def test_the_error_of_chances_and_their_groups() -> None:
    event = np.array([True, False, False, True])
    assert record.brier(np.array([1.0, 0.0, 0.5, 0.5]), event) == pytest.approx(0.125)
    assert record.brier(0.5, event) == pytest.approx(0.25)
    chance = np.linspace(0, 1, 1000)
    happened = np.random.default_rng(3).random(1000) < chance
    bins = record.reliability(chance, happened, np.arange(1000))
    assert [b.areas for b in bins] == [100] * 10
    assert sum(b.low <= b.predicted <= b.high for b in bins) >= 8  # intervals of 90 %
    assert [b.predicted for b in bins] == sorted(b.predicted for b in bins)
