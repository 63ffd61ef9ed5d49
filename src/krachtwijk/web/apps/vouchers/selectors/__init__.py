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
    works_anywhere,
)
from krachtwijk.web.apps.vouchers.selectors.following import Followed, follow, fund_of_case, residence_of
from krachtwijk.web.apps.vouchers.selectors.street import Place, place, places, wijk_of
from krachtwijk.web.apps.vouchers.selectors.support import questions, support

__all__ = [
    "Filed",
    "Followed",
    "Outlook",
    "Place",
    "applicant",
    "balances",
    "decided",
    "filed",
    "find_wijken",
    "follow",
    "fund_of_case",
    "funds",
    "left",
    "one",
    "outlook",
    "place",
    "places",
    "questions",
    "residence_of",
    "state_of",
    "support",
    "texts",
    "waiting",
    "wijk_of",
    "works_anywhere",
]
