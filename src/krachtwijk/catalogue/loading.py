# SPDX-License-Identifier: EUPL-1.2
"""Reading `data/*.toml`. A mistake in a file is told with file and entry; nothing is guessed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.model import (
    Break,
    Column,
    Dimension,
    Indicator,
    Programme,
    ProgrammeArea,
    ScoreVersion,
    Target,
    Theme,
    Window,
)

DATA = Path(__file__).resolve().parent.parent / "data"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publication:
    """A packaged file: which publication, from where, under which licence; ``sha256`` is of the file as shipped."""

    file: str
    source: str
    title: str
    publisher: str
    licence: str
    attribution: str
    origin: str
    sha256: str
    period: int | None = None
    ingest: bool = True
    note: str = ""

    @property
    def path(self) -> Path:
        """Where the packaged file stands."""
        return DATA / "publications" / self.file


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as handle:
            return tomllib.load(handle)
    except tomllib.TOMLDecodeError as error:
        raise KrachtwijkError(
            "Dit bestand is geen geldige TOML", where=f"{path}: {error}", mend="Herstel de genoemde regel"
        ) from error


def _build(kind: type[T], entry: dict[str, Any], path: Path) -> T:
    """Make a dataclass of a TOML table: lists become tuples, unknown and missing keys are told by name."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(entry) - known)
    name = entry.get("id") or entry.get("file") or entry.get("name") or "zonder id"
    if unknown:
        raise KrachtwijkError(
            f"Onbekend veld {', '.join(unknown)}",
            where=f"{path.name}, {name}",
            mend=f"Bekende velden: {', '.join(sorted(known))}",
        )
    values = {
        key: tuple(value) if isinstance(value, list) and not isinstance(value, tuple) else value
        for key, value in entry.items()
    }
    try:
        return kind(**values)
    except TypeError as error:
        missing = str(error).split(":")[-1].strip()
        raise KrachtwijkError(
            f"Verplicht veld ontbreekt: {missing}", where=f"{path.name}, {name}", mend="Vul het veld in"
        ) from error


@cache
def themes() -> dict[str, Theme]:
    """Themes by id, in the order of the file."""
    path = DATA / "themes.toml"
    return {e["id"]: _build(Theme, e, path) for e in _read(path)["theme"]}


def _bound(value: float | str) -> float | None:
    return None if value == "" else float(value)


def _indicator(entry: dict[str, Any], path: Path) -> Indicator:
    entry = dict(entry)
    columns = []
    for column in entry.pop("column", []):
        column = dict(column)
        column["names"] = {int(year): name for year, name in column.get("names", {}).items()}
        columns.append(_build(Column, column, path))
    entry["columns"] = columns
    entry["breaks"] = [_build(Break, b, path) for b in entry.pop("break", [])]
    if "range" in entry:
        low, high = entry["range"]
        entry["range"] = (_bound(low), _bound(high))
    made = _build(Indicator, entry, path)
    if made.theme not in themes():
        raise KrachtwijkError(
            f"Onbekend thema {made.theme}",
            where=f"{path.name}, {made.id}",
            mend=f"Kies uit: {', '.join(themes())}",
        )
    return made


@cache
def indicators() -> dict[str, Indicator]:
    """All indicators by id. Raises KrachtwijkError on a double id, an unknown theme or an unknown field."""
    found: dict[str, Indicator] = {}
    for path in sorted((DATA / "indicators").glob("*.toml")):
        content = _read(path)
        shared = content.get("defaults", {})
        for entry in content.get("indicator", []):
            made = _indicator({**shared, **entry}, path)
            if made.id in found:
                raise KrachtwijkError(
                    f"Indicator {made.id} staat er twee keer in",
                    where=path.name,
                    mend="Geef een van beide een ander id",
                )
            found[made.id] = made
    return found


def indicator(identifier: str) -> Indicator:
    """One indicator by id."""
    try:
        return indicators()[identifier]
    except KeyError:
        raise KrachtwijkError(
            f"Indicator {identifier} bestaat niet", mend="Zie `krachtwijk indicators` voor de lijst"
        ) from None


@cache
def indicators_of(source: str) -> tuple[Indicator, ...]:
    """Indicators that stand in a publication family, in catalogue order."""
    return tuple(i for i in indicators().values() if any(c.source == source for c in i.columns))


@cache
def score_versions() -> dict[str, ScoreVersion]:
    """Score versions by id, oldest first."""
    found = {}
    for path in sorted((DATA / "score-versions").glob("*.toml")):
        entry = _read(path)
        entry["dimensions"] = [_build(Dimension, d, path) for d in entry.pop("dimension")]
        entry["national_means"] = {int(y): float(v) for y, v in entry.get("national_means", {}).items()}
        version = _build(ScoreVersion, entry, path)
        found[version.id] = version
    return found


def score_version(identifier: str) -> ScoreVersion:
    """One score version by id (``lbm2``, ``lbm3``)."""
    try:
        return score_versions()[identifier]
    except KeyError:
        raise KrachtwijkError(
            f"Versie {identifier} van de Leefbaarometer bestaat niet",
            mend=f"Kies uit: {', '.join(score_versions())}",
        ) from None


@cache
def publications() -> tuple[Publication, ...]:
    """The packaged files, in the order in which the demonstration takes them in."""
    path = DATA / "publications" / "manifest.toml"
    return tuple(_build(Publication, e, path) for e in _read(path)["publication"])


def load_programme(path: Path) -> Programme:
    """A programme as its file describes it; `boundaries` names a GeoJSON file in the same folder."""
    entry = _read(path)
    areas = []
    for area in entry.pop("area", []):
        area = dict(area)
        certainty = area.pop("certainty", "bron")
        area["parts"] = [
            (level, code, certainty) for level in ("pc4", "wijk", "buurt") for code in area.pop(level, [])
        ]
        areas.append(_build(ProgrammeArea, area, path))
    entry["areas"] = areas
    entry["windows"] = [_build(Window, w, path) for w in entry.pop("window", [])]
    entry["targets"] = [_build(Target, t, path) for t in entry.pop("target", [])]
    if "boundaries" in entry:
        entry["boundaries"] = str(path.parent / entry["boundaries"])
    made = _build(Programme, entry, path)
    unknown = [t for t in made.themes if t not in themes()]
    if unknown:
        raise KrachtwijkError(
            f"Onbekend thema {unknown[0]}", where=path.name, mend=f"Kies uit: {', '.join(themes())}"
        )
    return made


@cache
def programmes(folder: Path = DATA / "programmes") -> dict[str, Programme]:
    """Programmes by id; each is one file in ``folder``. A new programme is a new file."""
    made = (load_programme(path) for path in sorted(folder.glob("*.toml")))
    return {p.id: p for p in made}


def programme(identifier: str) -> Programme:
    """One programme by id."""
    try:
        return programmes()[identifier]
    except KeyError:
        raise KrachtwijkError(
            f"Programma {identifier} bestaat niet", mend=f"Kies uit: {', '.join(programmes())}"
        ) from None
