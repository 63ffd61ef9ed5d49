# SPDX-License-Identifier: EUPL-1.2
"""What other processes do in `test_concurrency`: each has a connection and a memory of its own, as workers have.

They are forked from a server process that has loaded Django and was never connected (`forkserver`), so that fifty of
them start within a second.
"""

from __future__ import annotations

import datetime
import os
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zoneinfo import ZoneInfo

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "krachtwijk.web.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from krachtwijk.errors import KrachtwijkError  # noqa: E402
from krachtwijk.web.apps.accounts.models import User  # noqa: E402
from krachtwijk.web.apps.outbox import services as outbox  # noqa: E402
from krachtwijk.web.apps.vouchers import current, services  # noqa: E402
from krachtwijk.web.apps.vouchers.models import Payment  # noqa: E402
from krachtwijk.web.apps.vouchers.services import drafts  # noqa: E402

reverse(
    "vouchers:follow"
)  # loads every page, once for all forks; a server has done so before the first plan is sent

PLAN = {
    "requested": "100.00",
    "plan": "Een bankje bij de speelplek",
    "planning": "voorjaar 2009",
    "cost_estimate": "100.00",
    "other_subsidy": False,
    "signed": True,
}


def work(database: dict[str, Any], secret: str, start: Any, jobs: Any, answers: Any) -> None:
    """Do jobs until there are no more, each when all others have theirs; put what came of it in the queue."""
    connection.settings_dict.update(database)
    settings.SECRET_KEY = secret
    connection.ensure_connection()
    current.warm()  # as a worker of the server does before it answers
    while (given := jobs.get()) is not None:
        job, fields = given
        start.wait()
        try:
            answers.put((job, JOBS[job](**fields)))
        except services.RefusedError as error:
            answers.put(("refused", error.article))
        except Exception as error:  # told to the test, which fails on it
            answers.put(("error", repr(error)))
    connection.close()


def day(text: str) -> datetime.datetime:
    """Ten o'clock of a day, in Amsterdam."""
    return datetime.datetime.fromisoformat(f"{text}T10:00:00").replace(tzinfo=ZoneInfo("Europe/Amsterdam"))


def apply_for(
    fund: str, wijk: str, name: str, times: int = 1, at: str = "", amount: str = "100.00"
) -> list[str]:
    """Applications of one household after another; now, or on a day."""
    return [
        services.receive_application(
            fund=fund,
            wijk=wijk,
            name=f"{name} {n}",
            details={"postcode": "1813 AB", "number": "12"},
            content=PLAN | {"requested": amount},
            title="Bankje",
            at=day(at) if at else None,
        ).case
        for n in range(times)
    ]


def decide(fund: str, case: str) -> int:
    """Grant an application; how many cents."""
    done = services.act(
        fund=fund,
        type="decision",
        fields={"case": case, "outcome": "grant", "by": "regiegroep"},
        actor=User.objects.get(username="regiegroep"),
        at=day("2008-12-10"),
    )
    return done.state.cases[case].granted


def prepare(fund: str, case: str, token: str) -> int:
    """Set a payment ready; its number."""
    return services.prepare_payment(
        fund=fund,
        case=case,
        kind="cash",
        amount="40.00",
        actor=User.objects.get(username="kasbeheerder"),
        token=uuid.UUID(token),
        details={"payee": "A. Jansen"},
    ).pk


def sign(payment: int) -> str:
    """Sign a payment; its state."""
    return services.sign_payment(payment=payment, actor=User.objects.get(username="tweede tekenaar")).state


def refuse_or_sign(payment: int, refuse: bool) -> str:
    """Refuse a payment or sign it; its state after that, also where another was first."""
    cashier = User.objects.get(username="kasbeheerder")
    try:
        if refuse:
            return services.refuse_payment(payment=payment, actor=cashier, reason="dubbel").state
        return sign(payment)
    except KrachtwijkError as error:
        if "niet meer klaar" not in str(error):
            raise
        return Payment.objects.get(pk=payment).state


def send_messages(folder: str) -> dict[str, int]:
    """Send what waits, into files; how many came in which state."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = folder
    return outbox.send(now=timezone.now())


def send(code: str) -> str:
    """Send a plan in; the number it gets."""
    held = services.open_draft(code=code)
    assert held is not None
    return services.send_draft(held=held, signed=True).case


def send_many(codes: list[str]) -> list[str]:
    """Send plans in, each by a thread of its own as a server does, all at once; their numbers."""

    def one(code: str) -> str:
        try:
            return send(code)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(one, codes))


def send_together(codes: list[str]) -> list[str]:
    """Send plans in as those that waited for one another in a process; their numbers."""
    sendings = []
    for code in codes:
        held = services.open_draft(code=code)
        assert held is not None
        sendings.append(drafts._Sending(held, drafts._application(held, dict(held.answers), None), True))
    return [sent.case for sent in drafts._sent(sendings)]


JOBS = {
    f.__name__: f
    for f in (apply_for, send, send_many, send_together, decide, prepare, sign, refuse_or_sign, send_messages)
}

#: Moments beside a statement at which a process can die.
BEFORE_COMMIT, AFTER_COMMIT = -1, -2


def die(database: dict[str, Any], secret: str, moment: int, job: str, given: dict[str, Any]) -> None:
    """Do a job and be killed before the statement with this number (from 1), or at the commit."""
    connection.settings_dict.update(database)
    settings.SECRET_KEY = secret
    connection.ensure_connection()
    count = 0

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        if count == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    original = BaseDatabaseWrapper._commit

    def commit(self: BaseDatabaseWrapper) -> None:
        if moment == AFTER_COMMIT:
            original(self)
        os.kill(os.getpid(), signal.SIGKILL)

    if moment < 0:
        BaseDatabaseWrapper._commit = commit  # type: ignore[method-assign]
    with connection.execute_wrapper(counted):
        JOBS[job](**given)
    connection.close()
