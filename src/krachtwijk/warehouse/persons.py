# SPDX-License-Identifier: EUPL-1.2
"""A table of people by year of a user, on the engine that they choose: read where it lies, in parts, and never kept.

A file (CSV or Parquet), or a folder of Parquet files: one per year, named by it (`2008.parquet`, `jaar=2008/`), or with
the year as a column. One row per person and year. On Polars people go through in parts by their number, so that memory
does not grow with the table; DuckDB and Spark see to that themselves.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from krachtwijk.errors import KrachtwijkError, nearest
from krachtwijk.monitor.frames import records
from krachtwijk.monitor.persons import flows as engine
from krachtwijk.warehouse.engines import Engine, check_engine, collected, opened, reading

#: So many people of a year go through at once.
PART = 6_000_000
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
#: So much of the end of a Parquet file is looked at to know it again: what it says of its columns stands there.
_FOOT = 1 << 16


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns are called in the file; ``year`` is not needed where files are named by it."""

    person: str = "persoon"
    year: str = "jaar"
    area: str = "gebied"
    outcome: str = "uitkomst"


@dataclass(frozen=True, slots=True)
class YearFacts:
    """What was found in one year: ``rows``, ``without_area``, ``without_outcome``, and the ``mean`` of the outcome."""

    year: int
    rows: int
    without_area: int
    without_outcome: int
    mean: float


