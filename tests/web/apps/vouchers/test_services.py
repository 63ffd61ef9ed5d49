# SPDX-License-Identifier: EUPL-1.2
"""The way of a euro through the services: law, role, register and ledger together."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from krachtwijk.catalogue.bylaws import acts, bylaw
from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.replay import read_events, replay
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.record.models import Event, Person
from krachtwijk.web.apps.vouchers import selectors, services
from krachtwijk.web.apps.vouchers.models import Fund, Payment, Step

from .conftest import WIJK, moment

Make = Callable[[str], User]

PLAN = {
    "requested": "3000.00",
    "plan": "Een bankje en bloembakken bij de speelplek aan de Vondelstraat",
    "planning": "voorjaar 2009",
    "cost_estimate": "3000.00",
    "other_subsidy": False,
    "signed": True,
}


def apply_for(fund: Fund, name: str = "A. Jansen", **content: Any) -> services.Received:
    return services.receive_application(
        fund=fund.pk,
        wijk=WIJK,
        name=name,
        details={"postcode": "1813 AB", "number": "12", "phone": "072-1234567"},
        content=PLAN | content,
        title="Bankje bij de speelplek",
        at=moment("2008-12-01"),
    )


def decide(fund: Fund, case: str, actor: User, **fields: Any) -> services.Done:
    given = {"case": case, "outcome": "grant", "by": "regiegroep"} | fields
    return services.act(fund=fund.pk, type="decision", fields=given, actor=actor, at=moment("2008-12-10"))


def test_from_application_to_cash_every_step_stands_in_register_and_ledger(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    assert (received.case, received.missing) == ("ALK08-0001", ())
    decide(fund, received.case, person("regiegroep"))
    paid = services.prepare_payment(
        fund=fund.pk,
        case=received.case,
        kind="cash",
        amount="500.00",
        actor=person("kasbeheerder"),
        token=uuid.uuid4(),
    )
    services.sign_payment(payment=paid.pk, actor=person("tweede tekenaar"))
    ledger = selectors.balances(fund)[WIJK]
    assert (ledger.available, ledger.outstanding, ledger.paid) == (17_000_00, 2_500_00, 500_00)
    assert ledger.balanced()
    for stream in record.streams():
        assert record.verify(stream) is None
    assert f"grootboek alk08 {WIJK}" in record.streams()


def test_the_register_replayed_through_the_engine_is_the_ledger(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    decide(
        fund,
        received.case,
        person("regiegroep"),
        outcome="partial",
        amount="2000.00",
        motive="minder bloembakken",
        grounds=["a"],
    )
    lines = [
        json.dumps(p)
        for p in Step.objects.filter(fund=fund).order_by("number").values_list("event__payload", flat=True)
    ]
    found = replay(read_events(lines), bylaw("g31-2008"), acts())
    assert all(event["accepted"] for event in found["events"])
    ledger = selectors.balances(fund)[WIJK]
    assert found["ledger"]["alk08"][WIJK]["available"] == f"{ledger.available / 100:.2f}"
    assert found["cases"][received.case]["granted"] == "2000.00"


def test_nothing_personal_stands_in_the_register(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    decide(
        fund,
        received.case,
        person("regiegroep"),
        outcome="refuse",
        grounds=["c"],
        motive="Het is de tuin van Jansen",
    )
    text = json.dumps([[e.payload, e.subject, e.reason] for e in Event.objects.all()], ensure_ascii=False)
    for secret in ("Jansen", "1813 AB", "072-1234567", "Vondelstraat", "voorjaar", "tuin"):
        assert secret not in text
    kept = private.read(subject=services.case_subject(received.case))
    assert kept["motive"] == "Het is de tuin van Jansen"
    assert kept["plan"] == PLAN["plan"]


def test_a_forgotten_person_cannot_be_read_and_the_chain_stays_whole(fund: Fund) -> None:
    received = apply_for(fund)
    owner = Person.objects.get(texts__subject=services.case_subject(received.case), texts__name="title")
    private.forget(person=owner, actor_name="bewaartermijn", reason="archieftermijn voorbij")
    assert private.read(subject=services.case_subject(received.case)) == {}
    assert record.verify(f"zaak {received.case}") is None
    assert selectors.state_of(fund).cases[received.case].requested == 3_000_00


def test_a_mark_shows_that_a_text_is_the_one_that_came_in(fund: Fund) -> None:
    received = apply_for(fund)
    owner = Person.objects.get(texts__subject=services.case_subject(received.case), texts__name="plan")
    given = Event.objects.get(stream_id=f"zaak {received.case}").payload["plan"]
    assert private.holds(person=owner, text=PLAN["plan"], given=given)
    assert not private.holds(person=owner, text="Iets anders", given=given)


def test_what_the_law_refuses_writes_nothing(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    before = Event.objects.count()
    with pytest.raises(services.RefusedError, match="6 toel"):
        decide(fund, received.case, person("regiegroep"), outcome="refuse", grounds=["c"], motive=" ")
    with pytest.raises(services.RefusedError, match="mandaat"):
        decide(fund, received.case, person("regiegroep"), by="buurvrouw")
    assert Event.objects.count() == before
    assert private.read(subject=services.case_subject(received.case)).get("motive") is None


def test_a_role_is_needed(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    for name in ("kasbeheerder", "controle", "hulp", "niemand"):
        with pytest.raises(services.NotAllowedError):
            decide(fund, received.case, person(name))
    with pytest.raises(services.NotAllowedError):
        services.act(
            fund=fund.pk, type="decision", fields={"case": received.case, "outcome": "grant", "by": "college"}
        )


def test_awb_2_4_who_has_an_interest_does_not_act_on_the_case(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    member = person("regiegroep")
    services.act(
        fund=fund.pk,
        type="recuse",
        fields={"case": received.case, "person": f"medewerker {member.pk}"},
        actor=member,
    )
    with pytest.raises(services.NotAllowedError, match="2:4"):
        decide(fund, received.case, member)


def test_a_payment_pressed_twice_is_paid_once_and_signed_by_another(fund: Fund, person: Make) -> None:
    received = apply_for(fund)
    decide(fund, received.case, person("regiegroep"))
    token = uuid.uuid4()
    cashier = person("kasbeheerder")
    one, two = (
        services.prepare_payment(
            fund=fund.pk, case=received.case, kind="invoice", amount="3000.00", actor=cashier, token=token
        )
        for _ in range(2)
    )
    assert one.pk == two.pk and Payment.objects.count() == 1
    with pytest.raises(services.RefusedError, match="staat al"):
        services.prepare_payment(
            fund=fund.pk, case=received.case, kind="cash", amount="1.00", actor=cashier, token=uuid.uuid4()
        )
    with pytest.raises(services.NotAllowedError):
        services.sign_payment(payment=one.pk, actor=cashier)
    for _ in range(2):
        services.sign_payment(payment=one.pk, actor=person("tweede tekenaar"))
    assert selectors.balances(fund)[WIJK].paid == 3_000_00


def test_roles_that_do_not_go_together(fund: Fund, person: Make) -> None:
    with pytest.raises(KrachtwijkError, match="niet ook"):
        services.appoint(
            user=person("regiegroep"),
            role="kasbeheerder",
            fund=fund,
            start=moment("2008-11-01").date(),
            by=person("ambtenaar"),
        )


def test_the_same_person_is_found_again_so_that_a_split_plan_is_noticed(fund: Fund) -> None:
    apply_for(fund, requested="6000.00", cost_estimate="6000.00")
    second = apply_for(fund, requested="6000.00", cost_estimate="6000.00")
    assert any("boven de grens" in w for w in second.done.warnings)
    other = apply_for(fund, name="B. de Vries", requested="6000.00", cost_estimate="6000.00")
    assert not any("boven de grens" in w for w in other.done.warnings)


def test_the_queue_is_in_order_of_receipt(fund: Fund) -> None:
    numbers = [apply_for(fund, name=f"Bewoner {n}").case for n in range(3)]
    waiting = selectors.waiting(fund, [WIJK])
    filed = selectors.filed(fund, waiting, moment("2008-12-02").date())
    assert [f.case.id for f in filed] == numbers
    assert filed[0].due.isoformat() == "2008-12-29"
    assert filed[0].title == "Bankje bij de speelplek"
