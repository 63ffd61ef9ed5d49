# SPDX-License-Identifier: EUPL-1.2
"""A plan on its way: kept at every step, opened with a code, sent once."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web import rows
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import attachments, codes, private
from krachtwijk.web.apps.vouchers import plan
from krachtwijk.web.apps.vouchers.models import Draft, Fund, Wijk
from krachtwijk.web.apps.vouchers.services.acts import case_subject
from krachtwijk.web.apps.vouchers.services.applications import Sealed, seal_application, take_in
from krachtwijk.web.photos import KIND, Photo
from krachtwijk.web.sealing import seal, unseal
from krachtwijk.web.together import Together

#: purpose of the code that opens a draft
CONCEPT = "concept"
#: a draft that nobody touched for so long is removed
KEPT = datetime.timedelta(days=60)
CHANNELS = ("web", "papier", "telefoon", "bezoek")
MOST_PHOTOS = 6
#: fields of a plan that its row holds itself
NOT_KEPT = ("id", "seen", "photos")


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft that was opened. ``case`` and ``code`` are those of the application once it was sent."""

    id: uuid.UUID
    fund: str
    wijk: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "web"
    #: who writes it down for somebody, by number; 0 where people do it themselves
    helper: int = 0
    #: the day on which paper came in, where somebody else types it
    received: str = ""
    case: str = ""
    code: str = ""
    #: how it stood when it was read: text and moment as the database gave them, and whether it had photos
    seen: tuple[str, Any] = ("", None)
    photos: bool = False

    @property
    def sent(self) -> bool:
        """Whether it is an application now."""
        return bool(self.case)


def draft_subject(draft: uuid.UUID) -> str:
    """What the photos of a draft stand under."""
    return f"concept {draft}"


def start_draft(
    *,
    fund: str,
    wijk: str,
    helper: User | None = None,
    channel: str = "web",
    received: datetime.date | None = None,
) -> str:
    """Begin a plan for a wijk; the code that opens it. Raises KrachtwijkError where there is no such wijk."""
    if not Wijk.objects.filter(fund=fund, name=wijk).exists():
        raise KrachtwijkError(f"Er is geen wijk {wijk} in {fund}", where="wijk")
    if channel not in CHANNELS:
        raise KrachtwijkError(f"{channel} is geen weg waarlangs een plan komt", where="channel")
    made = Plan(
        uuid.uuid4(),
        fund,
        wijk,
        channel=channel,
        helper=helper.pk if helper else 0,
        received=received.isoformat() if received else "",
    )
    with transaction.atomic():
        Draft.objects.create(id=made.id, text=_sealed(made))
        return codes.make(purpose=CONCEPT, subject=str(made.id))


def open_draft(*, code: str) -> Plan | None:
    """The plan that a code opens; None where there is none (any more)."""
    found = codes.subject_of(purpose=CONCEPT, given=code)
    return _read(uuid.UUID(found)) if found else None


def _read(draft: uuid.UUID) -> Plan | None:
    """The plan as it stands now, and whether it has photos: both of one moment."""
    found = rows.ask(
        "SELECT text, changed_at, EXISTS (SELECT 1 FROM record_attachment WHERE subject = %s)"
        " FROM vouchers_draft WHERE id = %s",
        draft_subject(draft),
        draft,
    )
    for text, changed_at, photos in found:
        held = _opened(Draft(id=draft, text=text))
        return _with(held, seen=(text, changed_at), photos=bool(photos)) if held else None
    return None


@transaction.atomic
def save_draft(*, draft: uuid.UUID, answers: Mapping[str, Any]) -> Plan:
    """Keep these answers beside those that were there; of what was sent nothing changes. Raises Draft.DoesNotExist."""
    row = Draft.objects.select_for_update().get(pk=draft)
    held = _opened(row)
    if held is None or held.sent:
        return held or Plan(draft, "", "")
    after = _with(held, answers={**held.answers, **answers})
    row.text = _sealed(after)
    row.save()
    return after


@transaction.atomic
def add_photo(*, draft: uuid.UUID, photo: Photo) -> None:
    """Keep a photo with a plan. Raises KrachtwijkError where there are enough."""
    row = Draft.objects.select_for_update().get(pk=draft)
    opened = _opened(row)
    if opened is None or opened.sent:
        return  # of what was sent nothing changes
    held = attachments.listed(subjects=[draft_subject(draft)])
    if any(file.digest == photo.digest for file in held):
        return  # sent twice
    if len(held) >= MOST_PHOTOS:
        raise KrachtwijkError(f"Er staan al {MOST_PHOTOS} foto’s bij")
    attachments.keep(
        person=private.find(),
        subject=draft_subject(draft),
        name=f"foto {len(held) + 1}.jpg",
        kind=KIND,
        content=photo.content,
        digest=photo.digest,
    )
    row.save()  # who sends the plan at this moment sees that it changed


