# SPDX-License-Identifier: EUPL-1.2
"""The data dictionary and the sources as pages."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from krachtwijk.catalogue import dictionary, indicators, source_families
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import defining
from krachtwijk.web.apps.publication.selectors.dictionary import dictionary_groups


@pytest.fixture
def groups(page: Any) -> dict[str, str]:
    """The text of each page of definitions that the index links to, by its id."""
    links = re.findall(r'href="/methode/velden/groep/([a-z0-9-]+)/["#]', page("/methode/velden/"))
    assert set(links) == set(dictionary_groups())
    return {name: page(f"/methode/velden/groep/{name}/") for name in dictionary_groups()}


def test_the_dictionary_tells_every_field_code_warning_and_indicator(groups: dict[str, str]) -> None:
    text = unescape(" ".join(groups.values()))
    for field in dictionary().fields:
        assert field.meaning in text, field.name
        for value in field.values:
            assert value.meaning in text, (field.name, value.code)
    for name in dictionary().service:
        assert name.published in text
    for warning in dictionary().warnings:
        assert warning.meaning in text
    for identifier, indicator in indicators().items():
        assert f'href="/methode/velden/{identifier}/"' in groups[f"thema-{indicator.theme}"]


def test_every_place_that_ever_had_an_address_on_the_dictionary_still_has_it(
    page: Any, groups: dict[str, str]
) -> None:
    text = page("/methode/velden/").partition("<main")[2]
    names = re.findall(r' id="([^"]+)"', text)
    assert len(names) == len(set(names))
    known = dictionary()
    expected = {"klassen", "ministerie", "overal", "meldingen", "onderwerpen"}
    expected |= {f"melding-{w.code}" for w in known.warnings} | {f"tabel-{k.id}" for k in known.tables}
    expected |= {f"overal-{f.name.strip('{}')}" for f in known.fields if not f.tables}
    for kind in known.tables:
        expected |= {
            f"{kind.id}-{f.name.replace('{', '').replace('}', '')}"
            for f in known.of_kind(kind.id)
            if f.tables
        }
    assert expected <= set(names)
    # and the definition stands where the index leads
    for name, anchor in re.findall(r'href="/methode/velden/groep/([a-z0-9-]+)/#([^"]+)"', text):
        assert f' id="{anchor}"' in groups[name], (name, anchor)


def test_the_index_of_the_dictionary_is_short(page: Any) -> None:
    text = unescape(page("/methode/velden/"))
    assert len(text) < 70_000
    assert not any(field.meaning in text for field in dictionary().fields)


def test_the_dictionary_is_searched_without_a_script(page: Any) -> None:
    text = unescape(page("/methode/velden/?zoek=WOZ+waarde"))
    assert 'href="/methode/velden/woz-waarde/"' in text
    assert 'id="meldingen"' not in text  # the answer, not the index
    english = page("/methode/velden/?zoek=suppressed", language="en")
    assert "status" in english
    page("/", language="nl")
    assert "Niets gevonden voor ‘qqqq’" in unescape(page("/methode/velden/?zoek=qqqq"))
    assert "&lt;b&gt;" in page("/methode/velden/?zoek=%3Cb%3E")
    assert "En nog" in page("/methode/velden/?zoek=e")


def test_a_group_that_does_not_exist_is_told(page: Any) -> None:
    page("/methode/velden/groep/bestaat-niet/", status=404)


def test_classes_are_told_with_their_cuts_and_words(page: Any) -> None:
    text = page("/methode/velden/groep/klassen/")
    assert "vanaf −0,28146" in text and "‘zwak’ (4)" in text
    assert "vanaf −0,2352" in text  # 1.5 standard deviations below the mean


def test_every_indicator_has_a_page_with_its_definition_in_both_languages(page: Any) -> None:
    for name in ("woz-waarde", "lbm2-klasse", "gez-eenzaam", "lbm3-afw"):
        found = indicators()[name]
        assert found.definition in unescape(page(f"/methode/velden/{name}/"))
        assert found.definition_en in unescape(page(f"/methode/velden/{name}/", language="en"))
        page("/", language="nl")
    page("/methode/velden/bestaat-niet/", status=404)


def test_all_indicator_pages_answer(client: Client) -> None:
    for name in indicators():
        assert client.get(f"/methode/velden/{name}/").status_code == 200, name


def test_an_indicator_tells_which_years_and_levels_there_are(page: Any) -> None:
    text = page("/methode/velden/lbm2-klasse/")
    assert re.search(r"Postcodegebied</th><td>2002, 2008, 2012, 2014, 2016</td>", text)


def test_sources_are_grouped_by_publication_with_newest_and_next(page: Any, built: Warehouse) -> None:
    text = unescape(page("/bronnen/"))
    for manifest in built.editions():
        assert f'href="/bronnen/{manifest.edition}/"' in text
        assert f'id="{manifest.source}"' in text
    assert "Na deze komen de cijfers van 2026." in text  # Leefbaarometer 3.0: 2024, every two years
    assert "Er komt geen nieuwe meer." in text
    assert "aardbevingsgebied" in text
    for family in source_families().values():
        if f'id="{family.id}"' in text:
            assert all(known in text for known in family.breaks)


def test_an_edition_tells_its_subjects_and_the_tables_made_of_it(page: Any, built: Warehouse) -> None:
    edition = next(e for e in built.editions() if e.source == "lbm3" and e.levels == ("buurt",))
    text = page(f"/bronnen/{edition.edition}/")
    assert 'href="/methode/velden/lbm3-afw/"' in text
    assert 'href="/downloads/#lbm3-buurt"' in text


@pytest.mark.parametrize(
    "address",
    [
        "/gebied/GM0363/",
        "/gebied/WK036201/",
        "/programma/krachtwijken-2007/?venster=2012-2016",
        "/programma/krachtwijken-2007/AW01/",
    ],
)
def test_the_figures_of_every_chart_name_edition_rule_and_run_and_their_interval(
    page: Any, address: str
) -> None:
    links = [unescape(link) for link in re.findall(r'href="([^"]*[?;&]csv=[^"]*)"', page(address))]
    assert links
    for link in links:
        header = page(link).split("\r\n", 1)[0].split(",")
        assert {"edition", "rule", "run"} <= set(header), link
        if "csv=telling" in link:
            assert {"low", "high"} <= set(header)


def test_the_unit_of_every_column_is_said_in_english_too() -> None:
    units = {field.unit for field in dictionary().fields if field.unit} - {"%"}
    assert units <= set(defining.UNITS)
    with translation.override("en"):
        said = {field.unit: defining.unit_of_field(field) for field in dictionary().fields if field.unit}
    assert said["jaar"] == "year"
    assert said["aandeel (0 tot 1)"] == "share (0 to 1)"
