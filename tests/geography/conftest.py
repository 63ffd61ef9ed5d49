# SPDX-License-Identifier: EUPL-1.2
"""One warehouse for all tests of geography: what is built once stays in its cache."""

import polars as pl
import pytest

from krachtwijk.geography import register as registers
from krachtwijk.warehouse import Warehouse


@pytest.fixture(scope="session")
def geography(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("geography") / "var")


@pytest.fixture(scope="session")
def known(geography: Warehouse) -> pl.DataFrame:
    return registers.known_codes(geography)


@pytest.fixture(scope="session")
def register(geography: Warehouse) -> pl.DataFrame:
    return registers.register(geography)
