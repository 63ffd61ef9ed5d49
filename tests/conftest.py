# SPDX-License-Identifier: EUPL-1.2
"""What every test may use: an empty home, the packaged files, the publications beside the checkout."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.catalogue import DATA
from krachtwijk.runs import leefbaarometer
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import ResultInfo, Warehouse

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse."""
    return Warehouse(tmp_path / "var")


@pytest.fixture(scope="session")
def packaged() -> Path:
    """The folder of packaged publications."""
    return DATA / "publications"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real publications beside the checkout; tests that need them are marked `shared`."""
    if not SHARED.exists():
        pytest.skip("../shared is not there: tests on unpackaged publications did not run")
    return SHARED


def published_classes(warehouse: Warehouse, level: str, path: Path) -> None:
    """Result tables of the classes (`KL16`) and classes of change (`VKL0216`) of Leefbaarometer 2.0, as published."""
    raw = path.read_bytes()
    text = gzip.decompress(raw).decode() if path.suffix == ".gz" else raw.decode()
    code, *columns = next(csv.reader(io.StringIO(text)))
    long = pl.read_csv(text.encode(), schema_overrides={code: pl.String}).unpivot(columns, index=code)
    long = long.rename({code: "area"}).filter(pl.col("value").is_not_null())
    year = "20" + pl.col("variable").str.slice(-2)
    for table, prefix, column, period in (
        (f"lbm2-{level}", "^KL", "class_total", year),
        (
            f"lbm2-ontwikkeling-{level}",
            "^VKL",
            "class_change",
            "20" + pl.col("variable").str.slice(3, 2) + "-" + year,
        ),
    ):
        rows = long.filter(pl.col("variable").str.contains(prefix)).select(
            "area", period.alias("period"), pl.col("value").cast(pl.Int8).alias(column)
        )
        info = ResultInfo(
            table=table, run="proef", rule="gepubliceerd", editions=("proef",), rows=rows.height
        )
        warehouse.write_result(rows, info)


@pytest.fixture(scope="session")
def map_home(tmp_path_factory: pytest.TempPathFactory, packaged: Path) -> Path:
    """A home with the published Leefbaarometer classes of every level and the tiles made of them."""
    from krachtwijk.geography.tiles import build_tiles

    warehouse = Warehouse(tmp_path_factory.mktemp("kaart"))
    folder = packaged / "leefbaarometer"
    for name in ("lbm3-buurt-2024.csv.gz", "lbm3-gemeente-2024.csv.gz"):
        ingest_file(warehouse, folder / name)
    leefbaarometer.run(warehouse)
    for level, name in (
        ("pc4", "pc4-klasse-2002-2016.csv.gz"),
        ("wijk", "wijk-klasse-2002-2016.csv"),
        ("gemeente", "gemeente-klasse-2002-2016.csv"),
    ):
        published_classes(warehouse, level, folder / f"lbm2-{name}")
    build_tiles(warehouse)
    return warehouse.home
