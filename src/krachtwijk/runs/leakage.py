# SPDX-License-Identifier: EUPL-1.2
"""What a score that counts its surroundings passes on over the border of a programme, on the real map of its cities."""

from __future__ import annotations

import numpy as np
import shapely

from krachtwijk.geography import boundaries
from krachtwijk.geography.programmes import PC4_YEAR
from krachtwijk.monitor.effects.leakage import leakage
from krachtwijk.monitor.effects.placebo import Flags
from krachtwijk.monitor.effects.plan import StudyPlan
from krachtwijk.monitor.space.arrays import Whole
from krachtwijk.monitor.space.cells import arranged
from krachtwijk.runs.displacement_ground import Ground

#: Metres of a square.
STEP = 100.0


def rows(found: Ground, plan: StudyPlan) -> list[dict[str, object]]:
    """Per radius of the plan and ring the share of a change inside that shows there though nothing moved.

    Inhabitants are spread evenly over the squares of a postcode; nobody lives where none is known. What lies beyond the
    rings is not laid out: within these radii nothing arrives there.
    """
    main = plan.main
    columns, names = found.exposures(plan, main)
    code = columns @ np.arange(1, len(names) + 1)
    east, north, area = _squares(found, found.inside & (code > 0))
    code[~found.universe(main)] = -1
    crowd = np.nan_to_num(found.inhabitants) / np.maximum(np.bincount(area, minlength=len(found.areas)), 1)
    lived = crowd[area] > 0
    cells = arranged(east[lived], north[lived])
    made: list[dict[str, object]] = []
    for radius in plan.radii:
        leak = leakage(
            cells,
            crowd[area][lived],
            code[area][lived],
            len(names) - 1,
            radius=radius,
            shape=plan.shape,
            step=STEP,
        )
        made += [
            {"radius": radius, "term": name, "share": float(share)}
            for name, share in zip(names[1:], leak.ratio, strict=True)
        ]
    return made


def _squares(found: Ground, wanted: Flags) -> tuple[Whole, Whole, Whole]:
    """Lower left corners (in hundreds of metres) of the squares whose middle lies in a wanted postcode, and which."""
    shapes = boundaries.outlines("pc4", PC4_YEAR).geometries
    east, north, area = [], [], []
    for place in np.flatnonzero(wanted):
        low_x, low_y, high_x, high_y = (shapely.bounds(shapes[place]) // STEP).astype(np.int64)
        x, y = np.meshgrid(np.arange(low_x, high_x + 1), np.arange(low_y, high_y + 1))
        shapely.prepare(shapes[place])
        inside = shapely.contains_xy(shapes[place], (x.ravel() + 0.5) * STEP, (y.ravel() + 0.5) * STEP)
        east.append(x.ravel()[inside])
        north.append(y.ravel()[inside])
        area.append(np.full(int(inside.sum()), place))
    columns = [np.concatenate(part).astype(np.int64) for part in (east, north, area)]
    # outlines are drawn one by one: a middle may lie in two of them
    _, first = np.unique(columns[0] * 10**6 + columns[1], return_index=True)
    return columns[0][first], columns[1][first], columns[2][first]
