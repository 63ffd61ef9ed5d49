# SPDX-License-Identifier: EUPL-1.2
"""The Leefbaarometer's map service (WFS 2.0.0): one layer per level and year, as GeoJSON."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.clients.fetched import Fetched, changed, fetched, filter_mark
from krachtwijk.sources.clients.web import Web, writing

SERVICE = "https://geo.leefbaarometer.nl/lbm3/ows"
PAGE = 1000

_DIMENSIONS = ("won", "fys", "vrz", "soc", "onv")
FIELDS = ("id", "name", "year", "kscore", "kafw", "afw", *_DIMENSIONS, *(f"k{d}" for d in _DIMENSIONS))
_LAYER = re.compile(r"(buurt|wijk|gemeente|pc4)score(\d\d)")


def fetch_leefbaarometer(
    web: Web, layer: str, where: str = "", *, base: str = SERVICE, page: int = PAGE
) -> Fetched:
    """All areas of a layer (`buurtscore24`, `wijkscore24`, …) as one GeoJSON file. ``where`` is a CQL filter.

    The scale-dependent layers are refused by name: they give another level than was asked, without saying so.
    """
    layer = layer.removeprefix("lbm3:")
    known = _LAYER.fullmatch(layer)
    if known is None:
        raise KrachtwijkError(
            f"Laag {layer} kennen wij niet",
            mend="Kies buurtscore24, wijkscore24, gemeentescore24 of pc4score24 (of een ander jaar); de dienst zelf "
            f"noemt zijn lagen op {base}?service=WFS&request=GetCapabilities",
        )
    level, year = known.groups()
    path = web.folder / f"lbm3-{level}-20{year}{filter_mark(where)}.geojson"
    features: dict[str, dict[str, Any]] = {}
    answers = []
    while True:
        url = f"{base}?{_query(layer, where, page, len(features))}"
        answer = web.json(url)
        answers.append((answer.fetched_at, answer.stale))
        received = answer.content.get("features")
        if not isinstance(received, list) or not all(isinstance(feature, dict) for feature in received):
            raise changed(f"lbm3:{layer}", "features")
        fresh = {_checked(feature, layer, level): feature for feature in received}
        if len(fresh) != len(received) or fresh.keys() & features.keys():
            raise _incomplete(layer, "een gebied komt twee keer voor", url)
        features |= fresh
        total = answer.content.get("numberMatched")
        total = total if isinstance(total, int) else None
        web.tell(len(features), total)
        if not received or len(features) == total or (total is None and len(received) < page):
            break
    if not features or (total is not None and len(features) != total):
        raise _incomplete(
            layer, f"{len(features)} van {total or 'onbekend veel'} gebieden kwamen binnen", url
        )
    with writing(path) as part, part.open("w", encoding="utf-8") as handle:
        json.dump(
            {"type": "FeatureCollection", "features": list(features.values())}, handle, ensure_ascii=False
        )
    return fetched(path, f"{base}?{_query(layer, where, page, 0)}", len(features), answers)


def _query(layer: str, where: str, page: int, start: int) -> str:
    """Sorted by id: without an order the pages of a WFS may overlap."""
    return urlencode(
        {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": f"lbm3:{layer}",
            "outputFormat": "application/json",
            "srsName": "EPSG:4326",
            "sortBy": "id",
            "count": page,
            "startIndex": start,
        }
        | ({"CQL_FILTER": where} if where else {})
    )


def _checked(feature: dict[str, Any], layer: str, level: str) -> str:
    """The area code of a feature that has every field and is of the level that was asked; drops `scale`."""
    properties = feature.get("properties") or {}
    scale = properties.pop("scale", level)  # the code says it too
    if gone := next((name for name in FIELDS if name not in properties), None):
        raise changed(f"lbm3:{layer}", gone)
    if scale != level:
        raise KrachtwijkError(
            f"Laag {layer} geeft niveau {scale} in plaats van {level}",
            where=f"lbm3:{layer}, {properties['id']}",
            mend="Meld het de uitgever; gebruik een eerder opgehaald bestand",
        )
    return str(properties["id"])


def _incomplete(layer: str, reason: str, url: str) -> KrachtwijkError:
    return KrachtwijkError(
        f"Laag {layer} is niet compleet: {reason}", where=url, mend="Haal hem opnieuw op met --refresh"
    )
