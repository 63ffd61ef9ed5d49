# SPDX-License-Identifier: EUPL-1.2
"""Finding areas and programme areas by name, code or postcode."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from krachtwijk.catalogue import DATA, programmes
from krachtwijk.geography import codes
from krachtwijk.geography.crosswalks import links
from krachtwijk.geography.names import SHAPES, Matches, NameIndex, core
from krachtwijk.monitor.model import Programme, ProgrammeArea
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication.selectors.areas import Area, Register, area, area_at, areas, known_areas
from krachtwijk.web.apps.publication.store import store

EVERYDAY = DATA / "geography" / "everyday-names.toml"
#: Kinds of hits, larger before smaller. People who type `Utrecht` mean the city before the province.
KINDS = ("land", "gemeente", "provincie", "stadsdeel", "wijk", "programma", "buurt", "pc4")
#: What a kind may be called in a question: `gemeente Utrecht`, `postcode 1825`.
CALLED = {kind: (kind,) for kind in KINDS} | {"pc4": ("postcode",), "programma": ("programma", "wijk")}
#: Hits without typing errors from which typing errors need not be looked for.
ENOUGH = 3
#: The lists of which the buurten of a postcode are known.
BUURTEN_OF, POSTCODES_OF = 2024, 2023
#: Less of a postcode's inhabitants than this in a buurt: two borders differ a little and nothing more.
LEAST_SHARE = 0.02

POSTCODE = re.compile(r"^\s*([1-9]\d{3})\s?([a-z]{2})(?:\s*,?\s*\d.*)?\s*$", re.IGNORECASE)
CODE = re.compile(r"^(BU|WK|GM|SD|PV)?([0-9][0-9A-Z]{1,7})$")
WIDTHS = {"GM": 4, "WK": 6, "BU": 8, "PV": 2}


@dataclass(frozen=True, slots=True)
class Hit:
    """An area, or an area of a programme, that a question means.

    ``other_name`` is the name by which it was found where that is not today's name; ``old``: it has another name now,
    or the area itself is of an earlier year.
    """

    kind: str
    name: str
    area: Area | None = None
    programme: Programme | None = None
    programme_area: ProgrammeArea | None = None
    other_name: str = ""
    old: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a question gave: hits as typed, hits if typing errors are forgiven, and how many of the first there are.

    ``letters`` are the letters of a whole postcode: figures are of its four digits, ``postcode``, and ``hits`` then
    also holds the buurten in which that postcode lies.
    """

    hits: tuple[Hit, ...] = ()
    similar: tuple[Hit, ...] = ()
    count: int = 0
    postcode: str = ""
    letters: str = ""


@dataclass(frozen=True, slots=True)
class _Names:
    """The index and, per row of it: what the row is of, and what orders it."""

    index: NameIndex
    owner: npt.NDArray[np.int32]  # place in the register, or behind it in `areas`
    other: npt.NDArray[np.int8]  # 0 today's name, 1 everyday name, 2 earlier name
    old: npt.NDArray[np.bool_]
    kind: npt.NDArray[np.int8]
    inhabitants: npt.NDArray[np.float64]
    names: tuple[str, ...]
    areas: tuple[tuple[Programme, ProgrammeArea], ...]


@cache
def everyday_names() -> dict[str, tuple[str, ...]]:
    """By code the names that people use for it."""
    found = tomllib.loads(EVERYDAY.read_text("utf-8"))["names"]
    return {code: tuple(names) for code, names in found.items()}


def _inhabitants(register: Register) -> npt.NDArray[np.float64]:
    """The newest published number of inhabitants per row of the register, 0 where none was published."""
    table = store().table("kerncijfers")
    if table is None:
        return np.zeros(register.frame.height)
    newest = (
        table.frame.lazy()
        .filter((pl.col("indicator") == "inwoners") & pl.col("value").is_not_null())
        .select(pl.col("area").alias("code"), pl.col("level").cast(pl.String), "value", "geo_year")
        .sort("geo_year")
        .unique(["code", "level"], keep="last")
        .select("code", "level", "value")
        .collect()
    )
    joined = register.frame.select("code", "level").join(
        newest, on=["code", "level"], how="left", maintain_order="left"
    )
    return joined["value"].fill_null(0.0).to_numpy()


