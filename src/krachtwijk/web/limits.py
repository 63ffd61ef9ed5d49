# SPDX-License-Identifier: EUPL-1.2
"""How often one address may send something: counted in memory, and the address itself is not kept.

An address becomes a hash with a salt that is made anew each day and never leaves this process, so nobody can walk
back from it. Each worker counts for itself, so the real limit is at most the number of workers times higher.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from threading import Lock

from django.conf import settings
from django.http import HttpRequest

DAY = 86_400.0
#: Visitors remembered at most; beyond it everybody starts anew, which only makes the limit milder.
VISITORS = 10_000


@dataclass(slots=True)
class Limit:
    """At most ``times`` per ``period`` seconds for one address."""

    times: int
    period: float
    _day: int = -1
    _salt: bytes = b""
    _seen: dict[str, list[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def allows(self, address: str, now: float) -> bool:
        """Count one more at ``now`` (seconds since any fixed moment), unless it is one too many."""
        with self._lock:
            if int(now // DAY) != self._day or len(self._seen) >= VISITORS:
                self._day, self._salt = int(now // DAY), secrets.token_bytes(16)
                self._seen.clear()
            key = hashlib.sha256(self._salt + address.encode()).hexdigest()
            recent = [at for at in self._seen.get(key, ()) if at > now - self.period]
            allowed = len(recent) < self.times
            self._seen[key] = [*recent, now] if allowed else recent
            return allowed


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: what the front server says, if there is one, else the other end of the line."""
    if settings.BEHIND_PROXY:
        named: str = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if named:
            return named
    return str(request.META.get("REMOTE_ADDR", ""))
