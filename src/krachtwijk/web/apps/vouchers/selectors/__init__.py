# SPDX-License-Identifier: EUPL-1.2
"""Reads: how funds and applications stand. Everything follows from the events; a module per noun."""

from krachtwijk.web.apps.vouchers.selectors.cases import (
    Filed,
    Outlook,
    applicant,
    balances,
    decided,
    filed,
    find_wijken,
    funds,
    left,
    one,
    outlook,
    state_of,
    texts,
    waiting,
)

__all__ = [
    "Filed",
    "Outlook",
    "applicant",
    "balances",
    "decided",
    "filed",
    "find_wijken",
    "funds",
    "left",
    "one",
    "outlook",
    "state_of",
    "texts",
    "waiting",
]
