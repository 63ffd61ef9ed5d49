# SPDX-License-Identifier: EUPL-1.2
"""Writes: who looks at an early warning, by when, and what was decided. Every change stands in the register.

The figures that somebody acted on go into the register with it, so that a later run changes nothing about why.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.outbox import services as outbox
from krachtwijk.web.apps.publication.models import Waarschuwing
from krachtwijk.web.apps.publication.permissions import Reach, may_own, reach_of
from krachtwijk.web.apps.publication.selectors.warning_desk import Key, Warned, figures_of, one, several
from krachtwijk.web.apps.record import services as record

STREAM = "waarschuwingen"
#: Days before a reaction date that its owner hears of it, and the furthest day that can be chosen.
SOON, FURTHEST = 7, 730


class ChangedMeanwhileError(KrachtwijkError):
    """Somebody else acted after the page was made."""


@transaction.atomic
def assign_warnings(
    *,
    keys: Sequence[Key],
    owner: User,
    due: datetime.date,
    reason: str,
    actor: User,
    version: int | None = None,
) -> list[Key]:
    """Ask somebody to look at warnings and to decide by a day; the ones that were given to them.

    With ``version`` (of a single warning) an owner who was there is replaced. Without, warnings that have an owner or
    a decision are left as they are: many at once never take work away from somebody.
    Raises PermissionDenied, and KrachtwijkError where the day, the person or a warning is not right.
    """
    reach, found = _reach(actor), several(keys)
    if len(found) < len(set(keys)):
        raise _gone()
    if not all(reach.may_assign(w.area.gemeente) for w in found):
        raise PermissionDenied
    _on_time(due)
    if owner not in may_own({w.area.gemeente for w in found}):
        raise KrachtwijkError(
            gettext("%(name)s ziet niet al deze gebieden") % {"name": called(owner)},
            where=gettext("eigenaar"),
            mend=gettext("Kies iemand van deze gemeente of van het Rijk"),
        )
    given = []
    for warned in found:
        row = _locked(warned, version)
        if version is None and (row.owner_id is not None or row.state != Waarschuwing.OPEN):
            continue
        if row.state != Waarschuwing.OPEN:
            raise _refused(
                gettext("Over deze waarschuwing is al besloten"), gettext("Open de waarschuwing eerst weer")
            )
        row.owner, row.due = owner, due
        _write(row, warned, "toegewezen", reason, actor, {"eigenaar": owner.pk, "uiterlijk": due.isoformat()})
        given.append(warned.key)
    return given


@transaction.atomic
def release_warning(*, key: Key, reason: str, actor: User, version: int) -> None:
    """Take the owner and the reaction date off. Raises as `assign_warnings`."""
    warned = _found(key)
    if not _reach(actor).may_assign(warned.area.gemeente):
        raise PermissionDenied
    _reasoned(reason)
    row = _locked(warned, version)
    if row.owner_id is None or row.state != Waarschuwing.OPEN:
        raise _refused(
            gettext("Deze waarschuwing heeft geen eigenaar"), gettext("Kijk hoe zij er nu voor staat")
        )
    before, row.owner, row.due = row.owner_id, None, None
    _write(row, warned, "losgelaten", reason, actor, {"eigenaar": before})


@transaction.atomic
def answer_warning(*, key: Key, decision: str, reaction: str, actor: User, version: int) -> None:
    """Write down what was decided, and why; a later decision takes the place of it. Raises as `assign_warnings`."""
    warned = _found(key)
    if not _reach(actor).may_decide(warned.area.gemeente, warned.known):
        raise PermissionDenied
    if decision not in dict(Waarschuwing.DECISIONS):
        raise _refused(gettext("Er is geen besluit gekozen"), gettext("Kies wat u besluit"))
    _reasoned(reaction)
    row = _locked(warned, version)
    row.state, row.decision, row.reaction = Waarschuwing.ANSWERED, decision, reaction.strip()
    row.answered_at = timezone.now()
    _write(row, warned, "besloten", row.reaction, actor, {"besluit": decision})


@transaction.atomic
def reopen_warning(*, key: Key, reason: str, due: datetime.date | None, actor: User, version: int) -> None:
    """Open a decided warning again, with a new day for its owner; the decision stays to be read.

    Raises as `assign_warnings`.
    """
    warned = _found(key)
    if not _reach(actor).may_assign(warned.area.gemeente):
        raise PermissionDenied
    _reasoned(reason)
    row = _locked(warned, version)
    if row.state != Waarschuwing.ANSWERED:
        raise _refused(gettext("Deze waarschuwing staat al open"), gettext("Kijk hoe zij er nu voor staat"))
    if row.owner_id is not None:
        if due is None:
            raise _refused(
                gettext("Er is geen nieuwe dag voor de reactie"), gettext("Kies een dag voor de eigenaar")
            )
        _on_time(due)
        row.due = due
    row.state, row.answered_at = Waarschuwing.OPEN, None
    _write(row, warned, "heropend", reason, actor, {"uiterlijk": row.due.isoformat()} if row.due else {})


def note_export(*, actor: User, count: int, what: str) -> None:
    """Write down that somebody took a list of warnings away."""
    record.append(
        stream=STREAM,
        subject="waarschuwingen",
        kind="lijst meegenomen",
        actor=actor,
        actor_name=called(actor),
        payload={"rijen": count, "keuze": what},
    )


def remind_owners(*, today: datetime.date) -> None:
    """Once a week to who has warnings to decide about within a week, or too late: how many, and not of which areas."""
    year, week, _ = today.isocalendar()
    waiting = Waarschuwing.objects.filter(
        state=Waarschuwing.OPEN, due__lte=today + datetime.timedelta(days=SOON), owner__is_active=True
    ).select_related("owner")
    owners: dict[int, list[Waarschuwing]] = {}
    for row in waiting.exclude(owner__email=""):
        owners.setdefault(row.owner_id, []).append(row)
    for pk, rows in owners.items():
        late = sum(row.due < today for row in rows)
        outbox.put(
            key=f"waarschuwingen {pk} {year}-{week:02d}",
            kind="waarschuwingen",
            about=STREAM,
            user=rows[0].owner,
            values={
                "waiting": str(len(rows)),
                "late": str(late),
                "path": f"{reverse('desk:warnings')}?eigenaar=ik",
            },
        )


def called(user: User) -> str:
    """Somebody who works here, by name."""
    return user.get_full_name() or user.get_username()


def _reach(actor: User) -> Reach:
    reach = reach_of(actor)
    if reach is None:
        raise PermissionDenied
    return reach


def _found(key: Key) -> Warned:
    found = one(key)
    if found is None:
        raise _gone()
    return found


def _gone() -> KrachtwijkError:
    return _refused(gettext("Deze waarschuwing is er niet"), gettext("Ga terug naar de lijst"))


def _refused(what: str, mend: str) -> KrachtwijkError:
    return KrachtwijkError(what, where=gettext("waarschuwing"), mend=mend)


def _reasoned(text: str) -> None:
    if not text.strip():
        raise _refused(gettext("Er staat niet waarom"), gettext("Schrijf in een zin waarom"))


def _on_time(due: datetime.date) -> None:
    today = timezone.localdate()
    if not today <= due <= today + datetime.timedelta(days=FURTHEST):
        raise KrachtwijkError(
            gettext("De dag van de reactie ligt in het verleden, of meer dan twee jaar vooruit"),
            where=gettext("reactiedatum"),
            mend=gettext("Kies vandaag of een latere dag"),
        )


def _locked(warned: Warned, version: int | None) -> Waarschuwing:
    """The row of a warning, made where there is none, locked to the end of the transaction."""
    level, area, period = warned.key
    run = warned.row["run"] if warned.row else ""
    Waarschuwing.objects.bulk_create(
        [Waarschuwing(level=level, area=area, period=period, run=run)], ignore_conflicts=True
    )
    row = Waarschuwing.objects.select_for_update(of=("self",)).get(level=level, area=area, period=period)
    if version is not None and row.version != version:
        raise ChangedMeanwhileError(
            gettext("Iemand anders veranderde deze waarschuwing terwijl u hier was"),
            where=gettext("waarschuwing"),
            mend=gettext("Lees wat er nu staat, en doe het daarna opnieuw"),
        )
    return row


def _write(
    row: Waarschuwing, warned: Warned, kind: str, reason: str, actor: User, payload: dict[str, Any]
) -> None:
    if warned.row is not None:
        row.figures, row.run = figures_of(warned.row), warned.row["run"]
    row.version += 1
    row.full_clean(validate_unique=False)
    row.save()
    record.append(
        stream=STREAM,
        subject=warned.key.subject,
        kind=kind,
        actor=actor,
        actor_name=called(actor),
        reason=reason.strip(),
        payload={**payload, "cijfers": row.figures, "berekening": row.run},
    )
