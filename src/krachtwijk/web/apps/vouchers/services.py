# SPDX-License-Identifier: EUPL-1.2
"""Writes: everything that happens goes through `act`. It asks the engine, and writes what the engine accepted.

One transaction holds the event in its chain, its place in the fund, and the lines of the ledger; the row of the fund is
locked to the end of it, so that two decisions never see the same last euro.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.engine import apply
from krachtwijk.rules.events import MalformedError, read_event
from krachtwijk.rules.ledger import Entry, Ledger
from krachtwijk.rules.money import euros
from krachtwijk.rules.state import Case, Refusal, State
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes, private
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.record.models import Event, Person
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Appointment, Fund, Payment, Step, Wijk
from krachtwijk.web.apps.vouchers.permissions import (
    BY_CODE,
    KASBEHEERDER,
    MAY,
    ROLES,
    held,
    roles_in,
)

__all__ = [
    "FORBIDDEN",
    "Done",
    "NotAllowedError",
    "RefusedError",
    "act",
    "add_wijk",
    "appoint",
    "case_subject",
    "end_appointment",
    "open_fund",
    "prepare_payment",
    "receive_application",
    "refuse_payment",
    "sign_payment",
    "write_texts",
]

#: purpose of the code with which an initiator follows the case
FOLLOW = "volgen"
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


# --- one way to write -----------------------------------------------------------------------------------------


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
    _guard(place, standing.state, type, fields, actor)
    return _write(place, standing, type, dict(fields), actor, actor_name, person, at, reason)


def _guard(fund: Fund, state: State, type: str, fields: Mapping[str, Any], actor: User | None) -> None:
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


def _write(
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
    now = timezone.now()
    moment = at or now
    if moment > now:
        raise KrachtwijkError("Dit moment is nog niet geweest", where=timezone.localtime(moment).isoformat())
    law, acts = current.bylaw_of(fund.bylaw), current.acts()
    number = standing.number + 1
    case = str(fields.get("case", ""))
    inner = dict(fields["fields"]) if isinstance(fields.get("fields"), dict) else {}  # of a supplement
    own, more = _texts(fields), _texts(inner)
    if texts := own | more:
        person = person or _owner(case)
        marks = private.keep(person=person, subject=case_subject(case), texts=texts)
        fields |= {name: marks[name] for name in own}
        if more:
            fields["fields"] = inner | {name: marks[name] for name in more}
    payload = {"type": type, **fields, "at": timezone.localtime(moment).isoformat()}
    if at is not None and at < now:
        payload["recorded"] = timezone.localtime(now).isoformat()
    answer = apply(standing.state, read_event(number, payload), law, acts)
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    event = record.append(
        stream=f"zaak {case}" if case else f"fonds {fund.pk}",
        subject=case or fund.pk,
        kind=type,
        actor=actor,
        actor_name=actor_name or (actor.get_full_name() or actor.get_username() if actor else "aanvrager"),
        reason=reason,
        payload=payload,
        at=moment,
    )
    Step.objects.create(fund=fund, number=number, case=case, event=event)
    for (name, wijk), entry in _booked(standing.state, answer):
        _book(name, wijk, entry, event)
    fund.length = number
    fund.save(update_fields=["length"])
    after = current.Standing(fund.pk, number, event.hash, answer)
    transaction.on_commit(lambda: current.keep(after))
    return Done(event, answer, answer.warnings)


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """The texts among these fields that may be about people."""
    return {
        name: value
        for name, value in fields.items()
        if name in PRIVATE and isinstance(value, str) and value.strip()
    }


def _owner(case: str) -> Person:
    """The person whose key seals what is written about a case; a person of its own where nobody applied yet."""
    found = Person.objects.filter(texts__subject=case_subject(case)).order_by("texts__id").first()
    return found or private.find()


def _booked(before: State, after: State) -> Iterator[tuple[tuple[str, str], Entry]]:
    """The lines that an event added to the ledgers, oldest first."""
    for key, ledger in after.ledgers.items():
        old = before.ledgers.get(key, Ledger())
        if ledger is old:
            continue
        added: list[Entry] = []
        node: Ledger | None = ledger
        while node is not None and node.entry is not None and node.size > old.size:
            added.append(node.entry)
            node = node.before
        yield from ((key, entry) for entry in reversed(added))


def _book(fund: str, wijk: str, entry: Entry, event: Event) -> None:
    record.append(
        stream=f"grootboek {fund} {wijk}",
        subject=entry.case or fund,
        kind="boeking",
        actor=event.actor,
        actor_name=event.actor_name,
        at=event.occurred_at,
        payload={
            "debit": entry.debit,
            "credit": entry.credit,
            "amount": euros(entry.cents),
            "held": entry.held.isoformat(),
            "known": entry.known.isoformat(),
            "case": entry.case,
            "event": str(event.uuid),
        },
    )


# --- funds and people -----------------------------------------------------------------------------------------


@transaction.atomic
def open_fund(
    *,
    id: str,
    title: str,
    municipality: str,
    bylaw: str,
    year: int,
    amount: str,
    reserve: str,
    actor: User,
    source: str = "",
    example: bool = False,
    at: datetime.datetime | None = None,
) -> Done:
    """Open a fund of a municipality and year. The actor becomes its official. Raises RefusedError, KrachtwijkError."""
    law = current.bylaw_of(bylaw)  # complains where there is none
    if Fund.objects.filter(pk=id).exists():
        raise KrachtwijkError(f"Er is al een fonds {id}", where="id", mend="Kies een andere naam")
    made = Fund(id=id, title=title, municipality=municipality, bylaw=law.id, example=example)
    made.full_clean()
    made.save(force_insert=True)
    start = timezone.localdate(at) if at else timezone.localdate()
    appoint(user=actor, role="ambtenaar", fund=made, start=start, by=actor)
    fields = {"fund": id, "municipality": municipality, "year": year, "amount": amount, "reserve": reserve}
    return act(
        fund=id, type="fund", fields=fields | ({"source": source} if source else {}), actor=actor, at=at
    )


def add_wijk(*, fund: str, name: str, postcodes: list[str], area: str = "") -> Wijk:
    """A wijk of the fund and its postcodes; what it gets is a designation (`act`)."""
    wrong = [p for p in postcodes if not (len(p) == 4 and p.isdecimal())]
    if wrong:
        raise KrachtwijkError(f"{wrong[0]!r} is geen postcode van vier cijfers", where="postcodes")
    return Wijk.objects.create(fund_id=fund, name=name, postcodes=postcodes, area=area)


@transaction.atomic
def appoint(
    *,
    user: User,
    role: str,
    fund: Fund,
    by: User,
    start: datetime.date,
    wijk: str = "",
    end: datetime.date | None = None,
    deputy: bool = False,
) -> Appointment:
    """Give somebody a role. Who decides does not pay, who pays does not sign, and the auditor does nothing else."""
    if role not in ROLES:
        raise KrachtwijkError(f"De rol ‘{role}’ bestaat niet", mend=f"Kies uit: {', '.join(ROLES)}")
    others = {a.role for a in held(user, start) if a.fund_id == fund.pk}
    for apart in _APART:
        if role in apart and (clash := (apart - {role}) & others):
            raise KrachtwijkError(
                f"Wie {sorted(clash)[0]} is, kan niet ook {role} zijn in hetzelfde fonds",
                mend="Wijs iemand anders aan, of beëindig eerst de andere rol",
            )
    made = Appointment.objects.create(
        user=user, role=role, fund=fund, wijk=wijk, deputy=deputy, start=start, end=end
    )
    _told_of(made, "benoemd", by)
    return made


#: Roles that one person does not hold together: deciding, paying, signing, objections; checking excludes all.
_APART = (
    frozenset({"regiegroep", "kasbeheerder", "tweede tekenaar", "controle"}),
    frozenset({"ambtenaar", "kasbeheerder", "tweede tekenaar", "controle"}),
    frozenset({"regiegroep", "bezwaar", "controle"}),
    frozenset({"ambtenaar", "bezwaar"}),
    frozenset({"hulp", "controle"}),
)


@transaction.atomic
def end_appointment(*, appointment: Appointment, end: datetime.date, by: User, reason: str = "") -> None:
    """End a role on a day; the row stays."""
    appointment.end = end
    appointment.save(update_fields=["end"])
    _told_of(appointment, "beëindigd", by, reason)


def _told_of(appointment: Appointment, kind: str, by: User, reason: str = "") -> None:
    record.append(
        stream=f"rollen {appointment.fund_id}",
        subject=f"medewerker {appointment.user_id}",
        kind=kind,
        actor=by,
        actor_name=by.get_full_name() or by.get_username(),
        reason=reason,
        payload={
            "role": appointment.role,
            "wijk": appointment.wijk,
            "deputy": appointment.deputy,
            "start": appointment.start.isoformat(),
            "end": appointment.end.isoformat() if appointment.end else None,
        },
    )


# --- the application ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """An application that came in: its number, the code to follow it with, and what is still missing."""

    case: str
    code: str
    done: Done

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that the by-law asks and that are not there."""
        return self.done.state.cases[self.case].missing


