# SPDX-License-Identifier: EUPL-1.2
"""Balanced panels: against pyfixest, least squares with dummies, and what must not change an answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.effects.panel import Panel, estimate, event_study, from_frame, placebos

NEAR = 1e-8  # issue 7: equal to pyfixest to 1e-8


def town(
    seed: int, n: int = 90, periods: int = 6, clusters: int = 12
) -> tuple[Panel, np.ndarray, np.ndarray]:
    """A small panel with unit, cluster-by-period and programme movement; classes 0-3 and cities per unit."""
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, clusters, n)
    ring = rng.integers(0, 4, n)
    after = np.arange(periods) >= periods // 2
    values = (
        rng.normal(size=(n, periods))
        + rng.normal(size=(n, 1))
        + rng.normal(size=(clusters, periods))[cluster]
    )
    values += np.array([0.0, 0.5, -0.2, 0.1])[ring][:, None] * after
    return Panel(values, cluster, rng.uniform(0.5, 3.0, n)), ring, cluster % 4


def halves(panel: Panel) -> np.ndarray:
    return np.arange(panel.values.shape[1]) >= panel.values.shape[1] // 2


def exposures(ring: np.ndarray, classes: int = 3) -> np.ndarray:
    return np.stack([ring == k for k in range(1, classes + 1)], axis=1)


def long(panel: Panel, columns: dict[str, np.ndarray], city: np.ndarray):
    import pandas as pd

    n, periods = panel.values.shape
    return pd.DataFrame(
        {
            "y": panel.values.ravel().astype(float),
            "unit": np.repeat(np.arange(n), periods),
            "t": np.tile(np.arange(periods), n),
            "cluster": np.repeat(panel.cluster, periods),
            "city": np.repeat(city, periods),
            "w": np.repeat(panel.weight, periods),
        }
        | {name: column.ravel().astype(float) for name, column in columns.items()}
    )


def starts(panel: Panel, seed: int) -> np.ndarray:
    n, periods = panel.values.shape
    start = np.random.default_rng(seed).integers(1, periods + 2, n)
    return np.arange(periods)[None, :] >= start[:, None]


def static(panel, ring, **how):
    courses = exposures(ring)[:, :, None] * halves(panel)
    terms = {f"x{1 + k}": courses[:, k] for k in range(3)}
    return estimate(panel, exposures(ring), halves(panel), **how), terms


def staggered(panel, ring, **how):
    courses = exposures(ring)[:, :, None] * starts(panel, 5)[:, None, :]
    terms = {f"x{1 + k}": courses[:, k] for k in range(3)}
    return estimate(panel, exposures(ring), starts(panel, 5), **how), terms


def events(panel, ring, **how):
    periods = panel.values.shape[1]
    dummies = np.eye(periods, dtype=bool)
    terms = {
        f"x{1 + k}_{period}": exposures(ring)[:, k, None] & dummies[period]
        for k in range(3)
        for period in range(periods)
        if period != 1
    }
    return event_study(panel, exposures(ring), 1, **how), terms


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of pyfixest and what it brings along
@pytest.mark.parametrize("work", [static, events, staggered], ids=lambda work: work.__name__)
@pytest.mark.parametrize("by_city", [False, True], ids=["year", "city-year"])
@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
def test_equal_to_pyfixest(work, by_city: bool, weighted: bool) -> None:
    import pyfixest

    panel, ring, city = town(1)
    ours = panel if weighted else replace(panel, weight=None)
    for cov, theirs in (("cluster", {"CRV1": "cluster"}), ("hc1", "hetero")):
        found, terms = work(ours, ring, period_effects=city if by_city else None, cov=cov)
        peer = pyfixest.feols(
            f"y ~ {' + '.join(terms)} | unit + {'city^t' if by_city else 't'}",
            long(panel, terms, city),
            vcov=theirs,
            weights="w" if weighted else None,
        )
        interval = peer.confint().to_numpy()
        for mine, other in (
            (found.coef, peer.coef()),
            (found.se, peer.se()),
            (found.t, peer.tstat()),
            (found.p, peer.pvalue()),
            (found.low, interval[:, 0]),
            (found.high, interval[:, 1]),
            (found.covariance, peer._vcov),
            (found.r2_within, peer._r2_within),
        ):
            np.testing.assert_allclose(mine, np.asarray(other), atol=NEAR, rtol=NEAR)
        assert found.n_obs == peer._N


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_cities_as_clusters_singletons_and_terms_that_tell_nothing_as_pyfixest() -> None:
    import pyfixest

    panel, ring, city = town(2)
    city[:2] = [50, 51]  # two units alone in their city
    panel = replace(panel, cluster=city, weight=None)
    double = np.column_stack([exposures(ring), ring == 2, ring > 0])
    found = estimate(panel, double, halves(panel), period_effects=city, names=["a", "b", "c", "d", "e"])
    terms = {name: double[:, [k]] & halves(panel) for k, name in enumerate("abcde")}
    table = long(replace(panel, weight=np.ones(90)), terms, city)
    peer = pyfixest.feols("y ~ a + b + c + d + e | unit + city^t", table, vcov={"CRV1": "cluster"})
    assert (found.terms, found.dropped) == (("a", "b", "c"), ("d", "e"))
    assert list(peer._coefnames) == list(found.terms)
    assert found.n_obs == peer._N == (90 - 2) * 6
    assert found.left_out == 12
    np.testing.assert_allclose(found.coef, peer.coef(), atol=NEAR)
    np.testing.assert_allclose(found.se, peer.se(), atol=NEAR)
    assert not found.influence[:2].any()


def dummies(panel: Panel, terms: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Coefficients by least squares with a column for every unit and every period of every group."""
    n, periods = panel.values.shape
    unit = np.kron(np.eye(n), np.ones((periods, 1)))
    kinds = np.unique(group, return_inverse=True)[1]
    when = (np.eye(kinds.max() + 1)[kinds][:, None, :, None] * np.eye(periods)[None, :, None, :]).reshape(
        n * periods, -1
    )
    root = np.sqrt(np.repeat(np.ones(n) if panel.weight is None else panel.weight, periods))
    columns = np.column_stack([terms, unit, when]) * root[:, None]
    return np.linalg.lstsq(columns, panel.values.ravel() * root, rcond=None)[0][: terms.shape[1]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.sampled_from([static, events, staggered]))
