# SPDX-License-Identifier: EUPL-1.2
"""Every kind of page in a real browser: axe finds nothing, nothing sticks out, the keyboard finds its way."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: One address of each kind; the map has a file of its own.
PAGES = (
    "/",
    "/gebied/?q=overdie",
    "/gebied/NL/",
    "/gebied/GM0363/",
    "/gebied/SD0363A/",
    "/gebied/WK036103/",
    "/gebied/BU03610300/",
    "/gebied/BU03630000/",
    "/gebied/1813/",
    "/gebied/E2303N5800/",
    "/programma/",
    "/programma/krachtwijken-2007/",
    "/programma/krachtwijken-2007/?onderwerp=gez-eenzaam",
    "/programma/krachtwijken-2007/AW01/",
    "/programma/nplv-2022/",
    "/programma/nplv-2022/NPLV01/",
    "/methode/",
    "/methode/leefbaarometer/",
    "/methode/gebieden/",
    "/bronnen/",
    "/gebied/XX/",
)


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(chromium: Any, site: str, axe: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(site + "/bronnen/")
    edition = page.get_attribute("tbody th a", "href")
    found = []
    for address in (*PAGES, edition):
        page.goto(site + address)
        page.evaluate(axe)
        violations = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        found += [(address, v["id"], [n["target"] for n in v["nodes"]][:3]) for v in violations]
    page.close()
    assert found == []


def test_only_tables_scroll_sideways(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    wide = []
    for address in PAGES:
        page.goto(site + address)
        for width in (320, 640):  # 640: a screen of 1280 at 200 %
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((address, width))
    page.close()
    assert wide == []


def test_paper_cuts_nothing_off(chromium: Any, site: str) -> None:
    page = chromium.new_page(viewport={"width": 680, "height": 1000})  # A4 within margins of 15 mm
    page.emulate_media(media="print")
    wide = []
    for address in ("/programma/krachtwijken-2007/", "/gebied/BU03610300/", "/gebied/1813/"):
        page.goto(site + address)
        if page.evaluate("document.documentElement.scrollWidth") > 680:
            wide.append(address)
    page.close()
    assert wide == []


def test_the_keyboard_skips_to_the_content_and_focus_can_be_seen(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    page.goto(site + "/gebied/BU03610300/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#inhoud"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


def test_the_language_changes_without_javascript_and_the_page_stays(chromium: Any, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/programma/krachtwijken-2007/?venster=2008-2016")
    page.click(".taal button")
    assert page.url.endswith("/programma/krachtwijken-2007/?venster=2008-2016")
    assert "between 2008 and 2016" in page.inner_text("h1")
    context.close()
