# SPDX-License-Identifier: EUPL-1.2
"""Everything that happens goes through `act`. It asks the engine, and writes what the engine accepted.

One transaction holds the event in its chain, its place in the fund, and the lines of the ledger; the row of the fund is
locked to the end of it, so that two decisions never see the same last euro.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.engine import apply
from krachtwijk.rules.events import MalformedError, read_event
from krachtwijk.rules.ledger import Entry
from krachtwijk.rules.state import Case, Refusal, State
from krachtwijk.web import rows
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.outbox import services as outbox
from krachtwijk.web.apps.outbox.models import Message
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.record.models import Event, Person
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund, Step
from krachtwijk.web.apps.vouchers.permissions import BY_CODE, MAY, held, roles_in
from krachtwijk.web.apps.vouchers.proof import booked, line_of
from krachtwijk.web.apps.vouchers.services.outbox import told

#: what the engine calls who pays; who holds the office stands in the appointments
CASHIER = "kasbeheerder"
#: fields whose text is kept apart (`record.private`); the register holds a mark
PRIVATE = frozenset({"plan", "planning", "maintenance", "motive", "text", "ground", "what", "reason"})
FORBIDDEN = "Dit mag u hier niet doen."


class RefusedError(KrachtwijkError):
    """The law does not allow it: nothing was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.reason} ({_called(refusal.article)})")
        self.article, self.reason = refusal.article, refusal.reason


class NotAllowedError(KrachtwijkError):
    """The person at the desk may not do this."""


def _called(article: str) -> str:
    return article if article.startswith("Awb") else f"artikel {article}"


@dataclass(frozen=True, slots=True)
class Done:
    """What was written: the event, the fund after it, and what a person should look at."""

    event: Event
    state: State
    warnings: tuple[str, ...]


def case_subject(case: str) -> str:
    """What the private texts of an application stand under."""
    return f"aanvraag {case}"


@transaction.atomic
def act(
    *,
    fund: str,
    type: str,
    fields: Mapping[str, Any],
    actor: User | None = None,
    actor_name: str = "",
    person: Person | None = None,
    at: datetime.datetime | None = None,
    reason: str = "",
) -> Done:
    """Let something happen in a fund, if the law and the role of the actor allow it.

    ``fields`` are those of the machine interface: amounts in euros as text, days as JJJJ-MM-DD. Texts that can be
    about people are sealed with the key of ``person`` (default: that of the applicant). ``at``: when it happened, not
    later than now. ``actor`` None: somebody with a code, who is called ``actor_name``.

    Raises RefusedError (the law), NotAllowedError (the role), MalformedError (a field) and Fund.DoesNotExist.
    """
    place = Fund.objects.select_for_update().get(pk=fund)
    standing = current.standing(place)
    guard(place, standing.state, type, fields, actor)
    return write(place, standing, type, dict(fields), actor, actor_name, person, at, reason)


def guard(fund: Fund, state: State, type: str, fields: Mapping[str, Any], actor: User | None) -> None:
    """Raise NotAllowedError where the role of the actor, or an interest of theirs, forbids it."""
    if type not in MAY:
        raise MalformedError(f"{type} is geen gebeurtenis")
    if actor is None:
        if type not in BY_CODE:
            raise NotAllowedError(FORBIDDEN)
        return
    case = state.cases.get(fields.get("case", ""))
    wijk = case.wijk if case is not None else str(fields.get("wijk", ""))
    if not roles_in(held(actor, timezone.localdate()), fund.pk, wijk) & MAY[type]:
        raise NotAllowedError(FORBIDDEN)
    if case is not None and type != "recuse" and f"medewerker {actor.pk}" in case.recused:
        raise NotAllowedError("U heeft gezegd dat u hier een eigen belang bij heeft (Awb 2:4).")
    if case is not None and type == "objection_decision" and decided_by(case.id, actor):
        raise NotAllowedError(
            "U besliste zelf over deze aanvraag: een ander beslist op het bezwaar (Awb 10:3)."
        )


