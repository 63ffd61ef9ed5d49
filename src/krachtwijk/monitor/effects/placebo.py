# SPDX-License-Identifier: EUPL-1.2
"""Programmes that never were, chosen as the real one was: what arises by itself around areas picked that way.

A placebo programme lies in the same cities, has per city as many areas of the same sizes, each of adjoining postcodes,
drawn from the city's worst ones before the programme. Nothing of the real programme is used again: only eligible
postcodes are taken, and each at most once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from krachtwijk.monitor.effects.estimated import compact, small_sample
from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.monitor.space.generator import uniforms

Flags = NDArray[np.bool_]
#: So often a city is tried anew where an area got stuck among others.
ATTEMPTS = 40
#: Keys of a draw: which postcode is the worse of equal ones, and which is taken first.
_TIES, _TURNS = 0, 1
_STREAMS = 2 * ATTEMPTS


@dataclass(frozen=True, slots=True)
class Drawn:
    """``area`` (D, n): per placebo programme the number of the area that each postcode is in, −1 for none.

    ``reached`` (D,): areas for which the worst of the city did not suffice, so that a better neighbour was taken.
    """

    area: NDArray[np.int16]
    reached: Whole

    @property
    def alike(self) -> float:
        """The share of its postcodes that a programme has in common with another one, on average."""
        times = (self.area >= 0).sum(axis=0).astype(np.float64)
        draws, members = len(self.area), times.sum()
        return float((times * (times - 1)).sum() / (draws - 1) / members) if draws > 1 and members else np.nan


def draw(
    city: Whole,
    near: csr_array,
    eligible: Flags,
    baseline: Floats,
    sizes: Mapping[int, Sequence[int]],
    *,
    draws: int,
    seed: int,
    worst: float = 0.5,
    room: float = 1.5,
) -> Drawn:
    """Placebo programmes over n postcodes.

    ``city`` (n,) codes; ``near`` (n, n), nonzero where two adjoin; ``eligible`` (n,): who may be taken; ``baseline``
    (n,): lower is worse, NaN is never taken; ``sizes``: per city the number of postcodes of each area. Candidates are
    the ``worst`` share of a city's eligible postcodes, at least ``room`` times what is needed; equal ones by chance. An
    area starts at a candidate and takes adjoining candidates by chance; where there are none left, adjoining others.
    Same seed, same programmes on every machine. Raises ValueError that names a city where they do not fit.
    """
    if draws < 1 or not 0 < worst <= 1 or room < 1:
        raise ValueError("draws is 1 or more, worst a share above 0, room 1 or more")
    n = len(city)
    may = eligible & np.isfinite(baseline)
    beside = [near.indices[near.indptr[i] : near.indptr[i + 1]].tolist() for i in range(n)]
    towns = []
    for code in sorted(sizes):
        own = np.flatnonzero(may & (city == code))
        wanted = sorted(sizes[code], reverse=True)
        if min(wanted, default=1) < 1 or sum(wanted) > len(own):
            raise ValueError(f"city {code} has {len(own)} eligible postcodes for {sum(wanted)}")
        many = min(len(own), max(int(np.ceil(worst * len(own))), int(np.ceil(room * sum(wanted)))))
        towns.append((code, own, wanted, many))
    area = np.full((draws, n), -1, dtype=np.int16)
    reached = np.zeros(draws, dtype=np.int64)
    for number in range(draws):
        first, chances = 0, _Chances(seed, number, n)
        for code, own, wanted, many in towns:
            for attempt in range(ATTEMPTS):
                ties, keys = chances.of(attempt)
                candidates = set(own[np.lexsort((ties[own], baseline[own]))[:many]].tolist())
                placed = _placed(wanted, candidates, set(own.tolist()), beside, keys)
                if placed is not None:
                    break
            else:
                raise ValueError(f"areas of {wanted} adjoining postcodes do not fit in city {code}")
            for offset, members in enumerate(placed):
                area[number, members] = first + offset
                reached[number] += any(member not in candidates for member in members)
            first += len(wanted)
    return Drawn(area, reached)


class _Chances:
    """Per attempt of one programme who is the worse of equal ones (n,), and who is taken first."""

    def __init__(self, seed: int, number: int, n: int) -> None:
        self._seed, self._first, self._n = seed, number * _STREAMS, n
        self._made: list[tuple[Floats, list[float]]] = []

    def of(self, attempt: int) -> tuple[Floats, list[float]]:
        while len(self._made) <= attempt:
            stream = self._first + 2 * len(self._made)
            ties, turns = (uniforms(self._seed, stream + kind, self._n) for kind in (_TIES, _TURNS))
            self._made.append((ties, turns.tolist()))
        return self._made[attempt]


def _placed(
    wanted: Sequence[int],
    candidates: set[int],
    own: set[int],
    beside: Sequence[Sequence[int]],
    keys: Sequence[float],
) -> list[list[int]] | None:
    """An area of each size, or None where one got stuck."""
    free, turn = set(own), keys.__getitem__
    found = []
    for size in wanted:
        for start in sorted(candidates & free, key=turn):
            members = _grown(start, size, candidates, free, beside, keys)
            if len(members) == size:
                break
        else:
            return None
        found.append(members)
        free.difference_update(members)
    return found


def _grown(
    start: int,
    size: int,
    candidates: set[int],
    free: set[int],
    beside: Sequence[Sequence[int]],
    keys: Sequence[float],
) -> list[int]:
    members, edge = [start], {other for other in beside[start] if other in free}
    while len(members) < size and edge:
        taken = min((edge & candidates) or edge, key=keys.__getitem__)
        members.append(taken)
        edge.update(other for other in beside[taken] if other in free)
        edge.difference_update(members)
    return members


def steps(inside: Flags, near: csr_array, most: int) -> Whole:
    """(n,) how many borders lie between a postcode and the nearest one inside: 0 inside, ``most`` + 1 for farther."""
    order = np.where(inside, 0, most + 1)
    reached = inside.astype(np.float64)
    for step in range(1, most + 1):
        reached = np.asarray(near @ reached > 0, dtype=np.float64)
        order = np.where((reached > 0) & (order > step), step, order)
    return np.asarray(order, dtype=np.int64)


def roles(drawn: Drawn, near: csr_array, universe: Whole, orders: int) -> NDArray[np.int8]:
    """(D, u) per placebo programme what the u places of the universe are: 1 its postcodes, 2 ring 1, …; 0 farther away.

    Borders are crossed anywhere, also outside the universe. As `panel.placebos` takes them.
    """
    inside = (drawn.area >= 0).T
    code = np.zeros(inside.shape, dtype=np.int8)
    for step in range(orders, 0, -1):
        reached = inside.astype(np.float32)
        for _ in range(step):
            reached = np.maximum(reached, near @ reached > 0).astype(np.float32)
        code[reached > 0] = step + 1
    code[inside] = 1
    return np.ascontiguousarray(code[universe].T)


def levers(codes: NDArray[np.int8], classes: int, group: Whole) -> Floats:
    """(D, K, u) what a change (u,) is multiplied by to give the K coefficients of each placebo programme.

    Least squares on classes 1 to K beside class 0, with an effect per ``group`` (u,): the coefficients of
    `panel.placebos`, made once for any number of outcomes of the same u postcodes. Raises ValueError where a class is
    empty or tells nothing.
    """
    columns = (codes[:, None, :] == np.arange(1, classes + 1)[None, :, None]).astype(np.float64)
    place, many = compact(group)
    member = np.zeros((len(place), many))
    member[np.arange(len(place)), place] = 1.0
    columns -= ((columns @ member) / member.sum(axis=0))[:, :, place]
    gram = columns @ columns.transpose(0, 2, 1)
    if (np.linalg.cond(gram) > 1e10).any():
        number = int(np.argmax(np.linalg.cond(gram)))
        raise ValueError(f"placebo programme {number} has a ring that tells nothing")
    return np.asarray(np.linalg.solve(gram, columns))


def spreads(codes: NDArray[np.int8], lever: Floats, change: Floats, group: Whole) -> Floats:
    """(D, K) standard errors of the coefficients that `levers` give of a change (u,), clustered by ``group`` (CRV1).

    Those of `panel.placebos` where groups with their own effects are the clusters too.
    """
    coef = lever @ change
    place, many = compact(group)
    member = np.zeros((len(place), many))
    member[np.arange(len(place)), place] = 1.0
    told = np.take_along_axis(np.column_stack([np.zeros(len(coef)), coef]), codes.astype(np.int64), axis=1)
    error = change - told
    error -= ((error @ member) / member.sum(axis=0))[:, place]
    sums = (lever * error[:, None, :]) @ member
    units, classes = len(place), lever.shape[1]
    factor, _ = small_sample(2 * units, classes, ((units, True), (2 * many, True)), many)
    return np.asarray(np.sqrt(factor * (sums**2).sum(axis=2)))
