# SPDX-License-Identifier: EUPL-1.2
"""What the auditor looks at: who did what in which application, whether that goes together, and a drawn sample."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from krachtwijk.rules.state import Case
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.record.models import Event, Stream
from krachtwijk.web.apps.record.selectors import Fault
from krachtwijk.web.apps.vouchers import proof
from krachtwijk.web.apps.vouchers.models import Appointment, Fund, Payment, Step
from krachtwijk.web.apps.vouchers.permissions import ROLES_APART
from krachtwijk.web.apps.vouchers.selectors.cases import state_of

ENTERED, DECIDED, OBJECTED = "ingevoerd", "besloten", "op bezwaar beslist"
PREPARED, SIGNED = "betaling klaargezet", "betaling getekend"
#: Type of event → what its actor did.
_DID: Mapping[str, str] = {
    "application": ENTERED,
    "eligibility": DECIDED,
    "decision": DECIDED,
    "determine": DECIDED,
    "revoke": DECIDED,
    "redemption": SIGNED,
    "objection_decision": OBJECTED,
}
#: What one person does not do both, and by which rule.
_APART: tuple[tuple[str, str, str], ...] = (
    (DECIDED, OBJECTED, "Awb 10:3"),
    (DECIDED, PREPARED, "artikel 2.4"),
    (DECIDED, SIGNED, "artikel 2.4"),
    (OBJECTED, PREPARED, "artikel 2.4"),
    (OBJECTED, SIGNED, "artikel 2.4"),
)
_SAME = "huisregel: een ander tekent"
_INTEREST = "Awb 2:4"


@dataclass(frozen=True, slots=True)
class Clash:
    """One person who did two things that do not go together; ``case`` is empty where it is about a role."""

    case: str
    who: str
    one: str
    other: str
    rule: str


@dataclass(frozen=True, slots=True)
class Deeds:
    """Who did what in an application: what was done → names."""

    case: str
    by: Mapping[str, tuple[str, ...]]


def segregation(fund: Fund) -> tuple[list[Deeds], list[Clash]]:
    """Who entered, decided, prepared, signed and decided on objection, per application; and everything that clashes."""
    people: dict[str, dict[str, dict[int, str]]] = {}
    clashes: list[Clash] = []
    out: dict[str, set[int]] = {}
    rows = (
        Step.objects.filter(fund=fund)
        .exclude(case="")
        .order_by("number")
        .values_list("case", "event__kind", "event__actor_id", "event__actor_name", "event__payload__person")
    )
    for case, kind, actor, name, person in rows:
        if kind == "recuse":
            who = str(person).removeprefix("medewerker ")
            out.setdefault(case, set()).update({int(who)} if who.isdecimal() else ())
            continue
        if actor is None:
            continue
        if actor in out.get(case, ()):
            clashes.append(Clash(case, name, "eigen belang gemeld", _DID.get(kind, kind), _INTEREST))
        if kind in _DID:
            people.setdefault(case, {}).setdefault(_DID[kind], {})[actor] = name
    for payment in Payment.objects.filter(fund=fund).select_related("made_by", "signed_by").order_by("pk"):
        found = people.setdefault(payment.case, {})
        made, signed = payment.made_by, payment.signed_by
        found.setdefault(PREPARED, {})[made.pk] = made.get_full_name() or made.get_username()
        if signed is not None and payment.state == Payment.SIGNED:
            found.setdefault(SIGNED, {})[signed.pk] = signed.get_full_name() or signed.get_username()
            if signed.pk == made.pk:
                clashes.append(Clash(payment.case, found[SIGNED][signed.pk], PREPARED, SIGNED, _SAME))
    for case, did in people.items():
        for one, other, rule in _APART:
            both = did.get(one, {}).keys() & did.get(other, {}).keys()
            clashes += [Clash(case, did[one][who], one, other, rule) for who in sorted(both)]
    clashes += _of_roles(fund)
    deeds = [
        Deeds(case, {what: tuple(names.values()) for what, names in did.items()})
        for case, did in sorted(people.items())
    ]
    return deeds, sorted(clashes, key=lambda c: (c.case, c.who, c.one, c.other))


def _of_roles(fund: Fund) -> list[Clash]:
    """Roles of one person that do not go together and overlap in time, and roles that stand nowhere in the register."""
    rows = list(Appointment.objects.filter(fund=fund).select_related("user"))
    found: list[Clash] = []
    by_user: dict[int, list[Appointment]] = {}
    for row in rows:
        by_user.setdefault(row.user_id, []).append(row)
    for held in by_user.values():
        for at, one in enumerate(held):
            for other in held[at + 1 :]:
                apart = one.role != other.role and any({one.role, other.role} <= some for some in ROLES_APART)
                if apart and _overlap(one, other):
                    found.append(Clash("", _called(one), one.role, other.role, "twee rollen tegelijk"))
    written = {
        (e.subject, e.payload["role"], e.payload["wijk"], e.payload["start"])
        for e in Event.objects.filter(stream_id=f"rollen {fund.pk}", kind="benoemd")
    }
    return found + [
        Clash("", _called(row), row.role, "geen benoeming in het register", "artikel 2")
        for row in rows
        if (f"medewerker {row.user_id}", row.role, row.wijk, row.start.isoformat()) not in written
    ]


def _overlap(one: Appointment, other: Appointment) -> bool:
    return (other.end is None or one.start <= other.end) and (one.end is None or other.start <= one.end)


def _called(row: Appointment) -> str:
    return row.user.get_full_name() or row.user.get_username()


def population(fund: Fund, stand: int) -> list[str]:
    """The applications that had come in after so many events, by number."""
    rows = Step.objects.filter(fund=fund, number__lte=stand, event__kind="application")
    return sorted(rows.values_list("case", flat=True))


def drawn(names: Iterable[str], seed: str, n: int) -> list[str]:
    """A sample that anybody can draw again: the ``n`` with the lowest SHA-256 of seed, space and number."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())[:n]


def faults(fund: Fund) -> tuple[int, list[Fault]]:
    """How many chains of the fund were checked, and the first fault of every chain that is not whole."""
    names = [
        name
        for name in Stream.objects.order_by("name").values_list("name", flat=True)
        if name == proof.ROOTS or proof.belongs(name, fund.pk)
    ]
    return len(names), [fault for name in names if (fault := record.verify(name))]


def reads(fund: Fund, most: int) -> list[Event]:
    """The last times that somebody read what is known of people, the newest first."""
    return list(Event.objects.filter(stream_id=f"gelezen {fund.pk}").order_by("-number")[:most])


def all_cases(fund: Fund) -> list[Case]:
    """Every application in order of receipt."""
    return sorted(state_of(fund).cases.values(), key=lambda c: (c.received, c.place))
