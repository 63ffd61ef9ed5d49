# SPDX-License-Identifier: EUPL-1.2
"""The season of invented cases shows every state, under two by-laws, and can be made again."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from krachtwijk.rules.states import ALL
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.vouchers import season, selectors
from krachtwijk.web.apps.vouchers.models import Fund, Step
from krachtwijk.web.apps.vouchers.selectors import money


@pytest.mark.django_db
def test_the_season_shows_every_state_and_is_made_once() -> None:
    assert season.build() == list(season.FUNDS)
    steps = Step.objects.count()
    assert season.build() == [] and Step.objects.count() == steps
    seen = set()
    for fund in Fund.objects.all():
        state = selectors.state_of(fund)
        seen |= {case.state for case in state.cases.values()}
        assert all(ledger.balanced() for ledger in selectors.balances(fund).values())
        for ago in (0, 30, 60, 89, 91):
            day = timezone.localdate() - datetime.timedelta(days=ago)
            assert money.agreement(fund, day).differences == ()
        parts = {p.name for p in money.agreement(fund, timezone.localdate()).parts if p.count}
        assert parts >= {money.CONFIRMED, money.AT_BANK, money.NOT_SENT, money.HANDED_OUT}
    assert seen == set(ALL)
    assert len({fund.bylaw for fund in Fund.objects.all()}) == 2
    assert all(record.verify(stream) is None for stream in record.streams())


@pytest.mark.django_db
def test_the_logins_work_and_are_shown_at_the_machine_only() -> None:
    season.build()
    text = Client().get("/bewonersgeld/voorbeeld/").content.decode()
    for fund in season.FUNDS:
        for name in season.usernames(fund).values():
            assert name in text and season.password(name) in text
            assert authenticate(username=name, password=season.password(name)) is not None
    assert Client().get("/bewonersgeld/voorbeeld/", REMOTE_ADDR="203.0.113.7").status_code == 404
    assert Client().get("/bewonersgeld/voorbeeld/", HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 404
