# SPDX-License-Identifier: EUPL-1.2
"""Whatever happens, sense or nonsense: the ledger balances, refusals change nothing, the states keep to their table.

`KRACHTWIJK_EXAMPLES=5000` runs longer than the suite does.
"""

from __future__ import annotations

import datetime
import json
import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from krachtwijk.rules.clocks import NAMES
from krachtwijk.rules.engine import apply
from krachtwijk.rules.events import SCHEMA, read_line
from krachtwijk.rules.replay import chosen, read_events, replay
from krachtwijk.rules.state import Refusal, State
from krachtwijk.rules.states import ALL, NEW, PHASE, PHASES, ROLES, TRANSITIONS

from .stories import ACTS, MODEL, event, fund

EXAMPLES = int(os.environ.get("KRACHTWIJK_EXAMPLES", "150"))
FUNDS = ("F", "G")
WIJKEN = ("W", "V")
CASES = ("A", "B", "C", "D")
DAYS = st.integers(0, 420).map(lambda n: (datetime.date(2008, 11, 1) + datetime.timedelta(n)).isoformat())
AMOUNTS = st.sampled_from(
    [
        "0.00",
        "0.01",
        "499.99",
        "500.00",
        "500.01",
        "3000.00",
        "5000.00",
        "5000.01",
        "8000.00",
        "10000.00",
        "10000.01",
        "12300.00",
        "25000.00",
    ]
)
BODIES = st.sampled_from(["regiegroep", "regiegroep", "college", "kas", "ambtenaar", "iemand"])
GROUNDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=2)
MOTIVES = st.sampled_from(["Daarom.", "Daarom.", ""])
FLAGS = st.sampled_from([True, True, True, False])
CASE = st.sampled_from(CASES)
PLACE = {"fund": st.sampled_from(FUNDS), "wijk": st.sampled_from([*WIJKEN, "X"])}
FORM: dict[str, Any] = {
    "initiator": st.sampled_from(
        [{"kind": k, "name": n} for k in ("individual", "informal_group", "company") for n in ("J", "K")]
    ),
    "requested": AMOUNTS,
    "plan": st.sampled_from(["Plan", "Plan", ""]),
    "planning": st.just("mei"),
    "cost_estimate": AMOUNTS,
    "other_subsidy": st.just(False),
    "physical": st.booleans(),
    "signed": FLAGS,
}
KINDS: dict[str, dict[str, Any]] = {
    "ceiling": {**PLACE, "amount": AMOUNTS, "announced": DAYS},
    "designate": {**PLACE, "amount": AMOUNTS},
    "mandate": {**PLACE, "body": BODIES, "consent": FLAGS, "from": DAYS, "until": DAYS},
    "application": {"case": CASE, **PLACE, **FORM},
    "ask_supplement": {"case": CASE, "until": DAYS},
    "supplement": {
        "case": CASE,
        "fields": st.fixed_dictionaries(
            {"signed": st.just(True), "requested": AMOUNTS, "plan": st.just("P"), "cost_estimate": AMOUNTS}
        ),
    },
    "extend": {"case": CASE, "until": DAYS},
    "eligibility": {"case": CASE, "ok": FLAGS, "grounds": GROUNDS, "motive": MOTIVES, "by": BODIES},
    "decision": {
        "case": CASE,
        "outcome": st.sampled_from(["grant", "partial", "refuse"]),
        "amount": AMOUNTS,
        "grounds": GROUNDS,
        "motive": MOTIVES,
        "by": BODIES,
    },
    "issue": {"case": CASE},
    "notify": {"case": CASE},
    "redemption": {
        "case": CASE,
        "kind": st.sampled_from(["invoice", "cash"]),
        "amount": AMOUNTS,
        "by": st.just("kas"),
        "purpose_ok": FLAGS,
    },
    "bank_result": {"case": CASE, "no": st.integers(1, 2), "ok": st.booleans()},
    "default_notice": {"case": CASE},
    "objection": {"case": CASE},
    "objection_decision": {
        "case": CASE,
        "outcome": st.sampled_from(["upheld", "upheld", "rejected"]),
        "by": st.sampled_from(["college", "regiegroep"]),
    },
    "recuse": {"case": CASE, "person": st.just("iemand")},
    "change": {"case": CASE, "text": st.just("x")},
    "expense": {
        "case": CASE,
        "amount": AMOUNTS,
        "what": st.just("x"),
        "receipt": st.sampled_from(["1", "2"]),
    },
    "report": {"case": CASE},
    "determine": {"case": CASE, "amount": AMOUNTS},
    "revoke": {"case": CASE, "ground": MOTIVES},
    "recover": {"case": CASE, "amount": AMOUNTS},
    "withdraw_application": {"case": CASE},
}


