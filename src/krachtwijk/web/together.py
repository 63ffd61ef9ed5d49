# SPDX-License-Identifier: EUPL-1.2
"""What waits for the same lock in one process is done together, by one of those who wait.

Who holds a lock for one piece of work after another spends most of that time on what comes with each of them:
statements to and fro, and a commit. Done together they share it, and nobody has an answer before the commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T, R = TypeVar("T"), TypeVar("R")


class _Place(Generic[T, R]):
    """A thread in line. It is called once: to do the work of who waits, to take its answer, or to do its own work."""

    def __init__(self, item: T) -> None:
        self.item, self.answers = item, list[R]()
        self.called, self.leads = threading.Event(), False


class Together(Generic[T, R]):
    """Does work that threads bring, in order of arrival under each name, at most ``most`` pieces at a time.

    ``work`` does all that it is given in one transaction, or raises and leaves nothing; its answers are in the order
    of what it was given. Where it raises, each thread does its own piece by itself, and hears what is wrong with it:
    one that cannot be done stops no other.
    """

    def __init__(self, work: Callable[[Sequence[T]], list[R]], most: int) -> None:
        self._work, self._most = work, most
        self._lines: dict[str, list[_Place[T, R]]] = {}
        self._guard = threading.Lock()

    def do(self, name: str, item: T) -> R:
        """Have this done, with what others bring under this name; raises what ``work`` raises of it alone.

        Not within a transaction: another thread has another connection.
        """
        mine = _Place[T, R](item)
        with self._guard:
            line = self._lines.setdefault(name, [])
            line.append(mine)
            mine.leads = line[0] is mine
        if not mine.leads:
            mine.called.wait()
        if mine.leads:
            self._lead(name, line)
        return (mine.answers or self._work([item]))[0]

    def _lead(self, name: str, line: list[_Place[T, R]]) -> None:
        """Work for who is in line now, the first of whom is this thread, and call the next to lead."""
        with self._guard:
            group = line[: self._most]
        answers: list[R] = []
        try:
            answers = self._work([place.item for place in group])
        except Exception:
            if len(group) == 1:
                raise
        finally:
            with self._guard:
                del line[: len(group)]
                if line:
                    line[0].leads = True
                    line[0].called.set()
                else:
                    del self._lines[name]
            for place, answer in zip(group, answers, strict=False):
                place.answers = [answer]
            for place in group:
                place.called.set()
