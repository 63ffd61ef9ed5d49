# SPDX-License-Identifier: EUPL-1.2
"""What holds for any cell and any table, not only for those we have."""

import csv
import io
import math
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from krachtwijk.sources.families import recognise
from krachtwijk.sources.tidy import MARKERS, NUMBER_MARKERS, parse
from krachtwijk.warehouse import STATUSES
from krachtwijk.warehouse.tables import LINE, read_table

NUMBERS = st.floats(-1e6, 1e6).map(lambda v: round(v, 6)).filter(lambda v: v not in NUMBER_MARKERS)
PADDING = st.text(" \t", max_size=4)


def read(cell: str) -> tuple[float | None, str | None]:
    """Value and status of one cell."""
    value, status = parse(pl.col("cell").str.strip_chars(), "not_applicable", "ok")
    frame = pl.DataFrame({"cell": [cell]}).select(value.alias("value"), status.alias("status"))
    return frame.row(0)


@settings(max_examples=50)
@given(NUMBERS, PADDING, PADDING, st.booleans())
def test_a_number_is_read_with_point_or_comma_and_any_padding(
    number: float, before: str, after: str, comma: bool
) -> None:
    written = f"{number:.6f}"
    value, status = read(before + (written.replace(".", ",") if comma else written) + after)
    assert status == "ok"
    assert value is not None and math.isclose(value, number, rel_tol=1e-12, abs_tol=1e-12)


@settings(max_examples=50)
@given(st.integers(0, 10**9), st.integers(0, 99))
def test_dutch_thousands_are_read_only_where_they_are_sure(whole: int, cents: int) -> None:
    dutch = f"{whole:,}".replace(",", ".") + f",{cents:02d}"
    assert read(dutch) == (float(f"{whole}.{cents:02d}"), "ok")


@settings(max_examples=50)
@given(st.sampled_from([*MARKERS, *(f"{m:.0f}" for m in NUMBER_MARKERS), *map(str, NUMBER_MARKERS)]), PADDING)
def test_a_marker_is_never_a_number(marker: str, padding: str) -> None:
    for written in (marker, marker.upper()):
        value, status = read(padding + written + padding)
        assert value is None
        assert status in set(STATUSES) - {"ok", "estimated"}


@settings(max_examples=50)
@given(st.text(max_size=12))
def test_a_cell_is_a_finite_number_a_marker_or_refused(cell: str) -> None:
    value, status = read(cell)
    assert (value is not None) == (status == "ok")
    assert value is None or math.isfinite(value)


def test_thousands_with_an_english_comma_are_not_guessed() -> None:
    assert read("1,234.5") == (None, None)
    assert read("1.2.3") == (None, None)
    assert read("inf") == (None, None)


CELLS = st.one_of(
    st.sampled_from(["", ".", "geheim", "-99997", "0,5", "0.25", " 1 ", "abc", "inf", "1e400"]),
    st.floats(-5, 5).map(str),
)
CODES = st.sampled_from(["WK036300", "WK036301 ", "wk036302", "BU03630001", "GM0363", "", "XX", "1011"])
YEARS = st.sampled_from(["2012", "2014", "2016JJ00", "2016KW01", "", "twee"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(CODES, YEARS, st.lists(CELLS, min_size=1, max_size=3)), min_size=1, max_size=12))
def test_every_data_line_is_kept_or_rejected_once(
    tmp_path: Path, rows: list[tuple[str, str, list[str]]]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("GBD", "JAAR", "RLBRMTR", "RLBWON"), *((c, y, *v) for c, y, v in rows)])
    path = tmp_path / "stand.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    table = read_table(path)
    reading = recognise(table).read(table, "2016")
    rejected = [line for line, _ in reading.rejected]
    kept = set(reading.observations[LINE])
    assert table.rows == len(rows)
    assert len(rejected) == len(set(rejected))
    assert kept.isdisjoint(rejected)
    assert len(kept) + len(rejected) == table.rows
    keys = reading.observations.select("area", "period", "indicator")
    assert keys.is_duplicated().sum() == 0
