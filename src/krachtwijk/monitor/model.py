# SPDX-License-Identifier: EUPL-1.2
"""What the engine computes with: indicators, score versions, programmes. Filled from `data/*.toml` by the
catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Direction = Literal["hoger-beter", "lager-beter", "neutraal"]
Aggregation = Literal["som", "gewogen-gemiddelde", "geen"]
Level = Literal["land", "provincie", "gemeente", "stadsdeel", "wijk", "buurt", "pc4", "cel100m"]

LEVELS: tuple[Level, ...] = ("land", "provincie", "gemeente", "stadsdeel", "wijk", "pc4", "buurt", "cel100m")


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of one of the theme lists; ``policy`` names the policy theme an outcome theme maps onto."""

    id: str
    label: str
    label_en: str
    lists: tuple[str, ...]
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Where an indicator stands in a publication.

    ``stem`` is the column name without CBS's running number (`_33`), with ``{jaar}`` or ``{jj}`` where the name
    holds a
    year of four or two digits. ``names`` holds the exact name in a year where the stem is ambiguous or wrong.
    ``factor`` brings the published number to the indicator's unit.
    """

    source: str
    stem: str
    names: dict[int, str] = field(default_factory=dict)
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Break:
    """A change of definition: figures before and from ``year`` may not be compared without saying so.

    ``provincie`` is the code of the province it is limited to; empty where it holds everywhere.
    """

    year: int
    text: str
    text_en: str
    provincie: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that is measured. ``range`` bounds plausible values; ``rounding`` is the publisher's rounding unit.

    ``aggregation`` says how areas combine: ``som`` adds, ``gewogen-gemiddelde`` averages by the indicator named in
    ``weight``, ``geen`` does not combine at all. ``noise_sd`` is the standard deviation of one published value due
    to rounding or estimation, in the indicator's unit, or None where nothing is known.
    """

    id: str
    label: str
    label_en: str
    theme: str
    unit: str
    direction: Direction
    aggregation: Aggregation
    source: str
    weight: str | None = None
    range: tuple[float | None, float | None] = (None, None)
    rounding: float = 0.0
    decimals: int = 0
    noise_sd: float | None = None
    definition: str = ""
    definition_en: str = ""
    columns: tuple[Column, ...] = ()
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of a score version: ``id`` is the publication's column (``won``), the label is for people."""

    id: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class ScoreVersion:
    """A version of the Leefbaarometer: its dimensions, rulers and known means are data of the version.

    Scores are deviations from the national mean in score points. ``deviation_sd`` and ``deviation_centre`` make the
    one ruler for all deviation classes; ``total_cuts`` are the eight lower limits of classes 2-9 of the total,
    written as deviation in ``total_cuts_year``. ``tolerance`` bounds |total - sum of dimensions|.
    ``development_constants`` hold, per period and column, the national change that the published development
    adds to
    the difference of two deviations.
    """

    id: str
    name: str
    total: str
    dimensions: tuple[Dimension, ...]
    years: tuple[int, ...]
    tolerance: float
    class_labels: tuple[str, ...]
    class_labels_en: tuple[str, ...]
    deviation_sd: float | None = None
    deviation_centre: float = 0.0
    deviation_steps: tuple[float, ...] = ()
    total_cuts: tuple[float, ...] = ()
    total_cuts_year: int | None = None
    zero_class: int | None = None
    national_means: dict[int, float] = field(default_factory=dict)
    development_constants: dict[str, dict[str, float]] = field(default_factory=dict)
    deviation_constant: float | None = None
    source: str = ""

    @property
    def deviation_cuts(self) -> tuple[float, ...]:
        """Eight cuts of the deviation classes; empty where the version publishes no ruler."""
        if self.deviation_sd is None:
            return ()
        return tuple(self.deviation_centre + step * self.deviation_sd for step in self.deviation_steps)


