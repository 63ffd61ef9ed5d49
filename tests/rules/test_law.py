# SPDX-License-Identifier: EUPL-1.2
"""What a by-law does not say and the Awb does: ceilings in time, lateness, objection, what comes after the grant."""

from __future__ import annotations

import dataclasses
import datetime
import json

import pytest
from typer.testing import CliRunner

from krachtwijk.cli.main import app
from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.events import read_line
from krachtwijk.rules.ledger import Entry, Ledger

from .stories import (
    MODEL,
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


def ceiling(amount: str, day: str, announced: str | None = None) -> dict:
    return event(day, "ceiling", fund="F", wijk="W", amount=amount, announced=announced or day)


def part(case: str, amount: str, day: str = "2008-12-08", **other: object) -> dict:
    return decision(case, "partial", amount, day, **{"grounds": ["e"], "motive": "Het plafond.", **other})


# --- the ceiling in time ----------------------------------------------------------------------------------------


def test_a_lowered_ceiling_counts_for_what_comes_in_after_it_awb_4_27() -> None:
    lowered = ceiling("1000.00", "2008-12-03")
    before = play(fund("4000.00"), application(day="2008-12-02"), lowered, grant())
    assert last(before)[0]
    assert ledger(before)["available"] == "-3000.00"
    after = play(fund("4000.00"), lowered, application(day="2008-12-04"), grant())
    assert refused_on(after, "6e")
    nothing_new = play(
        fund("4000.00"),
        application(day="2008-12-02"),
        lowered,
        application("B", "1.00", "2008-12-04"),
        grant(),
        grant("B", "1.00"),
    )
    assert refused_on(nothing_new, "6e")


def test_on_the_day_of_announcement_the_moment_tells_awb_4_27() -> None:
    lowered = ceiling("1000.00", "2008-12-03T12:00:00+01:00", "2008-12-03")
    assert last(play(fund("4000.00"), application(day="2008-12-03"), lowered, grant()))[0]
    late = application(day="2008-12-03T13:00:00+01:00")
    assert refused_on(play(fund("4000.00"), lowered, late, grant()), "6e")


def test_a_raised_ceiling_helps_who_was_there_before() -> None:
    start = [*fund("8000.00"), ceiling("3000.00", "2008-10-02"), application()]
    assert refused_on(play(start, grant()), "6e")
    assert last(play(start, ceiling("8000.00", "2008-12-05"), grant()))[0]


def test_a_lowering_does_not_undo_a_raise_for_who_was_there_before_it_awb_4_27() -> None:
    start = [*fund("8000.00"), ceiling("3000.00", "2008-10-02"), application(amount="8000.00")]
    raised, lowered = ceiling("8000.00", "2008-12-03"), ceiling("3000.00", "2008-12-05")
    found = play(start, raised, lowered, grant(amount="8000.00"))
    assert last(found)[0]
    assert ledger(found)["available"] == "-5000.00"
    later = application("B", "3000.01", "2008-12-06")
    assert refused_on(play(start, raised, lowered, later, grant("B", "3000.01")), "6e")


def test_without_a_ceiling_at_receipt_the_amount_of_the_wijk_binds() -> None:
    start = [e for e in fund("4000.00") if e["type"] != "ceiling"]
    late = ceiling("1000.00", "2008-12-04")
    assert last(play(start, application(), late, grant()))[0]
    assert refused_on(play(start, application(amount="4000.01"), late, grant(amount="4000.01")), "6e")


def test_a_designation_stays_above_the_ceiling() -> None:
    less = event("2008-12-01", "designate", fund="F", wijk="W", amount="59999.99")
    assert refused_on(play(fund(), less), "2.2")
    assert last(play(fund(), ceiling("59999.99", "2008-11-01"), less))[0]


# --- what is left, and no more ----------------------------------------------------------------------------------


def test_above_what_is_left_is_refused_with_the_rest_named_or_taken_as_partial_awb_4_25() -> None:
    start = [*fund("5000.00"), application("A", "3000.00"), application("B"), grant("A", "3000.00")]
    assert refused_on(play(start, grant("B")), "6e")
    assert "2000.00" in play(start, grant("B"))["events"][-1]["reason"]
    found = play(start, part("B", "4000.00"))
    assert found["cases"]["B"]["granted"] == "2000.00"
    assert refused_on(play(start, refusal("B", ["e"])), "6e")  # what is left must be granted
    assert refused_on(play(start, part("B", "1500.00")), "6e")
    assert last(play(start, part("B", "1500.00", grounds=["a"])))[0]
    assert last(play(start, refusal("B", ["a", "e"])))[0]


def test_late_by_the_authority_the_rest_of_the_last_day_counts_awb_4_25_3() -> None:
    start = [*fund("4000.00"), application("A"), application("B", day="2008-12-20")]
    # A was due on 29-12; B took everything after it
    late = play(start, grant("B", day="2008-12-30"), grant("A", day="2009-01-05"))
    assert last(late)[0]
    assert refused_on(play(start, grant("B", day="2008-12-29"), grant("A", day="2009-01-05")), "6e")


def test_funds_and_wijken_do_not_touch_each_other() -> None:
    found = play(fund("4000.00", wijken=["W", "V"]), fund("4000.00", name="G"), application(), grant())
    assert [ledger(found, *key)["available"] for key in (("F", "W"), ("F", "V"), ("G", "W"))] == [
        "0.00", "4000.00", "4000.00",
    ]  # fmt: skip


# --- deciding ---------------------------------------------------------------------------------------------------


def test_the_college_always_may_and_who_has_an_interest_may_not_awb_10_7_awb_2_4() -> None:
    assert last(play(fund(until="2008-11-01"), application(), grant(by="college")))[0]
    own = event("2008-12-02", "recuse", case="A", person="regiegroep")
    assert refused_on(play(fund(), application(), own, grant()), "Awb 2:4")
    assert last(play(fund(), application(), own, grant(by="college")))[0]


def test_the_college_ends_a_mandate_before_its_time_awb_10_8() -> None:
    shorter = event(
        "2008-11-15", "mandate", fund="F", wijk="W", body="regiegroep", consent=True, from_="2008-11-15",
        until="2008-12-07",
    )  # fmt: skip
    assert refused_on(play(fund(), shorter, application(), grant()), "2.6")
    next_year = {**shorter, "from": "2009-01-01", "until": "2009-12-31"}
    assert last(play(fund(until="2008-12-31"), next_year, application(), grant()))[0]


def test_a_kasbeheerder_with_an_interest_does_not_pay_awb_2_4() -> None:
    own = event("2008-12-02", "recuse", case="A", person="kas")
    assert refused_on(play(fund(), application(), own, grant(), paid()), "Awb 2:4")
    other = event("2008-12-20", "kasbeheerder", fund="F", person="ander")
    assert last(play(fund(), application(), own, grant(), other, paid(by="ander")))[0]


def test_refusing_what_the_wijk_chose_asks_for_a_reason_article_5_6() -> None:
    told = play(fund(), large(), refusal(grounds=["a"], day="2009-01-11"))["events"][-1]
    assert told["accepted"] and "5.6" in told["warnings"][0]
    full = [*fund("10000.00"), *large(), application("B", "10000.00"), grant("B", "10000.00")]
    empty = play(full, refusal("A", ["e"], "2009-01-11"))["events"][-1]
    assert empty["accepted"] and "warnings" not in empty


def test_a_case_is_decided_once_and_an_event_about_nothing_is_refused() -> None:
    assert refused_on(play(fund(), application(), grant(), grant()), "5")
    assert refused_on(play(fund(), grant("X")), "4.1")
    assert refused_on(play(fund(), application(), application()), "4.1")
    assert refused_on(play(application()), "2.2")


def test_a_plan_in_parts_is_noticed() -> None:
    found = play(fund(), application("A", "6000.00"), application("B", "6000.00"))
    assert "boven de grens" in found["events"][-1]["warnings"][0]


# --- clocks -----------------------------------------------------------------------------------------------------


def clock(found: dict, name: str, case: str = "A") -> str | None:
    return next((c["due"] for c in found["cases"][case]["clocks"] if c["name"] == name), None)


def test_a_supplement_after_its_term_puts_the_decision_off_no_longer_awb_4_15() -> None:
    start = [
        *fund(),
        application(signed=False),
        event("2008-12-03", "ask_supplement", case="A", until="2008-12-10"),
    ]
    on_time = play(start, event("2008-12-10", "supplement", case="A", fields={"signed": True}))
    late = play(start, event("2008-12-18", "supplement", case="A", fields={"signed": True}))
    assert on_time["cases"]["A"]["due"] == late["cases"]["A"]["due"] == "2009-01-04"
    running = play(start, as_of="2008-12-08")["cases"]["A"]
    assert (running["due"], running["state"]) == ("2009-01-02", "aanvulling_gevraagd")


def test_not_treating_is_said_within_four_weeks_after_the_term_awb_4_5() -> None:
    start = [
        *fund(),
        application(signed=False),
        event("2008-12-03", "ask_supplement", case="A", until="2008-12-10"),
    ]
    assert last(play(start, refusal(day="2009-01-07")))[0]
    assert refused_on(play(start, refusal(day="2009-01-08")), "Awb 4:5")
    again = event("2009-01-08", "ask_supplement", case="A", until="2009-01-15")
    assert last(play(start, again))[0]
    assert refused_on(
        play(start, event("2008-12-09", "ask_supplement", case="A", until="2008-12-20")), "Awb 4:5"
    )


def test_a_notice_of_delay_moves_eight_weeks_but_not_a_term_of_the_bylaw_awb_4_14() -> None:
    later = event("2008-12-20", "extend", case="A", until="2009-03-02")
    above = play(fund(), large()[:2], later, event("2009-02-20", "default_notice", case="A"))
    assert refused_on(above, "Awb 4:17")
    assert clock(above, "bericht van vertraging") == "2009-03-02"
    below = play(fund(), application(), later, event("2008-12-30", "default_notice", case="A"))
    assert last(below)[0]
    assert below["cases"]["A"]["due"] == "2008-12-29"
    assert refused_on(play(fund(), application(), later, later), "Awb 4:14")
    assert refused_on(play(fund(), application(), {**later, "at": "2008-12-30T10:00:00+01:00"}), "Awb 4:14")


def test_a_supplement_asked_after_a_notice_of_delay_puts_off_the_day_it_named_awb_4_15() -> None:
    story = [
        *fund(), application(amount="12300.00", signed=False),
        event("2008-12-20", "extend", case="A", until="2009-03-02"),
        event("2009-01-05", "ask_supplement", case="A", until="2009-01-26"),
        event("2009-01-16", "supplement", case="A", fields={"signed": True}),
    ]  # fmt: skip
    found = play(story)
    assert clock(found, "bericht van vertraging") == "2009-03-12"  # 6 to 15 January: ten days
    assert clock(found, "redelijke termijn") == "2009-02-05"
    assert refused_on(play(story, event("2009-03-12", "default_notice", case="A")), "Awb 4:17")
    assert last(play(story, event("2009-03-13", "default_notice", case="A")))[0]
    # one that was over before the notice is in the eight weeks already, and does not count twice
    early = [story[3] | {"at": "2008-12-02T10:00:00+01:00", "until": "2008-12-10"}]
    done = event("2008-12-08", "supplement", case="A", fields={"signed": True})
    before = play(story[: len(fund()) + 1], early, done, story[len(fund()) + 1])
    assert clock(before, "bericht van vertraging") == "2009-03-02"


def test_above_the_limit_a_notice_about_the_test_leaves_room_for_one_about_the_decision_awb_4_14() -> None:
    about_test = event("2008-12-20", "extend", case="A", until="2009-01-12")
    about_decision = event("2009-01-10", "extend", case="A", until="2009-03-02")
    start = [*fund(), application(amount="12300.00")]
    found = play(start, about_test, about_decision)
    assert all(e["accepted"] for e in found["events"])
    steps = [c["steps"][0] for c in found["cases"]["A"]["clocks"] if c["name"] == "bericht van vertraging"]
    assert ["eerste lid" in s for s in steps] == [True, False]
    assert refused_on(play(start, about_test, {**about_test, "until": "2009-01-14"}), "Awb 4:14")
    assert refused_on(play(start, {**about_test, "at": "2008-12-30T10:00:00+01:00"}), "Awb 4:14")
    # the eight weeks stand as they were: a notice of default the day after is in time
    late = play(start, about_test, event("2009-01-27", "default_notice", case="A"))
    assert last(late)[0]


def test_a_decision_ends_a_suspension_that_still_ran_awb_4_15() -> None:
    company = application(signed=False, initiator={"kind": "company", "name": "BV"})
    asked = event("2008-12-03", "ask_supplement", case="A", until="2009-01-30")
    found = play(fund(), company, asked, refusal(day="2008-12-10"), as_of="2009-01-20")
    assert found["cases"]["A"]["due"] == "2009-01-04"  # 4 to 9 December: six days


def test_an_answer_on_the_day_itself_suspends_nothing_and_says_nothing_awb_4_15() -> None:
    asked = event("2008-12-03", "ask_supplement", case="A", until="2008-12-10")
    given = event("2008-12-03T15:00:00+01:00", "supplement", case="A", fields={"signed": True})
    case = play(fund(), application(signed=False), asked, given)["cases"]["A"]
    assert (case["due"], len(case["clocks"][0]["steps"])) == ("2008-12-29", 1)


@pytest.mark.parametrize(
    ("notice", "penalty"),
    [("2009-09-30", "0.00"), ("2009-10-01", "1260.00"), ("2018-12-31", "1260.00"), ("2019-01-01", "1442.00")],
)
def test_the_tariff_is_that_of_the_day_the_notice_was_received_awb_4_17(notice: str, penalty: str) -> None:
    """The indexation of 2019 says so; the days of the penalty itself may lie after the change."""
    story = [*fund(), application(day="2009-06-01"), event(notice, "default_notice", case="A")]
    found = play(story, as_of="2019-06-01")
    assert found["cases"]["A"]["penalty"] == penalty
    assert (clock(found, "dwangsom") is None) is (penalty == "0.00")
    assert (
        "warnings" in found["events"][-1]
    )  # before the act: none; of an application from before it: ask a lawyer


def test_no_penalty_runs_up_for_who_plainly_cannot_be_granted_anything_awb_4_17_6() -> None:
    company = application(day="2026-02-02", initiator={"kind": "company", "name": "BV"})
    found = play(fund(), company, event("2026-03-03", "default_notice", case="A"), as_of="2026-06-01")
    assert found["cases"]["A"]["penalty"] == "0.00"


def test_above_the_limit_both_clocks_run_awb_4_13() -> None:
    found = play(fund(), application(amount="12300.00"))
    assert (clock(found, "beslistermijn"), clock(found, "redelijke termijn")) == ("2008-12-29", "2009-01-26")


def test_a_notice_of_default_too_early_or_twice_awb_4_17() -> None:
    assert refused_on(
        play(fund(), application(), event("2008-12-29", "default_notice", case="A")), "Awb 4:17"
    )
    notice = event("2008-12-30", "default_notice", case="A")
    assert refused_on(play(fund(), application(), notice, notice), "Awb 4:17")


def test_the_first_decision_stops_the_penalty_for_good() -> None:
    story = [
        *fund(), application(day="2026-02-02"), event("2026-03-03", "default_notice", case="A"),
        refusal(grounds=["a"], day="2026-03-20", by="college"), event("2026-03-21", "objection", case="A"),
        event("2026-04-20", "objection_decision", case="A", outcome="gegrond", by="college"),
    ]  # fmt: skip
    assert play(story, as_of="2026-12-01")["cases"]["A"]["penalty"] == "46.00"
    gone = [*story[:-3], event("2026-03-19", "withdraw_application", case="A")]
    assert play(gone, as_of="2026-12-01")["cases"]["A"]["penalty"] == "23.00"


# --- objection --------------------------------------------------------------------------------------------------

OBJECTED = [event("2008-12-09", "notify", case="A"), event("2009-01-05", "objection", case="A")]
UPHELD = event("2009-01-20", "objection_decision", case="A", outcome="upheld", by="college")


def test_an_objection_once_and_then_appeal() -> None:
    start = [*fund(), application(), refusal(grounds=["a"]), *OBJECTED]
    assert refused_on(play(start, OBJECTED[1]), "Awb 6:7")
    rejected = play(start, {**UPHELD, "outcome": "rejected"})
    assert rejected["cases"]["A"]["state"] == "geweigerd"
    assert refused_on(
        play(
            start,
            UPHELD,
            refusal(grounds=["b"], day="2009-01-21"),
            {**OBJECTED[1], "at": "2009-01-22T10:00:00+01:00"},
        ),
        "Awb 7:1",
    )
    assert refused_on(play(start, {**UPHELD, "outcome": "misschien"}), "Awb 7:11")


def test_the_refused_part_can_be_won_and_the_granted_part_stays() -> None:
    start = [
        *fund("5000.00"),
        application("A", "6000.00"),
        part("A", "6000.00"),
        paid(day="2008-12-20"),
        *OBJECTED,
        UPHELD,
    ]
    raised = [
        event("2009-01-20", "designate", fund="F", wijk="W", amount="9000.00"),
        ceiling("9000.00", "2009-01-20"),
    ]
    more = grant("A", "6000.00", "2009-01-22")
    found = play(start, raised, more)
    assert last(found)[0]
    assert [v["amount"] for v in found["cases"]["A"]["vouchers"]] == ["5000.00", "1000.00"]
    assert ledger(found)["outstanding"] == "5500.00"
    assert refused_on(play(start, more), "6e")
    assert refused_on(play(start, refusal("A", ["a"], "2009-01-22")), "Awb 7:11")


def test_a_revocation_is_told_and_objected_to_by_itself_awb_4_48_awb_6_7() -> None:
    start = [
        *fund(), application(), grant(), event("2008-12-09", "notify", case="A"),
        event("2009-03-02", "revoke", case="A", ground="Niet uitgevoerd"),
    ]  # fmt: skip
    told, objected = event("2009-03-03", "notify", case="A"), event("2009-04-14", "objection", case="A")
    assert play(start, told)["cases"]["A"]["objection_until"] == "2009-04-14"
    assert last(play(start, told, objected))[0]
    assert refused_on(play(start, told, {**objected, "at": "2009-04-15T10:00:00+02:00"}), "Awb 6:7")
    assert refused_on(play(start, told, told), "Awb 3:41")


def test_a_determination_opens_objection_again_after_the_grant_was_heard_awb_4_46() -> None:
    start = [
        *fund(), application(), grant(), *OBJECTED, {**UPHELD, "outcome": "rejected"},
        event("2009-02-01", "report", case="A"),
        event("2009-02-04", "determine", case="A", amount="2500.00"), event("2009-02-05", "notify", case="A"),
    ]  # fmt: skip
    assert last(play(start, event("2009-02-10", "objection", case="A")))[0]


def test_vouchers_from_before_an_objection_do_not_wait_for_an_issue_after_it_article_5_7() -> None:
    story = [
        *fund(), application("A", "6000.00"), part("A", "3000.00", grounds=["a"]), *OBJECTED[:1],
        paid(day="2008-12-20", amount="1000.00"), OBJECTED[1], UPHELD, grant("A", "6000.00", "2009-01-22"),
    ]  # fmt: skip
    issue = event("2009-02-01", "issue", case="A")
    before = play(story, issue, as_of="2009-01-25")
    assert all(e["accepted"] for e in before["events"])
    assert [v["amount"] for v in before["cases"]["A"]["vouchers"]] == ["3000.00"]
    after = play(story, issue)
    assert [v["amount"] for v in after["cases"]["A"]["vouchers"]] == ["3000.00", "3000.00"]


# --- payments and what comes after ------------------------------------------------------------------------------


def test_a_redemption_draws_vouchers_in_order_and_in_parts() -> None:
    found = play(fund(), application(amount="8000.00"), grant(amount="8000.00"), paid(amount="6000.00"))
    assert [v["paid"] for v in found["cases"]["A"]["vouchers"]] == ["5000.00", "1000.00"]


def test_what_the_bank_rejects_is_owed_again_and_after_the_end_it_is_not() -> None:
    start = [*fund(), application(), grant(), paid(amount="4000.00")]
    no = event("2009-01-12", "bank_result", case="A", no=1, ok=False)
    back = play(start, no)
    assert (back["cases"]["A"]["state"], ledger(back)["outstanding"]) == ("in_uitvoering", "4000.00")
    assert refused_on(play(start, no, no), "9.3")
    assert refused_on(play(start, {**no, "no": 2}), "9.3")
    gone = play(start, event("2009-01-11", "revoke", case="A", ground="Niet uitgevoerd"), no)
    assert (ledger(gone)["paid"], ledger(gone)["available"]) == ("0.00", "60000.00")
    owed = play(start, event("2009-01-11", "determine", case="A", amount="3000.00"), no)
    assert (ledger(owed)["outstanding"], ledger(owed)["available"]) == ("3000.00", "57000.00")


def test_determined_lower_than_paid_is_recovered_within_five_years_awb_4_57() -> None:
    start = [
        *fund(),
        application(),
        grant(),
        paid(amount="4000.00"),
        event("2012-02-29", "determine", case="A", amount="2500.00"),
    ]
    back = event("2012-06-01", "recover", case="A", amount="1500.00")
    assert ledger(play(start, back)) == {
        "ceiling": "60000.00", "available": "56000.00", "committed": "0.00", "outstanding": "0.00",
        "paid": "4000.00", "recovered": "1500.00", "lapsed": "1500.00",
    }  # fmt: skip
    assert refused_on(play(start, {**back, "amount": "1500.01"}), "Awb 4:57")
    assert last(play(start, {**back, "at": "2017-02-28T10:00:00+01:00"}))[0]
    assert refused_on(play(start, {**back, "at": "2017-03-01T10:00:00+01:00"}), "Awb 4:57")
    assert refused_on(play(start[:-1], back), "Awb 4:57")


def test_what_is_determined_and_not_yet_paid_can_be_paid() -> None:
    start = [*fund(), application(), grant(), event("2009-02-01", "determine", case="A", amount="3000.00")]
    assert ledger(play(start))["outstanding"] == "3000.00"
    assert last(play(start, paid(amount="3000.00", day="2009-02-02")))[0]
    assert refused_on(play(start, paid(amount="3000.01", day="2009-02-02")), "9.1")


def test_freed_money_goes_back_while_vouchers_can_be_issued_else_it_lapses() -> None:
    end = event("2009-06-30", "revoke", case="A", ground="Niet uitgevoerd")
    start = [*fund(), application(), grant()]
    assert ledger(play(start, end))["available"] == "60000.00"
    assert ledger(play(start, {**end, "at": "2009-07-01T10:00:00+02:00"}))["lapsed"] == "4000.00"
    unissued = [
        *start,
        event("2009-02-01", "revoke", case="A", ground="Niet begonnen"),
        event("2009-03-01", "issue", case="A"),
    ]
    found = play(unissued)
    assert refused_on(found, "5.2")
    assert (ledger(found)["committed"], ledger(found)["available"]) == ("0.00", "60000.00")


# --- time -------------------------------------------------------------------------------------------------------


def test_events_count_in_order_of_time_and_are_answered_in_order_of_the_file() -> None:
    found = play(grant(), application(), fund())
    assert [e["n"] for e in found["events"]] == list(range(1, 8))
    assert all(e["accepted"] for e in found["events"])
    assert refused_on(play(fund(), application(), grant(day="2008-11-30")), "4.1")


def test_a_day_is_that_of_amsterdam_whatever_the_offset() -> None:
    late = play(fund(), application(day="2009-06-15"), grant(day="2009-06-30T22:30:00+00:00"))
    assert refused_on(late, "5.8")  # half past midnight on 1 July here
    assert last(play(fund(), application(day="2009-06-15"), grant(day="2009-06-30T21:30:00+00:00")))[0]
    night = play(fund(), application(day="2008-12-01T23:30:00+00:00"))
    assert night["cases"]["A"]["due"] == "2008-12-30"
    assert play(fund(), application(day="2008-12-02T08:00:00+09:00"))["cases"]["A"]["due"] == "2008-12-30"


def test_in_the_hour_that_comes_twice_the_order_is_kept() -> None:
    first, second = "2008-10-26T02:50:00+02:00", "2008-10-26T02:10:00+01:00"
    found = play(fund(), application("B", day=second), application("A", day=first))
    assert [found["cases"][name]["rank"] for name in "AB"] == [1, 2]


def test_the_last_moment_of_a_due_day_in_summer_is_of_that_day_awb_4_25_3() -> None:
    start = [*fund("4000.00"), application("A", day="2009-03-02"), application("B", day="2009-03-20")]
    # A was due on 30-3, in summer time: what B got half an hour into the next day came after it
    taken = grant("B", day="2009-03-31T00:30:00+02:00")
    assert last(play(start, taken, grant("A", day="2009-04-06")))[0]
    assert refused_on(
        play(start, {**taken, "at": "2009-03-30T23:30:00+02:00"}, grant("A", day="2009-04-06")), "6e"
    )


def test_an_unknown_term_has_no_due_day_and_says_why() -> None:
    value = dataclasses.replace(MODEL.values["decision_term"], value=None, standing="unknown")
    law = dataclasses.replace(MODEL, values={**MODEL.values, "decision_term": value})
    case = play(fund(), application(), grant(), bylaw=law)["cases"]["A"]
    assert (case["state"], case["due"]) == ("toegekend", None)
    assert "niet bekend" in case["clocks"][0]["steps"][0]


def test_an_unknown_last_day_of_execution_stops_no_payment_and_is_said_article_5_8() -> None:
    value = dataclasses.replace(MODEL.values["last_execution"], value=None, standing="unknown")
    law = dataclasses.replace(MODEL, values={**MODEL.values, "last_execution": value})
    for done in (paid(), event("2009-03-01", "report", case="A")):
        told = play(fund(), application(), grant(), done, bylaw=law)["events"][-1]
        assert told["accepted"] and "niet bekend (5.8)" in told["warnings"][0]


def test_a_field_that_nobody_reads_is_said() -> None:
    told = play(fund(), application(), grant(ammount="1.00"))["events"][-1]
    assert told["accepted"] and "ammount" in told["warnings"][0]


@pytest.mark.parametrize(
    "line",
    [
        '{"at": "9999-12-31T10:00:00+01:00", "type": "issue", "case": "A"}',
        '{"at": "0001-01-01T00:00:00+05:00", "type": "issue", "case": "A"}',
        '{"at": "2008-12-01T10:00:00", "type": "issue", "case": "A"}',
        '{"at": "2008-12-01T10:00:00Z", "type": "expense", "case": "A", "amount": "1.00", "what": "x", "receipt": NaN}',
        '{"at": "2008-12-01T10:00:00Z", "type": "determine", "case": "A", "amount": "\u0661.00"}',
        '{"at": "2008-12-01T10:00:00Z", "type": "extend", "case": "A", "until": "9999-12-31"}',
    ],
)
def test_a_line_with_which_no_term_or_amount_can_be_worked_out_is_no_event(line: str) -> None:
    with pytest.raises(KrachtwijkError, match=r"\(regel 7\)"):
        read_line(7, line)


def test_two_time_axes_what_held_and_what_was_known() -> None:
    late = {**application("A", "3000.00"), "recorded": "2008-12-20T10:00:00+01:00"}
    story = [*fund(), late, application("B", "1000.00"), grant("B", "1000.00")]
    assert set(play(story, as_of="2008-12-10")["cases"]) == {"A", "B"}
    assert set(play(story, as_of="2008-12-10", known="2008-12-10")["cases"]) == {"B"}
    with pytest.raises(KrachtwijkError, match="recorded"):
        read_line(1, json.dumps({**late, "recorded": "2008-11-01T10:00:00+01:00"}))


def test_the_ledger_answers_both_axes() -> None:
    def moment(day: int) -> datetime.datetime:
        return datetime.datetime(2009, 1, day, tzinfo=datetime.UTC)

    book = Ledger()
    for debit, credit, cents, held, known in (
        ("available", "ceiling", 1000, 1, 1),
        ("committed", "available", 300, 5, 5),
        ("committed", "available", 200, 3, 9),
    ):
        book = book.post(Entry(debit, credit, cents, moment(held), moment(known)))
    assert [book.as_of(moment(d)).available for d in (1, 3, 5)] == [1000, 800, 500]
    assert [book.as_of(moment(d), moment(8)).available for d in (1, 3, 5)] == [1000, 1000, 700]


def test_the_ledger_finds_any_earlier_moment() -> None:
    book, start = Ledger(), datetime.datetime(2009, 1, 1, tzinfo=datetime.UTC)
    for hour in range(200):
        moment = start + datetime.timedelta(hours=2 * hour)
        book = book.post(Entry("available", "ceiling", 1, moment, moment))
    for hour in range(-1, 401):
        assert book.as_of(start + datetime.timedelta(hours=hour)).available == min(max(hour // 2 + 1, 0), 200)


def test_the_command_counts_a_day_as_all_of_it_and_takes_both_moments(tmp_path) -> None:
    file = tmp_path / "events.jsonl"
    late = {**application(), "recorded": "2008-12-20T10:00:00+01:00"}
    file.write_text("\n".join(json.dumps(e) for e in [*fund(), late]))
    asked = ["vouchers", "replay", str(file), "--json", "--as-of", "2008-12-01"]
    assert set(json.loads(CliRunner().invoke(app, asked).stdout)["cases"]) == {"A"}
    told = CliRunner().invoke(app, [*asked, "--known", "2008-12-19"])
    assert (told.exit_code, json.loads(told.stdout)["cases"]) == (0, {})
