# SPDX-License-Identifier: EUPL-1.2
"""The `krachtwijk` command. Each verb translates to one call of the rooms below and tells what came of it."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

from krachtwijk import __version__
from krachtwijk.cli.bylaws import bylaws_app
from krachtwijk.cli.consultation import consultation_app
from krachtwijk.cli.effects import register as register_effects
from krachtwijk.cli.grid import grid_app
from krachtwijk.cli.index import index_app
from krachtwijk.cli.law import rules_app, vouchers_app
from krachtwijk.cli.reporting import complain, emit, say
from krachtwijk.cli.residents import residents_app
from krachtwijk.cli.warning import warn
from krachtwijk.errors import KrachtwijkError

if TYPE_CHECKING:
    from krachtwijk.warehouse import Warehouse

app = typer.Typer(
    name="krachtwijk",
    help="Krachtwijk: een wijkenprogramma uitvoeren en volgen met open cijfers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
monitor_app = typer.Typer(help="Reken de resultaattabellen uit.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(monitor_app, name="monitor")
theme_app = typer.Typer(help="Een eigen huisstijl.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(theme_app, name="theme")
app.add_typer(bylaws_app, name="bylaws")
app.add_typer(rules_app, name="rules")
app.add_typer(vouchers_app, name="vouchers")
app.add_typer(consultation_app, name="consultation")
app.add_typer(grid_app, name="grid")
app.add_typer(index_app, name="index")
app.command("warn")(warn)
register_effects(app, monitor_app)
app.add_typer(residents_app, name="residents")

AsJson = Annotated[bool, typer.Option("--json", help="Geef het antwoord als JSON.")]
Port = Annotated[int, typer.Option(help="Poort van de website.", min=1, max=65535)]


def _warehouse() -> Warehouse:
    # what reads tables takes half a second to load: the verbs of by-laws and consultations go without
    from krachtwijk.warehouse import Warehouse

    return Warehouse()


@app.command()
def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Start daarna de website.")] = True,
    port: Port = 8000,
) -> None:
    """Bouw alles op uit de meegeleverde open data. Mag opnieuw; gaat verder waar het stopte."""
    from krachtwijk.cli.demo import build
    from krachtwijk.cli.serving import require_free

    if serve:
        require_free(port)  # said now, not after half a minute of work
    build(_warehouse())
    if serve:
        # a fresh process: the server forks its workers, and threads that computed do not survive a fork
        os.execv(sys.executable, [sys.executable, "-m", "krachtwijk.cli.main", "serve", "--port", str(port)])


@app.command()
def serve(port: Port = 8000) -> None:
    """Start de website op deze computer."""
    from krachtwijk.cli.serving import run_server

    run_server(port)


@app.command()
def ingest(
    files: Annotated[
        list[Path],
        # readable: our own words about a file that cannot be read, one object a file
        typer.Argument(help="Bestanden van een publicatie (CSV of GeoJSON, ook .gz).", readable=False),
    ],
    source: Annotated[str | None, typer.Option(help="Bron, als de kop niet genoeg zegt.")] = None,
    period: Annotated[str | None, typer.Option(help="Jaar (JJJJ), als het bestand er geen noemt.")] = None,
    as_json: AsJson = False,
) -> None:
    """Neem publicaties op als editie. Een fout bestand verandert niets."""
    from krachtwijk.sources import ingest_file

    warehouse = _warehouse()
    answers: list[dict[str, Any]] = []
    refused = 0
    for path in files:
        try:
            outcome = ingest_file(warehouse, path, source=source, period=period)
        except KrachtwijkError as error:
            refused += 1
            complain(str(error))
            answers.append(
                {
                    "file": path.name,
                    "source": None,
                    "edition": None,
                    "rows": 0,
                    "kept": 0,
                    "rejected": [],
                    "warnings": [],
                    "error": {"what": error.what, "where": error.where, "mend": error.mend},
                }
            )
            continue
        answers.append(outcome.as_json())
        if not as_json:
            verb = "opgenomen als" if outcome.new else "was er al als"
            say(f"{path.name}: {verb} {outcome.edition}, {outcome.kept} van {outcome.rows} regels gebruikt")
            for rejection in outcome.rejected[:5]:
                say(f"  regel {rejection['line']}: {rejection['reason']}")
            if len(outcome.rejected) > 5:
                say(f"  en nog {len(outcome.rejected) - 5} regels; zie --json")
            for warning in outcome.warnings:
                say(f"  let op ({warning['code']}): {warning['text']}")
    if as_json:
        emit(answers)
    if refused:
        raise typer.Exit(1)


@app.command()
def fetch(
    kind: Annotated[str, typer.Argument(help="cbs4, cbs3 of leefbaarometer.")],
    name: Annotated[str, typer.Argument(help="Tabel of laag, bijvoorbeeld 85984NED of buurtscore24.")],
    where: Annotated[str, typer.Option("--filter", help="OData- of CQL-filter.")] = "",
    take_in: Annotated[bool, typer.Option("--ingest/--no-ingest", help="Neem het bestand meteen op.")] = True,
    offline: Annotated[
        bool, typer.Option("--offline", help="Gebruik alleen wat eerder is opgehaald.")
    ] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Vraag alles opnieuw.")] = False,
    as_json: AsJson = False,
) -> None:
    """Haal een publicatie op bij CBS of de Leefbaarometer. Gaat verder waar het stopte."""
    from krachtwijk.sources import ingest_file
    from krachtwijk.sources.clients import FETCHERS, Web

    if kind not in FETCHERS:
        raise KrachtwijkError(
            f"'{kind}' kennen wij niet", where="soort", mend=f"Kies uit: {', '.join(FETCHERS)}"
        )
    warehouse = _warehouse()
    web = Web(warehouse.cache("live", "x").parent, offline=offline, refresh=refresh)
    fetched = FETCHERS[kind](web, name, where)
    answer = fetched.as_json()
    if take_in:
        answer["ingest"] = ingest_file(warehouse, fetched.path).as_json()
    if as_json:
        emit(answer)
        return
    say(f"{fetched.rows} rijen in {fetched.path}")
    for notice in fetched.notices:
        say(f"  let op: {notice}")
    if take_in:
        say(f"  opgenomen als {answer['ingest']['edition']}")


@app.command()
def editions(as_json: AsJson = False) -> None:
    """Toon de edities die zijn opgenomen."""
    from dataclasses import asdict

    found = _warehouse().editions()
    if as_json:
        emit([asdict(m) for m in found])
        return
    if not found:
        say("Er zijn nog geen edities. Begin met `krachtwijk demo` of `krachtwijk ingest BESTAND`.")
    for m in found:
        periods = m.periods[0] if len(m.periods) == 1 else f"{m.periods[0]} t/m {m.periods[-1]}"
        say(f"{m.edition:44} {m.title}, {periods}, {m.kept} regels, {', '.join(m.levels)}")


@monitor_app.command("leefbaarometer")
def monitor_leefbaarometer(as_json: AsJson = False) -> None:
    """Scores, klassen, ontwikkeling, eigen optellingen en plaatsen van de Leefbaarometer."""
    from krachtwijk.runs import leefbaarometer, position

    warehouse = _warehouse()
    _publish(warehouse, [*leefbaarometer.run(warehouse), *position.run(warehouse)], as_json)


@monitor_app.command("omgeving")
def monitor_surroundings(as_json: AsJson = False) -> None:
    """Buren van elk gebied, het profiel en de gebieden die er het meest op lijken."""
    from krachtwijk.runs import peers, surroundings

    warehouse = _warehouse()
    _publish(warehouse, [*surroundings.run(warehouse), *peers.run(warehouse)], as_json)


@monitor_app.command("outcome")
def monitor_outcome(
    programme: Annotated[str, typer.Argument(help="Programma, bijvoorbeeld krachtwijken-2007.")],
    as_json: AsJson = False,
) -> None:
    """Achterstand op de stad per gebied van een programma, met oordeel en telling."""
    from krachtwijk.catalogue import programme as find
    from krachtwijk.runs import outcome

    warehouse, found = _warehouse(), find(programme)
    made = outcome.run(warehouse, found)
    if not made and not as_json and not any(area.parts for area in found.areas):
        say(
            f"Van de gebieden van {found.name} is nog geen grens bekend; voeg die toe aan het programmabestand."
        )
        return
    _publish(warehouse, made, as_json)


@monitor_app.command("kerncijfers")
def monitor_key_figures(as_json: AsJson = False) -> None:
    """De tabel met kerncijfers per gebied."""
    from krachtwijk.runs import indicator_classes, key_figures

    warehouse = _warehouse()
    _publish(warehouse, [*key_figures.run(warehouse), *indicator_classes.run(warehouse)], as_json)


@monitor_app.command("schatting")
def monitor_estimates(as_json: AsJson = False) -> None:
    """Scores geschat uit open cijfers, met hun fout; eerst `monitor kerncijfers`, `leefbaarometer` en `omgeving`."""
    from krachtwijk.catalogue import estimates as specs
    from krachtwijk.runs import estimates

    warehouse = _warehouse()
    _publish(
        warehouse, [info for spec in specs().values() for info in estimates.run(warehouse, spec)], as_json
    )


@monitor_app.command("waarschuwing")
def monitor_warnings(as_json: AsJson = False) -> None:
    """Vroege waarschuwing met toets; eerst `monitor kerncijfers`, `leefbaarometer` en `omgeving`."""
    from krachtwijk.catalogue import warnings as specs
    from krachtwijk.runs import warnings

    warehouse = _warehouse()
    _publish(
        warehouse, [info for spec in specs().values() for info in warnings.run(warehouse, spec)], as_json
    )


def _publish(warehouse: Warehouse, made: list[Any], as_json: bool) -> None:
    """Write in the register what the site now shows, and say so."""
    if made:
        from krachtwijk.cli.demo import register_publications

        register_publications(warehouse, actor="krachtwijk monitor")
    if as_json:
        emit(
            [
                {"table": i.table, "run": i.run, "rule": i.rule, "rows": i.rows, "editions": i.editions}
                for i in made
            ]
        )
        return
    if not made:
        say(
            "Er is niets uit te rekenen: neem eerst publicaties op met `krachtwijk demo` of `krachtwijk ingest`."
        )
    for info in made:
        say(f"{info.table:40} {info.rows:>8} rijen, run {info.run}")


@theme_app.command("check")
def theme_check(
    file: Annotated[Path, typer.Argument(help="CSS-bestand met tokens, zie docs/themes.md.", readable=False)],
    as_json: AsJson = False,
) -> None:
    """Lees een thema en toets elk kleurenpaar van de site (WCAG 2.2) en de klassen voor kleurenblinden."""
    from krachtwijk.web.theme import read_theme

    results = read_theme(file).results()
    failed = [r for r in results if not r.passes]
    if as_json:
        emit(
            [
                {
                    "what": r.what,
                    "value": round(r.value, 2),
                    "least": r.least,
                    "block": r.where,
                    "passes": r.passes,
                }
                for r in results
            ]
        )
    else:
        for r in results:
            block = f" ({r.where})" if r.where else ""
            mark = "goed    " if r.passes else "TE WEINIG"
            say(f"{mark:9} {r.value:6.2f}  minstens {r.least:4.1f}  {r.what}{block}")
        say(f"{len(results) - len(failed)} van {len(results)} toetsen goed.")
    if failed:
        raise typer.Exit(1)


@app.command()
def indicators(as_json: AsJson = False) -> None:
    """Toon de indicatoren die het systeem kent."""
    from krachtwijk.catalogue import indicators as known

    found = known().values()
    if as_json:
        emit(
            [
                {"id": i.id, "label": i.label, "theme": i.theme, "unit": i.unit, "source": i.source}
                for i in found
            ]
        )
        return
    for i in found:
        say(f"{i.id:44} {i.label} ({i.unit}; {i.theme})")


def _version(value: bool) -> None:
    if value:
        say(f"krachtwijk {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", help="Toon de versie.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


_MISUSE = {
    "Missing argument": "Er ontbreekt iets:",
    "Missing option": "Er ontbreekt een optie:",
    "No such command": "Deze opdracht bestaat niet:",
    "No such option:": "Deze optie bestaat niet:",
    "Invalid value for": "Verkeerde waarde bij",
    "Got unexpected extra argument": "Te veel argumenten:",
    "requires an argument": "vraagt een waarde",
}


def run() -> None:
    """Entry point: every mistake ends in one line and an exit code (1 refused, 2 misused, 130 interrupted)."""
    try:
        code = app(standalone_mode=False)
        if code == 130:  # Typer's own answer to Ctrl-C, without a word
            raise KeyboardInterrupt
        sys.exit(code if isinstance(code, int) else 0)
    except KrachtwijkError as error:
        complain(str(error))
        sys.exit(1)
    except (typer.Abort, KeyboardInterrupt):
        complain("Gestopt. Wat af was, blijft staan; draai het opnieuw om verder te gaan.")
        sys.exit(130)
    except TyperException as error:
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        if "\n" in message:  # a group without a verb: the help text itself
            say(message)
        else:
            for english, dutch in _MISUSE.items():
                message = message.replace(english, dutch)
            complain(f"{message.rstrip('.')}. Zie krachtwijk --help.")
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        from krachtwijk.warehouse import default_home

        where = error.filename or default_home()
        complain(
            f"Lezen of schrijven lukt niet ({where}: {error.strerror}). Controleer rechten en schijfruimte."
        )
        sys.exit(1)
    except Exception as error:
        from krachtwijk.warehouse import default_home

        log = default_home() / "fout.log"
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text(traceback.format_exc(), "utf-8")
            kept = f"De bijzonderheden staan in {log}."
        except OSError:
            kept = ""
        complain(f"Er ging iets mis dat niet aan u ligt: {error!r}. {kept} Meld het ons, met dat bestand.")
        sys.exit(3)


if __name__ == "__main__":
    run()
