# SPDX-License-Identifier: EUPL-1.2
"""The summary of a by-law: whole, with an article behind every sentence, and no surer than what was read."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from krachtwijk.catalogue.bylaws import bylaws
from krachtwijk.rules.bylaw import PARAMETERS
from krachtwijk.rules.explaining import explain, in_words, summary

MODEL = bylaws()["g31-2008"]

#: Every article of the ordinance and every note to it that holds a rule.
ARTICLES = set(
    """1a 1b 1c 1d 1e 1f 1g 1h 1i 2.1 2.2 2.3 2.4 2.5 2.6 3.1 3.2 4.1 4.2 4.2a 4.2b 4.2c 4.2d 4.3 4.4 5.1 5.2 5.3
5.4 5.5 5.6 5.7 5.8 6 6a 6b 6c 6d 6e 7.1 7.2 7.3 8.1 8.2 8.3 9.1 9.2 9.3 9.3b 10.1 10.2""".split()  # noqa: SIM905
)
NOTES = """1a 1b 1c 1f 2.1 2.5 2.6 3.1 4.2 4.3 5 5.5 6 6d 7 8 10""".split()  # noqa: SIM905


def test_the_summary_of_the_model_leaves_no_article_and_no_note_out() -> None:
    told = {article for line in explain(MODEL) for article in line.article.split(", ")}
    assert set(ARTICLES) - told == set()
    assert {f"{note} toel." for note in NOTES} - told == set()


def test_the_summary_of_the_model_names_no_article_that_is_not_there() -> None:
    known = {
        *ARTICLES,
        *(f"{note} toel." for note in NOTES),
        "aanhef",
        "algemene toel.",
        "Atw 1",
        "Awb 4:5",
        "Awb 4:25",
    }
    assert {article for line in explain(MODEL) for article in line.article.split(", ")} <= known


@pytest.mark.parametrize("name", sorted(bylaws()))
def test_every_sentence_has_an_article_and_no_placeholder_left(name: str) -> None:
    for line in explain(bylaws()[name]):
        assert line.article and line.text.endswith("."), line
        assert not re.search(r"[{}]|None|True|False", line.text), line


@pytest.mark.parametrize("name", sorted(bylaws()))
def test_an_unknown_value_is_told_as_unknown_once(name: str) -> None:
    law = bylaws()[name]
    unknown = {v.name for v in law.values.values() if v.standing == "unknown"}
    told = [line.text for line in explain(law) if line.standing == "unknown"]
    assert sorted(told) == sorted(f"Niet bekend is {PARAMETERS[name].meaning}." for name in unknown)


def test_nothing_that_was_assumed_is_told_as_read() -> None:
    """Of De Baarsjes no text was read: only what stands in an act may be sure."""
    sure = [line for line in explain(bylaws()["de-baarsjes-2010"]) if line.standing == "read"]
    assert {line.article.split()[0] for line in sure} == {"Awb"}


def test_what_the_text_does_not_say_is_marked_in_the_model() -> None:
    assumed = {line.article: line.text for line in explain(MODEL) if line.standing == "assumed"}
    assert "Een initiatief wint als er meer stemmen voor zijn dan tegen." in [
        line.text for line in explain(MODEL) if line.standing == "assumed"
    ]
    assert set(assumed) == {"1i", "5.1", "5.6", "5.8"}
    sure = [line.text for line in explain(MODEL) if line.standing == "read"]
    assert "De wijkraadpleging bepaalt of een initiatief de vouchers krijgt." in sure


def test_sentences_follow_the_values() -> None:
    values = dict(MODEL.values)
    for name, value in {
        "cash_limit": 750_50,
        "decision_model": "advice",
        "last_issue": None,
        "quorum": 25,
    }.items():
        values[name] = replace(values[name], value=value)
    told = [line.text for line in explain(replace(MODEL, values=values))]
    assert "Contant geld kan tot en met € 750,50 per keer." in told
    assert "Het college beslist. De regiegroep geeft daarover advies." in told
    assert "Er is geen laatste dag om te verstrekken." in told
    assert "Er zijn minstens 25 stemmen nodig." in told
    assert not [text for text in told if "30 juni 2009 worden verstrekt" in text or "mandaat: zij" in text]


def test_a_by_law_without_sentences_is_told_value_by_value() -> None:
    told = summary(replace(MODEL, sentences=()))
    sentences = [s["text"] for part in told["subjects"] for s in part["sentences"]]
    assert "Hoeveel contant geld per keer: € 500." in sentences
    assert len(sentences) == len(PARAMETERS) + len(MODEL.grounds) + len(MODEL.outcomes)


def test_het_adviesplatform_and_de_regiegroep() -> None:
    told = " ".join(line.text for line in explain(bylaws()["leeuwarden-2008"]))
    assert "het adviesplatform" in told.lower() and "de adviesplatform" not in told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("cost_reserve", 1000, "10 procent"),
        ("cost_reserve", 750, "7,5 procent"),
        ("decision_term", 1, "één week"),
        ("decision_term", 13, "13 weken"),
        ("voucher_maximum", 1_234_567_89, "€ 1.234.567,89"),
        ("channel_weights", (("internet", 1), ("zaal", 2)), "internet telt 1 keer en zaal telt 2 keer"),
        ("last_issue", None, "geen"),
    ],
)
def test_values_in_words(name: str, value: object, told: str) -> None:
    assert in_words(name, value) == told
