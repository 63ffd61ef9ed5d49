# SPDX-License-Identifier: EUPL-1.2
"""Tiles: the classes in them are the published ones, nothing is made twice, nothing half-made is left."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path

import polars as pl
import pyogrio
import pytest
import shapely

from krachtwijk.geography.tiles import GEOGRAPHIES, LAYER, build_tiles, folder, manifest, programme_outlines
from krachtwijk.monitor.model import Programme, ProgrammeArea
from krachtwijk.warehouse import ResultInfo, Warehouse

slow = pytest.mark.slow


def drawn(path: Path, zoom: int) -> pl.DataFrame:
    """Attributes of the areas in a tile file at one zoom, each area once."""
    meta, _ids, _geometry, fields = pyogrio.raw.read(path, layer=LAYER, read_geometry=False, ZOOM_LEVEL=zoom)
    return pl.DataFrame(dict(zip(meta["fields"], fields, strict=True))).unique("code")


@slow
def test_every_scored_buurt_is_drawn_in_its_published_class(map_home: Path, packaged: Path) -> None:
    with gzip.open(packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz", "rt", encoding="utf-8") as handle:
        published = {row["id"]: row for row in csv.DictReader(handle)}
    tiles = drawn(map_home / "tiles/buurt-2024.pmtiles", zoom=10)
    columns = {"total_2024": "kscore", "dev_2024": "kafw", "won_2024": "kwon", "onv_2024": "konv"}
    assert tiles.height == len(published) == 12_147
    for mine, theirs in columns.items():
        made = dict(tiles.select("code", mine).iter_rows())
        assert {code: int(row[theirs]) for code, row in published.items()} == made


@slow
def test_postcodes_without_a_class_carry_zero_and_published_changes_both_signs(map_home: Path) -> None:
    tiles = drawn(map_home / "tiles/pc4-2023.pmtiles", zoom=10)
    table = pl.read_parquet(map_home / "tiles/pc4-2023.parquet")
    # three postcodes are outlined as less than 500 m², which no tile shows
    assert set(table["code"]) - set(tiles["code"]) == {"1623", "7524", "4196"}
    for column in ("change_2002_2016", "total_2016"):
        in_tiles, in_table = (dict(frame.select("code", column).iter_rows()) for frame in (tiles, table))
        assert in_tiles.items() <= in_table.items()
    assert table.height == 4067  # 4068 outlines, postcode 5028 is empty in the publication
    assert "5028" not in table["code"]
    change = table["change_2002_2016"]
    assert (change == 0).sum() > 0
    assert change.is_between(1, 3).sum() > 0
    assert (change > 4).sum() > 0


@slow
def test_a_point_inside_a_buurt_lies_in_the_municipality_of_its_code(map_home: Path) -> None:
    table = pl.read_parquet(map_home / "tiles/buurt-2024.parquet")
    assert table.filter("GM" + pl.col("code").str.slice(2, 4) != pl.col("gemeente")).height == 0


@slow
def test_classified_areas_without_an_outline_are_counted(map_home: Path) -> None:
    made = manifest(Warehouse(map_home))
    assert made["buurt-2024"]["undrawn"] == 0
    assert made["wijk-2022"]["undrawn"] == 423  # wijken of 2016 whose code was gone by 2022
    assert set(GEOGRAPHIES) <= set(made)


@slow
def test_building_again_makes_nothing_and_a_new_run_makes_its_own_geographies(
    map_home: Path, tmp_path: Path
) -> None:
    for part in ("results", "tiles"):
        shutil.copytree(map_home / part, tmp_path / part)
    warehouse = Warehouse(tmp_path)

    def times() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in folder(warehouse).glob("*.pmtiles")}

    before, told = times(), list[str]()
    build_tiles(warehouse, told.append)
    assert told == []
    assert times() == before
    info = warehouse.result_info("lbm3-gemeente")
    table = warehouse.result("lbm3-gemeente")
    assert info is not None and table is not None
    warehouse.write_result(
        table.collect(), ResultInfo(info.table, "andere-run", info.rule, info.editions, info.rows)
    )
    build_tiles(warehouse, told.append)
    assert told == ["gemeente-2024"]
    assert not list((tmp_path / "tmp").iterdir())


@slow
def test_names_of_large_towns_come_first(map_home: Path) -> None:
    features = json.loads((map_home / "tiles/gemeente-2024-names.geojson").read_text("utf-8"))["features"]
    by_weight = sorted(features, key=lambda f: -f["properties"]["weight"])
    assert [f["properties"]["name"] for f in by_weight[:4]] == [
        "Amsterdam",
        "Rotterdam",
        "'s-Gravenhage",
        "Utrecht",
    ]


def test_a_programme_area_is_the_union_of_its_postcodes() -> None:
    areas = (
        ProgrammeArea(
            "een", "Bos en Lommer", "Amsterdam", "GM0363", (("pc4", "1055", "bron"), ("pc4", "1056", "bron"))
        ),
        ProgrammeArea("geen", "Zonder grens", "Amsterdam", "GM0363"),
    )
    programme = Programme(
        "proef", "Proef", "Trial", "wijken", "areas", "", "", "2007-01-01", (8, 10), (), areas, (), ()
    )
    outlines = programme_outlines(programme)
    assert list(outlines) == ["een"]
    west, south, east, north = outlines["een"].bounds
    assert 4.82 < west < east < 4.88 and 52.36 < south < north < 52.40
    # neighbours become one outline, without the border between them
    assert len(shapely.get_parts(outlines["een"])) == 1
