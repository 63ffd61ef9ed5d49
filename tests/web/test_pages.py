# SPDX-License-Identifier: EUPL-1.2
"""Public pages: every kind answers, says what the published files say, and says it decently."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from babel.messages.pofile import read_po
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from krachtwijk.catalogue import programme
from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.web.apps.publication import caching, methods, wording

Get = Callable[..., str]

PAGES = (
    "/",
    "/gebied/",
    "/gebied/?q=overdie",
    "/gebied/?q=overdei",
    "/gebied/?q=centrum",
    "/gebied/?q=1825+AB",
    "/gebied/?q=bestaatniet",
    "/gebied/NL/",
    "/gebied/PV27/",
    "/gebied/GM0361/",
    "/gebied/GM0363/",
    "/gebied/SD0363A/",
    "/gebied/WK036201/",
    "/gebied/WK036103/",
    "/gebied/BU03610300/",
    "/gebied/BU03630000/",
    "/gebied/1813/",
    "/gebied/E2303N5800/",
    "/programma/",
    "/programma/krachtwijken-2007/",
    "/programma/krachtwijken-2007/?onderwerp=gez-eenzaam&venster=2012-2016",
    "/programma/krachtwijken-2007/?onderwerp=onzin&venster=onzin",
    "/programma/krachtwijken-2007/AW01/",
    "/programma/nplv-2022/",
    "/programma/nplv-2022/NPLV01/",
    "/methode/",
    "/methode/leefbaarometer/",
    "/methode/verschil-met-de-stad/",
    "/bronnen/",
)
#: Words that judge people or places, or claim a cause where none was estimated.
UNWANTED = re.compile(
    r"probleemwijk|achterstandswijk|prachtwijk|slechtst|slechte |kansarm|doelgroep|verpauper"
    r"|dankzij|veroorza|als gevolg van|leidde tot|zorgde ervoor",
    re.IGNORECASE,
)


def rows(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def text_of(page: str) -> str:
    """What a reader sees, with single spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page.split("<main", 1)[1], flags=re.S)
    return " ".join(html.unescape(body).split())


def dutch(value: str, decimals: int = 3) -> str:
    return f"{float(value):+.{decimals}f}".replace(".", ",").replace("-", "−")


@pytest.mark.parametrize("address", PAGES)
def test_every_kind_of_page_answers_in_decent_dutch(page: Get, address: str) -> None:
    found = page(address)
    assert '<html lang="nl">' in found
    assert found.count("<h1") == 1
    assert "style=" not in found
    assert not UNWANTED.search(text_of(found))
    assert "None" not in text_of(found)
    assert "nan" not in text_of(found).lower().split()


def test_no_page_sets_a_cookie_and_the_language_of_the_browser_does_not_count(client: Client) -> None:
    response = client.get("/")
    assert not response.cookies
    assert response.headers["Content-Language"] == "nl"


