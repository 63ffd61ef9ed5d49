# SPDX-License-Identifier: EUPL-1.2
"""A by-law in plain Dutch: its sentences with its values in them, each with its article and how sure it is."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from krachtwijk.rules.bylaw import PARAMETERS, Bylaw, Sentence, Standing, Tranche

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
NUMBERS = ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien")
#: Endings of names of bodies that take ``het``.
NEUTER = ("platform", "panel", "overleg", "team", "comité", "bestuur")
REFUSING = "Weigeren"
OTHER = "Verder"

#: What a choice is called in a sentence, by parameter and value.
WORDS: Mapping[str, Mapping[str, str]] = {
    "decision_model": {
        "mandate": "de groep bewoners beslist namens het college",
        "binding-advice": "het college beslist na bindend advies",
        "advice": "het college beslist na advies",
        "college": "het college beslist",
    },
    "direct_limit_of": {"requested": "het gevraagde bedrag", "total-cost": "de hele kosten"},
    "order": {
        "receipt": "volgorde van binnenkomst",
        "completion": "volgorde waarin zij volledig zijn",
        "tranche": "per tranche",
        "ranking": "naar inhoud",
    },
    "consultation_rule": {
        "yes-no": "meer voor dan tegen",
        "greedy": "de meeste stemmen, zolang het past",
        "mes": "gelijke delen",
        "mes-add1": "gelijke delen, aangevuld tot het geld op is",
        "none": "geen wijkraadpleging",
    },
    "consultation_forms": {
        "meeting": "een bijeenkomst in de wijk",
        "digital": "digitaal",
        "written": "schriftelijk",
        "other": "een andere vorm",
    },
    "stop_rule": {"skip": "overslaan", "stop": "stoppen"},
    "tie_rule": {"lowest-cost": "de laagste kosten", "most-votes": "de meeste stemmen", "lot": "het lot"},
    "electorate_unit": {"person": "elke bewoner", "household": "elk huishouden"},
    "applicants": {
        "individual": "een bewoner",
        "legal_group": "een groep bewoners die rechtspersoon is",
        "informal_group": "een andere groep bewoners",
        "company": "een ondernemer in de wijk",
        "institution": "een professionele instelling",
    },
    "resident_proof": {"not-named": "niet genoemd", "brp": "de Basisregistratie Personen"},
    "secret_address": {"not-named": "niet genoemd", "letter": "met een brief", "desk": "aan het loket"},
    "required_fields": {
        "name": "de naam",
        "requested": "het gevraagde bedrag",
        "plan": "het plan",
        "planning": "de planning",
        "cost_estimate": "de kostenraming",
        "other_subsidy": "of elders subsidie is gevraagd",
        "signed": "de handtekening",
    },
    "redemption": {
        "invoice": "de kasbeheerder betaalt de diensten en producten die worden ingekocht",
        "cash": "de initiatiefnemer krijgt contant geld",
    },
    "unspent": {"available": "terug naar het plafond", "lapsed": "het vervalt"},
}
STANDING_WORDS = {"read": "gelezen", "assumed": "aangenomen", "unknown": "niet bekend"}


def date_words(day: datetime.date) -> str:
    """A date in words: ``30 juni 2009``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def euro_words(cents: int) -> str:
    """Cents as a person writes them: ``€ 10.000`` or ``€ 12,50``."""
    whole, rest = divmod(cents, 100)
    return f"€ {whole:,}".replace(",", ".") + (f",{rest:02d}" if rest else "")


def _weeks(number: int) -> str:
    told = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{told} week" if number == 1 else f"{told} weken"


def _percent(share: int) -> str:
    whole, rest = divmod(share, 100)
    return f"{whole}{f',{rest:02d}'.rstrip('0') if rest else ''} procent"


def _tranche(one: Tranche) -> str:
    told = f"aanvragen tot en met {date_words(one.closes)}"
    if one.opens:
        told = f"aanvragen van {date_words(one.opens)} tot en met {date_words(one.closes)}"
    return f"{told}, besluit op {date_words(one.decides)}" if one.decides else told


def _listed(parts: list[str]) -> str:
    if any(" en " in part for part in parts):
        return "; ".join(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} en {parts[-1]}" if parts else "niets"


