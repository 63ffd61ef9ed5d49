# SPDX-License-Identifier: EUPL-1.2
"""The map page as the server makes it: choices, counts, list; and its tiles by byte range."""

from __future__ import annotations

import csv
import gzip
import html
import json
import re
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication.selectors.map import MapView, map_view

slow = pytest.mark.slow


@pytest.fixture
def home(map_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(map_home))
    return map_home


def view(**given: str) -> MapView:
    made = map_view(given)
    assert made is not None
    return made


@slow
def test_the_map_opens_on_2024_with_the_published_counts_per_class(home: Path) -> None:
    shown = view()
    # numbers of buurten per class as published: monitor-methods §1.3
    assert [item["count"] for item in shown.legend] == [11, 27, 98, 513, 554, 2667, 3435, 2805, 2037]
    assert shown.level == "gemeente"
    assert len(shown.rows) == 342
    assert [c.value for c in shown.choices["niveau"]] == ["buurt"]


@slow
def test_development_shows_gains_and_losses_and_areas_without_a_class_count_as_neither(home: Path) -> None:
    shown = view(meting="lbm2-2002-2016", niveau="pc4")
    change = pl.read_parquet(home / "tiles/pc4-2023.parquet")["change_2002_2016"]
    assert shown.finding["above"] == (change > 4).sum() > 0
    assert shown.finding["below"] == change.is_between(1, 3).sum() > 0
    assert shown.finding["above"] + shown.finding["same"] + shown.finding["below"] == (change > 0).sum()
    assert shown.unscored == (change == 0).sum() > 0
    # the middle of the published scale (4, about stable) has the middle colour
    assert next(item["step"] for item in shown.legend if item["class"] == 4) == 5


@slow
def test_development_is_offered_within_one_version_only(home: Path) -> None:
    values = [c.value for c in view().choices["meting"]]
    assert "lbm2-2002-2016" in values
    assert all(v.count("-") == 1 for v in values if v.startswith("lbm3"))
    # 2.0 published no classes per dimension, so none is offered
    assert [c.value for c in view(meting="lbm2-2016").choices["maat"]] == ["total"]
    assert {c.value for c in view().choices["niveau"]} == {"buurt"}
    assert {c.value for c in view(meting="lbm2-2016").choices["niveau"]} == {"pc4", "wijk"}


@slow
def test_a_chosen_municipality_lists_and_counts_its_buurten_only(home: Path) -> None:
    shown = view(gemeente="GM0363")
    assert shown.level == "buurt"
    assert {row["code"][:6] for row in shown.rows} == {"BU0363"}
    assert sum(item["count"] for item in shown.legend) == len(shown.rows) == 441
    assert "Amsterdam" in shown.finding["level"]


@slow
def test_nonsense_in_the_address_falls_back_to_the_opening(home: Path) -> None:
    shown = view(
        meting="lbm9-1900", maat="<script>", niveau="x", gemeente="GM9999", programma="geen-programma"
    )
    assert shown.state["column"] == "total_2024"
    assert len(shown.rows) == 342
    assert shown.state["programme"] is None


@slow
def test_the_page_lists_links_and_says_what_classes_mean(home: Path, client: Client) -> None:
    page = client.get("/kaart/", {"gemeente": "GM0361"}).content.decode()
    assert page.count('href="/gebied/BU03610300/"') == 2  # on the map and in the list
    assert re.search(r"<h1>In 2024 scoorden \d+ van de \d+ buurten in Alkmaar", page)
    state = json.loads(
        re.search(r'<script id="kaart-staat" type="application/json">(.*?)</script>', page).group(1)
    )  # type: ignore[union-attr]
    assert state["levels"]["buurt"]["id"] == "buurt-2024"
    # strict policy: no inline script, no style attribute, no handler
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"\sstyle=|\son[a-z]+=", page)


