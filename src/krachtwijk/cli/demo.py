# SPDX-License-Identifier: EUPL-1.2
"""Everything from the packaged open data: editions, result tables, tiles, database. Each step skips what is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context
from pathlib import Path

from krachtwijk.catalogue import estimates as estimate_specs
from krachtwijk.catalogue import programmes, publications
from krachtwijk.catalogue import warnings as warning_specs
from krachtwijk.catalogue.studies import study
from krachtwijk.cli.effects import reckon
from krachtwijk.cli.reporting import say, steps
from krachtwijk.geography.sheets import build_sheets
from krachtwijk.geography.tiles import build_tiles
from krachtwijk.runs import (
    displacement,
    estimates,
    indicator_classes,
    key_figures,
    leefbaarometer,
    outcome,
    peers,
    position,
    residents,
    surroundings,
    warnings,
)
from krachtwijk.runs.common import run_id
from krachtwijk.sources import ingest_packaged
from krachtwijk.warehouse import Warehouse

#: Steps that are not done again from the same state.
TABLES, CLOSER = "computed", "looked-closer"


def build(warehouse: Warehouse) -> None:
    """Build or complete the demonstration in the warehouse's home. Safe to interrupt and to run again."""
    files = [p for p in publications() if p.ingest]
    with steps(len(files) + 3) as progress, _beside(_draw_sheets, warehouse.home) as sheets_drawn:
        warehouse.clean()
        for publication in files:
            progress.begin(f"{publication.title} ({Path(publication.file).name})")
            ingest_packaged(warehouse, publication)
        progress.begin("Resultaten uitrekenen")
        compute(warehouse)
        progress.begin("Kaart tekenen")
        closer = (
            nullcontext(lambda: None) if _stands(warehouse, CLOSER) else _beside(_look_closer, warehouse.home)
        )
        with closer as looked:
            build_tiles(warehouse)
            sheets_drawn()
            looked()
        progress.begin("Website klaarzetten")
        prepare_site(warehouse)
        seconds = progress.finish()
    say(
        f"Klaar in {seconds:.0f} seconden: {len(warehouse.editions())} edities, {len(warehouse.results())} tabellen."
    )


def _key(warehouse: Warehouse) -> str:
    """Changes when an edition, the software or a catalogue file does."""
    return run_id("demo", [m.edition for m in warehouse.editions()])


def _stands(warehouse: Warehouse, step: str) -> bool:
    """Whether a step was done to its end from this very state."""
    stamp = warehouse.cache(step)
    return stamp.exists() and stamp.read_text() == _key(warehouse)


def compute(warehouse: Warehouse) -> None:
    """The result tables that map and pages rest on, unless they stand."""
    if _stands(warehouse, TABLES):
        return
    key_figures.run(warehouse)  # first: sums and peers withhold what it withholds
    leefbaarometer.run(warehouse)
    position.run(warehouse)
    surroundings.run(warehouse)
    peers.run(warehouse)
    indicator_classes.run(warehouse)
    for programme in programmes().values():
        outcome.run(warehouse, programme)
    warehouse.cache(TABLES).write_text(_key(warehouse))


def _look_closer(home: Path) -> None:
    """What rests on those tables, and no tile needs: estimates, warnings, studies, the example of persons."""
    warehouse = Warehouse(home)
    for spec in estimate_specs().values():
        estimates.run(warehouse, spec)
    for looked_for in warning_specs().values():
        warnings.run(warehouse, looked_for)
    for programme in programmes().values():
        plan = study(programme.id)
        if plan is not None and not displacement.missing(warehouse, programme, plan):
            reckon(warehouse, programme, plan, actor="krachtwijk demo")
    residents.example(warehouse)
    warehouse.cache(CLOSER).write_text(_key(warehouse))


def _draw_sheets(home: Path) -> None:
    build_sheets(Warehouse(home))


@contextmanager
def _beside(work: Callable[[Path], None], home: Path) -> Iterator[Callable[[], None]]:
    """Work that needs nothing of the rest, in a process of its own; gives what waits for it and tells of a failure.

    It is ended with the one that started it: what was half done is done again next time.
    """
    process = get_context("spawn").Process(target=work, args=(home,), daemon=True)
    process.start()

    def wait() -> None:
        process.join()
        if process.exitcode:
            work(home)  # here, so that what went wrong is told as everything else is

    try:
        yield wait
    finally:
        process.terminate()
        process.join()


def prepare_site(warehouse: Warehouse) -> None:
    """Database, register and static files of the website."""
    register_publications(warehouse, actor="krachtwijk demo")
    from krachtwijk.web.apps.consultation import example
    from krachtwijk.web.apps.publication import example as warnings
    from krachtwijk.web.apps.vouchers import season, services

    season.build()
    example.build()
    warnings.build()
    services.write_root()
    from django.core.management import call_command

    call_command("collectstatic", verbosity=0, interactive=False)


def open_site() -> None:
    """Ready to read and write the database of the website, which is brought to this version first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "krachtwijk.web.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def register_publications(warehouse: Warehouse, *, actor: str) -> None:
    """Write in the register which run each table now shows, so that no figure changes silently (R-298)."""
    os.environ["KRACHTWIJK_HOME"] = str(warehouse.home)
    open_site()
    from krachtwijk.web.apps.record import selectors, services

    known = {event.subject: event.payload["run"] for event in selectors.events(stream="publicatie")}
    for info in warehouse.results():
        if known.get(info.table) != info.run:
            services.append(
                stream="publicatie",
                subject=info.table,
                kind="gepubliceerd",
                actor_name=actor,
                payload={
                    "run": info.run,
                    "rule": info.rule,
                    "rows": info.rows,
                    "editions": list(info.editions),
                },
            )
