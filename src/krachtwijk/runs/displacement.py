# SPDX-License-Identifier: EUPL-1.2
"""Did problems move next door, and did a programme's areas do better than look-alikes? In the order of the plan.

First the plan and every area's place in it, out of geography alone, stored with its hash; then what the tests can see,
out of the years before and of areas outside the programme; then the answer. `displacement_ground.Outcomes` keeps it so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import t as student

from krachtwijk.catalogue import score_version
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography.programmes import PC4_YEAR
from krachtwijk.monitor.effects import scales
from krachtwijk.monitor.effects.estimated import compact
from krachtwijk.monitor.effects.imputation import impute
from krachtwijk.monitor.effects.inference import clustered, coefficients, conley, false_discovery, moments
from krachtwijk.monitor.effects.matching import compare, match
from krachtwijk.monitor.effects.panel import Panel, estimate, event_study
from krachtwijk.monitor.effects.placebo import Drawn, Flags, draw, levers, roles, spreads
from krachtwijk.monitor.effects.plan import Outcome, StudyPlan, StudyWindow, Variant
from krachtwijk.monitor.effects.power import Band, curve, found_by, from_placebos, placebo_p, smallest
from krachtwijk.monitor.effects.rings import ringed
from krachtwijk.monitor.effects.tested import Tested, alike, concluded_by, tested
from krachtwijk.monitor.model import Programme
from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.runs import leakage
from krachtwijk.runs.common import store
from krachtwijk.runs.displacement_ground import (
    PARTS,
    PROGRAMME,
    RULE,
    Fixed,
    Ground,
    Outcomes,
    fix,
    ground,
    table_of,
)
from krachtwijk.warehouse import ResultInfo, Warehouse

Row = dict[str, Any]
AFTER = np.array([False, True])
NO_BAND: Row = {"p_placebo": None, "placebo_low": None, "placebo_high": None}
#: Shifts of a power curve, in smallest shifts that are seen.
CURVE = np.linspace(0.0, 2.0, 21)
MAIN_POOL = "hoofd"
#: Outside these limits lies so much of what placebo programmes gave, as outside an interval of 95 %.
BAND = 0.05


@dataclass(eq=False)
class Study:
    """A study under way. ``series``: per outcome and year (n,) values on the outcome's scale."""

    plan: StudyPlan
    ground: Ground
    drawn: Drawn
    series: dict[str, dict[int, Floats]]

    def known(self, outcome: str) -> Flags:
        """Who has this outcome in every year there is."""
        return np.asarray(np.isfinite(np.stack(list(self.series[outcome].values()))).all(axis=0))

    def windows(self, outcome: str, role: str = "") -> list[StudyWindow]:
        """The windows of which both years are known, of one role where it is named."""
        years = self.series[outcome]
        return [w for w in self.plan.windows if w.start in years and w.end in years and role in ("", w.role)]

    def change(self, outcome: str, window: StudyWindow) -> Floats:
        """(n,) end minus start."""
        return self.series[outcome][window.end] - self.series[outcome][window.start]

    @cached_property
    def names(self) -> list[str]:
        """The programme and its rings in the main variant."""
        return self.ground.exposures(self.plan, self.plan.main)[1]

    @cached_property
    def trials(self) -> Trials:
        """The placebo programmes as they meet outcomes."""
        return Trials(self)

    @cached_property
    def cells(self) -> tuple[Whole, Flags]:
        """(n,) number of the combination of classes that look-alikes share, and (n,) who may have look-alikes."""
        rule = self.plan.matching
        classes = self.series[self.plan.primary("effect").outcome]
        start = np.column_stack([classes[year] for year in rule.years])
        usable = np.isfinite(start).all(axis=1) & (np.nan_to_num(self.ground.density) >= rule.densest)
        usable &= np.nan_to_num(self.ground.inhabitants) >= self.plan.main.least
        return compact(np.unique(np.nan_to_num(start), axis=0, return_inverse=True)[1].ravel())[0], usable

    def pool(self, kind: str) -> Flags:
        """(n,) who may be a look-alike: far enough from the programme, in the country or in its cities."""
        order = self.ground.order("alle", self.plan.main.orders)
        far = order > (self.plan.main.orders if kind == "land" else 1)
        return np.asarray(far & (self.ground.inside | (kind != "stad")))


