# SPDX-License-Identifier: EUPL-1.2
"""City pages: a city's programme areas beside the city, its wijken by name, and nothing for who has none."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import programmes
from krachtwijk.warehouse import Warehouse

Get = Callable[..., str]
CITIES = sorted({a.city_code for made in programmes().values() for a in made.areas})


def test_every_city_of_a_programme_is_listed_once_by_name(page: Get) -> None:
    body = page("/stad/").split("<tbody>", 1)[1]
    assert sorted(re.findall(r'href="/stad/(GM\d{4})/"', body)) == CITIES
    names = [html.unescape(n) for n in re.findall(r'href="/stad/GM\d{4}/">([^<]+)<', body)]
    assert names == sorted(names)


@pytest.mark.parametrize("code", CITIES)
def test_every_city_has_its_page_with_all_its_areas(page: Get, code: str) -> None:
    text = page(f"/stad/{code}/")
    assert text.count("<h1") == 1
    assert "None" not in text
    for made in programmes().values():
        for area in made.areas:
            assert (f"/programma/{made.id}/{area.id}/" in text) == (area.city_code == code)
    assert f"/kaart/?gemeente={code}" in text


def test_another_gemeente_goes_to_its_page_as_an_area_and_an_unknown_code_nowhere(client: Client) -> None:
    response = client.get("/stad/GM0358/")
    assert (response.status_code, response.headers["Location"]) == (302, "/gebied/GM0358/")
    assert client.get("/stad/gm0363/").headers["Location"] == "/stad/GM0363/"
    assert client.get("/stad/GM9999/").status_code == 404


def test_the_table_shows_the_figures_of_area_city_rest_and_country(page: Get, built: Warehouse) -> None:
    series = built.result("outcome-krachtwijken-2007-reeks")
    assert series is not None
    found = series.filter(
        (pl.col("indicator") == "lbm2-klasse")
        & (pl.col("period") == "2016")
        & pl.col("unit").is_in(["AW01", "GM0361", "NL"])
    ).collect()
    assert set(found["kind"]) == {"gebied", "stad", "stad-zonder", "land"}
    text = page("/stad/GM0361/")
    for value in found["value"]:
        assert f'<td class="getal">{value:.1f}</td>'.replace(".", ",") in text


def test_wijken_stand_by_name_with_their_published_or_summed_total(client: Client, built: Warehouse) -> None:
    response = client.get("/stad/GM0361/?csv=delen")
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    scores = built.result("lbm3-wijk")
    assert scores is not None
    totals = dict(scores.filter(pl.col("period") == "2024").select("area", "total").collect().rows())
    assert len(rows) == 11
    assert all(float(r["total"]) == pytest.approx(totals[r["area"]]) for r in rows)
    body = client.get("/stad/GM0361/").content.decode().split("<details>", 1)[1].split("</table>", 1)[0]
    names = [html.unescape(n) for n in re.findall(r'href="/gebied/WK\d{6}/">([^<]+)<', body)]
    assert len(names) == 11
    assert names == sorted(names)


def test_a_city_with_areas_without_boundary_says_so_and_shows_its_wijken(page: Get) -> None:
    text = page("/stad/GM0995/")
    assert "De grens van dit gebied is niet gepubliceerd" in text
    assert "De wijken van Lelystad" in text
    assert 'id="onderwerp"' not in text
