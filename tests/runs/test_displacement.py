# SPDX-License-Identifier: EUPL-1.2
"""R-159, R-160: the plan stands before an outcome is read, the comparison leaves out the programme, and the answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from krachtwijk.catalogue import programme
from krachtwijk.catalogue.studies import study
from krachtwijk.errors import KrachtwijkError
from krachtwijk.monitor.effects import plan as plans
from krachtwijk.runs import displacement
from krachtwijk.runs import displacement_ground as ground
from krachtwijk.warehouse import ResultInfo, Warehouse

PROGRAMME = programme("krachtwijken-2007")
FULL = study("krachtwijken-2007")
assert FULL is not None
#: The same plan with fewer draws and variants, so that a test takes seconds.
SMALL = replace(
    FULL,
    variants=FULL.variants[:3],
    radii=FULL.radii[:1],
    placebos=replace(FULL.placebos, draws=99),
    inference=replace(FULL.inference, bootstraps=199),
)


class Watched(Warehouse):
    """A warehouse that writes down what is read and written, in order."""

    log: list[tuple[str, Any]]

    def observations(self, *args: Any, **named: Any) -> pl.LazyFrame:
        outcomes = set(named.get("indicators") or ()) & {o.indicator for o in FULL.outcomes}
        if outcomes:
            self.log.append(("read", sorted(named["periods"])))
        return super().observations(*args, **named)

    def result(self, table: str) -> pl.LazyFrame | None:
        assert not table.startswith("lbm2"), "scores are read through the door only"
        return super().result(table)

    def write_result(self, frame: pl.DataFrame, info: ResultInfo) -> ResultInfo:
        self.log.append(("write", info.table.removeprefix("waterbed-krachtwijken-2007-")))
        return super().write_result(frame, info)


def home(built: Warehouse, folder: Path) -> Watched:
    """A home with the editions of the demonstration and what a study needs, and nothing of a study."""
    (folder / "results").mkdir(parents=True)
    for name in ("editions", "cache", "results/buren", "results/kerncijfers"):
        (folder / name).symlink_to(built.home / name)
    made = Watched(folder)
    made.log = []
    return made


@pytest.fixture(scope="module")
def studied(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The study of 2007, small."""
    warehouse = home(built, tmp_path_factory.mktemp("studie") / "var")
    displacement.run(
        warehouse, PROGRAMME, SMALL, on_plan=lambda fixed: warehouse.log.append(("plan", fixed.hash))
    )
    yield warehouse


def table(warehouse: Warehouse, part: str) -> pl.DataFrame:
    found = warehouse.result(ground.table_of(PROGRAMME.id, part))
    assert found is not None
    return found.collect()


def test_the_plan_stands_and_is_registered_before_an_outcome_is_read(studied: Watched) -> None:
    kinds = [kind for kind, _ in studied.log]
    assert studied.log[0] == ("write", "plan")
    assert studied.log[1][0] == "plan"
    first = kinds.index("read")
    assert kinds.index("plan") < first
    # the years before first, then areas outside the programme, and the programme only after its power was stored
    reads = [what for kind, what in studied.log if kind == "read"]
    assert reads[0] == ["2002", "2008"]
    assert len(reads) == 3
    order = [what for kind, what in studied.log if kind == "write"]
    assert order == list(ground.PARTS)
    last_read = len(kinds) - 1 - kinds[::-1].index("read")
    assert studied.log.index(("write", "kracht")) < last_read < studied.log.index(("write", "schatting"))


