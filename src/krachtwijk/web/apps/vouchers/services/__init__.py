# SPDX-License-Identifier: EUPL-1.2
"""Writes: keyword-only, one transaction, asked of the engine first; a module per noun, `acts` the one way to write."""

from krachtwijk.web.apps.vouchers.services.acts import (
    CASHIER,
    FORBIDDEN,
    Done,
    NotAllowedError,
    RefusedError,
    act,
    case_subject,
)
from krachtwijk.web.apps.vouchers.services.applications import (
    FOLLOW,
    Received,
    receive_application,
    write_texts,
)
from krachtwijk.web.apps.vouchers.services.funds import (
    add_wijk,
    appoint,
    decide_fund,
    end_appointment,
    open_fund,
)
from krachtwijk.web.apps.vouchers.services.meeting import Table, body_of, decide, give_voices, table
from krachtwijk.web.apps.vouchers.services.payments import (
    payment_subject,
    prepare_payment,
    refuse_payment,
    sign_payment,
)

__all__ = [
    "CASHIER",
    "FOLLOW",
    "FORBIDDEN",
    "Done",
    "NotAllowedError",
    "Received",
    "RefusedError",
    "Table",
    "act",
    "add_wijk",
    "appoint",
    "body_of",
    "case_subject",
    "decide",
    "decide_fund",
    "end_appointment",
    "give_voices",
    "open_fund",
    "payment_subject",
    "prepare_payment",
    "receive_application",
    "refuse_payment",
    "sign_payment",
    "table",
    "write_texts",
]
