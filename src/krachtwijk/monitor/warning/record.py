# SPDX-License-Identifier: EUPL-1.2
"""How often warnings were right: order, hits at the top, error of the chances, and whether chances hold.

What neighbours share makes them tell less than as many areas far apart: intervals draw whole parts of the country.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from krachtwijk.monitor.gaps import clustered_share
from krachtwijk.monitor.warning.features import Bools, Floats, Ints

DRAWS = 1000
LEVEL = 0.95
TOP = 0.05
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Areas of about the same chance: how many, their mean chance, the share that fell and its 90 % interval."""

    areas: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Duels:
    """Every area with the event against every area without: ``won`` (blocks, blocks) counts by block of the first and
    of the second how often the first had the higher score, ties half; ``yes`` and ``no`` (blocks,) count the areas.
    """

    won: Floats
    yes: Floats
    no: Floats

    def auc(self, taken: Floats | None = None) -> Floats:
        """Chance that of an area with the event and one without, the first has the higher score: (draws,), nan where
        a draw lacks either. ``taken`` (draws, blocks): how often each block was drawn; None: all once.

        The area under the curve of hits against false alarms (Hanley and McNeil 1982, Radiology 143).
        """
        often = np.ones((1, len(self.yes))) if taken is None else taken
        won = np.einsum("db,bc,dc->d", often, self.won, often, optimize=True)
        pairs = np.einsum("db,b->d", often, self.yes) * np.einsum("db,b->d", often, self.no)
        return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)


def duels(score: Floats, event: Bools, block: Ints) -> Duels:
    """Count the duels of areas (n,) by block."""
    names, place = np.unique(block, return_inverse=True)
    order = np.argsort(score, kind="stable")
    ranked, here = score[order], np.eye(len(names))[place.ravel()[order]]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    yes = np.add.reduceat(here * event[order, None], starts, axis=0)
    no = np.add.reduceat(here * ~event[order, None], starts, axis=0)
    return Duels(
        won=np.einsum("sb,sc->bc", yes, np.cumsum(no, axis=0) - no / 2),
        yes=yes.sum(axis=0),
        no=no.sum(axis=0),
    )


def drawn(blocks: int, *, draws: int = DRAWS, seed: int = 0) -> Floats:
    """How often each block is taken (draws, blocks) when as many as there are are drawn with replacement (Davison and
    Hinkley 1997, Bootstrap methods and their application).
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    return generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=draws).astype(np.float64)


def interval(values: Floats) -> tuple[float, float]:
    """The middle 95 % of draws."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def top_share(score: Floats, event: Bools, top: float = TOP) -> float:
    """Share with the event among the ``top`` part with the highest score; areas at the edge that tie count in part."""
    wanted = max(1, round(top * len(score)))
    edge = np.sort(score)[-wanted]
    above, tied = score > edge, score == edge
    return float((event[above].sum() + event[tied].mean() * (wanted - above.sum())) / wanted)


def brier(chance: Floats | float, event: Bools) -> float:
    """Mean of (chance - outcome)^2 (Brier 1950, Monthly Weather Review 78)."""
    return float(((chance - event) ** 2).mean())


def reliability(chance: Floats, event: Bools, block: Ints, bins: int = BINS) -> list[Bin]:
    """Areas from the lowest chance to the highest in groups of equal number, with what happened.

    The interval widens where areas of one block resemble each other (`monitor.gaps.clustered_share`).
    """
    order = np.argsort(chance, kind="stable")
    found = []
    for rows in np.array_split(order, bins):
        if not len(rows):
            continue
        share = clustered_share(event[rows].tolist(), block[rows].astype(str).tolist())
        assert share.share is not None and share.low is not None and share.high is not None
        found.append(Bin(len(rows), float(chance[rows].mean()), share.share, share.low, share.high))
    return found
