# SPDX-License-Identifier: EUPL-1.2
"""Where a study is done and what is compared with what: out of geography alone, fixed with the plan and its hash.

Nothing here reads an outcome. `Outcomes` is the one door to them, and it opens only for a plan that stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import shapely
from scipy.sparse import csr_array

from krachtwijk.catalogue import DATA
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import boundaries, packaged
from krachtwijk.geography.crosswalks import links
from krachtwijk.geography.programmes import PC4_YEAR
from krachtwijk.geography.register import FILE as REGISTERS
from krachtwijk.monitor.effects import plan as plans
from krachtwijk.monitor.effects.placebo import Flags, steps
from krachtwijk.monitor.effects.plan import StudyPlan, Variant
from krachtwijk.monitor.model import Programme
from krachtwijk.monitor.space.arrays import Floats, Whole
from krachtwijk.runs.common import store
from krachtwijk.warehouse import ResultInfo, Warehouse

#: Goes up when the way of reckoning changes: it stands in the plan's hash.
RULE = "waterbed-1"
#: Programme, ring 1, ring 2 and so on, as a term is called.
PROGRAMME = "programma"
#: The tables of a study, in the order in which they are made.
PARTS = ("plan", "lek", "kracht", "schatting", "placebo", "verloop", "naast-elkaar", "balans")


@dataclass(frozen=True, eq=False)
class Ground:
    """Every postcode (n) of the country. ``city``: place in ``cities``; ``inside``: of a city of the programme.

    ``own``: place of the programme area in ``programme_areas``, −1 for none; ``certain``: its postcode is of a source.
    ``distance``: metres to the edge of the nearest programme area ``nearest``. ``inhabitants``, ``density``: NaN where
    unknown. ``xy``: a point inside, in metres.
    """

    areas: list[str]
    city: Whole
    cities: list[str]
    inside: Flags
    own: Whole
    programme_areas: list[str]
    certain: Flags
    near: csr_array
    xy: Floats
    distance: Floats
    nearest: Whole
    inhabitants: Floats
    density: Floats

    def order(self, certainty: str, most: int) -> Whole:
        """(n,) borders to the programme, ``most`` + 1 for farther; of all its postcodes or of those of a source."""
        return steps((self.own >= 0) & (self.certain | (certainty == "alle")), self.near, most)

    def universe(self, variant: Variant) -> Flags:
        """Who takes part: in the programme's cities, inhabited enough, and with a certain place where that is asked."""
        here = self.inside & (np.nan_to_num(self.inhabitants) >= variant.least)
        if variant.certainty == "bron":
            surely = self.order("bron", variant.orders)
            here &= surely == self.order("alle", variant.orders)
            here &= (self.own < 0) | self.certain
        return here

    def exposures(self, plan: StudyPlan, variant: Variant) -> tuple[Flags, list[str]]:
        """(n, K) programme and rings of a variant with fixed rings, and their names."""
        order = self.order(variant.certainty, variant.orders)
        programme = order == 0
        if variant.rings == "meters":
            edges = [0.0, *plan.cuts]
            names = [f"{low:.0f}-{high:.0f} m" for low, high in pairwise(edges)]
            place = np.searchsorted(plan.cuts, self.distance, side="left")
            rings = [~programme & (place == number) for number in range(len(plan.cuts))]
        else:
            names = [f"ring-{step}" for step in range(1, variant.orders + 1)]
            rings = [order == step for step in range(1, variant.orders + 1)]
        if variant.programme_in_rings:
            rings[0] = rings[0] | self.beside_another()
        return np.column_stack([programme, *rings]), [PROGRAMME, *names]

    def beside_another(self) -> Flags:
        """(n,) postcodes of the programme that adjoin one of another programme area."""
        found = np.zeros(len(self.areas), dtype=bool)
        pairs = self.near.tocoo()
        both = (self.own[pairs.row] >= 0) & (self.own[pairs.col] >= 0)
        found[pairs.row[both & (self.own[pairs.row] != self.own[pairs.col])]] = True
        return found


