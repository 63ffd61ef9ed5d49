# SPDX-License-Identifier: EUPL-1.2
"""Two years of a person table, folded into counts and sums per pair of areas: all that the other modules need.

A *flow* is everybody with the same area in the first year and the same area in the last, the same knowledge of the
outcome (known in both, one, none) and, where it is known twice, the same tag (risen or fallen, or a pair of classes).
Flows of parts of the people add up, so a table of any size goes through in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from krachtwijk.monitor.frames import opened
from krachtwijk.monitor.score import classify

if TYPE_CHECKING:
    from narwhals.typing import IntoFrameT

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: An index that is no area: not in the table that year, or in it but in none of the areas asked for.
ABSENT, ELSEWHERE = -1, -2
#: Tags where people rise or fall by a step: at or below minus the step, in between, at or above it.
FALLEN, SAME, RISEN = 0, 1, 2
KEYS = ("area0", "area1", "known0", "known1", "tag")
SUMS = ("people", "s0", "s1", "q0", "q1", "q01")
#: The two largest outcomes of a flow in the first and in the last year, where amounts are to be protected.
LARGEST = ("top0", "next0", "top1", "next1")

#: What a resident of an area can be. Known: the outcome is. "Stay": lives there in both years.
STAY, STAY_FIRST, STAY_LAST, LEFT, LEFT_FIRST, GONE, CAME, CAME_LAST, NEW = range(9)
KINDS = (
    "stay",
    "stay_first",
    "stay_last",
    "left",
    "left_first",
    "gone",
    "came",
    "came_last",
    "new",
)


@dataclass(frozen=True, slots=True)
class Change:
    """When a person whose outcome is known twice has risen.

    By a ``step`` (in units of the outcome): a change beyond it. With ``cuts`` (ascending): a higher class, the classes
    being one plus the number of cuts at or below the outcome.
    """

    step: float = 0.0
    cuts: tuple[float, ...] = ()

    @property
    def tags(self) -> int:
        """How many tags there are: 3, or the pairs of classes."""
        return (len(self.cuts) + 1) ** 2 if self.cuts else 3

    def direction(self) -> Ints:
        """(tags,) FALLEN, SAME or RISEN per tag."""
        if not self.cuts:
            return np.array([FALLEN, SAME, RISEN])
        k = len(self.cuts) + 1
        before, after = np.divmod(np.arange(k * k), k)
        return np.asarray(np.sign(after - before) + 1, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Flows:
    """Flows (n,) between areas by index into ``areas``, or ABSENT, or ELSEWHERE.

    ``known`` (n, 2): is the outcome known in the first and the last year. ``tag`` (n,): -1 unless it is in both.
    ``people`` (n,). ``sums`` (n, 5): Σy₀, Σy₁, Σy₀², Σy₁², Σy₀y₁ of outcomes less ``centre``, 0 where not known.
    ``largest`` (n, 4) by `LARGEST`, sizes of whole outcomes; zeros where that was not asked.
    """

    areas: tuple[str, ...]
    origin: Ints
    destination: Ints
    known: npt.NDArray[np.bool_]
    tag: Ints
    people: Ints
    sums: Floats
    largest: Floats
    centre: float
    change: Change

    def grouped(self, areas: Sequence[str], member: npt.ArrayLike) -> Flows:
        """The same people between groups of areas: ``member`` (len(self.areas),) is an index into ``areas``, or
        ELSEWHERE. A move within a group is no move.
        """
        of = np.concatenate([np.asarray(member, dtype=np.int64), [ELSEWHERE, ABSENT]])  # [-2] and [-1]
        return _added(
            tuple(areas),
            of[self.origin],
            of[self.destination],
            self.known,
            self.tag,
            self.people,
            self.sums,
            self.largest,
            self.centre,
            self.change,
        )


def flows(
    first: IntoFrameT,
    last: IntoFrameT,
    *,
    centre: float = 0.0,
    change: Change | None = None,
    largest: bool = False,
) -> IntoFrameT:
    """Flows between two years as a frame with `KEYS` and `SUMS`, of the engine of the frames, lazy where they are; with
    ``largest`` also `LARGEST`.

    ``first`` and ``last`` have one row per person: ``person``, ``area`` (no nulls in either), ``outcome`` (null or NaN
    where it is not known). ``centre`` is taken off every outcome, so that sums of squares lose no digits.
    """
    by = change or Change()
    both = _year(first, 0, centre).join(_year(last, 1, centre), on="person", how="full", suffix="_last")
    y0, y1 = nw.col("y0"), nw.col("y1")
    known = (~y0.is_null()) & (~y1.is_null())
    if by.cuts:
        cuts = [cut - centre for cut in by.cuts]
        one = nw.lit(1, dtype=nw.Int8)
        before, after = classify(y0, cuts) - one, classify(y1, cuts) - one
        tag = before.cast(nw.Int16) * nw.lit(len(cuts) + 1, dtype=nw.Int16) + after.cast(nw.Int16)
    else:
        gain = y1 - y0
        up = (gain > by.step).cast(nw.Int16)
        down = (gain < -by.step).cast(nw.Int16)
        tag = up - down + nw.lit(SAME, dtype=nw.Int16)
    both = both.with_columns(
        known0=~y0.is_null(),
        known1=~y1.is_null(),
        tag=nw.when(known).then(tag).otherwise(nw.lit(-1, dtype=nw.Int16)),
        q0=y0 * y0,
        q1=y1 * y1,
        q01=y0 * y1,
    )
    aggregates = [
        nw.len().cast(nw.Int64).alias("people"),
        nw.col("y0").sum().alias("s0"),
        nw.col("y1").sum().alias("s1"),
        *(nw.col(name).sum() for name in ("q0", "q1", "q01")),
    ]
    if largest:
        both = both.with_columns(a0=(y0 + centre).abs(), a1=(y1 + centre).abs())
        both = both.with_columns(m0=nw.col("a0").max().over(*KEYS), m1=nw.col("a1").max().over(*KEYS))
        for side in "01":
            size, most = nw.col(f"a{side}"), nw.col(f"m{side}")
            aggregates += [
                size.max().alias(f"top{side}"),
                nw.when(size < most).then(size).max().alias(f"next{side}"),
                (size == most).cast(nw.Int64).sum().alias(f"ties{side}"),
            ]
    found = both.group_by(*KEYS).agg(*aggregates)
    if largest:
        for side in "01":
            alone = nw.col(f"ties{side}") < 2
            following = nw.when(alone).then(nw.col(f"next{side}")).otherwise(nw.col(f"top{side}"))
            found = found.with_columns(following.alias(f"next{side}"))
    floats = [*SUMS[1:], *(LARGEST if largest else ())]
    return (
        found.with_columns(*(nw.col(name).fill_null(0.0) for name in floats))
        .select(*KEYS, "people", *floats)
        .to_native()
    )


def _year(frame: Any, which: int, centre: float) -> nw.DataFrame[Any]:
    outcome = nw.col("outcome").cast(nw.Float64)
    return opened(frame).select(
        "person",
        nw.col("area").alias(f"area{which}"),
        (nw.when(~outcome.is_nan()).then(outcome) - centre).alias(f"y{which}"),
    )


def collected(
    parts: Iterable[Mapping[str, npt.NDArray[Any]]], areas: Sequence[str], *, centre: float, change: Change
) -> Flows:
    """Flows out of the columns of one or more frames of `flows` that hold different people.

    ``area0`` and ``area1`` hold indices into ``areas`` or ABSENT by now.
    """
    held = list(parts)
    names = [*KEYS, *SUMS, *(LARGEST if all(n in part for part in held for n in LARGEST) else ())]
    column = {name: np.concatenate([part[name] for part in held]) for name in names}
    people = column["people"].astype(np.int64)
    largest = [column.get(name, np.zeros(len(people))) for name in LARGEST]
    return _added(
        tuple(areas),
        column["area0"].astype(np.int64),
        column["area1"].astype(np.int64),
        np.column_stack([column["known0"], column["known1"]]).astype(np.bool_),
        column["tag"].astype(np.int64),
        people,
        np.column_stack([column[name] for name in SUMS[1:]]).astype(np.float64),
        np.column_stack(largest).astype(np.float64),
        centre,
        change,
    )


def _added(
    areas: tuple[str, ...],
    origin: Ints,
    destination: Ints,
    known: npt.NDArray[np.bool_],
    tag: Ints,
    people: Ints,
    sums: Floats,
    largest: Floats,
    centre: float,
    change: Change,
) -> Flows:
    """Flows with the same keys as one, in a fixed order."""
    width = len(areas) + 2
    key = (origin + 2) * width + destination + 2
    key = (key * 4 + known[:, 0] * 2 + known[:, 1]) * (change.tags + 1) + tag + 1
    order = np.argsort(key, kind="stable")
    kept, start = np.unique(key[order], return_index=True)
    if not len(kept):
        order, start = np.zeros(0, np.int64), np.zeros(0, np.int64)
    first = order[start]
    return Flows(
        areas,
        origin[first],
        destination[first],
        known[first],
        tag[first],
        np.add.reduceat(people[order], start) if len(start) else people[:0],
        np.add.reduceat(sums[order], start, axis=0) if len(start) else sums[:0],
        _largest(largest[order], start),
        centre,
        change,
    )


def _largest(largest: Floats, start: Ints) -> Floats:
    """The two largest of each run of rows."""
    if not largest.any():
        return np.zeros((len(start), 4))
    group = np.cumsum(np.bincount(start, minlength=len(largest))) - 1
    return two_largest(group, largest, len(start))


def two_largest(group: Ints, largest: Floats, groups: int) -> Floats:
    """(groups, 4) the two largest of each group, of rows (n, 4) that each hold two of their own for both years."""
    made: Floats = np.zeros((groups, 4))
    for side in (0, 2):
        value = largest[:, side : side + 2].T.ravel()
        of = np.tile(group, 2)
        order = np.lexsort((-value, of))
        of, value = of[order], value[order]
        rank = np.arange(len(of)) - np.searchsorted(of, of)
        for place in (0, 1):
            rows = rank == place
            made[of[rows], side + place] = value[rows]
    return made


@dataclass(frozen=True, slots=True)
class Tally:
    """Residents of each area by kind.

    ``people`` (areas, 9) by `KINDS`; ``sums`` (areas, 9, 5) as in `Flows`; ``tagged`` (areas, 9, tags), which is not
    zero for STAY, LEFT and CAME only; ``largest`` (areas, 9, 4) as in `Flows`.
    """

    areas: tuple[str, ...]
    people: Ints
    sums: Floats
    tagged: Ints
    largest: Floats
    centre: float
    change: Change


def tally(found: Flows) -> Tally:
    """Count the residents of each area by kind. Someone whose outcome is known in neither year counts nowhere."""
    n = len(found.areas)
    people: Ints = np.zeros((n, len(KINDS)), np.int64)
    sums: Floats = np.zeros((n, len(KINDS), 5))
    tagged: Ints = np.zeros((n, len(KINDS), found.change.tags), np.int64)
    largest: Floats = np.zeros((n, len(KINDS), 4))
    for area, kind, rows in _kinds(found):
        largest[:, kind] = two_largest(area, found.largest[rows], n)
        np.add.at(people[:, kind], area, found.people[rows])
        np.add.at(sums[:, kind], area, found.sums[rows])
        twice = found.tag[rows] >= 0
        here = rows[twice]
        np.add.at(tagged[:, kind], (area[twice], found.tag[here]), found.people[here])
    return Tally(found.areas, people, sums, tagged, largest, found.centre, found.change)


def _kinds(found: Flows) -> Iterable[tuple[Ints, int, Ints]]:
    """(area of each row, kind, rows) for all that is known of residents."""
    o, d = found.origin, found.destination
    first, last = found.known.T
    stay, came, left = (o == d) & (o >= 0), (d >= 0) & (o != d), (o >= 0) & (o != d)
    there, was = d != ABSENT, o != ABSENT
    for kind, chosen, area in (
        (STAY, stay & first & last, o),
        (STAY_FIRST, stay & first & ~last, o),
        (STAY_LAST, stay & ~first & last, o),
        (LEFT, left & there & first & last, o),
        (LEFT_FIRST, left & there & first & ~last, o),
        (GONE, left & ~there & first, o),
        (CAME, came & was & first & last, d),
        (CAME_LAST, came & was & ~first & last, d),
        (NEW, came & ~was & last, d),
    ):
        rows = np.flatnonzero(chosen)
        yield area[rows], kind, rows
