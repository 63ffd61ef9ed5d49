# SPDX-License-Identifier: EUPL-1.2
"""Look-alikes beside a search over all, and their comparison beside statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.effects.inference import clustered, conley
from krachtwijk.monitor.effects.matching import compare, match


def some(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    baseline = generator.normal(size=(n, 2)) * [1.0, 30.0]
    treated = generator.random(n) < 1 / (1 + np.exp(2 + baseline[:, 0]))
    treated[:2] = True, False
    return baseline, treated, generator.integers(0, 5, n)


@given(seed=st.integers(0, 10_000), k=st.integers(1, 4), caliper=st.floats(0.05, 3.0), within=st.booleans())
@settings(max_examples=60, deadline=None)
def test_look_alikes_are_the_nearest_within_the_caliper(
    seed: int, k: int, caliper: float, within: bool
) -> None:
    baseline, treated, city = some(seed)
    standard = (baseline - baseline.mean(axis=0)) / baseline.std(axis=0)
    expected = {}
    for unit in np.flatnonzero(treated):
        far = np.linalg.norm(standard - standard[unit], axis=1)
        far[treated | (within & (city != city[unit]))] = np.inf
        near = np.argsort(far)[:k]
        if (near := near[far[near] <= caliper]).size:
            expected[int(unit)] = near.tolist()
    group = city if within else None
    if not expected:
        with pytest.raises(ValueError, match="nobody has a look-alike"):
            match(baseline, treated, group=group, caliper=caliper, neighbours=k)
        return
    found = match(baseline, treated, group=group, caliper=caliper, neighbours=k)
    assert {
        int(u): row[row >= 0].tolist() for u, row in zip(found.chosen, found.others, strict=True)
    } == expected
    assert sorted([*found.chosen, *found.unmatched]) == np.flatnonzero(treated).tolist()
    assert found.weight[~treated].sum() == pytest.approx(len(expected))
    assert found.used == len({other for row in expected.values() for other in row})
    assert np.nanmax(found.distance) <= caliper


def test_balance_says_how_alike_they_were_and_became() -> None:
    baseline, treated, _ = some(3, 2000)
    found = match(baseline, treated, caliper=0.2, neighbours=2)
    standard = (baseline - baseline.mean(axis=0)) / baseline.std(axis=0)
    np.testing.assert_allclose(
        found.balance.before, standard[treated].mean(axis=0) - standard[~treated].mean(axis=0)
    )
    theirs = np.average(standard[found.others[found.others >= 0]].reshape(-1, 2), axis=0)
    assert found.balance.before[0] < -0.5 < -0.05 < found.balance.after[0]
    assert abs(theirs[0] - standard[found.chosen].mean(axis=0)[0]) < 0.05
    assert (np.abs(found.balance.ratio - 1) < 0.2).all()


@pytest.mark.filterwarnings("ignore")  # statsmodels' own
def test_the_comparison_equals_weighted_least_squares() -> None:
    """statsmodels WLS, clustered by city, its factor (n − 1)/(n − k) taken off; tolerance 1e-9."""
    api = pytest.importorskip("statsmodels.api")
    baseline, treated, city = some(5, 300)
    change = np.random.default_rng(1).normal(size=300) - 0.4 * baseline[:, 0] + 0.5 * treated
    matched = match(baseline, treated, caliper=0.4, neighbours=3)
    found = compare(change, matched, city)
    used = matched.weight > 0
    design = np.column_stack([treated, np.ones(300), matched.standard])[used]
    fit = api.WLS(change[used], design, weights=matched.weight[used]).fit(
        cov_type="cluster", cov_kwds={"groups": city[used]}
    )
    n, k = design.shape
    assert found.effect == pytest.approx(fit.params[0], abs=1e-9)
    assert clustered(found.sums)[0, 0] == pytest.approx(fit.bse[0] ** 2 * (n - k) / (n - 1), rel=1e-9)
    # the influence tells the same: summed by city, or with all of a city in one place
    xy = np.column_stack([city * 1e6, np.zeros(300)])
    by_place = conley(found.influence, xy, 10.0, "uniform")[0, 0] * 5 / 4
    assert by_place == pytest.approx(clustered(found.sums)[0, 0], rel=1e-9)
    theirs = [change[row[row >= 0]].mean() for row in matched.others]
    assert found.plain == pytest.approx(change[matched.chosen].mean() - np.mean(theirs), abs=1e-12)


def test_what_differed_at_the_start_is_taken_off() -> None:
    """Change is all fall back to the mean: the rest of the difference would look like an effect."""
    baseline, treated, _ = some(2, 400)
    change = -0.5 * baseline[:, 0]
    found = compare(change, match(baseline, treated, caliper=1.0, neighbours=5))
    assert abs(found.plain) > 0.02
    assert found.effect == pytest.approx(0, abs=1e-12)
    assert change[treated].mean() - change[~treated].mean() > 0.3


def test_matching_says_what_it_cannot_use() -> None:
    baseline, treated, city = some(1)
    with pytest.raises(ValueError, match="without a baseline"):
        match(np.where(treated[:, None], np.nan, baseline), treated)
    with pytest.raises(ValueError, match="same everywhere"):
        match(np.column_stack([baseline, np.ones(80)]), treated)
    with pytest.raises(ValueError, match="each hold units"):
        match(baseline, treated, pool=treated)
    with pytest.raises(ValueError, match="caliper"):
        match(baseline, treated, caliper=0.0)
    matched = match(baseline, treated, caliper=1.0, group=city)
    change = np.zeros(80)
    change[matched.chosen[0]] = np.nan
    with pytest.raises(ValueError, match="no change"):
        compare(change, matched)
