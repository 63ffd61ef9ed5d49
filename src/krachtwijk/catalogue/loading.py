# SPDX-License-Identifier: EUPL-1.2
"""Reading `data/*.toml`. A mistake in a file is told with file and entry; nothing is guessed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.model import (
    Aggregation,
    Break,
    Column,
    Difference,
    Dimension,
    Direction,
    EstimateSpec,
    Indicator,
    PeerFigure,
    PeerSet,
    Programme,
    ProgrammeArea,
    Ratio,
    Rules,
    ScoreVersion,
    Target,
    Theme,
    WarningSpec,
    Whole,
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


@dataclass(frozen=True, slots=True)
class NonFigure:
    """Columns of a publication family that hold no figure, with the reason."""

    source: str
    reason: str
    columns: tuple[str, ...]


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file; a mistake in its form is told with its line."""
    try:
        with path.open("rb") as handle:
            return tomllib.load(handle)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
    return load_themes(DATA / "themes.toml")


def load_themes(path: Path) -> dict[str, Theme]:
    """The themes of a file by id. Raises KrachtwijkError on a double id or an unknown policy theme."""
    found: dict[str, Theme] = {}
    for entry in read_toml(path).get("theme", []):
        made = _build(Theme, entry, path)
        if made.id in found:
            raise KrachtwijkError(
                f"Thema {made.id} staat er twee keer in",
                where=path.name,
                mend="Geef een van beide een ander id",
            )
        found[made.id] = made
    policy = [t.id for t in found.values() if "beleid" in t.lists]
    for made in found.values():
        if made.policy is not None and made.policy not in policy:
            raise KrachtwijkError(
                f"Onbekend beleidsthema {made.policy}",
                where=f"{path.name}, {made.id}",
                mend=f"Kies uit: {', '.join(policy)}",
            )
    return found


def _bound(value: object, where: str) -> float | None:
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise KrachtwijkError(
            f"Grens {value} van range is geen getal",
            where=where,
            mend='Schrijf range = [laagste, hoogste], met "" waar geen grens is',
        )
    return float(value)


def _indicator(entry: dict[str, Any], path: Path) -> Indicator:
    entry = dict(entry)
    where = f"{path.name}, {entry.get('id', 'zonder id')}"
    columns = []
    for column in entry.pop("column", []):
        column = dict(column)
        column["names"] = {int(year): name for year, name in column.get("names", {}).items()}
        columns.append(_build(Column, column, path))
    entry["columns"] = columns
    entry["breaks"] = [_build(Break, b, path) for b in entry.pop("break", [])]
    if "range" in entry:
        bounds = entry["range"]
        if not isinstance(bounds, list) or len(bounds) != 2:
            raise KrachtwijkError(
                "Het veld range heeft geen twee grenzen", where=where, mend="Schrijf [laagste, hoogste]"
            )
        entry["range"] = (_bound(bounds[0], where), _bound(bounds[1], where))
    made = _build(Indicator, entry, path)
    fault = _fault(made)
    if fault:
        raise KrachtwijkError(fault[0], where=where, mend=fault[1])
    return made


_TEXTS = ("id", "label", "label_en", "unit", "source", "definition", "definition_en")


def _fault(made: Indicator) -> tuple[str, str] | None:
    """What is wrong with one indicator and how to mend it (R-003, R-139); None where nothing is."""
    empty = [name for name in _TEXTS if not str(getattr(made, name)).strip()]
    if empty:
        return f"Verplicht veld is leeg: {', '.join(empty)}", "Vul het veld in"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made.id):
        return f"Het id {made.id} heeft een verkeerde vorm", "Gebruik kleine letters, cijfers en streepjes"
    if made.theme not in themes():
        return f"Onbekend thema {made.theme}", f"Kies uit: {', '.join(themes())}"
    for name, value, allowed in (
        ("direction", made.direction, get_args(Direction)),
        ("aggregation", made.aggregation, get_args(Aggregation)),
    ):
        if value not in allowed:
            return f"Onbekende waarde {value} voor {name}", f"Kies uit: {', '.join(allowed)}"
    if made.aggregation == "gewogen-gemiddelde" and not made.weight:
        return "Een gewogen gemiddelde heeft een gewicht nodig", "Noem in weight het id van een aantal"
    low, high = made.range
    if low is not None and high is not None and low > high:
        return f"De grenzen {low:g} en {high:g} van range staan verkeerd om", "Schrijf [laagste, hoogste]"
    return None


def _check_together(found: dict[str, tuple[Indicator, Path]]) -> None:
    """Weights exist and can be added, and no publication column belongs to two indicators."""
    owners: dict[tuple[str, str], str] = {}
    for made, path in found.values():
        where = f"{path.name}, {made.id}"
        if made.weight and made.weight not in found:
            raise KrachtwijkError(
                f"Gewicht {made.weight} is geen indicator", where=where, mend="Noem in weight een bestaand id"
            )
        if made.weight and found[made.weight][0].aggregation != "som":
            raise KrachtwijkError(
                f"Gewicht {made.weight} is geen aantal dat optelt",
                where=where,
                mend='Kies een indicator met aggregation = "som"',
            )
        for column in made.columns:
            for name in (column.names or {0: column.stem}).values():
                owner = owners.setdefault((column.source, name.lower()), made.id)
                if owner != made.id and not column.names:
                    raise KrachtwijkError(
                        f"Kolom {name} van {column.source} hoort al bij {owner}",
                        where=where,
                        mend="Geef per jaar de juiste kolom in names, of haal er een weg",
                    )


