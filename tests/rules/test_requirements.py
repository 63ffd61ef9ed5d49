# SPDX-License-Identifier: EUPL-1.2
"""Every requirement of the by-law (R-057 to R-113), one test each, with its article."""

from __future__ import annotations

import dataclasses

import pytest

from krachtwijk.catalogue import bylaws as catalogue
from krachtwijk.rules import money
from krachtwijk.rules.states import PHASES

from .stories import (
    MODEL,
    application,
    at,
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


def changed(**values: object) -> object:
    """The model by-law with other values."""
    held = {**MODEL.values, **{k: dataclasses.replace(MODEL.values[k], value=v) for k, v in values.items()}}
    return dataclasses.replace(MODEL, values=held)


def vouchers(found: dict, case: str = "A") -> list[str]:
    return [v["amount"] for v in found["cases"][case]["vouchers"]]


def test_r_057_a_voucher_is_worth_at_most_5000_article_1a() -> None:
    assert vouchers(play(fund(), application(amount="5000.00"), grant(amount="5000.00"))) == ["5000.00"]
    assert vouchers(play(fund(), application(amount="5000.01"), grant(amount="5000.01"))) == [
        "5000.00",
        "0.01",
    ]


def test_r_058_several_vouchers_the_last_lower_article_1a() -> None:
    found = play(fund(), large(), grant(amount="12300.00", day="2009-01-11"))
    assert vouchers(found) == ["5000.00", "5000.00", "2300.00"]
    assert [v["no"] for v in found["cases"]["A"]["vouchers"]] == [1, 2, 3]


def test_r_059_an_initiative_outside_the_wijk_gets_nothing_article_2_1() -> None:
    assert refused_on(play(fund(), application(wijk="X"), grant()), "2.1")


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        ("individual", True),
        ("legal_group", True),
        ("informal_group", True),
        ("company", False),
        ("institution", False),
    ],
)
def test_r_060_residents_alone_or_together_and_no_company_article_1c(kind: str, may: bool) -> None:
    found = play(fund(), application(initiator={"kind": kind, "name": "De Brug"}), grant())
    assert last(found)[0] is may
    assert may or refused_on(found, "1c")


def test_r_061_only_a_body_with_a_running_mandate_decides_article_2_6() -> None:
    assert refused_on(play(fund(), application(), grant(by="bewonersraad")), "2.6")
    assert last(play(fund(until="2008-12-08"), application(), grant()))[0]
    assert refused_on(play(fund(until="2008-12-07"), application(), grant()), "2.6")
    assert refused_on(play(fund()[:-1], application(), grant()), "2.6")


def test_r_062_who_decided_does_not_pay_article_1h() -> None:
    both = event("2008-11-01", "kasbeheerder", fund="F", person="regiegroep")
    assert refused_on(play(fund(), both, application(), grant(), paid(by="regiegroep")), "1h")


@pytest.mark.parametrize("form", ["bijeenkomst", "digitaal", "schriftelijk", "andere vorm"])
def test_r_063_any_form_of_consultation_one_or_more_plans_article_1i(form: str) -> None:
    asked = [*large("A")[:2], *large("B")[:2]]
    votes = {"A": {"yes": 9, "no": 1}, "B": {"yes": 1, "no": 9}}
    held = event(
        "2009-01-10", "consultation", fund="F", cases=["A", "B"], form=form, rule="yes-no", votes=votes
    )
    found = play(fund(), asked, held)
    assert last(found)[0]
    assert {c["state"] for c in found["cases"].values()} == {"geraadpleegd"}


def test_r_064_a_ceiling_or_mandate_needs_a_designated_wijk_article_2_1() -> None:
    ceiling = event("2008-10-02", "ceiling", fund="F", wijk="X", amount="1.00", announced="2008-10-02")
    assert refused_on(play(fund(), ceiling), "2.1")


def test_r_065_a_designation_binds_the_budget_not_the_calendar_article_2_1() -> None:
    """A 2009 application under the 2008 fund is admissible; the 2009 fund needs a designation of its own."""
    assert last(play(fund(), application(day="2009-02-02"), grant(day="2009-02-09")))[0]
    new = event(
        "2009-01-05", "fund", fund="G", municipality="Stad", year=2009, amount="60000.00", reserve="0.00"
    )
    assert refused_on(
        play(fund(), new, application(fund="G", day="2009-02-02"), grant(day="2009-02-09", by="college")),
        "2.1",
    )


