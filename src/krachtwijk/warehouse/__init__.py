# SPDX-License-Identifier: EUPL-1.2
"""Editions and results on disk: Parquet with a JSON manifest each, written atomically."""

from krachtwijk.warehouse.changes import Change
from krachtwijk.warehouse.store import (
    OBSERVATIONS,
    STATUSES,
    Manifest,
    ResultInfo,
    Warehouse,
    default_home,
)

__all__ = ["OBSERVATIONS", "STATUSES", "Change", "Manifest", "ResultInfo", "Warehouse", "default_home"]
