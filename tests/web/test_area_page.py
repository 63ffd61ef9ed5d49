# SPDX-License-Identifier: EUPL-1.2
"""The page of an area: what it tells of every level, in the order a screen reader meets it."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import score_version
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import selectors, wording, wording_area

Get = Callable[..., str]
LEVELS = ("NL", "PV27", "GM0363", "GM0361", "SD0363A", "WK036108", "BU03610300", "BU03630000", "1825", "9711",
          "E2303N5800")  # fmt: skip


def plain(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def summary(found: str) -> list[str]:
    section = re.search(r'<section class="kort".*?</section>', found, re.S)
    assert section is not None
    return [plain(p) for p in re.findall(r"<p>.*?</p>", section[0], re.S)]


def table(built: Warehouse, name: str) -> pl.DataFrame:
    found = built.result(name)
    assert found is not None
    return found.collect()


def buurt_with(built: Warehouse, *conditions: pl.Expr) -> str:
    found = table(built, "lbm3-buurt").filter(*conditions).sort("area")
    assert found.height, "no such buurt in the publication"
    return str(found["area"][0])


# --- the summary ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LEVELS)
def test_the_summary_stands_right_after_the_heading_and_is_short(page: Get, code: str) -> None:
    found = page(f"/gebied/{code}/")
    between = found.split("</h1>", 1)[1].split('<section class="kort"', 1)[0]
    assert plain(between) == ""
    told = summary(found)
    assert 2 <= len(told) <= 5
    assert all(sentence.endswith(".") for sentence in told)
    assert not [s for s in told if re.search(r"None|nan|%\(|<|  ", s)]


def test_the_summary_tells_class_parts_place_change_and_what_is_unknown(page: Get) -> None:
    told = summary(page("/gebied/BU03610300/"))
    assert told[0].startswith("In 2024 viel de score van Oud-Overdie in klasse 6 van de 9: ‘ruim voldoende’.")
    assert "Wat de score optilt: ‘voorzieningen’." in told[1]
    assert "Wat de score omlaag trekt: ‘sociale samenhang’ en ‘overlast en onveiligheid’." in told[1]
    assert re.search(
        r"hoger dan bij \d+ van de 100 buurten in Nederland en hoger dan bij \d+ van de \d+ andere", told[2]
    )
    assert "er is één meting" in told[3]
    assert "geen marge" in told[4]


def test_the_change_is_of_one_version_and_names_it(page: Get) -> None:
    told = [s for s in summary(page("/gebied/GM0361/")) if "tussen" in s]
    assert len(told) == 1
    assert "tussen 2002 en 2016" in told[0]
    assert "Leefbaarometer 2.0" in told[0]


# --- class and parts ------------------------------------------------------------------------------------------


def test_the_nine_classes_stand_in_order_with_the_area_and_the_country(page: Get) -> None:
    found = page("/gebied/BU03610300/")
    ladder = re.search(r'<ol class="trap.*?</ol>', found, re.S)
    assert ladder is not None
    steps = [plain(step) for step in re.findall(r"<li.*?</li>", ladder[0], re.S)]
    assert [step.split(" ")[0] for step in steps] == [str(n) for n in range(1, 10)]
    assert steps[2] == "3 onvoldoende"
    assert steps[3] == "4 zwak"
    assert steps[5] == "6 ruim voldoende Oud-Overdie en Nederland"


def test_a_class_9_total_with_a_low_part_is_explained_with_its_own_numbers(
    page: Get, built: Warehouse
) -> None:
    low = pl.min_horizontal("class_won", "class_fys", "class_vrz", "class_soc", "class_onv") <= 3
    code = buurt_with(built, pl.col("class_total") == 9, low)
    row = table(built, "lbm3-buurt").row(by_predicate=pl.col("area") == code, named=True)
    text = plain(page(f"/gebied/{code}/"))
    assert "Klasse 9, en toch laag op" in text
    lowest = min(row[d.id] for d in score_version("lbm3").dimensions)
    assert (
        f"{lowest:.3f}".replace("-", "−").replace(".", ",")
        in text.split("en toch laag op", 1)[1].split("Een hoog totaal")[0]
    )


def test_where_total_and_parts_point_one_way_nothing_needs_explaining(page: Get, built: Warehouse) -> None:
    lowest = pl.min_horizontal("class_won", "class_fys", "class_vrz", "class_soc", "class_onv")
    code = buurt_with(built, pl.col("class_total") >= 7, lowest >= 5)
    assert "en toch" not in plain(page(f"/gebied/{code}/"))


# --- the place among others -----------------------------------------------------------------------------------


def test_the_place_is_that_of_the_table_and_its_csv_names_edition_and_run(
    page: Get, built: Warehouse
) -> None:
    row = (
        table(built, "lbm3-positie-buurt")
        .filter(area="BU03610300", period="2024", measure="vrz")
        .row(0, named=True)
    )
    found = page("/gebied/BU03610300/")
    line = re.search(r"<tr[^>]*><th scope=\"row\">Voorzieningen</th><td>([^<]*)</td><td>([^<]*)</td>", found)
    assert line is not None
    assert line[1] == f"{row['percentile']:.0f} van de 100"
    assert line[2] == f"{row['lower_city']} van de {row['areas_city'] - 1} andere"
    given = list(csv.DictReader(io.StringIO(page("/gebied/BU03610300/?csv=plaats-lbm3"))))
    assert {r["measure"] for r in given} == {"total", "won", "fys", "vrz", "soc", "onv"}
    assert all(r["edition"] and r["run"] and r["rule"] == "positie-1" for r in given)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((50.0, 50, 101), "50 van de 100"),
        ((99.6, 12_100, 12_147), "meer dan 99 van de 100"),
        ((0.4, 40, 12_147), "minder dan 1 van de 100"),
        ((95.0, 11, 12), "alle 11 andere"),
        ((5.0, 0, 12), "geen van de 11 andere"),
        ((50.0, 5, 12), "5 van de 11 andere"),
        ((None, None, 4), "te weinig gebieden"),
    ],
)
def test_a_place_is_never_said_finer_than_it_is(
    place: tuple[float | None, int | None, int], said: str
) -> None:
    assert wording_area.outnumbered(*place) == said


# --- neighbours and peers -------------------------------------------------------------------------------------


def section(found: str, heading: str) -> str:
    return found.split(f">{heading}</h2>", 1)[1].split("<h2", 1)[0]


def test_neighbours_stand_by_name_never_by_score(page: Get) -> None:
    names = [
        plain(n)
        for n in re.findall(
            r'<th scope="row"><a[^>]*>(.*?)</a>', section(page("/gebied/GM0014/"), "De gemeenten ernaast")
        )
    ]
    assert names == sorted(names)
    assert {"Tynaarlo", "Westerkwartier", "Het Hogeland"} <= set(names)


def test_peers_lead_to_a_comparison_and_say_what_they_are_not(page: Get, built: Warehouse) -> None:
    found = section(page("/gebied/BU03610300/"), "Vergelijkbare buurten")
    codes = re.findall(r'<th scope="row"><a href="/gebied/(\w+)/"', found)
    alike = table(built, "vergelijkbaar").filter(area="BU03610300").sort("place")["peer"].to_list()
    assert codes == alike
    link = re.search(r'href="/vergelijk/\?([^"]*)"', found)
    assert link is not None
    assert re.findall(r"gebied=(\w+)", link[1]) == ["BU03610300", *alike[:5]]
    assert "Score, inkomen en herkomst tellen niet mee" in plain(found)


# --- fallback -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "level", "other"),
    [
        ("E2303N5800", "buurt", "Hoogkerk-Zuid"),
        ("BU03630000", "buurt", "Kop Zeedijk"),
        ("1825", "gemeente", "Alkmaar"),
    ],
)
def test_the_score_of_another_area_is_marked_as_that_areas(
    page: Get, code: str, level: str, other: str
) -> None:
    found = page(f"/gebied/{code}/")
    note = re.search(r'<div class="stand-in" role="note">.*?</div>', found, re.S)
    assert note is not None
    assert f"Dit is het cijfer van {level} {other} (Leefbaarometer 3.0), niet van {code} zelf." in plain(
        note[0]
    )
    assert re.search(r'<a href="/gebied/\w+/">', note[0])


def test_a_buurt_without_score_says_why_and_shows_its_wijk(page: Get, built: Warehouse) -> None:
    scored = set(table(built, "lbm3-buurt")["area"])
    wijken = set(table(built, "lbm3-wijk").filter(period="2024")["area"])
    counted = table(built, "kerncijfers").filter(level="buurt", indicator="inwoners", period="2024")
    code = next(
        c
        for c in counted.sort("value", "area", descending=[True, False])["area"]
        if c not in scored and f"WK{c[2:8]}" in wijken
    )
    found = page(f"/gebied/{code}/")
    told = summary(found)
    assert "geen score" in told[0]
    assert "Dat zegt niets over hoe het er is" in told[1]
    assert told[2].startswith("Het ligt in wijk ")
    assert f'href="/gebied/WK{code[2:8]}/"' in found.split('class="stand-in"', 1)[1].split("</div>")[0]


def test_an_area_with_a_score_of_the_newest_version_needs_no_other(page: Get) -> None:
    for code in ("BU03610300", "GM0361", "NL", "SD0363A"):
        assert "stand-in" not in page(f"/gebied/{code}/")


def test_a_postcode_lists_its_buurten_with_their_share(page: Get) -> None:
    found = section(page("/gebied/1813/"), "Buurten in dit postcodegebied")
    assert '<a href="/gebied/BU03610300/">Oud-Overdie</a>' in found
    assert re.search(r"Oud-Overdie \d+%", plain(found))


# --- the page as a whole --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LEVELS)
def test_a_page_weighs_under_100_kb_compressed(client: Client, code: str) -> None:
    text = client.get(f"/gebied/{code}/").content
    assert len(gzip.compress(text, 5)) < 50_000  # half of the weight that a page may have


@pytest.mark.parametrize("code", LEVELS)
def test_headings_never_skip_a_level_and_every_table_has_a_caption(page: Get, code: str) -> None:
    found = page(f"/gebied/{code}/").split("<main", 1)[1]
    levels = [int(n) for n in re.findall(r"<h([1-6])", found)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert found.count("<table") == found.count("<caption")
    ids = re.findall(r' id="([^"]+)"', found)
    assert len(ids) == len(set(ids))


def test_key_figures_are_folded_by_theme_and_still_there(page: Get) -> None:
    found = page("/gebied/BU03610300/")
    folded = re.findall(r'<details class="thema"><summary>.*?</details>', found, re.S)
    assert len(folded) >= 3
    assert all("<table" in part and re.search(r"\(\d+ cijfers?\)", plain(part)) for part in folded)


def test_the_way_on_leads_to_map_comparison_explorer_and_sheet(page: Get) -> None:
    nav = re.search(r'<nav class="doen.*?</nav>', page("/gebied/BU03610300/"), re.S)
    assert nav is not None
    assert re.findall(r'href="([^"]+)"', nav[0]) == [
        "/kaart/?gemeente=GM0361",
        "/vergelijk/?gebied=BU03610300&amp;gebied=GM0361",
        "/verkenner/?gebied=BU03610300",
        "/gebied/BU03610300/blad.pdf",
    ]


def test_where_the_new_tables_were_never_made_the_page_still_answers(
    built: Warehouse,
    tmp_path,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    (tmp_path / "cache").symlink_to(built.home / "cache")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "lbm3-buurt").symlink_to(built.home / "results" / "lbm3-buurt")
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    found = Client().get("/gebied/BU03610300/").content.decode()
    assert "klasse 6 van 9" in plain(found)
    for heading in ("ernaast", "Vergelijkbare", "De plaats tussen", "Wie wonen hier"):
        assert heading not in found


def test_standings_hold_one_period_of_one_version(built: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))
    scores = table(built, "lbm2-wijk").filter(period="2016")
    held = selectors.standings("lbm2", "wijk", "2016")
    assert {c: r["class_total"] for c, r in held.items()} == dict(
        scores.select("area", "class_total").iter_rows()
    )


def test_fewer_than_ten_people_are_not_counted_in_words(page: Get) -> None:
    cell = selectors.Area(code="E2303N5800", level="cel100m", name="E2303N5800")
    assert "woonden minder dan 10 mensen" in wording_area.inhabitants(cell, 7.0, "2023")
    assert not re.search(r"woonden \d mensen", plain(page("/gebied/E2303N5800/")))


@pytest.mark.parametrize(("total", "said"), [(-0.009, "ongeveer gelijk"), (-0.011, "lager"), (0.02, "hoger")])
def test_without_a_class_a_difference_that_hardly_is_one_is_no_difference(total: float, said: str) -> None:
    assert wording.compared(None, total).startswith(said)


def test_a_square_knows_its_gemeente(page: Get) -> None:
    assert 'href="/kaart/?gemeente=GM0014"' in page("/gebied/E2303N5800/")


# --- the map --------------------------------------------------------------------------------------------------


def test_a_wijk_is_outlined_among_the_buurten_with_the_class_each_has_on_its_own_page(
    page: Get, map_home: Path, built: Warehouse
) -> None:
    found = page("/gebied/WK036103/")
    svg = found.split('id="gebiedskaart"', 1)[1].split("</svg>", 1)[0]
    classes = dict(
        table(built, "lbm3-buurt")
        .filter(pl.col("period") == "2024")
        .select("area", "class_total")
        .iter_rows()
    )
    drawn = re.findall(
        r'data-code="(BU\d+)" data-x="\d+" data-y="\d+"><title>[^<]*</title><path class="vlak (\w+)', svg
    )
    assert len(drawn) > 10
    for code, look in drawn:
        assert look == (f"k{classes[code]}" if classes.get(code) else "geen"), code
    below, above = svg.split('<path class="omtrek"', 1)
    assert re.findall(r'data-code="BU036103', below) == []
    assert set(re.findall(r'data-code="(BU\d{6})', above)) == {"BU036103"}
    assert "De lijn loopt om Overdie." in plain(found)


def test_a_gemeente_is_drawn_whole_and_without_a_line(page: Get, map_home: Path) -> None:
    found = page("/gebied/GM0361/")
    assert found.count('data-code="BU0361') == 60 + found.count('class="vlak geen"')
    assert "omtrek" not in found


@pytest.mark.parametrize("code", ["NL", "E2303N5800"])
def test_what_has_no_outline_of_its_own_has_no_map(page: Get, map_home: Path, code: str) -> None:
    assert "gebiedskaart" not in page(f"/gebied/{code}/")
