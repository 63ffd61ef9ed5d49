# SPDX-License-Identifier: EUPL-1.2
import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.clients import Fetched, Web, fetch_cbs3, fetch_cbs4
from krachtwijk.sources.clients.odata import stem
from krachtwijk.sources.tidy import Target, tidy
from krachtwijk.warehouse.tables import read_table

from .conftest import Reply, Service

KWB, HEALTH = "85984NED", "50090NED"


@pytest.fixture
def cbs4(service: Service, web: Web) -> Callable[..., Fetched]:
    service.say(f"/{KWB}/Properties", "cbs4-properties.json")
    service.say(f"/{KWB}/Dimensions", "cbs4-dimensions.json")
    service.say(f"/{KWB}/MeasureCodes", "cbs4-measures.json")
    service.say(f"/{KWB}/Observations", "cbs4-page1.json")
    service.say(f"/{KWB}/Observations?$skip=20", "cbs4-page2.json")
    return lambda where="", **change: fetch_cbs4(replace(web, **change), KWB, where, base=service.base)


@pytest.fixture
def cbs3(service: Service, web: Web) -> Callable[..., Fetched]:
    service.say(f"/ODataApi/odata/{HEALTH}/TableInfos", "cbs3-info.json")
    service.say(f"/ODataApi/odata/{HEALTH}/DataProperties", "cbs3-properties.json")
    service.say(f"/ODataFeed/odata/{HEALTH}/UntypedDataSet", "cbs3-page1.json")
    service.say(f"/ODataFeed/odata/{HEALTH}/UntypedDataSet?$skip=2", "cbs3-page2.json")
    return lambda where="", **change: fetch_cbs3(replace(web, **change), HEALTH, where, base=service.base)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def results(web: Web) -> list[str]:
    return [p.name for p in web.folder.iterdir() if p.is_file()] if web.folder.exists() else []


def test_version_4_becomes_a_table_as_statline_gives_it(cbs4: Callable[..., Fetched], packaged: Path) -> None:
    told: list[tuple[int, int | None]] = []
    made = cbs4(progress=lambda done, total: told.append((done, total)))
    assert made.path.name == "cbs4-85984NED-2024.csv"  # the rows carry no period, the title does
    assert (made.rows, made.offline, made.notices) == (3, False, ())
    assert told == [(20, 32), (32, 32)]
    published = read_table(packaged / "cbs-kwb/kwb-2024-85984NED-buurt-11cols.csv.gz").frame
    known = {row["WijkenEnBuurten"].strip(): row for row in published.to_dicts()}
    for row in rows(made.path)[:2]:
        official = known[row["WijkenEnBuurten"]]
        assert float(row["AantalInwoners_1"]) == float(official["AantalInwoners_5"])
        assert float(row["k_65JaarOfOuder_11"]) == float(official["k_65JaarOfOuder_12"])


def test_value_attribute_becomes_a_status(cbs4: Callable[..., Fetched]) -> None:
    """An empty cell says why it is empty; none of the reasons is a number (quirk 4)."""
    table = read_table(cbs4().path)
    names = [c for c in table.columns if c.startswith(("Gemiddelde", "k_0", "k_15", "Huishoudens", "Mate"))]
    reading = tidy(
        table,
        code=pl.col("WijkenEnBuurten"),
        columns={name: Target(name.rsplit("_", 1)[0], "2024") for name in names},
        geo_year=2024,
    )
    found = {
        r["indicator"]: (r["value"], r["status"])
        for r in reading.observations.to_dicts()
        if r["area"] == "BU03440112"
    }
    assert found["HuishoudensTotaal"] == (1545.0, "ok")
    assert found["GemiddeldeHuishoudensgrootte"] == (None, "not_applicable")
    assert found["k_0Tot15Jaar"] == (None, "secret")
    assert found["k_15Tot25Jaar"] == (None, "missing")
    assert found["MateVanStedelijkheid"] == (None, "not_applicable")  # no observation at all


def test_a_title_that_comes_twice_carries_its_measure_code(
    cbs4: Callable[..., Fetched], service: Service
) -> None:
    """Quirk 7: `Appartement` is two topics, told apart by a number that differs between the versions."""
    twice = service.read("cbs4-measures.json").replace(
        '"value": [', '"value": [{"Identifier": "M9_2", "Title": "0 tot 15 jaar"},'
    )
    service.say(f"/{KWB}/MeasureCodes", Reply(twice))
    header = set(rows(cbs4().path)[0])
    assert {"k_0Tot15Jaar_10680", "HuishoudensTotaal_6"} <= header
    assert "k_0Tot15Jaar_M9-2" not in header  # no figures at all


