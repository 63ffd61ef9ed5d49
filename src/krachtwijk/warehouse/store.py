# SPDX-License-Identifier: EUPL-1.2
"""One folder holds everything that was taken in and computed.

    editions/<edition>/observations.parquet + manifest.json     what a publication said, never changed; the lines that
                       + rejected.parquet                       were not used stand apart: there may be very many
    results/<table>/<run>.parquet + <run>.json + current.json   what a run made of it; `current.json` names the newest
    results/<table>/changes/<number>.json                       what a run changed in the figures; never taken away
    cache/                                                      anything that can be made again

Writing happens in `tmp/` and ends in one rename, so a reader or a kill never meets half an edition.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse.changes import Change, compare

STATUSES = ("ok", "secret", "missing", "not_applicable", "estimated")

#: An observation. `period` is a year ("2016") or two ("2012-2016"); `value` is null unless status is ok or estimated;
#: `weight` is the number of inhabitants where the publication gives it.
OBSERVATIONS = pl.Schema(
    {
        "level": pl.String(),
        "area": pl.String(),
        "geo_year": pl.Int16(),
        "period": pl.String(),
        "indicator": pl.String(),
        "value": pl.Float64(),
        "status": pl.Enum(STATUSES),
        "weight": pl.Float64(),
    }
)


#: A line of a file that was not used.
REJECTED = pl.Schema({"line": pl.Int32(), "reason": pl.String()})


def default_home() -> Path:
    """The folder named by KRACHTWIJK_HOME, else `./var`."""
    return Path(os.environ.get("KRACHTWIJK_HOME") or "var").expanduser().resolve()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an edition is: of which publication, from which file, with what was left out and why.

    ``sha256`` is of the unpacked content, so a file and its gzip are the same edition. ``sequence`` orders editions by
    arrival. ``rows`` counts data lines of the file, ``kept`` those that were used; the others are listed by
    ``Warehouse.rejected``.
    """

    edition: str
    source: str
    title: str
    file: str
    sha256: str
    given_period: str | None
    periods: tuple[str, ...]
    levels: tuple[str, ...]
    geo_year: int
    indicators: tuple[str, ...]
    rows: int
    kept: int
    warnings: tuple[dict[str, Any], ...] = ()
    licence: str = ""
    attribution: str = ""
    origin: str = ""
    sequence: int = 0
    ingested_at: str = ""
    format: int = 1

    @property
    def left_out(self) -> int:
        """How many lines of the file were not used."""
        return self.rows - self.kept


@dataclass(frozen=True, slots=True)
class ResultInfo:
    """Which run made a result table, by which rule, out of which editions."""

    table: str
    run: str
    rule: str
    editions: tuple[str, ...]
    rows: int
    made_at: str = ""
    software: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