def load_indicators(folder: Path) -> dict[str, Indicator]:
    """The indicators of a folder by id, `[defaults]` of each file filled in.

    Raises KrachtwijkError, which names file and entry, on a mistake in one of them or between them.
    """
    found: dict[str, tuple[Indicator, Path]] = {}
    for path in sorted(folder.glob("*.toml")):
        content = read_toml(path)
        unknown = sorted(set(content) - {"defaults", "indicator", "niet-cijfer"})
        if unknown:
            raise KrachtwijkError(
                f"Onbekend onderdeel {unknown[0]}",
                where=path.name,
                mend="Gebruik [defaults], [[indicator]] en [[niet-cijfer]]",
            )
        shared = content.get("defaults", {})
        for entry in content.get("indicator", []):
            made = _indicator({**shared, **entry}, path)
            if made.id in found:
                raise KrachtwijkError(
                    f"Indicator {made.id} staat er twee keer in",
                    where=f"{found[made.id][1].name} en {path.name}",
                    mend="Geef een van beide een ander id",
                )
            found[made.id] = made, path
    _check_together(found)
    return {identifier: made for identifier, (made, _) in found.items()}


@cache
def indicators() -> dict[str, Indicator]:
    """All indicators by id. Raises KrachtwijkError on a mistake in `data/indicators/`."""
    return load_indicators(DATA / "indicators")


@cache
def non_figures() -> tuple[NonFigure, ...]:
    """The columns that are no figure, from `data/indicators/niet-cijfers.toml`."""
    path = DATA / "indicators" / "niet-cijfers.toml"
    return tuple(_build(NonFigure, entry, path) for entry in read_toml(path)["niet-cijfer"])


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
        entry = read_toml(path)
        entry["dimensions"] = [_build(Dimension, d, path) for d in entry.pop("dimension")]
        entry["national_means"] = {int(y): float(v) for y, v in entry.get("national_means", {}).items()}
        version = _build(ScoreVersion, entry, path)
        found[version.id] = version
    return found


@cache
def peer_sets(path: Path = DATA / "peers.toml") -> dict[str, PeerSet]:
    """Per level the figures by which its areas are set beside each other."""
    found: dict[str, PeerSet] = {}
    for entry in read_toml(path)["set"]:
        made = _build(PeerSet, _with_figures(entry, path), path)
        found[made.level] = made
    return found


@cache
def estimates(path: Path = DATA / "estimates.toml") -> dict[str, EstimateSpec]:
    """By id, the scores that are estimated from public figures."""
    made = [_build(EstimateSpec, _with_figures(entry, path), path) for entry in read_toml(path)["estimate"]]
    for spec in made:
        score_version(spec.version)
    return {spec.id: spec for spec in made}


@cache
def warnings(path: Path = DATA / "warnings.toml") -> dict[str, WarningSpec]:
    """By level, for which scores a decline is looked for. Raises KrachtwijkError on a mistake in the file."""
    made = [_build(WarningSpec, entry, path) for entry in read_toml(path)["warning"]]
    for spec in made:
        score_version(spec.version)
        indicator(spec.size)
        if not (
            spec.threshold > 0 and spec.horizon > 0 and 0 < spec.top < 1 and 0 < spec.crossing_chance <= 1
        ):
            raise KrachtwijkError(
                "Een drempel, termijn of kans is onmogelijk",
                where=f"{path.name}, {spec.level}",
                mend="Schrijf threshold en horizon groter dan 0, en top en crossing_chance tussen 0 en 1",
            )
    return {spec.level: spec for spec in made}


def _with_figures(entry: dict[str, Any], path: Path) -> dict[str, Any]:
    """An entry whose ``figure`` tables have become ``figures``; an indicator that does not exist is told by name."""
    figures = tuple(_build(PeerFigure, figure, path) for figure in entry["figure"])
    for figure in figures:
        for name in (figure.indicator, figure.over):
            if name and name not in indicators():
                raise KrachtwijkError(
                    f"Indicator {name} bestaat niet",
                    where=f"{path.name}, {entry['level']}, {figure.id}",
                    mend="Zie `krachtwijk indicators`",
                )
    return {key: value for key, value in entry.items() if key != "figure"} | {"figures": figures}


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
    return tuple(_build(Publication, e, path) for e in read_toml(path)["publication"])


def load_programme(path: Path) -> Programme:
    """A programme as its file describes it; `boundaries` names a GeoJSON file in the same folder."""
    entry = read_toml(path)
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


def load_disclosure(path: Path) -> Rules:
    """What figures give away about each other. Raises KrachtwijkError on an unknown or doubly explained indicator."""
    entry = dict(read_toml(path))
    entry["sums"] = [_build(Whole, e, path) for e in entry.pop("sum", [])]
    entry["ratios"] = [_build(Ratio, e, path) for e in entry.pop("ratio", [])]
    entry["differences"] = [_build(Difference, e, path) for e in entry.pop("difference", [])]
    made = _build(Rules, entry, path)
    named = {
        made.inhabitants,
        *made.place,
        *(name for s in made.sums for name in (*s.parts, s.total) if name),
        *(name for r in made.ratios for name in (r.figure, r.count, r.base)),
        *(name for d in made.differences for name in (d.figure, d.of)),
    }
    unknown = sorted(named - set(indicators()))
    if unknown:
        raise KrachtwijkError(
            f"Indicator {unknown[0]} bestaat niet", where=path.name, mend="Noem een id uit data/indicators/"
        )
    figures = [r.figure for r in made.ratios]
    double = sorted({name for name in figures if figures.count(name) > 1})
    if double:
        raise KrachtwijkError(
            f"Indicator {double[0]} heeft twee verhoudingen", where=path.name, mend="Haal er een weg"
        )
    return made


@cache
def disclosure() -> Rules:
    """Which figures are numbers of people and how they hang together: `data/disclosure.toml`."""
    return load_disclosure(DATA / "disclosure.toml")