def test_equal_to_least_squares_with_dummies(seed: int, weighted: bool, by_city: bool, work) -> None:
    panel, ring, city = town(seed, n=24, periods=4, clusters=8)
    panel = panel if weighted else replace(panel, weight=None)
    group = city if by_city else np.zeros(24)
    try:
        found, terms = work(panel, ring, period_effects=group)
    except ValueError as refused:
        assert "tells anything" in str(refused)
        return
    columns = np.column_stack([terms[name.replace(":", "_")].ravel() for name in found.terms])
    np.testing.assert_allclose(found.coef, dummies(panel, columns, group), atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([static, events, staggered]))
def test_what_belongs_to_unit_or_period_changes_nothing(seed: int, work) -> None:
    panel, ring, city = town(seed, n=40)
    rng = np.random.default_rng(seed)
    found, _ = work(panel, ring)
    moved = panel.values + rng.normal(0, 9, (40, 1)) + rng.normal(0, 9, (1, 6))
    again, _ = work(replace(panel, values=moved), ring)
    np.testing.assert_allclose(again.coef, found.coef, atol=1e-11)
    np.testing.assert_allclose(again.se, found.se, atol=1e-11)
    by_city, _ = work(panel, ring, period_effects=city)
    again, _ = work(
        replace(panel, values=panel.values + rng.normal(size=(4, 6))[city]), ring, period_effects=city
    )
    np.testing.assert_allclose(again.coef, by_city.coef, atol=1e-11)


def test_units_may_stand_in_any_order() -> None:
    panel, ring, city = town(4)
    order = np.random.default_rng(4).permutation(90)
    mixed = Panel(panel.values[order], panel.cluster[order], panel.weight[order])
    found = estimate(panel, exposures(ring), halves(panel), period_effects=city)
    again = estimate(mixed, exposures(ring[order]), halves(panel), period_effects=city[order])
    np.testing.assert_allclose(again.coef, found.coef, atol=1e-13)
    np.testing.assert_allclose(again.covariance, found.covariance, atol=1e-13)
    np.testing.assert_allclose(again.influence, found.influence[order], atol=1e-13)