def test_r_066_the_amount_is_divided_over_the_wijken_article_2_2() -> None:
    start = event(
        "2008-10-01", "fund", fund="F", municipality="S", year=2008, amount="100000.00", reserve="10000.00"
    )
    first = event("2008-10-01", "designate", fund="F", wijk="W", amount="60000.00")
    assert last(play(start, first, event("2008-10-01", "designate", fund="F", wijk="V", amount="30000.00")))[
        0
    ]
    assert refused_on(
        play(start, first, event("2008-10-01", "designate", fund="F", wijk="V", amount="30000.01")), "2.2"
    )


@pytest.mark.parametrize(("reserve", "may"), [("25000.00", True), ("25000.01", False)])
def test_r_067_at_most_ten_per_cent_for_costs_article_2_3(reserve: str, may: bool) -> None:
    found = play(
        event(
            "2008-10-01", "fund", fund="F", municipality="S", year=2008, amount="250000.00", reserve=reserve
        )
    )
    assert last(found)[0] is may
    assert may or refused_on(found, "2.3")


def test_r_068_no_payment_without_kasbeheerder_and_the_newest_counts_article_2_4() -> None:
    without = [e for e in fund() if e["type"] != "kasbeheerder"]
    assert refused_on(play(without, application(), grant(), paid()), "2.4")
    other = event("2009-01-01", "kasbeheerder", fund="F", person="nieuw")
    assert refused_on(play(fund(), other, application(), grant(), paid(by="kas")), "9.1")
    assert last(play(fund(), other, application(), grant(), paid(by="nieuw")))[0]


def test_r_069_two_grants_cannot_pass_the_ceiling_together_article_2_5() -> None:
    found = play(
        fund("10000.00"),
        application("A", "7000.00"),
        application("B", "7000.00"),
        grant("A", "7000.00"),
        grant("B", "7000.00"),
    )
    assert refused_on(found, "6e")
    assert "3000.00" in found["events"][-1]["reason"]
    assert ledger(found)["available"] == "3000.00"


def test_r_070_the_mandate_has_a_body_with_consent_and_a_period_article_2_6_awb_10_4() -> None:
    without = event(
        "2008-10-01",
        "mandate",
        fund="F",
        wijk="W",
        body="groep",
        consent=False,
        from_="2008-10-01",
        until="2009-01-01",
    )
    assert refused_on(play(fund(), without), "Awb 10:4")
    backwards = {**without, "consent": True, "until": "2008-09-01"}
    assert refused_on(play(fund(), backwards), "2.6")


def test_r_071_an_official_decides_where_residents_decline_with_the_reason_article_2_6() -> None:
    made = event(
        "2008-10-01",
        "mandate",
        fund="F",
        wijk="W",
        body="ambtenaar",
        consent=False,
        from_="2008-10-01",
        until="2009-01-01",
    )
    assert refused_on(play(fund(), made), "2.6")
    told = {**made, "reason": "De bewoners willen geen regiegroep vormen."}
    assert last(play(fund(), told, application(), grant(by="ambtenaar")))[0]


def test_r_072_the_general_subsidy_bylaw_does_not_apply_article_3_2() -> None:
    assert MODEL("general_bylaw_applies") is False
    assert MODEL.article("general_bylaw_applies") == "3.2"


def test_r_073_one_queue_in_order_of_receipt_article_4_1() -> None:
    found = play(
        fund(),
        application("B", day="2008-12-02"),
        application("A", day="2008-12-01"),
        application("C", day="2008-12-02"),
    )
    assert {name: case["rank"] for name, case in found["cases"].items()} == {"A": 1, "B": 2, "C": 3}


@pytest.mark.parametrize("missing", [{"signed": False}, {"initiator": {"kind": "individual", "name": ""}}])
def test_r_074_name_and_signature_article_4_2a(missing: dict) -> None:
    found = play(fund(), application(**missing), grant())
    assert refused_on(found, "4.3")
    assert found["cases"]["A"]["state"] == "ingediend"


