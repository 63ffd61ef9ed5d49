# SPDX-License-Identifier: EUPL-1.2
"""Wording for templates: the same functions under the same names."""

from __future__ import annotations

from typing import Any

from django import template

from krachtwijk.monitor.model import Indicator, ScoreVersion
from krachtwijk.web.apps.publication import wording

register = template.Library()

for name in (
    "label",
    "percent",
    "period",
    "day",
    "level",
    "verdict",
    "target_status",
    "unit",
    "explained",
    "change_word",
    "no_score",
    "moved",
    "since_first",
    "years",
    "span",
):
    register.filter(name, getattr(wording, name))


@register.filter
def getal(value: float | None, decimals: int = 0) -> str:
    """A number with so many decimals."""
    return wording.number(value, decimals)


@register.filter
def verschil(value: float | None, decimals: int = 0) -> str:
    """A number with its sign."""
    return wording.number(value, decimals, signed=True)


@register.filter
def waarde(value: float | None, indicator: Indicator) -> str:
    """A figure of a programme, with the decimals of its indicator."""
    return wording.number(value, wording.decimals_of_gap(indicator))


@register.filter
def gat(value: float | None, indicator: Indicator) -> str:
    """A gap or its change, with its sign and the decimals of its indicator."""
    return wording.number(value, wording.decimals_of_gap(indicator), signed=True)


@register.filter
def item(row: dict[str, Any], key: str) -> Any:
    """A value by a key that is itself a variable."""
    return row.get(key)


@register.filter
def class_of(row: dict[str, Any], dimension: str) -> int | None:
    """The deviation class of a dimension."""
    return row.get(f"class_{dimension}")


@register.filter
def class_word(version: ScoreVersion, step: int | None) -> str:
    """The word of a class."""
    return wording.class_word(version, step)


@register.filter
def tekst(thing: Any, field: str) -> str:
    """A field of the catalogue in the reader's language: `definition` or `definition_en`."""
    return wording.pick(getattr(thing, field), getattr(thing, f"{field}_en", ""))
