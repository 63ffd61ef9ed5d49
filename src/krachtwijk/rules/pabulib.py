# SPDX-License-Identifier: EUPL-1.2
"""Elections as Pabulib files (`.pb`): text in, election out, and back to the same text.

Three sections, META, PROJECTS and VOTES, each with a line of column names; `;` between fields, double quotes where a
field holds one. What we do not know is kept. `target` is the old name of `beneficiaries`: both are read, the new one is
written.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from krachtwijk.errors import KrachtwijkError

SECTIONS = ("META", "PROJECTS", "VOTES")
RENAMED = {"target": "beneficiaries"}
NEEDED = {"META": ("key", "value"), "PROJECTS": ("project_id", "cost"), "VOTES": ("voter_id", "vote")}
#: How a voter may have voted. The empty word: the file does not say, and approval is meant.
VOTE_TYPES = ("approval", "choose-1", "ordinal", "cumulative", "scoring", "")


class PabulibError(KrachtwijkError):
    """A file that cannot be read: what, in which file and line, how to mend it."""


@dataclass(frozen=True, slots=True)
class Project:
    """One plan. ``cost`` in currency units, ``fields`` as in the file, by column."""

    id: str
    cost: Fraction
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot: the plans on it by place in the file, and their points where the file has them."""

    voter: str
    plans: tuple[int, ...]
    points: tuple[Fraction, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Election:
    """A file as read. ``budget`` in currency units. ``notices``: what is odd in it but no reason to refuse it."""

    meta: Mapping[str, str]
    projects: tuple[Project, ...]
    ballots: tuple[Ballot, ...]
    budget: Fraction
    columns: Mapping[str, tuple[str, ...]]
    notices: tuple[str, ...] = ()
    newline: str = "\n"
    odd: Mapping[int, str] = field(default_factory=dict)  # lines that end otherwise
    ends: bool = True  # whether the last line ends with a newline
    marked: bool = field(default=False)  # whether the file began with a byte order mark

    @property
    def vote_type(self) -> str:
        """How a voter voted, in the words of the format."""
        return self.meta.get("vote_type", "").strip().lower()

    @property
    def rule(self) -> str:
        """The rule that the file names, in its own words."""
        return self.meta.get("rule", "").strip().lower()


def amount(text: str) -> Fraction:
    """An amount of the file, exactly. A comma may stand for the decimal point. Raises ValueError."""
    text = text.strip()
    if "," in text and "." not in text and text.count(",") == 1:
        text = text.replace(",", ".")
    if not re.fullmatch(r"\d{1,18}(\.\d{1,12})?", text):
        raise ValueError(text)
    return Fraction(text)


def read(text: str, where: str = "") -> Election:
    """An election out of the text of a file. Raises PabulibError with file and line."""
    return _Reader(text, where).read()


class _Reader:
    def __init__(self, text: str, where: str) -> None:
        self.marked = text.startswith("\ufeff")
        text = text.removeprefix("\ufeff")
        pieces = re.split(r"(\r\n|\n|\r)", text)
        self.lines, breaks = pieces[::2], pieces[1::2]
        self.newline = Counter(breaks).most_common(1)[0][0] if breaks else "\n"
        full = [place for place, line in enumerate(self.lines) if line.strip()]
        self.odd = {
            row: breaks[place]
            for row, place in enumerate(full)
            if place < len(breaks) and breaks[place] != self.newline
        }
        self.ends = len(self.lines) > 1 and not self.lines[-1].strip()
        self.where = where
        self.notices: list[str] = []

    def wrong(self, line: int, what: str, mend: str) -> PabulibError:
        place = f"{self.where}, regel {line}" if self.where else f"regel {line}"
        return PabulibError(what, where=place, mend=mend)

    def sections(self) -> dict[str, list[tuple[int, list[str]]]]:
        found: dict[str, list[tuple[int, list[str]]]] = {}
        current = ""
        for number, line in enumerate(self.lines, 1):
            if not line.strip():
                continue
            name = line.strip().strip(";").strip().upper()
            if name in SECTIONS and name not in found:
                found[name] = []
                current = name
            elif not current:
                raise self.wrong(
                    number, "Dit is geen .pb-bestand: het begint niet met META", "Begin met een regel META"
                )
            else:
                fields = next(csv.reader([line], delimiter=";")) if '"' in line else line.split(";")
                found[current].append((number, fields))
        for name in SECTIONS:
            if not found.get(name):
                raise self.wrong(
                    len(self.lines),
                    f"Het deel {name} ontbreekt of is leeg",
                    f"Voeg {name} toe met een regel kolomnamen ({';'.join(NEEDED[name])})",
                )
        return found

    def table(self, name: str, rows: list[tuple[int, list[str]]]) -> tuple[tuple[str, ...], list[int]]:
        """Column names, and the lines that are no row; every other row is as long as the names."""
        line, header = rows[0]
        columns = tuple(c.strip() for c in header)
        if name != "META":
            columns = tuple(c if c not in RENAMED or RENAMED[c] in columns else RENAMED[c] for c in columns)
        absent = [c for c in NEEDED[name] if c not in columns]
        if absent:
            raise self.wrong(line, f"In {name} ontbreekt de kolom {absent[0]}", f"Voeg {absent[0]} toe")
        if len(set(columns)) < len(columns):
            raise self.wrong(line, f"In {name} staat een kolom twee keer", "Geef elke kolom een eigen naam")
        for number, row in rows[1:]:
            if len(row) != len(columns):
                raise self.wrong(
                    number,
                    f"Deze regel heeft {len(row)} velden en {name} heeft {len(columns)} kolommen",
                    "Maak ze gelijk; zet een veld met een puntkomma tussen aanhalingstekens",
                )
        return columns, [number for number, _ in rows[1:]]

    def read(self) -> Election:
        parts = self.sections()
        columns = {}
        for name in SECTIONS:
            if name == "META":  # a value may hold a semicolon of its own
                parts[name] = [
                    (n, row if len(row) < 3 else [row[0], ";".join(row[1:])]) for n, row in parts[name]
                ]
            columns[name], _ = self.table(name, parts[name])
        meta: dict[str, str] = {}
        lines: dict[str, int] = {}
        for number, row in parts["META"][1:]:
            key = row[0].strip()
            if key in meta:
                raise self.wrong(number, f"META noemt {key} twee keer", "Laat er een weg")
            meta[key], lines[key] = row[1], number
        if "budget" not in meta:
            raise self.wrong(
                parts["META"][0][0], "META noemt geen budget", "Voeg een regel budget;BEDRAG toe"
            )
        try:
            budget = amount(meta["budget"])
        except ValueError:
            raise self.wrong(
                lines["budget"], f"Het budget {meta['budget']!r} is geen bedrag", "Schrijf 60000 of 60000.50"
            ) from None
        kind = meta.get("vote_type", "").strip().lower()
        if kind not in VOTE_TYPES:
            raise self.wrong(
                lines["vote_type"],
                f"De soort stem {kind!r} kennen wij niet",
                f"Kies uit {', '.join(VOTE_TYPES[:-1])}",
            )
        projects = self.projects(columns["PROJECTS"], parts["PROJECTS"][1:])
        ballots = self.ballots(columns["VOTES"], parts["VOTES"][1:], projects, kind)
        for key, count, what in (
            ("num_projects", len(projects), "plannen"),
            ("num_votes", len(ballots), "stembiljetten"),
        ):
            if key in meta and meta[key].strip() != str(count):
                self.notices.append(f"META noemt {meta[key].strip()} {what}, het bestand heeft er {count}.")
        notices = tuple(self.notices)
        return Election(
            meta, projects, ballots, budget, columns, notices, self.newline, self.odd, self.ends, self.marked
        )

    def projects(self, columns: tuple[str, ...], rows: list[tuple[int, list[str]]]) -> tuple[Project, ...]:
        found: dict[str, Project] = {}
        for number, row in rows:
            fields = dict(zip(columns, row, strict=True))
            name = fields["project_id"].strip()
            if not name or name in found:
                raise self.wrong(
                    number,
                    f"Plan {name} staat twee keer" if name else "Dit plan heeft geen project_id",
                    "Geef elk plan een eigen project_id",
                )
            try:
                cost = amount(fields["cost"])
            except ValueError:
                raise self.wrong(
                    number,
                    f"De kosten {fields['cost']!r} van plan {name} zijn geen bedrag",
                    "Schrijf 12000 of 12000.50",
                ) from None
            found[name] = Project(name, cost, fields)
        return tuple(found.values())

    def ballots(
        self,
        columns: tuple[str, ...],
        rows: list[tuple[int, list[str]]],
        projects: tuple[Project, ...],
        kind: str,
    ) -> tuple[Ballot, ...]:
        places = {project.id: place for place, project in enumerate(projects)}
        found: list[Ballot] = []
        voters: set[str] = set()
        scored = "points" in columns
        for number, row in rows:
            fields = dict(zip(columns, row, strict=True))
            names = fields["vote"].split(",") if fields["vote"].strip() else []
            try:
                plans = tuple([places[name] if name in places else places[name.strip()] for name in names])
            except KeyError as error:
                raise self.wrong(
                    number, f"Dit stembiljet noemt plan {error.args[0]!r}, dat niet in PROJECTS staat",
                    "Verbeter het nummer of voeg het plan toe",
                ) from None  # fmt: skip
            points: tuple[Fraction, ...] = ()
            if scored and kind in {"cumulative", "scoring"}:
                try:
                    given = fields["points"].split(",") if fields["points"].strip() else []
                    points = tuple(Fraction(Decimal(p.strip())) for p in given)
                except (InvalidOperation, ValueError, OverflowError):
                    raise self.wrong(
                        number, f"De punten {fields['points']!r} zijn geen getallen", "Schrijf 3,1"
                    ) from None
                if len(points) != len(plans):
                    raise self.wrong(
                        number,
                        f"Dit stembiljet heeft {len(plans)} plannen en {len(points)} punten",
                        "Geef elk plan zijn punten",
                    )
            if len(set(plans)) < len(plans):
                self.notices.append(f"Regel {number} noemt een plan twee keer; het telt één keer.")
                once = dict.fromkeys(plans)
                if points:
                    both = list(zip(plans, points, strict=True))
                    points = tuple(next(given for plan, given in both if plan == p) for p in once)
                plans = tuple(once)
            voter = fields["voter_id"].strip()
            voters.add(voter)
            found.append(Ballot(voter, plans, points, fields))
        if len(voters) < len(found):
            self.notices.append(
                f"{len(found) - len(voters)} stembiljetten hebben een voter_id dat vaker voorkomt; ze tellen alle mee."
            )
        return tuple(found)


def with_winners(election: Election, winners: Iterable[str]) -> Election:
    """The same election with the column ``selected``: 1 for each winner, 0 for the others."""
    chosen = set(winners)
    columns = dict(election.columns)
    if "selected" not in columns["PROJECTS"]:
        columns["PROJECTS"] = (*columns["PROJECTS"], "selected")
    projects = tuple(
        replace(p, fields={**p.fields, "selected": "1" if p.id in chosen else "0"}) for p in election.projects
    )
    return replace(election, projects=projects, columns=columns)


def write(election: Election) -> str:
    """The text of a file: what was read, line by line; `target` under its new name."""
    lines = ["META", _line(election.columns["META"])]
    lines += [_line((key, value)) for key, value in election.meta.items()]
    for name, rows in (
        ("PROJECTS", (project.fields for project in election.projects)),
        ("VOTES", (ballot.fields for ballot in election.ballots)),
    ):
        columns = election.columns[name]
        lines += [name, _line(columns)]
        lines += [_line([fields[column] for column in columns]) for fields in rows]
    if election.odd:
        text = "".join([line + election.odd.get(row, election.newline) for row, line in enumerate(lines)])
        text = text if election.ends else text.removesuffix(election.newline)
    else:
        text = election.newline.join(lines) + (election.newline if election.ends else "")
    return ("\ufeff" if election.marked else "") + text


def _line(fields: Iterable[str]) -> str:
    return ";".join([_quoted(field) for field in fields])


def _quoted(text: str) -> str:
    if ";" in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text
