# SPDX-License-Identifier: EUPL-1.2
"""Reading columns of packaged files as text, and keeping what was made of them until a file changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path

import polars as pl

from krachtwijk.catalogue import DATA
from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import Warehouse
from krachtwijk.warehouse.tables import read_bytes


def columns(file: str, names: Sequence[str]) -> pl.DataFrame:
    """The named columns of a packaged CSV or GeoJSON file, as stripped text, empty cells null.

    Raises KrachtwijkError where the file or a column is not there.
    """
    path, raw = DATA / file, read_bytes(DATA / file)
    features: list[dict[str, str | None]] = []
    separator = ","
    if ".geojson" in path.name:
        features = [feature["properties"] for feature in json.loads(raw)["features"]]
        found = list(features[0])
    else:
        header = raw[: raw.index(b"\n")].decode("utf-8-sig")
        separator = ";" if header.count(";") > header.count(",") else ","
        found = [name.strip().strip('"') for name in header.split(separator)]
    absent = [name for name in names if name not in found]
    if absent:
        raise KrachtwijkError(
            f"Kolom {absent[0]} ontbreekt",
            where=file,
            mend=f"Kolommen in dit bestand: {', '.join(found[:12])}",
        )
    if features:
        frame = pl.DataFrame(
            {name: [None if (v := f[name]) is None else str(v) for f in features] for name in names},
            schema=dict.fromkeys(names, pl.String),
        )
    else:
        frame = pl.read_csv(raw, separator=separator, columns=list(names), infer_schema=False)
    stripped = pl.col(pl.String).str.strip_chars()
    return frame.select(names).with_columns(pl.when(stripped != "").then(stripped))


def virtual(path: Path) -> str:
    """A path as GDAL reads it: gzip through its own virtual file system."""
    return f"/vsigzip/{path}" if path.suffix == ".gz" else str(path)


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """A short hash of the files' content and of the given words."""
    digest = hashlib.sha256("|".join(words).encode())
    for path in sorted(set(files)):
        digest.update(_hash(path))
    return digest.hexdigest()[:16]


@cache
def _hash(path: Path) -> bytes:
    return hashlib.sha256(path.name.encode() + path.read_bytes()).digest()


def kept(warehouse: Warehouse, name: str, make: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """A table from `cache/`, made where it is not there. ``name`` holds a fingerprint, so a name means one content.

    Written by one rename, so a reader never meets half a file; read once per process.
    """
    path = warehouse.cache(name)
    if not path.exists():
        frame = make()
        with warehouse.workplace() as work:
            frame.write_parquet(work / name, compression="zstd")
            (work / name).replace(path)
    return _loaded(path)


@lru_cache(maxsize=32)
def _loaded(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)
