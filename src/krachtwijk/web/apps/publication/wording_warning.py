# SPDX-License-Identifier: EUPL-1.2
"""How a warning is said: a chance as a share of ten areas, a decision, and what makes the expectation."""

from __future__ import annotations

import json
from typing import NamedTuple

from django.utils.translation import gettext_noop

from krachtwijk.catalogue import score_versions
from krachtwijk.web.apps.publication import wording
from krachtwijk.web.apps.publication.selectors import Row
from krachtwijk.web.speaking import gettext

#: A decision → what the desk calls it.
DECISIONS = {
    "niets nodig": gettext_noop("Er hoeft niets te gebeuren"),
    "volgen": gettext_noop("Wij kijken er later weer naar"),
    "gesprek": gettext_noop("Wij gaan in gesprek met de wijk"),
    "maatregel": gettext_noop("Wij doen iets"),
}


def decision(code: str) -> str:
    """A decision in words."""
    return gettext(DECISIONS[code]) if code in DECISIONS else ""


#: What happened to a warning → how the history says it.
HAPPENED = {
    "toegewezen": gettext_noop("toegewezen"),
    "losgelaten": gettext_noop("eigenaar weggehaald"),
    "besloten": gettext_noop("besloten"),
    "heropend": gettext_noop("weer geopend"),
}


def happened(kind: str) -> str:
    """What happened to a warning, in words."""
    return gettext(HAPPENED.get(kind, kind))


def chance(share: float | None) -> str:
    """A chance as a percentage; one that is not nothing is not written as 0%."""
    if share is None:
        return "–"
    return wording.percent(share) if share == 0 or share >= 0.005 else gettext("minder dan 1%")


def as_chance(text: str) -> str:
    """A chance that stands in the register, as `chance`."""
    return chance(float(text))


def out_of_ten(share: float | None) -> str:
    """A chance as so many of ten areas like this one."""
    if share is None:
        return ""
    tenths = round(10 * share)
    if tenths == 0:
        return gettext("bijna geen van tien gebieden zoals dit")
    if tenths == 10:
        return gettext("bijna alle gebieden zoals dit")
    return gettext("ongeveer %(n)s van de 10 gebieden zoals dit") % {"n": tenths}


def points(value: float | None) -> str:
    """A change or a distance in points."""
    return wording.number(value, 3, signed=True)


#: What a reason is about → how the desk says it.
REASONS = {}


class Reason(NamedTuple):
    """What makes a part of the expected change: in words, its value, and what it adds (points)."""

    words: str
    value: float | None
    contribution: float


def reasons(row: Row) -> list[Reason]:
    """What makes the expected change of an area, the largest first."""
    labels = {d.id: wording.label(d) for version in score_versions().values() for d in version.dimensions}
    made = []
    for one in json.loads(row["reasons"] or "[]"):
        words = gettext(REASONS[one["code"]]) if one["code"] in REASONS else one["code"]
        about = labels.get(one.get("dimension") or "", "")
        made.append(
            Reason(f"{words}: {about.lower()}" if about else words, one.get("value"), one["contribution"])
        )
    return made


#: A way of predicting → what the page calls it.
METHODS = {
    "model": gettext_noop("de waarschuwing"),
    "zelfde-richting": gettext_noop("wie daalde, daalt verder"),
    "terug-naar-midden": gettext_noop("wie steeg, daalt weer"),
    "laag-daalt": gettext_noop("wie laag staat, daalt"),
    "kans": gettext_noop("iedereen dezelfde kans"),
}
#: Sizes of areas → what the page calls them.
SIZES = {
    "tot-500": gettext_noop("Minder dan 500 inwoners"),
    "500-2000": gettext_noop("500 tot 2.000 inwoners"),
    "2000-5000": gettext_noop("2.000 tot 5.000 inwoners"),
    "vanaf-5000": gettext_noop("5.000 inwoners of meer"),
    "onbekend": gettext_noop("Niet bekend"),
}


def method(code: str) -> str:
    """A way of predicting in words."""
    return gettext(METHODS[code])


def size(code: str) -> str:
    """A size of areas in words."""
    return gettext(SIZES[code])


def trial(target: str, origin: str, until: str) -> str:
    """What a test was about and over which years."""
    words = {"score": gettext("Score"), "klasse": gettext("Klasse")}
    return gettext("%(what)s, %(start)s tot %(end)s") % {"what": words[target], "start": origin, "end": until}


def hundred(share: float | None) -> str:
    """A share as so many of a hundred."""
    return wording.number(None if share is None else 100 * share, 0)
