# SPDX-License-Identifier: EUPL-1.2
"""Measure what the product promises about speed and write `bench/results.md`.

    .venv/bin/python bench/run.py [--home FOLDER]

Figures are of whole processes unless a row says otherwise. A demonstration is built in an empty folder; with `--home`
an existing one is used for the server part and building is left out.
"""

from __future__ import annotations

import http.client
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

import polars as pl

from krachtwijk.catalogue import DATA, score_version
from krachtwijk.monitor.score import classes, weighted_mean

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ROOT / ".venv/bin/krachtwijk"
PUBLICATIONS = DATA / "publications"
PORT = 8765
NEW = "area pages never asked for before"
PAGES = (
    "/",
    "/kaart/",
    "/gebied/BU03610300/",
    "/gebied/GM0361/",
    "/gebied/1813/",
    "/programma/krachtwijken-2007/",
    "/programma/krachtwijken-2007/AW01/",
    "/bronnen/",
    "/methode/",
)


def whole(command: list[object], home: Path, runs: int = 1) -> list[float]:
    """Seconds of a whole process, per run."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(
            [str(c) for c in command],
            env={**os.environ, "KRACHTWIJK_HOME": str(home)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds.append(time.perf_counter() - started)
    return seconds


def ingest() -> list[float]:
    """Five ingests of the 17,341 x 43 table, each into an empty home."""
    seconds = []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            seconds += whole(
                [COMMAND, "ingest", PUBLICATIONS / "rivm-gezondheid/gezondheid-2020-50090NED-18plus.csv.gz"],
                Path(folder),
            )
    return seconds


def engine() -> list[float]:
    """Classes of 12,147 buurten and their aggregation to municipalities, within a warm process."""
    version_3 = score_version("lbm3")
    frame = pl.read_csv(
        PUBLICATIONS / "leefbaarometer/lbm3-buurt-2024.csv.gz", schema_overrides={"year": pl.String}
    ).rename({"year": "period"})
    frame = frame.with_columns(pl.col("id").str.slice(2, 4).alias("gm"), pl.lit(1.0).alias("w"))
    values = ["afw", *(d.id for d in version_3.dimensions)]
    seconds = []
    for _ in range(30):
        started = time.perf_counter()
        weighted_mean(classes(frame, version_3), ["gm"], values, weight="w")
        seconds.append(time.perf_counter() - started)
    return seconds[5:]


def fresh_pages(home: Path) -> list[str]:
    """Area pages that nobody asked for yet, spread over the country: the server must make each one."""
    (table,) = (home / "results/lbm3-buurt").glob("*.parquet")
    codes = pl.read_parquet(table, columns=["area"])["area"].gather_every(20)
    return [f"/gebied/{code}/" for code in codes]


def server(home: Path, rounds: int = 60) -> dict[str, list[float]]:
    """Seconds per request of warm pages, two clients at a time against two workers."""
    process = subprocess.Popen(
        [str(COMMAND), "serve", "--port", str(PORT)],
        env={**os.environ, "KRACHTWIJK_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    taken: dict[str, list[float]] = {page: [] for page in PAGES}

    taken[NEW] = []

    def reader(pages: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        for page in pages:
            started = time.perf_counter()
            connection.request("GET", page)
            connection.getresponse().read()
            taken[NEW].append(time.perf_counter() - started)

    def client(count: int, keep: bool) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        for _ in range(count):
            for page in PAGES:
                started = time.perf_counter()
                connection.request("GET", page)
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    raise SystemExit(f"{page}: {response.status}")
                if keep:
                    taken[page].append(time.perf_counter() - started)

    try:
        for _ in range(100):
            try:
                client(1, keep=False)
                break
            except OSError:
                time.sleep(0.2)
        for count, keep in ((4, False), (rounds, True)):
            threads = [threading.Thread(target=client, args=(count, keep)) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        pages = fresh_pages(home)
        threads = [threading.Thread(target=reader, args=(pages[start::2],)) for start in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        process.terminate()
        process.wait()
    return taken


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    lines = [
        "<!-- SPDX-License-Identifier: EUPL-1.2 -->",
        "# Measured speed",
        "",
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.machine()}, "
        f"Python {platform.python_version()}, "
        + ", ".join(
            f"{name} {version(name)}" for name in ("polars", "narwhals", "django", "granian", "krachtwijk")
        ),
        "",
        "Machines differ and are noisy: read the medians. Write anew with `make bench`.",
        "",
        "| what | size | median | worst | aim |",
        "| --- | --- | ---: | ---: | ---: |",
    ]

    def row(what: str, size: str, seconds: list[float], aim: str) -> None:
        middle, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
        lines.append(f"| {what} | {size} | {middle:,.0f} ms | {worst:,.0f} ms | {aim} |")
        print(lines[-1], flush=True)

    given = Path(sys.argv[2]) if sys.argv[1:2] == ["--home"] else None
    with tempfile.TemporaryDirectory() as folder:
        home = given or Path(folder)
        if given is None:
            row(
                "demonstration from nothing, whole process",
                "all packaged data",
                whole([COMMAND, "demo", "--no-serve"], home),
                "60 s",
            )
            row("demonstration again", "nothing to do", whole([COMMAND, "demo", "--no-serve"], home), "")
        row("ingest, whole process, empty home", "17,341 rows x 43 columns", ingest(), "2 s")
        row("classes and aggregation, in a warm process", "12,147 buurten x 6 values", engine(), "50 ms")
        lines += [
            "",
            "Server time, 2 workers, 2 clients at a time on the same machine; each named page 120 times (kept by the "
            "process once made), and 608 area pages once each (made for the request):",
            "",
        ]
        lines += ["| page | median | 95 % | aim |", "| --- | ---: | ---: | ---: |"]
        for page, seconds in server(home).items():
            middle, high = (quantile(seconds, share) * 1000 for share in (0.5, 0.95))
            lines.append(
                f"| {page if page == NEW else f'`{page}`'} | {middle:.1f} ms | {high:.1f} ms | 30 ms |"
            )
            print(lines[-1], flush=True)
    (ROOT / "bench/results.md").write_text("\n".join(lines) + "\n", "utf-8")


main()
