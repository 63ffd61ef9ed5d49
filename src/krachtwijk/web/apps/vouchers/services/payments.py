# SPDX-License-Identifier: EUPL-1.2
"""Paying from vouchers: the kasbeheerder sets ready, another signs (a house rule), the bank answers."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.engine import apply
from krachtwijk.rules.events import read_event
from krachtwijk.rules.money import euros
from krachtwijk.rules.state import Refusal
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund, Payment
from krachtwijk.web.apps.vouchers.permissions import KASBEHEERDER, MAY, held, roles_in
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
) -> Payment:
    """The kasbeheerder sets a payment ready; another signs it. The same token twice is the same payment.

    ``details``: name and account of who is paid, number of the bill; kept sealed. The engine is asked beforehand, so
    that what the law does not allow is never set ready. Raises RefusedError, NotAllowedError, MalformedError.
    """
    place = Fund.objects.select_for_update().get(pk=fund)
    if found := Payment.objects.filter(token=token).first():
        return found
    state = current.standing(place).state
    known = case_of(state, case)
    if KASBEHEERDER not in roles_in(held(actor, timezone.localdate()), fund, known.wijk):
        raise NotAllowedError(FORBIDDEN)
    fields = _redemption(case, kind, amount)
    event = read_event(0, {"type": "redemption", **fields, "at": timezone.localtime().isoformat()})
    waiting = sum(p.cents for p in Payment.objects.filter(fund=place, case=case, state=Payment.OPEN))
    answer = apply(state, event, current.bylaw_of(place.bylaw), current.acts())
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    if event["amount"] + waiting > known.payable:
        raise RefusedError(
            Refusal(
                "9.1", f"Er staat al € {euros(waiting)} klaar; te verzilveren is € {euros(known.payable)}"
            )
        )
    made = Payment.objects.create(
        token=token,
        fund=place,
        case=case,
        kind=kind,
        cents=event["amount"],
        made_by=actor,
        made_at=timezone.now(),
    )
    private.keep(
        person=owner(case),
        subject=payment_subject(made),
        texts={key: value for key, value in (details or {}).items() if value},
    )
    _told_payment(made, "klaargezet", actor)
    return made


@transaction.atomic
def sign_payment(*, payment: int, actor: User, at: datetime.datetime | None = None) -> Payment:
    """Another person signs; now it is paid by the law. Signing twice changes nothing."""
    found = Payment.objects.get(pk=payment)
    place = Fund.objects.select_for_update().get(pk=found.fund_id)
    found = Payment.objects.select_for_update().get(pk=payment)
    if found.state == Payment.SIGNED:
        return found
    if found.state != Payment.OPEN:
        raise KrachtwijkError("Deze betaling staat niet meer klaar")
    if found.made_by_id == actor.pk:
        raise NotAllowedError("Wie een betaling klaarzet, tekent haar niet zelf")
    state = current.standing(place).state
    if decided_by(found.case, actor):
        raise NotAllowedError("Wie over de aanvraag besliste, tekent geen betaling")
    act(
        fund=place.pk,
        type="redemption",
        fields=_redemption(found.case, found.kind, euros(found.cents)),
        actor=actor,
        at=at,
    )
    found.number = len(case_of(state, found.case).redemptions) + 1
    found.state, found.signed_by, found.signed_at = Payment.SIGNED, actor, at or timezone.now()
    found.save()
    return found


@transaction.atomic
def refuse_payment(*, payment: int, actor: User, reason: str) -> Payment:
    """Not paid (9.2): with a reason; the voucher stays as it was."""
    if not reason.strip():
        raise KrachtwijkError("Zeg waarom u niet betaalt (artikel 9.2)", where="reden")
    found = Payment.objects.select_for_update().get(pk=payment)
    if found.state != Payment.OPEN:
        raise KrachtwijkError("Deze betaling staat niet meer klaar")
    roles = roles_in(held(actor, timezone.localdate()), found.fund_id)
    if not roles & (MAY["redemption"] | {KASBEHEERDER}):
        raise NotAllowedError(FORBIDDEN)
    found.state, found.signed_by, found.signed_at = Payment.REFUSED, actor, timezone.now()
    found.save()
    private.keep(person=owner(found.case), subject=payment_subject(found), texts={"reason": reason})
    _told_payment(found, "geweigerd", actor)
    return found


def payment_subject(payment: Payment) -> str:
    """What the private texts of a payment stand under."""
    return f"betaling {payment.pk}"


def _redemption(case: str, kind: str, amount: str) -> dict[str, Any]:
    return {"case": case, "kind": kind, "amount": amount, "by": CASHIER, "purpose_ok": True}


def _told_payment(payment: Payment, kind: str, actor: User) -> None:
    record.append(
        stream=f"betalingen {payment.fund_id}",
        subject=payment.case,
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
        payload={"payment": payment.pk, "kind": payment.kind, "amount": euros(payment.cents)},
    )
