# SPDX-License-Identifier: EUPL-1.2
"""English pages are English: no Dutch word is left but names, codes and what says that it is Dutch (`lang="nl"`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser

import pytest

from krachtwijk.catalogue import programmes
from krachtwijk.web.apps.publication.selectors.areas import known_areas

Get = Callable[..., str]

ADDRESSES = (
    "/",
    "/kaart/",
    "/kaart/?gemeente=GM0361",
    "/gebied/",
    "/gebied/?q=overdie",
    "/gebied/?q=zzzqqq",
    "/gebied/NL/",
    "/gebied/PV27/",
    "/gebied/GM0361/",
    "/gebied/SD0363A/",
    "/gebied/WK036103/",
    "/gebied/BU03610300/",
    "/gebied/BU03610309/",  # has no score
    "/gebied/BU03840113/",  # is no more
    "/gebied/1813/",
    "/eigen-gebied/",
    "/eigen-gebied/?gemeente=GM0361&gebied=BU03610300&gebied=BU03610302",
    "/vergelijk/",
    "/vergelijk/?gebied=WK036103&gebied=WK036108",
    "/vergelijk/?gebied=zzzqqq&gebied=WK036103",
    "/stad/",
    "/stad/GM0361/",
    "/stad/GM0363/",
    "/thema/",
    "/thema/veiligheid/",
    "/thema/schulden/",
    "/programma/",
    "/programma/krachtwijken-2007/",
    "/programma/krachtwijken-2007/AW01/",
    "/programma/nplv-2022/",
    "/zekerheid/",
    "/zekerheid/WK036103/",
    "/waterbed/",
    "/waterbed/krachtwijken-2007/",
    "/waterbed/nplv-2022/",
    "/effect/krachtwijken-2007/",
    "/effect/krachtwijken-2007/?venster=2008-2012",
    "/methode/waterbed/",
    "/bewoners-of-buurt/",
    "/verkenner/",
    "/verkenner/?gebied=WK036103&gebied=GM0361&onderwerp=lbm2-klasse&beeld=lijn",
    "/verkenner/?alle=buurten-GM0014&onderwerp=lbm3-soc&tegen=lbm3-onv&beeld=spreiding",
    "/methode/",
    "/methode/leefbaarometer/",
    "/methode/hoe-zeker/",
    "/methode/bewoners-of-buurt/",
    "/methode/velden/",
    "/methode/velden/inwoners/",
    "/methode/velden/groep/meldingen/",
    "/bronnen/",
    "/downloads/",
    "/errata/",
    "/over/toegankelijkheid/",
    "/over/privacy/",
    "/over/contact/",
)
#: Words without which hardly a Dutch sentence does, and that English does not have.
DUTCH = re.compile(
    r"\b(?:aan|aantal|als|bewoners|bij|cijfers?|dan|dat|de|deze|dit|een|en|gebied|gebieden|geen|gemeente|het|hoe|kans"
    r"|maar|meer|met|naar|niet|nog|om|onze?|ook|op|punten|score van|tot|tussen|uit|uw?|van|voor|waar|wij|wordt|worden"
    r"|zijn)\b"
)
#: Dutch that is a name, and the ways in which a page may speak of codes.
NAMES = (
    "Ministerie van BZK, meting",
    "College voor de Rechten van de Mens",
    "EN 301 549",
    "gemeenten",
)
_CODE = re.compile(
    r"https?://\S+|/[\w/-]+/|\w+=\S+|\b\w+(?:-\w+)*-[0-9a-f]{8}\b|\b\w+-(?:gemeente|buurt|wijk)\b|\bbewoners-voorbeeld(?:-\w+)?"
)
_SILENT = {"script", "style", "code", "textarea", "template"}
_VOID = {"meta", "link", "input", "br", "hr", "img", "col", "wbr", "source"}
_TOLD = ("alt", "title", "aria-label", "placeholder")


class English(HTMLParser):
    """What a page says in English: its text and the texts of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = [("", "en")]
        self.told: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or self.open[-1][1]
        if tag not in _VOID:
            self.open.append((tag, language))
        if language == "en":
            self.told += [given[name] or "" for name in _TOLD if name in given]
            if tag == "meta" and given.get("name") == "description":
                self.told.append(given.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        if any(tag == name for name, _ in self.open[1:]):
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.open[-1][1] == "en" and not any(name in _SILENT for name, _ in self.open):
            self.told.append(data)


@cache
def _names() -> re.Pattern[str]:
    """Names of areas that hold a Dutch word, the longest first."""
    known = {str(name) for name in known_areas().frame["name"]} | set(NAMES)
    known |= {area.name for programme in programmes().values() for area in programme.areas}
    return re.compile("|".join(re.escape(n) for n in sorted(known, key=len, reverse=True) if DUTCH.search(n)))


def dutch_in(page: str) -> list[str]:
    """The pieces of text of an English page with a Dutch word, names and codes left out."""
    reader = English()
    reader.feed(page)
    told = dict.fromkeys(" ".join(text.split()) for text in reader.told)
    return [
        text for text in told if DUTCH.search(text) and DUTCH.search(_names().sub("", _CODE.sub("", text)))
    ]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_english_page_is_english(page: Get, address: str) -> None:
    assert dutch_in(page(address, language="en")) == []


def test_a_dutch_page_would_not_pass(page: Get) -> None:
    assert len(dutch_in(page("/gebied/WK036103/").replace('lang="nl"', 'lang="en"'))) > 20
