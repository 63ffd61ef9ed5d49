# SPDX-License-Identifier: EUPL-1.2
"""Every page type in a real browser: for axe, on the narrowest phone, with wide letters, on paper, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: One of each kind of page and of each state a kind can be in; what the map does is tested in a file of its own.
PAGES = (
    "/",
    "/gebied/",
    "/gebied/?q=overdei",
    "/gebied/?q=centrum",
    "/gebied/?q=qqqqxyz",
    "/gebied/?q=1825+AB",
    "/gebied/NL/",
    "/gebied/PV27/",
    "/gebied/GM0361/",
    "/gebied/SD0363A/",
    "/gebied/WK036103/",
    "/gebied/BU03610300/",
    "/gebied/BU03630000/",
    "/gebied/1813/",
    "/gebied/E2303N5800/",
    "/kaart/",
    "/kaart/?gemeente=GM0361&maat=eigen",
    "/programma/",
    "/programma/krachtwijken-2007/",
    "/programma/krachtwijken-2007/?onderwerp=gez-eenzaam",
    "/programma/krachtwijken-2007/?volgorde=verandering",
    "/programma/krachtwijken-2007/AW01/",
    "/programma/nplv-2022/",
    "/programma/nplv-2022/NPLV01/",
    "/stad/",
    "/stad/GM0363/",
    "/thema/",
    "/thema/veiligheid/",
    "/vergelijk/",
    "/vergelijk/?gebied=WK036103&gebied=WK036108",
    "/vergelijk/?gebied=GM0363&gebied=GM0599&gebied=GM0518&gebied=GM0344&gebied=GM0361&gebied=bestaatniet",
    "/eigen-gebied/",
    "/eigen-gebied/?gemeente=GM0361&gebied=BU03610300&gebied=BU03610302",
    "/zekerheid/",
    "/zekerheid/?gebieden=pc4",
    "/zekerheid/WK036103/",
    "/waterbed/",
    "/waterbed/krachtwijken-2007/",
    "/waterbed/nplv-2022/",
    "/effect/krachtwijken-2007/",
    "/methode/waterbed/",
    "/waarschuwing/",
    "/waarschuwing/?gebieden=wijk",
    "/bewoners-of-buurt/",
    "/verkenner/",
    "/verkenner/?gebied=WK036103&gebied=GM0361&onderwerp=lbm2-klasse&beeld=lijn&beeld=panelen",
    "/verkenner/?alle=buurten-GM0014&onderwerp=lbm3-soc&tegen=lbm3-onv&beeld=spreiding&beeld=kaart",
    "/verkenner/?alle=programma-krachtwijken-2007&onderwerp=verschil-lbm2-klasse&beeld=panelen&beeld=lijn",
    "/verkenner/?erbij=centrum&onderwerp=inwoners",
    "/verkenner/inbedden/?gebied=WK036103&onderwerp=lbm2-klasse",
    "/methode/",
    "/methode/leefbaarometer/",
    "/methode/gebieden/",
    "/methode/velden/",
    "/methode/velden/?zoek=geheim",
    "/methode/velden/groep/klassen/",
    "/methode/velden/groep/tabel-uitkomsten/",
    "/methode/velden/groep/thema-wonen/",
    "/methode/velden/lbm3-soc/",
    "/bronnen/",
    "/downloads/",
    "/errata/",
    "/over/toegankelijkheid/",
    "/over/privacy/",
    "/over/contact/",
    "/klopt-dit-niet/?pagina=/bronnen/",
    "/inloggen/",
    "/gebied/XX/",
    "/bestaat-niet/",
)
#: Tests that the addresses are dealt out over, so that workers share them.
PARTS = 4
#: Target size (2.5.8) is the one rule of WCAG 2.2 AA that axe leaves out unless asked.
AXE = "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
#: The distances of WCAG 1.4.12, which a reader may set.
SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; } p { margin-bottom: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
#: Stops of the keyboard whose focus a reader would not see: no outline, no size, or something on top.
UNSEEN = """() => {
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(e => !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && e.checkVisibility());
  const wrong = [];
  for (const stop of stops.filter((_, i) => stops.length < 150 || i < 60 || i % 10 === 0)) {
    stop.focus();
    if (document.activeElement !== stop) continue;
    const style = getComputedStyle(stop);
    const box = [...stop.getClientRects()].find(b => b.width && b.height);
    const drawn = style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2;
    const ownWay = stop.closest('svg') !== null;  // an area of a map lights up along its border
    if (!drawn && !ownWay) wrong.push('no outline: ' + stop.outerHTML.slice(0, 90));
    if (!box || ownWay) continue;
    stop.scrollIntoView({block: 'nearest'});
    const now = [...stop.getClientRects()].find(b => b.width && b.height);
    const top = document.elementFromPoint(now.left + Math.min(8, now.width / 2), now.top + now.height / 2);
    if (top && !stop.contains(top) && !top.contains(stop)) wrong.push('covered: ' + stop.outerHTML.slice(0, 90));
  }
  return wrong;
}"""


def wide(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.fixture
def addresses(chromium: Any, site: str) -> Iterator[tuple[str, ...]]:
    """The list, with an edition of today's data."""
    page = chromium.new_page()
    page.goto(site + "/bronnen/")
    edition = page.get_attribute("tbody th a", "href")
    page.close()
    yield (*PAGES, edition)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_type(
    chromium: Any, site: str, axe: str, addresses: tuple[str, ...], width: int, part: int
) -> None:
    """On a phone and a desktop: axe, nothing sticks out (320 px; 200 % zoom; wide letters), each stop is seen."""
    page = chromium.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found: list[object] = []
    for address in addresses[part::PARTS]:
        page.goto(site + address)
        if address.startswith("/kaart/"):
            page.wait_for_selector("html[data-kaart=klaar]", timeout=60_000)
        page.evaluate(axe)
        violations = page.evaluate(AXE)["violations"]
        found += [(address, v["id"], [n["target"] for n in v["nodes"]][:3]) for v in violations]
        page.keyboard.press("Tab")  # from here on the focus is a keyboard's
        found += [(address, stop) for stop in page.evaluate(UNSEEN)]
        # the narrowest phone, and a screen of 1280 at 200 %
        page.set_viewport_size({"width": 320 if width < 600 else 640, "height": 900})
        found += [(address, "wide")] if wide(page) else []
        page.evaluate(SPACING)
        found += [(address, "wide with wide letters")] if wide(page) else []
        page.set_viewport_size({"width": width, "height": 900})
    page.close()
    assert found == []
    assert [text for text in complaints if "404" not in text] == []


