# SPDX-License-Identifier: EUPL-1.2
"""What smoothing carries over a border, beside geometry."""

from __future__ import annotations

import numpy as np
import pytest

from krachtwijk.monitor.effects.leakage import leakage, without_leakage
from krachtwijk.monitor.effects.rings import ring_codes
from krachtwijk.monitor.space.cells import arranged
from krachtwijk.monitor.space.decay import decay_mean

SIDE = 121
NORTH, EAST = (place.reshape(-1) for place in np.divmod(np.arange(SIDE * SIDE), SIDE))
CELLS = arranged(EAST, NORTH)
PEOPLE = np.ones(SIDE * SIDE)


def test_beside_a_straight_border_the_share_is_that_of_a_piece_of_disc() -> None:
    """Everything west of a line changes: at distance u·r the disc holds (arccos u − u√(1 − u²))/π of it.

    Squares of 100 m in a disc of 3 km: within 0.01. Only squares whose disc lies on the map are looked at.
    """
    radius = 3_000.0
    border = 60  # the middles of the last changed squares stand 50 m before the border
    far = (EAST - border) * 100.0 + 50
    middle = np.abs(NORTH - 60) < 20
    for low, high in ((0, 300), (1_000, 1_300), (2_000, 2_300)):
        ring = (far > low) & (far <= high) & middle
        codes = np.where(far < 0, 1, np.where(ring, 2, -1))
        u = far[ring] / radius
        expected = ((np.arccos(u) - u * np.sqrt(1 - u * u)) / np.pi).mean()
        found = leakage(CELLS, PEOPLE, codes, 1, radius=radius, shape="flat")
        assert found.rings[0] == pytest.approx(expected, abs=0.01)


def test_without_a_radius_nothing_is_carried_and_all_is_kept() -> None:
    codes = np.where(np.hypot(EAST - 60, NORTH - 60) < 5, 1, 0)
    found = leakage(CELLS, PEOPLE, codes, 0, radius=0.0, shape="flat")
    assert (found.kept, found.beyond, len(found.rings)) == (1.0, 0.0, 0)


def test_leakage_taken_off_leaves_what_was_planted() -> None:
    """Truth: +1 inside and −0.3 in the first ring. Shown by a smoothed score, the ring seems to gain."""
    distance = np.hypot(EAST - 60, NORTH - 60) * 100
    codes = ring_codes(np.maximum(distance - 1_000, 0), distance <= 1_000, (500.0, 1_000.0))
    leak = leakage(CELLS, PEOPLE, codes, 2, radius=1_000.0)
    assert 1 > leak.kept > leak.rings[0] > leak.rings[1] > leak.beyond >= 0
    for displaced in (0.0, -0.3):
        truth = np.where(codes == 1, 1.0, np.where(codes == 2, displaced, 0.0))
        shown = decay_mean(CELLS, truth, PEOPLE, radius=1_000.0).mean
        inside, *rings = (shown[codes == code].mean() - shown[codes == 0].mean() for code in (1, 2, 3))
        if not displaced:
            assert rings == pytest.approx((inside * leak.ratio).tolist(), abs=1e-12)
        left = without_leakage(inside, np.array(rings), leak)
        assert rings[0] > 0.05 and (left[0] < -0.1 if displaced else abs(left[0]) < 1e-12)


def test_inhabitants_weigh_and_squares_left_out_count_in_no_mean() -> None:
    codes = np.where(EAST < 60, 1, np.where(EAST < 65, 2, 0))
    crowded = np.where(EAST < 60, 10.0, 1.0)
    more = leakage(CELLS, crowded, codes, 1, radius=500.0).rings[0]
    assert more > leakage(CELLS, PEOPLE, codes, 1, radius=500.0).rings[0] + 0.1
    first = leakage(CELLS, PEOPLE, np.where(EAST > 80, -1, codes), 1, radius=500.0)
    assert first.rings[0] == leakage(CELLS, PEOPLE, codes, 1, radius=500.0).rings[0]
    assert np.isnan(leakage(CELLS, PEOPLE, np.where(codes == 0, -1, codes), 1, radius=500.0).beyond)
    with pytest.raises(ValueError, match="someone lives"):
        leakage(CELLS, PEOPLE, np.zeros_like(codes), 1, radius=500.0)