@st.composite
def consultations(draw: st.DrawFn) -> dict[str, Any]:
    case = draw(CASE)
    votes = {case: {"yes": draw(st.integers(0, 3)), "no": draw(st.integers(0, 2))}}
    return event(
        draw(DAYS),
        "consultation",
        fund=draw(PLACE["fund"]),
        cases=[case],
        form="x",
        rule="yes-no",
        votes=votes,
    )


@st.composite
def anything(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            [*KINDS, "consultation", "application", "decision", "decision", "redemption", "determine"]
        )
    )
    if kind == "consultation":
        return draw(consultations())
    made = event(draw(DAYS), kind, **draw(st.fixed_dictionaries(KINDS[kind])))
    if draw(st.integers(0, 9)) == 0:
        known = datetime.datetime.fromisoformat(made["at"]) + datetime.timedelta(draw(st.integers(0, 60)))
        made["recorded"] = known.isoformat()
    return made


#: what sense looks like, so that the far states are reached too: an application to its end, days apart
COURSE = (
    "application",
    "supplement",
    "eligibility",
    "consultation",
    "decision",
    "notify",
    "objection",
    "objection_decision",
    "decision",
    "redemption",
    "redemption",
    "bank_result",
    "report",
    "determine",
    "redemption",
    "recover",
    "bank_result",
    "revoke",
)


@st.composite
def course(draw: st.DrawFn) -> list[dict[str, Any]]:
    case, day, place = draw(CASE), datetime.date(2008, 11, 3), draw(PLACE["fund"])
    made = []
    for kind in COURSE:
        if draw(st.integers(0, 3)) == 0 and kind != "application":
            continue
        day += datetime.timedelta(draw(st.integers(0, 14)))
        if kind == "consultation":
            votes = {case: {"yes": draw(st.integers(0, 9)), "no": 1}}
            made.append(
                event(day.isoformat(), kind, fund=place, cases=[case], form="x", rule="yes-no", votes=votes)
            )
            continue
        fields = {**draw(st.fixed_dictionaries(KINDS[kind])), "case": case}
        if kind == "application":
            fields |= {"fund": place, "wijk": draw(st.sampled_from(WIJKEN))}
        made.append(event(day.isoformat(), kind, **fields))
    return made


STREAMS = st.tuples(st.lists(course(), max_size=4), st.lists(anything(), max_size=25)).map(
    lambda parts: [e for story in parts[0] for e in story] + parts[1]
)
START = [e for name in FUNDS for e in fund("15000.00", name=name, wijken=WIJKEN)]


def read(stream: list[dict[str, Any]]) -> list[Any]:
    return read_events(json.dumps(e) for e in [*START, *stream])


@settings(max_examples=EXAMPLES)
@given(STREAMS)
def test_every_invariant_holds_after_every_event(stream: list[dict[str, Any]]) -> None:
    state = State()
    for e in chosen(read(stream)):
        answer = apply(state, e, MODEL, ACTS)  # stops by itself where a rule leaves the table of states
        if isinstance(answer, Refusal):
            assert answer.article
            assert answer.reason
            continue
        state = answer
        for key, book in state.ledgers.items():
            assert book.balanced()
            assert min(book.committed, book.outstanding, book.paid, book.recovered, book.lapsed) >= 0, key
            cases = [c for c in state.cases.values() if (c.fund, c.wijk) == key]
            assert book.paid == sum(c.paid for c in cases)
            assert book.outstanding == sum(c.payable for c in cases)
            assert book.recovered == sum(c.recovered for c in cases)
        for case in state.cases.values():
            if case.decision is not None:
                assert case.decision.granted + case.decision.refused == case.requested
            assert case.issued in {0, case.granted} or case.reopened or case.first_decision
            assert case.issued <= case.granted
            assert all(0 < v.amount <= MODEL("voucher_maximum") for v in case.vouchers)
            assert all(0 <= v.paid <= v.amount for v in case.vouchers)
            assert [v.no for v in case.vouchers] == list(range(1, len(case.vouchers) + 1))


