# SPDX-License-Identifier: EUPL-1.2
"""Charts with many rows: counts as parts of a bar, and dots of groups on one scale."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.documents.charts import Dot, DotGroup, Stack, dot_table, stacks

SVG = "{http://www.w3.org/2000/svg}"


def rects(svg: str, kind: str) -> list[ET.Element]:
    return [e for e in ET.fromstring(svg).iter(f"{SVG}rect") if kind in (e.get("class") or "").split()]


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter(f"{SVG}text")]


counts = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))


@given(counts)
def test_parts_of_a_bar_are_as_wide_as_their_counts_and_said_in_words(parts: tuple[int, int, int]) -> None:
    kinds = ("vooruit", "gelijk", "achteruit")
    svg = stacks(
        "s",
        [Stack("2002", tuple((k, n, k) for k, n in zip(kinds, parts, strict=True)), note="niets")],
        title="t",
        desc="d",
    )
    whole = sum(parts)
    for kind, count in zip(kinds, parts, strict=True):
        widths = [float(r.get("width", "0")) for r in rects(svg, kind)]
        assert len(widths) == (1 if count else 0)
        if count:
            assert widths[0] == pytest.approx(359 * count / whole, abs=0.11)
            assert f"{count} {kind}" in " ".join(texts(svg))
    assert ("niets" in texts(svg)) == (whole == 0)


def test_every_dot_lies_on_the_ground_of_its_group() -> None:
    groups = [
        DotGroup("Groep 1", (Dot("a", 2.0, 1.0, 3.0), Dot("b", 1.5))),
        DotGroup("Groep 2", (Dot("c", -1.0, -2.0, 0.0),)),
    ]
    svg = dot_table("d", groups, title="t", desc="d", form=str, middle=0.0, middle_label="gelijk")
    grounds = [
        (float(r.get("y", "0")), float(r.get("y", "0")) + float(r.get("height", "0")))
        for r in rects(svg, "groep")
    ]
    heights = [float(c.get("cy", "0")) for c in ET.fromstring(svg).iter(f"{SVG}circle")]
    inside = [next(n for n, (top, end) in enumerate(grounds) if top < y < end) for y in heights]
    assert inside == [0, 0, 1]
    assert grounds[0][1] < grounds[1][0]


def test_dots_of_all_groups_share_one_scale() -> None:
    groups = [DotGroup("x", (Dot("a", 1.0), Dot("b", 2.0))), DotGroup("y", (Dot("c", 1.5), Dot("d", 1.0)))]
    svg = dot_table("d", groups, title="t", desc="d", form=str)
    a, b, c, d = (float(e.get("cx", "0")) for e in ET.fromstring(svg).iter(f"{SVG}circle"))
    assert a == d
    assert c == pytest.approx((a + b) / 2, abs=0.11)


def test_a_long_name_is_cut_and_a_missing_figure_is_said() -> None:
    svg = dot_table(
        "d",
        [
            DotGroup(
                "", (Dot("Heechterp/Schieringen, Leeuwarden", 1.0), Dot("Leeg", None, note="geen cijfer"))
            )
        ],
        title="t",
        desc="d",
        form=str,
    )
    assert any(re.fullmatch(r"Heechterp.{1,18}…", text) for text in texts(svg))
    assert "geen cijfer" in texts(svg)
    assert not rects(svg, "groep")
