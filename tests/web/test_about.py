# SPDX-License-Identifier: EUPL-1.2
"""The statements say what is so, and what nobody filled in."""

from __future__ import annotations

import html
import re

import pytest
from django.conf import settings
from django.test import Client, override_settings

PAGES = ("toegankelijkheid", "privacy", "contact")


def text_of(slug: str) -> str:
    found = Client().get(f"/over/{slug}/").content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found.split("<main", 1)[1])).split())


@pytest.mark.parametrize("slug", PAGES)
def test_g27_a_statement_names_its_owner_or_says_that_nobody_filled_it_in(slug: str) -> None:
    bare = text_of(slug)
    assert "nog niet ingevuld" in bare
    assert "nog niet gezegd hoe snel" in bare
    with override_settings(OWNER="Gemeente <Duinstad>", CONTACT="wijken@duinstad.example", ANSWER_DAYS=5):
        filled = text_of(slug)
    assert "Deze site is van Gemeente <Duinstad>." in filled
    assert "wijken@duinstad.example" in filled
    assert "antwoord binnen 5 dagen" in filled


def test_the_name_of_the_site_stands_above_every_page_and_renews_it() -> None:
    first = Client().get("/over/contact/")
    with override_settings(SITE_NAME="Wijken van Duinstad"):
        second = Client(headers={"if-none-match": first.headers["ETag"]}).get("/over/contact/")
        login = Client().get("/inloggen/")
    assert '<a class="naam" href="/">Krachtwijk</a>' in first.content.decode()
    for answer in (second, login):
        assert '<a class="naam" href="/">Wijken van Duinstad</a>' in answer.content.decode()


def test_privacy_names_every_cookie_and_the_terms_that_are_set() -> None:
    with override_settings(REPORT_EMAIL_DAYS=12, REPORT_DAYS=123):
        text = text_of("privacy")
    for cookie in (settings.LANGUAGE_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME):
        assert cookie in text
    assert "wissen wij 12 dagen na ons antwoord" in text
    assert "wissen wij na 123 dagen" in text


def test_another_statement_does_not_exist() -> None:
    assert Client().get("/over/onzin/").status_code == 404
