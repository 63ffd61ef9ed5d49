# SPDX-License-Identifier: EUPL-1.2
"""What goes to the bank and what comes back: account numbers, pain.001 and pain.002. No database, no clock."""

from __future__ import annotations

import csv
import datetime
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from sepaxml import SepaTransfer
from sepaxml.validation import ValidationError, try_valid_xml

from krachtwijk.errors import KrachtwijkError

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_IBAN_NL = re.compile(r"NL[0-9]{2}[A-Z]{4}[0-9]{10}")
#: characters that every bank in the euro payment area takes (EPC217-08)
_TAKEN = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")
#: letters that do not come apart into a plain one and an accent
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d",
     "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ı": "i", "ĳ": "ij", "Ĳ": "IJ", "’": "'", "‘": "'",
     "–": "-", "—": "-", "&": "+", "€": "EUR"}
)  # fmt: skip


def iban(given: str) -> str:
    """An account number as banks write it, without spaces. Raises KrachtwijkError where it cannot exist."""
    found = re.sub(r"[\s.-]", "", given).upper()
    right = _IBAN_NL if found.startswith("NL") else _IBAN
    if not right.fullmatch(found):
        raise KrachtwijkError(
            "Dit is geen rekeningnummer", mend="Schrijf het zoals op de bankpas: NL02 ABNA 0123 4567 89"
        )
    # ISO 13616: the first four behind the rest, letters as numbers from 10; what is left after 97 is 1
    digits = "".join(str(int(c, 36)) for c in found[4:] + found[:4])
    if int(digits) % 97 != 1:
        raise KrachtwijkError("In dit rekeningnummer zit een tikfout", mend="Kijk het na op de rekening")
    return found


def plain(text: str, most: int) -> str:
    """A text in the characters that every bank takes, at most so long; never empty, never with a slash at an end."""
    split = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(c for c in split if not unicodedata.combining(c))
    kept = re.sub(r"/{2,}", "/", " ".join(_TAKEN.sub(" ", bare).split()))
    return kept[:most].strip("/ ") or "-"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One line of a file for the bank; ``cents`` from the payer to the account of somebody."""

    reference: str
    name: str
    iban: str
    cents: int
    text: str


def pain_001(
    *,
    schema: str,
    reference: str,
    made_at: datetime.datetime,
    pays_on: datetime.date,
    payer: str,
    account: str,
    transfers: Iterable[Transfer],
) -> bytes:
    """The file for the bank: the same bytes for the same arguments. Raises KrachtwijkError where a bank would refuse.

    The library makes names of message and batch by chance and takes the time of the clock; ours are put in their place.
    """
    file = SepaTransfer(
        {"name": plain(payer, 70), "IBAN": account, "batch": True, "currency": "EUR"},
        schema=schema,
        clean=False,
    )
    for transfer in transfers:
        file.add_payment(
            {
                "name": plain(transfer.name, 70),
                "IBAN": transfer.iban,
                "amount": transfer.cents,
                "execution_date": pays_on,
                "description": plain(transfer.text, 140),
                "endtoend_id": transfer.reference,
            }
        )
    root = _bare(ElementTree.fromstring(file.export(validate=False)))
    root.set("xmlns", f"urn:iso:std:iso:20022:tech:xsd:{schema}")
    fixed = {"MsgId": reference, "CreDtTm": f"{made_at:%Y-%m-%dT%H:%M:%S}", "PmtInfId": reference}
    for name, value in fixed.items():
        for node in root.iter(name):
            node.text = value
    for agent in root.iter("FinInstnId"):
        # without a BIC the scheme wants it said (EPC132-08)
        ElementTree.SubElement(ElementTree.SubElement(agent, "Othr"), "Id").text = "NOTPROVIDED"
    made: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    try:
        try_valid_xml(made, schema)
    except ValidationError as error:
        raise KrachtwijkError(f"Dit bestand past niet bij {schema}: {error.__cause__ or error}") from error
    return made


def _bare(root: ElementTree.Element) -> ElementTree.Element:
    """The same tree with the names of its elements as the message calls them, without its address in front."""
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank says of one payment; ``reason`` is a code or a few words."""

    reference: str
    ok: bool
    reason: str = ""


#: Settled on the account of the payer. Other states (accepted, pending) are not the last word.
_DONE = frozenset({"ACSC", "ACCC"})
_REJECTED = "RJCT"
LARGEST = 2 * 1024 * 1024


def read_answers(content: bytes, sent: dict[str, list[str]]) -> list[Answer]:
    """What the bank says, from a pain.002 or from lines `betaling;ok|afgewezen;reden`.

    ``sent``: name of a file sent → its payments, because a bank may answer for a whole file at once. Payments without
    a last word are left out. Raises KrachtwijkError on anything else than such a file.
    """
    if len(content) > LARGEST:
        raise KrachtwijkError("Dit bestand is te groot voor antwoorden van de bank")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise KrachtwijkError("Dit bestand is niet in UTF-8 geschreven") from None
    return _pain_002(text, sent) if text.lstrip().startswith("<") else _lines(text)


def _lines(text: str) -> list[Answer]:
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=";"), start=1):
        if not any(cell.strip() for cell in row):
            continue
        cells = [cell.strip() for cell in row]
        if number == 1 and cells[0].casefold() == "betaling":
            continue
        if len(cells) < 2 or cells[1].casefold() not in {"ok", "afgewezen"}:
            raise KrachtwijkError(
                "Deze regel is niet te lezen",
                where=f"regel {number}",
                mend="Schrijf: betaling;ok of afgewezen;reden",
            )
        ok = cells[1].casefold() == "ok"
        found.append(Answer(cells[0], ok, cells[2] if len(cells) > 2 and not ok else ""))
    if not found:
        raise KrachtwijkError("Er staat geen betaling in dit bestand")
    return found


def _pain_002(text: str, sent: dict[str, list[str]]) -> list[Answer]:
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.S):
        # a document type can make a small file grow without end; no bank sends one
        raise KrachtwijkError("Dit bestand heeft een documenttype of ruwe tekst; dat lezen wij niet")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise KrachtwijkError(f"Dit is geen geldige XML: {error}") from None
    report = _bare(root).find("CstmrPmtStsRpt")
    if report is None:
        raise KrachtwijkError("Dit is geen antwoord van de bank (pain.002)")
    found: dict[str, Answer] = {}
    name = report.findtext("OrgnlGrpInfAndSts/OrgnlMsgId", "")
    whole = [(report.find("OrgnlGrpInfAndSts"), "GrpSts")]
    whole += [(node, "PmtInfSts") for node in report.findall("OrgnlPmtInfAndSts")]
    for node, status in whole:
        if node is not None:
            for reference in sent.get(name, ()):
                _add(found, reference, node.findtext(status, ""), node)
    # what is said of one payment goes before what is said of all
    for node in report.iter("TxInfAndSts"):
        reference = node.findtext("OrgnlEndToEndId", "")
        found.pop(reference, None)
        _add(found, reference, node.findtext("TxSts", ""), node)
    return list(found.values())


def _add(found: dict[str, Answer], reference: str, status: str, node: ElementTree.Element) -> None:
    if status in _DONE:
        found[reference] = Answer(reference, True)
    elif status == _REJECTED:
        said = [t.text.strip() for t in (node.find("StsRsnInf/Rsn/Cd"), *node.findall("StsRsnInf/AddtlInf"))
                if t is not None and t.text]  # fmt: skip
        found[reference] = Answer(reference, False, " ".join(said))