# --- figures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["BU03610300", "BU0363AE01", "BU00140000"])
def test_r130_the_dimensions_of_a_buurt_are_those_of_the_published_file(
    page: Get, packaged: Path, code: str
) -> None:
    published = next(r for r in rows(packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz") if r["id"] == code)
    text = text_of(page(f"/gebied/{code}/"))
    for column in ("afw", "won", "fys", "vrz", "soc", "onv"):
        expected = dutch(published[column])
        assert expected.lstrip("+−") in text if expected.endswith("0,000") else expected in text
    assert f"klasse {published['kscore']} van 9" in text


def test_a_postcode_shows_the_classes_of_2002_to_2016_and_the_scores_of_2012_to_2016(
    page: Get, packaged: Path
) -> None:
    classes = next(
        r for r in rows(packaged / "leefbaarometer/lbm2-pc4-klasse-2002-2016.csv.gz") if r["CODE"] == "1813"
    )
    scores = next(
        r
        for r in rows(packaged / "leefbaarometer/lbm2-pc4-dimensiescore-2012-2016.csv.gz")
        if r["GBD"] == "1813"
    )
    text = text_of(page("/gebied/1813/"))
    for year in ("02", "08", "12", "14", "16"):
        line = re.search(rf"20{year} {classes[f'KL{year}']} \w+", text)
        assert line, year
    for year in ("12", "14", "16"):
        assert dutch(scores[f"RLBRMTR{year}"]) in text
    for year in ("02", "08"):
        assert re.search(rf"20{year} {classes[f'KL{year}']} \w+ alleen de klasse is gepubliceerd", text)


def test_published_changes_are_shown_as_published_and_class_only_periods_say_so(
    page: Get, packaged: Path
) -> None:
    published = next(
        r
        for r in rows(packaged / "leefbaarometer/lbm2-wijk-dimensiescore-ontwikkeling-2012-2016.csv.gz")
        if (r["GBD"], r["BEGIN"], r["EINDE"]) == ("WK036103", "2012", "2016")
    )
    text = text_of(page("/gebied/WK036103/"))
    assert re.search(rf"2012 tot 2016 [a-z ]+ \(klasse \d\) {re.escape(dutch(published['DLBRMTR']))}", text)
    change = next(
        r["VKL0208"]
        for r in rows(packaged / "leefbaarometer/lbm2-wijk-klasse-2002-2016.csv")
        if r["WK_CODE"] == "WK036103"
    )
    assert f"2002 tot 2008 {wording.change_word(int(change))} (klasse {change}) alleen de klasse" in text


def test_weak_ranks_above_insufficient_and_the_mean_lies_in_class_6(page: Get) -> None:
    text = text_of(page("/gebied/BU03610300/"))
    assert "klasse 4 heet ‘zwak’ en staat één trede bóven klasse 3, ‘onvoldoende’" in text
    assert "Het gemiddelde van Nederland ligt in klasse 6" in text


def test_quirk_10_two_versions_never_share_a_chart(page: Get) -> None:
    found = page("/gebied/GM0361/")
    assert "mag u ze niet met elkaar vergelijken" in found
    charts = re.findall(r'<svg[^>]*aria-labelledby="([a-z]+)-(lbm\d)-t', found)
    assert {version for _, version in charts} == {"lbm2", "lbm3"}
    for svg in re.findall(r"<svg.*?</svg>", found, flags=re.S):
        assert not ("2002" in svg and "2024" in svg)


def test_our_own_sum_is_named_with_its_coverage(page: Get) -> None:
    text = text_of(page("/gebied/SD0363A/"))
    assert re.search(r"Eigen optelling: .* Van \d+% van de inwoners", text)


def test_a_thinly_inhabited_postcode_is_listed_as_without_score(page: Get, packaged: Path) -> None:
    scores = rows(packaged / "leefbaarometer/lbm2-pc4-dimensiescore-2012-2016.csv.gz")
    empty = [r["GBD"] for r in scores if not any(r[c].strip(" NA") for c in r if c.startswith("RLB"))]
    assert len(empty) > 200
    assert "geen score voor leefbaarheid" in page(f"/gebied/{empty[0]}/")


def test_an_area_without_score_says_so_without_judging(page: Get) -> None:
    text = text_of(page("/gebied/BU03630000/"))
    assert "geen score voor leefbaarheid" in text
    assert "Dat zegt niets over hoe het er is" in text


def test_quirk_2_an_old_amsterdam_code_names_its_years_and_links_its_successor(page: Get) -> None:
    found = page("/gebied/BU03630000/")
    assert "Deze code is van vroeger" in found
    assert "2017" in found
    assert '<a href="/gebied/BU0363AE01/">' in found
    assert '<a href="/gebied/BU03630000/">' in page("/gebied/BU0363AE01/")


def test_a_buurt_tells_how_much_of_it_belongs_to_a_programme_area(page: Get) -> None:
    assert "Dit gebied hoort bij Overdie." in text_of(page("/gebied/BU03610300/"))
    assert re.search(r"Van dit gebied hoort \d+% bij Overdie", text_of(page("/gebied/BU03610801/")))


def test_figures_are_walked_back_to_edition_rule_and_run(page: Get, built: Warehouse) -> None:
    info = built.result_info("lbm3-buurt")
    assert info is not None
    found = page("/gebied/BU03610300/")
    assert info.run in found
    assert f'href="/bronnen/{info.editions[0]}/"' in found
    source = page(f"/bronnen/{info.editions[0]}/")
    assert "12.147" in source
    assert "sha256" in source


# --- programmes -----------------------------------------------------------------------------------------------


def test_the_heading_of_a_programme_counts_what_its_table_says(page: Get) -> None:
    found = page("/programma/krachtwijken-2007/")
    stable, known, start, end = re.search(  # type: ignore[union-attr]
        r"bleef gelijk in (\d+) van de (\d+) aandachtswijken tussen (\d+) en (\d+)", text_of(found)
    ).groups()
    closing, widening = re.search(r"In (\d+) gebieden ging het vooruit, in (\d+) achteruit", found).groups()  # type: ignore[union-attr]
    table = found.split("Alle gebieden", 1)[1]
    assert (start, end) == ("2002", "2016")
    assert int(known) + table.count(">onbekend") == 40
    assert int(stable) + int(closing) + int(widening) == int(known)
    assert table.count(">gelijk gebleven<") == int(stable) > int(known) / 2
    assert len(re.findall(r">(?:dichter bij de stad|vooruit vergeleken met de stad)<", table)) == int(closing)
    low, high = re.search(r"met 90% zekerheid ging het in (\d+) tot (\d+) gebieden", found).groups()  # type: ignore[union-attr]
    assert int(low) <= int(closing) <= int(high)


def test_g10_areas_stand_by_city_in_alphabetical_order_never_ranked(page: Get) -> None:
    made = programme("krachtwijken-2007")
    for heading in ("Het verloop van elk gebied", "Alle gebieden"):
        part = page("/programma/krachtwijken-2007/").split(heading, 1)[1]
        places = [
            part.index(f">{html.escape(a.name)}<") for a in sorted(made.areas, key=lambda a: (a.city, a.name))
        ]
        assert places == sorted(places)


def test_small_multiples_show_40_areas_on_one_scale(page: Get) -> None:
    svgs = re.findall(
        r'<svg[^>]*class="grafiek paneel.*?</svg>', page("/programma/krachtwijken-2007/"), flags=re.S
    )
    assert len(svgs) == 40
    assert {tuple(re.findall(r'<text class="as"[^>]*>([^<]*)', s)) for s in svgs} == {
        ("1", "9", "2002", "2016")
    }


def test_r140_the_targets_are_counted_over_all_areas(page: Get) -> None:
    found = text_of(page("/programma/krachtwijken-2007/"))
    told = re.search(r"\(uiterlijk 2017; laatste meting 2016\): ([^.]*)\.", found)
    counts = [int(n) for n in re.findall(r"\d+", told[1])]  # type: ignore[index]
    assert len(counts) == 4
    assert sum(counts) == 40


def test_r131_the_class_of_the_national_mean_is_told_for_the_year_whose_cuts_are_known(page: Get) -> None:
    assert "Het gemiddelde van Nederland ligt in klasse 6" in page("/gebied/BU03610300/")
    assert "Het gemiddelde van Nederland ligt in klasse" not in page("/gebied/1813/")


def test_another_window_is_another_answer_and_says_which(page: Get) -> None:
    text = text_of(page("/programma/krachtwijken-2007/?venster=2008-2016"))
    assert "tussen 2008 en 2016" in text


def test_where_no_area_can_be_judged_nothing_is_counted(page: Get) -> None:
    text = text_of(page("/programma/krachtwijken-2007/?onderwerp=gez-eenzaam&venster=2012-2016"))
    assert "Van geen van de aandachtswijken is te zeggen of het vooruitging vergeleken met de stad" in text
    assert "In 0 van de 0" not in text


def test_r143_two_measurements_are_no_trend(page: Get) -> None:
    assert "Twee metingen zijn nog geen trend." in page(
        "/programma/krachtwijken-2007/?onderwerp=gez-eenzaam&venster=2012-2016"
    )


def test_what_all_areas_share_is_said_once_with_the_change_since_the_first_measurement(page: Get) -> None:
    """Health is measured in 2012 and 2020: no window is covered, so the change since 2012 stands in its place."""
    found = page("/programma/krachtwijken-2007/?onderwerp=gez-eenzaam")
    assert found.count("De eerste meting is van 2012, na het begin van deze periode.") == 1
    assert "Verandering van 2012 tot 2020" in found
    assert len(re.findall(r"\d (?:vooruit|achteruit)<", found)) >= 35
    area = page("/programma/krachtwijken-2007/AW01/?venster=2002-2016")
    assert "De verandering tussen 2002 en 2016 is onbekend. De eerste meting is van 2012" in text_of(area)
    assert re.search(r"onbekend; 2012 tot 2020: \d+,\d (?:vooruit|achteruit)", text_of(area))
    of_itself = text_of(page("/programma/krachtwijken-2007/AW01/"))
    assert "te weinig metingen: de eerste is van 2012, de laatste van 2020." in of_itself
    assert "Er is nog maar één meting, van 2024." in of_itself


def test_an_area_ahead_of_its_city_did_not_come_closer_when_it_moved_further_ahead(page: Get) -> None:
    """AW30 Bergpolder: 0,6 class above Rotterdam in 2002, 1,3 above in 2016."""
    text = text_of(page("/programma/krachtwijken-2007/AW30/?venster=2002-2016"))
    assert "Bergpolder ging vooruit vergeleken met Rotterdam tussen 2002 en 2016" in text
    assert "dichter bij de stad" not in text.split("Wat betekent dit niet?")[0]


def test_a_change_stands_with_its_margin(page: Get) -> None:
    assert re.search(r"[+−]\d,\d ± \d,\d", text_of(page("/programma/krachtwijken-2007/")))


def test_the_break_in_groningen_is_told_where_it_matters_only(page: Get) -> None:
    told = "In het Groningse aardbevingsgebied zijn de scores van 2014 tot en met 2018 te gunstig"
    assert told in page("/gebied/GM0014/")
    assert told not in page("/gebied/GM0361/")
    assert told in page("/programma/krachtwijken-2007/?onderwerp=lbm2-klasse")
    assert told not in page("/programma/krachtwijken-2007/?onderwerp=gez-eenzaam")
    assert told not in page("/programma/krachtwijken-2007/AW01/")


def test_every_table_can_be_scrolled_by_keyboard_and_has_a_name(page: Get) -> None:
    for address in PAGES:
        for box in re.findall(r'<div class="rol[^>]*>', page(address)):
            assert re.search(r'tabindex="0" role="group" aria-label="[^"]+"', box), address


@pytest.mark.slow
def test_areas_whose_outline_is_empty_are_named(page: Get) -> None:
    from krachtwijk.geography.boundaries import without_geometry

    empty = without_geometry()
    for language in ("nl", "en"):
        text = text_of(page("/methode/gebieden/", language=language))
        assert [code for _, _, code in empty if code not in text] == []
        assert str(len(empty)) in text


def test_focusgebieden_are_named_without_figures(page: Get) -> None:
    text = text_of(page("/programma/nplv-2022/"))
    assert "Van de 20 focusgebieden is de grens niet bekend: nog geen cijfers" in text
    assert "De grenzen van deze focusgebieden zijn niet gepubliceerd" in text
    assert "Leeuwarden-Oost" in text
    assert "De grens van dit gebied is niet gepubliceerd" in text_of(page("/programma/nplv-2022/NPLV01/"))


# --- files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "columns"),
    [
        ("/gebied/BU03610300/scores.csv", {"version", "period", "total", "edition", "rule", "run"}),
        ("/gebied/BU03610300/kerncijfers.csv", {"indicator", "period", "value", "status", "edition"}),
        (
            "/programma/krachtwijken-2007/gebieden.csv",
            {"area", "change", "noise", "verdict", "edition", "run"},
        ),
        ("/programma/krachtwijken-2007/telling.csv", {"share", "low", "high", "window", "edition"}),
        (
            "/programma/krachtwijken-2007/reeks.csv",
            {"kind", "unit", "period", "value", "coverage", "edition"},
        ),
    ],
)
def test_each_table_is_a_csv_with_its_editions(client: Client, address: str, columns: set[str]) -> None:
    response = client.get(address)
    found = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert columns <= set(found[0])
    assert all(row["edition"] for row in found)


def test_the_csv_holds_the_published_digits(page: Get, packaged: Path) -> None:
    published = next(
        r for r in rows(packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz") if r["id"] == "BU03610300"
    )
    (row,) = csv.DictReader(io.StringIO(page("/gebied/BU03610300/scores.csv")))
    assert float(row["total"]) == float(published["afw"])


# --- addresses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["/gebied/BU99999999/", "/gebied/onzin/", "/programma/onzin/", "/programma/krachtwijken-2007/AW99/",
     "/bronnen/onzin/", "/methode/onzin/", "/gebied/BU03610300/onzin.csv", "/onzin"],
)  # fmt: skip
def test_what_does_not_exist_is_a_plain_page_with_a_way_on(page: Get, address: str) -> None:
    found = page(address, status=404)
    assert "Deze pagina is er niet" in found
    assert 'name="q"' in found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("1813", "1813"),
        ("bu03610300", "BU03610300"),
        ("Oud-Overdie", "BU03610300"),
        ("sudwest-fryslan", "GM1900"),
    ],
)
def test_a_single_hit_goes_straight_to_its_page(client: Client, query: str, code: str) -> None:
    assert client.get("/gebied/", {"q": query}).headers["Location"] == f"/gebied/{code}/"


