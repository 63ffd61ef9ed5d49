# SPDX-License-Identifier: EUPL-1.2
"""Writes: what readers report, and what becomes of it. Each change of state stands in the register.

The register is for ever, so nothing that a reader wrote goes into it: neither text nor address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.publication.models import Melding
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.sealing import seal

__all__ = ["STREAM", "answer_report", "clean_reports", "receive_report", "reopen_report", "subject"]

STREAM = "meldingen"


def subject(number: int) -> str:
    """What a report is called in the register."""
    return f"melding {number}"


@transaction.atomic
def receive_report(*, page: str, text: str, email: str = "") -> Melding:
    """Keep what a reader reports; the e-mail address sealed."""
    made = Melding(page=page, text=text, email=seal(email), received_at=timezone.now())
    made.full_clean(validate_constraints=False)
    made.save()
    record.append(
        stream=STREAM, subject=subject(made.pk), kind="ontvangen", actor_name="lezer", at=made.received_at
    )
    return made


@transaction.atomic
def answer_report(*, number: int, answer: str, reason: str, actor: User) -> Melding:
    """Answer a report, or change the answer. Raises Melding.DoesNotExist."""
    found = Melding.objects.select_for_update().get(pk=number)
    found.state, found.answer, found.answered_at = Melding.ANSWERED, answer, timezone.now()
    found.full_clean(validate_constraints=False)
    found.save()
    _write(found, "beantwoord", reason, actor)
    return found


@transaction.atomic
def reopen_report(*, number: int, reason: str, actor: User) -> Melding:
    """Open an answered report again; the answer stays to be read. Raises Melding.DoesNotExist."""
    found = Melding.objects.select_for_update().get(pk=number)
    found.state, found.answered_at = Melding.OPEN, None
    found.save()
    _write(found, "heropend", reason, actor)
    return found


def _write(found: Melding, kind: str, reason: str, actor: User) -> None:
    record.append(
        stream=STREAM,
        subject=subject(found.pk),
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
        reason=reason,
    )


@transaction.atomic
def clean_reports(*, now: datetime) -> tuple[int, int]:
    """Remove what is kept no longer: (e-mail addresses, whole reports). Terms: REPORT_EMAIL_DAYS and REPORT_DAYS."""
    old = Melding.objects.filter(received_at__lte=now - timedelta(days=settings.REPORT_DAYS))
    gone = sorted(old.values_list("pk", flat=True))
    old.delete()
    answered = Melding.objects.filter(
        state=Melding.ANSWERED, answered_at__lte=now - timedelta(days=settings.REPORT_EMAIL_DAYS)
    ).exclude(email="")
    stripped = sorted(answered.values_list("pk", flat=True))
    Melding.objects.filter(pk__in=stripped).update(email="")
    for kind, numbers in (("opgeruimd", gone), ("e-mailadres gewist", stripped)):
        for number in numbers:
            record.append(
                stream=STREAM,
                subject=subject(number),
                kind=kind,
                actor_name="bewaartermijn",
                reason="De bewaartermijn is voorbij",
                at=now,
            )
    return len(stripped), len(gone)
