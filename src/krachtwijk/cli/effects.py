# SPDX-License-Identifier: EUPL-1.2
"""`krachtwijk waterbed` and `krachtwijk effect`: the plan, what its tests could see, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from krachtwijk.cli.reporting import emit, say, steps
from krachtwijk.errors import KrachtwijkError

if TYPE_CHECKING:
    import polars as pl

    from krachtwijk.monitor.effects.plan import Outcome, StudyPlan
    from krachtwijk.monitor.model import Programme
    from krachtwijk.runs.displacement_ground import Fixed
    from krachtwijk.warehouse import ResultInfo, Warehouse

AsJson = Annotated[bool, typer.Option("--json", help="Geef het antwoord als JSON.")]
ProgrammeName = Annotated[str, typer.Argument(help="Programma, bijvoorbeeld krachtwijken-2007.")]
#: The register's stream of plans, and what happens in it.
STREAM, KIND = "studie", "plan vastgelegd"
#: Parts of the recipe that are told while it works.
TOLD = 3

VERDICTS = {
    "waterbed": {
        "achter": "De postcodes naast het programma bleven achter bij die verder weg in dezelfde stad.",
        "vooruit": "De postcodes naast het programma gingen meer vooruit dan die verder weg in dezelfde stad.",
        "geen-van-betekenis": "De postcodes naast het programma ontwikkelden zich niet anders dan die verder weg in "
        "dezelfde stad, althans niet zo dat het van betekenis is.",
        "niet-te-zeggen": "Of de postcodes naast het programma zich anders ontwikkelden, is met deze gegevens niet te "
        "zeggen.",
    },
    "effect": {
        "achter": "De gebieden van het programma gingen minder vooruit dan gebieden die erop leken.",
        "vooruit": "De gebieden van het programma gingen meer vooruit dan gebieden die erop leken.",
        "geen-van-betekenis": "De gebieden van het programma gingen niet anders vooruit dan gebieden die erop leken, "
        "althans niet zo dat het van betekenis is.",
        "niet-te-zeggen": "Of de gebieden van het programma het anders deden dan gebieden die erop leken, is met deze "
        "gegevens niet te zeggen.",
    },
}


def register(app: typer.Typer, monitor: typer.Typer) -> None:
    """Add the verbs to the command."""
    app.command("waterbed")(waterbed)
    app.command("effect")(effect)
    monitor.command("waterbed")(monitor_waterbed)


def waterbed(programme: ProgrammeName, as_json: AsJson = False) -> None:
    """Verplaatsten problemen zich naar de buren van een programma? Eerst het plan, dan de uitkomst."""
    found, plan, answer = _reckoned(programme, as_json)
    if plan is None:
        return
    if as_json:
        emit(answer | _only(answer, "waterbed"))
        return
    _tell_plan(found, plan, answer)
    _tell_displacement(plan, answer)


def effect(
    programme: ProgrammeName,
    indicator: Annotated[
        str, typer.Option(help="Indicator, bijvoorbeeld lbm2-klasse. Zonder: die van het plan.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Kwamen de gebieden dichter bij hun stad, en deden zij het beter dan gebieden die erop leken?"""
    outcomes = _outcomes(programme, indicator)
    found, plan, answer = _reckoned(programme, as_json)
    if plan is None:
        return
    wanted = [o.id for o in outcomes] or [plan.primary("effect").outcome]
    if as_json:
        emit(answer | _only(answer, "effect", wanted if indicator else None))
        return
    _tell_plan(found, plan, answer)
    _tell_effect(plan, answer, wanted)


