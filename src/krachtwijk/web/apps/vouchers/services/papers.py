# SPDX-License-Identifier: EUPL-1.2
"""The voucher on paper: printed with a code of its own, that the kasbeheerder scans."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from krachtwijk.rules.state import Refusal
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.permissions import KASBEHEERDER, OFFICIAL, held, roles_in
from krachtwijk.web.apps.vouchers.services.acts import FORBIDDEN, NotAllowedError, RefusedError, case_of
from krachtwijk.web.apps.vouchers.services.payments import told_of_money

#: purpose of the code on a voucher
VOUCHER = "voucher"
PRINTERS = (OFFICIAL, KASBEHEERDER)


def voucher_subject(case: str, no: int) -> str:
    """What the code of a voucher opens."""
    return f"{case} {no}"


@transaction.atomic
def print_voucher(*, fund: str, case: str, no: int, actor: User) -> str:
    """A new code for the paper of a voucher. Paper that was printed before is worthless from now on."""
    place = Fund.objects.select_for_update().get(pk=fund)
    known = case_of(current.standing(place).state, case)
    if not roles_in(held(actor, timezone.localdate()), fund, known.wijk) & frozenset(PRINTERS):
        raise NotAllowedError(FORBIDDEN)
    if all(v.no != no for v in known.vouchers):
        raise RefusedError(Refusal("5.2", f"{case} heeft geen voucher {no}"))
    subject = voucher_subject(case, no)
    codes.withdraw(purpose=VOUCHER, subject=subject)
    code = codes.make(purpose=VOUCHER, subject=subject)
    told_of_money(fund, case, "voucher gedrukt", actor, {"voucher": no}, None)
    return code
