# SPDX-License-Identifier: EUPL-1.2
"""Reads for the public pages: result tables and editions out of the warehouse. Nothing is computed here.

Every selector answers with empty lists or None where a table was never made, so that a page can say so.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext

from krachtwijk.catalogue import programme, programmes, score_versions
from krachtwijk.geography import codes
from krachtwijk.geography.members import members
from krachtwijk.geography.register import register
from krachtwijk.monitor.model import LEVELS, Programme, ProgrammeArea, ScoreVersion
from krachtwijk.warehouse import Manifest, ResultInfo, Warehouse
from krachtwijk.web.apps.publication.store import store

__all__ = [
    "Area",
    "Membership",
    "Scores",
    "area",
    "areas",
    "developments",
    "edition",
    "editions",
    "find",
    "find_programme",
    "has_data",
    "key_figures",
    "mean_class",
    "memberships",
    "outcome_counts",
    "outcome_of",
    "outcome_rows",
    "outcome_series",
    "outcome_targets",
    "parts_of",
    "results",
    "scores",
    "table_rows",
    "target_counts",
]

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the register. Lists of codes are empty where nothing follows or precedes."""

    code: str
    level: str
    name: str
    years: tuple[int, ...] = ()
    current: bool = True
    wijk: str | None = None
    gemeente: str | None = None
    gemeente_name: str | None = None
    provincie: str | None = None
    successors: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """What one version of the Leefbaarometer says of an area: rows in order of period."""

    version: ScoreVersion
    info: ResultInfo
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """An area of a programme that a code belongs to, and the share of the code that does (1.0: all of it)."""

    programme: Programme
    area: ProgrammeArea
    share: float


@dataclass(frozen=True, slots=True)
class _Register:
    frame: pl.DataFrame  # columns of the register plus `key`: the name, folded for searching
    places: dict[str, int]


def folded(text: str) -> str:
    """A name as people type it: no capitals, no accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _load_register(warehouse: Warehouse) -> _Register:
    frame = register(warehouse)
    frame = frame.with_columns(
        pl.Series("key", [folded(name or "") for name in frame["name"]], dtype=pl.String),
        pl.col("level")
        .replace_strict(
            {level: n for n, level in enumerate(LEVELS)}, default=len(LEVELS), return_dtype=pl.Int8
        )
        .alias("order"),
    )
    return _Register(frame, {code: place for place, code in enumerate(frame["code"])})


def _register() -> _Register:
    return store().derived("register", _load_register)


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(v["code"] if isinstance(v, dict) else v for v in value or ())


def _area(row: Row) -> Area:
    return Area(
        code=row["code"],
        level=row["level"],
        name=gettext("Nederland") if row["level"] == "land" else row["name"] or row["code"],
        years=tuple(row["years"] or ()),
        current=bool(row["current"]),
        wijk=row["wijk"],
        gemeente=row["gemeente"],
        gemeente_name=row["gemeente_name"],
        provincie=row["provincie"],
        successors=_codes(row["successors"]),
        predecessors=_codes(row["predecessors"]),
    )


def has_data() -> bool:
    """Whether any result table was made."""
    return bool(store().names())


def results() -> list[ResultInfo]:
    """The runs behind the current result tables."""
    return [t.info for name in store().names() if (t := store().table(name)) is not None]


# --- areas ----------------------------------------------------------------------------------------------------


def area(code: str) -> Area | None:
    """The area with this code, of whatever year; a 100 m cell exists where a result table knows it."""
    known = _register()
    place = known.places.get(code)
    if place is not None:
        return _area(known.frame.row(place, named=True))
    level = codes.level(code)
    if level == "cel100m" and any(
        code in table.ranges for name in store().names() if (table := store().table(name)) is not None
    ):
        return Area(code=code, level=level, name=code)
    return None


def areas(wanted: tuple[str, ...]) -> list[Area]:
    """The areas of these codes that the register knows, in the order given."""
    return [found for code in wanted if (found := area(code)) is not None]


def find(query: str, limit: int = 60) -> tuple[list[Area], int]:
    """Areas by name, code or postcode, and how many there are in all.

    Today's areas come first, then exact names, names that begin so, larger areas.
    """
    words = folded(query)
    if not words:
        return [], 0
    frame = _register().frame
    compact = words.replace(" ", "").upper()
    postcode = compact[:4] if compact[:4].isdigit() and len(compact) in (4, 6) else compact
    hits = frame.filter(
        pl.col("code").is_in([compact, postcode]) | pl.col("key").str.contains(words, literal=True)
    ).sort(
        pl.col("code").is_in([compact, postcode]),
        pl.col("current"),
        pl.col("key") == words,
        pl.col("key").str.starts_with(words),
        -pl.col("order"),
        pl.col("key"),
        "code",
        descending=[True, True, True, True, True, False, False],
    )
    return [_area(row) for row in hits.head(limit).to_dicts()], hits.height


#: Which areas a level's page lists, and the column of the register that says in which area they lie.
INSIDE = {"land": ("gemeente", None), "gemeente": ("wijk", "gemeente"), "wijk": ("buurt", "wijk")}


def parts_of(found: Area) -> list[Area]:
    """Today's areas that lie directly in an area, by name: gemeenten, wijken or buurten."""
    if found.level not in INSIDE:
        return []
    level, column = INSIDE[found.level]
    inside = pl.lit(True) if column is None else pl.col(column) == found.code
    rows = _register().frame.filter((pl.col("level") == level) & inside & pl.col("current"))
    return [_area(row) for row in rows.sort("name", "code").to_dicts()]