def test_a_code_in_small_letters_moves_to_its_own_address(client: Client) -> None:
    response = client.get("/gebied/bu03610300/")
    assert (response.status_code, response.headers["Location"]) == (301, "/gebied/BU03610300/")


# --- English --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES)
def test_no_dutch_sentence_is_left_on_an_english_page(page: Get, address: str) -> None:
    with Path("src/krachtwijk/web/locale/en/LC_MESSAGES/django.po").open("rb") as handle:
        catalogue = read_po(handle)
    sentences = [
        m.id
        for m in catalogue
        if isinstance(m.id, str) and len(m.id) > 14 and "%(" not in m.id and m.id != m.string
    ]
    assert len(sentences) > 80
    found = page(address, language="en")
    assert '<html lang="en">' in found
    assert [s for s in sentences if s in found] == []


def test_numbers_follow_the_language(page: Get) -> None:
    assert "−0,069" in page("/gebied/BU03610300/")
    assert "−0.069" in page("/gebied/BU03610300/", language="en")


def test_choosing_a_language_is_a_plain_form_that_goes_back_where_one_was(client: Client) -> None:
    response = client.post("/taal/", {"language": "en", "next": "/methode/"})
    assert response.headers["Location"] == "/methode/"
    assert "How the figures are made" in client.get("/methode/").content.decode()
    assert (
        client.post("/taal/", {"language": "en", "next": "https://elders.example/"}).headers["Location"]
        == "/"
    )


