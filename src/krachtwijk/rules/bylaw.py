# SPDX-License-Identifier: EUPL-1.2
"""A by-law as dated data: values, each with its article, its source and how sure it is.

The engine asks a by-law for a value by name. It never has a default of its own: what was not read says so, and a rule
that needs it stops.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from krachtwijk.errors import KrachtwijkError

#: How sure a value is: read in the text, taken over from another by-law or from practice, or not known.
Standing = Literal["read", "assumed", "unknown"]
STANDINGS = ("read", "assumed", "unknown")

Kind = Literal[
    "money", "percent", "weeks", "number", "date", "flag", "choice", "list", "text", "tranches", "weights"
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a value is about: its kind, what it decides, and for a choice what may be chosen.

    ``used`` is False where the engine does not act on it (yet): it is kept, compared and explained all the same.
    """

    kind: Kind
    meaning: str
    choices: tuple[str, ...] = ()
    optional: bool = False  # may be absent by law: no such rule
    used: bool = True


#: Every value of a by-law, by name. Money is in cents, a percentage is a fraction of 10,000.
PARAMETERS: Mapping[str, Parameter] = {
    "decision_model": Parameter(
        "choice",
        "wie beslist: de regiegroep namens het college, of het college na (bindend) advies",
        ("mandate", "binding-advice", "advice", "college"),
    ),
    "official_if_declined": Parameter(
        "flag", "of een ambtenaar het mandaat kan krijgen als bewoners het niet willen, met een reden"
    ),
    "body": Parameter("text", "hoe de groep bewoners heet die beslist of adviseert", used=False),
    "body_size": Parameter("number", "hoeveel leden die groep hoogstens heeft", optional=True, used=False),
    "designation_yearly": Parameter("flag", "of wijken elk jaar opnieuw worden aangewezen", used=False),
    "voucher_maximum": Parameter("money", "hoeveel één voucher hoogstens waard is"),
    "direct_limit": Parameter("money", "tot en met welk bedrag zonder wijkraadpleging wordt beslist"),
    "direct_limit_of": Parameter("choice", "waarvan dat bedrag de grens is", ("requested", "total-cost")),
    "cash_limit": Parameter("money", "hoeveel contant geld per keer"),
    "cost_reserve": Parameter("percent", "welk deel hoogstens voor kosten van de gemeente is"),
    "decision_term": Parameter("weeks", "binnen hoeveel weken na ontvangst wordt beslist"),
    "adopts_termijnenwet": Parameter("flag", "of de Algemene termijnenwet ook voor die termijn geldt"),
    "last_issue": Parameter("date", "tot en met welke dag vouchers worden verstrekt", optional=True),
    "last_execution": Parameter(
        "date", "tot en met welke dag een initiatief wordt uitgevoerd", optional=True
    ),
    "order": Parameter(
        "choice",
        "in welke volgorde aanvragen worden behandeld",
        ("receipt", "completion", "tranche", "ranking"),
    ),
    "tranches": Parameter(
        "tranches",
        "in welke perioden aanvragen worden ingediend, en wanneer daarover wordt beslist",
        optional=True,
        used=False,
    ),
    "ranking": Parameter(
        "text", "welke aanvraag voorgaat als er te weinig geld is", optional=True, used=False
    ),
    "share_limit": Parameter(
        "percent",
        "welk deel van het geld van de wijk één initiatief hoogstens krijgt",
        optional=True,
        used=False,
    ),
    "partial_grant": Parameter("flag", "of een aanvraag deels kan worden toegewezen"),
    "start_condition": Parameter(
        "flag", "of bij de verstrekking een termijn kan worden gesteld om te beginnen"
    ),
    "consultation_forms": Parameter(
        "list",
        "in welke vormen de wijkraadpleging kan",
        ("meeting", "digital", "written", "other"),
        used=False,
    ),
    "consultation_rule": Parameter(
        "choice",
        "hoe de wijkraadpleging beslist",
        ("yes-no", "greedy", "mes", "mes-add1", "none"),
    ),
    "consultation_binding": Parameter("flag", "of de uitkomst van de wijkraadpleging bindt"),
    "quorum": Parameter("number", "hoeveel stemmen er minstens nodig zijn (0: geen grens)"),
    "stop_rule": Parameter(
        "choice",
        "wat er gebeurt met een plan dat niet meer in het geld past: overslaan of stoppen",
        ("skip", "stop"),
    ),
    "tie_rule": Parameter(
        "list",
        "wat bij gelijke stand beslist, op volgorde",
        ("lowest-cost", "most-votes", "lot"),
    ),
    "channel_weights": Parameter("weights", "hoe zwaar een stem telt per manier van stemmen", optional=True),
    "electorate_age": Parameter("number", "vanaf welke leeftijd iemand mag meestemmen", used=False),
    "electorate_unit": Parameter("choice", "wie een stem heeft", ("person", "household"), used=False),
    "applicants": Parameter(
        "list",
        "wie mag aanvragen",
        ("individual", "legal_group", "informal_group", "company", "institution"),
    ),
    "resident_proof": Parameter(
        "choice", "waaruit blijkt dat iemand bewoner is", ("not-named", "brp"), used=False
    ),
    "secret_address": Parameter(
        "choice",
        "hoe iemand met een geheim adres meedoet",
        ("not-named", "letter", "desk"),
        used=False,
    ),
    "required_fields": Parameter(
        "list",
        "wat een aanvraag moet noemen om volledig te zijn",
        ("name", "requested", "plan", "planning", "cost_estimate", "other_subsidy", "signed"),
    ),
    "redemption": Parameter("list", "hoe een voucher wordt verzilverd", ("invoice", "cash")),
    "report_only_below": Parameter(
        "money", "onder welk bedrag alleen een verslag nodig is, zonder bonnetjes", optional=True, used=False
    ),
    "unspent": Parameter("choice", "waarheen geld gaat dat vrijkomt of terugkomt", ("available", "lapsed")),
    "money_source": Parameter("text", "uit welk geld de vouchers komen"),
    "general_bylaw_applies": Parameter("flag", "of de Algemene subsidieverordening ook geldt", used=False),
}


