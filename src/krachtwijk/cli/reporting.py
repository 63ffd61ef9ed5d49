# SPDX-License-Identifier: EUPL-1.2
"""What the command says while it works: a bar on a terminal, plain lines elsewhere, nothing but JSON when asked."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


def say(text: str) -> None:
    """A line for people."""
    typer.echo(text)


def emit(content: Any, *, indent: int | None = 2) -> None:
    """The answer for machines; ``indent=None`` where it is long and nobody reads it."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=indent) + "\n")


def complain(text: str) -> None:
    """An error: one line on standard error."""
    typer.echo(f"krachtwijk: {' '.join(text.split())}", err=True)


class Steps:
    """Progress through a known number of steps."""

    def __init__(self, total: int, bar: Progress | None) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total) if bar else None
        self._done = 0
        self._total = total
        self._started = time.monotonic()

    def begin(self, text: str) -> None:
        """Name what is being done now."""
        self._done += 1
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=self._done - 1, description=text)
        else:
            say(f"[{self._done}/{self._total}] {text}")

    def finish(self) -> float:
        """Seconds since the start."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=self._total, description="klaar")
        return time.monotonic() - self._started


@contextmanager
def steps(total: int) -> Iterator[Steps]:
    """Progress: a bar where a person looks on, plain lines where not."""
    if sys.stdout.isatty():
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # a tenth of a second

        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
        ) as bar:
            yield Steps(total, bar)
    else:
        yield Steps(total, None)
