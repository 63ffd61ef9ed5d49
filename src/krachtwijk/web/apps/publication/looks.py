# SPDX-License-Identifier: EUPL-1.2
"""The site's stylesheet where there is no page: charts in a file, on paper, in the picture of a shared link."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

from krachtwijk.documents import paper, pictures

#: The stylesheets of what the server draws.
RULES = ("charts.css", "maps.css")


def _text(name: str) -> str:
    return Path(str(finders.find(f"krachtwijk/{name}"))).read_text("utf-8")


@cache
def colours() -> dict[str, str]:
    """The tokens of the site's theme by name."""
    return pictures.tokens(_text("tokens.css"))


@cache
def _rules() -> str:
    return "\n".join(_text(name) for name in RULES)


def standalone(svg: str, font: str = paper.FONT) -> str:
    """A chart that carries the site's looks with it; ``font`` is the family to write in."""
    return pictures.standalone(svg, _rules(), colours(), font)
