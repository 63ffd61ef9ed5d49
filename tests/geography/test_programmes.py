# SPDX-License-Identifier: EUPL-1.2
"""The programmes of 2007 and 2022, and what a person may add to them with a file."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.catalogue import DATA, load_programme, programmes
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import packaged
from krachtwijk.geography import programmes as places
from krachtwijk.geography.members import members
from krachtwijk.monitor.model import Programme
from krachtwijk.warehouse import Warehouse


@pytest.fixture(scope="module")
def wijkenaanpak() -> Programme:
    return programmes()["krachtwijken-2007"]


@pytest.fixture(scope="module")
def nplv() -> Programme:
    return programmes()["nplv-2022"]


def test_r_001_forty_areas_in_eighteen_cities_each_with_a_city_and_a_date(wijkenaanpak: Programme) -> None:
    assert [area.id for area in wijkenaanpak.areas] == [f"AW{number:02d}" for number in range(1, 41)]
    assert len(wijkenaanpak.cities) == 18
    assert all(area.city and area.city_code and area.parts for area in wijkenaanpak.areas)
    assert {area.entry for area in wijkenaanpak.areas} == {"2007-03-22"}
    assert {area.kind for area in wijkenaanpak.areas} == {"aandachtswijk"}
    assert [(a.name, a.exit) for a in wijkenaanpak.areas if a.exit] == [("De Kruiskamp", "2012-10-11")]
    assert Counter(area.city for area in wijkenaanpak.areas)["Rotterdam"] == 7


def test_82_postcodes_of_which_36_are_derived(wijkenaanpak: Programme) -> None:
    parts = [part for area in wijkenaanpak.areas for part in area.parts]
    assert len({code for _, code, _ in parts}) == len(parts) == 82
    assert Counter(certainty for _, _, certainty in parts) == {"bron": 46, "afgeleid": 36}
    assert "82" in wijkenaanpak.description


def test_the_mean_classes_of_the_82_postcodes_are_the_measured_ones(wijkenaanpak: Programme) -> None:
    # data README, krachtwijken-2007-pc4.csv: unweighted mean class in 2002, 2008, 2012, 2014, 2016
    years = ["KL02", "KL08", "KL12", "KL14", "KL16"]
    table = packaged.columns(
        "publications/leefbaarometer/lbm2-pc4-klasse-2002-2016.csv.gz", ["CODE", *years]
    ).with_columns(pl.col(years).cast(pl.Float64, strict=False))
    inside = pl.col("CODE").is_in([code for area in wijkenaanpak.areas for _, code, _ in area.parts])
    assert table.filter(inside).height == 82
    means = table.group_by(inside.alias("inside")).agg(pl.col(years).mean().round(3)).sort("inside")
    assert means.filter("inside").select(years).row(0) == (3.573, 3.598, 3.902, 3.854, 4.000)
    assert means.filter(~pl.col("inside")).select(years).row(0) == (6.689, 6.726, 6.842, 6.939, 7.099)


@pytest.mark.slow
def test_both_programmes_agree_with_the_register(
    geography: Warehouse, wijkenaanpak: Programme, nplv: Programme
) -> None:
    places.check_programme(wijkenaanpak, geography)
    places.check_programme(nplv, geography)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parts": (("pc4", "1010", "bron"),)}, r"geen pc4 met code 1010.*gebied AW01"),
        ({"parts": (("buurt", "WK036300", "bron"),)}, r"geen buurt met code WK036300"),
        ({"parts": (("pc4", "1011", "bron"),)}, r"Pc4 1011 ligt niet in Alkmaar maar in GM0363"),
        ({"city_code": "GM9999"}, r"Gemeente GM9999 bestaat niet"),
        ({"entry": "22-03-2007"}, r"'22-03-2007' is geen datum.*entry"),
        ({"exit": "2006-01-01"}, r"niet uitstappen voordat"),
        ({"id": "AW02"}, r"Gebied AW02 staat er twee keer in"),
    ],
)
@pytest.mark.slow
def test_a_mistake_in_a_programme_file_is_one_clear_error(
    geography: Warehouse, wijkenaanpak: Programme, change: dict[str, object], message: str
) -> None:
    first, *rest = wijkenaanpak.areas
    wrong = replace(wijkenaanpak, areas=(replace(first, **change), *rest))  # type: ignore[arg-type]
    with pytest.raises(KrachtwijkError, match=message):
        places.check_programme(wrong, geography)


@pytest.mark.slow
def test_an_area_may_name_a_code_of_an_earlier_year(geography: Warehouse, nplv: Programme) -> None:
    haren = replace(nplv.areas[1], parts=(("buurt", "BU00170000", "bron"),))  # Haren, Groningen since 2019
    places.check_programme(replace(nplv, areas=(haren,)), geography)


@pytest.mark.slow
def test_r_147_a_prevention_area_joins_by_file_alone_with_its_own_baseline(
    tmp_path: Path, geography: Warehouse
) -> None:
    text = (DATA / "programmes" / "krachtwijken-2007.toml").read_text("utf-8")
    extra = """
