# SPDX-License-Identifier: EUPL-1.2
"""17 million invented people x 10 years: split, cohorts and moves, with seconds and peak memory. For bench/persons.md.

python bench/persons.py make FOLDER [PEOPLE]     write the people, a file a year (about 1.5 GB)
python bench/persons.py run FOLDER               each table in a process of its own
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

AREAS = 13_000
WORK = ("facts", "flows", "split", "cohort", "moves", "duckdb")


def make(folder: Path, people: int) -> None:
    from krachtwijk.monitor.persons import generator
    from krachtwijk.warehouse.persons import write_year

    folder.mkdir(parents=True, exist_ok=True)
    world = generator.world(1, people=people, areas=AREAS, years=10)
    rows = 0
    for year in world.table():
        write_year(folder, year)
        rows += len(year.person)
    size = sum(f.stat().st_size for f in folder.iterdir()) / 1e6
    print(f"{rows:,} rows, {size:,.0f} MB, {_told()}")


def work(folder: Path, what: str) -> None:
    from krachtwijk.monitor.persons.flows import Change
    from krachtwijk.runs.residents import ALL, Request, tables
    from krachtwijk.warehouse.persons import Columns, people

    groups = pl.DataFrame(
        {
            "area": [str(n + 1) for n in range(AREAS)],
            "gemeente": [f"G{n * 342 // AREAS:03d}" for n in range(AREAS)],
            "regio": [f"R{n * 40 // AREAS:02d}" for n in range(AREAS)],
        }
    )
    first, last = 2008, 2017
    every = tuple((first, year) for year in range(first + 1, last + 1))
    with people(folder, Columns(), "duckdb" if what == "duckdb" else "polars") as source:
        if what == "facts":
            for year in source.years:
                source.facts(year)
        elif what in ("flows", "duckdb"):
            print(len(source.flows(first, last, Change()).people), "flows")
        elif what == "split":
            made = tables(source, Request(("split",), ((first, last),), groups=groups, levels=("gemeente",)))
            print(made.tables["split"].filter(level=ALL, part="change").to_dicts(), made.shown, made.hidden)
        elif what == "cohort":
            made = tables(
                source, Request(("cohort",), every, Change(0.5), groups=groups, levels=("gemeente",))
            )
            print(made.shown, made.hidden)
        else:
            made = tables(source, Request(("moves",), ((first, last),), groups=groups, levels=("regio",)))
            print(made.shown, made.hidden)
    print(f"{what}: {_told()}")


def _told() -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return (
        f"{time.perf_counter() - STARTED:.1f} s, {time.process_time():.1f} s of processor, peak {peak:.2f} GB"
    )


if __name__ == "__main__":
    STARTED = time.perf_counter()
    where = Path(sys.argv[2])
    if sys.argv[1] == "make":
        make(where, int(sys.argv[3]) if len(sys.argv) > 3 else 17_000_000)
    elif sys.argv[1] == "run":
        for name in WORK:
            subprocess.run([sys.executable, __file__, name, str(where)], check=True)
    else:
        work(where, sys.argv[1])
