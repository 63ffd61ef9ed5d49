# SPDX-License-Identifier: EUPL-1.2
"""One way to ask a public service for JSON: patient, bounded, and remembered on disk."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from krachtwijk import __version__
from krachtwijk.errors import KrachtwijkError

#: Told after every page: rows so far, and rows in all where the service says so.
Progress = Callable[[int, int | None], None]

LONGEST_WAIT = 120.0  # seconds; a service that asks for more is for another time
_CHUNK = 1 << 20


class Answer(NamedTuple):
    """Content of one address, when it was fetched (POSIX seconds), and whether an old copy had to do."""

    content: dict[str, Any]
    fetched_at: float
    stale: bool


class _PassingError(Exception):
    """A failure that may pass; ``after`` is what the service asks us to wait, in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Web:
    """Fetches JSON and keeps every answer under ``folder``, so that an interrupted fetch goes on where it was.

    ``timeout`` (seconds) holds per read, ``patience`` (seconds) per answer. ``tries`` counts attempts; ``pause``
    (seconds) doubles between them.
    Answers younger than ``max_age`` (seconds) are not asked again, unless ``refresh``. ``offline`` asks nothing.
    """

    folder: Path
    timeout: float = 60.0
    patience: float = 600.0
    tries: int = 4
    pause: float = 2.0
    max_age: float = 86_400.0
    max_bytes: int = 256_000_000
    offline: bool = False
    refresh: bool = False
    progress: Progress | None = None

    def json(self, url: str, *, edition: str = "", max_age: float | None = None) -> Answer:
        """The JSON object at an address. ``edition`` keeps answers of different publications apart.

        Raises KrachtwijkError where the answer is no JSON object, or where the service cannot be reached and there is
        no copy. Only an answer that was read whole is kept.
        """
        url = quote(url, safe="%/:?=&$'()*+,;@!~#[]")
        if urlsplit(url).scheme not in {"http", "https"}:
            raise KrachtwijkError("Dit is geen webadres", where=url, mend="Gebruik een adres met https://")
        path = self.folder / "answers" / hashlib.sha256(f"{edition} {url}".encode()).hexdigest()
        kept = path.stat().st_mtime if path.exists() else None
        allowed = self.max_age if max_age is None else max_age
        if kept is not None and (self.offline or (not self.refresh and time.time() - kept < allowed)):
            return Answer(_object(path.read_bytes(), url), kept, stale=self.offline)
        if self.offline:
            raise KrachtwijkError(
                "Hiervan is geen kopie bewaard", where=url, mend="Haal de gegevens eerst op met internet"
            )
        try:
            body = self._download(url)
        except _PassingError as failure:
            if kept is None:
                raise KrachtwijkError(
                    f"De dienst geeft geen antwoord: {failure}",
                    where=url,
                    mend="Controleer de verbinding en probeer het later; wat al binnen is, blijft bewaard",
                ) from failure
            return Answer(_object(path.read_bytes(), url), kept, stale=True)
        content = _object(body, url)
        with writing(path) as part:
            part.write_bytes(body)
        return Answer(content, path.stat().st_mtime, stale=False)

    def tell(self, done: int, total: int | None = None) -> None:
        """Report progress to whoever wants to know."""
        if self.progress:
            self.progress(done, total)

    def _download(self, url: str) -> bytes:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(url)
            except _PassingError as failure:
                wait = self.pause * 2 ** (attempt - 1) if failure.after is None else failure.after
                if attempt >= self.tries or wait > LONGEST_WAIT:
                    raise
                time.sleep(wait)

    def _once(self, url: str) -> bytes:
        request = urllib.request.Request(
            url, headers={"Accept": "application/json", "User-Agent": f"Krachtwijk/{__version__}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as response:
                body = self._bounded(response, url)
                kind = response.headers.get_content_type()
                length = response.headers.get("Content-Length")
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 429 or error.code >= 500:
                    raise _PassingError(f"code {error.code}", _retry_after(error.headers)) from error
                page = b""
                with suppress(OSError, http.client.HTTPException):
                    page = error.read(4000)
                raise KrachtwijkError(
                    f"De dienst weigert de vraag: code {error.code}, {_excerpt(page)}",
                    where=url,
                    mend="Controleer de naam van de tabel of laag en het filter",
                ) from error
        except TimeoutError as error:
            raise _PassingError(f"niets ontvangen binnen {self.timeout:g} seconden") from error
        except (OSError, http.client.HTTPException) as error:
            raise _PassingError(f"geen verbinding ({getattr(error, 'reason', error)})") from error
        if length is not None and len(body) != int(length):
            raise _PassingError(f"het antwoord brak af na {len(body)} van {length} bytes")
        if not body.strip():
            raise KrachtwijkError(
                "De dienst gaf een leeg antwoord",
                where=url,
                mend="Probeer het later; meld het de uitgever als het zo blijft",
            )
        if "json" not in kind:
            raise KrachtwijkError(
                f"De dienst gaf {kind} in plaats van JSON: {_excerpt(body)}",
                where=url,
                mend="Controleer de naam van de tabel of laag, of probeer het later",
            )
        return body

    def _bounded(self, response: http.client.HTTPResponse, url: str) -> bytes:
        body = bytearray()
        end = time.monotonic() + self.patience
        while chunk := response.read1(_CHUNK):
            body += chunk
            if time.monotonic() > end:
                raise _PassingError(f"het antwoord duurde langer dan {self.patience:g} seconden")
            if len(body) > self.max_bytes:
                raise KrachtwijkError(
                    f"Het antwoord is groter dan {self.max_bytes:,} bytes".replace(",", "."),
                    where=url,
                    mend="Vraag minder met een filter",
                )
        return bytes(body)


def _retry_after(headers: Message[str, str]) -> float | None:
    """Seconds of a Retry-After header (a number or a date), None where there is none that can be read."""
    value = (headers.get("Retry-After") or "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _excerpt(body: bytes) -> str:
    """The words of an error page, without mark-up, for a message."""
    words = re.sub(r"<[^>]*>", " ", body[:4000].decode("utf-8", "replace"))
    return " ".join(words.split())[:200] or "zonder toelichting"


def _object(body: bytes, url: str) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise KrachtwijkError(
            "Het antwoord is geen hele JSON",
            where=f"{url}: {error}",
            mend="Haal het opnieuw op met --refresh",
        ) from error
    if not isinstance(content, dict):
        raise KrachtwijkError("Het antwoord is geen JSON-object", where=url, mend="Controleer het adres")
    return content


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """A path to write to that takes its final name only when all went well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    except OSError as error:
        raise KrachtwijkError(
            "De map voor opgehaalde gegevens is niet te beschrijven",
            where=str(path.parent),
            mend="Kies een andere map met KRACHTWIJK_HOME of herstel de rechten",
        ) from error
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
