# SPDX-License-Identifier: EUPL-1.2
"""Disclosure control: which published cells are too small, and which others would give them back.

A *cell* is a number of people that stands in one or more published rows. Cells hang together in *sums*: men + women =
inhabitants, wijken = gemeente. A sum is a list of cells with a sign, total -1 and parts +1, that together make a known
number (0; or the whole, where a sum of shares has no total of its own).

Primary: a cell from 1 up to the limit (not including it). Zero stays: it tells of nobody, and hiding it would empty the
map of every harbour and field. A published 10 stays where the publisher rounds to 5: it stands for 8 to 12, and nobody
can tell from it that there were fewer than 10. Absent stays absent: the publisher hid it already, so it is an unknown.

Complementary: as long as a hidden cell follows from what is shown, the smallest other cell of its sum is hidden too,
and likewise where the hidden parts of one sum are together still below the limit. Only cells above zero are taken while
there are any. Then every hidden cell of figures that add up exactly lies strictly inside what is possible, and "it
cannot be below zero" tells a reader nothing more: a hidden cell is known exactly if and only if its unit vector lies
in the row space of the sums restricted to what is unknown. That is checked by exact elimination. Rounded figures do
not add up exactly; sums are taken as exact all the same, which hides too much rather than too little.

Not derivable exactly may still be derivable nearly. Where a cell must stay unknown within an interval (``reach``), the
interval that a reader can find is worked out by linear programming (`ranges`), and more is hidden until it is wide
enough: Fischetti and Salazar-González, Management Science 47, 2001, of whose problem this is a greedy solution.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from krachtwijk.monitor.model import LIMIT

SHOWN, SMALL, WITH = 0, 1, 2

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
States = npt.NDArray[np.int8]

#: Elimination is done in whole numbers modulo this prime: exact, and never larger than a machine word.
_PRIME = 2_147_483_647
#: What an interval may fall short of by the rounding of a linear programme, in people.
_HAIR = 1e-6
_Row = dict[int, int]


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over cells, one entry per cell of a sum: ``sum_`` (ascending from 0), ``cell`` and ``sign`` (+1 or -1)."""

    sum_: Integers
    cell: Integers
    sign: Integers

    @classmethod
    def of(cls, rows: Iterable[Sequence[tuple[int, int]]]) -> Sums:
        """From one list of (cell, sign) per sum."""
        flat = [(index, cell, sign) for index, row in enumerate(rows) for cell, sign in row]
        table = np.array(flat, dtype=np.int64).reshape(-1, 3)
        return cls(table[:, 0], table[:, 1], table[:, 2])

    def __len__(self) -> int:
        return int(self.sum_[-1]) + 1 if len(self.sum_) else 0


