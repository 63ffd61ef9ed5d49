# SPDX-License-Identifier: EUPL-1.2
"""The people behind applications: forgotten when their archive term is over, and given what is kept of them."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from krachtwijk.web.apps.record import codes, private
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.record.models import Person, PrivateText
from krachtwijk.web.apps.vouchers.models import Step
from krachtwijk.web.apps.vouchers.services.acts import case_subject
from krachtwijk.web.apps.vouchers.services.applications import FOLLOW

_CASE = case_subject("")


def _cases_of(people: list[Person]) -> dict[str, set[str]]:
    """The applications that each of these people has texts about, by id as text."""
    found: dict[str, set[str]] = {str(p.pk): set() for p in people}
    rows = PrivateText.objects.filter(person__in=people, subject__startswith=_CASE)
    for person, subject in rows.values_list("person_id", "subject").distinct():
        found[str(person)].add(subject.removeprefix(_CASE))
    return found


def forget_past(*, now: datetime.datetime, actor_name: str) -> int:
    """Forget everybody of whose applications the last event is longer ago than the archive term; how many.

    Who has no application counts from the last text that was kept. One transaction a person: it may be stopped and
    run again.
    """
    until = now.replace(year=now.year - settings.ARCHIVE_YEARS, day=min(now.day, 28))
    people = list(Person.objects.exclude(key="").annotate(kept=Max("texts__made_at")))
    cases = _cases_of(people)
    last = dict(Step.objects.exclude(case="").values_list("case").annotate(Max("event__occurred_at")))
    count = 0
    for person in people:
        mine = cases[str(person.pk)]
        moments = [last[case] for case in mine if case in last] or [person.kept or person.made_at]
        if max(moments) >= until:
            continue
        with transaction.atomic():
            for case in mine:
                codes.withdraw(purpose=FOLLOW, subject=case)
            private.forget(
                person=person,
                actor_name=actor_name,
                reason=f"bewaartermijn van {settings.ARCHIVE_YEARS} jaar voorbij",
            )
        count += 1
    return count


@transaction.atomic
def own_data(*, code: str, actor_name: str) -> dict[str, Any]:
    """All that is kept of the person who has this code, over all their applications (AVG 15); empty on a wrong code.

    That it was given out is written down, without what.
    """
    asked = codes.subject_of(purpose=FOLLOW, given=code)
    person = (
        Person.objects.filter(texts__subject=case_subject(asked)).order_by("texts__id").first()
        if asked
        else None
    )
    if person is None:
        return {}
    mine = sorted(_cases_of([person])[str(person.pk)])
    texts = private.known(subjects=[case_subject(c) for c in mine])
    happened: dict[str, list[dict[str, Any]]] = {c: [] for c in mine}
    for step in Step.objects.filter(case__in=mine).order_by("number").select_related("event"):
        happened[step.case].append(
            {"kind": step.event.kind, "at": step.event.occurred_at.isoformat(), "fields": step.event.payload}
        )
    record.append(
        stream=private.STREAM, subject=f"persoon {person.pk}", kind="gegevens gegeven", actor_name=actor_name
    )
    return {
        "person": private.read(subject=private.person_subject(str(person.pk))),
        "applications": [
            {"number": c, "texts": texts.get(case_subject(c), {}), "events": happened[c]} for c in mine
        ],
    }
