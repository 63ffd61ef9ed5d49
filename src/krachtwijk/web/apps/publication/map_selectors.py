# SPDX-License-Identifier: EUPL-1.2
"""What the map page shows: the choices there are, the areas as a list, how many stand in each class."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import get_language, gettext, gettext_lazy

from krachtwijk.catalogue import programmes, score_version
from krachtwijk.geography.tiles import FINE_ZOOM, GEOGRAPHIES, Geography, folder, manifest
from krachtwijk.monitor.model import ScoreVersion
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import selectors, wording

__all__ = ["Choice", "MapView", "map_view"]

SITUATION, DEVELOPMENT = "situatie", "ontwikkeling"
#: with which version, period, measure, level and programme the map opens
OPENING = {"meting": "lbm3-2024", "maat": "total", "niveau": "zoom", "programma": "krachtwijken-2007"}

#: classes of a deviation, 1 to 9: 5 is within a quarter standard deviation of the national mean
RELATIVE_WORDS = (
    gettext_lazy("heel veel minder gunstig"),
    gettext_lazy("veel minder gunstig"),
    gettext_lazy("minder gunstig"),
    gettext_lazy("iets minder gunstig"),
    gettext_lazy("rond het gemiddelde"),
    gettext_lazy("iets gunstiger"),
    gettext_lazy("gunstiger"),
    gettext_lazy("veel gunstiger"),
    gettext_lazy("heel veel gunstiger"),
)
#: class → step of the nine-step colour scale; a change of seven classes has its middle in the middle of the scale
NINE_STEPS, CHANGE_STEPS = (1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 4, 5, 6, 8, 9)

LEVEL_WORDS = {
    "gemeente": gettext_lazy("gemeenten"),
    "wijk": gettext_lazy("wijken"),
    "pc4": gettext_lazy("postcodes"),
    "buurt": gettext_lazy("buurten"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select: value in the address, label, group heading, chosen or not."""

    value: str
    label: str
    chosen: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class MapView:
    """Everything one state of the map page needs; ``state`` is the part that the script reads (JSON)."""

    title: str
    choices: Mapping[str, list[Choice]]
    legend: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    level: str
    town: str
    finding: dict[str, Any]
    unscored: int
    undrawn: int
    relative: bool
    mean_word: str
    version: ScoreVersion
    runs: list[Any] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)


@cache
def _read(path: Path, _changed: int) -> pl.DataFrame:
    return pl.read_parquet(path)


def areas(warehouse: Warehouse, geography: Geography) -> pl.DataFrame | None:
    """The table of a geography, kept in memory until the file changes; None where it was not made."""
    path = folder(warehouse) / f"{geography.id}.parquet"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


def _localised(thing: Any, name: str) -> Any:
    return getattr(thing, f"{name}_en" if get_language() == "en" else name)


def _tables(warehouse: Warehouse, version: str) -> dict[str, tuple[Geography, pl.DataFrame]]:
    """Level → geography and table of a version, municipalities first."""
    found = {
        g.level: (g, table)
        for g in sorted(GEOGRAPHIES.values(), key=lambda g: g.parent is not None)
        if g.tables[0].startswith(f"{version}-") and (table := areas(warehouse, g)) is not None
    }
    return found if "gemeente" in found and len(found) > 1 else {}


def _measurements(warehouse: Warehouse) -> dict[str, tuple[str, list[str]]]:
    """What can be shown: `lbm3-2024` → (version, measures); `lbm2-2002-2016` is a change. Newest version first."""
    found: dict[str, tuple[str, list[str]]] = {}
    for version in ("lbm3", "lbm2"):
        tables = _tables(warehouse, version)
        columns = tables["gemeente"][1].columns if tables else []
        split = [m.groups() for c in columns if (m := re.fullmatch(r"([a-z]+)_(\d{4}(?:_\d{4})?)", c))]
        for period in sorted({p for _measure, p in split}, key=lambda p: (len(p), -int(p[-4:]), p)):
            identifier = f"{version}-{period.replace('_', '-')}"
            found[identifier] = (version, [m for m, p in split if p == period])
    return found


