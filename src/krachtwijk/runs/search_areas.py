# SPDX-License-Identifier: EUPL-1.2
"""Displacement as the ministry looked for it (`data/studies/<programme>-ministerie.toml`), with what chance gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from krachtwijk.catalogue.search_areas import SearchPlan
from krachtwijk.catalogue.studies import study as study_plan
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import boundaries, packaged
from krachtwijk.geography.codes import clean
from krachtwijk.geography.crosswalks import links
from krachtwijk.monitor.effects import search_areas as engine
from krachtwijk.monitor.effects.plan import StudyPlan
from krachtwijk.monitor.model import Programme
from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.runs.common import editions_in, store
from krachtwijk.runs.displacement import placebo_programmes
from krachtwijk.runs.displacement_ground import ground
from krachtwijk.runs.membership import inhabitants
from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.warehouse.tables import LINE, read_table

RULE = "waterbed-ministerie-1"
Row = dict[str, Any]
FLOW_COLUMNS = ("van", "naar", "aantal")


@dataclass(frozen=True)
class Country:
    """Every scored postcode: its programme area, city and region (numbers into ``names`` and so on, −1 for none)."""

    areas: list[str]
    code: Whole
    city: Whole
    region: Whole
    weight: Floats
    near: csr_array
    names: dict[str, list[str]]
    scores: pl.DataFrame

    def measured(self, column: str, year: int) -> Floats:
        """A column of one year, NaN where it is not known."""
        found = pl.DataFrame({"area": self.areas}).join(
            self.scores.filter(pl.col("period") == str(year)).select("area", column), on="area", how="left"
        )
        return found[column].cast(pl.Float64).fill_null(np.nan).to_numpy()


def run(
    warehouse: Warehouse,
    programme: Programme,
    plan: SearchPlan,
    *,
    moves: pl.DataFrame | None = None,
) -> list[ResultInfo]:
    """Tables ``waterbed-<programme>-ministerie`` (a row per unit, indication and window) and its ``-telling``.

    Beside the counts those of placebo programmes, where the programme's study says how they are drawn. ``moves``:
    `read_moves`, for indication 2b. Needs scores, key figures and ``buren``; nothing where scores or ``buren`` have not
    been made. Reads outcomes, so the study's plan must stand first.
    """
    known = country(warehouse, programme, plan)
    if known is None:
        return []
    study = study_plan(programme.id)
    placebos = [] if study is None else placebo_codes(warehouse, programme, study, known, plan.draws)
    units, counts = tables(known, plan, placebos=placebos, moves=moves)
    editions = editions_in(known.scores)
    signed = [pl.lit(" ".join(editions)).alias("edition")]
    name = f"waterbed-{programme.id}-ministerie"
    given = "" if moves is None else str(moves.hash_rows().sum())
    settings = f"{plan!r} {counts['placebos'].to_list()!r} {given}"
    extra = {"moves": moves is not None, "postcodes": len(known.areas)}
    return [
        store(
            warehouse,
            table,
            frame.with_columns(signed),
            rule=RULE,
            editions=editions,
            settings=settings,
            extra=extra,
        )
        for table, frame in ((name, units), (f"{name}-telling", counts))
    ]


def tables(
    known: Country,
    plan: SearchPlan,
    *,
    placebos: Iterable[Whole] = (),
    moves: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows per unit, of the first class that may receive, and the counts beside chance and publication.

    ``placebos``: per placebo programme the area (n,) of each postcode in the order of `country`, −1 for none.
    """
    changes = _changes(known, plan)
    sets = engine.search_sets(known.code, known.near, known.city, known.region)
    units: list[Row] = []
    counts: list[Row] = []
    for limit in plan.receiving:
        receiving = _receiving(known, plan, limit)
        measured = engine.measured(changes, known.weight, receiving, plan.lines)
        for kind, held in sets.items():
            found = engine.indicated(measured, held)
            for at, window in enumerate(plan.windows):
                said = {"search": kind, "window": window.id, "basis": window.basis}
                flows = None if moves is None else _flows(known, moves, receiving[:, at], held, plan.lines)
                rows = _rows(found, at, held, flows)
                if limit == plan.receiving[0]:
                    units += [said | row | {"unit": known.names[kind][row["unit"]]} for row in rows]
                said |= {"receiving": str(limit)}
                counts += [said | row for row in _counted(found, at, rows, plan.lines)]
    measured = engine.measured(changes, known.weight, _receiving(known, plan, plan.receiving[0]), plan.lines)
    chance = _by_chance(known, plan, measured, placebos)
    return pl.DataFrame(units, schema=_UNITS), _telling(counts, chance, plan)


