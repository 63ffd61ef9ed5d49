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

READY, ZOOMING = "html[data-kaart=klaar]", "#kaart[data-klaar=ja]"
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
        self.finished: list[Any] = []
        self.page.on("requestfinished", lambda request: self.finished.append(request))
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

    def zoomed(self, address: str) -> Any:
        """The page with the map that zooms, by its button or because the address names a place."""
        page = self.open(address)
        if "plek=" not in address:
            page.click("#k-inzoomen")
        page.wait_for_selector(ZOOMING, timeout=60_000)
        return page

    def weight(self) -> int:
        """Bytes that crossed the line for everything asked so far, headers included."""
        sizes = [request.sizes() for request in self.finished]
        return sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)

    def idle(self) -> None:
        self.page.evaluate(
            "new Promise(done => { const m = document.getElementById('kaart').kaart;"
            " m.loaded() && !m.isMoving() ? done() : m.once('idle', () => done()); })"
        )


@pytest.fixture(scope="module")
def chromium(chromium_with_webgl: Any) -> Any:
    """The map that zooms is drawn by WebGL."""
    return chromium_with_webgl


@pytest.fixture
def visit(chromium: Any, site: str) -> Iterator[Visit]:
    made = Visit(chromium, site)
    yield made
    made.context.close()


def published(packaged: Path) -> dict[str, dict[str, str]]:
    with gzip.open(packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz", "rt", encoding="utf-8") as handle:
        return {row["id"]: row for row in csv.DictReader(handle)}


def test_the_first_view_is_light_and_asks_nobody_else(visit: Visit) -> None:
    page = visit.open("/kaart/")
    page.wait_for_load_state("networkidle")
    assert visit.complaints == []  # a breach of the content policy is a complaint too
    assert [a for a in visit.asked if not a.startswith((visit.site, "data:"))] == []
    assert not any("maplibre" in a or "pmtiles" in a for a in visit.asked)
    assert 20_000 < visit.weight() < 150_000  # R: under 300 kB compressed; the drawn map needs half of that
    assert page.locator("#kaartbeeld a[data-code]").count() == 342
    assert page.locator("#k-rijen tr").count() == 342


def test_arrow_keys_walk_over_the_map_enter_goes_in_escape_leaves(visit: Visit) -> None:
    page = visit.open(f"/kaart/?gemeente={CITY}")
    for _press in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('#kaartbeeld'))"):
            break
    else:
        pytest.fail("thirty tabs did not reach the map")
    place = "(e => [Number(e.dataset.x), Number(e.dataset.y)])(document.activeElement)"
    code = "document.activeElement.dataset.code"
    for key, axis, sign in (
        ("ArrowRight", 0, 1),
        ("ArrowDown", 1, 1),
        ("ArrowLeft", 0, -1),
        ("ArrowUp", 1, -1),
    ):
        before, was = page.evaluate(place), page.evaluate(code)
        page.keyboard.press(key)
        if page.evaluate(code) != was:  # at the edge there is nothing further that way
            assert (page.evaluate(place)[axis] - before[axis]) * sign > 0
        assert page.is_visible("#kaartje")
        assert "actief" in page.get_attribute(f"tr[data-code={page.evaluate(code)}]", "class")
    assert page.locator("#kaartbeeld a[tabindex='0']").count() == 1  # the map is one stop
    page.keyboard.press("Tab")
    assert not page.evaluate("Boolean(document.activeElement.closest('#kaartbeeld'))")
    page.keyboard.press("Shift+Tab")
    walked = page.evaluate(code)
    page.keyboard.press("Escape")
    assert page.is_hidden("#kaartje")
    assert not page.evaluate("Boolean(document.activeElement.closest('#kaartbeeld'))")
    page.focus(f"#kaartbeeld a[data-code={walked}]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/gebied/{walked}/")


def test_enter_on_a_municipality_shows_its_buurten_and_back_returns(visit: Visit) -> None:
    page = visit.open("/kaart/?maat=soc")
    page.focus(f"#kaartbeeld a[data-code={CITY}]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#kaartbeeld a[data-code={BUURT}]")
    page.wait_for_url(lambda url: f"gemeente={CITY}" in url and "maat=soc" in url)
    page.wait_for_function("Boolean(document.activeElement.closest('#kaartbeeld'))")
    page.wait_for_function("document.title.startsWith('Kaart Alkmaar')")
    page.go_back()
    page.wait_for_selector(f"#kaartbeeld a[data-code={CITY}]")
    assert visit.complaints == []