def monitor_waterbed(
    programme: ProgrammeName,
    moves: Annotated[
        Path | None,
        typer.Option(
            "--verhuizingen",
            help="CSV met van, naar (postcodes) en aantal: voor signaal 2b van de aanpak van 2009-2011.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """De tabellen van `waterbed` en `effect` van een programma, met het plan in het register."""
    from krachtwijk.cli.main import _publish, _warehouse
    from krachtwijk.runs.search_areas import read_moves

    warehouse = _warehouse()
    moved = read_moves(moves) if moves else None  # refused before anything is reckoned
    found, plan = _found(programme)
    absent = _absent(warehouse, found, plan)
    if absent and not as_json:
        say(absent)
        return
    _publish(
        warehouse,
        []
        if absent or plan is None
        else reckon(warehouse, found, plan, actor="krachtwijk monitor", moves=moved),
        as_json,
    )


def reckon(
    warehouse: Warehouse,
    programme: Programme,
    plan: StudyPlan,
    *,
    actor: str,
    told: Callable[[str], None] = lambda text: None,
    moves: pl.DataFrame | None = None,
) -> list[ResultInfo]:
    """All tables of a study and of the ministry's method; the plan is in the register before an outcome is read."""
    from krachtwijk.catalogue.search_areas import search_plan
    from krachtwijk.runs import displacement, search_areas

    def on_plan(fixed: Fixed) -> None:
        _register_plan(warehouse, programme, fixed, actor)

    made = displacement.run(warehouse, programme, plan, on_plan=on_plan, told=told)
    searched = search_plan(programme.id)
    if searched is not None:
        made += search_areas.run(warehouse, programme, searched, moves=moves)
    return made


def _register_plan(warehouse: Warehouse, programme: Programme, fixed: Fixed, actor: str) -> None:
    """One event per plan: what was decided, before it was known what came out."""
    import os

    from krachtwijk.cli.demo import open_site

    os.environ["KRACHTWIJK_HOME"] = str(warehouse.home)
    open_site()
    from krachtwijk.web.apps.record import selectors, services

    known = [e.payload["hash"] for e in selectors.events(stream=STREAM) if e.subject == programme.id]
    if not known or known[-1] != fixed.hash:
        services.append(
            stream=STREAM,
            subject=programme.id,
            kind=KIND,
            actor_name=actor,
            payload={
                "hash": fixed.hash,
                "table": fixed.info.table,
                "run": fixed.info.run,
                "text": fixed.text,
            },
        )


def _found(name: str) -> tuple[Programme, StudyPlan | None]:
    from krachtwijk.catalogue import programme
    from krachtwijk.catalogue.studies import study

    return programme(name), study(name)


def _absent(warehouse: Warehouse, found: Programme, plan: StudyPlan | None) -> str:
    """What is missing, in one sentence; nothing where the study can be done."""
    from krachtwijk.runs import displacement

    missing = displacement.missing(warehouse, found, plan)
    return f"Voor {found.name} is dit niet te onderzoeken: {', en '.join(missing)}." if missing else ""


def _reckoned(name: str, as_json: bool) -> tuple[Programme, StudyPlan | None, dict[str, Any]]:
    """The answer that stands, reckoned first where it does not; without a plan where something is missing."""
    from krachtwijk.cli.demo import register_publications
    from krachtwijk.cli.main import _warehouse
    from krachtwijk.runs import displacement
    from krachtwijk.runs.displacement_ground import ground, stands

    found, plan = _found(name)
    warehouse = _warehouse()
    absent = _absent(warehouse, found, plan)
    if absent or plan is None:
        if as_json:
            emit({"programme": found.id, "name": found.name, "missing": absent})
        else:
            say(absent)
        return found, None, {}
    if not stands(warehouse, found, plan, ground(warehouse, found, plan)):
        if as_json:
            reckon(warehouse, found, plan, actor="krachtwijk waterbed")
        else:
            with steps(TOLD) as progress:
                reckon(warehouse, found, plan, actor="krachtwijk waterbed", told=progress.begin)
                progress.finish()
            say("")
        register_publications(warehouse, actor="krachtwijk waterbed")
    return found, plan, displacement.answer(warehouse, found)


def _outcomes(name: str, indicator: str) -> list[Outcome]:
    """The outcomes of the plan that an indicator (or an outcome's own id) stands for; all refusals are said here."""
    found, plan = _found(name)
    if not indicator or plan is None:
        return []
    wanted = [o for o in plan.outcomes if indicator in (o.indicator, o.id)]
    if not wanted:
        from krachtwijk.catalogue import indicator as known

        known(indicator)  # one that nobody knows is told as such
        raise KrachtwijkError(
            f"Indicator {indicator} staat niet in het plan van dit onderzoek",
            where=f"programma {found.id}",
            mend=f"Kies uit: {', '.join(dict.fromkeys(o.indicator for o in plan.outcomes))}",
        )
    return wanted


def _only(answer: dict[str, Any], question: str, outcomes: list[str] | None = None) -> dict[str, Any]:
    """The tables of an answer with the rows of one question, and of some outcomes where they are named."""
    kept = {}
    for part, table in answer["tables"].items():
        rows = [
            row
            for row in table["rows"]
            if row.get("question", question) == question
            and (outcomes is None or row.get("outcome", outcomes[0]) in outcomes)
        ]
        kept[part] = table | {"rows": rows}
    verdict = answer["tables"]["schatting"]["verdicts"].get(question)
    return {"question": question, "verdict": verdict, "tables": kept}


def told(text: str, indent: int = 2) -> None:
    """A paragraph, broken into lines that fit a terminal."""
    room = " " * indent
    say(fill(text, 110, initial_indent=room, subsequent_indent=room + "  ", break_on_hyphens=False))


# --- text -----------------------------------------------------------------------------------------------------------


def number(value: float | None, decimals: int = 2, *, sign: bool = False) -> str:
    """A number as Dutch readers write it; a dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:{'+' if sign else ''}.{decimals}f}".replace(".", ",").replace("-", "−")


def _tell_plan(found: Programme, plan: StudyPlan, answer: dict[str, Any]) -> None:
    table, stood = answer["tables"]["plan"], answer["plan"]
    roles: dict[str, int] = {}
    for row in table["rows"]:
        roles[row["role"]] = roles.get(row["role"], 0) + 1
    say(plan.title)
    say("")
    since = stood["fixed_at"][:16].replace("T", " om ")
    say(f"HET PLAN, vastgelegd op {since} (UTC), voordat deze berekening een uitkomst las")
    told(f"SHA-256 {stood['hash']}")
    for earlier in table["earlier"]:
        told(f"Een eerder plan van {earlier['fixed_at'][:10]} had SHA-256 {earlier['hash']}")
    told(f"Vraag: {plan.question}")
    for primary in plan.primaries:
        outcome, window = plan.outcome(primary.outcome), plan.window(primary.window)
        told(
            f"Hoofdtoets {primary.question}: {outcome.label}, {window.id}, {primary.term} ({primary.method})"
        )
    told(f"Vergelijking: {plan.comparison}")
    told(
        "Postcodes: "
        + ", ".join(f"{roles.get(role, 0)} {said}" for role, said in _ROLES.items())
        + f", in {len(found.cities)} steden"
    )
    told(
        f"Beslisregel (alpha {number(plan.inference.alpha)}, relevant {number(plan.relevant)} klasse): {plan.decision}"
    )
    told(f"Vooraf bekend: {plan.known}")
    say("")


_ROLES = {
    "programma": "in het programma",
    "ring-1": "in ring 1",
    "ring-2": "in ring 2",
    "verder": "verder weg",
    "buiten": "buiten beschouwing (weinig inwoners)",
}


def _tell_power(plan: StudyPlan, answer: dict[str, Any], question: str) -> None:
    primary = plan.primary("waterbed" if question == "waterbed" else "effect")
    rows = [
        row
        for row in answer["tables"]["kracht"]["rows"]
        if (row["term"], row["method"]) == (primary.term, primary.method) and row["displacement"] == 0
    ]
    say("WAT DE TOETS KAN ZIEN (bepaald voordat de uitkomst van het programma werd gelezen)")
    power = f"{plan.inference.power * 100:.0f}%"
    for row in rows:
        if row["window"] != primary.window and plan.window(row["window"]).role == "na":
            continue
        basis = _BASES[row["basis"]]
        told(
            f"Gemeten aan {row['window']} en {basis}: een verschil van {number(row['smallest'])} klasse wordt met een "
            f"kans van {power} gezien"
        )
    say("")


_BASES = {
    "formule": "de standaardfout",
    "placebo": "nagebootste programma's",
    "beide": "beide toetsen samen, zoals het plan vraagt",
}


def _estimates(answer: dict[str, Any], **wanted: Any) -> list[dict[str, Any]]:
    rows = answer["tables"]["schatting"]["rows"]
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _tell_verdict(answer: dict[str, Any], question: str) -> None:
    verdict = answer["tables"]["schatting"]["verdicts"][question]
    (row,) = _estimates(answer, question=question, primary=True)
    say("DE UITKOMST")
    told(VERDICTS[question][verdict])
    told(
        f"{row['term']} in {row['window']}: {number(row['estimate'], sign=True)} klasse, interval van 95%: "
        f"{number(row['low'], sign=True)} tot {number(row['high'], sign=True)}; {row['areas']} postcodes naast "
        f"{row['comparison']} andere, {row['clusters']} gemeenten"
    )
    told(
        f"Van {len({r['draw'] for r in answer['tables']['placebo']['rows']})} nagebootste programma's ligt 95% tussen "
        f"{number(row['placebo_low'], sign=True)} en {number(row['placebo_high'], sign=True)}"
    )
    told(
        f"Kans op zo'n verschil als er niets is: {number(row['p_wild'])} (bootstrap per gemeente), "
        f"{number(row['p_placebo'])} (nagebootste programma's)"
    )
    told(
        f"Standaardfout {number(row['se'], 3)} per gemeente, {number(row['se_jackknife'], 3)} met telkens een gemeente "
        f"weg, {number(row['se_conley'], 3)} naar afstand"
    )
    say("")


def _tell_rows(title: str, rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    if not rows:
        return
    say(title)
    width = max(len(" ".join(str(row[name]) for name in names)) for row in rows) + 2
    told(
        f"{'':{width}} {'schatting':>9} {'laag':>7} {'hoog':>7} {'p':>6} {'placebo':>8} {'q':>6} {'aantal':>7}"
    )
    for row in rows:
        decimals = 3 if max(abs(row["low"]), abs(row["high"])) < 0.1 else 2
        called = " ".join(str(row[name]) for name in names)
        told(
            f"{called:{width}} {number(row['estimate'], decimals, sign=True):>9} "
            f"{number(row['low'], decimals, sign=True):>7} {number(row['high'], decimals, sign=True):>7} "
            f"{number(row['p_wild'] if row['p_wild'] is not None else row['p']):>6} {number(row['p_placebo']):>8} "
            f"{number(row['q']):>6} {row['areas']:>7}"
        )
    say("")


def _tell_displacement(plan: StudyPlan, answer: dict[str, Any]) -> None:
    primary = plan.primary("waterbed")
    _tell_power(plan, answer, "waterbed")
    _tell_verdict(answer, "waterbed")
    certain = next((v.id for v in plan.variants if v.certainty == "bron"), None)
    wanted = {"variant": certain, "outcome": primary.outcome, "window": primary.window, "term": primary.term}
    for row in _estimates(answer, method=primary.method, **wanted):
        told(
            f"Zonder de afgeleide postcodes is het {number(row['estimate'], sign=True)} "
            f"({number(row['low'], sign=True)} tot {number(row['high'], sign=True)}). Positief is gedeelde "
            "vooruitgang, het tegendeel van verplaatsing."
        )
    told(
        "Wie gebieden kiest op de meting waar de verandering begint, ziet ook de buren vanzelf stijgen; dat kan "
        f"verplaatsing verbergen. Hier is gekozen op cijfers van voor {plan.start} en begint de vergelijking in "
        f"{plan.base}: dat scheelt, maar hoeveel is niet bekend."
    )
    say("")
    main = _estimates(answer, variant=plan.main.id, method="ringen", outcome=primary.outcome)
    _tell_rows("ALLE RINGEN EN PERIODEN (klassen, binnen elke stad)", main, ("window", "term"))
    others = [
        row
        for row in _estimates(answer, question="waterbed", outcome=primary.outcome, window=primary.window)
        if row["variant"] != plan.main.id or row["method"] != primary.method
    ]
    _tell_rows("ANDERE KEUZES, dezelfde periode", others, ("variant", "method", "term"))
    scales = [
        row
        for row in _estimates(answer, question="waterbed", variant=plan.main.id, term=primary.term)
        if row["outcome"] != primary.outcome and row["window"] in (primary.window, "2012-2016")
    ]
    _tell_rows("ANDERE UITKOMSTEN, " + primary.term, scales, ("window", "outcome"))
    say("WAT DE SCORE ZELF DOORGEEFT")
    for row in answer["tables"]["lek"]["rows"]:
        if row["term"] == primary.term:
            told(
                f"Telt de score de omgeving mee tot {row['radius']:.0f} meter, dan is in {row['term']} "
                f"{number(100 * row['share'], 0)}% te zien van een verandering in het programma, zonder dat er iets is "
                "verplaatst"
            )
    told("De echte straal is niet gepubliceerd. Dit verbergt verplaatsing en lijkt op gedeelde vooruitgang.")
    say("")
    say("WAT DIT NIET ZEGT")
    told(
        "Het gaat over gemiddelden van postcodes. Verplaatsing van een paar straten of een paar honderd mensen is zo "
        "niet te zien, en verhuizingen zijn hier niet gevolgd. Een verschil in een ring is nog geen gevolg van het "
        "programma."
    )


def _tell_effect(plan: StudyPlan, answer: dict[str, Any], outcomes: list[str]) -> None:
    primary = plan.primary("effect")
    if primary.outcome in outcomes:
        _tell_power(plan, answer, "effect")
        say(
            "  De laagste gebieden hebben weinig gebieden die erop leken; nagebootste programma's hebben er meer. De"
        )
        say("  standaardfout telt hier dus zwaarder dan de nabootsing.")
        say("")
        _tell_verdict(answer, "effect")
    else:
        say("Dit is niet de hoofdtoets van het plan: een uitkomst naast de andere, zie kolom q.")
        say("")
    for outcome in outcomes:
        sides = [r for r in answer["tables"]["naast-elkaar"]["rows"] if r["outcome"] == outcome]
        if sides:
            say(f"NAAST ELKAAR: {plan.outcome(outcome).label}")
        for window in dict.fromkeys(row["window"] for row in sides):
            say(f"  {window}")
            for row in sides:
                if row["window"] == window:
                    decimals = 3 if plan.outcome(outcome).indicator != "lbm2-klasse" else 2
                    say(
                        f"    {_MEASURES[row['measure']]:52} {number(row['at_start'], decimals):>7} → "
                        f"{number(row['at_end'], decimals):>7}  {number(row['change'], decimals, sign=True):>7} "
                        f"[{number(row['low'], decimals, sign=True)}; {number(row['high'], decimals, sign=True)}]"
                    )
        if sides:
            say("")
    rows = [row for row in _estimates(answer, question="effect") if row["outcome"] in outcomes]
    main = [row for row in rows if row["variant"] == plan.main.id]
    others = [row for row in rows if row not in main and row["window"] == primary.window]
    _tell_rows("SCHATTINGEN VAN HET PROGRAMMA", main, ("outcome", "window", "method"))
    _tell_rows(f"ANDERE KEUZES, {primary.window}", others, ("outcome", "method", "variant"))
    balance = answer["tables"]["balans"]["rows"]
    kept, whole = (
        balance[0]["areas"],
        sum(row["role"] == "programma" for row in answer["tables"]["plan"]["rows"]),
    )
    say("WAAROM DE ANTWOORDEN VERSCHILLEN")
    told(
        "Dichter bij de stad komen en het beter doen dan gebieden die erop leken, zijn twee vragen. Gebieden die heel "
        "laag staan, komen gemiddeld vanzelf iets dichterbij, ook zonder programma: dat is de regel 'vanzelf'."
    )
    told(f"Voor {kept} van de {whole} postcodes zijn er gebieden die erop leken; de laagste hebben er geen.")
    for row in balance:
        if abs(row["apart_matched"]) > 0.25:
            told(
                f"Op {row['variable']} bleven zij verschillen: {number(row['apart_matched'], 1)} standaardafwijking. "
                "Een deel van het verschil kan daarvan komen."
            )
    told("Wat zonder programma was gebeurd, is niet te weten: er is niet geloot, en klassen zijn grof.")


_MEASURES = {
    "programma": "gebieden van het programma",
    "stad": "de rest van hun stad",
    "verschil-stad": "programma min stad (kwam het dichterbij?)",
    "lijkend": "gebieden die erop leken",
    "verschil-lijkend": "programma min gebieden die erop leken",
    "vanzelf": "wat gebieden met zo'n begin gemiddeld doen",
    "verschil-vanzelf": "zo veel dichterbij komt zo'n gebied vanzelf",
}
