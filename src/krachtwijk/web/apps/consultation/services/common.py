# SPDX-License-Identifier: EUPL-1.2
"""What all writes share: the lock, who may, and the register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.bylaw import Bylaw
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.consultation.models import Wijkraadpleging
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.vouchers import selectors as vouchers
from krachtwijk.web.apps.vouchers.current import bylaw_of
from krachtwijk.web.apps.vouchers.models import Fund
from krachtwijk.web.apps.vouchers.permissions import HELPER, OFFICIAL, REGIEGROEP, held, roles_in
from krachtwijk.web.apps.vouchers.services import FORBIDDEN, NotAllowedError

#: Who leads a consultation, who sits at the desk, and who reads paper and counts hands.
LEADS = frozenset({OFFICIAL})
AT_DESK = frozenset({OFFICIAL, HELPER})
COUNTS = frozenset({OFFICIAL, HELPER, REGIEGROEP})


class ClosedError(KrachtwijkError):
    """Not now: the consultation is not in the phase for this."""


def stream(consultation: Wijkraadpleging) -> str:
    """The chain of a consultation in the register."""
    return f"raadpleging {consultation.pk}"


def locked(consultation: int) -> Wijkraadpleging:
    """The consultation, its row locked to the end of the transaction: one thing happens in it at a time."""
    return Wijkraadpleging.objects.select_for_update().get(pk=consultation)


def law_of(consultation: Wijkraadpleging) -> Bylaw:
    """The by-law that says who may take part and how it is counted."""
    return bylaw_of(consultation.fund.bylaw)


def guard(fund: Fund, wijk: str, actor: User, roles: frozenset[str], cases: tuple[str, ...] = ()) -> None:
    """Raise NotAllowedError without one of these roles, or with an own interest in one of the plans (Awb 2:4)."""
    if not roles_in(held(actor, timezone.localdate()), fund.pk, wijk) & roles:
        raise NotAllowedError(FORBIDDEN)
    state = vouchers.state_of(fund) if cases else None
    for name in cases:
        case = state.cases.get(name) if state else None
        if case is not None and f"medewerker {actor.pk}" in case.recused:
            raise NotAllowedError(
                "U heeft gezegd dat u bij een van de plannen een eigen belang hebt (Awb 2:4)."
            )


def may(consultation: Wijkraadpleging, actor: User, roles: frozenset[str]) -> None:
    """`guard` for a consultation that is there."""
    cases = tuple(consultation.plans.values_list("case", flat=True))
    guard(consultation.fund, consultation.wijk, actor, roles, cases)


def in_phase(consultation: Wijkraadpleging, *phases: str) -> None:
    """Raise ClosedError in any other phase."""
    if consultation.phase not in phases:
        raise ClosedError(
            f"Dit kan niet meer of nog niet: de raadpleging is {consultation.get_phase_display()}"
        )


def tell(
    consultation: Wijkraadpleging,
    kind: str,
    actor: User,
    payload: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write in the register. What is told while it runs says nothing of a ballot."""
    marked = {"rehearsal": True} if consultation.rehearsal else {}
    record.append(
        stream=stream(consultation),
        subject=str(consultation),
        kind=kind,
        actor=actor,
        actor_name=actor.get_full_name() or actor.get_username(),
        reason=reason,
        payload={**(payload or {}), **marked},
    )
