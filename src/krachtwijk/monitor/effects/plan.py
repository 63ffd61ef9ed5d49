# SPDX-License-Identifier: EUPL-1.2
"""The plan of a study: every choice that changes its answer, as data, with a text that people read and its hash.

A plan is fixed before an outcome is read. `text` writes every field of it, so that no choice can be changed without
changing the hash; `catalogue.studies` reads a plan from `data/studies/`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

Question = Literal["waterbed", "effect"]
Method = Literal["ringen", "gekoppeld", "imputatie"]
Scale = Literal["stap", "score", "rang", "tot"]
Role = Literal["voor", "na"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured. ``indicator`` on a ``scale``: ``stap`` as it is (classes as equal steps), ``score`` a class
    as the mean score of that class in the country, ``rang`` the place in the country
    (0-100), ``tot`` 100 where the class is above ``limit``, else 0. ``family``: counted in the control of multiplicity.
    """

    id: str
    label: str
    label_en: str
    indicator: str
    scale: Scale = "stap"
    limit: int = 0
    family: bool = True


@dataclass(frozen=True, slots=True)
class StudyWindow:
    """Two years between which a change is taken; ``role``: before the programme (``voor``) or after its start
    (``na``).

    Every outcome is taken in each window whose two years it is known in.
    """

    id: str
    label: str
    label_en: str
    start: int
    end: int
    role: Role = "na"


@dataclass(frozen=True, slots=True)
class Primary:
    """The one test of a question that was named beforehand."""

    question: Question
    method: Method
    outcome: str
    window: str
    term: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One set of choices for the rings. The first variant of a plan is the main one; the others show what a choice
    does.

    ``certainty``: ``alle`` postcodes, or only those of a source (``bron``; places that hang on another are set aside).
    ``rings``: ``grenzen`` (adjoining, up to ``orders`` steps), ``meters`` (the plan's ``cuts``) or ``gegevens``
    (data-driven). ``programme_in_rings``: a programme area beside another one is in ring 1 as well. ``least``: areas
    with fewer inhabitants are left out. ``same_start``: compared with areas of the same class at the start.
    ``within_cities``: compared within each city.
    """

    id: str
    label: str
    label_en: str
    certainty: Literal["alle", "bron"] = "alle"
    rings: Literal["grenzen", "meters", "gegevens"] = "grenzen"
    orders: int = 2
    programme_in_rings: bool = False
    weight: Literal["geen", "inwoners"] = "geen"
    least: int = 500
    same_start: bool = False
    within_cities: bool = True


@dataclass(frozen=True, slots=True)
class Matching:
    """Look-alikes of a programme area: the same class in each of ``years`` and at least ``densest`` addresses around.

    ``density``: the indicator that says how built-up an area is, of year ``density_year``. ``fewest``: with fewer
    look-alikes an area is not compared. ``pools``, the main one first: ``land`` is the country without programme and
    rings, ``land-en-ring-2`` takes ring 2 in, ``stad`` is what lies in the programme's cities, beyond ring 1. Beside it
    the ``neighbours`` nearest on classes and density, within a ``caliper`` in standard deviations.
    """

    pools: tuple[Literal["land", "land-en-ring-2", "stad"], ...]
    years: tuple[int, ...]
    density: str
    density_year: int
    densest: float
    fewest: int
    neighbours: int
    caliper: float


@dataclass(frozen=True, slots=True)
class Placebos:
    """Programmes that never were: same cities, same number and sizes of areas, contiguous, among the worst.

    ``year``: of the classes that choose. ``worst``: the share of a city's other postcodes they are drawn from;
    ``room``: at least so many times the postcodes needed.
    """

    draws: int
    seed: int
    year: int
    worst: float
    room: float


@dataclass(frozen=True, slots=True)
class Inference:
    """Level of the tests, power asked for, few-cluster bootstrap, distance in metres, and control of multiplicity."""

    alpha: float
    power: float
    bootstraps: int
    weights: Literal["rademacher", "webb"]
    seed: int
    cutoff: float
    kernel: Literal["bartlett", "uniform", "discs"]
    fdr: float
    fdr_method: Literal["bh", "by"]


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """A study of one programme. ``relevant``: the smallest shift that would matter, in steps of the primary outcome.

    ``cities_year``: whose municipal boundaries hold; ``inhabitants_year``: of the number of inhabitants; ``start``: the
    year the programme was announced; ``base``: the year event studies compare with; ``cuts``: rings in metres;
    ``radii``: how far the score may count its surroundings, in metres, and in which ``shape`` (`space.decay`).
    """

    programme: str
    title: str
    title_en: str
    written: str
    question: str
    question_en: str
    comparison: str
    comparison_en: str
    decision: str
    decision_en: str
    known: str
    known_en: str
    level: Literal["pc4"]
    version: str
    cities_year: int
    inhabitants_year: int
    start: int
    base: int
    relevant: float
    cuts: tuple[float, ...]
    radii: tuple[float, ...]
    shape: Literal["flat", "linear", "gaussian"]
    primaries: tuple[Primary, ...]
    outcomes: tuple[Outcome, ...]
    windows: tuple[StudyWindow, ...]
    variants: tuple[Variant, ...]
    matching: Matching
    placebos: Placebos
    inference: Inference

    @property
    def main(self) -> Variant:
        """The variant of the primary tests."""
        return self.variants[0]

    def outcome(self, identifier: str) -> Outcome:
        """An outcome by its id. Raises KeyError."""
        return {o.id: o for o in self.outcomes}[identifier]

    def window(self, identifier: str) -> StudyWindow:
        """A window by its id. Raises KeyError."""
        return {w.id: w for w in self.windows}[identifier]

    def primary(self, question: Question) -> Primary:
        """The primary test of a question. Raises KeyError."""
        return {p.question: p for p in self.primaries}[question]


def text(plan: StudyPlan, facts: Mapping[str, str]) -> str:
    """The plan as text: one line per choice, in the order of the plan, and then the facts it rests on.

    ``facts``: by name a fingerprint (the programme's definition, lists of codes, outlines, editions). The same plan and
    facts give the same text on every machine.
    """
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in _leaves("", plan)]
    lines += [f"rust op {name} = {json.dumps(facts[name], ensure_ascii=False)}" for name in sorted(facts)]
    return "\n".join(lines) + "\n"


def digest(written: str) -> str:
    """SHA-256 of a plan's text, as 64 hexadecimal digits."""
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _leaves(f"{name}.{field.name}".lstrip("."), getattr(value, field.name))
    elif isinstance(value, tuple) and any(is_dataclass(item) for item in value):
        for number, item in enumerate(value, start=1):
            yield from _leaves(f"{name}[{number}]", item)
    else:
        yield name, list(value) if isinstance(value, tuple) else value
