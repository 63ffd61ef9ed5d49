# SPDX-License-Identifier: EUPL-1.2
"""How often codes may be tried, counted in the database so that all workers count together."""

from __future__ import annotations

from django.http import HttpRequest

from krachtwijk.web.apps.accounts import services as accounts
from krachtwijk.web.limits import address_of

#: wrong codes from one address, and wrong codes for one application, in a quarter of an hour
PER_ADDRESS = 10
PER_CASE = 10
#: plans begun from one address: a community centre helps many people in an evening
STARTS = 30


def _from(request: HttpRequest) -> str:
    return f"code van {address_of(request)}"


def shut(request: HttpRequest, case: str = "") -> bool:
    """Whether this address, or anybody for this application, tried too often."""
    return accounts.blocked(username=_from(request), times=PER_ADDRESS) or bool(
        case and accounts.blocked(username=f"code voor {case}", times=PER_CASE)
    )


def wrong(request: HttpRequest, case: str = "") -> None:
    """Write down that a code was wrong."""
    accounts.may_try(username=_from(request), times=PER_ADDRESS)
    if case:
        accounts.may_try(username=f"code voor {case}", times=PER_CASE)


def may_start(request: HttpRequest) -> bool:
    """Write down that a plan is begun; False where this address began too many."""
    return accounts.may_try(username=f"plan van {address_of(request)}", times=STARTS)