@pytest.mark.parametrize("field", ["plan", "planning"])
def test_r_075_what_and_when_article_4_2b(field: str) -> None:
    assert refused_on(play(fund(), application(**{field: " "}), grant()), "4.3")


@pytest.mark.parametrize("field", ["cost_estimate", "requested"])
def test_r_076_costs_and_vouchers_article_4_2c(field: str) -> None:
    assert refused_on(play(fund(), application(**{field: None}), grant()), "4.3")
    above = play(fund(), application(cost_estimate="3000.00"), grant())
    assert "3000.00" in above["events"][-1]["warnings"][0]


def test_r_077_other_subsidy_may_be_no_but_not_unsaid_article_4_2d() -> None:
    assert refused_on(play(fund(), application(other_subsidy=None), grant()), "4.3")
    assert refused_on(play(fund(), application(other_subsidy=""), grant()), "4.3")
    assert last(play(fund(), application(other_subsidy=False), grant()))[0]


def test_r_078_incomplete_is_asked_for_and_never_refused_for_that_article_4_3() -> None:
    asked = event("2008-12-03", "ask_supplement", case="A", until="2008-12-17")
    start = [*fund(), application(signed=False)]
    assert refused_on(play(start, refusal()), "4.3")
    assert refused_on(play(start, asked, refusal(day="2008-12-17")), "4.3")
    assert "de handtekening" in play(start)["events"][-1]["warnings"][0]
    late = play(start, asked, refusal(day="2008-12-18"))
    assert last(late) == (True, "Awb 4:5")
    assert late["cases"]["A"]["state"] == "buiten_behandeling"
    given = event("2008-12-10", "supplement", case="A", fields={"signed": True})
    assert last(play(start, asked, given, grant(day="2008-12-11")))[0]


def test_r_079_the_order_of_receipt_warns_and_a_waiting_case_blocks_nobody_article_4_4() -> None:
    two = [application("A", "7000.00", "2008-12-01"), application("B", "7000.00", "2008-12-02")]
    found = play(fund("10000.00"), two, grant("B", "7000.00"))
    assert last(found)[0]
    assert found["events"][-1]["warnings"] == [
        "A kwam eerder binnen en past na dit besluit niet meer onder het plafond (4.4)"
    ]
    for waiting in (
        application("A", "7000.00", signed=False),
        application("A", "7000.00", initiator={"kind": "company", "name": "BV"}),
        application("A", "20000.00"),
    ):
        found = play(fund("10000.00"), waiting, two[1], grant("B", "7000.00"))
        assert last(found)[0]
        assert "warnings" not in found["events"][-1]


def test_r_080_four_weeks_after_receipt_article_5_1() -> None:
    assert play(fund(), application(day="2008-12-01"))["cases"]["A"]["due"] == "2008-12-29"
    assert play(fund(), application(), grant())["cases"]["A"]["due"] == "2008-12-29"


def test_r_081_as_many_vouchers_as_needed_and_no_more_than_asked_article_5_2() -> None:
    assert refused_on(play(fund(), application(), grant(amount="4000.01")), "5.2")
    assert play(fund(), application(), decision())["cases"]["A"]["granted"] == "4000.00"


def test_r_082_above_the_limit_first_the_test_article_5_3() -> None:
    assert refused_on(play(fund(), application(amount="10000.01"), grant(amount="10000.01")), "5.3")
    assert last(play(fund(), application(amount="10000.00"), grant(amount="10000.00")))[0]


def test_r_083_the_decision_is_told_once_and_the_date_kept_article_5_4() -> None:
    told = event("2008-12-09", "notify", case="A")
    assert refused_on(play(fund(), application(), told), "5.4")
    found = play(fund(), application(), grant(), told)
    assert found["cases"]["A"]["objection_until"] == "2009-01-20"
    assert refused_on(play(fund(), application(), grant(), told, told), "Awb 3:41")
    # above the limit the outcome of the test is told as well, and opens no objection of its own (Awb 6:3)
    passed = play(fund(), large()[:2], {**told, "at": at("2008-12-11")})
    assert last(passed) == (True, "5.4")
    assert passed["cases"]["A"]["objection_until"] is None
    twice = {**told, "at": at("2008-12-12")}
    assert refused_on(play(fund(), large()[:2], {**told, "at": at("2008-12-11")}, twice), "5.4")
    final = [large()[2], grant(amount="12300.00", day="2009-01-11"), {**told, "at": at("2009-01-12")}]
    assert play(fund(), large()[:2], twice, final)["cases"]["A"]["objection_until"] == "2009-02-23"


