# SPDX-License-Identifier: EUPL-1.2
"""Early warning (`data/warnings.toml`): the chance of a decline per area, and what such chances were worth before.

A score of year t counts as known at t. Nothing later is used but one figure for the size of an area. Warnings per area
are no public figure: no page, download or API shows ``waarschuwing-<level>``; the other tables name no area.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from krachtwijk.catalogue import score_version
from krachtwijk.catalogue import warnings as specs
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography.boundaries import project_points
from krachtwijk.geography.register import register
from krachtwijk.monitor.index.estimate import FOLDS, blocks, folds
from krachtwijk.monitor.model import WarningSpec
from krachtwijk.monitor.warning import features, model, odds, record
from krachtwijk.monitor.warning.crossing import DECIMALS, may_cross, zero_point
from krachtwijk.monitor.warning.features import LEVEL, Bools, Floats, Ints, Known, Terms
from krachtwijk.runs.common import store
from krachtwijk.warehouse import ResultInfo, Warehouse

Row: TypeAlias = dict[str, Any]

RULE = "waarschuwing-1"
#: What stands in ``reasons`` for the mean change of all areas.
MEAN = "gemiddeld"
SIZES = (
    ("tot-500", 0, 500),
    ("500-2000", 500, 2000),
    ("2000-5000", 2000, 5000),
    ("vanaf-5000", 5000, np.inf),
)
#: Of fewer areas no figure by size is given.
FEWEST = 30
#: The simple rules that the model should beat.
SIMPLE = ("zelfde-richting", "terug-naar-midden", "laag-daalt")


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Areas of one level in a fixed order. ``score``: per year with scores (n, dimensions), ``total`` (n,) likewise;
    ``grade``: class of the total per year, nan where unknown. ``block`` and ``fold``: which part of the country.
    """

    areas: list[str]
    score: dict[int, Floats]
    total: dict[int, Floats]
    grade: dict[int, Floats]
    size: Floats
    area: Ints
    neighbour: Ints
    block: Ints
    fold: Ints
    editions: tuple[str, ...]

    def known(self, year: int) -> Known:
        """What the scores up to and including ``year`` tell."""
        return self._known(self.score, year)

    def known_classes(self, year: int) -> Known:
        """What the classes up to and including ``year`` tell."""
        return self._known({y: grade[:, None] for y, grade in self.grade.items()}, year)

    def _known(self, series: dict[int, Floats], year: int) -> Known:
        earlier = max((y for y in series if y < year), default=None)
        level = series[year]
        change = level - series[earlier] if earlier is not None else np.full_like(level, np.nan)
        return Known(level, np.round(change, DECIMALS), self.size, self.area, self.neighbour)


def spec_of(level: str) -> WarningSpec:
    """What is looked for at a level. Raises KrachtwijkError where nothing is."""
    try:
        return specs()[level]
    except KeyError:
        raise KrachtwijkError(
            f"Voor het niveau {level} is geen waarschuwing ingericht",
            where="data/warnings.toml",
            mend=f"Kies uit: {', '.join(specs())}",
        ) from None


def run(warehouse: Warehouse, spec: WarningSpec) -> list[ResultInfo]:
    """Tables ``waarschuwing-<level>`` of the newest year with scores, and its record: ``-toets``,
    ``-betrouwbaarheid``, ``-groep`` and ``-model``. Nothing where there are no scores or nothing to learn from.
    """
    if warehouse.result(f"{spec.version}-{spec.level}") is None:
        return []
    seen = observed(warehouse, spec)
    as_of = max(seen.total, default=0)
    if spec.horizon not in horizons(seen, as_of):
        return []
    warnings, learnt = _warned(seen, spec, as_of, spec.horizon)
    checks, bins, groups, lead = backtest(seen, spec)
    made: dict[str, tuple[pl.DataFrame, Row]] = {
        "": (warnings, {"as_of": as_of, "mean": learnt.fits[-1].intercept}),
        "-toets": (checks, {"lead": lead, "threshold": spec.threshold}),
        "-betrouwbaarheid": (bins, {}),
        "-groep": (groups, {}),
        "-model": (_weights(seen, spec, as_of, learnt), {"changes": len(learnt.errors[-1]), "as_of": as_of}),
    }
    editions = " ".join(seen.editions)
    # outlines are packaged: rows name them, but no edition of theirs was taken in
    taken_in = {manifest.edition for manifest in warehouse.editions()}
    return [
        store(
            warehouse,
            f"{spec.table}{kind}",
            frame.with_columns(pl.lit(editions).alias("edition")),
            rule=RULE,
            editions=[name for name in seen.editions if name in taken_in],
            settings=repr(spec),
            extra=extra,
        )
        for kind, (frame, extra) in made.items()
    ]