def test_paper_cuts_nothing_off(chromium: Any, site: str) -> None:
    page = chromium.new_page(viewport={"width": 680, "height": 1000})  # A4 within margins of 15 mm
    page.emulate_media(media="print")
    cut = []
    for address in (
        "/programma/krachtwijken-2007/",
        "/programma/krachtwijken-2007/AW01/",
        "/gebied/BU03610300/",
        "/gebied/1813/",
        "/stad/GM0363/",
        "/vergelijk/?gebied=WK036103&gebied=WK036108",
    ):
        page.goto(site + address)
        if page.evaluate("document.documentElement.scrollWidth") > 680:
            cut.append(address)
    page.close()
    assert cut == []


def test_classes_keep_their_colours_where_a_reader_forces_colours(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    page.emulate_media(forced_colors="active")
    page.goto(site + "/gebied/GM0361/")
    swatch = """step => {
      const at = document.querySelector(`.klasse-${step}`);
      return at && getComputedStyle(at, '::before').backgroundColor;
    }"""
    shown = {step: page.evaluate(swatch, step) for step in range(1, 10)}
    colours = {step: colour for step, colour in shown.items() if colour}
    assert len(colours) >= 3
    assert len(set(colours.values())) == len(colours)
    ladder = page.evaluate(
        "[...document.querySelectorAll('.trap li')].map(e => getComputedStyle(e).borderTopColor)"
    )
    assert len(set(ladder)) == 9
    # and each has its word beside it
    assert all(text.strip() for text in page.locator(".trap li").all_inner_texts())
    page.close()


def test_nothing_moves_for_who_asked_for_stillness(chromium: Any, site: str) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site + "/kaart/?gemeente=GM0361")
    page.evaluate(
        "(() => { const s = new CSSStyleSheet(); s.replaceSync('.kop { transition: opacity 5s }');"
        " document.adoptedStyleSheets = [s]; })()"
    )
    assert page.evaluate("getComputedStyle(document.querySelector('.kop')).transitionProperty") == "none"
    context.close()


def test_the_keyboard_skips_to_the_content_and_focus_can_be_seen(chromium: Any, site: str) -> None:
    page = chromium.new_page()
    page.goto(site + "/gebied/BU03610300/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#inhoud"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#inhoud'")
    page.keyboard.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


def test_the_language_changes_without_javascript_and_the_page_stays(chromium: Any, site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/programma/krachtwijken-2007/?venster=2008-2016")
    page.click(".taal button")
    page.wait_for_selector("html[lang=en]")
    assert page.url.endswith("/programma/krachtwijken-2007/?venster=2008-2016")
    assert "between 2008 and 2016" in page.inner_text("h1")
    context.close()
