# SPDX-License-Identifier: EUPL-1.2
"""What can be wrong with figures that were read without error. A check warns, it never changes a figure, except that a
value outside its possible range is set aside as missing."""

from __future__ import annotations

import re

import polars as pl

from krachtwijk.catalogue import indicators
from krachtwijk.geography import codes, register
from krachtwijk.sources import reference
from krachtwijk.sources.periods import YEAR
from krachtwijk.warehouse import Warehouse
from krachtwijk.warehouse.store import STATUSES
from krachtwijk.warehouse.tables import LINE

Warnings = list[tuple[str, str]]

_TABLE_NUMBER = re.compile(r"(?<![A-Za-z0-9])(\d{5}NED)(?![A-Za-z0-9])", re.IGNORECASE)

#: Codes that stand for no area: abroad, "not to be assigned" (wijk 99), water (97, 98).
_NO_AREA = r"^(GM99\d\d|GM0998|WK\d{4}9[789]|BU\d{4}9[789]\d\d|WK99.*|BU99.*)$"

#: Below this number of areas in common, equal inhabitants may be chance.
ENOUGH_AREAS = 5

#: A sum that differs more from that of the stated year is no other year but another mistake, such as a double count.
YEARS_APART = 0.25


def set_aside_out_of_range(observations: pl.DataFrame) -> tuple[pl.DataFrame, Warnings]:
    """Values outside the indicator's range become missing; one warning per indicator names the first line."""
    known = indicators()
    present = observations["indicator"].unique()
    low, high = (
        pl.col("indicator").replace_strict(
            {i: known[i].range[side] for i in present}, return_dtype=pl.Float64
        )
        for side in (0, 1)
    )
    outside = ((pl.col("value") < low) | (pl.col("value") > high)).fill_null(False)
    wrong = observations.filter(outside)
    if wrong.height == 0:
        return observations, []
    warnings = []
    for (name,), part in wrong.group_by("indicator", maintain_order=True):
        first = part.sort(LINE).row(0, named=True)
        least, most = known[str(name)].range
        bounds = " en ".join(
            f"{word} {_number(bound)}"
            for word, bound in (("minstens", least), ("hoogstens", most))
            if bound is not None
        )
        warnings.append(
            (
                "out_of_range",
                f"{known[str(name)].label}: {part.height} waarde(n) kan niet kloppen ({bounds}), "
                f"eerst {_number(first['value'])} bij {first['area']} (regel {first[LINE]}); opzijgezet als ontbrekend",
            )
        )
    cleaned = observations.with_columns(
        pl.when(~outside).then("value").alias("value"),
        pl.when(outside).then(pl.lit("missing", pl.Enum(STATUSES))).otherwise("status").alias("status"),
    )
    return cleaned, warnings


def _number(value: float) -> str:
    """A number as Dutch readers write it: 20 000 000 and 100,1."""
    return f"{value:,.6f}".rstrip("0").rstrip(".").replace(",", " ").replace(".", ",")


# --- codes ----------------------------------------------------------------------------------------------------