def test_r_084_a_plan_that_passed_waits_for_the_wijk_article_5_5() -> None:
    assert play(fund(), large()[:2])["cases"]["A"]["state"] == "raadpleging_gepland"
    assert refused_on(play(fund(), large()[:1], large()[2]), "5.5")
    # a small grant that leaves it without money is allowed, and said (5.5 of the explanatory notes)
    emptied = play(fund("15000.00"), large("L")[:2], application("B"), grant("B"))
    assert last(emptied)[0]
    assert [told for told in emptied["events"][-1]["warnings"] if told.startswith("L ") and "5.5" in told]
    ample = play(fund("16300.00"), large("L")[:2], application("B"), grant("B"))
    assert "warnings" not in ample["events"][-1]


def test_r_085_no_grant_above_the_limit_without_a_won_consultation_article_5_6() -> None:
    assert refused_on(play(fund(), large()[:2], grant(amount="12300.00", day="2009-01-11")), "5.6")
    for yes, no in ((10, 30), (20, 20)):
        lost = play(fund(), large(yes=yes, no=no), grant(amount="12300.00", day="2009-01-11"))
        assert refused_on(lost, "5.6")
    told = play(fund(), large(yes=1, no=2), refusal(day="2009-01-11"))
    assert last(told) == (True, "5.6")


def test_r_086_vouchers_wait_for_a_start_condition_article_5_7() -> None:
    issue = event("2009-02-01", "issue", case="A")
    before = play(fund(), application(), grant(), issue, as_of="2009-01-15")
    assert (ledger(before)["committed"], vouchers(before)) == ("4000.00", [])
    after = play(fund(), application(), grant(), issue)
    assert (ledger(after)["outstanding"], vouchers(after)) == ("4000.00", ["4000.00"])


def test_r_087_the_last_day_to_issue_and_to_execute_article_5_8() -> None:
    start = [*fund(), application(day="2009-06-15")]
    assert last(play(start, grant(day="2009-06-30")))[0]
    assert refused_on(play(start, grant(day="2009-07-01")), "5.8")
    assert refused_on(play(start, grant(day="2009-06-20"), event("2009-07-01", "issue", case="A")), "5.8")


def test_r_088_the_list_of_grounds_is_closed_article_6() -> None:
    assert refused_on(play(fund(), application(), refusal()), "6")
    assert refused_on(play(fund(), application(), refusal(grounds=["f"])), "6")
    assert last(play(fund(), application(), refusal(grounds=["a"]))) == (True, "6a")


def test_r_089_granted_and_refused_are_what_was_asked_article_6() -> None:
    part = decision(
        outcome="partial", amount="2500.00", grounds=["a"], motive="De helft past in de planning."
    )
    case = play(fund(), application(), part)["cases"]["A"]
    assert (case["granted"], case["refused"], case["state"]) == (
        "2500.00",
        "1500.00",
        "gedeeltelijk_toegekend",
    )


@pytest.mark.parametrize("motive", ["", "  ", None])
def test_r_090_a_refusal_is_motivated_article_6(motive: str | None) -> None:
    assert refused_on(play(fund(), application(), refusal(grounds=["a"], motive=motive)), "6 toel.")


def test_r_091_works_without_maintenance_are_flagged_not_incomplete_article_6d() -> None:
    found = play(fund(), application(physical=True))
    assert found["cases"]["A"]["state"] == "in_behandeling"
    assert "grond d" in found["events"][-1]["warnings"][0]
    assert "warnings" not in play(fund(), application(physical=True, maintenance="gemeente"))["events"][-1]


def test_r_092_what_is_left_for_a_wijk_can_be_told_article_7_1() -> None:
    assert ledger(play(fund(), application(), grant()))["available"] == "56000.00"


