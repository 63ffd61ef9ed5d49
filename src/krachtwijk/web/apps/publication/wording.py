# SPDX-License-Identifier: EUPL-1.2
"""How a figure is said: numbers, classes, verdicts and whole sentences, in the reader's language.

Sentences tell where an area stands, never why, and never that people or places are bad.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from krachtwijk.monitor.model import Indicator, Programme, ProgrammeArea, ScoreVersion, Window
from krachtwijk.web.apps.publication.selectors import Area, Row, Scores


class Labelled(Protocol):
    """Anything of the catalogue with a Dutch and an English label."""

    label: str
    label_en: str


def english() -> bool:
    """Whether the reader reads English."""
    return get_language() == "en"


def pick(dutch: str, other: str) -> str:
    """A text of the catalogue in the reader's language; Dutch where no English was written."""
    return other if english() and other else dutch


def label(thing: Labelled) -> str:
    """The label of something in the catalogue."""
    return pick(thing.label, thing.label_en)


def years(window: Window) -> str:
    """The years of a window: an outcome never stands without them."""
    return between(f"{window.start}-{window.end}")


def between(period: str) -> str:
    """Two years (``2002-2016``) in words."""
    start, _, end = period.partition("-")
    return gettext("tussen %(start)s en %(end)s") % {"start": start, "end": end}


