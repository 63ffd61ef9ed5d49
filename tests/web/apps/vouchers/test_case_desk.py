# SPDX-License-Identifier: EUPL-1.2
"""The desk of regiegroep, college and objections, through the pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from django.test import Client
from docx import Document as Word

from krachtwijk.catalogue.bylaws import bylaw
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.vouchers import selectors, services
from krachtwijk.web.apps.vouchers.models import Fund

from .conftest import WIJK
from .test_services import apply_for

Make = Callable[[str], User]
QUEUE = "/beheer/bewonersgeld/alk08/aanvragen/"


@pytest.fixture
def at(person: Make, fund: Fund) -> Callable[[str], Client]:
    def desk(name: str) -> Client:
        client = Client()
        client.force_login(person(name))
        return client

    return desk


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def voices(client: Client, case: str, **given: str) -> None:
    answer = client.post(f"{QUEUE}{case}/stemmen/", given)
    assert answer.status_code == 302


def test_the_queue_shows_order_clock_and_money_and_no_address(fund: Fund, at: Any) -> None:
    first, second = apply_for(fund), apply_for(fund, name="B. de Vries")
    text = page(at("regiegroep"), QUEUE)
    assert text.index(first.case) < text.index(second.case)
    assert "29 december 2008" in text and "€\u00a020.000,00" in text
    assert "1813 AB" not in text and "072-1234567" not in text


def test_the_regiegroep_sees_the_plan_and_no_phone_number(fund: Fund, at: Any) -> None:
    case = apply_for(fund).case
    text = page(at("regiegroep"), f"{QUEUE}{case}/")
    assert "bloembakken" in text and "A. Jansen" in text
    assert "072-1234567" not in text and "1813 AB" not in text
    assert "072-1234567" in page(at("ambtenaar"), f"{QUEUE}{case}/")


def test_5_1_a_grant_needs_the_voices_and_gives_vouchers(fund: Fund, at: Any, person: Make) -> None:
    case = apply_for(fund).case
    client = at("regiegroep")
    answer = client.post(f"{QUEUE}{case}/decision/", {"outcome": "grant", "dag": "2008-12-10"})
    assert answer.status_code == 400 and "huisregel" in answer.content.decode()
    voices(client, case, **{f"lid-{person('regiegroep').pk}": "voor"})
    # today is after the last day of issue of the model (5.8): the college and its law say so
    answer = client.post(f"{QUEUE}{case}/decision/", {"outcome": "grant", "dag": "2008-12-10"})
    assert answer.status_code == 302
    text = page(client, f"{QUEUE}{case}/")
    assert "Toegekend" in text and "€\u00a03.000,00" in text
    assert selectors.balances(fund)[WIJK].outstanding == 3_000_00


def test_6_a_refusal_without_motive_changes_nothing_and_keeps_what_was_typed(
    fund: Fund, at: Any, person: Make
) -> None:
    case = apply_for(fund).case
    client = at("regiegroep")
    voices(client, case, **{f"lid-{person('regiegroep').pk}": "tegen"})
    answer = client.post(
        f"{QUEUE}{case}/decision/", {"outcome": "refuse", "grounds": ["c"], "dag": "2008-12-10"}
    )
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "moet worden gemotiveerd" in text and "Er is niets veranderd" in text
    assert 'value="refuse" id="outcome_2"' in text.replace("required ", "") and "checked" in text


def test_4_3_a_supplement_is_asked_with_term_and_sentence(fund: Fund, at: Any) -> None:
    case = apply_for(fund, signed=False).case
    client = at("regiegroep")
    assert "handtekening" in page(client, f"{QUEUE}{case}/")
    given = {"until": "2035-01-31", "question": "Wij missen uw handtekening."}
    assert client.post(f"{QUEUE}{case}/ask_supplement/", given).status_code == 302
    assert "wacht op aanvulling" in page(client, f"{QUEUE}{case}/").lower()
    assert private.read(subject=services.case_subject(case))["question"] == "Wij missen uw handtekening."


def test_awb_2_4_a_recusal_hides_the_case_and_breaks_the_quorum(fund: Fund, at: Any) -> None:
    case = apply_for(fund).case
    client = at("regiegroep")
    assert client.post(f"{QUEUE}{case}/recuse/", {}).status_code == 302
    assert case not in page(client, QUEUE)
    assert client.get(f"{QUEUE}{case}/").status_code == 403
    text = page(at("ambtenaar"), f"{QUEUE}{case}/")
    assert "eigen belang" in text
    answer = at("ambtenaar").post(f"{QUEUE}{case}/decision/", {"outcome": "grant", "dag": "2008-12-10"})
    assert answer.status_code == 302  # the college stays competent (10:7)


def test_awb_10_3_who_decided_does_not_decide_the_objection(fund: Fund, at: Any, person: Make) -> None:
    case = apply_for(fund).case
    no = {"case": case, "outcome": "refuse", "grounds": ["c"], "motive": "Een eigen tuin", "by": "college"}
    official = person("ambtenaar")
    services.act(fund=fund.pk, type="decision", fields=no, actor=official)
    services.act(fund=fund.pk, type="notify", fields={"case": case}, actor=official)
    client = at("bezwaar")
    assert client.post(f"{QUEUE}{case}/objection/", {}).status_code == 302
    assert (
        at("ambtenaar").post(f"{QUEUE}{case}/objection_decision/", {"outcome": "upheld"}).status_code == 403
    )
    assert client.post(f"{QUEUE}{case}/objection_decision/", {"outcome": "upheld"}).status_code == 302
    assert selectors.state_of(fund).cases[case].state == "in_behandeling"


@pytest.mark.parametrize("name", ["kasbeheerder", "controle", "hulp", "niemand"])
def test_who_has_no_role_here_sees_nothing(fund: Fund, at: Any, name: str) -> None:
    case = apply_for(fund).case
    for address in (
        QUEUE,
        f"{QUEUE}{case}/",
        f"{QUEUE}{case}/decision/",
        "/beheer/bewonersgeld/alk08/overleg.pdf",
    ):
        assert at(name).get(address).status_code == 403


def test_letters_are_tagged_paper_and_can_be_edited(fund: Fund, at: Any, person: Make) -> None:
    case = apply_for(fund).case
    no = {"case": case, "outcome": "refuse", "grounds": ["c"], "motive": "Een eigen tuin", "by": "college"}
    services.act(fund=fund.pk, type="decision", fields=no, actor=person("ambtenaar"))
    answer = at("ambtenaar").get(f"{QUEUE}{case}/brief.pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked and str(pdf.Root.Lang) == "nl"
        assert str(pdf.docinfo.Title) == "U krijgt geen vouchers"
    edited = Word(io.BytesIO(at("ambtenaar").get(f"{QUEUE}{case}/brief.docx").content))
    text = "\n".join(p.text for p in edited.paragraphs)
    assert "A. Jansen" in text and "Een eigen tuin" in text and "artikel 6c" in text
    assert "bezwaar maken" in text


def test_the_pack_and_the_minutes_name_no_neighbour(fund: Fund, at: Any) -> None:
    apply_for(fund)
    for address in ("overleg.pdf", "besluiten.pdf?dag=2008-12-10"):
        answer = at("regiegroep").get(f"/beheer/bewonersgeld/alk08/{address}")
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert at("regiegroep").get("/beheer/bewonersgeld/alk08/besluiten.pdf?dag=32").status_code == 404


def test_2_the_college_designates_caps_mandates_and_appoints(fund: Fund, at: Any, person: Make) -> None:
    client = at("ambtenaar")
    base = "/beheer/bewonersgeld/alk08/fonds/"
    answer = client.post(f"{base}designate/", {"wijk": "Noord", "postcodes": "1812", "amount": "1"})
    assert answer.status_code == 400 and "Te verdelen is nog" in answer.content.decode()
    given = {"wijk": WIJK, "amount": "15.000,00", "announced": "2008-11-01"}
    answer = client.post(f"{base}ceiling/", given)
    assert answer.status_code == 302, answer.context["form"].errors or answer.context["refused"]
    assert selectors.balances(fund)[WIJK].ceiling == 15_000_00
    mandate = {"wijk": WIJK, "body": "regiegroep", "van": "2026-01-01", "until": "2026-12-31"}
    answer = client.post(f"{base}mandate/", mandate)
    assert answer.status_code == 400 and "Awb 10:4" in answer.content.decode()
    assert client.post(f"{base}mandate/", mandate | {"consent": "on"}).status_code == 302
    person("nieuw")
    role = {"username": "nieuw", "role": "regiegroep", "wijk": WIJK, "start": "2026-01-01"}
    assert client.post(f"{base}rol/", role).status_code == 302
    text = page(client, base)
    assert "nieuw" in text and "€\u00a015.000,00" in text


def test_a_queue_takes_as_many_queries_for_two_as_for_twenty(
    fund: Fund, at: Any, django_assert_num_queries: Any
) -> None:
    client = at("regiegroep")
    for n in range(2):
        apply_for(fund, name=f"Bewoner {n}")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        page(client, QUEUE)
    for n in range(18):
        apply_for(fund, name=f"Buur {n}")
    with CaptureQueriesContext(connection) as many:
        page(client, QUEUE)
    assert len(many) == len(few)


def test_the_page_of_the_fund_names_its_bylaw(fund: Fund, at: Any) -> None:
    assert bylaw("g31-2008").title in page(at("ambtenaar"), "/beheer/bewonersgeld/alk08/fonds/")