def _pick(given: Mapping[str, str], name: str, allowed: Sequence[str]) -> str:
    """The value in the address where it is allowed, else the opening's, else the first."""
    for value in (given.get(name), OPENING.get(name)):
        if value in allowed:
            return str(value)
    return allowed[0]


def _kind_of(period: str) -> str:
    return DEVELOPMENT if "-" in period else SITUATION


def _measurement_choices(found: Mapping[str, tuple[str, list[str]]], chosen: str) -> list[Choice]:
    heading = {SITUATION: gettext("Situatie"), DEVELOPMENT: gettext("Ontwikkeling")}
    made = []
    for identifier, (version, _measures) in found.items():
        period = identifier.removeprefix(f"{version}-")
        label = period.replace("-", "–")
        name = score_version(version).name
        group = f"{heading[_kind_of(period)]}, {name}"
        made.append(Choice(identifier, f"{label} ({name.split()[-1]})", identifier == chosen, group))
    return made


def _measure_label(version: ScoreVersion, measure: str) -> str:
    names = {
        "total": gettext_lazy("Totaal"),
        "dev": gettext_lazy("Totaal, vergeleken met Nederland"),
        "change": gettext_lazy("Totaal"),
    }
    names |= {d.id: _localised(d, "label") for d in version.dimensions}
    return str(names[measure])


def _words(version: ScoreVersion, measure: str) -> tuple[Sequence[str], Sequence[int]]:
    """Words of the classes and their steps on the colour scale."""
    if measure == "total":
        return _localised(version, "class_labels"), NINE_STEPS
    if measure == "change":
        return [wording.change_word(step) for step in range(1, len(CHANGE_STEPS) + 1)], CHANGE_STEPS
    return [str(w) for w in RELATIVE_WORDS], NINE_STEPS


def _finding(version: ScoreVersion, measure: str, counts: Mapping[int, int]) -> dict[str, Any]:
    """The counts above, at and below the middle of the scale, for the sentence over the map."""
    if measure == "total":
        limit = version.zero_class or 4
        word = _localised(version, "class_labels")[limit]
        return {"kind": "total", "above": sum(n for k, n in counts.items() if k > limit), "word": word}
    middle = 4 if measure == "change" else 5
    return {
        "kind": "change" if measure == "change" else "relative",
        "above": sum(n for k, n in counts.items() if k > middle),
        "same": counts.get(middle, 0),
        "below": sum(n for k, n in counts.items() if 0 < k < middle),
    }


def _counts(table: pl.DataFrame, column: str) -> dict[int, int]:
    return dict(table.group_by(column).len().iter_rows())