# --- figures of an area ---------------------------------------------------------------------------------------


def scores(found: Area) -> list[Scores]:
    """The scores of an area, newest version first; versions never share a list."""
    return _per_version(found, "")


def developments(found: Area) -> list[Scores]:
    """Changes within one version between two years."""
    return _per_version(found, "ontwikkeling-")


def _per_version(found: Area, kind: str) -> list[Scores]:
    answer = []
    for version in reversed(score_versions().values()):
        table = store().table(f"{version.id}-{kind}{found.level}")
        rows = table.rows(found.code) if table is not None else []
        if table is not None and rows:
            answer.append(Scores(version, table.info, tuple(sorted(rows, key=lambda r: r["period"]))))
    return answer


def key_figures(found: Area) -> list[Row]:
    """Key figures of an area, every indicator and period."""
    table = store().table("kerncijfers")
    if table is None:
        return []
    rows = [row for row in table.rows(found.code) if row["level"] == found.level]
    return sorted(rows, key=lambda r: (r["indicator"], r["period"]))


def memberships(found: Area) -> list[Membership]:
    """The programme areas that an area belongs to, wholly or in part; a gemeente holds all areas of the city."""
    if found.level == "gemeente":
        return [
            Membership(made, part, 0.0)
            for made in programmes().values()
            for part in made.areas
            if part.city_code == found.code
        ]
    shares = store().derived("members", _members).get(found.code, {})
    return [
        Membership(made, part, shares[made.id, part.id])
        for made in programmes().values()
        for part in made.areas
        if (made.id, part.id) in shares
    ]


def _members(warehouse: Warehouse) -> dict[str, dict[tuple[str, str], float]]:
    """By code the programme areas that it belongs to, with its share."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    for made in programmes().values():
        for code, area_id, share in members(warehouse, made).iter_rows():
            found.setdefault(code, {})[made.id, area_id] = share
    return found


# --- programmes -----------------------------------------------------------------------------------------------


def outcome_rows(programme_id: str, area_id: str | None = None) -> list[Row]:
    """Gaps per area, indicator and window; of one area or of all."""
    table = store().table(f"outcome-{programme_id}")
    if table is None:
        return []
    return table.rows(area_id) if area_id else table.frame.to_dicts()


def outcome_of(programme_id: str, indicator: str, window: str) -> dict[str, Row]:
    """The gap of every area for one indicator and window, by area."""
    table = store().table(f"outcome-{programme_id}")
    if table is None:
        return {}
    part = table.frame.filter((pl.col("indicator") == indicator) & (pl.col("window") == window))
    return {row["area"]: row for row in part.to_dicts()}


def outcome_series(programme_id: str, indicator: str) -> dict[tuple[str, str], list[Row]]:
    """The course of every unit for one indicator, by (kind, unit), in order of period."""
    table = store().table(f"outcome-{programme_id}-reeks")
    answer: dict[tuple[str, str], list[Row]] = {}
    if table is not None:
        for row in table.frame.filter(pl.col("indicator") == indicator).sort("period").to_dicts():
            answer.setdefault((row["kind"], row["unit"]), []).append(row)
    return answer


def outcome_counts(programme_id: str) -> list[Row]:
    """How many areas gained on their city, per indicator and window."""
    table = store().table(f"outcome-{programme_id}-telling")
    return [] if table is None else table.frame.to_dicts()


def outcome_targets(programme_id: str, area_id: str) -> list[Row]:
    """Where an area stands against the programme's targets."""
    table = store().table(f"outcome-{programme_id}-doelen")
    return [] if table is None else table.rows(area_id)


def target_counts(programme_id: str) -> dict[str, Row]:
    """How many areas stand where against each target, by target."""
    return {row["target"]: row for row in table_rows(f"outcome-{programme_id}-doeltelling")}


def find_programme(programme_id: str) -> Programme | None:
    """A programme by id, or None."""
    return programme(programme_id) if programme_id in programmes() else None


# --- sources --------------------------------------------------------------------------------------------------


def editions() -> list[Manifest]:
    """All editions in order of arrival."""
    return list(store().editions().values())


def edition(identifier: str) -> Manifest | None:
    """One edition, or None."""
    return store().editions().get(identifier)


def rejected(identifier: str) -> list[dict[str, Any]]:
    """The first lines of an edition's file that were not used: line, reason."""
    return store().warehouse.rejected(identifier).head(200).to_dicts()


def mean_class(version: ScoreVersion, period: str) -> int | None:
    """The class in which the national mean of a year lies, None where the version tells no cuts."""
    rows = table_rows(f"{version.id}-land")
    return next((row["class_total"] for row in rows if row["period"] == period), None)


def table_rows(name: str) -> list[Row]:
    """A whole result table; empty where it was never made."""
    table = store().table(name)
    return [] if table is None else table.frame.to_dicts()
