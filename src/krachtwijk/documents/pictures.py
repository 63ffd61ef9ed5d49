# SPDX-License-Identifier: EUPL-1.2
"""A chart outside its page: on paper, in another site, as a file. There its looks must travel along.

On a page the looks of a chart are class names, coloured by the site's stylesheet. Here the rules of that stylesheet are
put inside the SVG with the colours of the theme filled in, so that any viewer shows the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from krachtwijk.errors import KrachtwijkError

TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;}]+?)\s*(?=[;}])")
USE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,[^()]*)?\)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: rules that say something of a page (widths on a screen, what is pointed at) and nothing of the drawing
OF_A_PAGE = re.compile(r"@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|[^{};]*:[^{};]*\{[^{}]*\}")


def tokens(css: str) -> dict[str, str]:
    """Custom properties of a stylesheet by name (`--kleur-tekst`), with references among them filled in."""
    found = {name: value for name, value in TOKEN.findall(COMMENT.sub("", css))}
    for _ in range(4):  # a token may stand for another, which may do so again
        found = {name: _filled(value, found) for name, value in found.items()}
    return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    return USE.sub(lambda use: values.get(use.group(1), use.group(0)), text)


def standalone(svg: str, rules: str, values: Mapping[str, str], font: str) -> str:
    """An SVG of `documents.charts` that looks the same anywhere.

    ``rules`` is the stylesheet of the charts, ``values`` its colours by token (see `tokens`), ``font`` the family to
    write in. Raises KrachtwijkError where a rule uses a token that has no value.
    """
    style = _filled(OF_A_PAGE.sub("", COMMENT.sub("", rules)), {**values, "--letter": font})
    if missing := USE.search(style):
        raise KrachtwijkError(
            f"de kleur {missing.group(1)} heeft geen waarde",
            where="de stijl van de grafieken",
            mend="zet hem in het thema",
        )
    style = "\n".join(line.strip() for line in style.splitlines() if line.strip())
    head, opened, rest = svg.partition(">")
    return f"{head}{opened}<style>{style}</style>{rest}"