class Trials:
    """Placebo programmes over the postcodes outside the programme that take part; what is the same for every outcome
    is reckoned once.
    """

    def __init__(self, study: Study) -> None:
        found, self.study = study.ground, study
        self.free = np.flatnonzero(found.universe(study.plan.main) & (found.own < 0))
        self.codes = roles(study.drawn, found.near, self.free, study.plan.main.orders)
        self._levers: dict[bytes, Floats] = {}

    def rings(self, outcome: str, window: StudyWindow) -> Floats:
        """(D, K) coefficients of the placebo programmes and their rings, in the main design."""
        kept, lever = self._lever(outcome)
        return np.asarray(lever @ self.study.change(outcome, window)[self.free[kept]])

    def spreads(self, outcome: str, window: StudyWindow) -> Floats:
        """(D, K) standard errors of `rings`, by city."""
        kept, lever = self._lever(outcome)
        places = self.free[kept]
        change = self.study.change(outcome, window)[places]
        return spreads(self.codes[:, kept], lever, change, self.study.ground.city[places])

    def _lever(self, outcome: str) -> tuple[Flags, Floats]:
        kept = self.study.known(outcome)[self.free]
        key = kept.tobytes()
        if key not in self._levers:
            city = self.study.ground.city[self.free[kept]]
            self._levers[key] = levers(self.codes[:, kept], len(self.study.names), city)
        return kept, self._levers[key]

    def matched(self, outcome: str, window: StudyWindow) -> Floats:
        """(D,) what placebo programmes changed more than their look-alikes, found as those of the real one."""
        study = self.study
        cell, usable = study.cells
        known = usable & study.known(outcome)
        change = np.where(known, study.change(outcome, window), 0.0)
        many = int(cell.max()) + 1

        def counted(codes: NDArray[np.bool_] | None, who: Flags, places: Whole) -> tuple[Floats, Floats]:
            """Postcodes and their changes per cell: (D, cells), or (cells,) of all places."""
            of_cell = (cell[places][:, None] == np.arange(many)) & who[places][:, None]
            both = np.concatenate([of_cell, of_cell * change[places][:, None]], axis=1)
            sums = both.sum(axis=0) if codes is None else codes.astype(np.float64) @ both
            return sums[..., :many], sums[..., many:]

        elsewhere = np.setdiff1d(np.arange(len(cell)), self.free)
        free = known & study.pool(study.plan.matching.pools[0])
        treated, gained = counted(self.codes == 1, known, self.free)
        near, near_gained = counted(self.codes == 0, free, self.free)
        far, far_gained = counted(None, free & (study.ground.own < 0), elsewhere)
        others = near + far
        used = (others >= study.plan.matching.fewest) & (treated > 0)
        expected = np.divide(near_gained + far_gained, others, out=np.zeros_like(others), where=used)
        apart = np.where(used, gained - treated * expected, 0.0).sum(axis=1)
        many_alike = np.where(used, treated, 0.0).sum(axis=1)
        if not many_alike.all():
            raise KrachtwijkError(
                "Er is een nagebootst programma zonder één gebied dat erop lijkt",
                where=f"data/studies/{study.plan.programme}.toml, [matching]",
                mend="Verlaag fewest of densest",
            )
        return np.asarray(apart / many_alike)


def missing(warehouse: Warehouse, programme: Programme, plan: StudyPlan | None) -> list[str]:
    """What is not there for a study of this programme, in words; nothing where it can be done."""
    absent = []
    if not any(area.parts for area in programme.areas):
        absent.append("de grenzen van de gebieden zijn niet bekend")
    start = int(programme.baseline[:4]) if plan is None else plan.start
    versions = sorted({name.split("-")[0] for name in programme.indicators if name.startswith("lbm")})
    years = {
        version: sorted(
            {
                p
                for m in warehouse.editions(version)
                if set(m.levels) & {"pc4", "buurt"}
                for p in m.periods
                if len(p) == 4
            }
        )
        for version in versions
    }
    if not any(
        any(int(y) <= start + 1 for y in ys) and any(int(y) > start + 1 for y in ys) for ys in years.values()
    ):
        told = "; ".join(f"{score_version(v).name}: {', '.join(ys) or 'niets'}" for v, ys in years.items())
        hint = "" if any(years.values()) else "; neem scores op met `krachtwijk demo` of `krachtwijk ingest`"
        absent.append(
            "er zijn geen twee metingen per postcode of buurt van dezelfde versie van de Leefbaarometer, een van rond "
            f"de start ({start}) en een van erna (er is {told}{hint})"
        )
    if plan is None:
        absent.append(f"er is geen plan (data/studies/{programme.id}.toml)")
    return absent


def run(
    warehouse: Warehouse,
    programme: Programme,
    plan: StudyPlan,
    *,
    on_plan: Callable[[Fixed], None] = lambda fixed: None,
    told: Callable[[str], None] = lambda text: None,
) -> list[ResultInfo]:
    """All tables ``waterbed-<programme>-…``. ``on_plan`` is called when the plan stands and before an outcome is read;
    ``told`` names what is being done. Nothing where the scores have not been taken in. Raises KrachtwijkError.
    """
    told("Plan en gebieden vastleggen")
    found = ground(warehouse, programme, plan)
    _enough_cities(programme, plan, found)
    fixed = fix(warehouse, programme, plan, found)
    on_plan(fixed)
    door = Outcomes(warehouse, programme, plan, fixed, found.areas)
    primary = plan.outcome(plan.primary("waterbed").outcome)

    def kept(part: str, rows: list[Row], editions: Collection[str], **extra: Any) -> ResultInfo:
        named = sorted(editions)
        frame = pl.DataFrame(rows, schema=SCHEMAS[part], orient="row")
        return store(
            warehouse,
            table_of(programme.id, part),
            # what rests on the map alone names its outlines: they are packaged, no edition
            frame.with_columns(
                pl.lit(" ".join(named) or f"grenzen-{plan.level}-{PC4_YEAR}").alias("edition")
            ),
            rule=RULE,
            editions=named,
            settings=fixed.hash,
            extra={"hash": fixed.hash} | extra,
        )

    leaked = kept("lek", leakage.rows(found, plan), ())
    told("Programma’s nabootsen en kijken wat de toets kan zien")
    before = door.before([primary.indicator])
    drawn = placebo_programmes(plan, found, before[primary.indicator].get(plan.placebos.year))
    study = Study(plan, found, drawn, {primary.id: before[primary.indicator]})
    power = power_before(study, primary)
    study.series[primary.id] |= {
        year: values
        for year, values in door.others([primary.indicator])[primary.indicator].items()
        if year > plan.base
    }
    power += power_of_others(study, primary)

    made = [
        fixed.info,
        leaked,
        kept("kracht", power, door.editions, alike=drawn.alike, reached=float(drawn.reached.mean())),
    ]

    told("Uitkomsten lezen en schatten")
    study.series = scaled(plan, door.everything({o.indicator for o in plan.outcomes} | {_total(plan)}))
    bands = Bands(study)
    rows = ring_rows(study, bands) + matched_rows(study, bands) + distance_rows(study)
    rows += imputed_rows(study, programme)
    _judge_many(plan, rows)
    made += [
        kept("schatting", rows, door.editions, verdicts=verdicts(plan, rows, bands)),
        kept("placebo", bands.rows(), door.editions),
        kept("verloop", course(study, bands), door.editions),
        kept("naast-elkaar", side_by_side(study), door.editions),
        kept("balans", balance(study), door.editions),
    ]
    return made