def _load_names(warehouse: Warehouse) -> _Names:
    register = known_areas()
    everyday = everyday_names()
    rank = {kind: at for at, kind in enumerate(KINDS)}
    counted = _inhabitants(register)
    provinces = dict(register.frame.filter(pl.col("level") == "provincie").select("code", "name").iter_rows())
    rows: list[tuple[str, tuple[str, ...], int, int, bool, int, float]] = []
    columns = ("code", "level", "name", "names", "gemeente", "gemeente_name", "provincie", "current")
    for at, (code, level, name, names, gemeente, gemeente_name, provincie, current) in enumerate(
        register.frame.select(columns).iter_rows()
    ):
        if level not in rank:
            continue
        place = (*CALLED[level], *((gemeente_name, *everyday.get(gemeente, ())) if gemeente_name else ()))
        if level == "gemeente":
            # a province tells apart those of one name, `Bergen (NH.)`; with all, Amsterdam would be in `noord`
            place = (*CALLED[level], *((provinces.get(provincie, ""),) if "(" in name else ()))
        known = code if level == "pc4" else name
        rest = (place, at)
        weights = (rank[level], float(counted[at]))
        rows.append((known, *rest, 0, not current, *weights))
        rows += [(other, *rest, 1, not current, *weights) for other in everyday.get(code, ())]
        if names and level != "pc4":
            seen = {frozenset(core(known))}
            for entry in names:
                words = frozenset(core(entry["name"]))
                if words not in seen:
                    seen.add(words)
                    rows.append((entry["name"], *rest, 2, True, *weights))
    parts = tuple((made, part) for made in programmes().values() for part in made.areas)
    for at, (made, part) in enumerate(parts, register.frame.height):
        place = (*CALLED["programma"], part.city, *everyday.get(part.city_code, ()), made.name)
        for known in dict.fromkeys((part.name, *re.split(r"\s*/\s*", part.name))):
            rows.append((known, place, at, 0, False, rank["programma"], 0.0))
    named, places, owner, other, old, kind, weight = zip(*rows, strict=True)
    return _Names(
        NameIndex(named, places),
        np.array(owner, np.int32),
        np.array(other, np.int8),
        np.array(old, bool),
        np.array(kind, np.int8),
        np.array(weight, np.float64),
        named,
        parts,
    )


def _names() -> _Names:
    return store().derived("names", _load_names)


def _hit(names: _Names, row: int) -> Hit:
    at = int(names.owner[row])
    register = known_areas().frame
    other = names.names[row] if names.other[row] else ""
    if at >= register.height:
        made, part = names.areas[at - register.height]
        return Hit("programma", part.name, programme=made, programme_area=part)
    found = area_at(at)
    return Hit(found.level, found.name, found, other_name=other, old=bool(names.old[row]))


def _ordered(names: _Names, found: Matches, levels: Collection[str]) -> list[int]:
    """Rows of the index, best first, each area once."""
    rows, ranks = found.rows, found.ranks
    if levels:
        wanted = np.isin(names.kind[rows], [KINDS.index(level) for level in levels if level in KINDS])
        rows, ranks = rows[wanted], ranks[wanted]
    order = np.lexsort(
        (names.owner[rows], -names.inhabitants[rows], names.kind[rows], names.old[rows], ranks)
    )
    rows = rows[order]
    _, first = np.unique(names.owner[rows], return_index=True)
    return [int(row) for row in rows[np.sort(first)]]


def _matches(index: NameIndex, question: str, *, errors: bool) -> Matches:
    """As the index matches; where that gives nothing, with words joined or split."""
    found = index.match(question, errors=errors)
    if len(found.rows):
        return found
    others = [index.match_words(other, errors=errors) for other in index.joined_or_split(question)[:4]]
    return Matches(
        np.concatenate([found.rows, *(o.rows for o in others)]),
        np.concatenate([found.ranks, *(o.ranks for o in others)]),
    )


def _code_candidates(compact: str) -> list[str]:
    """The codes that a text may be: with or without prefix and zeros in front."""
    if compact == codes.COUNTRY or codes.level(compact) in {"land", "cel100m"}:
        return [codes.clean(compact)]
    given = CODE.match(compact)
    if given is None:
        return []
    prefix, digits = given.groups()
    if prefix:
        return [compact, prefix + digits.zfill(WIDTHS.get(prefix, len(digits)))]
    widths = [w for w in WIDTHS.items() if w[0] != "PV" and w[1] - 1 <= len(digits) <= w[1]]
    return [compact, *(prefix + digits.zfill(width) for prefix, width in widths)]


def _by_code(question: str) -> list[Hit]:
    compact = re.sub(r"[\s.-]", "", question).upper()
    found = [area(code) for code in dict.fromkeys(_code_candidates(compact))]
    exact = [Hit(a.level, a.name, a, old=not a.current) for a in found if a is not None]
    if exact or not re.match(r"^(BU|WK|GM|SD|PV)\d{2,}", compact):
        return exact
    begun = (
        known_areas().frame.filter(pl.col("code").str.starts_with(compact)).sort("current", descending=True)
    )
    return [Hit(a.level, a.name, a, old=not a.current) for a in areas(tuple(begun["code"].head(60)))]


