# SPDX-License-Identifier: EUPL-1.2
"""A table of millions of rows: scores, classes and means of areas, a family of columns at a time.

Beside `score`, with the same outcome: a family (the children of one aggregate) is read, looked at, added up
and let go,
so the table never stands in memory whole. Treatment and scaling are the same objects; the sums are loops of
`kernels`,
run side by side per column or per slice of rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import numpy.typing as npt

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.index.aggregate import EXACT, Node, nodes
from krachtwijk.monitor.index.fitting import beyond, endless, fit, flat, no_base, not_positive, unique
from krachtwijk.monitor.index.normalise import Moments, Scaling, scaling
from krachtwijk.monitor.index.spec import IndexIndicator, IndexSpec, SpecError, checked
from krachtwijk.monitor.index.treat import Change, change
from krachtwijk.monitor.ruler import Ruler

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
#: Codes and periods that span no more places than this are counted in a table of places, not sorted.
DENSE = 1 << 26
#: Rows of a slice that one thread adds up.
ROWS = 1 << 17


@dataclass(frozen=True, slots=True)
class National:
    """What `national` makes, as arrays in the order of the table's rows.

    ``keys``: its key columns. ``scores``: per aggregate (n,), NaN where there is none. ``classes``: per
    aggregate 1 to 9,
    0 where there is no score or no ruler. ``rulers``: per aggregate, of the scores of all rows and periods;
    absent where
    they are all equal. ``areas``: per column of codes a table of columns: that code, ``period``, ``weight``,
    each aggregate.
    """

    keys: Mapping[str, Array]
    scores: Mapping[str, Floats]
    classes: Mapping[str, npt.NDArray[np.int8]]
    rulers: Mapping[str, Ruler]
    areas: Mapping[str, Mapping[str, Array]]


def national(frame: IntoFrame, spec: IndexSpec, areas: Sequence[str] = ()) -> National:
    """Score a table, class it and take weighted means of areas.

    ``frame``: of an engine in this process, eager or lazy; a Polars scan of Parquet is read a family of
    columns at a time.
    ``areas``: columns with the codes of areas; a mean weighs by the column ``weight`` of the specification, else each
    row counts once, and rests on the rows that have a score and a weight. Raises as `score` does, but SpecError names
    the mistakes of one family.
    """
    spec = checked(spec)
    opened = nw.from_native(frame)
    if opened.implementation.is_spark_like() or opened.implementation.is_duckdb():
        raise KrachtwijkError(
            "Deze berekening leest kolommen in het geheugen", mend="Gebruik index.score op deze tabel"
        )
    fit(opened.lazy(), spec)
    with ThreadPoolExecutor() as threads:
        maker = _Maker(opened, spec, threads)
        scores = maker.scores()
        rulers, classes = maker.classes(scores)
        return National(maker.keys, scores, classes, rulers, maker.areas(scores, areas))


class _Maker:
    """Works through the tree, children before parents."""

    def __init__(self, frame: Any, spec: IndexSpec, threads: ThreadPoolExecutor) -> None:
        self.frame, self.spec, self.threads = frame, spec, threads
        self.keys = self.read([spec.unit, *([spec.period] if spec.period else [])])
        self.rows = len(self.keys[spec.unit])
        self.indicators = {i.column: i for i in spec.indicators}
        self.held: list[Array] = []
        self._once()

    def read(self, names: Sequence[str]) -> dict[str, Array]:
        """Columns as arrays; of a frame in memory without a copy, unless a column holds a null."""
        if not names:
            return {}
        held = self.frame.select(*names)
        if isinstance(held, nw.LazyFrame):
            held = held.collect()
        return {name: held[name].to_numpy() for name in names}

    def _columns(self, names: Sequence[str]) -> dict[str, Array]:
        """As `read`, of a family: what comes in pieces is put together in the same memory for each family.

        Fresh memory costs more than the copy into it. The arrays last until the next family is read.
        """
        held = self.frame.select(*names) if names else None
        if not isinstance(held, nw.LazyFrame):
            return self.read(names)
        table = held.collect()

        def whole(at: int) -> Array:
            native = table[names[at]].to_native()
            pieces = native.get_chunks() if hasattr(native, "get_chunks") else [native]
            if len(pieces) < 2 or table[names[at]].dtype != nw.Float32:
                return np.asarray(table[names[at]].to_numpy())
            start = 0
            for piece in pieces:
                self.held[at][start : start + len(piece)] = piece.to_numpy()
                start += len(piece)
            return self.held[at]

        self.held += [np.empty(self.rows, dtype=np.float32) for _ in names[len(self.held) :]]
        return dict(zip(names, self.threads.map(whole, range(len(names))), strict=True))

    def _once(self) -> None:
        """Whether each key is there once: by its place where keys are whole numbers close together."""
        columns = [np.asarray(column) for column in self.keys.values()]
        placed = _places(columns)
        if placed is None:
            unique(self.frame.lazy(), list(self.keys))
            return
        places, size = placed
        seen = np.zeros(size, dtype=bool)
        seen[places] = True
        if np.count_nonzero(seen) != self.rows:
            unique(self.frame.lazy(), list(self.keys))

    # --- scores -----------------------------------------------------------------------------------------------

    def scores(self) -> dict[str, Floats]:
        """Each aggregate (n,), in the order of the specification."""
        made: dict[str, Floats] = {}
        whole: set[str] = set()
        for node in nodes(self.spec.tree()):
            family = [self.indicators[name] for name, _ in node.children if name in self.indicators]
            columns, scalings, complete = self._family(family)
            for name, _ in node.children:
                if name in made:
                    columns[name], scalings[name] = made[name], Scaling("none", 1)
            complete |= whole
            made[node.code] = self._mean(node, columns, scalings, complete)
            if complete.issuperset(columns):
                whole.add(node.code)
        return {a.code: made[a.code] for a in self.spec.aggregates}

    def _family(
        self, family: Sequence[IndexIndicator]
    ) -> tuple[dict[str, Array], dict[str, Scaling], set[str]]:
        """Indicators as they come out of treatment (ranks: out of scaling too), their scalings, which miss nothing."""
        read = self._columns([i.column for i in family])
        found = list(self.threads.map(lambda i: self._prepared(i, _floats(read.pop(i.column))), family))
        faults = tuple(fault for _, _, _, wrong in found for fault in wrong)
        if faults:
            raise SpecError(faults, self.spec.file)
        columns = {i.column: column for i, (column, _, _, _) in zip(family, found, strict=True)}
        scalings = {i.column: scale for i, (_, scale, _, _) in zip(family, found, strict=True)}
        return columns, scalings, {i.column for i, f in zip(family, found, strict=True) if f[2] == self.rows}

    def _prepared(self, i: IndexIndicator, column: Array) -> tuple[Array, Scaling, int, tuple[Any, ...]]:
        from krachtwijk.monitor.index import kernels

        rule, treatment = self.spec.normalisation_of(i), self.spec.treatment_of(i)
        here, wrong = self._base(i, rule.base if rule.method == "reference" else "", column)
        if wrong:
            return column, Scaling("none", 1), 0, wrong
        made = Change()
        if treatment.method != "none":
            decisive = here[here == here].astype(np.float64)
            made = change(decisive[np.isfinite(decisive)], treatment)
        count, low, high, _, _ = kernels.moments(column)
        if count and not (math.isfinite(low) and math.isfinite(high)):
            rows = np.flatnonzero(np.isinf(column))
            unit = self.keys[self.spec.unit][rows[0]]
            return column, Scaling("none", 1), 0, (endless(i, unit, len(rows) - 1),)
        if count and not (made.holds(low) and made.holds(high)):
            return column, Scaling("none", 1), 0, (beyond(i, made),)
        if made.kind != "none":
            column = made.array(column.astype(np.float64))
            here, _ = self._base(i, rule.base if rule.method == "reference" else "", column)
        n, low, high, mean, around = kernels.moments(here)
        moments = Moments(n, low, high, mean, math.sqrt(around / (n - 1)) if n > 1 else math.nan)
        wrong = tuple(flat(self.spec, [i], {i.column: moments}, {i.column: count}))
        scale = scaling(rule, i.direction, moments)
        if not wrong and (scale.ranked or math.isfinite(scale.low)):
            return scale.array(column.astype(np.float64)), Scaling("none", 1), count, wrong
        return column, scale, count, wrong

    def _base(self, i: IndexIndicator, base: str, column: Array) -> tuple[Array, tuple[Any, ...]]:
        """The rows of a column that decide: those of its base period, or all."""
        if not base:
            return column, ()
        periods = self.keys[self.spec.period]
        known = {str(period): period for period in np.unique(periods)}
        if base not in known:
            return column, (no_base(i, base, sorted(known)),)
        return np.ascontiguousarray(column[periods == known[base]]), ()

    def _mean(
        self,
        node: Node,
        columns: Mapping[str, Array],
        scalings: Mapping[str, Scaling],
        complete: Iterable[str],
    ) -> Floats:
        """An aggregate (n,) out of its children; see `aggregate.mean`."""
        from krachtwijk.monitor.index import kernels

        names = [name for name, _ in node.children]
        weight = np.array([weight for _, weight in node.children])
        held = [columns[name] for name in names]
        scales = [scalings[name] for name in names]
        if node.mean != "arithmetic":
            held = [
                self._turned(node, name, s.array(c.astype(np.float64)))
                for name, s, c in zip(names, scales, held, strict=True)
            ]
            scales = [Scaling("none", 1)] * len(names)
        slope = np.array([s.direction * s.height / s.span for s in scales])
        # an offset is a centre that lies elsewhere, so that what is missing takes its offset with it
        centre = np.array([s.centre - s.offset / k for s, k in zip(scales, slope, strict=True)])
        entire = set(complete).issuperset(names)
        total, present = np.empty(self.rows), np.empty(0 if entire else self.rows)

        def added(start: int) -> None:
            rows = slice(start, min(start + ROWS, self.rows))
            kernels.weighted_sum(
                [c[rows] for c in held],
                centre,
                slope * weight,
                weight,
                complete=entire,
                total=total[rows],
                present=present if entire else present[rows],
            )
            if not entire:
                least = max(node.min_share * weight.sum() - EXACT, EXACT)
                share = np.where(present[rows] >= least, present[rows], np.nan)
                total[rows] /= share
            elif abs(weight.sum() - 1.0) > EXACT:
                total[rows] /= weight.sum()
            if node.mean == "geometric":
                np.exp(total[rows], out=total[rows])
            elif node.mean == "harmonic":
                np.divide(1.0, total[rows], out=total[rows])

        list(self.threads.map(added, range(0, self.rows, ROWS)))
        return total

    def _turned(self, node: Node, name: str, values: Floats) -> Floats:
        """Logarithms or inverses. Raises KrachtwijkError with the first value that has none."""
        bad = np.flatnonzero(values <= 0)
        if len(bad):
            key = [column[bad[0]] for column in self.keys.values()]
            raise not_positive(self.spec, node, name, float(values[bad[0]]), key)
        return np.asarray(np.log(values) if node.mean == "geometric" else 1.0 / values, dtype=np.float64)

    # --- classes and areas ------------------------------------------------------------------------------------

    def classes(
        self, scores: Mapping[str, Floats]
    ) -> tuple[dict[str, Ruler], dict[str, npt.NDArray[np.int8]]]:
        """Per aggregate its ruler and the class of every row; see `monitor.ruler`."""
        from krachtwijk.monitor.index import kernels

        def one(values: Floats) -> tuple[Ruler | None, npt.NDArray[np.int8]]:
            count, low, high, mean, around = kernels.moments(values)
            sd = math.sqrt(around / count) if count > 1 else 0.0
            if not sd > 1e-9 * max(1.0, abs(low), abs(high)):
                return None, np.zeros(len(values), dtype=np.int8)
            made = Ruler(mean, sd)
            return made, kernels.classes(values, np.array(made.cuts))

        found = dict(zip(scores, self.threads.map(one, scores.values()), strict=True))
        rulers = {code: made for code, (made, _) in found.items() if made is not None}
        return rulers, {code: classed for code, (_, classed) in found.items()}

    def areas(self, scores: Mapping[str, Floats], names: Sequence[str]) -> dict[str, dict[str, Array]]:
        """Per column of codes the weighted mean of every aggregate."""
        if not names:
            return {}
        weight = np.ones(self.rows)
        if self.spec.weight:
            weight = self.read([self.spec.weight])[self.spec.weight].astype(np.float64)
        made: dict[str, dict[str, Array]] = {}
        below: _Sums | None = None
        for name in names:
            below = self._sums(name, scores, weight, below)
            made[name] = below.table(list(scores))
        return made

    def _sums(self, name: str, scores: Mapping[str, Floats], weight: Floats, below: _Sums | None) -> _Sums:
        """Sums per code and period.

        Out of those one level below where that lies within this one, else out of the rows.
        """
        from krachtwijk.monitor.index import kernels

        codes = self.read([name])[name]
        if below is not None and np.array_equal(codes[below.first][below.group], codes):
            group, first = _groups([codes[below.first], *(p[below.first] for p in below.periods)])
            sums = np.zeros((len(first), *below.sums.shape[1:]))
            np.add.at(sums, group, below.sums)
            return _Sums(name, codes, below.periods, group[below.group], below.first[first], sums)
        periods = [self.keys[self.spec.period]] if self.spec.period else []
        group, first = _groups([codes, *periods])
        columns = [np.zeros(self.rows), *scores.values()]
        parts = self.threads.map(lambda values: kernels.sums(values, weight, group, len(first)), columns)
        return _Sums(name, codes, tuple(periods), group, first, np.stack(list(parts), axis=1))


@dataclass(frozen=True, slots=True)
class _Sums:
    """Areas of one level.

    The group of every row, the first row of every group, and sums (groups, 1 + aggregates, 2).
    """

    name: str
    codes: Array
    periods: tuple[Array, ...]
    group: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    sums: Floats

    def table(self, aggregates: Sequence[str]) -> dict[str, Array]:
        """Columns, a row per code and period in their order: weight, and means where there is something to weigh."""
        keys = [self.codes[self.first], *(p[self.first] for p in self.periods)]
        order = np.lexsort(keys[::-1])
        with np.errstate(invalid="ignore"):
            means = self.sums[order, 1:, 0] / self.sums[order, 1:, 1]
        return {
            **{name: key[order] for name, key in zip((self.name, "period"), keys, strict=False)},
            "weight": self.sums[order, 0, 1],
            **{code: np.ascontiguousarray(means[:, at]) for at, code in enumerate(aggregates)},
        }


def _floats(column: Array) -> Array:
    """A column as float32 or float64."""
    return column if column.dtype in (np.float32, np.float64) else column.astype(np.float64)


def _places(columns: Sequence[Array]) -> tuple[npt.NDArray[np.int64], int] | None:
    """One number per row that is the same where all columns are, and how many there can be.

    None where that is not small.
    """
    if not all(np.issubdtype(c.dtype, np.integer) and len(c) for c in columns):
        return None
    places = np.zeros(len(columns[0]), dtype=np.int64)
    size = 1
    for column in columns:
        low, high = int(column.min()), int(column.max())
        size *= high - low + 1
        if size > DENSE:
            return None
        places *= high - low + 1
        places += column
        places -= low
    return places, size


def _groups(columns: Sequence[Array]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The group of every row, and the first row of every group."""
    from krachtwijk.monitor.index import kernels

    placed = _places(columns)
    if placed is None:
        numbered = [np.unique(c, return_inverse=True)[1].astype(np.int64) for c in columns]
        placed = _places(numbered)
    if placed is None:
        raise KrachtwijkError(
            "Er zijn te veel gebieden om op te tellen", mend="Kies een kolom met minder verschillende codes"
        )
    group, first = kernels.groups(*placed)
    return group, first