class People:
    """A person table that was opened by `people`."""

    def __init__(
        self, path: Path, columns: Columns, engine: Engine, years: dict[int, Callable[[], Any]]
    ) -> None:
        self.path, self.columns, self.engine = path, columns, engine
        self._years = years
        self._facts: dict[int, YearFacts] = {}

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the table, ascending."""
        return tuple(sorted(self._years))

    def facts(self, year: int) -> YearFacts:
        """Read one year through. Raises KrachtwijkError where a person is in it twice, has no number, or where the
        outcome is no number.
        """
        if year not in self._years:
            raise KrachtwijkError(
                f"Het jaar {year} staat niet in de gegevens",
                where=str(self.path),
                mend=f"Kies uit: {', '.join(map(str, self.years))}",
            )
        if year not in self._facts:
            self._facts[year] = self._look(year)
        return self._facts[year]

    def _look(self, year: int) -> YearFacts:
        outcome = nw.col("outcome").cast(nw.Float64)
        known = nw.when(~outcome.is_nan()).then(outcome)
        frame = nw.from_native(self._years[year]()).lazy()
        asked = frame.select(
            nw.len().alias("rows"),
            nw.col("person").n_unique().alias("persons"),
            nw.col("person").null_count().alias("nobody"),
            nw.col("area").null_count().alias("nowhere"),
            known.null_count().alias("unknown"),
            known.min().alias("low"),
            known.max().alias("high"),
            known.mean().alias("mean"),
        )
        rows, persons, nobody, nowhere, unknown, low, high, mean = records(asked)[0]
        where = f"{self.path}, {year}"
        if not rows:
            raise KrachtwijkError(
                "Dit jaar is leeg", where=where, mend="Laat het weg, of haal het opnieuw op"
            )
        if nobody:
            raise KrachtwijkError(
                f"{nobody} rijen hebben geen persoon",
                where=f"{where}, kolom {self.columns.person}",
                mend="Geef elke persoon een eigen nummer of code",
            )
        if persons != rows:
            raise KrachtwijkError(
                f"{rows - persons} rijen zijn van iemand die in dit jaar al voorkomt",
                where=f"{where}, kolom {self.columns.person}",
                mend="Kies per persoon en jaar één rij, bijvoorbeeld het adres op 1 januari",
            )
        if unknown == rows:
            raise KrachtwijkError(
                "Van niemand is de uitkomst bekend",
                where=f"{where}, kolom {self.columns.outcome}",
                mend="Kies een andere kolom of een ander jaar",
            )
        if not (math.isfinite(low) and math.isfinite(high)):
            raise KrachtwijkError(
                "Een uitkomst is oneindig",
                where=f"{where}, kolom {self.columns.outcome}",
                mend="Maak haar leeg, of herstel haar",
            )
        return YearFacts(year, int(rows), int(nowhere), int(unknown), float(mean))

    def flows(
        self,
        first: int,
        last: int,
        change: engine.Change,
        *,
        largest: bool = False,
        told: Callable[[int, int], None] | None = None,
    ) -> engine.Flows:
        """The flows between two years; ``told`` hears how many parts of how many are done."""
        facts = (self.facts(first), self.facts(last))
        centre = (facts[0].mean + facts[1].mean) / 2
        parts = max(1, math.ceil(max(f.rows for f in facts) / PART)) if self.engine == "polars" else 1
        found: list[pl.DataFrame] = []
        for number in range(parts):
            pair = [
                nw.from_native(self._years[year]()).filter(~nw.col("area").is_null())
                for year in (first, last)
            ]
            if parts > 1:
                share = pl.col("person").hash() % parts == number
                pair = [nw.from_native(nw.to_native(frame).filter(share)) for frame in pair]
            made = engine.flows(*(f.to_native() for f in pair), centre=centre, change=change, largest=largest)
            if isinstance(made, pl.LazyFrame) and parts > 1:
                made = made.collect(engine="streaming")
            found.append(collected(made))
            if told is not None:
                told(number + 1, parts)
        return _with_codes(found, centre, change)


def _with_codes(found: list[pl.DataFrame], centre: float, change: engine.Change) -> engine.Flows:
    """Flows with their areas as indices. Numbers are ordered as numbers, and are not made text by the million."""
    columns = [frame[name] for frame in found for name in ("area0", "area1")]
    known = pl.concat([column.drop_nulls().unique() for column in columns]).unique()
    if not known.dtype.is_integer():
        known = known.cast(pl.String)
    codes = known.sort() if known.dtype.is_integer() else _in_order(known)
    index = pl.DataFrame({"code": codes, "at": np.arange(len(codes), dtype=np.int64)})
    parts = []
    for frame in found:
        held = {name: frame[name].to_numpy() for name in frame.columns if not name.startswith("area")}
        for name in ("area0", "area1"):
            area = frame.select(pl.col(name).cast(codes.dtype).alias("code"))
            at = area.join(index, on="code", how="left", maintain_order="left")["at"]
            held[name] = at.fill_null(engine.ABSENT).to_numpy()
        parts.append(held)
    return engine.collected(parts, codes.cast(pl.String).to_list(), centre=centre, change=change)


def _in_order(codes: pl.Series) -> pl.Series:
    """Codes as text in order, those of digits only as numbers and first."""
    number = codes.cast(pl.Int64, strict=False)
    return pl.DataFrame({"code": codes, "n": number}).sort("n", "code", nulls_last=True)["code"]


@contextmanager
def people(path: Path, columns: Columns, engine: Engine = "polars") -> Iterator[People]:
    """Open a person table. Raises KrachtwijkError where the file, a column or a year is not as it should be."""
    check_engine(engine)
    if not path.exists():
        raise KrachtwijkError(
            "Dit bestand of deze map bestaat niet", where=str(path), mend="Controleer de naam"
        )
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise KrachtwijkError(
            "In deze map staat geen Parquet-bestand",
            where=str(path),
            mend="Geef een map met een bestand per jaar",
        )
    with _frames(files, columns, engine) as frames:
        yield People(path, columns, engine, _by_year(path, files, frames, columns))


@contextmanager
def _frames(files: list[Path], columns: Columns, engine: Engine) -> Iterator[list[Any]]:
    if len(files) == 1 and files[0].suffix != ".parquet":
        with opened(
            files[0], engine, [columns.outcome, columns.year], [columns.person, columns.area]
        ) as frame:
            yield [frame]
    else:
        yield [reading(file, engine) for file in files]


def _by_year(
    path: Path, files: list[Path], frames: list[Any], columns: Columns
) -> dict[int, Callable[[], Any]]:
    held: dict[int, list[nw.LazyFrame[Any]]] = {}
    for file, native in zip(files, frames, strict=True):
        frame = nw.from_native(native).lazy()
        schema = frame.collect_schema()
        _check(file, schema, columns)
        plain = frame.select(
            nw.col(columns.person).alias("person"),
            nw.col(columns.area).alias("area"),
            nw.col(columns.outcome).alias("outcome"),
            *([nw.col(columns.year).alias("year")] if columns.year in schema else []),
        )
        if columns.year in schema:
            years = [row[0] for row in records(plain.select("year").unique())]
            if any(year is None or int(year) != year for year in years):
                raise KrachtwijkError(
                    "Niet elke rij heeft een jaar",
                    where=f"{file}, kolom {columns.year}",
                    mend="Vul het jaar in als vier cijfers",
                )
            for year in years:
                held.setdefault(int(year), []).append(
                    plain.filter(nw.col("year") == year).select("person", "area", "outcome")
                )
            continue
        named = _YEAR.findall(str(file.relative_to(path) if file != path else file.name))
        if len(set(named)) != 1:
            raise KrachtwijkError(
                f"Kolom {columns.year} ontbreekt, en de naam noemt geen jaar",
                where=str(file),
                mend="Noem elk bestand naar zijn jaar (2008.parquet), of geef een kolom met het jaar (--year)",
            )
        held.setdefault(int(named[0]), []).append(plain)
    if not held:
        raise KrachtwijkError("Dit bestand is leeg", where=str(path), mend="Haal het opnieuw op")
    if len(held) < 2:
        raise KrachtwijkError(
            f"Er is maar één jaar: {next(iter(held))}",
            where=str(path),
            mend="Geef mensen in minstens twee jaren",
        )
    return {year: _together(found) for year, found in held.items()}


def _together(found: list[nw.LazyFrame[Any]]) -> Callable[[], Any]:
    return lambda: (found[0] if len(found) == 1 else nw.concat(found, how="vertical")).to_native()


def _check(file: Path, schema: Any, columns: Columns) -> None:
    for option, name in (("person", columns.person), ("area", columns.area), ("outcome", columns.outcome)):
        if name not in schema:
            like = nearest(name, schema)
            raise KrachtwijkError(
                f"Kolom {name} ontbreekt",
                where=str(file),
                mend=f"Noem haar met --{option}; er is wel: {like or ', '.join(list(schema)[:10])}",
            )
    kind = schema[columns.outcome]
    if not (kind.is_numeric() or kind == nw.Boolean):
        raise KrachtwijkError(
            "De uitkomst is geen getal",
            where=f"{file}, kolom {columns.outcome} ({kind})",
            mend="Geef een kolom met getallen, of 0 en 1 voor nee en ja",
        )


def fingerprint(path: Path) -> str:
    """Knows a table again: changes with its content, not with its place. Of large files only the ends are read."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*.parquet")) if path.is_dir() else [path]:
        size = file.stat().st_size
        digest.update(f"{file.relative_to(path) if path.is_dir() else ''} {size} ".encode())
        with file.open("rb") as held:
            for place in (0, max(0, size - _FOOT)):
                held.seek(place)
                digest.update(held.read(_FOOT))
    return digest.hexdigest()[:16]


def write_year(folder: Path, year: Any) -> None:
    """Write one `monitor.persons.generator.Year` as `<year>.parquet`."""
    outcome = year.outcome
    pl.DataFrame(
        {
            "persoon": year.person,
            "gebied": year.area + np.uint16(1),
            "uitkomst": pl.Series(outcome).fill_nan(None),
        }
    ).write_parquet(folder / f"{year.year}.parquet", compression="zstd", compression_level=1)
