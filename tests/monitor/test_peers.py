# SPDX-License-Identifier: EUPL-1.2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from krachtwijk.monitor.peers import nearest, standardised

FIGURES = st.integers(2, 30).flatmap(
    lambda n: st.integers(1, 4).flatmap(
        lambda k: arrays(np.float64, (n, k), elements=st.integers(0, 40).map(float))
    )
)


@given(FIGURES)
def test_peers_are_the_nearest_others_by_brute_force(values: np.ndarray) -> None:
    index, distance = nearest(values)
    n, k = values.shape
    points = standardised(values)
    for i in range(n):
        away = np.sqrt(((points - points[i]) ** 2).sum(axis=1) / k)
        others = np.sort(np.delete(away, i))[:8]
        assert distance[i] == pytest.approx(others)
        assert away[index[i]] == pytest.approx(others)
        assert i not in index[i]
        assert len(set(index[i])) == len(index[i]) == min(8, n - 1)


@given(FIGURES, st.integers(1, 9), st.integers(-5, 5))
def test_another_unit_gives_the_same_distances(values: np.ndarray, factor: int, shift: int) -> None:
    spread = np.percentile(values, 75, axis=0) - np.percentile(values, 25, axis=0)
    values = values[:, spread > 0]
    if values.shape[1]:
        assert nearest(values * factor + shift)[1] == pytest.approx(nearest(values)[1], abs=1e-9)


def test_one_extreme_area_does_not_set_the_scale() -> None:
    values = np.arange(101.0)[:, None]
    far = values.copy()
    far[-1] = 1e6
    assert standardised(far)[:100] == pytest.approx(standardised(values)[:100])


def test_the_nearest_comes_first_and_of_equals_the_one_that_stands_first() -> None:
    index, distance = nearest(np.array([[0.0], [1.0], [1.0], [4.0], [9.0]]))
    assert index[0].tolist() == [1, 2, 3, 4]
    assert index[1].tolist() == [2, 0, 3, 4]
    assert (np.diff(distance, axis=1) >= 0).all()


def test_a_missing_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="every figure"):
        nearest(np.array([[1.0], [np.nan]]))


def test_one_area_alone_has_no_peers() -> None:
    assert nearest(np.array([[1.0, 2.0]]))[0].shape == (1, 0)
