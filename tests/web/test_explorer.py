# SPDX-License-Identifier: EUPL-1.2
"""G27: areas, indicators and years of any kind side by side; the address is the state."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable
from urllib.parse import urlencode
from xml.etree import ElementTree

import polars as pl
import pytest
from django.http import QueryDict
from django.test import Client
from django.test.utils import override_settings
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.documents import charts
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import explorer_state as states
from krachtwijk.web.apps.publication.selectors import explorer as data

Get = Callable[..., str]

OVERDIE = "gebied=WK036103&gebied=GM0361&onderwerp=lbm2-klasse"
GRONINGEN = "alle=buurten-GM0014&onderwerp=lbm3-soc&tegen=lbm3-onv"
GAPS = "alle=programma-krachtwijken-2007&onderwerp=verschil-lbm2-klasse"
WORDS = ("WK036103", "GM0361", "krachtwijken-2007/AW01", "wijken-GM0361", "inwoners", "lbm2-klasse")
WORDS += ("verschil-lbm2-klasse", "2008", "2016", "lijn", "kaart", "1", "", "x/y", "/", "٣٤٥٦")
SVG = "{http://www.w3.org/2000/svg}"


def keys(page: str, shape: str) -> set[str]:
    """The areas that a kind of element stands for."""
    return set(re.findall(rf'<{shape}[^>]* data-gebied="([^"]+)"', page))


def rows_of(client: Client, query: str) -> list[dict[str, str]]:
    response = client.get(f"/verkenner/figuur.csv?{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode())))


# --- what is shown --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        OVERDIE,
        f"{OVERDIE}&beeld=lijn&beeld=panelen&beeld=tabel&van=2008&tot=2014",
        f"{GRONINGEN}&beeld=spreiding",
        f"{GAPS}&beeld=lijn&beeld=panelen",
        "alle=wijken-GM1680&onderwerp=misdrijven",
        "gebied=BU03610300&onderwerp=inwoners&tegen=lbm3-afw&beeld=spreiding",
        "gebied=krachtwijken-2007/AW01&gebied=1813&onderwerp=lbm2-klasse&alleen=1",
        "gebied=WK036103",
        "onderwerp=inwoners",
    ],
)
def test_every_kind_of_question_gets_a_page_without_inline_style(page: Get, query: str) -> None:
    found = page(f"/verkenner/?{query}")
    assert found.count("<h1") == 1
    assert " style=" not in found
    assert "None" not in re.sub(r"<[^>]+>", " ", found.split("<main", 1)[1])


def test_every_ready_example_shows_a_figure(page: Get) -> None:
    links = re.findall(r'<li><a href="\?([^"]+)">', page("/verkenner/"))
    assert len(links) == 4
    for link in links:
        assert 'class="figuur verkend' in page(f"/verkenner/?{html.unescape(link)}")


def test_line_and_table_show_the_same_areas_and_the_published_classes(page: Get, built: Warehouse) -> None:
    found = page(f"/verkenner/?{OVERDIE}&beeld=lijn")
    assert keys(found, "g") == keys(found, "tr") == {"WK036103", "GM0361"}
    table = built.result("lbm2-wijk").filter(pl.col("area") == "WK036103").sort("period").collect()
    row = re.search(r'<tr data-gebied="WK036103">.*?</tr>', found, re.S)
    assert row is not None
    cells = re.findall(r'<td class="getal">([^<]+)</td>', row[0])
    assert cells == [str(c) for c in table["class_total"]]


def test_city_and_country_stand_beside_an_area_unless_the_reader_wants_it_alone(page: Get) -> None:
    query = "gebied=WK036103&onderwerp=lbm2-klasse"
    assert "GM0361" in keys(page(f"/verkenner/?{query}&beeld=lijn"), "g")
    assert keys(page(f"/verkenner/?{query}&beeld=lijn&alleen=1"), "g") == {"WK036103"}


def test_a_count_has_no_city_beside_it(built: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))
    overdie = data.place("WK036103")
    assert overdie is not None
    assert data.context([overdie], data.measures()["inwoners"]) == []
    beside = data.context([overdie], data.measures()["lbm2-klasse"])
    assert [p.key for p in beside] == ["GM0361", "NL"]


def test_a_set_has_every_area_with_figures_and_a_scatter_has_one_level(page: Get, built: Warehouse) -> None:
    found = page(f"/verkenner/?{GRONINGEN}&gebied=GM0014&gebied=GM0361&beeld=spreiding")
    scored = built.result("lbm3-buurt").filter(pl.col("area").str.starts_with("BU0014")).collect()
    assert keys(found, "g") == set(scored["area"])
    assert "Weggelaten: 2 van een andere soort" in html.unescape(found)


def test_a_gap_is_drawn_with_its_interval(page: Get, built: Warehouse) -> None:
    found = page("/verkenner/?gebied=krachtwijken-2007/AW01&onderwerp=verschil-lbm2-klasse&beeld=lijn")
    assert '<polygon class="band' in found
    table = built.result("outcome-krachtwijken-2007-verschil").collect()
    known = table.filter(pl.col("low").is_not_null())
    assert known.height > 500
    assert ((known["low"] < known["gap"]) & (known["gap"] < known["high"])).all()
    assert (table["gap"] - (table["value"] - table["city"])).abs().max() < 1e-12


def test_years_bound_every_view(client: Client) -> None:
    rows = rows_of(client, f"{OVERDIE}&van=2008&tot=2014")
    assert {r["period"] for r in rows} == {"2008", "2012", "2014"}


def test_no_measure_joins_two_versions_of_the_leefbaarometer(
    built: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))
    overdie = data.place("WK036103")
    assert overdie is not None
    for name in ("lbm2-klasse", "lbm3-kscore", "lbm3-afw"):
        rows = data.observations(data.measures()[name], [overdie])
        assert rows
        editions = {edition for row in rows for edition in row["edition"].split()}
        assert {e[:4] for e in editions if e.startswith("lbm")} == {name[:4]}


def test_what_is_offered_has_figures_for_these_areas(page: Get) -> None:
    found = page("/verkenner/?gebied=BU03610300")
    offered = re.findall(
        r'<option value="([a-z0-9-]+)">', found.split('id="tegen"')[0].split('id="onderwerp"')[1]
    )
    assert len(offered) > 50
    assert not any(name.startswith("lbm2-") for name in offered)  # version 2 has no buurten
    for name in offered[::9]:
        assert 'class="figuur verkend' in page(f"/verkenner/?gebied=BU03610300&onderwerp={name}")


def test_a_figure_that_is_secret_says_why_and_shows_no_number(
    page: Get, client: Client, built: Warehouse
) -> None:
    secret = (
        built.result("kerncijfers")
        .filter((pl.col("status").cast(pl.String) == "secret") & (pl.col("level").cast(pl.String) == "buurt"))
        .head(1)
        .collect()
        .to_dicts()[0]
    )
    query = f"gebied={secret['area']}&onderwerp={secret['indicator']}&alleen=1"
    found = html.unescape(page(f"/verkenner/?{query}"))
    assert '<td class="geheim">geheim: te weinig mensen</td>' in found
    points = json.loads(client.get(f"/verkenner/figuur.json?{query}").content)["series"][0]["points"]
    hidden = [p for p in points if p["status"] == "secret"]
    assert hidden
    assert all(p["value"] is None and p["reason"] for p in hidden)


# --- the address ----------------------------------------------------------------------------------------------


def test_typing_an_area_leads_to_an_address_that_holds_it(client: Client) -> None:
    response = client.get("/verkenner/?onderwerp=inwoners&tegen=&van=&erbij=GM0361")
    assert response.status_code == 302
    assert response.headers["Location"] == "/verkenner/?gebied=GM0361&onderwerp=inwoners"


def test_a_name_of_several_areas_asks_which(page: Get) -> None:
    found = page("/verkenner/?erbij=centrum")
    assert "Welk gebied bedoelt u" in found
    assert len(re.findall(r'<li><a href="\?gebied=', found)) > 3


def test_a_set_is_added_by_the_name_of_its_gemeente(client: Client) -> None:
    response = client.get("/verkenner/?soort=wijken&stad=alkmaar")
    assert response.headers["Location"] == "/verkenner/?alle=wijken-GM0361"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("erbij=qqqqzzzz", "Geen gebied gevonden"),
        ("soort=wijken&stad=qqqqzzzz", "Geen gemeente gevonden"),
        ("soort=onzin&stad=x", "Kies eerst"),
        ("gebied=BU99999999", "kennen wij niet"),
        ("gebied=krachtwijken-2007/AW99", "kennen wij niet"),
        ("alle=wijken-BU03610300", "kennen wij niet"),
        ("onderwerp=onzin", "kennen wij niet"),
        (f"{OVERDIE}&van=altijd", "is geen jaar"),
        (f"{OVERDIE}&van=2014&tot=2008", "omgedraaid"),
        (f"{OVERDIE}&beeld=onzin", "Dit beeld kennen wij niet"),
        (f"{OVERDIE}&van=2030", "geen cijfers"),
        (f"{OVERDIE}&beeld=spreiding", "Kies een tweede onderwerp"),
        (
            "gebied=WK036103&onderwerp=lbm2-klasse&tegen=inwoners&beeld=spreiding",
            "tegen elkaar|geen jaar|In 2",
        ),
        ("&".join(f"gebied=BU036103{n:02}" for n in range(40)), "kennen wij niet"),
        ("gebied=%00%ff&erbij=%E2%80%8B", ""),
    ],
)
def test_nonsense_in_an_address_gets_a_sentence_and_never_an_error(page: Get, query: str, told: str) -> None:
    assert re.search(told, html.unescape(page(f"/verkenner/?{query}")))


def test_at_most_twelve_areas_are_chosen_one_by_one(page: Get) -> None:
    query = urlencode([("gebied", code) for code in [f"18{n:02}" for n in range(10, 28)]])
    found = page(f"/verkenner/?{query}&onderwerp=lbm2-klasse&erbij=overdie")
    assert found.count('<input type="hidden" name="gebied"') == states.AREAS_AT_MOST
    assert "U hebt al 12 gebieden" in found


@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(
                ["gebied", "alle", "onderwerp", "tegen", "van", "tot", "jaar", "beeld", "alleen"]
            ),
            st.sampled_from(WORDS),
        ),
        max_size=9,
    )
)
def test_a_state_written_as_an_address_reads_back_as_itself(
    built: Warehouse, pairs: list[tuple[str, str]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KRACHTWIJK_HOME", str(built.home))
        state = states.read(QueryDict(urlencode(pairs)))
        again = states.read(QueryDict(state.query()))
        assert again == state
        assert again.query() == state.query()
        assert not again.told


# --- taking along ---------------------------------------------------------------------------------------------


def test_csv_and_json_hold_the_same_figures_with_edition_rule_and_run(client: Client) -> None:
    query = "gebied=krachtwijken-2007/AW01&onderwerp=verschil-lbm2-klasse&tegen=lbm2-klasse"
    rows = rows_of(client, query)
    made = json.loads(client.get(f"/verkenner/figuur.json?{query}").content)
    points = {(s["area"], s["indicator"], str(p["year"])): p for s in made["series"] for p in s["points"]}
    assert len(rows) == len(points) > 5
    for row in rows:
        point = points[row["area"], row["indicator"], row["period"]]
        assert float(row["value"]) == point["value"]
        assert (row["edition"], row["rule"], row["run"]) == (point["edition"], point["rule"], point["run"])
        assert row["edition"]
    assert {r["indicator"] for r in rows if r["low"]} == {"verschil-lbm2-klasse"}
    assert made["sources"][0]["editions"][0]["licence"] is not None


@pytest.mark.parametrize("query", [OVERDIE, f"{GRONINGEN}&beeld=spreiding", GAPS])
def test_the_svg_stands_on_its_own(client: Client, query: str) -> None:
    response = client.get(f"/verkenner/figuur.svg?{query}")
    assert response.headers["Content-Disposition"].startswith("attachment")
    root = ElementTree.fromstring(response.content)
    style = root.findtext(f"{SVG}style") or ""
    assert "var(" not in style
    assert "@" not in style
    assert "#1b4f7a" in style
    # every class of its parts that the site's sheet of charts describes is described in the file too
    assert ".grafiek .raster" in style
    words = " ".join(t.text or "" for t in root.iter(f"{SVG}text"))
    assert "Bron:" in words
    assert "editie" in words
    assert "/verkenner/?" in words
    assert root.findtext(f"{SVG}title")


def test_a_figure_of_the_page_gives_its_rows_by_the_address_of_the_page(client: Client) -> None:
    response = client.get(f"/verkenner/?{OVERDIE}&beeld=lijn&csv=lijn-1")
    assert response.headers["Content-Type"].startswith("text/csv")
    assert {r["area"] for r in csv.DictReader(io.StringIO(response.content.decode()))} == {
        "WK036103",
        "GM0361",
    }
    assert client.get(f"/verkenner/?{OVERDIE}&csv=onzin").status_code == 404


@pytest.mark.parametrize("kind", ["svg", "csv", "json"])
def test_a_file_of_nothing_is_not_found(client: Client, kind: str) -> None:
    assert client.get(f"/verkenner/figuur.{kind}?gebied=WK036103").status_code == 404
    assert client.get(f"/verkenner/figuur.{kind}?gebied=WK036103&onderwerp=onzin").status_code == 404


# --- in a frame -----------------------------------------------------------------------------------------------


@override_settings(DEBUG=False)
def test_only_the_embedded_page_may_be_framed_also_when_kept_or_unchanged(client: Client) -> None:
    address = f"/verkenner/inbedden/?{OVERDIE}"
    first = client.get(address)
    again = client.get(address)  # out of the pages kept
    unchanged = client.get(address, headers={"if-none-match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    for response in (first, again, unchanged):
        assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in response.headers
    other = client.get(f"/verkenner/?{OVERDIE}")
    assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]
    assert other.headers["X-Frame-Options"] == "DENY"


def test_the_embedded_page_has_title_source_and_link_and_speaks_the_language_asked(page: Get) -> None:
    found = page(f"/verkenner/inbedden/?{OVERDIE}&taal=en")
    assert '<html lang="en">' in found
    assert "Liveability" in found
    assert "<nav" not in found
    assert "/verkenner/?gebied=WK036103&amp;gebied=GM0361" in found
    assert '<html lang="nl">' in page(f"/verkenner/inbedden/?{OVERDIE}&taal=xx")
    assert '<html lang="nl">' in page("/verkenner/inbedden/")


def test_the_code_to_embed_leads_to_the_embedded_page(page: Get) -> None:
    found = page(f"/verkenner/?{OVERDIE}")
    code = html.unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", found, re.S)[1])  # type: ignore[index]
    frame = ElementTree.fromstring(code)
    address = frame.attrib["src"].partition("//")[2].partition("/")[2]
    assert "Overdie" in page(f"/{address}")
    assert "Overdie" in frame.attrib["title"]


# --- drawing --------------------------------------------------------------------------------------------------


@given(
    values=st.lists(
        st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=6), min_size=1, max_size=30
    )
)
def test_a_drawing_of_courses_is_well_formed_and_names_every_area(values: list[list[float | None]]) -> None:
    lines = [
        charts.Course(
            f"A{n}", f"<Wijk> & {n}", tuple(charts.Point(2000 + y, v) for y, v in enumerate(points))
        )
        for n, points in enumerate(values)
    ]
    years = list(range(2000, 2000 + max(map(len, values))))
    root = ElementTree.fromstring(
        charts.courses("x", lines, title="t", desc="d", form=lambda v: f"{v:g}", years=years)
    )
    groups = {g.attrib["data-gebied"]: g for g in root.iter(f"{SVG}g")}
    assert set(groups) == {line.key for line in lines}
    assert all((g.findtext(f"{SVG}title") or "").startswith("<Wijk> & ") for g in groups.values())
    named = {t.text for t in root.iter(f"{SVG}text")}
    held = [n for n, points in enumerate(values) if any(v is not None for v in points)]
    if len(values) <= charts.NAMED_AT_MOST:
        assert {f"<Wijk> & {n}" for n in held} <= named
    else:
        assert not {f"<Wijk> & {n}" for n in held} & named


@given(
    spots=st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1, max_size=40),
)
def test_every_dot_of_a_scatter_lies_within_its_axes(spots: list[tuple[float, float]]) -> None:
    axis = charts.Axis("as", lambda v: f"{v:g}")
    root = ElementTree.fromstring(
        charts.scatter(
            "x",
            [charts.Spot(f"A{n}", f"Wijk {n}", x, y) for n, (x, y) in enumerate(spots)],
            title="t",
            desc="d",
            across=axis,
            up=axis,
        )
    )
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == len(spots)
    for circle in circles:
        assert 48 <= float(circle.attrib["cx"]) <= 386
        assert 24 <= float(circle.attrib["cy"]) <= 284
