# SPDX-License-Identifier: EUPL-1.2
"""A house style is one CSS file of tokens: reading it strictly, completing it, and testing its colours.

It lives on the web floor because it is about the site's own tokens; the arithmetic of colours is `documents.colour`.
A theme may hold `:root { … }` and `@media print { :root { … } }` (coloured paper becomes white in print), nothing
else. There is no dark block: class 5 is the lightest colour by definition and stands for the middle on light paper.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from krachtwijk.documents import colour
from krachtwijk.errors import KrachtwijkError

OWN = Path(__file__).resolve().parent / "static" / "krachtwijk" / "tokens.css"
LARGEST = 64 * 1024  # bytes: a list of tokens is a page of text

#: Text, at least 4.5 (WCAG 2.2, 1.4.3); and what a shape must stand out from, at least 3 (1.4.11).
PAIRS: tuple[tuple[str, str, float, str], ...] = (
    ("kleur-tekst", "kleur-papier", 4.5, "tekst op papier"),
    ("kleur-tekst", "kleur-vlak", 4.5, "tekst op een vlak"),
    ("kleur-tekst", "kleur-accent-licht", 4.5, "tekst op licht accent"),
    ("kleur-stil", "kleur-papier", 4.5, "stille tekst op papier"),
    ("kleur-stil", "kleur-vlak", 4.5, "stille tekst op een vlak"),
    ("kleur-stil", "kleur-accent-licht", 4.5, "stille tekst op licht accent"),
    ("kleur-accent", "kleur-papier", 4.5, "link op papier"),
    ("kleur-accent", "kleur-vlak", 4.5, "link op een vlak"),
    ("kleur-accent", "kleur-accent-licht", 4.5, "link op licht accent, lijn op haar band"),
    ("kleur-papier", "kleur-accent", 4.5, "tekst op een knop"),
    ("kleur-papier", "kleur-tekst", 4.5, "tekst op een knop onder de muis"),
    ("kleur-focus", "kleur-tekst", 3.0, "de twee ringen van de focus onderling"),
    ("kleur-lijn-sterk", "kleur-papier", 3.0, "rand van een vak op papier"),
    ("kleur-lijn-sterk", "kleur-vlak", 3.0, "rand van een vak op een vlak"),
    ("arcering", "klasse-onbekend", 3.0, "arcering van ‘geen score’"),
)
#: Steps of the scale: neighbours differ at least this much (CIEDE2000), for every reader.
STEP = 8.0
CLASSES = tuple(f"klasse-{n}" for n in range(1, 10))

_LENGTH = re.compile(r"\d+(\.\d+)?(px|rem|em|ch)")
_FONTS = re.compile(r"""(?:[\w -]|"[\w -]+"|'[\w -]+'|,)+""")
_PIECE = re.compile(r"[^{};]*[{};]|[^{};]+$")


@dataclass(frozen=True, slots=True)
class Result:
    """One test of a theme: what was measured, how much it is and must be. ``where`` is the block: '' or 'print'."""

    what: str
    value: float
    least: float
    where: str = ""

    @property
    def passes(self) -> bool:
        """Whether it is enough; a hundredth is not argued about."""
        return self.value >= self.least - 0.005


@dataclass(frozen=True, slots=True)
class Theme:
    """Tokens of a house style, without the leading ``--``. ``given`` and ``printed`` hold only what its file holds."""

    given: Mapping[str, str]
    printed: Mapping[str, str]

    @property
    def tokens(self) -> dict[str, str]:
        """All tokens on a screen: its own, ours for the rest."""
        return {**own().given, **self.given}

    def css(self) -> str:
        """The whole file that takes the place of `tokens.css`."""
        blocks = [_block(self.tokens)]
        if self.printed:
            blocks.append(f"@media print {{\n{_block(self.printed)}}}\n")
        return "/* SPDX-License-Identifier: EUPL-1.2 */\n" + "".join(blocks)

    def results(self) -> list[Result]:
        """Every pair of colours the site uses and every step of the scale, on screen and in print."""
        blocks = [("", self.tokens)]
        if self.printed:
            blocks.append(("print", {**self.tokens, **self.printed}))
        return [result for where, tokens in blocks for result in _results(where, tokens)]


def _block(tokens: Mapping[str, str]) -> str:
    return ":root {\n" + "".join(f"  --{name}: {value};\n" for name, value in tokens.items()) + "}\n"


def _results(where: str, tokens: Mapping[str, str]) -> Iterator[Result]:
    for one, other, least, words in PAIRS:
        yield Result(words, colour.contrast(tokens[one], tokens[other]), least, where)
    lights = [colour.linear(tokens[name]) for name in CLASSES]
    for eyes in ("", *colour.BLINDNESS):
        seen = [colour.lab(colour.seen_with(eyes, light) if eyes else light) for light in lights]
        reader = f"met {eyes}" if eyes else "zonder kleurenblindheid"
        for step, (one_lab, other_lab) in enumerate(pairwise(seen), 1):
            words = f"klasse {step} naast {step + 1}, {reader}"
            yield Result(words, colour.difference(one_lab, other_lab), STEP, where)
        heights = [light for light, _, _ in seen]
        inwards = min([b - a for a, b in pairwise(heights[:5])] + [a - b for a, b in pairwise(heights[4:])])
        yield Result(f"van het midden naar buiten steeds donkerder, {reader}", inwards, 1.0, where)


@cache
def own() -> Theme:
    """The site's own tokens."""
    given, printed = _read(OWN.read_text("utf-8"), OWN.name, None)
    return Theme(given, printed)


