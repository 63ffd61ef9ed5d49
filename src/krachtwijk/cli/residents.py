# SPDX-License-Identifier: EUPL-1.2
"""The verbs of residents or residence: for who holds a table of people by year, in their own secure room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from krachtwijk.cli.reporting import emit, say, steps
from krachtwijk.errors import KrachtwijkError

if TYPE_CHECKING:
    from krachtwijk.runs.residents import Made, Request

residents_app = typer.Typer(
    help="Bewoners of buurt: gingen mensen vooruit, of kwamen er anderen wonen?",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[
    Path,
    typer.Argument(
        help="Mensen per jaar: .csv, .parquet, of een map met een .parquet per jaar.", readable=False
    ),
]
First = Annotated[int, typer.Option("--from", help="Eerste jaar; zonder: het eerste van de gegevens.")]
Last = Annotated[int, typer.Option("--to", help="Laatste jaar; zonder: het laatste van de gegevens.")]
Person = Annotated[str, typer.Option("--person", help="Kolom met een code of nummer per persoon.")]
Year = Annotated[str, typer.Option("--year", help="Kolom met het jaar, als de bestanden er geen noemen.")]
Area = Annotated[str, typer.Option("--area", help="Kolom met de code van het gebied.")]
Outcome = Annotated[str, typer.Option("--outcome", help="Kolom met de uitkomst: een getal, of 0 en 1.")]
Groups = Annotated[
    Path | None,
    typer.Option("--groups", help="Indeling (.csv): kolom area, en per niveau een kolom.", readable=False),
]
Levels = Annotated[
    list[str] | None,
    typer.Option(
        "--level", help="Niveau, van klein naar groot: gebied, of een kolom van --groups. Mag vaker."
    ),
]
Step = Annotated[float, typer.Option("--step", help="Wie meer dan dit verschilt, stijgt of daalt.", min=0)]
Cuts = Annotated[
    list[float] | None,
    typer.Option("--cut", help="Grens tussen twee klassen; stijgen is dan een hogere klasse. Mag vaker."),
]
Sampled = Annotated[
    float,
    typer.Option("--sampled", help="Welk deel van de mensen staat in de gegevens? 1: allen.", min=0, max=1),
]
Amounts = Annotated[bool, typer.Option("--amounts", help="De uitkomst is een bedrag: let op dominantie.")]
Limit = Annotated[int, typer.Option("--limit", help="Minder mensen dan dit komen niet naar buiten.", min=3)]
Engine = Annotated[str, typer.Option("--engine", help="polars, duckdb of spark.")]
Internal = Annotated[
    bool, typer.Option("--internal", help="Zonder beveiliging: de uitkomst blijft in de beveiligde omgeving.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Schrijf de tabellen in deze map; zonder: als CSV op het scherm.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Geef het antwoord als JSON.")]

#: What the files of an output folder are called.
NAMES = {"split": "splitsing", "cohort": "cohort", "moves": "verhuizing", "classes": "klassen"}
INSIDE = "INTERN-"
OURS = rf"({INSIDE})?({'|'.join(NAMES.values())})(\.csv|-verantwoording\.json)"


@residents_app.command("generate")
def generate(
    out: Annotated[Path, typer.Argument(help="Map waarin per jaar een bestand komt.", readable=False)],
    people: Annotated[int, typer.Option(help="Mensen in het eerste jaar.", min=1)] = 20_000,
    areas: Annotated[int, typer.Option(help="Gebieden.", min=2)] = 8,
    first: First = 2008,
    years: Annotated[int, typer.Option(help="Jaren.", min=2, max=100)] = 10,
    seed: Annotated[int, typer.Option(help="Zaad van het lot: hetzelfde getal, dezelfde mensen.", min=0)] = 1,
    as_json: AsJson = False,
) -> None:
    """Verzin mensen per jaar, om mee te oefenen; de ware splitsing komt erbij (waarheid.json)."""
    from krachtwijk.monitor.persons import generator
    from krachtwijk.monitor.persons.split import TERMS
    from krachtwijk.warehouse.engines import check_folder
    from krachtwijk.warehouse.persons import write_year

    try:
        world = generator.world(seed, people=people, areas=areas, first=first, years=years)
    except ValueError as error:
        raise KrachtwijkError(
            "Zo'n wereld kan niet", where=str(error), mend="Kies andere aantallen"
        ) from None
    check_folder(out, r"\d{4}\.parquet|waarheid\.json")
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    rows = 0
    with _steps(years, not as_json) as begin:
        for made in world.table():
            begin(f"{made.year}: {len(made.person)} mensen")
            write_year(out, made)
            rows += len(made.person)
    truth = world.truth(first, first + years - 1)
    terms = {str(at + 1): dict(zip(TERMS, row, strict=True)) for at, row in enumerate(truth.tolist())}
    (out / "waarheid.json").write_text(
        json.dumps({"seed": seed, "period": f"{first}-{first + years - 1}", "areas": terms}, indent=1),
        "utf-8",
    )
    if as_json:
        emit({"out": str(out), "rows": rows, "years": years, "areas": areas, "seed": seed})
        return
    say(f"{rows} rijen in {out}. Deze mensen bestaan niet.")


@residents_app.command("split")
def split(
    file: File,
    first: First = 0,
    last: Last = 0,
    yearly: Annotated[bool, typer.Option("--yearly", help="Ook van elk jaar op het volgende.")] = False,
    person: Person = "persoon",
    year: Year = "jaar",
    area: Area = "gebied",
    outcome: Outcome = "uitkomst",
    groups: Groups = None,
    level: Levels = None,
    sampled: Sampled = 0.0,
    amounts: Amounts = False,
    limit: Limit = 10,
    engine: Engine = "polars",
    internal: Internal = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Splits de verandering van elk gebied in vooruitgang van blijvers, komst en vertrek."""
    from krachtwijk.runs.residents import Request

    def asked(years: tuple[int, ...]) -> Request:
        chosen = _between(years, first, last)
        periods = [(chosen[0], chosen[-1])]
        if yearly:
            periods += [pair for pair in pairwise(chosen) if pair not in periods]
        return Request(
            ("split",), tuple(periods), **_shared(groups, level, sampled, amounts, limit, internal)
        )

    made = _made(file, (person, year, area, outcome), engine, asked, out, as_json)
    if made is None:
        return
    told = made.tables["split"].filter(part="change").drop_nulls("value")
    say(f"  van {told.height} gebieden en jaren is de verandering gesplitst")


