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

`protect` sees to it that nothing follows exactly. `shield` goes further, for tables made of people's own records: a
reader who knows every sum, and that no cell is negative, must not be able to tell a small cell within an interval.
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
#: Sums of more cells than this are of areas.
_LONG = 24
#: A change of a cell below this is the rounding of a linear programme.
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
) -> States:
    """What to do with each cell: shown (0), hidden because small (1), hidden because it gives another back (2).

    ``values`` are people per cell, NaN where nothing is published. ``primary`` marks the cells to hide first, by
    default those that are `small`. ``free`` marks cells that may be negative (a growth): they are never small, and a
    sum with one bounds nothing. Ties go to the cell that comes first, so give cells in a fixed order.
    """
    cells = np.asarray(values, dtype=np.float64)
    loose = np.zeros(len(cells), np.bool_) if free is None else np.asarray(free, dtype=np.bool_)
    first = small(cells, limit) & ~loose if primary is None else np.asarray(primary, dtype=np.bool_)
    states: States = np.zeros(len(cells), np.int8)
    states[first & ~np.isnan(cells)] = SMALL
    if not states.any() or not len(sums):
        return states
    work = _Work(cells, sums, loose, states, limit)
    work.settle(work.touching(np.flatnonzero(states)))
    # sums together may still give away what none gives away alone
    dirty = None
    while True:
        found = work.given_away(dirty)
        if not found:
            return states
        changed = [cell for cell in found if work.cover(cell)]
        if not changed:
            return states
        dirty = set(changed)


def shield(
    values: npt.ArrayLike,
    sums: Sums,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    *,
    hidden: npt.ArrayLike | None = None,
    fixed: npt.ArrayLike | None = None,
) -> tuple[States, list[int]]:
    """States of cells as in `protect`, such that each cell with a ``low`` and ``high`` could be either and anything in
    between for all that a reader can see; and the cells for which that cannot be had.

    ``values`` (n,) not negative, without gaps, of which all ``sums`` are true. ``low`` ≤ value ≤ ``high``, NaN where a
    cell asks nothing. ``hidden`` are not shown as it is, ``fixed`` cannot be hidden any more. A small cell with (0,
    limit) is as if its number were not told at all.

    For every such cell and either end one linear programme: the cheapest change of the whole table that makes it that
    much larger or smaller and leaves all sums true; the cells that it changes are hidden too. What is hidden already
    costs nothing, others cost what they hold (Kelly, Golden and Assad, Networks 22, 1992). Only cells nearby may
    change, ever further off while that is not enough.
    """
    held = np.asarray(values, dtype=np.float64)
    work = _Shield(held, sums, fixed)
    least, most = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    states: States = np.zeros(len(held), np.int8)
    asked = np.flatnonzero(~np.isnan(least))
    if hidden is not None:
        states[np.asarray(hidden, dtype=np.bool_)] = WITH
    states[asked] = SMALL
    if fixed is not None:
        states[np.asarray(fixed, dtype=np.bool_)] = SHOWN
    reached = np.zeros(
        (len(held), 2)
    )  # how far down and up each cell went in some change that leaves all true
    failed: list[int] = []
    for cell in sorted(asked.tolist(), key=lambda c: (-held[c], c)):
        for side, amount in ((0, held[cell] - least[cell]), (1, most[cell] - held[cell])):
            if amount <= reached[cell, side] + _HAIR:
                continue
            change = work.cheapest(cell, amount if side else -amount, states > 0)
            if change is None:
                failed.append(cell)
                break
            cells, by = change
            reached[cells, 1] = np.maximum(reached[cells, 1], by)
            reached[cells, 0] = np.maximum(reached[cells, 0], -by)
            fresh = cells[states[cells] == SHOWN]
            states[fresh] = WITH
    return states, failed


