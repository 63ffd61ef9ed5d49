# SPDX-License-Identifier: EUPL-1.2
"""`krachtwijk warn`: for which areas a decline may be ahead, how sure that is and what the expectation is made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from krachtwijk.cli.reporting import emit, say

if TYPE_CHECKING:
    import polars as pl

    from krachtwijk.monitor.model import WarningSpec

#: What stands behind a code of `reasons`; with the name of a dimension where there is one.
WORDS = {
    "niveau": "{}: hoe hoog het nu staat",
    "omgeving": "{}: hoe hoog het in de gebieden ernaast staat",
    "verandering": "{}: de laatste verandering",
    "buren": "de laatste verandering van de gebieden ernaast",
    "grootte": "het aantal inwoners",
    "gemiddeld": "de gemiddelde verandering van alle gebieden",
}
#: Figures in JSON: enough to reckon with, no more than they are worth.
PLACES = {"probability": 4, "chance_below": 4, "size": 0}
OTHER_PLACES = 4


def warn(
    level: Annotated[str, typer.Option(help="Niveau: pc4 of wijk.")] = "pc4",
    as_of: Annotated[
        int | None, typer.Option("--as-of", help="Laatste jaar dat bekend mag zijn; anders het nieuwste.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(help="Hoeveel jaar vooruit.", min=1)] = None,
    area: Annotated[str | None, typer.Option(help="Alleen dit gebied, met alle redenen.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Geef het antwoord als JSON.")] = False,
) -> None:
    """Waar een score kan dalen: kans, interval en redenen per gebied. Voor gemeente en ministerie, niet openbaar."""
    from krachtwijk.errors import KrachtwijkError
    from krachtwijk.runs import warnings
    from krachtwijk.warehouse import Warehouse

    found = warnings.warned(Warehouse(), level, as_of, horizon)
    if area is not None:
        found = found.filter(area=area)
        if found.is_empty():
            raise KrachtwijkError(
                f"Van {area} is geen score bekend", where="--area", mend="Kies een gebied met een score"
            )
    spec = warnings.spec_of(level)
    if as_json:
        emit([_answer(row) for row in found.iter_rows(named=True)], indent=None)
    elif area is not None:
        _tell(found.row(0, named=True), spec)
    else:
        _overview(found, spec)


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON: the interval as a pair, reasons as a list, figures without digits that mean nothing."""
    kept = {
        name: round(value, PLACES.get(name, OTHER_PLACES)) if isinstance(value, float) else value
        for name, value in row.items()
        if name not in ("low", "high", "reasons", "period")
    }
    return {
        "area": kept.pop("area"),
        "probability": kept.pop("probability"),
        "expected": kept.pop("expected"),
        "interval": [round(row["low"], OTHER_PLACES), round(row["high"], OTHER_PLACES)],
        "reasons": json.loads(row["reasons"]),
        "as_of": int(row["period"]),
        **kept,
    }


def _overview(found: pl.DataFrame, spec: WarningSpec) -> None:
    first = found.filter("flagged")
    one = found.row(0, named=True)
    say(
        f"{found.height} gebieden, bekend in {one['period']}, {one['horizon']} jaar vooruit. "
        f"Een daling telt bij meer dan {_number(spec.threshold)} punt ten opzichte van Nederland."
    )
    say(f"{first.height} gebieden om het eerst te bekijken, op volgorde van gebied:")
    for row in first.iter_rows(named=True):
        crossing = ", kan onder het nulpunt komen" if row["crossing"] else ""
        say(
            f"  {row['area']:10} kans {row['probability']:4.0%}, verwacht {_number(row['expected'])} "
            f"({_number(row['low'])} tot {_number(row['high'])}){crossing}"
        )
    say("In kleine gebieden schommelt de score meer: een hoge kans is daar vooral onzekerheid.")
    say("Een kans is geen oordeel en geen oorzaak. Een mens besluit; maak geen gebied openbaar.")
    say(f"Redenen per gebied: krachtwijk warn --level {spec.level} --area GEBIED")


def _tell(row: dict[str, Any], spec: WarningSpec) -> None:
    from krachtwijk.catalogue import score_version

    labels = {d.id: d.label for d in score_version(spec.version).dimensions}
    say(
        f"{row['area']}, bekend in {row['period']}: kans van {row['probability']:.0%} op een daling van meer dan "
        f"{_number(spec.threshold)} punt in {row['horizon']} jaar."
    )
    say(
        f"Verwachte verandering {_number(row['expected'])}, met 90% zekerheid van {_number(row['low'])} "
        f"tot {_number(row['high'])}."
    )
    say(
        f"Zulke gebieden schommelen {_number(row['swing'], 1)} keer zo sterk als het middelste gebied; "
        "wie meer schommelt, heeft een hogere kans, ook zonder dat een daling wordt verwacht."
    )
    if row["distance"] is not None:
        say(
            f"Score {_number(row['score'])}, {_number(abs(row['distance']))} "
            f"{'boven' if row['distance'] > 0 else 'onder'} het nulpunt; {_percent(row['chance_below'])} kans "
            "om er dan onder te liggen."
        )
    say("De verwachting is de som van:")
    for reason in json.loads(row["reasons"]):
        words = WORDS[reason["code"]].format(labels.get(reason["dimension"], ""))
        say(f"  {_number(reason['contribution'], 4):>8}  {words}")


def _percent(chance: float) -> str:
    return "minder dan 1%" if chance < 0.01 else f"{chance:.0%}"


def _number(value: float, places: int = 3) -> str:
    return f"{value:.{places}f}".replace("-", "−").replace(".", ",")
