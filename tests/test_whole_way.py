# SPDX-License-Identifier: EUPL-1.2
"""One publication file all the way to a page: file, edition, classes, result table, area page."""

import csv
import gzip
from pathlib import Path

import pytest
from django.test import Client

from krachtwijk.runs import leefbaarometer
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse


def test_a_published_score_reaches_the_area_page(
    warehouse: Warehouse, packaged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz"
    outcome = ingest_file(warehouse, path)
    (info,) = leefbaarometer.run(warehouse)
    monkeypatch.setenv("KRACHTWIJK_HOME", str(warehouse.home))
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        published = next(row for row in csv.DictReader(handle) if row["id"] == "BU03610300")
    page = Client().get("/gebied/BU03610300/").content.decode()
    assert f"{float(published['afw']):+.3f}".replace(".", ",").replace("-", "−") in page
    assert published["afw"] in Client().get("/gebied/BU03610300/scores.csv").content.decode()
    assert f"klasse {published['kscore']}" in page
    assert outcome.edition in page
    assert info.run in page
