# SPDX-License-Identifier: EUPL-1.2
"""Which part of an area lies in which other area: between levels and between years.

A link says `share_of_from` (the part of the first area that lies in the second) and `share_of_to` (the part of the
second area's inhabitants that comes from the first). `how` tells how the link is known:

    code         one code holds the other, or the code is the same in both years
    koppeltabel  a published crosswalk
    adressen     counted address rows
    ligging      outlines laid over each other; inhabitants are taken as evenly spread inside the first area
    naam         the only area of that name in the gemeente

`basis` tells what the share of the larger area counts: `inwoners`, or `oppervlakte` where it has no known inhabitants;
where neither is known, share and basis are null. The share of the smaller area is of its surface (`ligging`) or of its
addresses (`adressen`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl

from krachtwijk.catalogue import DATA
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import boundaries, codes, packaged, succession
from krachtwijk.geography import register as registers
from krachtwijk.geography.overlay import overlay
from krachtwijk.warehouse import Warehouse

INHABITANTS = DATA / "geography" / "inhabitants.toml"
ADDRESSES = "publications/cbs-pc4/pc4-gemeente-2023.csv"
ADDRESS_YEAR = 2023
FORMAT = "2"  # counts up when a rule here changes, so that nothing old is read back

#: The columns of `links`; `weight` is the number of inhabitants that a link carries, null where unknown.
LINKS = pl.Schema(
    {
        "from_level": pl.String(),
        "from_code": pl.String(),
        "from_year": pl.Int16(),
        "to_level": pl.String(),
        "to_code": pl.String(),
        "to_year": pl.Int16(),
        "share_of_from": pl.Float64(),
        "share_of_to": pl.Float64(),
        "weight": pl.Float64(),
        "basis": pl.String(),
        "how": pl.String(),
    }
)

#: In which levels the areas of a level lie, wholly or in parts. Other links are these turned round.
LIES_IN = {
    "buurt": ("wijk", "stadsdeel", "pc4", "gemeente", "provincie", "land"),
    "wijk": ("pc4", "gemeente", "provincie", "land"),
    "pc4": ("gemeente", "provincie", "land"),
    "stadsdeel": ("gemeente", "provincie", "land"),
    "gemeente": ("provincie", "land"),
    "provincie": ("land",),
    "land": (),
}
#: Ways of knowing a link, the surest first.
HOW = pl.Enum(["code", "koppeltabel", "adressen", "ligging", "naam"])
_PAIR = pl.Schema(
    {
        "from_code": pl.String(),
        "to_code": pl.String(),
        "share_of_from": pl.Float64(),
        "area_of_to": pl.Float64(),  # part of the second area's surface, where the link comes of an overlay
        "how": pl.String(),
    }
)


def links(
    warehouse: Warehouse, *, from_level: str, from_year: int, to_level: str, to_year: int
) -> pl.DataFrame:
    """All links (LINKS) from the areas of one level and year to those of another; kept in the warehouse's cache.

    A year without a list of codes takes the nearest year that has one, and `from_year` and `to_year` say which. Shares
    of one area sum to at most one, and to one where it is wholly covered. An area without any link is not in the
    table. Raises KrachtwijkError where two levels cannot be linked.
    """
    from_year, to_year = list_year(from_level, from_year), list_year(to_level, to_year)

    if to_level in LIES_IN.get(from_level, ()) or (from_level == to_level and from_year <= to_year):
        name = f"links-{from_level}{from_year}-{to_level}{to_year}-{_fingerprint()}.parquet"
        asked = (from_level, from_year, to_level, to_year)
        return packaged.kept(warehouse, name, lambda: _weighed(_pairs(warehouse, *asked), *asked))
    if from_level == to_level or from_level in LIES_IN.get(to_level, ()):
        return _turned(
            links(warehouse, from_level=to_level, from_year=to_year, to_level=from_level, to_year=from_year)
        )
    raise KrachtwijkError(
        f"Tussen {from_level} en {to_level} is geen koppeling",
        mend="Koppel via buurten: die liggen in elk ander niveau",
    )


def list_year(level: str, year: int) -> int:
    """The year nearest to ``year`` of which the whole country's codes of a level are listed; of two the newer."""
    if level == "land":
        return year
    known = registers.years(level)
    if not known:
        raise KrachtwijkError(
            f"Van niveau {level} is geen lijst met codes", mend=f"Kies uit: {', '.join(registers.levels())}"
        )
    return min(known, key=lambda known_year: (abs(known_year - year), -known_year))


