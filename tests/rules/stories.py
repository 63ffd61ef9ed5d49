# SPDX-License-Identifier: EUPL-1.2
"""Events in few words: a fund with a wijk, applications and what comes of them, replayed under the model by-law."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

from krachtwijk.catalogue import bylaws as catalogue
from krachtwijk.rules.bylaw import Bylaw
from krachtwijk.rules.clocks import Acts
from krachtwijk.rules.replay import read_events, replay

ACTS = Acts(catalogue.calendar(), tuple((p.start, p.amounts) for p in catalogue.penalties()))
MODEL = catalogue.bylaw("g31-2008")


def at(moment: str) -> str:
    """A day stands for ten in the morning."""
    return f"{moment}T10:00:00+01:00" if len(moment) == 10 else moment


def event(moment: str, kind: str, /, **fields: Any) -> dict[str, Any]:
    return {"at": at(moment), "type": kind, **{name.rstrip("_"): value for name, value in fields.items()}}


def fund(
    ceiling: str = "60000.00", *, name: str = "F", wijken: Sequence[str] = ("W",), until: str = "2009-12-31"
) -> list[dict[str, Any]]:
    """A fund of 2008 with a ceiling a wijk, a Regiegroep with mandate and a kasbeheerder."""
    start = "2008-10-01"
    made = [
        event(start, "fund", fund=name, municipality="Stad", year=2008, amount="9000000.00", reserve="0.00"),
        event(start, "kasbeheerder", fund=name, person="kas"),
    ]
    for wijk in wijken:
        made += [
            event(start, "designate", fund=name, wijk=wijk, amount=ceiling),
            event(start, "ceiling", fund=name, wijk=wijk, amount=ceiling, announced=start),
            event(
                start,
                "mandate",
                fund=name,
                wijk=wijk,
                body="regiegroep",
                consent=True,
                from_=start,
                until=until,
            ),
        ]
    return made


def application(
    case: str = "A", amount: str = "4000.00", day: str = "2008-12-01", **other: Any
) -> dict[str, Any]:
    fields = {
        "case": case, "fund": "F", "wijk": "W", "initiator": {"kind": "individual", "name": "J. Jansen"},
        "requested": amount, "plan": "Bloembakken", "planning": "voorjaar", "cost_estimate": amount,
        "other_subsidy": False, "physical": False, "maintenance": None, "signed": True, **other,
    }  # fmt: skip
    return event(day, "application", **fields)


def decision(
    case: str = "A", outcome: str = "grant", amount: str | None = None, day: str = "2008-12-08", **other: Any
) -> dict[str, Any]:
    fields = {
        "case": case,
        "outcome": outcome,
        "amount": amount,
        "grounds": [],
        "motive": "",
        "by": "regiegroep",
    }
    return event(day, "decision", **{**fields, **other})


def grant(case: str = "A", amount: str = "4000.00", day: str = "2008-12-08", **other: Any) -> dict[str, Any]:
    return decision(case, "grant", amount, day, **other)


def refusal(
    case: str = "A", grounds: Sequence[str] = (), day: str = "2008-12-08", **other: Any
) -> dict[str, Any]:
    return decision(case, "refuse", None, day, grounds=list(grounds), **{"motive": "Daarom.", **other})


def paid(case: str = "A", amount: str = "500.00", day: str = "2009-01-10", **other: Any) -> dict[str, Any]:
    fields = {"case": case, "kind": "invoice", "amount": amount, "by": "kas", "purpose_ok": True}
    return event(day, "redemption", **{**fields, **other})


def large(case: str = "A", amount: str = "12300.00", yes: int = 30, no: int = 10) -> list[dict[str, Any]]:
    """An application above the limit, tested and put to the wijk."""
    return [
        application(case, amount),
        event("2008-12-10", "eligibility", case=case, ok=True, grounds=[], motive="", by="regiegroep"),
        event(
            "2009-01-10", "consultation", fund="F", cases=[case], form="bijeenkomst", rule="yes-no",
            votes={case: {"yes": yes, "no": no}},
        ),
    ]  # fmt: skip


def play(
    *events: dict[str, Any] | list[dict[str, Any]],
    bylaw: Bylaw = MODEL,
    as_of: str | None = None,
    known: str | None = None,
) -> dict[str, Any]:
    """What comes of these events; lists are taken apart."""
    lines = [json.dumps(e) for part in events for e in (part if isinstance(part, list) else [part])]
    moments = [datetime.datetime.fromisoformat(at(m)) if m else None for m in (as_of, known)]
    return replay(read_events(lines), bylaw, ACTS, *moments)


def last(found: dict[str, Any]) -> tuple[bool, str]:
    """Whether the last event was accepted, and the article it rests on."""
    return found["events"][-1]["accepted"], found["events"][-1]["article"]


def refused_on(found: dict[str, Any], article: str) -> bool:
    """Whether the last event was refused on this article, with a reason."""
    told = found["events"][-1]
    return not told["accepted"] and told["article"].startswith(article) and bool(told["reason"])


def ledger(found: dict[str, Any], fund: str = "F", wijk: str = "W") -> dict[str, str]:
    balances: dict[str, str] = found["ledger"][fund][wijk]
    return balances
