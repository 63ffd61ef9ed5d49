# SPDX-License-Identifier: EUPL-1.2
"""The nine-step ruler of deviations: for a key figure, and for a reader's own weighting of the dimensions of a score.

One ruler for everything that is compared with the nation: steps of a standard deviation around a centre, as the
Leefbaarometer publishes them for its dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.frames import opened
from krachtwijk.monitor.score import classify

if TYPE_CHECKING:
    from narwhals.typing import IntoFrameT

    from krachtwijk.monitor.model import ScoreVersion

#: lower limits of the classes 2 to 9, in standard deviations from the centre
STEPS = (-1.5, -1.0, -0.5, -0.25, 0.25, 0.5, 1.0, 1.5)
#: what a reader may give a dimension
MOST_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Ruler:
    """Classes 1 to 9 of a figure: ``centre`` (the nation) and ``sd`` (between areas), both in the figure's unit."""

    centre: float
    sd: float

    @property
    def cuts(self) -> tuple[float, ...]:
        """Lower limits of the classes 2 to 9, in the figure's unit."""
        return tuple(self.centre + step * self.sd for step in STEPS)


def ruler(values: ArrayLike, centre: float | None = None) -> Ruler | None:
    """The ruler of figures of areas (n,): around ``centre``, else around their own mean; None where all are equal.

    The standard deviation is that of the areas around their own mean, each area counting once. NaN counts for nothing.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known) < 2:
        return None
    sd = float(np.std(known))
    if not sd > 1e-9 * max(1.0, float(np.max(np.abs(known)))):
        return None
    return Ruler(float(np.mean(known)) if centre is None else centre, sd)


def normalised(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights with mean 1, in the order given, so that equal weights give the score itself.

    Raises KrachtwijkError where one is no number from 0 to `MOST_WEIGHT`, or where all are 0.
    """
    values = list(weights.values())
    if not all(math.isfinite(w) and 0 <= w <= MOST_WEIGHT for w in values):
        raise KrachtwijkError(
            "Een gewicht is een getal van 0 tot en met 3",
            mend="Geef elk onderdeel een gewicht van 0 tot en met 3",
        )
    total = sum(values)
    if total <= 0:
        raise KrachtwijkError(
            "Alle gewichten zijn 0: dan blijft er niets over", mend="Geef minstens één onderdeel een gewicht"
        )
    return {name: w * len(values) / total for name, w in weights.items()}


def personal(frame: IntoFrameT, version: ScoreVersion, weights: Mapping[str, float]) -> IntoFrameT:
    """Add ``class_eigen`` (1 to 9) to a frame of dimension deviations (score points, columns named by dimension).

    It is the class of the sum of weight times deviation, with weights of mean 1, on the version's own deviation ruler:
    equal weights give the class of the total deviation. A row that lacks a dimension with weight gets null. The sum
    itself is not kept: it is a reader's view, no score. Raises KrachtwijkError where the version has no ruler, or
    ``weights`` does not name each dimension once.
    """
    if not version.deviation_cuts:
        raise KrachtwijkError(
            f"Van {version.name} zijn geen klassegrenzen bekend",
            mend="Kies de Leefbaarometer 3.0 voor een eigen weging",
        )
    if set(weights) != {d.id for d in version.dimensions}:
        raise KrachtwijkError(
            "Er hoort bij elk onderdeel één gewicht",
            mend="Geef gewichten voor: " + ", ".join(d.label for d in version.dimensions),
        )
    parts = [nw.col(name) * weight for name, weight in normalised(weights).items() if weight > 0]
    return (
        opened(frame)
        .with_columns(classify(sum(parts[1:], parts[0]), version.deviation_cuts).alias("class_eigen"))
        .to_native()
    )
