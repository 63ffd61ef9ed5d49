# SPDX-License-Identifier: EUPL-1.2
"""Downloads: each result table as CSV with its description, Parquet and GeoPackage, and nothing else."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyogrio
import pytest
from django.test import Client
from polars.testing import assert_frame_equal

from krachtwijk.catalogue import dictionary
from krachtwijk.documents import exports
from krachtwijk.warehouse import ResultInfo, Warehouse

POLARS = {
    "string": pl.String, "boolean": pl.Boolean, "byte": pl.Int8, "short": pl.Int16, "int": pl.Int32,
    "long": pl.Int64, "unsignedInt": pl.UInt32, "double": pl.Float64,
}  # fmt: skip
#: What a column of these types becomes where DuckDB guesses for itself.
NUMBERS = {"byte", "short", "int", "long", "unsignedInt", "double"}


def body(client: Client, address: str, **asked: str) -> bytes:
    response = client.get(address, headers=asked)
    assert response.status_code == 200, address
    content: bytes = response.getvalue()
    response.close()
    return content


def headers(client: Client, address: str, **asked: str) -> tuple[int, dict[str, str]]:
    response = client.get(address, headers=asked)
    response.close()
    return response.status_code, dict(response.headers)


def tables(built: Warehouse) -> list[str]:
    return [info.table for info in built.results() if dictionary().is_public(info.table)]


def described(client: Client, table: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body(client, f"/downloads/{table}.csv-metadata.json"))
    return found


def test_every_csv_reads_back_as_the_table_with_the_types_that_its_description_names(
    client: Client, built: Warehouse
) -> None:
    for table in tables(built):
        content = body(client, f"/downloads/{table}.csv")
        columns = described(client, table)["tableSchema"]["columns"]
        names = [c["titles"]["und"] for c in columns]
        assert content.split(b"\n", 1)[0].decode() == ",".join(names)
        types = {name: POLARS[c["datatype"]] for name, c in zip(names, columns, strict=True)}
        read = pl.read_csv(io.BytesIO(content), schema=types)
        stored = built.result(table)
        assert stored is not None
        expected = stored.with_columns(pl.col(pl.Enum).cast(pl.String)).collect()
        assert_frame_equal(read, expected, check_exact=True)


def test_duckdb_reads_the_csv_as_a_plain_table(client: Client, built: Warehouse, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(body(client, "/downloads/lbm3-wijk.csv"))
    rows = duckdb.sql(f"select count(*), count(total), min(class_total) from read_csv('{path}')").fetchall()[
        0
    ]
    stored = built.result("lbm3-wijk")
    assert stored is not None
    frame = stored.collect()
    assert rows == (frame.height, frame["total"].count(), frame["class_total"].min())


def test_the_description_keeps_the_rules_of_csvw(client: Client, built: Warehouse) -> None:
    """Metadata Vocabulary for Tabular Data: context, url, names as variables, unique titles, types, key, dialect."""
    for table in tables(built):
        found = described(client, table)
        assert found["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "nl"}]
        assert found["url"] == f"{table}.csv"
        columns = found["tableSchema"]["columns"]
        names = [c["name"] for c in columns]
        assert len(set(names)) == len(names)
        for column in columns:
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.]*", column["name"])
            assert column["datatype"] in POLARS
            assert set(column["titles"]) == {"und", "nl", "en"}
            assert [t["@language"] for t in column["dc:description"]] == ["nl", "en"]
            assert not {k for k in column if k.startswith("@")}
        assert set(found["tableSchema"]["primaryKey"]) <= set(names)
        assert found["dialect"]["delimiter"] == "," and found["dialect"]["header"] is True
        assert found["prov:wasGeneratedBy"]["dc:identifier"] in found["dc:identifier"]
        assert found["dc:license"] and found["dc:rights"]
        info = built.result_info(table)
        assert info is not None
        assert {s["dc:identifier"] for s in found["dc:source"]} == set(info.editions)


def test_a_csv_points_to_its_description_and_says_what_it_is(client: Client) -> None:
    _, found = headers(client, "/downloads/lbm3-land.csv")
    assert found["Content-Type"].startswith("text/csv")
    assert found["Content-Disposition"] == 'attachment; filename="krachtwijk-lbm3-land.csv"'
    assert 'rel="describedby"' in found["Link"]
    address = found["Link"].split(">")[0].lstrip("<")
    assert headers(client, address)[1]["Content-Type"] == "application/csvm+json"


def test_a_browser_that_takes_gzip_gets_the_same_bytes_compressed(client: Client) -> None:
    at = "/downloads/lbm3-provincie.csv"
    _, plain = headers(client, at)
    _, packed = headers(client, at, **{"accept-encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"] and "Accept-Encoding" in plain["Vary"]
    assert "Content-Encoding" not in plain
    assert plain["ETag"] != packed["ETag"]
    assert gzip.decompress(body(client, at, **{"accept-encoding": "gzip"})) == body(client, at)


@pytest.mark.parametrize("kind", ["csv", "csv-metadata.json", "parquet", "gpkg"])
def test_who_has_the_file_need_not_get_it_again(client: Client, kind: str) -> None:
    at = f"/downloads/lbm3-land.{kind}"
    status, found = headers(client, at)
    again, _ = headers(client, at, **{"if-none-match": found["ETag"]})
    assert (status, again) == (200, 304)


def test_parquet_is_the_table_as_it_is_stored(client: Client, built: Warehouse) -> None:
    read = pl.read_parquet(io.BytesIO(body(client, "/downloads/lbm2-wijk.parquet")))
    stored = built.result("lbm2-wijk")
    assert stored is not None
    assert_frame_equal(read, stored.collect())


def test_a_geopackage_has_a_layer_per_period_in_rd_and_a_row_per_area_with_an_outline(
    client: Client, built: Warehouse, tmp_path: Any
) -> None:
    path = tmp_path / "t.gpkg"
    path.write_bytes(body(client, "/downloads/lbm2-gemeente.gpkg"))
    stored = built.result("lbm2-gemeente")
    assert stored is not None
    frame = stored.collect()
    layers = dict(pyogrio.list_layers(path))
    assert set(layers) == {f"lbm2_gemeente_{period}" for period in frame["period"].unique()}
    meta, _, geometry, fields = pyogrio.raw.read(path, layer="lbm2_gemeente_2016")
    assert meta["crs"] == "EPSG:28992" and layers["lbm2_gemeente_2016"] == "MultiPolygon"
    values = dict(zip(meta["fields"], fields, strict=True))
    known = dict(frame.filter(pl.col("period") == "2016").select("area", "total").rows())
    assert len(values["area"]) == len(set(values["area"])) == len(geometry) > 0.95 * len(known)
    for code, total in zip(values["area"], values["total"], strict=True):
        assert total == pytest.approx(known[code]) or (known[code] is None and total != total)
    assert set(values["outline_year"]) <= {2015, 2022, 2024}


def test_a_geopackage_of_one_run_is_the_same_bytes_whenever_it_is_made(
    client: Client, built: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One ETag, one content: also after the cache was emptied, or from a second server."""
    info = built.result_info("lbm3-provincie")
    assert info is not None
    made = exports.geopackage(built, info)
    assert made is not None
    first = made.read_bytes()
    made.unlink()
    monkeypatch.setenv("OGR_CURRENT_DATE", "2001-01-01T00:00:00Z")  # another moment, without waiting for one
    again = exports.geopackage(built, info)
    assert again is not None
    assert again.read_bytes() == first


