# SPDX-License-Identifier: EUPL-1.2
"""Issue 5, parts 8 and 9: who waits for one lock is done together, in order; one that cannot be stops no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from krachtwijk.web.together import Together

PATIENCE = 20


class Work:
    """Doubles numbers, one group at a time, when it may; below nothing it cannot."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may = threading.Event()
        self.together = Together(self.do, most=5)

    def do(self, given: Sequence[int]) -> list[int]:
        self.groups.append(list(given))
        assert self.may.wait(PATIENCE)
        if min(given) < 0:
            raise ValueError(given)
        return [2 * one for one in given]

    def brought(self, pool: ThreadPoolExecutor, numbers: Sequence[int]) -> list[Future[int]]:
        """Each of these by a thread of its own, in this order; all are in line before any is done."""
        made = []
        for place, number in enumerate(numbers, 1):
            made.append(pool.submit(self.together.do, "fonds", number))
            until = time.monotonic() + PATIENCE
            while len(self.together._lines.get("fonds", ())) < place or not self.groups:
                assert time.monotonic() < until
                time.sleep(0.001)
        self.may.set()
        return made


@pytest.fixture
def work() -> Work:
    return Work()


def test_who_waits_is_done_with_who_is_first_in_order_and_never_more_than_the_most(work: Work) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = work.brought(pool, range(12))
        assert [one.result(PATIENCE) for one in found] == [2 * n for n in range(12)]
    assert work.groups == [[0], [1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11]]
    assert work.together._lines == {}


def test_one_that_cannot_be_done_stops_no_other_and_hears_so_itself(work: Work) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = work.brought(pool, [0, 1, -2, 3, 4, 5, 6, 7])
        for n, one in zip([0, 1, -2, 3, 4, 5, 6, 7], found, strict=True):
            if n < 0:
                with pytest.raises(ValueError, match=r"\[-2\]"):
                    one.result(PATIENCE)
            else:
                assert one.result(PATIENCE) == 2 * n
    assert work.groups[:2] == [[0], [1, -2, 3, 4, 5]]
    assert work.together._lines == {}


def test_the_next_leads_where_who_was_first_fails(work: Work) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = work.brought(pool, [-1, 1, 2])
        with pytest.raises(ValueError, match=r"\[-1\]"):
            found[0].result(PATIENCE)
        assert [one.result(PATIENCE) for one in found[1:]] == [2, 4]
    assert work.groups == [[-1], [1, 2]]


def test_names_do_not_wait_for_one_another(work: Work) -> None:
    with ThreadPoolExecutor(2) as pool:
        held = pool.submit(work.together.do, "fonds", 1)
        while not work.groups:
            time.sleep(0.001)
        other = pool.submit(work.together.do, "ander", 2)
        while len(work.groups) < 2:
            time.sleep(0.001)
        work.may.set()
        assert (held.result(PATIENCE), other.result(PATIENCE)) == (2, 4)
