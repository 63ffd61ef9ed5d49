# SPDX-License-Identifier: EUPL-1.2
"""Imputation: published numbers of did2s, pyfixest's two stages, dense algebra, known effects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.effects.imputation import NEVER, event_terms, impute, static_terms
from krachtwijk.monitor.effects.panel import Panel, estimate, from_frame


@pytest.fixture(scope="module")
def df_het():
    """The example of the R package did2s (MIT), which pyfixest's wheel carries; start and panel."""
    import pyfixest

    table = pl.read_csv(Path(pyfixest.__file__).parent / "did/data/df_het.csv")
    panel = from_frame(table, unit="unit", period="year", value="dep_var", cluster="state")
    start = table.sort("unit", "year")["g"].to_numpy()[:: len(panel.periods)]
    return table, panel, np.where(start == 0, NEVER, start)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_static_effect_as_published(df_het) -> None:
    _, panel, start = df_het
    term = static_terms(np.ones(len(start), int), start, panel.periods)
    found = impute(panel, term, term == 0, unit_effects=panel.cluster)
    # monitor-methods §4.5, target V7: did2s on df_het, first stage state and year, clustered by state
    assert found.coef[0] == pytest.approx(2.152215, abs=1e-6)
    assert found.se[0] == pytest.approx(0.047607, abs=1e-6)
    assert found.n_obs == 46_500


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_event_study_as_pyfixest(df_het) -> None:
    """Every tenth unit; docs/methods/imputation.md says how near all come to R's did2s (target V8)."""
    import pandas as pd
    from pyfixest.did.estimation import did2s

    table, whole, start = df_het
    some = np.arange(len(start)) % 10 == 0
    panel, start = (
        replace(whole, values=whole.values[some], cluster=whole.cluster[some], units=None),
        start[some],
    )
    term, names = event_terms(start, panel.periods)
    found = impute(
        panel, term, panel.periods[None, :] < start[:, None], unit_effects=panel.cluster, names=names
    )
    frame = pd.DataFrame(table.sort("unit", "year").to_dict(as_series=False))[np.repeat(some, 31)]
    frame["rel"] = frame["rel_year"].astype(float).replace([-np.inf, np.inf], 99.0)
    peer = did2s(
        frame,
        yname="dep_var",
        first_stage="~ 0 | state + year",
        second_stage="~ i(rel, ref = 99.0)",
        treatment="treat",
        cluster="state",
    )
    theirs = {str(int(float(name.split("::")[1]))): place for place, name in enumerate(peer._coefnames)}
    order = [theirs[name] for name in names]
    assert len(names) == len(theirs) == 41
    # theirs iterate to a tolerance when they take out means
    np.testing.assert_allclose(found.coef, peer.coef().to_numpy()[order], atol=1e-5)
    np.testing.assert_allclose(found.se, peer.se().to_numpy()[order], atol=1e-5)


def dense(panel: Panel, term: np.ndarray, clean: np.ndarray, unit: np.ndarray, period: np.ndarray):
    """Both stages with a column per effect, and the covariance of their stacked moments (Gardner 2022)."""
    periods = panel.values.shape[1]
    y, w = panel.values.ravel(), np.repeat(panel.weight, periods)
    x1 = np.column_stack(
        [
            np.repeat(unit, periods)[:, None] == np.unique(unit),
            period.ravel()[:, None] == np.unique(period),
        ]
    ).astype(float)
    x2 = (term.ravel()[:, None] == np.arange(1, term.max() + 1)).astype(float)
    x10 = x1 * clean.ravel()[:, None]
    inverse = np.linalg.pinv((x10 * w[:, None]).T @ x10)
    u1 = y - x1 @ (inverse @ ((x10 * w[:, None]).T @ y))
    gram = (x2 * w[:, None]).T @ x2
    coef = np.linalg.solve(gram, (x2 * w[:, None]).T @ u1)
    u2 = u1 - x2 @ coef
    carried = (x2 * w[:, None]).T @ x1 @ inverse
    scores = x2 * (w * u2)[:, None] - (x10 * (w * u1)[:, None]) @ carried.T
    cluster = np.repeat(panel.cluster, periods)
    sums = np.stack([scores[cluster == c].sum(axis=0) for c in np.unique(cluster)])
    bread = np.linalg.inv(gram)
    return coef, bread @ (sums.T @ sums) @ bread


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_equal_to_dense_algebra(seed: int, by_city: bool, shared: bool) -> None:
    rng = np.random.default_rng(seed)
    n, periods = 24, 6
    start = rng.choice([2, 4, NEVER], n, p=[0.3, 0.3, 0.4])
    exposure = rng.integers(1, 3, n)
    city = np.arange(n) % 2
    panel = Panel(rng.normal(size=(n, periods)), rng.integers(0, 7, n), rng.uniform(0.5, 2.0, n))
    term = static_terms(exposure, start, np.arange(periods))
    clean = term == 0
    unit = np.arange(n) // 2 * 2 + city if shared else np.arange(n)
    group = city if by_city else np.zeros(n, int)
    try:
        found = impute(panel, term, clean, unit_effects=unit, period_effects=group)
    except ValueError as refused:
        assert "counterfactual" in str(refused)
        return
    if found.left_out:  # a city without clean observations in a year
        return
    coef, covariance = dense(panel, term, clean, unit, group[:, None] * periods + np.arange(periods))
    np.testing.assert_allclose(found.coef, coef, atol=1e-9)
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-9)
    sums = np.stack([found.influence[panel.cluster == c].sum(axis=0) for c in np.unique(panel.cluster)])
    np.testing.assert_allclose(sums.T @ sums, found.covariance, atol=1e-12)