def test_a_file_that_goes_while_it_is_asked_for_is_made_again(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow answer for an older run clears the files of the newer one away: that is no 404."""
    made, taken = exports.csv, []

    def cleared(warehouse: Warehouse, info: ResultInfo) -> Path:
        path = made(warehouse, info)
        if not taken:
            taken.append(path)
            path.unlink()
        return path

    monkeypatch.setattr(exports, "csv", cleared)
    assert body(client, "/downloads/lbm3-provincie.csv")
    assert taken
    monkeypatch.setattr(exports, "csv", lambda *_: Path("/nergens/x.csv"))
    assert headers(client, "/downloads/lbm3-provincie.csv")[0] == 404


def test_areas_without_outlines_have_no_geopackage(client: Client) -> None:
    assert client.get("/downloads/kerncijfers.gpkg").status_code == 404
    assert client.get("/downloads/outcome-krachtwijken-2007.gpkg").status_code == 404


@pytest.mark.parametrize("name", ["niets", "editions", "lbm3-buurt-2024-4d0adeca", "current"])
def test_nothing_but_result_tables_can_be_downloaded(client: Client, built: Warehouse, name: str) -> None:
    for kind in ("csv", "csv-metadata.json", "parquet", "gpkg"):
        assert client.get(f"/downloads/{name}.{kind}").status_code == 404


def test_no_edition_can_be_downloaded(client: Client, built: Warehouse) -> None:
    for manifest in built.editions():
        assert client.get(f"/downloads/{manifest.edition}.parquet").status_code == 404


def test_an_older_file_goes_when_a_run_replaces_it(warehouse: Warehouse) -> None:
    from krachtwijk.warehouse import ResultInfo

    frame = pl.DataFrame({"area": ["GM0363"], "period": ["2024"], "total": [0.1]})
    first = warehouse.write_result(frame, ResultInfo("lbm3-gemeente", "a", "r", (), 0))
    old = exports.csv(warehouse, first)
    second = warehouse.write_result(
        frame.with_columns(total=pl.lit(0.2)), ResultInfo("lbm3-gemeente", "b", "r", (), 0)
    )
    new = exports.csv(warehouse, second)
    assert new.read_text() == "area,period,total\nGM0363,2024,0.2\n"
    assert not old.exists()
    assert {p.name for p in new.parent.iterdir()} == {"b.csv", "lock"}


def test_the_page_offers_every_table_with_licence_and_who_to_name(page: Any, built: Warehouse) -> None:
    text = page("/downloads/")
    for table in tables(built):
        assert f'href="/downloads/{table}.csv"' in text and f'href="/downloads/{table}.parquet"' in text
        assert (f'href="/downloads/{table}.gpkg"' in text) == (exports.level_of(table) is not None)
    assert "CC BY 4.0" in text and "Leefbaarometer, Ministerie van BZK" in text