class IncompleteError(KrachtwijkError):
    """Something that the by-law asks is not there; nothing was written."""


def send_draft(
    *, held: Plan, signed: bool | None = None, incomplete: bool = True, actor: User | None = None
) -> Plan:
    """Send a plan in; sent twice it is one application. What was written is then in the case, no longer in the draft.

    ``held``: as `open_draft` gave it. ``signed``: the signature, where it is set in this moment. ``incomplete``: also
    where something that the by-law asks is missing. ``actor``: the helper who wrote it down. Raises IncompleteError
    and what `take_in` raises.
    """
    found: Plan | None = held
    while found is not None and not found.sent:
        answers = dict(found.answers) if signed is None else {**found.answers, "getekend": signed}
        # sealed before anything is locked; whether it is still the same plan shows where the draft is emptied
        sending = _Sending(found, _application(found, answers, actor), incomplete)
        try:
            if transaction.get_connection().in_atomic_block:
                return _sent([sending])[0]
            return _TOGETHER.do(found.fund, sending)
        except _ChangedError:
            found = _read(held.id)
    if found is None:
        raise KrachtwijkError("Dit concept kan niet meer worden geopend")
    return found


def _application(held: Plan, answers: Mapping[str, Any], actor: User | None) -> Sealed:
    """The application that a plan with these answers becomes."""
    return seal_application(
        fund=held.fund,
        wijk=held.wijk,
        kind=answers.get("kind") or "individual",
        name=answers.get("naam") or "",
        contact_person=answers.get("contact") or "",
        details=plan.details(answers),
        content=plan.content(answers),
        title=answers.get("titel") or "",
        texts=plan.texts(answers),
        channel=held.channel,
        actor=actor,
        at=_came_in(held.received),
    )


class _ChangedError(Exception):
    """The plan was sent or changed since it was read."""


class _Sending(NamedTuple):
    """A plan as it was read, and the application that it becomes."""

    held: Plan
    sealed: Sealed
    incomplete: bool


@transaction.atomic
def _sent(given: Sequence[_Sending]) -> list[Plan]:
    """Plans of one fund as they are once all are sent; raises, and leaves nothing, where one of them cannot be."""
    received = take_in(given[0].held.fund, [one.sealed for one in given])
    after = []
    for one, got in zip(given, received, strict=True):
        if got.missing and not one.incomplete:
            raise IncompleteError("Er ontbreekt nog iets aan de aanvraag")
        after.append(_with(one.held, answers={}, case=got.case, code=got.code))
    for one, plan_after in zip(given, after, strict=True):
        changed = rows.tell(
            "UPDATE vouchers_draft SET text = %s, changed_at = %s WHERE id = %s AND text = %s AND changed_at = %s",
            _sealed(plan_after),
            timezone.now(),
            one.held.id,
            *one.held.seen,
        )
        if not changed:
            raise _ChangedError
    for one, got in zip(given, received, strict=True):
        if one.held.photos:
            attachments.move(subject=draft_subject(one.held.id), to=case_subject(got.case), person=got.person)
    return after


#: So many plans are sent in one transaction at most: as many as a process has threads that wait for one another.
MOST_AT_ONCE = 16
_TOGETHER = Together(_sent, MOST_AT_ONCE)


def clean_drafts(*, now: datetime.datetime) -> int:
    """Remove drafts that nobody touched for sixty days, with their photos and codes; how many."""
    count = 0
    for pk in list(Draft.objects.filter(changed_at__lt=now - KEPT).values_list("pk", flat=True)):
        with transaction.atomic():
            if not Draft.objects.select_for_update().filter(pk=pk, changed_at__lt=now - KEPT).exists():
                continue  # somebody went on with it in this very moment
            attachments.remove(subject=draft_subject(pk))
            codes.withdraw(purpose=CONCEPT, subject=str(pk))
            Draft.objects.filter(pk=pk).delete()
            count += 1
    return count


def fund_of(held: Plan) -> Fund:
    """The fund of a plan."""
    return Fund.objects.get(pk=held.fund)


def _came_in(day: str) -> datetime.datetime | None:
    """The moment of receipt of paper that is typed later: noon of that day, since nobody noted the hour."""
    if not day or day >= timezone.localdate().isoformat():
        return None
    noon = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(12))
    return timezone.make_aware(noon)


def _with(held: Plan, **changed: Any) -> Plan:
    fields = {name: getattr(held, name) for name in Plan.__slots__}
    return Plan(**(fields | changed))


def _sealed(held: Plan) -> str:
    return seal(
        json.dumps(
            {name: getattr(held, name) for name in Plan.__slots__ if name not in NOT_KEPT},
            ensure_ascii=False,
        )
    )


def _opened(row: Draft) -> Plan | None:
    text = unseal(row.text)
    return Plan(row.pk, **json.loads(text)) if text else None
