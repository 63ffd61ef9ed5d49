# SPDX-License-Identifier: EUPL-1.2
"""From a file to an edition in the warehouse: recognise, date, read, check, store; all or nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from krachtwijk.catalogue import Publication
from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.checks import set_aside_out_of_range
from krachtwijk.sources.families import Family, families
from krachtwijk.sources.tidy import conform, with_weights
from krachtwijk.warehouse import Manifest, Warehouse
from krachtwijk.warehouse.tables import Table, read_table

_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")


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


def recognise(table: Table, source: str | None = None) -> Family:
    """The family of a table by its header; ``source`` narrows the choice. Refuses with what was expected."""
    candidates = [f for f in families() if source is None or f.id == source]
    if not candidates:
        known = ", ".join(sorted({f.id for f in families()}))
        raise KrachtwijkError(f"Bron {source} is onbekend", where="--source", mend=f"Kies uit: {known}")
    for family in candidates:
        if family.recognises(table):
            return family
    expected = "; ".join(f"{f.title} ({f.expects})" for f in candidates)
    head = ", ".join(table.columns[:6])
    raise KrachtwijkError(
        f"Dit bestand is van geen bekende publicatie: de kop begint met {head}",
        where=str(table.path),
        mend=f"Verwacht wordt een van: {expected}",
    )


def _date(family: Family, table: Table, period: str | None) -> tuple[str, list[tuple[str, str]]]:
    """The period of a file: its own column, else what was given, else one year in the name, else refused."""
    own = family.own_periods(table)
    in_name = sorted(set(_YEAR.findall(table.name)))
    warnings: list[tuple[str, str]] = []
    if own:
        if period is not None and period not in own:
            warnings.append(
                (
                    "year_contradicted",
                    f"--period zegt {period}, het bestand zelf {', '.join(own)}; het bestand telt",
                )
            )
        return own[-1], warnings
    if period is not None:
        if len(in_name) == 1 and in_name[0] != period:
            warnings.append(
                ("year_contradicted", f"--period zegt {period}, de bestandsnaam {in_name[0]}; --period telt")
            )
        return period, warnings
    if len(in_name) == 1:
        warnings.append(
            ("period_from_name", f"Het bestand noemt zelf geen jaar; {in_name[0]} komt uit de bestandsnaam")
        )
        return in_name[0], warnings
    raise KrachtwijkError(
        "Van dit bestand is het jaar niet bekend",
        where=str(table.path),
        mend="Geef het met --period, bijvoorbeeld --period 2022",
    )


def ingest_file(
    warehouse: Warehouse,
    path: Path,
    *,
    source: str | None = None,
    period: str | None = None,
    publication: Publication | None = None,
) -> Outcome:
    """Take in one file. Raises KrachtwijkError and changes nothing where the file cannot be used."""
    table = read_table(path)
    family = recognise(table, source)
    dated, warnings = _date(family, table, period)
    given = None if family.own_periods(table) else dated
    earlier = warehouse.find(family.id, table.sha256, given)
    if earlier is not None:
        return Outcome(
            path.name,
            earlier.source,
            earlier.edition,
            earlier.rows,
            earlier.kept,
            [dict(r) for r in earlier.rejected],
            [
                {
                    "code": "duplicate_edition",
                    "text": f"Deze inhoud is er al als editie {earlier.edition}; niets gedaan",
                }
            ],
            new=False,
        )
    reading = family.read(table, dated)
    warnings += reading.warnings
    if reading.observations.height == 0:
        raise KrachtwijkError(
            "Geen enkele regel van dit bestand is bruikbaar",
            where=f"{path}, {reading.rejected[0][1] if reading.rejected else 'geen regels'}",
            mend="Controleer het bestand",
        )
    observations, more = set_aside_out_of_range(reading.observations)
    warnings += more
    observations = conform(with_weights(observations))
    rejected = [{"line": line, "reason": reason} for line, reason in reading.rejected]
    periods = tuple(sorted(observations["period"].unique().to_list()))
    levels = tuple(sorted(observations["level"].unique().to_list()))
    manifest = Manifest(
        edition="-".join(
            [
                family.id,
                levels[0] if len(levels) == 1 else "niveaus",
                periods[0] if len(periods) == 1 else f"{periods[0][:4]}tot{periods[-1][-4:]}",
                table.sha256[:8],
            ]
        ),
        source=family.id,
        title=publication.title if publication else family.title,
        file=path.name,
        sha256=table.sha256,
        given_period=given,
        periods=periods,
        levels=levels,
        geo_year=reading.geo_year,
        indicators=tuple(sorted(observations["indicator"].unique().to_list())),
        rows=table.rows,
        kept=table.rows - len({r["line"] for r in rejected}),
        rejected=tuple(rejected),
        warnings=tuple({"code": code, "text": text} for code, text in warnings),
        licence=publication.licence if publication else "",
        attribution=publication.attribution if publication else "",
        origin=publication.origin if publication else "",
    )
    stored = warehouse.add(observations, manifest)
    return Outcome(
        path.name,
        stored.source,
        stored.edition,
        stored.rows,
        stored.kept,
        rejected,
        [dict(w) for w in stored.warnings],
    )
