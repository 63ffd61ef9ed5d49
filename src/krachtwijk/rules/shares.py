# SPDX-License-Identifier: EUPL-1.2
"""Method of Equal Shares on approval ballots with cost utilities: exact outcomes, at the speed of floats.

Every voter gets the same amount. Again and again the plan is bought whose supporters pay the smallest share of its cost
each; a supporter with too little left gives all she has. Amounts are whole numbers of a unit so small that one voter's
part of the budget is whole too (see `rules/tally.py`).

How it is exact. What supporters pay for a bought plan is kept as a fraction over one common denominator; who has
nothing left is known for certain. A balance in floats is therefore the starting amount less at most one correctly
rounded payment for each bought plan, and lies within ``_margin`` of the true one. Whatever lies within the margins (who
is poor, what is affordable, which plan is cheapest a voter) is decided again in whole numbers; all else floats decide,
and cannot decide wrongly. Numpy only holds the balances: no amount of money comes out of it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd

import numpy as np
import numpy.typing as npt

#: Half the distance between 1 and the next float.
UNIT = 2.0**-53
#: After so many equal outcomes in a row it is worked out how long they stay equal; in elections up to this size (plans
#: times approvals), where that is cheaper than going on.
PATIENCE, SMALL = 8, 20_000

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bought:
    """One plan bought. A supporter who can pays ``part`` over ``whole``; ``poor``: how many gave all they had left."""

    plan: int
    part: int
    whole: int
    poor: int

    @property
    def share(self) -> Fraction:
        """What a supporter pays who can."""
        return Fraction(self.part, self.whole)


class Shares:
    """The ballots and costs of one election, ready to be tallied for any starting amount.

    ``costs``: whole numbers, at least 0. ``ballots``: a voter's plans, by place in ``costs``, none twice. ``rank``: per
    plan its place in the order that breaks ties, none twice.
    """

    def __init__(self, costs: Sequence[int], ballots: Sequence[Sequence[int]], rank: Sequence[int]) -> None:
        self.costs, self.rank, self.voters = list(costs), list(rank), len(ballots)
        plans = len(self.costs)
        lengths = np.fromiter(map(len, ballots), dtype=np.int64, count=len(ballots))
        flat = np.fromiter((p for b in ballots for p in b), dtype=np.int64, count=int(lengths.sum()))
        voter = np.repeat(np.arange(len(ballots)), lengths)
        order = np.argsort(flat, kind="stable")
        self.votes: list[int] = np.bincount(flat, minlength=plans).tolist()
        self.supporters: list[Places] = np.split(voter[order], np.cumsum(self.votes)[:-1]) if plans else []
        # every ballot as a row as wide as the longest; place `plans` stands for no plan
        self.rows = np.full((len(ballots), int(lengths.max(initial=0))), plans, dtype=np.int64)
        within = np.arange(len(flat)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        self.rows[voter, within] = flat
        self.falling: Floats = np.arange(max(self.votes, default=0), 0, -1, dtype=np.float64)
        self.kinds = Counter(tuple(sorted(ballot)) for ballot in ballots) if len(flat) <= SMALL else Counter()
        self.work = plans * len(flat)

    def buy(self, amount: int) -> list[Bought]:
        """What is bought, in order, when every voter starts with ``amount``."""
        return _Purchase(self, amount).run()

    def raised(self, start: int, step: int, patience: int = PATIENCE) -> Iterator[tuple[int, list[Bought]]]:
        """What is bought when ``start`` was raised so many times by ``step``, from 0 times on.

        A number of times may be left out if the same plans are bought, in the same order, as the time before it. Ends
        where no raise can change anything any more.
        """
        times, same, first = 0, 0, patience
        last: list[int] = []
        while True:
            found = self.buy(start + times * step)
            yield times, found
            plans = [bought.plan for bought in found]
            same = same + 1 if plans == last else 0
            last = plans
            times += 1
            if same >= patience and self.work <= SMALL:
                # nothing happens: work out until when
                same = 0
                until = _steady(self, start + (times - 1) * step)
                if until is None:
                    return
                ahead = ceil((until - start) / step)
                patience = first if ahead > times + patience else 2 * patience
                times = max(times, ahead)


class _Purchase:
    """One run: balances, and the exact payments so far."""

    def __init__(self, shares: Shares, amount: int) -> None:
        self.of, self.amount = shares, amount
        self.balance: Floats = np.full(shares.voters, float(amount))
        self.spent = np.zeros(shares.voters, dtype=np.bool_)  # has exactly nothing left
        self.bought: list[int] = []
        self.parts: list[int] = []  # payment for each bought plan, over `whole`
        self.whole = 1
        self.poor: list[int] = []

    def run(self) -> list[Bought]:
        of = self.of
        free = [p for p, cost in enumerate(of.costs) if cost == 0 and of.votes[p]]
        for plan in sorted(free, key=of.rank.__getitem__):
            self.bought.append(plan)
            self.parts.append(0)
            self.poor.append(0)
        # (a bound from below on what part of its cost a supporter pays, rank, plan, round of that bound)
        heap = [
            (1.0 / of.votes[p] * (1 - 4 * UNIT), of.rank[p], p, 0)
            for p, cost in enumerate(of.costs)
            if cost and of.votes[p] * self.amount >= cost
        ]
        heapq.heapify(heap)
        turn = 0
        while heap:
            turn += 1
            best: list[tuple[float, int, int, int]] = []
            limit = float("inf")
            while heap and heap[0][0] <= limit:
                low, rank, plan, seen = heapq.heappop(heap)
                if seen == turn:
                    best.append((low, rank, plan, seen))
                    continue
                found = self._bound(plan)
                if found is None:
                    continue
                low, high = found
                limit = min(limit, high)
                heapq.heappush(heap, (low, rank, plan, turn))
            if not best:
                continue
            chosen = self._first([entry for entry in best if entry[0] <= limit])
            for entry in best:
                if entry is not chosen:
                    heapq.heappush(heap, entry)
            self._pay(chosen[2])
        return [
            Bought(plan, part, self.whole, poor)
            for plan, part, poor in zip(self.bought, self.parts, self.poor, strict=True)
        ]

    def _margin(self) -> float:
        """How far a balance in floats may lie from the true one."""
        return 4.0 * (len(self.bought) + 2) * UNIT * self.amount

    def _unsure(self, plan: int) -> float:
        """How far a sum of balances of supporters, or what one of them pays, may lie from the true one."""
        return (self.of.votes[plan] + 2) * (self._margin() + 8.0 * UNIT * self.of.costs[plan])

    def _level(self, plan: int, held: Floats, together: Floats) -> float:
        """What a supporter pays for the plan, within `_unsure` of the truth; the supporters can pay it together.

        ``held``: their balances, sorted; ``together``: the running sum of those.
        """
        count, cost = len(held), self.of.costs[plan]
        if held[0] * count >= cost:
            return cost / count
        # paid if everyone gave at most what the j-th poorest has: hers for all from her on, and what those before have
        paid = held * self.of.falling[-count:]
        paid += together
        paid -= held
        j = min(int(paid.searchsorted(cost)), count - 1)
        before = float(together[j - 1]) if j else 0.0
        return float((cost - before) / (count - j))

    def _bound(self, plan: int) -> tuple[float, float] | None:
        """Below and above what part of the cost a supporter pays; None if her fellows and she cannot pay it."""
        cost, count, unsure = self.of.costs[plan], self.of.votes[plan], self._unsure(plan)
        held = self.balance[self.of.supporters[plan]]
        held.sort()
        if float(held[0]) * count > cost + unsure:
            part, slack = 1.0 / count, 4.0 * UNIT
            return part - slack * part, part + slack * part
        together = held.cumsum()
        lack = cost - float(together[-1])
        if lack > unsure or (lack > -unsure and not self._affordable(plan)):
            return None
        level = self._level(plan, held, together)
        return (level - unsure) / cost * (1 - 4 * UNIT), (level + unsure) / cost * (1 + 4 * UNIT)

    def _together(self, voters: Places) -> int:
        """What voters hold together, exactly, over `whole`."""
        voters = voters[~self.spent[voters]]
        times = np.bincount(self.of.rows[voters].ravel(), minlength=len(self.of.costs) + 1)[self.bought]
        paid = sum(n * part for n, part in zip(times.tolist(), self.parts, strict=True) if n)
        return int(len(voters) * self.amount * self.whole - paid)

    def _affordable(self, plan: int) -> bool:
        return self._together(self.of.supporters[plan]) >= self.of.costs[plan] * self.whole

    def _exactly(self, plan: int) -> tuple[int, int, npt.NDArray[np.bool_]]:
        """What payers pay together over `whole`, how many they are, and which supporters have nothing left then."""
        of, cost = self.of, self.of.costs[plan]
        who = of.supporters[plan]
        held = self.balance[who]
        ordered = np.sort(held)
        level = self._level(plan, ordered, ordered.cumsum())
        error = self._unsure(plan) + self._margin()
        poor, unsure = held < level - error, np.abs(held - level) <= error
        rest, payers = cost * self.whole, len(who)
        if poor.any():
            rest -= self._together(who[poor])
            payers -= int(np.count_nonzero(poor))
        places = np.flatnonzero(unsure)
        exact: list[tuple[int, int]] = []
        if len(places):
            # who approves the same bought plans holds the same
            bought = np.zeros(len(of.costs) + 1, dtype=np.bool_)
            bought[self.bought] = True
            rows = of.rows[who[places]]
            rows = np.sort(np.where(bought[rows], rows, len(of.costs)), axis=1)
            _, one, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
            values = [self._together(who[places[i : i + 1]]) for i in one.tolist()]
            exact = [(values[k], p) for k, p in zip(kind.ravel().tolist(), places.tolist(), strict=True)]
        exact.sort()
        last = 0
        for value, place in exact:
            if value * payers > rest:
                break
            rest, payers, last = rest - value, payers - 1, value
            poor[place] = True
        if payers == 0:  # all give all they have: it is just enough
            return last, 1, poor
        return rest, payers, poor

    def _first(self, entries: list[tuple[float, int, int, int]]) -> tuple[float, int, int, int]:
        """Which of plans that floats cannot tell apart comes first."""
        if len(entries) == 1:
            return entries[0]
        keys = []
        for number, (_, rank, plan, _) in enumerate(entries):
            rest, payers, _ = self._exactly(plan)
            keys.append((Fraction(rest, payers * self.of.costs[plan]), rank, number))
        return entries[min(keys)[2]]

    def _pay(self, plan: int) -> None:
        rest, payers, poor = self._exactly(plan)
        grow = payers // gcd(rest % payers, payers)
        if grow > 1:
            self.whole *= grow
            self.parts = [part * grow for part in self.parts]
        part = rest * grow // payers
        self.bought.append(plan)
        self.parts.append(part)
        self.poor.append(int(np.count_nonzero(poor)))
        who = self.of.supporters[plan]
        left = np.maximum(self.balance[who] - part / self.whole, 0.0)
        left[poor] = 0.0
        self.balance[who] = left
        self.spent[who[poor]] = True


@dataclass(frozen=True, slots=True)
class _Line:
    """A quantity as a straight line in the starting amount: what it is now, and what it gains for each unit more."""

    now: Fraction
    slope: Fraction

    def __sub__(self, other: _Line) -> _Line:
        return _Line(self.now - other.now, self.slope - other.slope)

    def over(self, divisor: int) -> _Line:
        return _Line(self.now / divisor, self.slope / divisor)


class _ChangeError(Exception):
    """The outcome may change with the smallest raise."""


def _steady(shares: Shares, amount: int) -> Fraction | None:
    """Below which starting amount, from ``amount`` on, the same is bought in the same order; None: always.

    Every balance is a straight line in the amount as long as the same supporters are poor at every purchase. So is
    every comparison that the run makes, and it turns where its line crosses zero. The first crossing is a safe answer.
    """
    held: dict[tuple[int, ...], _Line] = {kind: _Line(Fraction(amount), Fraction(1)) for kind in shares.kinds}
    backers: dict[int, list[tuple[int, ...]]] = {}
    for kind in held:
        for plan in kind:
            if shares.costs[plan]:
                backers.setdefault(plan, []).append(kind)
    bound: list[Fraction] = []
    parts: dict[int, tuple[_Line, _Line]] = {}  # plan → what a supporter pays, and as a part of the cost

    def keep(line: _Line) -> None:
        """This is at least 0 now, and must stay so."""
        if line.slope < 0:
            if line.now == 0:
                raise _ChangeError
            bound.append(amount - line.now / line.slope)

    def weigh(plan: int) -> bool:
        """Work out what a supporter pays; whether they can pay it at all."""
        cost, kinds = shares.costs[plan], sorted(backers[plan], key=lambda kind: held[kind].now)
        rest, payers = _Line(Fraction(cost), Fraction(0)), sum(shares.kinds[kind] for kind in kinds)
        total = _Line(Fraction(-cost), Fraction(0))
        poor = 0
        for kind in kinds:
            line, count = held[kind], shares.kinds[kind]
            total = _Line(total.now + count * line.now, total.slope + count * line.slope)
            if line.now * payers < rest.now:
                rest = _Line(rest.now - count * line.now, rest.slope - count * line.slope)
                payers -= count
                poor += 1
        if total.now < 0:
            keep(_Line(-total.now, -total.slope))
            return False
        keep(total)
        if payers == 0:
            raise _ChangeError
        share = rest.over(payers)
        for place, kind in enumerate(kinds):
            keep(share - held[kind] if place < poor else held[kind] - share)
        parts[plan] = (share, share.over(cost))
        return True

    try:
        stale = set(backers)
        while True:
            for plan in stale & set(backers):
                if not weigh(plan):
                    del backers[plan]
                    parts.pop(plan, None)
            if not backers:
                return min(bound, default=None)
            chosen = min(backers, key=lambda plan: (parts[plan][1].now, shares.rank[plan]))
            share, part = parts[chosen]
            for plan in backers:
                if plan != chosen:
                    keep(parts[plan][1] - part)
            stale = set()
            for kind in backers.pop(chosen):
                line = held[kind] - share
                held[kind] = line if line.now >= 0 else _Line(Fraction(0), Fraction(0))
                stale.update(kind)
    except _ChangeError:
        return Fraction(amount)
