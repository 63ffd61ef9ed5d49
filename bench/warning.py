# SPDX-License-Identifier: EUPL-1.2
"""Measure early warning: what `krachtwijk warn` takes, and the fit with its full backtest.

    .venv/bin/python bench/warning.py [home]

``home`` holds a built demonstration (default: KRACHTWIJK_HOME or ./var). Prints a Markdown table; best of three.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from krachtwijk.catalogue import warnings as specs
from krachtwijk.runs import warnings
from krachtwijk.warehouse import Warehouse, default_home


def best(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds and processor seconds of the quickest of three."""
    taken = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(taken)


def main() -> None:
    home = sys.argv[1] if len(sys.argv) > 1 else str(default_home())
    warehouse = Warehouse(home)
    print("| work | areas | seconds | processor seconds | aim |\n| --- | ---: | ---: | ---: | --- |")
    for level, spec in specs().items():
        seen = warnings.observed(warehouse, spec)
        as_of = max(seen.total)
        year = (seen.total[as_of] == seen.total[as_of]).sum()

        def whole(level: str = level) -> None:
            warnings.warned(warehouse, level)
            warnings.backtest(warnings.observed(warehouse, specs()[level]), specs()[level])

        for what, work, aim in (
            (f"{level}: warnings", lambda level=level: warnings.warned(warehouse, level), ""),
            (f"{level}: warnings and full backtest, tables read", whole, "10 s" if level == "pc4" else ""),
        ):
            wall, cpu = best(work)
            print(f"| {what} | {year} | {wall:.2f} | {cpu:.2f} | {aim} |")
    command = [sys.executable, "-m", "krachtwijk.cli.main", "warn", "--json"]
    wall, _ = best(
        lambda: subprocess.run(
            command, env={**os.environ, "KRACHTWIJK_HOME": home}, stdout=subprocess.DEVNULL, check=True
        )
    )
    print(f"| `krachtwijk warn --json`, a whole process | | {wall:.2f} | | |")


if __name__ == "__main__":
    main()
