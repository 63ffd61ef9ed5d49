# SPDX-License-Identifier: EUPL-1.2
"""Tables that only grow: the database itself refuses to change or remove a row, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

#: Columns that identify a row of the register, alone or together.
EVENT_KEYS = (("id",), ("uuid",), ("hash",), ("stream_id", "number"))

_MESSAGE = "het register groeit alleen: wijzigen of verwijderen kan niet"

_POSTGRESQL = (
    # class 23 (integrity constraint), so that Django raises IntegrityError as it does on SQLite
    f"""CREATE OR REPLACE FUNCTION record_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = '23000'; END $$""",
    """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION record_refuse_change()""",
)
_SQLITE = (
    f"CREATE TRIGGER {{table}}_no_update BEFORE UPDATE ON {{table}} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    f"CREATE TRIGGER {{table}}_no_delete BEFORE DELETE ON {{table}} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
    # INSERT OR REPLACE removes the old row without calling the trigger on delete
    f"""CREATE TRIGGER {{table}}_no_replace BEFORE INSERT ON {{table}}
    WHEN EXISTS (SELECT 1 FROM {{table}} WHERE {{same}}) BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END""",
)
_NAMES = {"postgresql": ("no_change", "no_truncate"), "sqlite": ("no_update", "no_delete", "no_replace")}


def protect(connection: BaseDatabaseWrapper, table: str, unique: Sequence[Sequence[str]]) -> None:
    """Make a table append-only. ``unique`` lists the column sets that identify a row.

    On SQLite a migration that alters the table rebuilds it and loses its triggers: protect it again in that migration.
    """
    same = " OR ".join(" AND ".join(f'"{c}" = NEW."{c}"' for c in columns) for columns in unique)
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement.format(table=table, same=same))


def unprotect(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the triggers off, for a migration that must alter the table."""
    on = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _NAMES[connection.vendor]:
            cursor.execute(f"DROP TRIGGER {table}_{name}{on}")


def is_protected(connection: BaseDatabaseWrapper, table: str) -> bool:
    """Whether all triggers are there and switched on."""
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgenabled IN ('O', 'A')",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        found = {name for (name,) in cursor.fetchall()}
    return {f"{table}_{name}" for name in _NAMES[connection.vendor]} <= found