def unfamiliar_areas(warehouse: Warehouse, observations: pl.DataFrame) -> Warnings:
    """Codes that never existed, and codes that did not exist in the file's geography year.

    A code is of its time where a list of that year has it, where lists before and after have it, or, without a complete
    list of that year, where the nearest list before or after has it. Lists that were taken in as editions add codes.
    Figures are kept: only told.
    """
    areas = (
        observations.group_by("level", "area")
        .agg(pl.col("geo_year").first(), pl.col(LINE).min())
        .filter(~pl.col("area").str.contains(_NO_AREA) & ~pl.col("level").is_in(["cel100m", "land"]))
    )
    known = register.known_codes(warehouse).select("level", "code", pl.col("year").cast(pl.Int16))
    listed = (
        warehouse.observations("gebiedsnamen")
        .select("level", pl.col("area").alias("code"), pl.col("geo_year").alias("year"))
        .collect()
    )
    known = pl.concat([known, listed]).unique()
    warnings: Warnings = []
    for (level,), part in areas.group_by("level", maintain_order=True):
        years = known.filter(pl.col("level") == level).group_by("code").agg(pl.col("year").unique().sort())
        if years.height == 0:
            continue
        complete = register.years(str(level))
        year = int(part["geo_year"][0])
        before = max((y for y in complete if y < year), default=0)
        after = min((y for y in complete if y > year), default=0)
        near = [year] if year in complete else [year, before, after]
        judged = part.join(years, left_on="area", right_on="code", how="left").with_columns(
            pl.col("year")
            .list.eval(pl.element().is_in(near))
            .list.any()
            .or_((pl.col("year").list.min() <= year) & (pl.col("year").list.max() >= year))
            .alias("__fine")
        )
        if level == "pc4":  # postcodes keep their meaning, so any year will do
            judged = judged.with_columns(pl.col("year").is_not_null().alias("__fine"))
        never = judged.filter(pl.col("year").is_null()).sort(LINE)
        other = judged.filter(pl.col("year").is_not_null() & ~pl.col("__fine")).sort(LINE)
        if never.height:
            examples = ", ".join(f"{a} (regel {n})" for a, n in never.select("area", LINE).head(3).rows())
            warnings.append(
                (
                    "unknown_area",
                    f"{never.height} van {part.height} codes ({level}) staan in geen enkele lijst: {examples}",
                )
            )
        if other.height:
            warnings.append(("renumbered_area", _renumbered(str(level), year, part.height, other)))
    return warnings


def _renumbered(level: str, year: int, total: int, other: pl.DataFrame) -> str:
    first = other.row(0, named=True)
    text = (
        f"{other.height} van {total} codes ({level}) bestonden niet in {year}, eerst {first['area']} "
        f"(regel {first[LINE]}, bekend uit {', '.join(map(str, first['year']))})"
    )
    from krachtwijk.geography import succession  # brings outlines, needed for renumbered codes only

    successors = {old: new for old, new in succession.koppeltabel().rows() if old != new}
    named = next(((a, successors[a]) for a in other["area"] if a in successors), None)
    return text + (f"; opvolger van {named[0]} is {named[1]}" if named else "")


# --- totals ---------------------------------------------------------------------------------------------------

#: Which level adds up to which, and the code of the whole, read from the code of the part.
_ADD_UP = (
    ("buurt", "wijk", codes.wijk_expr(pl.col("area"))),
    ("buurt", "gemeente", codes.gemeente_expr(pl.col("area"))),
    ("wijk", "gemeente", codes.gemeente_expr(pl.col("area"))),
    *((level, "land", pl.lit(codes.COUNTRY)) for level in ("buurt", "wijk", "gemeente", "pc4")),
)


def contradicted_totals(warehouse: Warehouse, observations: pl.DataFrame) -> Warnings:
    """Sums over areas above the published total of the level above, beyond rounding: one warning per indicator.

    Totals come from the file itself, from editions and from the package. Below the total is coverage, not an error.
    """
    adding = observations.filter(pl.col("indicator").is_in(reference.sums()) & pl.col("value").is_not_null())
    if adding.height == 0:
        return []
    names, periods = adding["indicator"].unique().to_list(), adding["period"].unique().to_list()
    keys = ["level", "area", "geo_year", "period", "indicator", "value"]
    stored = warehouse.observations(level=reference.PARENTS, indicators=names, periods=periods).collect()
    packaged_totals = reference.figures(warehouse).filter(
        pl.col("indicator").is_in(names)
        & pl.col("period").is_in(periods)
        & pl.col("level").is_in(reference.PARENTS)
    )
    totals = pl.concat(
        [
            adding.select(*keys, pl.lit("dit bestand").alias("origin")),
            stored.select(*keys, pl.format("editie {}", "edition").alias("origin")),
            packaged_totals.select(*keys, "origin"),
        ]
    ).filter(pl.col("value").is_not_null())
    found = [_excess(adding, totals, part, whole, code) for part, whole, code in _ADD_UP]
    excess = pl.concat(found).sort("excess", descending=True)
    return [
        ("total_contradicted", _contradiction(str(name), part))
        for (name,), part in excess.group_by("indicator", maintain_order=True)
    ]


