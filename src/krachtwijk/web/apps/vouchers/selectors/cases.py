# SPDX-License-Identifier: EUPL-1.2
"""Reads: how funds and applications stand. Everything follows from the events; nothing is computed twice."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from krachtwijk.rules.clocks import Clock, clocks
from krachtwijk.rules.ledger import Ledger
from krachtwijk.rules.state import Case, State
from krachtwijk.rules.states import PHASE, UNDECIDED, Phase
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund, Wijk
from krachtwijk.web.apps.vouchers.services import case_subject


@dataclass(frozen=True, slots=True)
class Filed:
    """An application for a page: what the law says of it, and its title."""

    case: Case
    phase: Phase
    clocks: tuple[Clock, ...]
    title: str

    @property
    def due(self) -> datetime.date:
        """The first day that counts."""
        return self.clocks[0].due


def funds() -> list[Fund]:
    """All funds, by municipality."""
    return list(Fund.objects.all())


def state_of(fund: Fund) -> State:
    """Everything that holds in a fund now."""
    return current.standing(fund).state


def find_wijken(postcode: str) -> list[Wijk]:
    """The designated wijken that a postcode (four digits) lies in."""
    return [w for w in Wijk.objects.select_related("fund") if postcode in w.postcodes]


def balances(fund: Fund) -> dict[str, Ledger]:
    """The ledger of every designated wijk."""
    state = state_of(fund)
    found = state.funds.get(fund.pk)
    return {
        wijk: state.ledgers.get((fund.pk, wijk), Ledger())
        for wijk in sorted(found.designated if found else ())
    }


def one(fund: Fund, case: str, today: datetime.date) -> Filed | None:
    """One application."""
    found = state_of(fund).cases.get(case)
    return _filed(fund, [found], today)[0] if found else None


def cases(fund: Fund, today: datetime.date, wijk: str = "", states: Iterable[str] = ()) -> list[Filed]:
    """Applications of a fund in order of receipt, of a wijk and in these states where given."""
    wanted = frozenset(states)
    found = [
        c
        for c in state_of(fund).cases.values()
        if (not wijk or c.wijk == wijk) and (not wanted or c.state in wanted)
    ]
    found.sort(key=lambda c: (c.received, c.place))
    return _filed(fund, found, today)


def queue(
    fund: Fund, today: datetime.date, wijk: str = "", hidden_for: str = "", start: int = 0, most: int = 50
) -> tuple[list[Filed], int]:
    """What waits for a decision, in order of receipt, a page of it; and how many there are.

    ``hidden_for``: who recused themselves does not see the case (Awb 2:4).
    """
    found = [
        c
        for c in state_of(fund).cases.values()
        if c.state in UNDECIDED and (not wijk or c.wijk == wijk) and hidden_for not in c.recused
    ]
    found.sort(key=lambda c: (c.received, c.place))
    return _filed(fund, found[start : start + most], today), len(found)


def _filed(fund: Fund, found: list[Case], today: datetime.date) -> list[Filed]:
    law, acts = current.bylaw_of(fund.bylaw), current.acts()
    titles = private.known(subjects=[case_subject(c.id) for c in found], only=["title"])
    return [
        Filed(
            c,
            PHASE[c.state],
            clocks(c, law, acts, today),
            titles.get(case_subject(c.id), {}).get("title", c.id),
        )
        for c in found
    ]
