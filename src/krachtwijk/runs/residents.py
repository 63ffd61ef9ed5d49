# SPDX-License-Identifier: EUPL-1.2
"""From a person table to tables about areas: what stayers gained, what coming and going did, who went where.

Nothing about a person is kept. Tables leave after disclosure control (`monitor.persons.release`), together with what
left before: a register per person table holds which cells were shown. It counts people in hidden cells too, so it stays
where the person table is.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import polars as pl

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.disclosure import SHOWN, SMALL
from krachtwijk.monitor.persons import generator, transitions
from krachtwijk.monitor.persons.cohorts import GROUPS, cohort
from krachtwijk.monitor.persons.flows import Change, Flows, Tally, tally
from krachtwijk.monitor.persons.release import DIRECTIONS, Level, Release, Rules, add_years, everybody, name
from krachtwijk.monitor.persons.split import HALF, INFLOW, OUTFLOW, TERMS, split
from krachtwijk.runs.common import store
from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.warehouse.persons import Columns, fingerprint, people, write_year

RULE = "splitsing-1"
#: The level of the areas in the table itself, and that of everybody in it together.
OWN, ALL = "gebied", "alles"
#: Who is in none of the areas that a level names.
REST = "(overig)"
#: Where who is no longer in the table lives.
GONE = "(uit beeld)"
#: A table of moves has at most so many areas: beyond it nearly every cell is too small.
MOST_MOVES = 200
Which = Literal["split", "cohort", "moves", "classes"]

#: The world of the page, invented from end to end: its people, areas and years, and the limits of its classes.
EXAMPLE = "bewoners-voorbeeld"
EXAMPLE_WORLD: dict[str, Any] = {
    "seed": 40,
    "people": 16_000,
    "areas": 6,
    "first": 2008,
    "years": 10,
    "unknown": 0.0,
}
EXAMPLE_CUTS = (4.0, 5.0, 6.0)
EXAMPLE_AREAS = tuple(f"Wijk {letter}" for letter in "ABCDEF")

SPLIT = {
    "level": pl.String,
    "area": pl.String,
    "period": pl.String,
    "part": pl.String,
    "people": pl.Int64,
    "value": pl.Float64,
    "error": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "status": pl.String,
}
COHORT = {
    "level": pl.String,
    "area": pl.String,
    "period": pl.String,
    "group": pl.String,
    "people": pl.Int64,
    "mean_first": pl.Float64,
    "mean_last": pl.Float64,
    "last_low": pl.Float64,
    "last_high": pl.Float64,
    "progress": pl.Float64,
    "error": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "fallen": pl.Int64,
    "same": pl.Int64,
    "risen": pl.Int64,
    "share_fallen": pl.Float64,
    "share_risen": pl.Float64,
    "status": pl.String,
}
MOVES = {
    "level": pl.String,
    "area": pl.String,
    "period": pl.String,
    "to": pl.String,
    "people": pl.Int64,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "status": pl.String,
}
CLASSES = {
    "level": pl.String,
    "area": pl.String,
    "period": pl.String,
    "group": pl.String,
    "class_first": pl.Int64,
    "class_last": pl.Int64,
    "people": pl.Int64,
    "share": pl.Float64,
    "status": pl.String,
}
SCHEMAS: dict[str, dict[str, Any]] = {"split": SPLIT, "cohort": COHORT, "moves": MOVES, "classes": CLASSES}


@dataclass(frozen=True, slots=True)
class Request:
    """Which tables of which pairs of years. ``groups``: per area its place on further levels (column ``area`` first);
    ``levels``: which of these (or `OWN`) to show, small to large. ``internal``: without disclosure control.
    """

    tables: tuple[Which, ...]
    periods: tuple[tuple[int, int], ...]
    change: Change = field(default_factory=Change)
    rules: Rules = field(default_factory=Rules)
    levels: tuple[str, ...] = (OWN,)
    groups: pl.DataFrame | None = None
    sampled: float = 0.0
    internal: bool = False

    @property
    def directions(self) -> bool:
        """Whether a table of it counts who rose and who fell."""
        return "cohort" in self.tables or self.classes

    @property
    def classes(self) -> bool:
        """Whether a table of it counts classes."""
        return "classes" in self.tables

    def meaning(self, columns: Columns) -> dict[str, Any]:
        """What must be the same in every release from one table: else their difference could tell of few people. What
        counts as a rise matters (is not None) only where rises are counted.
        """
        groups = "" if self.groups is None else hashlib.sha256(self.groups.write_csv().encode()).hexdigest()
        change = [self.change.step, list(self.change.cuts)] if self.directions else None
        held = {"rules": asdict(self.rules), "columns": asdict(columns), "levels": list(self.levels)}
        return held | {"groups": groups, "change": change}


@dataclass(frozen=True, slots=True)
class Made:
    """Tables by name, how many rows are ``shown`` and how many ``hidden``, and the ``release`` they are of."""

    tables: dict[str, pl.DataFrame]
    shown: int
    hidden: int
    release: Release


class _Source(Protocol):
    def flows(
        self, first: int, last: int, change: Change, *, largest: bool, told: Callable[[int, int], None] | None
    ) -> Flows: ...


def tables(
    source: _Source,
    request: Request,
    *,
    release: Release | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Made:
    """The tables of a request, protected together with what ``release`` holds of earlier ones.

    Raises KrachtwijkError where groups do not fit, or where earlier releases would give people away beside this one.
    """
    whole = release or Release(request.rules)
    held: list[tuple[int, int, list[Level], list[Tally]]] = []
    for first, last in request.periods:
        found = source.flows(first, last, request.change, largest=request.rules.amounts, told=told)
        levels = _levels(found, request)
        held.append((first, last, levels, [tally(level.flows) for level in levels]))
        if not request.internal:
            add_years(whole, levels, first, last, directions=request.directions, classes=request.classes)
    if not request.internal:
        told_away = whole.settle()
        if told_away:
            raise KrachtwijkError(
                f"Samen met wat al is uitgegeven verraadt dit {len(told_away)} groepen van te weinig mensen",
                where=told_away[0].replace("|", ", "),
                mend="Geef deze tabel niet uit, of vraag de beheerder van de beveiligde omgeving",
            )
    seen = _Seen(None if request.internal else whole)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in request.tables}
    for first, last, levels, tallies in held:
        for level, counted in zip(levels, tallies, strict=True):
            for table in request.tables:
                rows[table] += _ROWS[table](seen, level, counted, first, last, request)
    made = {
        table: pl.DataFrame(found, schema=SCHEMAS[table], orient="row").filter(pl.col("area") != REST)
        for table, found in rows.items()
    }
    shown = sum(int((frame["status"] == "ok").sum()) for frame in made.values())
    hidden = sum(int(frame["status"].str.starts_with("suppressed").sum()) for frame in made.values())
    return Made(made, shown, hidden, whole)


class _Seen:
    """Whether figures about cells may be seen."""

    def __init__(self, release: Release | None) -> None:
        self.release = release

    def status(self, *cells: str) -> str:
        """`ok`, or why not: too small or telling, or hidden with another."""
        if self.release is None:
            return "ok"
        states = [self.release.state[cell] for cell in cells]
        return "suppressed" if SMALL in states else "suppressed_with" if max(states) > SHOWN else "ok"


def _levels(found: Flows, request: Request) -> list[Level]:
    """Flows on every level, small to large, everybody together last; who is in no named area is in `REST`."""
    codes = pl.DataFrame({"area": found.areas}, schema={"area": pl.String})
    known = codes.with_columns(pl.col("area").alias(OWN))
    if request.groups is not None:
        known = known.join(request.groups.with_columns(pl.all().cast(pl.String)), on="area", how="left")
    columns: list[tuple[str, list[str], np.ndarray[Any, np.dtype[np.int64]]]] = []
    for level in (*request.levels, ALL):
        if level == ALL:
            columns.append((ALL, [ALL], np.zeros(len(found.areas), np.int64)))
            continue
        if level not in known.columns:
            raise KrachtwijkError(
                f"Niveau {level} is niet bekend",
                where="--level",
                mend=f"Kies uit: {', '.join(n for n in known.columns if n != 'area')}",
            )
        names = known[level].fill_null(REST)
        order = (
            list(found.areas)
            if level == OWN
            else sorted(names.unique().to_list(), key=lambda n: (n == REST, n))
        )
        member = names.cast(pl.Enum(order)).to_physical().cast(pl.Int64).to_numpy()
        columns.append((level, order, member))
    made = []
    for number, (level, names_, member) in enumerate(columns):
        parent = None
        if number + 1 < len(columns):
            parent = _parent(level, names_, member, columns[number + 1])
        flows = found.grouped(names_, member)
        made.append(Level(level, flows, parent, "moves" in request.tables and level != ALL))
        if made[-1].moves and len(names_) > MOST_MOVES:
            raise KrachtwijkError(
                f"Een tabel van verhuizingen tussen {len(names_)} gebieden heeft vrijwel alleen kleine aantallen",
                where=f"niveau {level}",
                mend=f"Neem hoogstens {MOST_MOVES} gebieden: geef groepen met --groups en kies --level",
            )
    return made


def _parent(
    level: str,
    names: list[str],
    member: np.ndarray[Any, np.dtype[np.int64]],
    above: tuple[str, list[str], np.ndarray[Any, np.dtype[np.int64]]],
) -> np.ndarray[Any, np.dtype[np.int64]]:
    parent = np.full(len(names), -1, np.int64)
    for area, over in zip(member.tolist(), above[2].tolist(), strict=True):
        if parent[area] not in (-1, over):
            raise KrachtwijkError(
                f"{names[area]} ligt in {above[1][int(parent[area])]} én in {above[1][over]}",
                where=f"niveau {level} en {above[0]}",
                mend="Geef niveaus van klein naar groot, elk gebied in precies één groter gebied",
            )
        parent[area] = over
    return np.maximum(parent, 0)


# --- rows ---------------------------------------------------------------------------------------------------------


def _number(value: float) -> float | None:
    """Ten digits: engines add in any order, and the same request must give the same table."""
    return float(f"{value:.10g}") + 0.0 if np.isfinite(value) else None  # never -0


def _interval(value: float, error: float) -> dict[str, float | None]:
    return {
        "value": _number(value),
        "error": _number(error),
        "low": _number(value - HALF * error),
        "high": _number(value + HALF * error),
    }


def _blank(row: dict[str, Any], keep: Iterable[str]) -> dict[str, Any]:
    return (
        row
        if row["status"] == "ok"
        else {key: v if key in (*keep, "status") else None for key, v in row.items()}
    )


def _split_rows(
    seen: _Seen, level: Level, held: Tally, first: int, last: int, request: Request
) -> Iterator[dict[str, Any]]:
    made = split(held, sampled=request.sampled)
    errors = {term: made.error(term) for term in TERMS}
    errors |= {"inflow": made.error(*INFLOW), "outflow": made.error(*OUTFLOW), "change": made.error()}
    values = {term: made.terms[:, number] for number, term in enumerate(TERMS)}
    values |= {"inflow": made.total(*INFLOW), "outflow": made.total(*OUTFLOW), "change": made.change}
    counts = {term: made.people[:, number] for number, term in enumerate(TERMS)}
    counts |= {
        "inflow": made.last - counts["progress"],
        "outflow": made.first - counts["progress"],
        "start": made.first,
        "end": made.last,
    }
    values |= {"start": made.mean_first, "end": made.mean_last}
    errors |= {"start": np.sqrt(made.variance[:, 0]), "end": np.sqrt(made.variance[:, 1])}
    for at, area in enumerate(made.areas):
        start, end = everybody(level.name, area, first), everybody(level.name, area, last)

        def cell(part: str, area: str = area) -> str:
            return name(level.name, area, part, first, last)

        stayers = cell("stayers")
        needed = {
            "start": (start,),
            "progress": (stayers,),
            "inflow": (stayers, end, cell("inflow")),
            **{part: (stayers, end, cell(part)) for part in INFLOW},
            "outflow": (stayers, start, cell("outflow")),
            **{part: (stayers, start, cell(part)) for part in OUTFLOW},
            "end": (end,),
            "change": (start, end, stayers),
        }
        for part, cells in needed.items():
            row = {
                "level": level.name,
                "area": area,
                "period": f"{first}-{last}",
                "part": part,
                "people": int(counts[part][at]) if part in counts else None,
                **_interval(values[part][at], errors[part][at]),
                "status": seen.status(*cells),
            }
            yield _blank(row, ("level", "area", "period", "part"))


def _cohort_rows(
    seen: _Seen, level: Level, held: Tally, first: int, last: int, request: Request
) -> Iterator[dict[str, Any]]:
    made = cohort(held, sampled=request.sampled)
    for at, area in enumerate(made.areas):
        place = {"level": level.name, "area": area, "period": f"{first}-{last}"}
        for number, group in enumerate(GROUPS):
            cell = name(level.name, area, group, first, last)
            n = int(made.people[at, number])
            told = _interval(made.progress[at, number], made.error[at, number])
            last_mean = _interval(made.mean_last[at, number], made.error_last[at, number])
            moved: dict[str, float | None] = {}
            for way, direction in enumerate(DIRECTIONS):
                count = int(made.moved[at, number, way])
                shown = seen.status(_direction(level.name, area, group, direction, first, last)) == "ok"
                moved[direction] = count if shown else None
                if direction != "same":
                    moved[f"share_{direction}"] = count / n if shown and n else None
            row = {
                **place,
                "group": group,
                "people": n,
                "mean_first": _number(made.mean_first[at, number]),
                "mean_last": _number(made.mean_last[at, number]),
                "last_low": last_mean["low"],
                "last_high": last_mean["high"],
                "progress": told["value"],
                "error": told["error"],
                "low": told["low"],
                "high": told["high"],
                **moved,
                "status": seen.status(cell),
            }
            yield _blank(row, (*place, "group"))
        lost = dict.fromkeys(COHORT) | place | {"group": "lost", "people": int(made.lost[at])}
        yield _blank(
            lost | {"status": seen.status(name(level.name, area, "lost", first, last))}, (*place, "group")
        )


def _direction(level: str, area: str, group: str, direction: str, first: int, last: int) -> str:
    return name(level, area, group, first, last, direction)


def _move_rows(
    seen: _Seen, level: Level, held: Tally, first: int, last: int, request: Request
) -> Iterator[dict[str, Any]]:
    if not level.moves:
        return
    made = transitions.area_moves(level.flows)
    n = len(made.areas)
    share, low, high = transitions.shares(made.people)
    for at, area in enumerate(made.areas):
        start = everybody(level.name, area, first)
        for to in range(n + 2):
            count = int(made.people[at, to])
            if not count:
                continue
            cell = (
                name(level.name, area, "gone", first, last)
                if to == n + 1
                else name(level.name, area, "to", first, last, made.areas[to])
            )
            row = {
                "level": level.name,
                "area": area,
                "period": f"{first}-{last}",
                "to": GONE if to == n + 1 else made.areas[to],
                "people": count,
                "share": float(share[at, to]),
                "low": float(low[at, to]),
                "high": float(high[at, to]),
                "status": seen.status(start, cell),
            }
            yield _blank(row, ("level", "area", "period", "to"))


def _class_rows(
    seen: _Seen, level: Level, held: Tally, first: int, last: int, request: Request
) -> Iterator[dict[str, Any]]:
    made = transitions.class_moves(held)
    k = made.shape[-1]
    way, words = held.change.direction(), list(DIRECTIONS)
    for at, area in enumerate(held.areas):
        for number, group in enumerate(transitions.GROUPS):
            for before, after in np.ndindex(k, k):
                tag = before * k + after
                of_row = made[at, number, before]
                parts = [
                    name(level.name, area, group, first, last, words[way[t]], str(t))
                    for t in range(before * k, before * k + k)
                ]
                count = int(of_row[after])
                # a share tells the number of its row, so it waits for the whole row
                whole = seen.status(*parts) == "ok"
                row = {
                    "level": level.name,
                    "area": area,
                    "period": f"{first}-{last}",
                    "group": group,
                    "class_first": int(before) + 1,
                    "class_last": int(after) + 1,
                    "people": count,
                    "share": count / int(of_row.sum()) if whole and of_row.sum() else None,
                    "status": seen.status(parts[tag - before * k]),
                }
                yield _blank(row, ("level", "area", "period", "group", "class_first", "class_last"))


_ROWS = {"split": _split_rows, "cohort": _cohort_rows, "moves": _move_rows, "classes": _class_rows}


# --- what left before ---------------------------------------------------------------------------------------------


def register_of(home: Path, path: Path) -> Path:
    """The register of what left of a person table."""
    return home / "bewoners" / f"{fingerprint(path)}.json"


def read_register(path: Path, request: Request, columns: Columns) -> Release:
    """What left before, to protect the next release with. Raises KrachtwijkError where that was made otherwise: with
    other areas, years, limits or another outcome its difference with this release cannot be watched.
    """
    made = Release(request.rules)
    if not path.exists():
        return made
    held = json.loads(path.read_text("utf-8"))
    before, now = held["meaning"], request.meaning(columns)
    if None in (before["change"], now["change"]):
        before["change"] = now["change"]
    if before != now:
        raise KrachtwijkError(
            "Van deze gegevens is al iets uitgegeven met andere gebieden, grenzen of kolommen",
            where=str(path),
            mend="Reken met dezelfde keuzes, of reken met --internal en laat mensen de uitkomst toetsen",
        )
    made.people = dict(held["people"])
    made.unsafe = set(held["unsafe"])
    made.sums = {tuple((cell, sign) for cell, sign in row): None for row in held["sums"]}
    made.before = dict(held["shown"])
    return made


def write_register(path: Path, made: Made, request: Request, columns: Columns) -> None:
    """Remember which cells were shown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    meaning = request.meaning(columns)
    if meaning["change"] is None and path.exists():
        meaning["change"] = json.loads(path.read_text("utf-8"))["meaning"]["change"]
    content = {
        "meaning": meaning,
        "people": made.release.people,
        "unsafe": sorted(made.release.unsafe),
        "sums": [list(row) for row in made.release.sums],
        "shown": {cell: state == SHOWN for cell, state in made.release.state.items()},
    }
    work = path.with_suffix(".new")
    work.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    work.replace(path)