def test_with_one_start_it_is_a_difference_of_differences() -> None:
    rng = np.random.default_rng(3)
    ring = rng.integers(0, 3, 60)
    panel = Panel(rng.normal(size=(60, 6)), rng.integers(0, 9, 60))
    after = np.arange(6) >= 3
    term = np.where(after, ring[:, None], 0)
    two_stages = impute(panel, term, term == 0)
    at_once = estimate(panel, np.stack([ring == 1, ring == 2], axis=1), after)
    np.testing.assert_allclose(two_stages.coef, at_once.coef, atol=1e-12)


def test_growing_effects_of_staggered_starts_are_found_where_one_regression_misses() -> None:
    """Goodman-Bacon (2021): units that started earlier are a bad comparison when effects grow."""
    rng = np.random.default_rng(4)
    n, periods = 900, 12
    start = rng.choice([3, 7], n)
    start[:100] = NEVER
    since = np.arange(periods)[None, :] - np.where(start == NEVER, periods, start)[:, None]
    effect = np.where(since >= 0, 1.0 + since, 0.0)
    values = rng.normal(0, 1, (n, periods)) + rng.normal(size=(n, 1)) + rng.normal(size=periods) + effect
    panel = Panel(values, np.arange(n))
    term = static_terms(np.ones(n, int), start, np.arange(periods))
    truth = effect[term > 0].mean()
    found = impute(panel, term, term == 0)
    assert abs(found.coef[0] - truth) < 3 * found.se[0]
    one = estimate(panel, np.ones(n), term == 1)
    assert truth - one.coef[0] > 10 * one.se[0]
    term, names = event_terms(start, np.arange(periods))
    found = impute(panel, term, since < 0, names=names)
    at = np.array([int(name) for name in names])
    apart = (found.coef - np.where(at >= 0, 1.0 + at, 0.0)) / found.se
    assert np.abs(apart).max() < 4


@pytest.mark.slow
def test_its_standard_error_is_the_spread_of_its_estimates() -> None:
    rng = np.random.default_rng(5)
    start = np.repeat([3, 5, NEVER, NEVER], 40)
    term = static_terms(np.ones(160, int), start, np.arange(8))
    coef, se = [], []
    for _ in range(300):
        shock = rng.normal(size=(40, 8))[np.arange(160) // 4].cumsum(axis=1) * 0.3
        found = impute(Panel(rng.normal(size=(160, 8)) + shock, np.arange(160) // 4), term, term == 0)
        coef.append(found.coef[0])
        se.append(found.se[0])
    # 300 draws tell a standard deviation to about 4 %; few clusters make clustered errors a little too small
    assert np.mean(se) == pytest.approx(np.std(coef), rel=0.15)
    assert abs(np.mean(coef)) < 4 * np.std(coef) / np.sqrt(300)


def test_what_has_no_counterfactual_is_left_out_and_counted() -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(size=(30, 5))
    start = np.repeat([0, 2, NEVER], 10)  # the first ten never had an untreated year
    term = static_terms(np.repeat([2, 1, 0], 10), start, np.arange(5))
    found = impute(Panel(values, np.arange(30)), term, term == 0, names=["late", "always"])
    assert (found.terms, found.dropped, found.left_out) == (("late",), ("always",), 50)
    assert not found.influence[:10].any()
    part = impute(Panel(values[10:], np.arange(20)), term[10:], term[10:] == 0)
    np.testing.assert_allclose([found.coef[0], found.se[0]], [part.coef[0], part.se[0]], atol=1e-12)
    # from year 2 on everybody is treated: these years have no clean observation
    with pytest.raises(ValueError, match="counterfactual"):
        term = np.where(np.arange(5) >= 2, 1, 0) * np.ones((30, 1), int)
        impute(Panel(values, np.arange(30)), term, term == 0)


def test_exposed_neighbours_are_no_comparison() -> None:
    """Butts (2021): a first stage that rests on the ring too is off by what spilled over."""
    rng = np.random.default_rng(7)
    ring = np.repeat([1, 2, 0], 200)
    start = np.where(ring > 0, rng.choice([3, 6], 600), NEVER)
    term = static_terms(ring, start, np.arange(9))
    values = rng.normal(0, 0.5, (600, 9)) + rng.normal(size=(600, 1)) + np.array([0.0, 1.0, -0.6])[term]
    panel = Panel(values, np.arange(600))
    found = impute(panel, term, term == 0, names=["programme", "ring"])
    assert np.abs((found.coef - [1.0, -0.6]) / found.se).max() < 4
    mixed = impute(panel, np.where(term == 1, 1, 0), term != 1)
    assert mixed.coef[0] - 1.0 > 5 * mixed.se[0]


def test_what_cannot_be_estimated_is_refused() -> None:
    panel = Panel(np.random.default_rng(8).normal(size=(6, 3)), np.arange(6))
    term = np.zeros((6, 3), int)
    with pytest.raises(ValueError, match="numbers of terms from 1"):
        impute(panel, term, term == 0)
    term[0, 2] = 3
    with pytest.raises(ValueError, match="2 names for 3 terms"):
        impute(panel, term, term == 0, names=["a", "b"])
    with pytest.raises(ValueError, match="shape of the values"):
        impute(panel, term[:3], term == 0)
    with pytest.raises(ValueError, match="no unit starts"):
        event_terms(np.full(6, NEVER), np.arange(3))
