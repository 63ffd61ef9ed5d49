# SPDX-License-Identifier: EUPL-1.2
"""Whether an applicant lives where they say: by a code in a letter to that address, or because a helper saw it.

Never by a link in a mail: a mail reaches everywhere. What follows for the application is for the desk that decides.
"""

from __future__ import annotations

from django.db import transaction

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes
from krachtwijk.web.apps.record import services as record

LIVES = "woont"
LETTER, CONFIRMED, SEEN = "brief gemaakt", "bevestigd met code", "gezien door hulp"


def residence_stream(case: str) -> str:
    """The chain in which it stands whether an applicant lives there."""
    return f"woonplaats {case}"


@transaction.atomic
def make_residence_letter(*, case: str, actor: User) -> str:
    """A code for a letter to the address of the applicant; an earlier letter no longer works."""
    codes.withdraw(purpose=LIVES, subject=case)
    _tell(case, LETTER, actor)
    return codes.make(purpose=LIVES, subject=case)


@transaction.atomic
def confirm_residence(*, case: str, code: str) -> bool:
    """The applicant types the code of the letter; False where it is not that of this application."""
    if codes.subject_of(purpose=LIVES, given=code) != case or codes.spend(purpose=LIVES, given=code) != case:
        return False
    record.append(stream=residence_stream(case), subject=case, kind=CONFIRMED, actor_name="aanvrager")
    return True


@transaction.atomic
def see_residence(*, case: str, actor: User, reason: str) -> None:
    """A helper saw that the applicant lives there, and says how. Raises KrachtwijkError without that."""
    if not reason.strip():
        raise KrachtwijkError("Schrijf hoe u dit zag", where="reden")
    _tell(case, SEEN, actor, reason)


def _tell(case: str, kind: str, actor: User, reason: str = "") -> None:
    record.append(
        stream=residence_stream(case),
        subject=case,
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
        reason=reason,
    )
