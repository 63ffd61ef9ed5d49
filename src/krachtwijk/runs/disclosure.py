# SPDX-License-Identifier: EUPL-1.2
"""From published rows to cells and sums, and back: what may be shown (rule in `monitor/disclosure.py`).

A cell is one number of people in one area and period: a count, and every share that gives that count back, in whatever
edition. Sums are those of `data/disclosure.toml` within an area, and gemeente = wijken = buurten by code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from krachtwijk.monitor.disclosure import (
    SHOWN,
    SMALL,
    WITH,
    Floats,
    Sums,
    protect,
    small,
)
from krachtwijk.monitor.model import Indicator, Ratio, Rules, Whole
from krachtwijk.warehouse import STATUSES

#: What a row of a result table may say of its value: what the publisher said, or what we withheld.
SHOWN_STATUSES = pl.Enum((*STATUSES, "suppressed", "suppressed_with"))

_PLACE = ("level", "area", "period")
_CELL = ("place", "name")


def suppress(frame: pl.DataFrame, rules: Rules, indicators: Mapping[str, Indicator]) -> pl.DataFrame:
    """The rows as given, small and revealing cells without a value and with status ``suppressed(_with)``.

    ``frame`` has level, area, indicator, period, value and status; other columns and the order stay. Values that are
    estimates of a model (``estimated``) count nobody: only the number of people they are about is looked at.
    """
    kinds = _Kinds(rules, indicators)
    rows = _with_bases(frame, kinds)
    cells = _cells(rows)
    states = _states(cells, rows, kinds)
    found = _back(rows, states, kinds)
    state = pl.Series("state", found, dtype=pl.Int8)
    hidden = (state > SHOWN) & frame["value"].is_not_null()
    word = pl.when(state == SMALL).then(pl.lit("suppressed")).otherwise(pl.lit("suppressed_with"))
    return frame.with_columns(
        pl.when(~hidden).then(pl.col("value")).alias("value"),
        pl.when(hidden)
        .then(word)
        .otherwise(pl.col("status").cast(pl.String))
        .cast(SHOWN_STATUSES)
        .alias("status"),
    )


def summary(frame: pl.DataFrame) -> dict[str, int]:
    """How many rows have a value, how many were withheld as too small, and how many with them."""
    counts = dict(frame.select(pl.col("status").cast(pl.String).value_counts()).unnest("status").rows())
    return {
        "shown": int(frame["value"].is_not_null().sum()),
        "suppressed": counts.get("suppressed", 0),
        "suppressed_with": counts.get("suppressed_with", 0),
    }


class _Kinds:
    """What each indicator is to disclosure control."""

    def __init__(self, rules: Rules, indicators: Mapping[str, Indicator]) -> None:
        self.rules = rules
        growth = {d.figure for d in rules.differences}
        self.growth = growth
        self.counts = {
            i.id
            for i in indicators.values()
            if i.unit in rules.units and i.aggregation == "som" and i.id not in growth
        }
        declared = {r.figure: r for r in rules.ratios}
        shares = {
            i.id: Ratio(i.id, i.id, i.weight, per)
            for i in indicators.values()
            if (per := {"%": 100.0, "per 1 000 inwoners": 1000.0}.get(i.unit)) and i.weight in self.counts
        }
        #: share or rate -> what it makes of which base
        self.ratios: dict[str, Ratio] = {k: v for k, v in {**shares, **declared}.items() if k in indicators}
        #: shares and ratios that give their base back, with it
        self.tells = {r.figure: r.base for r in rules.ratios if r.exact} | {
            figure: whole.total
            for whole in rules.sums
            if whole.total in self.counts and not whole.rest
            for figure in self.shares_of(whole).values()
        }
        #: figures about people, with the people they are about
        self.bases = {
            i.id: i.weight if i.weight in self.counts else rules.inhabitants
            for i in indicators.values()
            if i.aggregation != "som" and i.id not in rules.place
        }

        self.words = pl.Enum(sorted(indicators))
        names = {
            i: i
            if i in self.counts | growth
            else r.count
            if r and (r.count in self.counts or r.count == i)
            else None
            for i, r in ((i, self.ratios.get(i)) for i in sorted(indicators))
        }
        ids = list(names)
        #: per indicator what the others need: joined, because that is faster than looking up
        self.table = pl.DataFrame(
            {
                "indicator": ids,
                "name": list(names.values()),
                "plain": [i in self.counts or i in growth for i in ids],
                "about": [self.bases.get(i) for i in ids],
                "base": [r.base if (r := self.ratios.get(i)) else None for i in ids],
                "per": [r.per if (r := self.ratios.get(i)) else None for i in ids],
                "share": [
                    indicators[i].unit == "%" and (r := self.ratios.get(i)) is not None and r.exact
                    for i in ids
                ],
                "tells": [self.tells.get(i) for i in ids],
                "rounding": [float(indicators[i].rounding) for i in ids],
            },
            schema_overrides=dict.fromkeys(("indicator", "name", "about", "base", "tells"), self.words)
            | {"per": pl.Float64},
        )

    def among(self, column: pl.Series, names: Iterable[str]) -> pl.Series:
        """Which of a column of indicators are named."""
        return column.is_in(pl.Series(sorted(names), dtype=self.words).implode())

    def named(self, signs: Mapping[str, int]) -> pl.DataFrame:
        """Indicators with their sign, to lay beside places."""
        return pl.DataFrame(
            {"name": list(signs), "sign": list(signs.values())}, schema={"name": self.words, "sign": pl.Int64}
        )

    def shares_of(self, whole: Whole) -> dict[str, str]:
        """Cell to share for the parts of a sum that are published as shares of its total."""
        return {
            name: figure
            for figure, ratio in self.ratios.items()
            if ratio.per == 100.0
            and (name := ratio.count if ratio.count in self.counts else figure) in whole.parts
            and (not whole.total or ratio.base == whole.total)
        }


def _with_bases(frame: pl.DataFrame, kinds: _Kinds) -> pl.DataFrame:
    """Rows with ``people`` (whom a figure is about), the ``name`` of their cell and, for ratios, the ``implied`` count.

    A base is that of the period itself or, where that is not there, of the period nearest to it. ``place`` numbers
    level, area and period, ``site`` level and area: joins on numbers are many times faster than on text.
    """
    places = (
        frame.select(_PLACE)
        .unique()
        .sort(_PLACE)
        .with_row_index("place")
        .with_columns(
            pl.struct("level", "area").rank("dense").alias("site"),
            pl.col("period").str.slice(-4).cast(pl.Int32).alias("year"),
        )
    )
    rows = (
        frame.select(*_PLACE, pl.col("indicator").cast(kinds.words), "value", "status")
        .join(places, on=_PLACE, how="left", maintain_order="left")
        .join(kinds.table, on="indicator", how="left", maintain_order="left")
        .with_columns(
            pl.when((pl.col("status").cast(pl.String) != "estimated") | pl.col("plain"))
            .then("name")
            .alias("name")
        )
    )
    known = (
        rows.filter(
            pl.col("indicator").is_in(
                kinds.table["base"].unique().append(kinds.table["about"].unique()).drop_nulls()
            )
            & pl.col("value").is_not_null()
        )
        .group_by("site", pl.col("indicator").alias("base"), "year")
        .agg(pl.col("value").min().alias("people"))
    )
    inhabitants = pl.lit(kinds.rules.inhabitants, kinds.words)
    asked = (
        pl.concat(
            [
                *(
                    rows.select("place", "site", "year", pl.col(c).alias("base")).unique()
                    for c in ("about", "base")
                ),
                places.select("place", "site", "year", inhabitants.alias("base")),
            ]
        )
        .drop_nulls()
        .unique()
    )
    found = (
        asked.join(known.rename({"year": "of_year"}), on=["site", "base"])
        .with_columns((pl.col("year") - pl.col("of_year")).abs().alias("distance"))
        .sort("place", "base", "distance", "of_year")
        .unique(["place", "base"], keep="first", maintain_order=True)
        .select("place", "base", "people")
    )
    # where the figure's own base is not known: the inhabitants of the area
    spare = found.filter(pl.col("base") == inhabitants).select("place", pl.col("people").alias("spare"))
    return (
        rows.join(found.rename({"base": "about"}), on=["place", "about"], how="left", maintain_order="left")
        .join(spare, on="place", how="left", maintain_order="left")
        .join(found.rename({"people": "of"}), on=["place", "base"], how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("about").is_not_null()).then(pl.coalesce("people", "spare")).alias("people"),
            (pl.col("value") * pl.col("of") / pl.col("per")).alias("implied"),
        )
        .drop("spare")
    )


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per cell: place, name and value (null where no row tells it), in a fixed order.

    ``rest`` is how many of the base a share leaves: 98 % of 200 tells of 4 others.
    """
    plain = pl.col("plain")
    return (
        rows.filter(pl.col("name").is_not_null())
        .group_by(_CELL)
        .agg(
            *(pl.col(c).first() for c in _PLACE),
            pl.col("value").filter(plain).min().alias("count"),
            pl.col("implied").filter(~plain).min().alias("implied"),
            (pl.col("of") - pl.col("implied")).filter(pl.col("share")).min().alias("rest"),
            plain.any().alias("counted"),
        )
        .select(*_CELL, *_PLACE, pl.coalesce("count", "implied").alias("value"), "rest", "counted")
        .sort(_CELL)
        .with_row_index("cell")
        .with_columns(pl.col("cell").cast(pl.Int64))
    )