def _enough_cities(programme: Programme, plan: StudyPlan, found: Ground) -> None:
    # so few that signs of whole cities, 2 to the power of their number, could never come below alpha
    fewest = int(np.ceil(np.log2(2 / plan.inference.alpha)))
    cities = len(np.unique(found.city[found.universe(plan.main) & (found.own >= 0)]))
    if cities < fewest:
        raise KrachtwijkError(
            f"{programme.name} ligt in {cities} {'stad' if cities == 1 else 'steden'}; een toets per stad zegt pas "
            f"iets vanaf {fewest}",
            where=f"programma {programme.id}",
            mend="Onderzoek dit programma samen met andere, of vertel het per gebied",
        )


def answer(warehouse: Warehouse, programme: Programme) -> dict[str, Any]:
    """Everything that stands about a programme, as the command and pages tell it: the plan, and every table by name.

    Raises KrachtwijkError where it has not been reckoned, or where a table goes with another plan than the one that
    stands.
    """
    tables: dict[str, Any] = {}
    standing = warehouse.result_info(table_of(programme.id, "plan"))
    for part in PARTS:
        info = warehouse.result_info(table_of(programme.id, part))
        if info is None or standing is None or info.extra["hash"] != standing.extra["hash"]:
            raise KrachtwijkError(
                f"Dit is voor {programme.name} nog niet uitgerekend",
                mend=f"Draai `krachtwijk waterbed {programme.id}`",
            )
        rows = warehouse.rows(info).drop("edition", "rule", "run").collect().to_dicts()
        tables[part] = {"table": info.table, "run": info.run, "editions": info.editions, "rows": rows} | {
            key: value for key, value in info.extra.items() if key not in ("text", "hash", "fixed_at")
        }
        if part == "plan":
            since = info.extra["fixed_at"] or info.made_at
            plan = {"text": info.extra["text"], "hash": info.extra["hash"], "fixed_at": since}
    return {"programme": programme.id, "name": programme.name, "plan": plan, "tables": tables}


def _total(plan: StudyPlan) -> str:
    return f"{plan.version}-{score_version(plan.version).total}"


def scaled(plan: StudyPlan, raw: dict[str, dict[int, Floats]]) -> dict[str, dict[int, Floats]]:
    """Per outcome and year (n,) values on the outcome's scale."""
    series = {}
    for outcome in plan.outcomes:
        years = raw[outcome.indicator]
        if not years:
            continue
        table = np.column_stack(list(years.values()))
        table[~np.isfinite(table).all(axis=1)] = np.nan
        series[outcome.id] = dict(zip(years, _on_scale(plan, outcome, table, years, raw).T, strict=True))
    return series


def _on_scale(
    plan: StudyPlan,
    outcome: Outcome,
    table: Floats,
    years: dict[int, Floats],
    raw: dict[str, dict[int, Floats]],
) -> Floats:
    if outcome.scale == "rang":
        return scales.place(table)
    if outcome.scale == "tot":
        return scales.above(table, outcome.limit)
    if outcome.scale == "score":
        unknown = np.full(len(table), np.nan)
        scores = np.column_stack([raw[_total(plan)].get(year, unknown) for year in years])
        return scales.as_score(table, scores)
    return table


# --- placebos and power ---------------------------------------------------------------------------------------------


def placebo_programmes(plan: StudyPlan, found: Ground, baseline: Floats | None) -> Drawn:
    """The plan's placebo programmes over all postcodes, drawn from those outside the programme."""
    universe = found.universe(plan.main)
    sizes: dict[int, list[int]] = {}
    for number in np.unique(found.own[universe & (found.own >= 0)]):
        members = universe & (found.own == number)
        sizes.setdefault(int(found.city[members][0]), []).append(int(members.sum()))
    rule = plan.placebos
    free = np.flatnonzero(universe & (found.own < 0))
    try:
        drawn = draw(
            found.city[free],
            found.near[free][:, free],
            np.ones(len(free), dtype=bool),
            np.full(len(free), np.nan) if baseline is None else baseline[free],
            sizes,
            draws=rule.draws,
            seed=rule.seed,
            worst=rule.worst,
            room=rule.room,
        )
    except ValueError as error:
        raise KrachtwijkError(
            f"Naast dit programma is geen plaats voor nagebootste programma’s: {error}",
            where=f"data/studies/{plan.programme}.toml, [placebos]",
            mend="Verhoog worst, of kies een jaar met meer bekende klassen",
        ) from error
    area = np.full((rule.draws, len(found.areas)), -1, dtype=np.int16)
    area[:, free] = drawn.area
    return replace(drawn, area=area)


