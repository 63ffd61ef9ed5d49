# SPDX-License-Identifier: EUPL-1.2
"""Codes are text, padded in some publications and with letters in others (data README, quirks 1 and 2)."""

import polars as pl
import pytest

from krachtwijk.geography import codes


@pytest.mark.parametrize(
    ("written", "clean", "level"),
    [
        ("GM0363    ", "GM0363", "gemeente"),
        ("wk036300", "WK036300", "wijk"),
        ("BU0363AA01", "BU0363AA01", "buurt"),
        ("BU03630000", "BU03630000", "buurt"),
        ("SD0363A", "SD0363A", "stadsdeel"),
        ("PV27", "PV27", "provincie"),
        ("1011", "1011", "pc4"),
        ("E2303N5800", "E2303N5800", "cel100m"),
        ("NL00", "NL", "land"),
        ("NL01", "NL", "land"),
        ("0363", "0363", None),
        ("BU036300", "BU036300", None),
    ],
)
def test_quirk_1_and_2_a_code_is_cleaned_and_its_shape_tells_the_level(
    written: str, clean: str, level: str | None
) -> None:
    assert codes.clean(written) == clean
    assert codes.level(clean) == level
    frame = pl.DataFrame({"code": [written]}).with_columns(codes.clean_expr(pl.col("code")))
    assert frame["code"].to_list() == [clean]
    assert frame.select(codes.level_expr(pl.col("code"))).item() == level


def test_quirk_1_wijk_and_gemeente_stand_in_the_code_of_a_buurt() -> None:
    frame = pl.DataFrame({"code": ["BU03630000", "BU0363AA01"]})
    assert frame.select(codes.wijk_expr(pl.col("code"))).to_series().to_list() == ["WK036300", "WK0363AA"]
    assert frame.select(codes.gemeente_expr(pl.col("code"))).to_series().to_list() == ["GM0363", "GM0363"]
