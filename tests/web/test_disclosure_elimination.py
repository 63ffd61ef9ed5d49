# SPDX-License-Identifier: EUPL-1.2
"""G27: a stranger with the downloaded key figures, the declared sums and exact elimination.

The equations are written down anew here, from the download alone; they share nothing with what withholds the figures
but the elimination itself, which has tests of its own. The editions serve only to leave out sums that are not true,
which would recover a number that is not there.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import disclosure, indicators
from krachtwijk.monitor.disclosure import Sums, determined
from krachtwijk.warehouse import Warehouse

Place = tuple[str, str, str]
Cell = tuple[str, str, str, str]
Values = dict[Cell, float]
Equation = list[tuple[Cell, int]]

PEOPLE = {i.id for i in indicators().values() if i.unit in disclosure().units and i.aggregation == "som"}
#: share or rate -> count, base, per
SHARES = {
    i.id: (i.id, i.weight, per)
    for i in indicators().values()
    if (per := {"%": 100.0, "per 1 000 inwoners": 1000.0}.get(i.unit)) and i.weight in PEOPLE
} | {r.figure: (r.count, r.base, r.per) for r in disclosure().ratios}
for _ratio in disclosure().ratios:
    if not _ratio.exact:
        del SHARES[_ratio.figure]
KEYS = ["level", "area", "period", "indicator"]


def name(figure: str) -> str:
    """The number of people that a figure tells."""
    return SHARES[figure][0] if figure in SHARES else figure


def numbers(rows: pl.DataFrame) -> Values:
    """Every number of people that rows tell: as such, as a share of a number, or as what a share is of."""
    figures: dict[Place, dict[str, float]] = defaultdict(dict)
    for level, area, period, indicator, value in (
        rows.drop_nulls("value").select(*KEYS, "value").sort(*KEYS, "value").iter_rows()
    ):
        figures[level, area, period][indicator] = value
    known = {
        (*place, figure): value
        for place, told in figures.items()
        for figure, value in told.items()
        if figure in PEOPLE or figure == "oppervlakte-land"
    }
    before = -1
    while before < len(known):
        before = len(known)
        for place, told in figures.items():
            for figure in told.keys() & SHARES.keys():
                count, base, per = SHARES[figure]
                if (*place, base) in known:
                    known.setdefault((*place, count), told[figure] * known[*place, base] / per)
                elif (*place, count) in known and told[figure]:
                    known[*place, base] = known[*place, count] * per / told[figure]
    return known


def equations(rows: pl.DataFrame) -> Iterator[Equation]:
    """Sums within an area, of areas, and over years, wherever the download has a line about one of their cells."""
    places = rows.select("level", "area", "period").unique(maintain_order=True).rows()
    for place in places:
        for whole in disclosure().sums:
            if whole.total and not whole.rest:
                yield [*(((*place, name(p)), 1) for p in whole.parts), ((*place, name(whole.total)), -1)]
    counts = rows.filter(pl.col("indicator").is_in(sorted(PEOPLE))).select(KEYS).unique(maintain_order=True)
    parts: dict[Cell, list[Cell]] = defaultdict(list)
    for level, area, period, figure in counts.rows():
        digits = area[2:]
        if level == "buurt":
            parts["wijk", f"WK{digits[:6]}", period, figure].append((level, area, period, figure))
        if level == "wijk":
            parts["gemeente", f"GM{digits[:4]}", period, figure].append((level, area, period, figure))
    published = set(counts.rows())
    for whole_, inside in parts.items():
        if whole_ in published:  # one that a rounded share tells is off by more than a small number
            yield [*((cell, 1) for cell in inside), (whole_, -1)]
    for growth in disclosure().differences:
        for level, area, period, figure in counts.rows():
            if figure == growth.figure and len(period) == 9:
                first, last = ((level, area, year, growth.of) for year in period.split("-"))
                yield [(first, 1), ((level, area, period, figure), 1), (last, -1)]


def recovered(rows: pl.DataFrame, truth: Values, hidden: set[Cell]) -> set[Cell]:
    """The withheld numbers that elimination gives back."""
    known = numbers(rows)
    cells: dict[Cell, int] = {}
    used: list[list[tuple[int, int]]] = []
    for equation in equations(rows):
        if not any(cell in hidden for cell, _ in equation):
            continue
        told = [(truth.get(cell), sign, cell[3]) for cell, sign in equation]
        slack = sum(max(indicators()[figure].rounding, 1.0) for _, _, figure in told)
        of_shares = any(figure not in PEOPLE for _, _, figure in told)
        left = sum(value * sign for value, sign, _ in told if value is not None)
        if all(value is not None for value, _, _ in told) and not of_shares and abs(left) > slack:
            continue  # not true, so what follows from it is not either
        used.append([(cells.setdefault(cell, len(cells)), sign) for cell, sign in equation])
    assert len(used) > 5_000
    unknown = np.array([cell not in known for cell in cells])
    given = determined(unknown, Sums.of(used))
    return {cell for cell, index in cells.items() if given[index] and cell in hidden} | (
        hidden & known.keys()
    )


@pytest.fixture(scope="module")
def truth(built: Warehouse) -> Values:
    rows = built.observations().filter(pl.col("status").cast(pl.String) != "estimated")
    return numbers(rows.select(pl.col(KEYS).cast(pl.String), "value").collect())


def test_g27_a_stranger_who_eliminates_recovers_no_withheld_number(client: Client, truth: Values) -> None:
    answer = client.get("/downloads/kerncijfers.parquet")
    rows = pl.read_parquet(io.BytesIO(answer.getvalue())).with_columns(
        pl.col(*KEYS, "status").cast(pl.String)
    )
    rows = rows.filter(pl.col("status") != "estimated").select(*KEYS, "value", "status")
    withheld = rows.filter(
        pl.col("status").str.starts_with("suppressed") & pl.col("indicator").is_in(sorted(PEOPLE))
    )
    hidden = set(withheld.select(KEYS).rows())
    assert len(hidden) > 30_000
    assert recovered(rows, truth, hidden) == set()
    # the attack works: each with one partner told, numbers come back
    partner = withheld.filter(
        (pl.col("status") == "suppressed_with")
        & (pl.col("level") == "cel100m")
        & (pl.col("indicator") == "mannen")
    )
    told = partner.with_columns(
        pl.Series("value", [truth[cell] for cell in partner.select(KEYS).rows()]),
        pl.lit("ok").alias("status"),
    )
    assert told.height > 100
    leaking = pl.concat([rows.join(told, on=KEYS, how="anti"), told])
    assert len(recovered(leaking, truth, hidden - set(told.select(KEYS).rows()))) > 100