def power_before(study: Study, outcome: Outcome) -> list[Row]:
    """What the tests can see, from changes before the programme: by the standard error and by placebo programmes."""
    plan, found, rows = study.plan, study.ground, []
    universe = found.universe(plan.main) & study.known(outcome.id)
    columns, names = found.exposures(plan, plan.main)
    city = found.city[universe]
    for window in study.windows(outcome.id, "voor"):
        change = study.change(outcome.id, window)[universe]
        panel = Panel(np.column_stack([np.zeros_like(change), change]), city)
        fit = estimate(panel, columns[universe], AFTER, period_effects=city, names=names)
        for place, term in enumerate(fit.terms):
            areas = int(columns[universe][:, names.index(term)].sum())
            rows += _by_error(
                plan, outcome, window, term, "ringen", float(fit.se[place]), areas, fit.clusters
            )
        rows += _ring_power(study, outcome, window)
    return rows


def power_of_others(study: Study, outcome: Outcome) -> list[Row]:
    """What the tests can see, from later changes of areas outside the programme."""
    plan, rows = study.plan, []
    areas = int((study.known(outcome.id)[study.trials.free]).sum())
    for window in study.windows(outcome.id, "na"):
        rows += _ring_power(study, outcome, window)
        drawn = study.trials.matched(outcome.id, window)
        rows += _by_placebo(plan, outcome, window, PROGRAMME, "gekoppeld", drawn, areas)
        rows += _matched_power(study, outcome, window)
    return rows


def _ring_power(study: Study, outcome: Outcome, window: StudyWindow) -> list[Row]:
    """By placebo programmes, and by what the plan asks for: beyond the placebos and beyond the error by city too."""
    plan, rows = study.plan, []
    drawn, errors = study.trials.rings(outcome.id, window), study.trials.spreads(outcome.id, window)
    areas = int(study.known(outcome.id)[study.trials.free].sum())
    cities = len(np.unique(study.ground.city[study.trials.free]))
    limit = student.ppf(1 - plan.inference.alpha / 2, cities - 1)
    for place, term in enumerate(study.names):
        mine, error = drawn[:, place], errors[:, place]
        rows += _by_placebo(plan, outcome, window, term, "ringen", mine, areas)
        band = from_placebos(mine, level=plan.inference.alpha)

        def found(shift: float, mine: Floats = mine, error: Floats = error, band: Band = band) -> float:
            moved = mine + shift
            beyond = (moved <= band.low) | (moved >= band.high)
            return float((beyond & (np.abs(moved) > limit * error)).mean())

        # beyond this every placebo programme is found by both
        most = float(np.abs(mine).max() + max(-band.low, band.high, float((limit * error).max())))
        wide = np.linspace(0.0, most, 1001)
        both = np.array([min(found(shift), found(-shift)) for shift in wide])
        least = float(wide[int(np.argmax(both >= plan.inference.power))])
        common = {
            "outcome": outcome.id,
            "window": window.id,
            "term": term,
            "method": "ringen",
            "basis": "beide",
            "se": float(np.median(error)),
            "smallest": least,
            "areas": areas,
            "clusters": cities,
        }
        rows += _curve(common, CURVE * least, np.interp(CURVE * least, wide, both))
    return rows


def _matched_power(study: Study, outcome: Outcome, window: StudyWindow) -> list[Row]:
    """By the error that the real look-alikes would give if the programme's areas varied as others of their cell do.

    Cities are taken as independent areas here, so this is the least it can be.
    """
    found, rule = study.ground, study.plan.matching
    cell, usable = study.cells
    # the programme's own outcomes are not read yet: who will have one is taken from the years before
    treated = usable & (found.own >= 0)
    free = usable & study.known(outcome.id) & study.pool(rule.pools[0]) & (found.own < 0)
    weight = alike(treated, free, cell, rule.fewest)
    change = study.change(outcome.id, window)
    variance, squares = 0.0, 0.0
    for one in np.unique(cell[treated & (weight > 0)]):
        others, mine = change[free & (cell == one)], int((treated & (cell == one)).sum())
        variance += mine * float(others.var(ddof=1))
        squares += mine**2 / len(others)
    count = int((treated & (weight > 0)).sum())
    se = float(np.sqrt(variance / count * (count + squares)) / count)
    cities = len(np.unique(found.city[weight > 0]))
    return _by_error(study.plan, outcome, window, PROGRAMME, "gekoppeld", se, count, cities)


def _by_error(
    plan: StudyPlan,
    outcome: Outcome,
    window: StudyWindow,
    term: str,
    method: str,
    se: float,
    areas: int,
    clusters: int,
) -> list[Row]:
    rule = plan.inference
    least = smallest(se, power=rule.power, level=rule.alpha, degrees=clusters - 1)
    common = {
        "outcome": outcome.id,
        "window": window.id,
        "term": term,
        "method": method,
        "basis": "formule",
        "se": se,
        "smallest": least,
        "areas": areas,
        "clusters": clusters,
    }
    return _curve(common, CURVE * least, found_by(CURVE * least, se, level=rule.alpha, degrees=clusters - 1))


def _by_placebo(
    plan: StudyPlan,
    outcome: Outcome,
    window: StudyWindow,
    term: str,
    method: str,
    drawn: Floats,
    areas: int,
) -> list[Row]:
    rule = plan.inference
    band = from_placebos(drawn, power=rule.power, level=rule.alpha)
    least = float(np.nanmax([band.up, -band.down]))
    common = {
        "outcome": outcome.id,
        "window": window.id,
        "term": term,
        "method": method,
        "basis": "placebo",
        "se": float(np.std(drawn, ddof=1)),
        "smallest": least,
        "areas": areas,
        "clusters": None,
    }
    # the smaller of both directions, so that it goes with the smallest shift
    chances = np.minimum(
        curve(CURVE * least, drawn, level=rule.alpha), curve(-CURVE * least, drawn, level=rule.alpha)
    )
    return _curve(common, CURVE * least, chances)


