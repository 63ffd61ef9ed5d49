# SPDX-License-Identifier: EUPL-1.2
"""Tally rules: published winners, worked checks, properties."""

from __future__ import annotations

import doctest
import gzip
import hashlib
import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pabutools.election import ApprovalBallot, ApprovalProfile, Cost_Sat, Instance, Project
from pabutools.rules import greedy_utilitarian_welfare, method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules import pabulib
from krachtwijk.rules.tally import Method, counterfactual, method_of, money, tally


def texts(shared: Path) -> dict[str, str]:
    files = sorted((shared / "data/pabulib").glob("*.pb*"))
    return {
        file.name: (
            gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        ).decode()
        for file in files
    }


def election(
    budget: str, plans: dict[str, str], groups: list[tuple[int, str]], rule: str = "greedy", meta: str = ""
) -> pabulib.Election:
    """An election of so many equal ballots a group."""
    lines = [
        "META",
        "key;value",
        f"budget;{budget}",
        "vote_type;approval",
        f"rule;{rule}",
        *filter(None, [meta]),
    ]
    lines += ["PROJECTS", "project_id;cost", *(f"{plan};{cost}" for plan, cost in plans.items())]
    lines += ["VOTES", "voter_id;vote"]
    ballots = [vote for count, vote in groups for _ in range(count)]
    lines += [f"{voter};{vote}" for voter, vote in enumerate(ballots)]
    return pabulib.read("\n".join(lines) + "\n")


def won(found: pabulib.Election, rule: str, **values: object) -> set[str]:
    return set(tally(found, Method(rule, **values)).winners)  # type: ignore[arg-type]


CHECK_4 = election(
    "60000",
    {"p1": "20000", "p2": "20000", "p3": "20000", "q": "12000", "r": "11000"},
    [(120, "p1,p2,p3"), (80, "q,r")],
)


def test_worked_check_4_greedy_gives_all_to_the_large_group() -> None:
    outcome = tally(CHECK_4, Method("greedy"))
    assert set(outcome.winners) == {"p1", "p2", "p3"}
    assert money(outcome.cost) == "60000.00"


@pytest.mark.parametrize("rule", ["mes", "mes-add1"])
def test_worked_check_4_equal_shares_gives_each_group_its_part(rule: str) -> None:
    outcome = tally(CHECK_4, Method(rule))
    assert sorted(winner[0] for winner in outcome.winners) == ["p", "q", "r"]
    assert outcome.as_json()["cost"] == "43000.00"
    assert outcome.budget - outcome.cost == 17_000


def test_403_voters_for_one_large_plan_lose_from_11_under_equal_shares_and_the_count_warns() -> None:
    found = election("310000", {"A": "310000", "B": "6000"}, [(403, "A"), (11, "B")])
    assert won(found, "greedy") == {"A"}
    for rule in ("mes", "mes-add1"):
        outcome = tally(found, Method(rule))
        assert outcome.winners == ("B",)
        assert outcome.budget - outcome.cost == 304_000
        assert any("Er zijn 2 plannen" in said for said in outcome.warnings)
        assert any("Meer dan een derde" in said and "plan A." in said for said in outcome.warnings)
        assert any(
            said.startswith("414 van 414 stembiljetten noemen minder dan 3") for said in outcome.warnings
        )


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "Gdynia_2020_Witomino__small",
        "Katowice_2025_Zarzecze",
        "Swiecie_2023",
        "Warszawa_2019_Stare_Miasto",
    ],
)
def test_published_winners_come_out_of_the_rule_of_the_file(shared: Path, name: str) -> None:
    found = pabulib.read(texts(shared)[f"Poland_{name}.pb"])
    published = {project.id for project in found.projects if project.fields["selected"] == "1"}
    assert set(tally(found, method_of(found)).winners) == published


@pytest.mark.shared
def test_the_first_outcome_that_leaves_nothing_affordable_is_another_one_in_real_elections(
    shared: Path,
) -> None:
    for name in ("358", "522"):
        found = pabulib.read(texts(shared)[f"Netherlands_Amsterdam_{name}.pb"])
        assert won(found, "mes-add1") != won(found, "mes-add1", stop="exhaustive")


