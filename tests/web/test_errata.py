# SPDX-License-Identifier: EUPL-1.2
"""Corrections and their feed: what a run changed is shown, and the source line of a page says so for 90 days."""

from __future__ import annotations

import datetime
import json
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.utils import timezone

from krachtwijk.catalogue import errata
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import caching, defining, selectors
from krachtwijk.web.apps.publication.views import errata as views

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def corrected(built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A home with two tables of the demonstration, of which a run changed one figure in one."""
    home = tmp_path / "home"
    for name in ("lbm3-gemeente", "lbm3-land"):
        shutil.copytree(built.home / "results" / name, home / "results" / name)
    shutil.copytree(built.home / "editions", home / "editions")
    warehouse = Warehouse(home)
    info, frame = warehouse.result_info("lbm3-gemeente"), warehouse.result("lbm3-gemeente")
    assert info is not None and frame is not None
    better = frame.with_columns(
        pl.when(pl.col("area") == "GM0363").then(0.123456).otherwise("total").alias("total"),
        pl.lit("beter").alias("run"),
    ).collect()
    warehouse.write_result(better, replace(info, run="beter", rule="leefbaarometer-9"))
    monkeypatch.setenv("KRACHTWIJK_HOME", str(home))
    return warehouse


def entries(client: Client) -> list[ET.Element]:
    return ET.fromstring(client.get("/nieuw.atom").content).findall(f"{ATOM}entry")


def test_known_errors_are_told(page: Any) -> None:
    text = unescape(page("/errata/"))
    for entry in errata():
        assert entry.title in text and entry.what in text and entry.consequence in text
    assert "Er is nog geen tabel vervangen" in text


def test_pages_tell_what_a_run_changed(corrected: Warehouse) -> None:
    visitor = Client()
    text = unescape(visitor.get("/errata/").content.decode())
    assert "1 cijfer is veranderd." in text and "een andere rekenregel" in text
    assert "0,123456" in text and "GM0363" in text
    area = unescape(visitor.get("/gebied/GM0363/").content.decode())
    assert "cijfers gewijzigd op" in area


def test_the_source_line_tells_it_for_ninety_days(corrected: Warehouse) -> None:
    path = next(corrected.home.glob("results/lbm3-gemeente/changes/*.json"))
    old = timezone.localdate() - datetime.timedelta(days=91)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"made_at": f"{old}T12:00:00+00:00"}))
    [change] = corrected.changes()
    assert change.made_at.startswith(str(old))
    assert selectors.recently_changed(timezone.localdate()) == {}
    assert set(selectors.recently_changed(old)) == {"beter"}


def test_the_feed_has_editions_and_corrections_with_stable_names(corrected: Warehouse) -> None:
    visitor = Client()
    found = entries(visitor)
    names = [e.findtext(f"{ATOM}id") for e in found]
    assert len(set(names)) == len(names) == len(corrected.editions()) + len(errata()) + 1
    assert all(str(name).startswith("urn:uuid:") for name in names)
    assert names == [e.findtext(f"{ATOM}id") for e in entries(visitor)]
    elsewhere = ET.fromstring(visitor.get("/nieuw.atom?elders", headers={"host": "localhost"}).content)
    assert {e.findtext(f"{ATOM}id") for e in elsewhere.findall(f"{ATOM}entry")} == set(names)
    moments = [datetime.datetime.fromisoformat(str(e.findtext(f"{ATOM}updated"))) for e in found]
    assert moments == sorted(moments, reverse=True)
    assert any("Cijfers gewijzigd" in str(e.findtext(f"{ATOM}title")) for e in found)


def test_every_entry_of_the_feed_points_at_something(
    corrected: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    info, frame = corrected.result_info("lbm3-gemeente"), corrected.result("lbm3-gemeente")
    assert info is not None and frame is not None
    later = frame.with_columns(pl.col("total") + 1, pl.lit("later").alias("run")).collect()
    corrected.write_result(later, replace(info, run="later"))
    assert len(corrected.changes()) == 2
    monkeypatch.setattr(views, "SHOWN", 1)  # more changes than the page shows
    visitor = Client()
    page = visitor.get("/errata/?nieuw").content.decode()
    monkeypatch.setattr(caching, "_made", {})
    links = [str(e.find(f"{ATOM}link").get("href")) for e in entries(visitor)]  # type: ignore[union-attr]
    anchors = [link.partition("#")[2] for link in links if "/errata/#" in link]
    assert any(a.startswith("lbm3-gemeente") for a in anchors)
    assert all(f'id="{a}"' in page for a in anchors)
    for link in links:
        assert visitor.get(link.replace("http://testserver", "")).status_code == 200


def test_errata_and_sources_name_the_feed(page: Any) -> None:
    for address in ("/errata/", "/bronnen/"):
        assert 'rel="alternate" type="application/atom+xml"' in page(address)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0,123456"),
        (100.0, "100"),
        (1234.5, "1.234,5"),
        (True, "True"),
        ("stable", "stable"),
        (-2, "−2"),
    ],
)
def test_a_value_is_written_with_no_more_digits_than_it_has(value: Any, text: str) -> None:
    assert defining.cell(value) == text


def test_sizes_are_told_as_people_read_them() -> None:
    assert [defining.size(n) for n in (10, 60_625, 2_146_829, 206_674_880)] == [
        "1 kB",
        "61 kB",
        "2,1 MB",
        "207 MB",
    ]