def test_single_precision_gives_what_its_numbers_give_in_double() -> None:
    panel, ring, _ = town(5)
    single = replace(panel, values=panel.values.astype(np.float32))
    double = replace(panel, values=single.values.astype(np.float64))
    for work in (static, events, staggered):
        np.testing.assert_array_equal(work(single, ring)[0].coef, work(double, ring)[0].coef)


@pytest.mark.parametrize("work", [static, events, staggered], ids=lambda work: work.__name__)
def test_every_variance_is_a_sum_of_influence(work) -> None:
    panel, ring, city = town(6)
    found, _ = work(panel, ring, period_effects=city)
    sums = np.stack([found.influence[panel.cluster == c].sum(axis=0) for c in np.unique(panel.cluster)])
    np.testing.assert_allclose(found.correction * sums.T @ sums, found.covariance, atol=1e-12)
    np.testing.assert_allclose(found.influence.sum(axis=0), 0, atol=1e-12)
    # a unit that weighs a little more moves the coefficients as its influence says
    step = 1e-5
    heavier, lighter = (
        work(
            replace(panel, weight=panel.weight + sign * step * (np.arange(90) == 3)),
            ring,
            period_effects=city,
        )[0]
        for sign in (1, -1)
    )
    slope = (heavier.coef - lighter.coef) / (2 * step)
    np.testing.assert_allclose(slope, found.influence[3] / panel.weight[3], atol=1e-7)


def test_two_groups_and_two_periods_are_a_difference_of_differences() -> None:
    values = np.array([[1.0, 4.0], [2.0, 3.0], [0.0, 1.0], [5.0, 5.0]])
    found = estimate(Panel(values, np.arange(4)), np.array([1, 1, 0, 0]), np.array([False, True]))
    assert found.coef[0] == pytest.approx((3 + 1) / 2 - (1 + 0) / 2)
    assert found.terms == ("x1",)


def test_without_covariance_there_is_no_error() -> None:
    panel, ring, _ = town(7)
    found, _ = static(panel, ring, cov="none")
    assert np.isnan(found.se).all()
    np.testing.assert_array_equal(found.coef, static(panel, ring)[0].coef)


@pytest.mark.parametrize("kind", ["year", "city", "cluster"])
def test_placebos_are_estimates(kind: str) -> None:
    panel, _, city = town(8, n=160, clusters=20)
    group = {"year": None, "city": city, "cluster": panel.cluster}[kind]
    rng = np.random.default_rng(88)
    codes = rng.integers(-1, 4, (70, 160))  # more than one batch
    found = placebos(panel, (row for row in codes), halves(panel), classes=3, period_effects=group)
    for draw in range(0, 70, 7):
        seen = codes[draw] >= 0
        part = Panel(panel.values[seen], panel.cluster[seen], panel.weight[seen])
        expected = estimate(
            part,
            exposures(codes[draw][seen]),
            halves(panel),
            period_effects=None if group is None else group[seen],
        )
        np.testing.assert_allclose(found.coef[draw], expected.coef, atol=1e-12)
        np.testing.assert_allclose(found.se[draw], expected.se, atol=1e-12)
        np.testing.assert_allclose(found.t[draw], expected.t, atol=1e-9)


def test_an_empty_class_has_no_placebo_effect() -> None:
    panel, ring, _ = town(9)
    found = placebos(panel, [np.where(ring == 2, 0, ring), np.zeros(90, int)], halves(panel), classes=3)
    assert np.isnan(found.coef).tolist() == [[False, True, False], [True, True, True]]
    assert np.isnan(found.se).tolist() == [[False, True, False], [True, True, True]]
    expected = estimate(panel, exposures(ring)[:, [0, 2]], halves(panel))
    np.testing.assert_allclose(found.coef[0, [0, 2]], expected.coef, atol=1e-12)
    np.testing.assert_allclose(found.se[0, [0, 2]], expected.se, atol=1e-12)


