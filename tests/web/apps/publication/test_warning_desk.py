# SPDX-License-Identifier: EUPL-1.2
"""R-132, R-133, R-136: early warnings at the desk: who sees which, who decides, and that nothing of them is public."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.web.apps.accounts.models import RoleArea, User
from krachtwijk.web.apps.accounts.permissions import (
    DATA,
    EDITORS,
    WARNINGS_AUDIT,
    WARNINGS_CITY,
    WARNINGS_STATE,
)
from krachtwijk.web.apps.accounts.services import give_role, take_role
from krachtwijk.web.apps.outbox.models import Message
from krachtwijk.web.apps.publication import services
from krachtwijk.web.apps.publication.models import Waarschuwing
from krachtwijk.web.apps.publication.selectors.warning_desk import Key, figures_of, one
from krachtwijk.web.apps.publication.services.warnings import STREAM, ChangedMeanwhileError
from krachtwijk.web.apps.record import selectors as record

pytestmark = pytest.mark.django_db

ALKMAAR, ROTTERDAM = "GM0361", "GM0599"
#: Postcodes of Alkmaar and Rotterdam → chance, distance to the zero point, to look at first, crossing.
ROWS = {
    "1811": (0.52, 0.30, True, False),
    "1812": (0.31, 0.02, True, True),
    "1813": (0.05, 0.41, False, False),
    "3011": (0.47, -0.10, True, False),
    "3012": (0.08, 0.12, False, False),
}
INFO = ResultInfo("waarschuwing-pc4", "0123456789ab", "waarschuwing-1", (), 0)
LIST, KEY = "/beheer/waarschuwingen/", Key("pc4", "1812", "2016")


def figures(shift: float = 0.0, period: str = "2016") -> pl.DataFrame:
    """A table of warnings as a run makes it."""
    rows = [
        {
            "area": code,
            "period": period,
            "horizon": 2,
            "probability": chance + shift,
            "expected": -0.1 * chance,
            "low": -0.2,
            "high": 0.1,
            "score": distance - 0.15,
            "zero": -0.15,
            "distance": distance,
            "chance_below": 0.4 if crossing else 0.1,
            "crossing": crossing,
            "change": None if code == "3012" else -0.011,
            "neighbours": -0.005,
            "size": 900 if code == "1813" else 4200,
            "swing": 1.9 if code == "1812" else 1.0,
            "reasons": json.dumps(
                [{"code": "niveau", "dimension": "vei", "value": distance, "contribution": -0.01}]
            ),
            "flagged": flagged,
            "edition": "lbm-2016",
            "rule": INFO.rule,
            "run": INFO.run,
        }
        for code, (chance, distance, flagged, crossing) in ROWS.items()
    ]
    return pl.DataFrame(rows)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the register of areas is read once."""
    return tmp_path_factory.mktemp("waarschuwingen")


@pytest.fixture
def home(register: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(register))
    made = Warehouse(register)
    made.write_result(figures(), INFO)
    return made


Make = Callable[..., User]


@pytest.fixture
def person(home: Warehouse) -> Make:
    """Makes somebody with roles: a name of a municipality is that of the city."""

    def make(username: str, *roles: str, city: str = "", **more: Any) -> User:
        user = User.objects.create_user(username, **more)
        if city:
            give_role(user=user, role=WARNINGS_CITY, area=city)
        for role in roles:
            give_role(user=user, role=role)
        return user

    return make


def at(key: Key = KEY) -> str:
    return f"{LIST}{key.level}/{key.period}/{key.area}/"


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def day(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0]))


def listed(client: Client, query: str = "") -> list[str]:
    """The areas of the list, in its order."""
    page = client.get(f"{LIST}{query}").content.decode()
    return re.findall(rf'<th scope="row"><a href="{LIST}pc4/\d+/(\d+)/', page)


# --- who sees what --------------------------------------------------------------------------------------------


