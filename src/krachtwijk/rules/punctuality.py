# SPDX-License-Identifier: EUPL-1.2
"""How a number of applications kept to the terms: the first decision against the day after which it is late."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median_low

from krachtwijk.rules.bylaw import Bylaw
from krachtwijk.rules.clocks import Acts, statutory_due
from krachtwijk.rules.state import Case
from krachtwijk.rules.states import UNDECIDED


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Of the applications that were decided: how many, how many in time, and the median of days from receipt
    (the lower one of two: at least half had an answer within it).

    ``waiting``: how many wait for a decision; ``late``: how many of these are late today. ``days`` is None where
    nothing was decided.
    """

    decided: int
    in_time: int
    days: int | None
    waiting: int
    late: int


def punctuality(cases: Iterable[Case], bylaw: Bylaw, acts: Acts, today: datetime.date) -> Punctuality:
    """The terms of these applications as they stand today; one that was withdrawn undecided does not count.

    The first decision counts, also where an objection undid it. Late is later than the by-law's term, or above the
    limit later than the reasonable term (Awb 4:13), with suspensions and notices in it.
    """
    days: list[int] = []
    in_time = waiting = late = 0
    for case in cases:
        due = statutory_due(case, bylaw, acts, today).due
        if case.first_decision is not None:
            on = case.first_decision.date()
            days.append((on - case.received.date()).days)
            in_time += on <= due
        elif case.state in UNDECIDED:
            waiting += 1
            late += due < today
    return Punctuality(len(days), in_time, median_low(days) if days else None, waiting, late)