@pytest.mark.shared
@pytest.mark.slow
def test_elections_of_amsterdam_have_the_winners_that_pabutools_finds(shared: Path) -> None:
    compared = 0
    for name, text in texts(shared).items():
        found = pabulib.read(text, name)
        if not name.startswith("Netherlands") or len(found.ballots) > 1500:
            continue
        instance, profile, ties = theirs(found)
        equal = method_of_equal_shares(instance, profile, sat_class=Cost_Sat, tie_breaking=ties)
        assert won(found, "mes") == {project.name for project in equal}, name
        most = greedy_utilitarian_welfare(instance, profile, sat_class=Cost_Sat, tie_breaking=ties)
        assert won(found, "greedy") == {project.name for project in most}, name
        compared += 1
    assert compared >= 8


def theirs(found: pabulib.Election) -> tuple[Instance, ApprovalProfile, TieBreakingRule]:
    """The election in the words of pabutools, with our order for ties."""
    projects = [Project(project.id, project.cost) for project in found.projects]
    ballots = [ApprovalBallot(projects[plan] for plan in ballot.plans) for ballot in found.ballots]
    votes = {p: sum(p in ballot for ballot in ballots) for p in projects}

    def order(_i: object, _p: object, project: Project) -> tuple[Fraction, int, str]:
        return project.cost, -votes[project], hashlib.sha256(f":{project.name}".encode()).hexdigest()

    return Instance(projects, budget_limit=found.budget), ApprovalProfile(ballots), TieBreakingRule(order)


@st.composite
def small(draw: st.DrawFn) -> pabulib.Election:
    """A small election in cents, full of ties; every plan has a supporter."""
    plans = [f"p{number}" for number in range(draw(st.integers(1, 6)))]
    costs = {plan: f"{draw(st.integers(1, 9))}.{draw(st.sampled_from(['00', '50', '25']))}" for plan in plans}
    votes = draw(st.lists(st.sets(st.sampled_from(plans)).map(lambda s: ",".join(sorted(s))), max_size=9))
    return election(
        str(draw(st.integers(0, 30))), costs, [(1, ",".join(plans)), *((1, vote) for vote in votes)]
    )


@settings(max_examples=150, deadline=None)
@given(small())
def test_greedy_and_add1_have_the_winners_of_pabutools(found: pabulib.Election) -> None:
    instance, profile, ties = theirs(found)
    most = greedy_utilitarian_welfare(instance, profile, sat_class=Cost_Sat, tie_breaking=ties)
    assert won(found, "greedy") == {project.name for project in most}
    # theirs stops at the first outcome that leaves nothing affordable: our other stop rule
    raised = method_of_equal_shares(
        instance, profile, sat_class=Cost_Sat, tie_breaking=ties, voter_budget_increment=1
    )
    assert won(found, "mes-add1", stop="exhaustive") == {project.name for project in raised}


@settings(max_examples=100, deadline=None)
@given(small(), st.sampled_from(["yes-no", "greedy", "mes", "mes-add1"]), st.randoms(use_true_random=False))
def test_never_above_the_budget_and_no_order_of_ballots_or_plans_matters(
    found: pabulib.Election, rule: str, chance: random.Random
) -> None:
    outcome = tally(found, Method(rule, seed="loting"))
    assert outcome.cost + sum(outcome.partial.values()) <= outcome.budget
    assert outcome.cost == sum(p.cost for p in found.projects if p.id in outcome.winners)
    ballots = list(found.ballots)
    chance.shuffle(ballots)
    lines = pabulib.write(found).split("\n")
    first, last = lines.index("PROJECTS") + 2, lines.index("VOTES")
    plans = lines[first:last]
    if rule != "yes-no":
        chance.shuffle(plans)
    votes = [f"{ballot.voter};{ballot.fields['vote']}" for ballot in ballots]
    mixed = pabulib.read("\n".join([*lines[:first], *plans, *lines[last : last + 2], *votes, ""]))
    again = tally(mixed, Method(rule, seed="loting"))
    assert (again.winners, again.log_sha256) == (outcome.winners, outcome.log_sha256)