def buurten_of(pc4: str) -> list[Area]:
    """Today's buurten in which a postcode lies, those with most of its inhabitants first; empty where unknown."""
    return [found for code in _buurten().get(pc4, ()) if (found := area(code)) is not None]


def _buurten() -> dict[str, tuple[str, ...]]:
    def make(warehouse: Warehouse) -> dict[str, tuple[str, ...]]:
        crossed = links(
            warehouse, from_level="buurt", from_year=BUURTEN_OF, to_level="pc4", to_year=POSTCODES_OF
        )
        inside = crossed.filter(pl.col("share_of_to") >= LEAST_SHARE).sort("share_of_to", descending=True)
        grouped = inside.group_by("to_code", maintain_order=True).agg("from_code")
        return {code: tuple(found) for code, found in grouped.iter_rows()}

    return store().derived("buurten of postcodes", make)


def search(question: str, *, limit: int = 60, levels: Collection[str] = ()) -> Found:
    """Areas and programme areas that a question means, best first: exact, today's, larger, most inhabitants.

    ``levels`` keeps only hits of these kinds. Typing errors are forgiven only where hardly anything fits as typed.
    """
    question = question.strip()
    if not question:
        return Found()
    postcode = POSTCODE.match(question)
    if postcode and (whole := area(postcode[1])) is not None:
        hits = [Hit("pc4", whole.name, whole, old=not whole.current)]
        hits += [Hit("buurt", b.name, b) for b in buurten_of(whole.code)]
        hits = _of(hits, levels)
        return Found(tuple(hits[:limit]), (), len(hits), whole.code, postcode[2].upper())
    by_code = _of(_by_code(question), levels)
    if by_code:
        return Found(tuple(by_code[:limit]), (), len(by_code))
    names = _names()
    rows = _ordered(names, _matches(names.index, question, errors=False), levels)
    hits = [_hit(names, row) for row in rows[:limit]]
    similar: list[Hit] = []
    if len(rows) < ENOUGH:
        forgiven = _matches(names.index, question, errors=True)
        wrong = forgiven.ranks >= SHAPES
        other = _ordered(names, Matches(forgiven.rows[wrong], forgiven.ranks[wrong]), levels)
        seen = {int(names.owner[row]) for row in rows}
        similar = [_hit(names, row) for row in other if int(names.owner[row]) not in seen][: min(limit, 12)]
    return Found(tuple(hits), tuple(similar), len(rows))


def _of(hits: Iterable[Hit], levels: Collection[str]) -> list[Hit]:
    return [h for h in hits if not levels or h.kind in levels]


def loosely(question: str, limit: int = 8) -> list[Hit]:
    """What any single word of a question finds: for where all words together find nothing."""
    names = _names()
    found = [names.index.match(word, errors=True) for word in question.split() if len(word) > 2]
    if not found:
        return []
    matches = Matches(np.concatenate([f.rows for f in found]), np.concatenate([f.ranks for f in found]))
    return [_hit(names, row) for row in _ordered(names, matches, ())[:limit]]


def find(query: str, limit: int = 60) -> tuple[list[Area], int]:
    """As `search`, areas of the register only, and how many there are in all."""
    found = search(query, limit=limit, levels=[kind for kind in KINDS if kind != "programma"])
    return [hit.area for hit in found.hits if hit.area is not None], found.count


def nearest(code: str) -> list[Hit]:
    """What an address with a code that does not exist may have meant: the code written well, else what it lies in."""
    code = codes.clean(code)
    exact = _by_code(code)
    if exact:
        return exact[:5]
    level = codes.level(code)
    if level == "pc4":
        # neighbouring numbers lie near each other; numbers far apart mean nothing
        postcodes = [
            c for c in known_areas().places if codes.level(c) == "pc4" and abs(int(c) - int(code)) < 10
        ]
        close = sorted(postcodes, key=lambda c: (abs(int(c) - int(code)), c))[:3]
        return [Hit("pc4", a.name, a) for c in close if (a := area(c)) is not None]
    if level in {"buurt", "wijk", "stadsdeel"}:
        parents = ([f"WK{code[2:8]}"] if level == "buurt" else []) + [f"GM{code[2:6]}"]
        return [Hit(a.level, a.name, a, old=not a.current) for c in parents if (a := area(c)) is not None]
    return []
