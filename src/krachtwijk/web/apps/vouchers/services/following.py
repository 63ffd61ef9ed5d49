# SPDX-License-Identifier: EUPL-1.2
"""What an initiator does with number and code, or a helper for them: supplement, change, spend, report, withdraw.

Each carries the token of the form it was sent with: sent twice it happened once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import attachments, private
from krachtwijk.web.apps.record.models import Event
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.services.acts import Done, act, case_subject, owner
from krachtwijk.web.photos import KIND, Photo


def receipt_subject(case: str) -> str:
    """What the receipts of an application stand under."""
    return f"bonnen {case}"


def result_subject(case: str) -> str:
    """What the photos of the result stand under."""
    return f"resultaat {case}"


@transaction.atomic
def act_once(
    *, fund: str, case: str, type: str, fields: Mapping[str, Any], token: uuid.UUID, actor: User | None
) -> Done | None:
    """Let it happen, unless the same form did so before; then None. Raises what `act` raises."""
    Fund.objects.select_for_update().get(pk=fund)
    # a case has tens of events: read them rather than ask a database how it looks into JSON
    sent = Event.objects.filter(stream_id=f"zaak {case}", kind=type).values_list("payload", flat=True)
    if any(payload.get("token") == str(token) for payload in sent):
        return None
    return act(fund=fund, type=type, fields={**fields, "case": case, "token": str(token)}, actor=actor)


@transaction.atomic
def supplement(
    *, fund: str, case: str, kind: str, given: Mapping[str, Any], token: uuid.UUID, actor: User | None = None
) -> Done | None:
    """Add what was missing (4.3). ``given``: fields of the application; ``name`` is the name of the applicant."""
    fields = dict(given)
    applicant = owner(case)
    if name := str(fields.pop("name", "") or "").strip():
        private.keep(
            person=applicant, subject=private.person_subject(str(applicant.pk)), texts={"name": name}
        )
        fields["initiator"] = {"kind": kind, "name": str(applicant.pk)}
    return act_once(
        fund=fund, case=case, type="supplement", fields={"fields": fields}, token=token, actor=actor
    )


@transaction.atomic
def spend(
    *,
    fund: str,
    case: str,
    what: str,
    amount: str,
    token: uuid.UUID,
    photo: Photo | None = None,
    actor: User | None = None,
) -> Done | None:
    """Write down an expense with its receipt (8.1); the same photo for the same thing is refused as paid twice."""
    fields: dict[str, Any] = {"what": what, "amount": amount}
    if photo is not None:
        fields["receipt"] = photo.digest
    done = act_once(fund=fund, case=case, type="expense", fields=fields, token=token, actor=actor)
    if done is not None and photo is not None:
        attachments.keep(
            person=owner(case),
            subject=receipt_subject(case),
            name=f"bon {what}"[:100],
            kind=KIND,
            content=photo.content,
            digest=photo.digest,
        )
    return done


@transaction.atomic
def report(
    *,
    fund: str,
    case: str,
    text: str,
    publish: bool,
    token: uuid.UUID,
    photo: Photo | None = None,
    actor: User | None = None,
) -> Done | None:
    """Tell how it went (8.1). ``publish``: text and photo may be shown to everybody."""
    done = act_once(fund=fund, case=case, type="report", fields={}, token=token, actor=actor)
    if done is not None:
        private.keep(
            person=owner(case),
            subject=case_subject(case),
            texts={"result": text, "publish": "ja" if publish else "nee"},
        )
        if photo is not None:
            attachments.keep(
                person=owner(case),
                subject=result_subject(case),
                name="resultaat.jpg",
                kind=KIND,
                content=photo.content,
                digest=photo.digest,
            )
    return done