def map_view(given: Mapping[str, str]) -> MapView | None:
    """The page for these choices (`meting`, `maat`, `niveau`, `gemeente`, `programma`); unknown values fall back to the
    opening's. None where no tiles were made yet.
    """
    warehouse = Warehouse()
    found = _measurements(warehouse)
    if not found:
        return None
    measurement = _pick(given, "meting", list(found))
    version_id, measures = found[measurement]
    version = score_version(version_id)
    period = measurement.removeprefix(f"{version_id}-")
    measure = _pick(given, "maat", measures)
    column = f"{measure}_{period.replace('-', '_')}"
    tables = _tables(warehouse, version_id)
    fine_levels = [
        level for level, (_g, table) in tables.items() if level != "gemeente" and column in table.columns
    ]
    fine = _pick(given, "niveau", fine_levels)
    municipalities = tables["gemeente"][1]
    towns = dict(municipalities.select("code", "name").sort("name").iter_rows())
    gemeente = given.get("gemeente", "")
    gemeente = gemeente if gemeente in towns else ""
    known = programmes()
    made = manifest(warehouse)
    drawable = [p for p in known if f"programme-{p}" in made]
    programme = given["programma"] if given.get("programma") in {"", *drawable} else ""
    if "programma" not in given and OPENING["programma"] in drawable:
        programme = OPENING["programma"]

    words, steps = _words(version, measure)
    level = fine if gemeente else "gemeente"
    table = tables[level][1]
    listed = table.filter(pl.col("gemeente") == gemeente) if gemeente else table
    # what the page tells of the smaller areas is about the chosen municipality, else about the country
    told = listed if gemeente else tables[fine][1]
    counts = {"gemeente": _counts(municipalities, column), fine: _counts(told, column)}
    unit = LEVEL_WORDS[fine]
    if gemeente:
        unit = gettext("%(areas)s in %(town)s") % {"areas": unit, "town": towns[gemeente]}
    legend = [
        {"class": k, "step": steps[k - 1], "label": word, "count": counts[fine].get(k, 0)}
        for k, word in enumerate(words, start=1)
    ]
    by_class = {item["class"]: item for item in legend}
    rows = [
        {**row, "step": item["step"] if item else None, "label": item["label"] if item else None}
        for row in listed.select(
            "code", "name", pl.col("lon", "lat").cast(pl.String), pl.col(column).alias("class")
        )
        .sort(pl.col("name").str.to_lowercase().str.replace_all(r"[^\p{L}\d]", ""))
        .iter_rows(named=True)
        for item in [by_class.get(row["class"])]
    ]
    mean = selectors.mean_class(version, period)
    around = municipalities.row(by_predicate=pl.col("code") == gemeente, named=True) if gemeente else None
    geographies = {shown: tables[shown][0] for shown in ("gemeente", fine)}
    return MapView(
        title=_measure_label(version, measure),
        choices={
            "meting": _measurement_choices(found, measurement),
            "maat": [Choice(m, _measure_label(version, m), m == measure) for m in measures],
            "niveau": [Choice(v, str(LEVEL_WORDS[v]), v == fine) for v in fine_levels],
            "gemeente": [
                Choice("", gettext("Heel Nederland"), not gemeente),
                *(Choice(code, name, code == gemeente) for code, name in towns.items()),
            ],
            "programma": [
                *(Choice(p, _localised(known[p], "name"), p == programme) for p in drawable),
                Choice("", gettext("Geen"), not programme),
            ],
        },
        legend=legend,
        rows=rows,
        level=level,
        town=towns.get(gemeente, ""),
        finding={
            **_finding(version, measure, counts[fine]),
            "period": period,
            "years": wording.between(period) if "-" in period else "",
            "level": str(unit),
            "all": sum(n for k, n in counts[fine].items() if k),
        },
        unscored=counts[fine].get(0, 0),
        undrawn=made.get(geographies[fine].id, {}).get("undrawn", 0),
        mean_word=wording.class_word(version, mean) if measure == "total" and mean else "",
        relative=measure not in {"total", "change"},
        version=version,
        runs=[info for t in geographies[fine].tables if (info := warehouse.result_info(t)) is not None],
        state={
            "column": column,
            "fineZoom": FINE_ZOOM,
            "levels": {
                shown: {
                    "id": g.id,
                    "fingerprint": made.get(g.id, {}).get("fingerprint", ""),
                    "word": str(unit if shown == fine else LEVEL_WORDS[shown]),
                    "counts": {str(k): n for k, n in counts[shown].items()},
                }
                for shown, g in geographies.items()
            },
            "fine": fine,
            "classes": legend,
            "programme": {
                "id": f"programme-{programme}",
                "fingerprint": made[f"programme-{programme}"]["fingerprint"],
                "word": _localised(known[programme], "area_word"),
            }
            if programme
            else None,
            "gemeente": gemeente,
            "bounds": [around[s] for s in ("west", "south", "east", "north")]
            if around
            else made[geographies["gemeente"].id]["bounds"],
        },
    )
