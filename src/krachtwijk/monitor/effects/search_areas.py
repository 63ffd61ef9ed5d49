# SPDX-License-Identifier: EUPL-1.2
"""Displacement as the ministry looked for it in 2009-2011: search areas around target areas, and indications.

RIGO and Atlas voor gemeenten, Waterbedeffecten van het wijkenbeleid (2009, 2011); docs/methods/search-areas.md tells
what of it is known. The counts are kept beside those that programmes placed at random give.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr  # as scipy.stats does, which takes a second to import

from krachtwijk.monitor.space.arrays import Floats, Whole, summed

Flags = NDArray[np.bool_]
#: The measure of each indication that is read from a plot: the score, its residents and its safety.
MEASURES = {"1a": "total", "2a": "bev", "2c": "vei"}


@dataclass(frozen=True, slots=True)
class Lines:
    """Where an indication begins, in standard deviations (SD) between the units compared.

    ``line``: above or below the mean (1a, combination 1). ``diagonal``: distance below the line on which search area
    and target change alike (combination 2). ``strong``: below the mean whatever the target does (combination 3).
    ``decline``: below the trend, in SD between postcodes, from which a postcode declines (1b). ``many``: above the
    mean share of inhabitants in such postcodes (1b). ``striking``: below the trend, in SD between postcodes (1c).
    ``flow``: above the mean share of those who move (2b). ``fewest``: a flow of fewer people tells nothing.
    """

    line: float = 0.5
    diagonal: float = sqrt(0.5)
    strong: float = 1.0
    decline: float = 0.5
    many: float = 1.0
    striking: float = 2.0
    flow: float = 0.5
    fewest: int = 10


@dataclass(frozen=True)
class SearchSets:
    """Who is held against whom: ``unit`` (m,) the code of a target area, city or region; ``target`` and ``around``
    (m, n), 1 where a postcode belongs to the target or to its search area.
    """

    unit: Whole
    target: csr_array
    around: csr_array


@dataclass(frozen=True, slots=True)
class Plot:
    """Indication 1a, 2a or 2c per unit and window (m, w): changes against the trend of the region, NaN where unknown.

    ``target_sd``, ``around_sd``: the same in SD from the mean of the units. ``combination``: 1, 2 or 3, 0 for none.
    ``correlation`` (w,): Pearson's, of target and search area; NaN for fewer than 3 units.
    """

    target: Floats
    around: Floats
    target_sd: Floats
    around_sd: Floats
    combination: Whole
    correlation: Floats


@dataclass(frozen=True, slots=True)
class Parts:
    """Indications 1b and 1c per unit and window (m, w). ``postcodes``: how many of the search area count.

    ``declining``: share of their inhabitants in postcodes that decline, NaN where there are none; ``many`` holds above
    the ``limit`` (w,). ``lagging``: how many postcodes lag strikingly.
    """

    postcodes: Whole
    declining: Floats
    limit: Floats
    many: Flags
    lagging: Whole


@dataclass(frozen=True, slots=True)
class Measured:
    """What is summed over targets (``own``) and over search areas (``around``), side by side per postcode (n, …).

    Per name in ``names``, for each of so many ``windows``: change by inhabitants, and inhabitants. Then, of search
    areas only: inhabitants of postcodes that decline, postcodes that count, and those that lag.
    """

    names: tuple[str, ...]
    windows: int
    own: Floats
    around: Floats
    lines: Lines


def relative(change: Floats, weight: Floats, region: Whole) -> Floats:
    """Changes (n,) less the trend of their region: the mean change of its postcodes by inhabitants (n,).

    NaN where the change is not known, where the region (n,) is −1, or where nobody lives in it.
    """
    known = np.isfinite(change) & np.isfinite(weight) & (weight > 0) & (region >= 0)
    many = int(region.max(initial=-1)) + 1
    total = summed(region[known], weight[known], many)
    change_of = summed(region[known], weight[known] * change[known], many)
    trend = np.divide(change_of, total, out=np.full(many, np.nan), where=total > 0)
    found = np.full(len(change), np.nan)
    found[known] = change[known] - trend[region[known]]
    return found


def adjacency(first: Whole, second: Whole, many: int) -> csr_array:
    """(n, n) with 1 where two postcodes adjoin; pairs stand in both directions."""
    return csr_array((np.ones(len(first)), (first, second)), shape=(many, many))


def search_sets(code: Whole, near: csr_array, city: Whole, region: Whole) -> dict[str, SearchSets]:
    """The three kinds of search area of a programme: ``aanliggend`` per area, ``stad`` per city, ``regio`` per region.

    ``code`` (n,): the programme area a postcode belongs to, −1 for none; ``city`` and ``region`` (n,) likewise.
    Adjoining postcodes may belong to another programme area. The rest of a city is without programme areas and what
    adjoins them; the rest of a region without cities that have one.
    """
    inside = code >= 0
    units, row = np.unique(code[inside], return_inverse=True)
    target = _members(row, np.flatnonzero(inside), len(units), len(code))
    touched = target @ near
    touched.data[:] = 1.0
    adjoining = csr_array(touched - touched.multiply(target))
    adjoining.eliminate_zeros()
    beside = np.zeros(len(code), dtype=bool)
    beside[adjoining.indices] = True
    sets = {"aanliggend": SearchSets(units, target, adjoining)}
    chosen = np.isin(city, np.unique(city[inside & (city >= 0)]))
    for kind, place, rest in (
        ("stad", city, chosen & ~inside & ~beside),
        ("regio", region, ~chosen & ~inside),
    ):
        own = inside & (place >= 0)
        units = np.unique(place[own])
        at = np.searchsorted(units, place).clip(max=max(len(units) - 1, 0))
        belongs = (units[at] == place) if len(units) else np.zeros(len(place), dtype=bool)
        sets[kind] = SearchSets(
            units,
            *(_members(at[who], np.flatnonzero(who), len(units), len(code)) for who in (own, rest & belongs)),
        )
    return sets


def measured(changes: dict[str, Floats], weight: Floats, receiving: Flags, lines: Lines) -> Measured:
    """Changes against the regional trend (n, w), of ``total`` and other measures, made ready to be summed.

    ``weight`` (n,): inhabitants; ``receiving`` (n, w): who may receive, and so counts in a search area.
    """
    own: list[Floats] = []
    around: list[Floats] = []
    for change in changes.values():
        known = np.isfinite(change)
        for found, counted in ((own, known), (around, known & receiving)):
            people = np.where(counted, weight[:, None], 0.0)
            found += [people * np.where(known, change, 0.0), people]
    total = changes["total"]
    counted = np.isfinite(total) & receiving
    spread = np.array([_sd(total[counted[:, w], w]) for w in range(total.shape[1])])
    with np.errstate(invalid="ignore"):
        falls, lags = (counted & (total < -line * spread) for line in (lines.decline, lines.striking))
    around += [np.where(falls, weight[:, None], 0.0), counted.astype(np.float64), lags.astype(np.float64)]
    return Measured(tuple(changes), total.shape[1], np.hstack(own), np.hstack(around), lines)


@dataclass(frozen=True, slots=True)
class Indicated:
    """The indications of one kind of search area: ``plots`` per measure (``total`` and others) and ``parts``."""

    plots: dict[str, Plot]
    parts: Parts

    def told(self) -> dict[str, tuple[Flags, Flags]]:
        """Per indication which units (m, w) have it, and of which it can be told; ``1`` is any of 1a, 1b and 1c."""
        whole = np.isfinite(self.parts.declining)
        found = {
            name: (self.plots[of].combination > 0, np.isfinite(self.plots[of].target_sd))
            for name, of in MEASURES.items()
            if of in self.plots
        }
        found |= {"1b": (self.parts.many, whole), "1c": (self.parts.lagging > 0, whole)}
        return found | {"1": (found["1a"][0] | found["1b"][0] | found["1c"][0], whole)}

    def alarms(self) -> dict[str, Flags]:
        """Per indication which units (m, w) have it."""
        return {name: alarms for name, (alarms, _) in self.told().items()}


def indicated(measured: Measured, sets: SearchSets) -> Indicated:
    """All indications of one kind of search area that need no moves."""
    many = len(sets.unit)
    own = (sets.target @ measured.own).reshape(
        many, measured.own.shape[1] // measured.windows, measured.windows
    )
    around = (sets.around @ measured.around).reshape(
        many, measured.around.shape[1] // measured.windows, measured.windows
    )
    plots = {
        name: _plot(
            _share(own[:, at], own[:, at + 1]), _share(around[:, at], around[:, at + 1]), measured.lines
        )
        for at, name in zip(range(0, own.shape[1], 2), measured.names, strict=True)
    }
    people = around[:, 2 * measured.names.index("total") + 1]
    falls, counted, lags = (around[:, -at] for at in (3, 2, 1))
    declining = _share(falls, people)
    limit = _mean(declining) + measured.lines.many * _spread(declining)
    with np.errstate(invalid="ignore"):
        above = declining > limit
    postcodes, lagging = (np.rint(values).astype(np.int64) for values in (counted, lags))
    return Indicated(plots, Parts(postcodes, declining, limit, above, lagging))


def _plot(target: Floats, around: Floats, lines: Lines) -> Plot:
    """Targets beside their search areas (m, w); mean and SD are those of the units where both are known."""
    both = np.isfinite(target) & np.isfinite(around)
    x, y = (_standard(np.where(both, values, np.nan)) for values in (target, around))
    with np.errstate(invalid="ignore"):
        first = (x > lines.line) & (y < -lines.line)
        second = (around < target) & (y <= 0) & ((x - y) / sqrt(2) > lines.diagonal)
        third = y < -lines.strong
    combination = np.select([first, third, second], [1, 3, 2], 0).astype(np.int64)
    known = np.isfinite(x) & np.isfinite(y)
    units = known.sum(axis=0)
    together = np.where(known, x * y, 0.0).sum(axis=0) / np.maximum(units - 1, 1)
    return Plot(target, around, x, y, combination, np.where(units > 2, together, np.nan))


def chance_of_plot(lines: Lines, correlation: float = 0.0) -> float:
    """How likely a unit is marked by 1a when target and search area are normal and only so much correlated (−1 to 1).

    The share of units that the plot marks where nothing moves from one to the other.
    """
    along = sqrt(1 - correlation**2)

    def marked(y: float) -> float:
        least = y + sqrt(2) * lines.diagonal
        if y < -lines.line:
            least = min(least, lines.line)
        return float(np.exp(-y * y / 2) / np.sqrt(2 * np.pi) * ndtr((correlation * y - least) / along))

    from scipy.integrate import quad  # takes as long

    between, _ = quad(marked, -lines.strong, 0.0, points=[-min(lines.line, lines.strong)])
    return float(ndtr(-lines.strong)) + float(between)


def flows(
    origin: Whole, goal: Whole, people: Floats, receiving: Flags, sets: SearchSets, lines: Lines
) -> tuple[Floats, Flags]:
    """Indication 2b: the share of those who leave a target that settle in its search area, and whether it is much.

    ``origin``, ``goal`` (k,): rows of postcodes, −1 where it is none of them; ``people`` (k,): how many moved. NaN
    where fewer than ``lines.fewest`` people left, or settled there.
    """
    many = len(receiving)
    known = origin >= 0
    left = sets.target @ summed(origin[known], people[known], many)
    inside = known & (goal >= 0)
    moved = csr_array((people[inside], (origin[inside], goal[inside])), shape=(many, many))
    settled = np.asarray((sets.around * receiving).multiply(sets.target @ moved).sum(axis=1)).ravel()
    told = (left >= lines.fewest) & (settled >= lines.fewest)
    share = np.divide(settled, left, out=np.full(len(left), np.nan), where=told)
    if told.sum() < 2:
        return share, np.zeros(len(left), dtype=bool)
    with np.errstate(invalid="ignore"):
        return share, share > share[told].mean() + lines.flow * share[told].std(ddof=1)


def _members(row: Whole, column: Whole, units: int, many: int) -> csr_array:
    return csr_array((np.ones(len(row)), (row, column)), shape=(units, many))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _mean(values: Floats) -> Floats:
    """(w,) means of what is known of each column (m, w); NaN where nothing is."""
    known = np.isfinite(values)
    return _share(np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))


def _spread(values: Floats) -> Floats:
    """(w,) SD of what is known of each column (m, w); NaN for fewer than two."""
    known = np.isfinite(values)
    apart = np.where(known, values - _mean(values), 0.0)
    return np.sqrt(_share((apart**2).sum(axis=0), known.sum(axis=0) - 1.0))


def _standard(values: Floats) -> Floats:
    """Columns (m, w) in SD from their mean; NaN where unknown, and where they do not differ."""
    spread = _spread(values)
    with np.errstate(invalid="ignore"):
        return _share(values - _mean(values), np.where(spread > 0, spread, 0.0) * np.ones_like(values))
