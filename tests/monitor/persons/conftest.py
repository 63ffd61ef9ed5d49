# SPDX-License-Identifier: EUPL-1.2
"""People of two years as flows, straight from arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from krachtwijk.monitor.persons import flows as engine
from krachtwijk.monitor.persons.flows import Change, Flows
from krachtwijk.monitor.persons.generator import World

Frame = pl.DataFrame


def flows_of(
    first: Frame,
    last: Frame,
    areas: int,
    change: Change | None = None,
    *,
    centre: float = 0.0,
    largest: bool = False,
) -> Flows:
    by = change or Change()
    made = engine.flows(first.lazy(), last.lazy(), centre=centre, change=by, largest=largest).collect()
    columns = {
        name: made[name].cast(pl.Int64).fill_null(engine.ABSENT).to_numpy()
        if name.startswith("area")
        else made[name].to_numpy()
        for name in made.columns
    }
    return engine.collected([columns], [str(n) for n in range(areas)], centre=centre, change=by)


def years_of(world: World) -> dict[int, Frame]:
    return {
        y.year: pl.DataFrame({"person": y.person, "area": y.area, "outcome": y.outcome.astype(np.float64)})
        for y in world.table()
    }


@pytest.fixture
def made() -> Callable[..., Flows]:
    return flows_of


@pytest.fixture
def years() -> Callable[[World], dict[int, Frame]]:
    return years_of
