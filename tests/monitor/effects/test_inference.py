# SPDX-License-Identifier: EUPL-1.2
"""Errors of estimates beside brute force, plain refits, pyfixest, statsmodels and printed numbers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from krachtwijk.monitor.effects.inference import (
    POINTS,
    clustered,
    coefficients,
    conley,
    false_discovery,
    jackknife,
    moments,
    wild_bootstrap,
)
from krachtwijk.monitor.effects.panel import Panel, estimate


def every_pair(influence: np.ndarray, xy: np.ndarray, cutoff: float, kernel: str) -> np.ndarray:
    """Conley's sum as it stands in the paper: a matrix of all distances."""
    share = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1)) / cutoff
    inside = np.minimum(share, 1.0)
    weight = {
        "uniform": np.ones_like(share),
        "bartlett": 1 - inside,
        "discs": 2 / np.pi * (np.arccos(inside) - inside * np.sqrt(1 - inside**2)),
    }[kernel]
    return influence.T @ np.where(share <= 1, weight, 0.0) @ influence


@pytest.mark.parametrize("kernel", ["uniform", "bartlett", "discs"])
@given(seed=st.integers(0, 10_000), cutoff=st.floats(1.0, 30_000.0), n=st.integers(1, 120))
@settings(max_examples=40, deadline=None)
def test_conley_is_the_sum_over_all_pairs(kernel: str, seed: int, cutoff: float, n: int) -> None:
    generator = np.random.default_rng(seed)
    xy = generator.uniform(0, 20_000, (n, 2)).round(generator.integers(-3, 2))  # some stand in one place
    influence = generator.normal(size=(n, 3))
    expected = every_pair(influence, xy, cutoff, kernel)
    found = conley(influence, xy, cutoff, kernel)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * np.abs(influence).sum() ** 2 / n)
    assert np.array_equal(found, found.T)


@given(seed=st.integers(0, 10_000), cutoff=st.floats(10.0, 30_000.0))
@settings(max_examples=40, deadline=None)
def test_common_discs_never_give_a_negative_variance(seed: int, cutoff: float) -> None:
    generator = np.random.default_rng(seed)
    xy, influence = generator.uniform(0, 20_000, (60, 2)), generator.normal(size=(60, 2))
    found = conley(influence, xy, cutoff, "discs")
    assert np.linalg.eigvalsh(found)[0] >= -1e-10 * np.trace(found)


class FromR:
    """R's set.seed, runif and rnorm (Mersenne Twister, inversion), so that a printed example can be made again."""

    def __init__(self, seed: int) -> None:
        key = []
        for turn in range(50 + 625):
            seed = (69069 * seed + 1) % 2**32
            if turn > 50:
                key.append(seed)
        self.bits = np.random.MT19937()
        state = self.bits.state
        state["state"] = {"key": np.array(key, dtype=np.uint32), "pos": 624}
        self.bits.state = state

    def uniform(self, n: int) -> np.ndarray:
        return self.bits.random_raw(n) * 2.3283064365386963e-10

    def normal(self, n: int) -> np.ndarray:
        pair = self.uniform(2 * n).reshape(n, 2)
        return ndtri((np.floor(134217728 * pair[:, 0]) + pair[:, 1]) / 134217728)


def test_conley_equals_what_conleyreg_printed() -> None:
    """github.com/lrberge/fixest issue 177, comment of 2025-02-21: conleyreg, Bartlett, 10 km, pairs of one period.

    Printed: X1 -2.17279 (0.50288), X2 2.07009 (0.44139); tolerance half a unit of the last digit. Places are made flat
    around the only two units within 10 km of each other; periods are set so far apart that they never meet.
    """
    draws = FromR(1)
    unit, period = np.repeat(np.arange(10), 20), np.tile(np.arange(20), 10)
    latitude, longitude = draws.uniform(10) - 50, draws.uniform(10) + 40
    figures = draws.normal(1000).reshape(5, 200).T
    outcome = figures @ [-2, 2, 4, 0, 0] + ((latitude - longitude) * 500)[unit] + 5 * draws.normal(200)
    within = np.column_stack([figures[:, :2], outcome])
    within -= np.array([within[unit == u].mean(axis=0) for u in range(10)])[unit]
    x, y = within[:, :2], within[:, 2]
    bread = np.linalg.inv(x.T @ x)
    coef = bread @ x.T @ y
    influence = x * (y - x @ coef)[:, None] @ bread
    metres = np.radians(1.0) * 6_371_010
    degree = np.cos(np.radians(49.5))
    apart = np.hypot(latitude[:, None] - latitude, degree * (longitude[:, None] - longitude)) + 9 * np.eye(10)
    pair = np.unravel_index(apart.argmin(), apart.shape)
    east = longitude * metres * np.cos(np.radians(latitude[list(pair)].mean()))
    xy = np.column_stack([east[unit] + period * 1e6, latitude[unit] * metres])
    error = np.sqrt(np.diag(conley(influence, xy, 10_000, "bartlett")))
    assert coef == pytest.approx([-2.17279, 2.07009], abs=5e-6)
    assert error == pytest.approx([0.50288, 0.44139], abs=5e-6)


