# SPDX-License-Identifier: EUPL-1.2
"""The form for what is not right, in a real browser: it works with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_reader_with_a_keyboard_never_meets_the_field_for_robots_and_is_told_what_to_mend(
    chromium: Any, site: str
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto(site + "/bronnen/")
    page.focus("footer a[href*='klopt-dit-niet']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/klopt-dit-niet/**")
    assert page.inner_text("main a[href='/bronnen/']") == "/bronnen/"
    page.focus("#tekst")
    met = []
    for _ in range(3):
        met.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        page.keyboard.press("Tab")
    assert met == ["tekst", "email", "knop"]
    page.focus("main .knop")
    page.keyboard.press("Enter")
    page.wait_for_selector("#tekst-fout")
    assert page.get_attribute("#tekst", "aria-describedby") == "tekst-fout tekst-hulp"
    page.close()
