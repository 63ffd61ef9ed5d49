# SPDX-License-Identifier: EUPL-1.2
"""Method pages: Markdown files of `data/methods/`, one per language, shown as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
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
    made = []
    for path in sorted(FOLDER.glob(f"*.{language}.md")):
        name = path.name.split(".")[0]
        made.append(_read(path.read_text("utf-8"), name.split("-", 1)[1], _anchors(name)))
    return tuple(made)


def _anchors(name: str) -> list[str]:
    """Addresses of the sections of a page, from its Dutch headings: the same in every language."""
    lines = (FOLDER / f"{name}.nl.md").read_text("utf-8").splitlines()
    return [slugify(line.removeprefix("## ")) for line in lines if line.startswith("## ")]


def _read(text: str, slug: str, anchors: list[str]) -> MethodPage:
    body = "\n".join(line for line in text.splitlines() if not line.startswith("<!--"))
    title, _, rest = body.strip().partition("\n")
    summary = rest.strip().split("\n\n")[0].replace("\n", " ")
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(rest)
    sections = (token for token in tokens if token.type == "heading_open" and token.tag == "h2")
    for section, anchor in zip(sections, anchors, strict=True):
        section.attrSet("id", anchor)
    html = markdown.renderer.render(tokens, markdown.options, {})
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
        if rule.startswith(("kerncijfers", "kaartklassen"))
        else "gebieden"
        if rule.startswith(("buren", "vergelijkbaar"))
        else "waterbed"
        if rule.startswith("waterbed")
        else "hoe-zeker"
        if rule.startswith("schatting")
        else "waarschuwing"
        if rule.startswith("waarschuwing")
        else "bewoners-of-buurt"
        if rule.startswith("splitsing")
        else "leefbaarometer"
    )
