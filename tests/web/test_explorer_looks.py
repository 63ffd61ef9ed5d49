# SPDX-License-Identifier: EUPL-1.2
"""A figure in another site's page looks as it does here: the frame loads every stylesheet with rules for drawings."""

from __future__ import annotations

from pathlib import Path

import krachtwijk.web
from krachtwijk.web.apps.publication.looks import RULES

EMBED = Path(krachtwijk.web.__file__).parent / "templates/publication/explorer_embed.html"


def test_an_embedded_figure_loads_the_stylesheets_of_a_kept_one() -> None:
    text = EMBED.read_text("utf-8")
    assert [name for name in RULES if f"'krachtwijk/{name}'" not in text] == []
