# SPDX-License-Identifier: EUPL-1.2
"""Rows in any number: against pyfixest, against least squares with dummies, against the balanced way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.effects.panel import Panel, estimate
from krachtwijk.monitor.effects.unbalanced import fit, two_way


def rows(seed: int, share: float, n: int = 60, periods: int = 8) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    unit, period = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
    kept = rng.random(n * periods) < share
    unit, period = unit[kept], period[kept]
    terms = rng.normal(size=(len(unit), 3))
    terms[:, 2] = terms[:, 0] - 2 * terms[:, 1]  # tells nothing new
    return {
        "values": rng.normal(size=len(unit)) + rng.normal(size=n)[unit] + terms[:, 0],
        "terms": terms,
        "unit": unit,
        "period": period,
        "cluster": unit % 9,
        "weight": rng.uniform(0.5, 2.0, len(unit)),
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of pyfixest and what it brings along
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("weighted", [False, True])
def test_equal_to_pyfixest(share: float, weighted: bool) -> None:
    import pandas as pd
    import pyfixest

    data = rows(3, share)
    table = pd.DataFrame({name: column for name, column in data.items() if name != "terms"})
    table[["a", "b", "c"]] = data["terms"]
    table["city"] = table["unit"] % 4
    whose = data["unit"] % 7 + 10 * (data["period"] % 2)  # clusters that cut through units
    table["other"] = whose
    if not weighted:
        data["weight"] = None
    for effects, period in (
        ("period", data["period"]),
        ("city^period", table["city"] * 100 + data["period"]),
    ):
        for cov, cluster, theirs in (
            ("cluster", data["cluster"], {"CRV1": "cluster"}),
            ("cluster", whose, {"CRV1": "other"}),
            ("hc1", data["cluster"], "hetero"),
        ):
            how = data | {"period": np.asarray(period), "cluster": cluster}
            found = fit(**how, cov=cov, names=["a", "b", "c"])
            peer = pyfixest.feols(
                f"values ~ a + b + c | unit + {effects}",
                table,
                vcov=theirs,
                weights="weight" if weighted else None,
                # it takes out means in turns until they hardly move; by default 1e-6 of a residual may remain
                demeaner=pyfixest.MapDemeaner(fixef_tol=1e-13, fixef_maxiter=100_000),
            )
            assert found.terms == tuple(peer._coefnames) == ("a", "b")
            assert found.dropped == ("c",)
            assert (found.n_obs, found.left_out) == (peer._N, len(table) - peer._N)
            np.testing.assert_allclose(found.coef, peer.coef(), rtol=1e-8)
            np.testing.assert_allclose(found.se, peer.se(), rtol=1e-8)
            assert found.r2_within == pytest.approx(peer._r2_within, abs=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 0.6, 1.0]))
def test_equal_to_least_squares_with_dummies(seed: int, share: float) -> None:
    data = rows(seed, share, n=20, periods=5)
    try:
        found = fit(**data)
    except ValueError as refused:
        assert any(word in str(refused) for word in ("nothing is left", "tells anything"))
        return
    root = np.sqrt(data["weight"])[:, None]
    dummies = [data[name][:, None] == np.unique(data[name]) for name in ("unit", "period")]
    columns = np.column_stack([data["terms"][:, :2], *dummies]) * root
    expected = np.linalg.lstsq(columns, data["values"] * root[:, 0], rcond=None)[0][:2]
    np.testing.assert_allclose(found.coef, expected[: len(found.coef)], atol=1e-8)


def test_a_balanced_panel_gives_what_the_balanced_way_gives() -> None:
    rng = np.random.default_rng(1)
    values, cluster, treated = rng.normal(size=(40, 5)), rng.integers(0, 8, 40), rng.random((40, 2)) < 0.4
    after = np.arange(5) > 2
    quick = estimate(Panel(values, cluster), treated, after)
    slow = fit(
        values.ravel(),
        (treated[:, None, :] * after[None, :, None]).reshape(200, 2),
        unit=np.repeat(np.arange(40), 5),
        period=np.tile(np.arange(5), 40),
        cluster=np.repeat(cluster, 5),
    )
    np.testing.assert_allclose(slow.coef, quick.coef, atol=1e-12)
    np.testing.assert_allclose(slow.covariance, quick.covariance, atol=1e-12)
    assert (slow.n_obs, slow.degrees) == (quick.n_obs, quick.degrees)
    by_unit = slow.influence.reshape(40, 5, 2).sum(axis=1)
    np.testing.assert_allclose(by_unit, quick.influence, atol=1e-12)


def test_parts_that_do_not_hang_together_are_solved_each() -> None:
    unit, period = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3])
    system = two_way(unit, period, np.ones(6), 4, 5)  # unit 3 and period 4 have no rows
    alpha, gamma = np.array([1.0, 2.0, 5.0]), np.array([0.0, 3.0, 0.0, 4.0])
    y = alpha[unit] + gamma[period]
    sums = [np.bincount(code, y, many)[:, None] for code, many in ((unit, 4), (period, 5))]
    a, g = system.solved(*sums)
    np.testing.assert_allclose(a[unit, 0] + g[period, 0], y, atol=1e-12)
    assert a[3, 0] == 0
    assert g[4, 0] == 0
    assert len(set(system.component.tolist())) == 4


def test_what_cannot_be_estimated_is_refused() -> None:
    data = rows(5, 0.9)
    with pytest.raises(ValueError, match="unit 3 in period 1 has no number"):
        place = np.flatnonzero((data["unit"] == 3) & (data["period"] == 1))
        fit(**data | {"values": np.where(np.arange(len(data["unit"])) == place, np.nan, data["values"])})
    with pytest.raises(ValueError, match="more than one period"):
        fit(**data | {"unit": np.arange(len(data["unit"]))})
    with pytest.raises(ValueError, match="are more than"):
        two_way(np.zeros(2, int), np.zeros(2, int), np.ones(2), 1, 10_000)
    with pytest.raises(ValueError, match="fewer than two clusters"):
        fit(**data | {"cluster": np.zeros(len(data["unit"]))})
    with pytest.raises(ValueError, match="entry per row"):
        fit(**data | {"cluster": data["cluster"][1:]})
