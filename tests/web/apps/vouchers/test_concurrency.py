# SPDX-License-Identifier: EUPL-1.2
"""G27, R-098: many at once, and a process that dies between two writes. With real processes, on either database.

`KRACHTWIJK_EXAMPLES` sets how often the race for the last euros is run (10; a nightly run does 100).
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from krachtwijk.catalogue.bylaws import acts, bylaw
from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.engine import fold
from krachtwijk.rules.events import read_event
from krachtwijk.rules.money import euros
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes as codes_of_record
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.record.models import Attachment, Code, Event, Person, PrivateText
from krachtwijk.web.apps.vouchers import current, services
from krachtwijk.web.apps.vouchers.models import Draft, Fund, Payment, Step
from krachtwijk.web.apps.vouchers.services import drafts
from krachtwijk.web.photos import Photo

from .conftest import WIJK, moment

# under a plain name, so that another process finds it too
sys.path.insert(0, str(Path(__file__).parent))
import racing

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("KRACHTWIJK_EXAMPLES", "10"))
PATIENCE = 120
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["racing"])


@pytest.fixture(autouse=True, scope="module")
def loaded() -> None:
    """The process that all others are forked from finds what this one finds, and has it loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


@pytest.fixture(autouse=True)
def own_processes() -> Iterator[None]:
    """Nothing of another test is kept: each test has a new database under the same names."""
    current._kept.clear()
    yield
    current._kept.clear()


def database() -> dict[str, Any]:
    held = connection.settings_dict
    return {"NAME": str(held["NAME"]), "OPTIONS": dict(held["OPTIONS"])}