def _curve(common: Row, shifts: Floats, chances: Floats) -> list[Row]:
    return [
        common | {"displacement": float(shift), "power": float(chance)}
        for shift, chance in zip(shifts, chances, strict=True)
    ]


# --- look-alikes ----------------------------------------------------------------------------------------------------


def matched_rows(study: Study, bands: Bands) -> list[Row]:
    """Rows of question ``effect``, method ``gekoppeld``: per pool, and per variant that changes who counts."""
    plan, found = study.plan, study.ground
    cell, usable = study.cells
    primary = plan.primary("effect")
    rows = []
    variants = [
        (MAIN_POOL if k == 0 else kind, plan.main, kind) for k, kind in enumerate(plan.matching.pools)
    ]
    variants += [
        (v.id, v, plan.matching.pools[0]) for v in plan.variants if v.certainty != plan.main.certainty
    ]
    for name, variant, kind in variants:
        for outcome in plan.outcomes:
            if outcome.id not in study.series or (name != MAIN_POOL and outcome.id != primary.outcome):
                continue
            known = usable & study.known(outcome.id)
            treated = known & (found.own >= 0) & (found.certain | (variant.certainty == "alle"))
            weight = alike(treated, known & study.pool(kind), cell, plan.matching.fewest)
            used = weight > 0
            for window in study.windows(outcome.id):
                # nobody in this pool looks like any of them, or nothing changed: that cannot be tested
                if window.role != "na" or not used.any() or _flat(study.change(outcome.id, window)[used]):
                    continue
                (one,) = tested(
                    study.change(outcome.id, window)[used],
                    treated[used][:, None],
                    [PROGRAMME],
                    cluster=found.city[used],
                    xy=found.xy[used],
                    rule=plan.inference,
                    within=cell[used],
                    weight=weight[used],
                )
                rows.append(
                    _row("effect", name, outcome, window, "gekoppeld", one)
                    | bands.beside("effect", name, outcome.id, window.id, one)
                )
    return rows


def distance_rows(study: Study) -> list[Row]:
    """Look-alikes by nearness instead of by equality: on the classes and the density (logarithm), within a caliper."""
    plan, found, rule = study.plan, study.ground, study.plan.matching
    primary = plan.outcome(plan.primary("effect").outcome)
    classes = study.series[primary.id]
    usable = study.cells[1] & study.known(primary.id)
    baseline = np.column_stack([*(classes[year] for year in rule.years), np.log(found.density)])
    treated = usable & (found.own >= 0)
    matched = match(
        np.where(usable[:, None], baseline, np.nan),
        treated,
        usable & study.pool(rule.pools[0]),
        caliper=rule.caliper,
        neighbours=rule.neighbours,
    )
    rows = []
    for window in study.windows(primary.id):
        if window.role != "na":
            continue
        try:
            answer = compare(study.change(primary.id, window), matched, found.city)
        except ValueError:  # too few of them to hold classes and density equal
            continue
        far = conley(answer.influence, found.xy, plan.inference.cutoff, plan.inference.kernel)
        one = concluded_by(
            PROGRAMME,
            answer.sums,
            rule=plan.inference,
            se_conley=float(np.sqrt(far[0, 0])),
            areas=answer.units,
            comparison=matched.used,
        )
        rows.append(_row("effect", "op-afstand", primary, window, "gekoppeld", one) | NO_BAND)
    return rows


def imputed_rows(study: Study, programme: Programme) -> list[Row]:
    """What the primary outcome became beside what was to be expected, from areas far away and years up to the base.

    An area that left the programme, and the rings around it, count no more from then on.
    """
    plan, found = study.plan, study.ground
    primary = plan.outcome(plan.primary("waterbed").outcome)
    years = study.series[primary.id]
    universe = found.universe(plan.main) & study.known(primary.id)
    columns, names = found.exposures(plan, plan.main)
    code = (columns @ np.arange(1, len(names) + 1))[universe]
    left = np.array([int(area.exit[:4]) if area.exit else 9999 for area in programme.areas])
    until = left[found.nearest[universe]]
    periods = np.array(list(years))
    after = [year for year in periods if year > plan.base]
    during = (periods[None, :] > plan.base) & (periods[None, :] <= until[:, None]) & (code > 0)[:, None]
    place = np.searchsorted(after, periods)
    term = np.where(during, (code[:, None] - 1) * len(after) + place[None, :] + 1, 0)
    clean = (code == 0)[:, None] | (periods <= plan.base)[None, :]
    city = found.city[universe]
    fit = impute(
        Panel(np.column_stack([values[universe] for values in years.values()]), city),
        term,
        clean,
        period_effects=city,
        names=[f"{name}:{year}" for name in names for year in after],
    )
    far = np.sqrt(
        np.diag(conley(fit.influence, found.xy[universe], plan.inference.cutoff, plan.inference.kernel))
    )
    compared = np.isin(city, city[code == 0])
    windows = {w.end: w for w in study.windows(primary.id) if w.start == plan.base}
    rows = []
    for k, called in enumerate(fit.terms):
        name, _, year = called.rpartition(":")
        if int(year) not in windows:
            continue
        one = Tested(
            term=name,
            coef=float(fit.coef[k]),
            se=float(fit.se[k]),
            low=float(fit.low[k]),
            high=float(fit.high[k]),
            p=float(fit.p[k]),
            se_jackknife=np.nan,
            se_conley=float(far[k]),
            p_wild=np.nan,
            areas=int((compared & (code == 1 + names.index(name)) & (until >= int(year))).sum()),
            comparison=int((code == 0).sum()),
            clusters=fit.clusters,
        )
        question = "effect" if name == PROGRAMME else "waterbed"
        rows.append(_row(question, plan.main.id, primary, windows[int(year)], "imputatie", one) | NO_BAND)
    return rows


