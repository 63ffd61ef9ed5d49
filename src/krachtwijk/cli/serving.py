# SPDX-License-Identifier: EUPL-1.2
"""Starting the web server."""

from __future__ import annotations

import os
import socket

from krachtwijk.cli.demo import prepare_site
from krachtwijk.cli.reporting import say
from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import Warehouse

ADDRESS = "127.0.0.1"
WORKERS = 2
#: Pages are made by one thread at a time anyway; the others wait, for the database or for one another.
THREADS = 8


def require_free(port: int) -> None:
    """Refuse a port that is taken or not allowed."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise KrachtwijkError(
                f"Poort {port} is al in gebruik of niet toegestaan",
                where=f"--port {port}",
                mend="Kies een andere poort, bijvoorbeeld --port 8001",
            ) from error


def run_server(port: int) -> None:
    """Serve the site with granian until interrupted, its database and static files those of this version."""
    require_free(port)
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "krachtwijk.web.settings")
    # a page takes a few rows of a table in memory: more threads for that only wait for each other
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    prepare_site(Warehouse())
    connections.close_all()  # the workers are forks, and a connection is not to be shared
    say(f"De website staat op http://{ADDRESS}:{port} (stoppen met Ctrl+C)")
    Granian(
        "krachtwijk.web.wsgi:application",
        address=ADDRESS,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        backpressure=128,
        log_level="warning",
    ).serve()