def test_role_by_page_the_whole_matrix(person: Make) -> None:
    """Who gets which answer of each address; POST by who may not is refused and changes nothing."""
    people = {
        "anoniem": None,
        "zonder rol": person("bewoner"),
        "redactie": person("eva", EDITORS, DATA),
        "andere stad": person("rik", city=ROTTERDAM),
        "eigen stad": person("ans", city=ALKMAAR),
        "rijk": person("ria", WARNINGS_STATE),
        "controle": person("co", WARNINGS_AUDIT),
    }
    inside, alone = ("andere stad", "eigen stad", "rijk", "controle"), ("eigen stad", "rijk", "controle")
    pages = {LIST: inside, f"{LIST}lijst.csv": inside, at(): alone}
    for address, allowed in pages.items():
        for name, user in people.items():
            status = client_of(user).get(address).status_code
            expected = 200 if name in allowed else 302 if user is None else 404 if name in inside else 403
            assert status == expected, (address, name)
    acts = {
        "toewijzen": {"eigenaar": people["eigen stad"].pk, "uiterlijk": day(5).isoformat(), "waarom": ""},
        "besluit": {"besluit": "niets nodig", "reactie": "Wij waren er."},
    }
    may = {"toewijzen": ("eigen stad", "rijk"), "besluit": ("eigen stad",)}
    for action, fields in acts.items():
        for name, user in people.items():
            with transaction.atomic():
                sent = client_of(user).post(at(), {"actie": action, "stand": 0, **fields})
                done = Waarschuwing.objects.filter(version=1).exists()
                assert done == (name in may[action]), (action, name)
                assert (sent.status_code == 302 and user is not None) == done, (
                    action,
                    name,
                    sent.status_code,
                )
                transaction.set_rollback(True)


def test_a_city_sees_its_own_areas_and_the_state_all(person: Make) -> None:
    assert listed(client_of(person("ans", city=ALKMAAR))) == ["1811", "1812"]
    assert listed(client_of(person("rik", city=ROTTERDAM)), "?gemeente=GM0361") == []
    state = client_of(person("ria", WARNINGS_STATE))
    assert listed(state) == ["1811", "3011", "1812"]
    assert listed(state, "?welke=alle") == ["1811", "3011", "1812", "3012", "1813"]
    assert listed(state, f"?gemeente={ROTTERDAM}") == ["3011"]
    both = person("twee", city=ALKMAAR)
    give_role(user=both, role=WARNINGS_CITY, area=ROTTERDAM)
    assert listed(client_of(both)) == ["1811", "3011", "1812"]


def test_services_ask_for_the_role_themselves(person: Make) -> None:
    city, auditor, state = (
        person("ans", city=ALKMAAR),
        person("co", WARNINGS_AUDIT),
        person("ria", WARNINGS_STATE),
    )
    rest: dict[str, Any] = {"owner": city, "due": day(1), "reason": ""}
    for actor in (auditor, person("rik", city=ROTTERDAM), person("niemand")):
        with pytest.raises(PermissionDenied):
            services.assign_warnings(keys=[KEY], actor=actor, version=0, **rest)
    answer: dict[str, Any] = {"decision": "volgen", "reaction": "x", "version": 0}
    with pytest.raises(PermissionDenied):  # not its own: the city decides
        services.answer_warning(key=KEY, actor=state, **answer)
    services.assign_warnings(keys=[KEY], actor=state, version=0, owner=state, due=day(1), reason="")
    services.answer_warning(key=KEY, actor=state, **{**answer, "version": 1})
    assert not Waarschuwing.objects.exclude(area="1812").exists()


def test_a_role_of_a_municipality_needs_one_and_checking_goes_with_no_other(person: Make) -> None:
    user = person("co", WARNINGS_AUDIT)
    for role, area in (
        (WARNINGS_CITY, ""),
        (WARNINGS_CITY, "0361"),
        (WARNINGS_STATE, ALKMAAR),
        (WARNINGS_CITY, ALKMAAR),
    ):
        with pytest.raises(KrachtwijkError):
            give_role(user=user, role=role, area=area)
    other = person("ans", city=ALKMAAR)
    assert not give_role(user=other, role=WARNINGS_CITY, area=ALKMAAR)
    assert give_role(user=other, role=WARNINGS_CITY, area=ROTTERDAM)
    assert take_role(user=other, role=WARNINGS_CITY, area=ALKMAAR)
    assert listed(client_of(other)) == ["3011"]
    assert take_role(user=other, role=WARNINGS_CITY, area=ROTTERDAM)
    assert client_of(other).get(LIST).status_code == 403
    assert not RoleArea.objects.exists()
    with pytest.raises(KrachtwijkError):
        give_role(user=other, role=WARNINGS_AUDIT, area=ALKMAAR)


def test_the_command_gives_the_role_and_the_register_says_so(person: Make) -> None:
    user = person("nel")
    told = io.StringIO()
    call_command("geef_rol", "nel", WARNINGS_CITY, gemeente=ALKMAAR, reden="Nieuw", stdout=told)
    assert listed(client_of(user)) == ["1811", "1812"]
    (event,) = record.events(stream="rollen")
    assert event.payload == {"rol": WARNINGS_CITY, "gemeente": ALKMAAR}


