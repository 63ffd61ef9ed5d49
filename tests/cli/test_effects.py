# SPDX-License-Identifier: EUPL-1.2
"""`krachtwijk waterbed` and `krachtwijk effect` as a person runs them, on the demonstration."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from krachtwijk.catalogue import programme
from krachtwijk.cli import effects, main
from krachtwijk.runs.displacement_ground import PARTS, Fixed
from krachtwijk.warehouse import ResultInfo, Warehouse

#: the command asks the database, in a process of its own
pytestmark = pytest.mark.database

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(built: Warehouse, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["krachtwijk", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_waterbed_tells_the_plan_then_its_power_then_the_ring_with_its_placebo_band(command: Run) -> None:
    code, out, err = command("waterbed", "krachtwijken-2007")
    assert (code, err) == (0, "")
    order = [
        "HET PLAN, vastgelegd op",
        "SHA-256 ",
        "Hoofdtoets waterbed: Klasse (1 tot en met 9), 2008-2012, ring-1",
        "82 in het programma, 160 in ring 1",
        "WAT DE TOETS KAN ZIEN",
        "beide toetsen samen, zoals het plan vraagt",
        "DE UITKOMST",
        "ontwikkelden zich niet anders dan die verder weg",
        "ring-1 in 2008-2012: +0,10 klasse, interval van 95%: −0,05 tot +0,26",
        "Van 999 nagebootste programma's ligt 95% tussen −0,11 en +0,11",
        "Zonder de afgeleide postcodes is het +0,20 (+0,07 tot +0,33)",
        "alleen-bron ringen ring-1",
        "WAT DE SCORE ZELF DOORGEEFT",
        "WAT DIT NIET ZEGT",
    ]
    places = [out.find(words) for words in order]
    assert -1 not in places, [words for words, place in zip(order, places, strict=True) if place < 0]
    assert places == sorted(places)
    assert max(map(len, out.splitlines())) <= 120


def test_waterbed_gives_everything_as_json(command: Run) -> None:
    code, out, _ = command("waterbed", "krachtwijken-2007", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["verdict"] == "geen-van-betekenis"
    assert set(answer["tables"]) == set(PARTS)
    assert len(answer["plan"]["hash"]) == 64
    assert answer["plan"]["text"].startswith('programme = "krachtwijken-2007"')
    rows = answer["tables"]["schatting"]["rows"]
    assert {row["question"] for row in rows} == {"waterbed"}
    (primary,) = [row for row in rows if row["primary"]]
    assert primary["term"] == "ring-1"
    draws = answer["tables"]["placebo"]["rows"]
    assert len([r for r in draws if (r["window"], r["term"]) == ("2008-2012", "ring-1")]) == 999
    assert all(answer["tables"][part]["run"] for part in PARTS)


def test_effect_lays_convergence_counterfactual_and_regression_to_the_mean_side_by_side(command: Run) -> None:
    code, out, _ = command("effect", "krachtwijken-2007")
    assert code == 0
    assert "is met deze gegevens niet te zeggen" in " ".join(out.split())
    for words in (
        "programma min stad (kwam het dichterbij?)",
        "programma min gebieden die erop leken",
        "zo veel dichterbij komt zo'n gebied vanzelf",
        "Voor 57 van de 82 postcodes zijn er gebieden die erop leken",
        "WAAROM DE ANTWOORDEN VERSCHILLEN",
        "2008-2016",
    ):
        assert words in out, words


def test_effect_of_one_indicator(command: Run) -> None:
    code, out, _ = command("effect", "krachtwijken-2007", "--indicator", "lbm2-vei", "--json")
    rows = json.loads(out)["tables"]["schatting"]["rows"]
    assert code == 0 and {row["outcome"] for row in rows} == {"veiligheid"}
    assert {row["question"] for row in rows} == {"effect"}
    code, out, _ = command("effect", "krachtwijken-2007", "--indicator", "lbm2-vei")
    assert "Dit is niet de hoofdtoets van het plan" in out
    assert "NAAST ELKAAR: Veiligheid" in out


def test_a_programme_without_figures_is_told_in_one_sentence(command: Run) -> None:
    code, out, _ = command("waterbed", "nplv-2022")
    (line,) = out.strip().splitlines()
    assert code == 0
    assert "de grenzen van de gebieden zijn niet bekend" in line
    assert "Leefbaarometer 3.0: 2024" in line
    code, out, _ = command("effect", "nplv-2022", "--json")
    assert json.loads(out)["missing"] == line
    assert command("monitor", "waterbed", "nplv-2022")[1].strip() == line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("waterbed", "krachtwijken"), "Programma krachtwijken bestaat niet"),
        (("effect", "krachtwijken-2007", "--indicator", "lbm9"), "Indicator lbm9 bestaat niet"),
        (
            ("effect", "krachtwijken-2007", "--indicator", "gez-roker"),
            "Indicator gez-roker staat niet in het plan van dit onderzoek",
        ),
    ],
)
def test_what_is_not_known_is_told_in_one_line(command: Run, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (1, "")
    assert told in err and len(err.strip().splitlines()) == 1


@pytest.mark.django_db
def test_each_plan_stands_once_in_the_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-159: before an outcome is read; a plan that stands is not written again, another one is."""
    from krachtwijk.web.apps.record import selectors

    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    found = programme("krachtwijken-2007")
    info = ResultInfo("waterbed-krachtwijken-2007-plan", "abc", "waterbed-1", (), 1)
    fixed = Fixed("een plan\n", "a" * 64, info, "2026-11-22T09:00:00+00:00", (), True)
    for plan in (fixed, fixed, replace(fixed, hash="b" * 64, text="een ander plan\n")):
        effects._register_plan(Warehouse(tmp_path), found, plan, "krachtwijk waterbed")
    events = list(selectors.events(stream=effects.STREAM))
    assert [event.payload["hash"][0] for event in events] == ["a", "b"]
    assert events[1].payload["text"] == "een ander plan\n"
    assert {event.subject for event in events} == {"krachtwijken-2007"}


def test_the_plan_of_the_demonstration_stood_in_the_register_before_its_answer(built: Warehouse) -> None:
    import sqlite3

    with sqlite3.connect(f"file:{built.home}/krachtwijk.sqlite3?mode=ro", uri=True) as database:
        rows = database.execute(
            "select stream_id, occurred_at from record_event order by occurred_at"
        ).fetchall()
    at = next(when for stream, when in rows if stream == effects.STREAM)
    answered = built.result_info("waterbed-krachtwijken-2007-schatting")
    assert answered is not None
    assert at[:19].replace(" ", "T") <= answered.made_at[:19]


def test_numbers_are_written_as_dutch_readers_do() -> None:
    assert effects.number(-0.104, 2, sign=True) == "−0,10"
    assert effects.number(0.104, 3, sign=True) == "+0,104"
    assert effects.number(None) == effects.number(float("nan")) == "–"
