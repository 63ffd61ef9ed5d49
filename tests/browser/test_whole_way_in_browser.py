# SPDX-License-Identifier: EUPL-1.2
"""The first whole way, by keyboard on a phone: a street's postcode → its area → the chart → the figures behind it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE, DESKTOP = (390, 844), (1280, 900)
#: of what was typed in full: while an answer is awaited the list is busy
SUGGESTION = ".suggesties:not([hidden]) [role=listbox]:not([aria-busy]) [role=option]"


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(chromium: Any, site: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, height = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        has_touch=width < 600,
        base_url=site,
        accept_downloads=True,
    )
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []


def tab_to(page: Any, wanted: str, limit: int = 80) -> None:
    """Press Tab until what has the focus matches a selector; each stop on the way must be visible."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
            assert box["width"] > 0 and box["height"] > 0
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    pytest.fail(f"{limit} tabs did not reach {wanted}")


def active(page: Any) -> str:
    """The text of the suggestion that a screen reader is told of."""
    return str(
        page.evaluate(
            "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText ?? ''"
        )
    )


def test_the_first_whole_way_from_a_street_to_the_figures_behind_a_chart(page: Any) -> None:
    page.goto("/")
    tab_to(page, "#q")
    page.keyboard.type("1813 AB")
    page.wait_for_selector(SUGGESTION)
    page.keyboard.press("ArrowDown")
    assert active(page).startswith("1813")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/1813/")
    assert "1813" in page.inner_text("h1")

    chart = page.locator("main figure:has(a[href*='csv=']) svg").first
    chart.scroll_into_view_if_needed()
    assert chart.is_visible()
    assert chart.locator("title").text_content()

    tab_to(page, "figure a[href*='csv=']", limit=200)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    text = Path(download.value.path()).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert all(row["edition"] and row["rule"] and row["run"] for row in rows)
    assert {row["area"] for row in rows} == {"1813"}


def test_find_my_street_by_a_mistyped_name(page: Any) -> None:
    page.goto("/gebied/")
    tab_to(page, "#q")
    page.keyboard.type("overdie alkmar")
    page.wait_for_selector(SUGGESTION)
    # the first letters have suggestions of their own, so wait for those of the whole
    page.wait_for_function("document.querySelector('.suggesties p')?.innerText.includes('lijkt erop')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/WK036103/")


def test_the_suggestions_follow_the_combobox_pattern(page: Any) -> None:
    page.goto("/")
    tab_to(page, "#q")
    field = page.locator("#q")
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "false"
    page.keyboard.type("overdie")
    page.wait_for_selector(SUGGESTION)
    assert field.get_attribute("aria-expanded") == "true"
    assert page.get_attribute(f"#{field.get_attribute('aria-controls')}", "role") == "listbox"
    count = page.locator(SUGGESTION).count()
    page.wait_for_selector(".zoekveld [role=status]:has-text('suggesties')", state="attached")
    assert str(count) in page.text_content(".zoekveld [role=status]")
    # down through the list and back into the field, which keeps the focus and what was typed
    for _ in range(count):
        page.keyboard.press("ArrowDown")
        assert page.locator(f"{SUGGESTION}[aria-selected=true]").count() == 1
    page.keyboard.press("ArrowDown")
    assert active(page) == ""
    page.keyboard.press("ArrowUp")
    assert active(page)
    assert field.input_value() == "overdie"
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert page.locator(SUGGESTION).first.is_hidden()
    assert field.input_value() == "overdie"
    # without a choice Enter sends the form as it would without suggestions
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/?q=overdie")


def test_suggestions_fit_the_screen_and_pass_axe(page: Any, axe: str) -> None:
    page.goto("/")
    page.focus("#q")
    page.keyboard.type("centrum")
    page.wait_for_selector(SUGGESTION)
    page.keyboard.press("ArrowDown")
    width = page.evaluate("innerWidth")
    box = page.locator(".suggesties").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(b["height"] >= 24 for b in (o.bounding_box() for o in page.locator(SUGGESTION).all()))
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []


def test_a_late_answer_never_replaces_a_newer_one(page: Any) -> None:
    held: list[Any] = []

    def hold(route: Any) -> None:
        if "q=over" in route.request.url and "q=overv" not in route.request.url:
            held.append(route)  # the first question is left waiting
        else:
            route.continue_()

    page.route("**/gebied/suggesties/**", hold)
    page.goto("/")
    page.focus("#q")
    with page.expect_request(lambda request: "q=over" in request.url):
        page.keyboard.type("over")
    page.keyboard.type("vecht")
    page.wait_for_selector(SUGGESTION)
    for route in held:
        route.abort()
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert held
    assert "Overvecht" in page.locator(SUGGESTION).first.inner_text()


def test_a_field_of_a_form_can_be_filled_with_a_code(page: Any) -> None:
    page.goto("/")
    page.evaluate(
        """async () => {
            const form = document.createElement('form');
            form.innerHTML = '<label for="een">Gebied</label>'
                + '<input id="een" data-zoek="code" data-zoek-soort="wijk"><input id="twee" name="gebied">';
            document.querySelector('main').prepend(form);
            const script = document.querySelector('script[src*="search"]').src;
            const { attach } = await import(script);
            attach(form);
        }"""
    )
    page.focus("#een")
    page.keyboard.type("overdie")
    page.wait_for_selector(SUGGESTION)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#een") == "WK036103"
    assert page.url.endswith("/")


def test_find_my_street_without_javascript(chromium: Any, site: str) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]}, base_url=site
    )
    page = context.new_page()
    page.goto("/")
    page.fill("#q", "1813 AB")
    page.press("#q", "Enter")
    page.wait_for_url("**q=1813**")
    assert "De letters AB gebruiken wij niet" in page.inner_text("main")
    page.click("main a[href='/gebied/1813/']")
    page.wait_for_url("**/gebied/1813/")
    assert "1813" in page.inner_text("h1")
    context.close()