# --- from warning to decision ---------------------------------------------------------------------------------


def test_r136_a_warning_gets_an_owner_a_day_and_a_decision_and_the_register_tells_it_all(
    person: Make,
) -> None:
    ans = person("ans", city=ALKMAAR, first_name="Ans", last_name="Bos")
    state = client_of(person("ria", WARNINGS_STATE))
    page = client_of(ans).get(at()).content.decode()
    assert "31% kans op een duidelijke daling" in text_of(page)
    assert "Het dreigt eronder te komen" in text_of(page)
    assert "1,9 keer zo sterk" in text_of(page) and "ook waar geen daling wordt verwacht" in text_of(page)
    given = {"actie": "toewijzen", "stand": 0, "eigenaar": ans.pk, "uiterlijk": day(14).isoformat()}
    assert state.post(at(), {**given, "waarom": "Graag kijken"}).status_code == 302
    row = Waarschuwing.objects.get()
    assert (row.owner, row.due, row.state, row.run) == (ans, day(14), "open", INFO.run)
    assert listed(client_of(ans), "?eigenaar=ik") == ["1812"]
    assert listed(client_of(ans), "?eigenaar=niemand") == ["1811"]
    assert listed(client_of(ans)) == ["1812", "1811"]  # what has a day comes first
    decided = {"actie": "besluit", "stand": 1, "besluit": "niets nodig", "reactie": "De sloop is al klaar."}
    client_of(ans).post(at(), decided)
    assert "Er hoeft niets te gebeuren" in text_of(state.get(at()).content.decode())
    assert listed(client_of(ans)) == ["1811"]
    assert listed(client_of(ans), "?staat=besloten") == ["1812"]
    reopened = {
        "actie": "heropen",
        "stand": 2,
        "reden_open": "Bewoners belden",
        "nieuwe_dag": day(30).isoformat(),
    }
    client_of(ans).post(at(), reopened)
    told = text_of(client_of(ans).get(at()).content.decode())
    assert "Wat eerder is besloten" in told and "De sloop is al klaar." in told
    client_of(ans).post(at(), {"actie": "loslaten", "stand": 3, "reden_los": "Ans gaat weg"})
    row.refresh_from_db()
    assert (row.owner, row.due, row.version, row.decision) == (None, None, 4, "niets nodig")
    events = list(record.events(stream=STREAM, subject=KEY.subject))
    assert [(e.kind, e.reason) for e in events] == [
        ("toegewezen", "Graag kijken"),
        ("besloten", "De sloop is al klaar."),
        ("heropend", "Bewoners belden"),
        ("losgelaten", "Ans gaat weg"),
    ]
    assert events[0].payload["cijfers"]["probability"] == "0.310"
    assert record.verify(STREAM) is None
    history = text_of(client_of(ans).get(at()).content.decode()).split("Wat er gebeurde")[1]
    assert history.count("kans toen 31%") == 4 and "Ans Bos" in history


def test_a_new_run_loses_neither_owner_nor_decision_and_says_that_the_figure_changed(
    person: Make, home: Warehouse
) -> None:
    ans = person("ans", city=ALKMAAR)
    services.assign_warnings(keys=[KEY], owner=ans, due=day(3), reason="", actor=ans)
    home.write_result(figures(), replace(INFO, run="bbbbbbbbbbbb"))
    assert not one(KEY).changed  # type: ignore[union-attr]  # another run, the same figure
    home.write_result(figures(0.2), replace(INFO, run="cccccccccccc"))
    told = text_of(client_of(ans).get(at()).content.decode())
    assert "De kans is veranderd. Zij was 31%" in told and "is zij 51%" in told
    assert "reactie uiterlijk op" in told
    assert "was 31%" in text_of(client_of(ans).get(LIST).content.decode())
    # a later year: the older warning still waits, and is found
    home.write_result(figures(0.1, "2018"), replace(INFO, run="dddddddddddd"))
    page = client_of(ans).get(LIST).content.decode()
    assert "Van 2016 staat nog 1 waarschuwing open" in text_of(page)
    assert listed(client_of(ans), "?jaar=2016") == ["1812"]
    told = text_of(client_of(ans).get(at()).content.decode())
    assert "staat niet meer in de nieuwste berekening" in told and "31% kans" in told


