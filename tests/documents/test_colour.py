# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.documents import colour

COLOUR = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)

#: Pairs of the test data that Sharma, Wu and Dalal published with their paper.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((50, -1, 2), (50, 0, 0), 2.3669),
]


@pytest.mark.parametrize(("one", "other", "expected"), SHARMA)
def test_the_difference_is_that_of_the_published_pairs(
    one: colour.RGB, other: colour.RGB, expected: float
) -> None:
    assert colour.difference(one, other) == pytest.approx(expected, abs=5e-5)
    assert colour.difference(other, one) == pytest.approx(expected, abs=5e-5)


def test_black_on_white_is_21_and_grey_767676_is_the_last_that_carries_text() -> None:
    assert colour.contrast("#000000", "#fff") == pytest.approx(21)
    assert colour.contrast("#767676", "#ffffff") >= 4.5 > colour.contrast("#777777", "#ffffff")


@given(COLOUR, COLOUR)
def test_contrast_is_symmetric_and_lies_between_1_and_21(one: str, other: str) -> None:
    assert colour.contrast(one, other) == colour.contrast(other, one)
    assert 1 <= colour.contrast(one, other) <= 21 + 1e-9


@given(COLOUR, st.sampled_from(sorted(colour.BLINDNESS)))
def test_a_simulated_colour_can_be_shown_and_grey_stays_grey(given_colour: str, eyes: str) -> None:
    assert all(0 <= part <= 1 for part in colour.seen_with(eyes, colour.linear(given_colour)))
    grey = colour.linear("#" + given_colour[1:3] * 3)
    assert colour.seen_with(eyes, grey) == pytest.approx(grey, abs=1e-5)


def test_red_and_green_of_one_lightness_fall_together_for_who_sees_no_green() -> None:
    red, green = colour.linear("#b05a4a"), colour.linear("#6f7d2c")

    def apart(eyes: str) -> float:
        seen = [colour.seen_with(eyes, c) if eyes else c for c in (red, green)]
        return colour.difference(colour.lab(seen[0]), colour.lab(seen[1]))

    assert apart("deuteranopie") < apart("") / 2


@pytest.mark.parametrize("text", ["red", "#12345", "#gggggg", "rgb(0,0,0)", "", "#fff ", "#12345678"])
def test_another_notation_is_refused(text: str) -> None:
    assert not colour.is_colour(text)
    with pytest.raises(ValueError, match="#rrggbb"):
        colour.linear(text)
