# SPDX-License-Identifier: EUPL-1.2
import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import OBSERVATIONS, Manifest, ResultInfo, Warehouse


def observation(
    area: str, value: float, period: str = "2016", indicator: str = "lbm2-klasse"
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "level": ["pc4"], "area": [area], "geo_year": [2016], "period": [period], "indicator": [indicator],
            "value": [value], "status": ["ok"], "weight": [None],
        },
        schema=OBSERVATIONS,
    )  # fmt: skip


def manifest(edition: str, **changes: object) -> Manifest:
    values: dict[str, object] = {
        "edition": edition, "source": "lbm2", "title": "t", "file": "f.csv", "sha256": edition, "given_period": None,
        "periods": ("2016",), "levels": ("pc4",), "geo_year": 2016, "indicators": ("lbm2-klasse",),
        "rows": 1, "kept": 1,
    }  # fmt: skip
    return Manifest(**(values | changes))  # type: ignore[arg-type]


def test_what_went_in_comes_out(warehouse: Warehouse) -> None:
    stored = warehouse.add(observation("1813", 4.0), manifest("a"))
    assert warehouse.edition("a") == stored
    found = warehouse.observations("lbm2").select(OBSERVATIONS.names()).collect()
    assert_frame_equal(found, observation("1813", 4.0))


def test_a_revision_stands_beside_the_old_edition_and_the_newest_is_read(warehouse: Warehouse) -> None:
    warehouse.add(observation("1813", 4.0), manifest("a"))
    warehouse.add(observation("1813", 5.0), manifest("b"))
    assert [m.edition for m in warehouse.editions()] == ["a", "b"]
    assert warehouse.observations().collect()["value"].to_list() == [5.0]
    assert warehouse.observations(editions=["a"]).collect()["value"].to_list() == [4.0]


def test_complementary_editions_are_read_together(warehouse: Warehouse) -> None:
    warehouse.add(observation("1813", 4.0), manifest("a"))
    warehouse.add(observation("3814", 5.0), manifest("b"))
    assert sorted(warehouse.observations().collect()["value"].to_list()) == [4.0, 5.0]


def test_an_edition_that_exists_is_never_overwritten(warehouse: Warehouse) -> None:
    warehouse.add(observation("1813", 4.0), manifest("a"))
    with pytest.raises(KrachtwijkError, match="bestaat al"):
        warehouse.add(observation("1813", 9.0), manifest("a"))
    assert warehouse.observations().collect()["value"].to_list() == [4.0]
    assert list((warehouse.home / "tmp").iterdir()) == []


def test_half_an_edition_in_tmp_is_not_seen_and_is_cleaned_away(warehouse: Warehouse) -> None:
    half = warehouse.home / "tmp" / "abc"
    half.mkdir(parents=True)
    (half / "observations.parquet").write_bytes(b"PAR1")
    assert warehouse.editions() == []
    assert warehouse.observations().collect().height == 0
    warehouse.clean()
    assert half.exists()  # young: another process may be writing it
    os.utime(half, (0, 0))
    warehouse.clean()
    assert not half.exists()


def test_lines_left_out_stand_beside_the_manifest(warehouse: Warehouse) -> None:
    stored = warehouse.add(
        observation("1813", 4.0), manifest("a", rows=3), [(2, "geen getal"), (4, "geen code")]
    )
    assert stored.left_out == 2
    assert warehouse.rejected("a").rows() == [(2, "geen getal"), (4, "geen code")]
    assert warehouse.rejected("b").rows() == []


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), pl.exceptions.ComputeError("No space left on device")]
)
def test_a_full_disk_is_told_and_leaves_nothing_behind(warehouse: Warehouse, error: Exception) -> None:
    with pytest.raises(KrachtwijkError, match="niet weg te schrijven") as told, warehouse.workplace() as work:
        (work / "half").write_bytes(b"PAR1")
        raise error
    assert "No space left" in told.value.where
    assert list((warehouse.home / "tmp").iterdir()) == []


def test_editions_that_arrive_at_the_same_moment_have_one_order(warehouse: Warehouse) -> None:
    """Two processes may take the same number; then the name decides, in the list and in the figures."""
    for name, value in (("b", 5.0), ("a", 4.0)):
        warehouse.add(observation("1813", value), manifest(name))
    for path in warehouse.home.glob("editions/*/"):
        frame = pl.read_parquet(path / "observations.parquet")
        frame.with_columns(pl.lit(1, pl.Int32).alias("sequence")).write_parquet(path / "observations.parquet")
        known = (path / "manifest.json").read_text("utf-8")
        (path / "manifest.json").write_text(known.replace('"sequence": 2', '"sequence": 1'), "utf-8")
    assert [m.edition for m in warehouse.editions()] == ["a", "b"]
    assert warehouse.observations().collect()["value"].to_list() == [5.0]


def test_nothing_asked_for_gives_an_empty_frame_of_the_same_shape(warehouse: Warehouse) -> None:
    assert warehouse.observations("lbm9").collect().columns[: len(OBSERVATIONS)] == OBSERVATIONS.names()


def test_a_result_table_shows_its_newest_run_and_keeps_the_old(warehouse: Warehouse) -> None:
    for run, value in (("r1", 1.0), ("r2", 2.0)):
        info = ResultInfo(table="t", run=run, rule="x-1", editions=("a",), rows=0)
        warehouse.write_result(pl.DataFrame({"value": [value]}), info)
    assert warehouse.result_info("t").run == "r2"
    assert warehouse.result("t").collect()["value"].to_list() == [2.0]
    assert (warehouse.home / "results/t/r1.parquet").exists()
    assert [i.table for i in warehouse.results()] == ["t"]
    assert warehouse.result("u") is None


def test_home_comes_from_the_environment_else_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path / "elders"))
    assert Warehouse().home == tmp_path / "elders"
    monkeypatch.delenv("KRACHTWIJK_HOME")
    monkeypatch.chdir(tmp_path)
    assert Warehouse().home == tmp_path / "var"
