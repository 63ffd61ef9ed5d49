# SPDX-License-Identifier: EUPL-1.2
"""How well early warnings work: the public tables about them. Of single areas nothing is read here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from krachtwijk.web.apps.publication.selectors.areas import Row
from krachtwijk.web.apps.publication.store import store

NAME = re.compile(r"waarschuwing-([a-z0-9]+)-toets")
MODEL, CHANCE = "model", "kans"
SCORE, CLASS = "score", "klasse"
#: The rules anybody could think of.
NAIVE = ("zelfde-richting", "terug-naar-midden", "laag-daalt")
METHODS = (MODEL, *NAIVE, CHANCE)
#: A later period with the same areas; a later period with areas that were never seen.
LATER, UNSEEN = "tijd", "gebied"
#: By so much the warning must beat the best of those rules before the site says that it does.
MARGIN = 0.03


@dataclass(frozen=True, slots=True)
class Trial:
    """One look ahead, from ``origin`` until ``until``: its rows by method, and that of areas that were never seen."""

    target: str
    origin: str
    until: str
    rows: dict[str, Row]
    unseen: Row | None
    #: by how much the warning ordered areas better than the best simple rule, with an interval of 95 %
    lead: Mapping[str, Any]

    @property
    def model(self) -> Row:
        """The row of the warning itself."""
        return self.rows[MODEL]

    def best(self, measure: str) -> Row | None:
        """The best of the simple rules by a measure; None where none could be held against it."""
        rivals = [self.rows[m] for m in NAIVE if m in self.rows and self.rows[m][measure] is not None]
        return max(rivals, key=lambda r: r[measure], default=None)

    def beats(self, measure: str) -> bool:
        """Whether the warning is better than the best simple rule by the margin."""
        best = self.best(measure)
        return best is not None and self.model[measure] - best[measure] >= MARGIN

    @property
    def share(self) -> float:
        """The share of areas that fell."""
        return float(self.model["events"] / self.model["areas"])


def levels() -> list[str]:
    """The levels for which the warnings were tested."""
    return [found[1] for name in store().names() if (found := NAME.fullmatch(name))]


def trials(level: str) -> list[Trial]:
    """Every test of a level: scores before classes, the newest first."""
    table = store().table(f"waarschuwing-{level}-toets")
    if table is None:
        return []
    held: dict[tuple[str, str, str], dict[tuple[str, str], Row]] = {}
    for row in table.frame.to_dicts():
        key = (row["target"], row["origin"], row["until"])
        held.setdefault(key, {})[row["method"], row["split"]] = row
    leads = {(r["target"], r["origin"], r["until"], r["split"]): r for r in table.info.extra.get("lead", ())}
    made = [
        Trial(
            *key,
            {method: row for (method, split), row in rows.items() if split == LATER},
            rows.get((MODEL, UNSEEN)),
            leads.get((*key, LATER), {}),
        )
        for key, rows in held.items()
        if (MODEL, LATER) in rows
    ]
    made.sort(key=lambda t: (t.origin, t.until), reverse=True)
    made.sort(key=lambda t: t.target != SCORE)
    return made


def reliability(level: str, trial: Trial) -> list[Row]:
    """Groups of areas with about the same chance: what was expected and what happened, low to high."""
    return sorted((r for r in _rows(level, "betrouwbaarheid") if _about(r, trial)), key=lambda r: r["bin"])


def sizes(level: str, trial: Trial) -> list[Row]:
    """How areas of each size fared, in the order of the table."""
    return [r for r in _rows(level, "groep") if _about(r, trial)]


def _about(row: Row, trial: Trial) -> bool:
    return (row["target"], row["origin"], row["until"]) == (trial.target, trial.origin, trial.until)


def _rows(level: str, kind: str) -> list[dict[str, Any]]:
    table = store().table(f"waarschuwing-{level}-{kind}")
    return [] if table is None else table.frame.to_dicts()
