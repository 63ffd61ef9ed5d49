# SPDX-License-Identifier: EUPL-1.2
import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.settings import _database


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://root@/kw", {"NAME": "kw", "USER": "root", "HOST": "", "PORT": ""}),
        (
            "postgres:///kw?host=/run/postgresql&port=5433",
            {"USER": "", "HOST": "/run/postgresql", "PORT": "5433"},
        ),
        (
            "postgres://a%40b:p%2Fw@db.example:5432/kw",
            {"USER": "a@b", "PASSWORD": "p/w", "HOST": "db.example"},
        ),
        ("postgresql://u@db/kw?sslmode=require", {"HOST": "db", "OPTIONS": {"sslmode": "require"}}),
    ],
    ids=["local socket", "socket folder", "escaped", "other parameters"],
)
def test_a_postgresql_address_is_read(url: str, expected: dict[str, object]) -> None:
    made = _database(url)
    assert made["ENGINE"] == "django.db.backends.postgresql"
    assert {key: made[key] for key in expected} == expected


def test_without_address_it_is_sqlite_and_another_kind_is_refused() -> None:
    assert _database(None)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with pytest.raises(KrachtwijkError, match="DATABASE_URL"):
        _database("mysql://root@/kw")
