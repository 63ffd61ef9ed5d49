# SPDX-License-Identifier: EUPL-1.2
"""Sentences of the pages about displacement and effect: findings, sizes of a shift, names of rings and variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext, gettext_noop

from krachtwijk.catalogue import indicators
from krachtwijk.monitor.effects.plan import Outcome, StudyPlan
from krachtwijk.web.apps.publication import wording
from krachtwijk.web.apps.publication.selectors import Row
from krachtwijk.web.apps.publication.selectors.displacement import Study

#: Where an estimate is about.
TERMS = {
    "programma": gettext_noop("In de wijken zelf"),
    "ring-1": gettext_noop("Ernaast: grenst aan een wijk"),
    "ring-2": gettext_noop("Eén postcode verder"),
}
#: The place of a postcode in the study.
ROLES = {
    "programma": gettext_noop("Hoort bij het programma"),
    "ring-1": gettext_noop("Ring 1: grenst aan een wijk van het programma"),
    "ring-2": gettext_noop("Ring 2: grenst aan ring 1"),
    "verder": gettext_noop("Verder weg in dezelfde stad: de vergelijking"),
    "buiten": gettext_noop("Telt niet mee: te weinig inwoners, of geen grens bekend"),
}
#: Lines and differences of the page about effect.
MEASURES = {
    "programma": gettext_noop("De wijken van het programma"),
    "stad": gettext_noop("De rest van hun steden"),
    "lijkend": gettext_noop("Wijken die erop leken"),
    "vanzelf": gettext_noop("Wat vanzelf te verwachten was"),
    "verschil-stad": gettext_noop("Dichter bij de stad"),
    "verschil-lijkend": gettext_noop("Meer dan wijken die erop leken"),
    "verschil-vanzelf": gettext_noop("Zo veel dichter bij de stad komt vanzelf"),
}
#: The lines of a drawing, with little room for a name.
LINES = {
    "programma": gettext_noop("programma"),
    "stad": gettext_noop("rest van de stad"),
    "lijkend": gettext_noop("leken erop"),
    "vanzelf": gettext_noop("vanzelf"),
}
#: Variants whose label is too long for a drawing; the table beside it gives the whole.
DRAWN = {
    "programma-ook-ring": gettext_noop("Ook wijken naast een andere wijk"),
    "zelfde-begin": gettext_noop("Naast postcodes met hetzelfde begin"),
}
METHODS = {
    "ringen": gettext_noop("naast postcodes verder weg in de stad"),
    "gekoppeld": gettext_noop("naast wijken die erop leken"),
    "imputatie": gettext_noop("naast wat zonder programma te verwachten was"),
}
#: How power was worked out.
WAYS = {
    "formule": gettext_noop("Met de fout per stad"),
    "placebo": gettext_noop("Met nagebootste programma’s"),
    "beide": gettext_noop("Met beide toetsen samen"),
}
#: What the ministry's method looked at.
SEARCHED = {
    "aanliggend": gettext_noop("Postcodes die aan de wijk grenzen"),
    "stad": gettext_noop("De rest van de stad"),
    "regio": gettext_noop("De rest van de regio"),
}
INDICATIONS = {
    "1a": gettext_noop("1a. Wijk en omgeving gaan uit elkaar"),
    "1b": gettext_noop("1b. Veel bewoners in een postcode die achteruitgaat"),
    "1c": gettext_noop("1c. Eén postcode blijft sterk achter"),
    "1": gettext_noop("Een of meer van deze drie"),
    "2a": gettext_noop("2a. Als 1a, op het onderdeel bewoners"),
    "2b": gettext_noop("2b. Veel verhuizingen naar de omgeving"),
    "2c": gettext_noop("2c. Als 1a, op het onderdeel veiligheid"),
}
_DECIMALS = {"stap": 2, "rang": 1, "score": 3, "tot": 1}


def named(words: Mapping[str, str], code: str) -> str:
    """What a code is called; the code itself where nobody named it."""
    return gettext(words[code]) if code in words else code


def _points(outcome: Outcome) -> bool:
    return outcome.scale == "stap" and not outcome.indicator.endswith("klasse")


def amount(outcome: Outcome, value: float | None, *, signed: bool = True) -> str:
    """A shift as a number with as many digits as its scale bears."""
    return wording.number(value, 3 if _points(outcome) else _DECIMALS[outcome.scale], signed=signed)


def unit(outcome: Outcome) -> str:
    """What a shift is counted in."""
    if _points(outcome) or outcome.scale == "score":
        return gettext("punten")
    return {
        "stap": gettext("klasse"),
        "rang": gettext("plaatsen van de 100"),
        "tot": gettext("procentpunt"),
    }[outcome.scale]


def between(outcome: Outcome, row: Row) -> str:
    """The interval of an estimate."""
    return gettext("%(low)s tot %(high)s") % {
        "low": amount(outcome, row["low"]),
        "high": amount(outcome, row["high"]),
    }


def term(name: str) -> str:
    """Where an estimate is about; of rings in metres its limits."""
    if name in TERMS:
        return gettext(TERMS[name])
    low, dash, high = name.removesuffix(" m").partition("-")
    if dash and low.isdigit() and high.isdigit():
        return gettext("%(low)s tot %(high)s meter van de rand") % {
            "low": wording.number(int(low)),
            "high": wording.number(int(high)),
        }
    return name


def outcome(plan: StudyPlan, identifier: str) -> str:
    """The label of an outcome."""
    return wording.label(plan.outcome(identifier))


def variant(plan: StudyPlan, identifier: str) -> str:
    """The label of a variant, up to its explanation."""
    return next((wording.label(v).split(":")[0] for v in plan.variants if v.id == identifier), identifier)


def without_derived(out: Outcome, row: Row, derived: int) -> str:
    """The test without the postcodes of which the source does not name the programme."""
    words = {
        "n": derived,
        "value": amount(out, row["estimate"]),
        "unit": unit(out),
        "interval": between(out, row),
    }
    if row["low"] > 0:
        text = gettext(
            "Laten wij de %(n)s postcodes weg waarvan wij niet zeker zijn? Dan ging het ernaast zelfs beter dan "
            "verder weg: %(value)s %(unit)s (95%%: %(interval)s)."
        )
    elif row["high"] < 0:
        text = gettext(
            "Laten wij de %(n)s postcodes weg waarvan wij niet zeker zijn? Dan ging het ernaast minder goed dan "
            "verder weg: %(value)s %(unit)s (95%%: %(interval)s)."
        )
    else:
        text = gettext(
            "Laten wij de %(n)s postcodes weg waarvan wij niet zeker zijn? Dan is het verschil "
            "%(value)s %(unit)s (95%%: %(interval)s)."
        )
    return text % words


def own_course(out: Outcome, window: str, closer: Row, itself: Row) -> str:
    """How much closer to their city the areas came, beside what such a start brings by itself; else nothing."""
    if closer["low"] <= 0:
        return ""
    words = {
        "window": wording.between(window).capitalize(),
        "closer": amount(out, closer["change"], signed=False),
        "itself": amount(out, itself["change"], signed=False),
        "unit": unit(out),
    }
    told = (
        gettext("%(window)s kwamen de wijken %(closer)s %(unit)s dichter bij de rest van hun stad.") % words
    )
    if itself["change"] < closer["low"]:
        return (
            told
            + " "
            + gettext("Gebieden die zo laag beginnen, komen vanzelf %(itself)s dichterbij: minder.") % words
        )
    if itself["change"] > closer["high"]:
        return (
            told
            + " "
            + gettext("Gebieden die zo laag beginnen, komen vanzelf %(itself)s dichterbij: meer.") % words
        )
    return (
        told
        + " "
        + gettext("Gebieden die zo laag beginnen, komen vanzelf %(itself)s dichterbij: ongeveer evenveel.")
        % words
    )


def displacement_finding(found: Study, verdict: str) -> str:
    """The heading of the page about displacement, by the rule that the plan fixed."""
    return {
        "achter": gettext(
            "De postcodes naast de %(n)s %(word)s bleven %(window)s achter bij de rest van hun stad"
        ),
        "vooruit": gettext(
            "De postcodes naast de %(n)s %(word)s gingen %(window)s meer vooruit dan de rest van hun stad"
        ),
        "geen-van-betekenis": gettext(
            "Naast de %(n)s %(word)s is %(window)s geen waterbed van betekenis te zien"
        ),
    }.get(
        verdict,
        gettext(
            "Of problemen naast de %(n)s %(word)s %(window)s toenamen, is met deze cijfers niet te zeggen"
        ),
    ) % _words(found, found.plan.primary("waterbed").window)


def effect_finding(found: Study, window: str, closer: Row, better: int) -> str:
    """The heading of the page about effect: closer to the city, by its interval; and more (1) or less (−1) than
    look-alikes by the tests of the plan, or neither (0).
    """
    if closer["low"] > 0:
        if better > 0:
            text = gettext(
                "De %(n)s %(word)s kwamen %(window)s dichter bij hun stad, en meer dan wijken die erop leken"
            )
        elif better < 0:
            text = gettext(
                "De %(n)s %(word)s kwamen %(window)s dichter bij hun stad, maar minder dan wijken die erop leken"
            )
        else:
            text = gettext(
                "De %(n)s %(word)s kwamen %(window)s dichter bij hun stad, "
                "maar niet aantoonbaar meer dan wijken die erop leken"
            )
    elif closer["high"] < 0:
        text = gettext("De %(n)s %(word)s kwamen %(window)s verder van hun stad te staan")
    else:
        text = gettext("Of de %(n)s %(word)s %(window)s dichter bij hun stad kwamen, is niet te zeggen")
    return text % _words(found, window)


def _words(found: Study, window: str) -> dict[str, object]:
    made = found.programme
    return {
        "n": len(made.areas),
        "word": wording.pick(made.area_word, made.area_word_en),
        "window": wording.between(window),
    }


def before_the_start(out: Outcome, row: Row) -> str:
    """Whether areas beside the programme already fared differently before it: a course that may spring back."""
    words = {"value": amount(out, row["estimate"]), "window": wording.between(row["window"])}
    low, high = row["placebo_low"], row["placebo_high"]
    if low is not None and not low <= row["estimate"] <= high:
        return (
            gettext(
                "Let op: %(window)s liep het ernaast al anders (%(value)s). "
                "Wat daarna gebeurde, kan deels terugveren zijn."
            )
            % words
        )
    return (
        gettext("Voor de start, %(window)s, liep het ernaast niet anders dan bij nagebootste programma’s.")
        % words
    )


def beyond_zero(plan: StudyPlan, out: Outcome, rows: Sequence[Row]) -> str:
    """The variants whose interval leaves zero out, by name; or that there are none."""
    found = [r for r in rows if r["low"] > 0 or r["high"] < 0]
    if not found:
        return gettext("In geen enkele variant ligt het interval helemaal boven of onder nul.")
    named_ = [f"{lowered(variant(plan, r['variant']))} ({amount(out, r['estimate'])})" for r in found]
    told = gettext("Hier ligt het interval helemaal boven of onder nul: %(listed)s.") % {
        "listed": wording.listed(named_)
    }
    if all(r["estimate"] > 0 for r in found):
        return told + " " + gettext("Dat wijst op vooruitgang ernaast, dus niet op een waterbed.")
    if all(r["estimate"] < 0 for r in found):
        return told + " " + gettext("Dat zou bij een waterbed passen.")
    return told


def drawn(plan: StudyPlan, identifier: str) -> str:
    """The label of a variant in a drawing."""
    return gettext(DRAWN[identifier]) if identifier in DRAWN else variant(plan, identifier)


def lowered(text: str) -> str:
    """A label inside a sentence."""
    return text[:1].lower() + text[1:]


def variable(name: str) -> str:
    """A characteristic by which look-alikes were sought or judged."""
    if name.startswith("klasse-"):
        return gettext("Klasse in %(year)s") % {"year": name.removeprefix("klasse-")}
    return wording.label(indicators()[name]) if name in indicators() else name


def power_basis(row: Row) -> str:
    """What the smallest shift that can be seen was worked out from."""
    return gettext("%(way)s, uit de veranderingen van %(window)s") % {
        "way": named(WAYS, row["basis"]),
        "window": wording.period(row["window"]),
    }


def one_in(shift: float) -> str:
    """A shift in classes as a number of postcodes: one in so many a class lower."""
    if not 0 < shift < 1:
        return ""
    return gettext("Dat is één klasse lager in één op de %(n)s postcodes.") % {"n": wording.number(1 / shift)}


def chance(p: float | None) -> str:
    """A chance in per cent; one that is not nothing is not written as 0%."""
    return "–" if p is None else wording.percent(p) if p >= 0.005 else gettext("minder dan 1%")