def _states(cells: pl.DataFrame, rows: pl.DataFrame, kinds: _Kinds) -> pl.DataFrame:
    """Cells with their ``state``, cells that stand in sums but nowhere else left out."""
    found, extra = _sums_within(cells, rows, kinds)
    leftovers, rests = _rests_within(cells, kinds, cells.height + extra)
    found += [*leftovers, _sums_between(cells, kinds), *_sums_over_time(cells, kinds)]
    entries = pl.concat([f for f in found if f.height] or [_no_entries()]).with_columns(
        pl.col("group").str.starts_with("s").alias("within"), pl.col("group").rank("dense").cast(pl.Int64) - 1
    )
    entries = entries.sort("group", "cell")
    published = cells["value"].fill_null(float("nan")).to_numpy()
    values = np.concatenate([published, np.full(extra, np.nan), rests])
    extra += len(rests)
    values = _left_over(values, entries.filter(pl.col("within")), kinds.rules.limit)
    free = np.concatenate([kinds.among(cells["name"], kinds.growth).to_numpy(), np.zeros(extra, np.bool_)])
    sums = Sums(entries["group"].to_numpy(), entries["cell"].to_numpy(), entries["sign"].to_numpy())
    limit = kinds.rules.limit
    # the other parts of a sum are cells of their own; what a share leaves that is in no sum stands nowhere else
    parts = {name for whole in kinds.rules.sums if not whole.rest for name in whole.parts}
    leaves = small(cells["rest"].fill_null(float("nan")).to_numpy(), limit)
    leaves &= ~kinds.among(cells["name"], parts).to_numpy()
    first = small(values, limit) & ~free
    first[: cells.height] |= leaves
    states = protect(values, sums, primary=first, free=free, limit=limit)
    return cells.with_columns(pl.Series("state", states[: cells.height], dtype=pl.Int8))


