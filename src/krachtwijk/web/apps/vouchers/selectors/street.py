# SPDX-License-Identifier: EUPL-1.2
"""Whether something can be done in a street: what is left, until when, how long it takes, and what it is for."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from krachtwijk.rules.bylaw import Bylaw, Sentence
from krachtwijk.rules.ledger import Ledger
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund, Wijk
from krachtwijk.web.apps.vouchers.plan import KINDS

#: Sentences of a by-law that say what money is for, as that by-law defines it (R-105).
PURPOSE = ("aim", "initiative", "liveability", "cohesion", "examples", "collective", "not-private")


@dataclass(frozen=True, slots=True)
class Place:
    """A wijk with its money. Amounts in cents; a value that the by-law does not have, or nobody read, is None."""

    wijk: Wijk
    fund: Fund
    available: int
    decision_weeks: int | None
    last_issue: datetime.date | None
    last_execution: datetime.date | None
    direct_limit: int | None
    cash_limit: int | None
    kinds: tuple[str, ...]
    purpose: tuple[Sentence, ...]
    today: datetime.date

    @property
    def over(self) -> bool:
        """Whether nothing can be issued any more."""
        return self.last_issue is not None and self.last_issue < self.today


def read_value(bylaw: Bylaw, name: str) -> object:
    """A value of a by-law; None where it has none or nobody read it."""
    held = bylaw.values[name]
    return None if held.standing == "unknown" else held.value


def place(wijk: Wijk, today: datetime.date) -> Place:
    """What there is to know of a wijk before somebody makes a plan."""
    fund = wijk.fund
    law, state = current.bylaw_of(fund.bylaw), current.standing(fund).state
    ledger = state.ledgers.get((fund.pk, wijk.name), Ledger())
    wanted = {s.code: s for s in law.sentences if s.code in PURPOSE and not s.names}
    applicants = read_value(law, "applicants")

    def value(name: str) -> object:
        return read_value(law, name)

    return Place(
        wijk,
        fund,
        max(ledger.available, 0),
        value("decision_term"),  # type: ignore[arg-type]
        value("last_issue"),  # type: ignore[arg-type]
        value("last_execution"),  # type: ignore[arg-type]
        value("direct_limit"),  # type: ignore[arg-type]
        value("cash_limit"),  # type: ignore[arg-type]
        tuple(kind for kind in KINDS if kind in (applicants or ())),  # type: ignore[operator]
        tuple(wanted[code] for code in PURPOSE if code in wanted),
        today,
    )


def places(fund: Fund, today: datetime.date) -> list[Place]:
    """The designated wijken of a fund."""
    found = current.standing(fund).state.funds.get(fund.pk)
    designated = found.designated if found else ()
    return [
        place(w, today) for w in Wijk.objects.filter(fund=fund).select_related("fund") if w.name in designated
    ]


def wijk_of(fund: str, name: str) -> Wijk | None:
    """A wijk of a fund by its name."""
    return Wijk.objects.filter(fund=fund, name=name).select_related("fund").first()
