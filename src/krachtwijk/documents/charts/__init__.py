# SPDX-License-Identifier: EUPL-1.2
"""Charts as SVG text: plain data in, the same bytes out every time, for page and paper alike.

Every chart has a title and a description for who cannot see it, labels its lines directly and carries its looks in
class names only, so that a strict content policy and a house style both hold. Numbers are written by the caller's
``form``, because how a number is written depends on the reader's language.
"""

from krachtwijk.documents.charts.bar import Bar, bars, steps
from krachtwijk.documents.charts.base import Form, Scale, short, ticks
from krachtwijk.documents.charts.cascade import Part, cascade
from krachtwijk.documents.charts.compared import NAMED_AT_MOST, Axis, Course, Spot, courses, scatter
from krachtwijk.documents.charts.count import Stack, Tally, stacks, tallies
from krachtwijk.documents.charts.dot import Dot, DotGroup, Place, dot_table, dots, places
from krachtwijk.documents.charts.line import Line, Point, domain, panels, series
from krachtwijk.documents.charts.sheets import key, sheet
from krachtwijk.documents.charts.spread import histogram

__all__ = [
    "NAMED_AT_MOST",
    "Axis",
    "Bar",
    "Course",
    "Dot",
    "DotGroup",
    "Form",
    "Line",
    "Part",
    "Place",
    "Point",
    "Scale",
    "Spot",
    "Stack",
    "Tally",
    "bars",
    "cascade",
    "courses",
    "domain",
    "dot_table",
    "dots",
    "histogram",
    "key",
    "panels",
    "places",
    "scatter",
    "series",
    "sheet",
    "short",
    "stacks",
    "steps",
    "tallies",
    "ticks",
]
