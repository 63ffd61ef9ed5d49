# SPDX-License-Identifier: EUPL-1.2
"""Result tables and manifests in memory, once per process, so that a page costs a look-up and no query.

A table is read again when its `current.json` changes; looking costs one file status per table, and a page looks once.
An area's rows lie next to each other, so a row range per key is all the index there is.

Here it is decided what the public may see: `names`, `table` and `changes` know no table that the data dictionary keeps
for the desks (``public = false`` of its kind). A desk asks `for_desks`, and only after it looked who asks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, TypeVar

import polars as pl
from django.utils.log import request_logger

from krachtwijk.catalogue import dictionary
from krachtwijk.warehouse import Change, Manifest, ResultInfo, Warehouse, default_home

T = TypeVar("T")

#: The file in the home folder that says in which areas there is residents' money, so that their pages need no database.
MONEY = "bewonersgeld.json"


@dataclass(frozen=True, slots=True)
class Table:
    """A result table with the range of rows of each area (or unit)."""

    info: ResultInfo
    frame: pl.DataFrame
    ranges: dict[str, tuple[int, int]]
    _derived: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    def rows(self, key: str) -> list[dict[str, Any]]:
        """The rows of one area as dictionaries, in the table's order."""
        start, length = self.ranges.get(key, (0, 0))
        return self.frame.slice(start, length).to_dicts() if length else []

    def derived(self, name: Hashable, make: Callable[[pl.DataFrame], T]) -> T:
        """Something many pages ask of the whole table, made once; it goes when the table goes."""
        if name not in self._derived:
            self._derived[name] = make(self.frame)
        value: T = self._derived[name]
        return value


def indexed(info: ResultInfo, rows: pl.LazyFrame) -> Table:
    """A table sorted so that the rows of each area lie together, with their ranges."""
    key = next((c for c in ("area", "unit") if c in rows.collect_schema()), None)
    if key is None:
        return Table(info, rows.collect(), {})
    # the other texts repeat a few words over and over: as categories they take a third of the memory, and read part
    # by part they never all stand there as text
    categories = pl.col(pl.String).exclude(key).cast(pl.Categorical)
    frame = rows.with_columns(categories).collect(engine="streaming")
    if not frame[key].is_sorted():
        frame = frame.sort(key, maintain_order=True)
    lengths = frame.group_by(key, maintain_order=True).len()
    starts = lengths["len"].cum_sum() - lengths["len"]
    return Table(info, frame, dict(zip(lengths[key], zip(starts, lengths["len"], strict=True), strict=True)))


@lru_cache(1024)
def is_public(name: str) -> bool:
    """Whether everybody may have the figures of a result table."""
    return dictionary().is_public(name)


Stamp = tuple[int, int]


def _stamp(path: str) -> Stamp:
    """What changes when a file is replaced or an entry is added to a folder; (0, 0) where there is none."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


#: What the page being made saw of the files.
_seen: ContextVar[dict[str, Any] | None] = ContextVar("seen", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Look at each file once until the end: a page asks for its tables many times, and is made of one state of them."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def once(name: str, look: Callable[[], T]) -> T:
    """What a look tells, or told this page before."""
    seen = _seen.get()
    if seen is None:
        return look()
    if name not in seen:
        seen[name] = look()
    value: T = seen[name]
    return value


@dataclass(slots=True)
class Store:
    """What one home folder holds, kept until its files change."""

    warehouse: Warehouse
    _kept: dict[str, tuple[object, Any]] = field(default_factory=dict)

    def _keep(self, name: str, stamp: object, make: Callable[[], T]) -> T:
        known = self._kept.get(name)
        if known is None or known[0] != stamp:
            known = (stamp, make())
            self._kept[name] = known
        value: T = known[1]
        return value

    def _stamp_of(self, name: str) -> Stamp:
        path = f"{self.warehouse.home}/{name}"
        return once(path, lambda: _stamp(path))

    def names(self) -> tuple[str, ...]:
        """The public result tables there are, by name."""
        return tuple(name for name in self._held() if is_public(name))

    def kept_for_desks(self) -> tuple[str, ...]:
        """The names of the result tables that are not public."""
        return tuple(name for name in self._held() if not is_public(name))

    def _held(self) -> tuple[str, ...]:
        folder = f"{self.warehouse.home}/results"

        def look() -> tuple[str, ...]:
            try:
                return tuple(sorted(os.listdir(folder)))
            except FileNotFoundError:
                return ()

        return once(f"{folder}/", look)

    def stamps(self) -> list[Stamp]:
        """What changes when any result table, edition or drawing of the map does."""
        names = ("editions", "tiles/manifest.json", "tiles/sheets.json", MONEY)
        tables = (f"results/{name}/current.json" for name in self.names())
        return once(f"{self.warehouse.home}/", lambda: [self._stamp_of(name) for name in (*names, *tables)])

    def table(self, name: str) -> Table | None:
        """A public result table, or None where it was never made."""
        return self._table(name) if is_public(name) else None

    def for_desks(self, name: str) -> Table | None:
        """A result table that is not public, or None where it was never made. Who asks was looked at before."""
        return None if is_public(name) else self._table(name)

    def _table(self, name: str) -> Table | None:
        stamp = self._stamp_of(f"results/{name}/current.json")
        if stamp == (0, 0):
            return None

        def read() -> Table | None:
            info = self.warehouse.result_info(name)
            try:
                if info is not None:
                    return indexed(info, self.warehouse.rows(info))
            except (OSError, pl.exceptions.PolarsError):
                pass
            # pages say that there are no figures of this kind; the next run makes the table anew
            request_logger.error("Tabel %s is beschadigd; draai `krachtwijk monitor` opnieuw", name)
            return None

        return self._keep(f"results/{name}", stamp, read)

    def editions(self) -> dict[str, Manifest]:
        """Manifests by edition, in order of arrival."""
        return self._keep(
            "editions/",
            self._stamp_of("editions"),
            lambda: {m.edition: m for m in self.warehouse.editions()},
        )

    def changes(self) -> list[Change]:
        """What runs changed in public figures, newest first."""
        return self.of_tables("changes/", lambda: [c for c in self.warehouse.changes() if is_public(c.table)])

    def money(self) -> dict[str, list[dict[str, Any]]]:
        """By code of an area the funds of residents' money there, as `vouchers` wrote them; empty where none did."""

        def read() -> dict[str, list[dict[str, Any]]]:
            try:
                found: dict[str, list[dict[str, Any]]] = json.loads(
                    (self.warehouse.home / MONEY).read_text("utf-8")
                )
            except FileNotFoundError:
                return {}
            except (OSError, ValueError):
                request_logger.error("%s is beschadigd; draai `krachtwijk vouchers roots`", MONEY)
                return {}
            return found

        return self._keep(MONEY, self._stamp_of(MONEY), read)

    def of_tables(self, name: str, make: Callable[[], T]) -> T:
        """Something made from several result tables, kept until any of them changes."""
        return self._keep(name, self.stamps(), make)

    def derived(self, name: str, make: Callable[[Warehouse], T]) -> T:
        """Something made from packaged files and editions, kept until an edition is added."""
        return self._keep(name, self._stamp_of("editions"), lambda: make(self.warehouse))


@cache
def _store(setting: str | None, here: str) -> Store:
    return Store(Warehouse(default_home()))


def store() -> Store:
    """The store of the home folder in use; a page asks for it a hundred times, so the path is resolved once."""
    return _store(os.environ.get("KRACHTWIJK_HOME"), os.getcwd())