def warned(
    warehouse: Warehouse, level: str, as_of: int | None = None, horizon: int | None = None
) -> pl.DataFrame:
    """Warnings of one level as they would have been given in ``as_of`` (None: the newest year with scores), in order
    of area; columns of ``waarschuwing-<level>``.

    Raises KrachtwijkError where nothing was known then, or no change over ``horizon`` years to learn from.
    """
    spec = spec_of(level)
    seen = observed(warehouse, spec)
    as_of = max(seen.total, default=0) if as_of is None else as_of
    if as_of not in seen.total:
        raise KrachtwijkError(
            f"Van {as_of} zijn er geen scores per {level}",
            where="--as-of",
            mend=f"Kies uit: {', '.join(map(str, sorted(seen.total)))}",
        )
    wanted = spec.horizon if horizon is None else horizon
    possible = horizons(seen, as_of)
    if wanted not in possible:
        years = [str(y) for y in sorted(seen.total) if wanted in horizons(seen, y)]
        raise KrachtwijkError(
            f"In {as_of} was nog van geen enkele score bekend hoe zij in {wanted} jaar verandert",
            where="--horizon" if possible else "--as-of",
            mend=f"Kies --horizon {' of '.join(map(str, possible))}"
            if possible
            else f"Kies --as-of {' of '.join(years)}"
            if years
            else "Neem meer jaren met scores op",
        )
    # read anew: an area that only came later must not even move a border between parts of the country
    return _warned(observed(warehouse, spec, until=as_of), spec, as_of, wanted)[0]


def horizons(seen: Observed, as_of: int) -> list[int]:
    """Over how many years a change of scores was known in ``as_of``."""
    years = sorted(y for y in seen.total if y <= as_of)
    return sorted({b - a for a in years for b in years if a < b})


def observed(warehouse: Warehouse, spec: WarningSpec, until: int | None = None) -> Observed:
    """Scores and classes of a level up to and including the year ``until`` (None: all), sizes and neighbours.

    Raises KrachtwijkError where there are no scores.
    """
    version = score_version(spec.version)
    scores, sizes, near = (
        warehouse.result(name) for name in (f"{spec.version}-{spec.level}", "kerncijfers", "buren")
    )
    if scores is None:
        raise KrachtwijkError(
            f"Er zijn geen scores per {spec.level}",
            mend="Draai `krachtwijk demo`, of na `krachtwijk ingest` eerst `krachtwijk monitor leefbaarometer`",
        )
    dimensions = [d.id for d in version.dimensions]
    long = scores.select(
        pl.col("area", "period").cast(pl.String),
        pl.col("total", *dimensions, "class_total").cast(pl.Float64),
        pl.col("edition").cast(pl.String),
    ).collect()
    if until is not None:
        long = long.filter(pl.col("period").cast(pl.Int32) <= until)
    areas = long.select("area").unique().sort("area")
    editions = {e for cell in long["edition"].unique() for e in cell.split()}
    known = areas
    if sizes is not None:
        of = sizes.filter(
            (pl.col("level").cast(pl.String) == spec.level)
            & (pl.col("indicator").cast(pl.String) == spec.size)
            & (pl.col("period").cast(pl.String) == spec.size_period)
        )
        found = of.select(
            pl.col("area", "edition").cast(pl.String), pl.col("value").cast(pl.Float64).alias("size")
        ).collect()
        editions |= {e for cell in found["edition"].drop_nulls().unique() for e in cell.split()}
        known = known.join(found.drop("edition"), on="area", how="left")
    else:
        known = known.with_columns(pl.lit(None, pl.Float64).alias("size"))
    places = register(warehouse).filter(pl.col("level") == spec.level).select("code", "lon", "lat")
    known = known.join(places.rename({"code": "area"}), on="area", how="left").sort("area")
    pairs = pl.DataFrame(schema={"row": pl.UInt32, "other": pl.UInt32})
    if near is not None:
        rows = areas.with_row_index("row")
        found = (
            near.filter(pl.col("level").cast(pl.String) == spec.level)
            .select(pl.col("area", "neighbour", "edition").cast(pl.String))
            .collect()
        )
        editions |= set(found["edition"].unique())
        pairs = (
            found.join(rows, on="area")
            .join(rows.rename({"area": "neighbour", "row": "other"}), on="neighbour")
            .sort("row", "other")
        )
    block = _blocks(known, spec.block)
    score, total, grade = {}, {}, {}
    for period in sorted(long["period"].unique()):
        of_year = areas.join(long.filter(period=period), on="area", how="left")
        if of_year["total"].is_not_null().any():
            score[int(period)] = of_year.select(dimensions).to_numpy()
            total[int(period)] = of_year["total"].to_numpy()
        if of_year["class_total"].is_not_null().any():
            grade[int(period)] = of_year["class_total"].to_numpy()
    return Observed(
        areas=areas["area"].to_list(),
        score=score,
        total=total,
        grade=grade,
        size=known["size"].to_numpy(),
        area=pairs["row"].to_numpy().astype(np.int64),
        neighbour=pairs["other"].to_numpy().astype(np.int64),
        block=block,
        fold=folds(block, np.ones(len(block), dtype=bool), 0),
        editions=tuple(sorted(editions)),
    )