@settings(max_examples=EXAMPLES)
@given(STREAMS, DAYS)
def test_as_of_is_the_replay_of_what_happened_till_then_and_the_ledger_says_the_same(
    stream: list[dict[str, Any]], day: str
) -> None:
    events = [
        e for e in read(stream) if e.type != "issue"
    ]  # an issue tells something about an earlier decision
    moment = datetime.datetime.fromisoformat(f"{day}T12:00:00+01:00")
    whole = replay(events, MODEL, ACTS, moment)
    assert whole == replay([e for e in events if e.at <= moment], MODEL, ACTS, moment)
    straight = [e for e in events if e.recorded is None]
    state = State()
    for e in chosen(straight):
        answer = apply(state, e, MODEL, ACTS)
        state = state if isinstance(answer, Refusal) else answer
    early = replay(straight, MODEL, ACTS, moment)["ledger"]
    for (name, wijk), book in state.ledgers.items():
        assert f"{book.as_of(moment).available / 100:.2f}" == early[name][wijk]["available"]


@settings(max_examples=EXAMPLES)
@given(STREAMS, st.randoms(use_true_random=False))
def test_replaying_again_gives_the_same_and_another_fund_does_not_matter(
    stream: list[dict[str, Any]], random: Any
) -> None:
    mine = [{**e, "fund": "F"} if "fund" in e else e for e in stream if e["type"] != "expense"]
    assert replay(read(mine), MODEL, ACTS) == replay(read(mine), MODEL, ACTS)
    theirs = json.loads(json.dumps(mine).replace('"F"', '"G"'))
    for name in CASES:
        theirs = json.loads(json.dumps(theirs).replace(f'"{name}"', f'"other {name}"'))
    both: list[dict[str, Any]] = []
    waiting = [list(mine), list(theirs)]
    while any(waiting):
        queue = random.choice([q for q in waiting if q])
        both.append(queue.pop(0))
    alone, together = replay(read(mine), MODEL, ACTS), replay(read(both), MODEL, ACTS)
    assert together["ledger"]["F"] == alone["ledger"]["F"] == together["ledger"]["G"]
    # the clocks of today depend on the last event only, which both have
    assert {n: c for n, c in together["cases"].items() if n in CASES} == alone["cases"]


#: events that lead on, for a walk through all states: one application below and one above the limit
STEPS: list[tuple[str, dict[str, Any]]] = [
    *(
        (
            "application",
            {
                "fund": "F",
                "wijk": "W",
                "initiator": {"kind": kind, "name": "J"},
                "requested": asked,
                "plan": plan,
                "planning": "mei",
                "cost_estimate": asked,
                "other_subsidy": False,
                "physical": False,
                "signed": True,
            },
        )
        for kind in ("individual", "company")
        for asked in ("4000.00", "12300.00")
        for plan in ("P", "")
    ),
    ("ask_supplement", {}),
    *(
        ("supplement", {"fields": fields})
        for fields in (
            {"plan": "P"},
            {"plan": "", "requested": "4000.00"},
            {"requested": "4000.00"},
            {"requested": "12300.00"},
        )
    ),
    ("extend", {}),
    ("default_notice", {}),
    ("withdraw_application", {}),
    ("issue", {}),
    ("notify", {}),
    ("objection", {}),
    ("eligibility", {"ok": True, "by": "college"}),
    ("eligibility", {"ok": False, "by": "college", "grounds": ["a"], "motive": "Daarom."}),
    (
        "consultation",
        {"fund": "F", "cases": ["A"], "form": "x", "rule": "yes-no", "votes": {"A": {"yes": 2, "no": 1}}},
    ),
    (
        "consultation",
        {"fund": "F", "cases": ["A"], "form": "x", "rule": "yes-no", "votes": {"A": {"yes": 1, "no": 2}}},
    ),
    ("decision", {"outcome": "grant", "by": "college"}),
    ("decision", {"outcome": "grant", "by": "college", "start_condition": True}),
    (
        "decision",
        {
            "outcome": "partial",
            "amount": "3000.00",
            "by": "college",
            "grounds": ["b"],
            "motive": "x",
            "start_condition": True,
        },
    ),
    (
        "decision",
        {"outcome": "partial", "amount": "3000.00", "by": "college", "grounds": ["a"], "motive": "Daarom."},
    ),
    (
        "decision",
        {"outcome": "partial", "amount": "3500.00", "by": "college", "grounds": ["a"], "motive": "Daarom."},
    ),
    ("decision", {"outcome": "refuse", "by": "college", "grounds": ["a"], "motive": "Daarom."}),
    *(
        ("redemption", {"kind": "invoice", "amount": amount, "by": "kas", "purpose_ok": True})
        for amount in ("1000.00", "2000.00", "3000.00", "4000.00")
    ),
    ("bank_result", {"no": 1, "ok": False}),
    ("bank_result", {"no": 1, "ok": True}),
    ("objection_decision", {"outcome": "upheld", "by": "college"}),
    ("objection_decision", {"outcome": "rejected", "by": "college"}),
    ("recuse", {"person": "iemand"}),
    ("change", {"text": "x"}),
    ("expense", {"amount": "1.00", "what": "x"}),
    ("report", {}),
    ("determine", {"amount": "2000.00"}),
    ("determine", {"amount": "0.00"}),
    ("revoke", {"ground": "x"}),
    ("recover", {"amount": "1000.00"}),
]


