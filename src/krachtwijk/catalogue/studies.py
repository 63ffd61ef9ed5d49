# SPDX-License-Identifier: EUPL-1.2
"""Reading the plan of a study (`data/studies/<programme>.toml`), with every mistake on its line."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from krachtwijk.catalogue.loading import DATA, indicators, programmes, score_versions
from krachtwijk.catalogue.mistakes import Mistake, TomlFile
from krachtwijk.errors import KrachtwijkError, nearest
from krachtwijk.monitor.effects.plan import (
    Inference,
    Matching,
    Outcome,
    Placebos,
    Primary,
    StudyPlan,
    StudyWindow,
    Variant,
)

FOLDER = DATA / "studies"
#: Tables of the file: of a list the field of the plan it becomes, of a single table its own name.
LISTS: dict[str, tuple[str, type]] = {
    "primary": ("primaries", Primary),
    "outcome": ("outcomes", Outcome),
    "window": ("windows", StudyWindow),
    "variant": ("variants", Variant),
}
TABLES: dict[str, type] = {"matching": Matching, "placebos": Placebos, "inference": Inference}


@cache
def study(identifier: str) -> StudyPlan | None:
    """The plan of a programme's study, None where it has none. Raises KrachtwijkError on the first mistake in it."""
    path = FOLDER / f"{identifier}.toml"
    return read_study(path) if path.exists() else None


def read_study(path: Path) -> StudyPlan:
    """The plan in a file. Raises KrachtwijkError on the first mistake, with its line."""
    made, mistakes = examine_study(path)
    if made is None:
        first = mistakes[0]
        more = f" (en nog {len(mistakes) - 1} fouten)" if len(mistakes) > 1 else ""
        raise KrachtwijkError(
            f"{first.what}{more}",
            where=f"{path.name}, regel {first.line}: {first.entry}".rstrip(": "),
            mend=first.mend,
        )
    return made


def examine_study(path: Path) -> tuple[StudyPlan | None, list[Mistake]]:
    """The plan in a file and every mistake in it; None where there is one."""
    file = TomlFile.opened(path)
    if isinstance(file, Mistake):
        return None, [file]
    head = {k: v for k, v in file.content.items() if k not in LISTS and k not in TABLES}
    values = _values(file, "plan", StudyPlan, head, 0, {*TABLES, *(name for name, _ in LISTS.values())})
    for name, kind in TABLES.items():
        values[name] = _made(file, f"[{name}]", kind, file.content.get(name), file.line(name))
    for name, (field, kind) in LISTS.items():
        given = file.content.get(name)
        if not isinstance(given, list) or not given:
            file.note(f"[[{name}]]", f"Er is geen [[{name}]]", f"Schrijf minstens één [[{name}]]")
            given = []
        values[field] = tuple(
            _made(file, f"[[{name}]] {_name(entry)}".strip(), kind, entry, _line(file, name, number))
            for number, entry in enumerate(given, start=1)
        )
    if not file.mistakes:
        plan = StudyPlan(**values)
        _check(file, plan)
    file.mistakes.sort(key=lambda m: m.line)
    return (None, file.mistakes) if file.mistakes else (plan, [])


def _line(file: TomlFile, name: str, number: int) -> int:
    """The line of the so-manieth [[name]]; a key of that name elsewhere is not meant."""
    found = [at for at, line in enumerate(file.lines, start=1) if line.strip() == f"[[{name}]]"]
    return found[number - 1] if len(found) >= number else 0


def _name(entry: Any) -> str:
    return str(entry.get("id", "")) if isinstance(entry, dict) else ""


def _made(file: TomlFile, entry: str, kind: type, given: Any, line: int) -> Any:
    if not isinstance(given, dict):
        file.note(entry, f"{entry} ontbreekt of is geen tabel", f"Schrijf {entry} met zijn velden eronder")
        return None
    before = len(file.mistakes)
    values = _values(file, entry, kind, given, line, set())
    return kind(**values) if len(file.mistakes) == before else None


def _values(
    file: TomlFile, entry: str, kind: type, given: dict[str, Any], line: int, elsewhere: set[str]
) -> dict[str, Any]:
    """The fields of a table, each of its kind; what is unknown, absent or of another kind is noted."""
    known = {f.name: f for f in fields(kind) if f.name not in elsewhere}
    hints = get_type_hints(kind)
    found: dict[str, Any] = {}
    for key, value in given.items():
        at = file.line_of_key(key, line) if line else file.line(key)
        if key not in known:
            near = nearest(key, known)
            mend = f"Bedoelt u {near}" if near else f"Kies uit: {', '.join(known)}"
            file.note(entry, f"{key} is hier niet bekend", mend, line=at)
            continue
        wrong = _wrong(hints[key], value)
        if wrong:
            file.note(entry, f"{key} is {value!r}", wrong, line=at)
        found[key] = tuple(value) if isinstance(value, list) else value
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            file.note(entry, f"{name} ontbreekt", f"Zet {name} erbij", line=line)
    return found