def read_theme(path: Path) -> Theme:
    """The theme in a file. Raises KrachtwijkError with the line where it holds anything but known, sound tokens."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KrachtwijkError(
            "Het thema is niet te lezen", where=str(path), mend="Controleer het pad en de rechten"
        ) from error
    if len(content) > LARGEST:
        raise KrachtwijkError("Het thema is te groot", where=str(path), mend="Houd het onder 64 kB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KrachtwijkError(
            "Het thema is geen tekst in UTF-8", where=str(path), mend="Sla het op als UTF-8"
        ) from error
    given, printed = _read(text, str(path), own().given)
    if not given:
        raise KrachtwijkError(
            "Het thema bevat geen tokens", where=str(path), mend="Zet ze in :root { … }, zie docs/themes.md"
        )
    return Theme(given, printed)


def _read(text: str, where: str, known: Mapping[str, str] | None) -> tuple[dict[str, str], dict[str, str]]:
    """Tokens of the screen and of print. ``known`` None: our own file, of which the names are known by definition."""
    # a comment becomes as many line ends as it had, so that line numbers stay
    bare = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n") + " ", text, flags=re.S)
    found: dict[str, dict[str, str]] = {"": {}, "print": {}}
    inside: list[str] = []
    line = 1
    for piece in _PIECE.findall(bare):
        at = line + piece[: len(piece) - len(piece.lstrip())].count("\n")
        line += piece.count("\n")
        body, end = " ".join(piece.rstrip("{};").split()), piece[-1]

        def refuse(what: str, mend: str, at: int = at) -> KrachtwijkError:
            return KrachtwijkError(what, where=f"{where}, regel {at}", mend=mend)

        if end == "{":
            if body == "@media print" and not inside:
                inside.append("print")
            elif body == ":root" and ":root" not in inside:
                inside.append(":root")
            else:
                raise refuse(f"‘{body[:60]}’ hoort niet in een thema", "Gebruik alleen :root en @media print")
            continue
        if body:
            if end not in ";}" or ":root" not in inside:
                raise refuse(f"‘{body[:60]}’ staat op de verkeerde plaats", "Zet elk token in :root { … }")
            name, _, value = (part.strip() for part in body.partition(":"))
            if not name.startswith("--"):
                raise refuse(
                    f"‘{name[:60]}’ is geen token", "Een thema bevat alleen namen die met -- beginnen"
                )
            name = name[2:]
            if known is not None:
                if name not in known:
                    raise refuse(f"Het token --{name} bestaat niet", "Kijk in docs/themes.md welke er zijn")
                wrong = _wrong(known[name], value)
                if wrong:
                    raise refuse(f"De waarde van --{name} is geen {wrong}: ‘{value[:60]}’", _LIKE[wrong])
            found["print" if "print" in inside else ""][name] = value
        if end == "}":
            if not inside:
                raise refuse("Er staat een } te veel", "Haal hem weg")
            inside.pop()
    if inside:
        raise KrachtwijkError(
            "Een blok is niet gesloten", where=f"{where}, regel {line}", mend="Zet er } achter"
        )
    return found[""], found["print"]


_LIKE = {
    "kleur": "Schrijf een kleur als #1b4f7a",
    "maat": "Schrijf een maat als 8px, 1.5rem of 68ch",
    "letter": "Schrijf namen van lettertypen met komma's ertussen",
}


def _wrong(example: str, value: str) -> str:
    """What kind of value was expected where this is not one like the example; empty where it is."""
    if colour.is_colour(example):
        return "" if colour.is_colour(value) else "kleur"
    if _LENGTH.fullmatch(example):
        return "" if _LENGTH.fullmatch(value) else "maat"
    return "" if _FONTS.fullmatch(value) else "letter"


def install(path: Path, folder: Path) -> str:
    """Write the completed theme where static files are looked for first; its fingerprint.

    ``folder`` is a folder of static files. The file is only touched when its content changes.
    """
    text = read_theme(path).css()
    target = folder / "krachtwijk" / OWN.name
    if not target.exists() or target.read_text("utf-8") != text:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{OWN.name}.{os.getpid()}")
        draft.write_text(text, "utf-8")
        draft.replace(target)  # whole or not at all: another process may be reading
    return hashlib.sha256(text.encode()).hexdigest()[:12]
