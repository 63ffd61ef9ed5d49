# SPDX-License-Identifier: EUPL-1.2
"""How often something may be tried or sent: counted in the database, so that all workers count together.

What is counted (an address, a name, a code) becomes a keyed hash, and its row goes when its time is over. A row holds
how many there were in each thirtieth of the period, so it stays small whatever the limit, and a refusal writes nothing.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from krachtwijk.web import rows
from krachtwijk.web.sealing import keyed

#: Parts of a period that are counted apart: a limit holds at most one part longer than its period, never shorter.
PARTS = 30


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` in any ``period`` seconds for one subject; ``name`` keeps limits apart."""

    name: str
    times: int
    period: float

    def allows(self, subject: str, now: float | None = None) -> bool:
        """Count one more at ``now`` (seconds since 1970), unless it is one too many."""
        from krachtwijk.web.apps.accounts.models import Attempts  # the apps are loaded after the settings

        if self.times < 1:
            return False
        at = time.time() if now is None else now
        key, part = self._key(subject), int(at // self._width)
        with transaction.atomic():
            row, new = Attempts.objects.select_for_update().get_or_create(key=key, defaults={"until": 0})
            kept = self._kept(row.counts, part)
            if sum(kept.values()) >= self.times:
                return False
            kept[str(part)] = kept.get(str(part), 0) + 1
            row.counts, row.until = kept, at + self.period + self._width
            row.save(update_fields=["counts", "until"])
        if new:  # after the transaction, so that no lock waits for the rows of others
            forget_over(at)
        return True

    def reached(self, subject: str, now: float | None = None) -> bool:
        """Whether one more would be too many; writes nothing."""
        found = rows.ask("SELECT counts FROM accounts_attempts WHERE key = %s", self._key(subject))
        at = time.time() if now is None else now
        counted = sum(sum(self._kept(json.loads(c), int(at // self._width)).values()) for (c,) in found)
        return counted >= self.times

    def forget(self, subject: str) -> None:
        """Begin anew for a subject."""
        from krachtwijk.web.apps.accounts.models import Attempts

        Attempts.objects.filter(key=self._key(subject)).delete()

    @property
    def _width(self) -> float:
        return self.period / PARTS

    def _key(self, subject: str) -> str:
        return keyed("grens", f"{self.name}:{subject}")

    @staticmethod
    def _kept(counts: dict[str, int], part: int) -> dict[str, int]:
        """The parts that are not wholly before the period that ends now."""
        return {name: n for name, n in counts.items() if int(name) >= part - PARTS}


def forget_over(now: float | None = None) -> int:
    """Remove what is over; how many rows. Who comes for the first time does so too, and so does every night."""
    from krachtwijk.web.apps.accounts.models import Attempts

    return Attempts.objects.filter(until__lt=time.time() if now is None else now).delete()[0]


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: what the front server says, if there is one, else the other end of the line."""
    if settings.BEHIND_PROXY:
        named: str = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if named:
            return named
    return str(request.META.get("REMOTE_ADDR", ""))
