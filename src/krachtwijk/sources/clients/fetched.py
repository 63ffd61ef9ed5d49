# SPDX-License-Identifier: EUPL-1.2
"""What a fetch leaves behind, and the errors that all clients share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from krachtwijk.errors import KrachtwijkError


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that `ingest_file` takes. ``fetched_at`` is that of its oldest part; ``notices`` are Dutch sentences."""

    path: Path
    url: str
    rows: int
    fetched_at: datetime
    offline: bool
    notices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of `krachtwijk fetch --json`."""
        return {
            "path": str(self.path),
            "url": self.url,
            "rows": self.rows,
            "fetchedAt": self.fetched_at.isoformat(timespec="seconds"),
            "offline": self.offline,
            "notices": list(self.notices),
        }


def fetched(
    path: Path, url: str, rows: int, answers: Iterable[tuple[float, bool]], notices: Iterable[str] = ()
) -> Fetched:
    """Sum up the answers (when fetched, whether old) behind a file."""
    ages, stale = zip(*answers, strict=True)
    when = datetime.fromtimestamp(min(ages), UTC)
    told = list(notices)
    if any(stale):
        told.insert(
            0, f"De dienst is niet bereikt; gebruikt is de bewaarde kopie van {when:%d-%m-%Y %H:%M} (UTC)"
        )
    return Fetched(path, url, rows, when, any(stale), tuple(told))


def changed(table: str, column: str) -> KrachtwijkError:
    """The error about a column that should be there."""
    return KrachtwijkError(
        f"In tabel {table} ontbreekt kolom {column}",
        where=table,
        mend="De uitgever heeft de tabel veranderd; pas de catalogus aan of gebruik een eerder opgehaald bestand",
    )


def filter_mark(where: str) -> str:
    """A short mark for the file name of a filtered fetch; without digits, so that it never reads as a year."""
    if not where:
        return ""
    digest = hashlib.sha256(where.encode()).hexdigest()[:8]
    return "-" + digest.translate(str.maketrans("0123456789", "ghijklmnop"))