def _left_over(values: Floats, within: pl.DataFrame, limit: float) -> Floats:
    """The values, with what nobody published but one sum within an area leaves over, where that is a small number."""
    asked = (
        within.with_columns(pl.Series("value", values[within["cell"].to_numpy()]).fill_nan(None))
        .group_by("group")
        .agg(
            pl.col("value").null_count().alias("unknown"),
            (pl.col("value") * pl.col("sign")).sum().alias("made"),
            pl.col("cell").filter(pl.col("value").is_null()).first(),
            pl.col("sign").filter(pl.col("value").is_null()).first(),
        )
        .filter(pl.col("unknown") == 1)
        .select("cell", (-pl.col("made") * pl.col("sign")).alias("left"))
        .filter((pl.col("left") > 0) & (pl.col("left") < limit))
        .sort("cell", "left")
        .unique("cell", keep="first", maintain_order=True)
    )
    filled = values.copy()
    filled[asked["cell"].to_numpy()] = asked["left"].to_numpy()
    return filled


def _no_entries() -> pl.DataFrame:
    return pl.DataFrame(schema={"group": pl.String, "cell": pl.Int64, "sign": pl.Int64})


def _sums_within(cells: pl.DataFrame, rows: pl.DataFrame, kinds: _Kinds) -> tuple[list[pl.DataFrame], int]:
    """The declared sums, one group per area and period; parts that nobody published become cells of their own."""
    known = cells.select(*_CELL, "cell")
    count = cells.height
    found: list[pl.DataFrame] = []
    for number, whole in enumerate(kinds.rules.sums):
        if whole.rest:
            continue
        signs = {name: 1 for name in whole.parts} | ({whole.total: -1} if whole.total else {})
        names = kinds.named(signs)
        if whole.total:
            parts = known.filter(kinds.among(known["name"], whole.parts))
            places = parts.group_by("place").len().filter(pl.col("len") > 1).select("place").sort("place")
            grid = places.join(names, how="cross")
            missing = grid.join(known, on=_CELL, how="anti").select(_CELL).sort(_CELL)
            if missing.height:
                missing = missing.with_columns(
                    pl.int_range(count, count + missing.height, dtype=pl.Int64).alias("cell")
                )
                count += missing.height
                known = pl.concat([known, missing])
            found.append(_group(grid.join(known, on=_CELL), f"s{number}"))
        # shares make 100 %, which tells where their total is not published; where it is hidden they are hidden too
        share = kinds.shares_of(whole)
        if set(share) != set(whole.parts):
            continue
        few = (pl.col("people") > 0) & (pl.col("people") < kinds.rules.limit)
        places = (
            rows.filter(kinds.among(rows["indicator"], share.values()) & ~few.fill_null(False))
            .group_by("place")
            .agg(pl.col("indicator").n_unique())
            .filter(pl.col("indicator") == len(share))
            .select("place")
        )
        if whole.total:
            counted = cells.filter(kinds.among(cells["name"], [whole.total]) & pl.col("value").is_not_null())
            places = places.join(counted, on="place", how="anti")
        grid = places.join(kinds.named(dict.fromkeys(share, 1)), how="cross")
        found.append(_group(grid.join(known, on=_CELL), f"w{number}"))
    return found, count - cells.height


