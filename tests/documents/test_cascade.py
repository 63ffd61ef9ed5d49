# SPDX-License-Identifier: EUPL-1.2
"""A cascade begins where it says, each bar where the last one ended, and ends where it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.documents.charts import Part, cascade

SVG = "{http://www.w3.org/2000/svg}"


def drawn(values: list[float], begin: float = 4.0) -> ET.Element:
    parts = [Part(f"deel {n}", v, v - 0.1, v + 0.1) for n, v in enumerate(values)]
    return ET.fromstring(
        cascade(
            "x",
            parts,
            begin=("2008", begin),
            end=("2017", begin + sum(values)),
            title="t",
            desc="d",
            form=lambda v: f"{v:+.2f}",
            level=lambda v: f"{v:.2f}",
        )
    )


@given(st.lists(st.floats(-3, 3).filter(lambda v: abs(v) > 0.05), min_size=1, max_size=6))
def test_bars_follow_each_other_from_level_to_level(values: list[float]) -> None:
    svg = drawn(values)
    dots = [float(c.attrib["cx"]) for c in svg.iter(f"{SVG}circle")]
    bars = [
        (float(r.attrib["x"]), float(r.attrib["width"]), r.attrib["class"]) for r in svg.iter(f"{SVG}rect")
    ]
    at = dots[0]
    for value, (x, width, kind) in zip(values, bars, strict=True):
        start, stop = (x, x + width) if value >= 0 else (x + width, x)
        assert start == pytest.approx(at, abs=0.8)
        assert kind == ("staaf k7" if value >= 0 else "staaf k3")
        at = stop
    assert at == pytest.approx(dots[1], abs=0.8 * len(values) + 0.2)
    width = float(svg.attrib["viewBox"].split()[2])
    assert all(x >= 0 and x + w <= width for x, w, _ in bars)


def test_a_part_that_is_left_out_says_why_and_takes_no_room() -> None:
    text = cascade(
        "x",
        [Part("a", None, note="weggelaten"), Part("b", 1.0)],
        begin=("2008", 1.0),
        end=("2017", 2.0),
        title="t",
        desc="d",
        form=str,
        level=str,
    )
    assert "weggelaten" in text and text.count("<rect") == 1