def _wrong(hint: Any, value: Any) -> str:
    """How to mend a value that is not of its kind, nothing where it is."""
    if get_args(hint) and get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        if isinstance(value, list) and value:
            return next((wrong for item in value if (wrong := _wrong(inner, item))), "")
        return "Schrijf een lijst tussen [ en ]"
    if get_args(hint):
        return "" if value in get_args(hint) else f"Kies uit: {', '.join(get_args(hint))}"
    kinds = {bool: "true of false", int: "een heel getal", float: "een getal met een punt", str: "een tekst"}
    fits = type(value) is hint or (hint is float and type(value) is int)
    return "" if fits else f"Schrijf {kinds[hint]}"


def _check(file: TomlFile, plan: StudyPlan) -> None:
    """What the parts say of each other."""
    _references(file, plan)
    for name, (field, _) in LISTS.items():
        if name == "primary":
            continue
        ids = [item.id for item in getattr(plan, field)]
        for number, identifier in enumerate(ids):
            if identifier in ids[:number]:
                _at(file, name, number, "id", f"{identifier} staat er twee keer in", "Geef elk een eigen id")
    years = score_versions()[plan.version].years if plan.version in score_versions() else ()
    for number, window in enumerate(plan.windows):
        if window.start >= window.end:
            _at(file, "window", number, "end", "end ligt niet na start", "Schrijf het vroegste jaar in start")
        for key in ("start", "end"):
            if years and getattr(window, key) not in years:
                told = f"Van {getattr(window, key)} is geen meting in deze versie"
                _at(file, "window", number, key, told, f"Kies uit: {', '.join(map(str, years))}")
    _tests(file, plan)
    if any(low >= high for low, high in pairwise(plan.cuts)) or plan.cuts[0] <= 0:
        file.note(
            "plan", "cuts lopen niet op", "Schrijf oplopende afstanden in meters", line=file.line("cuts")
        )
    if plan.main.rings != "grenzen":
        _at(
            file,
            "variant",
            0,
            "rings",
            "De eerste variant is de hoofdvariant en gaat over grenzen",
            "Zet hem vooraan",
        )
    shares = (("inference", "alpha"), ("inference", "power"), ("inference", "fdr"), ("placebos", "worst"))
    for table, key in shares:
        value = getattr(getattr(plan, table), key)
        if not 0 < value < 1:
            line = file.line_of_key(key, file.line(table))
            file.note(f"[{table}]", f"{key} is {value}", "Schrijf een getal tussen 0 en 1", line=line)


def _tests(file: TomlFile, plan: StudyPlan) -> None:
    """Both questions have one primary test, on the same outcome as it is; years before are measured."""
    questions = [primary.question for primary in plan.primaries]
    if sorted(questions) != ["effect", "waterbed"]:
        told = "Er is niet één hoofdtoets per vraag"
        _at(file, "primary", 0, "question", told, "Schrijf een [[primary]] voor waterbed en een voor effect")
        return
    outcomes = {primary.outcome for primary in plan.primaries}
    if len(outcomes) > 1 or any(o.id in outcomes and o.scale != "stap" for o in plan.outcomes):
        told = "De hoofdtoetsen gaan niet over dezelfde uitkomst met scale stap"
        _at(file, "primary", 1, "outcome", told, "Kies voor beide dezelfde uitkomst")
    early = sorted({y for w in plan.windows for y in (w.start, w.end) if y <= plan.base})
    for table, key, years in (
        ("matching", "years", plan.matching.years),
        ("placebos", "year", (plan.placebos.year,)),
    ):
        if not set(years) <= set(early):
            line = file.line_of_key(key, file.line(table))
            mend = f"Kies uit jaren tot en met base die in een [[window]] staan: {', '.join(map(str, early))}"
            file.note(f"[{table}]", f"{key} noemt een jaar dat vooraf niet is gemeten", mend, line=line)


def _references(file: TomlFile, plan: StudyPlan) -> None:
    if plan.programme not in programmes():
        told = f"Programma {plan.programme} bestaat niet"
        file.note("plan", told, f"Kies uit: {', '.join(programmes())}", line=file.line("programme"))
    if plan.version not in score_versions():
        told = f"Versie {plan.version} bestaat niet"
        file.note("plan", told, f"Kies uit: {', '.join(score_versions())}", line=file.line("version"))
    for number, outcome in enumerate(plan.outcomes):
        if outcome.indicator not in indicators():
            told = f"Indicator {outcome.indicator} bestaat niet"
            _at(file, "outcome", number, "indicator", told, "Zie `krachtwijk indicators`")
    for number, primary in enumerate(plan.primaries):
        for key, known in (
            ("outcome", [o.id for o in plan.outcomes]),
            ("window", [w.id for w in plan.windows]),
        ):
            if getattr(primary, key) not in known:
                told = f"{getattr(primary, key)} staat niet in dit plan"
                _at(file, "primary", number, key, told, f"Kies uit: {', '.join(known)}")
    if plan.matching.density not in indicators():
        line = file.line_of_key("density", file.line("matching"))
        told = f"Indicator {plan.matching.density} bestaat niet"
        file.note("[matching]", told, "Zie `krachtwijk indicators`", line=line)


def _at(file: TomlFile, name: str, number: int, key: str, what: str, mend: str) -> None:
    line = file.line_of_key(key, _line(file, name, number + 1))
    file.note(f"[[{name}]]", what, mend, line=line)