def _blocks(known: pl.DataFrame, metres: int) -> Ints:
    """In which square of the country each area lies; one of their own for areas without a place. Of a small country
    (fewer squares than folds) each area is its own.
    """
    placed = known["lon"].is_not_null().to_numpy()
    found = np.zeros(known.height, dtype=np.int64)
    if placed.any():
        points = project_points(known.filter(placed).select("lon", "lat").to_numpy(), "wgs84", "rd")
        found[placed] = blocks(points[:, 0], points[:, 1], metres) + 1
    return found if len(np.unique(found)) >= FOLDS else np.arange(known.height, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """Areas of one or more pairs of years: what was known at the first, how ``value`` changed until the second."""

    terms: Terms
    change: Floats
    fold: Ints


def _lesson(
    seen: Observed, pairs: Sequence[tuple[int, int]], start: dict[int, Terms], value: dict[int, Floats]
) -> _Lesson:
    parts, changes, fold = [], [], []
    for a, b in pairs:
        change = np.round(value[b] - value[a], DECIMALS)
        rows = np.isfinite(change)
        parts.append(start[a].rows(rows))
        changes.append(change[rows])
        fold.append(seen.fold[rows])
    return _Lesson(features.stacked(parts), np.concatenate(changes), np.concatenate(fold))


def _pairs(years: Sequence[int], until: int, horizon: int) -> list[tuple[int, int]]:
    return [(a, a + horizon) for a in years if a + horizon in years and a + horizon <= until]


def _warned(seen: Observed, spec: WarningSpec, as_of: int, horizon: int) -> tuple[pl.DataFrame, model.Model]:
    version = score_version(spec.version)
    years = sorted(seen.total)
    pairs = _pairs(years, as_of, horizon)
    terms = {year: features.terms(seen.known(year)) for year in {as_of, *(a for a, _ in pairs)}}
    lesson = _lesson(seen, pairs, terms, seen.total)
    learnt = model.fit(lesson.terms, lesson.change, lesson.fold)
    rows = np.isfinite(seen.total[as_of])
    here = terms[as_of].rows(rows)
    found = model.forecast(learnt, here)
    chance = found.chance(-spec.threshold)
    score = seen.total[as_of][rows]
    zero = zero_point(version, as_of, seen.total[as_of], seen.grade.get(as_of))
    earlier = max(y for y in years if y < as_of)
    change = np.round(seen.total[as_of] - seen.total[earlier], DECIMALS)
    near = features.around(change[:, None], seen.known(as_of))
    distance = np.full(len(score), np.nan) if zero is None else np.round(score - zero, DECIMALS)
    below = np.full(len(score), np.nan) if zero is None else found.chance(-distance)
    ahead = spec.crossing_years / (as_of - earlier)
    crossing = may_cross(distance, below, change[rows], ahead, spec.crossing_chance)
    wanted = max(1, round(spec.top * len(chance)))
    first = np.zeros(len(chance), dtype=bool)
    first[np.argsort(-chance, kind="stable")[:wanted]] = True
    frame = pl.DataFrame(
        {
            "area": [a for a, kept in zip(seen.areas, rows, strict=True) if kept],
            "period": str(as_of),
            "horizon": horizon,
            "probability": chance,
            "expected": found.expected,
            "low": found.low,
            "high": found.high,
            "swing": found.scale / np.median(found.scale),
            "score": score,
            "zero": zero,
            "distance": distance,
            "chance_below": below,
            "crossing": crossing,
            "change": change[rows],
            "neighbours": near[rows, 0],
            "size": seen.size[rows],
            "reasons": _reasons(learnt, here, [d.id for d in version.dimensions]),
            "flagged": first | crossing,
        },
        schema_overrides={"horizon": pl.Int32, "zero": pl.Float64},
    )
    return frame.with_columns(
        pl.col("distance", "chance_below", "change", "neighbours", "size").fill_nan(None)
    ), learnt


def _reasons(learnt: model.Model, terms: Terms, dimensions: list[str]) -> list[str]:
    """Per area what each term adds to the expected change, the largest first, as JSON text."""
    added = model.contributions(learnt, terms)
    mean = round(learnt.fits[-1].intercept, DECIMALS)
    told = []
    for values, parts in zip(terms.matrix, added, strict=True):
        entries: list[Row] = [
            {
                "code": code,
                "dimension": dimensions[number] if number >= 0 else None,
                "value": round(float(value), DECIMALS) if np.isfinite(value) else None,
                "contribution": round(float(part), DECIMALS),
            }
            for code, number, value, part in zip(terms.code, terms.dimension, values, parts, strict=True)
            if part
        ]
        entries.append({"code": MEAN, "dimension": None, "value": None, "contribution": mean})
        told.append(json.dumps(sorted(entries, key=lambda e: -abs(e["contribution"]))))
    return told


def _weights(seen: Observed, spec: WarningSpec, as_of: int, learnt: model.Model) -> pl.DataFrame:
    """The weights of the fit of all: what one standard deviation adds."""
    terms = features.terms(seen.known(as_of))
    dimensions = [d.id for d in score_version(spec.version).dimensions]
    found = learnt.fits[-1]
    levels = [terms.dimension[n] for n in terms.of(LEVEL)]
    rows = [
        ("verandering", f"{code}-{dimensions[n]}" if n >= 0 else code, n, weight, centre, scale)
        for code, n, weight, centre, scale in zip(
            terms.code, terms.dimension, found.weights, found.shape.centre, found.shape.scale, strict=False
        )
    ]
    rows += [
        ("verandering", f"bocht-{dimensions[n]}", n, weight, centre, scale)
        for n, weight, centre, scale in zip(
            levels,
            found.weights[len(terms.code) :],
            found.shape.bend_centre,
            found.shape.bend_scale,
            strict=True,
        )
    ]
    swing = ["grootte", "grootte-kwadraat", *(f"{LEVEL}-{dimensions[n]}" for n in levels)]
    rows += [
        ("spreiding", name, n, weight, centre, scale)
        for name, n, weight, centre, scale in zip(
            swing, [-1, -1, *levels], found.spread, found.spread_centre, found.spread_scale, strict=True
        )
    ]
    return pl.DataFrame(
        [
            (part, term, dimensions[n] if n >= 0 else None, float(weight), float(centre), float(scale))
            for part, term, n, weight, centre, scale in rows
        ],
        schema=["part", "term", "dimension", "coefficient", "centre", "scale"],
        orient="row",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One look ahead: from ``origin`` until ``until``, learned from ``pairs`` of years that had ended by then."""

    target: str
    origin: int
    until: int
    pairs: list[tuple[int, int]]
    start: dict[int, Terms]
    value: dict[int, Floats]
    limit: float

    @property
    def about(self) -> Row:
        return {"target": self.target, "origin": str(self.origin), "until": str(self.until)}

    def last(self) -> Floats:
        """The change over the last interval known at the origin; 0 where it is not known."""
        earlier = max((y for y in self.value if y < self.origin), default=self.origin)
        change: Floats = np.nan_to_num(self.value[self.origin] - self.value[earlier])
        return change.round(DECIMALS)


def _cases(seen: Observed, spec: WarningSpec) -> list[_Case]:
    years, grades = sorted(seen.total), sorted(seen.grade)
    terms = {year: features.terms(seen.known(year)) for year in years}
    by_class = {year: features.terms(seen.known_classes(year)) for year in grades}
    scores = [
        _Case("score", a, b, pairs, terms, seen.total, -spec.threshold)
        for a in years
        for b in years
        if a < b and (pairs := _pairs(years, a, b - a))
    ]
    # intervals between classes differ in length: all that had ended are learned from
    classes = [
        _Case("klasse", a, b, list(pairwise(grades[: number + 1])), by_class, seen.grade, -0.5)
        for number, (a, b) in enumerate(pairwise(grades))
        if number
    ]
    return scores + classes


def backtest(seen: Observed, spec: WarningSpec) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, list[Row]]:
    """What warnings would have said in every year that allows it: the tables ``-toets``, ``-betrouwbaarheid`` and
    ``-groep``, and per case how much better the model ordered areas than the best simple rule.
    """
    checks: list[Row] = []
    bins: list[Row] = []
    groups: list[Row] = []
    lead: list[Row] = []
    for case in _cases(seen, spec):
        change = np.round(case.value[case.until] - case.value[case.origin], DECIMALS)
        rows = np.isfinite(change)
        change, block = change[rows], seen.block[rows]
        event = change < case.limit
        if not event.any() or event.all():
            continue
        lesson = _lesson(seen, case.pairs, case.start, case.value)
        beforehand = float((lesson.change < case.limit).mean())
        chance = _chances(case, lesson, case.start[case.origin].rows(rows), seen.fold[rows])
        taken = record.drawn(len(np.unique(block)))
        last = case.last()[rows]
        orders = {("model", split): found for split, found in chance.items()} | {
            ("zelfde-richting", "tijd"): -last,
            ("terug-naar-midden", "tijd"): last,
            ("laag-daalt", "tijd"): -case.value[case.origin][rows],
            ("kans", "tijd"): np.zeros(len(event)),
        }
        duels = {key: record.duels(order, event, block) for key, order in orders.items()}
        value = {key: float(found.auc()[0]) for key, found in duels.items()}
        drawn = {key: found.auc(taken) for key, found in duels.items()}
        for (method, split), order in orders.items():
            low, high = record.interval(drawn[method, split])
            given = (
                order if method == "model" else np.full(len(event), beforehand) if method == "kans" else None
            )
            checks.append(
                case.about
                | {
                    "method": method,
                    "split": split,
                    "horizon": case.until - case.origin,
                    "areas": len(event),
                    "events": int(event.sum()),
                    "auc": value[method, split],
                    "auc_low": low,
                    "auc_high": high,
                    "top5": record.top_share(order, event),
                    "brier": None if given is None else record.brier(given, event),
                    "brier_chance": record.brier(beforehand, event),
                }
            )
        best = max(SIMPLE, key=lambda method: value[method, "tijd"])
        for split in chance:
            low, high = record.interval(drawn["model", split] - drawn[best, "tijd"])
            found = value["model", split] - value[best, "tijd"]
            lead.append(case.about | {"split": split, "best": best, "lead": found, "low": low, "high": high})
        bins += [
            case.about | {"bin": number, **asdict(found)}
            for number, found in enumerate(record.reliability(chance["gebied"], event, block), start=1)
        ]
        groups += [
            case.about
            | {
                "size": name,
                "areas": int(here.sum()),
                "events": int(event[here].sum()),
                "spread": float(change[here].std()),
                "auc": float(record.duels(chance["gebied"][here], event[here], block[here]).auc()[0]),
                "brier": record.brier(chance["gebied"][here], event[here]),
                "brier_chance": record.brier(beforehand, event[here]),
            }
            for name, here in _by_size(seen.size[rows])
            if here.sum() >= FEWEST
        ]
    return (
        pl.DataFrame(checks, infer_schema_length=None),
        pl.DataFrame(bins, infer_schema_length=None),
        pl.DataFrame(groups, infer_schema_length=None).with_columns(pl.col("auc").fill_nan(None)),
        lead,
    )


def _chances(case: _Case, lesson: _Lesson, here: Terms, fold: Ints) -> dict[str, Floats]:
    """The chance of a change below the limit, of areas that were learned from and of areas never seen."""
    limit = case.limit
    if case.target == "klasse":
        by_class = odds.fit(lesson.terms, lesson.change < limit, lesson.fold)
        return {"tijd": odds.chance(by_class, here), "gebied": odds.chance(by_class, here, fold)}
    learnt = model.fit(lesson.terms, lesson.change, lesson.fold)
    return {
        "tijd": model.forecast(learnt, here).chance(limit),
        "gebied": model.forecast(learnt, here, fold).chance(limit),
    }


def _by_size(size: Floats) -> list[tuple[str, Bools]]:
    known = np.isfinite(size)
    filled = np.where(known, size, -1.0)
    return [(name, (filled >= least) & (filled < most)) for name, least, most in SIZES] + [
        ("onbekend", ~known)
    ]
