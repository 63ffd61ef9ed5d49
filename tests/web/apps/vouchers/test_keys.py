# SPDX-License-Identifier: EUPL-1.2
"""G06: what docs/keys.md promises: how keys change, what is lost with them, and how long people are kept."""

from __future__ import annotations

import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from krachtwijk.web.apps.accounts import second_factor
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import codes, private
from krachtwijk.web.apps.record import selectors as record
from krachtwijk.web.apps.record.models import Event, Person
from krachtwijk.web.apps.vouchers import selectors, services
from krachtwijk.web.apps.vouchers.models import Fund

from .test_services import PLAN, apply_for

TEXTS = {"plan": PLAN["plan"], "title": "Bankje bij de speelplek"}


def kept(case: str) -> dict[str, str]:
    found = private.read(subject=services.case_subject(case))
    return {name: found[name] for name in TEXTS if name in found}


def test_a_new_data_key_in_front_and_the_old_one_out(fund: Fund, settings) -> None:
    settings.DATA_KEYS = ["oude sleutel"]
    case = apply_for(fund).case
    factor = second_factor.begin(user=User.objects.create_user("anna"))
    secret = second_factor.secret_of(factor)
    settings.DATA_KEYS = ["nieuwe sleutel", "oude sleutel"]
    assert kept(case) == TEXTS
    call_command("verzegel_opnieuw", stdout=io.StringIO())
    settings.DATA_KEYS = ["nieuwe sleutel"]
    factor.refresh_from_db()
    assert kept(case) == TEXTS and second_factor.secret_of(factor) == secret


def test_without_resealing_the_old_key_is_still_needed_and_the_command_says_so(fund: Fund, settings) -> None:
    settings.DATA_KEYS = ["oude sleutel"]
    case = apply_for(fund).case
    settings.DATA_KEYS = ["nieuwe sleutel"]
    assert kept(case) == {}
    with pytest.raises(CommandError, match="1 mensen"):
        call_command("verzegel_opnieuw", stdout=io.StringIO())
    settings.DATA_KEYS = ["nieuwe sleutel", "oude sleutel"]
    assert kept(case) == TEXTS, "nothing was spoilt by trying"


def test_what_is_lost_with_all_keys_and_what_stays(fund: Fund, settings) -> None:
    received = apply_for(fund)
    settings.SECRET_KEY = "een andere"
    assert kept(received.case) == {}
    assert codes.subject_of(purpose=services.FOLLOW, given=received.code) == ""
    assert selectors.state_of(fund).cases[received.case].requested == 3_000_00
    assert all(record.verify(stream) is None for stream in record.streams())


def test_a_new_signing_key_after_resealing_loses_codes_and_recognition_only(fund: Fund, settings) -> None:
    received = apply_for(fund)
    settings.DATA_KEYS = ["sleutel"]
    call_command("verzegel_opnieuw", stdout=io.StringIO())
    settings.SECRET_KEY = "een andere"
    assert kept(received.case) == TEXTS
    assert codes.subject_of(purpose=services.FOLLOW, given=received.code) == ""
    assert private.find(sign="A. Jansen 1813 AB 12").texts.count() == 0


@pytest.mark.parametrize(("years", "forgotten"), [(20, 0), (7, 1)])
def test_people_are_forgotten_when_the_archive_term_is_over(
    fund: Fund, settings, years: int, forgotten: int
) -> None:
    """The last event of the application is of 1 December 2008."""
    settings.ARCHIVE_YEARS = years
    received = apply_for(fund)
    count = services.forget_past(now=timezone.now(), actor_name="bewaartermijn")
    assert count == forgotten
    assert (kept(received.case) == {}) == bool(forgotten)
    assert (codes.subject_of(purpose=services.FOLLOW, given=received.code) == "") == bool(forgotten)
    assert services.forget_past(now=timezone.now(), actor_name="bewaartermijn") == 0
    assert Event.objects.filter(stream="personen", kind="vergeten").count() == forgotten


def test_the_term_runs_from_the_last_event_of_all_applications_of_a_person(fund: Fund) -> None:
    first = apply_for(fund)
    services.receive_application(
        fund=fund.pk,
        wijk="Overdie",
        name="A. Jansen",
        details={"postcode": "1813 AB", "number": "12"},
        content=PLAN,
    )
    assert Person.objects.filter(texts__subject=services.case_subject(first.case)).distinct().count() == 1
    assert services.forget_past(now=timezone.now(), actor_name="bewaartermijn") == 0
    later = timezone.now() + datetime.timedelta(days=7 * 366 + 5)
    assert services.forget_past(now=later, actor_name="bewaartermijn") == 1


def test_avg_15_somebody_gets_what_is_kept_of_them_and_nothing_of_others(fund: Fund) -> None:
    mine, other = apply_for(fund), apply_for(fund, name="B. de Vries")
    second = apply_for(fund, requested="500.00", cost_estimate="500.00")
    out = io.StringIO()
    call_command("geef_gegevens", mine.code, stdout=out)
    found = json.loads(out.getvalue())
    assert found["person"]["name"] == "A. Jansen" and found["person"]["phone"] == "072-1234567"
    assert [a["number"] for a in found["applications"]] == [mine.case, second.case]
    assert found["applications"][0]["texts"]["plan"] == PLAN["plan"]
    assert [e["kind"] for e in found["applications"][0]["events"]] == ["application"]
    assert other.case not in out.getvalue() and "de Vries" not in out.getvalue()
    assert Event.objects.filter(stream="personen", kind="gegevens gegeven").count() == 1
    with pytest.raises(CommandError, match="opent niets"):
        call_command("geef_gegevens", "AAAA-BBBB-CCCC")