# --- rings ----------------------------------------------------------------------------------------------------------


def ring_rows(study: Study, bands: Bands) -> list[Row]:
    """Rows of method ``ringen``: the main variant for every outcome, the others for the primary one."""
    plan, found = study.plan, study.ground
    primary = plan.primary("waterbed")
    rows = []
    for variant in plan.variants:
        for outcome in plan.outcomes:
            if outcome.id not in study.series or (variant != plan.main and outcome.id != primary.outcome):
                continue
            universe = found.universe(variant) & study.known(outcome.id)
            for window in study.windows(outcome.id):
                change = study.change(outcome.id, window)
                if _flat(change[universe]):
                    continue
                columns, names = _exposures(study, variant, universe, change)
                beside = None
                if variant.same_start:
                    beside = _dummies(study.series[primary.outcome][window.start][universe])
                for one in tested(
                    change[universe],
                    columns[universe],
                    names,
                    cluster=found.city[universe],
                    xy=found.xy[universe],
                    rule=plan.inference,
                    within=found.city[universe] if variant.within_cities else None,
                    beside=beside,
                    weight=found.inhabitants[universe] if variant.weight == "inwoners" else None,
                ):
                    question = "effect" if one.term == PROGRAMME else "waterbed"
                    rows.append(
                        _row(question, variant.id, outcome, window, "ringen", one)
                        | bands.beside("waterbed", variant.id, outcome.id, window.id, one)
                    )
    return rows


def _flat(change: Floats) -> bool:
    return bool(np.ptp(change) == 0)


def _exposures(study: Study, variant: Variant, universe: Flags, change: Floats) -> tuple[Flags, list[str]]:
    found = study.ground
    if variant.rings != "gegevens":
        return found.exposures(study.plan, variant)
    around = universe & (found.own < 0)
    city, many = compact(found.city[around])
    mean = np.bincount(city, weights=change[around], minlength=many) / np.bincount(city, minlength=many)
    edges = ringed(found.distance[around], change[around] - mean[city]).edges
    names = [f"{low:.0f}-{high:.0f} m" for low, high in pairwise(edges[:-1])]
    place = np.searchsorted(edges[1:-1], found.distance, side="left")
    rings = [(found.own < 0) & (place == number) for number in range(len(names))]
    return np.column_stack([found.own >= 0, *rings]), [PROGRAMME, *names]


def _dummies(codes: Floats) -> Floats:
    """(n, B) a column for every code but the most frequent."""
    found, counts = np.unique(codes, return_counts=True)
    return np.asarray(codes[:, None] == np.delete(found, counts.argmax()), dtype=np.float64)


def _row(question: str, variant: str, outcome: Outcome, window: StudyWindow, method: str, one: Tested) -> Row:
    told = {key: None if value != value else value for key, value in asdict(one).items()}
    told["estimate"] = told.pop("coef")
    return {
        "question": question,
        "variant": variant,
        "outcome": outcome.id,
        "window": window.id,
        "start": window.start,
        "end": window.end,
        "method": method,
        "primary": False,
        "q": None,
    } | told


class Bands:
    """What placebo programmes give, per question, outcome and window; of the main variant only."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.names = study.names
        self.drawn: dict[tuple[str, str, str], Floats] = {}
        for outcome in study.series:
            for window in study.windows(outcome):
                self.drawn["waterbed", outcome, window.id] = study.trials.rings(outcome, window)
            for window in study.windows(outcome, "na"):
                self.drawn["effect", outcome, window.id] = study.trials.matched(outcome, window)[:, None]

    def of(self, question: str, outcome: str, window: str, term: str) -> Floats | None:
        """(D,) estimates, None where there are none."""
        found = self.drawn.get((question, outcome, window))
        return None if found is None or term not in self.names else found[:, self.names.index(term)]

    def beside(self, question: str, variant: str, outcome: str, window: str, one: Tested) -> Row:
        """The columns of a row that come from placebo programmes; empty for another than the main variant."""
        found = self.of(question, outcome, window, one.term) if variant == self.study.plan.main.id else None
        if found is None:
            return dict(NO_BAND)
        band = from_placebos(found, level=BAND)
        return {"p_placebo": placebo_p(one.coef, found), "placebo_low": band.low, "placebo_high": band.high}

    def rows(self) -> list[Row]:
        """All estimates of the primary outcomes, for a chart of them."""
        shown = {p.outcome for p in self.study.plan.primaries}
        return [
            {
                "question": question,
                "outcome": outcome,
                "window": window,
                "term": self.names[place],
                "draw": number + 1,
                "estimate": float(value),
            }
            for (question, outcome, window), found in self.drawn.items()
            if outcome in shown
            for place in range(found.shape[1])
            for number, value in enumerate(found[:, place])
        ]


def _judge_many(plan: StudyPlan, rows: list[Row]) -> None:
    """Mark the primary tests, and give every other test of the plan's families its share of false alarms."""
    family = {outcome.id for outcome in plan.outcomes if outcome.family}
    after = {window.id for window in plan.windows if window.role == "na"}
    for primary in plan.primaries:
        others = []
        for row in rows:
            if (
                row["variant"] != plan.main.id
                or row["question"] != primary.question
                or row["method"] != primary.method
            ):
                continue
            if all(row[key] == getattr(primary, key) for key in ("outcome", "window", "term")):
                row["primary"] = True
            elif row["outcome"] in family and row["window"] in after:
                others.append(row)
        if others:
            rule = plan.inference
            adjusted = false_discovery(np.array([row["p_wild"] for row in others]), rule.fdr, rule.fdr_method)
            for row, value in zip(others, adjusted.adjusted, strict=True):
                row["q"] = float(value)


