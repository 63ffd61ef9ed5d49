# SPDX-License-Identifier: EUPL-1.2
"""Money under the hands of several people at once, and any order of what can happen to payments (R-097)."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from krachtwijk.catalogue.bylaws import acts, bylaw
from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.replay import read_events, replay
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.vouchers import selectors, services
from krachtwijk.web.apps.vouchers.models import Batch, Fund, Payment, Step
from krachtwijk.web.apps.vouchers.selectors import money

from .conftest import WIJK, build_fund, make_person
from .test_kas import IBAN, OTHER
from .test_services import apply_for, decide

GRANTED = 1_000_00


def granted() -> tuple[Fund, str]:
    """A fund with one plan of € 1.000 granted, and an account to pay from."""
    fund = build_fund(make_person)
    received = apply_for(fund, requested="1000.00", cost_estimate="1000.00")
    decide(fund, received.case, make_person("regiegroep"))
    services.set_account(fund=fund.pk, payer="Gemeente Alkmaar", iban=OTHER, actor=make_person("ambtenaar"))
    return Fund.objects.get(pk=fund.pk), received.case


def at_once(*works: Callable[[], object]) -> list[object]:
    """What came of each of these, done by as many threads that start together."""
    gate, found = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        gate.wait()
        try:
            found[place] = work()  # type: ignore[call-overload]
        except KrachtwijkError as error:
            found[place] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(found)


def prepare(fund: Fund, case: str, token: uuid.UUID, amount: str = "600.00") -> Payment:
    return services.prepare_payment(
        fund=fund.pk,
        case=case,
        kind="invoice",
        amount=amount,
        actor=make_person("kasbeheerder"),
        token=token,
        details={"name": "Bouwmarkt", "iban": IBAN, "bill": str(token)},
    )


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_payment_and_two_forms_do_not_pass_the_voucher() -> None:
    fund, case = granted()
    token = uuid.uuid4()
    same = at_once(*[lambda: prepare(fund, case, token).pk] * 4)
    assert len(set(same)) == 1 and Payment.objects.count() == 1
    others = at_once(*[lambda: prepare(fund, case, uuid.uuid4(), "400.00").pk] * 4)
    assert sum(isinstance(f, int) for f in others) == 1  # 600 + 400 is all there is
    assert sum(p.cents for p in Payment.objects.all()) == GRANTED


@pytest.mark.django_db(transaction=True)
def test_signed_refused_and_sent_back_at_the_same_moment_has_one_outcome() -> None:
    fund, case = granted()
    signer, cashier = make_person("tweede tekenaar"), make_person("kasbeheerder")
    made = prepare(fund, case, uuid.uuid4())
    at_once(
        lambda: services.sign_payment(payment=made.pk, actor=signer),
        lambda: services.sign_payment(payment=made.pk, actor=signer),
        lambda: services.refuse_payment(payment=made.pk, actor=cashier, reason="dubbel"),
        lambda: services.return_payment(payment=made.pk, actor=signer, reason="dubbel"),
    )
    made.refresh_from_db()
    paid = selectors.balances(fund)[WIJK].paid
    assert paid == (600_00 if made.state == Payment.SIGNED else 0)
    assert money.agreement(fund, timezone.localdate()).differences == ()


@pytest.mark.django_db(transaction=True)
def test_two_files_made_at_once_hold_a_payment_once_and_an_answer_read_twice_counts_once() -> None:
    fund, case = granted()
    cashier = make_person("kasbeheerder")
    made = prepare(fund, case, uuid.uuid4())
    services.sign_payment(payment=made.pk, actor=make_person("tweede tekenaar"))

    def send(token: uuid.UUID) -> int:
        return services.make_batch(
            fund=fund.pk, payments=[made.pk], pays_on=timezone.localdate(), actor=cashier, token=token
        ).pk

    token = uuid.uuid4()
    at_once(*[lambda: send(token)] * 2, lambda: send(uuid.uuid4()))
    assert Batch.objects.count() == 1
    line = f"{made.reference};afgewezen;gesloten".encode()
    read = at_once(*[lambda: services.read_results(fund=fund.pk, content=line, actor=cashier)[0].outcome] * 3)
    assert sorted(map(str, read)) == [services.KNOWN, services.KNOWN, services.NEW]
    assert selectors.balances(fund)[WIJK].outstanding == GRANTED


WHAT = [
    *("prepare", "decline", "sign", "return", "refuse", "batch", "ok", "rejected", "read"),
    *("determine", "revoke", "recover"),
]
STEP = st.tuples(
    st.sampled_from(WHAT),
    st.integers(0, 5),
    st.sampled_from(
        [("invoice", 1), ("invoice", 400_00), ("invoice", 600_00), ("cash", 500_00), ("cash", 1)]
    ),
)


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, max_size=14))
def test_any_sequence_keeps_every_account(steps: list[Any]) -> None:
    """The ledger is the replay, no more is paid than granted, and bank and ledger agree, whatever the order."""
    with transaction.atomic():
        fund, case = granted()
        accepted = 0
        for what, which, (kind, cents) in steps:
            try:
                _do(fund, case, what, which, kind, cents)
                accepted += 1
            except KrachtwijkError:
                continue
            ledger = selectors.balances(fund)[WIJK]
            known = selectors.state_of(fund).cases[case]
            assert ledger.balanced() and min(ledger.balances().values()) >= 0
            assert 0 <= ledger.paid <= known.granted == GRANTED
            assert ledger.outstanding == known.payable
            if known.determined is None:
                assert ledger.paid + known.payable == GRANTED
                waiting = sum(p.cents for p in Payment.objects.filter(state=Payment.OPEN))
                assert waiting <= known.payable
        assert accepted or all(what not in ("prepare", "decline") for what, *_ in steps[:1])
        found = money.agreement(fund, timezone.localdate())
        assert found.differences == ()
        for batch in Batch.objects.all():
            services.batch_file(batch)
        lines = [
            json.dumps(p)
            for p in Step.objects.filter(fund=fund)
            .order_by("number")
            .values_list("event__payload", flat=True)
        ]
        again = replay(read_events(lines), bylaw("g31-2008"), acts())
        ledger = selectors.balances(fund)[WIJK]
        told = again["ledger"][fund.pk][WIJK]
        assert all(told[name] == f"{value / 100:.2f}" for name, value in ledger.balances().items())
        assert all(record.verify(stream) is None for stream in record.streams())
        transaction.set_rollback(True)  # every sequence begins with nothing


def _do(fund: Fund, case: str, what: str, which: int, kind: str, cents: int) -> None:
    cashier, signer = make_person("kasbeheerder"), make_person("tweede tekenaar")
    rows = list(Payment.objects.order_by("pk"))
    if what in ("prepare", "decline"):
        given: dict[str, Any] = {
            "fund": fund.pk,
            "case": case,
            "kind": kind,
            "amount": f"{cents // 100}.{cents % 100:02d}",
            "actor": cashier,
            "token": uuid.UUID(int=which) if what == "prepare" else uuid.uuid4(),
            "details": {"name": "Zaak", "iban": IBAN, "bill": uuid.uuid4().hex[:8]},
        }
        if what == "prepare":
            services.prepare_payment(**given)
        else:
            services.decline_payment(reason="niet voor het plan", **given)
    elif what in ("determine", "revoke", "recover"):
        fields = {"determine": {"amount": f"{which * 200}.00"}, "revoke": {"ground": "vervallen"}}.get(
            what, {"amount": f"{which * 100}.00"}
        )
        services.act(fund=fund.pk, type=what, fields={"case": case, **fields}, actor=make_person("ambtenaar"))
    elif what == "batch":
        chosen = [line.payment.pk for line in money.to_send(fund)]
        services.make_batch(
            fund=fund.pk, payments=chosen, pays_on=timezone.localdate(), actor=cashier, token=uuid.uuid4()
        )
    elif what == "read":
        text = "".join(f"{p.reference};{'ok' if (p.pk + which) % 2 else 'afgewezen'}\n" for p in rows)
        services.read_results(fund=fund.pk, content=text.encode(), actor=cashier)
    elif not rows:
        raise KrachtwijkError("geen betaling")
    else:
        number = rows[which % len(rows)].pk
        if what == "sign":
            services.sign_payment(payment=number, actor=signer)
        elif what == "return":
            services.return_payment(payment=number, actor=signer, reason="klopt niet")
        elif what == "refuse":
            services.refuse_payment(payment=number, actor=cashier, reason="klopt niet")
        else:
            services.tell_bank(payment=number, ok=what == "ok", actor=cashier)