def test_an_unknown_value_attribute_is_told(cbs4: Callable[..., Fetched], service: Service) -> None:
    body = service.read("cbs4-page2.json").replace("Confidential", "Provisional")
    service.say(f"/{KWB}/Observations?$skip=20", Reply(body))
    assert "'Provisional'" in cbs4().notices[0]


def test_version_3_equals_the_packaged_file_of_the_same_table(
    cbs3: Callable[..., Fetched], packaged: Path
) -> None:
    made = cbs3()
    assert made.path.name == "cbs3-50090NED.csv"
    published = read_table(packaged / "rivm-gezondheid/gezondheid-2020-50090NED-18plus.csv.gz")
    assert read_table(made.path).columns == published.columns
    official = {row["ID"]: row for row in published.frame.drop("__line").to_dicts()}
    assert [official[row["ID"]] for row in rows(made.path)] == rows(made.path)
    assert made.rows == 3


@pytest.mark.parametrize("client", ["cbs4", "cbs3"])
def test_a_second_fetch_asks_only_whether_the_table_was_renewed(
    client: str, request: pytest.FixtureRequest, service: Service
) -> None:
    fetch = request.getfixturevalue(client)
    first = fetch()
    before = len(service.asked)
    second = fetch()
    assert (first.path, first.rows) == (second.path, second.rows)
    assert len(service.asked) == before + 1


@pytest.mark.parametrize("client", ["cbs4", "cbs3"])
def test_an_interrupted_fetch_goes_on_where_it_was(
    client: str, request: pytest.FixtureRequest, service: Service, web: Web
) -> None:
    fetch = request.getfixturevalue(client)

    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(progress=stop)
    assert results(web) == []  # nothing half written
    first_page = [a for a in service.asked if "Observations" in a or "UntypedDataSet" in a]
    made = fetch()
    again = [a for a in service.asked if "Observations" in a or "UntypedDataSet" in a]
    assert made.rows == 3
    assert (len(first_page), len(again)) == (1, 2)


def test_a_renewed_table_does_not_mix_with_pages_of_the_old_one(
    cbs4: Callable[..., Fetched], service: Service
) -> None:
    cbs4()
    renewed = service.read("cbs4-properties.json").replace("202511030200", "202611030200")
    service.say(f"/{KWB}/Properties", Reply(renewed))
    service.say(
        f"/{KWB}/Observations",
        Reply(service.read("cbs4-page1.json").replace('"Value": 4745.0', '"Value": 4800.0')),
    )
    assert rows(cbs4().path)[0]["AantalInwoners_1"] == "4800.0"


def test_without_network_the_kept_table_serves_and_says_so(
    cbs4: Callable[..., Fetched], service: Service
) -> None:
    online = cbs4()
    service.replies = {path: [Reply("", 503)] for path in service.replies}
    away = cbs4()
    assert away.path.read_bytes() == online.path.read_bytes()
    assert away.offline
    assert "bewaarde kopie" in away.notices[0]


def test_a_filter_is_passed_on_and_gets_a_file_of_its_own(
    cbs4: Callable[..., Fetched], service: Service
) -> None:
    where = "startswith(WijkenEnBuurten,'BU0344')"
    service.say(f"/{KWB}/Observations?$filter={where}", "cbs4-page2.json")
    made = cbs4(where)
    assert made.rows == 2
    assert made.path.name.startswith("cbs4-85984NED-2024-")
    assert not any(c.isdigit() for c in made.path.stem.rsplit("-", 1)[1])


def test_a_measure_that_the_catalogue_reads_and_is_gone_is_one_clear_error(
    cbs4: Callable[..., Fetched], service: Service, web: Web
) -> None:
    renamed = service.read("cbs4-measures.json").replace('"Aantal inwoners"', '"Bevolking"')
    service.say(f"/{KWB}/MeasureCodes", Reply(renamed))
    with pytest.raises(KrachtwijkError, match="In tabel 85984NED ontbreekt kolom AantalInwoners_5"):
        cbs4()
    assert results(web) == []


@pytest.mark.parametrize("field", ["ValueAttribute", "Measure", "Value", "WijkenEnBuurten"])
def test_a_field_of_version_4_that_is_gone_is_named(
    cbs4: Callable[..., Fetched], service: Service, web: Web, field: str
) -> None:
    body = service.read("cbs4-page2.json").replace(f'"{field}"', f'"{field}2"')
    service.say(f"/{KWB}/Observations?$skip=20", Reply(body))
    with pytest.raises(KrachtwijkError, match=f"85984NED/Observations ontbreekt kolom {field}"):
        cbs4()
    assert results(web) == []


