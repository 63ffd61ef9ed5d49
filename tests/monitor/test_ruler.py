# SPDX-License-Identifier: EUPL-1.2
"""The nine-step ruler and a reader's own weighting: equal weights give the published comparison."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.catalogue import score_version
from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.ruler import STEPS, Ruler, normalised, personal, ruler
from krachtwijk.monitor.score import classes
from krachtwijk.warehouse import Warehouse

LBM3 = score_version("lbm3")
NAMES = [d.id for d in LBM3.dimensions]
# multiples of 1/1024 add up without rounding, so a class on a limit cannot fall either way
exact = st.integers(-400, 400).map(lambda n: n / 1024)
rows = st.lists(st.tuples(*[exact] * 5), min_size=1, max_size=20)
weight = st.sampled_from([0.0, 1.0, 2.0, 3.0])


def frame(values: list[tuple[float, ...]]) -> pl.DataFrame:
    made = pl.DataFrame(values, schema=NAMES, orient="row")
    return made.with_columns(pl.sum_horizontal(NAMES).alias(LBM3.total), pl.lit("2024").alias("period"))


@given(rows, st.sampled_from([1.0, 2.0, 3.0]))
def test_equal_weights_give_the_class_of_the_total_deviation(
    values: list[tuple[float, ...]], w: float
) -> None:
    made = personal(classes(frame(values), LBM3), LBM3, dict.fromkeys(NAMES, w))
    assert made["class_eigen"].to_list() == made["class_dev"].to_list()


@given(rows, exact, st.tuples(*[weight] * 4).filter(any))
def test_a_dimension_without_weight_does_not_matter(
    values: list[tuple[float, ...]], other: float, weights: tuple[float, ...]
) -> None:
    wanted = dict(zip(NAMES, (*weights, 0.0), strict=True))
    before, after = frame(values), frame([(*v[:4], other) for v in values])
    assert personal(before, LBM3, wanted)["class_eigen"].equals(personal(after, LBM3, wanted)["class_eigen"])


@given(rows, st.tuples(*[weight] * 5).filter(any))
def test_a_better_dimension_never_lowers_the_class(
    values: list[tuple[float, ...]], weights: tuple[float, ...]
) -> None:
    wanted = dict(zip(NAMES, weights, strict=True))
    better = frame([tuple(x + 0.25 for x in v) for v in values])
    lower, higher = (personal(f, LBM3, wanted)["class_eigen"] for f in (frame(values), better))
    assert (higher >= lower).all()
    assert higher.is_between(1, 9).all()


@given(st.dictionaries(st.text(), weight, min_size=1).filter(lambda w: any(w.values())))
def test_weights_have_mean_one_and_keep_their_proportion(weights: dict[str, float]) -> None:
    made = normalised(weights)
    assert sum(made.values()) / len(made) == pytest.approx(1)
    top = max(weights, key=lambda k: weights[k])
    assert all(made[k] * weights[top] == pytest.approx(made[top] * weights[k]) for k in weights)


@pytest.mark.parametrize("value", [-1.0, 3.5, float("nan"), float("inf")])
def test_a_weight_outside_its_range_is_refused(value: float) -> None:
    with pytest.raises(KrachtwijkError):
        normalised({"won": value, "fys": 1.0})


def test_all_zero_unknown_dimensions_and_a_version_without_ruler_are_refused() -> None:
    some = frame([(0.0,) * 5])
    for version, wanted in (
        (LBM3, dict.fromkeys(NAMES, 0.0)),
        (LBM3, {"won": 1.0}),
        (score_version("lbm2"), dict.fromkeys(NAMES, 1.0)),
    ):
        with pytest.raises(KrachtwijkError):
            personal(some, version, wanted)


def test_an_area_without_a_weighed_dimension_has_no_class() -> None:
    some = frame([(0.5,) * 5, (0.5,) * 5]).with_columns(pl.Series("won", [None, 0.5]))
    assert personal(some, LBM3, dict.fromkeys(NAMES, 1.0))["class_eigen"].to_list() == [None, 9]
    assert personal(some, LBM3, {**dict.fromkeys(NAMES, 1.0), "won": 0.0})["class_eigen"].null_count() == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50), st.floats(0.1, 10), st.floats(-100, 100))
def test_a_ruler_follows_its_figures(values: list[float], scale: float, shift: float) -> None:
    made = ruler(values)
    moved = ruler([v * scale + shift for v in values])
    if made is None or moved is None:
        assert np.std(values) <= 1e-6 * max(1.0, *map(abs, values), abs(shift))
        return
    size = max(1.0, *map(abs, values)) * scale + abs(shift)
    assert moved.sd == pytest.approx(made.sd * scale, abs=1e-6 * size)
    assert moved.cuts == pytest.approx([c * scale + shift for c in made.cuts], abs=1e-6 * size)
    assert list(made.cuts) == sorted(made.cuts) and len(made.cuts) == len(STEPS)


def test_a_ruler_stands_on_the_nation_where_that_is_known_and_skips_what_is_missing() -> None:
    assert ruler([1.0, 3.0, float("nan")], centre=10.0) == Ruler(10.0, 1.0)
    assert ruler([1.0, 3.0]) == Ruler(2.0, 1.0)
    assert ruler([5.0, 5.0, 5.0]) is None
    assert ruler([5.0]) is None


def test_equal_weights_on_the_published_buurten_are_the_published_classes(built: Warehouse) -> None:
    table = built.result("lbm3-buurt")
    assert table is not None
    made = personal(table.collect(), LBM3, dict.fromkeys(NAMES, 1.0))
    assert made.height == 12_147
    assert made.filter(pl.col("class_eigen") != pl.col("class_dev")).height == 0
