# SPDX-License-Identifier: EUPL-1.2
"""Writes: keyword-only, one transaction, told in the register; a module per noun."""

from krachtwijk.web.apps.consultation.services.ballots import (
    CodeError,
    EnteredError,
    cast,
    confirm_hands,
    count_hands,
    enter_paper,
    register,
    told,
)
from krachtwijk.web.apps.consultation.services.codes import (
    MOST,
    give_code,
    looked_up,
    make_codes,
    opens_ballot,
    withdraw_codes,
)
from krachtwijk.web.apps.consultation.services.common import stream
from krachtwijk.web.apps.consultation.services.consultations import (
    ClosedError,
    annul,
    close,
    count,
    establish,
    name_observer,
    open_,
    prepare,
    recount,
)
from krachtwijk.web.apps.consultation.services.questions import (
    answer_reaction,
    ask,
    receive_reaction,
    summarise,
)

__all__ = [
    "MOST",
    "ClosedError",
    "CodeError",
    "EnteredError",
    "annul",
    "answer_reaction",
    "ask",
    "cast",
    "close",
    "confirm_hands",
    "count",
    "count_hands",
    "enter_paper",
    "establish",
    "give_code",
    "looked_up",
    "make_codes",
    "name_observer",
    "open_",
    "opens_ballot",
    "prepare",
    "receive_reaction",
    "recount",
    "register",
    "stream",
    "summarise",
    "told",
    "withdraw_codes",
]
