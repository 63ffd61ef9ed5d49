# SPDX-License-Identifier: EUPL-1.2
"""Documents on paper: tagged, titled, with a text for every picture, and the same bytes every time."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest

from krachtwijk.documents import charts, paper, pictures
from krachtwijk.documents.blocks import Block, Columns, Document, Heading, Link, Picture, Table, Text
from krachtwijk.errors import KrachtwijkError

RULES = (
    ".grafiek { font: 13px var(--letter); } .k3 { fill: var(--klasse-3); } "
    "@media print { .grafiek { width: 9cm; } }"
)
COLOURS = {"--klasse-3": "#dc935a", "--kleur-tekst": "#1a1d20"}


def picture(alt: str = "Woningen −0,1; veiligheid +0,2") -> Picture:
    bars = [charts.Bar("Woningen", -0.1, 3), charts.Bar("Veiligheid", 0.2, 8)]
    svg = charts.bars("b", bars, title="Bijdragen", desc=alt, form=str)
    return Picture(pictures.standalone(svg, RULES, COLOURS, paper.FONT), alt)


def document(*blocks: Block, language: str = "nl") -> Document:
    return Document(
        "Een bevinding in woorden", language, datetime.date(2026, 11, 21), blocks, below="Krachtwijk"
    )


def elements(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Every element of the structure tree."""

    def walk(node: Any) -> Iterator[pikepdf.Dictionary]:
        if isinstance(node, pikepdf.Array):
            for part in node:
                yield from walk(part)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield node
            if "/K" in node:
                yield from walk(node.K)

    yield from walk(pdf.Root.StructTreeRoot.K)


def opened(made: Document) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(paper.pdf(made)))


def test_a_pdf_is_tagged_and_says_its_title_and_language() -> None:
    pdf = opened(document(Text("Tekst"), language="en"))
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang).startswith("en")
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Een bevinding in woorden"
        assert metadata["pdfuaid:part"] == "1"


def test_every_picture_says_what_it_shows_and_a_table_has_header_cells() -> None:
    pdf = opened(
        document(
            Heading("Deel"),
            Columns((picture(),), (Table(("Onderdeel", "Waarde"), (("Woningen", "−0,1"),), numeric=(1,)),)),
            Link("Meer op", "https://voorbeeld.nl/gebied/1825/"),
        )
    )
    found = list(elements(pdf))
    kinds = [str(e.S) for e in found]
    assert [str(e.Alt) for e in found if str(e.S) == "/Figure"] == ["Woningen −0,1; veiligheid +0,2"]
    assert kinds.count("/TH") == 2
    assert kinds.count("/TD") == 2
    assert [k for k in kinds if k in {"/H1", "/H2"}] == ["/H1", "/H2"]
    assert "/Link" in kinds


def test_a_picture_without_a_text_is_no_document() -> None:
    with pytest.raises(KrachtwijkError, match="zonder beschrijving"):
        picture(alt="")


def test_the_same_document_gives_the_same_bytes() -> None:
    made = document(Text("Tekst"), picture())
    assert paper.pdf(made) == paper.pdf(made)


def test_text_is_never_read_as_markup() -> None:
    odd = "#panic(1) *vet* $x$ <script> \\ \" ' &amp; [x] @a"
    pdf = opened(document(Text(odd), Table((odd, odd), ((odd, odd),), caption=odd)))
    assert len(pdf.pages) == 1


def test_the_picture_of_a_link_has_the_size_that_sites_ask_for() -> None:
    made = paper.png(document(Text("Tekst"), picture()))
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = int.from_bytes(made[16:20], "big"), int.from_bytes(made[20:24], "big")
    assert (width, height) == (2400, 1260)


def test_colours_travel_along_and_rules_of_a_page_do_not() -> None:
    svg = picture().svg
    assert ".k3 { fill: #dc935a; }" in svg
    assert "var(" not in svg
    assert "@media" not in svg


def test_tokens_that_stand_for_one_another_are_filled_in() -> None:
    css = "/* --niet: ik; */ :root { --a: #123456; --b: var(--a); --c: var(--b) }"
    assert pictures.tokens(css) == {"--a": "#123456", "--b": "#123456", "--c": "#123456"}


def test_a_colour_without_value_is_told() -> None:
    with pytest.raises(KrachtwijkError, match="--klasse-3"):
        pictures.standalone("<svg></svg>", RULES, {}, paper.FONT)