_SAID = {"search": pl.String, "indication": pl.String, "window": pl.String, "basis": pl.String}
_UNITS = pl.Schema(
    {
        "search": pl.String,
        "unit": pl.String,
        "indication": pl.String,
        "window": pl.String,
        "basis": pl.String,
        "target": pl.Float64,
        "around": pl.Float64,
        "target_sd": pl.Float64,
        "around_sd": pl.Float64,
        "combination": pl.Int8,
        "value": pl.Float64,
        "limit": pl.Float64,
        "alarm": pl.Boolean,
        "postcodes": pl.Int32,
    }
)
_COUNTS = pl.Schema(
    _SAID
    | {
        "receiving": pl.String,
        "origin": pl.String,
        "alarms": pl.Int32,
        "units": pl.Int32,
        "value": pl.Float64,
        "expected": pl.Float64,
        "chance_mean": pl.Float64,
        "chance_low": pl.Float64,
        "chance_high": pl.Float64,
        "p": pl.Float64,
        "placebos": pl.Int32,
    }
)


def country(warehouse: Warehouse, programme: Programme, plan: SearchPlan) -> Country | None:
    """The scored postcodes with their place; None where scores or ``buren`` have not been made."""
    table, borders = warehouse.result(f"{plan.version}-{plan.level}"), warehouse.result("buren")
    if table is None or borders is None:
        return None
    scores = table.with_columns(pl.col("area", "period", "edition").cast(pl.String)).collect()
    areas = scores["area"].unique().sort().to_list()
    at = pl.DataFrame({"area": areas}).with_row_index("row")
    own = {code: area.id for area in programme.areas for level, code, _ in area.parts if level == plan.level}
    lies_in = (
        links(
            warehouse,
            from_level=plan.level,
            from_year=plan.inhabitants,
            to_level="gemeente",
            to_year=plan.regions,
        )
        .sort("share_of_from", "to_code", descending=[True, False])
        .unique("from_code", keep="first")
        .select(pl.col("from_code").alias("area"), pl.col("to_code").alias("city"))
    )
    people = inhabitants(warehouse, plan.level, plan.inhabitants).rename({"part": "area"})
    placed = (
        at.join(lies_in, on="area", how="left")
        .join(_regions(plan), on="city", how="left")
        .join(people.select("area", "inhabitants"), on="area", how="left")
        .with_columns(pl.col("area").replace_strict(own, default=None, return_dtype=pl.String).alias("own"))
        .sort("row")
    )
    pairs = (
        borders.filter(pl.col("level").cast(pl.String) == plan.level)
        .select(pl.col("area", "neighbour").cast(pl.String))
        .collect()
        .join(at, on="area")
        .join(at.rename({"area": "neighbour", "row": "other"}), on="neighbour")
    )
    code, areas_named = _numbered(placed["own"])
    city, cities = _numbered(placed["city"])
    region, regions = _numbered(placed["region"])
    return Country(
        areas,
        code,
        city,
        region,
        placed["inhabitants"].fill_null(0.0).to_numpy(),
        engine.adjacency(
            pairs["row"].to_numpy().astype(np.int64), pairs["other"].to_numpy().astype(np.int64), len(areas)
        ),
        {"aanliggend": areas_named, "stad": cities, "regio": regions},
        scores,
    )


def placebo_codes(
    warehouse: Warehouse, programme: Programme, study: StudyPlan, known: Country, draws: int
) -> list[Whole]:
    """The first so many placebo programmes of a study, as areas (n,) of the postcodes of `country`."""
    found = ground(warehouse, programme, study)
    place = {area: row for row, area in enumerate(found.areas)}
    at = np.array([place.get(area, -1) for area in known.areas])
    baseline = np.full(len(found.areas), np.nan)
    baseline[at[at >= 0]] = known.measured("class_total", study.placebos.year)[at >= 0]
    fewer = replace(study, placebos=replace(study.placebos, draws=min(draws, study.placebos.draws)))
    drawn = placebo_programmes(fewer, found, baseline).area
    return [np.where(at >= 0, row[at], -1).astype(np.int64) for row in drawn]


def _regions(plan: SearchPlan) -> pl.DataFrame:
    """The region of each municipality, as the packaged outlines of that year name it: columns city, region."""
    for entry in boundaries.files():
        if (entry.level, entry.year) == ("gemeente", plan.regions):
            return packaged.columns(entry.file, [entry.code, plan.region_field]).select(
                pl.col(entry.code).map_elements(clean, pl.String).alias("city"),
                pl.col(plan.region_field).alias("region"),
            )
    raise KrachtwijkError(f"Van {plan.regions} zijn geen gemeenten bekend", mend="Kies een ander jaar")


