# SPDX-License-Identifier: EUPL-1.2
"""Codes by letter and in links: made once, shown once, kept as a keyed hash.

Twelve characters out of 32 that are not mistaken for one another on paper (no I, L, O, U): 60 bits, so that guessing
them through a site that limits attempts is hopeless.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from krachtwijk.web import rows
from krachtwijk.web.apps.record.models import Code
from krachtwijk.web.sealing import keyed

__all__ = ["LENGTH", "make", "make_all", "spend", "subject_of", "withdraw", "written"]

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
#: what people write for what was printed
_READ_AS = str.maketrans("OILU", "011V")


def written(code: str) -> str:
    """A code as it stands on paper: in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _plain(given: str) -> str:
    kept = "".join(c for c in given.upper() if c.isalnum()).translate(_READ_AS)
    return kept if len(kept) == LENGTH and set(kept) <= set(ALPHABET) else ""


def _hash(purpose: str, code: str) -> str:
    return keyed(f"code.{purpose}", code)


def make(*, purpose: str, subject: str, expires_at: datetime | None = None) -> str:
    """A new code for this, as it is written. It cannot be shown again: who lost it gets another one."""
    return make_all(purpose=purpose, subjects=[subject], expires_at=expires_at)[0]


def make_all(*, purpose: str, subjects: Sequence[str], expires_at: datetime | None = None) -> list[str]:
    """A new code for each of these, as `make` does."""
    made = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in subjects]
    rows.insert(
        [
            Code(hash=_hash(purpose, code), purpose=purpose, subject=subject, expires_at=expires_at)
            for code, subject in zip(made, subjects, strict=True)
        ]
    )
    return [written(code) for code in made]


def _valid(purpose: str, given: str) -> tuple[int, str] | None:
    """The number of a code that works, and what it opens."""
    code = _plain(given)
    if not code:
        return None
    found = rows.ask(
        "SELECT id, subject FROM record_code WHERE hash = %s AND purpose = %s AND used_at IS NULL"
        " AND (expires_at IS NULL OR expires_at > %s)",
        _hash(purpose, code),
        purpose,
        timezone.now(),
    )
    return found[0] if found else None


def subject_of(*, purpose: str, given: str) -> str:
    """What a code opens; empty where there is no such code, or it ended or was used."""
    found = _valid(purpose, given)
    return found[1] if found else ""


@transaction.atomic
def spend(*, purpose: str, given: str) -> str:
    """What a code opens that works once; used from now on. Empty where it does not work (any more)."""
    found = _valid(purpose, given)
    if found is None or not Code.objects.filter(pk=found[0], used_at=None).update(used_at=timezone.now()):
        return ""
    return found[1]


def withdraw(*, purpose: str, subject: str) -> int:
    """Make every code for this worthless; how many."""
    return Code.objects.filter(purpose=purpose, subject=subject, used_at=None).update(used_at=timezone.now())
