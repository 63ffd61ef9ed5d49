# SPDX-License-Identifier: EUPL-1.2
"""Areas of the register."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils.translation import gettext

from krachtwijk.geography import codes
from krachtwijk.geography.register import register
from krachtwijk.monitor.model import LEVELS
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication.store import store

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
class Register:
    """Every known code, one row each, and where it stands."""

    frame: pl.DataFrame  # columns of the register plus `key`: the name, folded for searching
    places: dict[str, int]


def folded(text: str) -> str:
    """A name as people type it: no capitals, no accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _load_register(warehouse: Warehouse) -> Register:
    frame = register(warehouse)
    frame = frame.with_columns(
        pl.Series("key", [folded(name or "") for name in frame["name"]], dtype=pl.String),
        pl.col("level")
        .replace_strict(
            {level: n for n, level in enumerate(LEVELS)}, default=len(LEVELS), return_dtype=pl.Int8
        )
        .alias("order"),
    )
    return Register(frame, {code: place for place, code in enumerate(frame["code"])})


def known_areas() -> Register:
    """The register with the names folded for searching."""
    return store().derived("register", _load_register)


def _codes(value: Any) -> tuple[str, ...]:
    return tuple(v["code"] if isinstance(v, dict) else v for v in value or ())


def area_of_row(row: Row) -> Area:
    """An area out of its row in the register."""
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


def area(code: str) -> Area | None:
    """The area with this code, of whatever year; a 100 m cell exists where a result table knows it."""
    known = known_areas()
    place = known.places.get(code)
    if place is not None:
        return area_of_row(known.frame.row(place, named=True))
    level = codes.level(code)
    if level == "cel100m" and any(
        code in table.ranges for name in store().names() if (table := store().table(name)) is not None
    ):
        return Area(code=code, level=level, name=code)
    return None


def areas(wanted: tuple[str, ...]) -> list[Area]:
    """The areas of these codes that the register knows, in the order given."""
    return [found for code in wanted if (found := area(code)) is not None]


#: Which areas a level's page lists, and the column of the register that says in which area they lie.
INSIDE = {
    "land": ("gemeente", None),
    "provincie": ("gemeente", "provincie"),
    "gemeente": ("wijk", "gemeente"),
    "wijk": ("buurt", "wijk"),
}


def parts_of(found: Area) -> list[Area]:
    """Today's areas that lie directly in an area, by name: gemeenten, wijken or buurten."""
    if found.level not in INSIDE:
        return []
    level, column = INSIDE[found.level]
    inside = pl.lit(True) if column is None else pl.col(column) == found.code
    rows = known_areas().frame.filter((pl.col("level") == level) & inside & pl.col("current"))
    return [area_of_row(row) for row in rows.sort("name", "code").to_dicts()]
