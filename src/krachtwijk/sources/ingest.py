# SPDX-License-Identifier: EUPL-1.2
"""From a file to an edition in the warehouse: recognise, date, read, check, store; all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from krachtwijk.catalogue import Publication
from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.checks import (
    Warnings,
    contradicted_inhabitants,
    contradicted_totals,
    contradicted_year,
    set_aside_out_of_range,
    unfamiliar_areas,
)
from krachtwijk.sources.families import Family, recognise
from krachtwijk.sources.periods import YEAR
from krachtwijk.sources.tidy import Reading, conform, with_weights
from krachtwijk.warehouse import Manifest, Warehouse
from krachtwijk.warehouse.tables import Table, read_table


@dataclass(slots=True)
class Outcome:
    """What became of one file. ``edition`` is the edition made, or the one that was there already."""

    file: str
    source: str
    edition: str
    rows: int
    kept: int
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, str]] = field(default_factory=list)
    new: bool = True

    def as_json(self) -> dict[str, Any]:
        """The object of `krachtwijk ingest --json`."""
        return {
            "file": self.file,
            "source": self.source,
            "edition": self.edition,
            "rows": self.rows,
            "kept": self.kept,
            "rejected": self.rejected,
            "warnings": self.warnings,
        }


def _date(family: Family, table: Table, period: str | None) -> tuple[str, bool, Warnings]:
    """The period of a file: its own column, else what was given, else one year in the name, else refused.

    Returns the (last) year, whether the file states it itself, and warnings.
    """
    own = family.own_periods(table)
    warnings = contradicted_year(table.name, own, period)
    if own:
        return own[-1], True, warnings
    if period is not None:
        return period, False, warnings
    in_name = sorted(set(YEAR.findall(table.name)))
    if len(in_name) == 1:
        text = f"Het bestand noemt zelf geen jaar; {in_name[0]} komt uit de bestandsnaam"
        return in_name[0], False, [*warnings, ("period_from_name", text)]
    raise KrachtwijkError(
        "Van dit bestand is het jaar niet bekend",
        where=str(table.path),
        mend="Geef het met --period, bijvoorbeeld --period 2022",
    )


def _edition_id(source: str, levels: tuple[str, ...], periods: tuple[str, ...], sha256: str) -> str:
    level = levels[0] if len(levels) == 1 else "niveaus"
    period = periods[0] if len(periods) == 1 else f"{periods[0][:4]}tot{max(p[-4:] for p in periods)}"
    return f"{source}-{level}-{period}-{sha256[:8]}"


def ingest_file(
    warehouse: Warehouse,
    path: Path,
    *,
    source: str | None = None,
    period: str | None = None,
    publication: Publication | None = None,
    look: bool = False,
) -> Outcome:
    """Take in one file. Raises KrachtwijkError and changes nothing where the file cannot be used.

    With ``look`` the file is read and checked to the end and the outcome told, but nothing is stored.
    """
    if period is not None and not YEAR.fullmatch(period):
        raise KrachtwijkError(
            f"'{period}' is geen jaar", where="--period", mend="Geef een jaar, bijvoorbeeld --period 2022"
        )
    table = read_table(path)
    family = recognise(table, source)
    if table.rows == 0:
        raise KrachtwijkError(
            "Dit bestand heeft een kop, maar geen regels", where=str(path), mend="Haal het opnieuw op"
        )
    dated, stated, warnings = _date(family, table, period)
    given = None if stated else dated
    earlier = warehouse.find(family.id, table.sha256, given)
    if earlier is not None:
        return _duplicate(warehouse, path, earlier)
    reading = family.read(table, dated)
    if reading.observations.height == 0:
        raise KrachtwijkError(
            "Geen enkele regel van dit bestand is bruikbaar",
            where=f"{path}, {_first_reason(reading)}",
            mend="Controleer het bestand",
        )
    observations, outside = set_aside_out_of_range(reading.observations)
    warnings += [
        *reading.warnings,
        *outside,
        *unfamiliar_areas(warehouse, observations),
        *contradicted_totals(warehouse, observations),
        *contradicted_inhabitants(warehouse, observations),
    ]
    observations = conform(with_weights(observations))
    levels, periods, found = (
        tuple(sorted(observations[name].unique().to_list())) for name in ("level", "period", "indicator")
    )
    manifest = Manifest(
        edition=_edition_id(family.id, levels, periods, table.sha256),
        source=family.id,
        title=publication.title if publication else family.title,
        file=path.name,
        sha256=table.sha256,
        given_period=given,
        periods=periods,
        levels=levels,
        geo_year=reading.geo_year,
        indicators=found,
        rows=table.rows,
        kept=table.rows - len(reading.rejected),
        warnings=tuple({"code": code, "text": text} for code, text in warnings),
        licence=publication.licence if publication else "",
        attribution=publication.attribution if publication else "",
        origin=publication.origin if publication else "",
    )
    if look:
        told = [{"line": line, "reason": reason} for line, reason in reading.rejected]
        return _outcome(path, manifest, told, [dict(w) for w in manifest.warnings], new=True)
    try:
        stored = warehouse.add(observations, manifest, reading.rejected)
    except KrachtwijkError:
        earlier = warehouse.find(family.id, table.sha256, given)
        if earlier is None:
            raise
        return _duplicate(warehouse, path, earlier)  # another process took it in while this one was reading
    rejected = warehouse.rejected(stored.edition).to_dicts()
    return _outcome(path, stored, rejected, [dict(w) for w in stored.warnings], new=True)


def ingest_packaged(warehouse: Warehouse, publication: Publication) -> Outcome:
    """Take in a file that the package ships, dated and described by the manifest of publications."""
    period = None if publication.period is None else str(publication.period)
    return ingest_file(
        warehouse, publication.path, source=publication.source, period=period, publication=publication
    )


def _duplicate(warehouse: Warehouse, path: Path, earlier: Manifest) -> Outcome:
    text = f"Deze inhoud is er al als editie {earlier.edition}; niets gedaan"
    rejected = warehouse.rejected(earlier.edition).to_dicts()
    return _outcome(path, earlier, rejected, [{"code": "duplicate_edition", "text": text}], new=False)


def _outcome(
    path: Path,
    stored: Manifest,
    rejected: list[dict[str, Any]],
    warnings: list[dict[str, str]],
    *,
    new: bool,
) -> Outcome:
    return Outcome(
        file=path.name,
        source=stored.source,
        edition=stored.edition,
        rows=stored.rows,
        kept=stored.kept,
        rejected=rejected,
        warnings=warnings,
        new=new,
    )


def _first_reason(reading: Reading) -> str:
    if not reading.rejected:
        return "geen regels met cijfers die de catalogus kent"
    line, reason = reading.rejected[0]
    return f"regel {line}: {reason}"
