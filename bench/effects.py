# SPDX-License-Identifier: EUPL-1.2
"""Measure panels of 400,000 squares x 10 years: rings, event study, placebo programmes, beside pyfixest.

    .venv/bin/python bench/effects.py [--cells 400000] [--rows rings,events,placebos,gaps,starts] [--quick]

A made-up country (monitor/space/generator.py) has 40 made-up programme areas with three rings around them; wijken
are the clusters. Each measurement runs in a process of its own, which says its best wall time of three, the CPU time
of that one, its peak memory and how much of that came on top of what stood there before (country, panel or table,
imports, compiled code). Peers run in between. pyfixest's event study needs 8 GB: `--quick` leaves it out. Prints a
Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from krachtwijk.monitor.effects.imputation import NEVER, event_terms, impute, static_terms
from krachtwijk.monitor.effects.panel import Panel, estimate, event_study, from_frame, placebos
from krachtwijk.monitor.effects.unbalanced import fit
from krachtwijk.monitor.space.generator import INHABITED, indicator, national

YEARS = 10
BASE = 4
AREAS = 40
#: Outer limits in steps of 100 m: the programme, and three rings.
REACH = (4, 7, 12, 20)
CLASSES = len(REACH)
PROGRAMMES = 999
AFTER = np.arange(YEARS) > BASE


class Work:
    """The country with its programme, and each piece of work: coefficients over standard errors."""

    def __init__(self, cells: int) -> None:
        country = national(1, inhabited=cells)
        self.n = cells
        self.east, self.north = country.east - country.east.min(), country.north - country.north.min()
        box = (self.north.max() + 2 * REACH[-1] + 1, self.east.max() + 2 * REACH[-1] + 1)
        self.square = np.full(box, cells, dtype=np.int32)  # one place more, for where nobody lives
        self.square[self.north + REACH[-1], self.east + REACH[-1]] = np.arange(cells)
        steps = np.arange(-REACH[-1], REACH[-1] + 1)
        far = np.hypot(steps[:, None], steps[None, :])
        self.rings = [np.argwhere(far <= reach) for reach in REACH]
        self.code = self.programme(0)
        values = np.stack([indicator(country, 0, year) for year in range(YEARS)], axis=1)
        values += np.array([0.0, 0.1, -0.05, -0.03, 0.0], dtype=np.float32)[self.code][:, None] * AFTER
        self.panel = Panel(values, country.wijk)

    def programme(self, seed: int) -> np.ndarray:
        """(n,) 0 far away, 1 in one of 40 round areas, 2 to 4 in the rings around them."""
        centres = np.random.default_rng(seed).integers(0, self.n, AREAS)
        code = np.zeros(self.n + 1, dtype=np.int8)
        for ring in range(CLASSES, 0, -1):
            row, column = self.rings[ring - 1].T
            code[self.square[self.north[centres, None] + row, self.east[centres, None] + column]] = ring
        return code[:-1]

    def exposure(self) -> np.ndarray:
        return self.code[:, None] == np.arange(1, CLASSES + 1)

    def prepare(self, name: str) -> None:
        """What a user has before the work starts, outside its time: a table, or rows with gaps."""
        if name.endswith("_frame"):
            self.frame = pl.DataFrame(self.columns())
        if name.endswith("_pyfixest"):
            self.frame = self.pandas()
        if name.startswith("gaps"):
            kept = np.random.default_rng(1).random(self.n * YEARS) < 0.9
            if name == "gaps":
                self.long = {column: values[kept] for column, values in self.columns().items()}
            else:
                self.frame = self.frame[kept]

    def columns(self) -> dict[str, np.ndarray]:
        return {
            "y": self.panel.values.ravel(),
            "square": np.repeat(np.arange(self.n), YEARS),
            "year": np.tile(np.arange(YEARS), self.n),
            "wijk": np.repeat(self.panel.cluster, YEARS),
            **{f"r{k}": np.repeat(self.code == k, YEARS).astype(float) for k in range(1, CLASSES + 1)},
        }

    def pandas(self) -> Any:
        import pandas as pd

        frame = pd.DataFrame(self.columns())
        frame["y"] = frame["y"].astype(float)
        for k in range(1, CLASSES + 1):
            frame[f"d{k}"] = frame[f"r{k}"] * AFTER[frame["year"]]
        return frame

    def rings_arrays(self) -> np.ndarray:
        return answer(estimate(self.panel, self.exposure(), AFTER))

    def rings_frame(self) -> np.ndarray:
        panel = from_frame(self.frame, unit="square", period="year", value="y", cluster="wijk")
        return answer(estimate(panel, self.exposure(), AFTER))

    def rings_city(self) -> np.ndarray:
        return answer(estimate(self.panel, self.exposure(), AFTER, period_effects=self.panel.cluster // 10))

    def rings_pyfixest(self) -> np.ndarray:
        return self._feols("d1 + d2 + d3 + d4")

    def events(self) -> np.ndarray:
        return answer(event_study(self.panel, self.exposure(), BASE))

    def events_frame(self) -> np.ndarray:
        panel = from_frame(self.frame, unit="square", period="year", value="y", cluster="wijk")
        return answer(event_study(panel, self.exposure(), BASE))

    def events_pyfixest(self) -> np.ndarray:
        return self._feols(" + ".join(f"i(year, r{k}, ref = {BASE})" for k in range(1, CLASSES + 1)))

    def placebos(self) -> np.ndarray:
        found = placebos(self.panel, self._programmes(), AFTER, classes=CLASSES)
        return np.array([found.coef[0], found.se[0]])

    def placebos_drawn(self) -> np.ndarray:
        return np.array([code.sum() for code in self._programmes()])

    def gaps(self) -> np.ndarray:
        rows = self.long
        terms = np.column_stack([rows[f"r{k}"] for k in range(1, CLASSES + 1)]) * AFTER[rows["year"]][:, None]
        return answer(fit(rows["y"], terms, unit=rows["square"], period=rows["year"], cluster=rows["wijk"]))

    def gaps_pyfixest(self) -> np.ndarray:
        return self._feols("d1 + d2 + d3 + d4")

    def _start(self) -> np.ndarray:
        """Half of the wijken start two years later."""
        return np.where(self.code > 0, 5 + 2 * (self.panel.cluster % 2), NEVER)

    def starts(self) -> np.ndarray:
        term = static_terms(self.code, self._start(), np.arange(YEARS))
        return answer(impute(self.panel, term, term == 0))

    def starts_events(self) -> np.ndarray:
        term, names = event_terms(np.where(self.code == 1, self._start(), NEVER), np.arange(YEARS))
        clean = np.arange(YEARS)[None, :] < self._start()[:, None]
        return answer(impute(self.panel, term, clean, names=names))

    def _programmes(self) -> Iterator[np.ndarray]:
        return (self.programme(seed) for seed in range(PROGRAMMES))

    def _feols(self, terms: str) -> np.ndarray:
        import pyfixest

        found = pyfixest.feols(
            f"y ~ {terms} | square + year",
            self.frame,
            vcov={"CRV1": "wijk"},
            copy_data=False,
            store_data=False,
        )
        return np.array([found.coef().to_numpy(), found.se().to_numpy()])


def answer(found: Any) -> np.ndarray:
    return np.array([found.coef, found.se])


def child(name: str, cells: int, times: int, place: str) -> None:
    """Measure one piece of work; a small one first, which compiles and loads."""
    import warnings

    warnings.simplefilter("ignore")
    small = Work(5_000)
    small.prepare(name)
    getattr(small, name)()
    work = Work(cells)
    work.prepare(name)
    run: Callable[[], np.ndarray] = getattr(work, name)
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    seconds = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        found = run()
        seconds.append((time.perf_counter() - wall, time.process_time() - cpu))
    np.save(place, found)
    best = min(seconds)
    peak = status("VmHWM")
    print(json.dumps({"wall": best[0], "cpu": best[1], "peak": peak, "extra": peak - before}))


def status(field: str) -> float:
    """Memory of this process in GB (10⁹ bytes), as the kernel counts it."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def measured(name: str, cells: int, times: int) -> tuple[dict[str, float], np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "answer.npy"
        words = ["--child", name, "--cells", cells, "--times", times, "--answer", place]
        done = subprocess.run(
            [sys.executable, __file__, *map(str, words)],
            capture_output=True,
            text=True,
            env={**os.environ, "NUMBA_NUM_THREADS": str(min(2, os.cpu_count() or 1))},
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr[-2000:] or f"{name} was ended with {done.returncode}")
        return json.loads(done.stdout), np.load(place)