def test_no_outcome_can_be_read_without_a_plan_that_stands(built: Warehouse, tmp_path: Path) -> None:
    warehouse = home(built, tmp_path / "var")
    found = ground.ground(warehouse, PROGRAMME, SMALL)
    fixed = ground.fix(warehouse, PROGRAMME, SMALL, found)
    door = ground.Outcomes(warehouse, PROGRAMME, SMALL, fixed, found.areas)
    assert set(door.before(["lbm2-klasse"])["lbm2-klasse"]) == {2002, 2008}
    with pytest.raises(KrachtwijkError, match="Dit plan ligt niet vast"):
        door.everything(["lbm2-klasse"])  # its power was not stored yet
    others = door.others(["lbm2-klasse"])["lbm2-klasse"]
    assert np.isnan(others[2016][found.own >= 0]).all()
    assert np.isfinite(others[2016][found.own < 0]).any()

    changed = replace(SMALL, relevant=0.5)
    ground.fix(warehouse, PROGRAMME, changed, found)  # another plan stands now
    with pytest.raises(KrachtwijkError, match="er is geen uitkomst gelezen"):
        door.before(["lbm2-klasse"])
    assert [what for kind, what in warehouse.log if kind == "read"] == [
        ["2002", "2008"],
        ["2002", "2008", "2012", "2014", "2016"],
    ]


def test_a_changed_plan_is_another_hash_and_the_old_one_stays_known(built: Warehouse, tmp_path: Path) -> None:
    warehouse = home(built, tmp_path / "var")
    found = ground.ground(warehouse, PROGRAMME, SMALL)
    first = ground.fix(warehouse, PROGRAMME, SMALL, found)
    again = ground.fix(warehouse, PROGRAMME, SMALL, found)
    assert (again.hash, again.since, again.earlier, again.new) == (first.hash, first.since, (), False)
    other = ground.fix(warehouse, PROGRAMME, replace(SMALL, relevant=0.5), found)
    assert other.new and other.hash != first.hash
    (kept,) = other.earlier
    assert (kept["hash"], kept["text"], kept["fixed_at"]) == (first.hash, first.text, first.since)
    assert plans.digest(kept["text"]) == kept["hash"]
    # the definition of the programme and the lists of codes are part of it
    moved = replace(
        PROGRAMME, areas=(replace(PROGRAMME.areas[0], parts=(("pc4", "1814", "bron"),)), *PROGRAMME.areas[1:])
    )
    assert ground.fix(warehouse, moved, SMALL, ground.ground(warehouse, moved, SMALL)).hash != first.hash


def test_the_comparison_is_in_the_same_cities_and_leaves_out_programme_and_rings(studied: Watched) -> None:
    """R-160."""
    places = table(studied, "plan")
    assert set(places["city_code"]) == {area.city_code for area in PROGRAMME.areas}
    own = {code for area in PROGRAMME.areas for _, code, _ in area.parts}
    assert set(places.filter(pl.col("role") == "programma")["area"]) == own
    farther = places.filter(pl.col("role") == "verder")
    assert farther["programme_area"].is_null().all()
    assert farther["order"].fill_null(99).min() == 3
    assert places.filter(pl.col("role") == "ring-1")["order"].unique().to_list() == [1]
    assert (places.filter(pl.col("role") == "programma")["distance"] == 0).all()
    assert (farther["distance"] > 0).all()
    assert places.filter(pl.col("role") == "buiten")["reason"].null_count() == 0
    assert places.filter(pl.col("certainty") == "afgeleid").height == 36


def test_the_ring_estimate_is_least_squares_with_dummies_for_postcodes_and_city_years(
    built: Warehouse, studied: Watched
) -> None:
    places = table(studied, "plan").filter(pl.col("role") != "buiten")
    scores = built.result("lbm2-pc4")
    assert scores is not None
    classes = scores.select(
        "area", pl.col("period").cast(pl.Int32), pl.col("class_total").cast(pl.Float64)
    ).collect()
    known = classes.drop_nulls().group_by("area").len().filter(pl.col("len") == 5)["area"]
    used = places.filter(pl.col("area").is_in(known.implode())).sort("area")
    panel = (
        used.select("area", "city_code", "role")
        .join(classes.filter(pl.col("period").is_in([2008, 2012])), on="area")
        .sort("area", "period")
    )
    after = (panel["period"] == 2012).to_numpy()
    terms = [(panel["role"] == role).to_numpy() & after for role in ("programma", "ring-1", "ring-2")]
    codes = (
        panel["area"].to_physical()
        if panel["area"].dtype == pl.Categorical
        else panel["area"].rank("dense") - 1
    )
    unit = codes.to_numpy()[:, None] == np.arange(used.height)
    city = (panel["city_code"].rank("dense") - 1).to_numpy()[:, None] == np.arange(18)
    design = np.column_stack([*terms, unit, city & after[:, None]]).astype(float)
    beta = np.linalg.lstsq(design, panel["class_total"].to_numpy(), rcond=None)[0]
    rows = table(studied, "schatting").filter(
        variant="hoofd", method="ringen", outcome="klasse", window="2008-2012"
    )
    assert rows["term"].to_list() == ["programma", "ring-1", "ring-2"]
    assert rows["estimate"].to_list() == pytest.approx(beta[:3].tolist(), abs=1e-8)
    assert rows["areas"].to_list() == [int(term.sum()) for term in terms]


