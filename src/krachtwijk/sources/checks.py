# SPDX-License-Identifier: EUPL-1.2
"""What can be wrong with figures that were read without error. A check warns, it never changes a figure, except that a
value outside its possible range is set aside as missing."""

from __future__ import annotations

import polars as pl

from krachtwijk.catalogue import indicators
from krachtwijk.warehouse.store import STATUSES


def set_aside_out_of_range(observations: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    """Values outside the indicator's range become missing; one warning per indicator names the first line."""
    known = indicators()
    ranges = pl.DataFrame(
        {
            "indicator": list(known),
            "__low": [i.range[0] for i in known.values()],
            "__high": [i.range[1] for i in known.values()],
        },
        schema={"indicator": pl.String, "__low": pl.Float64, "__high": pl.Float64},
    )
    outside = (pl.col("value") < pl.col("__low")).fill_null(False) | (
        pl.col("value") > pl.col("__high")
    ).fill_null(False)
    joined = observations.join(ranges, on="indicator", how="left", maintain_order="left").with_columns(
        outside.alias("__outside")
    )
    warnings = []
    for name, part in joined.filter("__outside").group_by("indicator", maintain_order=True):
        first = part.row(0, named=True)
        low, high = known[str(name[0])].range
        bounds = f"{'' if low is None else format(low, 'g')} tot {'' if high is None else format(high, 'g')}"
        warnings.append(
            (
                "out_of_range",
                f"{known[str(name[0])].label}: {part.height} waarde(n) buiten {bounds.strip()}, "
                f"eerst {first['value']:g} bij {first['area']} (regel {first['__line']}); "
                "opzijgezet als ontbrekend",
            )
        )
    cleaned = joined.with_columns(
        pl.when("__outside").then(None).otherwise("value").alias("value"),
        pl.when("__outside")
        .then(pl.lit("missing"))
        .otherwise("status")
        .cast(pl.Enum(STATUSES))
        .alias("status"),
    ).drop("__low", "__high", "__outside")
    return cleaned, warnings
