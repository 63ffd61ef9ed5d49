# SPDX-License-Identifier: EUPL-1.2
"""Days on which a term of an act may not end: weekends, the days of the Algemene termijnenwet, days by royal decree.

A table of our own: common holiday packages leave 5 May out in most years (it counts every year, art. 3(1)) and know
no decree days (art. 3(3)).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = datetime.timedelta(days=1)
#: The clock of the law: on which day something happened is the day it was here, whatever offset it was written with.
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SATURDAY = 5


def here(moment: datetime.datetime) -> datetime.datetime:
    """The same moment on the clock of Amsterdam, with its offset fixed.

    Fixed, because Python compares two moments of one zone by their clocks, which in the hour that the clock is put back
    is the wrong order.
    """
    offset = moment.astimezone(AMSTERDAM).utcoffset()
    return moment.astimezone(_fixed(offset or datetime.timedelta()))


@lru_cache(maxsize=64)
def _fixed(offset: datetime.timedelta) -> datetime.timezone:
    return datetime.timezone(offset)


def end_of(day: datetime.date) -> datetime.datetime:
    """The last moment of a day here."""
    return here(datetime.datetime.combine(day, datetime.time.max, AMSTERDAM))


@lru_cache(maxsize=512)
def easter(year: int) -> datetime.date:
    """Easter Sunday of the Gregorian calendar (the method of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return datetime.date(year, month, day + 1)


@lru_cache(maxsize=512)
def holidays(year: int) -> Mapping[datetime.date, str]:
    """The days of Algemene termijnenwet art. 3(1) and (2) in a year, by date."""
    sunday = easter(year)
    # the birthday of the Queen (to 2013) and King is kept a day earlier where it would fall on a Sunday
    birthday = datetime.date(year, 4, 30) if year < 2014 else datetime.date(year, 4, 27)
    name = "Koninginnedag" if year < 2014 else "Koningsdag"
    if birthday.weekday() == SATURDAY + 1:
        birthday -= DAY
    return {
        datetime.date(year, 1, 1): "Nieuwjaarsdag",
        sunday - 2 * DAY: "Goede Vrijdag",
        sunday + DAY: "tweede paasdag",
        birthday: name,
        datetime.date(year, 5, 5): "5 mei",
        sunday + 39 * DAY: "Hemelvaartsdag",
        sunday + 50 * DAY: "tweede pinksterdag",
        datetime.date(year, 12, 25): "eerste kerstdag",
        datetime.date(year, 12, 26): "tweede kerstdag",
    }


@dataclass(frozen=True, slots=True)
class Calendar:
    """What is known of days by royal decree: the days, and the years whose decree was read."""

    decreed: frozenset[datetime.date] = frozenset()
    read: frozenset[int] = field(default_factory=frozenset)

    def free(self, day: datetime.date) -> str:
        """Why a term may not end on this day; empty on a working day."""
        if day.weekday() >= SATURDAY:
            return "zaterdag" if day.weekday() == SATURDAY else "zondag"
        return holidays(day.year).get(day) or ("dag bij koninklijk besluit" if day in self.decreed else "")

    def unread(self, day: datetime.date) -> bool:
        """Whether the decree of this year was not read, so that a day may be missing here."""
        return day.year not in self.read
