# SPDX-License-Identifier: EUPL-1.2
"""Method pages: Markdown files of `data/methods/`, one per language, shown as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from krachtwijk.catalogue import DATA

FOLDER = DATA / "methods"


@dataclass(frozen=True, slots=True)
class MethodPage:
    """A method page; ``summary`` is its first paragraph, as plain text."""

    slug: str
    title: str
    summary: str
    html: SafeString


@cache
def pages(language: str) -> tuple[MethodPage, ...]:
    """All pages in a language, by the number their file name begins with."""
    return tuple(
        _read(path.read_text("utf-8"), path.name.split(".")[0].split("-", 1)[1])
        for path in sorted(FOLDER.glob(f"*.{language}.md"))
    )


def _read(text: str, slug: str) -> MethodPage:
    body = "\n".join(line for line in text.splitlines() if not line.startswith("<!--"))
    title, _, rest = body.strip().partition("\n")
    summary = rest.strip().split("\n\n")[0].replace("\n", " ")
    html = MarkdownIt("commonmark").enable("table").render(rest)
    return MethodPage(slug, title.removeprefix("# "), summary, mark_safe(html))


def page(slug: str, language: str) -> MethodPage | None:
    """One page, or None."""
    return next((p for p in pages(language) if p.slug == slug), None)


def of_rule(rule: str) -> str:
    """The method page that explains a rule."""
    return (
        "verschil-met-de-stad"
        if rule.startswith("outcome")
        else "kerncijfers"
        if rule.startswith("kerncijfers")
        else "leefbaarometer"
    )
