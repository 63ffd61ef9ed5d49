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


#: What a reason is about (`monitor/warning/features.py`) → how the desk says it, with the dimension.
REASONS = {
    "niveau": gettext_noop("%(what)s: hoe hoog het nu staat"),
    "omgeving": gettext_noop("%(what)s: hoeveel hoger het ernaast staat"),
    "verandering": gettext_noop("%(what)s: de laatste verandering"),
    "buren": gettext_noop("De laatste verandering van de gebieden ernaast"),
    "grootte": gettext_noop("Het aantal inwoners"),
    "gemiddeld": gettext_noop("De gemiddelde verandering van alle gebieden"),
}
#: So many reasons are named; the others together are one line.
NAMED = 6


class Reason(NamedTuple):
    """What makes a part of the expected change: in words, its value where that says something, and its points."""

    words: str
    value: float | None
    contribution: float


def reasons(row: Row) -> list[Reason]:
    """What makes the expected change of an area, the largest first; together they are exactly that change."""
    labels = {d.id: wording.label(d) for version in score_versions().values() for d in version.dimensions}
    made = [
        Reason(
            gettext(REASONS.get(one["code"], one["code"])) % {"what": labels.get(one["dimension"] or "", "")},
            # inhabitants stand there as a logarithm; the page names them
            None if one["code"] == "grootte" else one["value"],
            one["contribution"],
        )
        for one in json.loads(row["reasons"] or "[]")
    ]
    if len(made) <= NAMED + 1:
        return made
    rest = sum(r.contribution for r in made[NAMED:])
    return [*made[:NAMED], Reason(gettext("Alle andere kenmerken samen"), None, rest)]


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


def signed_hundred(share: float) -> str:
    """A difference of shares in hundredths, with its sign."""
    return wording.number(100 * share, 0, signed=True)