def test_late_is_seen_in_the_heading_the_list_and_on_the_page(person: Make) -> None:
    ans = person("ans", city=ALKMAAR)
    services.assign_warnings(keys=[KEY], owner=ans, due=day(3), reason="", actor=ans)
    Waarschuwing.objects.update(due=day(-2))
    assert "2 waarschuwingen wachten op een besluit, waarvan 1 te laat" in text_of(
        client_of(ans).get(LIST).content.decode()
    )
    assert "Te laat: de reactie had er op" in text_of(client_of(ans).get(at()).content.decode())


def test_several_at_once_are_checked_first_and_take_work_from_nobody(person: Make) -> None:
    ans, bo, ria = person("ans", city=ALKMAAR), person("bo", city=ALKMAAR), person("ria", WARNINGS_STATE)
    services.assign_warnings(keys=[KEY], owner=bo, due=day(3), reason="", actor=ans)
    chosen = {
        "kies": ["pc4 1811 2016", "pc4 1812 2016", "pc4 3011 2016", "onzin", "pc4 18\x0012 2016"],
        "keuze": "staat=open",
    }
    client = client_of(ans)
    check = client.post(f"{LIST}toewijzen/", chosen).content.decode()
    assert "1811 Alkmaar" in check and "heeft al een eigenaar" in check
    assert "3011" not in check  # not of this city
    assert Waarschuwing.objects.count() == 1  # nothing happened yet
    wrong = client.post(f"{LIST}toewijzen/", {**chosen, "eigenaar": ans.pk, "uiterlijk": day(-1).isoformat()})
    assert wrong.status_code == 400 and "ligt in het verleden" in wrong.content.decode()
    sent = client.post(f"{LIST}toewijzen/", {**chosen, "eigenaar": ans.pk, "uiterlijk": day(9).isoformat()})
    assert sent.headers["Location"] == f"{LIST}?staat=open"
    told = text_of(client.get(LIST).content.decode())
    assert "1 waarschuwing staat nu bij ans. 1 andere had al een eigenaar" in told
    assert dict(Waarschuwing.objects.values_list("area", "owner__username")) == {"1811": "ans", "1812": "bo"}
    # of two cities only somebody who sees both can be chosen
    page = (
        client_of(ria)
        .post(f"{LIST}toewijzen/", {"kies": ["pc4 1811 2016", "pc4 3011 2016"]})
        .content.decode()
    )
    assert re.findall(r'<option value="(\d+)"', page) == [str(ria.pk)]
    with pytest.raises(KrachtwijkError, match="ziet niet al deze gebieden"):
        services.assign_warnings(
            keys=[Key("pc4", "3011", "2016")], owner=ans, due=day(2), reason="", actor=ria, version=0
        )
    nothing = client.post(f"{LIST}toewijzen/", {"keuze": "x=%0d%0aSet-Cookie:a"})
    assert nothing.status_code == 302 and "Kies eerst" in client.get(LIST).content.decode()


def test_who_acts_on_an_older_page_is_told_and_changes_nothing(person: Make) -> None:
    ans, bo = person("ans", city=ALKMAAR), person("bo", city=ALKMAAR)
    services.assign_warnings(keys=[KEY], owner=bo, due=day(3), reason="", actor=bo, version=0)
    sent = client_of(ans).post(at(), {"actie": "besluit", "stand": 0, "besluit": "volgen", "reactie": "x"})
    assert sent.status_code == 409
    assert "Iemand anders veranderde" in sent.content.decode()
    assert Waarschuwing.objects.get().decision == ""
    with pytest.raises(ChangedMeanwhileError):
        services.release_warning(key=KEY, reason="x", actor=ans, version=7)
    assert client_of(ans).post(at(), {"actie": "heropen", "stand": 1}).status_code == 409


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"actie": "besluit"}, "Kies wat u besluit"),
        ({"actie": "besluit", "besluit": "volgen", "reactie": "  "}, "Vul dit veld in"),
        ({"actie": "besluit", "besluit": "volgen", "reactie": "nul\0"}, "nog niets veranderd"),
        ({"actie": "toewijzen", "eigenaar": "999999", "uiterlijk": "2030-01-01"}, "Kies iemand uit de lijst"),
        ({"actie": "toewijzen", "uiterlijk": "morgen"}, "Schrijf een dag zoals"),
        ({"actie": "onzin"}, "Dit kan nu niet"),
    ],
)
def test_what_is_not_filled_in_well_is_told_and_changes_nothing(
    person: Make, fields: dict[str, str], words: str
) -> None:
    client = client_of(person("ans", city=ALKMAAR))
    refused = client.post(at(), {"stand": "0", **fields})
    assert refused.status_code in (400, 409)
    assert words in refused.content.decode()
    assert not Waarschuwing.objects.exists() and not record.events(stream=STREAM)


