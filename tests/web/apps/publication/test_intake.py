# SPDX-License-Identifier: EUPL-1.2
"""A publication through the browser: first a look, then taken in, as the command does it; one computation at a time."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.accounts.permissions import DATA
from krachtwijk.web.apps.accounts.services import give_role
from krachtwijk.web.apps.publication import intake
from krachtwijk.web.apps.record import selectors as record

pytestmark = pytest.mark.django_db
ADDRESS = "/beheer/inlezen/"
FILE = "cbs-ses-woa/ses-woa-2019-85163NED-amsterdam.csv"


@pytest.fixture
def keeper(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(warehouse.home))
    user = User.objects.create_user("kees", password="x")
    give_role(user=user, role=DATA)
    return user


@pytest.fixture
def desk(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


@pytest.fixture
def damaged(packaged: Path) -> bytes:
    """The packaged file with one line that cannot be read."""
    lines = (packaged / FILE).read_text("utf-8-sig").splitlines()
    lines[4] = lines[4].replace('"2019"', '"kapot"', 1)
    return "\n".join(lines).encode()


def send(client: Client, content: bytes, name: str = "ses-woa-2019.csv", year: str = ""):
    return client.post(ADDRESS, {"bestand": SimpleUploadedFile(name, content), "jaar": year})


def ticket(text: str) -> str:
    return re.search(r'name="kaartje" value="([^"]+)"', text)[1]  # type: ignore[index]


def waiting(warehouse: Warehouse) -> list[str]:
    return [path.name for path in warehouse.home.glob("cache/uploads/*/*")]


def test_r299_a_look_changes_nothing_and_taking_in_gives_the_report_of_the_command(
    desk: Client, keeper: User, warehouse: Warehouse, damaged: bytes, tmp_path: Path
) -> None:
    looked = send(desk, damaged).content.decode()
    assert warehouse.editions() == []
    assert waiting(warehouse) == ["ses-woa-2019.csv"]
    taken = desk.post(ADDRESS, {"neem-op": "1", "kaartje": ticket(looked)}).content.decode()
    assert waiting(warehouse) == []
    file = tmp_path / "ses-woa-2019.csv"
    file.write_bytes(damaged)
    expected = ingest_file(Warehouse(tmp_path / "ander"), file)
    assert expected.rejected
    (made,) = warehouse.editions()
    assert (made.edition, made.rows, made.kept) == (expected.edition, expected.rows, expected.kept)
    for text in (looked, taken):
        assert expected.edition in text
        for line in expected.rejected:
            assert re.search(rf'<th scope="row" class="getal">{line["line"]}</th><td>[^<]+', text)
        for warning in expected.warnings:
            assert warning["code"] in text
    (event,) = record.events(stream="beheer")
    assert (event.subject, event.kind, event.actor) == (made.edition, "ingelezen", keeper)


def test_the_same_content_twice_is_said_and_not_offered(
    desk: Client, warehouse: Warehouse, packaged: Path
) -> None:
    known = ingest_file(warehouse, packaged / FILE)
    text = send(desk, (packaged / FILE).read_bytes()).content.decode()
    assert "Deze publicatie was er al" in text
    assert known.edition in text
    assert "neem-op" not in text
    assert waiting(warehouse) == []


@pytest.mark.parametrize(
    ("content", "name", "year", "words"),
    [
        (b"", "leeg.csv", "", "leeg"),
        (b"a,b\n1,2\n", "x.csv", "", "geen bekende publicatie"),
        (gzip.compress(b"a,b\n", mtime=0)[:12], "x.csv.gz", "", "niets opgenomen"),
        (b"\x00\xff\xfe" * 50, "x.csv", "", "niets opgenomen"),
        (b"a,b\n1,2\n", "x.csv", "22", "vier cijfers"),
        (b"a,b\n1,2\n", "x.csv", "abcd", "vier cijfers"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_words_and_leaves_nothing(
    desk: Client, warehouse: Warehouse, content: bytes, name: str, year: str, words: str
) -> None:
    refused = send(desk, content, name, year)
    assert refused.status_code == 400
    text = refused.content.decode()
    assert words in text
    assert str(warehouse.home) not in text
    assert "--period" not in text
    assert (warehouse.editions(), waiting(warehouse)) == ([], [])


@override_settings(UPLOAD_LIMIT=1024 * 1024)
def test_a_file_above_the_limit_is_refused(desk: Client, warehouse: Warehouse) -> None:
    assert "hoogstens 1 MB" in send(desk, b"x" * (1024 * 1024 + 1)).content.decode()
    assert waiting(warehouse) == []


def test_a_name_cannot_leave_its_folder(desk: Client, warehouse: Warehouse, damaged: bytes) -> None:
    send(desk, damaged, "../../ses-woa-2019.csv")
    assert waiting(warehouse) == ["ses-woa-2019.csv"]


def test_a_name_longer_than_a_file_system_takes_is_told_in_words(desk: Client, warehouse: Warehouse) -> None:
    # 140 letters are within the limit of the field, but 280 bytes
    refused = send(desk, b"a,b\n", "\u00e9" * 140 + ".csv")
    assert refused.status_code == 400
    assert "naam van dit bestand is te lang" in refused.content.decode()
    assert waiting(warehouse) == []


def test_a_full_disk_is_told_in_words(
    desk: Client, warehouse: Warehouse, damaged: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.open

    def full(self: Path, mode: str = "r", *more: object) -> object:
        if "uploads" in self.parts:
            raise OSError(28, "No space left on device")
        return written(self, mode, *more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    refused = send(desk, damaged)
    assert refused.status_code == 400
    assert "niet te bewaren" in refused.content.decode()
    assert waiting(warehouse) == []


def test_two_people_who_send_files_do_not_trip_over_what_is_cleared_away(
    desk: Client, warehouse: Warehouse, damaged: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = warehouse.cache("uploads", "x").parent
    gone = folder / ("0" * 32)
    listed = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([gone]) if self == folder else listed(self))
    assert send(desk, damaged).status_code == 200
    assert waiting(warehouse) == ["ses-woa-2019.csv"]


def test_a_worker_that_was_stopped_halfway_leaves_no_edition_without_a_line_in_the_register(
    desk: Client, warehouse: Warehouse, damaged: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ticket(send(desk, damaged).content.decode())

    def stopped(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(intake.record, "append", stopped)
        with pytest.raises(KeyboardInterrupt):
            desk.post(ADDRESS, {"neem-op": "1", "kaartje": given})
    (made,) = warehouse.editions()
    assert not record.events(stream="beheer").exists()
    # the file still stands ready: pressing the button again completes the register
    assert desk.post(ADDRESS, {"neem-op": "1", "kaartje": given}).status_code == 200
    (event,) = record.events(stream="beheer")
    assert (event.subject, event.kind) == (made.edition, "ingelezen")
    assert "zonder regel" in event.reason
    assert warehouse.editions() == [made]
    assert waiting(warehouse) == []


def test_a_ticket_is_for_who_got_it_once_and_for_a_day(
    desk: Client, warehouse: Warehouse, damaged: bytes
) -> None:
    mine = ticket(send(desk, damaged).content.decode())
    other = User.objects.create_user("piet", password="x")
    give_role(user=other, role=DATA)
    stranger = Client()
    stranger.force_login(other)
    for client, given in ((stranger, mine), (desk, mine + "x"), (desk, ""), (desk, "../../etc")):
        refused = client.post(ADDRESS, {"neem-op": "1", "kaartje": given})
        assert "staat niet meer klaar" in refused.content.decode()
    assert warehouse.editions() == []
    assert desk.post(ADDRESS, {"neem-op": "1", "kaartje": mine}).status_code == 200
    assert "staat niet meer klaar" in desk.post(ADDRESS, {"neem-op": "1", "kaartje": mine}).content.decode()
    # what nobody took in is removed when the next file comes, after a day
    send(desk, damaged + b"\n")
    (folder,) = warehouse.home.glob("cache/uploads/*")
    long_ago = time.time() - intake.KEPT_FOR - 60
    os.utime(folder, (long_ago, long_ago))
    send(desk, damaged + b"\n\n", "ander-2019.csv")
    assert waiting(warehouse) == ["ander-2019.csv"]


def test_a_second_computation_is_refused(desk: Client, warehouse: Warehouse) -> None:
    with intake.only_one(warehouse):
        refused = desk.post("/beheer/rekenen/")
        assert refused.status_code == 409
        assert "Er loopt al een berekening" in refused.content.decode()
        with pytest.raises(CommandError, match="loopt al"):
            call_command("reken_uit")
        with pytest.raises(KrachtwijkError, match="loopt al"), intake.only_one(warehouse):
            pass
    assert not record.events(stream="beheer").exists()
    with intake.only_one(warehouse):
        pass  # free again


def test_a_computation_that_died_is_not_at_work(desk: Client, warehouse: Warehouse) -> None:
    assert intake.progress(warehouse) == {"state": ""}
    intake.note(warehouse, state="bezig", by="kees", started="2026-01-01T12:00:00+00:00", lines=["[3/9] x"])
    assert "stopte halverwege" in desk.get("/beheer/rekenen/").content.decode()
    with intake.only_one(warehouse):
        assert intake.progress(warehouse)["state"] == "bezig"
        assert "[3/9] x" in desk.get("/beheer/rekenen/").content.decode()
    warehouse.cache("rekenen.json").write_text("half")
    assert intake.progress(warehouse) == {"state": ""}


def test_computing_tells_its_steps_and_ends_in_new_tables(
    keeper: User, built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "kopie"
    shutil.copytree(built.home, home)
    warehouse = Warehouse(home)
    shutil.rmtree(home / "results" / "kerncijfers")
    warehouse.cache("computed").unlink()
    monkeypatch.setenv("KRACHTWIJK_HOME", str(home))
    monkeypatch.delenv("DATABASE_URL", raising=False)  # the program that is called has a database of its own
    call_command("reken_uit", door=keeper.pk, verbosity=0)
    assert warehouse.result("kerncijfers") is not None
    found = intake.progress(warehouse)
    assert (found["state"], found["by"]) == ("klaar", "kees")
    assert found["lines"][-1].startswith("Klaar in")
    (event,) = record.events(stream="beheer")
    assert (event.kind, event.actor) == ("klaar", keeper)


@override_settings(UPLOAD_LIMIT=1024 * 1024)
def test_a_small_file_that_unpacks_to_very_much_is_refused_before_it_fills_memory(desk: Client) -> None:
    bomb = gzip.compress(b"0" * (11 * 1024 * 1024))
    assert len(bomb) < 20_000
    answer = send(desk, bomb, "x.csv.gz")
    assert answer.status_code == 400
    assert "uitgepakt te groot" in answer.content.decode()


def test_a_table_of_a_hundred_thousand_columns_is_refused(desk: Client) -> None:
    answer = send(desk, ";".join(f"k{n}" for n in range(100_000)).encode() + b"\n")
    assert answer.status_code == 400
    assert "100000 kolommen" in answer.content.decode()
