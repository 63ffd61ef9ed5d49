# SPDX-License-Identifier: EUPL-1.2
"""Papers of the kasbeheerder: the voucher, the receipt, the statement of a year. In Dutch, which is what holds."""

from __future__ import annotations

import datetime
import io

import segno
from django.utils import timezone, translation
from django.utils.formats import date_format

from krachtwijk.documents.blocks import Block, Document, Heading, Picture, Table, Text
from krachtwijk.rules.ledger import ACCOUNTS
from krachtwijk.web.apps.vouchers import wording_kas
from krachtwijk.web.apps.vouchers.amounts import shown
from krachtwijk.web.apps.vouchers.models import Fund, Payment
from krachtwijk.web.apps.vouchers.selectors.money import Agreement, Held, Holder, Line


def _qr(text: str) -> str:
    out = io.BytesIO()
    # level M: still read with a sixth of it stained or folded away
    segno.make(text, micro=False, error="m").save(
        out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False
    )
    return out.getvalue().decode()


def _day(day: datetime.date) -> str:
    return date_format(day, "j F Y")


def voucher_paper(
    *, fund: Fund, case: str, held: Held, count: int, holder: Holder, code: str, today: datetime.date
) -> Document:
    """The paper twin of a voucher. The code on it opens the application at the desk; it is no money by itself."""
    with translation.override("nl"):
        rows = [
            ("Op naam van", holder.name or "–"),
            *([("Voor de groep", holder.group)] if holder.group else []),
            ("Aanvraag", case),
            ("Voucher", f"{held.voucher.no} van {count}"),
            ("Waarde", shown(held.voucher.amount)),
            ("Uit te geven tot en met", _day(held.until) if held.until else "zie uw besluit"),
            ("Code", code),
        ]
        return Document(
            title=f"Voucher van {shown(held.voucher.amount)}",
            language="nl",
            date=today,
            above=f"{fund.municipality} · {fund.title}",
            below=f"Gedrukt op {_day(today)}. Eerder gedrukt papier van deze voucher geldt niet meer.",
            blocks=(
                *([Text("VOORBEELD: deze voucher is verzonnen.", lead=True)] if fund.example else []),
                Table(("Wat", "Voor deze voucher"), tuple(rows)),
                Picture(_qr(code), f"QR-code met dezelfde code: {code}", width=0.28),
                Heading("Zo gebruikt u de voucher"),
                Text("Laat de kasbeheerder van de gemeente deze voucher zien. Neem uw rekening mee."),
                Text("De kasbeheerder betaalt de rekening, of geeft een klein bedrag contant (artikel 9)."),
                Text("Alleen u kunt deze voucher gebruiken. Zij is niet te ruilen voor geld in een winkel."),
                Text("Kwijt? Vraag een nieuwe. De oude werkt dan niet meer."),
            ),
        )


def receipt(*, fund: Fund, line: Line, left: int, today: datetime.date) -> Document:
    """What was paid, to whom and from what; with a place to sign for cash."""
    payment = line.payment
    with translation.override("nl"):
        rows = [
            ("Betaling", payment.reference),
            ("Aanvraag", payment.case),
            ("Bedrag", shown(payment.cents)),
            ("Hoe", "contant" if payment.kind == Payment.CASH else "overschrijving naar een leverancier"),
            ("Aan", line.payee or "–"),
            *([("Nummer van de rekening", line.bill)] if line.bill else []),
            *([("Rekeningnummer", line.iban)] if line.iban else []),
            *([("Waarvoor", line.remark)] if line.remark else []),
            ("Getekend op", _day(timezone.localdate(payment.signed_at)) if payment.signed_at else "–"),
            ("Nog op de vouchers", shown(left)),
        ]
        blocks: list[Block] = []
        if fund.example:
            blocks.append(Text("VOORBEELD: deze betaling is verzonnen.", lead=True))
        blocks.append(Table(("Wat", "Bij deze betaling"), tuple(rows)))
        if payment.kind == Payment.CASH:
            blocks += [
                Heading("Ontvangen"),
                Text(f"Ik heb {shown(payment.cents)} contant gekregen. Ik bewaar de bonnen (artikel 8.1)."),
                Text("Datum: ______________________     Handtekening: ________________________________"),
            ]
        return Document(
            title=f"Bewijs van betaling {payment.reference}",
            language="nl",
            date=today,
            above=f"{fund.municipality} · {fund.title}",
            below=f"Gedrukt op {_day(today)}",
            blocks=tuple(blocks),
        )


def year_statement(
    *,
    fund: Fund,
    year: int,
    before: Agreement,
    after: Agreement,
    reportable: int,
    heads: dict[str, tuple[int, str]],
    today: datetime.date,
) -> Document:
    """How money stood at both ends of a year, per wijk and in all, with what does not agree named.

    ``heads``: wijk → number and hash of its last booking of the year, by which the register can be checked.
    """
    with translation.override("nl"):
        blocks: list[Block] = []
        if fund.example:
            blocks.append(Text("VOORBEELD: dit fonds is verzonnen.", lead=True))
        differences = after.differences
        blocks.append(
            Text(
                f"Op {_day(after.day)} kloppen bank, grootboek en plafond op de cent."
                if not differences
                else f"Op {_day(after.day)} zijn er {len(differences)} verschillen. Zij staan hieronder.",
                lead=True,
            )
        )
        names = [*after.wijken, ""]
        for wijk in names:
            end = after.wijken[wijk].balances() if wijk else after.total
            start_ledger = before.wijken.get(wijk)
            start = before.total if not wijk else start_ledger.balances() if start_ledger else {}
            rows = tuple(
                (
                    wording_kas.account(name),
                    shown(start.get(name, 0)),
                    shown(end[name] - start.get(name, 0)),
                    shown(end[name]),
                )
                for name in ACCOUNTS
            )
            head = ("Rekening", f"Begin {year}", "Verschil", f"Eind {year}")
            blocks.append(Table(head, rows, caption=wijk or "Alle wijken samen", numeric=(1, 2, 3)))
        parts = tuple((wording_kas.part(p.name), str(p.count), shown(p.cents)) for p in after.parts)
        blocks.append(
            Table(("Betaald", "Aantal", "Bedrag"), parts, caption="Waar het betaalde geld is", numeric=(1, 2))
        )
        if differences:
            found = tuple(
                (
                    wording_kas.check(c.name),
                    c.wijk or "alle",
                    shown(c.one),
                    shown(c.other),
                    shown(c.difference),
                )
                for c in differences
            )
            blocks.append(
                Table(
                    ("Controle", "Wijk", "Het een", "Het ander", "Verschil"), found, "Verschillen", (2, 3, 4)
                )
            )
        blocks.append(
            Text(
                f"Betalingen in {year} voor het werk van een persoon, te melden door financiën: {reportable}."
            )
        )
        if heads:
            rows = tuple((wijk, str(number), digest) for wijk, (number, digest) in heads.items())
            blocks.append(Table(("Wijk", "Boekingen", "Hash van de laatste"), rows, "Register", (1,)))
        return Document(
            title=f"Jaaroverzicht {year}",
            language="nl",
            date=today,
            above=f"{fund.municipality} · {fund.title}",
            below=f"Gemaakt op {_day(today)}",
            blocks=tuple(blocks),
        )
