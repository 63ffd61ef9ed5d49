# SPDX-License-Identifier: EUPL-1.2
"""An area that a reader puts together from buurten: the same sum as that of a wijk or city, made when asked for.

Nothing of it is kept: the buurten stand in the address of the page.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.runs.common import run_id
from krachtwijk.runs.leefbaarometer import RULE, summed

AREA = "eigen-gebied"


def scores(
    version: ScoreVersion, buurten: pl.DataFrame, inhabitants: pl.DataFrame, chosen: Sequence[str]
) -> pl.DataFrame:
    """Score, classes and coverage per period of the chosen buurten together, as rows of a result table.

    ``buurten`` is the result table `<version>-buurt`, ``inhabitants`` that of `leefbaarometer.inhabitants_of_buurten`.
    No row where less than the required share of the inhabitants has a score.
    """
    parents = pl.DataFrame({"area": sorted(set(chosen)), "parent": AREA, "share": 1.0})
    found = summed(version, buurten.filter(pl.col("area").is_in(parents["area"])), inhabitants, parents)
    editions = sorted({name for cell in found["edition"].to_list() for name in cell.split()})
    run = run_id(RULE, editions, AREA, " ".join(parents["area"]))
    return found.sort("period").with_columns(pl.lit(RULE).alias("rule"), pl.lit(run).alias("run"))
