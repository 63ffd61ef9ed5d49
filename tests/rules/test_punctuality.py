# SPDX-License-Identifier: EUPL-1.2
"""Keeping to the terms: 5.1 and Awb 4:13 through a number of applications."""

from __future__ import annotations

import datetime
from typing import Any

from krachtwijk.catalogue.bylaws import acts, bylaw
from krachtwijk.rules.engine import fold
from krachtwijk.rules.events import read_event
from krachtwijk.rules.punctuality import Punctuality, punctuality

W = {"fund": "F", "wijk": "W"}
START = [
    {"type": "fund", "fund": "F", "municipality": "S", "year": 2008, "amount": "90000.00", "reserve": "0.00"},
    {"type": "designate", **W, "amount": "90000.00"},
    {"type": "ceiling", **W, "amount": "90000.00", "announced": "2008-10-01"},
]
PLAN = {
    **W, "type": "application", "initiator": {"kind": "individual", "name": "p", "contact": "p"}, "plan": "p",
    "planning": "p", "requested": "900.00", "cost_estimate": "900.00", "other_subsidy": False, "signed": True,
}  # fmt: skip


def cases(*events: dict[str, Any]) -> list[Any]:
    known = [{"at": "2008-10-02T10:00:00+02:00", **e} for e in START] + list(events)
    state, judged = fold([read_event(n, e) for n, e in enumerate(known, 1)], bylaw("g31-2008"), acts())
    assert all(j.refusal is None for j in judged), [j.refusal for j in judged if j.refusal]
    return list(state.cases.values())


def at(day: str) -> str:
    return f"{day}T10:00:00+01:00"


def told(found: list[Any], today: str) -> Punctuality:
    return punctuality(found, bylaw("g31-2008"), acts(), datetime.date.fromisoformat(today))


def test_5_1_the_last_day_is_in_time_and_the_day_after_is_late() -> None:
    found = cases(
        *({**PLAN, "case": name, "at": at("2008-12-01")} for name in "ABC"),
        {"type": "decision", "case": "A", "outcome": "grant", "by": "college", "at": at("2008-12-29")},
        {"type": "decision", "case": "B", "outcome": "grant", "by": "college", "at": at("2008-12-30")},
    )
    assert told(found, "2008-12-29") == Punctuality(2, 1, 28, 1, 0)
    assert told(found, "2008-12-30") == Punctuality(2, 1, 28, 1, 1)


def test_awb_4_13_above_the_limit_eight_weeks_count() -> None:
    large = {**PLAN, "requested": "12000.00", "cost_estimate": "12000.00"}
    found = cases({**large, "case": "A", "at": at("2008-12-01")})
    assert told(found, "2009-01-26").late == 0 and told(found, "2009-01-27").late == 1


def test_who_withdrew_before_a_decision_does_not_count() -> None:
    found = cases(
        {**PLAN, "case": "A", "at": at("2008-12-01")},
        {"type": "withdraw_application", "case": "A", "at": at("2008-12-02")},
    )
    assert told(found, "2009-06-01") == Punctuality(0, 0, None, 0, 0)