def test_r_093_who_got_vouchers_can_be_told_without_contact_data_article_7_2() -> None:
    case = play(fund(), application(), grant())["cases"]["A"]
    assert case["granted"] == "4000.00"
    assert not {"contact", "phone", "address"} & set(case)


def test_r_094_the_public_word_for_each_state_is_one_short_sentence_article_7_3() -> None:
    assert all(phase.public.endswith(".") and len(phase.public.split()) <= 20 for phase in PHASES)


def test_r_095_expenses_are_counted_and_above_the_vouchers_flagged_article_8_1() -> None:
    def spent(amount: str) -> dict:
        return event("2009-02-01", "expense", case="A", amount=amount, what="aarde", receipt=f"bon {amount}")

    assert "warnings" not in play(fund(), application(), grant(), spent("4000.00"))["events"][-1]
    over = play(fund(), application(), grant(), spent("4000.00"), spent("0.01"))
    assert "0.01 meer" in over["events"][-1]["warnings"][0]


def test_r_096_changed_circumstances_ask_for_a_look_article_8_2() -> None:
    found = play(
        fund(), application(), grant(), event("2009-01-05", "change", case="A", text="Wij zijn met minder.")
    )
    assert last(found)[0]
    assert "8.2" in found["events"][-1]["warnings"][0]


def test_r_097_what_is_paid_is_not_paid_again_article_9_1() -> None:
    assert refused_on(
        play(fund(), application(), grant(), paid(amount="4000.00"), paid(amount="0.01")), "9.1"
    )


def test_r_098_the_kasbeheerder_refuses_and_the_voucher_stays_open_article_9_2() -> None:
    found = play(fund(), application(), grant(), paid(purpose_ok=False))
    assert refused_on(found, "9.2")
    assert found["cases"]["A"]["vouchers"][0]["paid"] == "0.00"


def test_r_099_an_invoice_leaves_the_rest_article_9_3a() -> None:
    found = play(fund(), application(amount="5000.00"), grant(amount="5000.00"), paid(amount="1200.00"))
    assert ledger(found)["outstanding"] == "3800.00"


def test_r_100_cash_up_to_500_a_time_and_twice_a_day_is_flagged_article_9_3b() -> None:
    start = [*fund(), application(), grant()]
    assert last(play(start, paid(kind="cash", amount="500.00")))[0]
    assert refused_on(play(start, paid(kind="cash", amount="500.01")), "9.3b")
    twice = play(start, paid(kind="cash"), paid(kind="cash"))
    assert last(twice)[0]
    assert "splitsen" in twice["events"][-1]["warnings"][0]


def test_r_101_in_force_before_it_was_adopted_article_10() -> None:
    bylaw = dataclasses.replace(MODEL, adopted=MODEL.in_force.replace(month=11, day=15))
    early = [*fund(), application(day="2008-10-06")]
    assert last(play(early, grant(day="2008-10-07"), bylaw=bylaw))[0]
    before = dataclasses.replace(MODEL, in_force=MODEL.in_force.replace(month=12))
    assert refused_on(play(early, grant(day="2008-11-30"), bylaw=before), "10.1")


@pytest.mark.parametrize(
    ("initiator", "holder"),
    [
        ({"kind": "individual", "name": "J. Jansen"}, "J. Jansen"),
        ({"kind": "legal_group", "name": "Stichting Groen", "contact": "P. Post"}, "Stichting Groen"),
        ({"kind": "informal_group", "name": "De buren", "contact": "P. Post"}, "P. Post"),
    ],
)
def test_r_102_on_whose_name_article_5_explanatory_note(initiator: dict, holder: str) -> None:
    found = play(fund(), application(initiator=initiator), grant())
    assert found["cases"]["A"]["vouchers"][0]["holder"] == holder