@residents_app.command("cohort")
def cohort(
    file: File,
    first: First = 0,
    last: Last = 0,
    step: Step = 0.0,
    cut: Cuts = None,
    person: Person = "persoon",
    year: Year = "jaar",
    area: Area = "gebied",
    outcome: Outcome = "uitkomst",
    groups: Groups = None,
    level: Levels = None,
    sampled: Sampled = 0.0,
    amounts: Amounts = False,
    limit: Limit = 10,
    engine: Engine = "polars",
    internal: Internal = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Volg wie er in het eerste jaar woonde, waar zij ook heen gingen, in elk volgend jaar."""
    from krachtwijk.runs.residents import Request

    def asked(years: tuple[int, ...]) -> Request:
        chosen = _between(years, first, last)
        periods = tuple((chosen[0], later) for later in chosen[1:])
        shared = _shared(groups, level, sampled, amounts, limit, internal)
        return Request(("cohort",), periods, _change(step, cut), **shared)

    _made(file, (person, year, area, outcome), engine, asked, out, as_json)


@residents_app.command("transitions")
def transitions(
    file: File,
    first: First = 0,
    last: Last = 0,
    cut: Cuts = None,
    person: Person = "persoon",
    year: Year = "jaar",
    area: Area = "gebied",
    outcome: Outcome = "uitkomst",
    groups: Groups = None,
    level: Levels = None,
    amounts: Amounts = False,
    limit: Limit = 10,
    engine: Engine = "polars",
    internal: Internal = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Wie ging waarheen: tussen gebieden, en met --cut tussen klassen van de uitkomst."""
    from krachtwijk.runs.residents import Request

    def asked(years: tuple[int, ...]) -> Request:
        chosen = _between(years, first, last)
        shared = _shared(groups, level, 0.0, amounts, limit, internal)
        periods = ((chosen[0], chosen[-1]),)
        return Request(("moves", "classes") if cut else ("moves",), periods, _change(0.0, cut), **shared)

    _made(file, (person, year, area, outcome), engine, asked, out, as_json)


def _between(years: tuple[int, ...], first: int, last: int) -> tuple[int, ...]:
    for year, option in ((first, "--from"), (last, "--to")):
        if year and year not in years:
            raise KrachtwijkError(
                f"Het jaar {year} staat niet in de gegevens",
                where=option,
                mend=f"Kies uit: {', '.join(map(str, years))}",
            )
    chosen = tuple(y for y in years if (first or years[0]) <= y <= (last or years[-1]))
    if len(chosen) < 2:
        raise KrachtwijkError(
            "Dit zijn geen twee jaren", where="--from, --to", mend="Kies eerst het vroegste jaar"
        )
    return chosen


def _change(step: float, cuts: list[float] | None) -> Any:
    from krachtwijk.monitor.persons.flows import Change

    if cuts and step:
        raise KrachtwijkError(
            "--step en --cut gaan niet samen", mend="Kies hoe u stijgen meet: in punten of klassen"
        )
    if len(cuts or ()) > 9 or len(set(cuts or ())) < len(cuts or ()):
        raise KrachtwijkError(
            "Zo zijn er geen klassen", where="--cut", mend="Geef hoogstens negen verschillende grenzen"
        )
    return Change(step=step, cuts=tuple(sorted(cuts or ())))


def _shared(
    groups: Path | None, levels: list[str] | None, sampled: float, amounts: bool, limit: int, internal: bool
) -> dict[str, Any]:
    import polars as pl

    from krachtwijk.monitor.persons.release import Rules
    from krachtwijk.runs.residents import OWN
    from krachtwijk.warehouse.tables import LINE, read_table

    held: pl.DataFrame | None = None
    if groups is not None:
        held = read_table(groups).frame.drop(LINE)
        if "area" not in held.columns or held.width < 2:
            raise KrachtwijkError(
                "Een indeling heeft een kolom area en een kolom per niveau",
                where=str(groups),
                mend="Zet de code van het gebied in de kolom area",
            )
        double = held.filter(pl.col("area").is_duplicated())
        if double.height:
            raise KrachtwijkError(
                f"Gebied {double['area'][0]} staat er meer dan één keer in",
                where=str(groups),
                mend="Geef elk gebied één regel",
            )
    names = tuple(levels or ([c for c in held.columns if c != "area"] if held is not None else [OWN]))
    return {
        "groups": held,
        "levels": names,
        "sampled": sampled,
        "rules": Rules(limit=limit, amounts=amounts),
        "internal": internal,
    }


def _made(
    file: Path,
    names: tuple[str, str, str, str],
    engine: str,
    asked: Callable[[tuple[int, ...]], Request],
    out: Path | None,
    as_json: bool,
) -> Made | None:
    """Compute, protect and write or print; what was made, if there is more to say to a person."""
    from krachtwijk.runs import residents
    from krachtwijk.warehouse import default_home
    from krachtwijk.warehouse.engines import check_folder
    from krachtwijk.warehouse.persons import Columns, people

    person, year, area, outcome = names
    columns = Columns(person=person, year=year, area=area, outcome=outcome)
    if out is not None:
        check_folder(out, OURS)
    with people(file, columns, engine) as source:  # type: ignore[arg-type] # refused there where it is none
        request = asked(source.years)
        register = residents.register_of(default_home(), file)
        before = None if request.internal else residents.read_register(register, request, columns)
        with _steps(len(request.periods), out is not None and not as_json) as begin:
            made = residents.tables(_Told(source, begin), request, release=before)
        facts = [source.facts(y) for y in sorted({y for pair in request.periods for y in pair})]
    account = _account(made, request, columns, facts)
    if out is not None:
        _write(out, made, account, request.internal)
    if not request.internal:
        residents.write_register(register, made, request, columns)
    if as_json:
        rows = {NAMES[table]: frame.to_dicts() for table, frame in made.tables.items()}
        emit({"out": str(out), **account} if out else account | rows, indent=2 if out else None)
        return None
    if out is None:
        for frame in made.tables.values():
            say(frame.write_csv().rstrip())
        return None
    say(f"{made.shown} rijen met een cijfer in {out}, {made.hidden} weggelaten om mensen te beschermen")
    for fact in facts:
        if fact.without_area:
            say(
                f"  let op: in {fact.year} hebben {fact.without_area} mensen geen gebied; zij tellen niet mee"
            )
    if request.internal:
        say("  LET OP: niet beveiligd. Deze bestanden mogen de beveiligde omgeving niet verlaten.")
    return made


class _Told:
    """A person table that tells which years it goes through."""

    def __init__(self, source: Any, begin: Callable[[str], None]) -> None:
        self.source, self.begin = source, begin

    def flows(self, first: int, last: int, change: Any, **more: Any) -> Any:
        self.begin(f"{first} tot {last}")
        return self.source.flows(first, last, change, **more)


def _account(made: Made, request: Request, columns: Any, facts: list[Any]) -> dict[str, Any]:
    """How the tables were made: what an output check asks for, and nothing that tells of few people."""
    from dataclasses import asdict

    from krachtwijk import __version__
    from krachtwijk.runs.residents import RULE

    return {
        "rule": RULE,
        "software": __version__,
        "internal": request.internal,
        "periods": [f"{first}-{last}" for first, last in request.periods],
        "levels": list(request.levels),
        "change": asdict(request.change),
        "rules": asdict(request.rules),
        "sampled": request.sampled,
        "columns": asdict(columns),
        "people": {str(f.year): f.rows for f in facts},
        "shown": made.shown,
        "hidden": made.hidden,
    }


def _write(out: Path, made: Made, account: dict[str, Any], internal: bool) -> None:
    from krachtwijk.warehouse import engines

    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(account, ensure_ascii=False, indent=1) + "\n"
    for table, frame in made.tables.items():
        name = (INSIDE if internal else "") + NAMES[table]
        engines.write(frame, out / f"{name}.csv")
        (out / f"{name}-verantwoording.json").write_text(text, "utf-8")


@contextmanager
def _steps(total: int, told: bool) -> Iterator[Callable[[str], None]]:
    if not told:
        yield lambda _: None
        return
    with steps(total) as bar:
        yield bar.begin
