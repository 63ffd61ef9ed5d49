# SPDX-License-Identifier: EUPL-1.2
"""An application as its maker sees it: where it is, who acts, what was paid and spent, what happened."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from krachtwijk.rules.money import cents
from krachtwijk.rules.states import GRANTED, UNDECIDED
from krachtwijk.web.apps.record import attachments, private
from krachtwijk.web.apps.record.attachments import Kept
from krachtwijk.web.apps.record.models import Event
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Fund, Step
from krachtwijk.web.apps.vouchers.selectors.cases import Filed, one
from krachtwijk.web.apps.vouchers.selectors.street import read_value
from krachtwijk.web.apps.vouchers.services.acts import case_subject
from krachtwijk.web.apps.vouchers.services.following import receipt_subject, result_subject
from krachtwijk.web.apps.vouchers.services.residence import residence_stream


@dataclass(frozen=True, slots=True)
class Spent:
    """An expense: what for, how much in cents, on which day, and the receipt where there is one."""

    what: str
    amount: int
    day: datetime.date
    receipt: Kept | None


@dataclass(frozen=True, slots=True)
class Followed:
    """An application for the page of its maker."""

    fund: Fund
    filed: Filed
    texts: dict[str, str]
    spent: tuple[Spent, ...]
    files: tuple[Kept, ...]
    happened: tuple[tuple[datetime.datetime, str], ...]
    residence: str
    last_execution: datetime.date | None
    receipts_from: int | None
    today: datetime.date

    @property
    def granted(self) -> bool:
        """Whether there is money to spend and to account for."""
        return self.filed.case.state in GRANTED

    @property
    def undecided(self) -> bool:
        """Whether it can still be supplemented and withdrawn."""
        return self.filed.case.state in UNDECIDED

    @property
    def over(self) -> int:
        """What was spent beyond what was granted, in cents."""
        return max(self.filed.case.expenses - self.filed.case.granted, 0) if self.filed.case.granted else 0

    @property
    def late(self) -> bool:
        """Whether the plan is, or was, carried out after its last day."""
        if not self.filed.case.granted or self.last_execution is None:
            return False
        return (self.filed.case.reported or self.today) > self.last_execution

    @property
    def days_left(self) -> int | None:
        """Days until the plan must be carried out, where that is soon and it was not reported."""
        case = self.filed.case
        if not self.granted or case.reported is not None or self.last_execution is None:
            return None
        left = (self.last_execution - self.today).days
        return left if 0 <= left <= 60 else None


def fund_of_case(case: str) -> Fund | None:
    """The fund that an application came in to."""
    step = Step.objects.filter(case=case).select_related("fund").first() if case else None
    return step.fund if step else None


def follow(fund: Fund, case: str, today: datetime.date) -> Followed | None:
    """An application as its maker sees it."""
    filed = one(fund, case, today)
    if filed is None:
        return None
    subject = case_subject(case)
    law = current.bylaw_of(fund.bylaw)
    files = tuple(attachments.listed(subjects=[subject, receipt_subject(case), result_subject(case)]))
    events = list(
        Event.objects.filter(stream_id=f"zaak {case}")
        .order_by("number")
        .values_list("occurred_at", "kind", "payload")
    )
    return Followed(
        fund,
        filed,
        private.read(subject=subject),
        tuple(_spent(case, files, events)),
        files,
        tuple((at, kind) for at, kind, _ in events),
        residence_of(case),
        read_value(law, "last_execution"),  # type: ignore[arg-type]
        read_value(law, "report_only_below"),  # type: ignore[arg-type]
        today,
    )


def residence_of(case: str) -> str:
    """The last thing that is known of where the applicant lives; empty where nobody looked."""
    last = Event.objects.filter(stream_id=residence_stream(case)).order_by("-number").first()
    return last.kind if last else ""


def _spent(
    case: str, files: tuple[Kept, ...], events: list[tuple[datetime.datetime, str, dict[str, str]]]
) -> list[Spent]:
    rows = [(at, payload) for at, kind, payload in events if kind == "expense"]
    if not rows:
        return []
    names = private.marked(subject=case_subject(case), name="what")
    receipts = {f.digest: f for f in files if f.subject == receipt_subject(case)}
    return [
        Spent(
            names.get(payload["what"], ""),
            cents(payload["amount"]),
            at.date(),
            receipts.get(payload.get("receipt", "")),
        )
        for at, payload in rows
    ]
