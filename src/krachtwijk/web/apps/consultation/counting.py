# SPDX-License-Identifier: EUPL-1.2
"""From ballots to an outcome that anyone can count again: a file in, `rules.tally` over it.

A ballot is text: ``1:ja,3:nee`` in order of plan, empty where somebody has no opinion, ``ongeldig`` for paper that
cannot be read. Equal ballots are equal text, so a ballot box is a number per text and has no order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from krachtwijk.rules import pabulib
from krachtwijk.rules.bylaw import Bylaw
from krachtwijk.rules.money import euros
from krachtwijk.rules.tally import Method, Outcome, tally, values_of

INVALID = "ongeldig"
YES, NO = "ja", "nee"
#: Rules that look at each plan by itself; only these can take in what a meeting counted a plan at a time.
BY_PLAN = frozenset({"yes-no", "greedy"})
_PART = re.compile(r"([1-9][0-9]{0,3}):(ja|nee)")


@dataclass(frozen=True, slots=True)
class OnBallot:
    """A plan as it stands on the ballot; ``number`` is its place in order of receipt, ``cents`` what it asks."""

    number: int
    case: str
    title: str
    cents: int


def written(choices: Mapping[int, bool]) -> str:
    """A ballot as text: for (True) or against (False) by number of plan; what is left out is no opinion."""
    return ",".join(f"{number}:{YES if choices[number] else NO}" for number in sorted(choices))


def choices_of(ballot: str) -> dict[int, bool]:
    """A ballot out of its text. Raises ValueError on anything that `written` does not make."""
    found: dict[int, bool] = {}
    for part in ballot.split(",") if ballot else []:
        match = _PART.fullmatch(part)
        if match is None or int(match[1]) <= max(found, default=0):
            raise ValueError("no ballot")
        found[int(match[1])] = match[2] == YES
    return found


def of_hands(counts: Mapping[int, tuple[int, int]], present: int) -> list[str]:
    """As many ballots as there were people in the room, with these sums of for and against for each plan.

    Who raised a hand for two plans is not known, so these ballots are right a plan at a time and say no more.
    """
    return [
        written({number: at < yes for number, (yes, no) in counts.items() if at < yes + no})
        for at in range(present)
    ]


def ballots_file(
    plans: Sequence[OnBallot],
    ballots: Mapping[tuple[str, str], int],
    law: Bylaw,
    budget: int,
    meta: Mapping[str, str],
) -> str:
    """The ballots as a Pabulib file. ``ballots``: how many of each (text, channel); invalid ones are left out.

    The same ballots give the same text, in whatever order they came. A channel is written only where the by-law weighs
    channels: else it would tell what the one person said who came to the desk.
    """
    rule = str(law("consultation_rule"))
    weighted = bool(law("channel_weights")) if rule == "greedy" else False
    yes_no = rule == "yes-no"
    rows = sorted(
        (text, channel if weighted else "")
        for (text, channel), times in ballots.items()
        if text != INVALID
        for _ in range(times)
    )
    vote_columns = ("voter_id", "vote", *(("no",) if yes_no else ()), *(("channel",) if weighted else ()))
    made = []
    for number, (text, channel) in enumerate(rows, 1):
        chosen = choices_of(text)
        fields = {
            "voter_id": str(number),
            "vote": ",".join(str(n) for n, yes in chosen.items() if yes),
            "no": ",".join(str(n) for n, yes in chosen.items() if not yes),
            "channel": channel,
        }
        made.append(pabulib.Ballot(str(number), (), (), {name: fields[name] for name in vote_columns}))
    head = {
        **meta,
        "num_projects": str(len(plans)),
        "num_votes": str(len(made)),
        "budget": euros(max(budget, 0)),
        "rule": rule,
        "vote_type": "approval",
        "bylaw": law.id,
    }
    projects = tuple(
        pabulib.Project(
            str(plan.number),
            Fraction(plan.cents, 100),
            {
                "project_id": str(plan.number),
                "cost": euros(plan.cents),
                "name": plan.title,
                "case": plan.case,
            },
        )
        for plan in plans
    )
    columns = {
        "META": ("key", "value"),
        "PROJECTS": ("project_id", "cost", "name", "case"),
        "VOTES": vote_columns,
    }
    return pabulib.write(
        pabulib.Election(head, projects, tuple(made), Fraction(max(budget, 0), 100), columns)
    )


def fingerprint(text: str) -> str:
    """SHA-256 of a file, as ``sha256sum`` prints it."""
    return hashlib.sha256(text.encode()).hexdigest()


def outcome_of(text: str, law: Bylaw, seed: str) -> tuple[pabulib.Election, Outcome]:
    """Count a file as the by-law says."""
    election = pabulib.read(text)
    return election, tally(election, Method(seed=seed, **values_of(law)))


def per_plan(election: pabulib.Election) -> dict[str, tuple[int, int]]:
    """For each plan how many are for and how many against."""
    ids = [project.id for project in election.projects]
    found = {name: [0, 0] for name in ids}
    for ballot in election.ballots:
        for place in ballot.plans:
            found[ids[place]][0] += 1
        for name in _names(ballot.fields.get("no", "")):
            found[name][1] += 1
    return {name: (yes, no) for name, (yes, no) in found.items()}


def _names(field: str) -> Iterable[str]:
    return filter(None, field.split(","))
