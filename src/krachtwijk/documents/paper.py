# SPDX-License-Identifier: EUPL-1.2
"""Documents as PDF/UA-1 and as PNG, by Typst: the same document gives the same bytes on every machine.

Only the fonts that come along are used, never those of the machine.
"""

from __future__ import annotations

import datetime
import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import font_source_sans_pro
import typst

from krachtwijk.documents.blocks import Document, as_data

#: The typeface of paper and pictures (SIL Open Font License), carried by a package so that no machine needs it.
FONT = "Source Sans Pro"


@cache
def _template(name: str) -> bytes:
    return files("krachtwijk.documents").joinpath(name).read_bytes()


@cache
def _fonts() -> typst.Fonts:
    folder = Path(font_source_sans_pro.__file__).parent / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


def _inputs(document: Document) -> dict[str, str]:
    return {"data": json.dumps(as_data(document), ensure_ascii=False), "font": FONT}


def pdf(document: Document) -> bytes:
    """A4 pages as PDF/UA-1: tagged, with title, language, and a text for every picture."""
    moment = datetime.datetime.combine(document.date, datetime.time(), datetime.UTC)
    made: bytes = typst.compile(
        _template("document.typ"),
        format="pdf",
        sys_inputs=_inputs(document),
        font_paths=_fonts(),
        pdf_standards="ua-1",
        timestamp=moment,
    )
    return made


def png(document: Document) -> bytes:
    """The picture of a shared link, 2400 by 1260 pixels: title, texts and the first picture.

    Twice the size that is asked for: at 72 points an inch Typst loses thin lines of an SVG between two pixels.
    """
    made: bytes = typst.compile(
        _template("picture.typ"), format="png", ppi=144.0, sys_inputs=_inputs(document), font_paths=_fonts()
    )
    return made