#: From this number of figures on, what they share is the publisher's rounding and not chance.
_ENOUGH_FIGURES = 30


def _excess(adding: pl.DataFrame, totals: pl.DataFrame, part: str, whole: str, code: pl.Expr) -> pl.DataFrame:
    """Wholes whose parts sum to more than the total and rounding allow.

    The allowance is a whole rounding unit per figure: half of it is too little for CBS's own tables (the 11 wijken of
    Oldambt in 2016 sum to 32 inhabitants more than the gemeente, at a unit of 5).
    The unit is the catalogue's, or a coarser one that all figures of the level show (income recipients: hundreds).
    """
    known = indicators()
    names = adding["indicator"].unique()
    unit = pl.col("indicator").replace_strict({i: known[i].rounding for i in names}, return_dtype=pl.Float64)
    shown = (
        pl.when((pl.len() >= _ENOUGH_FIGURES) & (pl.col("value") % step == 0).all()).then(float(step))
        for step in (5, 10, 100)
    )
    loose = pl.col("indicator").replace_strict(
        reference.estimated_share(), default=0.0, return_dtype=pl.Float64
    )
    summed = (
        adding.filter(pl.col("level") == part)
        .with_columns(pl.max_horizontal(unit, *shown).over("indicator").alias("step"), code.alias("whole"))
        .group_by("whole", "geo_year", "period", "indicator")
        .agg(pl.col("value").sum().alias("sum"), pl.len().alias("areas"), pl.col("step").first())
    )
    same = ["whole", "period", "indicator", *(() if whole == "land" else ("geo_year",))]
    known_totals = totals.filter(pl.col("level") == whole).rename({"area": "whole", "value": "total"})
    allowed = (pl.col("areas") + 1) * pl.col("step") + loose * pl.col("total")
    return (
        summed.join(known_totals.select(*same, "total", "origin"), on=same)
        .with_columns((pl.col("sum") - pl.col("total") - allowed).alias("excess"), pl.lit(part).alias("part"))
        .filter(pl.col("excess") > 1e-6 * pl.col("total").abs())
        .select("indicator", "period", "part", "whole", "areas", "sum", "total", "excess", "origin")
    )


def _contradiction(name: str, excess: pl.DataFrame) -> str:
    first = excess.row(0, named=True)
    ratio = first["sum"] / first["total"] if first["total"] else float("inf")
    others = excess.select("whole", "period").n_unique() - 1
    text = (
        f"{indicators()[name].label} {first['period']}: {first['areas']} gebieden ({first['part']}) tellen op tot "
        f"{_number(first['sum'])}, meer dan het totaal van {first['whole']}: "
        f"{_number(first['total'])} ({first['origin']}), verhouding {f'{ratio:.2f}'.replace('.', ',')}"
    )
    if 1.8 <= ratio <= 2.2:
        text += "; ongeveer het dubbele: misschien is een totaal bij zijn eigen onderdelen opgeteld"
    return text + (f"; ook bij {others} andere" if others else "")


# --- years ----------------------------------------------------------------------------------------------------


def contradicted_year(file: str, own: tuple[str, ...], given: str | None) -> Warnings:
    """The year that was given, the file's own column, its name and its StatLine number, held against each other."""
    warnings: Warnings = []
    named = sorted(set(YEAR.findall(file)))
    stated = own or ((given,) if given else ())
    if own and given is not None and given not in own:
        warnings.append(
            (
                "year_contradicted",
                f"--period zegt {given}, het bestand zelf {', '.join(own)}; het bestand telt",
            )
        )
    if len(named) == 1 and stated and named[0] not in stated:
        says, counts = (
            (f"het bestand zelf {', '.join(own)}", "het bestand")
            if own
            else (f"--period {given}", "--period")
        )
        warnings.append(("year_contradicted", f"De bestandsnaam zegt {named[0]}, {says}; {counts} telt"))
    for number in sorted({n.upper() for n in _TABLE_NUMBER.findall(file)}):
        year = reference.statline_year(number)
        years = stated or tuple(named)
        if year is not None and years and str(year) not in years:
            warnings.append(
                (
                    "year_contradicted",
                    f"Tabel {number} van StatLine gaat over {year}, dit bestand wordt gelezen als {', '.join(years)}",
                )
            )
    return warnings


