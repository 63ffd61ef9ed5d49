# SPDX-License-Identifier: EUPL-1.2
"""Taking in a publication through the browser: the same function and report as `krachtwijk ingest`.

A file that was sent stands in `cache/uploads/` until it is taken in, for a day at most. Computing the results anew is
another process: it may take a minute, and must not die with the worker that started it. One at a time.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources import Outcome, ingest_file
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.apps.record.selectors import events

STREAM = "beheer"
KEPT_FOR = 24 * 3600
#: A packed file may be so many times the limit of a file when it is unpacked; tables of figures pack to a tenth.
UNPACKED = 10
#: Lines of the computation that the page shows.
SHOWN = 6
_started: list[subprocess.Popen[bytes]] = []


def keep(warehouse: Warehouse, given: UploadedFile) -> str:
    """Put a file that was sent aside, under its own name because that may hold its year; the token to find it by."""
    folder = warehouse.cache("uploads", "x").parent
    for left in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # somebody else sends a file too, and was first
            if time.time() - left.stat().st_mtime > KEPT_FOR:
                shutil.rmtree(left, ignore_errors=True)
    token = secrets.token_hex(16)
    name = Path(given.name or "bestand").name
    target = warehouse.cache("uploads", token, name)
    try:
        with target.open("wb") as handle:
            for chunk in given.chunks():
                handle.write(chunk)
    except OSError as error:
        drop(target)
        raise KrachtwijkError(
            gettext("Dit bestand is niet te bewaren"),
            where=name,
            mend=gettext("Vraag de beheerder of er ruimte op de schijf is"),
        ) from error
    return token


def kept(warehouse: Warehouse, token: str) -> Path | None:
    """The file that was put aside, or None where it is gone or the token is none of ours."""
    if len(token) != 32 or not set(token) <= set("0123456789abcdef"):
        return None
    return next(iter(warehouse.home.glob(f"cache/uploads/{token}/*")), None)


def drop(path: Path) -> None:
    """Remove a file that was put aside."""
    shutil.rmtree(path.parent, ignore_errors=True)


def told(error: KrachtwijkError) -> str:
    """An error of the intake for a page: without the folders of this machine, and without options of the command."""
    where = Path(error.where.split(",")[0]).name + error.where[len(error.where.split(",")[0]) :]
    mend = gettext("Vul het jaar in en stuur het bestand opnieuw") if "--period" in error.mend else error.mend
    return str(KrachtwijkError(error.what, where=where, mend=mend))


def look(warehouse: Warehouse, path: Path, year: str) -> Outcome:
    """What taking in would do. Raises KrachtwijkError where the file cannot be used."""
    _refuse_a_bomb(path)
    return ingest_file(warehouse, path, period=year or None, look=True)


def _refuse_a_bomb(path: Path) -> None:
    """Unpack a gzip without keeping it: one of a few megabytes may hold more than this machine's memory."""
    left = UNPACKED * settings.UPLOAD_LIMIT
    with path.open("rb") as handle:
        if handle.read(2) != b"\x1f\x8b":
            return
    try:
        with gzip.open(path) as packed:
            while chunk := packed.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise KrachtwijkError(
                        gettext("Dit gzip-bestand is uitgepakt te groot"),
                        where=path.name,
                        mend=gettext("Splits het in kleinere bestanden"),
                    )
    except (OSError, EOFError, zlib.error):
        return  # damaged: the intake itself says so


def take_in(warehouse: Warehouse, path: Path, year: str, actor: User) -> Outcome:
    """Take the file in, write in the register who did, and let go of it. Raises KrachtwijkError."""
    outcome = ingest_file(warehouse, path, period=year or None)
    # a worker that was stopped after the edition stood and before this line of the register left none
    if outcome.new or not events(stream=STREAM, subject=outcome.edition):
        record.append(
            stream=STREAM,
            subject=outcome.edition,
            kind="ingelezen",
            actor=actor,
            actor_name=actor.get_full_name() or actor.get_username(),
            reason="Opgenomen via het beheer" if outcome.new else "Stond er al zonder regel in dit register",
            payload={
                "bestand": outcome.file,
                "regels": outcome.rows,
                "gebruikt": outcome.kept,
                "afgekeurd": len(outcome.rejected),
            },
        )
    drop(path)
    return outcome


# --- computing ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def only_one(warehouse: Warehouse) -> Iterator[int]:
    """The right to compute, as an open file. Raises KrachtwijkError where another has it."""
    descriptor = os.open(warehouse.cache("rekenen.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KrachtwijkError(
                gettext("Er loopt al een berekening"), mend=gettext("Wacht tot die klaar is")
            ) from error
        yield descriptor
    finally:
        os.close(descriptor)  # a child that was given it keeps the lock


def progress(warehouse: Warehouse) -> dict[str, Any]:
    """How the last computation stands: ``state`` is '', 'bezig', 'klaar', 'mislukt' or 'afgebroken'."""
    try:
        found: dict[str, Any] = json.loads(warehouse.cache("rekenen.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {"state": ""}
    if found["state"] == "bezig":
        try:
            with only_one(warehouse):
                found["state"] = "afgebroken"  # nobody is at work, and nobody said that it was done
        except KrachtwijkError:
            pass
    return found


def note(warehouse: Warehouse, **state: Any) -> None:
    """Write how the computation stands, whole or not at all."""
    target = warehouse.cache("rekenen.json")
    draft = target.with_name(f"rekenen.json.{os.getpid()}")
    draft.write_text(json.dumps(state, ensure_ascii=False), "utf-8")
    draft.replace(target)


def start(warehouse: Warehouse, actor: User) -> None:
    """Have all results computed anew, by a process of its own. Raises KrachtwijkError where one is at work."""
    name = actor.get_full_name() or actor.get_username()
    with only_one(warehouse) as lock, transaction.atomic():
        record.append(
            stream=STREAM, subject="berekening", kind="gestart", actor=actor, actor_name=name,
            reason="Gestart via het beheer",
        )  # fmt: skip
        note(warehouse, state="bezig", by=name, started=timezone.now().isoformat(), lines=[])
        _started[:] = [p for p in _started if p.poll() is None]
        _started.append(
            subprocess.Popen(
                [sys.executable, "-m", "django", "reken_uit", "--door", str(actor.pk), "--slot", str(lock)],
                env={
                    **os.environ,
                    "KRACHTWIJK_HOME": str(warehouse.home),
                    "DJANGO_SETTINGS_MODULE": "krachtwijk.web.settings",
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock,),
                start_new_session=True,
            )
        )


def compute(warehouse: Warehouse, by: str) -> bool:
    """Compute everything that changed, as `krachtwijk demo --no-serve` does, telling its lines; whether it succeeded.

    The command is called as a program: it stands a floor above this one.
    """
    environment = {k: v for k, v in os.environ.items() if k != "POLARS_MAX_THREADS"}  # that is for pages only
    environment["KRACHTWIJK_HOME"] = str(warehouse.home)
    started, lines = timezone.now().isoformat(), []
    with subprocess.Popen(
        [sys.executable, "-m", "krachtwijk.cli.main", "demo", "--no-serve"],
        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as working:  # fmt: skip
        assert working.stdout is not None
        for line in working.stdout:
            lines = [*lines, line.strip()][-SHOWN:]
            note(warehouse, state="bezig", by=by, started=started, lines=lines)
    done = working.returncode == 0
    note(
        warehouse,
        state="klaar" if done else "mislukt",
        by=by,
        started=started,
        ended=timezone.now().isoformat(),
        lines=lines,
    )
    return done