def verdicts(plan: StudyPlan, rows: list[Row], bands: Bands) -> dict[str, str]:
    """Per question what the plan's rule says: ``achter``, ``vooruit``, ``geen-van-betekenis`` or ``niet-te-zeggen``."""
    found = {}
    for row in rows:
        if not row["primary"]:
            continue
        alpha, relevant = plan.inference.alpha, plan.relevant
        drawn = bands.of(row["question"], row["outcome"], row["window"], row["term"])
        assert drawn is not None
        spread = np.quantile(drawn - np.median(drawn), [0.05, 0.95])
        far = student.ppf(0.95, row["clusters"] - 1) * row["se"]
        middle = row["estimate"] - float(np.median(drawn))
        limits = [row["estimate"] - far, row["estimate"] + far, middle - spread[1], middle - spread[0]]
        if row["p_wild"] < alpha and row["p_placebo"] < alpha:
            found[row["question"]] = "achter" if row["estimate"] < 0 else "vooruit"
        elif max(abs(limit) for limit in limits) < relevant:
            found[row["question"]] = "geen-van-betekenis"
        else:
            found[row["question"]] = "niet-te-zeggen"
    return found


# --- the course over the years, and side by side --------------------------------------------------------------------


def course(study: Study, bands: Bands) -> list[Row]:
    """Per period the difference from the comparison, against the base year, of the primary outcome."""
    plan, found = study.plan, study.ground
    outcome = plan.primary("waterbed").outcome
    years = study.series[outcome]
    universe = found.universe(plan.main) & study.known(outcome)
    columns, names = found.exposures(plan, plan.main)
    panel = Panel(
        np.column_stack([values[universe] for values in years.values()]),
        found.city[universe],
        periods=np.array(list(years)),
    )
    fit = event_study(panel, columns[universe], plan.base, period_effects=found.city[universe], names=names)
    rows: list[Row] = []
    for place, called in enumerate(fit.terms):
        term, _, year = called.rpartition(":")
        low, high = _band_of_year(plan, bands, outcome, int(year), term)
        rows.append(
            {
                "outcome": outcome,
                "period": year,
                "term": term,
                "estimate": float(fit.coef[place]),
                "se": float(fit.se[place]),
                "low": float(fit.low[place]),
                "high": float(fit.high[place]),
                "placebo_low": low,
                "placebo_high": high,
            }
        )
    return sorted(rows, key=lambda row: (names.index(row["term"]), row["period"]))


def _band_of_year(
    plan: StudyPlan, bands: Bands, outcome: str, year: int, term: str
) -> tuple[float | None, float | None]:
    for window in plan.windows:
        drawn = bands.of("waterbed", outcome, window.id, term)
        if drawn is None or plan.base not in (window.start, window.end):
            continue
        if year in (window.start, window.end):
            band = from_placebos(drawn if window.start == plan.base else -drawn, level=BAND)
            return band.low, band.high
    return None, None


def side_by_side(study: Study) -> list[Row]:
    """Convergence beside counterfactual beside what happens by itself, per outcome and window."""
    plan, found = study.plan, study.ground
    cell, usable = study.cells
    rows: list[Row] = []
    for outcome in plan.outcomes:
        if outcome.id not in study.series or outcome.scale == "tot":
            continue
        known = study.known(outcome.id) & found.universe(plan.main)
        inside = known & (found.own >= 0)
        city = alike(inside, known & found.inside & (found.own < 0), found.city, 1)
        wide = usable & study.known(outcome.id)
        like = alike(wide & inside, wide & study.pool(plan.matching.pools[0]), cell, plan.matching.fewest)
        free = study.known(outcome.id) & study.pool("land")
        free &= np.nan_to_num(found.inhabitants) >= plan.main.least
        for window in study.windows(outcome.id):
            ends = [study.series[outcome.id][year] for year in (window.start, window.end)]
            common = {"outcome": outcome.id, "window": window.id, "start": window.start, "end": window.end}
            rows += [
                common | row for row in _sides(found, inside, city, like, free, ends, window.role == "na")
            ]
    return rows


def _sides(
    found: Ground, inside: Flags, city: Floats, like: Floats, free: Flags, ends: list[Floats], after: bool
) -> list[Row]:
    rows = [_line("programma", inside.astype(float), ends, found)]
    rows.append(_line("stad", city * ~inside, ends, found))
    rows.append(_gap("verschil-stad", inside, city, found.city, ends, found))
    if after:
        matched = inside & (like > 0)
        rows.append(_line("lijkend", like * ~inside, ends, found))
        rows.append(_gap("verschil-lijkend", matched, like, None, ends, found))
    start, change = ends[0], ends[1] - ends[0]
    of_programme = float(start[inside].mean())
    of_city = float((city * ~inside) @ np.nan_to_num(start) / (city * ~inside).sum())
    design = np.column_stack([np.ones(int(free.sum())), start[free] - of_programme])
    sums = moments(change[free], design, found.city[free])
    fit, spread = coefficients(sums), clustered(sums)
    far = student.ppf(0.975, len(sums) - 1)
    common = {"areas": int(free.sum()), "clusters": len(sums)}
    for measure, begin, gain, error in (
        ("vanzelf", of_programme, float(fit[0]), float(np.sqrt(spread[0, 0]))),
        (
            "verschil-vanzelf",
            of_programme - of_city,
            float(fit[1]) * (of_programme - of_city),
            float(np.sqrt(spread[1, 1])) * abs(of_programme - of_city),
        ),
    ):
        rows.append(
            {
                "measure": measure,
                "at_start": begin,
                "at_end": begin + gain,
                "change": gain,
                "low": gain - far * error,
                "high": gain + far * error,
            }
            | common
        )
    return rows


