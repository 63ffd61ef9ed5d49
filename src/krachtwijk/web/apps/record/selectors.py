# SPDX-License-Identifier: EUPL-1.2
"""Reading the register, and checking that it is whole."""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from krachtwijk.web.apps.record.models import ORIGIN, Event, Stream
from krachtwijk.web.apps.record.triggers import is_protected

__all__ = ["Fault", "events", "protected", "streams", "verify"]


class Fault(NamedTuple):
    """The first place where a chain is broken: the event with this number is wrong or gone."""

    stream: str
    number: int
    reason: str


def events(*, stream: str | None = None, subject: str | None = None) -> QuerySet[Event]:
    """Events in order of writing, of one stream, of one subject, or of both."""
    found = Event.objects.order_by("id")
    if stream is not None:
        found = found.filter(stream_id=stream).order_by("number")
    if subject is not None:
        found = found.filter(subject=subject)
    return found


def streams() -> list[str]:
    """Names of all streams."""
    return list(Stream.objects.order_by("name").values_list("name", flat=True))


def verify(stream: str) -> Fault | None:
    """The first fault of a chain, or None where every event follows from the one before and none is gone."""
    number, previous = 0, ORIGIN
    for event in events(stream=stream).iterator(chunk_size=2000):
        number += 1
        if event.number != number:
            return Fault(stream, number, f"nummer {number} ontbreekt")
        if event.previous_hash != previous:
            return Fault(stream, number, f"nummer {number} sluit niet aan op het vorige")
        if event.hash != event.computed_hash():
            return Fault(stream, number, f"de inhoud van nummer {number} past niet bij zijn hash")
        previous = event.hash
    head = Stream.objects.filter(name=stream).first()
    if head is None or (head.length, head.last_hash) != (number, previous):
        return Fault(stream, number + 1, f"het einde van de reeks past niet bij nummer {number}")
    return None


def protected() -> bool:
    """Whether the database itself still refuses changes."""
    return is_protected(connection, Event._meta.db_table)