@dataclass(frozen=True, slots=True)
class PeerFigure:
    """A figure by which areas are set beside each other: ``indicator``, divided by ``over`` where that is named.

    ``factor`` brings the quotient to ``unit``; ``scale`` ``log`` compares in ratios.
    """

    id: str
    label: str
    label_en: str
    indicator: str
    unit: str
    over: str = ""
    factor: float = 1.0
    scale: Literal["linear", "log"] = "linear"
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class PeerSet:
    """The figures of one level, all of one ``period``; areas with fewer inhabitants than ``least`` are left out."""

    level: Level
    period: str
    least: int
    figures: tuple[PeerFigure, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """The years between which a change is told. The answer depends on it, so it always has a name."""

    id: str
    label: str
    label_en: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ProgrammeArea:
    """An area of a programme: a set of postcodes, wijken or buurten, with its city and its own dates.

    ``parts`` are (level, code, certainty) with certainty ``bron`` or ``afgeleid``; empty where no boundary is
    known.
    Dates are ISO strings, because the engine knows no clock.
    """

    id: str
    name: str
    city: str
    city_code: str
    parts: tuple[tuple[str, str, str], ...] = ()
    kind: str = "aandachtswijk"
    entry: str | None = None
    exit: str | None = None
    baseline: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a programme set out to reach: on this indicator every area at its city's level by the end of year
    ``by``.
    """

    id: str
    label: str
    label_en: str
    indicator: str
    by: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """An area-based programme as its file in `data/programmes/` describes it.

    ``horizon`` is in years after the baseline. ``boundaries`` names a file with the outlines of areas without
    parts.
    """

    id: str
    name: str
    name_en: str
    area_word: str
    area_word_en: str
    description: str
    description_en: str
    baseline: str
    horizon: tuple[int, int]
    themes: tuple[str, ...]
    areas: tuple[ProgrammeArea, ...]
    windows: tuple[Window, ...]
    indicators: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    boundaries: str = ""
    source: str = ""

    @property
    def cities(self) -> tuple[tuple[str, str], ...]:
        """(code, name) of each city, in alphabetical order of name."""
        return tuple(sorted({(a.city_code, a.city) for a in self.areas}, key=lambda pair: pair[1]))


#: A cell below this many people is not shown.
LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Whole:
    """Indicators that make another within one area; without ``total`` they are shares that make 100 %.

    With ``rest`` they make a part of it: what they leave is a number of people too, of which no figure tells.
    """

    parts: tuple[str, ...]
    total: str = ""
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """``figure`` = ``count`` / ``base`` x ``per``; not ``exact`` where the base is only near the people meant."""

    figure: str
    count: str
    base: str
    per: float = 100.0
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """``figure`` over period ``a-b`` is ``of`` in year b minus ``of`` in year a."""

    figure: str
    of: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as people and how figures hang together, as `data/disclosure.toml` says it."""

    units: tuple[str, ...]
    inhabitants: str
    limit: float = LIMIT
    place: tuple[str, ...] = ()
    sums: tuple[Whole, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class EstimateSpec:
    """An estimate of a published score from public figures of one ``level`` and ``period``.

    ``yardstick``: table and ``yardstick_period`` of the published scores of ``version``. ``block``: width in
    metres of the parts of
    the country that are held out. ``least``: inhabitants below which nothing is estimated.
    """

    id: str
    title: str
    title_en: str
    level: Level
    period: str
    version: str
    yardstick: str
    yardstick_period: str
    figures: tuple[PeerFigure, ...]
    block: int = 50_000
    least: int = 100
    note: str = ""
    note_en: str = ""

    @property
    def table(self) -> str:
        """The name of the result table with the estimates."""
        return f"schatting-{self.id}"


@dataclass(frozen=True, slots=True)
class WarningSpec:
    """For which scores a decline is looked for; see `data/warnings.toml` for each field.

    ``threshold`` in score points, ``horizon`` and ``crossing_years`` in years, ``block`` in metres, ``top`` and
    ``crossing_chance`` from 0 to 1.
    """

    level: Level
    version: str
    threshold: float
    horizon: int
    size: str
    size_period: str
    crossing_chance: float
    crossing_years: int
    top: float
    block: int = 50_000

    @property
    def table(self) -> str:
        """The name of the result table with the warnings."""
        return f"waarschuwing-{self.level}"
