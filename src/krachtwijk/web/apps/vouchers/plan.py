# SPDX-License-Identifier: EUPL-1.2
"""A plan as its maker writes it down, question by question, and the application that it becomes.

Nothing here is refused: what is not filled in is missing, and also an application with something missing may be sent
(article 4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from krachtwijk.rules.bylaw import Bylaw
from krachtwijk.rules.money import euros
from krachtwijk.rules.subjects.application import FIELD_NAMES

Answers = Mapping[str, Any]

#: The questions in their order, a page each.
STEPS: Mapping[str, str | Promise] = {
    "waar": _("Waar is het?"),
    "wat": _("Wat wilt u doen, en waarom?"),
    "wanneer": _("Wanneer doet u het?"),
    "kosten": _("Wat kost het?"),
    "buiten": _("Verandert er iets op straat?"),
    "subsidie": _("Vroeg u ook ergens anders geld?"),
    "wie": _("Wie bent u?"),
}
CHECK = "controle"
#: A field that the by-law asks for → the page where it is filled in.
ASKED_AT = {
    "name": "wie",
    "requested": "kosten",
    "plan": "wat",
    "planning": "wanneer",
    "cost_estimate": "kosten",
    "other_subsidy": "subsidie",
    "signed": CHECK,
}
#: …and how it is called there.
MISSING: Mapping[str, str | Promise] = {
    "name": _("Uw naam"),
    "requested": _("Hoeveel geld u vraagt"),
    "plan": _("Wat u wilt doen"),
    "planning": _("Wanneer u het doet"),
    "cost_estimate": _("Wat het kost"),
    "other_subsidy": _("Of u ergens anders geld vroeg"),
    "signed": _("Uw handtekening"),
    "address": _("Uw postcode en huisnummer"),
    "phone": _("Uw telefoonnummer"),
    "maintenance": _("Wie het onderhoud doet"),
}
assert set(ASKED_AT) == set(FIELD_NAMES)
KINDS: Mapping[str, str | Promise] = {
    "individual": _("Ik doe het zelf, als bewoner"),
    "informal_group": _("Wij zijn een groep bewoners"),
    "legal_group": _("Wij zijn een vereniging of stichting van bewoners"),
}
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not filled in, and on which page it can be."""

    name: str
    step: str
    #: the by-law asks for it, so that the application is not complete without it
    required: bool

    @property
    def label(self) -> str | Promise:
        """What it is called on a page."""
        return MISSING[self.name]


def lines(answers: Answers) -> list[dict[str, Any]]:
    """The lines of the budget that say something."""
    return [line for line in answers.get("regels", ()) if line.get("wat") or line.get("bedrag")]


def total(answers: Answers) -> int:
    """What everything costs, in cents: the sum of the lines."""
    return sum(line.get("bedrag") or 0 for line in lines(answers))


def requested(answers: Answers) -> int:
    """What is asked, in cents: what it costs less what others pay."""
    return max(total(answers) - (answers.get("eigen") or 0), 0)


def content(answers: Answers) -> dict[str, Any]:
    """The fields of the application, those that were filled in. Amounts as text in euros."""
    found: dict[str, Any] = {}
    if answers.get("plan"):
        told = [answers["plan"], answers.get("waarom"), answers.get("plek")]
        found["plan"] = "\n\n".join(text for text in told if text)
    if answers.get("planning"):
        found["planning"] = answers["planning"]
    if total(answers):
        found["cost_estimate"] = euros(total(answers))
    if requested(answers):
        found["requested"] = euros(requested(answers))
    if answers.get("anders"):
        found["other_subsidy"] = answers["anders"] == "ja"
    if answers.get("fysiek"):
        found["physical"] = answers["fysiek"] == "ja"
    if answers.get("fysiek") == "ja" and answers.get("onderhoud"):
        found["maintenance"] = answers["onderhoud"]
    if answers.get("getekend"):
        found["signed"] = True
    return found


def missing(answers: Answers, bylaw: Bylaw) -> list[Missing]:
    """What is not there yet: first what the by-law requires, then what it asks beside that."""
    given = content(answers)
    has = {**given, "name": answers.get("naam")}
    found = [
        Missing(name, ASKED_AT[name], required=True)
        for name in bylaw("required_fields")
        if has.get(name) in (None, "")
    ]
    if not (answers.get("postcode") and answers.get("nummer")):
        found.append(Missing("address", "wie", required=False))
    if not answers.get("telefoon"):
        found.append(Missing("phone", "wie", required=False))
    if given.get("physical") and not given.get("maintenance"):
        found.append(Missing("maintenance", "buiten", required=False))
    return found


def done(answers: Answers) -> dict[str, bool]:
    """Of each page whether what it is for was filled in."""
    given = content(answers)
    return {
        "waar": bool(answers.get("plek")),
        "wat": "plan" in given,
        "wanneer": "planning" in given,
        "kosten": "requested" in given,
        "buiten": "physical" in given,
        "subsidie": "other_subsidy" in given,
        "wie": bool(answers.get("naam")),
    }


def details(answers: Answers) -> dict[str, str]:
    """Where the applicant can be reached."""
    names = {
        "postcode": "postcode",
        "nummer": "number",
        "telefoon": "phone",
        "email": "email",
        "bericht": "contact_by",
    }
    return {ours: str(answers.get(asked) or "") for asked, ours in names.items()}


def texts(answers: Answers) -> dict[str, str]:
    """What a reader of the case wants to know beside the fields of the by-law, by name."""
    budget = "\n".join(
        f"{line.get('wat') or '–'}: € {euros(line.get('bedrag') or 0)}" for line in lines(answers)
    )
    if answers.get("eigen"):
        budget += f"\nzelf of van anderen: € {euros(answers['eigen'])}"
    kept = {
        "why": answers.get("waarom"),
        "place": answers.get("plek"),
        "language": answers.get("taal"),
        "budget": budget,
        "owner": answers.get("grond"),
        "permit": answers.get("vergunning"),
        "subsidy_where": answers.get("anders_waar"),
    }
    return {name: str(text) for name, text in kept.items() if text}
