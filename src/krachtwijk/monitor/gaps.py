# SPDX-License-Identifier: EUPL-1.2
"""The Outcomemonitor's arithmetic: gap to the city, its change in a named window, a verdict, counts with an interval.

All frames are long and keyed by ``area`` and ``indicator``; ``period`` is a year as integer. A gap is the area's value
minus the value it is compared with, in the indicator's unit. An *arrear* is the gap in the unwanted direction: positive
is behind the city, whichever way the indicator points. None of this is an effect of policy (R-149).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import narwhals as nw
import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit  # as scipy.stats does, which takes a second to import

from krachtwijk.monitor.frames import opened
from krachtwijk.monitor.model import LIMIT

if TYPE_CHECKING:
    from narwhals.typing import IntoFrameT

Verdict = Literal["closing", "stable", "widening", "unknown"]
Reason = Literal[
    "no-measurement",  # no period has enough coverage
    "starts-later",  # the first measurement is after the first year of the window
    "too-few",  # fewer than two measurements in the window
    "no-direction",  # policy names no wanted direction
    "noise-unknown",  # no series of three or more measurements tells the noise
    "within-noise",
    "beyond-noise",
]
TargetStatus = Literal["reached", "on-course", "behind", "unknown"]

#: Two-sided confidence of verdicts and intervals.
CONFIDENCE = 0.90
#: Below this share of inhabitants with a figure, an aggregate shows none.
MINIMUM_COVERAGE = 0.60

KEYS = ("area", "indicator")

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]


def withhold_low_coverage(
    frame: IntoFrameT, *, value: str = "value", coverage: str = "coverage", minimum: float = MINIMUM_COVERAGE
) -> IntoFrameT:
    """Null the value where fewer than ``minimum`` of the inhabitants live in parts that carry a figure."""
    return (
        opened(frame)
        .with_columns(nw.when(nw.col(coverage) >= minimum).then(nw.col(value)).alias(value))
        .to_native()
    )


def withhold_few(
    frame: IntoFrameT, *, value: str = "value", people: str = "weight", minimum: float = LIMIT
) -> IntoFrameT:
    """Null the value of our own making where it is about fewer than ``minimum`` people (G27)."""
    return (
        opened(frame)
        .with_columns(nw.when(nw.col(people) >= minimum).then(nw.col(value)).alias(value))
        .to_native()
    )


def pooled_noise(gaps: IntoFrameT, *, gap: str = "gap", period: str = "period") -> IntoFrameT:
    """Standard deviation of one gap around the area's own straight line, pooled over areas, per indicator.

    Only series of three or more measurements tell it: two points always lie on a line. Result: ``indicator``,
    ``noise_sd`` and ``freedom`` (degrees of freedom); indicators without such series are absent.
    """
    data = opened(gaps).filter(~nw.col(gap).is_null())
    x, y = nw.col("__x"), nw.col(gap)
    centre = data.group_by(*KEYS).agg(nw.col(period).mean().alias("__centre"), nw.len().alias("__n"))
    data = data.join(centre, on=list(KEYS), how="inner").filter(nw.col("__n") >= 3)
    data = data.with_columns((nw.col(period) - nw.col("__centre")).alias("__x"))
    sums = (
        data.with_columns((x * x).alias("__xx"), (x * y).alias("__xy"), (y * y).alias("__yy"))
        .group_by(*KEYS)
        .agg(
            nw.len().alias("__n"),
            nw.col("__xx").sum(),
            nw.col("__xy").sum(),
            nw.col("__yy").sum(),
            nw.col(gap).sum().alias("__y"),
        )
    )
    n, sy = nw.col("__n"), nw.col("__y")
    residual = nw.col("__yy") - sy * sy / n - nw.col("__xy") * nw.col("__xy") / nw.col("__xx")
    return (
        sums.with_columns(residual.alias("__rss"), (n - 2).alias("__df"))
        .group_by("indicator")
        .agg(nw.col("__rss").sum(), nw.col("__df").sum().alias("freedom"))
        .select(
            "indicator", "freedom", (nw.max_horizontal("__rss", nw.lit(0.0)) / nw.col("freedom")).alias("__v")
        )
        .select("indicator", nw.col("__v").sqrt().alias("noise_sd"), "freedom")
        .to_native()
    )


@cache
def _quantile(freedom: float) -> float:
    """Student's quantile for our confidence: a page asks for the same one a hundred times."""
    return float(stdtrit(freedom, 0.5 + CONFIDENCE / 2))


def noise_of_change(noise_sd: float | None, freedom: float = math.inf) -> float | None:
    """A difference of two measurements within plus or minus this is noise; None where the noise is not known.

    Student's quantile: noise that was estimated from few series (small ``freedom``) is itself uncertain.
    """
    if noise_sd is None:
        return None
    return _quantile(freedom) * math.sqrt(2.0) * noise_sd


