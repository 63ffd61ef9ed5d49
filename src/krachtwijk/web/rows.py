# SPDX-License-Identifier: EUPL-1.2
"""Statements that are not worked out anew each time, for the few places where many people wait for one another.

Of what Django's own way of asking and writing takes, most is for working out the statement. Here that of a new row is
worked out once for a table, and others are written out. All go over the same cursor, in the same transaction.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

__all__ = ["add", "ask", "insert", "tell"]

_Field = Any  # of Django, which knows its own fields by more types than one
_Fields = tuple[_Field, ...]
_Row = TypeVar("_Row", bound=models.Model)


def _connection() -> BaseDatabaseWrapper:
    """The connection itself: `django.db.connection` looks it up anew each time that something is asked of it."""
    return connections[DEFAULT_DB_ALIAS]


def _cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """On PostgreSQL one that sends values apart from the statement, so that the server may keep it prepared.

    Django writes values into the text of the statement, in Python, and the server reads and plans each anew. Where
    somebody looks at the statements it is Django's own: of a prepared one the text is not there to be seen.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    from psycopg import Cursor  # there where PostgreSQL is

    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_thread_sharing()
    return connection.make_cursor(Cursor(connection.connection))


@cache
def _prepared(model: type[models.Model], vendor: str) -> tuple[_Fields, str, str, _Field]:
    """The fields that are written, the statement up to its values, the values of a row, and its key."""
    made_by_us = tuple(f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField))
    quote = _connection().ops.quote_name
    columns = ", ".join(quote(f.column) for f in made_by_us)
    return (
        made_by_us,
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ",
        f"({', '.join(['%s'] * len(made_by_us))})",
        model._meta.pk,
    )


def insert(made: Sequence[_Row], *, unless_there: bool = False, by: str = "") -> list[_Row]:
    """Write new rows of one table; those that were written. One row gets its number, if the database gives it.

    ``unless_there``: one that is there already, by what is unique, is left as it is. Else IntegrityError. ``by``: a
    unique field by which each of many rows is known in the answer, where they are to get their numbers.
    """
    if not made:
        return []
    connection = _connection()
    fields, start, row, key = _prepared(type(made[0]), connection.vendor)
    statement = start + ", ".join([row] * len(made)) + (" ON CONFLICT DO NOTHING" if unless_there else "")
    values = [f.get_db_prep_save(f.pre_save(one, True), connection) for one in made for f in fields]
    own = [key, type(made[0])._meta.get_field(by)] if by else [key]
    statement += f" RETURNING {', '.join(connection.ops.quote_name(f.column) for f in own)}"
    with _cursor(connection) as cursor:
        cursor.execute(statement, values)
        answer = cursor.fetchall()
    if len(made) == 1:
        written = [(made[0], found[0]) for found in answer]
    elif by or not isinstance(key, models.AutoField):
        numbers = {own[-1].to_python(found[-1]): found[0] for found in answer}
        written = [(o, numbers[k]) for o in made if (k := getattr(o, own[-1].attname)) in numbers]
    else:
        written = [(one, None) for one in made]
    for one, number in written:
        if one.pk is None:
            one.pk = number
        one._state.adding, one._state.db = False, connection.alias
    return [one for one, _ in written]


def add(table: str, columns: Sequence[str], values: Sequence[Sequence[object]]) -> None:
    """Write rows that nobody needs as objects: names as the database knows them. IntegrityError where one is there."""
    if not values:
        return
    connection = _connection()
    row = f"({', '.join(['%s'] * len(columns))})"
    with _cursor(connection) as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * len(values))}",
            [_given(connection, value) for one in values for value in one],
        )


def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a SELECT in plain SQL, as the database gives them: moments and keys of SQLite are text."""
    connection = _connection()
    with _cursor(connection) as cursor:
        cursor.execute(statement, [_given(connection, value) for value in values])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def tell(statement: str, *values: object) -> int:
    """Carry out an UPDATE in plain SQL; how many rows it changed."""
    connection = _connection()
    with _cursor(connection) as cursor:
        cursor.execute(statement, [_given(connection, value) for value in values])
        count: int = cursor.rowcount
        return count


def _given(connection: BaseDatabaseWrapper, value: object) -> object:
    """A value as the columns of this database hold it."""
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