def write(
    fund: Fund,
    standing: current.Standing,
    type: str,
    fields: dict[str, Any],
    actor: User | None,
    actor_name: str,
    person: Person | None,
    at: datetime.datetime | None,
    reason: str,
) -> Done:
    """Ask the engine and write the event, within the transaction that locked the fund. Errors as of `act`."""
    case = str(fields.get("case", ""))
    if texts := private_texts(fields):
        person = person or owner(case)
        fields = marked(fields, private.keep(person=person, subject=case_subject(case), texts=texts))
    return enter(fund, standing, type, fields, actor, actor_name, at, reason)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the engine accepted and is not written yet: the fund before and after it, and what the register is to hold.

    ``event`` is drawn up as if its stream began with it.
    """

    number: int
    event: Event
    before: State
    after: State


def enter(
    fund: Fund,
    standing: current.Standing,
    type: str,
    fields: Mapping[str, Any],
    actor: User | None,
    actor_name: str,
    at: datetime.datetime | None,
    reason: str,
) -> Done:
    """As `write`, of fields that hold no text about people any more."""
    asked = judged(fund, standing.number + 1, standing.state, type, fields, actor, actor_name, at, reason)
    record.add(asked.event)
    return written(fund, [asked])[0]


def judged(
    fund: Fund,
    number: int,
    state: State,
    type: str,
    fields: Mapping[str, Any],
    actor: User | None,
    actor_name: str,
    at: datetime.datetime | None,
    reason: str,
) -> Accepted:
    """What the engine says of this as the event with this number in a fund; nothing is written. Errors as of `act`."""
    now = timezone.now()
    moment = at or now
    if moment > now:
        raise KrachtwijkError("Dit moment is nog niet geweest", where=timezone.localtime(moment).isoformat())
    case = str(fields.get("case", ""))
    payload = {"type": type, **fields, "at": timezone.localtime(moment).isoformat()}
    if at is not None and at < now:
        payload["recorded"] = timezone.localtime(now).isoformat()
    answer = apply(state, read_event(number, payload), current.bylaw_of(fund.bylaw), current.acts())
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    event = record.drawn_up(
        stream=f"zaak {case}" if case else f"fonds {fund.pk}",
        subject=case or fund.pk,
        kind=type,
        actor=actor,
        actor_name=actor_name or (actor.get_full_name() or actor.get_username() if actor else "aanvrager"),
        reason=reason,
        payload=payload,
        at=moment,
    )
    return Accepted(number, event, state, answer)


def written(fund: Fund, accepted: Sequence[Accepted]) -> list[Done]:
    """Write what belongs to events that are in the register: their places in the fund, messages, and the ledger."""
    rows.insert(
        [
            Step(fund=fund, number=a.number, case=a.event.payload.get("case", ""), event=a.event)
            for a in accepted
        ]
    )
    outbox.put_all([message for a in accepted for message in _told(fund, a)])
    for a in accepted:
        for (name, wijk), entry in booked(a.before, a.after):
            _book(name, wijk, entry, a.event)
    last = accepted[-1]
    fund.length = last.number
    rows.tell("UPDATE vouchers_fund SET length = %s WHERE id = %s", last.number, fund.pk)
    after = current.Standing(fund.pk, last.number, last.event.hash, last.after)
    transaction.on_commit(lambda: current.keep(after))
    return [Done(a.event, a.after, a.after.warnings) for a in accepted]


def _told(fund: Fund, a: Accepted) -> Iterator[Message]:
    payload = a.event.payload
    subject = case_subject(str(payload.get("case", "")))
    return told(
        fund=fund.pk, subject=subject, type=a.event.kind, number=a.number, payload=payload, after=a.after
    )


def private_texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The texts among these fields, and those of a supplement, that may be about people."""
    inner = fields.get("fields")  # of a supplement
    found = {**fields, **inner} if isinstance(inner, dict) else fields
    return {
        name: value
        for name, value in found.items()
        if name in PRIVATE and isinstance(value, str) and value.strip()
    }


def marked(fields: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """These fields with marks in the place of texts: what the register may hold."""
    return {
        name: marked(value, marks) if name == "fields" and isinstance(value, dict) else marks.get(name, value)
        for name, value in fields.items()
    }


def owner(case: str) -> Person:
    """The person whose key seals what is written about a case; a person of its own where nobody applied yet."""
    found = Person.objects.filter(texts__subject=case_subject(case)).order_by("texts__id").first()
    return found or private.find()


def _book(fund: str, wijk: str, entry: Entry, event: Event) -> None:
    record.append(
        stream=f"grootboek {fund} {wijk}",
        subject=entry.case or fund,
        kind="boeking",
        actor=event.actor,
        actor_name=event.actor_name,
        at=event.occurred_at,
        payload=line_of(entry, str(event.uuid)),
    )


def case_of(state: State, name: str) -> Case:
    """An application. Raises RefusedError where there is none."""
    found = state.cases.get(name)
    if found is None:
        raise RefusedError(Refusal("4.1", f"Er is geen aanvraag {name}"))
    return found


def decided_by(case: str, actor: User) -> bool:
    """Whether this person wrote down a decision about an application."""
    return Event.objects.filter(
        stream_id=f"zaak {case}", kind__in=("decision", "eligibility"), actor=actor
    ).exists()