def small(values: npt.ArrayLike, limit: float = LIMIT) -> Flags:
    """Whether each value is above zero and below the limit; NaN (unknown) is not."""
    cells = np.asarray(values, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray((cells > 0) & (cells < limit), dtype=np.bool_)


def protect(
    values: npt.ArrayLike,
    sums: Sums,
    *,
    primary: npt.ArrayLike | None = None,
    free: npt.ArrayLike | None = None,
    limit: float = LIMIT,
    fixed: npt.ArrayLike | None = None,
    reach: npt.ArrayLike | None = None,
) -> States:
    """What to do with each cell: shown (0), hidden because small (1), hidden because it gives another back (2).

    ``values`` are people per cell, NaN where nothing is published. ``primary`` marks the cells to hide first, by
    default those that are `small`. ``free`` marks cells that may be negative (a growth): they are never small, and a
    sum with one bounds nothing. Ties go to the cell that comes first, so give cells in a fixed order.

    ``fixed`` marks cells that were published before and cannot be hidden any more; ask `determined` and `ranges`
    afterwards whether that was enough. ``reach`` (n, 2) is the interval that a hidden cell must at least leave open,
    NaN where none is asked: small ones (0, limit) is as if their size were not known at all.
    """
    cells = np.asarray(values, dtype=np.float64)
    loose = np.zeros(len(cells), np.bool_) if free is None else np.asarray(free, dtype=np.bool_)
    first = small(cells, limit) & ~loose if primary is None else np.asarray(primary, dtype=np.bool_)
    states: States = np.zeros(len(cells), np.int8)
    states[first & ~np.isnan(cells)] = SMALL
    if not states.any() or not len(sums):
        return states
    work = _Work(cells, sums, loose, states, limit)
    if fixed is not None:
        work.fixed = np.asarray(fixed, dtype=np.bool_)
    work.settle(work.touching(np.flatnonzero(states)))
    work.elsewhere()
    if reach is not None:
        wanted = np.asarray(reach, dtype=np.float64)
        open_: set[int] = set(np.flatnonzero((states > 0) & ~np.isnan(wanted[:, 0])).tolist())
        while open_:
            low, high = ranges(cells, sums, states > 0, sorted(open_))
            narrow = [
                cell
                for cell, least, most in zip(sorted(open_), low, high, strict=True)
                if least > wanted[cell, 0] + _HAIR or most < wanted[cell, 1] - _HAIR
            ]
            open_ = {cell for cell in narrow if work.cover(cell)}  # what nothing can cover is left to the caller
            work.elsewhere()
            open_ &= set(np.flatnonzero(states).tolist())
    return states


def ranges(
    values: npt.ArrayLike, sums: Sums, hidden: npt.ArrayLike, cells: Sequence[int]
) -> tuple[Floats, Floats]:
    """The least and the most that each of some hidden cells can be, for who knows the sums, all other cells, and that
    nothing is negative: two linear programmes each, over the cells that hang together with it.

    Bounds are those of real numbers; ∞ where there is none. ``values`` as in `protect`.
    """
    held = np.asarray(values, dtype=np.float64)
    work = _Work(held, sums, np.zeros(len(held), np.bool_), np.asarray(hidden).astype(np.int8), 0.0)
    unknown = (work.states > 0) | work.absent
    found: dict[int, tuple[float, float]] = {}
    for cell in cells:
        if cell not in found:
            found |= work.bounds(cell, unknown, set(cells))
    table = np.array([found[cell] for cell in cells], dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def determined(unknown: npt.ArrayLike, sums: Sums) -> Flags:
    """Whether each unknown cell follows from the sums and all other cells: exact, by elimination.

    ``unknown`` marks the cells that a reader does not have. Known cells give False.
    """
    hidden = np.asarray(unknown, dtype=np.bool_)
    result: Flags = np.zeros(len(hidden), np.bool_)
    entry = hidden[sums.cell]
    rows: dict[int, _Row] = defaultdict(dict)
    for index, cell, sign in zip(
        sums.sum_[entry].tolist(), sums.cell[entry].tolist(), sums.sign[entry].tolist(), strict=True
    ):
        rows[index][cell] = (rows[index].get(cell, 0) + sign) % _PRIME
    result[_singles(rows.values())] = True
    return result


def _singles(rows: Iterable[_Row]) -> list[int]:
    """Columns whose unit vector lies in the row space: the rows of the reduced echelon form with one entry."""
    work = [row for r in rows if (row := {c: v for c, v in r.items() if v})]
    order, core = _peeled(work)
    basis = _reduced(work[i] for i in core)
    # a peeled row owns a column of which no later row knows: it is its pivot, and nothing needs eliminating before
    for index, own in reversed(order):
        row = _less(work[index], basis)
        basis[own] = _scaled(row, own)
    return [pivot for pivot, row in basis.items() if len(row) == 1]


def _peeled(rows: list[_Row]) -> tuple[list[tuple[int, int]], list[int]]:
    """Rows in an order in which each has a column that no later one has, with it; and the rows that are left."""
    members: dict[int, set[int]] = defaultdict(set)
    for index, row in enumerate(rows):
        for column in row:
            members[column].add(index)
    queue = deque(sorted(column for column, where in members.items() if len(where) == 1))
    order: list[tuple[int, int]] = []
    left = set(range(len(rows)))
    while queue:
        column = queue.popleft()
        if len(members[column]) != 1:
            continue
        (index,) = members[column]
        order.append((index, column))
        left.discard(index)
        for other in rows[index]:
            members[other].discard(index)
            if len(members[other]) == 1:
                queue.append(other)
    return order, sorted(left)


def _reduced(rows: Iterable[_Row]) -> dict[int, _Row]:
    """Reduced echelon form by pivot column."""
    basis: dict[int, _Row] = {}
    users: dict[int, set[int]] = defaultdict(set)
    for source in rows:
        row = _less(source, basis)
        if not row:
            continue
        pivot = min(row, key=lambda column: (len(users[column]), column))
        row = _scaled(row, pivot)
        for other in list(users.pop(pivot, ())):
            target = basis[other]
            factor = target.get(pivot, 0)
            if factor:
                _subtract(target, row, factor)
                for column in row:
                    if column != pivot:
                        (users[column].add if column in target else users[column].discard)(other)
        basis[pivot] = row
        for column in row:
            if column != pivot:
                users[column].add(pivot)
    return basis


def _less(source: _Row, basis: dict[int, _Row]) -> _Row:
    """A row without the pivot columns of a reduced basis."""
    row = dict(source)
    for column in [c for c in source if c in basis]:
        _subtract(row, basis[column], row[column])
    return row


def _subtract(target: _Row, row: _Row, factor: int) -> None:
    for column, value in row.items():
        rest = (target.get(column, 0) - factor * value) % _PRIME
        if rest:
            target[column] = rest
        else:
            target.pop(column, None)


def _scaled(row: _Row, pivot: int) -> _Row:
    inverse = pow(row[pivot], -1, _PRIME)
    return {column: value * inverse % _PRIME for column, value in row.items()}


class _Work:
    """The state of one `protect`: which cells are in which sums, and which of them are hidden."""

    def __init__(self, values: Floats, sums: Sums, free: Flags, states: States, limit: float) -> None:
        self.values, self.free, self.states, self.limit = values, free, states, limit
        self.absent = np.isnan(values)
        self.fixed: Flags = np.zeros(len(values), np.bool_)
        self.cell, self.sign = sums.cell, sums.sign
        self.start = np.searchsorted(sums.sum_, np.arange(len(sums) + 1))
        order = np.argsort(sums.cell, kind="stable")
        self.of_cell = sums.sum_[order]
        self.cell_start = np.searchsorted(sums.cell[order], np.arange(len(values) + 1))

    def sums_of(self, cell: int) -> list[int]:
        return self.of_cell[self.cell_start[cell] : self.cell_start[cell + 1]].tolist()

    def touching(self, cells: Iterable[int]) -> list[int]:
        return sorted({index for cell in cells for index in self.sums_of(int(cell))})

    def entries(self, index: int) -> tuple[Integers, Integers]:
        span = slice(self.start[index], self.start[index + 1])
        return self.cell[span], self.sign[span]

    def settle(self, queue: Iterable[int]) -> None:
        """Hide until no single sum gives a hidden cell, or a total below the limit of hidden cells, back."""
        todo = deque(queue)
        waiting = set(todo)
        while todo:
            index = todo.popleft()
            waiting.discard(index)
            while self.reveals(index):
                chosen = self.cheapest(self.entries(index)[0])
                if chosen is None:
                    break
                self.states[chosen] = WITH
                for other in self.sums_of(chosen):
                    if other != index and other not in waiting:
                        waiting.add(other)
                        todo.append(other)

    def reveals(self, index: int) -> bool:
        cells, signs = self.entries(index)
        hidden = self.states[cells] > 0
        if not hidden.any():
            return False
        unknown = hidden | self.absent[cells]
        if unknown.sum() < 2:
            return True
        if (signs[unknown] < 0).any() or self.free[cells].any():
            return False
        if not self.absent[cells].any():
            return bool(self.values[cells[hidden]].sum() < self.limit)
        # what the publisher hid counts too: what is left of the total, where the total is shown
        shown = ~unknown
        left = -(self.values[cells[shown]] * signs[shown]).sum()
        return bool((signs < 0).any() and left < self.limit)

    def cheapest(self, cells: Iterable[int]) -> int | None:
        """The shown cell with the fewest people; zero only where nothing else is left."""
        best: tuple[bool, float, int] | None = None
        for cell in np.asarray(cells).tolist():
            if self.states[cell] or self.absent[cell] or self.fixed[cell]:
                continue
            value = abs(float(self.values[cell]))
            rank = (value == 0 and not self.free[cell], value, cell)
            if best is None or rank < best:
                best = rank
        return None if best is None else best[2]

    def cover(self, cell: int) -> bool:
        """Hide one more cell around a cell that is given away: in its own sums first, then ever further off."""
        seen: set[int] = set()
        for ring in self.rings(cell):
            seen |= ring
            chosen = self.cheapest(sorted(seen))
            if chosen is not None:
                self.states[chosen] = WITH
                self.settle(self.sums_of(chosen))
                return True
        return False

    def rings(self, cell: int) -> Iterator[set[int]]:
        """Cells around a cell, ever further off, going on only through cells that a reader does not have."""
        seen, edge, used = {cell}, {cell}, set[int]()
        while edge:
            sums = set(self.touching(edge)) - used
            used |= sums
            ring = {int(c) for index in sums for c in self.entries(index)[0]} - seen
            seen |= ring
            yield ring
            edge = {c for c in ring if self.states[c] or self.absent[c]}

    def elsewhere(self) -> None:
        """Hide until all sums together, too, give nothing back that none gives back alone."""
        dirty = None
        while found := self.given_away(dirty):
            changed = [cell for cell in found if self.cover(cell)]
            if not changed:
                return
            dirty = set(changed)

    def bounds(self, cell: int, unknown: Flags, wanted: set[int]) -> dict[int, tuple[float, float]]:
        """Per wanted cell that hangs together with one, the least and the most it can be."""
        from scipy.optimize import linprog  # half a second to load, and few ask for it

        members: set[int] = set()
        self.hanging_together(cell, unknown, members)
        inside = sorted(members)
        place = {c: n for n, c in enumerate(inside)}
        rows = self.touching(inside)
        left, right = np.zeros((len(rows), len(inside))), np.zeros(len(rows))
        for number, index in enumerate(rows):
            cells, signs = self.entries(index)
            there = unknown[cells]
            np.add.at(left[number], [place[c] for c in cells[there].tolist()], signs[there])
            right[number] = -(self.values[cells[~there]] * signs[~there]).sum()
        found = {}
        for c in sorted(members & wanted):
            aim = np.zeros(len(inside))
            aim[place[c]] = 1.0
            ends = []
            for sign in (1.0, -1.0):
                made = linprog(sign * aim, A_eq=left, b_eq=right, bounds=(0, None), method="highs")
                ends.append(sign * float(made.fun) if made.status == 0 else -sign * np.inf)
            found[c] = (max(ends[0], 0.0), ends[1])
        return found

    def given_away(self, around: set[int] | None) -> list[int]:
        """Hidden cells that all sums together give away; ``around`` limits it to what hangs together with these."""
        unknown = (self.states > 0) | self.absent
        begin = np.flatnonzero(self.states).tolist() if around is None else sorted(around)
        seen: set[int] = set()
        found: list[int] = []
        for cell in begin:
            if cell in seen:
                continue
            rows = self.hanging_together(cell, unknown, seen)
            found += [c for c in _singles(rows) if self.states[c]]
        return sorted(found)

    def hanging_together(self, cell: int, unknown: Flags, seen: set[int]) -> list[_Row]:
        """The sums over unknown cells that one hangs together with; its cells are added to ``seen``."""
        rows: list[_Row] = []
        used: set[int] = set()
        todo = [cell]
        seen.add(cell)
        while todo:
            for index in self.sums_of(todo.pop()):
                if index in used:
                    continue
                used.add(index)
                cells, signs = self.entries(index)
                inside = unknown[cells]
                row = dict(zip(cells[inside].tolist(), (signs[inside] % _PRIME).tolist(), strict=True))
                rows.append(row)
                fresh = [c for c in row if c not in seen]
                seen.update(fresh)
                todo += fresh
        return rows