def test_conley_over_far_towns_is_the_variance_by_town_and_over_nothing_that_by_unit() -> None:
    """fixest tests its own in this way: uniform, everyone of a town within the cutoff, nobody of another."""
    generator = np.random.default_rng(3)
    town = np.repeat(np.arange(8), 25)
    xy = np.column_stack([town * 1e5, np.zeros(200)]) + generator.uniform(0, 300, (200, 2))
    influence = generator.normal(size=(200, 2)) + generator.normal(size=(8, 2))[town]
    by_town = np.array([influence[town == g].sum(axis=0) for g in range(8)])
    np.testing.assert_allclose(conley(influence, xy, 1000, "uniform"), by_town.T @ by_town, rtol=1e-12)
    np.testing.assert_allclose(conley(influence, xy, 1e-3, "bartlett"), influence.T @ influence, rtol=1e-12)


@pytest.mark.parametrize(
    ("influence", "xy", "cutoff", "kernel"),
    [
        (np.ones((3, 1)), np.zeros((2, 2)), 1.0, "bartlett"),
        (np.ones((3, 1)), np.full((3, 2), np.nan), 1.0, "bartlett"),
        (np.ones((3, 1)), np.zeros((3, 2)), 0.0, "bartlett"),
        (np.ones((3, 1)), np.zeros((3, 2)), 1.0, "epanechnikov"),
    ],
)
def test_conley_says_what_it_cannot_use(
    influence: np.ndarray, xy: np.ndarray, cutoff: float, kernel: str
) -> None:
    with pytest.raises(ValueError, match=r"row per unit|numbers|cutoff"):
        conley(influence, xy, cutoff, kernel)  # type: ignore[arg-type]


def panel_of_towns(seed: int, towns: int = 9, effect: float = 0.0) -> pd.DataFrame:
    """Units of unequal towns over five periods, some treated after the third; shocks per town."""
    generator = np.random.default_rng(seed)
    size = generator.integers(4, 12, towns)
    town = np.repeat(np.arange(towns), size)
    n = len(town)
    treated, near = generator.random(n) < 0.3, generator.random(n) < 0.4
    treated[np.concatenate([[0], np.cumsum(size)[:-1]])] = True
    rows = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n), 5),
            "period": np.tile(np.arange(5), n),
            "town": np.repeat(town, 5),
            "treated": np.repeat(treated, 5).astype(float),
            "near": np.repeat(near & ~treated, 5).astype(float),
        }
    )
    after = rows["period"] >= 3
    rows["inside"], rows["ring"] = rows["treated"] * after, rows["near"] * after
    shock = generator.normal(size=(towns, 2))[rows["town"], after.astype(int)]
    rows["y"] = generator.normal(size=5 * n) + shock + effect * rows["inside"] + rows["period"] * 0.1
    return rows


def columns(rows: pd.DataFrame) -> np.ndarray:
    """The terms and a column per period but the first: units are absorbed."""
    periods = [(rows["period"] == p).to_numpy(float) for p in range(1, 5)]
    return np.column_stack([rows["inside"], rows["ring"], *periods])


