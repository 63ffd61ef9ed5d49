# SPDX-License-Identifier: EUPL-1.2
"""Effects where units start at different times: what would have been comes from untreated observations alone.

Two stages (Gardner 2022, arXiv:2207.05943; Borusyak, Jaravel and Spiess 2024, doi:10.1093/restud/rdae007):
unit and period effects from observations that are neither treated nor exposed to what others had (Butts 2021,
arXiv:2105.03737), then the mean of what the others have beside them. docs/methods/imputation.md has the
formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from krachtwijk.monitor.effects.estimated import (
    Estimated,
    clustered,
    compact,
    concluded,
)
from krachtwijk.monitor.effects.panel import Panel
from krachtwijk.monitor.effects.unbalanced import two_way
from krachtwijk.monitor.space.arrays import Whole, summed

#: The start of a unit that never starts.
NEVER = np.iinfo(np.int64).max


def static_terms(exposure: NDArray[Any], start: NDArray[Any], periods: NDArray[Any]) -> Whole:
    """(n, T) numbers of terms: a unit's exposure from its start on.

    ``exposure``: (n,) 0 none, 1 the programme, 2 the first ring, …. ``start``: (n,) first period of what the
    unit is exposed to, `NEVER` without one. ``periods``: (T,) in order.
    """
    return np.where(periods[None, :] >= start[:, None], exposure[:, None], 0).astype(np.int64)


def event_terms(
    start: NDArray[Any], periods: NDArray[Any], *, earliest: int | None = None, latest: int | None = None
) -> tuple[Whole, list[str]]:
    """(n, T) numbers of terms by periods since the start, and their names; 0 for units that never start.

    ``periods`` are numbers; what lies before ``earliest`` or after ``latest`` counts as they do. Every
    relative period that occurs has a term: those before the start show whether units moved alike before (they
    hold no effect).
    """
    ever = np.asarray(start != NEVER)
    if not ever.any():
        raise ValueError("no unit starts")
    since = np.where(ever[:, None], periods[None, :] - np.where(ever, start, 0)[:, None], 0)
    since = np.clip(since, earliest, latest)
    found = np.unique(since[ever])
    return np.where(ever[:, None], 1 + np.searchsorted(found, since), 0).astype(np.int64), [
        str(period) for period in found
    ]


def impute(
    panel: Panel,
    term: Whole,
    clean: NDArray[np.bool_],
    *,
    unit_effects: NDArray[Any] | None = None,
    period_effects: NDArray[Any] | None = None,
    names: Sequence[str] | None = None,
) -> Estimated:
    """Mean of values beside their counterfactual, per term 1 to K; standard errors know of the first stage.

    ``term``: (n, T) number of the term of an observation, 0 for none; terms exclude one another. ``clean``:
    (n, T) true where nothing was done and nothing spilled over: the first stage rests on these alone.
    ``unit_effects``: (n,) groups that share an effect (each unit its own where not given);
    ``period_effects``: (n,) groups with period effects of their own. Observations of a unit or period without
    clean ones, or in a part of the panel that does not hang together with it, have no counterfactual: they
    are left out and counted; a term with none left is dropped.

    Standard errors: clustered by ``panel.cluster``, without small-sample factor, as did2s gives them.
    `r2_within` is NaN. Raises ValueError.
    """
    n, periods = panel.values.shape
    if term.shape != (n, periods) or clean.shape != (n, periods) or clean.dtype != bool:
        raise ValueError("term and clean have the shape of the values; clean is true or false")
    if term.dtype.kind not in "iu" or term.min() < 0 or term.max() < 1:
        raise ValueError("term holds numbers of terms from 1, and 0 for none")
    many = int(term.max()) if names is None else len(names)
    names = [f"x{1 + k}" for k in range(many)] if names is None else names
    if term.max() > many:
        raise ValueError(f"{many} names for {int(term.max())} terms")
    whose, units = compact(np.arange(n) if unit_effects is None else np.asarray(unit_effects))
    group, groups = compact(np.zeros(n) if period_effects is None else np.asarray(period_effects))
    cluster, clusters = compact(panel.cluster)
    if clusters < 2:
        raise ValueError("fewer than two clusters: no standard error can be had from them")
    unit = np.repeat(whose, periods)
    period = (group[:, None] * periods + np.arange(periods)).ravel()
    weight = np.ones(n) if panel.weight is None else panel.weight
    values = panel.values.astype(np.float64)
    pure = np.where(clean, weight[:, None], 0.0)
    system = two_way(unit, period, pure.ravel(), units, groups * periods)

    known = system.component[unit] == system.component[units + period]
    known &= (system.of_unit[unit] > 0) & (system.of_period[period] > 0)
    told = term * known.reshape(n, periods)
    base = np.bincount(told.ravel(), np.repeat(weight, periods), minlength=many + 1)[1 : many + 1]
    kept = np.flatnonzero(base > 0).tolist()
    if not kept:
        raise ValueError("no observation of any term has a counterfactual: too few clean observations")
    number = np.zeros(many + 1, dtype=np.int64)
    number[1:][kept] = 1 + np.arange(len(kept))
    told, base = number[told], base[kept]

    alpha, gamma = system.solved(
        summed(unit, (pure * values).ravel(), units)[:, None],
        summed(period, (pure * values).ravel(), groups * periods)[:, None],
    )
    beside = values - (alpha[unit, 0] + gamma[period, 0]).reshape(n, periods)
    share = np.where(told > 0, weight[:, None], 0.0) / np.concatenate([[1.0], base])[told]
    coef = summed(told.ravel(), (share * beside).ravel(), len(kept) + 1)[1:]

    # a term's counterfactual is a weighted sum of clean observations: so the first stage's error carries over
    steps = len(kept) + 1
    by_unit = summed(unit * steps + told.ravel(), share.ravel(), units * steps).reshape(units, steps)[:, 1:]
    by_period = summed(period * steps + told.ravel(), share.ravel(), groups * periods * steps)
    lean_unit, lean_period = system.solved(by_unit, by_period.reshape(-1, steps)[:, 1:])
    first = pure * beside
    own = share * (beside - np.concatenate([[0.0], coef])[told])
    rows = np.repeat(np.arange(n), periods)
    influence = summed(rows * steps + told.ravel(), own.ravel(), n * steps).reshape(n, steps)[:, 1:]
    influence = influence - lean_unit[whose] * first.sum(axis=1, keepdims=True)
    for place in range(periods):
        influence -= lean_period[group * periods + place] * first[:, [place]]
    error = np.ones((n, 1))
    used = int((told > 0).sum())
    return concluded(
        [names[k] for k in kept],
        coef,
        clustered(influence, error, cluster, clusters),
        correction=1.0,
        degrees=clusters - 1,
        clusters=clusters,
        n_obs=int((clean | (told > 0)).sum()),
        r2_within=np.nan,
        lever=influence,
        error=error,
        dropped=[name for k, name in enumerate(names) if k not in kept],
        left_out=int((term > 0).sum()) - used,
    )
