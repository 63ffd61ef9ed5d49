# SPDX-License-Identifier: EUPL-1.2
"""Warnings of single areas are on no public path: every public address is asked, and every list of tables read.

The figures of the table are numbers that stand nowhere else, so whatever gives one away is seen.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

import krachtwijk
from krachtwijk.catalogue import dictionary
from krachtwijk.warehouse import ResultInfo, Warehouse
from krachtwijk.web.apps.publication import selectors, urls
from krachtwijk.web.apps.publication.selectors.areas import known_areas
from krachtwijk.web.apps.publication.selectors.pages import made_at, public_pages
from krachtwijk.web.apps.publication.store import store

TABLE, RUN = "waarschuwing-pc4", "5ec5ec5ec5ec"
INFO = ResultInfo(TABLE, RUN, "waarschuwing-geheim", (), 0)
#: What would give the table away: its name (not those of the tables about it), its run, its rule, its figures.
SECRET = re.compile(
    rf"{TABLE}(?!-(?:toets|betrouwbaarheid|groep|model))|{RUN}|waarschuwing-geheim|0[.,]98765|98,765"
)
#: Of each public address an example for an area with a warning; a new address is named here first.
ADDRESSES: dict[str, tuple[str, ...]] = {
    "home": ("/", "/?csv=nederland"),
    "map": ("/kaart/?niveau=pc4", "/kaart/?gemeente=GM0361&laag=pc4"),
    "tiles": ("/tegels/waarschuwing-pc4.pmtiles", "/tegels/waarschuwing-pc4.geojson"),
    "search": ("/gebied/?q=1812", "/gebied/?q=waarschuwing"),
    "suggestions": ("/gebied/suggesties/?q=1812",),
    "area": ("/gebied/1812/", "/gebied/GM0361/", "/gebied/1812/?csv=waarschuwing"),
    "area_csv": tuple(
        f"/gebied/1812/{name}.csv" for name in ("kerncijfers", "scores", "ontwikkeling", TABLE)
    ),
    # a drawing cannot be searched for words; it is made of what the page of the area shows
    "area_sheet": (),
    "area_image": (),
    "own_area": ("/eigen-gebied/?gemeente=GM0361",),
    "own_area_csv": ("/eigen-gebied/cijfers.csv?gebied=BU03610300",),
    "compare": ("/vergelijk/?gebied=1812&gebied=1811",),
    "compare_csv": ("/vergelijk/cijfers.csv?gebied=1812&gebied=1811",),
    "cities": ("/stad/",),
    "city": ("/stad/GM0361/",),
    "themes": ("/thema/",),
    "theme": ("/thema/veiligheid/",),
    "certainty": ("/zekerheid/", "/zekerheid/?gebieden=pc4"),
    "certainty_area": ("/zekerheid/1812/",),
    "warning": (
        "/waarschuwing/",
        "/waarschuwing/?gebieden=pc4",
        "/waarschuwing/?csv=volgorde",
        "/waarschuwing/?taal=en",
    ),
    "displacements": ("/waterbed/",),
    "displacement": ("/waterbed/krachtwijken-2007/", "/waterbed/nplv-2022/"),
    "effect": ("/effect/krachtwijken-2007/", "/effect/nplv-2022/"),
    "residents": ("/bewoners-of-buurt/",),
    "explorer": (
        f"/verkenner/?gebied=1812&onderwerp={TABLE}",
        "/verkenner/?gebied=1812&onderwerp=probability&onderwerp=lbm2-total",
    ),
    "explorer_embed": (f"/verkenner/inbedden/?gebied=1812&onderwerp={TABLE}",),
    "explorer_file": tuple(
        f"/verkenner/figuur.{kind}?gebied=1812&onderwerp={TABLE}" for kind in ("svg", "csv", "json")
    ),
    "programmes": ("/programma/",),
    "programme": ("/programma/krachtwijken-2007/",),
    "programme_csv": (
        f"/programma/krachtwijken-2007/{TABLE}.csv",
        "/programma/krachtwijken-2007/uitkomsten.csv",
    ),
    "programme_area": ("/programma/krachtwijken-2007/AW01/",),
    "methods": ("/methode/",),
    "dictionary": ("/methode/velden/", "/methode/velden/?zoek=waarschuwing"),
    "dictionary_group": ("/methode/velden/groep/tabel-waarschuwing/",),
    "indicator": ("/methode/velden/inwoners/", "/methode/velden/probability/"),
    "method": ("/methode/waarschuwing/", "/methode/leefbaarometer/"),
    "sources": ("/bronnen/",),
    "source": ("/bronnen/lbm-geheim/",),
    "downloads": ("/downloads/",),
    "download": tuple(
        f"/downloads/{TABLE}.{kind}" for kind in ("csv", "csv-metadata.json", "parquet", "gpkg")
    ),
    "errata": ("/errata/",),
    "feed": ("/nieuw.atom",),
    "about": ("/over/privacy/",),
    "report": ("/klopt-dit-niet/?pagina=/waarschuwing/",),
    "sitemap": ("/sitemap.xml",),
    "robots": ("/robots.txt",),
    "site_image": (),
}


def secret_figures() -> pl.DataFrame:
    figures = (
        "probability",
        "expected",
        "low",
        "high",
        "score",
        "zero",
        "distance",
        "chance_below",
        "change",
        "neighbours",
    )
    rows = [
        {
            "area": code,
            "period": "2016",
            "horizon": 2,
            **dict.fromkeys(figures, 0.98765),
            "crossing": True,
            "flagged": True,
            "size": 98765,
            "reasons": "[]",
            "edition": "",
            "rule": INFO.rule,
            "run": RUN,
        }
        for code in ("1811", "1812", "3011")
    ]
    return pl.DataFrame(rows)


def link_of(built: Warehouse, home: Path) -> Warehouse:
    """The demonstration with a table of warnings of our own, and nothing of the demonstration changed."""
    for part in ("editions", "tiles"):
        (home / part).symlink_to(built.home / part)
    (home / "results").mkdir()
    for table in (built.home / "results").iterdir():
        if table.name != TABLE:
            (home / "results" / table.name).symlink_to(table)
    made = Warehouse(home)
    made.write_result(secret_figures(), replace(INFO, run="000000000000"))
    made.write_result(secret_figures().with_columns(probability=pl.lit(0.987654)), INFO)
    return made


@pytest.fixture(scope="module")
def whole(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return link_of(built, tmp_path_factory.mktemp("niet-openbaar"))


@pytest.fixture
def home(whole: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(whole.home))
    return whole


def test_every_public_address_is_asked() -> None:
    assert set(ADDRESSES) == {pattern.name for pattern in urls.urlpatterns}


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code in (200, 404, 302), (address, answer.status_code)
    content = answer.getvalue()
    answer.close()
    told = "".join(f"{name}: {text}\n" for name, text in answer.headers.items())
    # what was asked comes back in links and forms of a page: that is no answer
    asked = content.decode("utf-8", "replace")
    for part in re.findall(r"[a-z0-9.-]*waarschuwing-pc4[a-z0-9.-]*", address):
        asked = asked.replace(part, "") if answer.status_code == 200 and "?" in address else asked
    return told + (asked if answer.status_code == 200 else "")


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_no_public_address_gives_a_warning_away(name: str, home: Warehouse) -> None:
    client = Client()
    for address in ADDRESSES[name]:
        found = SECRET.search(body(client, address))
        assert found is None, (address, found)
    if name == "download":
        assert {client.get(a).status_code for a in ADDRESSES[name]} == {404}


def test_no_list_of_tables_or_changes_knows_it_and_the_desk_does(home: Warehouse) -> None:
    assert home.result_info(TABLE) is not None and any(c.table == TABLE for c in home.changes())
    assert TABLE not in store().names() and store().names()
    assert store().table(TABLE) is None
    assert TABLE not in {info.table for info in selectors.results()}
    assert TABLE not in {d.info.table for d in selectors.downloads()}
    assert TABLE not in {c.table for c in selectors.changes()}
    assert TABLE not in {name for names in selectors.tables_by_kind().values() for name in names}
    held = store().for_desks(TABLE)
    assert held is not None and held.frame.height == 3
    assert store().for_desks("lbm2-pc4") is None
    # when it was made is no sign either
    assert home.result_info(TABLE).made_at not in {*made_at()[0].values(), made_at()[1]}  # type: ignore[union-attr]
    at = {reverse(f"publication:{name}", args=args) for name, args, _ in public_pages()}
    assert "/waarschuwing/" in at and not [a for a in at if "waarschuwingen" in a]
    assert known_areas().today["1812"].gemeente == "GM0361"


def test_a_table_whose_name_only_begins_like_it_is_not_public_either() -> None:
    known = dictionary()
    assert not any(
        known.is_public(f"waarschuwing-{name}") for name in ("pc4", "wijk", "buurt", "pc4-2018", "pc4-lijst")
    )
    assert all(known.is_public(f"waarschuwing-pc4-{name}") for name in ("toets", "betrouwbaarheid", "groep"))
    assert known.is_public("lbm2-pc4")


def test_one_selector_opens_it_and_only_desks_use_that() -> None:
    """Read in the source: who else would open the table is seen here."""
    root = Path(krachtwijk.__file__).parent / "web"
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*.py")}
    pages = "apps/publication"
    assert {name for name, text in texts.items() if re.search(r"\bfor_desks|\bkept_for_desks", text)} == {
        f"{pages}/store.py",
        f"{pages}/selectors/warning_desk.py",
    }
    assert {
        name
        for name, text in texts.items()
        if "selectors.warning_desk" in text or "import warning_desk" in text
    } == {
        f"{pages}/services/warnings.py",
        f"{pages}/views/desk.py",
        f"{pages}/views/warning_desk.py",
    }
