# SPDX-License-Identifier: EUPL-1.2
"""Towns in which it is known what happened: tests keep their level there, and find what was planted (R-159, R-160).

bench/towns.py does the same a thousand times.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import t as student

from krachtwijk.monitor.effects.inference import clustered, jackknife, moments, wild_bootstrap
from krachtwijk.monitor.effects.matching import Compared, compare, match
from krachtwijk.monitor.effects.power import smallest
from krachtwijk.monitor.effects.towns import CUTS, Towns, towns

MANY = 60


@cache
def untouched(seed: int) -> Towns:
    return towns(seed)


def beside(country: Towns, code: int) -> Compared:
    """Those with a code beside look-alikes beyond all rings, of any city."""
    alike = match(country.start, country.codes == code, country.codes == 0, caliper=0.5, neighbours=3)
    return compare(country.change, alike, country.city)


@cache
def null(code: int) -> tuple[np.ndarray, np.ndarray, list[Compared]]:
    """Effects and their errors by jackknife in countries where nothing was done."""
    found = [beside(untouched(seed), code) for seed in range(MANY)]
    return (
        np.array([each.effect for each in found]),
        np.array([jackknife(each.sums)[0, 0] ** 0.5 for each in found]),
        found,
    )


LIMIT = float(student.ppf(0.975, 29))


def test_the_same_seed_gives_the_same_country() -> None:
    one, two, other = towns(1), towns(1), towns(2)
    assert np.array_equal(one.values, two.values) and not np.array_equal(one.values, other.values)
    # these digits are the same on any machine
    assert one.values[0, 0] == pytest.approx(-0.06431378900218965, abs=1e-12)
    assert one.xy[1].tolist() == pytest.approx([77.74108689471326, 1233.0215000072994], abs=1e-9)


def test_the_worst_of_the_cities_that_take_part_are_chosen() -> None:
    country = towns(4)
    last = country.values[:, 1]
    assert country.programme.sum() == round(0.08 * 18 * 60)
    assert country.eligible[country.programme].all()
    assert last[country.programme].max() <= last[country.eligible & ~country.programme].min()
    assert not (country.codes[~country.eligible] > 0).any()  # no other city lies within reach
    earlier = towns(4, ago=1)
    first = np.where(earlier.eligible, earlier.values[:, 0], np.inf)
    assert np.array_equal(earlier.programme, first <= np.sort(first)[85])
    near = np.flatnonzero(country.codes == 2)
    far = np.hypot(*(country.xy[near, None] - country.xy[None, country.programme]).transpose(2, 0, 1)).min(
        axis=1
    )
    assert (far <= CUTS[0]).all()


def test_what_is_planted_is_all_that_differs() -> None:
    without, planted = towns(3), towns(3, gain=0.2, displaced=-0.1)
    more = planted.values - without.values
    assert np.array_equal(planted.codes, without.codes)
    assert not more[:, ~planted.after].any()
    effect = np.select([planted.codes == 1, planted.codes == 2], [0.2, -0.1])
    np.testing.assert_allclose(planted.change - without.change, effect, atol=1e-12)


def test_a_plain_comparison_takes_the_fall_back_to_the_mean_for_a_gain() -> None:
    """Nothing was done. Beside the rest of the same cities the worst rise; beside look-alikes they do not (R-159)."""
    alarms = []
    for seed in range(MANY):
        country = untouched(seed)
        here = country.eligible
        columns = [country.codes[here] == code for code in (1, 2, 3)]
        design = np.column_stack([*columns, np.ones(here.sum())]).astype(float)
        sums = moments(country.change[here], design, country.city[here])
        effect = np.linalg.solve(sums.squares.sum(axis=0), sums.products.sum(axis=0))[0]
        alarms.append(effect / np.sqrt(clustered(sums)[0, 0]) > student.ppf(0.975, 17))
    assert np.mean(alarms) > 0.5
    effect, error, _ = null(1)
    assert abs(effect.mean()) < 3 * effect.std() / np.sqrt(MANY)
    assert (np.abs(effect / error) > LIMIT).mean() <= 0.1


def test_next_door_nothing_is_found_where_nothing_moved() -> None:
    """R-159: null towns alarm at the stated rate of 5 %; of 60 at most 6."""
    effect, error, found = null(2)
    assert abs(effect.mean()) < 3 * effect.std() / np.sqrt(MANY)
    assert (np.abs(effect / error) > LIMIT).mean() <= 0.1
    wild = [wild_bootstrap(each.sums, 0, draws=399, interval=False).p for each in found]
    assert (np.array(wild) <= 0.05).mean() <= 0.1


def test_planted_displacement_is_found_as_often_as_was_said() -> None:
    """R-159: the effect said to be found with 80 % power is found in 80 ± 12 % of 60 countries."""
    effect, error, _ = null(2)
    planted = -smallest(float(error.mean()), degrees=29)
    # least squares are linear: planting it in the outcomes moves each estimate by it, here checked once
    assert beside(towns(0, displaced=planted), 2).effect == pytest.approx(effect[0] + planted, abs=1e-9)
    found = (effect + planted) / error < -LIMIT
    assert found.mean() == pytest.approx(0.8, abs=0.12)


def test_towns_say_what_they_cannot_be() -> None:
    for wrong in ({"taking_part": 40}, {"areas": 4}, {"periods": (1, 1)}, {"chosen": 0.0}, {"ago": 2}):
        with pytest.raises(ValueError, match="cities"):
            towns(1, **wrong)  # type: ignore[arg-type]
