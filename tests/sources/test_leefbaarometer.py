# SPDX-License-Identifier: EUPL-1.2
from pathlib import Path

from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse


def test_every_line_of_the_2024_buurt_file_is_kept(warehouse: Warehouse, packaged: Path) -> None:
    outcome = ingest_file(warehouse, packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz")
    assert (outcome.rows, outcome.kept, outcome.rejected, outcome.warnings) == (12147, 12147, [], [])


def test_the_same_content_again_is_a_duplicate_edition(warehouse: Warehouse, packaged: Path) -> None:
    path = packaged / "leefbaarometer/lbm3-gemeente-2024.csv.gz"
    first = ingest_file(warehouse, path)
    second = ingest_file(warehouse, path)
    assert [w["code"] for w in second.warnings] == ["duplicate_edition"]
    assert second.edition == first.edition
    assert len(warehouse.editions()) == 1
