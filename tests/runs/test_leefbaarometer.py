# SPDX-License-Identifier: EUPL-1.2
import csv
import gzip
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from krachtwijk.catalogue import score_version
from krachtwijk.geography.boundaries import files as outline_files
from krachtwijk.runs.leefbaarometer import own_sums, published
from krachtwijk.warehouse import Warehouse


def table(built: Warehouse, name: str) -> pl.DataFrame:
    found = built.result(name)
    assert found is not None
    return found.collect()


def test_every_published_score_and_class_of_2024_stands_in_the_result(
    built: Warehouse, packaged: Path
) -> None:
    for level, rows in (("buurt", 12_147), ("gemeente", 342)):
        result = table(built, f"lbm3-{level}").filter(pl.col("period") == "2024")
        found = {row["area"]: row for row in result.to_dicts()}
        with gzip.open(
            packaged / f"leefbaarometer/lbm3-{level}-2024.csv.gz", "rt", encoding="utf-8"
        ) as handle:
            lines = list(csv.DictReader(handle))
        assert len(found) == len(lines) == rows
        for line in lines:
            row = found[line["id"]]
            assert row["total"] == float(line["afw"])
            assert row["class_total"] == int(line["kscore"])
            assert row["class_dev"] == int(line["kafw"])
            for dimension in ("won", "fys", "vrz", "soc", "onv"):
                assert row[dimension] == float(line[dimension])
                assert row[f"class_{dimension}"] == int(line[f"k{dimension}"])
            assert row["origin"] == "gepubliceerd"


def test_our_own_sum_of_gemeenten_differs_as_measured_from_the_published_score(built: Warehouse) -> None:
    # issue 2 and monitor-methods §1.3.5: mean 0.004, largest 0.017
    version = score_version("lbm3")
    ours = own_sums(built, version, published(built, version, "buurt"))["gemeente"]
    theirs = table(built, "lbm3-gemeente").filter(pl.col("period") == "2024")
    both = ours.join(theirs, on="area", suffix="_published")
    difference = (both["total"] - both["total_published"]).abs()
    assert both.height >= 340
    assert difference.mean() == pytest.approx(0.004, abs=0.001)
    assert difference.max() == pytest.approx(0.017, abs=0.002)


def test_published_levels_are_published_and_others_are_marked_as_own_sums(built: Warehouse) -> None:
    assert table(built, "lbm3-gemeente")["origin"].unique().to_list() == ["gepubliceerd"]
    wijken = table(built, "lbm3-wijk")
    own = wijken.filter(pl.col("period") == "2024")
    assert own["origin"].unique().to_list() == ["eigen optelling"]
    assert own["coverage"].min() >= 0.6
    official = wijken.filter(pl.col("period") == "2022")
    assert official["origin"].unique().to_list() == ["gepubliceerd"]
    for level in ("stadsdeel", "provincie"):
        assert set(table(built, f"lbm3-{level}")["origin"]) == {"eigen optelling"}


def test_r131_the_country_shows_0_by_definition_and_its_known_mean(built: Warehouse) -> None:
    (country,) = table(built, "lbm3-land").to_dicts()
    assert (country["area"], country["total"], country["origin"]) == ("NL", 0.0, "definitie")
    assert (country["class_dev"], country["class_total"]) == (5, 6)
    assert country["lbm"] == 4.0456  # monitor-methods §1.3.4
    assert table(built, "lbm2-land")["lbm"].to_list() == [4.1544, 4.1631, 4.1847]


def test_amstelveen_has_scores_of_2014_to_2022_and_no_guessed_class(built: Warehouse) -> None:
    rows = table(built, "lbm3-wijk").filter(
        pl.col("area").str.starts_with("WK0362") & (pl.col("period") != "2024")
    )
    assert rows.height == 56
    assert rows["class_total"].null_count() == 56
    constant = score_version("lbm3").deviation_constant
    assert (rows["lbm"] - rows["total"] - constant).abs().max() < 1e-7


def test_every_published_change_of_2_0_equals_the_rule_for_every_wijk(built: Warehouse) -> None:
    changes = table(built, "lbm2-ontwikkeling-wijk")
    scores = table(built, "lbm2-wijk").filter(pl.col("total").is_not_null())
    constants = score_version("lbm2").development_constants
    for pair in ("2012-2014", "2012-2016", "2014-2016"):
        start, end = pair.split("-")
        both = (
            changes.filter(pl.col("period") == pair)
            .join(scores.filter(pl.col("period") == start), on="area", suffix="_start")
            .join(scores.filter(pl.col("period") == end), on="area", suffix="_end")
            .drop_nulls(["total", "total_start", "total_end"])
        )
        assert both.height > 2800
        residual = both["total"] - (both["total_end"] - both["total_start"]) - constants[pair]["rmtr"]
        assert residual.abs().max() < 1e-9


def test_no_row_spans_two_versions(built: Warehouse) -> None:
    for info in built.results():
        if info.table.startswith("lbm"):
            version = info.table.split("-")[0]
            assert all(name.startswith((version, "cbs-kwb")) for name in info.editions), info.table


def test_each_row_names_edition_rule_and_run_and_the_edition_exists(built: Warehouse) -> None:
    known = {m.edition for m in built.editions()}
    known |= {f"grenzen-{file.level}-{file.year}" for file in outline_files()}  # packaged, not taken in
    for info in built.results():
        frame = table(built, info.table)
        assert frame["run"].unique().to_list() == [info.run]
        assert frame["rule"].unique().to_list() == [info.rule]
        named = {name for cell in frame["edition"].unique().to_list() for name in cell.split()}
        # people who were made up come from no publication
        assert named or info.table.startswith("bewoners-voorbeeld")
        # outlines are packaged geography, no edition: what is drawn or measured on them names them so
        assert {name for name in named if not name.startswith("grenzen-")} <= known


def test_running_again_gives_the_same_run_and_rows(built: Warehouse, tmp_path: Path) -> None:
    import shutil

    copy = Warehouse(tmp_path / "copy")
    shutil.copytree(built.home / "editions", copy.home / "editions")
    # whose inhabitants are withheld: sums weigh by what is shown
    shutil.copytree(built.home / "results" / "kerncijfers", copy.home / "results" / "kerncijfers")
    from krachtwijk.runs import leefbaarometer

    again = {info.table: info for info in leefbaarometer.run(copy)}
    for name, info in again.items():
        before = built.result_info(name)
        assert before is not None
        assert before.run == info.run
        assert_frame_equal(table(copy, name), table(built, name), abs_tol=1e-12, check_row_order=True)
