# SPDX-License-Identifier: EUPL-1.2
"""R-161: the command `krachtwijk residents`, from invented people to tables that may leave."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.cli import main

Call = Callable[..., int]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path / "var"))

    def run(*words: object) -> int:
        monkeypatch.setattr(sys, "argv", ["krachtwijk", "residents", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        return int(ended.value.code or 0)

    return run


@pytest.fixture
def folder(call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    made = tmp_path / "oefening"
    assert call("generate", made, "--people", 1500, "--areas", 4, "--years", 3) == 0
    assert "bestaan niet" in capsys.readouterr().out
    return made


def test_invented_people_split_follow_and_count(
    call: Call, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = json.loads((folder / "waarheid.json").read_text())["areas"]
    out = tmp_path / "uit"
    assert call("split", folder, "--out", out, "--yearly") == 0
    table = pl.read_csv(out / "splitsing.csv", schema_overrides={"area": pl.String})
    assert set(table["period"]) == {"2008-2010", "2008-2009", "2009-2010"}
    shown = table.filter(part="progress", status="ok", period="2008-2010", level="gebied")
    assert shown.height
    for row in shown.to_dicts():
        assert abs(row["value"] - truth[row["area"]]["progress"]) < 5 * row["error"]
    hidden = table.filter(pl.col("status") != "ok")
    assert (
        hidden.height
        and hidden.select(pl.col("people", "value", "error", "low", "high").is_null().all()).row(0)
        == (True,) * 5
    )
    assert call("cohort", folder, "--out", out, "--cut", 5) == 0
    assert call("transitions", folder, "--out", out, "--cut", 5) == 0
    assert {p.name for p in out.iterdir()} >= {"splitsing.csv", "cohort.csv", "verhuizing.csv", "klassen.csv"}
    account = json.loads((out / "cohort-verantwoording.json").read_text())
    assert (
        account["rule"] == "splitsing-1"
        and account["internal"] is False
        and account["people"]["2008"] == 1500
    )


def test_the_same_again_is_the_same_and_another_division_is_refused(
    call: Call, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = tmp_path / "indeling.csv"
    groups.write_text("area,stad\n1,Oost\n2,Oost\n3,West\n4,West\n")
    capsys.readouterr()
    told = []
    for _ in range(2):
        assert call("split", folder, "--groups", groups, "--level", "gebied", "--level", "stad") == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] and "stad,Oost,2008-2010,change" in told[0]
    groups.write_text("area,stad\n1,Oost\n2,West\n3,West\n4,West\n")
    assert call("split", folder, "--groups", groups) == 1
    assert "al iets uitgegeven" in capsys.readouterr().err
    assert call("split", folder, "--groups", groups, "--internal", "--out", tmp_path / "in") == 0
    assert "mogen de beveiligde omgeving niet verlaten" in capsys.readouterr().out
    assert (tmp_path / "in" / "INTERN-splitsing.csv").exists()


def test_json_holds_the_tables_and_how_they_were_made(
    call: Call, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("transitions", folder, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["shown"] + answer["hidden"] == len(answer["verhuizing"])
    assert {row["to"] for row in answer["verhuizing"]} >= {"1", "2", "3", "4", "(uit beeld)"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "1999"), "1999"),
        (("--from", "2010", "--to", "2008"), "geen twee jaren"),
        (("--outcome", "inkomen"), "Kolom inkomen ontbreekt"),
        (("--level", "stad"), "Niveau stad"),
        (("--engine", "excel"), "excel"),
        (("--out", "{}/oefening"), "staat al iets anders"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    call: Call,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: str,
) -> None:
    assert call("split", folder, *(w.format(tmp_path) for w in words)) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "var" / "bewoners").exists()


def test_amounts_and_wrong_choices(call: Call, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("split", folder, "--amounts", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rules"]["amounts"] is True
    assert call("cohort", folder, "--step", "1", "--cut", "5") == 1
    assert "gaan niet samen" in capsys.readouterr().err
    assert call("generate", folder.parent / "x", "--areas", "70000") == 1