def _rests_within(cells: pl.DataFrame, kinds: _Kinds, count: int) -> tuple[list[pl.DataFrame], Floats]:
    """What a total leaves that no figure tells, where it is a small number: sums with it, and these numbers.

    20 households of which 15 have children leave 5 that have none, also where those were never published. Each is a
    cell of its own, numbered from ``count``.
    """
    cell = ("place", "cell", "value")
    found: list[pl.DataFrame] = []
    rests: list[Floats] = []
    for number, whole in enumerate(kinds.rules.sums):
        if not whole.total:
            continue
        known = cells.filter(pl.col("value").is_not_null())
        parts = known.filter(kinds.among(known["name"], whole.parts)).select(cell)
        totals = known.filter(kinds.among(known["name"], [whole.total])).select(cell)
        made = parts.group_by("place").agg(pl.col("value").sum().alias("made"), pl.len().alias("parts"))
        left = (
            totals.join(made, on="place")
            .with_columns((pl.col("value") - pl.col("made")).alias("left"))
            .filter((pl.col("left") > 0) & (pl.col("left") < kinds.rules.limit))
            .filter(pl.lit(whole.rest) | (pl.col("parts") < len(whole.parts)))
            .sort("place")
        )
        if not left.height:
            continue
        numbered = pl.int_range(count, count + left.height, dtype=pl.Int64).alias("cell")
        count += left.height
        rests.append(left["left"].to_numpy())
        for signed, sign in ((parts, 1), (totals, -1), (left.with_columns(numbered), 1)):
            entries = signed.join(left, on="place", how="semi").with_columns(
                pl.lit(sign, pl.Int64).alias("sign")
            )
            found.append(_group(entries, f"r{number}"))
    return found, np.concatenate([np.zeros(0), *rests])


def _group(entries: pl.DataFrame, prefix: str) -> pl.DataFrame:
    return entries.select(
        (pl.lit(prefix + "|") + pl.col("place").cast(pl.String)).alias("group"), "cell", "sign"
    )