def margin_of_gap(noise_sd: float | None, freedom: float = math.inf) -> float | None:
    """One measured gap is known to within plus or minus this, in the indicator's unit; None where noise is not known.

    The same noise and confidence as `noise_of_change`, for a single measurement.
    """
    return None if noise_sd is None else _quantile(freedom) * noise_sd


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to the gap of one area on one indicator in one window.

    ``change`` is the change of the gap to the city in the wanted direction: positive is towards the city, past it, or,
    for an area ahead of its city, further ahead. It is None where the window is not covered; ``change_first`` is then
    the change since the first measurement.
    """

    start: int | None
    end: int | None
    gap_start: float | None
    gap_end: float | None
    change: float | None
    first: int | None
    last: int | None
    change_first: float | None
    points: int
    noise: float | None
    verdict: Verdict
    reason: Reason
    two_points: bool


def course(
    gaps: Mapping[int, float],
    *,
    start: int,
    end: int,
    direction: str,
    noise_sd: float | None,
    freedom: float = math.inf,
) -> Course:
    """Judge the gaps of one area by year (``{2002: -1.3, ...}``) within the window ``start`` to ``end``.

    The rule (``gat-1``): the window is covered where there is a measurement at its first year and one later; a change
    within the noise is stable; without known noise, without a wanted direction or without a covered window the verdict
    is unknown, with the reason. ``two_points`` marks what is no trend yet and must be said so (R-142, R-143).
    """
    sign = {"hoger-beter": 1.0, "lager-beter": -1.0}.get(direction)
    years = sorted(gaps)
    inside = [year for year in years if start <= year <= end]
    first = years[0] if years else None
    last = years[-1] if years else None
    oriented = sign if sign is not None else 1.0
    change_first = oriented * (gaps[years[-1]] - gaps[years[0]]) if len(years) > 1 else None
    noise = noise_of_change(noise_sd, freedom)
    covered = len(inside) >= 2 and inside[0] == start
    begin = inside[0] if covered else None
    finish = inside[-1] if covered else last
    gap_start = None if begin is None else gaps[begin]
    gap_end = None if finish is None else gaps[finish]
    change = None if gap_start is None or gap_end is None else oriented * (gap_end - gap_start)
    two_points = len(inside) == 2 if covered else len(years) == 2
    verdict: Verdict = "unknown"
    reason: Reason
    if not years:
        reason = "no-measurement"
    elif not covered:
        reason = "starts-later" if first is None or first > start else "too-few"
    elif sign is None:
        reason = "no-direction"
    elif noise is None or change is None:
        reason = "noise-unknown"
    elif abs(change) <= noise:
        verdict, reason = "stable", "within-noise"
    elif change > 0:
        verdict, reason = "closing", "beyond-noise"
    else:
        verdict, reason = "widening", "beyond-noise"
    return Course(
        start=begin,
        end=finish,
        gap_start=gap_start,
        gap_end=gap_end,
        change=change,
        first=first,
        last=last,
        change_first=change_first,
        points=len(inside),
        noise=noise,
        verdict=verdict,
        reason=reason,
        two_points=two_points,
    )


@dataclass(frozen=True, slots=True)
class Share:
    """A share of areas with its interval; ``effective`` is the number of independent areas it is worth."""

    share: float | None
    low: float | None
    high: float | None
    effective: float
    clusters: int


def clustered_share(hits: Sequence[bool], clusters: Sequence[str]) -> Share:
    """Share of hits with an interval that respects that areas of one city resemble each other.

    Wilson's interval on the effective sample size (Rao and Scott 1992): n is divided by the design effect
    ``1 + (m - 1) * rho`` with rho the analysis-of-variance intraclass correlation (not below zero) and m the
    size-weighted mean cluster size; the quantile is Student's with clusters - 1 degrees of freedom. With all or no hits
    rho cannot be seen and is taken as 0. Empty input gives None for share and bounds.
    """
    y = np.asarray(hits, dtype=np.float64)
    n = len(y)
    names, index = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    k = len(names)
    if n == 0:
        return Share(None, None, None, 0.0, 0)
    share = float(y.mean())
    if k < 2:
        return Share(share, 0.0, 1.0, 1.0, k)
    sizes = np.bincount(index).astype(np.float64)
    effective = n / _design_effect(y, index, sizes)
    z = _quantile(k - 1)
    centre = (share + z * z / (2 * effective)) / (1 + z * z / effective)
    half = (
        z / (1 + z * z / effective) * math.sqrt(share * (1 - share) / effective + z * z / (4 * effective**2))
    )
    low = 0.0 if share == 0.0 else max(0.0, centre - half)
    high = 1.0 if share == 1.0 else min(1.0, centre + half)
    return Share(share, low, high, effective, k)


def _design_effect(y: Floats, index: Integers, sizes: Floats) -> float:
    n, k = len(y), len(sizes)
    if n == k or y.min() == y.max():
        return 1.0
    means = np.bincount(index, weights=y) / sizes
    between = float((sizes * (means - y.mean()) ** 2).sum()) / (k - 1)
    within = float(((y - means[index]) ** 2).sum()) / (n - k)
    m0 = (n - float((sizes**2).sum()) / n) / (k - 1)
    denominator = between + (m0 - 1) * within
    rho = (between - within) / denominator if denominator > 0 else 0.0
    mean_size = float((sizes**2).sum()) / n
    return 1.0 + (mean_size - 1.0) * min(max(rho, 0.0), 1.0)


def reach(
    gaps: Mapping[int, float], *, baseline: int, by: int, direction: str
) -> tuple[TargetStatus, int | None]:
    """Whether an area grew to the city's level by year ``by`` (R-002, R-140), and the year of its zero measurement.

    The zero measurement is the last one at or before ``baseline``. Reached: no arrear left at the last measurement. On
    course: before ``by``, at least the share of the arrear was made up that the elapsed time asks for. Behind: neither.
    Unknown: no zero measurement, no later one, or no wanted direction.
    """
    sign = {"hoger-beter": 1.0, "lager-beter": -1.0}.get(direction)
    zero = max((year for year in gaps if year <= baseline), default=None)
    last = max(gaps, default=None)
    if sign is None or zero is None or last is None or last == zero:
        return "unknown", zero
    at_zero, at_last = -sign * gaps[zero], -sign * gaps[last]
    if at_last <= 0:
        return "reached", zero
    made_up = 1.0 - at_last / at_zero if at_zero > 0 else 0.0
    if last < by and made_up >= (last - zero) / (by - zero):
        return "on-course", zero
    return "behind", zero
