# SPDX-License-Identifier: EUPL-1.2
"""The smallest effect beside statsmodels, and beside tests that are really done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.monitor.effects.power import curve, found_by, from_placebos, placebo_p, smallest


def test_eighty_per_cent_at_five_per_cent_is_two_point_eight_errors() -> None:
    """From printed tables of the normal distribution and Student's: 1.960 + 0.842, and at 20 degrees 2.086 + 0.860."""
    assert smallest(1.0) == pytest.approx(1.960 + 0.842, abs=0.001)
    assert smallest(1.0, degrees=20) == pytest.approx(2.086 + 0.860, abs=0.001)
    assert smallest(0.1) == pytest.approx(smallest(1.0) / 10)


def test_power_equals_statsmodels() -> None:
    power = pytest.importorskip("statsmodels.stats.power")
    effects = np.linspace(-5, 5, 21)
    expected = [power.normal_power(abs(effect), 1, 0.05) for effect in effects]
    np.testing.assert_allclose(found_by(effects, 1.0), expected, rtol=1e-10)
    assert found_by(np.zeros(1), 1.0)[0] == pytest.approx(0.05)
    assert found_by(np.array([smallest(0.3)]), 0.3)[0] == pytest.approx(0.8, abs=1e-4)
    assert found_by(np.array([smallest(0.3, degrees=9)]), 0.3, degrees=9)[0] == pytest.approx(0.8, abs=1e-3)


@given(seed=st.integers(0, 10_000), draws=st.sampled_from([39, 99, 199, 999]))
@settings(max_examples=40, deadline=None)
def test_the_band_of_placebos_is_the_test_of_rank(seed: int, draws: int) -> None:
    """An estimate on or beyond the band is one whose placebo probability is at most the level, and no other."""
    placebos = np.random.default_rng(seed).normal(size=draws) ** 3
    band = from_placebos(placebos)
    for estimate in (band.low, band.high, band.low - 1e-9, band.high + 1e-9, 0.0, *placebos[:20]):
        outside = estimate <= band.low or estimate >= band.high
        clear = estimate < band.low or estimate > band.high
        p = placebo_p(estimate, placebos)
        assert p <= 0.05 if clear else p > 0.05 or outside
        if not outside:
            assert p > 0.05


def test_planting_the_smallest_effect_is_found_four_times_in_five() -> None:
    """Planted in each placebo's outcomes and fitted again; a hair less is found less often."""
    generator = np.random.default_rng(1)
    inside = generator.random((999, 200)) < 0.2
    noise = generator.standard_t(5, (999, 200)) + 0.3

    def estimates(planted: float) -> np.ndarray:
        outcome = noise + planted * inside
        return np.array([y[d].mean() - y[~d].mean() for y, d in zip(outcome, inside, strict=True)])

    band = from_placebos(estimates(0.0))
    for effect in (band.up, band.down):
        side = np.sign(effect)
        found = estimates(effect + side * 1e-9)
        assert ((found <= band.low) | (found >= band.high)).mean() == pytest.approx(0.8, abs=0.002)
        missed = estimates(effect - side * 1e-3)
        assert ((missed <= band.low) | (missed >= band.high)).mean() < 0.8
    np.testing.assert_allclose(
        curve(np.array([0.0, band.up + 1e-9]), estimates(0.0)), [0.05, 0.8], atol=0.003
    )
    assert band.up == pytest.approx(smallest(float(estimates(0.0).std())), rel=0.1)


def test_the_rule_of_choice_moves_the_band() -> None:
    placebos = np.random.default_rng(3).normal(0.5, 0.1, 999)
    band = from_placebos(placebos)
    assert band.low < 0.5 < band.high and band.middle == pytest.approx(0.5, abs=0.02)
    assert placebo_p(0.5, placebos) > 0.9 and placebo_p(0.0, placebos) == 2 / 1000
    assert band.up == pytest.approx(-band.down, rel=0.2)


def test_power_says_what_it_cannot_use() -> None:
    with pytest.raises(ValueError, match="at least 39"):
        from_placebos(np.zeros(38))
    with pytest.raises(ValueError, match="numbers"):
        from_placebos(np.full(99, np.nan))
    with pytest.raises(ValueError, match="above 0"):
        smallest(0.0)
    with pytest.raises(ValueError, match="probabilities"):
        smallest(1.0, power=0.04)
