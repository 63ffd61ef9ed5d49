# SPDX-License-Identifier: EUPL-1.2
"""100 m squares: code, RD and WGS84."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import cells, packaged
from krachtwijk.geography.boundaries import project_points

# degrees; about one metre. RD to WGS84 without the correction grid is good to some decimetres
TOLERANCE = 1e-5


def test_the_code_is_the_lower_left_corner() -> None:
    # data README, cbs-groningen: E2303N5800 = 230300, 580000
    assert cells.corners(["E2303N5800"]).tolist() == [[230300, 580000]]
    assert cells.centres(["E2303N5800"]).tolist() == [[230350, 580050]]
    assert cells.polygons(["E2303N5800"])[0].bounds == (230300, 580000, 230400, 580100)


def test_the_tower_of_amersfoort_is_the_origin_of_rd() -> None:
    # Kadaster, RD: (155000, 463000) = 52.15517440 N 5.38720621 E
    lon, lat = project_points(np.array([[155000.0, 463000.0]]), "rd", "wgs84")[0]
    assert lat == pytest.approx(52.15517440, abs=TOLERANCE)
    assert lon == pytest.approx(5.38720621, abs=TOLERANCE)


@given(st.lists(st.tuples(st.integers(100, 2800), st.integers(3060, 6200)), min_size=1, max_size=20))
def test_a_code_survives_the_way_to_degrees_and_back(corners: list[tuple[int, int]]) -> None:
    written = [f"E{east:04d}N{north:04d}" for east, north in corners]
    assert cells.cells_at(cells.centres(written)) == written
    assert cells.cells_at_wgs84(cells.centres_wgs84(written)) == written


@given(st.floats(10_000, 280_000), st.floats(306_000, 620_000))
def test_every_point_lies_in_its_square(east: float, north: float) -> None:
    (code,) = cells.cells_at(np.array([[east, north]]))
    low = cells.corners([code])[0]
    assert low[0] <= east < low[0] + 100
    assert low[1] <= north < low[1] + 100


def test_every_packaged_square_of_groningen_lies_in_groningen() -> None:
    file = "publications/cbs-groningen/vierkant100m-2000-2014-groningen-attributen.csv.gz"
    codes = packaged.columns(file, ["C28992R100"])["C28992R100"]
    assert len(codes) == 3441
    lon, lat = cells.centres_wgs84(codes.to_list()).T
    assert lon.min() > 6.3
    assert lon.max() < 6.8
    assert lat.min() > 53.1
    assert lat.max() < 53.4
    assert shapely.area(cells.polygons(codes.to_list())).sum() == 3441 * 10_000


@pytest.mark.parametrize("code", ["E230N5800", "N5800E2303", "E2303N580O", "", "BU03630000"])
def test_a_bad_code_is_refused_with_the_right_form(code: str) -> None:
    with pytest.raises(KrachtwijkError, match="E2303N5800"):
        cells.corners(["E2303N5800", code])


def test_degrees_given_as_metres_are_refused() -> None:
    with pytest.raises(KrachtwijkError, match="EPSG:28992"):
        cells.cells_at(np.array([[-5.0, 52.0]]))