def number(value: float | None, decimals: int = 0, *, signed: bool = False) -> str:
    """A number as it is written: 1.234,5 in Dutch, 1,234.5 in English, with a real minus sign."""
    if value is None:
        return "–"
    rounded = round(value, decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    if not english():
        text = text.translate(str.maketrans(",.", ".,"))
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text


def percent(share: float | None, decimals: int = 0) -> str:
    """A share as a percentage."""
    return "–" if share is None else f"{number(100 * share, decimals)}%"


def period(text: str) -> str:
    """A year, or two as ``2012 tot 2016``."""
    first, _, last = text.partition("-")
    return gettext("%(first)s tot %(last)s") % {"first": first, "last": last} if last else first


def span(periods: Sequence[str]) -> str:
    """The years that an edition speaks of: each one, or the first and last where they are many."""
    found = sorted({year for text in periods for year in text.split("-")})
    return ", ".join(found) if len(found) <= 4 else period(f"{found[0]}-{found[-1]}")


def day(iso: str | None) -> str:
    """A date in words; an empty text where there is none."""
    return date_format(datetime.date.fromisoformat(iso[:10]), "j F Y") if iso else ""


#: Levels as words.
LEVELS = {
    "land": gettext_noop("Land"),
    "provincie": gettext_noop("Provincie"),
    "gemeente": gettext_noop("Gemeente"),
    "stadsdeel": gettext_noop("Stadsdeel"),
    "wijk": gettext_noop("Wijk"),
    "buurt": gettext_noop("Buurt"),
    "pc4": gettext_noop("Postcodegebied"),
    "cel100m": gettext_noop("Vierkant van 100 bij 100 meter"),
}


def level(name: str) -> str:
    """A level as a word."""
    return gettext(LEVELS[name])


def inside(found: Area) -> str:
    """An area as a place to be in: ``In Overdie``."""
    if found.level == "pc4":
        return gettext("In postcode %(code)s") % {"code": found.code}
    if found.level == "stadsdeel":
        return gettext("In stadsdeel %(name)s") % {"name": found.name}
    return gettext("In %(name)s") % {"name": found.name}


def class_word(version: ScoreVersion, step: int | None) -> str:
    """The word of a class of the total."""
    words = version.class_labels_en if english() else version.class_labels
    return words[step - 1] if step and words else gettext("geen klasse")


#: Classes of a change as Leefbaarometer 2.0 publishes them: 4 is about stable, 1 to 7 occur.
CHANGES = (
    gettext_noop("zeer sterk achteruit"),
    gettext_noop("sterk achteruit"),
    gettext_noop("achteruit"),
    gettext_noop("ongeveer gelijk gebleven"),
    gettext_noop("vooruit"),
    gettext_noop("sterk vooruit"),
    gettext_noop("zeer sterk vooruit"),
)


def change_word(step: int) -> str:
    """The word of a published class of change; the number itself where the publication has more classes."""
    return gettext(CHANGES[step - 1]) if step <= len(CHANGES) else str(step)


#: The nine deviation classes as a comparison.
COMPARED = {
    1: gettext_noop("veel lager dan het gemiddelde van Nederland"),
    2: gettext_noop("lager dan het gemiddelde van Nederland"),
    3: gettext_noop("lager dan het gemiddelde van Nederland"),
    4: gettext_noop("iets lager dan het gemiddelde van Nederland"),
    5: gettext_noop("ongeveer gelijk aan het gemiddelde van Nederland"),
    6: gettext_noop("iets hoger dan het gemiddelde van Nederland"),
    7: gettext_noop("hoger dan het gemiddelde van Nederland"),
    8: gettext_noop("hoger dan het gemiddelde van Nederland"),
    9: gettext_noop("veel hoger dan het gemiddelde van Nederland"),
}


def compared(step: int | None, total: float | None) -> str:
    """How a score lies to the national mean, by its deviation class, else by its sign."""
    if step is None:
        if total is None:
            return ""
        step = 3 if total < 0 else 7
    return gettext(COMPARED[step])


def no_score(found: Area) -> str:
    """Why an area has no score, without judging it."""
    if found.level == "cel100m":
        return gettext("Voor vierkanten van 100 bij 100 meter is in deze gegevens geen score gepubliceerd.")
    if not found.current:
        return gettext("Onder deze oude code is in deze gegevens geen score gepubliceerd.")
    return gettext("Er wonen weinig mensen, of de score is niet gepubliceerd.")


def finding(found: Area, score: Scores | None) -> str:
    """The heading of an area page: where it stands, in words."""
    row = newest(score)
    if score is None or row is None:
        return gettext("%(name)s: geen score voor leefbaarheid") % {"name": found.name}
    words = {
        "inside": inside(found),
        "class": class_word(score.version, row["class_total"]),
        # the country is what others are compared with
        "compared": "" if found.level == "land" else compared(row["class_dev"], row["total"]),
        "period": row["period"],
    }
    if row["class_total"] is None:
        return gettext("%(inside)s was de leefbaarheid in %(period)s %(compared)s") % words
    if not words["compared"]:
        return gettext("%(inside)s was de leefbaarheid in %(period)s ‘%(class)s’") % words
    return gettext("%(inside)s was de leefbaarheid in %(period)s ‘%(class)s’, %(compared)s") % words


def newest(score: Scores | None) -> Row | None:
    """The last row that holds a score or a class."""
    if score is None:
        return None
    held = [r for r in score.rows if r["total"] is not None or r["class_total"] is not None]
    return held[-1] if held else None


#: Verdicts on the change of a gap.
VERDICTS = {
    "closing": gettext_noop("dichter bij de stad"),
    "stable": gettext_noop("gelijk gebleven"),
    "widening": gettext_noop("verder van de stad"),
    "unknown": gettext_noop("onbekend"),
}


#: The same where the area stood or stands ahead of its city: a gap that grows there is no step back.
VERDICTS_AHEAD = {
    "closing": gettext_noop("vooruit vergeleken met de stad"),
    "widening": gettext_noop("achteruit vergeleken met de stad"),
}


def ahead(row: Row, indicator: Indicator) -> bool:
    """Whether an area was ahead of its city at the start or the end of the window."""
    sign = -1 if indicator.direction == "lager-beter" else 1
    return any(gap is not None and sign * gap > 0 for gap in (row["gap_start"], row["gap_city"]))


def verdict(row: Row, indicator: Indicator) -> str:
    """A verdict on the change of a gap; towards the city means something else for who is ahead of it."""
    word = row["verdict"]
    return gettext(
        VERDICTS_AHEAD[word] if word in VERDICTS_AHEAD and ahead(row, indicator) else VERDICTS[word]
    )


def reason(row: Row) -> str:
    """Why a verdict is what it is, in one sentence; empty where the verdict says it all."""
    words = {"first": row["first"], "last": row["last"]}
    return {
        "no-measurement": gettext("Er is geen meting met genoeg inwoners erin."),
        "starts-later": gettext("De eerste meting is van %(first)s, na het begin van deze periode.") % words,
        "too-few": gettext("Er zijn te weinig metingen in deze periode."),
        "no-direction": gettext("Er is geen afspraak of hoger of lager beter is."),
        "noise-unknown": gettext("Er zijn te weinig metingen om toeval uit te sluiten."),
    }.get(row["reason"], "")


def explained(row: Row) -> str:
    """Why a verdict is what it is and what to keep in mind with it; empty where the verdict says it all."""
    caveat = gettext("Twee metingen zijn nog geen trend.") if row["two_points"] else ""
    return f"{reason(row)} {caveat}".strip()


def common(rows: Iterable[Row]) -> str:
    """The explanation that most rows share, so that it is said once; empty where none is said twice."""
    [(told, times)] = Counter(told for row in rows if (told := explained(row))).most_common(1) or [("", 0)]
    return told if times > 1 else ""


def moved(row: Row, indicator: Indicator) -> str:
    """How far an area gained or lost ground on its city since the first measurement; empty where not known."""
    if row["change_first"] is None:
        return ""
    change, decimals = row["change_first"], decimals_of_gap(indicator)
    if row["reason"] == "no-direction":
        return number(change, decimals, signed=True)
    words = {"change": number(abs(change), decimals)}
    if not round(change, decimals):
        return gettext("geen verandering")
    return (gettext("%(change)s vooruit") if change > 0 else gettext("%(change)s achteruit")) % words


def since_first(row: Row, indicator: Indicator) -> str:
    """The change since the first measurement, with its years; empty where the window itself tells the change."""
    if row["change"] is not None or row["change_first"] is None:
        return ""
    years = period(f"{row['first']}-{row['last']}")
    return f"{years}: {moved(row, indicator)}"


def breaks(indicators: Iterable[Indicator], years: Sequence[int], provincie: str | None = None) -> list[str]:
    """What to know before comparing figures of these years: known breaks after the first and up to the last.

    A break of one province is told to who asks for that province, or for none in particular.
    """
    told = [
        pick(b.text, b.text_en)
        for indicator in indicators
        for b in indicator.breaks
        if years and min(years) < b.year <= max(years) and provincie in {None, b.provincie or provincie}
    ]
    return list(dict.fromkeys(told))


#: Where an area can stand against a target.
TARGET_STATUSES = {
    "reached": gettext_noop("bereikt"),
    "on-course": gettext_noop("op koers"),
    "behind": gettext_noop("achter op het doel"),
    "unknown": gettext_noop("onbekend"),
}


def target_status(word: str) -> str:
    """Where an area stands against a target."""
    return gettext(TARGET_STATUSES[word])


#: Why a figure is not there, or not counted.
STATUSES = {
    "estimated": gettext_noop("geschat"),
    "secret": gettext_noop("geheim: te weinig mensen"),
    "missing": gettext_noop("niet gepubliceerd"),
    "not_applicable": gettext_noop("niet van toepassing"),
}


def value_status(word: str) -> str:
    """Why a figure is not there; empty where it simply is."""
    return gettext(STATUSES[word]) if word in STATUSES else ""


def unbounded(made: Programme) -> str:
    """The heading of a programme whose areas have no published boundary."""
    return gettext("Van de %(n)s %(word)s is de grens niet bekend: nog geen cijfers") % {
        "n": len(made.areas),
        "word": pick(made.area_word, made.area_word_en),
    }


def counted(made: Programme, window: Window, counts: Row) -> str:
    """The heading of a programme page: how many areas moved ahead against their city, and between which years."""
    known = counts["closing"] + counts["stable"] + counts["widening"]
    if not known:
        return gettext(
            "Van geen van de %(word)s is te zeggen of het vooruitging vergeleken met de stad %(years)s"
        ) % {"word": pick(made.area_word, made.area_word_en), "years": years(window)}
    return gettext(
        "In %(closing)s van de %(known)s %(word)s ging het vooruit vergeleken met de stad %(years)s"
    ) % {
        "closing": counts["closing"],
        "known": known,
        "word": pick(made.area_word, made.area_word_en),
        "years": years(window),
    }


def interval(counts: Row) -> str:
    """How sure a count is, as a sentence; empty where no interval could be worked out."""
    known = counts["closing"] + counts["stable"] + counts["widening"]
    if counts["low"] is None or not known:
        return ""
    return gettext(
        "Elke telling kent toeval: met 90%% zekerheid ging het in %(low)s tot %(high)s gebieden vooruit."
    ) % {"low": number(max(counts["low"], 0) * known), "high": number(min(counts["high"], 1) * known)}


def rest_of_count(counts: Row) -> str:
    """The other areas of a count, in one sentence; empty where no area could be judged."""
    if not counts["closing"] + counts["stable"] + counts["widening"]:
        return ""
    told = (
        gettext("In %(stable)s bleef het verschil met de stad gelijk en in %(widening)s ging het achteruit.")
        % counts
    )
    if not counts["unknown"]:
        return told
    return f"{told} " + ngettext(
        "Van %(unknown)s gebied is het niet bekend.",
        "Van %(unknown)s gebieden is het niet bekend.",
        counts["unknown"],
    ) % dict(counts)


def figure(row: Row, indicator: Indicator) -> str:
    """A key figure with its unit, or why there is none."""
    if row["value"] is None:
        return value_status(row["status"])
    if indicator.unit == "klasse":
        return f"{unit(indicator)} {number(row['value'], indicator.decimals)}"
    space = "" if indicator.unit == "%" else " "
    return f"{number(row['value'], indicator.decimals)}{space}{unit(indicator)}".rstrip()


def decimals_of_gap(indicator: Indicator) -> int:
    """Decimals of a programme's figures: classes are whole, but an average of classes is not."""
    return 1 if indicator.unit == "klasse" else indicator.decimals


#: Units as they are written behind a number; what is not here is written as it is.
UNITS = {
    "aantal": "",
    "gebied": "",
    "personen": gettext_noop("personen"),
    "huishoudens": gettext_noop("huishoudens"),
    "woningen": gettext_noop("woningen"),
    "misdrijven": gettext_noop("misdrijven"),
    "vestigingen": gettext_noop("vestigingen"),
    "voertuigen": gettext_noop("voertuigen"),
    "punten": gettext_noop("punten"),
    "klasse": gettext_noop("klasse"),
    "euro": gettext_noop("euro"),
    "per 1 000 inwoners": gettext_noop("per 1.000 inwoners"),
    "per km²": gettext_noop("per km²"),
}


def unit(indicator: Indicator) -> str:
    """The unit of an indicator as it is written behind a number."""
    written = UNITS.get(indicator.unit, indicator.unit)
    return gettext(written) if written else ""


#: What is said where there is one verdict only.
ONE_VERDICT = {
    "closing": gettext_noop("%(name)s ging vooruit vergeleken met %(city)s %(years)s"),
    "stable": gettext_noop("Het verschil van %(name)s met %(city)s bleef gelijk %(years)s"),
    "widening": gettext_noop("%(name)s ging achteruit vergeleken met %(city)s %(years)s"),
}


def area_finding(area: ProgrammeArea, window: Window | None, verdicts: Sequence[str]) -> str:
    """The heading of a programme area: on how many subjects it moved ahead against its city."""
    judged = [v for v in verdicts if v != "unknown"]
    words = {"name": area.name, "city": area.city, "closing": judged.count("closing"), "judged": len(judged)}
    if window is None or not judged:
        return gettext("%(name)s in %(city)s: nog geen oordeel over het verschil met de stad") % words
    if len(judged) == 1:
        return gettext(ONE_VERDICT[judged[0]]) % {**words, "years": years(window)}
    return gettext(
        "%(name)s ging op %(closing)s van de %(judged)s onderwerpen vooruit vergeleken met %(city)s %(years)s"
    ) % {
        **words,
        "years": years(window),
    }
