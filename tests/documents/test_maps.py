# SPDX-License-Identifier: EUPL-1.2
"""Maps as SVG: named, linked, coloured by class name only, and honest about what is missing."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.documents.maps import MapArea, MapName, MapOutline, MapRing, areas_map

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = "M0 0l10 0 0 10-10 0z"


def drawn(*areas: MapArea, **more: object) -> ET.Element:
    return ET.fromstring(areas_map("k", (100, 80), areas, title="Kaart <1>", desc="d & e", **more))  # type: ignore[arg-type]


def test_a_map_of_links_is_a_group_and_a_map_without_is_a_picture() -> None:
    assert drawn(MapArea("A", "Aa", SQUARE, 3, "laag", "/gebied/A/")).get("role") == "group"
    assert drawn(MapArea("A", "Aa", SQUARE, 3, "laag")).get("role") == "img"


def test_every_area_is_named_with_the_words_of_its_class() -> None:
    root = drawn(MapArea("A", "Aa", SQUARE, 3, "iets lager", "/gebied/A/"), MapArea("B", "Bé & co", SQUARE))
    assert [t.text for t in root.iter(SVG + "title")] == ["Kaart <1>", "Aa: iets lager", "Bé & co"]
    [link] = root.iter(SVG + "a")
    assert link.get("href") == "/gebied/A/"


def test_looks_are_class_names_missing_is_hatched_and_secret_is_not() -> None:
    root = drawn(
        MapArea("A", "Aa", SQUARE, 3),
        MapArea("B", "Bb", SQUARE, absence="geen"),
        MapArea("C", "Cc", SQUARE, absence="geheim"),
        outlines=[MapOutline(SQUARE), MapOutline(SQUARE, "rand", ground=True)],
        rings=[MapRing(3, 4)],
        names=[MapName("Stad", 5, 6)],
    )
    looks = {
        p.get("data-code"): p.get("class", "").split() for p in root.iter(SVG + "path") if p.get("data-code")
    }
    assert looks == {"A": ["vlak", "k3"], "B": ["vlak", "geen"], "C": ["vlak", "geheim"]}
    fills = {
        p.get("data-code") or p.get("class"): p.get("fill") for p in root.iter(SVG + "path") if p.get("fill")
    }
    assert fills == {"B": "url(#k-arcering)", "vlak geen grond": "url(#k-arcering)"}
    assert root.find(f".//{SVG}pattern[@id='k-arcering']") is not None
    assert not any(e.get("style") or e.get("onclick") for e in root.iter())


printable = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1)


@given(printable, printable)
def test_names_and_words_cannot_break_out(name: str, label: str) -> None:
    root = drawn(MapArea(name, name, SQUARE, 1, label, name), names=[MapName(name, 1, 1)], kind=name)
    assert len(list(root.iter(SVG + "a"))) == 1
    assert [t.text or "" for t in root.iter(SVG + "text")] == [name]
