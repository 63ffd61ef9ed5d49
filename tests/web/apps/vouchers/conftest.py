# SPDX-License-Identifier: EUPL-1.2
"""A fund of the model by-law with its people, made through the services as an official would."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.vouchers import services
from krachtwijk.web.apps.vouchers.models import Fund

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WIJK = "Overdie"


def moment(day: str, hour: int = 10) -> datetime.datetime:
    return datetime.datetime.fromisoformat(day).replace(hour=hour, tzinfo=AMSTERDAM)


def make_person(name: str) -> User:
    """The person of this name."""
    return User.objects.get_or_create(username=name)[0]


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    return make_person


@pytest.fixture
def fund(person: Callable[[str], User]) -> Fund:
    return build_fund(person)


def build_fund(person: Callable[[str], User]) -> Fund:
    """€ 20.000 for Overdie in 2008, with a mandate for the regiegroep and somebody for every role."""
    official = person("ambtenaar")
    opened = moment("2008-10-01")
    services.open_fund(
        id="alk08",
        title="Vouchers Alkmaar 2008",
        municipality="Alkmaar",
        bylaw="g31-2008",
        year=2008,
        amount="20000.00",
        reserve="0.00",
        actor=official,
        at=opened,
    )
    services.add_wijk(fund="alk08", name=WIJK, postcodes=["1813"])
    found = Fund.objects.get(pk="alk08")
    place = {"fund": "alk08", "wijk": WIJK}

    def do(type: str, **fields: Any) -> None:
        services.act(fund="alk08", type=type, fields=fields, actor=official, at=opened)

    do("designate", **place, amount="20000.00")
    do("ceiling", **place, amount="20000.00", announced="2008-10-01")
    do(
        "mandate",
        **place,
        body="regiegroep",
        consent=True,
        **{"from": "2008-10-01", "until": "2011-12-31"},
    )
    do("kasbeheerder", fund="alk08", person=services.CASHIER)
    start = datetime.date(2008, 10, 1)
    for role in ("regiegroep", "kasbeheerder", "tweede tekenaar", "bezwaar", "hulp", "controle"):
        services.appoint(user=person(role), role=role, fund=found, start=start, by=official)
    return found