def inhabitants(level: str, year: int) -> pl.DataFrame:
    """Columns code, inhabitants and of_year: per code the packaged year nearest to ``year`` that counts it."""
    counts = [count for count in _counts() if count.level == level]
    counts.sort(key=lambda count: (abs(count.year - year), -count.year))
    frames = [_read(count) for count in counts]
    if not frames:
        return pl.DataFrame(schema={"code": pl.String, "inhabitants": pl.Float64, "of_year": pl.Int16})
    return pl.concat(frames).unique("code", keep="first", maintain_order=True)


@dataclass(frozen=True, slots=True)
class _Count:
    """A list of inhabitants; the fields are those of `inhabitants.toml`."""

    level: str
    year: int
    file: str
    code: str
    count: str


@cache
def _counts() -> tuple[_Count, ...]:
    return tuple(_Count(**entry) for entry in tomllib.loads(INHABITANTS.read_text("utf-8"))["inhabitants"])


@cache
def _read(count: _Count) -> pl.DataFrame:
    value = pl.col(count.count).cast(pl.Float64, strict=False)
    return (
        packaged.columns(count.file, [count.code, count.count])
        .select(
            codes.clean_expr(pl.col(count.code)).alias("code"),
            pl.when(value >= 0).then(value).alias("inhabitants"),
            pl.lit(count.year, pl.Int16).alias("of_year"),
        )
        .filter(codes.level_expr(pl.col("code")) == count.level)
        .drop_nulls()
    )


@cache
def _fingerprint() -> str:
    files = [
        registers.FILE,
        INHABITANTS,
        DATA / ADDRESSES,
        *(DATA / r.file for r in registers.registers()),
        *(DATA / count.file for count in _counts()),
        *registers.outline_files(),
    ]
    return packaged.fingerprint(files, FORMAT)


# --- which areas touch which --------------------------------------------------------------------------------------


def _pairs(
    warehouse: Warehouse, from_level: str, from_year: int, to_level: str, to_year: int
) -> pl.DataFrame:
    """Pairs (_PAIR) of areas that share ground, with the part of the first."""
    if from_level == to_level:
        listed = _listed(warehouse, from_level, from_year)
        return _between_years(warehouse, from_level, listed, from_year, to_year)
    if to_level == "land":
        listed = _listed(warehouse, from_level, from_year)
        return _whole(listed.with_columns(pl.lit(codes.COUNTRY).alias("to_code")))
    if to_level == "stadsdeel":
        return _in_stadsdeel(warehouse, from_year)
    if (from_level, to_level, to_year) == ("pc4", "gemeente", ADDRESS_YEAR):
        return _by_address()
    if to_level == "pc4" or (from_level, to_level) == ("pc4", "gemeente"):
        return _laid_over(warehouse, from_level, from_year, to_level, to_year)
    return _by_code(warehouse, from_level, from_year, to_level, to_year)


def _listed(warehouse: Warehouse, level: str, year: int) -> pl.DataFrame:
    """The codes of a level in a year, as from_code, with gemeente and provincie."""
    return (
        registers.known_codes(warehouse)
        .filter(pl.col("level") == level, pl.col("year") == year)
        .select(pl.col("code").alias("from_code"), "gemeente", "provincie")
    )


def _conform(frame: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, kind).alias(name) for name, kind in _PAIR.items() if name not in frame.columns]
    return frame.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in _PAIR.items())


def _whole(frame: pl.DataFrame, how: str = "code") -> pl.DataFrame:
    """Pairs whose first area lies wholly in the second."""
    named = frame.drop_nulls("to_code").with_columns(
        pl.lit(1.0).alias("share_of_from"), pl.lit(how).alias("how")
    )
    return _conform(named)


def _by_code(
    warehouse: Warehouse, from_level: str, from_year: int, to_level: str, to_year: int
) -> pl.DataFrame:
    """Into the level that the code names, then to the asked year."""
    parent = {
        "wijk": codes.wijk_expr(pl.col("from_code")),
        "gemeente": pl.col("gemeente"),
        "provincie": pl.col("provincie"),
    }[to_level]
    pairs = _whole(_listed(warehouse, from_level, from_year).with_columns(parent.alias("to_code")))
    if to_level == "provincie":
        return pairs
    if from_year > to_year:
        own_year = list_year(to_level, from_year)
        hop = links(warehouse, from_level=to_level, from_year=own_year, to_level=to_level, to_year=to_year)
    else:
        named = pairs.select(pl.col("to_code").alias("from_code")).unique()
        hop = _between_years(warehouse, to_level, named, from_year, to_year)
    return _chained(pairs, hop)


