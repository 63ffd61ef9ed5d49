# SPDX-License-Identifier: EUPL-1.2
"""A fund with two plans above the limit that wait for the wijk, and people at the desks."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.consultation import services
from krachtwijk.web.apps.consultation.models import Wijkraadpleging
from krachtwijk.web.apps.vouchers import services as vouchers
from krachtwijk.web.apps.vouchers.models import Fund

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WIJK = "Overdie"
HELPERS = ("hulp", "hulp2", "hulp3")
Make = Callable[[str], User]


def moment(day: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(day).replace(hour=10, tzinfo=AMSTERDAM)


@pytest.fixture
def person(db: None) -> Make:
    def make(name: str) -> User:
        return User.objects.get_or_create(username=name)[0]

    return make


@pytest.fixture
def fund(person: Make) -> Fund:
    """€ 40.000 for Overdie under the model by-law; two plans of € 15.000 and € 12.000 met the by-law."""
    return make_fund(person)


def make_fund(person: Make) -> Fund:
    official, opened = person("ambtenaar"), moment("2008-10-01")
    vouchers.open_fund(
        id="alk08",
        title="Vouchers Alkmaar 2008",
        municipality="Alkmaar",
        bylaw="g31-2008",
        year=2008,
        amount="40000.00",
        reserve="0.00",
        actor=official,
        at=opened,
    )
    vouchers.add_wijk(fund="alk08", name=WIJK, postcodes=["1813"])
    found = Fund.objects.get(pk="alk08")
    for type, fields in (
        ("designate", {"amount": "40000.00"}),
        ("ceiling", {"amount": "40000.00", "announced": "2008-10-01"}),
    ):
        place = {"fund": "alk08", "wijk": WIJK}
        vouchers.act(fund="alk08", type=type, fields=place | fields, actor=official, at=opened)
    start = datetime.date(2008, 10, 1)
    for name in HELPERS:
        vouchers.appoint(user=person(name), role="hulp", fund=found, start=start, by=official)
    for role in ("regiegroep", "controle"):
        vouchers.appoint(user=person(role), role=role, fund=found, start=start, by=official)
    for title, amount in (("Speelplek Vondelstraat", "15000.00"), ("Buurtmoestuin", "12000.00")):
        received = vouchers.receive_application(
            fund="alk08",
            wijk=WIJK,
            name=f"A. Jansen {title}",
            details={"postcode": "1813 AB", "number": "12"},
            content={
                "requested": amount,
                "plan": "Een plek waar kinderen spelen",
                "planning": "voorjaar 2009",
                "cost_estimate": amount,
                "other_subsidy": False,
                "signed": True,
            },
            title=title,
            at=moment("2008-12-01"),
        )
        vouchers.act(
            fund="alk08",
            type="eligibility",
            fields={"case": received.case, "ok": True, "by": "college"},
            actor=official,
            at=moment("2008-12-10"),
        )
    return found


def prepared(fund: Fund, official: User, **fields: object) -> Wijkraadpleging:
    now = timezone.now()
    given: dict[str, object] = {
        "title": "Twee plannen voor Overdie",
        "question": "Welke plannen krijgen geld?",
        "form": "digital",
        "opens": now - datetime.timedelta(hours=1),
        "closes": now + datetime.timedelta(days=7),
        "plans": {
            "ALK08-0001": ("Speelplek Vondelstraat", "Een speelplek met bankjes."),
            "ALK08-0002": ("Buurtmoestuin", "Een tuin voor de buurt."),
        },
        "token": uuid.uuid4(),
    }
    return services.prepare(fund=fund.pk, wijk=WIJK, actor=official, **given | fields)  # type: ignore[arg-type]


@pytest.fixture
def opened(fund: Fund, person: Make) -> Wijkraadpleging:
    """An open consultation on both plans."""
    return services.open_(consultation=prepared(fund, person("ambtenaar")).pk, actor=person("ambtenaar"))


def codes(place: Wijkraadpleging, size: int, official: User) -> list[str]:
    return services.make_codes(consultation=place.pk, size=size, actor=official, token=uuid.uuid4())


def cast(place: Wijkraadpleging, code: str, choices: dict[int, bool]) -> None:
    services.cast(consultation=place.pk, code=code, choices=choices, receipt=uuid.uuid4())


def closed(place: Wijkraadpleging, official: User) -> Wijkraadpleging:
    """Closed on time: its last moment is set back, as nobody here waits a week."""
    Wijkraadpleging.objects.filter(pk=place.pk).update(closes=timezone.now() - datetime.timedelta(minutes=1))
    return services.close(consultation=place.pk, actor=official)
