# SPDX-License-Identifier: EUPL-1.2
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.documents.charts import (
    Bar,
    Dot,
    Line,
    Place,
    Point,
    Scale,
    Tally,
    bars,
    dots,
    histogram,
    panels,
    places,
    series,
    steps,
    tallies,
    ticks,
)

SVG = "{http://www.w3.org/2000/svg}"
finite = st.floats(-1e6, 1e6, allow_nan=False)


def form(value: float) -> str:
    return f"{value:g}"


def course(*values: float | None, label: str = "Overdie", role: str = "gebied") -> Line:
    years = (2002, 2008, 2012, 2014, 2016)
    return Line(label, tuple(Point(y, v) for y, v in zip(years, values, strict=True)), role)


CHARTS: dict[str, Callable[[], str]] = {
    "bars": lambda: bars(
        "b", [Bar("Woningen & meer", -0.1, 3), Bar("Leeg", None)], title="t <1>", desc="d & e", form=form
    ),
    "series": lambda: series(
        "s",
        [course(4, 3, 4, 4, 4), course(6, 6, 6, 6, 7, label="Alkmaar", role="stad")],
        title="t",
        desc="d",
        form=form,
    ),
    "dots": lambda: dots(
        "d", [Dot("Eenzaam", 0.4, 0.2, 0.7), Dot("Geen", None, note="x")], title="t", desc="d", form=form
    ),
    "histogram": lambda: histogram(
        "h",
        [-0.1, 0.0, 0.1, 0.1],
        title="t <1>",
        desc="d & e",
        form=form,
        value=0.4,
        label="A & B",
        around=(-0.1, 0.1),
        around_label="x <y>",
    ),
    "tallies": lambda: tallies(
        "n", [Tally("Vooruit & meer", 3, "vol", 1.0, 5.0, "x <y>")], title="t <1>", desc="d & e"
    ),
    "steps": lambda: steps("k", [("A & B", 4), ("C", None)], title="t", desc="d", low="l <1>", high="h"),
    "panels": lambda: panels([("p", "Overdie", "van 4 naar 4", [course(4, 3, 4, 4, 4)])], form=form)[0],
}


def shapes(svg: str, name: str, kind: str = "") -> list[ET.Element]:
    return [e for e in ET.fromstring(svg).iter(SVG + name) if kind in e.get("class", "").split() or not kind]


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_says_what_it_is_and_leaves_its_looks_to_the_style_sheet(kind: str) -> None:
    svg = CHARTS[kind]()
    root = ET.fromstring(svg)
    title, desc = root.find(SVG + "title"), root.find(SVG + "desc")
    assert root.get("role") == "img"
    assert title is not None and title.text
    assert desc is not None and desc.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "style=" not in svg
    assert not any(e.get(a) for e in root.iter() for a in ("fill", "stroke", "onclick", "href"))


@pytest.mark.parametrize("kind", CHARTS)
def test_the_same_data_gives_the_same_bytes(kind: str) -> None:
    assert CHARTS[kind]() == CHARTS[kind]()


def test_text_is_escaped() -> None:
    svg = CHARTS["bars"]()
    assert "Woningen &amp; meer" in svg
    assert "t &lt;1&gt;" in svg


def test_bars_start_at_zero_and_are_as_long_as_their_values() -> None:
    svg = bars("b", [Bar("a", -0.2, 2), Bar("b", 0.1, 6)], title="t", desc="d", form=form)
    below, above = shapes(svg, "rect")
    zero = float(shapes(svg, "line", "nul")[0].get("x1", ""))
    assert float(below.get("x", "")) + float(below.get("width", "")) == pytest.approx(zero, abs=0.11)
    assert float(above.get("x", "")) == pytest.approx(zero, abs=0.11)
    assert float(below.get("width", "")) == pytest.approx(2 * float(above.get("width", "")), abs=0.2)
    assert [b.get("class") for b in (below, above)] == ["staaf k2", "staaf k6"]


def test_points_stand_where_year_and_value_say() -> None:
    svg = series("s", [course(4, 3, 4, 4, 9)], title="t", desc="d", form=form, marks=tuple(range(1, 10)))
    places = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in shapes(svg, "circle")]
    (x2002, y4), (x2008, y3), (x2012, _), (_, _), (x2016, y9) = places
    per_year = (x2016 - x2002) / 14
    assert x2008 == pytest.approx(x2002 + 6 * per_year, abs=0.1)
    assert x2012 == pytest.approx(x2002 + 10 * per_year, abs=0.1)
    assert (y3 - y4) == pytest.approx((y4 - y9) / 5, abs=0.11)