def _in_stadsdeel(warehouse: Warehouse, year: int) -> pl.DataFrame:
    """Buurten in their stadsdeel by the dated list; a later buurt by the letter in Amsterdam's codes since 2022."""
    listed = _listed(warehouse, "buurt", year).filter(pl.col("gemeente") == "GM0363")
    members = boundaries.stadsdeel_list().select(
        pl.col("buurt").alias("from_code"), pl.col("stadsdeel").alias("to_code")
    )
    by_list = _whole(listed.join(members.unique("from_code"), on="from_code"), "koppeltabel")
    letter = pl.lit("SD0363") + pl.col("from_code").str.extract(r"^BU0363([A-Z])")
    rest = listed.join(by_list, on="from_code", how="anti").with_columns(letter.alias("to_code"))
    return pl.concat([by_list, _whole(rest)])


def _by_address() -> pl.DataFrame:
    """Postcodes in gemeenten of 2023, divided by address rows."""
    rows = pl.col("aantal_pc6huisnr").cast(pl.Float64)
    return _conform(
        packaged.columns(ADDRESSES, ["PC4", "Gemeente2023", "aantal_pc6huisnr"]).select(
            pl.col("PC4").alias("from_code"),
            (pl.lit("GM") + pl.col("Gemeente2023").str.zfill(4)).alias("to_code"),
            (rows / rows.sum().over("PC4")).alias("share_of_from"),
            pl.lit("adressen").alias("how"),
        )
    )


def _laid_over(
    warehouse: Warehouse, from_level: str, from_year: int, to_level: str, to_year: int
) -> pl.DataFrame:
    """Pairs by overlay. A code takes its outline of the year nearest to ``from_year``, one without that of its
    successors; where these have none either there is no pair, and the coverage tells.
    """
    outline_year = min(boundaries.years(to_level), key=lambda year: (abs(year - to_year), -year))

    def make() -> pl.DataFrame:
        target = boundaries.outlines(to_level, outline_year)
        return pl.concat(
            overlay(boundaries.outlines(from_level, year), target).with_columns(pl.lit(year).alias("year"))
            for year in boundaries.years(from_level, complete=False)
        )

    name = f"overlay-{from_level}-{to_level}{outline_year}-{_fingerprint()}.parquet"
    pieces = (
        packaged.kept(warehouse, name, make)
        .rename({"share_of_to": "area_of_to"})
        .with_columns(pl.lit("ligging").alias("how"))
    )
    distance = (pl.col("year") - from_year).abs()
    listed = _listed(warehouse, from_level, from_year)
    own = pieces.join(listed, on="from_code", how="semi").filter(distance == distance.min().over("from_code"))
    lost = listed.join(own, on="from_code", how="anti")
    newest = pieces.filter(pl.col("year") == pl.col("year").max().over("from_code"))
    later = _chained(_succeeded(warehouse, from_level).join(lost, on="from_code", how="semi"), newest)
    return pl.concat([_conform(own), later])


def _between_years(
    warehouse: Warehouse, level: str, old: pl.DataFrame, from_year: int, to_year: int
) -> pl.DataFrame:
    """Codes (from_code) of one year in a later one: equal codes first, then what became of the others."""
    new = _listed(warehouse, level, to_year).select(pl.col("from_code").alias("to_code"))
    same = old.join(new, left_on="from_code", right_on="to_code").with_columns(
        pl.col("from_code").alias("to_code")
    )
    found = [_whole(same)]
    steps: tuple[Callable[[], pl.DataFrame], ...] = (
        lambda: _crosswalk_pairs() if level == "buurt" else _conform(pl.DataFrame(schema=_PAIR)),
        lambda: _moved(level, old.join(same, on="from_code", how="anti"), from_year, to_year),
        lambda: _succeeded(warehouse, level),
    )
    for step in steps:
        rest = old.join(pl.concat(found), on="from_code", how="anti")
        if rest.height:
            found.append(step().join(rest, on="from_code", how="semi").join(new, on="to_code", how="semi"))
    return pl.concat(found)


def _crosswalk_pairs() -> pl.DataFrame:
    return _whole(succession.koppeltabel(), "koppeltabel")