def test_r_103_one_cost_line_is_paid_once_over_all_funds_article_8_1() -> None:
    bill = {"amount": "100.00", "what": "Aarde", "receipt": "2009-17"}
    two = [*fund(), *fund(name="G"), application(), application("B", fund="G"), grant(), grant("B")]
    first = event("2009-02-01", "expense", case="A", **bill)
    assert refused_on(
        play(two, first, event("2009-02-02", "expense", case="B", **{**bill, "what": "aarde "})), "8.1"
    )
    numbered = [event("2009-02-01", "expense", case=c, **{**bill, "receipt": 17}) for c in "AB"]
    assert refused_on(play(two, numbered), "8.1")
    assert last(play(two, first, event("2009-02-02", "expense", case="B", **{**bill, "receipt": "2009-18"})))[
        0
    ]


def test_r_104_the_ceiling_is_at_most_the_amount_less_the_costs_article_2_5() -> None:
    start = [
        event(
            "2008-10-01",
            "fund",
            fund="F",
            municipality="S",
            year=2008,
            amount="100000.00",
            reserve="10000.00",
        ),
        event("2008-10-01", "designate", fund="F", wijk="W", amount="90000.00"),
    ]
    limit = {"fund": "F", "wijk": "W", "announced": "2008-10-01"}
    assert last(play(start, event("2008-10-01", "ceiling", amount="90000.00", **limit)))[0]
    assert refused_on(play(start, event("2008-10-01", "ceiling", amount="90000.01", **limit)), "2.5")


def told(code: str) -> tuple[str, str]:
    """The article and the words of a sentence of the model's summary."""
    found = next(sentence for sentence in MODEL.sentences if sentence.code == code)
    return found.article, found.text


def test_r_105_what_liveability_and_cohesion_mean_is_told_with_every_version_article_1d_1e() -> None:
    assert (told("liveability")[0], told("cohesion")[0]) == ("1d", "1e")
    for law in catalogue.bylaws().values():
        assert {"liveability"} <= {sentence.code for sentence in law.sentences}, law.id


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("integratie-uitkering", True),
        ("Integratie-uitkering Gemeentefonds", True),
        ("", True),
        ("WMO", False),
    ],
)
def test_r_106_only_this_money_article_3_1(source: str, may: bool) -> None:
    made = event(
        "2008-10-01",
        "fund",
        fund="F",
        municipality="S",
        year=2008,
        amount="1.00",
        reserve="0.00",
        source=source,
    )
    assert last(play(made))[0] is may
    assert may or refused_on(play(made), "3.1")


@pytest.mark.parametrize(("ground", "requirement"), [("a", "R-107"), ("b", "R-108"), ("c", "R-109")])
def test_r_107_r_108_r_109_grounds_a_b_and_c_article_6(ground: str, requirement: str) -> None:
    found = play(fund(), application(), refusal(grounds=[ground]))
    assert last(found) == (True, f"6{ground}")
    assert found["cases"]["A"]["refused"] == "4000.00"


def test_r_110_ground_d_is_for_works_only_article_6d() -> None:
    assert refused_on(play(fund(), application(physical=False), refusal(grounds=["d"])), "6d")
    assert last(play(fund(), application(physical=True), refusal(grounds=["d"]))) == (True, "6d")


def test_r_111_ground_e_is_computed_article_6e() -> None:
    assert refused_on(play(fund(), application(), refusal(grounds=["e"])), "6e")
    full = [*fund("4000.00"), application("A"), application("B"), grant("A")]
    assert last(play(full, refusal("B", grounds=["e"]))) == (True, "6e")


def test_r_112_support_by_the_initiator_is_a_duty_and_no_condition_for_a_complete_application_article_8_3() -> (
    None
):
    assert told("support")[0] == "8.3"
    assert last(play(fund(), application(), grant()))[0]  # nothing about support was filled in


def test_r_113_a_result_is_reported_and_late_is_said_article_7() -> None:
    start = [*fund(), application(), grant()]
    on_time = play(start, event("2009-12-31", "report", case="A"))
    assert on_time["cases"]["A"]["state"] == "uitgevoerd"
    assert "warnings" not in on_time["events"][-1]
    late = play(start, event("2010-01-01", "report", case="A"))
    assert last(late)[0]
    assert "5.8" in late["events"][-1]["warnings"][0]


def test_the_helper_reads_a_day_as_ten_in_the_morning() -> None:
    assert at("2008-12-01") == "2008-12-01T10:00:00+01:00"
    assert money.euros(money.cents("12300")) == "12300.00"
