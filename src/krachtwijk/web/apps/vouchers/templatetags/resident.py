# SPDX-License-Identifier: EUPL-1.2
"""Wording of vouchers for templates: the same functions under the same names."""

from __future__ import annotations

from django import template

from krachtwijk.web.apps.vouchers import wording_resident as words

register = template.Library()
register.filter("euro", words.euro)
register.filter("datum", words.date)


@register.filter
def publiek(state: str) -> str:
    """What a resident reads of a state."""
    return str(words.PUBLIC[state])


@register.filter
def aan_zet(role: str) -> str:
    """Who may act now."""
    return str(words.BALL[role])


@register.filter
def tot_wanneer(clock: str) -> str:
    """What a clock is until."""
    return str(words.UNTIL[clock])


@register.filter
def gebeurd(kind: str) -> str:
    """What happened, or an empty text where a resident needs not read it."""
    return str(words.HAPPENED.get(kind, ""))