def test_the_primary_tests_are_those_of_the_plan_and_every_other_one_is_corrected(studied: Watched) -> None:
    rows = table(studied, "schatting")
    named = rows.filter(pl.col("primary")).select("question", "method", "outcome", "window", "term").rows()
    assert sorted(named) == sorted(
        (p.question, p.method, p.outcome, p.window, p.term) for p in FULL.primaries
    )
    assert rows.filter(pl.col("primary"))["q"].is_null().all()
    family = rows.filter(question="waterbed", variant="hoofd", method="ringen", outcome="score")
    assert family["q"].null_count() == 0
    assert (family["q"] >= family["p_wild"]).all()
    info = studied.result_info(ground.table_of(PROGRAMME.id, "schatting"))
    assert info is not None and set(info.extra["verdicts"]) == {"waterbed", "effect"}


def test_without_derived_postcodes_nothing_hangs_on_one(studied: Watched) -> None:
    rows = table(studied, "schatting").filter(
        question="effect", method="ringen", window="2008-2012", outcome="klasse"
    )
    assert dict(rows.select("variant", "areas").rows()) == {
        "hoofd": 82,
        "alleen-bron": 46,
        "programma-ook-ring": 82,
    }
    found = ground.ground(studied, PROGRAMME, SMALL)
    bron = SMALL.variants[1]
    here = found.universe(bron)
    assert not (here & (found.own >= 0) & ~found.certain).any()
    assert (found.order("bron", 2)[here] == found.order("alle", 2)[here]).all()


def test_convergence_counterfactual_and_what_happens_by_itself_stand_side_by_side(studied: Watched) -> None:
    rows = table(studied, "naast-elkaar").filter(outcome="klasse", window="2008-2016")
    told = {row["measure"]: row for row in rows.to_dicts()}
    assert set(told) == {
        "programma", "stad", "verschil-stad", "lijkend", "verschil-lijkend", "vanzelf", "verschil-vanzelf",
    }  # fmt: skip
    for row in told.values():
        assert row["change"] == pytest.approx(row["at_end"] - row["at_start"])
        assert row["low"] < row["change"] < row["high"]
    gap = told["verschil-stad"]
    assert gap["at_start"] == pytest.approx(told["programma"]["at_start"] - told["stad"]["at_start"])
    assert gap["change"] == pytest.approx(told["programma"]["change"] - told["stad"]["change"])
    assert told["verschil-lijkend"]["at_start"] == pytest.approx(0, abs=1e-9)  # matched on this very class
    matched = table(studied, "schatting").filter(
        variant="hoofd", method="gekoppeld", outcome="klasse", window="2008-2016"
    )
    assert matched["estimate"][0] == pytest.approx(told["verschil-lijkend"]["change"])


def test_power_is_told_before_the_answer_and_rises_with_the_shift(studied: Watched) -> None:
    rows = table(studied, "kracht")
    assert set(rows["basis"]) == {"formule", "placebo", "beide"}
    for (basis,), part in rows.group_by("basis"):
        for _, curve in part.group_by("window", "term", "method"):
            ordered = curve.sort("displacement")
            assert ordered["displacement"][0] == 0
            assert ordered["power"][0] < 0.11
            assert ordered["power"][-1] > 0.95
            at = np.interp(ordered["smallest"][0], ordered["displacement"], ordered["power"])
            assert at == pytest.approx(0.8, abs=0.02 if basis == "formule" else 0.08)