# --- the example of the page --------------------------------------------------------------------------------------


def example(warehouse: Warehouse) -> list[ResultInfo]:
    """Tables ``bewoners-voorbeeld`` and its ``-cohort``, ``-verhuizing`` and ``-klassen``: of an invented world."""
    world = generator.world(**EXAMPLE_WORLD)
    years = [world.first + number for number in range(world.years)]
    with tempfile.TemporaryDirectory(prefix="krachtwijk-") as folder:
        for year in world.table():
            write_year(Path(folder), year)
        with people(Path(folder), Columns()) as source:
            asked = Request(
                ("split", "cohort", "moves"),
                tuple((years[0], year) for year in years[1:]),
                Change(cuts=EXAMPLE_CUTS),
                levels=("wijk",),
                groups=pl.DataFrame(
                    {"area": [str(n + 1) for n in range(len(EXAMPLE_AREAS))], "wijk": EXAMPLE_AREAS}
                ),
            )
            made = tables(source, asked)
            made.release.before = {cell: state == SHOWN for cell, state in made.release.state.items()}
            later = replace(asked, tables=("classes",), periods=((years[0], years[-1]),))
            found = made.tables | tables(source, later, release=made.release).tables
    last = f"{years[0]}-{years[-1]}"
    return [
        store(
            warehouse,
            f"{EXAMPLE}{kind}",
            # of the other years only the course of the cohorts is drawn
            frame.filter((pl.col("period") == last) | (table == "cohort")).with_columns(
                pl.lit("").alias("edition")
            ),
            rule=RULE,
            editions=[],
            settings=repr((EXAMPLE_WORLD, EXAMPLE_CUTS)),
            extra={"world": EXAMPLE_WORLD, "cuts": list(EXAMPLE_CUTS)},
        )
        for (table, frame), kind in zip(
            found.items(), ("", "-cohort", "-verhuizing", "-klassen"), strict=True
        )
    ]
