# SPDX-License-Identifier: EUPL-1.2
"""Writes: keyword-only, one transaction, asked of the engine first; a module per noun, `acts` the one way to write."""

from krachtwijk.web.apps.vouchers.services.acts import (
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
from krachtwijk.web.apps.vouchers.services.funds import add_wijk, appoint, end_appointment, open_fund
from krachtwijk.web.apps.vouchers.services.payments import (
    CASHIER,
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
    "act",
    "add_wijk",
    "appoint",
    "case_subject",
    "end_appointment",
    "open_fund",
    "payment_subject",
    "prepare_payment",
    "receive_application",
    "refuse_payment",
    "sign_payment",
    "write_texts",
]
