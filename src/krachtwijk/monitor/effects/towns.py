# SPDX-License-Identifier: EUPL-1.2
"""Towns that do not exist, in which it is known what a programme did: to try tests on, for examples and measurements.

The same seed gives the same figures: draws are hashes (`space.generator`). Areas with the worst score at the start are
chosen, as in 2007, so they would have risen without a programme too: part of a bad score is bad luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from krachtwijk.monitor.effects.rings import Flags, distance_to, ring_codes
from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.monitor.space.generator import bells, uniforms

#: Areas stand a kilometre apart, as city postcodes do; towns so far that nothing reaches from one to another.
APART = 1_000.0
BETWEEN = 40_000.0
#: Rings end at so many metres.
CUTS = (1_500.0, 3_000.0)


@dataclass(frozen=True, slots=True)
class Towns:
    """Per area (n,) or (n, T). ``xy`` (n, 2) metres; ``city``; ``eligible``: its city could take part; ``values``:
    score, about 1 apart between areas; ``after`` (T,); ``programme``; ``codes``: 1 programme, 2 and 3 rings, 0 beyond.
    """

    xy: Floats
    city: Whole
    eligible: Flags
    values: Floats
    after: Flags
    programme: Flags
    codes: Whole

    @property
    def change(self) -> Floats:
        """(n,) mean score after less that before."""
        return np.asarray(self.values[:, self.after].mean(axis=1) - self.values[:, ~self.after].mean(axis=1))

    @property
    def start(self) -> Floats:
        """(n, 4) what is known at the start: the last two scores, and means of the last as far as each ring reaches."""
        before = self.values[:, ~self.after]
        wider = [_around(self.xy, cut, own=False) @ before[:, -1] for cut in CUTS]
        return np.column_stack([before[:, -1], before[:, -2], *wider])


def towns(
    seed: int,
    *,
    gain: float = 0.0,
    displaced: float = 0.0,
    cities: int = 30,
    taking_part: int = 18,
    areas: int = 60,
    chosen: float = 0.08,
    luck: float = 0.5,
    periods: tuple[int, int] = (2, 2),
    ago: int = 0,
) -> Towns:
    """So many cities of so many areas; of those in cities that take part the worst share is chosen by the last score
    before the start, or by that of so many periods ``ago``.

    A score is city, neighbourhood (smooth over a few kilometres) and area, that stay, a rise shared by all, a drift of
    the city, and ``luck`` of each period (standard deviation; half of its variance shared with areas around). ``gain``
    is planted in the programme after the start and ``displaced`` in the first ring. Raises ValueError.
    """
    if (
        not 1 <= taking_part <= cities
        or areas < 9
        or min(periods) < 1
        or periods[0] < 2
        or not 0 < chosen < 1
        or not 0 <= ago < periods[0]
    ):
        raise ValueError(
            "cities hold 9 areas or more, take part or not; two periods before and one after or more; ago is one before"
        )
    side = int(np.ceil(np.sqrt(areas)))
    lattice = np.stack(np.divmod(np.arange(areas), side), axis=1) * APART
    across = int(np.ceil(np.sqrt(cities)))
    middles = np.stack(np.divmod(np.arange(cities), across), axis=1) * BETWEEN
    n = cities * areas
    city = np.repeat(np.arange(cities), areas)
    shifted = np.column_stack([uniforms(seed, 1, n), uniforms(seed, 2, n)]) * (APART / 3)
    xy = np.tile(lattice, (cities, 1)) + middles[city] + shifted

    wide, narrow = _around(xy, 2_500.0), _around(xy, CUTS[0])
    lasting = (
        0.5 * bells(seed, 3, cities)[city] + 0.7 * _unit(wide @ bells(seed, 4, n)) + 0.5 * bells(seed, 5, n)
    )
    drift = 0.05 * bells(seed, 6, cities)[city]
    many = sum(periods)
    values = np.empty((n, many))
    for period in range(many):
        shared = _unit(narrow @ bells(seed, 100 + period, n))
        apart = bells(seed, 200 + period, n)
        values[:, period] = lasting + period * (0.1 + drift) + luck * np.sqrt(0.5) * (shared + apart)
    after = np.arange(many) >= periods[0]
    eligible = city < taking_part
    last = np.where(eligible, values[:, periods[0] - 1 - ago], np.inf)
    programme = np.zeros(n, dtype=bool)
    programme[np.argsort(last, kind="stable")[: max(1, round(chosen * eligible.sum()))]] = True
    codes = ring_codes(distance_to(xy, programme)[0], programme, CUTS)
    values[np.ix_(codes == 1, after)] += gain
    values[np.ix_(codes == 2, after)] += displaced
    return Towns(xy, city, eligible, values, after, programme, codes)


#: What a programme does at a distance (0 to 1.2) in the simulations of Butts (2023), as his code has them.
CURVES: dict[str, Callable[[Floats], Floats]] = {
    "tau1": lambda far: np.where(far < 0.8, 0.15, 0.0),
    "tau2": lambda far: np.where(far < 0.8, 0.5 * (0.8 - far) ** 2, 0.0),
    "tau3": lambda far: np.where(far < 0.8, -0.15 + 1.2875 * far - 1.375 * far**2, 0.0),
    "tau4": lambda far: np.where(far < 0.25, 0.5 * (0.8 - far) ** 2, 0.0),
}


def disc(name: str, n: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Distance, change and true effect (n,) of units all over a disc of radius 1.2 around one programme.

    The design of Butts, Journal of Urban Economics 133 (2023), §5, after Diamond and McQuade (2019): the change of a
    unit is effect, trend of its own (variance 0.025) and the errors of two periods (0.036 each).
    """
    far = 1.2 * np.sqrt(uniforms(seed, 1, n))
    effect = CURVES[name](far)
    return far, effect + np.sqrt(0.025 + 2 * 0.036) * bells(seed, 2, n), effect


def _around(xy: Floats, radius: float, *, own: bool = True) -> csr_array:
    """(n, n) means over what lies within the radius; an area with nobody near has itself."""
    n = len(xy)
    pairs = cKDTree(xy).query_pairs(radius, output_type="ndarray")
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    lonely = np.arange(n) if own else np.flatnonzero(np.bincount(here, minlength=n) == 0)
    here, there = np.concatenate([here, lonely]), np.concatenate([there, lonely])
    order = np.lexsort((there, here))
    here, there = here[order], there[order]
    count = np.bincount(here, minlength=n)
    return csr_array((1.0 / count[here], there, np.concatenate([[0], np.cumsum(count)])), shape=(n, n))


def _unit(values: Floats) -> Floats:
    values = values - values.mean()
    return np.asarray(values / np.sqrt((values * values).mean()))
