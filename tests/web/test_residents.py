# SPDX-License-Identifier: EUPL-1.2
"""R-161: the page "Bewoners of buurt": a question, an invented example, research, and how to do it oneself."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.test import Client

from krachtwijk.warehouse import Warehouse


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_page_says_what_is_invented_and_that_nothing_of_a_person_is_kept(client: Client) -> None:
    page = client.get("/bewoners-of-buurt/").content.decode()
    text = text_of(page)
    assert "bewaart geen gegevens over iemands herkomst of huishouden" in text
    assert text.count("verzonnen") >= 5
    assert "CBS en SCP volgden bewoners" in text and "cbs.nl/nl-nl/achtergrond/2011/51/" in page
    assert "krachtwijk residents split" in text
    assert 'href="/methode/bewoners-of-buurt/"' in page


def test_r161_the_parts_on_the_page_are_the_change(client: Client, built: Warehouse) -> None:
    table = built.result("bewoners-voorbeeld")
    assert table is not None
    for area in table.collect().filter(level="wijk")["area"].unique():
        rows = list(
            csv.DictReader(
                io.StringIO(
                    client.get("/bewoners-of-buurt/", {"wijk": area, "csv": "verandering"}).content.decode()
                )
            )
        )
        value = {row["part"]: float(row["value"]) for row in rows}
        assert value["progress"] + value["inflow"] + value["outflow"] == pytest.approx(
            value["change"], abs=1e-8
        )
        assert value["end"] - value["start"] == pytest.approx(value["change"], abs=1e-8)
        assert all(row["run"] and row["rule"] == "splitsing-1" for row in rows)


def test_small_numbers_of_the_example_are_left_out(client: Client, built: Warehouse) -> None:
    table = built.result("bewoners-voorbeeld-klassen")
    assert table is not None
    frame = table.collect()
    assert frame["people"].drop_nulls().is_between(1, 9).sum() == 0
    assert frame.filter(status="suppressed").height
    assert "weggelaten" in text_of(client.get("/bewoners-of-buurt/").content.decode())


def test_another_neighbourhood_and_none(client: Client) -> None:
    assert "Wijk C: wie bleef ging" in text_of(client.get("/bewoners-of-buurt/?wijk=Wijk+C").content.decode())
    assert client.get("/bewoners-of-buurt/?wijk=Overdie").status_code == 404
    assert "/bewoners-of-buurt/" in client.get("/sitemap.xml").content.decode()
    assert "/bewoners-of-buurt/" in client.get("/").content.decode()
