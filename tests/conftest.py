# SPDX-License-Identifier: EUPL-1.2
"""What every test may use: an empty home, the packaged files, the publications beside the checkout."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection, connections
from hypothesis import HealthCheck, settings

from krachtwijk.catalogue import DATA
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.record.triggers import EVENT_KEYS, protect, unprotect

# how long an example takes says something about the machine, nothing about the code
settings.register_profile("krachtwijk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("krachtwijk")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs the whole demonstration is slow, because building it is.

    Workers divide the list in two and take work from each other at its end (`--dist worksteal`): what needs the
    demonstration stands behind what does not, so that one builds it while the other has enough to do. Tests with a
    database come last, in the order that pytest-django gives them.
    """
    for item in items:
        uses = set(getattr(item, "fixturenames", ()))
        if "built" in uses:
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("django_db") or uses & {"db", "transactional_db"}:
            item.add_marker(pytest.mark.database)

    def place(item: pytest.Item) -> int:
        if item.get_closest_marker("django_db"):
            return 2
        return int("built" in getattr(item, "fixturenames", ()))

    items.sort(key=place)


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


@pytest.fixture(autouse=True)
def no_connection_of_another_test(request: pytest.FixtureRequest) -> None:
    """The end of a streamed answer looks at open connections: one left by a test with a database is not for others."""
    if not request.node.get_closest_marker("django_db") and "db" not in request.fixturenames:
        connections.close_all()


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


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The demonstration as a person makes it, in an empty home, made once for all suites and workers.

    No test changes it: one that must works in a copy.
    """
    # `bin/test` names one folder for all its suites; else, with xdist each worker has its own base folder, and their
    # parent is the run's own
    base = tmp_path_factory.getbasetemp()
    own = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = Path(os.environ.get("KRACHTWIJK_TEST_BUILT") or own) / "built"
    with _only_one(home.with_suffix(".lock")):
        if not (home / "complete").exists():
            done = subprocess.run(
                [sys.executable, "-m", "krachtwijk.cli.main", "demo", "--no-serve"],
                env={**os.environ, "KRACHTWIJK_HOME": str(home), "DATABASE_URL": ""},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert done.returncode == 0, done.stdout
            (home / "complete").touch()
    return Warehouse(home)


@pytest.fixture(scope="session")
def map_home(built: Warehouse) -> Path:
    """The home of the demonstration, for tests of the map's tiles and sheets."""
    return built.home


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