def test_list_and_drawn_map_point_at_each_other(visit: Visit) -> None:
    page = visit.open(f"/kaart/?gemeente={CITY}")
    page.focus(f"tr[data-code={BUURT}] a")
    border = page.get_attribute(f"#kaartbeeld a[data-code={BUURT}] path", "d")
    assert page.get_attribute("#kaartbeeld .oplicht", "d") == border
    name = page.inner_text(f"tr[data-code={BUURT}] a")
    assert name in page.inner_text("#kaartje")
    page.keyboard.press("Escape")
    assert page.locator("#kaartbeeld .oplicht").count() == 0
    page.hover(f"#kaartbeeld a[data-code={BUURT}]", force=True)
    assert "actief" in page.get_attribute(f"tr[data-code={BUURT}]", "class")
    assert page.get_attribute("#kaartje a", "href") == f"/gebied/{BUURT}/"


def test_a_tap_shows_the_card_and_the_card_leads_on(chromium: Any, site: str) -> None:
    visit = Visit(chromium, site, width=390, height=844, has_touch=True)
    page = visit.open(f"/kaart/?gemeente={CITY}")
    page.locator(f"#kaartbeeld a[data-code={BUURT}]").scroll_into_view_if_needed()
    page.tap(f"#kaartbeeld a[data-code={BUURT}]", force=True)
    page.wait_for_selector("#kaartje a")
    assert "/kaart/" in page.url
    page.tap("#kaartje a")
    page.wait_for_url("**/gebied/**")
    visit.context.close()


def test_the_list_is_sifted_in_place_and_the_address_keeps_it(visit: Visit) -> None:
    page = visit.open("/kaart/")
    page.fill("#k-zoek", "sudwest")
    assert page.locator("#k-rijen tr:visible").all_inner_texts()[0].startswith("Súdwest-Fryslân")
    assert page.inner_text("#k-aantal") == "1"
    page.wait_for_url("**zoek=sudwest**")
    assert sum("/kaart/" in a for a in visit.asked) == 1  # no page was asked for anew
    page.fill("#k-zoek", "zzz")
    assert page.is_visible("#k-niets")
    page.fill("#k-zoek", "")
    page.select_option("#k-volgorde", "klasse")
    steps = page.evaluate("[...document.querySelectorAll('#k-rijen tr')].map(r => Number(r.dataset.k))")
    assert steps == sorted(steps, reverse=True)
    page.wait_for_url("**volgorde=klasse**")
    page.goto(page.url)
    page.wait_for_selector(READY)
    assert page.input_value("#k-volgorde") == "klasse"


def test_own_weights_by_keyboard_are_marked_and_in_the_address(visit: Visit) -> None:
    page = visit.open(f"/kaart/?gemeente={CITY}")
    page.focus("#kaart-weging summary")
    page.keyboard.press("Enter")
    page.focus("#w-onv")
    page.select_option("#w-onv", "3")
    page.click("#k-weging button")
    page.wait_for_selector("#kaart-kop >> text=dit is niet de Leefbaarometer")
    page.wait_for_url(lambda url: "gewicht=1%2C1%2C1%2C1%2C3" in url and "maat=eigen" in url)
    page.wait_for_function("document.title.startsWith('Uw eigen weging')")
    assert page.input_value("#w-onv") == "3"
    page.select_option("#k-maat", "total")
    page.wait_for_selector("#kaart-kop >> text=scoorden")
    # what was not touched stays
    page.wait_for_url(lambda url: "gewicht" not in url and f"gemeente={CITY}" in url)
    assert visit.complaints == []


def test_the_zooming_map_draws_the_same_areas_without_complaints(visit: Visit) -> None:
    page = visit.zoomed("/kaart/")
    assert visit.complaints == []
    assert [a for a in visit.asked if not a.startswith((visit.site, "data:"))] == []
    drawn = page.evaluate(
        "new Set(document.getElementById('kaart').kaart.queryRenderedFeatures({layers: ['gemeente-vlak']})"
        ".map(f => f.properties.code)).size"
    )
    assert drawn == 342
    assert page.locator("#k-rijen tr").count() == 342
    page.click("#k-inzoomen")  # the same button leads back
    page.wait_for_selector("#kaartbeeld a[data-code]")
    page.wait_for_url(lambda url: "plek=" not in url)
    assert page.is_hidden("#kaart")


def test_colours_on_the_map_are_the_published_classes(visit: Visit, packaged: Path) -> None:
    page = visit.zoomed(f"/kaart/?meting=lbm3-2024&maat=total&gemeente={CITY}")
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