#: Outcomes outside the grounds that the engine names; a by-law says with which article.
OUTCOMES = ("not-resident", "company", "undesignated", "consultation-lost", "not-supplemented")


@dataclass(frozen=True, slots=True)
class Tranche:
    """A period for applications: the last day to apply, and where known its first day and the day of the decision."""

    closes: datetime.date
    opens: datetime.date | None = None
    decides: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a by-law. ``value`` is None where its standing is ``unknown``, or where there is no such rule.

    ``from_bylaw`` names the by-law it was taken from, empty for its own.
    """

    name: str
    value: Any
    article: str
    source: str
    standing: Standing
    note: str = ""
    from_bylaw: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground for refusal. ``computed``: the engine works it out; ``physical``: only for works in public space."""

    code: str
    text: str
    article: str
    standing: Standing = "read"
    computed: bool = False
    physical: bool = False
    from_bylaw: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A refusal outside the grounds (not a resident, a company, a lost consultation …) with its own article."""

    code: str
    text: str
    article: str
    standing: Standing = "read"
    from_bylaw: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the summary of a by-law, with its article.

    ``{name}`` in the text stands for a value. ``when`` names values that must be so for the sentence to hold: a value,
    a list (one of them), ``given`` or ``absent``, ``positive``, ``!x`` (not x), for a list one that is in it. The
    summary marks a sentence by the weakest standing of the values in it. ``local``: no other by-law takes it over.
    ``rests``: an inherited sentence that says no more than its values do, so it is read where they are.
    """

    code: str
    subject: str
    text: str
    article: str
    when: Mapping[str, Any] = field(default_factory=dict)
    standing: Standing = "read"
    local: bool = False
    rests: bool = False
    from_bylaw: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The values that the sentence speaks of."""
        return tuple(dict.fromkeys((*self.when, *re.findall(r"{(\w+)}", self.text))))


@dataclass(frozen=True, slots=True)
class Silence:
    """What the text of a by-law does not say."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class HouseRule:
    """A rule of ours, not of the by-law: said beside it, never mixed in."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Bylaw:
    """One version of a by-law. It holds from ``in_force``, which may lie before ``adopted``, to and with ``until``."""

    id: str
    title: str
    municipality: str
    in_force: datetime.date
    source: str
    values: Mapping[str, Value]
    grounds: Mapping[str, Ground]
    outcomes: Mapping[str, Outcome]
    house_rules: tuple[HouseRule, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    silences: tuple[Silence, ...] = ()
    adopted: datetime.date | None = None
    announced: datetime.date | None = None
    until: datetime.date | None = None
    supersedes: str = ""
    inherits: str = ""
    about: str = ""
    note: str = ""

    def __call__(self, name: str) -> Any:
        """The value of a parameter. Raises UnknownValueError where the by-law's text on it was not read."""
        held = self.values[name]
        if held.standing == "unknown":
            raise UnknownValueError(self, held)
        return held.value

    def article(self, name: str) -> str:
        """The article that a value stands in."""
        return self.values[name].article


class UnknownValueError(KrachtwijkError):
    """A rule needs a value that nobody has read yet; the engine does not guess it."""

    def __init__(self, bylaw: Bylaw, value: Value) -> None:
        self.article = value.article or "onbekend"
        super().__init__(
            f"Van {bylaw.id} is niet bekend {PARAMETERS[value.name].meaning}",
            where=f"{value.name}, artikel {value.article or 'onbekend'}",
            mend=f"Vul de waarde in bij {bylaw.id}, met artikel en bron",
        )
