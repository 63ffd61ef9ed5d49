# SPDX-License-Identifier: EUPL-1.2
"""R-136: the desk of early warnings by keyboard, from the list to a decision, without JavaScript and on a telephone."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from krachtwijk.warehouse import ResultInfo, Warehouse

from .conftest import Person, Town, environment_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DESK = "/beheer/waarschuwingen/"
PEOPLE = "from krachtwijk.web.apps.publication import example; example.build()"
INFO = ResultInfo("waarschuwing-pc4", "0123456789ab", "waarschuwing-1", (), 0)
REASONS = '[{"code": "niveau", "dimension": "vei", "value": -0.2, "contribution": -0.01}]'


def day(days: int) -> str:
    return (datetime.datetime.now(AMSTERDAM).date() + datetime.timedelta(days=days)).isoformat()


def warning(code: str, chance: float) -> dict[str, Any]:
    figures = {"expected": -0.02, "low": -0.09, "high": 0.05, "score": -0.1, "zero": -0.15, "distance": 0.05}
    rest = {"chance_below": 0.2, "crossing": True, "change": -0.01, "neighbours": -0.004, "size": 4100.0}
    known = {"reasons": REASONS, "flagged": True, "edition": "", "rule": INFO.rule, "run": INFO.run}
    return {"area": code, "period": "2016", "horizon": 2, "probability": chance, **figures, **rest, **known}


@pytest.fixture(scope="module")
def alkmaar(town: Town) -> Iterator[Town]:
    """The town with people at this desk, and warnings of Alkmaar; the table goes with the test."""
    rows = [warning("1811", 0.4), warning("1812", 0.3), warning("1813", 0.2), warning("3011", 0.5)]
    Warehouse(town.home).write_result(pl.DataFrame(rows), INFO)
    environment = environment_of(town.home)
    environment.pop("DATABASE_URL", None)
    subprocess.run(
        [sys.executable, "-m", "django", "shell", "-v0", "-c", PEOPLE], env=environment, check=True
    )
    yield town


def at_the_desk(chromium: Any, town: Town, name: str, width: int = 1280, script: bool = True) -> Person:
    """Somebody of the example, logged in, at the list."""
    person = Person(chromium, town, width=width)
    if not script:
        person.context.close()
        person.context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=False
        )
        person.page = person.context.new_page()
    found = re.search(rf"{name}\s+(\S+)", person.open("/bewonersgeld/voorbeeld/"))
    assert found is not None
    person.open(f"/inloggen/?next={DESK}")
    person.page.fill("input[name=username]", name)
    person.page.fill("input[name=password]", found[1])
    person.go("main form .knop")
    return person


def tab_to(person: Person, selector: str) -> None:
    """Press Tab until what is wanted has the focus."""
    for _ in range(120):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    pytest.fail(f"the keyboard does not come to {selector}")


def enter(person: Person) -> str:
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    return person.text


def test_r136_from_the_list_to_a_decision_by_keyboard_alone(chromium: Any, alkmaar: Town, axe: str) -> None:
    with at_the_desk(chromium, alkmaar, "voorbeeld-gemeente") as city:
        assert "3 waarschuwingen wachten" in city.text and "3011" not in city.text
        city.look("waarschuwingen-lijst", axe)
        for code in ("1811", "1812"):
            tab_to(city, f"input[name=kies][value*='{code}']")
            city.page.keyboard.press("Space")
        tab_to(city, "main form[method=post] button.knop")
        assert "Wie kijkt naar deze 2 gebieden?" in enter(city)
        city.look("waarschuwingen-toewijzen", axe)
        tab_to(city, "#eigenaar")
        city.page.keyboard.type("Voorbeeld gemeente")
        tab_to(city, "#uiterlijk")
        city.page.fill("#uiterlijk", day(9))  # each country types a day in its own order
        tab_to(city, "main form button.knop")
        assert "2 waarschuwingen staan nu bij Voorbeeld gemeente" in enter(city)
        tab_to(city, "tbody th a")
        assert "40% kans op een duidelijke daling" in enter(city)
        city.look("waarschuwing", axe)
        tab_to(city, "input[name=besluit]")
        city.page.keyboard.press("Space")
        tab_to(city, "#reactie")
        city.page.keyboard.type("Wij waren er. De cijfers komen van de sloop.")
        tab_to(city, "form:has(#reactie) button.knop")
        told = enter(city)
        assert "Het is opgeschreven" in told and "Er hoeft niets te gebeuren" in told
        city.look("waarschuwing-besloten", axe)


def test_without_javascript_and_on_a_telephone_the_state_asks_and_who_checks_reads(
    chromium: Any, alkmaar: Town, axe: str
) -> None:
    with at_the_desk(chromium, alkmaar, "voorbeeld-rijk", width=390, script=False) as state:
        state.go("tbody th a:has-text('3011')")
        state.page.select_option("#eigenaar", label="Voorbeeld rijk")
        state.page.fill("#uiterlijk", day(3))
        assert "reactie uiterlijk op" in state.go("form:has(#eigenaar) button.knop")
    with at_the_desk(chromium, alkmaar, "voorbeeld-controle", width=390) as auditor:
        auditor.look("waarschuwingen-lijst-telefoon", axe)
        auditor.go("tbody th a:has-text('3011')")
        assert auditor.page.locator("main form:not([action*='uitloggen'])").count() == 0
        assert "Voorbeeld rijk" in auditor.text
        auditor.look("waarschuwing-telefoon", axe)
