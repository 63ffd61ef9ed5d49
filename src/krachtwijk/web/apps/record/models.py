# SPDX-License-Identifier: EUPL-1.2
"""What happened, in the order in which it was written down. Rows are added, never changed (`triggers.py`)."""

from __future__ import annotations

import uuid
from datetime import UTC
from typing import Any

from django.conf import settings
from django.db import models

from krachtwijk.web.apps.record.canonical import digest

#: What the first event of a stream has for a previous hash.
ORIGIN = "0" * 64


class Stream(models.Model):
    """The head of a chain of events. Its row is locked while an event is added, so that the chain cannot fork."""

    name = models.CharField(max_length=200, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=ORIGIN)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One thing that happened. ``number`` counts from 1 within the stream; ``hash`` covers every other field."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveBigIntegerField()
    subject = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()
    # who acted on the record may be made inactive, not removed
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_name = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    payload = models.JSONField(default=dict, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("stream", "number"), name="record_event_stream_number"),
        )

    def __str__(self) -> str:
        return f"{self.stream_id} {self.number}: {self.kind} {self.subject}"

    def computed_hash(self) -> str:
        """The hash that follows from the other fields."""
        return digest(self.covered())

    def covered(self) -> dict[str, Any]:
        """What the hash covers, as plain data."""
        return {
            "uuid": str(self.uuid),
            "stream": self.stream_id,
            "number": self.number,
            "subject": self.subject,
            "kind": self.kind,
            "occurred_at": self.occurred_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": None if self.actor_id is None else str(self.actor_id),
            "actor_name": self.actor_name,
            "reason": self.reason,
            "payload": self.payload,
            "previous_hash": self.previous_hash,
        }


class Person(models.Model):
    """Someone whose data can be forgotten (`private.py`). Nothing here says who it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: the key of this person, sealed by the installation; empty once destroyed
    key = models.TextField(blank=True)
    #: keyed hash of the sign by which the same person is found again
    lookup = models.CharField(max_length=64, null=True, blank=True, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class PrivateText(models.Model):
    """A text of or about a person, sealed with the key of that person; ``subject`` and ``name`` say what it is."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="texts")
    subject = models.CharField(max_length=200, db_index=True)
    name = models.CharField(max_length=50)
    text = models.TextField()
    mark = models.CharField(max_length=80)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.subject}: {self.name}"


class Code(models.Model):
    """A code on paper or in a link that opens something without an account. Only its keyed hash is kept."""

    hash = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=30)
    subject = models.CharField(max_length=200, db_index=True)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    #: for a code that works once
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose}: {self.subject}"


class Attachment(models.Model):
    """A file of or about a person, sealed with the key of that person; ``subject`` says what it belongs to.

    It stands in the database, so that it is there exactly when what it belongs to is, and in the same backup.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attachments")
    subject = models.CharField(max_length=200, db_index=True)
    #: what it is called, sealed
    name = models.TextField()
    kind = models.CharField(max_length=40)
    #: bytes, before sealing
    size = models.PositiveBigIntegerField()
    #: keyed hash of the file that was given, by which the same file is found again
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("made_at", "id")

    def __str__(self) -> str:
        return f"{self.subject}: {self.kind}"
