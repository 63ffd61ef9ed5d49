# SPDX-License-Identifier: EUPL-1.2
"""Wording of a study for templates."""

from __future__ import annotations

from django import template

from krachtwijk.web.apps.publication import wording_study

register = template.Library()


@register.filter
def toetskans(value: float | None) -> str:
    """The chance of a test, in per cent."""
    return wording_study.chance(value)
