# SPDX-License-Identifier: EUPL-1.2
"""One comparison with its doubts, against least squares with dummies; look-alikes by weight, against means of cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.effects import tested as engine
from krachtwijk.monitor.effects.inference import moments
from krachtwijk.monitor.effects.panel import Panel, estimate
from krachtwijk.monitor.effects.plan import Inference

RULE = Inference(0.05, 0.8, 399, "webb", 1, 3000.0, "discs", 0.1, "bh")


def country(seed: int, n: int = 120) -> tuple[np.ndarray, ...]:
    chance = np.random.default_rng(seed)
    city = chance.integers(0, 8, n)
    role = chance.integers(0, 3, n)
    change = chance.normal(size=n) + 0.3 * city - 0.5 * (role == 1)
    return change, (role[:, None] == [1, 2]), city, chance.normal(size=(n, 2)) * 5000, chance.uniform(1, 3, n)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("within", [False, True])
def test_a_comparison_equals_least_squares_with_dummies(weighted: bool, within: bool) -> None:
    change, terms, city, xy, crowd = country(1)
    weight = crowd if weighted else None
    answers = engine.tested(
        change,
        terms,
        ["programma", "ring-1"],
        cluster=city,
        xy=xy,
        rule=RULE,
        within=city if within else None,
        weight=weight,
    )
    others = (city[:, None] == np.arange(8)) if within else np.ones((len(change), 1))
    design = np.column_stack([terms, others]).astype(float)
    root = np.sqrt(crowd if weighted else np.ones(len(change)))
    beta = np.linalg.lstsq(design * root[:, None], change * root, rcond=None)[0]
    assert [a.term for a in answers] == ["programma", "ring-1"]
    assert [a.coef for a in answers] == pytest.approx(beta[:2], abs=1e-10)
    for one in answers:
        assert one.low < one.coef < one.high
        assert min(one.se, one.se_jackknife, one.se_conley) > 0
        assert 0 < one.p_wild <= 1
        assert one.clusters == 8
    assert answers[0].areas == terms[:, 0].sum()
    assert answers[0].comparison == (~terms.any(axis=1)).sum()


def test_the_bootstrap_rejects_what_is_there_and_not_what_is_not() -> None:
    change, terms, city, xy, _ = country(3)
    change = change + 3.0 * terms[:, 0]
    strong, none = engine.tested(change, terms, ["a", "b"], cluster=city, xy=xy, rule=RULE, within=city)
    assert strong.p_wild < 0.02 and strong.p < 0.001
    assert none.p_wild > 0.05


def test_a_term_that_lives_in_one_city_has_no_jackknife_but_an_answer() -> None:
    change, terms, city, xy, _ = country(2)
    terms = terms.copy()
    terms[:, 1] &= city == 0
    answers = engine.tested(change, terms, ["a", "b"], cluster=city, xy=xy, rule=RULE, within=city)
    assert np.isnan(answers[1].se_jackknife)
    assert np.isfinite(answers[1].coef)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_look_alikes_by_weight_give_the_mean_over_treated_of_what_they_did_beside_their_cell(
    seed: int, fewest: int
) -> None:
    chance = np.random.default_rng(seed)
    n = 80
    treated, cell, change = chance.random(n) < 0.3, chance.integers(0, 6, n), chance.normal(size=n)
    pool = ~treated & (chance.random(n) < 0.6)
    weight = engine.alike(treated, pool, cell, fewest)
    expected = []
    for place in np.flatnonzero(treated):
        others = pool & (cell == cell[place])
        if others.sum() >= fewest:
            expected.append(change[place] - change[others].mean())
            assert weight[place] == 1
        else:
            assert weight[place] == 0
    assert not weight[~treated & ~pool].any()
    used = weight > 0
    if len(expected) < 3:
        return
    assert weight[treated].sum() == pytest.approx(weight[pool].sum())
    panel = Panel(np.column_stack([np.zeros(n), change])[used], np.arange(n)[used], weight[used])
    fit = estimate(panel, treated[used], np.array([False, True]), period_effects=cell[used])
    assert fit.coef[0] == pytest.approx(np.mean(expected), abs=1e-10)


def test_a_fit_known_by_its_sums_tells_its_first_term() -> None:
    change, terms, city, xy, _ = country(5)
    design = np.column_stack([terms[:, 0], np.ones(len(change))]).astype(float)
    one = engine.concluded_by(
        "programma", moments(change, design, city), rule=RULE, se_conley=0.1, areas=7, comparison=9
    )
    (other,) = engine.tested(change, terms[:, :1], ["programma"], cluster=city, xy=xy, rule=RULE)
    assert one.coef == pytest.approx(other.coef)
    assert one.se_jackknife == pytest.approx(other.se_jackknife)
    assert one.p_wild == other.p_wild
    assert (one.areas, one.comparison, one.se_conley) == (7, 9, 0.1)