def _line(measure: str, weight: Floats, ends: list[Floats], found: Ground) -> Row:
    """A weighted mean at the start and at the end, with the interval of its change by city."""
    used = weight > 0
    begin, end = (float(weight[used] @ values[used] / weight[used].sum()) for values in ends)
    sums = moments(
        (ends[1] - ends[0])[used], np.ones((int(used.sum()), 1)), found.city[used], weight=weight[used]
    )
    error = float(np.sqrt(clustered(sums)[0, 0]))
    far = float(student.ppf(0.975, len(sums) - 1)) * error
    change = end - begin
    return {
        "measure": measure,
        "at_start": begin,
        "at_end": end,
        "change": change,
        "low": change - far,
        "high": change + far,
        "areas": int(used.sum()),
        "clusters": len(sums),
    }


def _gap(
    measure: str, treated: Flags, weight: Floats, within: Whole | None, ends: list[Floats], found: Ground
) -> Row:
    """The mean of the treated less that of the weighted others, at the start and at the end."""
    used = weight > 0
    begin, end = (
        float(
            values[treated & used].mean()
            - np.average(values[used & ~treated], weights=weight[used & ~treated])
        )
        for values in ends
    )
    change = (ends[1] - ends[0])[used]
    panel = Panel(np.column_stack([np.zeros_like(change), change]), found.city[used], weight[used])
    fit = estimate(panel, treated[used], AFTER, period_effects=None if within is None else within[used])
    return {
        "measure": measure,
        "at_start": begin,
        "at_end": end,
        "change": end - begin,
        "low": float(fit.low[0]),
        "high": float(fit.high[0]),
        "areas": int((treated & used).sum()),
        "clusters": fit.clusters,
    }


def balance(study: Study) -> list[Row]:
    """How far programme and comparison lay apart before the start, without and with looking for look-alikes."""
    plan, found = study.plan, study.ground
    cell, usable = study.cells
    classes = study.series[plan.primary("effect").outcome]
    known = usable & study.known(plan.primary("effect").outcome)
    treated, free = known & (found.own >= 0), known & study.pool(plan.matching.pools[0])
    weight = alike(treated, free, cell, plan.matching.fewest)
    measured = {f"klasse-{year}": classes[year] for year in plan.matching.years}
    measured |= {plan.matching.density: found.density, "inwoners": found.inhabitants}
    rows = []
    for name, values in measured.items():
        spread = float(values[treated].std(ddof=1))
        kept = treated & (weight > 0)
        of_alike = float(np.average(values[free & (weight > 0)], weights=weight[free & (weight > 0)]))
        rows.append(
            {
                "variable": name,
                "programme": float(values[kept].mean()),
                "others": float(values[free].mean()),
                "matched": of_alike,
                "apart_others": float(values[treated].mean() - values[free].mean()) / spread,
                "apart_matched": float(values[kept].mean() - of_alike) / spread,
                "areas": int(kept.sum()),
            }
        )
    return rows


_NUMBERS = ("estimate", "se", "low", "high")
SCHEMAS: dict[str, dict[str, Any]] = {
    "kracht": {
        **dict.fromkeys(("outcome", "window", "term", "method", "basis"), pl.String),
        "displacement": pl.Float64,
        "power": pl.Float64,
        "smallest": pl.Float64,
        "se": pl.Float64,
        "areas": pl.Int32,
        "clusters": pl.Int32,
    },
    "schatting": {
        **dict.fromkeys(("question", "variant", "outcome", "window", "term", "method"), pl.String),
        **dict.fromkeys(("start", "end"), pl.Int32),
        **dict.fromkeys((*_NUMBERS, "p", "se_jackknife", "se_conley", "p_wild", "p_placebo"), pl.Float64),
        **dict.fromkeys(("placebo_low", "placebo_high", "q"), pl.Float64),
        **dict.fromkeys(("areas", "comparison", "clusters"), pl.Int32),
        "primary": pl.Boolean,
    },
    "placebo": {
        **dict.fromkeys(("question", "outcome", "window", "term"), pl.String),
        "draw": pl.Int32,
        "estimate": pl.Float64,
    },
    "verloop": {
        **dict.fromkeys(("outcome", "period", "term"), pl.String),
        **dict.fromkeys((*_NUMBERS, "placebo_low", "placebo_high"), pl.Float64),
    },
    "naast-elkaar": {
        **dict.fromkeys(("outcome", "window", "measure"), pl.String),
        **dict.fromkeys(("start", "end"), pl.Int32),
        **dict.fromkeys(("at_start", "at_end", "change", "low", "high"), pl.Float64),
        **dict.fromkeys(("areas", "clusters"), pl.Int32),
    },
    "lek": {"radius": pl.Float64, "term": pl.String, "share": pl.Float64},
    "balans": {
        "variable": pl.String,
        **dict.fromkeys(("programme", "others", "matched", "apart_others", "apart_matched"), pl.Float64),
        "areas": pl.Int32,
    },
}
