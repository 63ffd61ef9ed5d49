# SPDX-License-Identifier: EUPL-1.2
"""A resident with a telephone and a keyboard: postcode, plan of € 3.000, sent, followed."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from .conftest import environment_of, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEED = """
import datetime
from django.utils import timezone
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.vouchers import services
actor, at = User.objects.create(username="ambtenaar"), timezone.now() - datetime.timedelta(days=30)
services.open_fund(id="alk26", title="Vouchers Alkmaar", municipality="Alkmaar", bylaw="g31-2008", year=2026,
                   amount="20000.00", reserve="0.00", actor=actor, example=True, at=at)
services.add_wijk(fund="alk26", name="Overdie", postcodes=["1813"])
place = {"fund": "alk26", "wijk": "Overdie", "amount": "20000.00"}
services.act(fund="alk26", type="designate", fields=place, actor=actor, at=at)
services.act(fund="alk26", type="ceiling", fields=place | {"announced": at.date().isoformat()}, actor=actor, at=at)
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site with one fund and nobody's plan."""
    home: Path = tmp_path_factory.mktemp("bewonersgeld")
    environment = environment_of(home)
    environment.pop("DATABASE_URL", None)
    for command in (["collectstatic", "--noinput", "-v0"], ["migrate", "-v0"], ["shell", "-v0", "-c", SEED]):
        subprocess.run([sys.executable, "-m", "django", *command], env=environment, check=True)
    with running(home, "/bewonersgeld/") as address:
        yield address


def _to(page: Any, wanted: str) -> None:
    """Press Tab until the focus is on what a selector names."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement?.matches(wanted)", wanted):
            return
    pytest.fail(f"the keyboard never reaches {wanted}")


def _type(page: Any, field: str, text: str) -> None:
    _to(page, field)
    page.keyboard.type(text)


def _fits(page: Any, axe: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    page.evaluate(axe)
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        ".then(r => r.violations.map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' ')))"
    )
    assert found == [], page.url


def _on(page: Any, axe: str) -> None:
    """Press Enter in a field: it goes on to the next question, which fits and reads well."""
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    _fits(page, axe)


def test_r300_from_postcode_to_a_plan_that_was_sent_and_is_followed_by_keyboard_on_a_telephone(
    chromium: Any, room: str, axe: str
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{room}/bewonersgeld/")
    _fits(page, axe)
    _type(page, "#postcode", "1813 ab")
    _on(page, axe)
    assert "Overdie in Alkmaar" in page.inner_text("main h2")
    _to(page, "a.knop")
    _on(page, axe)
    _to(page, "main .knop")
    _on(page, axe)
    _type(page, "#plek", "Vondelstraat")
    _on(page, axe)
    _type(page, "#plan", "Een bankje bij de speelplek.")
    _to(page, ".knop")
    _on(page, axe)
    _type(page, "#planning", "In mei.")
    _to(page, ".knop")
    _on(page, axe)
    _type(page, "#wat_0", "bank")
    _type(page, "#bedrag_0", "3.000")
    _on(page, axe)
    for field, key in (("fysiek", "ArrowDown"), ("anders", "ArrowDown")):
        _to(page, f"[name={field}]")
        page.keyboard.press(key)
        assert page.evaluate("name => document.querySelector(`[name=${name}]:checked`).value", field) == "nee"
        _to(page, ".knop")
        _on(page, axe)
    _type(page, "#naam", "A. Jansen")
    _type(page, "#postcode", "1813 AB")
    _type(page, "#nummer", "12")
    _type(page, "#telefoon", "072 123 45 67")
    _on(page, axe)
    assert page.url.endswith("/controle/")
    _to(page, "[name=akkoord]")
    page.keyboard.press("Space")
    _on(page, axe)
    assert page.inner_text("h1") == "Uw plan is ontvangen"
    number, code = page.inner_text("#nummer"), page.inner_text("#code")
    context.close()

    later = chromium.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
    page = later.new_page()
    page.goto(f"{room}/bewonersgeld/volgen/")
    _type(page, "#nummer", number)
    _type(page, "#code", code)
    _on(page, axe)
    assert page.inner_text("h1") == "Uw aanvraag is volledig. Wij beslissen er binnenkort over."
    due = datetime.datetime.now(ZoneInfo("Europe/Amsterdam")).date() + datetime.timedelta(weeks=4)
    assert f"{due.day} " in page.inner_text(".termijnen") and str(due.year) in page.inner_text(".termijnen")
    later.close()
