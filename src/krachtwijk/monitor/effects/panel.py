# SPDX-License-Identifier: EUPL-1.2
"""Differences-in-differences and event studies over a balanced panel, by sums instead of dummies.

With every unit there in every period, taking out unit and period means is exact in one go, and a term that is
an exposure of the unit times a course in time needs of each unit only how its values go along with that
course. So four million rows become one column of changes before anything is fitted. docs/methods/panel.md has
the algebra.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from krachtwijk.monitor.effects.estimated import (
    COVARIANCES,
    Covariance,
    Estimated,
    across,
    adder,
    clustered,
    compact,
    concluded,
    independent,
    nested,
    small_sample,
    times,
)
from krachtwijk.monitor.space.arrays import Floats, Whole

__all__ = ["Estimated", "Panel", "Placebos", "estimate", "event_study", "from_frame", "placebos"]

#: So many placebo programmes are in memory at once.
_AT_ONCE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Units by periods, each unit there in each period.

    ``values``: (n, T) float64 or float32, no missing ones. ``cluster``: (n,) codes. ``weight``: (n,), above
    0, or None for equal ones. ``units`` (n,) and ``periods`` (T,): their names; numbers from 0 where not
    given. Raises ValueError where shapes differ or a value or weight is no number; it names unit and period.
    """

    values: NDArray[Any]
    cluster: NDArray[Any]
    weight: Floats | None = None
    units: NDArray[Any] | None = None
    periods: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.dtype.kind != "f" or self.values.shape[1] < 2:
            raise ValueError("values are floats, a row per unit and a column per period, two periods or more")
        n, many = self.values.shape
        for name, part, size in (
            ("cluster", self.cluster, n),
            ("weight", self.weight, n),
            ("units", self.units, n),
            ("periods", self.periods, many),
        ):
            if part is not None and part.shape != (size,):
                raise ValueError(f"{name} has one entry for each of {size}, not shape {part.shape}")
        if not np.isfinite(self.values).all():
            unit, period = (int(place) for place in np.argwhere(~np.isfinite(self.values))[0])
            raise ValueError(f"unit {self.unit(unit)} has no number in period {self.period(period)}")
        if self.weight is not None and not (np.isfinite(self.weight).all() and (self.weight > 0).all()):
            unit = int(np.flatnonzero(~(np.isfinite(self.weight) & (self.weight > 0)))[0])
            raise ValueError(f"the weight of unit {self.unit(unit)} is no number above 0")

    def unit(self, place: int) -> str:
        """The name of a unit."""
        return str(place if self.units is None else self.units[place])

    def period(self, place: int) -> str:
        """The name of a period."""
        return str(place if self.periods is None else self.periods[place])


def from_frame(
    frame: Any,
    *,
    unit: str,
    period: str,
    value: str,
    cluster: str | None = None,
    weight: str | None = None,
) -> Panel:
    """A panel from a long table (any engine that Narwhals knows, eager), units and periods in their order.

    ``cluster`` and ``weight`` are columns that are the same throughout a unit; without ``cluster`` each unit
    is its own.
    Raises ValueError naming the first unit and period that is missing, stands there twice or has no value.
    """
    columns = [unit, period, value, *(name for name in (cluster, weight) if name)]
    table = nw.from_native(frame, eager_only=True).select(*dict.fromkeys(columns))
    many = int(table[period].n_unique())
    if table[unit].null_count() or table[period].null_count():
        raise ValueError("a row without a unit or a period")
    if not _in_order(table, unit, period, many):
        table = table.sort(unit, period)
        if not _in_order(table, unit, period, many):
            raise ValueError(_unbalanced(table, unit, period))
    units = table[unit].to_numpy()[::many]
    values = table[value].to_numpy().reshape(-1, many)

    def throughout(name: str) -> NDArray[Any]:
        whole = table[name].to_numpy().reshape(-1, many)
        differs = np.flatnonzero((whole != whole[:, :1]).any(axis=1))
        if len(differs):
            raise ValueError(f"{name} of unit {units[differs[0]]} is not the same in all periods")
        return whole[:, 0].copy()

    return Panel(
        values if values.dtype.kind == "f" else values.astype(np.float64),
        np.arange(len(units)) if cluster is None else throughout(cluster),
        None if weight is None else throughout(weight).astype(np.float64),
        units,
        table[period].to_numpy()[:many],
    )