@settings(max_examples=100, deadline=None)
@given(small())
def test_add1_is_the_last_raise_before_the_budget_is_passed(found: pabulib.Election) -> None:
    plans = [(project.id, project.cost) for project in found.projects]
    if sum(cost for _, cost in plans) <= found.budget:
        assert won(found, "mes-add1") == {plan for plan, _ in plans}
        return
    kept: set[str] = set()
    for raised in range(1000):
        # a voter's part raised by so many euros is Equal Shares with a budget so many euros a voter larger
        budget = found.budget + raised * len(found.ballots)
        larger = pabulib.read(pabulib.write(found).replace(f"budget;{found.budget}\n", f"budget;{budget}\n"))
        outcome = tally(larger, Method("mes"))
        if outcome.cost > found.budget:
            break
        kept = set(outcome.winners)
    assert won(found, "mes-add1") == kept


def test_the_log_is_the_count_and_its_fingerprint_is_of_its_text() -> None:
    outcome = tally(CHECK_4, Method("mes"))
    assert outcome.log_sha256 == hashlib.sha256(outcome.log_text.encode()).hexdigest()
    steps = [json.loads(line) for line in outcome.log]
    assert steps[0]["voters"] == 200 and steps[0]["rule"] == "mes"
    assert [step["plan"] for step in steps if "each" in step] == list(outcome.winners)
    assert steps[1]["each"] == "500/3"  # 20,000 over 120 supporters
    assert sum(Fraction(s["each"]) * s["supporters"] for s in steps if "each" in s) == outcome.cost
    assert steps[-1] == {"winners": list(outcome.winners), "cost": "43000.00", "left": "17000.00"}


def test_greedy_skips_what_does_not_fit_or_stops_there() -> None:
    found = election("10", {"a": "8", "b": "5", "c": "2"}, [(3, "a"), (2, "b"), (1, "c")])
    assert tally(found, Method("greedy")).winners == ("a", "c")
    assert tally(found, Method("greedy", skip=False)).winners == ("a",)
    assert tally(found, Method("greedy", threshold=Fraction(2))).winners == ("a",)
    nobody = election("10", {"a": "8", "z": "1"}, [(1, "a")])
    assert tally(nobody, Method("greedy")).winners == ("a",)


def test_ties_lowest_cost_then_most_votes_then_a_lot_with_a_published_seed() -> None:
    found = election("10", {"dear": "10", "cheap": "9"}, [(2, "dear"), (2, "cheap")])
    assert tally(found, Method("greedy")).winners == ("cheap",)
    equal = election("10", {"x": "10", "y": "10"}, [(2, "x"), (2, "y")])
    for seed in ("2009", "2010", "a", "b"):
        first = min("xy", key=lambda plan: hashlib.sha256(f"{seed}:{plan}".encode()).hexdigest())
        for rule in ("greedy", "mes-add1"):
            assert (
                tally(equal, Method(rule, seed=seed, ties=("lot",))).winners == (first,) or rule == "mes-add1"
            )
        assert tally(equal, Method("greedy", seed=seed)).winners == (first,)
    assert len({tally(equal, Method("greedy", seed=str(s))).winners for s in range(20)}) == 2


def test_r085_yes_no_takes_plans_in_order_of_receipt_and_pays_the_last_in_part() -> None:
    found = election(
        "10000", {"late": "1", "a": "6000", "b": "7000", "c": "1000"}, [(3, "a,b,c"), (1, "late,c")], "yes-no"
    )
    outcome = tally(found, Method("yes-no"))
    assert outcome.winners == ("a",)
    assert outcome.partial == {"b": 4000}
    assert outcome.as_json()["partial"] == {"b": "4000.00"}
    whole = tally(found, Method("yes-no", partial=False))
    assert (whole.winners, whole.partial) == (("a", "c"), {})
    assert tally(found, Method("yes-no", quorum=5)).winners == ()