class Crowd:
    """So many processes, each with a connection and a memory of its own, that act at the same moment.

    One crowd at a time on a machine: a server has a hundred places, and two suites may run beside each other.
    """

    def __init__(self, count: int) -> None:
        connections.close_all()
        self.start, self.answers = processes.Barrier(count), processes.Queue()
        self.jobs = [processes.Queue() for _ in range(count)]
        self.workers = [
            processes.Process(
                target=racing.work, args=(database(), settings.SECRET_KEY, self.start, mine, self.answers)
            )
            for mine in self.jobs
        ]

    def __enter__(self) -> Crowd:
        self.place = (Path(tempfile.gettempdir()) / "krachtwijk-crowd.lock").open("w")
        fcntl.flock(self.place, fcntl.LOCK_EX)
        for worker in self.workers:
            worker.start()
        return self

    def do(self, jobs: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, Any]]:
        """One job for each, all at once; what came of them, in no order."""
        for mine, job in zip(self.jobs, jobs, strict=True):
            mine.put(job)
        found = [self.answers.get(timeout=PATIENCE) for _ in jobs]
        assert [a for a in found if a[0] == "error"] == []
        return found

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Send all home; who has no work to finish any more because of a failure is stopped."""
        for mine in self.jobs:
            mine.put(None)
        for worker in self.workers:
            worker.join(PATIENCE if kind is None else 1)
            if worker.is_alive():
                worker.kill()
                worker.join()
        self.place.close()
        if kind is None:
            assert [w.exitcode for w in self.workers] == [0] * len(self.workers)


def at_once(jobs: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, Any]]:
    """Do these jobs at the same moment, each in a process of its own."""
    with Crowd(len(jobs)) as crowd:
        return crowd.do(jobs)


def whole(fund: str) -> Counter[str]:
    """Assert that register, steps, ledger and engine say the same; how many events of each type there are."""
    for stream in record.streams():
        assert record.verify(stream) is None, stream
    rows = list(
        Step.objects.filter(fund=fund).order_by("number").values_list("number", "event__payload", "event_id")
    )
    length = Fund.objects.get(pk=fund).length
    assert [number for number, _, _ in rows] == list(range(1, length + 1))
    state, judged = fold((read_event(n, payload) for n, payload, _ in rows), bylaw("g31-2008"), acts())
    assert all(j.refusal is None for j in judged)
    for (name, wijk), ledger in state.ledgers.items():
        assert ledger.balanced()
        booked = [
            (e["debit"], e["credit"], e["amount"])
            for e in record.events(stream=f"grootboek {name} {wijk}").values_list("payload", flat=True)
        ]
        assert booked == [(e.debit, e.credit, euros(e.cents)) for e in reversed(list(ledger.entries()))]
    # no event without its place in the fund, and no text, code or payment of a case that is not there
    about = Event.objects.exclude(kind="boeking").filter(stream__name__regex=r"^(zaak|fonds) ")
    assert about.count() == length
    cases = set(state.cases)
    assert {s.removeprefix("aanvraag ") for s in subjects("aanvraag ")} == cases
    follow = Code.objects.filter(purpose=services.FOLLOW)
    assert sorted(follow.values_list("subject", flat=True)) == sorted(cases)
    signed = Counter(Payment.objects.filter(state=Payment.SIGNED).values_list("case", flat=True))
    assert signed == Counter({c.id: len(c.redemptions) for c in state.cases.values() if c.redemptions})
    prepared = record.events(stream=f"betalingen {fund}").filter(kind="klaargezet").count()
    assert prepared == Payment.objects.count() == len(subjects("betaling "))
    return Counter(payload["type"] for _, payload, _ in rows)


def subjects(start: str) -> set[str]:
    return set(PrivateText.objects.filter(subject__startswith=start).values_list("subject", flat=True))


def ledger(fund: Fund) -> Any:
    return current.standing(fund).state.ledgers[fund.pk, WIJK]


def test_fifty_decisions_on_the_last_euros_never_pass_the_ceiling(
    fund: Fund, person: Callable[[str], User]
) -> None:
    """2.5, Awb 4:25(2). € 140 is left and fifty ask € 20: seven get it, whoever comes first. Then € 140 is added."""
    ask: dict[str, Any] = {"fund": fund.pk, "wijk": WIJK, "at": "2008-12-01", "amount": "20.00"}
    cases = racing.apply_for(name="Bewoner", times=50, **ask)
    with Crowd(50) as crowd:
        for round in range(1, ROUNDS + 1):
            services.act(
                fund=fund.pk,
                type="ceiling",
                fields={
                    "fund": fund.pk,
                    "wijk": WIJK,
                    "amount": f"{140 * round}.00",
                    "announced": "2008-10-02",
                },
                actor=person("ambtenaar"),
                at=moment("2008-10-02"),
            )
            found = crowd.do([("decide", {"fund": fund.pk, "case": c}) for c in cases])
            assert Counter(name for name, _ in found) == {"decide": 7, "refused": 43}, round
            held = ledger(fund)
            assert (held.ceiling, held.available, held.outstanding) == (140_00 * round, 0, 140_00 * round)
            known = current.standing(fund).state.cases
            cases = [c for c in cases if not known[c].granted]
            cases += racing.apply_for(name=f"Bewoner {round}", times=7, **ask)
    assert whole(fund.pk)["decision"] == 7 * ROUNDS


def test_awb_4_27_two_hundred_applications_at_once_none_lost_and_in_order(fund: Fund) -> None:
    """Twenty households send ten plans each: 200 numbers without a gap, in the order in which they came in."""
    before = Fund.objects.get(pk=fund.pk).length
    jobs = [
        ("apply_for", {"fund": fund.pk, "wijk": WIJK, "name": f"Gezin {n}", "times": 10}) for n in range(20)
    ]
    answers = at_once(jobs)
    given = [case for _, cases in answers for case in cases]
    assert sorted(given) == [f"ALK08-{n:04d}" for n in range(1, 201)]
    assert whole(fund.pk)["application"] == 200
    rows = Step.objects.filter(fund=fund, number__gt=before).order_by("number")
    assert list(rows.values_list("case", flat=True)) == sorted(given)
    moments = list(rows.values_list("event__occurred_at", flat=True))
    assert moments == sorted(moments)
    for _, cases in answers:
        assert cases == sorted(cases)


def test_one_household_that_presses_at_two_places_is_one_person(fund: Fund) -> None:
    job = ("apply_for", {"fund": fund.pk, "wijk": WIJK, "name": "A. Jansen"})
    at_once([job] * 8)
    whole(fund.pk)
    who = {c.fields["initiator"]["name"] for c in current.standing(fund).state.cases.values()}
    assert len(who) == 1


def plan(fund: Fund, name: str = "A. Jansen", **answers: Any) -> str:
    """The code of a plan that is ready to be sent."""
    code = services.start_draft(fund=fund.pk, wijk=WIJK)
    held = services.open_draft(code=code)
    assert held is not None
    services.save_draft(
        draft=held.id, answers={"naam": name, "titel": "Bank", "plan": "Een bank", "nummer": "1"} | answers
    )
    return code


def plan_with_a_photo(fund: Fund, name: str = "A. Jansen") -> str:
    code = plan(fund, name)
    held = services.open_draft(code=code)
    assert held is not None
    services.add_photo(draft=held.id, photo=Photo(b"jpeg", "digest"))
    return code


def test_a_plan_sent_from_many_windows_is_one_application(fund: Fund) -> None:
    """Awb 4:27. Eight at once: one number, one code, one person, and the photo goes with it once."""
    code = plan_with_a_photo(fund)
    answers = at_once([("send", {"code": code})] * 8)
    assert {case for _, case in answers} == {"ALK08-0001"}
    assert whole(fund.pk)["application"] == 1
    assert list(Attachment.objects.values_list("subject", flat=True)) == ["aanvraag ALK08-0001"]


def test_awb_4_27_threads_of_many_processes_send_plans_none_lost_and_in_order(fund: Fund) -> None:
    """Six workers of eight threads, each household with a plan of its own: what waits is written together."""
    before = Fund.objects.get(pk=fund.pk).length
    codes = [[plan(fund, f"Gezin {worker} {n}") for n in range(8)] for worker in range(6)]
    answers = at_once([("send_many", {"codes": mine}) for mine in codes])
    given = [case for _, cases in answers for case in cases]
    assert sorted(given) == [f"ALK08-{n:04d}" for n in range(1, 49)]
    assert whole(fund.pk)["application"] == 48
    rows = Step.objects.filter(fund=fund, number__gt=before).order_by("number")
    assert list(rows.values_list("case", flat=True)) == sorted(given)
    moments = list(rows.values_list("event__occurred_at", flat=True))
    assert moments == sorted(moments)
    # each draft holds the number of its own application, and a code that opens that one and no other
    sent = [services.open_draft(code=code) for mine in codes for code in mine]
    assert sorted(held.case for held in sent if held is not None) == sorted(given)
    for held in sent:
        assert held is not None
        assert codes_of_record.subject_of(purpose=services.FOLLOW, given=held.code) == held.case
        assert private.read(subject=services.case_subject(held.case))["title"] == "Bank"


def test_among_those_that_wait_one_that_cannot_be_stops_no_other(fund: Fund) -> None:
    """Together in line: two windows of one plan, one household twice, one not complete, one that is no application."""
    people = Person.objects.count()
    twice = plan_with_a_photo(fund, "Gezin 1")
    codes = [plan(fund, "Gezin 0"), twice, plan(fund, "Gezin 2"), plan(fund, "Gezin 3", kind="kerk")]
    codes += [twice, plan(fund, "Gezin 2"), plan(fund, ""), plan(fund, "Gezin 4")]

    def send(code: str) -> str:
        try:
            held = services.open_draft(code=code)
            assert held is not None
            return services.send_draft(held=held, signed=True, incomplete=code != codes[6]).case
        except KrachtwijkError as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(codes)) as pool:
        with transaction.atomic():
            Fund.objects.select_for_update().get(pk=fund.pk)  # nobody comes through before all are in line
            answers = []
            for place, code in enumerate(codes, 1):
                answers.append(pool.submit(send, code))
                wait_until(lambda place=place: len(drafts._TOGETHER._lines.get(fund.pk, ())) == place)
        found = [answer.result(PATIENCE) for answer in answers]
    assert (found[3], found[6]) == ("MalformedError", "IncompleteError")
    assert found[1] == found[4]
    assert sorted({*found} - {found[3], found[6]}) == [f"ALK08-{n:04d}" for n in range(1, 6)]
    assert found[0] == "ALK08-0001", "who was first in line"
    assert whole(fund.pk)["application"] == 5
    assert list(Attachment.objects.values_list("subject", flat=True)) == [f"aanvraag {found[1]}"]
    # Gezin 0, 1, 2 and 4: nothing stays of who could not apply
    assert Person.objects.count() - people == 4


def wait_until(there: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < until
        time.sleep(0.005)


def granted(fund: Fund) -> str:
    (case,) = racing.apply_for(fund.pk, WIJK, "Bewoner", at="2008-12-01")
    racing.decide(fund.pk, case)
    return case


def test_9_a_payment_pressed_by_many_at_once_is_paid_once(fund: Fund) -> None:
    case, token = granted(fund), str(uuid.uuid4())
    made = at_once([("prepare", {"fund": fund.pk, "case": case, "token": token})] * 6)
    assert len({number for _, number in made}) == 1
    signed = at_once([("sign", {"payment": made[0][1]})] * 6)
    assert {state for _, state in signed} == {Payment.SIGNED}
    assert ledger(fund).paid == 40_00
    assert whole(fund.pk)["redemption"] == 1


def test_9_two_windows_do_not_set_ready_more_than_the_voucher_holds(fund: Fund) -> None:
    """€ 100 granted, and six times € 40 is set ready at once: two times it fits."""
    case = granted(fund)
    given = [("prepare", {"fund": fund.pk, "case": case, "token": str(uuid.uuid4())}) for _ in range(6)]
    assert Counter(name for name, _ in at_once(given)) == {"prepare": 2, "refused": 4}
    whole(fund.pk)


def test_9_2_signing_and_refusing_at_once_is_one_of_the_two(fund: Fund) -> None:
    case = granted(fund)
    payment = racing.prepare(fund.pk, case, str(uuid.uuid4()))
    found = at_once([("refuse_or_sign", {"payment": payment, "refuse": n % 2 == 0}) for n in range(6)])
    assert len({state for _, state in found}) == 1
    assert (Payment.objects.get().state == Payment.SIGNED) == (whole(fund.pk)["redemption"] == 1)


def snapshot(fund: Fund) -> tuple[Any, ...]:
    return (
        Fund.objects.get(pk=fund.pk).length,
        Event.objects.count(),
        PrivateText.objects.count(),
        Code.objects.count(),
        sorted(Payment.objects.values_list("pk", "state")),
        list(Draft.objects.values_list("text", flat=True)),
        list(Attachment.objects.values_list("subject", flat=True)),
    )


@pytest.mark.parametrize("job", ["apply_for", "send", "send_together", "decide", "prepare", "sign"])
def test_a_process_killed_between_two_writes_leaves_no_half_case(fund: Fund, job: str) -> None:
    """Killed before its first statement, its second, … and at the commit: all of it is there, or nothing."""
    given: dict[str, Any] = {"fund": fund.pk}
    if job == "apply_for":
        given |= {"wijk": WIJK, "name": "Bewoner"}
    elif job == "send":
        given = {"code": plan_with_a_photo(fund)}
    elif job == "send_together":
        given = {"codes": [plan(fund, "Gezin 1"), plan_with_a_photo(fund, "Gezin 2"), plan(fund, "Gezin 3")]}
    elif job == "decide":
        given["case"] = racing.apply_for(fund.pk, WIJK, "Bewoner", at="2008-12-01")[0]
    elif job == "prepare":
        given |= {"case": granted(fund), "token": str(uuid.uuid4())}
    else:
        given = {"payment": racing.prepare(fund.pk, granted(fund), str(uuid.uuid4()))}
    before, dead = snapshot(fund), []
    for number in range(1, 100):
        code = killed(number, job, given)
        if code == 0:  # the job was done before it came to this statement
            break
        dead.append(code)
        assert snapshot(fund) == before
        whole(fund.pk)
        # once done it cannot be done again: the last moments are tried before it
        if number == 1:
            assert killed(racing.BEFORE_COMMIT, job, given) == -9
            assert snapshot(fund) == before
    assert len(dead) >= 8 and set(dead) == {-9}
    assert snapshot(fund) != before
    whole(fund.pk)


def test_a_process_killed_after_the_commit_leaves_the_whole_case(fund: Fund) -> None:
    before = snapshot(fund)
    assert killed(racing.AFTER_COMMIT, "apply_for", {"fund": fund.pk, "wijk": WIJK, "name": "Bewoner"}) == -9
    assert snapshot(fund)[0] == before[0] + 1
    assert whole(fund.pk)["application"] == 1


def killed(moment: int, job: str, given: dict[str, Any]) -> int | None:
    connections.close_all()
    process = processes.Process(target=racing.die, args=(database(), settings.SECRET_KEY, moment, job, given))
    process.start()
    process.join(PATIENCE)
    return process.exitcode


def test_what_was_rolled_back_is_not_remembered(fund: Fund) -> None:
    """`current` keeps a standing only once it is committed."""
    before = current.standing(fund)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        racing.apply_for(fund.pk, WIJK, "Bewoner")
        raise ZeroDivisionError
    assert current.standing(Fund.objects.get(pk=fund.pk)) is before
    assert racing.apply_for(fund.pk, WIJK, "Bewoner") == ["ALK08-0001"]
    assert private.read(subject=services.case_subject("ALK08-0001"))["title"] == "Bankje"


def test_a_worker_that_starts_looks_at_every_fund(fund: Fund) -> None:
    """Part 9: the first resident does not wait for the law to be applied to all that ever happened."""
    current.warm()
    length = Fund.objects.get(pk=fund.pk).length
    assert current._kept[fund.pk].number == length
    with CaptureQueriesContext(connection) as asked:
        current.standing(fund)
    assert len(asked) == 1