def test_both_tests_together_see_less_than_either(studied: Watched) -> None:
    rows = table(studied, "kracht").filter(term="ring-1", method="ringen", displacement=0.0)
    for window in ("2002-2008", "2008-2012"):
        of = {row["basis"]: row["smallest"] for row in rows.filter(window=window).to_dicts()}
        assert of["beide"] >= of["placebo"] - 0.01
    assert rows.filter(basis="beide")["power"].max() <= 0.06


def test_running_again_gives_the_same_runs_and_the_same_bits(studied: Watched) -> None:
    before = {part: table(studied, part) for part in ground.PARTS}
    found = ground.ground(studied, PROGRAMME, SMALL)
    assert ground.stands(studied, PROGRAMME, SMALL, found)
    assert not ground.stands(studied, PROGRAMME, FULL, found)
    displacement.run(studied, PROGRAMME, SMALL)
    for part in ground.PARTS:
        assert table(studied, part).equals(before[part]), part


def test_the_answer_of_the_demonstration_is_the_one_its_page_tells(built: Warehouse) -> None:
    """Measured on 2026-11-22, on the packaged classes of Leefbaarometer 2.0."""
    rows = table(built, "schatting")
    ring, own = (rows.filter(pl.col("primary"), question=q).to_dicts()[0] for q in ("waterbed", "effect"))
    assert ring["estimate"] == pytest.approx(0.105, abs=0.001)
    assert (ring["low"], ring["high"]) == pytest.approx((-0.052, 0.261), abs=0.001)
    assert own["estimate"] == pytest.approx(-0.108, abs=0.001)
    assert (ring["areas"], own["areas"]) == (156, 57)
    assert table(built, "placebo")["draw"].max() == 999
    info = built.result_info(ground.table_of(PROGRAMME.id, "schatting"))
    assert info is not None
    assert info.extra["verdicts"] == {"waterbed": "geen-van-betekenis", "effect": "niet-te-zeggen"}
    leak = table(built, "lek").filter(term="ring-1").sort("radius")["share"]
    assert leak.to_list() == pytest.approx([0.031, 0.083, 0.167], abs=0.001)


def test_an_answer_is_never_shown_with_another_plan_than_its_own(studied: Watched, tmp_path: Path) -> None:
    """A run that was stopped after a new plan was fixed leaves the old tables; they are not its answer."""
    shutil.copytree(studied.home, tmp_path / "var", symlinks=True)
    warehouse = Watched(tmp_path / "var")
    warehouse.log = []
    assert displacement.answer(warehouse, PROGRAMME)["plan"]["hash"]
    found = ground.ground(warehouse, PROGRAMME, SMALL)
    ground.fix(warehouse, PROGRAMME, replace(SMALL, relevant=0.5), found)
    with pytest.raises(KrachtwijkError, match="nog niet uitgerekend"):
        displacement.answer(warehouse, PROGRAMME)


def test_a_programme_that_leaves_no_room_for_placebos_is_told(studied: Watched) -> None:
    found = ground.ground(studied, PROGRAMME, SMALL)
    with pytest.raises(KrachtwijkError, match="geen plaats voor nagebootste"):
        displacement.placebo_programmes(SMALL, found, None)


def test_what_is_missing_is_said_in_words(built: Warehouse, warehouse: Warehouse) -> None:
    (areas, years, plan) = displacement.missing(built, programme("nplv-2022"), None)
    assert "grenzen" in areas
    assert "Leefbaarometer 3.0: 2024" in years
    assert "data/studies/nplv-2022.toml" in plan
    assert displacement.missing(built, PROGRAMME, FULL) == []
    (only,) = displacement.missing(warehouse, PROGRAMME, FULL)
    assert "niets" in only
    with pytest.raises(KrachtwijkError, match="nog niet uitgerekend"):
        displacement.answer(warehouse, PROGRAMME)
    with pytest.raises(KrachtwijkError, match="De tabel buren is er nog niet"):
        displacement.run(warehouse, PROGRAMME, FULL)