def ground(warehouse: Warehouse, programme: Programme, plan: StudyPlan) -> Ground:
    """The country as the plan sees it. Needs the tables ``buren`` and ``kerncijfers``; raises KrachtwijkError."""
    parts = {
        code: (number, certainty)
        for number, area in enumerate(programme.areas)
        for level, code, certainty in area.parts
        if level == plan.level
    }
    shapes = boundaries.outlines(plan.level, PC4_YEAR)
    areas = list(shapes.codes)
    at = pl.DataFrame({"area": areas}).with_row_index("row")
    lies_in = (
        links(
            warehouse,
            from_level=plan.level,
            from_year=PC4_YEAR,
            to_level="gemeente",
            to_year=plan.cities_year,
        )
        .sort("share_of_from", "to_code", descending=[True, False])
        .unique("from_code", keep="first")
        .select(pl.col("from_code").alias("area"), pl.col("to_code").alias("city"))
    )
    placed = at.join(lies_in, on="area", how="left").sort("row")["city"].fill_null("")
    cities = placed.unique().sort().to_list()
    city = placed.replace_strict(cities, list(range(len(cities))), return_dtype=pl.Int64).to_numpy()
    own = np.array([parts[code][0] if code in parts else -1 for code in areas], dtype=np.int64)
    points = shapes.points()
    mine = np.flatnonzero(own >= 0)
    if not len(mine):
        raise KrachtwijkError(
            f"Van {programme.name} is geen postcode bekend", where=f"programma {programme.id}"
        )
    (which, nearest), far = shapely.STRtree(shapes.geometries[mine]).query_nearest(
        shapely.points(points), return_distance=True, all_matches=False
    )
    distance = np.zeros(len(areas))
    distance[which] = np.where(own[which] >= 0, 0.0, far)
    by_area = np.zeros(len(areas), dtype=np.int64)
    by_area[which] = np.where(own[which] >= 0, own[which], own[mine[nearest]])
    return Ground(
        areas=areas,
        city=city,
        cities=cities,
        inside=np.isin(np.array(cities)[city], [code for code, _ in programme.cities]),
        own=own,
        programme_areas=[area.id for area in programme.areas],
        certain=np.array([parts[code][1] == "bron" if code in parts else False for code in areas]),
        near=_near(warehouse, plan, at),
        xy=points,
        distance=distance,
        nearest=by_area,
        inhabitants=_figure(warehouse, plan.level, "inwoners", plan.inhabitants_year, at),
        density=_figure(warehouse, plan.level, plan.matching.density, plan.matching.density_year, at),
    )


def _near(warehouse: Warehouse, plan: StudyPlan, at: pl.DataFrame) -> csr_array:
    table = _needed(warehouse, "buren", "omgeving")
    pairs = (
        table.filter(pl.col("level").cast(pl.String) == plan.level)
        .select(pl.col("area", "neighbour").cast(pl.String))
        .collect()
        .join(at, on="area")
        .join(at.rename({"area": "neighbour", "row": "other"}), on="neighbour")
        .sort("row", "other")
    )
    rows, others = (pairs[name].to_numpy() for name in ("row", "other"))
    return csr_array((np.ones(len(rows)), (rows, others)), shape=(at.height, at.height))


def _figure(warehouse: Warehouse, level: str, indicator: str, year: int, at: pl.DataFrame) -> Floats:
    """A key figure as the site shows it, NaN where it is unknown or withheld."""
    found = (
        _needed(warehouse, "kerncijfers", "kerncijfers")
        .filter(
            (pl.col("level").cast(pl.String) == level)
            & (pl.col("indicator").cast(pl.String) == indicator)
            & (pl.col("period").cast(pl.String) == str(year))
        )
        .select(pl.col("area").cast(pl.String), "value")
        .collect()
    )
    joined = at.join(found.unique("area"), on="area", how="left").sort("row")["value"]
    return joined.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _needed(warehouse: Warehouse, table: str, verb: str) -> pl.LazyFrame:
    found = warehouse.result(table)
    if found is None:
        raise KrachtwijkError(
            f"De tabel {table} is er nog niet",
            mend=f"Draai eerst `krachtwijk demo`, of `krachtwijk monitor {verb}`",
        )
    return found