@transaction.atomic
def receive_application(
    *,
    fund: str,
    wijk: str,
    kind: str = "individual",
    name: str = "",
    contact_person: str = "",
    details: Mapping[str, str] | None = None,
    content: Mapping[str, Any] | None = None,
    title: str = "",
    channel: str = "web",
    actor: User | None = None,
    at: datetime.datetime | None = None,
) -> Received:
    """Take in an application. Anybody may apply; ``actor`` is a helper or official who enters it for somebody.

    ``content``: fields of the application (see `rules.events`) except who applies. ``details``: address, phone, mail
    and the like, kept sealed. ``title``: what the plan is called in public; without names. Also an incomplete
    application is taken in (4.3). Raises RefusedError, NotAllowedError, MalformedError.
    """
    details = {key: value.strip() for key, value in (details or {}).items() if value.strip()}
    sign = " ".join((name, details.get("postcode", ""), details.get("number", ""))) if name.strip() else ""
    applicant = private.find(sign=sign)
    place = Fund.objects.select_for_update().get(pk=fund)
    standing = current.standing(place)
    if actor is not None:
        _guard(place, standing.state, "application", {"wijk": wijk}, actor)
    case = f"{fund}-{len(standing.state.cases) + 1:04d}".upper()
    private.keep(
        person=applicant,
        subject=private.person_subject(str(applicant.pk)),
        texts={"name": name, "contact": contact_person, **details},
    )
    private.keep(
        person=applicant, subject=case_subject(case), texts={"title": title, "channel": channel, **details}
    )
    fields: dict[str, Any] = {"case": case, "fund": fund, "wijk": wijk, **(content or {})}
    if name.strip():
        # the register knows a person, not a name
        fields["initiator"] = {"kind": kind, "name": str(applicant.pk)}
    done = _write(
        place, standing, "application", fields, actor, "" if actor else "aanvrager", applicant, at, ""
    )
    return Received(case, codes.make(purpose=FOLLOW, subject=case), done)


