# SPDX-License-Identifier: EUPL-1.2
"""Reading what readers reported."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from krachtwijk.web.apps.publication.models import Melding


def reports(state: str = "") -> QuerySet[Melding]:
    """Reports in one state, or all; the newest first."""
    found = Melding.objects.all()
    return found.filter(state=state) if state else found


def report(number: int) -> Melding | None:
    """One report, or None."""
    return Melding.objects.filter(pk=number).first()


def report_counts() -> dict[str, int]:
    """How many reports each state has."""
    counted = Melding.objects.order_by().values_list("state").annotate(n=Count("pk"))
    return {state: 0 for state, _ in Melding.STATES} | dict(counted)