@pytest.mark.filterwarnings("ignore")  # pyfixest's own, of pandas
def test_variances_by_cluster_equal_pyfixest() -> None:
    """Tolerance 1e-8 relative. CRV3 refits without each town; both without a factor for n or k.

    To its CRV3 pyfixest would put G/(G − 1); MacKinnon, Nielsen and Webb (2023) and we (G − 1)/G.
    """
    pf = pytest.importorskip("pyfixest")
    rows = panel_of_towns(5)
    sums = moments(rows["y"], columns(rows), rows["town"].to_numpy(), absorbed=rows["unit"].to_numpy())
    fit = pf.feols(
        "y ~ inside + ring | unit + period", rows, vcov={"CRV1": "town"}, ssc=pf.ssc(k_adj=False, G_adj=True)
    )
    np.testing.assert_allclose(coefficients(sums)[:2], fit.coef().to_numpy(), rtol=1e-8)
    np.testing.assert_allclose(clustered(sums)[:2, :2], fit._vcov, rtol=1e-8)
    fit = pf.feols(
        "y ~ inside + ring | unit + period", rows, vcov={"CRV3": "town"}, ssc=pf.ssc(k_adj=False, G_adj=False)
    )
    left_out = fit._vcov * 8 / 9
    np.testing.assert_allclose(jackknife(sums)[:2, :2], left_out, rtol=1e-8)
    # of a balanced panel the change of each unit says the same
    after = rows["period"] >= 3
    change = rows[after].groupby("unit")["y"].mean() - rows[~after].groupby("unit")["y"].mean()
    units = rows.groupby("unit")[["treated", "near", "town"]].first()
    design = np.column_stack([units["treated"], units["near"], np.ones(len(units))])
    short = moments(change.to_numpy(), design, units["town"].to_numpy(int))
    np.testing.assert_allclose(jackknife(short)[:2, :2], left_out, rtol=1e-8)
    wide, narrow = (wild_bootstrap(each, 0, interval=False) for each in (sums, short))
    assert (wide.t, wide.p) == pytest.approx((narrow.t, narrow.p), abs=1e-9)


def refitted(
    y: np.ndarray, x: np.ndarray, cluster: np.ndarray, term: int, signs: list[np.ndarray], null: float
):
    """The bootstrap as it is told: new outcomes, a new fit and a new error in each draw."""
    codes = np.unique(cluster)
    bread = np.linalg.inv(x.T @ x)

    def t_of(outcome: np.ndarray) -> float:
        coef = bread @ x.T @ outcome
        left = outcome - x @ coef
        scores = np.array([x[cluster == g].T @ left[cluster == g] for g in codes])
        variance = bread @ (scores.T @ scores) @ bread * len(codes) / (len(codes) - 1)
        return (coef[term] - null) / np.sqrt(variance[term, term])

    others = np.delete(x, term, axis=1)
    held = others @ np.linalg.lstsq(others, y - null * x[:, term], rcond=None)[0] + null * x[:, term]
    place = np.searchsorted(codes, cluster)
    t = t_of(y)
    return t, np.array([t_of(held + sign[place] * (y - held)) for sign in signs])


def test_the_wild_bootstrap_counts_all_signs() -> None:
    rows = panel_of_towns(7, towns=6, effect=0.8)
    x, y, town = columns(rows), rows["y"].to_numpy(), rows["town"].to_numpy()
    units = (rows["unit"].to_numpy()[:, None] == np.arange(rows["unit"].max() + 1)).astype(float)
    sums = moments(y, x, town, absorbed=rows["unit"].to_numpy())
    signs = [np.array(sign) for sign in product([1.0, -1.0], repeat=6)]
    for null in (0.0, 0.5):
        t, drawn = refitted(y, np.column_stack([x, units]), town, 0, signs, null)
        found = wild_bootstrap(sums, 0, null=null)
        assert found.exact and found.draws == 64
        assert found.t == pytest.approx(t, rel=1e-8)
        assert found.p == pytest.approx(np.mean(np.abs(drawn) >= abs(t) - 1e-9))
        assert found.p >= 2 / 64  # all signs as they are and all turned are as far as the finding itself


def test_draws_agree_with_all_signs_and_six_points_with_their_own_enumeration() -> None:
    rows = panel_of_towns(8, towns=5, effect=0.3)
    x, y, town = columns(rows)[:, :2], rows["y"].to_numpy(), rows["town"].to_numpy()
    x = np.column_stack([x, np.ones(len(y))])
    sums = moments(y, x, town)
    six = [np.array(sign) for sign in product(POINTS["webb"], repeat=5)]
    t, drawn = refitted(y, x, town, 0, six, 0.0)
    share = np.mean(np.abs(drawn) >= abs(t) - 1e-9)
    found = wild_bootstrap(sums, 0, draws=20_000, points="webb", interval=False)
    assert not found.exact
    assert found.p == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / 20_000))
    assert wild_bootstrap(sums, 0, draws=999, points="webb") == wild_bootstrap(
        sums, 0, draws=999, points="webb"
    )