def test_a_missing_year_is_a_gap_and_never_a_line() -> None:
    city = course(6, 6, 6, 6, 7, label="Alkmaar", role="stad")
    svg = series("s", [course(4, 4, None, 4, 4), city], title="t", desc="d", form=form)
    own = shapes(svg, "polyline", "gebied")
    assert [len(line.get("points", "").split()) for line in own] == [2, 2]
    assert len(shapes(svg, "circle", "gebied")) == 4


def test_a_lone_figure_between_gaps_is_still_drawn() -> None:
    svg = series("s", [course(4, None, 4, None, None)], title="t", desc="d", form=form)
    assert shapes(svg, "polyline", "gebied") == []
    assert len(shapes(svg, "circle", "gebied")) == 2


def test_a_band_needs_both_bounds() -> None:
    points = (Point(2012, 3, 2, 4), Point(2014, 4, 3, 5), Point(2016, 5))
    svg = series("s", [Line("x", points)], title="t", desc="d", form=form)
    (band,) = shapes(svg, "polygon", "band")
    assert len(band.get("points", "").split()) == 4


def test_names_at_the_end_of_lines_do_not_overlap() -> None:
    lines = [course(4, 4, 4, 4, v, label=f"g{i}") for i, v in enumerate((4.0, 4.01, 4.02))]
    heights = sorted(
        float(t.get("y", ""))
        for t in shapes(series("s", lines, title="t", desc="d", form=form), "text", "naam")
    )
    assert all(b - a >= 15.9 for a, b in pairwise(heights))


def test_small_multiples_share_one_scale() -> None:
    low, high = course(1, 1, 1, 1, 1), course(9, 9, 9, 9, 9)
    both = panels([("a", "a", "d", [low]), ("b", "b", "d", [high])], form=form)
    alone = panels([("a", "a", "d", [low])], form=form)[0]
    y = [float(shapes(svg, "circle")[0].get("cy", "")) for svg in both]
    assert y[0] > y[1]
    assert float(shapes(alone, "circle")[0].get("cy", "")) != y[0]


def test_an_interval_is_drawn_around_its_dot() -> None:
    svg = dots("d", [Dot("a", 0.4, 0.2, 0.7)], title="t", desc="d", form=form, bounds=(0, 1))
    (line,), (dot,) = shapes(svg, "line", "interval"), shapes(svg, "circle")
    x1, x2, cx = (float(v or "") for v in (line.get("x1"), line.get("x2"), dot.get("cx")))
    assert (cx - x1) / (x2 - x1) == pytest.approx((0.4 - 0.2) / (0.7 - 0.2), abs=0.01)


@given(finite, finite, finite)
def test_a_scale_keeps_order_and_ends(a: float, b: float, v: float) -> None:
    low, high = min(a, b), max(a, b)
    scale = Scale(low, high, 10, 110)
    if high - low > 1e-6:
        assert scale(low) == pytest.approx(10)
        assert scale(high) == pytest.approx(110)
        assert (scale(v) >= 60 - 1e-6) == (v >= (low + high) / 2 - 1e-6 * (high - low)) or abs(
            scale(v) - 60
        ) < 1e-3


@given(finite, finite, st.integers(2, 8))
def test_ticks_cover_the_values_in_equal_round_steps(a: float, b: float, about: int) -> None:
    low, high = min(a, b), max(a, b)
    if high - low < 1e-6:
        return
    marks = ticks(low, high, about)
    step = marks[1] - marks[0]
    slack = 1e-6 * max(step, abs(low), abs(high))
    assert marks[0] <= low + slack
    assert marks[-1] >= high - slack
    assert len(marks) <= about + 3
    assert round(float(f"{step:.6e}".split("e")[0]), 3) in {1, 2, 5}


PLACES = st.lists(
    st.builds(Place, st.just("Alles"), st.none() | st.floats(0, 100), st.none() | st.floats(0, 100)),
    min_size=1,
    max_size=8,
)


@given(PLACES)
def test_every_known_place_is_one_mark_where_it_belongs(items: list[Place]) -> None:
    svg = places(
        "p",
        items,
        title="t",
        desc="d",
        ends=("laagste", "hoogste"),
        middle="midden",
        whole="land",
        part="stad",
    )
    root = ET.fromstring(svg)
    # the first of each kind is the legend
    dots_drawn = [float(c.attrib["cx"]) for c in root.iter(f"{SVG}circle")][1:]
    diamonds = list(root.iter(f"{SVG}polygon"))[1:]
    expected = [8 + i.whole / 100 * 344 for i in items if i.whole is not None]
    assert dots_drawn == pytest.approx(expected, abs=0.06)
    assert len(diamonds) == sum(i.part is not None for i in items)