#: Per row: function, what it does, who does it, how often.
ROWS = {
    "rings": (
        ("rings_arrays", "ring difference-in-differences, 4 terms", "krachtwijk, arrays", 3),
        ("rings_frame", "the same", "krachtwijk, long table", 3),
        ("rings_pyfixest", "the same", "pyfixest", 3),
        ("rings_city", "with effects per group and year (some 330 groups)", "krachtwijk, arrays", 3),
    ),
    "events": (
        ("events", "event study, 36 terms", "krachtwijk, arrays", 3),
        ("events_frame", "the same", "krachtwijk, long table", 3),
        ("events_pyfixest", "the same", "pyfixest", 1),
    ),
    "placebos": (
        ("placebos", "999 placebo programmes with their errors", "krachtwijk", 3),
        ("placebos_drawn", "of which to draw the programmes", "", 1),
    ),
    "gaps": (
        ("gaps", "rings, one row in ten missing", "krachtwijk, arrays", 3),
        ("gaps_pyfixest", "the same", "pyfixest", 3),
    ),
    "starts": (
        ("starts", "imputation, two starts, 4 terms", "krachtwijk", 3),
        ("starts_events", "imputation, two starts, event study", "krachtwijk", 3),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="panels of squares beside pyfixest")
    parser.add_argument("--cells", type=int, default=INHABITED)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--child", default="")
    parser.add_argument("--answer", default="")
    parser.add_argument("--times", type=int, default=3)
    told = parser.parse_args()
    if told.child:
        child(told.child, told.cells, told.times, told.answer)
        return
    names = ("numpy", "scipy", "numba", "polars", "pyfixest")
    print(f"{told.cells:,} squares x {YEARS} years; Python {platform.python_version()}, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in names) + "; best of three.\n")
    print("| work | who | seconds | CPU s | peak GB (added) | beside ours, wall (CPU) | differs at most |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for group in told.rows.split(","):
        ours: tuple[dict[str, float], np.ndarray] | None = None
        for name, work, who, times in ROWS[group]:
            if told.quick and name == "events_pyfixest":
                continue
            found = measured(name, told.cells, times)
            ratio = apart = ""
            if work == "the same" and ours:
                ratio = f"{found[0]['wall'] / ours[0]['wall']:.1f} ({found[0]['cpu'] / ours[0]['cpu']:.1f})"
                apart = f"{np.abs(found[1] - ours[1]).max():.1e}"
            else:
                ours = found
            print(
                f"| {work} | {who} | {found[0]['wall']:.2f} | {found[0]['cpu']:.2f} "
                f"| {found[0]['peak']:.2f} ({found[0]['extra']:.2f}) | {ratio} | {apart} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