def _numbered(names: pl.Series) -> tuple[Whole, list[str]]:
    known = names.unique().drop_nulls().sort().to_list()
    numbers = {name: number for number, name in enumerate(known)}
    return np.array([numbers.get(name, -1) for name in names.to_list()], dtype=np.int64), known


def _changes(known: Country, plan: SearchPlan) -> dict[str, Floats]:
    """Per measure the changes (n, windows) against the trend of the region; NaN where a window has no such measure."""
    changes = {}
    for measure in engine.MEASURES.values():
        columns = []
        for window in plan.windows:
            name = "class_total" if window.basis == "klasse" else measure
            if window.basis == "klasse" and measure != "total":
                columns.append(np.full(len(known.areas), np.nan))
                continue
            change = known.measured(name, window.end) - known.measured(name, window.start)
            columns.append(engine.relative(change, known.weight, known.region))
        changes[measure] = np.column_stack(columns)
    return changes


def _receiving(known: Country, plan: SearchPlan, limit: int) -> engine.Flags:
    """(n, windows) whether a postcode stood at most in this class at the start."""
    at_start = np.column_stack([known.measured("class_total", window.start) for window in plan.windows])
    return np.isfinite(at_start) & (at_start <= limit)


def _told(found: engine.Indicated, at: int) -> dict[str, tuple[engine.Flags, engine.Flags]]:
    """Per indication of one window which units have it, and of which it can be told; without what it does not have."""
    return {
        name: (alarms[:, at], told[:, at])
        for name, (alarms, told) in found.told().items()
        if name not in engine.MEASURES or np.isfinite(found.plots[engine.MEASURES[name]].target[:, at]).any()
    }


def _rows(
    found: engine.Indicated, at: int, sets: engine.SearchSets, flows: tuple[Floats, engine.Flags] | None
) -> list[Row]:
    """A row per unit and indication of one window; ``alarm`` is None where nothing can be told."""
    rows: list[Row] = []
    marks, parts = _told(found, at), found.parts
    for number, unit in enumerate(sets.unit.tolist()):
        common = {"unit": unit, "postcodes": int(parts.postcodes[number, at])}
        for name, (alarms, told) in marks.items():
            row = common | {"indication": name, "alarm": bool(alarms[number]) if told[number] else None}
            if name in engine.MEASURES:
                shown = found.plots[engine.MEASURES[name]]
                row |= {
                    "target": _number(shown.target[number, at]),
                    "around": _number(shown.around[number, at]),
                    "target_sd": _number(shown.target_sd[number, at]),
                    "around_sd": _number(shown.around_sd[number, at]),
                    "combination": int(shown.combination[number, at]) if told[number] else None,
                }
            elif name == "1b":
                row |= {"value": _number(parts.declining[number, at]), "limit": _number(parts.limit[at])}
            elif name == "1c" and told[number]:
                row |= {"value": float(parts.lagging[number, at])}
            rows.append(row)
        if flows is not None:
            share, much = flows
            alarm = bool(much[number]) if np.isfinite(share[number]) else None
            rows.append(common | {"indication": "2b", "value": _number(share[number]), "alarm": alarm})
    return rows


def _counted(found: engine.Indicated, at: int, rows: list[Row], lines: engine.Lines) -> list[Row]:
    """Per indication how many units have it, of how many where it can be told; and the correlation of the plot."""
    counted: dict[str, list[bool]] = {}
    for row in rows:
        if row["alarm"] is not None:
            counted.setdefault(row["indication"], []).append(row["alarm"])
    told: list[Row] = [
        {
            "indication": name,
            "alarms": sum(alarms),
            "units": len(alarms),
            "expected": engine.chance_of_plot(lines) * len(alarms) if name in engine.MEASURES else None,
        }
        for name, alarms in counted.items()
    ]
    whole = found.plots["total"]
    units = int(np.isfinite(whole.target_sd[:, at]).sum())
    return [*told, {"indication": "samenhang", "units": units, "value": _number(whole.correlation[at])}]


def _by_chance(
    known: Country, plan: SearchPlan, measured: engine.Measured, placebos: Iterable[Whole]
) -> list[dict[tuple[str, str, str], float]]:
    """Per placebo programme the share of units with an indication, and correlations, by search area, window, kind."""
    drawn = []
    for code in placebos:
        shares: dict[tuple[str, str, str], float] = {}
        for kind, sets in engine.search_sets(code, known.near, known.city, known.region).items():
            found = engine.indicated(measured, sets)
            marks = found.told() | {
                "samenhang": (found.plots["total"].correlation[None, :], np.array([[True]]))
            }
            for name, (alarms, told) in marks.items():
                units = (told & np.isfinite(alarms)).sum(axis=0)
                total = np.where(told & np.isfinite(alarms), alarms, 0.0).sum(axis=0)
                for at, window in enumerate(plan.windows):
                    if units[at]:
                        shares[kind, window.id, name] = float(total[at] / units[at])
        drawn.append(shares)
    return drawn


