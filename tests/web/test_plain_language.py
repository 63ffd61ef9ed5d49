# SPDX-License-Identifier: EUPL-1.2
"""Dutch at B1, as far as a program can see: see docs/plain-language.md."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from krachtwijk.web.apps.publication import methods

LONGEST = 20
ROOT = Path(__file__).resolve().parents[2]
#: Texts that may be longer, each with its reason.
ALLOWED: dict[str, str] = {}
#: Office words, judgements, causes; each with a plain word.
FORBIDDEN = {
    r"teneinde": "om",
    r"dient te|dienen te": "moet",
    r"middels": "met",
    r"inzake": "over",
    r"met betrekking tot": "over",
    r"ten behoeve van": "voor",
    r"desbetreffende|betreffende": "deze",
    r"derhalve|bijgevolg": "dus",
    r"alsmede|evenals": "en",
    r"conform": "volgens",
    r"voornoemde?|bovengenoemde?": "dit",
    r"reeds": "al",
    r"indien": "als",
    r"tevens": "ook",
    r"echter": "maar",
    r"hieromtrent|dienaangaande": "daarover",
    r"significante?": "meer dan toeval",
    r"doelgroep(en)?": "bewoners",
    r"probleemwijk(en)?|achterstandswijk(en)?|prachtwijk(en)?": "de naam van de wijk",
    r"slechtste?|verpauperd|kansarme?": "lager dan de stad",
    r"dankzij|veroorzaakt|als gevolg van|leidde tot": "geen oorzaak noemen",
    r"je|jij|jou|jouw|jullie": "u",
}
_FORBIDDEN = re.compile(r"\b(" + "|".join(FORBIDDEN) + r")\b", re.IGNORECASE)
#: A word begins with a letter or digit; a bare code (WK015809) is looked up, not read.
_WORD = re.compile(r"(?<![\w’'.,/%-])(?!(?:WK|BU|GM)\d+\b)[^\W_][\w’'.,/%-]*")
_END = re.compile(r"(?<=[.!?:;])\s+(?=[\"‘“(]?[A-ZÀ-Ý0-9])")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, a placeholder or link counting as the words it shows."""
    text = re.sub(r"%\(\w+\)[sd]|%[sd]", "Iets", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    yield from (s for s in _END.split(" ".join(text.split())) if s)


def texts() -> Iterator[tuple[str, str]]:
    """Every Dutch text of the site, with where it stands."""
    # as the translations are gathered: also what nobody translated yet
    for message in runpy.run_path(str(ROOT / "bin" / "translations"))["messages"]():
        for text in (message.id,) if isinstance(message.id, str) else message.id:
            if text:
                yield "schermen", text
    for path in sorted(methods.FOLDER.glob("*.nl.md")):
        body = re.sub(r"<!--.*?-->", "", path.read_text("utf-8"), flags=re.S)
        for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)", body):
            if block.strip() and not block.lstrip().startswith(("#", "|")):
                yield path.name, block


def test_g08_no_sentence_is_longer_than_twenty_words() -> None:
    every = [(where, s) for where, text in texts() if text not in ALLOWED for s in sentences(text)]
    assert len(every) > 300
    long = [(where, n, s) for where, s in every if (n := len(_WORD.findall(s))) > LONGEST]
    assert long == []


def test_g08_no_office_word_no_judgement_and_always_u() -> None:
    found = [
        (where, m[0], s) for where, text in texts() for s in sentences(text) if (m := _FORBIDDEN.search(s))
    ]
    assert found == []


def test_every_exception_is_still_needed_and_has_its_reason() -> None:
    present = {text for _, text in texts()}
    assert [text for text, why in ALLOWED.items() if text not in present or not why] == []


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Kort. Ook kort, met 1.234,5 inwoners.", [1, 5]),
        ("In %(name)s wonen er %(n)d.", [5]),
        ("Zie [de methode](/methode/). Nu.", [3, 1]),
        ("Drie codes: WK015809, BU03610300 en nog een.", [2, 3]),
        ("Let op: dit blijft één zin.", [6]),
    ],
)
def test_words_and_sentences_are_counted_as_a_reader_would(text: str, counts: list[int]) -> None:
    assert [len(_WORD.findall(s)) for s in sentences(text)] == counts
