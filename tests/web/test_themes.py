# SPDX-License-Identifier: EUPL-1.2
"""Theme pages: every indicator with what it is, where it is followed and its course in the country."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import indicators, themes
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication.selectors.themes import coverage

Get = Callable[..., str]


def test_every_theme_is_listed_once(page: Get) -> None:
    body = page("/thema/").split("<main", 1)[1]
    assert sorted(re.findall(r'href="/thema/([a-z-]+)/"', body)) == sorted(themes())


@pytest.mark.parametrize("theme", sorted(themes()))
def test_a_theme_names_each_of_its_indicators_and_no_other(page: Get, theme: str) -> None:
    text = page(f"/thema/{theme}/")
    assert text.count("<h1") == 1
    assert "None" not in text.split("<main", 1)[1]
    named = set(re.findall(r'href="/methode/velden/([a-z0-9-]+)/"', text))
    assert named == {i.id for i in indicators().values() if i.theme == theme}


def test_an_unknown_theme_is_not_found(client: Client) -> None:
    assert client.get("/thema/onzin/").status_code == 404


def test_coverage_is_that_of_the_tables(built: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))
    figures = built.result("kerncijfers")
    assert figures is not None
    held = figures.filter((pl.col("indicator") == "gez-eenzaam") & pl.col("value").is_not_null()).collect()
    assert set(coverage("gez-eenzaam")) == set(held["level"])
    assert coverage("gez-eenzaam")["land"] == ("2012", "2020")
    assert coverage("lbm2-klasse")["pc4"] == ("2002", "2008", "2012", "2014", "2016")
    assert coverage("lbm3-onv")["buurt"] == ("2024",)
    assert coverage("bestaat-niet") == {}


def test_the_course_of_the_country_is_the_published_one(client: Client, built: Warehouse) -> None:
    response = client.get("/thema/veiligheid/?csv=nederland")
    rows = [
        r for r in csv.DictReader(io.StringIO(response.content.decode())) if r["indicator"] == "misdrijven"
    ]
    figures = built.result("kerncijfers")
    assert figures is not None
    held = figures.filter((pl.col("level") == "land") & (pl.col("indicator") == "misdrijven")).collect()
    assert {r["period"]: float(r["value"]) for r in rows} == dict(held.select("period", "value").rows())
    assert len(rows) == 13


def test_counts_of_a_programme_come_with_their_interval(page: Get, client: Client) -> None:
    text = page("/thema/veiligheid/")
    assert "tussen 2012 en 2016" in text
    response = client.get("/thema/veiligheid/?csv=oordelen-krachtwijken-2007")
    [row] = csv.DictReader(io.StringIO(response.content.decode()))
    share, low, high = (round(100 * float(row[name])) for name in ("share", "low", "high"))
    assert f"{share}% ({low}% – {high}%)" in text


def test_each_indicator_opens_in_the_explorer_as_chosen_there(page: Get) -> None:
    found = re.findall(r'href="(/verkenner/\?[^"]*)"', page("/thema/veiligheid/"))
    assert len(found) > 3
    wanted = found[0].split("onderwerp=", 1)[1]
    assert re.search(rf'<option value="{wanted}"[^>]* selected', page(found[0]))
