# SPDX-License-Identifier: EUPL-1.2
"""Who may come in, how often they may try, and what a role opens."""

from __future__ import annotations

import io
import time

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web import limits
from krachtwijk.web.apps.accounts import services
from krachtwijk.web.apps.accounts.models import Attempts, User
from krachtwijk.web.apps.accounts.permissions import DATA, EDITORS, LOCAL, ROLES, roles_of
from krachtwijk.web.apps.record import selectors as record

pytestmark = pytest.mark.django_db
PASSWORD = "vier-woorden-met-streepjes"


@pytest.fixture
def anna() -> User:
    return User.objects.create_user("anna", password=PASSWORD)


def log_in(client: Client, password: str = PASSWORD, name: str = "anna", **extra: str):
    return client.post("/inloggen/", {"username": name, "password": password, **extra})


def test_r297_the_roles_are_there_after_migrating() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)


def test_a_right_password_leads_to_the_desk_and_logging_out_closes_it(anna: User, client: Client) -> None:
    assert client.get("/beheer/").headers["Location"] == "/inloggen/?next=/beheer/"
    assert log_in(client).headers["Location"] == "/beheer/"
    found = client.get("/beheer/")
    assert found.status_code == 200
    assert "no-store" in found.headers["Cache-Control"]
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.get("/uitloggen/").status_code == 405  # a link elsewhere cannot log somebody out
    client.post("/uitloggen/")
    assert client.get("/beheer/").status_code == 302


def test_one_never_leaves_the_site_by_logging_in(anna: User, client: Client) -> None:
    assert log_in(client, next="https://elders.example/").headers["Location"] == "/beheer/"


def test_five_wrong_passwords_close_a_name_even_for_the_right_one(
    anna: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(services.ATTEMPTS):
        assert "horen niet bij elkaar" in log_in(client, "verkeerd").content.decode()
    assert "Wacht een kwartier" in log_in(client).content.decode()
    assert "Wacht een kwartier" in log_in(client, name="ANNA").content.decode()
    assert "sessionid" not in client.cookies
    User.objects.create_user("bram", password=PASSWORD)
    assert log_in(Client(), name="bram").status_code == 302  # others are not shut out
    later = time.time() + services.COUNTS_FOR * (1 + 1 / limits.PARTS)
    monkeypatch.setattr(limits.time, "time", lambda: later)
    assert log_in(client).status_code == 302
    assert not Attempts.objects.exists()


def test_a_name_that_does_not_exist_is_counted_and_answered_alike(anna: User, client: Client) -> None:
    wrong = [log_in(client, "verkeerd", name=name).content.decode() for name in ("anna", "niemand")]
    assert ["horen niet bij elkaar" in text for text in wrong] == [True, True]
    assert Attempts.objects.count() == 2
    assert not Attempts.objects.filter(key__icontains="niemand").exists()


def test_a_login_sent_from_elsewhere_is_refused_in_words(anna: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    refused = log_in(strict)
    assert refused.status_code == 403
    assert "formulier is verlopen" in refused.content.decode()


DESKS = {"/beheer/meldingen/": EDITORS, "/beheer/inlezen/": DATA, "/beheer/rekenen/": DATA}


@pytest.mark.parametrize("role", [None, *ROLES])
def test_r297_a_desk_opens_for_its_role_only(anna: User, client: Client, role: str | None) -> None:
    if role:
        services.give_role(user=anna, role=role, area="GM0363" if role in LOCAL else "")
    client.force_login(anna)
    for address, needed in DESKS.items():
        assert client.get(address).status_code == (200 if role == needed else 403), address
    start = client.get("/beheer/").content.decode()
    assert [address in start for address in DESKS] == [role == needed for needed in DESKS.values()]


def test_a_superuser_has_every_role_and_who_left_has_none(anna: User) -> None:
    services.give_role(user=anna, role=DATA)
    anna.is_active = False
    assert roles_of(anna) == frozenset()
    assert roles_of(User(username="baas", is_superuser=True)) == set(ROLES)


def test_the_command_gives_and_takes_a_role_and_the_register_says_so(anna: User) -> None:
    told = io.StringIO()
    call_command("geef_rol", "anna", EDITORS, reden="Nieuw in de redactie", stdout=told)
    assert roles_of(anna) == {EDITORS}
    call_command("geef_rol", "anna", EDITORS, stdout=told)  # again: nothing happens, and nothing is written
    call_command("geef_rol", "anna", EDITORS, weg=True, stdout=told)
    assert roles_of(anna) == frozenset()
    events = list(record.events(stream="rollen"))
    assert [(e.kind, e.payload["rol"]) for e in events] == [("gegeven", EDITORS), ("teruggenomen", EDITORS)]
    assert events[0].reason == "Nieuw in de redactie"
    assert "anna" not in events[0].subject
    for given in (("niemand", EDITORS), ("anna", "Baas")):
        with pytest.raises(CommandError):
            call_command("geef_rol", *given)
    with pytest.raises(KrachtwijkError, match="Kies uit"):
        services.give_role(user=anna, role="Baas")