@slow
def test_the_drawn_map_has_the_published_classes_and_the_classes_of_the_list(
    home: Path, client: Client, packaged: Path
) -> None:
    with gzip.open(packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz", "rt", encoding="utf-8") as handle:
        published = {row["id"]: row["kscore"] for row in csv.DictReader(handle)}
    page = client.get("/kaart/", {"gemeente": "GM0363"}).content.decode()
    drawn = dict(re.findall(r'<a href="[^"]*"[^>]*data-code="(BU\w+)".*?<path class="vlak k(\d)"', page))
    listed = dict(re.findall(r'<tr data-code="(BU\w+)".*?klasse klasse-(\d)', page))
    assert len(drawn) == 441
    assert drawn == listed == {code: published[code] for code in drawn}


@slow
def test_the_country_leads_to_municipalities_and_keeps_the_other_choices(home: Path, client: Client) -> None:
    page = client.get("/kaart/", {"maat": "soc", "programma": ""}).content.decode()
    address = re.search(r'<a href="(\?[^"]*gemeente=GM0361[^"]*)"', page).group(1)  # type: ignore[union-attr]
    inside = client.get("/kaart/" + html.unescape(address)).content.decode()
    assert "buurten in Alkmaar" in inside
    assert re.search(r'<option value="soc" selected>', inside)
    assert 'class="lijn-programma"' not in inside
    assert page.count("<circle") == 0 < client.get("/kaart/").content.decode().count("<circle")


@slow
def test_outcome_indicators_are_classed_from_the_nation_and_less_can_be_better(home: Path) -> None:
    shown = view(meting="kerncijfers-2020", maat="gez-eenzaam", gemeente="GM0361")
    ruler = shown.ruler
    assert ruler is not None and ruler["centre_origin"] == "land"
    figures = Warehouse(home).result("kerncijfers")
    assert figures is not None
    values = dict(
        figures.filter(
            (pl.col("indicator") == "gez-eenzaam")
            & (pl.col("period") == "2020")
            & (pl.col("level") == "buurt")
        )
        .select("area", "value")
        .collect()
        .iter_rows()
    )
    classed = {code: step for code, step in shown.classes.items() if step > 0}
    assert len(classed) > 40
    for code, step in classed.items():
        assert step == 1 + sum(values[code] >= ruler[f"cut_{k}"] for k in range(2, 10))
    # fewer lonely people is the wanted side of the scale; the words only say lower or higher
    assert [i["step"] for i in shown.legend] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert str(shown.legend[0]["label"]) == "heel veel lager"
    assert shown.legend[4]["range"].endswith("%")


@slow
def test_own_weights_change_the_view_not_the_figures(home: Path, client: Client) -> None:
    equal = map_view({"maat": "eigen", "gemeente": "GM0363"}, ["1", "1", "1", "1", "1"])
    published = view(maat="dev", gemeente="GM0363")
    other = map_view({"maat": "eigen", "gemeente": "GM0363"}, ["0,0,0,0,3"])
    one = view(maat="onv", gemeente="GM0363")
    assert equal is not None and other is not None
    assert equal.classes == published.classes
    # one dimension alone, with mean weight 1, counts five times: the sign of its deviation stays
    assert all((other.classes[c] > 5) >= (one.classes[c] > 5) for c in one.classes)
    assert other.classes != equal.classes
    page = client.get("/kaart/?maat=eigen&gemeente=GM0363&gewicht=0&gewicht=0&gewicht=0&gewicht=0&gewicht=3")
    text = page.content.decode()
    assert "<title>Uw eigen weging" in text and "dit is niet de Leefbaarometer" in text
    assert 'name="gewicht" value="0,0,0,0,3"' in text
    told = client.get("/kaart/?maat=eigen&gemeente=GM0363&gewicht=0,0,0,0,3&csv=kaart").content.decode()
    assert "eigen" not in told and told.startswith("area,period,total")


@slow
@pytest.mark.parametrize("weights", ["0,0,0,0,0", "1,2", "a,b,c,d,e", "9,1,1,1,1", "nan,1,1,1,1", ""])
def test_weights_that_cannot_be_get_one_sentence(home: Path, client: Client, weights: str) -> None:
    answer = client.get("/kaart/", {"maat": "eigen", "gewicht": weights})
    assert answer.status_code == 200
    assert "Deze gewichten kunnen niet." in answer.content.decode()


@slow
def test_own_weights_are_offered_only_where_the_version_has_a_ruler(home: Path, client: Client) -> None:
    assert "eigen" in [c.value for c in view().choices["maat"]]
    assert "eigen" not in [c.value for c in view(meting="lbm2-2016").choices["maat"]]
    assert "Uw eigen weging" not in client.get("/kaart/", {"meting": "lbm2-2016"}).content.decode()


@slow
def test_the_list_is_in_order_of_name_unless_asked_and_can_be_sifted(home: Path) -> None:
    names = [r["name"] for r in view().rows]
    assert names.index("'s-Gravenhage") > names.index("Rotterdam")  # the apostrophe does not count
    found = [r["name"] for r in view(zoek="sudwest").rows if r["shown"]]
    assert found == ["Súdwest-Fryslân"]
    good = view(klasse="9")
    assert {r["class"] for r in good.rows if r["shown"]} == {9}
    assert good.shown_rows == good.legend[8]["here"]
    steps = [r["step"] for r in view(volgorde="klasse").rows]
    assert steps == sorted(steps, reverse=True)
    assert view(klasse="77", volgorde="slechtste").shown_rows == 342


@slow
def test_the_rows_behind_the_map_name_edition_rule_and_run(home: Path, client: Client) -> None:
    for given in ({"gemeente": "GM0361"}, {"meting": "kerncijfers-2020", "gemeente": "GM0361"}):
        shown = view(**given)
        answer = client.get("/kaart/", {**given, "csv": "kaart"})
        rows = list(csv.DictReader(answer.content.decode().splitlines()))
        assert {r["area"] for r in rows} <= set(shown.classes)
        assert len(rows) == sum(step != 0 for step in shown.classes.values())
        assert all(r["edition"] and r["rule"] and r["run"] for r in rows)


@slow
def test_a_page_asks_the_database_nothing(home: Path, client: Client) -> None:
    for given in ({}, {"gemeente": "GM0363", "maat": "eigen", "gewicht": "1,2,0,1,1"}):
        assert client.get("/kaart/", given).status_code == 200  # no `db` mark: a query would raise


def test_an_empty_home_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    assert "krachtwijk demo" in client.get("/kaart/").content.decode()


def test_every_answer_carries_the_content_policy(client: Client) -> None:
    for address in ("/kaart/", "/bestaat-niet/", "/static/krachtwijk/map.js"):
        with closing(client.get(address)) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy and "blob:" not in policy and "http" not in policy


@pytest.fixture
def tile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A tile file of a thousand bytes."""
    content = bytes(i % 251 for i in range(1000))
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles/proef.pmtiles").write_bytes(content)
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    return content


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-126", 206, (0, 127)),
        ("bytes=990-", 206, (990, 1000)),
        ("bytes=-10", 206, (990, 1000)),
        ("bytes=-5000", 206, (0, 1000)),
        ("bytes=900-5000", 206, (900, 1000)),
        ("bytes=0-1,5-6", 200, (0, 1000)),  # several ranges may be answered with everything
        ("items=0-1", 200, (0, 1000)),
        ("bytes=-", 200, (0, 1000)),
    ],
)
def test_tiles_answer_a_range(
    client: Client, tile: bytes, asked: str, status: int, span: tuple[int, int]
) -> None:
    answer = client.get("/tegels/proef.pmtiles", headers={"range": asked})
    assert answer.status_code == status
    assert answer.getvalue() == tile[slice(*span)]
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {span[0]}-{span[1] - 1}/1000"


@pytest.mark.parametrize("asked", ["bytes=1000-", "bytes=5-2", "bytes=-0"])
def test_a_range_outside_the_file_is_416(client: Client, tile: bytes, asked: str) -> None:
    answer = client.get("/tegels/proef.pmtiles", headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1000"


def test_a_changed_file_is_sent_whole_and_an_unchanged_one_not_at_all(client: Client, tile: bytes) -> None:
    first = client.get("/tegels/proef.pmtiles", headers={"range": "bytes=0-9"})
    etag = first.headers["ETag"]
    same = client.get("/tegels/proef.pmtiles", headers={"range": "bytes=0-9", "if-range": etag})
    assert same.status_code == 206
    other = client.get("/tegels/proef.pmtiles", headers={"range": "bytes=0-9", "if-range": '"oud"'})
    assert other.status_code == 200
    assert len(other.getvalue()) == 1000
    assert client.get("/tegels/proef.pmtiles", headers={"if-none-match": etag}).status_code == 304


def test_only_files_of_the_tile_folder_are_served(client: Client, tile: bytes) -> None:
    for address in ("/tegels/geen.pmtiles", "/tegels/..%2fsecret-key.pmtiles", "/tegels/manifest.json"):
        assert client.get(address).status_code == 404
    assert client.post("/tegels/proef.pmtiles").status_code == 405


def test_pages_are_compressed_and_a_part_of_a_tile_file_is_not(client: Client, tile: bytes) -> None:
    page = client.get("/methode/", headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    part = client.get("/tegels/proef.pmtiles", headers={"accept-encoding": "gzip", "range": "bytes=0-499"})
    assert part.status_code == 206
    assert "Content-Encoding" not in part.headers
    assert part.getvalue() == tile[:500]
    whole = client.get("/tegels/proef.pmtiles", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in whole.headers
    assert whole.getvalue() == tile
