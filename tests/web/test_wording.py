# SPDX-License-Identifier: EUPL-1.2
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.catalogue import indicator
from krachtwijk.web.apps.publication import wording

TOKENS = Path(wording.__file__).parents[2] / "static" / "krachtwijk" / "tokens.css"


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "expected"),
    [
        (1234.5, 1, False, "1.234,5"),
        (-0.069, 3, True, "−0,069"),
        (0.0, 2, True, "0,00"),
        (-0.0004, 2, True, "0,00"),
        (0.078, 2, True, "+0,08"),
        (None, 2, False, "–"),
    ],
)
def test_numbers_are_written_the_dutch_way(
    value: float | None, decimals: int, signed: bool, expected: str
) -> None:
    assert wording.number(value, decimals, signed=signed) == expected


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_written_number_reads_back(value: float, decimals: int) -> None:
    written = wording.number(value, decimals)
    read = float(written.replace(".", "").replace(",", ".").replace("−", "-"))
    assert abs(read - value) <= 0.5 * 10**-decimals + 1e-6 * abs(value)
    assert "-" not in written


def test_a_secret_or_missing_figure_is_told_and_never_zero() -> None:
    inhabitants = indicator("inwoners")
    for status, words in (("secret", "geheim: te weinig mensen"), ("missing", "niet gepubliceerd")):
        assert wording.figure({"value": None, "status": status}, inhabitants) == words


def test_a_count_never_lies_outside_what_can_be_counted() -> None:
    counts = {"closing": 7, "stable": 28, "widening": 5, "unknown": 0, "low": -0.01, "high": 1.2}
    assert re.findall(r"\d+", wording.interval(counts)) == ["90", "0", "40"]


def test_dates_are_words_in_both_languages() -> None:
    assert wording.day("2007-03-22") == "22 maart 2007"
    with translation.override("en"):
        assert wording.day("2007-03-22") == "22 March 2007"


def test_the_class_colours_are_lightest_in_the_middle_and_darker_outwards() -> None:
    def light(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    colours = dict(re.findall(r"--klasse-(\d): (#[0-9a-f]{6});", TOKENS.read_text("utf-8")))
    values = [light(colours[str(step)]) for step in range(1, 10)]
    assert len(values) == 9
    assert values[:5] == sorted(values[:5])
    assert values[4:] == sorted(values[4:], reverse=True)


def test_every_sentence_is_translated_and_none_is_left_over() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    found = subprocess.run(
        [sys.executable, root / "bin" / "translations", "check"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, "")
