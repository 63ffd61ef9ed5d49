# SPDX-License-Identifier: EUPL-1.2
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources import ingest_file
from krachtwijk.sources.clients import Fetched, Web, fetch_leefbaarometer
from krachtwijk.warehouse import Warehouse

from .conftest import Reply, Service

LAYER = "lbm3-buurtscore24.json"


def part(service: Service, first: int, last: int) -> Reply:
    """Features first..last of the layer, as the service pages them."""
    content = json.loads(service.read(LAYER))
    content["features"] = content["features"][first:last]
    return Reply(json.dumps(content | {"numberReturned": len(content["features"])}))


@pytest.fixture
def layer(service: Service, web: Web) -> Callable[..., Fetched]:
    for start in (0, 2, 4):
        service.say(f"/ows?startIndex={start}", part(service, start, start + 2))
    return lambda name="lbm3:buurtscore24", **change: fetch_leefbaarometer(
        replace(web, **change), name, base=f"{service.base}/ows", page=2
    )


def test_a_layer_is_fetched_page_by_page_and_taken_in_like_a_file(
    layer: Callable[..., Fetched], service: Service, warehouse: Warehouse, packaged: Path, tmp_path: Path
) -> None:
    told: list[tuple[int, int | None]] = []
    made = layer(progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert all("sortBy=id" in asked and "typeNames=lbm3%3Abuurtscore24" in asked for asked in service.asked)
    outcome = ingest_file(warehouse, made.path)
    assert (outcome.source, outcome.rows, outcome.kept, outcome.warnings) == ("lbm3", 5, 5, [])

    from_file = Warehouse(tmp_path / "other")
    ingest_file(from_file, packaged / "leefbaarometer/lbm3-buurt-2024.csv.gz")
    keys = ["level", "area", "geo_year", "period", "indicator", "value", "status"]
    live = warehouse.observations().select(keys).collect()
    assert live.height == 5 * 13  # afw and five dimensions, and a class for each of these and for the score
    assert (
        live.join(from_file.observations().select(keys).collect(), on=keys, nulls_equal=True).height
        == live.height
    )
    assert live.filter(pl.col("status") != "ok").is_empty()


def test_a_service_that_gives_fewer_than_asked_is_asked_on(service: Service, web: Web) -> None:
    for start in (0, 2, 4):
        service.say(f"/ows?startIndex={start}", part(service, start, start + 2))
    assert fetch_leefbaarometer(web, "buurtscore24", base=f"{service.base}/ows", page=1000).rows == 5


def test_a_second_fetch_asks_nothing(layer: Callable[..., Fetched], service: Service) -> None:
    assert layer() == layer()
    assert len(service.asked) == 3


def test_a_layer_that_was_renamed_by_the_service_is_told(service: Service, web: Web) -> None:
    """Layer names change between releases (`v_lbm_2024_buurt` became `buurtscore24`)."""
    unknown = "<ows:ExceptionText>Feature type lbm3:buurtscore24 unknown</ows:ExceptionText>"
    for reply in (Reply(unknown, 400, "application/xml"), Reply(unknown, 200, "application/xml")):
        service.say("/ows", reply)
        with pytest.raises(KrachtwijkError, match="Feature type lbm3:buurtscore24 unknown"):
            fetch_leefbaarometer(web, "buurtscore24", base=f"{service.base}/ows")


@pytest.mark.parametrize("name", ["v_lbm_2024_buurt", "score24_schaalafhankelijk", "buurtscore"])
def test_other_layers_are_refused_without_asking(
    layer: Callable[..., Fetched], service: Service, name: str
) -> None:
    """The scale-dependent layer silently gives wijken when asked from afar."""
    with pytest.raises(KrachtwijkError, match=f"Laag {name} kennen wij niet"):
        layer(name)
    assert service.asked == []


def test_an_empty_answer_with_code_200_is_an_error(service: Service, web: Web) -> None:
    service.say("/ows", Reply(""))
    with pytest.raises(KrachtwijkError, match="leeg antwoord"):
        fetch_leefbaarometer(web, "buurtscore24", base=f"{service.base}/ows")


@pytest.mark.parametrize("column", ["afw", "kscore", "onv", "id", "year"])
def test_a_field_that_is_gone_is_named(
    layer: Callable[..., Fetched], service: Service, web: Web, column: str
) -> None:
    body = part(service, 2, 4).body.replace(f'"{column}":', f'"{column}_nieuw":')
    if column == "id":  # the feature itself keeps its id
        body = body.replace('"id_nieuw": "buurtscore24', '"id": "buurtscore24')
    service.say("/ows?startIndex=2", Reply(body))
    with pytest.raises(KrachtwijkError, match=rf"In tabel lbm3:buurtscore24 ontbreekt kolom {column} \("):
        layer()
    assert not list(web.folder.glob("*.geojson"))


def test_another_level_than_asked_is_refused(layer: Callable[..., Fetched], service: Service) -> None:
    body = part(service, 0, 2).body.replace('"scale": "buurt"', '"scale": "wijk"')
    service.say("/ows?startIndex=0", Reply(body))
    with pytest.raises(KrachtwijkError, match="niveau wijk in plaats van buurt"):
        layer()


def test_a_service_that_ignores_the_page_is_noticed(layer: Callable[..., Fetched], service: Service) -> None:
    service.say("/ows?startIndex=2", part(service, 0, 2))
    with pytest.raises(KrachtwijkError, match="een gebied komt twee keer voor"):
        layer()


def test_fewer_areas_than_the_service_counts_is_refused(
    layer: Callable[..., Fetched], service: Service, web: Web
) -> None:
    service.say("/ows?startIndex=4", part(service, 5, 5))
    with pytest.raises(KrachtwijkError, match="4 van 5 gebieden"):
        layer()
    assert not list(web.folder.glob("*.geojson"))
