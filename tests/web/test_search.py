# SPDX-License-Identifier: EUPL-1.2
"""Search (issue item 4): real names as people type them, and what the page and the suggestions do with the answer."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import selectors
from krachtwijk.web.apps.publication.selectors import Hit

Get = Callable[..., str]

#: What someone types, and the area they mean. Exact names, everyday names, spelling, order, codes, postcodes.
MEANT = {
    "den haag": "GM0518",
    "Den Haag": "GM0518",
    "DENHAAG": "GM0518",
    "'s-Gravenhage": "GM0518",
    "s gravenhage": "GM0518",
    "gravenhage": "GM0518",
    "the hague": "GM0518",
    "den bosch": "GM0796",
    "s-hertogenbosch": "GM0796",
    "shertogenbosch": "GM0796",
    "hertogenbosch": "GM0796",
    "ijsselstein": "GM0353",
    "Ĳsselstein": "GM0353",
    "ysselstein": "GM0353",
    "ijselstein": "GM0353",
    "sint-oedenrode": "WK194803",  # today a wijk of Meierijstad; the gemeente is of the past
    "st. oedenrode": "WK194803",
    "sintoedenrode": "WK194803",
    "gemeente sint oedenrode": "GM0846",
    "súdwest-fryslân": "GM1900",
    "sudwest fryslan": "GM1900",
    "zuidwest friesland": "GM1900",
    "noardeast fryslan": "GM1970",
    "malburgen/immerloo": "AW11",
    "malburgen": "AW11",
    "immerloo": "AW11",
    "malburgen west": "WK020216",
    "overdie": "WK036103",
    "overdie alkmaar": "WK036103",
    "Alkmaar, Overdie": "WK036103",
    "overdie alkmar": "WK036103",
    "overdei": "WK036103",
    "heechterp-schieringen": "WK008050",
    "heechterp en schieringen": "WK008050",
    "kanaleneiland utrecht": "AW36",
    "kanalen eiland": "AW36",
    "kanaleneilnad": "AW36",
    "kanaleneiland oosterhout": "BU08260201",
    "schilderswijk den haag": "WK051829",
    "Schilderswyk": "WK051829",
    "schildersbuurt den haag": "WK051829",
    "capelle a/d ijssel": "GM0502",
    "capelle aan den ijsel": "GM0502",
    "krimpen ad ijssel": "GM0542",
    "alphen a/d rijn": "GM0484",
    "bergen nh": "GM0373",
    "bergen limburg": "GM0893",
    "bergen op zoom": "GM0748",
    "utrecht": "GM0344",
    "provincie utrecht": "PV26",
    "noord-holland": "PV27",
    "utr": "GM0344",
    "amsterdam noord": "SD0363N",
    "amsterdam zuidoost": "SD0363T",
    "bijlmer": "SD0363T",
    "bos en lommer": "AW05",
    "klarendal arnhem": "WK020207",
    "poelenburg zaanstad": "WK047912",
    "velve lindenhof": "AW21",
    "woensel west": "AW18",
    "vreewyk": "AW33",
    "meezenbroek": "AW24",
    "roterdam": "GM0599",
    "amsterdm": "GM0363",
    "nijmgen": "GM0268",
    "leeuwaarden": "GM0080",
    "maastrigt": "GM0935",
    "leidshendam": "GM1916",
    "gooische meren": "GM1942",
    "wijk bij duurstede": "GM0352",
    "hendrik ido ambacht": "GM0531",
    "ettenleur": "GM0777",
    "ede": "GM0228",
    "nederland": "NL",
    "1825": "1825",
    "1825 AB": "1825",
    "1825ab": "1825",
    "1825 AB 12": "1825",
    "1011 amsterdam": "1011",
    "BU03610300": "BU03610300",
    "bu3610300": "BU03610300",
    "3610300": "BU03610300",
    "wk 036103": "WK036103",
    "36103": "WK036103",
    "GM0361": "GM0361",
    "gm361": "GM0361",
    "0361": "GM0361",
}


@pytest.fixture
def site(built: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))


def code_of(hit: Hit) -> str:
    return hit.area.code if hit.area else hit.programme_area.id if hit.programme_area else ""


@pytest.mark.usefixtures("site")
def test_the_first_hit_is_what_people_mean() -> None:
    wrong = []
    for typed, meant in MEANT.items():
        found = selectors.search(typed, limit=3)
        first = next(iter([*found.hits, *found.similar]), None)
        if first is None or code_of(first) != meant:
            wrong.append((typed, meant, [code_of(h) for h in (*found.hits, *found.similar)]))
    assert wrong == []


@pytest.mark.usefixtures("site")
def test_every_name_of_today_finds_its_area() -> None:
    """Each hundredth area, by its name and gemeente: a census instead of examples."""
    frame = selectors.search("NL").hits[0]
    assert frame.area is not None
    missed = []
    for gemeente in selectors.parts_of(frame.area)[::20]:
        for wijk in selectors.parts_of(gemeente):
            found = selectors.search(f"{wijk.name} {gemeente.name}", limit=500)
            if wijk.code not in {code_of(h) for h in found.hits}:
                missed.append((wijk.code, wijk.name, gemeente.name))
    assert missed == []


@pytest.mark.usefixtures("site")
def test_todays_areas_stand_before_earlier_ones_and_an_old_name_leads_on() -> None:
    hits = selectors.search("sint-oedenrode").hits
    exact = [h for h in hits if h.area and h.area.name in {"Sint-Oedenrode", "Wijk 00 Sint-Oedenrode"}]
    assert [h.old for h in exact] == sorted(h.old for h in exact)
    old = next(h for h in selectors.search("korrewegwijk").hits if code_of(h) == "WK001403")
    assert (old.name, old.other_name, old.old) == ("Oud-Noord", "Wijk 03 Korrewegwijk", True)


@pytest.mark.usefixtures("site")
def test_only_the_kinds_asked_for() -> None:
    found = selectors.search("overdie", levels={"buurt"})
    assert found.count >= 3
    assert {h.kind for h in found.hits} == {"buurt"}
    assert selectors.search("1825 AB", levels={"gemeente"}).hits == ()


@pytest.mark.usefixtures("site")
def test_a_whole_postcode_gives_its_buurten_and_says_what_is_done_with_the_letters() -> None:
    found = selectors.search("1825 ab")
    assert (found.postcode, found.letters) == ("1825", "AB")
    assert [code_of(h) for h in found.hits] == ["1825", "BU03610600", "BU03610601", "BU03610604"]


@pytest.mark.usefixtures("site")
@settings(max_examples=60)
@given(st.text(max_size=30))
def test_no_question_breaks_anything(typed: str) -> None:
    found = selectors.search(typed, limit=5)
    assert len(found.hits) == min(found.count, 5)
    selectors.loosely(typed)
    selectors.nearest(typed)


# --- the page -------------------------------------------------------------------------------------------------


def test_one_hit_goes_straight_to_its_page(client: Client) -> None:
    assert client.get("/gebied/?q=GM0361").headers["Location"] == "/gebied/GM0361/"
    assert client.get("/gebied/?q=1825").headers["Location"] == "/gebied/1825/"
    assert client.get("/gebied/?q=malburgen+immerloo").headers["Location"] == (
        "/programma/krachtwijken-2007/AW11/"
    )


def test_a_guess_is_shown_and_never_followed(client: Client) -> None:
    response = client.get("/gebied/?q=maastrigt")
    assert response.status_code == 200
    text = response.content.decode()
    assert "Bedoelde u" in text
    assert "/gebied/GM0935/" in text


def test_the_letters_of_a_postcode_are_explained_and_the_page_is_one_step_away(page: Get) -> None:
    text = page("/gebied/?q=1825+AB")
    assert "De letters AB gebruiken wij niet" in text
    assert 'href="/gebied/1825/"' in text
    assert 'href="/gebied/BU03610600/"' in text


def test_nothing_found_helps_on_with_part_of_the_words(page: Get) -> None:
    text = page("/gebied/?q=xyzzy+alkmaar")
    assert "Geen gebied gevonden" in text
    assert "/gebied/GM0361/" in text


def test_many_hits_stand_under_their_kind(page: Get) -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page("/gebied/?q=centrum"))
    assert headings[:3] == ["Stadsdelen", "Wijken", "Buurten"]


# --- suggestions ----------------------------------------------------------------------------------------------


def test_suggestions_say_what_where_and_how_many(client: Client) -> None:
    found = client.get("/gebied/suggesties/?q=overdie").json()
    first = found["gebieden"][0]
    assert (first["naam"], first["code"], first["soort"], first["waar"]) == (
        "Overdie",
        "WK036103",
        "Wijk",
        "Alkmaar",
    )
    assert len(found["gebieden"]) <= 8
    assert found["aantal"] == f"{len(found['gebieden'])} suggesties"
    for one in found["gebieden"]:
        assert client.get(one["adres"]).status_code == 200, one["adres"]


def test_suggestions_follow_the_language_of_the_address(client: Client) -> None:
    assert client.get("/gebied/suggesties/?q=&taal=en").headers["Content-Language"] == "en"


def test_suggestions_of_some_kinds_only(client: Client) -> None:
    found = client.get("/gebied/suggesties/?q=overdie&soort=buurt").json()
    assert {one["soort"] for one in found["gebieden"]} == {"Buurt"}
    assert client.get("/gebied/suggesties/?q=1825+AB&soort=gemeente").json()["gebieden"] == []
