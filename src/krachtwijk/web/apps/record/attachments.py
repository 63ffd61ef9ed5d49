# SPDX-License-Identifier: EUPL-1.2
"""Files of or about people: sealed as their texts are (`private`), and forgotten with them."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import transaction

from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record.models import Attachment, Person
from krachtwijk.web.sealing import keyed

__all__ = ["Kept", "fingerprint", "keep", "listed", "move", "read", "remove"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file for a page, without its content; ``name`` is empty where the key is gone."""

    id: uuid.UUID
    subject: str
    name: str
    kind: str
    size: int
    digest: str
    made_at: datetime.datetime

    @property
    def picture(self) -> bool:
        """Whether a page can show it."""
        return self.kind.startswith("image/")


def fingerprint(content: bytes) -> str:
    """By which the same file is known again; nobody makes it without the key of the installation."""
    return keyed("bijlage", hashlib.sha256(content).hexdigest())


def keep(
    *, person: Person, subject: str, name: str, kind: str, content: bytes, digest: str = ""
) -> Attachment:
    """Keep a file. ``digest``: of the file as it was given, where it was written anew.

    Raises ValueError for a person who was forgotten.
    """
    box = private.box(person)
    if box is None:
        raise ValueError("this person was forgotten, or the key of the installation is gone")
    return Attachment.objects.create(
        person=person,
        subject=subject,
        name=box.encrypt(name.encode()).decode("ascii"),
        kind=kind,
        size=len(content),
        digest=digest or fingerprint(content),
        content=box.encrypt(content),
    )


def listed(*, subjects: Iterable[str]) -> list[Kept]:
    """The files of these subjects, oldest first."""
    rows = Attachment.objects.filter(subject__in=list(subjects)).defer("content").select_related("person")
    return [_kept(row) for row in rows]


def _kept(row: Attachment) -> Kept:
    box = private.box(row.person)
    try:
        name = box.decrypt(row.name.encode("ascii")).decode() if box else ""
    except InvalidToken:
        name = ""
    return Kept(row.pk, row.subject, name, row.kind, row.size, row.digest, row.made_at)


def read(*, id: uuid.UUID, subjects: Iterable[str]) -> tuple[Kept, bytes] | None:
    """A file of one of these subjects with its content; None where there is none or it was forgotten."""
    row = Attachment.objects.filter(pk=id, subject__in=list(subjects)).select_related("person").first()
    box = private.box(row.person) if row else None
    if row is None or box is None:
        return None
    try:
        return _kept(row), box.decrypt(bytes(row.content))
    except InvalidToken:
        return None


@transaction.atomic
def move(*, subject: str, to: str, person: Person) -> int:
    """Give the files of a subject to another, sealed anew with the key of ``person``; how many."""
    found = listed(subjects=[subject])
    for file in found:
        opened = read(id=file.id, subjects=[subject])
        if opened is not None:
            keep(
                person=person,
                subject=to,
                name=file.name,
                kind=file.kind,
                content=opened[1],
                digest=file.digest,
            )
    remove(subject=subject)
    return len(found)


@transaction.atomic
def remove(*, subject: str, id: uuid.UUID | None = None) -> int:
    """Remove the files of a subject, or one of them, and who is known by nothing else; how many."""
    rows = Attachment.objects.filter(subject=subject)
    if id is not None:
        rows = rows.filter(pk=id)
    people = set(rows.values_list("person", flat=True))
    count, _ = rows.delete()
    Person.objects.filter(pk__in=people, lookup=None, texts=None, attachments=None).delete()
    return count
