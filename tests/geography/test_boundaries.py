# SPDX-License-Identifier: EUPL-1.2
"""Outlines as the data README describes them: invalid ones mended, empty ones named, two coordinate systems."""

import numpy as np
import pytest
import shapely

from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import boundaries


# data README, geo: features, invalid and empty geometries per file
@pytest.mark.parametrize(
    ("level", "year", "features", "invalid", "empty"),
    [
        ("pc4", 2023, 4068, 11, 1),
        ("wijk", 2014, 2745, 7, 28),
        ("gemeente", 2015, 393, 1, 0),
        ("wijk", 2022, 3340, 0, 0),
        ("gemeente", 2022, 345, 0, 0),
        ("gemeente", 2024, 342, 0, 0),
        ("provincie", 2022, 12, 0, 0),
        ("buurt", 2015, 439, 0, 0),
        ("buurt", 2017, 108, 0, 0),
    ],
)
def test_invalid_geometry_is_mended_and_empty_geometry_is_named(
    level: str, year: int, features: int, invalid: int, empty: int
) -> None:
    found = boundaries.outlines(level, year)
    assert len(found.codes) + len(found.empty) == features
    assert len(found.repaired) == invalid
    assert len(found.empty) == empty
    assert shapely.is_valid(found.geometries).all()
    assert set(shapely.get_type_id(found.geometries)) <= {3, 6}  # polygons only
    assert (shapely.area(found.geometries) > 0).all()


def test_a_page_can_name_the_areas_without_an_outline() -> None:
    absent = boundaries.without_geometry()
    assert ("pc4", 2023, "5028") in absent
    assert len([a for a in absent if a[:2] == ("wijk", 2014)]) == 28


def test_mending_keeps_the_area_of_a_bow_tie() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    mended = boundaries.clean("pc4", 2023, ["1011"], ["x"], np.array([bow_tie], dtype=object), "rd")
    assert mended.repaired == ("1011",)
    assert shapely.area(mended.geometries[0]) == 2


def test_both_coordinate_systems_show_the_same_city() -> None:
    metres = boundaries.outlines("gemeente", 2024, "rd")
    degrees = boundaries.outlines("gemeente", 2024, "wgs84")
    place = metres.index["GM0307"]
    tower = shapely.Point(155000, 463000)  # Amersfoort
    assert metres.geometries[place].contains(tower)
    assert degrees.geometries[place].contains(shapely.Point(5.38720621, 52.15517440))
    assert metres.to("wgs84").crs == "wgs84"


def test_the_nearest_year_gives_old_and_new_codes_an_outline() -> None:
    nearest = boundaries.nearest("buurt", 2020)
    assert "BU03630000" in nearest.index  # Amsterdam 2015
    assert "BU0363AA01" in nearest.index  # Amsterdam 2024
    groningen = boundaries.outlines("buurt", 2017)
    code = groningen.codes[0]
    assert (
        boundaries.nearest("buurt", 2017)
        .geometries[boundaries.nearest("buurt", 2017).index[code]]
        .equals(groningen.geometries[0])
    )


def test_dissolve_joins_parts_and_names_what_has_no_outline() -> None:
    source = boundaries.outlines("pc4", 2023)
    joined, absent = boundaries.dissolve(
        source, {"a": ["1103", "1104"], "b": ["5028"], "c": ["1813", "5028"]}
    )
    parts = [source.geometries[source.index[code]] for code in ("1103", "1104")]
    assert joined["a"].area == pytest.approx(sum(part.area for part in parts), rel=1e-4)
    assert set(joined) == {"a", "c"}
    assert absent == {"b": ["5028"], "c": ["5028"]}


def test_stadsdelen_are_the_union_of_their_buurten() -> None:
    districts = boundaries.stadsdelen()
    assert dict(zip(districts.codes, districts.names, strict=True)) == {
        "SD0363A": "Centrum", "SD0363B": "Westpoort", "SD0363E": "West", "SD0363F": "Nieuw-West",
        "SD0363K": "Zuid", "SD0363M": "Oost", "SD0363N": "Noord", "SD0363S": "Weesp", "SD0363T": "Zuidoost",
    }  # fmt: skip
    buurten = boundaries.outlines("buurt", 2015)
    assert shapely.area(districts.geometries).sum() == pytest.approx(
        shapely.area(buurten.geometries).sum(), rel=1e-3
    )
    dam = shapely.Point(121394, 487383)
    assert districts.geometries[districts.index["SD0363A"]].contains(dam)


def test_a_year_without_outlines_is_refused_with_those_there_are() -> None:
    with pytest.raises(KrachtwijkError, match=r"geen grenzen van wijk 2016.*wijk 2022"):
        boundaries.outlines("wijk", 2016)
