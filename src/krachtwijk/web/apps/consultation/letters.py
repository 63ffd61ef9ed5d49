# SPDX-License-Identifier: EUPL-1.2
"""Letters with a code, a page each, as one PDF. The addresses go on paper and are kept nowhere."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence

import segno
from django.utils import timezone
from django.utils.formats import date_format

from krachtwijk.documents.blocks import Block, Document, Heading, Link, NewPage, Picture, Table, Text
from krachtwijk.documents.paper import pdf
from krachtwijk.web.apps.consultation.models import Wijkraadpleging
from krachtwijk.web.apps.consultation.selectors import law_of


def addresses(text: str, household: bool) -> list[tuple[str, ...]]:
    """Addresses out of a list: one a line, its parts apart by ``;``. A line that comes twice is one letter.

    ``household``: the first part is the name; of one address only the first name gets a letter.
    """
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in text.splitlines():
        parts = tuple(part for part in (" ".join(p.split()) for p in line.split(";")) if part)
        if parts:
            same = tuple(part.casefold() for part in (parts[1:] if household and len(parts) > 1 else parts))
            found.setdefault(same, parts)
    return list(found.values())


def letters(
    place: Wijkraadpleging,
    codes: Sequence[str],
    to: Iterable[tuple[str, ...]],
    vote_at: str,
    age: int,
    household: bool,
    today: datetime.date,
) -> bytes:
    """One PDF with a page for each code; ``vote_at`` is the address of the voting page."""
    title = "Proef: u stemt mee" if place.rehearsal else "Stem mee over plannen in uw wijk"
    blocks: list[Block] = []
    for code, lines in zip(codes, to, strict=True):
        if blocks:
            blocks += [NewPage(), Heading(title, 1)]
        blocks += _letter(place, code, lines, vote_at, age, household)
    document = Document(
        title=title,
        language="nl",
        date=today,
        blocks=tuple(blocks),
        below=f"{place.title} – {place.wijk}, {place.fund.municipality}",
    )
    return pdf(document)


def _letter(
    place: Wijkraadpleging, code: str, lines: tuple[str, ...], vote_at: str, age: int, household: bool
) -> list[Block]:
    closes = date_format(timezone.localtime(place.closes), "j F Y H:i")
    who = "Uw huishouden heeft één stem." if household else f"Elke bewoner vanaf {age} jaar heeft één stem."
    said = [
        *lines,
        *(["Dit is een proef. Deze stem telt niet mee."] if place.rehearsal else []),
        place.question,
        f"{who} U kunt stemmen tot {closes} uur.",
    ]
    on_paper = [
        "Knip dit stembiljet af en doe het in een envelop, zonder naam.",
        "Doe die envelop met deze brief in een tweede envelop. Breng hem naar het loket.",
    ]
    return [
        *_body(said),
        Heading("Stem met uw telefoon of computer"),
        *_body(["Scan dit vierkant met de camera van uw telefoon. Of ga naar het adres hieronder."]),
        Picture(
            qr(f"{vote_at}?code={code}"), "QR-code met het adres van de stempagina en uw code", width=0.2
        ),
        Link("Adres:", vote_at),
        Heading(f"Uw code: {code}"),
        *_body(["De code werkt één keer. Geef hem aan niemand anders."]),
        *_body(["Wij bewaren niet wie welke code heeft. Niemand kan zien wat u koos."]),
        Heading("Of stem op papier"),
        *_body(on_paper),
        _paper_ballot(place),
    ]


def _body(lines: Iterable[str]) -> list[Block]:
    """Text in the size of a letter."""
    return [Text(line, lead=True) for line in lines]


def _paper_ballot(place: Wijkraadpleging) -> Table:
    """The part that is cut off: it holds no code."""
    against = str(law_of(place)("consultation_rule")) == "yes-no"
    answers = ("Ja", "Nee") if against else ("Ja",)
    boxes = tuple("[    ]" for _ in answers)
    rows = tuple((f"{plan.number}. {plan.title}", *boxes) for plan in place.plans.all())
    return Table(("Zet bij elk plan een kruis, of laat het leeg", *answers), rows, "Stembiljet")


def qr(text: str) -> str:
    """A QR code as SVG."""
    made = io.BytesIO()
    # error level M: a fold or a coffee stain does no harm
    segno.make(text, error="m", micro=False).save(made, kind="svg", xmldecl=False, border=2, scale=4)
    return made.getvalue().decode()