class _Shield:
    """The sums as a matrix, to be changed near a cell."""

    def __init__(self, values: Floats, sums: Sums, fixed: npt.ArrayLike | None) -> None:
        from scipy.sparse import coo_array  # what shows pages loads none of this

        self.values = values
        shape = (len(sums), len(values))
        self.sums = coo_array((sums.sign.astype(np.float64), (sums.sum_, sums.cell)), shape=shape).tocsr()
        self.of_cell = self.sums.tocsc()
        self.free = np.ones(len(values), np.bool_) if fixed is None else ~np.asarray(fixed, dtype=np.bool_)

    def near(self, cells: Integers, longest: int) -> Integers:
        """Cells that share a sum of so many cells at most with some cells, these included."""
        rows = np.unique(self.of_cell[:, cells].indices)
        rows = rows[np.diff(self.sums.indptr)[rows] <= longest]
        return np.unique(np.concatenate([cells, self.sums[rows].indices])).astype(np.int64)

    def further(self, cells: Integers, longest: int) -> Integers:
        """All that hangs together with some cells by sums of so many cells at most."""
        size = 0
        while len(cells) > size:
            size = len(cells)
            cells = self.near(cells, longest)
        return cells

    def partners(self, cells: Integers, many: int, hidden: Flags) -> Integers:
        """Of each long sum of some cells so many others that would cost least to hide."""
        rows = np.unique(self.of_cell[:, cells].indices)
        found = [cells]
        for row in rows[np.diff(self.sums.indptr)[rows] > _LONG].tolist():
            others = self.sums.indices[self.sums.indptr[row] : self.sums.indptr[row + 1]].astype(np.int64)
            cost = np.where(hidden[others], 0.0, self.values[others])
            found.append(others[np.argsort(cost, kind="stable")[:many]])
        return np.unique(np.concatenate(found))

    def cheapest(self, cell: int, amount: float, hidden: Flags) -> tuple[Integers, Floats] | None:
        """Cells and by how much they change; None where no change of all cells together will do."""
        if not self.free[cell]:
            return None
        alone = np.array([cell], dtype=np.int64)
        # what one area hides another must hide too, where their sum is known: a few others, then all
        for begin in (alone, self.partners(alone, 3, hidden), None):
            around = (
                np.arange(len(self.values), dtype=np.int64) if begin is None else self.further(begin, _LONG)
            )
            found = self.solved(around[self.free[around]], cell, amount, hidden)
            if found is not None:
                return found
        return None

    def solved(
        self, inside: Integers, cell: int, amount: float, hidden: Flags
    ) -> tuple[Integers, Floats] | None:
        from scipy.optimize import linprog
        from scipy.sparse import hstack

        near = self.of_cell[:, inside]
        rows = np.unique(near.indices)
        part = near.tocsr()[rows]
        n = len(inside)
        here = int(np.searchsorted(inside, cell))
        most = np.concatenate([np.full(n, np.inf), self.values[inside]])  # up, down
        least = np.zeros(2 * n)
        place = here if amount > 0 else n + here
        least[place] = most[place] = abs(amount)
        most[here + n if amount > 0 else here] = 0.0
        cost = np.where(hidden[inside], 1e-6, 1.0 + self.values[inside])
        made = linprog(
            np.tile(cost, 2),
            A_eq=hstack([part, -part], format="csc"),
            b_eq=np.zeros(len(rows)),
            bounds=np.column_stack([least, most]),
            method="highs",
        )
        if made.status != 0:
            return None
        by = made.x[:n] - made.x[n:]
        moved = np.abs(by) > _HAIR
        return inside[moved], by[moved]


def ranges(
    values: npt.ArrayLike, sums: Sums, hidden: npt.ArrayLike, cells: Sequence[int]
) -> tuple[Floats, Floats]:
    """The least and the most that each of some hidden cells can be, for who knows the sums, all other cells, and that
    nothing is negative: two linear programmes each. What `shield` promises can be checked with it.

    Bounds are those of real numbers; ∞ where there is none. ``values`` as in `shield`.
    """
    from scipy.optimize import linprog

    held = np.asarray(values, dtype=np.float64)
    unknown = np.asarray(hidden, dtype=np.bool_)
    matrix = _Shield(held, sums, None).sums
    left = matrix[:, np.flatnonzero(unknown)]
    right = -(matrix[:, np.flatnonzero(~unknown)] @ held[~unknown])
    place = np.cumsum(unknown) - 1
    ends = np.zeros((2, len(cells)))
    for number, cell in enumerate(cells):
        aim = np.zeros(left.shape[1])
        aim[place[cell]] = 1.0
        for side, sign in ((0, 1.0), (1, -1.0)):
            made = linprog(sign * aim, A_eq=left, b_eq=right, bounds=(0, None), method="highs")
            ends[side, number] = sign * float(made.fun) if made.status == 0 else np.inf
    return ends[0], ends[1]


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
            if self.states[cell] or self.absent[cell]:
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
