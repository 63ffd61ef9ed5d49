# SPDX-License-Identifier: EUPL-1.2
"""The twenty boundary cases of the by-law, read from the list, and the worked checks of the law note."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from krachtwijk.rules import terms
from krachtwijk.rules.clocks import penalty

from .stories import (
    ACTS,
    application,
    decision,
    event,
    fund,
    grant,
    large,
    last,
    ledger,
    paid,
    play,
    refusal,
    refused_on,
)

LIST = Path(__file__).resolve().parent.parent / "data" / "rules" / "boundary_cases_vouchers.csv"
ROWS = list(csv.DictReader(LIST.read_text("utf-8").splitlines()))


def opened(reserve: str) -> dict:
    return play(
        event("2008-10-01", "fund", fund="F", municipality="S", year=2008, amount="1000.00", reserve=reserve)
    )


def reported(day: str) -> dict:
    return play(fund(), application(), grant(), event(day, "report", case="A"))


def worth(amount: str) -> list[str]:
    found = play(fund(), application(amount=amount), grant(amount=amount))
    return [v["amount"] for v in found["cases"]["A"]["vouchers"]]


def second_of_two() -> bool:
    two = [*fund("4000.00"), application("A"), application("B"), grant("A")]
    return refused_on(play(two, grant("B")), "6e") and last(play(two, refusal("B", ["e"]))) == (True, "6e")


#: number of the case → whether the engine does what is expected
CASES: dict[str, Callable[[], bool]] = {
    "1": lambda: last(play(fund(), application(amount="10000.00"), grant(amount="10000.00")))[0],
    "2": lambda: (
        refused_on(play(fund(), application(amount="10000.01"), grant(amount="10000.01")), "5.3")
        and last(play(fund(), large(amount="10000.01"), grant(amount="10000.01", day="2009-01-11")))[0]
    ),
    "3": lambda: worth("5000.01") == ["5000.00", "0.01"],
    "4": lambda: worth("3200.00") == ["3200.00"],
    "5": lambda: max(worth("10000.00")) == "5000.00",
    "6": lambda: last(play(fund(), application(), grant(), paid(kind="cash", amount="500.00")))[0],
    "7": lambda: refused_on(play(fund(), application(), grant(), paid(kind="cash", amount="500.01")), "9.3b"),
    "8": lambda: last(opened("100.00"))[0],
    "9": lambda: refused_on(opened("101.00"), "2.3"),
    "10": lambda: last(play(fund(), application(day="2009-06-08"), grant(day="2009-06-30")))[0],
    "11": lambda: refused_on(play(fund(), application(day="2009-06-08"), grant(day="2009-07-01")), "5.8"),
    "12": lambda: "warnings" not in reported("2009-12-31")["events"][-1],
    "13": lambda: "Te laat" in reported("2010-01-01")["events"][-1]["warnings"][0],
    "14": second_of_two,
    "15": lambda: refused_on(
        play(fund(), application(initiator={"kind": "company", "name": "BV"}), grant()), "1c"
    ),
    "16": lambda: last(play(fund(), application(plan="Mijn huis"), refusal(grounds=["c"]))) == (True, "6c"),
    "17": lambda: last(play(fund(), application(physical=True), refusal(grounds=["d"]))) == (True, "6d"),
    "18": lambda: play(fund(), application())["cases"]["A"]["due"] == "2008-12-29",
    "19": lambda: refused_on(play(fund(), application(cost_estimate=None), refusal()), "4.3"),
    "20": lambda: refused_on(play(fund(), application(), grant(), paid(purpose_ok=False)), "9.2"),
}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['case']}-{row['article']}" for row in ROWS])
def test_boundary_case(row: dict[str, str]) -> None:
    assert CASES[row["case"]](), row["expected"]


def test_the_list_holds_the_twenty_cases() -> None:
    assert sorted(CASES, key=int) == [row["case"] for row in ROWS]


def term(start: str, number: int, *, act: bool) -> str:
    day = datetime.date.fromisoformat(start)
    return terms.weeks(day, number, ACTS.calendar, termijnenwet=act).due.isoformat()


def test_check_5a_four_weeks_and_the_days_of_a_supplement() -> None:
    start = [*fund(), application(day="2026-02-02", signed=False)]
    assert play(start)["cases"]["A"]["due"] == "2026-03-02"
    asked = event("2026-02-09", "ask_supplement", case="A", until="2026-02-23")
    given = event("2026-02-20", "supplement", case="A", fields={"signed": True})
    assert play(start, asked, given)["cases"]["A"]["due"] == "2026-03-12"


def test_check_5b_good_friday_stays_for_a_bylaw_and_moves_where_it_adopts_the_act() -> None:
    assert term("2009-03-13", 4, act=False) == "2009-04-10"
    assert term("2009-03-13", 4, act=True) == "2009-04-14"


@pytest.mark.parametrize(("sent", "end"), [("2026-04-02", "2026-05-18"), ("2025-11-20", "2026-01-05")])
def test_check_5c_5d_the_last_day_to_object(sent: str, end: str) -> None:
    told = [application(day="2009-01-05"), grant(day="2009-01-06"), event(sent, "notify", case="A")]
    assert play(fund(), told)["cases"]["A"]["objection_until"] == end
    assert last(play(fund(), told, event(end, "objection", case="A")))[0]
    after = (datetime.date.fromisoformat(end) + datetime.timedelta(1)).isoformat()
    assert refused_on(play(fund(), told, event(after, "objection", case="A")), "Awb 6:7")


@pytest.mark.parametrize(
    ("days", "cents"),
    [(0, 0), (1, 2300), (14, 32200), (15, 35700), (28, 81200), (29, 85700), (42, 144200), (60, 144200)],
)
def test_check_5e_the_penalty_by_days(days: int, cents: int) -> None:
    assert penalty(days, ACTS.penalties[1][1]) == cents
    # from the notice of default on: two weeks, then the first day
    notice = datetime.date(2026, 3, 3)
    today = (notice + datetime.timedelta(14 + days)).isoformat()
    told = event(notice.isoformat(), "default_notice", case="A")
    found = play(fund(), application(day="2026-02-02"), told, as_of=today)
    assert found["cases"]["A"]["penalty"] == f"{cents // 100}.00"


def test_check_5e_the_tariff_before_2019() -> None:
    assert penalty(42, ACTS.penalties[0][1]) == 126000
    told = event("2015-03-04", "default_notice", case="A")
    found = play(fund(), application(day="2015-02-02"), told, as_of="2015-12-01")
    assert found["cases"]["A"]["penalty"] == "1260.00"


def test_check_5e_no_penalty_before_the_law_nor_for_a_company() -> None:
    told = event("2009-01-12", "default_notice", case="A")
    assert play(fund(), application(), told, as_of="2009-06-01")["cases"]["A"]["penalty"] == "0.00"
    late = event("2026-03-03", "default_notice", case="A")
    barred = application(day="2026-02-02", initiator={"kind": "company", "name": "BV"})
    no = refusal(day="2026-05-01", by="college")
    assert play(fund(), barred, late, no)["cases"]["A"]["penalty"] == "0.00"


def test_check_6_money() -> None:
    assert worth("10000.00") == ["5000.00", "5000.00"]
    part = decision("B", "partial", "7500.00", grounds=["e"], motive="Het plafond is bereikt.")
    found = play(
        fund("9200.00"), application("A", "6000.00"), application("B", "7500.00"), grant("A", "6000.00"), part
    )
    assert (found["cases"]["B"]["granted"], found["cases"]["B"]["refused"]) == ("3200.00", "4300.00")
    assert ledger(found)["available"] == "0.00"


def test_check_6_an_objection_won_after_exhaustion_is_tested_against_what_was_left_then() -> None:
    """Awb 4:25(3): B took what was left after A was refused; A still gets it."""
    story = [
        *fund("4000.00"), application("A"), application("B", day="2008-12-02"),
        refusal("A", ["c"], "2008-12-08"), grant("B", day="2008-12-10"),
        event("2008-12-11", "notify", case="A"), event("2008-12-20", "objection", case="A"),
    ]  # fmt: skip
    assert refused_on(
        play(story, event("2009-01-10", "objection_decision", case="A", outcome="upheld", by="regiegroep")),
        "Awb 10:3",
    )
    upheld = event("2009-01-10", "objection_decision", case="A", outcome="upheld", by="college")
    found = play(story, upheld, grant("A", day="2009-01-12", by="college"))
    assert last(found)[0]
    assert ledger(found)["available"] == "-4000.00"
    # had B been first, nothing was left on the day of the first decision either
    early = [
        grant("B", day="2008-12-05") if e.get("case") == "B" and e["type"] == "decision" else e for e in story
    ]
    assert refused_on(play(early, upheld, grant("A", day="2009-01-12", by="college")), "6e")