def test_every_way_in_the_table_can_be_walked() -> None:
    """The engine stops where it leaves the table; that the table holds nothing else, this walk shows."""

    def step(kind: str, fields: dict[str, Any], day: datetime.date) -> Any:
        made: dict[str, Any] = {**fields} if kind == "consultation" else {"case": "A", **fields}
        if kind in {"ask_supplement", "extend"}:
            made["until"] = (day + datetime.timedelta(3 if kind == "ask_supplement" else 100)).isoformat()
        return read_line(1, json.dumps(event(day.isoformat(), kind, **made)))

    start = State()
    for e in read(
        [event("2008-10-01", "fund", fund="Z", municipality="S", year=2008, amount="1.00", reserve="0.00")]
    ):
        answer = apply(start, e, MODEL, ACTS)
        assert isinstance(answer, State)
        start = answer
    walked, seen, todo = set(), set(), [(start, datetime.date(2008, 11, 3))]
    while todo:
        state, day = todo.pop()
        old = state.cases.get("A")
        for days in (1, 20):
            for kind, fields in STEPS:
                later = day + datetime.timedelta(100 if kind == "default_notice" else days)
                answer = apply(state, step(kind, fields, later), MODEL, ACTS)
                if isinstance(answer, Refusal):
                    continue
                case = answer.cases["A"]
                walked.add((old.state if old else NEW, kind, case.state))
                sign = (
                    case.state,
                    case.missing,
                    case.requested,
                    case.eligible is None,
                    case.consulted,
                    case.granted,
                    case.issued,
                    case.paid,
                    case.reopened,
                    case.objected is None,
                    case.heard,
                    case.determined,
                    len(case.redemptions) > 1,
                    any(r.settled is not None for r in case.redemptions),
                    case.fields["initiator"]["kind"],
                )
                if sign not in seen and later < datetime.date(2009, 7, 1):
                    seen.add(sign)
                    todo.append((answer, later))
    table = {(state, kind, after) for (state, kind), afters in TRANSITIONS.items() for after in afters}
    table.remove(("eis_toets", "eligibility", "in_behandeling"))  # only under a by-law without consultation
    assert not table - walked, str(sorted(table - walked))


def test_every_state_is_told_in_full_and_every_event_has_its_place() -> None:
    assert len(PHASE) == len(PHASES)
    for phase in PHASES:
        assert set(phase.roles) <= set(ROLES)
        assert not phase.term or phase.term in NAMES
        assert phase.article
    about_cases = {kind for kind, schema in SCHEMA.items() if "case" in schema} | {"consultation"}
    assert {kind for _, kind in TRANSITIONS} == about_cases
    assert {state for state, _ in TRANSITIONS} == {*ALL, NEW}
    assert set().union(*TRANSITIONS.values()) == set(ALL)
    assert read_line(1, json.dumps(START[0])).type == "fund"
