# SPDX-License-Identifier: EUPL-1.2
"""Applications come in, by whatever way, into one queue."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes, private
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.services.acts import Done, case_subject, guard, owner, write

#: purpose of the code with which an initiator follows the case
FOLLOW = "volgen"


@dataclass(frozen=True, slots=True)
class Received:
    """An application that came in: its number, the code to follow it with, and what is still missing."""

    case: str
    code: str
    done: Done

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that the by-law asks and that are not there."""
        return self.done.state.cases[self.case].missing


@transaction.atomic
def receive_application(
    *,
    fund: str,
    wijk: str,
    kind: str = "individual",
    name: str = "",
    contact_person: str = "",
    details: Mapping[str, str] | None = None,
    content: Mapping[str, Any] | None = None,
    title: str = "",
    channel: str = "web",
    actor: User | None = None,
    at: datetime.datetime | None = None,
) -> Received:
    """Take in an application. Anybody may apply; ``actor`` is a helper or official who enters it for somebody.

    ``content``: fields of the application (see `rules.events`) except who applies. ``details``: address, phone, mail
    and the like, kept sealed. ``title``: what the plan is called in public; without names. Also an incomplete
    application is taken in (4.3). Raises RefusedError, NotAllowedError, MalformedError.
    """
    details = {key: value.strip() for key, value in (details or {}).items() if value.strip()}
    sign = " ".join((name, details.get("postcode", ""), details.get("number", ""))) if name.strip() else ""
    # all that needs no number comes before the lock: others wait for it
    applicant = private.find(sign=sign)
    private.keep(
        person=applicant,
        subject=private.person_subject(str(applicant.pk)),
        texts={"name": name, "contact": contact_person, **details},
    )
    place = Fund.objects.select_for_update().get(pk=fund)
    standing = current.standing(place)
    if actor is not None:
        guard(place, standing.state, "application", {"wijk": wijk}, actor)
    case = f"{fund}-{len(standing.state.cases) + 1:04d}".upper()
    private.keep(
        person=applicant,
        subject=case_subject(case),
        texts={"title": title, "channel": channel, "contact": contact_person, **details},
    )
    fields: dict[str, Any] = {"case": case, "fund": fund, "wijk": wijk, **(content or {})}
    if name.strip():
        # the register knows a person, not a name
        fields["initiator"] = {"kind": kind, "name": str(applicant.pk)}
    done = write(
        place, standing, "application", fields, actor, "" if actor else "aanvrager", applicant, at, ""
    )
    return Received(case, codes.make(purpose=FOLLOW, subject=case), done)


@transaction.atomic
def write_texts(*, case: str, texts: Mapping[str, str]) -> None:
    """Keep texts about a case beside the law: an answer by phone, a note of a meeting."""
    private.keep(person=owner(case), subject=case_subject(case), texts=texts)
