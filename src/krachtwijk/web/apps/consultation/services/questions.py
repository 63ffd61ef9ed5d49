# SPDX-License-Identifier: EUPL-1.2
"""Inspraak: a question without money, reactions that a desk reads, an answer to each and to all (R-240, R-122).

The register is for ever, so nothing that a resident wrote goes into it.
"""

from __future__ import annotations

import datetime
import uuid

from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.consultation.models import Inspraak, Reactie
from krachtwijk.web.apps.consultation.services.common import COUNTS, LEADS, ClosedError, guard
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.vouchers.models import Fund


@transaction.atomic
def ask(
    *,
    fund: str,
    wijk: str,
    title: str,
    question: str,
    opens: datetime.date,
    closes: datetime.date,
    answer_days: int,
    actor: User,
    token: uuid.UUID,
) -> Inspraak:
    """Ask the wijk something. ``answer_days``: within so many days every reaction has its answer."""
    place = Fund.objects.select_for_update().get(pk=fund)
    if found := Inspraak.objects.filter(token=token).first():
        return found
    guard(place, wijk, actor, LEADS)
    made = Inspraak(
        token=token,
        fund=place,
        wijk=wijk,
        title=title,
        question=question,
        opens=opens,
        closes=closes,
        answer_days=answer_days,
    )
    made.full_clean()
    made.save()
    _tell(made, "gevraagd", actor)
    return made


@transaction.atomic
def receive_reaction(*, question: int, text: str, token: uuid.UUID) -> Reactie:
    """Keep a reaction; it waits until somebody has read it. The same token twice is one reaction."""
    place = Inspraak.objects.select_for_update().get(pk=question)
    if found := Reactie.objects.filter(token=token).first():
        return found
    if not place.opens <= timezone.localdate() <= place.closes:
        raise ClosedError("U kunt nu niet reageren")
    made = Reactie(token=token, question=place, text=text, received_at=timezone.now())
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def answer_reaction(*, reaction: int, shown: bool, answer: str, actor: User) -> Reactie:
    """Show a reaction or not, and say what was done with it. Not shown needs an answer too: the reason."""
    found = Reactie.objects.select_for_update().select_related("question__fund").get(pk=reaction)
    guard(found.question.fund, found.question.wijk, actor, COUNTS)
    if not shown and not answer.strip():
        raise KrachtwijkError("Zeg waarom de reactie niet op de site komt", where="antwoord")
    found.state = Reactie.SHOWN if shown else Reactie.HIDDEN
    found.answer = answer
    found.answered_at = timezone.now() if answer.strip() else None
    found.full_clean()
    found.save()
    _tell(found.question, "reactie beantwoord" if answer.strip() else "reactie gelezen", actor, found.pk)
    return found


@transaction.atomic
def summarise(*, question: int, summary: str, actor: User) -> Inspraak:
    """Say what came in and what is done with it, once the question is closed."""
    found = Inspraak.objects.select_for_update().select_related("fund").get(pk=question)
    guard(found.fund, found.wijk, actor, LEADS)
    if timezone.localdate() <= found.closes:
        raise ClosedError("De vraag staat nog open; vat samen na de laatste dag")
    found.summary = summary
    found.full_clean()
    found.save(update_fields=["summary"])
    _tell(found, "samengevat", actor)
    return found


def _tell(question: Inspraak, kind: str, actor: User, reaction: int | None = None) -> None:
    record.append(
        stream=str(question),
        subject=str(question) if reaction is None else f"{question} reactie {reaction}",
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
    )