def test_list_and_zooming_map_point_at_each_other(visit: Visit) -> None:
    page = visit.zoomed(f"/kaart/?gemeente={CITY}")
    page.focus(f"tr[data-code={BUURT}] a")
    visit.idle()
    page.wait_for_function(
        "document.getElementById('kaart').kaart.getFeatureState("
        f"{{source: 'buurt', sourceLayer: 'areas', id: '{BUURT}'}}).actief === true"
    )
    assert page.inner_text(f"tr[data-code={BUURT}] a") in page.inner_text("#kaartje")
    # the other way: a click on the area finds its row, and the card's link leads to the area
    page.keyboard.press("Escape")
    lon, lat = (float(page.get_attribute(f"tr[data-code={BUURT}]", f"data-{a}")) for a in ("lon", "lat"))
    point = page.evaluate(
        f"(() => {{ const p = document.getElementById('kaart').kaart.project([{lon}, {lat}]); return [p.x, p.y]; }})()"
    )
    page.locator("#kaart canvas").click(position={"x": point[0], "y": point[1]})
    page.wait_for_selector(f"tr[data-code={BUURT}].actief")
    assert "actief" in page.get_attribute(f"tr[data-code={BUURT}]", "class")
    assert page.get_attribute("#kaartje a", "href") == f"/gebied/{BUURT}/"
    assert "Overdie" in page.inner_text("#kaartje")


def test_level_and_list_follow_the_zoom(visit: Visit) -> None:
    page = visit.zoomed("/kaart/?meting=lbm3-2024")
    page.evaluate("document.getElementById('kaart').kaart.jumpTo({center: [4.75, 52.62], zoom: 12})")
    page.wait_for_selector(f"tr[data-code={BUURT}]")
    assert page.inner_text("#k-eenheid") == "buurten"
    page.wait_for_url("**plek=12/**")


def test_another_choice_keeps_place_and_address(visit: Visit) -> None:
    page = visit.zoomed("/kaart/#plek=10/52.62/4.75")
    page.select_option("#k-meting", "lbm2-2002-2016")
    page.wait_for_selector("#kaart-kop >> text=tussen 2002 en 2016")
    page.wait_for_url(lambda url: "meting=lbm2-2002-2016" in url and "plek=10/52.62/4.75" in url)
    visit.idle()
    page.wait_for_selector("tr[data-code='1813']")  # postcode of Overdie, by the list of 2007
    assert page.evaluate("document.activeElement.id") in {"k-meting", ""}
    page.go_back()
    page.wait_for_selector("#kaart-kop >> text=Leefbaarometer 3.0")
    assert visit.complaints == []


@pytest.mark.parametrize("zooming", [False, True])
def test_keyboard_reaches_the_list(visit: Visit, zooming: bool) -> None:
    page = visit.zoomed("/kaart/") if zooming else visit.open("/kaart/")
    for _press in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('#k-rijen'))"):
            break
    else:
        pytest.fail("forty tabs did not reach the list")
    assert page.is_visible("#kaartje")


def test_the_page_is_whole_without_javascript(chromium: Any, site: str) -> None:
    visit = Visit(chromium, site, java_script_enabled=False)
    page = visit.page
    page.goto(f"{site}/kaart/")
    assert page.locator("#kaartbeeld a[data-code]").count() == 342
    page.select_option("#k-gemeente", CITY)
    page.click("#kaart-keuze button")
    page.wait_for_url(f"**gemeente={CITY}**")
    assert page.locator(f"tr[data-code={BUURT}]").count() == 1
    page.fill("#k-zoek", "overdie")
    page.click(".lijstkeuze button")
    page.wait_for_url("**zoek=overdie**")
    names = page.locator("#k-rijen tr:visible th").all_inner_texts()
    assert names and all("overdie" in name.lower() for name in names)
    assert f"gemeente={CITY}" in page.url
    page.click("#kaart-weging summary")
    page.select_option("#w-onv", "0")
    page.click("#k-weging button")
    page.wait_for_url("**maat=eigen**")
    assert f"gemeente={CITY}" in page.url
    assert "dit is niet de Leefbaarometer" in page.inner_text("#kaart-kop")
    visit.context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "address",
    [  # `/kaart/` itself is one of the page types
        f"/kaart/?meting=lbm2-2002-2016&gemeente={CITY}",
        f"/kaart/?maat=eigen&gewicht=1,2,0,1,3&gemeente={CITY}",
        "/kaart/?meting=kerncijfers-2020",
        "/kaart/#plek=10/52.62/4.75",
    ],
)
def test_axe_finds_nothing(chromium: Any, site: str, axe: str, width: int, address: str) -> None:
    visit = Visit(chromium, site, width=width, height=844)
    page = visit.zoomed(address) if "plek=" in address else visit.open(address)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    visit.context.close()


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_sticks_out_on_a_narrow_screen(chromium: Any, site: str, width: int) -> None:
    visit = Visit(chromium, site, width=width, height=700)
    for address in ("/kaart/", f"/kaart/?maat=eigen&gemeente={CITY}", "/kaart/?meting=kerncijfers-2020"):
        page = visit.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    visit.context.close()
