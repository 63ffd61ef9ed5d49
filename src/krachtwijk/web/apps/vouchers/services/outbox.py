# SPDX-License-Identifier: EUPL-1.2
"""Which events are told to who applied. Written down in the transaction of the event; sent later by a command."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse

from krachtwijk.rules.state import State
from krachtwijk.rules.states import UNDECIDED
from krachtwijk.web.apps.outbox.models import Message

#: Type of event → kind of message (`data/messages.toml`).
TOLD: Mapping[str, str] = {"application": "ontvangst", "ask_supplement": "vraag", "notify": "besluit"}


def told(
    *, fund: str, subject: str, type: str, number: int, payload: Mapping[str, Any], after: State
) -> Iterator[Message]:
    """The message to the applicant of a case about this event, if they are told of it; not written down yet.

    ``number`` is its place in the fund, ``after`` how the fund stands with it. Whether the applicant wants mail, and
    where, is looked at when it is sent.
    """
    kind, case = TOLD.get(type), str(payload.get("case", ""))
    if kind is None or not case:
        return
    if type == "notify" and after.cases[case].state in UNDECIDED:
        kind = "nieuws"  # the outcome of the test: it prepares the decision (5.4, Awb 6:3)
    values = {"case": case, "path": reverse("vouchers:follow")}
    if until := payload.get("until"):
        values["until"] = datetime.date.fromisoformat(str(until)).strftime("%d-%m-%Y")
    yield Message(key=f"{kind} {fund} {number}", kind=kind, about=fund, subject=subject, values=values)
