# SPDX-License-Identifier: EUPL-1.2
"""R-161: one test body splits people on every engine; and what is wrong with a person table is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.persons.flows import Change
from krachtwijk.monitor.persons.generator import world
from krachtwijk.monitor.persons.split import split
from krachtwijk.warehouse import persons
from krachtwijk.warehouse.persons import Columns, fingerprint, people, write_year

WORLD = world(2, people=3_000, areas=5, years=4, unknown=0.05)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("people")
    for year in WORLD.table():
        write_year(made, year)
    return made


def outcome(path: Path, engine: str, **more: Any) -> tuple[Any, ...]:
    with people(path, Columns(), engine) as source:  # type: ignore[arg-type]
        flows = source.flows(2008, 2011, Change(**more), largest=True)
    made = split(flows)
    return flows.areas, flows.people, flows.tag, flows.largest, made.terms, made.covariance, made.mean_last


@pytest.mark.parametrize("change", [{"step": 0.3}, {"cuts": (4.0, 5.5)}], ids=["step", "classes"])
@pytest.mark.parametrize("engine", ["polars", "duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def test_r161_every_engine_gives_the_same_split(folder: Path, engine: str, change: dict[str, Any]) -> None:
    """Counts equal, terms and covariance to 1e-10: engines add in another order."""
    if engine == "spark":
        pytest.importorskip("pyspark", reason="the extra krachtwijk[spark] is not installed")
    expected, found = outcome(folder, "polars", **change), outcome(folder, engine, **change)
    assert found[0] == expected[0]
    for now, then in zip(found[1:3], expected[1:3], strict=True):
        np.testing.assert_array_equal(now, then)
    for now, then in zip(found[3:], expected[3:], strict=True):
        np.testing.assert_allclose(now, then, rtol=1e-10, atol=1e-10)


def test_people_in_parts_are_as_people_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = outcome(folder, "polars", step=0.3)
    monkeypatch.setattr(persons, "PART", 700)
    for now, then in zip(outcome(folder, "polars", step=0.3)[1:], whole[1:], strict=True):
        np.testing.assert_allclose(now, then, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("shape", ["csv", "one", "hive"])
def test_a_file_a_csv_and_folders_by_year_are_the_same_people(
    folder: Path, tmp_path: Path, shape: str
) -> None:
    frames = {int(f.stem): pl.read_parquet(f) for f in sorted(folder.iterdir())}
    together = pl.concat([f.with_columns(jaar=pl.lit(year)) for year, f in frames.items()])
    if shape == "csv":
        path = tmp_path / "people.csv"
        together.write_csv(path, separator=";")
    elif shape == "one":
        path = tmp_path / "people.parquet"
        together.write_parquet(path)
    else:
        path = tmp_path / "people"
        for year, frame in frames.items():
            (path / f"jaar={year}").mkdir(parents=True)
            frame.write_parquet(path / f"jaar={year}" / "part-0.parquet")
    found, expected = outcome(path, "polars"), outcome(folder, "polars")
    assert found[0] == expected[0]
    # a CSV holds the seven digits of a single-precision figure
    np.testing.assert_allclose(found[4], expected[4], rtol=0, atol=1e-7 if shape == "csv" else 1e-12)


def broken(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "p.parquet"
    held = {
        "persoon": [1, 2, 1, 2],
        "jaar": [2008, 2008, 2009, 2009],
        "gebied": ["a"] * 4,
        "uitkomst": [1.0] * 4,
    }
    pl.DataFrame({k: v for k, v in (held | changes).items() if v is not None}).write_parquet(path)
    return path


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"uitkomst": None}, "Kolom uitkomst ontbreekt"),
        ({"uitkomst": ["1", "2", "3", "4"]}, "De uitkomst is geen getal"),
        ({"uitkomst": [1.0, 2.0, float("inf"), 3.0]}, "oneindig"),
        ({"uitkomst": [None, None, 1.0, 1.0]}, "Van niemand is de uitkomst bekend"),
        ({"persoon": [1, 1, 1, 2]}, "1 rijen zijn van iemand die in dit jaar al voorkomt"),
        ({"persoon": [1, None, 1, 2]}, "1 rijen hebben geen persoon"),
        ({"jaar": [2008] * 4}, "Er is maar één jaar: 2008"),
        ({"jaar": [2008, None, 2009, 2009]}, "Niet elke rij heeft een jaar"),
        ({"jaar": None}, "de naam noemt geen jaar"),
        ({"persoon": [], "jaar": [], "gebied": [], "uitkomst": []}, "leeg"),
    ],
)
def test_what_is_wrong_is_told_with_how_to_mend_it(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    if changes.get("persoon") == []:
        changes = {k: pl.Series(v, dtype=pl.Float64) for k, v in changes.items()}
    with (
        pytest.raises(KrachtwijkError, match=told) as error,
        people(broken(tmp_path, **changes), Columns()) as source,
    ):
        source.flows(2008, 2009, Change())
    assert error.value.mend and error.value.where


def test_a_column_that_is_nearly_right_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(KrachtwijkError) as error,
        people(broken(tmp_path), Columns(outcome="uitkomsten")),
    ):
        pass
    assert "--outcome" in error.value.mend and "uitkomst" in error.value.mend


def test_who_has_no_area_counts_nowhere(tmp_path: Path) -> None:
    with people(broken(tmp_path, gebied=["a", None, "a", "a"]), Columns()) as source:
        flows = source.flows(2008, 2009, Change())
        assert source.facts(2008).without_area == 1
    assert flows.people.sum() == 2


def test_a_table_is_known_again_elsewhere_and_not_when_it_changed(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    assert fingerprint(copy) == fingerprint(folder)
    pl.read_parquet(copy / "2009.parquet").head(100).write_parquet(copy / "2009.parquet")
    assert fingerprint(copy) != fingerprint(folder)