def _telling(
    counts: list[Row], chance: list[dict[tuple[str, str, str], float]], plan: SearchPlan
) -> pl.DataFrame:
    """The counts beside those of chance and those that were published."""
    rows = []
    for row in counts:
        told = row | {"origin": "berekend"}
        key = (str(row["search"]), str(row["window"]), str(row["indication"]))
        drawn = np.array([counts[key] for counts in chance if key in counts])
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) and row["receiving"] == str(plan.receiving[0]):
            # displacement makes more alarms, and a correlation that is lower
            if row["indication"] == "samenhang":
                as_far = drawn <= row["value"]
            else:  # of a placebo programme other areas have a search area: its share, of as many units as here
                drawn = drawn * row["units"]
                as_far = drawn >= row["alarms"] - 1e-9
            told |= {
                "chance_mean": float(drawn.mean()),
                "chance_low": float(np.quantile(drawn, 0.05)),
                "chance_high": float(np.quantile(drawn, 0.95)),
                "p": float((as_far.sum() + 1) / (len(drawn) + 1)),
                "placebos": len(drawn),
            }
        rows.append(told)
    rows += [
        {
            "search": count.search,
            "indication": count.indication,
            "window": count.window,
            "basis": "lbm1",
            "receiving": "matig positief",
            "origin": "gepubliceerd",
            "alarms": count.alarms,
            "units": count.units,
            "expected": engine.chance_of_plot(plan.lines) * count.units
            if count.indication in engine.MEASURES
            else None,
        }
        for count in plan.published
    ]
    return pl.DataFrame(rows, schema=_COUNTS)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


# --- moves, for indication 2b -------------------------------------------------------------------------------------


def read_moves(path: Path) -> pl.DataFrame:
    """Moves from a CSV file with the columns van, naar (postcodes) and aantal (people): columns van, naar, aantal.

    Raises KrachtwijkError on the first line that cannot be used; the postcodes may lie anywhere in the country.
    """
    table = read_table(path)
    absent = [name for name in FLOW_COLUMNS if name not in table.columns]
    if absent:
        raise KrachtwijkError(
            f"Kolom {absent[0]} ontbreekt",
            where=path.name,
            mend=f"Geef een bestand met de kolommen {', '.join(FLOW_COLUMNS)}",
        )
    if table.broken:
        line, reason = table.broken[0]
        raise KrachtwijkError(
            f"Deze regel is niet te lezen: {reason}",
            where=f"{path.name}, regel {line}",
            mend="Herstel de regel",
        )
    people = pl.col("aantal").str.strip_chars().cast(pl.Float64, strict=False)
    frame = table.frame.select(
        LINE, pl.col("van", "naar").str.strip_chars(), people.alias("aantal"), pl.col("aantal").alias("text")
    )
    for wrong, what, mend in (
        (~pl.col("van").str.contains(r"^[1-9]\d{3}$"), "van is geen postcode van vier cijfers", "1234"),
        (~pl.col("naar").str.contains(r"^[1-9]\d{3}$"), "naar is geen postcode van vier cijfers", "1234"),
        (
            ~(pl.col("aantal").is_finite() & (pl.col("aantal") >= 0)).fill_null(value=False),
            "aantal is geen aantal mensen",
            "12",
        ),
        (
            pl.struct("van", "naar").is_duplicated(),
            "deze twee postcodes staan er vaker in",
            "één regel per paar",
        ),
    ):
        faulty = frame.filter(wrong)
        if faulty.height:
            raise KrachtwijkError(
                f"Verhuizingen: {what}",
                where=f"{path.name}, regel {faulty[LINE][0]}",
                mend=f"Schrijf bijvoorbeeld {mend}",
            )
    return frame.select(FLOW_COLUMNS)


def _flows(
    known: Country, moves: pl.DataFrame, receiving: engine.Flags, sets: engine.SearchSets, lines: engine.Lines
) -> tuple[Floats, engine.Flags]:
    at = {area: row for row, area in enumerate(known.areas)}
    origin, goal = (
        np.array([at.get(area, -1) for area in moves[name].to_list()], dtype=np.int64)
        for name in ("van", "naar")
    )
    return engine.flows(origin, goal, moves["aantal"].to_numpy(), receiving, sets, lines)
