# SPDX-License-Identifier: EUPL-1.2
"""What a score that is itself a mean of its surroundings carries over a border, without anything having moved.

A score over what is near changes on both sides when one side changes. Beside a programme it looks like gain next door
(same sign), and hides displacement of the opposite sign. How far published scores reach is not known: radius and
shape are parameters, to be varied. docs/methods/rings.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from krachtwijk.monitor.space.arrays import Floats, Whole, summed
from krachtwijk.monitor.space.cells import Cells
from krachtwijk.monitor.space.decay import Shape, decay_mean


@dataclass(frozen=True, slots=True)
class Leakage:
    """Of a change of 1 in every square of the programme: how much its score shows (``kept``), how much that of each
    ring (``rings`` (K,)) and of what lies ``beyond`` (NaN where nobody lives there). Means by inhabitants.
    """

    kept: float
    rings: Floats
    beyond: float

    @property
    def ratio(self) -> Floats:
        """(K,) the effect that each ring would seem to have, as a share of the programme's, both beside beyond."""
        base = 0.0 if np.isnan(self.beyond) else self.beyond
        return np.asarray((self.rings - base) / (self.kept - base))


def leakage(
    cells: Cells,
    inhabitants: Floats,
    codes: Whole,
    rings: int,
    *,
    radius: float,
    shape: Shape = "linear",
    spread: float | None = None,
    step: float = 100.0,
) -> Leakage:
    """Smooth a change inside the programme as `decay_mean` does, and look where it arrives.

    ``codes`` (n,) as of `rings.ring_codes`: 1 programme, 1 + k ring k, 0 beyond; others (−1) take part in the smoothing
    but in no mean. Raises ValueError where no inhabited square is in the programme, and as `decay_mean`.
    """
    codes, inhabitants = np.asarray(codes, dtype=np.int64), np.asarray(inhabitants, dtype=np.float64)
    inside = (codes == 1).astype(np.float64)
    if codes.shape != (len(cells),) or rings < 0 or not inhabitants[codes == 1].sum() > 0:
        raise ValueError("a code per square; someone lives in the programme")
    shown = decay_mean(cells, inside, inhabitants, radius=radius, shape=shape, spread=spread, step=step).mean
    counted = (codes >= 0) & (codes <= rings + 1) & np.isfinite(shown)
    place, crowd = codes[counted], inhabitants[counted]
    people = summed(place, crowd, rings + 2)
    total = summed(place, crowd * shown[counted], rings + 2)
    mean = np.divide(total, people, out=np.full(rings + 2, np.nan), where=people > 0)
    return Leakage(kept=float(mean[1]), rings=mean[2:], beyond=float(mean[0]))


def without_leakage(programme: float, rings: Floats, leak: Leakage) -> Floats:
    """(K,) ring effects less what the programme's own change would carry there.

    ``programme`` and ``rings`` (K,) are estimates beside what lies beyond. Only as good as the radius that was guessed.
    """
    return np.asarray(np.asarray(rings, dtype=np.float64) - programme * leak.ratio)
