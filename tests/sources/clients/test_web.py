# SPDX-License-Identifier: EUPL-1.2
import os
import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.clients import Web

from .conftest import Reply, Service

OK = Reply('{"value": []}')


def files(web: Web) -> list[str]:
    return [p.name for p in web.folder.rglob("*") if p.is_file()]


def test_an_answer_is_asked_once_and_then_comes_from_the_cache(service: Service, web: Web) -> None:
    service.say("/a", OK)
    first, second = web.json(f"{service.base}/a"), web.json(f"{service.base}/a")
    assert first == second
    assert len(service.asked) == 1


def test_an_old_answer_is_asked_again_and_refresh_asks_always(service: Service, web: Web) -> None:
    service.say("/a", OK)
    web.json(f"{service.base}/a")
    (kept,) = (web.folder / "answers").iterdir()
    os.utime(kept, (0, time.time() - web.max_age - 1))
    web.json(f"{service.base}/a")
    replace(web, refresh=True).json(f"{service.base}/a")
    assert len(service.asked) == 3


def test_another_edition_is_another_answer(service: Service, web: Web) -> None:
    service.say("/a", Reply('{"value": [1]}'), Reply('{"value": [2]}'))
    assert web.json(f"{service.base}/a", edition="1").content == {"value": [1]}
    assert web.json(f"{service.base}/a", edition="2").content == {"value": [2]}


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_tried_again(service: Service, web: Web, status: int) -> None:
    service.say("/a", Reply("oeps", status), Reply("oeps", status), OK)
    assert web.json(f"{service.base}/a").content == {"value": []}
    assert len(service.asked) == 3


def test_retry_after_in_seconds_goes_before_our_own_pause(service: Service, web: Web) -> None:
    service.say("/a", Reply("", 429, headers={"Retry-After": "0"}), OK)
    replace(web, pause=60).json(f"{service.base}/a")  # would wait a minute if the header were not read
    assert len(service.asked) == 2


def test_retry_after_as_a_date_is_waited_for(service: Service, web: Web) -> None:
    service.say("/a", Reply("", 429, headers={"Retry-After": formatdate(time.time() + 1.5, usegmt=True)}), OK)
    start = time.monotonic()
    web.json(f"{service.base}/a")
    assert time.monotonic() - start > 0.4  # the date has whole seconds: at least half a second is left


def test_a_service_that_asks_for_an_hour_is_left_alone(service: Service, web: Web) -> None:
    service.say("/a", Reply("", 429, headers={"Retry-After": "3600"}))
    with pytest.raises(KrachtwijkError, match="code 429"):
        web.json(f"{service.base}/a")
    assert len(service.asked) == 1


def test_a_silent_service_is_given_up_after_the_tries(service: Service, web: Web) -> None:
    service.say("/a", Reply('{"value": []}', delay=0.3))
    with pytest.raises(KrachtwijkError, match=r"binnen 0\.1 seconden"):
        replace(web, timeout=0.1, tries=2).json(f"{service.base}/a")
    assert len(service.asked) == 2
    assert files(web) == []


def test_a_connection_that_breaks_is_tried_again(service: Service, web: Web) -> None:
    service.say("/a", Reply('{"value": [1', cut=True), OK)
    assert web.json(f"{service.base}/a").content == {"value": []}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply('{"value": [{"Id": 1'), "geen hele JSON"),
        (Reply(""), "leeg antwoord"),
        (Reply("  \n"), "leeg antwoord"),
        (Reply("<html>Onderhoud</html>", kind="text/html"), "text/html in plaats van JSON: Onderhoud"),
        (Reply("[1, 2]"), "geen JSON-object"),
        (Reply("<h1>Bestaat niet</h1>", 404, "text/html"), "code 404, Bestaat niet"),
    ],
)
def test_what_cannot_be_used_is_told_at_once_and_not_kept(
    service: Service, web: Web, reply: Reply, message: str
) -> None:
    service.say("/a", reply)
    with pytest.raises(KrachtwijkError, match=message) as told:
        web.json(f"{service.base}/a")
    assert told.value.where.startswith(f"{service.base}/a")
    assert told.value.mend
    assert len(service.asked) == 1
    assert files(web) == []


def test_an_answer_without_end_is_cut_off(service: Service, web: Web) -> None:
    service.say("/a", Reply('{"value": [' + "1, " * 5000 + "1]}"))
    with pytest.raises(KrachtwijkError, match=r"groter dan 10\.000 bytes"):
        replace(web, max_bytes=10_000).json(f"{service.base}/a")
    assert files(web) == []


def test_without_network_the_old_copy_serves_and_is_called_old(service: Service, web: Web) -> None:
    service.say("/a", OK, Reply("", 503))
    web.json(f"{service.base}/a")
    answer = replace(web, refresh=True).json(f"{service.base}/a")
    assert (answer.content, answer.stale) == ({"value": []}, True)


def test_offline_asks_nothing(service: Service, web: Web) -> None:
    service.say("/a", OK)
    away = replace(web, offline=True)
    with pytest.raises(KrachtwijkError, match="geen kopie bewaard"):
        away.json(f"{service.base}/a")
    web.json(f"{service.base}/a")
    assert away.json(f"{service.base}/a", max_age=0).stale
    assert len(service.asked) == 1


def test_nobody_listens(web: Web) -> None:
    with pytest.raises(KrachtwijkError, match="geen verbinding"):
        web.json("http://127.0.0.1:9/a")


def test_only_web_addresses_are_fetched(web: Web) -> None:
    with pytest.raises(KrachtwijkError, match="geen webadres"):
        web.json("file:///etc/passwd")