def _moved(level: str, rest: pl.DataFrame, from_year: int, to_year: int) -> pl.DataFrame:
    """Codes that ended, laid over the outlines nearest to the later year."""
    if not boundaries.years(level, complete=False):
        return _conform(pl.DataFrame(schema=_PAIR))
    old = succession.select(boundaries.nearest(level, from_year), set(rest["from_code"]))
    pieces = overlay(old, boundaries.nearest(level, to_year)).filter(pl.col("from_code") != pl.col("to_code"))
    return _conform(pieces.drop("share_of_to").with_columns(pl.lit("ligging").alias("how")))


def _succeeded(warehouse: Warehouse, level: str) -> pl.DataFrame:
    """What the register knows of ended codes; a successor of unknown share counts as the whole."""
    return _conform(
        registers.register(warehouse)
        .filter(pl.col("level") == level, pl.col("successors").list.len() > 0)
        .select(pl.col("code").alias("from_code"), "successors")
        .explode("successors")
        .select(
            "from_code",
            pl.col("successors").struct.field("code").alias("to_code"),
            pl.col("successors").struct.field("share").fill_null(1.0).alias("share_of_from"),
            pl.col("successors").struct.field("how").alias("how"),
        )
    )


# --- chaining, turning and weighing -------------------------------------------------------------------------------


def _chained(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Pairs a → c out of a → b and b → c; the weaker of the two ways of knowing is kept."""
    way = pl.max_horizontal(pl.col(name).cast(HOW).to_physical() for name in ("how", "how_next"))
    return _conform(
        first.join(second, left_on="to_code", right_on="from_code", suffix="_next")
        .with_columns(
            (pl.col("share_of_from") * pl.col("share_of_from_next")).alias("share"), way.alias("way")
        )
        .group_by("from_code", pl.col("to_code_next").alias("to_code"))
        .agg(pl.col("share").sum().alias("share_of_from"), pl.col("way").max())
        .with_columns(
            pl.col("way").replace_strict(dict(enumerate(HOW.categories)), return_dtype=pl.String).alias("how")
        )
    )


def _turned(table: pl.DataFrame) -> pl.DataFrame:
    """The same links seen from the other side."""
    swap = {
        name: name.replace("from", "to") if "from" in name else name.replace("to", "from") for name in LINKS
    }
    swap |= {name: name for name in ("weight", "basis", "how")}
    return table.rename(swap).select(LINKS.names()).sort("from_code", "to_code")


def _weighed(
    pairs: pl.DataFrame, from_level: str, from_year: int, to_level: str, to_year: int
) -> pl.DataFrame:
    """Links (LINKS) out of pairs: ``weight`` is inhabitants of the first area times its share.

    The second area's inhabitants are those of its parts. Where its parts are known by place or name and do not cover it
    wholly, and more inhabitants are published, it is that larger number, so that what is missing lowers the coverage.
    """
    parts = inhabitants(from_level, from_year).select(pl.col("code").alias("from_code"), "inhabitants")
    known = inhabitants(to_level, to_year).select(
        pl.col("code").alias("to_code"), pl.col("inhabitants").alias("known")
    )
    frame = (
        pairs.join(parts, on="from_code", how="left")
        .join(known, on="to_code", how="left")
        .with_columns((pl.col("inhabitants") * pl.col("share_of_from")).alias("weight"))
    )
    found = pl.col("weight").sum().over("to_code")
    by_place = pl.col("how").is_in(["ligging", "naam"]).any().over("to_code")
    open_ground = by_place & (pl.col("area_of_to").sum().over("to_code") < 1 - 1e-6)
    total = pl.when(open_ground).then(pl.max_horizontal(found, "known")).otherwise(found)
    counted = total > 0
    named = frame.with_columns(
        pl.lit(from_level).alias("from_level"),
        pl.lit(from_year).alias("from_year"),
        pl.lit(to_level).alias("to_level"),
        pl.lit(to_year).alias("to_year"),
        pl.when(counted)
        .then(pl.col("weight").fill_null(0.0) / total)
        .otherwise("area_of_to")
        .alias("share_of_to"),
        pl.when(counted)
        .then(pl.lit("inwoners"))
        .when(pl.col("area_of_to").is_not_null())
        .then(pl.lit("oppervlakte"))
        .alias("basis"),
    )
    return named.select(pl.col(name).cast(kind) for name, kind in LINKS.items()).sort("from_code", "to_code")