def test_the_interval_holds_what_is_not_rejected() -> None:
    rows = panel_of_towns(9, towns=10, effect=1.0)
    sums = moments(rows["y"], columns(rows), rows["town"].to_numpy(), absorbed=rows["unit"].to_numpy())
    found = wild_bootstrap(sums, 0)
    assert found.low < found.coefficient < found.high
    width = found.high - found.low
    for edge, side in ((found.low, 1), (found.high, -1)):
        assert wild_bootstrap(sums, 0, null=edge + side * 0.01 * width, interval=False).p > 0.05
        assert wild_bootstrap(sums, 0, null=edge - side * 0.01 * width, interval=False).p <= 0.05


def test_with_five_clusters_no_sign_can_reject_at_five_per_cent() -> None:
    rows = panel_of_towns(2, towns=5, effect=5.0)
    sums = moments(rows["y"], columns(rows), rows["town"].to_numpy(), absorbed=rows["unit"].to_numpy())
    found = wild_bootstrap(sums, 0)
    assert found.p == pytest.approx(2 / 32)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_the_bootstrap_keeps_its_level_where_the_clustered_error_does_not() -> None:
    """Eight towns, four of them treated, no effect: of 300 tables the share rejected at 10 %."""
    from scipy.stats import norm

    wild = usual = 0
    for seed in range(300):
        generator = np.random.default_rng(seed)
        town = np.repeat(np.arange(8), 20)
        x = np.column_stack([town < 4, np.ones(160)]).astype(float)
        sums = moments(generator.normal(size=160) + generator.normal(size=8)[town], x, town)
        found = wild_bootstrap(sums, 0, interval=False)
        wild += found.p <= 0.1
        usual += 2 * norm.sf(abs(found.t)) <= 0.1
    assert usual / 300 > 0.16
    assert 0.065 <= wild / 300 <= 0.135  # ± two standard errors around 0.1


def test_moments_say_what_they_cannot_use() -> None:
    y, x, town = np.arange(6.0), np.column_stack([np.ones(6), np.arange(6.0)]), np.repeat([0, 1, 2], 2)
    with pytest.raises(ValueError, match="within one cluster"):
        moments(y, x, town, absorbed=np.repeat([0, 1], 3))
    with pytest.raises(ValueError, match="row per observation"):
        moments(y, x[:5], town)
    with pytest.raises(ValueError, match="above 0"):
        moments(y, x, town, weight=np.zeros(6))
    with pytest.raises(ValueError, match="say the same"):
        coefficients(moments(y, np.column_stack([x, x[:, 1] * 2]), town))
    only = np.column_stack([np.ones(6), np.array([1.0, 0, 0, 0, 0, 0])])
    with pytest.raises(ValueError, match="without cluster 0"):
        jackknife(moments(y, only, town))
    with pytest.raises(ValueError, match="term is a column"):
        wild_bootstrap(moments(y, x, town), 2)


@given(
    st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=40),
    st.sampled_from(["bh", "by"]),
)
@settings(deadline=None)
def test_false_discovery_equals_statsmodels(p: list[float], method: str) -> None:
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    values = np.array(p)
    found = false_discovery(values, 0.1, method)  # type: ignore[arg-type]
    present = ~np.isnan(values)
    assert not found.found[~present].any() and np.isnan(found.adjusted[~present]).all()
    if present.any():
        reject, adjusted, *_ = multipletests(values[present], 0.1, method=f"fdr_{method}")
        np.testing.assert_allclose(found.adjusted[present], adjusted, rtol=1e-9, atol=1e-300)
        doubtful = np.abs(adjusted - 0.1) < 1e-12
        assert np.array_equal(found.found[present][~doubtful], reject[~doubtful])


def test_the_influence_of_a_panel_gives_its_variance_again() -> None:
    """By town, and by nearness where towns are far apart, both times the panel's own small-sample factor."""
    rows = panel_of_towns(6)
    units = rows.groupby("unit")[["treated", "near", "town"]].first()
    values, town = rows["y"].to_numpy().reshape(-1, 5), units["town"].to_numpy(int)
    fit = estimate(Panel(values, town), units[["treated", "near"]].to_numpy(), np.arange(5) >= 3)
    xy = np.column_stack([town * 1e5, np.arange(len(town))])
    meat = conley(fit.influence, xy, 5_000, "uniform")
    np.testing.assert_allclose(meat * fit.correction, fit.covariance, rtol=1e-9)
    sums = moments(rows["y"], columns(rows), rows["town"].to_numpy(), absorbed=rows["unit"].to_numpy())
    np.testing.assert_allclose(coefficients(sums)[:2], fit.coef, rtol=1e-9)
    np.testing.assert_allclose(clustered(sums)[:2, :2] * 8 / 9, meat, rtol=1e-9)