def test_placebo_digits_do_not_depend_on_threads() -> None:
    import numba

    panel, _, city = town(10)
    codes = np.random.default_rng(99).integers(0, 4, (40, 90))
    many = placebos(panel, codes, halves(panel), classes=3, period_effects=city)
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = placebos(panel, codes, halves(panel), classes=3, period_effects=city)
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(one.coef, many.coef)
    np.testing.assert_array_equal(one.se, many.se)


def table(panel: Panel) -> pl.DataFrame:
    n, periods = panel.values.shape
    return pl.DataFrame(
        {
            "area": np.repeat([f"BU{i:03}" for i in range(n)], periods),
            "year": np.tile(2010 + np.arange(periods), n),
            "score": panel.values.ravel(),
            "wijk": np.repeat(panel.cluster, periods),
            "homes": np.repeat(panel.weight, periods),
        }
    )


NAMED = {"unit": "area", "period": "year", "value": "score", "cluster": "wijk", "weight": "homes"}


def test_a_long_table_in_any_order_is_a_panel() -> None:
    import pandas as pd

    panel, _, _ = town(11)
    for frame in (
        table(panel),
        table(panel).sample(fraction=1.0, shuffle=True, seed=1),
        pd.DataFrame(table(panel).to_dict(as_series=False)),
    ):
        found = from_frame(frame, **NAMED)
        np.testing.assert_array_equal(found.values, panel.values)
        np.testing.assert_array_equal(found.cluster, panel.cluster)
        np.testing.assert_array_equal(found.weight, panel.weight)
        assert found.units[3] == "BU003"
        assert found.periods.tolist() == [2010, 2011, 2012, 2013, 2014, 2015]
    found = event_study(found, np.arange(90) % 2, 2012, names=["area"])
    assert found.terms == ("area:2010", "area:2011", "area:2013", "area:2014", "area:2015")


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda rows: rows[:50].vstack(rows[51:]), "unit BU008 is missing in period 2012"),
        (lambda rows: rows.vstack(rows[50:51]), "unit BU008 stands more than once in period 2012"),
        (
            lambda rows: rows[:50].vstack(rows[51:]).vstack(rows[70:71]),
            "unit BU011 stands more than once in period 2014",
        ),
        (
            lambda rows: rows.with_columns(score=pl.when(pl.int_range(pl.len()) != 50).then("score")),
            "unit BU008 has no number in period 2012",
        ),
        (
            lambda rows: rows.with_columns(wijk=pl.int_range(pl.len()) // 40),
            "wijk of unit BU006 is not the same in all periods",
        ),
        (lambda rows: rows.with_columns(homes=pl.lit(0.0)), "the weight of unit BU000 is no number above 0"),
    ],
)
def test_a_table_that_is_no_panel_says_where(mistake, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        from_frame(mistake(table(town(12)[0])), **NAMED)


def test_what_cannot_be_estimated_is_refused() -> None:
    panel, ring, _ = town(13)
    after = halves(panel)
    with pytest.raises(ValueError, match="some periods and not in others"):
        estimate(panel, ring == 1, np.ones(6, bool))
    with pytest.raises(ValueError, match="true or false"):
        estimate(panel, ring == 1, np.arange(6))
    with pytest.raises(ValueError, match=r"\(T,\) or \(n, T\)"):
        estimate(panel, ring == 1, after[:4])
    with pytest.raises(ValueError, match="tells anything"):
        estimate(panel, np.ones(90), after)
    with pytest.raises(ValueError, match="fewer than two clusters"):
        estimate(replace(panel, cluster=np.zeros(90)), ring == 1, after)
    with pytest.raises(ValueError, match="none of the periods"):
        event_study(panel, ring == 1, 6)
    with pytest.raises(ValueError, match="each once"):
        estimate(panel, exposures(ring), after, names=["a", "a", "b"])
    with pytest.raises(ValueError, match="cov is one of"):
        estimate(panel, ring == 1, after, cov="hc3")
    with pytest.raises(ValueError, match="programme 1 is not"):
        placebos(panel, [ring, ring * 2], after, classes=3)
    with pytest.raises(ValueError, match="no programme"):
        placebos(panel, [], after, classes=3)
    with pytest.raises(ValueError, match="two periods or more"):
        Panel(np.ones((4, 1)), np.arange(4))
