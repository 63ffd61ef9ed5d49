# SPDX-License-Identifier: EUPL-1.2
"""The verbs of a Wijkraadpleging: count ballots, and show the count."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Annotated, Any

import typer

from krachtwijk.catalogue import bylaws as catalogue
from krachtwijk.cli.reporting import complain, emit, say
from krachtwijk.errors import KrachtwijkError

consultation_app = typer.Typer(help="Tel een wijkraadpleging.", no_args_is_help=True, rich_markup_mode=None)


@consultation_app.callback()
def _group() -> None:
    pass  # with a callback Typer keeps the verb's own name, even if it is the only one


@consultation_app.command("tally")
def tally(
    file: Annotated[
        Path, typer.Argument(help="Stembiljetten als Pabulib-bestand (.pb of .pb.gz).", readable=False)
    ],
    rule: Annotated[
        str | None,
        typer.Option(help="yes-no, greedy, mes of mes-add1. Zonder: de regel die het bestand noemt."),
    ] = None,
    bylaw: Annotated[
        str | None,
        typer.Option(help="Verordening (naam of bestand) die zegt hoe er wordt geteld."),
    ] = None,
    stop: Annotated[
        str,
        typer.Option(help="Wat mes-add1 beëindigt: overspend (eerste uitslag die niet past) of exhaustive."),
    ] = "overspend",
    ties: Annotated[
        str | None,
        typer.Option(help="Wat beslist bij gelijke stand, in deze volgorde: lowest-cost,most-votes,lot."),
    ] = None,
    seed: Annotated[str, typer.Option(help="Openbaar zaad van het lot.")] = "",
    compare: Annotated[bool, typer.Option("--compare", help="Zeg wie onder de andere regels wint.")] = False,
    log: Annotated[Path | None, typer.Option(help="Schrijf het telverslag naar dit bestand.")] = None,
    write: Annotated[
        Path | None, typer.Option(help="Schrijf de stembiljetten met de winnaars naar dit .pb-bestand.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Geef het antwoord als JSON.")] = False,
) -> None:
    """Wie er wint, met een verslag dat iedereen kan narekenen."""
    from krachtwijk.rules import pabulib
    from krachtwijk.rules.tally import counterfactual, method_of, money, values_of
    from krachtwijk.rules.tally import tally as count

    try:
        election = pabulib.read(_text(file), str(file))
    except KrachtwijkError as error:
        complain(str(error))
        raise typer.Exit(2) from None
    values: dict[str, Any] = {"stop": stop, "seed": seed}
    if bylaw is not None:
        if rule is not None or ties is not None:
            raise KrachtwijkError(
                "--bylaw zegt al hoe er wordt geteld", mend="Laat --rule en --ties weg, of --bylaw"
            )
        values |= values_of(catalogue.bylaw(bylaw))
    else:
        values["rule"] = rule
        if ties is not None:
            values["ties"] = tuple(filter(None, (t.strip() for t in ties.split(","))))
    outcome = count(election, method_of(election, **values))
    other = counterfactual(election, outcome) if compare else ()
    if log:
        log.write_text(outcome.log_text, "utf-8")
    if write:
        # line ends of the file itself, not those of this computer
        write.write_bytes(pabulib.write(pabulib.with_winners(election, outcome.winners)).encode())
    if as_json:
        emit({**outcome.as_json(), **({"other_rules": list(other)} if compare else {})})
        return
    names = {project.id: project for project in election.projects}
    say(f"Regel {outcome.method.rule}: {len(outcome.winners)} van {len(names)} plannen winnen.")
    for number, plan in enumerate(outcome.winners, 1):
        say(f"{number:>4}. {plan} {names[plan].fields.get('name', '')} ({money(names[plan].cost)})")
    for plan, amount in outcome.partial.items():
        say(f"Plan {plan} krijgt een deel: {money(amount)} van {money(names[plan].cost)}.")
    say(f"Kosten {money(outcome.cost)} van {money(outcome.budget)}.")
    for warning in outcome.warnings:
        say(f"Let op: {warning}")
    for sentence in other:
        say(sentence)
    say(f"Telverslag: {outcome.log_sha256}")


def _text(file: Path) -> str:
    """The text of a file, unpacked if it is packed. Raises KrachtwijkError."""
    try:
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return content.decode()
    except UnicodeDecodeError as error:
        raise KrachtwijkError(
            "Dit bestand is geen UTF-8", where=f"{file}, byte {error.start}", mend="Sla het op als UTF-8"
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise KrachtwijkError("Dit bestand kan niet worden gelezen", where=f"{file}: {error}") from None
