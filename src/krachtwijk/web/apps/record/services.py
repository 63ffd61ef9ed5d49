# SPDX-License-Identifier: EUPL-1.2
"""Writing in the register. There is one way, and it only adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record.models import Event, Stream

__all__ = ["append"]


@transaction.atomic
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
    if at is not None and timezone.is_naive(at):
        raise ValueError("the time of an event needs a time zone")
    Stream.objects.get_or_create(name=stream)
    # the row lock serves PostgreSQL; SQLite locks the whole file because transactions begin IMMEDIATE
    head = Stream.objects.select_for_update().get(name=stream)
    event = Event(
        stream=head,
        number=head.length + 1,
        subject=subject,
        kind=kind,
        occurred_at=at or timezone.now(),
        actor=actor,
        actor_name=actor_name,
        reason=reason,
        payload=dict(payload or {}),
        previous_hash=head.last_hash,
    )
    event.hash = event.computed_hash()
    event.full_clean(validate_unique=False, validate_constraints=False)  # the database does these two
    event.save(force_insert=True)
    head.length, head.last_hash = event.number, event.hash
    head.save(update_fields=["length", "last_hash"])
    return event
