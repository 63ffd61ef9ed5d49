# SPDX-License-Identifier: EUPL-1.2
"""A warehouse whose cache is filled once a session: what is tested is never the cache itself."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from krachtwijk.geography import register
from krachtwijk.sources import reference
from krachtwijk.warehouse import Warehouse

Writer = Callable[[str, Sequence[str], Iterable[Sequence[object]]], Path]


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder with the register of codes and the packaged figures."""
    made = Warehouse(tmp_path_factory.mktemp("caches"))
    register.known_codes(made)
    reference.figures(made)
    return made.home / "cache"


@pytest.fixture
def warehouse(tmp_path: Path, caches: Path) -> Warehouse:
    """A warehouse without editions."""
    shutil.copytree(caches, tmp_path / "var" / "cache")
    return Warehouse(tmp_path / "var")


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Write a small CSV file: name, header, rows."""

    def writer(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([header, *rows])
        return path

    return writer
