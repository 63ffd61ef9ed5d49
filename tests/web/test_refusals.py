# SPDX-License-Identifier: EUPL-1.2
"""What makes no sense gets one sentence and the right status; what is damaged or missing takes no page down."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.web.apps.publication import caching
from krachtwijk.web.apps.publication.selectors import map as map_selectors
from krachtwijk.web.apps.publication.selectors import sheets
from krachtwijk.web.apps.publication.store import Store
from krachtwijk.web.secret import local_secret

#: Python reads no number of more than 4300 figures and says so with an error of its own.
LONG = "9" * 5000


@pytest.fixture
def visitor(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A visitor of an empty installation."""
    monkeypatch.setenv("KRACHTWIJK_HOME", str(warehouse.home))
    return Client()


def table(warehouse: Warehouse, name: str) -> Path:
    """A result table of one row; its folder."""
    info = ResultInfo(name, "r1", "regel-1", (), 0)
    warehouse.write_result(pl.DataFrame({"area": ["GM0001"], "value": [1.0]}), info)
    return warehouse.home / "results" / name


def test_a_number_too_long_to_read_is_no_part_of_the_sitemap_and_no_year(visitor: Client) -> None:
    assert visitor.get(f"/sitemap.xml?deel={LONG}").status_code == 404
    told = visitor.get(f"/verkenner/?van={LONG}")
    assert told.status_code == 200
    assert "is geen jaar" in told.content.decode()


def test_a_range_too_long_to_read_gives_the_whole_file(visitor: Client, warehouse: Warehouse) -> None:
    tiles = warehouse.home / "tiles"
    tiles.mkdir(parents=True)
    (tiles / "x.pmtiles").write_bytes(b"abc")
    answer = visitor.get("/tegels/x.pmtiles", headers={"range": f"bytes={LONG}-"})
    assert (answer.status_code, b"".join(answer)) == (200, b"abc")


def test_the_sitemap_is_not_made_for_addresses_nobody_gave_out(visitor: Client) -> None:
    assert visitor.get("/sitemap.xml?x=1").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "FOO"])
@pytest.mark.parametrize("address", ["/", "/gebied/", "/downloads/x.csv", "/tegels/x.pmtiles", "/robots.txt"])
def test_a_page_to_read_takes_nothing_in_and_says_so(visitor: Client, method: str, address: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, address)
    assert answer.status_code == 405
    assert "alleen om te lezen" in answer.content.decode()
    assert "GET" in answer.headers["Allow"]


def test_a_host_that_is_not_ours_gets_a_sentence_that_does_not_name_it(visitor: Client) -> None:
    answer = visitor.get("/", headers={"host": "kwaad.example"})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "niet te lezen" in text
    assert "kwaad" not in text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("content", ["", '{"ru', "[]", '{"run": "weg"}', '{"run": 1}', "null"])
def test_a_damaged_description_counts_as_no_table(warehouse: Warehouse, content: str) -> None:
    folder = table(warehouse, "buren")
    (folder / "current.json").write_text(content)
    store = Store(warehouse)
    assert store.table("buren") is None
    assert warehouse.results() == []
    table(warehouse, "buren")  # the next run makes it anew
    assert store.table("buren") is not None


@pytest.mark.parametrize("damage", [b"", b"PAR1 half", None])
def test_a_damaged_table_counts_as_no_table(
    warehouse: Warehouse, visitor: Client, damage: bytes | None
) -> None:
    path = table(warehouse, "buren") / "r1.parquet"
    path.unlink() if damage is None else path.write_bytes(damage)
    assert Store(warehouse).table("buren") is None
    assert visitor.get("/downloads/buren.csv").status_code in {404, 503}
    assert visitor.get("/downloads/buren.csv-metadata.json").status_code == 404


def test_a_stray_file_among_the_tables_takes_no_page_down(warehouse: Warehouse, visitor: Client) -> None:
    table(warehouse, "buren")
    (warehouse.home / "results" / "stray.txt").write_text("x")
    assert visitor.get("/over/privacy/").status_code == 200
    assert visitor.get("/downloads/stray.csv").status_code == 404


def test_a_file_that_cannot_be_written_is_told_with_503(warehouse: Warehouse, visitor: Client) -> None:
    table(warehouse, "buren")
    shutil.rmtree(warehouse.home / "cache", ignore_errors=True)
    (warehouse.home / "cache").write_text("no folder: nothing can be written below it")
    answer = visitor.get("/downloads/buren.csv")
    assert answer.status_code == 503
    assert "later opnieuw" in answer.content.decode()


def test_a_damaged_drawing_of_the_map_counts_as_none(warehouse: Warehouse, visitor: Client) -> None:
    tiles = warehouse.home / "tiles"
    tiles.mkdir(parents=True)
    geography = next(iter(map_selectors.GEOGRAPHIES.values()))
    for name in (f"{geography.id}.parquet", f"{geography.id}-paths.parquet"):  # and no -sheets at all
        (tiles / name).write_bytes(b"PAR1 half")
    assert map_selectors.areas(warehouse, geography) is None
    assert sheets.sheet(geography.id, "NL") is None
    assert visitor.get("/kaart/").status_code == 200


def test_a_new_drawing_of_the_map_is_another_state(warehouse: Warehouse) -> None:
    before = Store(warehouse).stamps()
    (warehouse.home / "tiles").mkdir(parents=True)
    (warehouse.home / "tiles" / "sheets.json").write_text("{}")
    assert Store(warehouse).stamps() != before


def test_kept_pages_stay_within_their_bytes(
    warehouse: Warehouse, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "_made", {})
    visitor.get("/over/privacy/?n=0")
    (first,) = caching._made.values()
    monkeypatch.setattr(caching, "BYTES", 3 * len(first.content) + 100)
    for n in range(1, 9):
        visitor.get(f"/over/privacy/?n={n}")
    kept = [len(made.content) for made in caching._made.values()]
    assert 1 <= len(kept) <= 3
    assert sum(kept) <= caching.BYTES


def test_a_signing_key_that_was_never_written_to_its_end_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("")
    made = local_secret(tmp_path)
    assert len(made) > 40
    assert local_secret(tmp_path) == made
    assert [p.name for p in tmp_path.iterdir()] == ["secret-key"]
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
