# SPDX-License-Identifier: EUPL-1.2
"""Which pages the site has, and when the figures on each were made: what a search engine is told."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from krachtwijk.catalogue import indicators, programmes, themes
from krachtwijk.web.apps.publication import methods
from krachtwijk.web.apps.publication.selectors.areas import known_areas
from krachtwijk.web.apps.publication.selectors.dictionary import dictionary_groups
from krachtwijk.web.apps.publication.selectors.sources import editions
from krachtwijk.web.apps.publication.store import store

#: A page's name and arguments as `reverse` takes them, and its newest figures as an ISO moment; empty where unknown.
Page = tuple[str, tuple[str, ...], str]

FIXED = (
    *(
        "home",
        "map",
        "search",
        "programmes",
        "cities",
        "themes",
        "compare",
        "explorer",
        "own_area",
        "certainty",
        "displacements",
        "warning",
        "residents",
    ),
    *("methods", "dictionary", "sources", "downloads", "errata"),
)
ABOUT = ("toegankelijkheid", "privacy", "contact")


def made_at() -> tuple[dict[str, str], str]:
    """When the newest figures of each area or programme area were made, and the newest of all."""
    tables = [table for name in store().names() if (table := store().table(name)) is not None]
    found: dict[str, str] = {}
    newest = ""
    for table in sorted(tables, key=lambda t: t.info.made_at):
        newest = table.info.made_at
        found |= dict.fromkeys(table.ranges, newest)
    return found, newest


def _programme_pages(newest: str) -> Iterator[Page]:
    for made in programmes().values():
        yield from ((name, (made.id,), newest) for name in ("programme", "displacement", "effect"))
        yield from (("programme_area", (made.id, part.id), newest) for part in made.areas)


def public_pages() -> Iterator[Page]:
    """Every page that a search engine may show: today's areas, programmes, cities, themes, methods, fields, sources."""
    of_area, newest = made_at()
    yield from ((name, (), newest) for name in FIXED)
    yield from _programme_pages(newest)
    cities = dict.fromkeys(part.city_code for made in programmes().values() for part in made.areas)
    yield from (("city", (code,), of_area.get(code, newest)) for code in cities)
    yield from (("theme", (name,), newest) for name in themes())
    yield from (("method", (page.slug,), "") for page in methods.pages("nl"))
    yield from (("dictionary_group", (name,), "") for name in dictionary_groups())
    yield from (("indicator", (name,), newest) for name in indicators())
    yield from (("source", (m.edition,), m.ingested_at) for m in editions())
    yield from (("about", (slug,), "") for slug in ABOUT)
    today = known_areas().frame.filter(pl.col("current"))["code"]
    yield from (("area", (code,), of_area.get(code, "")) for code in today)
