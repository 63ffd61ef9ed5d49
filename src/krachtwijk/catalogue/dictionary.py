# SPDX-License-Identifier: EUPL-1.2
"""The data dictionary, the known errata and the publications behind editions: texts about figures, never figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from krachtwijk.catalogue.loading import DATA, _build, estimates, read_toml, score_version, score_versions
from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.model import ScoreVersion

#: Files of `data/` that say what figures mean and hold none: a run does not depend on them.
TEXTS = ("fields.toml", "errata.toml", "sources.toml")
PLACEHOLDER = "{onderdeel}"


@dataclass(frozen=True, slots=True)
class Code:
    """A code that may stand in a column, or a warning at ingestion, with its meaning."""

    code: str
    meaning: str
    meaning_en: str


@dataclass(frozen=True, slots=True)
class TableKind:
    """Result tables with the same columns; ``match`` is an expression on the whole name of a table.

    ``public`` false: the figures are for the desks only; what the columns mean is public all the same.
    """

    id: str
    match: str
    label: str
    label_en: str
    meaning: str
    meaning_en: str
    public: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A column. ``tables`` are ids of table kinds, empty for all; ``key`` marks a part of what names a row."""

    name: str
    label: str
    label_en: str
    meaning: str
    meaning_en: str
    tables: tuple[str, ...] = ()
    unit: str = ""
    key: bool = False
    published: str = ""
    values: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceName:
    """A name in the ministry's own files or map service, and where it stands here."""

    published: str
    ours: str
    meaning: str
    meaning_en: str


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Everything `data/fields.toml` defines."""

    tables: tuple[TableKind, ...]
    fields: tuple[Field, ...]
    warnings: tuple[Code, ...]
    service: tuple[ServiceName, ...]

    def kind(self, table: str) -> TableKind | None:
        """The kind of a result table, None where no entry matches its name."""
        return next((k for k in self.tables if re.fullmatch(k.match, table)), None)

    def is_public(self, table: str) -> bool:
        """Whether everybody may have the figures of a result table."""
        kind = self.kind(table)
        return kind is None or kind.public

    def of_kind(self, kind: str) -> tuple[Field, ...]:
        """The fields of a kind of table, with `{onderdeel}` as it stands in the file."""
        return tuple(f for f in self.fields if not f.tables or kind in f.tables)

    def field(self, table: str, column: str) -> Field | None:
        """What a column of a result table means; None where it has no meaning yet."""
        kind = self.kind(table)
        if kind is None:
            return None
        known = {f.name: f for f in self.of_kind(kind.id)}
        version = _version_of(table)
        for dimension in version.dimensions if version else ():
            for prefix in ("", "class_"):
                if column == prefix + dimension.id:
                    return known.get(prefix + PLACEHOLDER)
        return known.get(column)

    def key(self, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that together name a row of a result table, in the table's order."""
        return tuple(c for c in columns if (found := self.field(table, c)) is not None and found.key)


def _version_of(table: str) -> ScoreVersion | None:
    """The version whose dimensions are columns of a table, None where it has none."""
    first, _, rest = table.partition("-")
    if first == "schatting" and rest in estimates():
        return score_version(estimates()[rest].version)
    return score_versions().get(first)


@cache
def dictionary() -> Dictionary:
    """The data dictionary. Raises KrachtwijkError on a mistake in `data/fields.toml`."""
    return load_dictionary(DATA / "fields.toml")


def load_dictionary(path: Path) -> Dictionary:
    """The data dictionary of a file; a table kind that does not exist is told by name."""
    content = read_toml(path)
    tables = tuple(_build(TableKind, entry, path) for entry in content.get("table", []))
    fields = tuple(_field(entry, path) for entry in content.get("field", []))
    known = {kind.id for kind in tables}
    for made in fields:
        unknown = sorted(set(made.tables) - known)
        if unknown:
            raise KrachtwijkError(
                f"Onbekende tabel {unknown[0]}",
                where=f"{path.name}, {made.name}",
                mend=f"Kies uit: {', '.join(sorted(known))}",
            )
    return Dictionary(
        tables,
        fields,
        tuple(_build(Code, entry, path) for entry in content.get("warning", [])),
        tuple(_build(ServiceName, entry, path) for entry in content.get("service", [])),
    )


def _field(entry: dict[str, Any], path: Path) -> Field:
    entry = dict(entry)
    entry["values"] = [_build(Code, value, path) for value in entry.pop("values", [])]
    return _build(Field, entry, path)


@dataclass(frozen=True, slots=True)
class Erratum:
    """A known error and its consequence; ``kind`` is ``bron`` (in a publication) or ``eigen`` (of this site)."""

    id: str
    date: str
    kind: str
    source: str
    title: str
    title_en: str
    what: str
    what_en: str
    consequence: str
    consequence_en: str


@cache
def errata() -> tuple[Erratum, ...]:
    """Known errors and corrections of `data/errata.toml`, newest first."""
    path = DATA / "errata.toml"
    found = [_build(Erratum, entry, path) for entry in read_toml(path).get("erratum", [])]
    return tuple(sorted(found, key=lambda e: e.date, reverse=True))


@dataclass(frozen=True, slots=True)
class SourceFamily:
    """A publication of which editions are taken in; ``every`` is in years, 0 where no new one is expected."""

    id: str
    label: str
    label_en: str
    publisher: str
    every: int
    about: str
    about_en: str
    breaks: tuple[str, ...] = ()
    breaks_en: tuple[str, ...] = ()


@cache
def source_families() -> dict[str, SourceFamily]:
    """The publications of `data/sources.toml` by id, in the order of the file."""
    path = DATA / "sources.toml"
    return {made.id: made for e in read_toml(path)["family"] if (made := _build(SourceFamily, e, path))}
