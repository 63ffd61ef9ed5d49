# SPDX-License-Identifier: EUPL-1.2
"""The bank: files of payments, each made once and the same at every look, and what the bank says of them."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.money import euros
from krachtwijk.rules.state import State
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.vouchers import current, sepa
from krachtwijk.web.apps.vouchers.models import Batch, Fund, Payment
from krachtwijk.web.apps.vouchers.permissions import KASBEHEERDER, OFFICIAL, held, roles_in
from krachtwijk.web.apps.vouchers.services.acts import FORBIDDEN, NotAllowedError, act, owner
from krachtwijk.web.apps.vouchers.services.payments import payment_subject, told_of_money


@transaction.atomic
def set_account(*, fund: str, payer: str, iban: str, actor: User) -> Fund:
    """From which account vouchers are paid. By an official, not by who pays."""
    place = Fund.objects.select_for_update().get(pk=fund)
    if OFFICIAL not in roles_in(held(actor, timezone.localdate()), fund):
        raise NotAllowedError(FORBIDDEN)
    if not payer.strip():
        raise KrachtwijkError("Schrijf op wiens naam de rekening staat", where="naam")
    place.payer, place.iban = payer.strip(), sepa.iban(iban)
    place.full_clean(exclude=["id"])
    place.save(update_fields=["payer", "iban"])
    told_of_money(fund, fund, "rekening", actor, {"payer": place.payer, "iban": place.iban}, None)
    return place


@transaction.atomic
def make_batch(
    *,
    fund: str,
    payments: Iterable[int],
    pays_on: datetime.date,
    actor: User,
    token: uuid.UUID,
    at: datetime.datetime | None = None,
) -> Batch:
    """Put signed payments in one file for the bank, each in one file only. The same token twice is the same file."""
    place = Fund.objects.select_for_update().get(pk=fund)
    if found := Batch.objects.filter(token=token, fund=place).first():
        return found
    if KASBEHEERDER not in roles_in(held(actor, timezone.localdate()), fund):
        raise NotAllowedError(FORBIDDEN)
    if not place.iban:
        raise KrachtwijkError(
            "Het fonds heeft nog geen rekening", mend="Vraag de ambtenaar om haar in te vullen"
        )
    moment = at or timezone.now()
    if pays_on < timezone.localdate(moment):
        raise KrachtwijkError("Deze dag is voorbij", where="dag", mend="Kies vandaag of later")
    wanted = set(payments)
    chosen = [p for p in unsent(place, current.standing(place).state) if p.pk in wanted]
    if not chosen or len(chosen) != len(wanted):
        raise KrachtwijkError(
            "Kies betalingen die getekend zijn en nog niet in een bestand staan", where="betalingen"
        )
    made = Batch.objects.create(
        token=token,
        fund=place,
        number=place.batches.count() + 1,
        pays_on=pays_on,
        schema=settings.SEPA_SCHEMA,
        payer=place.payer,
        iban=place.iban,
        made_by=actor,
        made_at=moment,
    )
    Payment.objects.filter(pk__in=wanted).update(batch=made)
    made.sha256 = hashlib.sha256(_file(made)).hexdigest()
    made.save(update_fields=["sha256"])
    payload = {
        "batch": made.number,
        "payments": len(chosen),
        "amount": euros(sum(p.cents for p in chosen)),
        "schema": made.schema,
        "pays_on": pays_on.isoformat(),
        "sha256": made.sha256,
    }
    told_of_money(fund, f"opdracht {made.number}", BATCH, actor, payload, at)
    return made


#: What the register calls a file that was made for the bank.
BATCH = "betaalbestand"


def unsent(fund: Fund, state: State) -> list[Payment]:
    """Signed payments of bills that are in no file yet and that the bank did not answer."""
    signed = Payment.objects.filter(
        fund=fund, state=Payment.SIGNED, kind=Payment.INVOICE, batch=None
    ).order_by("signed_at", "id")
    return [p for p in signed if settled(state, p) is None]


def settled(state: State, payment: Payment) -> bool | None:
    """What the bank said of a payment, or whether cash was handed out; None while that is not known."""
    case = state.cases.get(payment.case)
    if case is None or payment.number is None:
        return None
    return case.redemptions[payment.number - 1].settled


def batch_file(batch: Batch) -> bytes:
    """The file for the bank: the very bytes of the first time. Raises KrachtwijkError where they would differ."""
    made = _file(batch)
    if hashlib.sha256(made).hexdigest() != batch.sha256:
        raise KrachtwijkError(
            "Dit bestand is niet meer gelijk aan het eerste", mend="Vraag na wat er is veranderd"
        )
    return made


def _file(batch: Batch) -> bytes:
    rows = list(batch.payments.order_by("pk"))
    kept = private.known(subjects=[payment_subject(p) for p in rows], only=["name", "iban", "bill"])
    lines = []
    for payment in rows:
        texts = kept.get(payment_subject(payment), {})
        if not texts.get("iban") or not texts.get("name"):
            raise KrachtwijkError(f"Van betaling {payment.reference} is niet meer te lezen aan wie")
        text = " ".join(t for t in (texts.get("bill", ""), payment.case) if t)
        lines.append(sepa.Transfer(payment.reference, texts["name"], texts["iban"], payment.cents, text))
    return sepa.pain_001(
        schema=batch.schema,
        reference=batch.reference,
        made_at=timezone.localtime(batch.made_at),
        pays_on=batch.pays_on,
        payer=batch.payer,
        account=batch.iban,
        transfers=lines,
    )


@transaction.atomic
def tell_bank(
    *, payment: int, ok: bool, actor: User, reason: str = "", at: datetime.datetime | None = None
) -> bool:
    """What the bank said of a payment, or whether cash was handed out. False where that was known already.

    A rejected payment goes back to the voucher, as far as it is still owed. Raises RefusedError where the bank said
    the opposite before.
    """
    place = Fund.objects.select_for_update().get(payments=payment)
    found = Payment.objects.get(pk=payment)
    if found.state != Payment.SIGNED:
        raise KrachtwijkError("Deze betaling is niet getekend")
    if settled(current.standing(place).state, found) is ok:
        return False
    act(
        fund=place.pk,
        type="bank_result",
        fields={"case": found.case, "no": found.number, "ok": ok},
        actor=actor,
        at=at,
    )
    if reason.strip() and not ok:
        private.keep(
            person=owner(found.case), subject=payment_subject(found), texts={"reason": reason.strip()}
        )
    return True


NEW, KNOWN, OTHERWISE, UNKNOWN = "nieuw", "bekend", "anders", "onbekend"


@dataclass(frozen=True, slots=True)
class Read:
    """One answer out of a file, the payment it is about, and what was done with it: see the words above."""

    answer: sepa.Answer
    payment: Payment | None
    outcome: str


@transaction.atomic
def read_results(
    *, fund: str, content: bytes, actor: User, at: datetime.datetime | None = None
) -> list[Read]:
    """Read what the bank says of payments of this fund, all or nothing. The same file twice changes nothing.

    An answer against an earlier one is told and not used: a person must look. Raises KrachtwijkError, NotAllowedError.
    """
    place = Fund.objects.select_for_update().get(pk=fund)
    if KASBEHEERDER not in roles_in(held(actor, timezone.localdate()), fund):
        raise NotAllowedError(FORBIDDEN)
    payments = {
        p.reference: p
        for p in Payment.objects.filter(fund=place, state=Payment.SIGNED).select_related("batch")
    }
    sent: dict[str, list[str]] = {}
    for reference, payment in payments.items():
        if payment.batch is not None:
            sent.setdefault(payment.batch.reference, []).append(reference)
    found = []
    for answer in sepa.read_answers(content, sent):
        payment = payments.get(answer.reference)
        if payment is None:
            found.append(Read(answer, None, UNKNOWN))
            continue
        said = settled(current.standing(place).state, payment)
        if said is not None:
            found.append(Read(answer, payment, KNOWN if said is answer.ok else OTHERWISE))
            continue
        tell_bank(payment=payment.pk, ok=answer.ok, actor=actor, reason=answer.reason, at=at)
        found.append(Read(answer, payment, NEW))
    return found