def _sums_between(cells: pl.DataFrame, kinds: _Kinds) -> pl.DataFrame:
    """Gemeente = its wijken (or buurten whose wijk is not there), wijk = its buurten.

    Of published counts only: a rounded share of a gemeente tells hundreds of people more or less. Left out where the
    parts miss the whole by more than rounding can: then a part is not among them.
    """
    counts = cells.filter(
        kinds.among(cells["name"], kinds.counts)
        & pl.col("counted")
        & pl.col("level").is_in(["buurt", "wijk", "gemeente"])
    )
    parents = counts.filter(pl.col("level") != "buurt").select(
        pl.col("area").alias("parent"),
        "period",
        "name",
        pl.col("cell").alias("whole"),
        pl.col("value").alias("total"),
    )
    digits = pl.col("area").str.slice(2)
    gemeente = pl.lit("GM") + digits.str.slice(0, 4)
    wijk = pl.lit("WK") + digits.str.slice(0, 6)
    keys = ["parent", "period", "name"]
    below = counts.filter(pl.col("level") != "gemeente").with_columns(
        pl.when(pl.col("level") == "buurt").then(wijk).otherwise(gemeente).alias("parent")
    )
    near = below.join(parents, on=keys)
    orphans = below.join(parents, on=keys, how="anti").filter(pl.col("level") == "buurt")
    far = orphans.with_columns(gemeente.alias("parent")).join(parents, on=keys)
    both = pl.concat([near, far])
    rounding = pl.col("rounding")
    fits = (
        both.join(kinds.table.select(pl.col("indicator").alias("name"), "rounding"), on="name")
        .group_by("whole")
        .agg(
            pl.col("total").first(),
            pl.col("value").sum().alias("parts"),
            pl.col("value").null_count().alias("unknown"),
            (rounding.first() * (pl.len() + 1)).alias("slack"),
        )
        .filter(
            pl.col("total").is_null()
            | ((pl.col("total") - pl.col("parts")).abs() <= pl.col("slack"))
            | ((pl.col("unknown") > 0) & (pl.col("total") - pl.col("parts") >= -pl.col("slack")))
        )
    )
    both = both.join(fits.select("whole"), on="whole", how="semi")
    group = (pl.lit("g|") + pl.col("whole").cast(pl.String)).alias("group")
    return pl.concat(
        [
            both.select(group, "cell", pl.lit(1, pl.Int64).alias("sign")),
            both.select(group, pl.col("whole").alias("cell"), pl.lit(-1, pl.Int64).alias("sign")).unique(),
        ]
    )


def _sums_over_time(cells: pl.DataFrame, kinds: _Kinds) -> Iterable[pl.DataFrame]:
    """First year + growth = last year."""
    for difference in kinds.rules.differences:
        growth = cells.filter(
            kinds.among(cells["name"], [difference.figure]) & (pl.col("period").str.len_chars() == 9)
        ).select(
            "level",
            "area",
            pl.concat_str(pl.lit("d"), *_PLACE, separator="|").alias("group"),
            pl.col("period").str.slice(0, 4).alias("first"),
            pl.col("period").str.slice(-4).alias("last"),
            "cell",
        )
        of = cells.filter(kinds.among(cells["name"], [difference.of])).select(
            "level", "area", "period", "cell"
        )
        for column, sign in (("first", 1), ("last", -1)):
            yield (
                growth.select("level", "area", "group", pl.col(column).alias("period"))
                .join(of, on=_PLACE)
                .select("group", "cell", pl.lit(sign, pl.Int64).alias("sign"))
            )
        yield growth.select("group", "cell", pl.lit(1, pl.Int64).alias("sign"))


def _back(
    rows: pl.DataFrame, states: pl.DataFrame, kinds: _Kinds
) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """The state of every row, in the order of the rows."""
    by_cell = states.select(*_CELL, "state")
    bases = by_cell.filter(pl.col("state") > SHOWN).rename({"name": "tells", "state": "base_state"})
    found = rows.join(by_cell, on=_CELL, how="left", maintain_order="left").join(
        bases, on=["place", "tells"], how="left", maintain_order="left"
    )
    limit = kinds.rules.limit
    state = (
        pl.when((pl.col("people") > 0) & (pl.col("people") < limit))
        .then(SMALL)
        .when(pl.col("state") > SHOWN)
        .then("state")
        .when(pl.col("base_state") > SHOWN)
        .then(WITH)
        .otherwise(SHOWN)
    )
    return found.select(state.cast(pl.Int8).alias("found"))["found"].to_numpy()
