# SPDX-License-Identifier: EUPL-1.2
"""Expected change and spread: against other ways to the same figures, and on figures of which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.warning import features, model, odds
from krachtwijk.monitor.warning.features import Known, Terms

AREAS = 3000


def country(
    seed: int = 1, areas: int = AREAS
) -> tuple[Terms, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A ring of areas. What is high comes back, what fell goes on falling, small areas swing more."""
    generator = np.random.default_rng(seed)
    level = generator.normal(scale=0.1, size=(areas, 2))
    change = generator.normal(scale=0.02, size=(areas, 2))
    size = np.exp(generator.uniform(4, 10, areas))
    here = np.arange(areas)
    known = Known(level, change, size, np.r_[here, here], np.r_[(here + 1) % areas, (here - 1) % areas])
    swing = 0.3 / np.sqrt(np.sqrt(size))
    expected = -0.1 * level[:, 0] + 0.5 * change[:, 1]
    fold = (here * 10 // areas).astype(np.int64)
    return features.terms(known), expected + swing * generator.normal(size=areas), expected, swing, fold


def test_the_terms_are_the_level_what_is_around_it_the_size_and_the_last_changes() -> None:
    known = Known(
        level=np.array([[1.0, 10.0], [2.0, 20.0], [4.0, np.nan]]),
        change=np.array([[0.1, 0.2], [0.3, 0.1], [np.nan, 0.0]]),
        size=np.array([np.e, np.nan, 1.0]),
        area=np.array([0, 1, 1, 2]),
        neighbour=np.array([1, 0, 2, 1]),
    )
    made = features.terms(known)
    assert made.code == (
        "niveau",
        "niveau",
        "omgeving",
        "omgeving",
        "grootte",
        "verandering",
        "verandering",
        "buren",
    )
    assert made.dimension == (0, 1, 0, 1, -1, 0, 1, -1)
    np.testing.assert_allclose(made.matrix[0], [1, 10, 1, 10, 1, 0.1, 0.2, 0.4])
    np.testing.assert_allclose(made.matrix[1], [2, 20, 0.5, -10, np.nan, 0.3, 0.1, 0.3])


def test_a_ridge_is_least_squares_on_rows_that_say_zero() -> None:
    generator = np.random.default_rng(4)
    x, y, weight = generator.normal(size=(60, 4)), generator.normal(size=60), generator.uniform(0.2, 3, 60)
    intercept, found = model._ridge(x, y, weight, 7.0)
    root = np.sqrt(weight / weight.mean())
    rows = np.vstack([np.column_stack([root, root[:, None] * x]), np.sqrt(7.0) * np.eye(5)[1:]])
    expected = np.linalg.lstsq(rows, np.r_[root * y, np.zeros(4)], rcond=None)[0]
    np.testing.assert_allclose(np.r_[intercept, found], expected, atol=1e-12)


def test_what_is_expected_and_how_far_areas_swing_are_found_apart() -> None:
    terms, change, expected, swing, fold = country()
    found = model.forecast(model.fit(terms, change, fold), terms)
    assert np.corrcoef(found.expected, expected)[0, 1] > 0.95
    assert np.corrcoef(np.log(found.scale), np.log(swing))[0, 1] > 0.95


def test_chances_and_intervals_hold_in_areas_never_seen_of_every_size() -> None:
    terms, change, _, swing, fold = country()
    learnt = model.fit(terms, change, fold)
    new, later, _, swing, _ = country(seed=2)
    found = model.forecast(learnt, new)
    chance = found.chance(-0.04)
    inside = (found.low <= later) & (later <= found.high)
    for here in (swing < np.quantile(swing, 1 / 3), swing > np.quantile(swing, 2 / 3)):
        # 1,000 areas: within three standard errors of what was said
        assert (later[here] < -0.04).mean() == pytest.approx(chance[here].mean(), abs=0.035)
        assert inside[here].mean() == pytest.approx(0.9, abs=0.03)
    assert chance[swing > np.quantile(swing, 0.9)].mean() > 2 * chance[swing < np.quantile(swing, 0.1)].mean()


def test_an_area_of_a_fold_is_told_by_a_fit_that_never_saw_it() -> None:
    terms, change, _, _, fold = country()
    before = model.forecast(model.fit(terms, change, fold), terms, fold)
    other = np.where(fold == 3, change + 5.0, change)
    after = model.forecast(model.fit(terms, other, fold), terms, fold)
    here = fold == 3
    np.testing.assert_array_equal(before.expected[here], after.expected[here])
    np.testing.assert_array_equal(before.chance(-0.04)[here], after.chance(-0.04)[here])
    assert (before.expected[~here] != after.expected[~here]).all()


def test_contributions_and_the_mean_add_up_to_what_is_expected() -> None:
    terms, change, _, _, fold = country()
    learnt = model.fit(terms, change, fold)
    added = model.contributions(learnt, terms).sum(axis=1) + learnt.fits[-1].intercept
    np.testing.assert_allclose(added, model.forecast(learnt, terms).expected, atol=1e-14)


def test_what_was_never_known_counts_for_nothing_and_what_is_unknown_as_the_mean() -> None:
    terms, change, _, _, fold = country()
    last = terms.of("verandering", "buren")
    blind = Terms(terms.matrix.copy(), terms.code, terms.dimension)
    blind.matrix[:, last] = np.nan
    learnt = model.fit(blind, change, fold)
    assert (learnt.fits[-1].weights[last] == 0).all()
    np.testing.assert_array_equal(
        model.forecast(learnt, terms).expected, model.forecast(learnt, blind).expected
    )
    nothing = Terms(np.full_like(terms.matrix[:1], np.nan), terms.code, terms.dimension)
    told = model.forecast(model.fit(terms, change, fold), nothing)
    assert np.isfinite([told.expected[0], told.low[0], told.high[0], told.chance(-0.04)[0]]).all()


def test_a_few_wild_areas_do_not_bend_the_expectation() -> None:
    terms, change, expected, _, fold = country()
    wild = change.copy()
    wild[::200] -= 3.0
    errors = [
        np.abs(model.forecast(model.fit(terms, y, fold), terms).expected - expected).mean()
        for y in (change, wild)
    ]
    assert errors[1] < errors[0] + 0.003


def test_too_few_known_changes_are_refused_with_what_to_do() -> None:
    terms, change, _, _, fold = country(areas=30)
    with pytest.raises(KrachtwijkError, match="30 bekende veranderingen voor 8 kenmerken"):
        model.fit(terms, change, fold)


def test_the_odds_are_those_that_minimise_the_penalised_likelihood() -> None:
    terms, change, _, _, fold = country(areas=600)
    event = change < -0.04
    shape, intercept, weights = odds.fit(terms, event, fold).fits[-1]
    x, sign = shape.columns(terms), np.where(event, 1.0, -1.0)

    def loss(b: np.ndarray) -> float:
        return float(
            np.logaddexp(0, -sign * (b[0] + x @ b[1:])).sum() + odds.PENALTY / 2 * (b[1:] ** 2).sum()
        )

    best = minimize(loss, np.zeros(x.shape[1] + 1), method="BFGS", options={"gtol": 1e-7})
    np.testing.assert_allclose(np.r_[intercept, weights], best.x, atol=1e-5)


def test_the_odds_of_a_fold_never_saw_it_and_an_event_that_never_happens_has_no_infinite_odds() -> None:
    terms, change, _, _, fold = country(areas=600)
    event = change < -0.04
    turned = np.where(fold == 3, ~event, event)
    told = [odds.chance(odds.fit(terms, e, fold), terms, fold)[fold == 3] for e in (event, turned)]
    np.testing.assert_array_equal(*told)
    never = odds.chance(odds.fit(terms, np.zeros(600, dtype=bool), fold), terms)
    assert ((never > 0) & (never < 0.01)).all()