@transaction.atomic
def write_texts(*, case: str, texts: Mapping[str, str]) -> None:
    """Keep texts about a case beside the law: an answer by phone, a note of a meeting."""
    private.keep(person=_owner(case), subject=case_subject(case), texts=texts)


# --- paying ---------------------------------------------------------------------------------------------------


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
    known = _case(state, case)
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
        person=_owner(case),
        subject=payment_subject(made),
        texts={key: value for key, value in (details or {}).items() if value},
    )
    _told_payment(made, "klaargezet", actor)
    return made


@transaction.atomic
def sign_payment(*, payment: int, actor: User) -> Payment:
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
    if _decided_by(found.case, actor):
        raise NotAllowedError("Wie over de aanvraag besliste, tekent geen betaling")
    act(
        fund=place.pk,
        type="redemption",
        fields=_redemption(found.case, found.kind, euros(found.cents)),
        actor=actor,
    )
    found.number = len(_case(state, found.case).redemptions) + 1
    found.state, found.signed_by, found.signed_at = Payment.SIGNED, actor, timezone.now()
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
    private.keep(person=_owner(found.case), subject=payment_subject(found), texts={"reason": reason})
    _told_payment(found, "geweigerd", actor)
    return found


def payment_subject(payment: Payment) -> str:
    """What the private texts of a payment stand under."""
    return f"betaling {payment.pk}"


def _redemption(case: str, kind: str, amount: str) -> dict[str, Any]:
    return {"case": case, "kind": kind, "amount": amount, "by": CASHIER, "purpose_ok": True}


def _case(state: State, name: str) -> Case:
    found = state.cases.get(name)
    if found is None:
        raise RefusedError(Refusal("4.1", f"Er is geen aanvraag {name}"))
    return found


def _decided_by(case: str, actor: User) -> bool:
    return Event.objects.filter(
        stream_id=f"zaak {case}", kind__in=("decision", "eligibility"), actor=actor
    ).exists()


def _told_payment(payment: Payment, kind: str, actor: User) -> None:
    record.append(
        stream=f"betalingen {payment.fund_id}",
        subject=payment.case,
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
        payload={"payment": payment.pk, "kind": payment.kind, "amount": euros(payment.cents)},
    )
