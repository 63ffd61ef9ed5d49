# SPDX-License-Identifier: EUPL-1.2
"""Two by-laws side by side: which values differ, and what that does to cases that run."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from krachtwijk.rules.bylaw import PARAMETERS, Bylaw, Value
from krachtwijk.rules.clocks import Acts
from krachtwijk.rules.events import Event
from krachtwijk.rules.explaining import in_words
from krachtwijk.rules.replay import replay

#: What is compared of a case, and what a person calls it.
CASE_FIELDS: Mapping[str, str] = {
    "state": "staat",
    "due": "uiterste dag",
    "granted": "toegewezen",
    "refused": "geweigerd",
    "vouchers": "vouchers",
    "penalty": "dwangsom",
    "objection_until": "bezwaar tot en met",
    "rank": "plaats in de volgorde",
}


def compare(first: Bylaw, second: Bylaw) -> list[dict[str, Any]]:
    """The values, grounds and outcomes that differ, with article and standing on both sides, ready for JSON.

    A value that is the same counts as a difference where one of both does not know it.
    """
    found = []
    for name, parameter in PARAMETERS.items():
        one, other = first.values[name], second.values[name]
        if (one.value, one.standing == "unknown") != (other.value, other.standing == "unknown"):
            told = {"name": name, "meaning": parameter.meaning, "used": parameter.used}
            found.append({**told, "a": _side(one), "b": _side(other)})
    for kind, what in (("grounds", "weigeringsgrond"), ("outcomes", "uitkomst buiten de gronden")):
        mine, theirs = getattr(first, kind), getattr(second, kind)
        for code in sorted({*mine, *theirs}):
            one, other = mine.get(code), theirs.get(code)
            if one is None or other is None or one.text != other.text:
                told = {"name": f"{kind}.{code}", "meaning": f"{what} {code}", "used": True}
                found.append({**told, "a": _entry(one), "b": _entry(other)})
    return found


def _side(value: Value) -> dict[str, Any]:
    said = "niet bekend" if value.standing == "unknown" else in_words(value.name, value.value)
    return {"value": said, "article": value.article, "standing": value.standing, "from": value.from_bylaw}


def _entry(entry: Any) -> dict[str, Any]:
    if entry is None:
        return {"value": "geen", "article": "", "standing": "read", "from": ""}
    return {
        "value": entry.text,
        "article": entry.article,
        "standing": entry.standing,
        "from": entry.from_bylaw,
    }


def compare_cases(
    first: Bylaw,
    second: Bylaw,
    events: Iterable[Event],
    acts: Acts,
    as_of: datetime.datetime | None = None,
) -> dict[str, Any]:
    """The same events under both by-laws: events judged otherwise, cases and money that come out otherwise."""
    given = list(events)
    one, other = replay(given, first, acts, as_of), replay(given, second, acts, as_of)
    return {
        "events": [
            {"n": a["n"], "a": _judged(a), "b": _judged(b)}
            for a, b in zip(one["events"], other["events"], strict=True)
            if a["accepted"] != b["accepted"]
        ],
        "cases": {
            name: differing
            for name in sorted({*one["cases"], *other["cases"]})
            if (differing := _fields(one["cases"].get(name), other["cases"].get(name)))
        },
        "ledger": _money(one["ledger"], other["ledger"]),
        "unchanged": sum(case == other["cases"].get(name) for name, case in one["cases"].items()),
    }


def _judged(event: Mapping[str, Any]) -> dict[str, Any]:
    return {key: event[key] for key in ("accepted", "article", "reason")}


def _fields(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> dict[str, Any]:
    if one is None or other is None:
        return {"present": {"a": one is not None, "b": other is not None}}
    return {
        name: {"a": one[name], "b": other[name]} for name in CASE_FIELDS if one.get(name) != other.get(name)
    }


def _money(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fund in sorted({*one, *other}):
        for wijk in sorted({*one.get(fund, {}), *other.get(fund, {})}):
            a, b = one.get(fund, {}).get(wijk, {}), other.get(fund, {}).get(wijk, {})
            changed = {
                account: {"a": a.get(account), "b": b.get(account)}
                for account in {**a, **b}
                if a.get(account) != b.get(account)
            }
            if changed:
                found.setdefault(fund, {})[wijk] = changed
    return found