def _in_order(table: nw.DataFrame[Any], unit: str, period: str, many: int) -> bool:
    if len(table) % many:
        return False
    whose, when = table[unit].to_numpy().reshape(-1, many), table[period].to_numpy().reshape(-1, many)
    return bool(
        (whose == whose[:, :1]).all()
        and (whose[1:, 0] > whose[:-1, 0]).all()
        and (when[0, 1:] > when[0, :-1]).all()
        and (when == when[:1]).all()
    )


def _unbalanced(table: nw.DataFrame[Any], unit: str, period: str) -> str:
    counts = table.group_by(unit, period).agg(nw.len().alias("__rows")).sort(unit, period)
    twice = counts.filter(nw.col("__rows") > 1)
    if len(twice):
        return f"unit {twice[unit][0]} stands more than once in period {twice[period][0]}"
    periods = np.unique(counts[period].to_numpy())
    place, units = compact(counts[unit].to_numpy())
    present = np.zeros((units, len(periods)), dtype=bool)
    present[place, np.searchsorted(periods, counts[period].to_numpy())] = True
    first, when = np.argwhere(~present)[0]
    return f"unit {np.unique(counts[unit].to_numpy())[first]} is missing in period {periods[when]}"


@dataclass(frozen=True, slots=True, eq=False)
class _Effects:
    """Unit and period effects, the latter per group: who counts, and how means are taken out."""

    weight: Floats  # 0 for units alone in their group: their own period effects tell all of them
    add: csc_array  # sums per group, by weight
    total: Floats
    group: Whole
    cluster: Whole
    clusters: int
    costs: tuple[tuple[int, bool], ...]
    counted: int

    def centred(self, columns: NDArray[Any]) -> Floats:
        """(n, S) minus the means of the groups."""
        means = (self.add @ columns) / self.total[:, None]
        return np.asarray(columns - (means if len(means) == 1 else means[self.group]), dtype=np.float64)

    def without(self, table: NDArray[Any]) -> Floats:
        """(n, T) without unit and group-by-period means; exact, for no unit misses a period."""
        return self.centred(table - table.mean(axis=1, keepdims=True, dtype=np.float64))

    def square(self, table: Floats) -> float:
        return float(self.weight @ np.einsum("nt,nt->n", table, table))


def _effects(panel: Panel, period_effects: NDArray[Any] | None) -> _Effects:
    n, periods = panel.values.shape
    if period_effects is None:
        group, groups, counts = np.zeros(n, dtype=np.int64), 1, np.array([n])
    else:
        if np.shape(period_effects) != (n,):
            raise ValueError("period_effects has a group per unit")
        group, groups = compact(np.asarray(period_effects))
        counts = np.bincount(group)
    alone = counts[group] < 2
    cluster, clusters = compact(panel.cluster[~alone])
    whole = np.zeros(n, dtype=np.int64)
    whole[~alone] = cluster
    weight = np.where(alone, 0.0, 1.0 if panel.weight is None else panel.weight)
    add = adder(group, groups, weight)
    total = add @ np.ones(n)
    within = period_effects is not None and nested(group[~alone], groups, cluster)
    return _Effects(
        weight,
        add,
        np.where(total > 0, total, 1.0),
        group,
        whole,
        clusters,
        ((int((~alone).sum()), True), (int((counts > 1).sum()) * periods, within)),
        int((~alone).sum()),
    )


