# SPDX-License-Identifier: EUPL-1.2
"""The quirks of the real files (data README, "Read first"), by number, on the packaged files themselves."""

import gzip
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.catalogue import DATA, indicators_of
from krachtwijk.sources import ingest_file
from krachtwijk.sources.columns import targets
from krachtwijk.warehouse import Warehouse

KWB_2019 = "cbs-kwb/kwb-2019-84583NED-amsterdam-volledig.csv.gz"


def observed(warehouse: Warehouse, path: Path, period: str | None = None) -> pl.DataFrame:
    """Observations of one file in an otherwise empty warehouse."""
    outcome = ingest_file(warehouse, path, period=period)
    return warehouse.observations(editions=[outcome.edition]).collect()


def one(frame: pl.DataFrame, **wanted: object) -> dict[str, object]:
    """The single observation that matches."""
    found = frame.filter(**wanted)
    assert found.height == 1, found
    return found.row(0, named=True)


def test_quirk_1_padded_codes_are_stripped_and_levels_read_from_their_shape(
    warehouse: Warehouse, packaged: Path
) -> None:
    frame = observed(warehouse, packaged / KWB_2019, "2019").filter(indicator="inwoners")
    assert dict(frame["level"].value_counts().rows()) == {"gemeente": 1, "wijk": 99, "buurt": 479}
    assert one(frame, area="GM0363")["value"] == 862965


def test_quirk_1_name_lists_get_their_prefix_back(warehouse: Warehouse) -> None:
    frame = observed(warehouse, DATA / "geography/buurtnamen-2025.csv.gz")
    assert frame.height == 14823
    assert {"BU00140000", "BU0363AA01"} <= set(frame["area"])
    assert set(frame["period"]) == {"2025"}


def test_quirk_2_codes_with_letters_are_text(warehouse: Warehouse, packaged: Path) -> None:
    frame = observed(warehouse, packaged / "cbs-kwb/kwb-2024-amsterdam-zonder-inkomen.csv", "2024")
    assert one(frame, area="BU0363AA01", indicator="inwoners")["value"] == 345
    assert one(frame, area="WK0363AA", indicator="inwoners")["level"] == "wijk"


@pytest.mark.slow
def test_quirk_3_the_geography_year_stands_with_every_observation(
    warehouse: Warehouse, packaged: Path
) -> None:
    health = observed(warehouse, packaged / "rivm-gezondheid/gezondheid-2012-50090NED-18plus.csv.gz")
    assert set(health["period"]) == {"2012"}
    assert set(health["geo_year"]) == {2020}  # 2020 area codes in every year
    assert set(health["status"]) <= {"estimated", "missing", "not_applicable"}  # made by a model


def test_quirk_4_statline_points_and_blanks_become_a_status(warehouse: Warehouse, packaged: Path) -> None:
    frame = observed(warehouse, packaged / "cbs-kwb/kwb-2019-84583NED-den-haag-volledig.csv", "2019")
    empty = frame.filter(area="WK051801")
    assert one(empty, indicator="inwoners")["value"] == 0
    assert {"missing", "not_applicable"} < set(empty["status"])
    assert (
        empty.filter(pl.col("status") != "ok")["value"].null_count()
        == empty.filter(pl.col("status") != "ok").height
    )


@pytest.mark.slow
def test_quirk_4_no_marker_of_any_packaged_file_is_ever_a_number(
    warehouse: Warehouse, packaged: Path
) -> None:
    for name, period in (
        ("cbs-kwb/wijkenbuurtenkaart-2016-wijk.csv.gz", "2016"),
        ("cbs-kwb/wijkenbuurtenkaart-baarn-buurten-wfs.geojson", None),
        ("cbs-groningen/vierkant100m-2000-2014-groningen-attributen.csv.gz", None),
    ):
        frame = observed(warehouse, packaged / name, period)
        assert frame.filter(pl.col("value") < -99_000).height == 0
        assert frame.filter(pl.col("status") != "ok").height > 0


def test_quirk_4_squares_tell_secret_from_missing(warehouse: Warehouse, packaged: Path) -> None:
    frame = observed(
        warehouse, packaged / "cbs-groningen/vierkant100m-2000-2014-groningen-attributen.csv.gz"
    ).filter(indicator="inwoners")
    assert set(frame["period"]) == {str(y) for y in range(2000, 2015)}
    assert one(frame, area="E2269N5800", period="2000")["value"] == 5
    assert one(frame, area="E2288N5799", period="2001")["status"] == "secret"


def test_quirk_5_and_6_decimal_comma_behind_semicolons_is_the_same_number(
    warehouse: Warehouse, packaged: Path
) -> None:
    frame = observed(warehouse, packaged / "cbs-kwb/kwb-2023-amsterdam-inkomen.csv", "2023")
    column = "Avg_Income_Per_Inhabitant_1000EUR"
    target = targets("cbs-kwb-en", [column], "2023")[column]
    assert one(frame, area="GM0363", indicator=target.indicator)["value"] == pytest.approx(
        38.6 * target.factor
    )


@pytest.mark.shared
def test_quirk_5_a_reworked_file_with_both_decimal_signs_gives_estimates(
    warehouse: Warehouse, shared: Path
) -> None:
    path = shared / "data/cbs-kwb/kwb-2020-amsterdam-bewerkt.csv"
    outcome = ingest_file(warehouse, path, period="2020")
    assert [w["code"] for w in outcome.warnings] == ["filled_in"]
    frame = warehouse.observations().collect()
    assert one(frame, area="GM0363", indicator="inwoners")["status"] == "ok"
    target = targets("cbs-kwb-en", ["Avg_Income_Per_Inhabitant_1000EUR"], "2020").popitem()[1]
    income = one(frame, area="GM0363", indicator=target.indicator)
    assert (income["status"], income["value"]) == ("estimated", pytest.approx(32.4 * target.factor))


