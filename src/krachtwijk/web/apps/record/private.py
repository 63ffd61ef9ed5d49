# SPDX-License-Identifier: EUPL-1.2
"""What is known of people, apart from the register: it can be forgotten, and the register cannot.

Every person has a key of their own, kept sealed with the key of the installation (`sealing.py`). What is personal is
sealed with the key of the person. Where the key is destroyed nothing of it can be read again, in no backup either.
The register holds of each text a mark (a keyed hash): who has the text and the key can show that it was not changed,
and after the key is gone the mark tells nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction
from django.utils import timezone

from krachtwijk.web import rows
from krachtwijk.web.apps.record import services
from krachtwijk.web.apps.record.models import Person, PrivateText
from krachtwijk.web.sealing import keyed, seal, unseal

__all__ = [
    "Sealed",
    "all_stored",
    "box",
    "find",
    "forget",
    "holds",
    "keep",
    "known",
    "mark",
    "marked",
    "names",
    "new",
    "read",
    "reseal",
    "sealed",
    "store",
    "stored",
]

STREAM = "personen"


def find(*, sign: str = "") -> Person:
    """The person who was seen before under this sign (as name and address), or a new one. Without sign always new."""
    made = new(sign=sign)
    return stored(made) or Person.objects.get(lookup=made.lookup)


def new(*, sign: str = "") -> Person:
    """A person with a key of their own, not yet stored: texts can be sealed for them before anything is written."""
    lookup = keyed("person", " ".join(sign.casefold().split())) if sign.strip() else None
    return Person(key=seal(Fernet.generate_key().decode()), lookup=lookup)


def stored(made: Person) -> Person | None:
    """This new person, stored; None where somebody with the same sign is there already: `find` gives that one.

    Two applications of one person at the same moment: the first row counts for both, and the second waits for it.
    """
    return next(iter(all_stored([made])), None)


def all_stored(made: Sequence[Person]) -> list[Person]:
    """Those of these new people that were stored: see `stored`.

    In one order wherever it happens, so that two who store the same people do not wait for one another.
    """
    return rows.insert(sorted(made, key=lambda person: person.lookup or ""), unless_there=True)


def _key(person: Person) -> str:
    return (unseal(person.key) or "") if person.key else ""


def box(person: Person) -> Fernet | None:
    """What seals and opens with the key of this person; None once that is destroyed."""
    key = _key(person)
    return Fernet(key) if key else None


def mark(person: Person, text: str) -> str:
    """What the register holds of a text of this person: equal for equal texts, and nothing without the key."""
    return _mark(_key(person), text)


def _mark(key: str, text: str) -> str:
    return f"hmac:{hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()}"


class Sealed(NamedTuple):
    """A text of a person, readable only with their key, and what the register holds of it."""

    text: str
    mark: str


def sealed(*, person: Person, texts: Mapping[str, str]) -> dict[str, Sealed]:
    """These texts by name, sealed for a person; nothing is written. Empty texts are left out.

    Raises ValueError for a person who was forgotten.
    """
    key = _key(person)
    if not key:
        raise ValueError("this person was forgotten, or the key of the installation is gone")
    own = Fernet(key)
    return {
        name: Sealed(own.encrypt(text.encode()).decode("ascii"), _mark(key, text))
        for name, text in texts.items()
        if text
    }


def store(*texts: tuple[Person, str, Mapping[str, Sealed]]) -> None:
    """Keep sealed texts of people: whose, about what, and by name; in one statement."""
    now = timezone.now()
    rows.add(
        "record_privatetext",
        ("person_id", "subject", "name", "text", "mark", "made_at"),
        [
            (person.pk, subject, name, held.text, held.mark, now)
            for person, subject, named in texts
            for name, held in named.items()
        ],
    )


def keep(*, person: Person, subject: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Keep texts of a person about a subject, by name; a later text of the same name takes the place of an earlier.

    Empty texts are left out. Gives the mark of each. Raises ValueError for a person who was forgotten.
    """
    own = sealed(person=person, texts=texts)
    store((person, subject, own))
    return {name: held.mark for name, held in own.items()}


def read(*, subject: str) -> dict[str, str]:
    """The texts about a subject by name, the newest of each; a text that cannot be opened any more is left out."""
    return known(subjects=[subject]).get(subject, {})


def known(*, subjects: Iterable[str], only: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """The texts about many subjects, in one query; ``only``: of these names."""
    found: dict[str, dict[str, str]] = {}
    boxes: dict[uuid.UUID, Fernet | None] = {}
    rows = PrivateText.objects.filter(subject__in=list(subjects)).select_related("person").order_by("id")
    if only:
        rows = rows.filter(name__in=list(only))
    newest = {(row.subject, row.name): row for row in rows}
    for (subject, name), row in newest.items():
        if row.person_id not in boxes:
            boxes[row.person_id] = box(row.person)
        own = boxes[row.person_id]
        try:
            if own is not None:
                found.setdefault(subject, {})[name] = own.decrypt(row.text.encode("ascii")).decode()
        except InvalidToken:
            continue
    return found


def marked(*, subject: str, name: str) -> dict[str, str]:
    """Every text that was kept about a subject under this name, by its mark: not only the newest."""
    found: dict[str, str] = {}
    rows = PrivateText.objects.filter(subject=subject, name=name).select_related("person")
    boxes: dict[uuid.UUID, Fernet | None] = {}
    for row in rows:
        if row.person_id not in boxes:
            boxes[row.person_id] = box(row.person)
        own = boxes[row.person_id]
        try:
            if own is not None:
                found[row.mark] = own.decrypt(row.text.encode("ascii")).decode()
        except InvalidToken:
            continue
    return found


def names(*, people: Iterable[str]) -> dict[str, str]:
    """The name of each of these people (by id as text), as last kept about themselves; forgotten ones are left out."""
    wanted = [str(p) for p in people]
    found = known(subjects=[person_subject(p) for p in wanted], only=["name"])
    return {p: found[person_subject(p)]["name"] for p in wanted if person_subject(p) in found}


def person_subject(person: str) -> str:
    """What a person's own data (name, address) stand under."""
    return f"persoon {person}"


def holds(*, person: Person, text: str, given: str) -> bool:
    """Whether a mark out of the register belongs to this text."""
    return hmac.compare_digest(mark(person, text), given)


@transaction.atomic
def forget(*, person: Person, actor_name: str, reason: str) -> None:
    """Destroy the key of a person: nothing about them can be read any more. Cannot be undone; doing it twice is one."""
    found = Person.objects.select_for_update().get(pk=person.pk)
    if not found.key:
        return
    found.key, found.lookup, found.forgotten_at = "", None, timezone.now()
    found.save()
    services.append(
        stream=STREAM, subject=f"persoon {found.pk}", kind="vergeten", actor_name=actor_name, reason=reason
    )


def reseal() -> int:
    """Seal the key of every person anew with the newest key of the installation; how many. May be run again."""
    count = 0
    for person in Person.objects.exclude(key="").iterator(chunk_size=500):
        with transaction.atomic():
            current = Person.objects.select_for_update().get(pk=person.pk)
            if key := _key(current):
                current.key = seal(key)
                current.save(update_fields=["key"])
                count += 1
    return count