def estimate(
    panel: Panel,
    exposure: NDArray[Any],
    after: NDArray[Any],
    *,
    period_effects: NDArray[Any] | None = None,
    cov: Covariance = "cluster",
    names: Sequence[str] | None = None,
) -> Estimated:
    """Differences-in-differences: K exposures, each times ``after``, beside unit and period effects.

    ``exposure``: (n,) or (n, K) bool or number (programme, first ring, …). ``after``: (T,) bool, or (n, T)
    where units start at different times (read docs/methods/imputation.md first). ``period_effects``: (n,)
    group of each unit (its city), which then has period effects of its own. ``cov``: clustered (CRV1), HC1,
    or none. Terms that tell nothing beside earlier ones are dropped and named. Equal to least squares with
    dummies. Raises ValueError.
    """
    exposure, names = _columns(panel, exposure, names)
    after = np.asarray(after)
    if after.dtype != bool and not np.isin(after, (0, 1)).all():
        raise ValueError("after is true or false per period, or per unit and period")
    if after.shape == panel.values.shape[1:]:
        if after.all() or not after.any():
            raise ValueError("after holds in some periods and not in others")
        return _along(
            panel, exposure, after.astype(np.float64)[:, None], names, list(names), period_effects, cov
        )
    if after.shape == panel.values.shape:
        return _staggered(panel, exposure, after.astype(np.float64), names, period_effects, cov)
    raise ValueError(f"after is (T,) or (n, T), not of shape {after.shape}")


def event_study(
    panel: Panel,
    exposure: NDArray[Any],
    base_period: Any,
    *,
    period_effects: NDArray[Any] | None = None,
    cov: Covariance = "cluster",
    names: Sequence[str] | None = None,
) -> Estimated:
    """Per exposure and period the difference since the base period, beside unit and period effects.

    ``base_period``: one of the panel's ``periods`` (a number from 0 where they have no names). Terms stand
    per exposure, then per period, without the base: K·(T − 1), named ``exposure:period``. The rest as
    `estimate`.
    """
    exposure, names = _columns(panel, exposure, names)
    periods = np.arange(panel.values.shape[1]) if panel.periods is None else panel.periods
    base = np.flatnonzero(periods == base_period)
    if len(base) != 1:
        raise ValueError(f"base_period {base_period} is none of the periods {periods[0]} to {periods[-1]}")
    course = np.delete(np.eye(len(periods)), base[0], axis=1)
    others = [str(period) for period in np.delete(periods, base[0])]
    terms = [f"{name}:{period}" for name in names for period in others]
    return _along(panel, exposure, course, names, terms, period_effects, cov)


def _columns(
    panel: Panel, exposure: NDArray[Any], names: Sequence[str] | None
) -> tuple[Floats, Sequence[str]]:
    exposure = np.asarray(exposure, dtype=np.float64)
    exposure = exposure[:, None] if exposure.ndim == 1 else exposure
    if exposure.ndim != 2 or len(exposure) != len(panel.values) or not np.isfinite(exposure).all():
        raise ValueError("exposure has a row per unit and a column per term, of numbers")
    names = [f"x{1 + k}" for k in range(exposure.shape[1])] if names is None else names
    if len(names) != exposure.shape[1] or len(set(names)) != len(names):
        raise ValueError("names has a name per column of exposure, each once")
    return exposure, names


def _settled(effects: _Effects, cov: Covariance, n_obs: int, terms: int) -> tuple[float, int]:
    """Small-sample factor and degrees of freedom, where the data carry them."""
    if cov not in COVARIANCES:
        raise ValueError(f"cov is one of {', '.join(COVARIANCES)}")
    if cov == "cluster" and effects.clusters < 2:
        raise ValueError("fewer than two clusters: no standard error can be had from them")
    if terms == 0:
        raise ValueError("no term tells anything beside the fixed effects")
    factor, degrees = small_sample(
        n_obs, terms, effects.costs, None if cov == "hc1" else max(effects.clusters, 2)
    )
    if not (0 < factor < np.inf):
        raise ValueError("as many terms and effects as observations: nothing is left to estimate with")
    return float(factor), int(degrees)


