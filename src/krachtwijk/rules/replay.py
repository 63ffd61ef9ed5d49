# SPDX-License-Identifier: EUPL-1.2
"""Events out of a file through the engine, and what came of them as plain data: the machine interface."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from krachtwijk.rules import money
from krachtwijk.rules.bylaw import Bylaw
from krachtwijk.rules.clocks import Acts, clocks, objection_until, penalty_of
from krachtwijk.rules.engine import Judged, fold
from krachtwijk.rules.events import Event, read_line
from krachtwijk.rules.ledger import Ledger
from krachtwijk.rules.state import Case, State


def read_events(lines: Iterable[str]) -> list[Event]:
    """The events of a file, one a line; empty lines are skipped. Raises MalformedError at the first that is none."""
    return _with_start_conditions(
        [read_line(n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    )


def _with_start_conditions(events: list[Event]) -> list[Event]:
    """A decision whose vouchers are issued later had a start condition (5.7): the `issue` that follows tells it."""
    later: dict[str, datetime.datetime] = {}
    for event in events:
        if event.type == "issue":
            later[event["case"]] = max(event.at, later.get(event["case"], event.at))
    return [
        replace(event, fields={**event.fields, "start_condition": True})
        if event.type == "decision" and event["case"] in later and event.at <= later[event["case"]]
        else event
        for event in events
    ]


def chosen(
    events: Iterable[Event], held: datetime.datetime | None = None, known: datetime.datetime | None = None
) -> list[Event]:
    """The events that happened by ``held`` and were known by ``known``, in the order in which they became known.

    None: no bound. Of events of the same moment the order of the file counts.
    """
    found = [
        event
        for event in events
        if (held is None or event.at <= held) and (known is None or event.known <= known)
    ]
    return sorted(found, key=lambda event: event.known)


def replay(
    events: Iterable[Event],
    bylaw: Bylaw,
    acts: Acts,
    as_of: datetime.datetime | None = None,
    known: datetime.datetime | None = None,
) -> dict[str, Any]:
    """What the events up to ``as_of`` (default: the last one) lead to, as data ready for JSON.

    ``known``: leave out what became known after it (default: all that is in the file counts).
    """
    taken = chosen(events, as_of, known)
    state, judged = fold(taken, bylaw, acts)
    moment = as_of or max((event.at for event in taken), default=None)
    today = moment.date() if moment else datetime.date.min
    ranks = _ranks(state, bylaw)
    return {
        "bylaw": bylaw.id,
        "as_of": moment.isoformat() if moment else None,
        "events": [_event(entry) for entry in sorted(judged, key=lambda entry: entry.event.n)],
        "cases": {name: _case(case, bylaw, acts, today, ranks[name]) for name, case in state.cases.items()},
        "ledger": _ledgers(state),
    }


def _event(judged: Judged) -> dict[str, Any]:
    refusal = judged.refusal
    return {
        "n": judged.event.n,
        "accepted": refusal is None,
        "article": judged.article,
        "reason": refusal.reason if refusal else None,
        **({"warnings": list(judged.warnings)} if judged.warnings else {}),
    }


def _ranks(state: State, bylaw: Bylaw) -> dict[str, int]:
    """Per case its place in the order of its fund and wijk, from 1."""
    by_completion = bylaw.values["order"].value == "completion"

    def place(case: Case) -> tuple[datetime.datetime, int]:
        moment = case.completed if by_completion else case.received
        return (moment or datetime.datetime.max.replace(tzinfo=case.received.tzinfo), case.place)

    queues: dict[tuple[str, str], list[Case]] = {}
    for case in state.cases.values():
        queues.setdefault((case.fund, case.wijk), []).append(case)
    return {
        case.id: rank
        for queue in queues.values()
        for rank, case in enumerate(sorted(queue, key=place), start=1)
    }


def _case(case: Case, bylaw: Bylaw, acts: Acts, today: datetime.date, rank: int) -> dict[str, Any]:
    running = clocks(case, bylaw, acts, today)
    refused = case.decision.refused if case.decision else 0
    penalty = penalty_of(case, acts, today)
    return {
        "state": case.state,
        "rank": rank,
        "due": running[0].due.isoformat(),
        "clocks": [{"name": c.name, "due": c.due.isoformat(), "steps": list(c.steps)} for c in running],
        "requested": money.euros(case.requested),
        "granted": money.euros(case.granted),
        "refused": money.euros(refused),
        "vouchers": [
            {"no": v.no, "amount": money.euros(v.amount), "holder": v.holder, "paid": money.euros(v.paid)}
            for v in case.vouchers
        ],
        "penalty": money.euros(penalty),
        "objection_until": objection_until(case.notified, acts).due.isoformat() if case.notified else None,
    }


def _ledgers(state: State) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for fund in state.funds.values():
        found[fund.id] = {
            wijk: _balances(state.ledgers.get((fund.id, wijk), Ledger())) for wijk in sorted(fund.designated)
        }
    return found


def _balances(ledger: Ledger) -> dict[str, str]:
    names = ("ceiling", "available", "committed", "outstanding", "paid", "recovered", "lapsed")
    return {name: money.euros(getattr(ledger, name)) for name in names}
