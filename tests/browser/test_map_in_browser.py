# SPDX-License-Identifier: EUPL-1.2
"""The map in a real browser: drawn, linked with its list, reachable by keyboard, accessible, from this site only."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READY = "#kaart[data-klaar=ja]"
#: Overdie-Oost in Alkmaar, inside the aandachtswijk Overdie
BUURT, CITY = "BU03610300", "GM0361"


class Visit:
    """A page with everything the browser complained about and every address it asked for."""

    def __init__(
        self, chromium: Any, site: str, width: int = 1280, height: int = 900, **settings: Any
    ) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": height}, **settings)
        self.page = self.context.new_page()
        self.site = site
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # what could not be fetched is judged by `_response`; the browser's own question for a favicon is not the page's
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def open(self, address: str) -> Any:
        self.page.goto(self.site + address)
        self.page.wait_for_selector(READY, timeout=60_000)
        return self.page

    def idle(self) -> None:
        self.page.evaluate(
            "new Promise(done => { const m = document.getElementById('kaart').kaart;"
            " m.loaded() && !m.isMoving() ? done() : m.once('idle', () => done()); })"
        )
        self.page.wait_for_timeout(100)


@pytest.fixture
def visit(chromium: Any, site: str) -> Iterator[Visit]:
    made = Visit(chromium, site)
    yield made
    made.context.close()


def published(packaged: Path) -> dict[str, dict[str, str]]:
    with gzip.open(packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz", "rt", encoding="utf-8") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


def test_the_map_draws_without_complaints_and_asks_nobody_else(visit: Visit) -> None:
    page = visit.open("/kaart/")
    assert visit.complaints == []  # a breach of the content policy is a complaint too
    assert [a for a in visit.asked if not a.startswith((visit.site, "data:"))] == []
    drawn = page.evaluate(
        "new Set(document.getElementById('kaart').kaart.queryRenderedFeatures({layers: ['gemeente-vlak']})"
        ".map(f => f.properties.code)).size"
    )
    assert drawn == 342
    assert page.locator("#k-rijen tr").count() == 342


def test_colours_on_the_map_are_the_published_classes(visit: Visit, packaged: Path) -> None:
    page = visit.open(f"/kaart/?meting=lbm3-2024&maat=total&gemeente={CITY}")
    seen = page.evaluate(
        """Object.fromEntries(document.getElementById('kaart').kaart.queryRenderedFeatures({layers: ['buurt-vlak']})
        .map(f => [f.properties.code, [f.layer.paint['fill-color'].toString(), f.properties.total_2024]]))"""
    )
    tokens = page.evaluate(
        """Array.from({length: 9}, (_, i) => {
            const probe = document.createElement('i');
            probe.style.color = `var(--klasse-${i + 1})`;
            document.body.append(probe);
            return getComputedStyle(probe).color.match(/\\d+/g).map(Number);
        })"""
    )
    rows = published(packaged)
    wrong = []
    for code, (colour, _value) in seen.items():
        channels = [float(c) for c in colour.removeprefix("rgba(").rstrip(")").split(",")][:3]
        if [round(c) for c in channels] != tokens[int(rows[code]["kscore"]) - 1]:
            wrong.append((code, colour, rows[code]["kscore"]))
    assert BUURT in seen
    assert wrong == []


def test_list_and_map_point_at_each_other(visit: Visit) -> None:
    page = visit.open(f"/kaart/?gemeente={CITY}")
    page.focus(f"tr[data-code={BUURT}] a")
    visit.idle()
    state = (
        "document.getElementById('kaart').kaart.getFeatureState("
        f"{{source: 'buurt', sourceLayer: 'areas', id: '{BUURT}'}})"
    )
    assert page.evaluate(state) == {"actief": True}
    assert page.inner_text(f"tr[data-code={BUURT}] a") in page.inner_text("#kaartje")
    # the other way: a click on the area finds its row, and the card's link leads to the area
    page.keyboard.press("Escape")
    lon, lat = (float(page.get_attribute(f"tr[data-code={BUURT}]", f"data-{a}")) for a in ("lon", "lat"))
    point = page.evaluate(
        f"(() => {{ const p = document.getElementById('kaart').kaart.project([{lon}, {lat}]); return [p.x, p.y]; }})()"
    )
    page.locator("#kaart canvas").click(position={"x": point[0], "y": point[1]})
    assert "actief" in page.get_attribute(f"tr[data-code={BUURT}]", "class")
    assert page.get_attribute("#kaartje a", "href") == f"/gebied/{BUURT}/"
    assert "Overdie" in page.inner_text("#kaartje")


def test_level_and_list_follow_the_zoom(visit: Visit) -> None:
    page = visit.open("/kaart/?meting=lbm3-2024")
    page.evaluate("document.getElementById('kaart').kaart.jumpTo({center: [4.75, 52.62], zoom: 12})")
    page.wait_for_selector(f"tr[data-code={BUURT}]")
    assert page.inner_text("#k-eenheid") == "buurten"
    assert "plek=12/" in page.url


def test_another_choice_keeps_place_and_address(visit: Visit) -> None:
    page = visit.open("/kaart/#plek=10/52.62/4.75")
    page.select_option("#k-meting", "lbm2-2002-2016")
    page.wait_for_selector("#kaart-kop >> text=tussen 2002 en 2016")
    assert "meting=lbm2-2002-2016" in page.url
    assert "plek=10/52.62/4.75" in page.url
    visit.idle()
    page.wait_for_selector("tr[data-code='1813']")  # postcode of Overdie, by the list of 2007
    assert page.evaluate("document.activeElement.id") in {"k-meting", ""}
    page.go_back()
    page.wait_for_selector("#kaart-kop >> text=Leefbaarometer 3.0")
    assert visit.complaints == []


def test_keyboard_reaches_the_list(visit: Visit) -> None:
    page = visit.open("/kaart/")
    for _press in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('#k-rijen'))"):
            break
    else:
        pytest.fail("forty tabs did not reach the list")
    assert page.is_visible("#kaartje")


def test_the_page_works_without_javascript(chromium: Any, site: str) -> None:
    visit = Visit(chromium, site, java_script_enabled=False)
    page = visit.page
    page.goto(f"{site}/kaart/")
    page.select_option("#k-gemeente", CITY)
    page.click("#kaart-keuze button")
    assert f"gemeente={CITY}" in page.url
    assert page.locator(f"tr[data-code={BUURT}]").count() == 1
    visit.context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("address", ["/kaart/", f"/kaart/?meting=lbm2-2002-2016&gemeente={CITY}"])
def test_axe_finds_nothing(chromium: Any, site: str, axe: str, width: int, address: str) -> None:
    visit = Visit(chromium, site, width=width, height=844)
    page = visit.open(address)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    visit.context.close()
