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
from krachtwijk.web.apps.vouchers.services.drafts import (
    add_photo,
    clean_drafts,
    draft_subject,
    open_draft,
    save_draft,
    send_draft,
    start_draft,
)
from krachtwijk.web.apps.vouchers.services.following import (
    act_once,
    receipt_subject,
    report,
    result_subject,
    spend,
    supplement,
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
from krachtwijk.web.apps.vouchers.services.residence import (
    confirm_residence,
    make_residence_letter,
    see_residence,
)
from krachtwijk.web.apps.vouchers.services.support import (
    accept_referral,
    add_support_body,
    ask_call_back,
    referral_subject,
    return_referral,
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
    "accept_referral",
    "act",
    "act_once",
    "add_photo",
    "add_support_body",
    "add_wijk",
    "appoint",
    "ask_call_back",
    "body_of",
    "case_subject",
    "clean_drafts",
    "confirm_residence",
    "decide",
    "decide_fund",
    "draft_subject",
    "end_appointment",
    "give_voices",
    "make_residence_letter",
    "open_draft",
    "open_fund",
    "payment_subject",
    "prepare_payment",
    "receipt_subject",
    "receive_application",
    "referral_subject",
    "refuse_payment",
    "report",
    "result_subject",
    "return_referral",
    "save_draft",
    "see_residence",
    "send_draft",
    "sign_payment",
    "spend",
    "start_draft",
    "supplement",
    "table",
    "write_texts",
]
