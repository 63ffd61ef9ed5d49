# SPDX-License-Identifier: EUPL-1.2
"""Every packaged file is described, unchanged, and goes in without a false alarm."""

import hashlib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.catalogue import Publication, publications
from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources import ingest_file, ingest_packaged, reference
from krachtwijk.warehouse import Warehouse

INGESTED = [p for p in publications() if p.ingest]

#: The only lines of packaged files that are not read (data README, wijkenbuurtenkaart-2015-gemeente).
REJECTED = {"cbs-kwb/wijkenbuurtenkaart-2015-gemeente.csv": {"waterdeel van een gebied": 90, "buitenland": 1}}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One warehouse for all packaged files, so that totals of one edition are held against another."""
    return Warehouse(tmp_path_factory.mktemp("packaged") / "var")


def test_every_packaged_file_stands_in_the_manifest_with_its_own_hash(packaged: Path) -> None:
    found = {str(p.relative_to(packaged)) for p in packaged.rglob("*") if p.is_file()} - {"manifest.toml"}
    assert found == {p.file for p in publications()}
    for publication in publications():
        assert hashlib.sha256(publication.path.read_bytes()).hexdigest() == publication.sha256
        assert all((publication.licence, publication.attribution, publication.origin, publication.publisher))


@pytest.mark.slow
@pytest.mark.parametrize("publication", INGESTED, ids=lambda p: p.file)
def test_a_packaged_file_goes_in_without_a_warning(filled: Warehouse, publication: Publication) -> None:
    outcome = ingest_packaged(filled, publication)
    assert outcome.warnings == []
    assert Counter(r["reason"] for r in outcome.rejected) == REJECTED.get(publication.file, {})
    assert outcome.rows == outcome.kept + len(outcome.rejected)
    assert (outcome.source, outcome.new) == (publication.source, True)
    assert filled.edition(outcome.edition).attribution == publication.attribution
    observations = filled.observations(editions=[outcome.edition]).collect()
    assert observations.select("area", "period", "indicator").is_duplicated().sum() == 0
    assert (observations["value"].is_null() == ~observations["status"].is_in(["ok", "estimated"])).all()
    assert observations["value"].is_finite().all()


def test_a_period_stands_in_the_manifest_only_where_the_file_states_none(warehouse: Warehouse) -> None:
    for publication in INGESTED:
        if publication.period is not None and publication.path.stat().st_size < 100_000:
            manifest = warehouse.edition(ingest_packaged(warehouse, publication).edition)
            assert manifest.given_period == str(publication.period)


def test_the_postcode_crosswalk_is_geography_and_no_edition(warehouse: Warehouse, packaged: Path) -> None:
    with pytest.raises(KrachtwijkError, match="koppelt postcodes"):
        ingest_file(warehouse, packaged / "cbs-pc4/pc4-gemeente-2023.csv")
    assert warehouse.editions() == []


@pytest.mark.parametrize("year", ["2015", "2016", "2017", "2022"])
def test_national_inhabitants_equal_the_sum_of_the_packaged_gemeenten(
    warehouse: Warehouse, year: str
) -> None:
    gemeenten = reference.figures(warehouse).filter(
        (pl.col("level") == "gemeente") & (pl.col("period") == year) & (pl.col("indicator") == "inwoners")
    )
    assert gemeenten.height > 340
    # exact counts: the gemeente tables are not rounded
    assert gemeenten["value"].sum() == pytest.approx(reference.national_inhabitants()[year], abs=10)


def test_the_package_knows_the_crimes_of_the_country_from_2012_to_2024(warehouse: Warehouse) -> None:
    land = reference.figures(warehouse).filter(
        (pl.col("level") == "land") & (pl.col("indicator") == "misdrijven")
    )
    crimes = dict(land.select("period", "value").rows())
    assert sorted(crimes) == [str(y) for y in range(2012, 2025)]
    assert (crimes["2012"], crimes["2024"]) == (1127693, 805327)  # 47018NED, quoted in the data README
