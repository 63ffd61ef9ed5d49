# SPDX-License-Identifier: EUPL-1.2
"""Where the areas of a programme lie: out of their codes, or out of a boundary file that was added later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyogrio
import shapely

from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import boundaries, register
from krachtwijk.geography.boundaries import Outlines
from krachtwijk.geography.crosswalks import links
from krachtwijk.geography.overlay import overlay
from krachtwijk.monitor.model import Programme, ProgrammeArea
from krachtwijk.warehouse import Warehouse

#: The outlines that give a drawn area its buurten, and postcodes their shape.
BUURT_YEAR, PC4_YEAR = 2024, 2023
#: A buurt belongs to a drawn area where at least this share of it lies inside.
INSIDE = 0.5


def outlines(programme: Programme) -> Outlines:
    """One outline per area that has a boundary, in RD; codes are area ids.

    A boundary file goes before the codes. ``empty`` names the areas of which no boundary is known.
    """
    drawn = _drawn(programme)
    shapes = dict(zip(drawn.codes, drawn.geometries, strict=True)) if drawn else {}
    for area in programme.areas:
        if area.id not in shapes and area.parts:
            parts = list(_part_shapes(area))
            if parts:
                shapes[area.id] = shapely.union_all(parts)
    names = {area.id: area.name for area in programme.areas}
    found = [area.id for area in programme.areas if area.id in shapes]
    return Outlines(
        programme.id,
        int(programme.baseline[:4]),
        tuple(found),
        tuple(names[identifier] for identifier in found),
        np.array([shapes[identifier] for identifier in found], dtype=object),
        "rd",
        empty=tuple(area.id for area in programme.areas if area.id not in shapes),
    )


def with_parts(programme: Programme) -> Programme:
    """The programme with buurten (2024, certainty ``afgeleid``) for areas that only a boundary file describes."""
    drawn = _drawn(programme)
    if drawn is None:
        return programme
    pieces = overlay(boundaries.outlines("buurt", BUURT_YEAR), drawn).filter(
        pl.col("share_of_from") >= INSIDE
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for code, area in pieces.sort("from_code").select("from_code", "to_code").iter_rows():
        found.setdefault(area, []).append(("buurt", code, "afgeleid"))
    return replace(
        programme,
        areas=tuple(
            area if area.parts else replace(area, parts=tuple(found.get(area.id, ())))
            for area in programme.areas
        ),
    )


def check_programme(programme: Programme, warehouse: Warehouse) -> None:
    """Refuse a programme with an unknown or misplaced code, a double id or an impossible date, at the first mistake."""
    known = register.register(warehouse)
    codes = set(known.select("level", "code").iter_rows())
    lies_in = _municipalities(warehouse, known)
    seen: set[str] = set()
    for area in programme.areas:
        where = f"programma {programme.id}, gebied {area.id}"
        if area.id in seen:
            raise KrachtwijkError(
                f"Gebied {area.id} staat er twee keer in", where=where, mend="Geef elk gebied een eigen id"
            )
        seen.add(area.id)
        if ("gemeente", area.city_code) not in codes:
            raise KrachtwijkError(
                f"Gemeente {area.city_code} bestaat niet", where=where, mend="Schrijf city_code als GM0363"
            )
        _check_dates(area, where)
        for level, code, _ in area.parts:
            if (level, code) not in codes:
                raise KrachtwijkError(
                    f"Er is geen {level} met code {code}",
                    where=where,
                    mend="Verbeter de code in het programmabestand",
                )
            cities = lies_in.get((level, code), {area.city_code})
            if area.city_code not in cities:
                raise KrachtwijkError(
                    f"{level.capitalize()} {code} ligt niet in {area.city} maar in {', '.join(sorted(cities))}",
                    where=where,
                    mend="Verbeter de code of de gemeente in het programmabestand",
                )
    if programme.boundaries:
        _drawn(programme)


def _municipalities(warehouse: Warehouse, known: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """The gemeenten in which each code lies or lay, and those that came after them."""
    after = dict(
        known.filter(pl.col("level") == "gemeente")
        .select("code", pl.col("successors").list.eval(pl.element().struct.field("code")))
        .iter_rows()
    )
    found: dict[tuple[str, str], set[str]] = {}
    own = known.filter(pl.col("gemeente").is_not_null()).select("level", "code", "gemeente")
    postcodes = links(warehouse, from_level="pc4", from_year=PC4_YEAR, to_level="gemeente", to_year=PC4_YEAR)
    both = postcodes.select(
        pl.lit("pc4").alias("level"), pl.col("from_code").alias("code"), pl.col("to_code")
    )
    for level, code, gemeente in [*own.iter_rows(), *both.iter_rows()]:
        found.setdefault((level, code), set()).update([gemeente, *after.get(gemeente, [])])
    return found


def _check_dates(area: ProgrammeArea, where: str) -> None:
    dates = {}
    for name in ("entry", "exit", "baseline"):
        text = getattr(area, name)
        try:
            dates[name] = date.fromisoformat(text) if text else None
        except ValueError:
            raise KrachtwijkError(
                f"'{text}' is geen datum", where=f"{where}, {name}", mend="Schrijf jjjj-mm-dd"
            ) from None
    if dates["entry"] and dates["exit"] and dates["exit"] < dates["entry"]:
        raise KrachtwijkError(
            "Een gebied kan niet uitstappen voordat het instapt", where=where, mend="Verbeter entry of exit"
        )


def _drawn(programme: Programme) -> Outlines | None:
    """The boundary file in RD, codes are area ids; None where the programme has none."""
    if not programme.boundaries:
        return None
    path = Path(programme.boundaries)
    mend = "Geef een GeoJSON-bestand in WGS84 met per gebied een vlak en de eigenschap id"
    try:
        meta, _, wkb, fields = pyogrio.raw.read(path)
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise KrachtwijkError("Dit grensbestand is niet te lezen", where=str(path), mend=mend) from error
    if "id" not in meta["fields"].tolist():
        raise KrachtwijkError("Het grensbestand heeft geen eigenschap id", where=str(path), mend=mend)
    identifiers = [str(value) for value in fields[meta["fields"].tolist().index("id")]]
    unknown = sorted(set(identifiers) - {area.id for area in programme.areas})
    if unknown:
        raise KrachtwijkError(
            f"Gebied {unknown[0]} uit het grensbestand staat niet in het programma",
            where=str(path),
            mend=f"Gebruik de ids van {programme.id}",
        )
    crs: boundaries.CRS = "rd" if "28992" in str(meta["crs"]) else "wgs84"
    return boundaries.clean(
        programme.id, int(programme.baseline[:4]), identifiers, identifiers, shapely.from_wkb(wkb), crs
    ).to("rd")


def _part_shapes(area: ProgrammeArea) -> Iterator[object]:
    """Outlines of an area's codes, as far as there are any."""
    for level, code, _ in area.parts:
        source = (
            boundaries.outlines("pc4", PC4_YEAR) if level == "pc4" else boundaries.nearest(level, BUURT_YEAR)
        )
        if code in source.index:
            yield source.geometries[source.index[code]]
