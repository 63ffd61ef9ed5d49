# SPDX-License-Identifier: EUPL-1.2
"""Writing in the register. There is one way, and it only adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from krachtwijk.web import rows
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record.canonical import canonical
from krachtwijk.web.apps.record.models import ORIGIN, Event, Stream

__all__ = ["add", "append", "begin", "drawn_up"]


def append(
    *,
    stream: str,
    subject: str,
    kind: str,
    actor_name: str,
    payload: Mapping[str, Any] | None = None,
    actor: User | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Event:
    """Add one event at the end of a stream. ``at`` is when it happened (aware), now where left out.

    Raises ValidationError on an empty or too long field, and KrachtwijkError where the payload holds what cannot be
    hashed alike on every database (see `canonical`). Inside a larger transaction the stream stays locked to its end.
    """
    return add(
        drawn_up(
            stream=stream,
            subject=subject,
            kind=kind,
            actor_name=actor_name,
            payload=payload,
            actor=actor,
            reason=reason,
            at=at,
        )
    )


@transaction.atomic(savepoint=False)
def add(event: Event) -> Event:
    """Add an event that was drawn up at the end of its stream."""
    head = _locked(event.stream_id)
    event.number, event.previous_hash = head.length + 1, head.last_hash
    event.hash = event.computed_hash()
    Stream.objects.filter(name=event.stream_id).update(length=event.number, last_hash=event.hash)
    rows.insert([event])
    return event


def drawn_up(
    *,
    stream: str,
    subject: str,
    kind: str,
    actor_name: str,
    payload: Mapping[str, Any] | None = None,
    actor: User | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Event:
    """The event with which a stream would begin, not written yet. What to give and errors: as of `append`."""
    if at is not None and timezone.is_naive(at):
        raise ValueError("the time of an event needs a time zone")
    event = Event(
        stream_id=stream,
        number=1,
        subject=subject,
        kind=kind,
        occurred_at=at or timezone.now(),
        actor=actor,
        actor_name=actor_name,
        reason=reason,
        payload=dict(payload or {}),
        previous_hash=ORIGIN,
        hash=ORIGIN,
    )
    # before anything is written, so that no savepoint is needed; whether stream and actor exist the database says
    event.clean_fields(exclude={"stream", "actor"})
    canonical(event.payload)
    return event


def begin(events: Sequence[Event]) -> None:
    """Write events that each begin a stream, as `drawn_up`, within a transaction.

    For streams of which the caller made up the names under a lock of its own: no other may begin them. Where one is
    there all the same the database refuses (IntegrityError).
    """
    for event in events:
        event.hash = event.computed_hash()
    rows.insert([Stream(name=e.stream_id, length=1, last_hash=e.hash) for e in events])
    rows.insert(events, by="hash")


def _locked(name: str) -> Stream:
    """The head of a stream, locked to the end of the transaction; made where it is not there yet.

    The row lock serves PostgreSQL; SQLite locks the whole file because transactions begin IMMEDIATE.
    """
    found = Stream.objects.select_for_update().filter(name=name).first()
    if found is None:
        # where another process makes it at this moment, this waits for it and then takes the one that is there
        Stream.objects.bulk_create([Stream(name=name)], ignore_conflicts=True)
        found = Stream.objects.select_for_update().get(name=name)
    return found