@pytest.mark.parametrize(
    "address",
    [
        "pc4/2016/9999/",
        "pc4/2014/1812/",
        "wijk/2016/1812/",
        "pc4/2016/GM0361/",
        "x/y/z/",
        "pc4/20%0016/1812/",
        "pc4/2016/18%0012/",
    ],
)
def test_what_has_no_warning_is_not_found(person: Make, address: str) -> None:
    assert client_of(person("ria", WARNINGS_STATE)).get(f"{LIST}{address}").status_code == 404


@pytest.mark.parametrize(
    "query", ["?staat=onzin", "?jaar=1900", "?gebieden=../x", "?eigenaar=99999999999999999999", "?blad=x"]
)
def test_choices_that_are_not_there_fall_back(person: Make, query: str) -> None:
    assert client_of(person("ria", WARNINGS_STATE)).get(LIST + query).status_code == 200


def test_without_warnings_the_desk_says_who_makes_them(
    person: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person("ria", WARNINGS_STATE)
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    assert "Er zijn nog geen waarschuwingen berekend" in client_of(user).get(LIST).content.decode()


def test_the_database_keeps_what_belongs_together(person: Make) -> None:
    key = {"level": "pc4", "area": "1811", "period": "2016", "run": "x"}
    for wrong in ({"state": "besloten"}, {"due": day(1)}, {"state": "open", "answered_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Waarschuwing.objects.create(**key, **wrong)
    Waarschuwing.objects.create(**key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Waarschuwing.objects.create(**key)


def test_the_list_as_csv_holds_every_figure_and_the_register_remembers_who_took_it(person: Make) -> None:
    ans = person("ans", city=ALKMAAR)
    services.answer_warning(key=KEY, decision="volgen", reaction="=1+1", actor=ans, version=0)
    rows = list(
        csv.DictReader(io.StringIO(client_of(ans).get(f"{LIST}lijst.csv?staat=alle").content.decode()))
    )
    assert {r["area"]: r["run"] for r in rows} == {"1811": INFO.run, "1812": INFO.run}
    assert next(r for r in rows if r["area"] == "1812")["reaction"] == "'=1+1"
    event = record.events(stream=STREAM).last()
    assert event is not None and (event.kind, event.actor, event.payload["rijen"]) == (
        "lijst meegenomen",
        ans,
        2,
    )


def test_as_many_queries_for_one_warning_as_for_many(person: Make, home: Warehouse) -> None:
    ria, ans = person("ria", WARNINGS_STATE), person("ans", city=ALKMAAR)
    give_role(user=ans, role=WARNINGS_CITY, area=ROTTERDAM)
    client = client_of(ria)

    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    one_known = count(LIST), count(at())
    keys = [Key("pc4", code, "2016") for code in ROWS]
    services.assign_warnings(keys=keys, owner=ans, due=day(3), reason="", actor=ria)
    for version in range(1, 6):
        services.assign_warnings(
            keys=[KEY], owner=ria, due=day(version), reason="x", actor=ria, version=version
        )
    assert (count(LIST + "?welke=alle"), count(at()) - 1) == one_known  # names in the history: one query
    assert max(one_known) <= 12


# --- messages -------------------------------------------------------------------------------------------------


def test_an_owner_hears_once_a_week_how_many_wait_and_not_of_which_areas(person: Make) -> None:
    ans = person("ans", city=ALKMAAR, email="ans@stad.example")
    quiet = person("bo", city=ALKMAAR)
    services.assign_warnings(
        keys=[KEY, Key("pc4", "1811", "2016")], owner=ans, due=day(3), reason="", actor=ans
    )
    services.assign_warnings(keys=[Key("pc4", "1813", "2016")], owner=quiet, due=day(3), reason="", actor=ans)
    services.remind_owners(today=day(-10))  # too early
    assert not Message.objects.exists()
    for _ in range(2):
        services.remind_owners(today=day(5))
    (message,) = Message.objects.all()
    assert (message.user, message.values["waiting"], message.values["late"]) == (ans, "2", "2")
    assert "1812" not in json.dumps(message.values)
    call_command("verstuur_berichten", stdout=io.StringIO())
    message.refresh_from_db()
    assert message.state == Message.SENT


def test_figures_are_kept_as_text_with_three_decimals(home: Warehouse) -> None:
    found = one(KEY)
    assert found is not None and found.row is not None
    assert figures_of(found.row)["probability"] == "0.310"
    assert figures_of({"probability": None}) == dict.fromkeys(figures_of(found.row))
