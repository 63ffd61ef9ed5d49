# SPDX-License-Identifier: EUPL-1.2
"""What every test may use: an empty home, the packaged files, the publications beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from krachtwijk.catalogue import DATA
from krachtwijk.warehouse import Warehouse

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse."""
    return Warehouse(tmp_path / "var")


@pytest.fixture(scope="session")
def packaged() -> Path:
    """The folder of packaged publications."""
    return DATA / "publications"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real publications beside the checkout; tests that need them are marked `shared`."""
    if not SHARED.exists():
        pytest.skip("../shared is not there: tests on unpackaged publications did not run")
    return SHARED
