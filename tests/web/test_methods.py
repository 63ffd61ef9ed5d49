# SPDX-License-Identifier: EUPL-1.2
"""The method pages: a section has an address, and it is the same in both languages."""

from __future__ import annotations

import re

import pytest

from krachtwijk.web.apps.publication.methods import FOLDER, pages


def anchors(language: str) -> dict[str, list[str]]:
    return {page.slug: re.findall(r'<h2 id="([^"]*)">', page.html) for page in pages(language)}


def test_a_section_keeps_its_address_when_the_reader_changes_language() -> None:
    dutch = anchors("nl")
    assert "twee-soorten-klassen" in dutch["leefbaarometer"]  # where area pages point to
    assert anchors("en") == dutch


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_section_has_one_address_of_its_own(language: str) -> None:
    made = anchors(language)
    for path in FOLDER.glob(f"*.{language}.md"):
        slug = path.name.split(".")[0].split("-", 1)[1]
        headings = re.findall(r"^## ", path.read_text("utf-8"), re.M)
        assert len(made[slug]) == len(set(made[slug])) == len(headings)
