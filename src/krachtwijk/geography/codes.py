# SPDX-License-Identifier: EUPL-1.2
"""Area codes: which level a code is of, and the code of its parent. Codes are text and may hold letters."""

from __future__ import annotations

import re

import polars as pl

#: The one code of the country; publications write NL00 or NL01.
COUNTRY = "NL"

SHAPES = {
    "land": r"^NL(\d\d)?$",
    "provincie": r"^PV\d\d$",
    "gemeente": r"^GM\d{4}$",
    "stadsdeel": r"^SD\d{4}[A-Z0-9]{1,2}$",
    "wijk": r"^WK\d{4}[A-Z0-9]{2}$",
    "buurt": r"^BU\d{4}[A-Z0-9]{4}$",
    "pc4": r"^[1-9]\d{3}$",
    "cel100m": r"^E\d{4}N\d{4}$",
}


def clean(code: str) -> str:
    """A code as this system writes it: no padding, capitals, one code for the country."""
    code = code.strip().upper()
    return COUNTRY if re.match(SHAPES["land"], code) else code


def clean_expr(code: pl.Expr) -> pl.Expr:
    """As `clean`, for a column."""
    return code.str.strip_chars().str.to_uppercase().str.replace(SHAPES["land"], COUNTRY)


def level(code: str) -> str | None:
    """Level by the shape of a clean code; None where the shape is unknown."""
    return next((name for name, shape in SHAPES.items() if re.match(shape, code)), None)


def level_expr(code: pl.Expr) -> pl.Expr:
    """As `level`, for a column."""
    return pl.coalesce(pl.when(code.str.contains(shape)).then(pl.lit(name)) for name, shape in SHAPES.items())


def wijk_expr(buurt: pl.Expr) -> pl.Expr:
    """Wijk of a buurt: WK and characters 3-8 of its code (CBS)."""
    return pl.lit("WK") + buurt.str.slice(2, 6)


def gemeente_expr(code: pl.Expr) -> pl.Expr:
    """Gemeente of a buurt, wijk or stadsdeel: GM and characters 3-6 of its code (CBS)."""
    return pl.lit("GM") + code.str.slice(2, 4)