def in_words(name: str, value: Any) -> str:
    """A value of a by-law as it stands in a sentence."""
    if value is None:
        return "geen"
    said = WORDS.get(name, {})
    kinds: Mapping[str, Callable[[Any], str]] = {
        "money": euro_words,
        "percent": _percent,
        "weeks": _weeks,
        "number": str,
        "date": date_words,
        "flag": lambda v: "ja" if v else "nee",
        "choice": lambda v: said.get(v, v),
        "list": lambda v: _listed([said.get(one, one) for one in v]),
        "text": str,
        "tranches": lambda v: "; ".join(map(_tranche, v)),
        "weights": lambda v: _listed([f"{channel} telt {weight} keer" for channel, weight in v]),
    }
    return kinds[PARAMETERS[name].kind](value)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the summary: ``standing`` is the weakest of what it rests on, ``notes`` say why."""

    subject: str
    text: str
    article: str
    standing: Standing
    notes: tuple[str, ...] = ()
    from_bylaw: str = ""


def explain(bylaw: Bylaw) -> list[Line]:
    """The summary of a by-law, a line a rule, in the order of its subjects. Every value is in it."""
    lines: list[Line] = []
    told: set[str] = set()
    noted: set[str] = set()
    for sentence in bylaw.sentences:
        names = sentence.names
        told.update(names)
        unknown = [n for n in names if bylaw.values[n].standing == "unknown"]
        decided = [n for n in sentence.when if n not in unknown]
        if not all(_holds(bylaw, n, sentence.when[n]) for n in decided):
            continue
        if unknown:
            lines += [_unknown(bylaw, n, sentence.subject) for n in unknown if n not in noted]
            noted.update(unknown)
            continue
        lines.append(_line(bylaw, sentence, noted))
    for name in PARAMETERS:
        if name not in told:
            lines.append(_bare(bylaw, name))
    return _by_subject(bylaw, lines)


def _holds(bylaw: Bylaw, name: str, wanted: Any) -> bool:
    value = bylaw.values[name].value
    if wanted in ("given", "absent") and PARAMETERS[name].optional:
        return bool((value is not None) == (wanted == "given"))
    if wanted == "positive":
        return bool(value)
    if isinstance(value, tuple) and isinstance(wanted, str):
        return wanted[1:] not in value if wanted.startswith("!") else wanted in value
    if isinstance(wanted, str) and wanted.startswith("!"):
        return bool(value != wanted[1:])
    return bool(value in wanted if isinstance(wanted, list) else value == wanted)


def _line(bylaw: Bylaw, sentence: Sentence, noted: set[str]) -> Line:
    text = re.sub(
        r"{(\w+)}", lambda m: in_words(m[1], bylaw.values[m[1]].value), _gendered(bylaw, sentence.text)
    )
    # that something is not so (`!none`) says nothing about how sure we are of what it is instead
    names = [n for n in sentence.names if not str(sentence.when.get(n, "")).startswith("!")]
    used = [bylaw.values[n] for n in names if n != "body" or len(names) == 1]
    taken, article, standing = sentence.from_bylaw, sentence.article, sentence.standing
    if taken and sentence.rests and all(v.standing == "read" for v in used):
        # known from the by-law's own values; only the wording is that of the by-law it inherits from
        taken, article, standing = "", ", ".join(dict.fromkeys(v.article for v in used)), "read"
    elif any(v.standing == "assumed" for v in used):
        standing = "assumed"
        if taken and sentence.rests and all(v.from_bylaw != taken for v in used):
            taken, article = used[0].from_bylaw, ", ".join(dict.fromkeys(v.article for v in used))
    told = [
        v for v in used if v.standing == "assumed" and v.note and not v.from_bylaw and v.name not in noted
    ]
    noted.update(v.name for v in told)
    return Line(sentence.subject, text, article, standing, tuple(dict.fromkeys(v.note for v in told)), taken)


def _gendered(bylaw: Bylaw, text: str) -> str:
    """``de {body}`` becomes ``het {body}`` where Dutch asks that."""
    if not str(bylaw.values["body"].value).endswith(NEUTER):
        return text
    return text.replace("de {body}", "het {body}").replace("De {body}", "Het {body}")


def _unknown(bylaw: Bylaw, name: str, subject: str) -> Line:
    held = bylaw.values[name]
    notes = (held.note,) if held.note else ()
    return Line(subject, f"Niet bekend is {PARAMETERS[name].meaning}.", held.article, "unknown", notes)


def _bare(bylaw: Bylaw, name: str) -> Line:
    """A value that no sentence speaks of."""
    held = bylaw.values[name]
    if held.standing == "unknown":
        return _unknown(bylaw, name, OTHER)
    meaning = PARAMETERS[name].meaning
    text = f"{meaning[0].upper()}{meaning[1:]}: {in_words(name, held.value)}."
    return Line(OTHER, text, held.article, held.standing, (held.note,) if held.note else (), held.from_bylaw)


def _by_subject(bylaw: Bylaw, lines: list[Line]) -> list[Line]:
    subjects = list(dict.fromkeys(line.subject for line in lines))
    if REFUSING not in subjects:
        subjects.append(REFUSING)
    refusing = [
        Line(REFUSING, f"Grond {g.code}: {g.text}{_kind(g)}.", g.article, g.standing, (), g.from_bylaw)
        for g in bylaw.grounds.values()
    ]
    refusing += [
        Line(REFUSING, f"Ook zonder grond geen vouchers: {o.text}.", o.article, o.standing, (), o.from_bylaw)
        for o in bylaw.outcomes.values()
        if o.code != "consultation-lost" or bylaw.values["consultation_rule"].value != "none"
    ]
    return [
        line
        for subject in subjects
        for line in (
            *(one for one in lines if one.subject == subject),
            *(refusing if subject == REFUSING else ()),
        )
    ]


def _kind(ground: Any) -> str:
    return " (alleen bij een fysieke verbetering)" if ground.physical else ""


def summary(bylaw: Bylaw) -> dict[str, Any]:
    """The summary as data ready for JSON."""
    lines = explain(bylaw)
    counts = {
        standing: sum(v.standing == standing for v in bylaw.values.values()) for standing in STANDING_WORDS
    }
    return {
        "id": bylaw.id,
        "title": bylaw.title,
        "municipality": bylaw.municipality,
        "about": bylaw.about,
        "source": bylaw.source,
        "note": bylaw.note,
        **{
            key: day.isoformat() if (day := getattr(bylaw, key)) else None
            for key in ("adopted", "announced", "in_force", "until")
        },
        "inherits": bylaw.inherits,
        "supersedes": bylaw.supersedes,
        "standing": counts,
        "subjects": [
            {
                "subject": subject,
                "sentences": [
                    {
                        "text": line.text,
                        "article": line.article,
                        "standing": line.standing,
                        "notes": list(line.notes),
                        "from": line.from_bylaw,
                    }
                    for line in lines
                    if line.subject == subject
                ],
            }
            for subject in dict.fromkeys(line.subject for line in lines)
        ],
        "silences": [s.text for s in bylaw.silences],
        "house_rules": [h.text for h in bylaw.house_rules],
        "not_used": [name for name, parameter in PARAMETERS.items() if not parameter.used],
    }
