# SPDX-License-Identifier: EUPL-1.2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.geography.boundaries import Outlines, outlines
from krachtwijk.geography.neighbours import holding, neighbours

SIDE = 1000.0
MARGIN = 15.0


def grid(columns: int, rows: int, wobble: float = 0.0, seed: int = 0) -> Outlines:
    """Squares side by side, each drawn a little differently where it wobbles."""
    random = np.random.default_rng(seed)
    codes, shapes = [], []
    for x in range(columns):
        for y in range(rows):
            corners = np.array([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]]) * SIDE
            codes.append(f"A{x}{y}")
            shapes.append(shapely.Polygon(corners + random.uniform(-wobble, wobble, (4, 2))))
    return Outlines("buurt", 2024, tuple(codes), tuple(codes), np.array(shapes, dtype=object), "rd")


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10_000))
def test_squares_drawn_twice_a_little_differently_border_on_their_sides_only(
    columns: int, rows: int, seed: int
) -> None:
    found = neighbours(grid(columns, rows, wobble=5.0, seed=seed), MARGIN)
    pairs = set(found.select("area", "neighbour").iter_rows())
    expected = {
        (f"A{x}{y}", f"A{x + dx}{y + dy}")
        for x in range(columns)
        for y in range(rows)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
        if 0 <= x + dx < columns and 0 <= y + dy < rows
    }
    assert pairs == expected
    assert all(abs(border - SIDE) < 4 * MARGIN for border in found["border"])


@given(st.integers(0, 1000))
def test_each_border_stands_in_both_directions_with_one_length(seed: int) -> None:
    found = neighbours(grid(3, 3, wobble=5.0, seed=seed), MARGIN)
    turned = found.rename({"area": "neighbour", "neighbour": "area"}).select(found.columns)
    assert set(found.iter_rows()) == set(turned.iter_rows())


def test_a_touch_at_one_point_and_a_gap_wider_than_the_margin_are_no_border() -> None:
    shapes = [shapely.box(0, 0, 100, 100), shapely.box(100, 100, 200, 200), shapely.box(0, 116, 90, 200)]
    made = Outlines("buurt", 2024, ("A", "B", "C"), ("A", "B", "C"), np.array(shapes, dtype=object), "rd")
    assert set(neighbours(made, 5.0)["area"]) == set()
    assert neighbours(made, 17.0).select("area", "neighbour").rows()[:1] == [("A", "C")]


def test_a_point_lies_in_the_area_that_holds_it() -> None:
    found = holding(np.array([[500.0, 500.0], [1500.0, 500.0], [1000.0, 500.0], [-5.0, 0.0]]), grid(2, 1))
    assert found == ["A00", "A10", "A00", None]


@pytest.mark.slow
def test_the_neighbours_of_groningen_and_no_neighbour_for_ameland() -> None:
    shapes = outlines("gemeente", 2024)
    found = neighbours(shapes, 60.0)
    beside = {shapes.names[shapes.index[c]] for c in found.filter(area="GM0014")["neighbour"]}
    assert beside == {
        "Noordenveld", "Tynaarlo", "Midden-Groningen", "Het Hogeland", "Westerkwartier", "Eemsdelta"
    }  # fmt: skip
    assert found.filter(area="GM0060").is_empty()
