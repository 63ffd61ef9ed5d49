# SPDX-License-Identifier: EUPL-1.2
"""The desks of the kasbeheerder, the second signer and the controller (R-097 to R-102; articles 1h, 5 and 9)."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from krachtwijk.documents.blocks import Table
from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record.models import Event
from krachtwijk.web.apps.vouchers import amounts, papers, selectors, sepa, services
from krachtwijk.web.apps.vouchers.models import Batch, Fund, Payment
from krachtwijk.web.apps.vouchers.selectors import money

from .conftest import WIJK, moment
from .test_services import PLAN, apply_for, decide

Make = Callable[[str], User]
IBAN = "NL02ABNA0123456789"
OTHER = "NL91ABNA0417164300"


@pytest.fixture
def case(fund: Fund, person: Make) -> str:
    """A granted plan of € 8.000: two vouchers, of € 5.000 and € 3.000."""
    received = apply_for(fund, requested="8000.00", cost_estimate="8000.00")
    decide(fund, received.case, person("regiegroep"))
    services.set_account(fund=fund.pk, payer="Gemeente Alkmaar", iban=OTHER, actor=person("ambtenaar"))
    return received.case


def at_desk(user: User) -> Client:
    client = Client(headers={"accept-language": "nl"})
    client.force_login(user)
    return client


def prepare(fund: Fund, case: str, person: Make, amount: str, kind: str = "invoice", **more: Any) -> Payment:
    details = {"name": "Café Ünïcøde & Zn.", "iban": IBAN, "bill": f"F-{uuid.uuid4().hex[:6]}"}
    return services.prepare_payment(
        fund=fund.pk,
        case=case,
        kind=kind,
        amount=amount,
        actor=person("kasbeheerder"),
        token=uuid.uuid4(),
        **({"details": details} | more),
    )


def pay(fund: Fund, case: str, person: Make, amount: str, kind: str = "invoice", **more: Any) -> Payment:
    made = prepare(fund, case, person, amount, kind, **more)
    return services.sign_payment(payment=made.pk, actor=person("tweede tekenaar"))


def batch(fund: Fund, person: Make, *payments: Payment, token: uuid.UUID | None = None) -> Batch:
    return services.make_batch(
        fund=fund.pk,
        payments=[p.pk for p in payments],
        pays_on=timezone.localdate(),
        actor=person("kasbeheerder"),
        token=token or uuid.uuid4(),
    )


def form(**more: str) -> dict[str, str]:
    given = {
        "kaartje": str(uuid.uuid4()),
        "soort": "invoice",
        "bedrag": "1.200,00",
        "naam": "Bouwmarkt De Hoek",
        "iban": "NL02 ABNA 0123 4567 89",
        "nummer": "2009-17",
        "opmerking": "",
        "reden": "",
        "klaar": "1",
    }
    return given | more


def address(name: str, **named: Any) -> str:
    return reverse(f"voucherdesk:{name}", kwargs={"fund": "alk08", **named})


# --- 1 the desk ---------------------------------------------------------------------------------------------------


def test_r099_an_invoice_of_1200_on_a_voucher_of_5000_leaves_3800(
    fund: Fund, case: str, person: Make
) -> None:
    client = at_desk(person("kasbeheerder"))
    answer = client.post(address("kas_case", case=case), form())
    assert answer.status_code == 302
    made = Payment.objects.get()
    assert (made.cents, made.state) == (1_200_00, Payment.OPEN)
    signer = at_desk(person("tweede tekenaar"))
    listed = signer.get(address("sign")).content.decode()
    assert "Bouwmarkt De Hoek" in listed and IBAN in listed and "kasbeheerder" in listed
    assert signer.post(address("sign"), {"betaling": made.pk, "doe": "teken"}).status_code == 302
    page = client.get(address("kas_case", case=case)).content.decode()
    assert [h.left for h in money.vouchers(fund, selectors.state_of(fund).cases[case])] == [
        3_800_00,
        3_000_00,
    ]
    assert "Nog €\u00a06.800,00 op de vouchers" in page and "€\u00a03.800,00" in page


@pytest.mark.parametrize(("amount", "status"), [("500,00", 302), ("500,01", 409)])
def test_r100_cash_is_at_most_500_a_time(case: str, person: Make, amount: str, status: int) -> None:
    client = at_desk(person("kasbeheerder"))
    answer = client.post(address("kas_case", case=case), form(soort="cash", bedrag=amount))
    assert answer.status_code == status
    if status == 409:
        page = answer.content.decode()
        assert "9.3b" in page and "Bouwmarkt De Hoek" in page and 'value="500,01"' in page
        assert not Payment.objects.exists()


def test_r100_cash_twice_on_one_day_is_flagged_at_both_desks(case: str, fund: Fund, person: Make) -> None:
    first = prepare(fund, case, person, "500.00", "cash")
    assert not money.to_sign(fund)[0].cash_again
    services.sign_payment(payment=first.pk, actor=person("tweede tekenaar"))
    prepare(fund, case, person, "400.00", "cash")
    assert all(line.cash_again for line in money.of_case(fund, case))
    assert "in stukken geknipt" in at_desk(person("tweede tekenaar")).get(address("sign")).content.decode()
    assert "vaker contant" in at_desk(person("kasbeheerder")).get(address("kas")).content.decode()


def test_r098_a_refusal_needs_a_reason_and_the_voucher_stays_open(
    case: str, fund: Fund, person: Make
) -> None:
    client = at_desk(person("kasbeheerder"))
    without = client.post(address("kas_case", case=case), form(weiger="1"))
    assert without.status_code == 400 and "Zeg waarom u niet betaalt" in without.content.decode()
    given = form(weiger="1", naam="", iban="", reden="Dit is voor een vakantie van Jansen")
    assert client.post(address("kas_case", case=case), given).status_code == 302
    made = Payment.objects.get()
    assert made.state == Payment.REFUSED
    assert selectors.state_of(fund).cases[case].payable == 8_000_00
    assert private.read(subject=services.payment_subject(made))["reason"].startswith("Dit is voor")
    told = Event.objects.get(stream_id="betalingen alk08", kind="geweigerd")
    assert "Jansen" not in json.dumps(told.payload) + told.reason


def test_art_9_2_what_was_set_ready_can_still_be_refused(case: str, fund: Fund, person: Make) -> None:
    made = prepare(fund, case, person, "100.00")
    client = at_desk(person("kasbeheerder"))
    assert client.post(address("payment", number=made.pk), {"reden": " "}).status_code == 400
    assert client.post(address("payment", number=made.pk), {"reden": "Al betaald"}).status_code == 302
    made.refresh_from_db()
    assert made.state == Payment.REFUSED
    with pytest.raises(KrachtwijkError):
        services.sign_payment(payment=made.pk, actor=person("tweede tekenaar"))


def test_a_form_sent_twice_is_one_payment_and_another_amount_on_it_is_none(case: str, person: Make) -> None:
    client, given = at_desk(person("kasbeheerder")), form()
    places = {client.post(address("kas_case", case=case), given).headers["Location"] for _ in range(2)}
    assert len(places) == 1 and Payment.objects.count() == 1
    answer = client.post(address("kas_case", case=case), given | {"bedrag": "1.300,00"})
    assert answer.status_code == 400 and "al € 1200.00 verstuurd" in answer.content.decode()
    assert Payment.objects.count() == 1


def test_r103_one_bill_is_paid_once(case: str, fund: Fund, person: Make) -> None:
    details = {"name": "Bouwmarkt", "iban": IBAN, "bill": "17"}
    paid = pay(fund, case, person, "100.00", details=details)
    with pytest.raises(KrachtwijkError, match="al betaald"):
        prepare(fund, case, person, "100.00", details=details | {"bill": "17"})
    services.tell_bank(payment=paid.pk, ok=False, actor=person("kasbeheerder"))
    assert prepare(fund, case, person, "100.00", details=details).state == Payment.OPEN


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("bedrag", "honderd", "als 1250 of 1250,50"),
        ("bedrag", "", "Vul dit veld in."),
        ("iban", "NL03ABNA0123456789", "tikfout"),
        ("iban", "", "Vul dit veld in."),
        ("nummer", "", "Vul dit veld in."),
        ("naam", "", "Vul dit veld in."),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_typed_is_lost(
    case: str, person: Make, field: str, given: str, told: str
) -> None:
    client = at_desk(person("kasbeheerder"))
    answer = client.post(address("kas_case", case=case), form(opmerking="Hout", **{field: given}))
    page = answer.content.decode()
    assert answer.status_code == 400 and told in page and "Hout" in page
    assert f'id="{field}-fout"' in page
    assert not Payment.objects.exists()


def test_find_by_number_or_by_the_code_of_a_voucher_that_is_in_no_address(
    case: str, fund: Fund, person: Make
) -> None:
    client = at_desk(person("kasbeheerder"))
    found = address("kas_case", case=case)
    assert client.post(address("kas"), {"zoek": f" {case.lower()} "}).headers["Location"] == found
    code = services.print_voucher(fund=fund.pk, case=case, no=2, actor=person("ambtenaar"))
    assert client.post(address("kas"), {"zoek": code.lower()}).headers["Location"] == found
    again = services.print_voucher(fund=fund.pk, case=case, no=2, actor=person("kasbeheerder"))
    lost = client.post(address("kas"), {"zoek": code})
    assert lost.status_code == 400 and "kennen wij niet" in lost.content.decode()
    assert client.post(address("kas"), {"zoek": again}).status_code == 302


# --- 2 the second signer ------------------------------------------------------------------------------------------


def test_sent_back_with_a_reason_and_set_ready_anew(case: str, fund: Fund, person: Make) -> None:
    made = prepare(fund, case, person, "8000.00")
    signer = at_desk(person("tweede tekenaar"))
    without = signer.post(address("sign"), {"betaling": made.pk, "doe": "stuur-terug", "reden": ""})
    assert without.status_code == 400 and f'id="fout-{made.pk}"' in without.content.decode()
    given = {"betaling": made.pk, "doe": "stuur-terug", "reden": "Bedrag klopt niet"}
    assert signer.post(address("sign"), given).status_code == 302
    made.refresh_from_db()
    assert made.state == Payment.RETURNED
    page = at_desk(person("kasbeheerder")).get(address("payment", number=made.pk)).content.decode()
    assert "Bedrag klopt niet" in page
    assert pay(fund, case, person, "8000.00").state == Payment.SIGNED


def test_a_payment_with_a_number_above_999_can_be_signed_and_sent(
    case: str, fund: Fund, person: Make
) -> None:
    # a page writes such a number with a point in it, unless told otherwise
    made = prepare(fund, case, person, "10.00")
    Payment.objects.filter(pk=made.pk).update(id=12345)
    signer = at_desk(person("tweede tekenaar"))
    given = re.search(r'name="betaling" value="([^"]+)"', signer.get(address("sign")).content.decode())
    assert given is not None
    assert signer.post(address("sign"), {"betaling": given[1], "doe": "teken"}).status_code == 302
    page = at_desk(person("kasbeheerder")).get(address("batches")).content.decode()
    assert 'value="12345" checked' in page


def test_a_deputy_signs_by_appointment_and_only_while_it_runs(case: str, fund: Fund, person: Make) -> None:
    made, deputy, today = prepare(fund, case, person, "10.00"), person("vervanger"), timezone.localdate()
    with pytest.raises(services.NotAllowedError):
        services.sign_payment(payment=made.pk, actor=deputy)
    appointed = services.appoint(
        user=deputy, role="tweede tekenaar", fund=fund, by=person("ambtenaar"), start=today, deputy=True
    )
    assert at_desk(deputy).get(address("sign")).status_code == 200
    yesterday = today - datetime.timedelta(days=1)
    services.end_appointment(appointment=appointed, end=yesterday, by=person("ambtenaar"))
    assert at_desk(deputy).get(address("sign")).status_code == 403
    with pytest.raises(services.NotAllowedError):
        services.sign_payment(payment=made.pk, actor=deputy)


def test_art_1h_who_decided_does_not_sign_not_even_in_a_new_role(case: str, fund: Fund, person: Make) -> None:
    made, decider, today = prepare(fund, case, person, "10.00"), person("regiegroep"), timezone.localdate()
    role = decider.appointments.get(role="regiegroep")
    services.end_appointment(appointment=role, end=today - datetime.timedelta(days=1), by=person("ambtenaar"))
    services.appoint(user=decider, role="tweede tekenaar", fund=fund, by=person("ambtenaar"), start=today)
    with pytest.raises(services.NotAllowedError, match="besliste"):
        services.sign_payment(payment=made.pk, actor=decider)


ADDRESSES = {
    "kas": {"kasbeheerder"},
    "kas_case": {"kasbeheerder"},
    "payment": {"kasbeheerder"},
    "receipt": {"kasbeheerder"},
    "batches": {"kasbeheerder"},
    "batch": {"kasbeheerder"},
    "batch_file": {"kasbeheerder"},
    "tax": {"kasbeheerder"},
    "sign": {"tweede tekenaar"},
    "account": {"ambtenaar"},
    "money": {"kasbeheerder", "tweede tekenaar", "ambtenaar", "controle"},
    "year_statement": {"kasbeheerder", "tweede tekenaar", "ambtenaar", "controle"},
}


def test_every_role_at_every_page_of_money(case: str, fund: Fund, person: Make) -> None:
    made = pay(fund, case, person, "10.00")
    batch(fund, person, made)
    named: dict[str, dict[str, Any]] = {
        "kas_case": {"case": case},
        "payment": {"number": made.pk},
        "receipt": {"number": made.pk},
        "batch": {"number": 1},
        "batch_file": {"number": 1},
        "year_statement": {"year": 2008},
    }
    for role in (
        "ambtenaar",
        "regiegroep",
        "kasbeheerder",
        "tweede tekenaar",
        "bezwaar",
        "hulp",
        "controle",
        "niemand",
    ):
        client = at_desk(person(role))
        for name, allowed in ADDRESSES.items():
            status = client.get(address(name, **named.get(name, {}))).status_code
            assert status == (200 if role in allowed else 403), (role, name)
    assert Client().get(address("kas")).status_code in {302, 403}


def test_a_kasbeheerder_of_one_wijk_does_not_reach_another(case: str, fund: Fund, person: Make) -> None:
    other, today = person("kas elders"), timezone.localdate()
    services.appoint(
        user=other, role="kasbeheerder", fund=fund, by=person("ambtenaar"), start=today, wijk="De Mare"
    )
    client = at_desk(other)
    assert client.get(address("kas")).status_code == 200
    assert client.get(address("kas_case", case=case)).status_code == 403
    assert client.post(address("kas_case", case=case), form()).status_code == 403
    assert client.get(address("batches")).status_code == 403


# --- 3 vouchers on paper ------------------------------------------------------------------------------------------


def test_r102_the_paper_of_a_voucher_names_the_right_person_and_its_code_opens_the_case(
    fund: Fund, person: Make
) -> None:
    def of_group(contact: str) -> str:
        return services.receive_application(
            fund=fund.pk,
            wijk=WIJK,
            kind="informal_group",
            name="Groep Vondelplein",
            contact_person=contact,
            details={"postcode": "1813 AB", "number": "12"},
            content=PLAN,
            title="Bankje",
            at=moment("2008-12-01"),
        ).case

    case = of_group("C. Bakker")
    of_group("D. Smit")  # the next plan of the same group has another contact person
    decide(fund, case, person("regiegroep"))
    found = selectors.state_of(fund).cases[case]
    assert money.holder(found) == money.Holder("C. Bakker", "Groep Vondelplein")
    answer = at_desk(person("ambtenaar")).post(address("voucher_paper", case=case, no=1))
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Voucher van €\u00a03.000,00"
        assert str(pdf.Root.Lang) == "nl"
    document = papers.voucher_paper(
        fund=fund,
        case=case,
        held=money.vouchers(fund, found)[0],
        count=1,
        holder=money.holder(found),
        code="7K3M-9Q2X-TB4H",
        today=datetime.date(2008, 12, 12),
    )
    rows = next(dict(b.rows) for b in document.blocks if isinstance(b, Table))
    assert rows == {
        "Op naam van": "C. Bakker",
        "Voor de groep": "Groep Vondelplein",
        "Aanvraag": case,
        "Voucher": "1 van 1",
        "Waarde": "€\u00a03.000,00",
        "Uit te geven tot en met": "31 december 2009",
        "Code": "7K3M-9Q2X-TB4H",
    }
    assert "C. Bakker" not in json.dumps(list(Event.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize("role", ["regiegroep", "tweede tekenaar", "hulp", "controle"])
def test_r102_who_may_not_see_the_name_prints_no_voucher(case: str, person: Make, role: str) -> None:
    assert at_desk(person(role)).post(address("voucher_paper", case=case, no=1)).status_code == 403


def test_looking_at_a_page_makes_no_paper_worthless(case: str, person: Make) -> None:
    assert at_desk(person("ambtenaar")).get(address("voucher_paper", case=case, no=1)).status_code == 405


# --- 4 the bank ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schema", ["pain.001.001.03", "pain.001.001.09", "pain.001.001.10", "pain.001.001.11"]
)
def test_the_file_for_the_bank_is_valid_and_the_same_at_every_look(
    case: str, fund: Fund, person: Make, settings: Any, schema: str
) -> None:
    settings.SEPA_SCHEMA = schema
    paid = [pay(fund, case, person, amount) for amount in ("1200.00", "0.05")]
    made, token = batch(fund, person, *paid), uuid.uuid4()
    client = at_desk(person("kasbeheerder"))
    one, two = (client.get(address("batch_file", number=1)).content for _ in range(2))
    assert (
        one == two and hashlib.sha256(one).hexdigest() == made.sha256
    )  # valid: `pain_001` checks the schema
    root = ElementTree.fromstring(one)
    space = {"p": f"urn:iso:std:iso:20022:tech:xsd:{schema}"}
    assert root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=space) == "1200.05"
    assert [n.text for n in root.findall(".//p:InstdAmt", space)] == ["1200.00", "0.05"]
    assert [n.text for n in root.findall(".//p:Cdtr/p:Nm", space)] == ["Cafe Unicode + Zn."] * 2
    assert [n.text for n in root.findall(".//p:EndToEndId", space)] == [p.reference for p in paid]
    told = Event.objects.get(stream_id="betalingen alk08", kind=services.BATCH).payload
    assert told["sha256"] == made.sha256 and told["amount"] == "1200.05"
    with pytest.raises(KrachtwijkError, match="nog niet in een bestand"):
        batch(fund, person, paid[0], token=token)
    assert batch(fund, person, paid[0], token=made.token).pk == made.pk and Batch.objects.count() == 1


def test_a_file_that_would_differ_is_not_given(case: str, fund: Fund, person: Make) -> None:
    paid = pay(fund, case, person, "10.00")
    made = batch(fund, person, paid)
    private.keep(
        person=services.acts.owner(case),
        subject=services.payment_subject(paid),
        texts={"iban": OTHER},
    )
    with pytest.raises(KrachtwijkError, match="niet meer gelijk"):
        services.batch_file(made)
    assert at_desk(person("kasbeheerder")).get(address("batch_file", number=1)).status_code == 409


def test_only_signed_bills_go_to_the_bank(case: str, fund: Fund, person: Make) -> None:
    for wrong in (prepare(fund, case, person, "1.00"), pay(fund, case, person, "1.00", "cash")):
        with pytest.raises(KrachtwijkError, match="getekend"):
            batch(fund, person, wrong)
    by_hand = pay(fund, case, person, "1.00")
    services.tell_bank(payment=by_hand.pk, ok=True, actor=person("kasbeheerder"))
    with pytest.raises(KrachtwijkError, match="getekend"):
        batch(fund, person, by_hand)
    assert not Batch.objects.exists()


def test_making_a_file_at_the_desk_and_reading_the_answer(case: str, fund: Fund, person: Make) -> None:
    good, bad = pay(fund, case, person, "1000.00"), pay(fund, case, person, "2000.00")
    client = at_desk(person("kasbeheerder"))
    given = {
        "kaartje": str(uuid.uuid4()),
        "dag": timezone.localdate().isoformat(),
        "betaling": [good.pk, bad.pk],
    }
    assert client.post(address("batches"), given).status_code == 302
    assert client.post(address("batches"), given).headers["Location"] == address("batch", number=1)
    lines = f"betaling;uitkomst;reden\n{good.reference};ok\n{bad.reference};afgewezen;rekening opgeheven\nKW9;ok\n"
    for outcome in ("verwerkt", "was al bekend"):
        sent = {"bestand": io.BytesIO(lines.encode())}
        page = client.post(address("bank_results"), sent)
        assert page.status_code == 200 and outcome in page.content.decode()
        assert "hoort niet bij dit fonds" in page.content.decode()
    assert selectors.balances(fund)[WIJK].paid == 1_000_00
    assert selectors.balances(fund)[WIJK].outstanding == 7_000_00
    assert "rekening opgeheven" in client.get(address("payment", number=bad.pk)).content.decode()
    against = {"bestand": io.BytesIO(f"{good.reference};afgewezen;toch niet\n".encode())}
    assert (
        "spreekt een eerder antwoord tegen" in client.post(address("bank_results"), against).content.decode()
    )
    assert selectors.balances(fund)[WIJK].paid == 1_000_00


PAIN_002 = """<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}</OrgnlPmtInfId>{lines}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"""
ONE = (
    "<TxInfAndSts><OrgnlEndToEndId>{0}</OrgnlEndToEndId><TxSts>{1}</TxSts>"
    "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>gesloten</AddtlInf></StsRsnInf></TxInfAndSts>"
)


@pytest.mark.parametrize(
    ("group", "single", "expected"),
    [
        ("ACSC", "", {"a": True, "b": True}),
        ("RJCT", "", {"a": False, "b": False}),
        ("ACCP", "", {}),  # accepted is not paid yet
        ("PART", ONE.format("a", "RJCT") + ONE.format("b", "PDNG"), {"a": False}),
        ("ACSC", ONE.format("a", "RJCT"), {"a": False, "b": True}),
    ],
)
def test_a_pain_002_is_read_and_only_a_last_word_counts(
    group: str, single: str, expected: dict[str, bool]
) -> None:
    content = PAIN_002.format(message="KW-O1", group=group, lines=single).encode()
    found = sepa.read_answers(content, {"KW-O1": ["a", "b"]})
    assert {a.reference: a.ok for a in found} == expected
    assert all(a.reason == "AC04 gesloten" for a in found if single and not a.ok)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"KW1;misschien",
        b"<Document/>",
        b"<Document>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>',
        b"\xff\xfe",
    ],
)
def test_anything_else_is_no_answer_and_changes_nothing(
    content: bytes, case: str, fund: Fund, person: Make
) -> None:
    before = Event.objects.count()
    with pytest.raises(KrachtwijkError):
        services.read_results(fund=fund.pk, content=content, actor=person("kasbeheerder"))
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("NL02 ABNA 0123 4567 89", True),
        ("nl91abna0417164300", True),
        ("BE68 5390 0754 7034", True),
        ("DE89370400440532013000", True),
        ("NL92ABNA0417164300", False),
        ("NL91ABNA041716430", False),
        ("0417164300", False),
        ("", False),
    ],
)
def test_an_account_number_is_checked_by_its_own_check_digits(given: str, right: bool) -> None:
    if right:
        assert sepa.iban(given) == given.replace(" ", "").upper()
    else:
        with pytest.raises(KrachtwijkError):
            sepa.iban(given)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Çà & là", "Ca + la"),
        ("Łódź/ß//x@y_z", "Lodz/ss/x y z"),
        ("/", "-"),
        ("日本", "-"),
        ("a" * 99, "a" * 70),
    ],
)
def test_only_characters_that_every_bank_takes(given: str, written: str) -> None:
    assert sepa.plain(given, 70) == written


@pytest.mark.parametrize(
    ("given", "cents"),
    [
        ("125,50", "125.50"),
        ("€ 1.250", "1250.00"),
        ("1.250,5", "1250.50"),
        ("1250.50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("500,-", "500.00"),
    ],
)
def test_amounts_as_people_write_them(given: str, cents: str) -> None:
    assert amounts.read(given) == cents


@pytest.mark.parametrize("given", ["1,2345", "1.25.000", "-5", "1e3", "٣", "", "1.2500,00"])
def test_amounts_that_could_mean_two_things_are_not_guessed(given: str) -> None:
    with pytest.raises(ValueError):
        amounts.read(given)


# --- 5, 6, 7 journal, agreement, year -----------------------------------------------------------------------------


def test_bank_ledger_and_ceiling_agree_to_the_cent_on_any_date(case: str, fund: Fund, person: Make) -> None:
    sent, left = pay(fund, case, person, "1000.00"), pay(fund, case, person, "0.01")
    cash, gone = pay(fund, case, person, "500.00", "cash"), pay(fund, case, person, "250.00")
    batch(fund, person, sent)
    for payment, ok in ((cash, True), (gone, False)):
        services.tell_bank(payment=payment.pk, ok=ok, actor=person("kasbeheerder"))
    today = timezone.localdate()
    found = money.agreement(fund, today)
    assert found.differences == () and len(found.checks) > 10
    assert {p.name: (p.count, p.cents) for p in found.parts if p.count} == {
        money.AT_BANK: (1, 1_000_00),
        money.NOT_SENT: (1, 1),
        money.HANDED_OUT: (1, 500_00),
    }
    assert found.total["paid"] == 1_500_01 and found.total["ceiling"] == 20_000_00
    decided = money.agreement(fund, datetime.date(2008, 12, 10))
    assert (decided.total["outstanding"], decided.total["available"]) == (8_000_00, 12_000_00)
    assert decided.differences == ()
    before = money.agreement(fund, datetime.date(2008, 12, 9))
    assert (before.total["outstanding"], before.total["available"]) == (0, 20_000_00)
    assert money.agreement(fund, datetime.date(2008, 9, 30)).wijken == {}
    assert left.pk
    page = at_desk(person("controle")).get(address("money")).content.decode()
    assert "kloppen op de cent" in page and "€\u00a01.500,01" in page


def test_a_difference_is_found_and_named(case: str, fund: Fund, person: Make) -> None:
    paid = pay(fund, case, person, "1000.00")
    Payment.objects.filter(pk=paid.pk).update(cents=999_00)  # somebody changed a row by hand
    found = money.agreement(fund, timezone.localdate())
    assert [(c.name, c.difference) for c in found.differences] == [("getekend", -1_00)]
    batch(fund, person, paid)
    Payment.objects.filter(pk=paid.pk).update(cents=1_000_00)
    found = money.agreement(fund, timezone.localdate())
    assert [(c.name, c.difference) for c in found.differences] == [("betaalbestand 1", -1_00)]
    page = at_desk(person("controle")).get(address("money")).content.decode()
    assert "1 verschil tussen" in page and "Betaalbestand 1" in page


def test_what_was_booked_without_a_prepared_payment_is_named(case: str, fund: Fund, person: Make) -> None:
    fields = {"case": case, "kind": "cash", "amount": "5.00", "by": services.CASHIER, "purpose_ok": True}
    services.act(fund=fund.pk, type="redemption", fields=fields, actor=person("tweede tekenaar"))
    found = money.agreement(fund, timezone.localdate())
    assert [p.cents for p in found.parts if p.name == money.NO_PAYMENT] == [5_00]
    assert found.differences == ()


def test_the_journal_of_past_days_is_always_the_same_and_of_today_is_none(
    case: str, fund: Fund, person: Make
) -> None:
    pay(fund, case, person, "1000.00")
    today = timezone.localdate()
    rows = money.journal(fund, today, today)
    assert rows == money.journal(fund, today, today) and len({row[0] for row in rows}) == len(rows)
    sums = {name: 0 for name in ("paid", "outstanding")}
    for row in rows:
        line = dict(zip(money.JOURNAL, row, strict=True))
        cents = round(float(line["bedrag"]) * 100)
        for name in sums:
            sums[name] += cents * ((line["debet"] == name) - (line["credit"] == name))
    assert sums == {"paid": 1_000_00, "outstanding": 7_000_00}
    assert set(row[9] for row in rows) <= {str(u) for u in Event.objects.values_list("uuid", flat=True)}
    client = at_desk(person("controle"))
    assert client.get(address("journal"), {"van": today, "tot": today}).status_code == 400
    yesterday = today - datetime.timedelta(days=1)
    answer = client.get(address("journal"), {"van": "2008-01-01", "tot": yesterday})
    assert answer.status_code == 200
    assert next(csv.reader(io.StringIO(answer.content.decode()))) == list(money.JOURNAL)


def test_a_page_asks_the_database_as_often_for_many_payments_as_for_few(
    case: str, fund: Fund, person: Make
) -> None:
    pages = [
        (person("kasbeheerder"), address("kas")),
        (person("kasbeheerder"), address("kas_case", case=case)),
        (person("kasbeheerder"), address("batches")),
        (person("kasbeheerder"), address("tax")),
        (person("tweede tekenaar"), address("sign")),
        (person("controle"), address("money")),
    ]
    counted = []
    for more in (2, 9):
        for _ in range(more):
            prepare(fund, case, person, "1.00")
            batch(fund, person, pay(fund, case, person, "1.00", reportable=True))
            pay(fund, case, person, "1.00", "cash")
            pay(fund, case, person, "1.00")
        found = []
        for user, place in pages:
            client = at_desk(user)
            client.get(place)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(place).status_code == 200
            found.append(len(queries))
        counted.append(found)
    assert counted[0] == counted[1]
    assert max(counted[0]) < 30


def test_the_statement_of_a_year_is_a_pdf_of_both_ends(case: str, fund: Fund, person: Make) -> None:
    pay(fund, case, person, "1000.00", reportable=True)
    answer = at_desk(person("controle")).get(address("year_statement", year=timezone.localdate().year))
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert str(pdf.docinfo["/Title"]) == f"Jaaroverzicht {timezone.localdate().year}"
    assert at_desk(person("controle")).get(address("year_statement", year=1999)).status_code == 404


# --- 8 tax --------------------------------------------------------------------------------------------------------


def test_pay_for_work_is_listed_for_finance_and_a_rejected_payment_is_not(
    case: str, fund: Fund, person: Make
) -> None:
    one = pay(fund, case, person, "300.00", reportable=True)
    two = pay(fund, case, person, "200.00", reportable=True)
    pay(fund, case, person, "100.00")
    services.tell_bank(payment=two.pk, ok=False, actor=person("kasbeheerder"))
    listed = money.to_report(fund, timezone.localdate().year)
    assert [line.payment.pk for line in listed] == [one.pk]
    assert money.to_report(fund, 2008) == []
    assert "€\u00a0300,00 voor werk" in at_desk(person("kasbeheerder")).get(address("tax")).content.decode()


def test_no_field_asks_for_a_citizen_service_number() -> None:
    web = Path(amounts.__file__).parents[2]
    named = re.compile(r"\bbsn\b|sofi", re.I)
    asked = re.compile(
        r"(name|id)=.[^\"']*(bsn|burgerservice)|(bsn|burgerservice\w*)\s*=\s*(forms|models)\.", re.I
    )
    files = [p for p in web.rglob("*") if p.suffix in {".py", ".html"} and p.is_file()]
    assert len(files) > 100
    for path in files:
        text = path.read_text("utf-8")
        assert not asked.search(text), path
        if "vouchers" in path.parts:
            assert not named.search(text), path