def contradicted_inhabitants(warehouse: Warehouse, observations: pl.DataFrame) -> Warnings:
    """Inhabitants that are those of another year: of the same areas, or of the whole country."""
    inhabitants = observations.filter((pl.col("indicator") == "inwoners") & (pl.col("value") > 0))
    if inhabitants.height == 0:
        return []
    figures = reference.figures(warehouse).filter(pl.col("indicator") == "inwoners")
    warnings = _same_as_other_year(inhabitants, figures)
    return warnings or _country_of_other_year(inhabitants)


def _same_as_other_year(inhabitants: pl.DataFrame, figures: pl.DataFrame) -> Warnings:
    shares = (
        inhabitants.select("level", "area", "value", pl.col("period").alias("stated"))
        .join(figures.select("level", "area", "period", pl.col("value").alias("known")), on=["level", "area"])
        .group_by("stated", "period")
        .agg(
            pl.len().alias("areas"),
            (pl.col("value") == pl.col("known")).mean().alias("equal"),
            ((pl.col("value") - pl.col("known")).abs() > 5).mean().alias("other"),
            (pl.col("value").sum() / pl.col("known").sum()).alias("ratio"),
        )
        .filter(pl.col("areas") >= ENOUGH_AREAS)
        .sort("stated", "period")
    )
    warnings: Warnings = []
    for stated in shares["stated"].unique(maintain_order=True):
        here = shares.filter(pl.col("stated") == stated)
        own = here.filter(pl.col("period") == stated)
        if own.height and own["equal"][0] > 0.5:
            continue
        twin = here.filter((pl.col("period") != stated) & (pl.col("equal") >= 0.9)).sort(
            "equal", descending=True
        )
        if twin.height:
            warnings.append(
                (
                    "year_contradicted",
                    f"Gelezen als {stated}, maar de inwoners zijn in {twin['equal'][0]:.0%} van {twin['areas'][0]} "
                    f"gebieden precies die van {twin['period'][0]}",
                )
            )
        elif (
            own.height
            and own["areas"][0] >= 2 * ENOUGH_AREAS
            and own["other"][0] > 0.8
            and own["ratio"].is_between(1 - YEARS_APART, 1 + YEARS_APART)[0]
        ):
            warnings.append(
                (
                    "year_contradicted",
                    f"Gelezen als {stated}, maar de inwoners wijken in {own['other'][0]:.0%} van {own['areas'][0]} "
                    f"gebieden af van de publicatie over {stated} in het pakket",
                )
            )
    return warnings


#: From this number of areas on, a file may cover the whole country.
_NATION_WIDE = {"pc4": 3900, "gemeente": 340, "wijk": 2700, "buurt": 12000}


def _country_of_other_year(inhabitants: pl.DataFrame) -> Warnings:
    known = reference.national_inhabitants()
    sums = (
        inhabitants.group_by("level", "period").agg(pl.col("value").sum(), pl.len()).sort("level", "period")
    )
    warnings: Warnings = []
    for level, period, total, areas in sums.rows():
        if areas < _NATION_WIDE.get(level, areas + 1) or period not in known:
            continue
        nearest = min(known, key=lambda year: abs(known[year] - total))
        far, near = (abs(known[year] - total) / total for year in (period, nearest))
        if nearest != period and far > 0.002 and near < far / 4:
            warnings.append(
                (
                    "year_contradicted",
                    f"Gelezen als {period}, maar {areas} gebieden ({level}) tellen op tot "
                    f"{_number(total)} inwoners: dat past bij 1 januari {nearest} "
                    f"({_number(known[nearest])}), niet bij {period} ({_number(known[period])})",
                )
            )
    return warnings
