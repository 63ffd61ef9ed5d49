# SPDX-License-Identifier: EUPL-1.2
"""Applications come in, by whatever way, into one queue."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes, private
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.record.models import Person
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.services.acts import (
    Done,
    case_subject,
    guard,
    judged,
    marked,
    owner,
    private_texts,
    written,
)

#: purpose of the code with which an initiator follows the case
FOLLOW = "volgen"


@dataclass(frozen=True, slots=True)
class Received:
    """An application that came in: its number, the code to follow it with, and what is still missing."""

    case: str
    code: str
    done: Done
    person: Person

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that the by-law asks and that are not there."""
        return self.done.state.cases[self.case].missing


@dataclass(frozen=True, slots=True)
class Sealed:
    """An application of which every text is sealed, so that nothing remains but to give it its place.

    Making keys and sealing take long, and whoever takes a place in a fund lets all others wait.
    """

    fund: str
    fields: Mapping[str, Any]
    kind: str
    name: str
    sign: str
    details: Mapping[str, str]
    texts: Mapping[str, str]
    actor: User | None
    at: datetime.datetime | None
    applicant: Person
    own: Mapping[str, private.Sealed]
    of_case: Mapping[str, private.Sealed]


def seal_application(
    *,
    fund: str,
    wijk: str,
    kind: str = "individual",
    name: str = "",
    contact_person: str = "",
    details: Mapping[str, str] | None = None,
    content: Mapping[str, Any] | None = None,
    title: str = "",
    texts: Mapping[str, str] | None = None,
    channel: str = "web",
    actor: User | None = None,
    at: datetime.datetime | None = None,
) -> Sealed:
    """An application with every text sealed; nothing is written. ``actor``: who enters it for somebody.

    ``content``: fields of the application (see `rules.events`) except who applies. ``details``: address, phone, mail
    and the like, kept sealed. ``title``: what the plan is called in public; without names. ``texts``: what a reader
    wants to know beside the law, by name, kept sealed.
    """
    details = {key: value.strip() for key, value in (details or {}).items() if value.strip()}
    sign = " ".join((name, details.get("postcode", ""), details.get("number", ""))) if name.strip() else ""
    fields = {"fund": fund, "wijk": wijk, **(content or {})}
    own = {"name": name, "contact": contact_person, **details}
    of_case = {"title": title, "channel": channel, "contact": contact_person, **details, **(texts or {})}
    of_case |= private_texts(fields)
    applicant = private.new(sign=sign)
    return Sealed(
        fund, fields, kind, name, sign, own, of_case, actor, at, applicant,
        private.sealed(person=applicant, texts=own),
        private.sealed(person=applicant, texts=of_case),
    )  # fmt: skip


def take_in(fund: str, given: Sequence[Sealed]) -> list[Received]:
    """Give applications to a fund their places in the order of receipt, within a transaction. Also incomplete (4.3).

    Raises RefusedError, NotAllowedError, MalformedError and Fund.DoesNotExist, of the first that cannot be: then none
    can stay.
    """
    place = Fund.objects.select_for_update().get(pk=fund)
    standing = current.standing(place)
    number, state = standing.number, standing.state
    there = {person.pk for person in private.all_stored([one.applicant for one in given])}
    found, accepted, texts = [], [], []
    for one in given:
        if one.applicant.pk not in there:  # who was here before has a key already
            one = _known(one)
        if one.actor is not None:
            guard(place, state, "application", one.fields, one.actor)
        case = f"{place.pk}-{len(state.cases) + 1:04d}".upper()
        marks = {name: one.of_case[name].mark for name in private_texts(one.fields)}
        fields = {"case": case, **marked(one.fields, marks)}
        if one.name.strip():
            # the register knows a person, not a name
            fields["initiator"] = {"kind": one.kind, "name": str(one.applicant.pk)}
        called = "" if one.actor else "aanvrager"
        number += 1
        asked = judged(place, number, state, "application", fields, one.actor, called, one.at, "")
        state = asked.after
        accepted.append(asked)
        texts += [
            (one.applicant, private.person_subject(str(one.applicant.pk)), one.own),
            (one.applicant, case_subject(case), one.of_case),
        ]
        found.append((case, one.applicant))
    private.store(*texts)
    record.begin([asked.event for asked in accepted])  # numbers were made up under the lock of the fund
    done = written(place, accepted)
    opened = codes.make_all(purpose=FOLLOW, subjects=[case for case, _ in found])
    return [Received(c, o, d, p) for (c, p), o, d in zip(found, opened, done, strict=True)]


def _known(given: Sealed) -> Sealed:
    """An application of somebody who was seen before, sealed with the key that they have."""
    applicant = private.find(sign=given.sign)
    return replace(
        given,
        applicant=applicant,
        own=private.sealed(person=applicant, texts=given.details),
        of_case=private.sealed(person=applicant, texts=given.texts),
    )


def receive_application(**given: Any) -> Received:
    """Take in an application. Anybody may apply. What to give: see `seal_application`; errors: see `take_in`."""
    sealed = seal_application(**given)
    with transaction.atomic():
        return take_in(sealed.fund, [sealed])[0]


@transaction.atomic
def write_texts(*, case: str, texts: Mapping[str, str]) -> None:
    """Keep texts about a case beside the law: an answer by phone, a note of a meeting."""
    private.keep(person=owner(case), subject=case_subject(case), texts=texts)