def test_without_a_city_no_diamond_is_named() -> None:
    svg = places("p", [Place("Alles", 50.0)], title="t", desc="d", ends=("a", "b"), middle="m", whole="land")
    assert "ruit" not in svg


def test_names_that_do_not_fit_beside_each_other_stand_under_each_other() -> None:
    def names(whole: str, part: str) -> list[tuple[float, float]]:
        svg = places(
            "p",
            [Place("Alles", 50.0, 60.0)],
            title="t",
            desc="d",
            ends=("a", "b"),
            middle="m",
            whole=whole,
            part=part,
        )
        told = [e for e in ET.fromstring(svg).iter(f"{SVG}text") if e.text in (whole, part)]
        return [(float(e.attrib["x"]), float(e.attrib["y"])) for e in told]

    (_, first), (_, second) = names("alle wijken in Nederland", "wijken in Alkmaar")
    assert first == second
    (left, first), (under, second) = names("all districts in the Netherlands", "districts in Alkmaar")
    assert left == under
    assert second - first >= 16


def test_a_tally_draws_a_dot_per_thing_and_the_interval_on_the_same_scale() -> None:
    items = [Tally("Vooruit", 7, "vol", 4.0, 12.0, "onzekerheid"), Tally("Gelijk", 28, "leeg")]
    svg = tallies("t", items, title="Titel", desc="Uitleg")
    root = ET.fromstring(svg)
    dots = [c for c in root.iter() if c.tag.endswith("circle")]
    assert [c.get("class") for c in dots] == ["telpunt vol"] * 7 + ["telpunt leeg"] * 28
    line = next(e for e in root.iter() if e.get("class") == "interval")
    # the interval of 4 to 12 ends beside the fourth and the twelfth dot of the longest row
    row = [float(c.get("cx") or 0) for c in dots[7:]]
    assert row[3] < float(line.get("x1") or 0) < row[4]
    assert row[11] < float(line.get("x2") or 0) < row[12]
    assert "style=" not in svg


def test_steps_put_each_dot_under_its_class() -> None:
    svg = steps("s", [("A", 1), ("B", 9), ("C", None)], title="T", desc="D", low="laag", high="hoog")
    root = ET.fromstring(svg)
    cells = [
        (float(e.get("x") or 0), float(e.get("width") or 0)) for e in root.iter() if e.tag.endswith("rect")
    ]
    dots = [float(e.get("cx") or 0) for e in root.iter() if e.tag.endswith("circle")]
    assert len(cells) == 9
    assert dots == [cells[0][0] + cells[0][1] / 2, cells[8][0] + cells[8][1] / 2]


@given(st.lists(finite, min_size=1, max_size=60), finite)
def test_every_draw_stands_in_one_column_and_the_columns_stay_inside(
    values: list[float], value: float
) -> None:
    drawn = ET.fromstring(histogram("h", values, title="t", desc="d", form=form, value=value, label="x"))
    columns = [e for e in drawn.iter(f"{SVG}rect") if e.get("class") == "staaf zonder-klasse"]
    assert columns
    heights = [float(e.get("height", "0")) for e in columns]
    highest = max(heights)
    assert all(float(e.get("x", "0")) >= 12 - 0.1 for e in columns)
    assert all(float(e.get("x", "0")) + float(e.get("width", "0")) <= 388.2 for e in columns)
    if len(values) < 20:  # with few draws a column of one draw is high enough to count
        counts = [round(h / highest * max_count) for h in heights for max_count in [_most(values, value)]]
        assert sum(counts) == len(values)


def _most(values: list[float], value: float) -> int:
    """How many draws stand in the fullest of the thirty columns."""
    marks = ticks(min([value, *values]), max([value, *values]), 4)
    step = (marks[-1] - marks[0]) / 30
    limits = [marks[0] + at * step for at in range(1, 30)]
    return max(sum(1 for v in values if sum(v >= limit for limit in limits) == at) for at in range(30))


def test_a_range_to_hold_a_dot_against_lies_behind_it_and_inside_the_drawing() -> None:
    drawn = ET.fromstring(
        dots("d", [Dot("A", 0.5, 0.2, 0.7, around=(-1.0, 2.0))], title="t", desc="d", form=form, middle=0.0)
    )
    (band,) = (e for e in drawn.iter(f"{SVG}rect") if e.get("class") == "band")
    (dot,) = drawn.iter(f"{SVG}circle")
    start, wide = float(band.get("x", "0")), float(band.get("width", "0"))
    assert 0 <= start < float(dot.get("cx", "0")) < start + wide <= 360
    order = [e.tag for e in drawn]
    assert order.index(f"{SVG}rect") < order.index(f"{SVG}circle")
