# SPDX-License-Identifier: EUPL-1.2
"""Equal Shares at the speed of floats equals Equal Shares done slowly in fractions, and what pabutools finds."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pabutools.election import ApprovalBallot, ApprovalProfile, Cost_Sat, Instance, Project
from pabutools.rules import method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule

from krachtwijk.rules.shares import Shares


def slowly(
    costs: list[int], ballots: list[list[int]], rank: list[int], amount: Fraction
) -> list[tuple[int, Fraction]]:
    """The definition, word for word, in fractions: plan and payment of who can pay it, in order."""
    left = [amount] * len(ballots)
    found: list[tuple[int, Fraction]] = []
    while True:
        best: tuple[Fraction, int, int, Fraction] | None = None
        for plan, cost in enumerate(costs):
            who = sorted((left[v], v) for v, ballot in enumerate(ballots) if plan in ballot)
            if plan in [p for p, _ in found] or not who or sum(money for money, _ in who) < cost:
                continue
            rest, payers = Fraction(cost), len(who)
            for money, _ in who:
                if money * payers >= rest:
                    break
                rest, payers = rest - money, payers - 1
            share = rest / payers
            part = share / cost if cost else Fraction(-1)
            if best is None or (part, rank[plan]) < best[:2]:
                best = (part, rank[plan], plan, share)
        if best is None:
            return found
        _, _, plan, share = best
        for v, ballot in enumerate(ballots):
            if plan in ballot:
                left[v] = max(Fraction(0), left[v] - share)
        found.append((plan, share))


@st.composite
def elections(
    draw: st.DrawFn, plans: int = 7, voters: int = 12
) -> tuple[list[int], list[list[int]], list[int]]:
    """Costs from a narrow range, so that ties, exact affordability and empty purses are common."""
    count = draw(st.integers(1, plans))
    costs = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
    ballots = draw(st.lists(st.lists(st.integers(0, count - 1), unique=True), min_size=1, max_size=voters))
    rank = draw(st.permutations(range(count)))
    return costs, ballots, list(rank)


@settings(max_examples=600, deadline=None)
@given(elections(), st.integers(0, 40))
@example(([10, 10], [[0], [0], [1], [1]], [1, 0]), 5)
def test_equal_shares_is_the_definition_done_in_fractions(
    election: tuple[list[int], list[list[int]], list[int]], amount: int
) -> None:
    costs, ballots, rank = election
    costs = [cost * 6 for cost in costs]
    found = Shares(costs, ballots, rank).buy(amount)
    assert [(b.plan, b.share) for b in found] == slowly(costs, ballots, rank, Fraction(amount))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 10**9))
def test_large_amounts_and_long_fractions_stay_exact(seed: int, scale: int) -> None:
    chance = random.Random(seed)
    plans, voters = chance.randint(5, 20), chance.randint(20, 80)
    costs = [chance.randint(1, 60) * scale for _ in range(plans)]
    ballots = [chance.sample(range(plans), chance.randint(0, 5)) for _ in range(voters)]
    rank = chance.sample(range(plans), plans)
    amount = sum(costs) // voters // chance.randint(1, 4)
    found = Shares(costs, ballots, rank).buy(amount)
    assert [(b.plan, b.share) for b in found] == slowly(costs, ballots, rank, Fraction(amount))


@settings(max_examples=200, deadline=None)
@given(elections(), st.integers(0, 300))
def test_nobody_pays_more_than_her_part_and_payments_are_the_cost(
    election: tuple[list[int], list[list[int]], list[int]], amount: int
) -> None:
    costs, ballots, rank = election
    costs = [cost * 6 for cost in costs]
    left = [Fraction(amount)] * len(ballots)
    for bought in Shares(costs, ballots, rank).buy(amount):
        paid = [
            min(left[v], bought.share) if bought.plan in b else Fraction(0) for v, b in enumerate(ballots)
        ]
        assert sum(paid) == costs[bought.plan]
        gave_all = sum(bought.plan in b and left[v] <= bought.share for v, b in enumerate(ballots))
        assert bought.poor in {gave_all, 0} and (bought.poor == gave_all or costs[bought.plan] == 0)
        left = [money - gone for money, gone in zip(left, paid, strict=True)]
        assert min(left) >= 0


@settings(max_examples=150, deadline=None)
@given(elections(), st.integers(1, 60))
def test_the_same_winners_as_pabutools(
    election: tuple[list[int], list[list[int]], list[int]], budget: int
) -> None:
    costs, ballots, rank = election
    costs = [cost + 1 for cost in costs]  # plans for nothing are outside its definition
    projects = [Project(str(number), cost) for number, cost in enumerate(costs)]
    profile = ApprovalProfile([ApprovalBallot(projects[p] for p in ballot) for ballot in ballots])
    ties = TieBreakingRule(lambda _i, _p, project: rank[int(project.name)])
    theirs = method_of_equal_shares(
        Instance(projects, budget_limit=budget), profile, sat_class=Cost_Sat, tie_breaking=ties
    )
    ours = Shares([cost * len(ballots) for cost in costs], ballots, rank).buy(budget)
    assert {bought.plan for bought in ours} == {int(project.name) for project in theirs}


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(elections(plans=6, voters=8), st.integers(1, 900), st.integers(1, 40), st.sampled_from([0, 8]))
def test_raising_finds_every_outcome_of_a_fresh_run(
    election: tuple[list[int], list[list[int]], list[int]], start: int, step: int, patience: int
) -> None:
    costs, ballots, rank = election
    shares = Shares([cost * 97 for cost in costs], ballots, rank)
    raised = shares.raised(start, step, patience)
    times, found = next(raised)
    assert times == 0
    current: list[int] = []
    for count in range(150):
        if count >= times:
            assert count == times
            current = [b.plan for b in found]
            times, found = next(raised, (10**9, []))
        assert [b.plan for b in shares.buy(start + count * step)] == current


def test_raising_passes_over_amounts_at_which_nothing_can_change() -> None:
    shares = Shares([250_000, 150_000, 100_000], [[0], [1, 2], [1], [1, 2], [2]], [0, 1, 2])
    outcomes = []
    for times, found in shares.raised(60_000, 5):
        outcomes.append(times)
        if 0 in {bought.plan for bought in found}:
            break
    assert outcomes[-1] == 38_000  # her part is 250,000 then: 60,000 and 38,000 times 5
    assert len(outcomes) < 60
