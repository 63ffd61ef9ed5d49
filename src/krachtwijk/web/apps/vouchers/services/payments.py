# SPDX-License-Identifier: EUPL-1.2
"""Paying from vouchers: the kasbeheerder sets ready or refuses, another signs or sends back (a house rule).

Every service locks the row of the fund first, as `acts.act` does, so that no two of them wait for each other.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules import money
from krachtwijk.rules.engine import apply
from krachtwijk.rules.events import read_event
from krachtwijk.rules.money import euros
from krachtwijk.rules.state import Case, Refusal
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund, Payment
from krachtwijk.web.apps.vouchers.permissions import KASBEHEERDER, SECOND_SIGNER, held, roles_in
from krachtwijk.web.apps.vouchers.services.acts import (
    CASHIER,
    FORBIDDEN,
    NotAllowedError,
    RefusedError,
    act,
    case_of,
    decided_by,
    owner,
)

#: Parts of what is kept of who is paid that together name one bill.
BILL = ("iban", "bill")


@transaction.atomic
def prepare_payment(
    *,
    fund: str,
    case: str,
    kind: str,
    amount: str,
    actor: User,
    token: uuid.UUID,
    details: Mapping[str, str] | None = None,
    reportable: bool = False,
    at: datetime.datetime | None = None,
) -> Payment:
    """The kasbeheerder sets a payment ready; another signs it. The same token twice is the same payment.

    ``details``: name and account of who is paid, number of the bill; kept sealed. ``reportable``: pay for the work of
    a person. The engine is asked beforehand, so that what the law does not allow is never set ready. Raises
    RefusedError, NotAllowedError, MalformedError, and KrachtwijkError for a bill that was paid before.
    """
    place = Fund.objects.select_for_update().get(pk=fund)
    if found := _sent_before(token, place, case, kind, amount):
        return found
    moment = at or timezone.now()
    state = current.standing(place).state
    known = case_of(state, case)
    _at_the_desk(actor, known, KASBEHEERDER)
    fields = _redemption(case, kind, amount)
    event = read_event(0, {"type": "redemption", **fields, "at": timezone.localtime(moment).isoformat()})
    answer = apply(state, event, current.bylaw_of(place.bylaw), current.acts())
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    waiting = sum(p.cents for p in Payment.objects.filter(fund=place, case=case, state=Payment.OPEN))
    if event["amount"] + waiting > known.payable:
        raise RefusedError(
            Refusal(
                "9.1", f"Er staat al € {euros(waiting)} klaar; te verzilveren is € {euros(known.payable)}"
            )
        )
    given = {key: value for key, value in (details or {}).items() if value}
    _once(place, known, given)
    return _made(place, case, kind, event["amount"], Payment.OPEN, actor, token, reportable, moment, given)


@transaction.atomic
def decline_payment(
    *,
    fund: str,
    case: str,
    kind: str,
    amount: str,
    reason: str,
    actor: User,
    token: uuid.UUID,
    details: Mapping[str, str] | None = None,
    at: datetime.datetime | None = None,
) -> Payment:
    """The kasbeheerder does not pay what was asked (9.2). The voucher stays as it was; the reason is kept, sealed."""
    place = Fund.objects.select_for_update().get(pk=fund)
    if found := _sent_before(token, place, case, kind, amount):
        return found
    known = case_of(current.standing(place).state, case)
    _at_the_desk(actor, known, KASBEHEERDER)
    if not known.vouchers:
        raise RefusedError(Refusal("9.1", "De vouchers zijn nog niet verstrekt"))
    texts = {key: value for key, value in (details or {}).items() if value} | {"reason": _said(reason)}
    moment = at or timezone.now()
    return _made(place, case, kind, money.cents(amount), Payment.REFUSED, actor, token, False, moment, texts)


@transaction.atomic
def sign_payment(*, payment: int, actor: User, at: datetime.datetime | None = None) -> Payment:
    """Another person signs; now it is paid by the law. Signing twice changes nothing."""
    found, place = _locked(payment)
    if found.state == Payment.SIGNED:
        return found
    if found.state != Payment.OPEN:
        raise KrachtwijkError("Deze betaling staat niet meer klaar")
    if found.made_by_id == actor.pk:
        raise NotAllowedError("Wie een betaling klaarzet, tekent haar niet zelf")
    if decided_by(found.case, actor):
        raise NotAllowedError("Wie over de aanvraag besliste, tekent geen betaling")
    done = act(
        fund=place.pk,
        type="redemption",
        fields=_redemption(found.case, found.kind, euros(found.cents)),
        actor=actor,
        at=at,
    )
    found.number = done.state.cases[found.case].redemptions[-1].no
    return _closed(found, Payment.SIGNED, actor, done.event.occurred_at)


@transaction.atomic
def return_payment(*, payment: int, actor: User, reason: str, at: datetime.datetime | None = None) -> Payment:
    """The second signer does not sign and says why; the kasbeheerder may set it ready anew."""
    return _not_paid(payment, Payment.RETURNED, SECOND_SIGNER, actor, reason, at)


@transaction.atomic
def refuse_payment(*, payment: int, actor: User, reason: str, at: datetime.datetime | None = None) -> Payment:
    """The kasbeheerder does not pay what was set ready (9.2): with a reason; the voucher stays as it was."""
    return _not_paid(payment, Payment.REFUSED, KASBEHEERDER, actor, reason, at)


def payment_subject(payment: Payment) -> str:
    """What the private texts of a payment stand under."""
    return f"betaling {payment.pk}"


def told_of_money(
    fund: str, subject: str, kind: str, actor: User, payload: Mapping[str, Any], at: datetime.datetime | None
) -> None:
    """Write in the register of payments of a fund what the law engine does not know of."""
    record.append(
        stream=f"betalingen {fund}",
        subject=subject,
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
        payload=payload,
        at=at,
    )


def _locked(payment: int) -> tuple[Payment, Fund]:
    place = Fund.objects.select_for_update().get(payments=payment)
    return Payment.objects.get(pk=payment), place


def _said(reason: str) -> str:
    if not reason.strip():
        raise KrachtwijkError("Zeg waarom u niet betaalt (artikel 9.2)", where="reden")
    return reason.strip()


def _sent_before(token: uuid.UUID, fund: Fund, case: str, kind: str, amount: str) -> Payment | None:
    found = Payment.objects.filter(token=token).first()
    if found is None:
        return None
    if (found.fund_id, found.case, found.kind, found.cents) != (fund.pk, case, kind, money.cents(amount)):
        raise KrachtwijkError(
            f"Met dit formulier is al € {euros(found.cents)} verstuurd", mend="Open de pagina opnieuw"
        )
    return found


def _at_the_desk(actor: User, case: Case, role: str) -> None:
    if role not in roles_in(held(actor, timezone.localdate()), case.fund, case.wijk):
        raise NotAllowedError(FORBIDDEN)
    if f"medewerker {actor.pk}" in case.recused:
        raise NotAllowedError("U heeft gezegd dat u hier een eigen belang bij heeft (Awb 2:4).")


def _once(fund: Fund, case: Case, given: Mapping[str, str]) -> None:
    """Raise KrachtwijkError where the same bill was set ready or paid before for this initiative."""
    if not all(given.get(part) for part in BILL):
        return
    rejected = {r.no for r in case.redemptions if r.settled is False}
    alive = [
        p
        for p in Payment.objects.filter(fund=fund, case=case.id, state__in=(Payment.OPEN, Payment.SIGNED))
        if p.number not in rejected
    ]
    kept = private.known(subjects=[payment_subject(p) for p in alive], only=BILL)
    for texts in kept.values():
        if all(texts.get(part, "").casefold() == given[part].casefold() for part in BILL):
            raise KrachtwijkError(
                f"Rekening {given['bill']} staat al klaar of is al betaald", mend="Kijk bij de betalingen"
            )


def _made(
    fund: Fund,
    case: str,
    kind: str,
    cents: int,
    state: str,
    actor: User,
    token: uuid.UUID,
    reportable: bool,
    at: datetime.datetime,
    texts: Mapping[str, str],
) -> Payment:
    if kind not in (Payment.INVOICE, Payment.CASH):
        raise KrachtwijkError(f"{kind!r} is geen soort betaling", where="soort")
    refused = {"signed_by": actor, "signed_at": at} if state == Payment.REFUSED else {}
    made = Payment.objects.create(
        token=token,
        fund=fund,
        case=case,
        kind=kind,
        cents=cents,
        state=state,
        reportable=reportable,
        made_by=actor,
        made_at=at,
        **refused,
    )
    private.keep(person=owner(case), subject=payment_subject(made), texts=texts)
    _told_payment(made, actor, at)
    return made


def _not_paid(
    payment: int, state: str, role: str, actor: User, reason: str, at: datetime.datetime | None
) -> Payment:
    said = _said(reason)
    found, place = _locked(payment)
    if found.state != Payment.OPEN:
        raise KrachtwijkError("Deze betaling staat niet meer klaar")
    _at_the_desk(actor, case_of(current.standing(place).state, found.case), role)
    private.keep(person=owner(found.case), subject=payment_subject(found), texts={"reason": said})
    _closed(found, state, actor, at)
    _told_payment(found, actor, at)
    return found


def _closed(payment: Payment, state: str, actor: User, at: datetime.datetime | None) -> Payment:
    payment.state, payment.signed_by, payment.signed_at = state, actor, at or timezone.now()
    payment.save()
    return payment


def _redemption(case: str, kind: str, amount: str) -> dict[str, Any]:
    return {"case": case, "kind": kind, "amount": amount, "by": CASHIER, "purpose_ok": True}


def _told_payment(payment: Payment, actor: User, at: datetime.datetime | None) -> None:
    payload = {"payment": payment.pk, "kind": payment.kind, "amount": euros(payment.cents)}
    told_of_money(payment.fund_id, payment.case, payment.state, actor, payload, at)
