# SPDX-License-Identifier: EUPL-1.2
"""What holds the site together (issue item 9): start page, addresses, sitemap, robots, pages that are not there."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client

from krachtwijk.web.apps.publication import caching
from krachtwijk.web.apps.publication.views import site as site_views

Get = Callable[..., str]
NAMESPACES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def listed(client: Client, address: str = "/sitemap.xml", **host: str) -> list[ET.Element]:
    response = client.get(address, headers=host)
    assert response.headers["Content-Type"].startswith("text/xml")
    return ET.fromstring(response.content).findall("s:url", NAMESPACES)


def text(entry: ET.Element, name: str) -> str:
    found = entry.find(f"s:{name}", NAMESPACES)
    assert found is not None and found.text
    return found.text


# --- start page -----------------------------------------------------------------------------------------------


def test_the_first_screen_asks_and_the_three_ways_answer_with_figures(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Hoe staat mijn straat ervoor?" in page
    assert re.search(r"bleef gelijk in \d+ van de 40 aandachtswijken", page)
    for name in ("nederland", "programma", "steden"):
        rows = client.get(f"/?csv={name}").content.decode().splitlines()
        assert "edition" in rows[0] and "run" in rows[0]
        assert len(rows) > 1


def test_the_count_on_the_start_page_is_that_of_the_programme_page(page: Get) -> None:
    finding = re.search(
        r"Het verschil met de stad bleef gelijk in \d+ van de 40 aandachtswijken[^<]*", page("/")
    )
    assert finding
    assert finding[0] in page("/programma/krachtwijken-2007/")


# --- lasting addresses ----------------------------------------------------------------------------------------


def test_a_page_names_its_lasting_address_in_both_languages(client: Client) -> None:
    page = client.get("/programma/krachtwijken-2007/?venster=2008-2016").content.decode()
    own = "http://testserver/programma/krachtwijken-2007/"
    assert f'<link rel="canonical" href="{own}">' in page
    assert f'hreflang="en" href="{own}?taal=en"' in page
    english = client.get("/programma/krachtwijken-2007/?taal=en").content.decode()
    assert f'<link rel="canonical" href="{own}?taal=en">' in english


def test_a_kept_page_never_names_another_host(client: Client, settings: object) -> None:
    settings.ALLOWED_HOSTS = ["een.nl", "twee.nl"]  # type: ignore[attr-defined]
    for host in ("een.nl", "twee.nl"):
        assert (
            f'rel="canonical" href="http://{host}/"'
            in client.get("/", headers={"host": host}).content.decode()
        )


def test_an_address_may_ask_for_a_language_once(client: Client) -> None:
    english = client.get("/bronnen/?taal=en")
    assert english.headers["Content-Language"] == "en"
    assert '<html lang="en">' in english.content.decode()
    assert not english.cookies
    assert '<html lang="nl">' in client.get("/bronnen/").content.decode()
    assert '<html lang="nl">' in client.get("/bronnen/?taal=xx").content.decode()
    client.cookies["django_language"] = "en"
    assert '<html lang="nl">' in client.get("/bronnen/?taal=nl").content.decode()


def test_choosing_a_language_leaves_the_language_of_the_address(client: Client) -> None:
    page = client.get("/programma/krachtwijken-2007/?taal=en&venster=2008-2016").content.decode()
    assert 'name="next" value="/programma/krachtwijken-2007/?venster=2008-2016"' in page


def test_codes_of_earlier_years_keep_their_page(page: Get) -> None:
    assert "Sint-Oedenrode" in page("/gebied/GM0846/")


# --- sitemap and robots ---------------------------------------------------------------------------------------


def test_the_sitemap_lists_todays_areas_with_date_and_english_and_its_pages_exist(client: Client) -> None:
    entries = listed(client)
    addresses = [text(e, "loc") for e in entries]
    assert len(addresses) == len(set(addresses)) > 20_000
    assert all(a.startswith("http://testserver/") for a in addresses)
    assert "http://testserver/gebied/BU03610300/" in addresses
    assert "http://testserver/gebied/GM0846/" not in addresses  # of the past
    overdie = entries[addresses.index("http://testserver/gebied/BU03610300/")]
    assert re.match(r"20\d\d-\d\d-\d\dT", text(overdie, "lastmod"))
    other = {e.get("hreflang"): e.get("href") for e in overdie.findall("x:link", NAMESPACES)}
    assert other["en"] == "http://testserver/gebied/BU03610300/?taal=en"
    areas = [a for a in addresses if "/gebied/" in a][:: len(addresses) // 12]
    others = [a for a in addresses if re.search(r"/(programma|methode|bronnen)/[a-z0-9-]*/?$", a)]
    for address in (*areas, *(a for a in others if "velden" not in a)):
        assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


def test_a_sitemap_that_is_too_long_is_split_and_the_parts_hold_everything(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [text(e, "loc") for e in listed(client)]
    monkeypatch.setattr(site_views, "LIMIT", 9_000)
    monkeypatch.setattr(caching, "_made", {})  # not the kept answer
    index = ET.fromstring(client.get("/sitemap.xml").content)
    parts = [text(e, "loc").removeprefix("http://testserver") for e in index.findall("s:sitemap", NAMESPACES)]
    assert [text(e, "loc") for part in parts for e in listed(client, part)] == whole
    for wrong in ("0", "99", "x", "-1"):
        assert client.get(f"/sitemap.xml?deel={wrong}").status_code == 404


def test_robots_names_the_sitemap_of_this_host(page: Get) -> None:
    assert "Sitemap: http://testserver/sitemap.xml" in page("/robots.txt")


# --- pages that are not there ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/gebied/BU03619999/", "/gebied/GM0361/"),
        ("/gebied/WK036199/", "/gebied/GM0361/"),
        ("/gebied/GM361/", "/gebied/GM0361/"),
        ("/gebied/1810/", "/gebied/1811/"),
        ("/stad/GM361/", "/gebied/GM0361/"),
    ],
)
def test_an_address_with_a_wrong_code_leads_on(page: Get, address: str, meant: str) -> None:
    found = page(address, status=404)
    assert f'href="{meant}"' in found
    assert 'name="q"' in found
    assert 'rel="canonical"' not in found


def test_an_address_that_means_nothing_gives_the_search_field(page: Get) -> None:
    for address in ("/bestaat/niet/", "/gebied/XX/", "/gebied/%3Cscript%3E/"):
        found = page(address, status=404)
        assert 'name="q"' in found
        assert "<script>/" not in found


def test_the_page_of_a_failure_needs_nothing() -> None:
    found = render_to_string("500.html")
    assert "{%" not in found and "{{" not in found
    assert found.count("<h1") == 1