def test_yes_no_reads_votes_against_where_the_ballots_have_them() -> None:
    lines = ["META", "key;value", "budget;100", "PROJECTS", "project_id;cost", "a;10", "b;10"]
    lines += ["VOTES", "voter_id;vote;no", "1;a;b", "2;;b", "3;b;", "4;;"]
    outcome = tally(pabulib.read("\n".join(lines)), Method("yes-no"))
    assert outcome.winners == ("a",)  # 1 for, 0 against; b has 1 for, 2 against
    assert not any("alleen stemmen vóór" in said for said in outcome.warnings)


def test_comparison_takes_greedy_where_more_ballots_have_more_money_in_it() -> None:
    found = election(
        "310000", {"A": "310000", "B": "6000"}, [(403, "A"), (11, "B")], "equalshares/add1-comparison"
    )
    outcome = tally(found, method_of(found))
    assert outcome.winners == ("A",)
    assert any("403 tegen 11" in said for said in outcome.warnings)
    kept = election("60000", {"p": "60000", "q": "6000"}, [(10, "p"), (11, "q")], "add1-comparison")
    assert tally(kept, method_of(kept)).winners == ("q",)


def test_channels_weigh_only_where_they_are_given_and_known() -> None:
    lines = [
        "META",
        "key;value",
        "budget;10",
        "vote_type;approval",
        "PROJECTS",
        "project_id;cost",
        "web;10",
        "hall;10",
    ]
    lines += ["VOTES", "voter_id;vote;channel", *(f"{n};web;internet" for n in range(6)), "7;hall;internet"]
    lines += ["8;hall;paper", "9;hall;paper"]
    found = pabulib.read("\n".join(lines))
    assert tally(found, Method("greedy")).winners == ("web",)
    halves = {"internet": Fraction(1, 2), "paper": Fraction(1, 2)}
    assert tally(found, Method("greedy", weights=halves)).winners == ("hall",)  # 1/14 + 1/2 against 6/14
    with pytest.raises(KrachtwijkError, match="weegt het kanaal 'paper' niet"):
        tally(found, Method("greedy", weights={"internet": Fraction(1)}))
    with pytest.raises(KrachtwijkError, match="gewichten"):
        Method("mes", weights=halves)


def test_decimal_amounts_are_exact_and_a_raise_is_one_whole_unit() -> None:
    found = election("10.50", {"a": "10.50", "b": "0.01"}, [(2, "a"), (1, "b")])
    outcome = tally(found, Method("mes-add1"))
    # 3.50 each: a needs 5.25 of two voters; at 4.50 not, at 5.50 a and b cost 10.51: above the budget
    assert outcome.as_json()["winners"] == ["b"]
    assert outcome.as_json()["cost"] == "0.01"
    assert [json.loads(line).get("raised") for line in outcome.log if '"raised"' in line] == [0, 2]


def test_a_rule_that_is_not_known_is_refused_with_the_known_ones() -> None:
    found = election("10", {"a": "1"}, [(1, "a")], "phragmen")
    with pytest.raises(KrachtwijkError, match="phragmen") as error:
        method_of(found)
    assert "mes-add1" in error.value.mend
    with pytest.raises(KrachtwijkError, match="borda"):
        method_of(found, rule="borda")
    assert method_of(found, rule="mes") == Method("mes")


@pytest.mark.parametrize("rule", ["yes-no", "greedy", "mes", "mes-add1"])
def test_no_ballots_no_votes_no_money_give_no_winners(rule: str) -> None:
    for found in (
        election("10", {"a": "5"}, []),
        election("10", {"a": "5"}, [(3, "")]),
        election("0", {"a": "5"}, [(3, "a")]),
    ):
        outcome = tally(found, Method(rule))
        assert (outcome.winners, outcome.cost) == ((), 0)


def test_other_rules_are_told_in_words() -> None:
    outcome = tally(CHECK_4, Method("greedy"))
    said = counterfactual(CHECK_4, outcome)
    assert len(said) == 3
    assert said[1].startswith("Met de regel mes winnen ‘r’ en ‘q’ wel, en winnen ‘p")
    assert "elke kiezer evenveel geld" in said[1]
    assert said[1].endswith("Er blijft 17000.00 over.")


def test_the_example_of_the_method_page_is_true() -> None:
    page = Path(__file__).resolve().parents[2] / "docs/methods/tally.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried > 5
    assert failed == 0
