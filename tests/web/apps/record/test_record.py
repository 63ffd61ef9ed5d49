# SPDX-License-Identifier: EUPL-1.2
"""The register on SQLite, and on PostgreSQL where DATABASE_URL names one."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import polars as pl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import ProtectedError

from krachtwijk.cli.demo import register_publications
from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import selectors, services
from krachtwijk.web.apps.record.models import ORIGIN, Event
from krachtwijk.web.apps.record.triggers import EVENT_KEYS, protect, unprotect

TABLE = "record_event"


def add(number: int = 1, stream: str = "editie", **change: object) -> Event:
    given = {
        "subject": f"lbm3-{number}",
        "kind": "ingelezen",
        "actor_name": "systeem",
        "payload": {"rijen": number},
    }
    return services.append(stream=stream, **(given | change))  # type: ignore[arg-type]


def run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def tamper(*statements: str) -> None:
    """Change the table as someone with full rights could: triggers off, and on again."""
    unprotect(connection, TABLE)
    for statement in statements:
        run_sql(statement)
    protect(connection, TABLE, EVENT_KEYS)


@pytest.mark.django_db
def test_events_form_a_chain_per_stream() -> None:
    first, second, other = add(1), add(2), add(3, stream="run")
    assert (first.number, second.number, other.number) == (1, 2, 1)
    assert (first.previous_hash, second.previous_hash, other.previous_hash) == (ORIGIN, first.hash, ORIGIN)
    assert [e.pk for e in selectors.events(stream="editie")] == [first.pk, second.pk]
    assert [e.pk for e in selectors.events(subject="lbm3-3")] == [other.pk]
    assert selectors.verify("editie") is None


@pytest.mark.django_db
def test_an_event_reads_back_as_it_was_hashed() -> None:
    """JSON, dates and text come back from either database such that the hash is the same."""
    user = User.objects.create(username="griffier")
    summer = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    payload = {
        "ë": '✓ \\ "',
        "groot": 10**25,
        "ja": True,
        "niets": None,
        "lijst": [{"b": 1, "a": -2}],
        "": "",
    }
    written = add(
        1, payload=payload, actor=user, actor_name="De griffier", reason="regel\r\n twee ", at=summer
    )
    read = Event.objects.get(pk=written.pk)
    assert read.payload == payload
    assert read.occurred_at == datetime(2026, 7, 1, 10, 30, 15, 123456, tzinfo=UTC)
    assert read.computed_hash() == written.hash
    assert selectors.verify("editie") is None
    with pytest.raises(ProtectedError):
        user.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {TABLE} SET reason = 'anders'",
        f"UPDATE {TABLE} SET payload = payload WHERE number = 1",
        f"DELETE FROM {TABLE} WHERE number = 2",
        f"DELETE FROM {TABLE}",
        pytest.param(f"TRUNCATE {TABLE} CASCADE", id="truncate, PostgreSQL only"),
        pytest.param(
            f"INSERT OR REPLACE INTO {TABLE} SELECT * FROM {TABLE} WHERE number = 1",
            id="replace, SQLite only",
        ),
    ],
)
def test_the_database_itself_refuses_to_change_what_happened(statement: str) -> None:
    foreign = "TRUNCATE" if connection.vendor == "sqlite" else "REPLACE"
    if foreign in statement:
        pytest.skip(f"{connection.vendor} has no {foreign}")
    add(1)
    add(2)
    if connection.vendor == "postgresql":
        run_sql("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit: else TRUNCATE fails for another reason
    with pytest.raises(IntegrityError, match="het register groeit alleen"), transaction.atomic():
        run_sql(statement)
    assert selectors.events().count() == 2
    assert selectors.verify("editie") is None


@pytest.mark.django_db
def test_models_cannot_change_an_event_either() -> None:
    event = add(1)
    event.reason = "anders"
    for change in (event.save, event.delete, lambda: Event.objects.update(reason="anders")):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statements", "number"),
    [
        ([f"UPDATE {TABLE} SET subject = 'lbm2' WHERE number = 2"], 2),
        ([f"UPDATE {TABLE} SET actor_name = 'ander' WHERE number = 1"], 1),
        ([f"UPDATE {TABLE} SET payload = '{{\"rijen\": 9}}' WHERE number = 3"], 3),
        ([f"UPDATE {TABLE} SET previous_hash = '{ORIGIN}' WHERE number = 2"], 2),
        ([f"DELETE FROM {TABLE} WHERE number = 2"], 2),
        ([f"DELETE FROM {TABLE} WHERE number = 3"], 3),
        ([f"DELETE FROM {TABLE} WHERE number = 2", f"UPDATE {TABLE} SET number = 2 WHERE number = 3"], 2),
    ],
)
def test_what_was_changed_behind_the_triggers_is_found(statements: list[str], number: int) -> None:
    for n in (1, 2, 3):
        add(n)
    tamper(*statements)
    fault = selectors.verify("editie")
    assert fault is not None
    assert (fault.stream, fault.number) == ("editie", number)


@pytest.mark.django_db
def test_the_command_tells_whether_the_register_is_whole() -> None:
    for n in (1, 2):
        add(n)
    add(3, stream="run")
    out = StringIO()
    call_command("controleer_registratie", stdout=out)
    assert out.getvalue().strip() == "Het register is heel: 2 reeksen, 3 gebeurtenissen."
    tamper(f"UPDATE {TABLE} SET reason = 'anders' WHERE stream_id = 'run'")
    with pytest.raises(CommandError, match="reeks run: de inhoud van nummer 1") as told:
        call_command("controleer_registratie", stdout=out)
    assert told.value.returncode == 1


@pytest.mark.django_db
def test_the_command_notices_that_the_triggers_are_gone() -> None:
    assert selectors.protected()
    unprotect(connection, TABLE)
    with pytest.raises(CommandError, match="triggers ontbreken"):
        call_command("controleer_registratie", stdout=StringIO())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"subject": ""}, {"kind": ""}, {"actor_name": ""}, {"subject": "x" * 201}],
    ids=["no subject", "no kind", "nobody", "too long"],
)
def test_an_incomplete_event_is_refused_and_leaves_nothing(change: dict[str, str]) -> None:
    add(1)
    with pytest.raises(ValidationError):
        add(2, **change)
    assert selectors.events().count() == 1
    assert selectors.verify("editie") is None


@pytest.mark.django_db
def test_a_time_without_zone_and_a_float_are_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        add(1, at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(KrachtwijkError, match="soort float"):
        add(1, payload={"bedrag": 12.5})
    assert selectors.events().count() == 0


@pytest.mark.django_db
def test_an_event_is_undone_with_the_transaction_it_belongs_to() -> None:
    add(1)
    with pytest.raises(RuntimeError), transaction.atomic():
        add(2)
        raise RuntimeError
    assert add(3).number == 2
    assert selectors.verify("editie") is None


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_keep_one_chain() -> None:
    writers, each = 4, 10
    start = threading.Barrier(writers)
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            start.wait()
            for n in range(each):
                add(n, subject=f"schrijver-{writer}")
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(w,)) for w in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [e.number for e in selectors.events(stream="editie")] == list(range(1, writers * each + 1))
    assert (
        len({e.previous_hash for e in selectors.events()}) == writers * each
    )  # no two follow the same event
    assert selectors.verify("editie") is None


@pytest.mark.django_db
def test_r298_a_published_table_stands_in_the_register_once_per_run(warehouse: Warehouse) -> None:
    for run in ("eerste", "eerste", "tweede"):
        info = ResultInfo(table="proef", run=run, rule="proef-1", editions=("a",), rows=0)
        warehouse.write_result(pl.DataFrame({"edition": ["a"]}), info)
        register_publications(warehouse, actor="krachtwijk monitor")
    found = selectors.events(stream="publicatie", subject="proef")
    assert [event.payload["run"] for event in found] == ["eerste", "tweede"]
    assert {event.actor_name for event in found} == {"krachtwijk monitor"}
    assert selectors.verify("publicatie") is None
