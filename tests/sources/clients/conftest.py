# SPDX-License-Identifier: EUPL-1.2
"""A real server on this machine that answers as the public services do, and misbehaves on request."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from krachtwijk.sources.clients import Web

DATA = Path(__file__).resolve().parents[2] / "data" / "clients"


@dataclass
class Reply:
    """One answer. ``cut`` announces more bytes than it sends; ``delay`` (seconds) comes before the first byte."""

    body: str = ""
    status: int = 200
    kind: str = "application/json;charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False


@dataclass
class Service:
    """What the server says per path and query; the last reply stays. ``asked`` lists every request."""

    base: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def say(self, path: str, *replies: Reply | str) -> None:
        """Answer a path; a name of a file in tests/data/clients stands for its content."""
        self.replies[path] = [r if isinstance(r, Reply) else Reply(self.read(r)) for r in replies]

    def read(self, name: str) -> str:
        return (DATA / name).read_text("utf-8").replace("{base}", self.base)

    def next(self, target: str) -> Reply:
        self.asked.append(target)
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        for key in ("$skip", "startIndex", "$filter"):
            waiting = self.replies.get(f"{parts.path}?{key}={unquote(query.get(key, [''])[0])}")
            if waiting:
                break
        else:
            waiting = self.replies.get(parts.path, [Reply("<h1>Not found</h1>", 404, "text/html")])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = known.next(self.path)
            time.sleep(reply.delay)
            body = reply.body.encode()
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(body) + 50 * reply.cut))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the client had enough of waiting
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Service(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """A client that gives up soon, with an empty cache."""
    return Web(tmp_path / "live", timeout=2.0, tries=3, pause=0.01)