def _along(
    panel: Panel,
    exposure: Floats,
    course: Floats,
    names: Sequence[str],
    terms: Sequence[str],
    period_effects: NDArray[Any] | None,
    cov: Covariance,
) -> Estimated:
    """Terms exposure x course in time: each unit's movement along the courses (T, S), on its exposures."""
    effects = _effects(panel, period_effects)
    table = effects.without(panel.values)
    centred = course - course.mean(axis=0)
    square = centred.T @ centred
    pace = centred @ np.linalg.inv(square)
    change = times(table, pace)

    left = effects.centred(exposure)
    left[effects.weight == 0] = 0.0
    weighted = left * effects.weight[:, None]
    kept = independent(across(weighted, left), effects.weight @ exposure**2)
    many = course.shape[1]
    spared = np.isin(np.arange(len(terms)) // many, kept)
    if len(kept) < left.shape[1]:
        left, weighted = left[:, kept], weighted[:, kept]
    gram = across(weighted, left)
    n_obs = effects.counted * panel.values.shape[1]
    factor, degrees = _settled(effects, cov, n_obs, len(kept) * many)
    coef = np.asarray(np.linalg.solve(gram, across(weighted, change)), dtype=np.float64)
    lever = times(weighted, np.asarray(np.linalg.inv(gram), dtype=np.float64))
    error = change - times(left, coef)

    meat = None
    if cov == "cluster":
        meat = clustered(lever, error, effects.cluster, effects.clusters)
    elif cov == "hc1":
        residual = table - times(left, coef @ centred.T)
        meat = np.zeros((coef.size, coef.size))
        for when, step in enumerate(pace):
            meat += np.kron(across(lever * residual[:, [when]] ** 2, lever), np.outer(step, step))
    told = float(np.sum((coef.T @ gram @ coef) * square))
    return concluded(
        [term for term, keep in zip(terms, spared, strict=True) if keep],
        coef.ravel(),
        meat,
        correction=factor,
        degrees=degrees,
        clusters=effects.clusters,
        n_obs=n_obs,
        r2_within=told / effects.square(table),
        lever=lever,
        error=error,
        dropped=[term for term, keep in zip(terms, spared, strict=True) if not keep],
        left_out=panel.values.size - n_obs,
    )


def _staggered(
    panel: Panel,
    exposure: Floats,
    after: Floats,
    names: Sequence[str],
    period_effects: NDArray[Any] | None,
    cov: Covariance,
) -> Estimated:
    effects = _effects(panel, period_effects)
    weight = effects.weight[:, None]
    table = effects.without(panel.values)
    raw = [column[:, None] * after for column in exposure.T]
    left = np.stack([effects.without(term) for term in raw])
    gram = np.einsum("knt,lnt->kl", left * weight, left, optimize=True)
    kept = independent(gram, np.array([float((weight * term**2).sum()) for term in raw]))
    left, gram = left[kept], gram[np.ix_(kept, kept)]
    n_obs = effects.counted * panel.values.shape[1]
    factor, degrees = _settled(effects, cov, n_obs, len(kept))
    coef = np.linalg.solve(gram, np.einsum("knt,nt->k", left, table * weight))
    residual = (table - np.einsum("k,knt->nt", coef, left)) * weight
    lever = np.einsum("knt,nt->nk", left, residual) @ np.linalg.inv(gram)
    error = np.ones((len(lever), 1))
    meat = None
    if cov == "cluster":
        meat = clustered(lever, error, effects.cluster, effects.clusters)
    elif cov == "hc1":
        bread = np.linalg.inv(gram)
        meat = bread @ np.einsum("knt,lnt->kl", left * residual**2, left, optimize=True) @ bread
    return concluded(
        [names[k] for k in kept],
        coef,
        meat,
        correction=factor,
        degrees=degrees,
        clusters=effects.clusters,
        n_obs=n_obs,
        r2_within=float(coef @ gram @ coef) / effects.square(table),
        lever=lever,
        error=error,
        dropped=[name for k, name in enumerate(names) if k not in kept],
        left_out=panel.values.size - n_obs,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Placebos:
    """Of D made-up programmes ``coef`` and clustered ``se``, (D, K); NaN where a class tells nothing."""

    coef: Floats
    se: Floats

    @property
    def t(self) -> Floats:
        """(D, K) coefficients over their standard errors."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.coef / self.se


def placebos(
    panel: Panel,
    exposures: Iterable[NDArray[Any]],
    after: NDArray[Any],
    *,
    classes: int,
    period_effects: NDArray[Any] | None = None,
) -> Placebos:
    """`estimate` for many made-up programmes over the same panel: the panel is read once.

    ``exposures``: of each programme (n,) whole numbers: 0 compared with, 1 to ``classes`` its terms (1 the
    programme, 2 the first ring, …), −1 left out of this one. A generator need not hold them all. ``after``:
    (T,) bool. Coefficients and clustered standard errors equal those of `estimate` on the units that are not
    left out, and do not depend on the number of threads. Raises ValueError naming the programme.
    """
    from krachtwijk.monitor.effects.kernels_panel import fit_classes

    n, periods = panel.values.shape
    after = np.asarray(after, dtype=bool)
    if after.shape != (periods,) or after.all() or not after.any():
        raise ValueError("after holds in some periods and not in others")
    if not 1 <= classes <= 100:
        raise ValueError("classes is a number from 1 to 100")
    change = panel.values @ np.where(after, 1 / after.sum(), -1 / (~after).sum())
    group, groups = compact(np.zeros(n) if period_effects is None else np.asarray(period_effects))
    cluster, clusters = compact(panel.cluster)
    pairs, cell = np.unique(cluster * groups + group, return_inverse=True)
    within = period_effects is not None and nested(group, groups, cluster)
    weight = np.ones(n) if panel.weight is None else panel.weight
    coefs, errors = [], []
    for batch in _batches(exposures, n, classes):
        coef, variance = np.zeros((len(batch), classes)), np.zeros((len(batch), classes))
        counted = np.zeros((len(batch), 4), dtype=np.int64)
        fit_classes(
            batch,
            change - change.mean(),
            weight,
            cell.ravel(),
            pairs % groups,
            pairs // groups,
            groups,
            clusters,
            classes,
            coef,
            variance,
            counted,
        )
        units, kinds, bunches, terms = counted.T
        with np.errstate(divide="ignore", invalid="ignore"):
            factor, _ = small_sample(
                units * periods, terms, ((units, True), (kinds * periods, within)), bunches
            )
            errors.append(np.sqrt(np.where(bunches > 1, factor, np.nan)[:, None] * variance))
        coefs.append(coef)
    if not coefs:
        raise ValueError("exposures holds no programme")
    return Placebos(np.concatenate(coefs), np.concatenate(errors))


def _batches(exposures: Iterable[NDArray[Any]], n: int, classes: int) -> Iterator[NDArray[np.int8]]:
    waiting = iter(exposures)
    for number, some in enumerate(iter(lambda: list(islice(waiting, _AT_ONCE)), [])):
        rows = np.empty((len(some), n), dtype=np.int8)
        for place, codes in enumerate(some):
            codes = np.asarray(codes)
            if (
                codes.shape != (n,)
                or codes.dtype.kind not in "iu"
                or codes.min() < -1
                or codes.max() > classes
            ):
                raise ValueError(
                    f"programme {number * _AT_ONCE + place} is not {n} whole numbers from −1 to {classes}"
                )
            rows[place] = codes
        yield rows
