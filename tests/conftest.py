# SPDX-License-Identifier: EUPL-1.2
"""What every test may use: an empty home, the packaged files, the publications beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection

from krachtwijk.catalogue import DATA
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.record.triggers import EVENT_KEYS, protect, unprotect

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


@pytest.fixture(autouse=True, scope="session")
def emptying_between_tests() -> Iterator[None]:
    """After a transactional test every table is emptied; for that moment the register is not append-only."""
    original = flush.Command.handle

    def handle(self: flush.Command, **options: Any) -> None:
        unprotect(connection, "record_event")
        original(self, **options)
        protect(connection, "record_event", EVENT_KEYS)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield
