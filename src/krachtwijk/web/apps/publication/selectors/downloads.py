# SPDX-License-Identifier: EUPL-1.2
"""Result tables to take away."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from krachtwijk.documents import exports
from krachtwijk.warehouse import Manifest, ResultInfo
from krachtwijk.web.apps.publication.store import store

#: Rows from which the size of a CSV is estimated.
SAMPLE = 2000


@dataclass(frozen=True, slots=True)
class Download:
    """A result table: its run, its editions, and in bytes the Parquet and about the CSV; periods where it is drawn."""

    info: ResultInfo
    editions: tuple[Manifest, ...]
    parquet_size: int
    csv_size: int
    layers: int


def _csv_size(frame: pl.DataFrame) -> int:
    """About how large the CSV is, from rows spread over the table."""
    if frame.height == 0:
        return 0
    sample = frame.gather_every(max(1, frame.height // SAMPLE))
    return round(len(sample.write_csv(include_header=False).encode()) / sample.height * frame.height)


def _layers(frame: pl.DataFrame) -> int:
    """How many periods can be drawn."""
    return frame["period"].n_unique()


def downloads() -> list[Download]:
    """Every result table, by name."""
    known = store().editions()
    found = []
    for name in store().names():
        table = store().table(name)
        if table is None:
            continue
        found.append(
            Download(
                info=table.info,
                editions=tuple(known[e] for e in table.info.editions if e in known),
                parquet_size=exports.stored(store().warehouse, table.info).stat().st_size,
                csv_size=table.derived("csv size", _csv_size),
                layers=table.derived("layers", _layers) if exports.level_of(name) else 0,
            )
        )
    return found
