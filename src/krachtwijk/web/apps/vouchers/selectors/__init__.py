# SPDX-License-Identifier: EUPL-1.2
"""Reads: how funds and applications stand. Everything follows from the events; a module per noun."""

from krachtwijk.web.apps.vouchers.selectors.cases import (
    Filed,
    balances,
    cases,
    find_wijken,
    funds,
    one,
    queue,
    state_of,
)

__all__ = ["Filed", "balances", "cases", "find_wijken", "funds", "one", "queue", "state_of"]
