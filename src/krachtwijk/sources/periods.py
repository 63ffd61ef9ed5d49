# SPDX-License-Identifier: EUPL-1.2
"""Which year a figure is of: StatLine writes ``2012JJ00``, other publications ``2012``."""

from __future__ import annotations

import re

import polars as pl

from krachtwijk.warehouse.tables import Table

YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")


def whole_year(cell: pl.Expr) -> pl.Expr:
    """The year of a cell, null where it is no whole year (a quarter, a month, text)."""
    return cell.str.strip_chars().str.extract(r"^((?:19|20)\d\d)(?:JJ00|\.0)?\*?$", 1)


def stated_years(table: Table, *columns: str) -> tuple[str, ...]:
    """The years that stand in the named columns, in order; columns that are not there are passed over."""
    present = [c for c in columns if c in table.columns]
    years = {
        year for c in present for year in table.frame[c].to_frame().select(whole_year(pl.col(c))).to_series()
    }
    return tuple(sorted(y for y in years if y is not None))
