# SPDX-License-Identifier: EUPL-1.2
"""The explorer by keyboard, with and without JavaScript: choose, switch view, walk past areas, keep a figure."""

from __future__ import annotations

import base64
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OVERDIE = "/verkenner/?gebied=WK036103&gebied=GM0361&onderwerp=lbm2-klasse"


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_areas_and_an_indicator_are_chosen_by_keyboard_alone(
    chromium: Any, site: str, width: int, javascript: bool
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=javascript)
    page = context.new_page()
    page.goto(f"{site}/verkenner/")
    for code in ("WK036103", "GM0361"):
        page.focus("#erbij")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        page.wait_for_selector(f'input[name="gebied"][value="{code}"]', state="attached")
    page.focus("#onderwerp")
    page.keyboard.type("Leefbaarheid 2.0: klasse")
    assert page.input_value("#onderwerp") == "lbm2-klasse"
    page.focus("#toon")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "gebied=WK036103&gebied=GM0361&onderwerp=lbm2-klasse" in url)
    page.wait_for_selector("#lijn-1 .loop")
    assert page.locator("#lijn-1 .loop").count() == 2
    context.close()


def test_a_view_is_switched_in_place_and_the_way_back_works(chromium: Any, site: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{site}{OVERDIE}&beeld=lijn")
    page.evaluate("window.samePage = true")
    page.focus("#beeld-panelen")
    page.keyboard.press("Space")
    page.wait_for_selector("#panelen-1")
    assert page.evaluate("window.samePage") is True
    page.wait_for_url("**beeld=panelen**")
    page.wait_for_function("document.activeElement.id === 'beeld-panelen'")
    page.wait_for_function("document.getElementById('melding').textContent.includes('vernieuwd')")
    page.go_back()
    page.wait_for_selector("#panelen-1", state="detached")
    page.wait_for_selector("#lijn-1")
    page.close()


def test_the_same_area_lights_up_in_every_view(chromium: Any, site: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    query = "alle=buurten-GM0014&onderwerp=lbm3-soc&tegen=lbm3-onv&beeld=spreiding&beeld=kaart"
    page.goto(f"{site}/verkenner/?{query}")
    code = page.get_attribute("#spreiding .loop", "data-gebied")
    page.focus(f'tr[data-gebied="{code}"] a')
    for place in ("#spreiding .loop", "#kaart-1 .vlak", "#kaart-2 .vlak", "tr"):
        page.wait_for_selector(f"{place}.uitgelicht", state="attached")
        assert page.locator(f"{place}.uitgelicht").count() == 1, place
    page.focus("#spreiding .doek")
    page.keyboard.press("ArrowRight")
    first = page.locator("tr.uitgelicht").get_attribute("data-gebied")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "first => document.querySelector('tr.uitgelicht')?.dataset.gebied !== first", arg=first
    )
    assert page.locator("tr.uitgelicht").get_attribute("data-gebied") != first
    assert page.locator("#spreiding .aangewezen").inner_text()
    page.close()


def test_a_figure_is_kept_as_png_in_the_colours_of_the_site(chromium: Any, site: str, tmp_path: Path) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{site}{OVERDIE}&beeld=lijn")
    page.focus("button.als-png")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    target = tmp_path / "figuur.png"
    waiting.value.save_as(target)
    assert target.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    # the page itself looks at the picture: the accent colour is in it, so the style came along
    blue = page.evaluate(
        """async (text) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes], {type: 'image/png'}));
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
          const pen = canvas.getContext('2d');
          pen.drawImage(bitmap, 0, 0);
          const dots = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
          let found = 0;
          for (let i = 0; i < dots.length; i += 4)
            if (dots[i] === 0x1b && dots[i + 1] === 0x4f && dots[i + 2] === 0x7a) found += 1;
          return found;
        }""",
        base64.b64encode(target.read_bytes()).decode(),
    )
    assert blue > 100
    page.close()


def test_another_site_shows_the_embedded_figure_in_a_frame(chromium: Any, site: str) -> None:
    address = f"{site}/verkenner/inbedden/?gebied=WK036103&onderwerp=lbm2-klasse&taal=en"
    text = f'<!doctype html><title>x</title><iframe src="{address}" width="600" height="560"></iframe>'

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{other.server_port}/")
        frame = page.frame_locator("iframe")
        assert "Overdie" in frame.locator("h1").inner_text()
        assert frame.locator("#lijn-1 svg").is_visible()
        page.close()
        other.shutdown()