class Warehouse:
    """The editions and results under one home folder."""

    def __init__(self, home: Path | str | None = None) -> None:
        self.home = Path(home) if home is not None else default_home()

    # --- editions ---------------------------------------------------------------------------------------------

    def editions(self, source: str | None = None) -> list[Manifest]:
        """Manifests in order of arrival, of one publication family or of all."""
        found = []
        for path in self.home.glob("editions/*/manifest.json"):
            try:
                content = json.loads(path.read_text("utf-8"))
                if source is None or content["source"] == source:
                    for key in ("periods", "levels", "indicators", "warnings"):
                        content[key] = tuple(content[key])
                    found.append(Manifest(**{f.name: content[f.name] for f in fields(Manifest)}))
            except (ValueError, KeyError, TypeError) as error:
                raise KrachtwijkError(
                    "De beschrijving van een editie is beschadigd",
                    where=str(path),
                    mend="Verwijder de map van deze editie en neem de publicatie opnieuw op",
                ) from error
        return sorted(found, key=lambda m: (m.sequence, m.edition))

    def edition(self, identifier: str) -> Manifest:
        """One manifest by edition id."""
        for manifest in self.editions():
            if manifest.edition == identifier:
                return manifest
        raise KrachtwijkError(f"Editie {identifier} bestaat niet", mend="Zie `krachtwijk editions`")

    def find(self, source: str, sha256: str, given_period: str | None) -> Manifest | None:
        """The edition already made of this very content, if any."""
        for manifest in self.editions(source):
            if manifest.sha256 == sha256 and manifest.given_period == given_period:
                return manifest
        return None

    def rejected(self, edition: str) -> pl.DataFrame:
        """The lines of an edition's file that were not used: columns line, reason."""
        path = self.home / "editions" / edition / "rejected.parquet"
        return pl.read_parquet(path) if path.exists() else pl.DataFrame(schema=REJECTED)

    def add(
        self,
        observations: pl.DataFrame,
        manifest: Manifest,
        rejected: Sequence[tuple[int, str]] = (),
    ) -> Manifest:
        """Store an edition and return its manifest with sequence and time. All or nothing."""
        sequence = max((m.sequence for m in self.editions()), default=0) + 1
        manifest = replace(
            manifest,
            sequence=sequence,
            ingested_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with self.workplace() as work:
            observations.with_columns(
                pl.lit(manifest.edition).alias("edition"), pl.lit(sequence, pl.Int32).alias("sequence")
            ).sort(
                # rows of an indicator together make it skippable on reading; a full sort would cost more than it saves
                pl.col("indicator").cast(pl.Categorical).to_physical(),
                maintain_order=True,
            ).write_parquet(work / "observations.parquet", compression="zstd", statistics=True)
            if rejected:
                listed = pl.DataFrame(rejected, schema=REJECTED, orient="row")
                listed.write_parquet(work / "rejected.parquet", compression="zstd")
            (work / "manifest.json").write_text(_as_json(asdict(manifest)), "utf-8")
            target = self.home / "editions" / manifest.edition
            self._folder(target.parent)
            if target.exists():
                raise KrachtwijkError(
                    f"Editie {manifest.edition} bestaat al",
                    mend="Er hoeft niets te gebeuren; zie `krachtwijk editions`",
                )
            work.rename(target)
        return manifest

    def observations(
        self,
        source: str | None = None,
        *,
        level: str | Sequence[str] | None = None,
        indicators: Iterable[str] | None = None,
        periods: Iterable[str] | None = None,
        editions: Iterable[str] | None = None,
    ) -> pl.LazyFrame:
        """Observations of all editions that match, the newest edition first where several speak of the same thing.

        Columns: those of OBSERVATIONS plus ``edition`` and ``sequence``. Empty where nothing matches.
        """
        levels = {level} if isinstance(level, str) else set(level) if level is not None else None
        wanted = set(indicators) if indicators is not None else None
        years = set(periods) if periods is not None else None
        named = set(editions) if editions is not None else None
        parts = [
            self.home / "editions" / m.edition / "observations.parquet"
            for m in self.editions(source)
            if (named is None or m.edition in named)
            and (levels is None or levels & set(m.levels))
            and (wanted is None or wanted & set(m.indicators))
            and (years is None or years & set(m.periods))
        ]
        if not parts:
            return pl.LazyFrame(schema={**OBSERVATIONS, "edition": pl.String(), "sequence": pl.Int32()})
        frame = pl.scan_parquet(parts)
        if levels is not None:
            frame = frame.filter(pl.col("level").is_in(sorted(levels)))
        if wanted is not None:
            frame = frame.filter(pl.col("indicator").is_in(sorted(wanted)))
        if years is not None:
            frame = frame.filter(pl.col("period").is_in(sorted(years)))
        if len(parts) > 1:
            keys = ["level", "area", "geo_year", "period", "indicator"]
            frame = frame.sort("sequence", "edition").unique(subset=keys, keep="last", maintain_order=False)
        return frame

    # --- results ----------------------------------------------------------------------------------------------

    def write_result(self, frame: pl.DataFrame, info: ResultInfo) -> ResultInfo:
        """Store a result table of a run and make it the current one; keep what it changes in the figures."""
        info = replace(info, rows=frame.height, made_at=datetime.now(UTC).isoformat(timespec="seconds"))
        folder = self._folder(self.home / "results" / info.table)
        change = self._change(frame, info)
        with self.workplace() as work:
            if change is not None:  # before the table itself: a kill in between may not lose it
                (work / "change.json").write_text(_as_json(asdict(change)), "utf-8")
                (work / "change.json").replace(self._place_of(change))
            frame.write_parquet(work / "table.parquet", compression="zstd")
            (work / "info.json").write_text(_as_json(asdict(info)), "utf-8")
            (work / "table.parquet").replace(folder / f"{info.run}.parquet")
            (work / "info.json").replace(folder / f"{info.run}.json")
            (work / "current.json").write_text(_as_json({"run": info.run}), "utf-8")
            (work / "current.json").replace(folder / "current.json")
        return info

    def _change(self, frame: pl.DataFrame, info: ResultInfo) -> Change | None:
        """How this table differs from the current one; None where there is none yet or the figures are the same."""
        known, current = self.result_info(info.table), self.result(info.table)
        if known is None or current is None:
            return None
        try:
            found = compare(current.collect(), frame)
        except (OSError, pl.exceptions.ComputeError):  # a damaged table is replaced, not compared
            return None
        if not found:
            return None
        causes = {
            "editions": set(known.editions) != set(info.editions),
            "rule": known.rule != info.rule,
            "software": known.software != info.software,
        }
        return Change(
            table=info.table,
            before=known.run,
            after=info.run,
            before_made_at=known.made_at,
            made_at=info.made_at,
            causes=tuple(cause for cause, holds in causes.items() if holds) or ("facts",),
            editions_added=tuple(sorted(set(info.editions) - set(known.editions))),
            editions_removed=tuple(sorted(set(known.editions) - set(info.editions))),
            **{f.name: getattr(found, f.name) for f in fields(found)},
        )

    def _place_of(self, change: Change) -> Path:
        """The next number; or the last one again, where that run was stopped before it became current."""
        folder = self._folder(self.home / "results" / change.table / "changes")
        last = max((int(path.stem) for path in folder.glob("*.json")), default=0)
        if last:
            earlier = json.loads((folder / f"{last:06}.json").read_text("utf-8"))
            if all(earlier[k] == getattr(change, k) for k in ("before", "after", "before_made_at")):
                return folder / f"{last:06}.json"
        return folder / f"{last + 1:06}.json"

    def changes(self) -> list[Change]:
        """Every change of published figures, newest first."""
        known = {f.name for f in fields(Change)}
        found: list[tuple[str, Change]] = []
        for path in self.home.glob("results/*/changes/*.json"):
            content: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in json.loads(path.read_text("utf-8")).items()
                if key in known
            }
            found.append((path.stem, Change(**content)))
        found.sort(key=lambda pair: (pair[1].made_at, pair[0], pair[1].table), reverse=True)
        return [change for _, change in found]

    def results(self) -> list[ResultInfo]:
        """The current run of every result table, by table name."""
        return [
            info
            for path in sorted(self.home.glob("results/*/current.json"))
            if (info := self.result_info(path.parent.name)) is not None
        ]

    def result_info(self, table: str) -> ResultInfo | None:
        """The current run of a table, or None where it was never made or its description is damaged.

        A damaged table is as one that was never made: the next run makes it anew.
        """
        folder = self.home / "results" / table
        try:
            run = json.loads((folder / "current.json").read_text("utf-8"))["run"]
            content = json.loads((folder / f"{run}.json").read_text("utf-8"))
            content["editions"] = tuple(content["editions"])
            return ResultInfo(**content)
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return None

    def result(self, table: str) -> pl.LazyFrame | None:
        """The current content of a result table, or None where it was never made."""
        info = self.result_info(table)
        return None if info is None else self.rows(info)

    def rows(self, info: ResultInfo) -> pl.LazyFrame:
        """The content of a result table as one run made it, also where a newer run has come meanwhile."""
        return pl.scan_parquet(self.home / "results" / info.table / f"{info.run}.parquet")

    # --- housekeeping -----------------------------------------------------------------------------------------

    def cache(self, *parts: str) -> Path:
        """A path under `cache/`, its folder made; anything there may be deleted at any time."""
        path = self.home.joinpath("cache", *parts)
        self._folder(path.parent)
        return path

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A folder to write in before the one rename; gone afterwards. A write that fails is a KrachtwijkError."""
        work = self._folder(self.home / "tmp" / uuid.uuid4().hex)
        try:
            yield work
        except (OSError, pl.exceptions.ComputeError) as error:
            raise KrachtwijkError(
                "De gegevens zijn niet weg te schrijven; er is niets veranderd",
                where=f"{self.home}: {getattr(error, 'strerror', None) or error}",
                mend="Maak ruimte op de schijf, of kies een andere map met KRACHTWIJK_HOME",
            ) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _folder(self, path: Path) -> Path:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KrachtwijkError(
                "De map voor gegevens is niet te beschrijven",
                where=str(self.home),
                mend="Kies een andere map met KRACHTWIJK_HOME of herstel de rechten",
            ) from error
        return path

    def clean(self) -> None:
        """Remove what interrupted runs left in `tmp/`; what is younger than an hour may be at work."""
        for left in self.home.glob("tmp/*"):
            if time.time() - left.stat().st_mtime > 3600:
                shutil.rmtree(left, ignore_errors=True)