@dataclass(frozen=True, slots=True)
class Fixed:
    """A plan that stands: its ``text`` and ``hash``, the table's name and run, ``since`` when, and plans before it."""

    text: str
    hash: str
    info: ResultInfo
    since: str
    earlier: tuple[dict[str, str], ...]
    new: bool


def facts(warehouse: Warehouse, programme: Programme, plan: StudyPlan, found: Ground) -> dict[str, str]:
    """What a plan rests on beside itself, by name a fingerprint; no outcome is read for it."""
    placed = places(found, plan).write_csv().encode()
    defined = repr((programme.baseline, programme.areas)).encode()
    used = [o.indicator for o in plan.outcomes]
    editions = sorted(
        m.edition
        for m in warehouse.editions(plan.version)
        if plan.level in m.levels and set(used) & set(m.indicators)
    )
    outlines = [DATA / f.file for f in boundaries.files() if f.level in (plan.level, "gemeente")]
    return {
        "programma": hashlib.sha256(defined).hexdigest(),
        "lijsten van codes": packaged.fingerprint([REGISTERS]),
        "grenzen": packaged.fingerprint([boundaries.FILE, *outlines]),
        "uitkomsten uit": " ".join(editions),
        "plaats van elke postcode": hashlib.sha256(placed).hexdigest(),
        "rekenregel": RULE,
    }


def table_of(programme: str, part: str) -> str:
    """The name of a result table of a study."""
    return f"waterbed-{programme}-{part}"


def stands(warehouse: Warehouse, programme: Programme, plan: StudyPlan, found: Ground) -> bool:
    """Whether the answer to this very plan has been reckoned."""
    digest = plans.digest(plans.text(plan, facts(warehouse, programme, plan, found)))
    known = [warehouse.result_info(table_of(programme.id, part)) for part in PARTS]
    return all(info is not None and info.extra.get("hash") == digest for info in known)


def fix(warehouse: Warehouse, programme: Programme, plan: StudyPlan, found: Ground) -> Fixed:
    """Store the plan with every area's place in it, before any outcome is read.

    The same plan keeps the moment at which it was first fixed; of another one the plans before it stay in the manifest.
    """
    text = plans.text(plan, facts(warehouse, programme, plan, found))
    digest = plans.digest(text)
    table = table_of(programme.id, "plan")
    before = warehouse.result_info(table)
    same = before is not None and before.extra.get("hash") == digest
    since, earlier = "", []
    if before is not None:
        earlier = list(before.extra.get("earlier", []))
        since = str(before.extra.get("fixed_at") or before.made_at) if same else ""
        if not same:
            kept = {"hash": before.extra["hash"], "text": before.extra["text"]}
            earlier.append(kept | {"fixed_at": before.extra.get("fixed_at") or before.made_at})
    extra: dict[str, Any] = {"hash": digest, "text": text, "earlier": earlier, "fixed_at": since}
    info = store(
        warehouse,
        table,
        places(found, plan),
        rule=RULE,
        editions=(),
        settings=digest,
        extra=extra,
    )
    return Fixed(text, digest, info, since or info.made_at, tuple(earlier), not same)


