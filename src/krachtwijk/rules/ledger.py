# SPDX-License-Identifier: EUPL-1.2
"""The ceiling ledger: per fund and wijk a double-entry account in whole cents, that can be asked about any moment.

Every entry moves money from one account to another, so at every instant

    available + committed + outstanding + (paid - recovered) + lapsed = ceiling

An entry has two moments: from when it holds, and since when it is known (Awb 4:25(3) asks what was left on the day a
decision was or should have been taken).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Account = Literal["ceiling", "available", "committed", "outstanding", "paid", "recovered", "lapsed"]
ACCOUNTS: tuple[Account, ...] = (
    "ceiling", "available", "committed", "outstanding", "paid", "recovered", "lapsed",
)  # fmt: skip
#: Accounts that grow on the credit side: where the money comes from.
CREDIT = frozenset({"ceiling", "recovered"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Cents from the credited to the debited account; ``held`` and ``known`` are its two moments."""

    debit: Account
    credit: Account
    cents: int
    held: datetime.datetime
    known: datetime.datetime
    case: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """Balances of one fund and wijk after its last entry. Earlier ledgers stay, linked: adding an entry copies nothing.

    ``far`` skips back over many entries, so that a moment long ago is found in few steps (a skip list of Myers, 1983).
    """

    ceiling: int = 0
    available: int = 0
    committed: int = 0
    outstanding: int = 0
    paid: int = 0
    recovered: int = 0
    lapsed: int = 0
    entry: Entry | None = field(default=None, repr=False)
    before: Ledger | None = field(default=None, repr=False)
    far: Ledger | None = field(default=None, repr=False)
    size: int = 0
    in_order: bool = True  # no entry became known after one that holds later

    def post(self, entry: Entry) -> Ledger:
        """The ledger with one entry more. An entry of nothing changes nothing."""
        if entry.cents == 0:
            return self
        moved = [0] * len(ACCOUNTS)
        moved[ACCOUNTS.index(entry.debit)] += -entry.cents if entry.debit in CREDIT else entry.cents
        moved[ACCOUNTS.index(entry.credit)] += entry.cents if entry.credit in CREDIT else -entry.cents
        far = self.far
        if far is not None and far.far is not None and self.size - far.size == far.size - far.far.size:
            far = far.far
        else:
            far = self
        last = self.entry
        in_order = self.in_order and (last is None or (last.held <= entry.held and last.known <= entry.known))
        return Ledger(
            self.ceiling + moved[0],
            self.available + moved[1],
            self.committed + moved[2],
            self.outstanding + moved[3],
            self.paid + moved[4],
            self.recovered + moved[5],
            self.lapsed + moved[6],
            entry,
            self,
            far,
            self.size + 1,
            in_order,
        )

    def entries(self) -> Iterator[Entry]:
        """Every entry, newest first."""
        node: Ledger | None = self
        while node is not None and node.entry is not None:
            yield node.entry
            node = node.before

    def balances(self) -> dict[Account, int]:
        """Cents per account."""
        return {name: getattr(self, name) for name in ACCOUNTS}

    def balanced(self) -> bool:
        """The invariant: all that the ceiling gave is somewhere."""
        spread = self.available + self.committed + self.outstanding + self.paid - self.recovered + self.lapsed
        return spread == self.ceiling

    def as_of(self, held: datetime.datetime, known: datetime.datetime | None = None) -> Ledger:
        """The balances that held at ``held``, by what was known at ``known`` (default: by all that is known now)."""
        if not self.in_order:
            found = Ledger()
            chosen = [e for e in self.entries() if e.held <= held and (known is None or e.known <= known)]
            for entry in reversed(chosen):
                found = found.post(entry)
            return found

        def later(ledger: Ledger) -> bool:
            entry = ledger.entry
            return entry is not None and (entry.held > held or (known is not None and entry.known > known))

        node = self
        while later(node):
            # an entry that is too late has one before it; the far one is right where that is too late as well
            node = node.far if node.far is not None and later(node.far) else node.before  # type: ignore[assignment]
        return node