def test_every_method_page_is_there_in_both_languages_and_every_rule_has_one() -> None:
    assert [p.slug for p in methods.pages("nl")] == [p.slug for p in methods.pages("en")]
    told = {
        "leefbaarometer-2": ["Eigen optelling", "Eigen gewichten op de kaart"],
        "positie-1": ["De plaats tussen andere gebieden"],
        "outcome-2": ["Het oordeel", "De band om het verschil", "groepen"],
        "kerncijfers-4": ["Afronding"],
        "kaartklassen-1": ["Klassen op de kaart"],
        "buren-2": ["Buren"],
        "vergelijkbaar-2": ["Vergelijkbare gebieden"],
    }
    for rule, headings in told.items():
        found = methods.page(methods.of_rule(rule), "nl")
        assert found is not None
        assert all(re.search(rf"<h2[^>]*>[^<]*{heading}", found.html) for heading in headings), rule


# --- an installation without data, and one whose data change --------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/gebied/?q=overdie", "/gebied/BU03610300/", "/bronnen/",
                                     "/programma/", "/programma/krachtwijken-2007/",
                                     "/programma/krachtwijken-2007/AW01/"])  # fmt: skip
def test_an_empty_installation_says_what_to_do(
    built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    (tmp_path / "cache").symlink_to(
        built.home / "cache"
    )  # the register is made of packaged files: do not make it twice
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    response = Client().get(address)
    assert response.status_code == 200
    if address in {"/", "/bronnen/", "/programma/krachtwijken-2007/"}:
        assert "krachtwijk demo" in response.content.decode()


def test_a_page_is_not_sent_twice_until_a_run_changes_it(
    built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").symlink_to(built.home / "cache")
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    table = built.result("lbm3-buurt")
    assert table is not None
    rows = table.filter(area="BU03610300").collect()
    warehouse = Warehouse(tmp_path)
    warehouse.write_result(rows, ResultInfo("lbm3-buurt", "eerste", "leefbaarometer-1", (), 0))
    first = Client().get("/gebied/BU03610300/")
    tag = first.headers["ETag"]
    assert Client(headers={"if-none-match": tag}).get("/gebied/BU03610300/").status_code == 304
    changed = rows.with_columns(total=rows["total"] + 1)
    warehouse.write_result(changed, ResultInfo("lbm3-buurt", "tweede", "leefbaarometer-1", (), 0))
    second = Client(headers={"if-none-match": tag}).get("/gebied/BU03610300/")
    assert second.status_code == 200
    assert "+0,931" in second.content.decode()


def test_a_page_made_while_a_run_replaces_a_table_is_made_anew(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could hold figures from before the run beside figures from after it."""
    monkeypatch.setenv("KRACHTWIJK_HOME", str(warehouse.home))
    monkeypatch.setattr(caching, "_made", {})

    def replace() -> None:
        rows = pl.DataFrame({"area": ["A"], "period": ["2024"]})
        warehouse.write_result(rows, ResultInfo("lbm3-buurt", uuid.uuid4().hex, "leefbaarometer-1", (), 0))

    def asked(runs_meanwhile: int) -> tuple[list[bytes], int]:
        made = 0

        def view(request: HttpRequest) -> HttpResponse:
            nonlocal made
            made += 1
            if made <= runs_meanwhile:
                replace()
            return HttpResponse(str(made))

        page = caching.unchanged_between_runs(view)
        address = f"/{uuid.uuid4().hex}/"
        return [page(RequestFactory().get(address)).content for _ in range(2)], made

    assert asked(0) == ([b"1", b"1"], 1)
    assert asked(1) == ([b"2", b"2"], 2)
    # a run that goes on and on does not keep a reader waiting, and what they get is not kept
    assert asked(100) == ([b"3", b"6"], 6)


def test_an_area_stands_beside_its_city_with_and_without_the_programme_areas(
    page: Get, built: Warehouse
) -> None:
    found = text_of(page("/programma/krachtwijken-2007/AW01/"))
    assert "Alkmaar zonder aandachtswijken" in found
    series = built.result("outcome-krachtwijken-2007-reeks")
    assert series is not None
    rest = series.filter(
        (pl.col("kind") == "stad-zonder")
        & (pl.col("unit") == "GM0361")
        & (pl.col("indicator") == "lbm2-klasse")
        & (pl.col("period") == "2016")
    ).collect()["value"][0]
    assert f"{rest:.1f}".replace(".", ",") in found