def places(found: Ground, plan: StudyPlan) -> pl.DataFrame:
    """Every postcode of the programme's cities with its place in the main variant."""
    main = plan.main
    columns, names = found.exposures(plan, main)
    role = np.full(len(found.areas), "verder", dtype=object)
    for name, column in zip(names, columns.T, strict=True):
        role[column] = name
    universe = found.universe(main)
    role[~universe] = "buiten"
    unknown = ~np.isfinite(found.inhabitants)
    reason = np.where(unknown, "onbekend-inwoners", "weinig-inwoners").astype(object)
    reason[universe] = None
    far = found.order("alle", FARTHEST)
    own = [found.programme_areas[number] if number >= 0 else None for number in found.own]
    return (
        pl.DataFrame(
            {
                "area": found.areas,
                "city_code": np.array(found.cities)[found.city].tolist(),
                "programme_area": pl.Series(own, dtype=pl.String),
                "nearest": [found.programme_areas[number] for number in found.nearest],
                "role": role.tolist(),
                "order": pl.Series([int(step) if step <= FARTHEST else None for step in far], dtype=pl.Int16),
                "distance": found.distance.round(),
                "certainty": pl.Series(
                    [
                        None if number < 0 else "bron" if sure else "afgeleid"
                        for number, sure in zip(found.own, found.certain, strict=True)
                    ],
                    dtype=pl.String,
                ),
                "reason": pl.Series(reason.tolist(), dtype=pl.String),
            }
        )
        .filter(pl.Series(found.inside))
        .with_columns(
            pl.lit(f"grenzen-{plan.level}-{PC4_YEAR} grenzen-gemeente-{plan.cities_year}").alias("edition")
        )
        .sort("area")
    )


#: Beyond so many borders they are not counted any more.
FARTHEST = 20


class Outcomes:
    """The one door to outcomes. It opens for a plan that stands: first for the years before the programme, then for
    areas outside the programme, and for the programme itself only when the power of its tests has been stored.
    """

    def __init__(
        self, warehouse: Warehouse, programme: Programme, plan: StudyPlan, fixed: Fixed, areas: list[str]
    ):
        self.warehouse, self.programme, self.plan, self.fixed = warehouse, programme, plan, fixed
        self._at = pl.DataFrame({"area": areas}).with_row_index("row")
        self._own = [code for area in programme.areas for level, code, _ in area.parts if level == plan.level]
        self.editions: set[str] = set()

    def before(self, indicators: Iterable[str]) -> dict[str, dict[int, Floats]]:
        """Per indicator and year (n,) values, NaN where unknown: up to the base year."""
        self._must_stand("plan")
        return self._read(indicators, self._years(until=self.plan.base), pl.lit(True))

    def others(self, indicators: Iterable[str]) -> dict[str, dict[int, Floats]]:
        """All years of all areas that are not in the programme."""
        self._must_stand("plan")
        return self._read(indicators, self._years(), ~pl.col("area").is_in(self._own))

    def everything(self, indicators: Iterable[str]) -> dict[str, dict[int, Floats]]:
        """All years of all areas."""
        self._must_stand("plan")
        self._must_stand("kracht")
        return self._read(indicators, self._years(), pl.lit(True))

    def _years(self, until: int | None = None) -> list[int]:
        named = {year for window in self.plan.windows for year in (window.start, window.end)}
        return sorted(year for year in named if until is None or year <= until)

    def _must_stand(self, part: str) -> None:
        info = self.warehouse.result_info(table_of(self.programme.id, part))
        if info is None or info.extra.get("hash") != self.fixed.hash:
            raise KrachtwijkError(
                f"Dit plan ligt niet vast ({part}); er is geen uitkomst gelezen",
                where=f"programma {self.programme.id}",
                mend=f"Draai `krachtwijk waterbed {self.programme.id}` opnieuw",
            )

    def _read(
        self, indicators: Iterable[str], years: list[int], who: pl.Expr
    ) -> dict[str, dict[int, Floats]]:
        wanted = sorted(set(indicators))
        rows = (
            self.warehouse.observations(
                level=self.plan.level, indicators=wanted, periods=[str(year) for year in years]
            )
            .filter(pl.col("value").is_not_null() & who)
            .select("area", "indicator", "period", "value", "edition")
            .collect()
        )
        self.editions |= set(rows["edition"].unique().to_list())
        found: dict[str, dict[int, Floats]] = {name: {} for name in wanted}
        for (name, period), part in rows.group_by("indicator", "period"):
            joined = self._at.join(part.select("area", "value"), on="area", how="left").sort("row")
            found[str(name)][int(str(period))] = joined["value"].fill_null(np.nan).to_numpy()
        return {name: dict(sorted(by_year.items())) for name, by_year in found.items()}
