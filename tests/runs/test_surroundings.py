# SPDX-License-Identifier: EUPL-1.2
"""Places, neighbours, profile and peers of the whole demonstration."""

import numpy as np
import polars as pl
import pytest

from krachtwijk.catalogue import indicators, peer_sets
from krachtwijk.errors import KrachtwijkError
from krachtwijk.runs import peers
from krachtwijk.warehouse import Warehouse


def table(built: Warehouse, name: str) -> pl.DataFrame:
    found = built.result(name)
    assert found is not None
    return found.collect()


def test_the_place_of_a_buurt_counts_the_published_scores(built: Warehouse) -> None:
    scores = table(built, "lbm3-buurt")
    own = scores.filter(area="BU03610300")["vrz"][0]
    lower = scores.filter(pl.col("vrz") < own).height + scores.filter(pl.col("vrz") == own).height / 2
    (row,) = (
        table(built, "lbm3-positie-buurt").filter(area="BU03610300", period="2024", measure="vrz").to_dicts()
    )
    assert row["percentile"] == pytest.approx(100 * lower / 12_147)
    assert row["areas"] == 12_147
    assert row["areas_city"] == scores.filter(pl.col("area").str.starts_with("BU0361")).height


def test_wijken_of_one_gemeente_do_not_stand_for_the_country(built: Warehouse) -> None:
    """Of 2014 to 2022 only Amstelveen is packaged in version 3.0."""
    places = table(built, "lbm3-positie-wijk")
    assert places.filter(pl.col("period") < "2024")["percentile"].is_null().all()
    assert places.filter(pl.col("period") == "2024")["percentile"].is_not_null().all()
    # a city of 10 wijken is compared within, whatever the year
    amstelveen = places.filter(pl.col("area").str.starts_with("WK0362") & (pl.col("period") == "2022"))
    assert amstelveen["percentile_city"].is_not_null().any()


def test_versions_have_tables_of_their_own(built: Warehouse) -> None:
    measures = {v: set(table(built, f"{v}-positie-gemeente")["measure"]) for v in ("lbm2", "lbm3")}
    assert measures["lbm2"] == {"total", "won", "bev", "vrz", "vei", "fys"}
    assert measures["lbm3"] == {"total", "won", "fys", "vrz", "soc", "onv"}


def test_every_place_names_all_editions_it_rests_on(built: Warehouse) -> None:
    info = built.result_info("lbm3-positie-buurt")
    assert info is not None
    assert set(table(built, "lbm3-positie-buurt")["edition"]) == {" ".join(info.editions)}


def test_a_square_lies_in_the_buurt_of_its_wijk(built: Warehouse) -> None:
    held = table(built, "ligging").drop_nulls(["buurt", "wijk"])
    assert held.height > 3000
    # outlines of 2022 are coarse: a few squares lie along a border
    same = held.filter(pl.col("buurt").str.slice(2, 6) == pl.col("wijk").str.slice(2, 6)).height
    assert same > 0.9 * held.height


def test_a_postcode_is_shared_out_over_its_buurten(built: Warehouse) -> None:
    overlap = table(built, "overlap")
    shares = overlap.filter((pl.col("level") == "buurt") & (pl.col("basis") == "inwoners"))
    assert shares["area"].str.contains(r"^\d{4}$").all()
    summed = shares.group_by("area").agg(pl.col("share").sum(), pl.len())
    assert (summed["share"] <= 1 + 0.005 * summed["len"] + 1e-9).all()  # whole per cents
    assert overlap["share"].min() >= 0.05  # type: ignore[operator]


def test_the_profile_divides_published_counts_and_leaves_small_ones_out(built: Warehouse) -> None:
    counts = table(built, "kerncijfers").filter(level="buurt", period="2024", status="ok")
    people, old = (
        counts.filter(indicator=name).select("area", pl.col("value").alias(name))
        for name in ("inwoners", "leeftijd-65-plus")
    )
    shown = (
        table(built, "profiel")
        .filter(level="buurt", figure="oud")
        .join(people, on="area")
        .join(old, on="area")
    )
    assert shown.height > 10_000
    assert np.allclose(shown["value"], 100 * shown["leeftijd-65-plus"] / shown["inwoners"])
    assert shown["leeftijd-65-plus"].min() >= 10  # type: ignore[operator]
    assert (shown["inwoners"] - shown["leeftijd-65-plus"]).min() >= 10  # type: ignore[operator]
    assert (
        people.filter(pl.col("inwoners") >= 100)
        .join(old.filter(pl.col("leeftijd-65-plus") < 10), on="area")
        .height
    )


def test_each_area_has_eight_peers_of_its_level_and_never_itself(built: Warehouse) -> None:
    alike = table(built, "vergelijkbaar")
    assert set(alike["level"]) == {"buurt", "wijk", "pc4", "gemeente"}
    per_area = alike.group_by("level", "area").agg(pl.col("peer").n_unique(), pl.col("place").max())
    assert set(per_area["peer"]) == {8}
    assert alike.filter(pl.col("area") == pl.col("peer")).is_empty()
    steps = alike.sort("level", "area", "place").select(
        (pl.col("distance").diff().over("level", "area") >= -1e-9).all()
    )
    assert steps.item()


def test_peers_are_not_found_by_score_income_value_or_origin() -> None:
    refused = (
        "lbm",
        "gez-",
        "inkomen",
        "minimum",
        "uitkering",
        "bijstand",
        "woz",
        "laagste",
        "hoogste",
        "opleiding",
    )
    for made in peer_sets().values():
        for figure in made.figures:
            for name in filter(None, (figure.indicator, figure.over)):
                assert not any(word in name for word in refused), name
                assert "herkomst" not in name
                assert "westers" not in name
                assert indicators()[name].theme != "herkomst"


def test_an_unknown_indicator_in_the_file_is_told_with_its_place(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "peers.toml"
    path.write_text(
        '[[set]]\nlevel = "buurt"\nperiod = "2024"\nleast = 1\n'
        '[[set.figure]]\nid = "x"\nlabel = "X"\nlabel_en = "X"\nindicator = "bestaat-niet"\nunit = ""\n'
    )
    with pytest.raises(KrachtwijkError, match=r"bestaat-niet.*\n?.*peers.toml, buurt, x"):
        peer_sets(path)


def test_without_publications_nothing_is_made(warehouse: Warehouse) -> None:
    assert peers.run(warehouse) == []
