# SPDX-License-Identifier: EUPL-1.2
"""Reads for the public pages: result tables and editions out of the warehouse. Nothing is computed here."""

from __future__ import annotations

from typing import Any

import polars as pl

from krachtwijk.catalogue import score_version
from krachtwijk.warehouse import Warehouse

__all__ = ["scores"]


def scores(code: str) -> list[dict[str, Any]]:
    """The score rows of an area, newest version first, each with its version, level and named dimensions."""
    warehouse = Warehouse()
    rows = []
    for version in ("lbm3", "lbm2"):
        for info in warehouse.results():
            if not info.table.startswith(f"{version}-") or "ontwikkeling" in info.table:
                continue
            table = warehouse.result(info.table)
            if table is None:
                continue
            rows += [
                {**row, "version": score_version(version), "table": info}
                for row in table.filter(pl.col("area") == code).sort("period").collect().to_dicts()
            ]
    return rows