def test_a_column_of_version_3_that_is_gone_is_named(
    cbs3: Callable[..., Fetched], service: Service, web: Web
) -> None:
    body = service.read("cbs3-page2.json").replace('"Eenzaam_28"', '"Eenzaam_29b"')
    service.say(f"/ODataFeed/odata/{HEALTH}/UntypedDataSet?$skip=2", Reply(body))
    with pytest.raises(KrachtwijkError, match="In tabel 50090NED ontbreekt kolom Eenzaam_28"):
        cbs3()
    assert results(web) == []


def test_a_measure_without_a_description_is_named(cbs4: Callable[..., Fetched], service: Service) -> None:
    service.say(
        f"/{KWB}/Observations?$skip=20", Reply(service.read("cbs4-page2.json").replace("80200", "80201"))
    )
    with pytest.raises(KrachtwijkError, match="85984NED/MeasureCodes ontbreekt kolom 80201"):
        cbs4()


def test_fewer_figures_than_the_table_states_is_refused(
    cbs4: Callable[..., Fetched], service: Service, web: Web
) -> None:
    service.say(f"/{KWB}/Properties", Reply(service.read("cbs4-properties.json").replace("32", "33")))
    with pytest.raises(KrachtwijkError, match="kwamen 32 van 33 cijfers binnen"):
        cbs4()
    assert results(web) == []


def test_a_figure_that_comes_twice_is_refused(cbs4: Callable[..., Fetched], service: Service) -> None:
    twice = service.read("cbs4-page2.json").replace('"Measure": "80200"', '"Measure": "53715"')
    service.say(f"/{KWB}/Observations?$skip=20", Reply(twice))
    with pytest.raises(KrachtwijkError, match="dubbel"):
        cbs4()


@pytest.mark.parametrize(
    "onward",
    ["{base}/85984NED/Observations", "http://elders.example/85984NED/Observations?$skip=20"],
    ids=["to itself", "to another server"],
)
def test_a_next_page_that_loops_or_leads_away_is_refused(
    cbs4: Callable[..., Fetched], service: Service, web: Web, onward: str
) -> None:
    body = service.read("cbs4-page1.json").replace(
        f"{service.base}/{KWB}/Observations?$skip=20", onward.replace("{base}", service.base)
    )
    service.say(f"/{KWB}/Observations", Reply(body))
    with pytest.raises(KrachtwijkError, match="bladzijden van tabel 85984NED lopen niet goed door"):
        cbs4()
    assert results(web) == []


def test_empty_pages_without_end_are_refused(cbs4: Callable[..., Fetched], service: Service) -> None:
    service.say(
        f"/{KWB}/Observations",
        Reply('{"value": [], "@odata.nextLink": "Observations?$skip=100000"}'),
    )
    with pytest.raises(KrachtwijkError, match="lopen niet goed door"):
        cbs4()
    assert sum("Observations" in asked for asked in service.asked) == 1


def test_a_filter_that_finds_nothing_is_told(cbs3: Callable[..., Fetched], service: Service) -> None:
    service.say(f"/ODataFeed/odata/{HEALTH}/UntypedDataSet", Reply('{"value": []}'))
    with pytest.raises(KrachtwijkError, match="geen enkele regel"):
        cbs3("Perioden eq '1999JJ00'")


def test_a_table_that_does_not_exist(service: Service, web: Web) -> None:
    with pytest.raises(KrachtwijkError, match="code 404"):
        fetch_cbs4(web, "99999NED", base=service.base)
    with pytest.raises(KrachtwijkError, match="geen tabelnummer"):
        fetch_cbs3(web, "../etc", base=service.base)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Aantal inwoners", "AantalInwoners"),
        ("0 tot 15 jaar", "k_0Tot15Jaar"),
        ("Ervaren gezondheid goed/zeer goed", "ErvarenGezondheidGoedZeerGoed"),
        ("Gem. gestandaardiseerd inkomen van huish.", "GemGestandaardiseerdInkomenVanHuish"),
    ],
)
def test_titles_become_the_names_that_statline_uses(title: str, name: str) -> None:
    """Names as in the headers of tables 85984NED, 50090NED and 84583NED."""
    assert stem(title) == name
