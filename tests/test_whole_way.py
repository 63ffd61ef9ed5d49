# SPDX-License-Identifier: EUPL-1.2
"""From published file to page: one file through every room, and the whole demonstration as a person starts it."""

import csv
import gzip
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from krachtwijk.catalogue import score_version
from krachtwijk.runs import leefbaarometer
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse

#: the command asks the database, in a process of its own
pytestmark = pytest.mark.database


def published(packaged: Path, file: str, key: str, code: str) -> dict[str, str]:
    """One line of a packaged publication."""
    with gzip.open(packaged / file, "rt", encoding="utf-8") as handle:
        return next(row for row in csv.DictReader(handle) if row[key].strip() == code)


def dutch(value: float, decimals: int = 3) -> str:
    """A signed number as the page writes it."""
    rounded = round(value, decimals)
    text = f"{rounded:+.{decimals}f}" if rounded else f"{0:.{decimals}f}"
    return text.replace(".", ",").replace("-", "−")


@pytest.mark.slow
def test_a_published_score_reaches_the_area_page(
    warehouse: Warehouse, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = "leefbaarometer/lbm3-buurt-2024.csv.gz"
    outcome = ingest_file(warehouse, packaged / file)
    (info,) = (i for i in leefbaarometer.run(warehouse) if i.table == "lbm3-buurt")
    monkeypatch.setenv("KRACHTWIJK_HOME", str(warehouse.home))
    line = published(packaged, file, "id", "BU03610300")
    page = Client().get("/gebied/BU03610300/").content.decode()
    for column in ("afw", "won", "fys", "vrz", "soc", "onv"):
        assert dutch(float(line[column])) in page, column
    assert score_version("lbm3").class_labels[int(line["kscore"]) - 1] in page
    assert outcome.edition in page
    assert info.run in page


@pytest.fixture(scope="module")
def site(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`krachtwijk demo` where it was run before, serving; the address of the site."""
    home = tmp_path_factory.mktemp("demo") / "var"
    shutil.copytree(built.home, home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = home.with_suffix(".log")
    with log.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "krachtwijk.cli.main", "demo", "--port", str(port)],
            env={**os.environ, "KRACHTWIJK_HOME": str(home), "DATABASE_URL": ""},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 600
        while True:
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"demo does not serve: {log.read_text('utf-8')}")
            try:
                urllib.request.urlopen(address + "/", timeout=120).read()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def fetch(address: str) -> str:
    with urllib.request.urlopen(address, timeout=120) as answer:
        return answer.read().decode()


@pytest.mark.slow
def test_the_demonstration_shows_the_numbers_of_the_published_files(site: str, packaged: Path) -> None:
    buurt = published(packaged, "leefbaarometer/lbm3-buurt-2024.csv.gz", "id", "BU03610300")
    page = fetch(f"{site}/gebied/BU03610300/")
    assert dutch(float(buurt["afw"])) in page
    scores = csv.DictReader(fetch(f"{site}/gebied/BU03610300/scores.csv").splitlines())
    assert float(next(r for r in scores if r["version"] == "lbm3")["total"]) == float(buurt["afw"])

    postcode = published(packaged, "leefbaarometer/lbm2-pc4-klasse-2002-2016.csv.gz", "CODE", "1813")
    page = fetch(f"{site}/gebied/1813/")
    for year in ("02", "08", "12", "14", "16"):
        assert f"20{year}" in page
        assert score_version("lbm2").class_labels[int(postcode[f"KL{year}"]) - 1] in page

    gemeente = published(packaged, "leefbaarometer/lbm3-gemeente-2024.csv.gz", "id", "GM0361")
    assert dutch(float(gemeente["afw"])) in fetch(f"{site}/gebied/GM0361/")


@pytest.mark.slow
def test_the_demonstration_shows_forty_areas_in_eighteen_cities(site: str) -> None:
    page = fetch(f"{site}/programma/krachtwijken-2007/")
    assert len(set(re.findall(r'href="/programma/krachtwijken-2007/(AW\d\d)/', page))) == 40
    for city in ("Alkmaar", "Den Haag", "Zaanstad"):
        assert city in page


@pytest.mark.slow
def test_the_demonstration_has_a_map_of_all_scored_buurten(site: str) -> None:
    page = fetch(f"{site}/kaart/")
    assert "12.147" in page
    assert "GM0361" in page
    assert "12,147" in fetch_english(site, "/kaart/")


def fetch_english(site: str, path: str) -> str:
    request = urllib.request.Request(site + path, headers={"Cookie": "django_language=en"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read().decode()