def test_quirk_7_the_running_number_of_a_column_does_not_matter() -> None:
    for name in ("Bevolkingsdichtheid_33", "Bevolkingsdichtheid_34", "bevolkingsdichtheid_99"):
        assert [t.indicator for t in targets("cbs-kwb", [name], "2021").values()] == [
            t.indicator for t in targets("cbs-kwb", ["Bevolkingsdichtheid_33"], "2019").values()
        ]


def test_quirk_7_electricity_and_gas_of_flats_do_not_collide(warehouse: Warehouse, packaged: Path) -> None:
    found = targets("cbs-kwb", ["Appartement_48", "Appartement_56"], "2019")
    assert len({t.indicator for t in found.values()}) == 2
    frame = observed(warehouse, packaged / KWB_2019, "2019").filter(area="GM0363")
    # the published row of Amsterdam: 1920 kWh in column 48, 760 m3 in column 56
    assert one(frame, indicator=found["Appartement_48"].indicator)["value"] == 1920
    assert one(frame, indicator=found["Appartement_56"].indicator)["value"] == 760


def test_quirk_7_a_shared_stem_is_never_guessed() -> None:
    electricity, gas = (targets("cbs-kwb", [n], "2019")[n] for n in ("Appartement_48", "Appartement_56"))
    assert electricity.indicator != gas.indicator
    for year in (
        "2018",
        "2021",
    ):  # no names of these years: those of 2019 are used where they stand in the header
        assert (
            targets("cbs-kwb", ["Appartement_48"], year)["Appartement_48"].indicator == electricity.indicator
        )
        assert targets("cbs-kwb", ["Appartement_56"], year)["Appartement_56"].indicator == gas.indicator
        assert targets("cbs-kwb", ["Appartement_77"], year) == {}


def test_quirk_8_rounded_parts_are_no_contradiction_and_counts_are_the_weight(
    warehouse: Warehouse, packaged: Path
) -> None:
    outcome = ingest_file(warehouse, packaged / KWB_2019, period="2019")
    assert outcome.warnings == []
    frame = warehouse.observations(level="gemeente").collect()
    assert set(frame["weight"]) == {862965.0}


def test_quirk_9_old_and_new_origin_are_different_indicators() -> None:
    names = ("P_N_W_AL", "percentage_niet_westerse_allochtonen", "percentage_met_herkomstland_buiten_europa")
    short, long, new = (targets("cbs-wbk", [name], "2024")[name].indicator for name in names)
    assert short == long != new


def test_quirk_10_the_two_leefbaarometers_share_no_indicator() -> None:
    assert not {i.id for i in indicators_of("lbm2")} & {i.id for i in indicators_of("lbm3")}


@pytest.mark.parametrize(
    ("name", "indicator", "area", "period", "value"),
    [
        (
            "lbm2-wijk-dimensiescore-stand-2012-2016.csv.gz",
            "lbm2-rmtr",
            "WK000300",
            "2012",
            -0.0627169177006985,
        ),
        ("lbm2-pc4-dimensiescore-2012-2016.csv.gz", "lbm2-won", "1012", "2014", 0.222),
        ("lbm2-pc4-klasse-2002-2016.csv.gz", "lbm2-klasse", "1011", "2002", 7),
        ("lbm2-pc4-klasse-2002-2016.csv.gz", "lbm2-vklasse", "1011", "2002-2016", 6),
        ("lbm2-wijk-klasse-2002-2016.csv", "lbm2-klasse", "WK000500", "2016", 8),
        ("lbm2-gemeente-klasse-2002-2016.csv", "lbm2-vklasse", "GM0005", "2014-2016", 4),
        (
            "lbm2-wijk-dimensiescore-ontwikkeling-2012-2016.csv.gz",
            "lbm2-d-rmtr",
            "WK000300",
            "2012-2014",
            -0.0059557217476085,
        ),
        ("lbm3-wijk-amstelveen-2014-2022.csv", "lbm3-onv", "WK036201", "2014", 0.044195112697823),
    ],
)
def test_every_shape_of_the_leefbaarometer_is_read(
    warehouse: Warehouse, packaged: Path, name: str, indicator: str, area: str, period: str, value: float
) -> None:
    frame = observed(warehouse, packaged / "leefbaarometer" / name)
    assert one(frame, indicator=indicator, area=area, period=period)["value"] == value


def test_a_later_year_of_version_2_needs_no_new_code(
    warehouse: Warehouse, tmp_path: Path, packaged: Path
) -> None:
    with gzip.open(packaged / "leefbaarometer/lbm2-pc4-klasse-2002-2016.csv.gz", "rt") as handle:
        text = handle.read()
    path = tmp_path / "klasse.csv"
    path.write_text(text.replace("KL16", "KL18").replace("VKL0216", "VKL0218"))
    frame = observed(warehouse, path)
    assert {"2018", "2002-2018"} <= set(frame["period"])
    assert set(frame["geo_year"]) == {2018}


@pytest.mark.parametrize("column", ["GemiddeldeWoningwaarde_35", "GemiddeldeWOZWaardeVanWoningen_39"])
def test_the_value_of_homes_is_read_under_both_names_that_statline_gave_it(
    warehouse: Warehouse, tmp_path: Path, column: str
) -> None:
    """StatLine renamed the column in its tables after 2019; thousands of euros in both."""
    path = tmp_path / "kwb.csv"
    path.write_text(f"WijkenEnBuurten;AantalInwoners_5;{column}\nBU03440111;    1600;     310\n")
    ingest_file(warehouse, path, period="2021")
    found = warehouse.observations(indicators=["woz-waarde"]).collect()
    assert found["value"].to_list() == [310_000.0]
