# SPDX-License-Identifier: EUPL-1.2
import re
from pathlib import Path

import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.settings import _database, _whole


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
        (
            "postgresql://u@db/kw?sslmode=require",
            {"HOST": "db", "OPTIONS": {"sslmode": "require", "prepare_threshold": 5}},
        ),
        ("postgresql://u@db/kw?prepare_threshold=0", {"OPTIONS": {"prepare_threshold": None}}),
    ],
    ids=["local socket", "socket folder", "escaped", "other parameters", "behind a pooler"],
)
def test_a_postgresql_address_is_read(url: str, expected: dict[str, object]) -> None:
    made = _database(url)
    assert made["ENGINE"] == "django.db.backends.postgresql"
    assert {key: made[key] for key in expected} == expected


def test_without_address_it_is_sqlite_and_another_kind_is_refused() -> None:
    assert _database(None)["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    with pytest.raises(KrachtwijkError, match="DATABASE_URL"):
        _database("mysql://root@/kw")
    with pytest.raises(KrachtwijkError, match="prepare_threshold"):
        _database("postgres:///kw?prepare_threshold=vaak")


ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_read_from_the_environment_is_documented() -> None:
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"""["'](KRACHTWIJK_[A-Z_]+|DATABASE_URL)["']""", path.read_text("utf-8"))
    }
    told = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text("utf-8"), flags=re.M))
    assert len(read) > 10
    assert read == told


@pytest.mark.parametrize("value", ["-1", "veel", "0", "1.5", "²"])
def test_a_number_that_is_none_is_refused_by_name(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRACHTWIJK_UPLOAD_MB", value)
    with pytest.raises(KrachtwijkError, match="KRACHTWIJK_UPLOAD_MB"):
        _whole("KRACHTWIJK_UPLOAD_MB", 50, 1)
    monkeypatch.setenv("KRACHTWIJK_UPLOAD_MB", "7")
    assert _whole("KRACHTWIJK_UPLOAD_MB", 50, 1) == 7
