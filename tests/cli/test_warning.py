# SPDX-License-Identifier: EUPL-1.2
"""`krachtwijk warn`: the answer for machines and for people."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from krachtwijk.catalogue import score_version
from krachtwijk.cli.main import app
from krachtwijk.cli.warning import WORDS
from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import Warehouse


@pytest.fixture
def warn(built: Warehouse, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))

    def run(*words: object) -> str:
        done = CliRunner().invoke(app, ["warn", *map(str, words)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    return run


def test_the_answer_is_a_list_of_areas_with_chance_interval_and_reasons(warn) -> None:
    answer = json.loads(warn("--level", "pc4", "--as-of", 2016, "--json"))
    assert len(answer) == 3831
    dimensions = {None, *(d.id for d in score_version("lbm2").dimensions)}
    for one in answer:
        assert {"area", "probability", "expected", "interval", "reasons"} <= set(one)
        low, high = one["interval"]
        assert low < one["expected"] < high and 0 < one["probability"] < 1
        assert round(one["probability"], 4) == one["probability"]
        assert {r["code"] for r in one["reasons"]} <= set(WORDS)
        assert {r["dimension"] for r in one["reasons"]} <= dimensions
        assert sum(r["contribution"] for r in one["reasons"]) == pytest.approx(one["expected"], abs=1e-4)


def test_people_read_what_to_look_at_first_and_that_a_person_decides(warn) -> None:
    told = warn("--level", "wijk", "--as-of", 2014)
    assert "bekend in 2014, 2 jaar vooruit" in told and "meer dan 0,040 punt" in told
    assert "Een kans is geen oordeel en geen oorzaak. Een mens besluit" in told
    assert "In kleine gebieden schommelt de score meer" in told
    rows = [line.split()[0] for line in told.splitlines() if line.startswith("  ")]
    assert rows == sorted(rows) and len(rows) > 100  # by area, not from the highest chance down


def test_of_one_area_all_reasons_are_told_in_words(warn) -> None:
    told = warn("--area", "1011")
    assert told.startswith("1011, bekend in 2016: kans van ")
    assert "keer zo sterk als het middelste gebied" in told
    assert "het nulpunt" in told and "De verwachting is de som van:" in told
    assert "Veiligheid: hoe hoog het nu staat" in told and "−0," in told
    with pytest.raises(KrachtwijkError, match="Van 0000 is geen score bekend"):
        warn("--area", "0000")