[[area]]
id = "PB01"
name = "Slotermeer-Zuid"
city = "Amsterdam"
city_code = "GM0363"
kind = "preventiegebied"
entry = "2009-07-01"
baseline = "2009-01-01"
wijk = ["WK036377"]
"""
    (tmp_path / "uitgebreid.toml").write_text(text + extra, "utf-8")
    made = programmes(tmp_path)["krachtwijken-2007"]
    added = made.areas[-1]
    assert (added.kind, added.baseline, made.baseline) == ("preventiegebied", "2009-01-01", "2007-01-01")
    assert added.parts == (("wijk", "WK036377", "bron"),)
    places.check_programme(made, geography)
    assert "PB01" in places.outlines(made).codes


def test_the_areas_of_2007_have_an_outline_each_in_their_city(wijkenaanpak: Programme) -> None:
    found = places.outlines(wijkenaanpak)
    assert found.codes == tuple(area.id for area in wijkenaanpak.areas)
    assert found.empty == ()
    korrewegwijk = found.to("wgs84").points()[found.index["AW22"]]
    assert korrewegwijk.tolist() == pytest.approx([6.57, 53.23], abs=0.02)


def test_the_focus_areas_of_2022_appear_without_a_boundary(nplv: Programme) -> None:
    assert len(nplv.areas) == 20
    assert len(nplv.cities) == 19
    assert not any(area.parts for area in nplv.areas)
    assert nplv.area_word == "focusgebieden"
    found = places.outlines(nplv)
    assert found.codes == ()
    assert found.empty == tuple(area.id for area in nplv.areas)
    assert places.with_parts(nplv) is nplv


def drawn(identifier: str) -> dict[str, object]:
    """About four by three kilometres on Rotterdam-Zuid."""
    ring = [[4.47, 51.87], [4.53, 51.87], [4.53, 51.90], [4.47, 51.90], [4.47, 51.87]]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"id": identifier},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        ],
    }


def with_boundaries(folder: Path, content: str) -> Programme:
    text = (DATA / "programmes" / "nplv-2022.toml").read_text("utf-8")
    head, areas = text.split("[[area]]", 1)
    (folder / "nplv-2022.toml").write_text(
        head + 'boundaries = "nplv-2022.geojson"\n\n[[area]]' + areas, "utf-8"
    )
    (folder / "nplv-2022.geojson").write_text(content, "utf-8")
    return load_programme(folder / "nplv-2022.toml")


def test_a_boundary_file_gives_a_focus_area_an_outline_and_buurten(tmp_path: Path) -> None:
    made = with_boundaries(tmp_path, json.dumps(drawn("NPLV09")))
    found = places.outlines(made)
    assert found.codes == ("NPLV09",)
    assert found.names == ("Rotterdam-Zuid",)
    assert len(found.empty) == 19
    parts = {area.id: area.parts for area in places.with_parts(made).areas}
    assert len(parts["NPLV09"]) > 5
    assert {(level, code[:6], certainty) for level, code, certainty in parts["NPLV09"]} == {
        ("buurt", "BU0599", "afgeleid")
    }
    assert parts["NPLV01"] == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(drawn("NPLV99")), "Gebied NPLV99 uit het grensbestand staat niet in het programma"),
        (json.dumps(drawn("NPLV09")).replace('"id"', '"naam"'), "heeft geen eigenschap id"),
        ("dit is geen GeoJSON", "niet te lezen"),
    ],
)
def test_a_wrong_boundary_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(KrachtwijkError, match=message):
        places.outlines(with_boundaries(tmp_path, content))


def test_the_codes_of_a_programme_and_the_buurten_in_them_stand_with_their_share(
    geography: Warehouse, wijkenaanpak: Programme
) -> None:
    found = members(geography, wijkenaanpak)
    listed = {code for area in wijkenaanpak.areas for _, code, _ in area.parts}
    assert set(found.filter(pl.col("share") == 1.0)["part"]) >= listed
    assert found["share"].is_between(0.05, 1.0).all()
    assert found.select("part", "area").is_unique().all()
    assert found.filter(pl.col("part") == "BU03610300")["area"].to_list() == ["AW01"]  # Overdie-West


def test_a_programme_without_codes_has_no_members(geography: Warehouse, nplv: Programme) -> None:
    assert members(geography, nplv).height == 0
