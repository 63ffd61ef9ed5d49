# SPDX-License-Identifier: EUPL-1.2
"""The command as a person runs it: arguments, output, errors and an exit code."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from krachtwijk.cli import main

#: the command asks the database, in a process of its own
pytestmark = pytest.mark.database


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """The entry point within this process: starting Python for each case would take a second a time."""
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["krachtwijk", *(str(a) for a in arguments)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        out, err = capfd.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return run


def test_the_installed_command_runs_and_keeps_errors_off_standard_output(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "krachtwijk.cli.main", "ingest", "weg.csv", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "KRACHTWIJK_HOME": str(tmp_path / "var")},
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["edition"] is None
    assert len(done.stderr.strip().splitlines()) == 1


def one_clear_line(done: Done) -> str:
    """The error text: one line, no traceback."""
    assert "Traceback" not in done.stderr + done.stdout
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("krachtwijk: ")
    return line


def test_ingest_answers_with_a_list_of_one_object_a_file(command, packaged: Path) -> None:
    path = packaged / "leefbaarometer/lbm3-gemeente-2024.csv.gz"
    done = command("ingest", path, "--json")
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout)
    assert {key: answer[key] for key in ("source", "rows", "kept", "rejected", "warnings")} == {
        "source": "lbm3",
        "rows": 342,
        "kept": 342,
        "rejected": [],
        "warnings": [],
    }
    assert answer["edition"].startswith("lbm3-gemeente-2024-")
    (again,) = json.loads(command("ingest", path, "--json").stdout)
    assert [w["code"] for w in again["warnings"]] == ["duplicate_edition"]
    (listed,) = json.loads(command("editions", "--json").stdout)
    assert listed["edition"] == answer["edition"]


def test_a_refused_file_is_one_line_and_an_exit_code_and_changes_nothing(command, tmp_path: Path) -> None:
    bad = tmp_path / "onbekend.csv"
    bad.write_text("kleur,smaak\nrood,zoet\n")
    done = command("ingest", bad)
    assert done.returncode == 1
    line = one_clear_line(done)
    assert "kleur" in line
    assert "onbekend.csv" in line
    assert json.loads(command("editions", "--json").stdout) == []


def test_a_good_file_beside_a_bad_one_is_taken_in(command, packaged: Path, tmp_path: Path) -> None:
    bad = tmp_path / "kapot.csv.gz"
    bad.write_bytes(gzip.compress(b"id,afw\n" * 1000)[:40])
    done = command("ingest", bad, packaged / "leefbaarometer/lbm3-gemeente-2024.csv.gz", "--json")
    assert done.returncode == 1
    refused, taken = json.loads(done.stdout)
    assert refused["edition"] is None
    assert "beschadigd" in refused["error"]["what"]
    assert taken["kept"] == 342


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ingest", "weg.csv"], 1, "bestaat niet"),
        (["ingest", "."], 1, "map"),
        (["ingest", "x.csv", "--period", "vorig jaar"], 1, "geen jaar"),
        (["ingest"], 2, "Er ontbreekt iets: 'files'"),
        (["ingest", "x.csv", "--vlug"], 2, "Deze optie bestaat niet: --vlug"),
        (["dans"], 2, "Deze opdracht bestaat niet: 'dans'"),
        (["serve", "--port", "0"], 2, "--port"),
        (["monitor", "outcome", "atlantis"], 1, "atlantis"),
        (["fetch", "gopher", "85984NED"], 1, "gopher"),
        (["fetch", "cbs4", "85984NED", "--offline"], 1, ""),
    ],
)
def test_misuse_is_told_in_one_line(command, arguments: list[str], code: int, words: str) -> None:
    done = command(*arguments)
    assert done.returncode == code, done.stderr
    assert words in one_clear_line(done)


@pytest.mark.parametrize("verb", [[], ["monitor"]])
def test_a_group_without_a_verb_shows_its_help(command, verb: list[str]) -> None:
    done = command(*verb)
    assert done.returncode == 2
    assert "Commands:\n" in done.stdout
    assert done.stderr == ""


def test_every_refused_file_has_its_object(command, tmp_path: Path) -> None:
    pipe = tmp_path / "pijp"
    os.mkfifo(pipe)
    done = command("ingest", pipe, tmp_path / "weg.csv", "--json")
    assert done.returncode == 1
    assert [a["error"]["what"] for a in json.loads(done.stdout)] == [
        "Dit is geen gewoon bestand",
        "Dit bestand bestaat niet",
    ]
    assert len(done.stderr.strip().splitlines()) == 2
    (answer,) = json.loads(command("ingest", pipe, "--period", "19", "--json").stdout)
    assert answer["error"]["where"] == "--period"


def test_a_home_that_cannot_be_written_is_told(command, packaged: Path, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("een bestand, geen map")
    done = command("ingest", packaged / "leefbaarometer/lbm3-gemeente-2024.csv.gz")
    assert done.returncode == 1
    assert "KRACHTWIJK_HOME" in one_clear_line(done)


@pytest.mark.parametrize("verb", ["serve", "demo"])
def test_a_taken_port_is_told(command, verb: str) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command(verb, "--port", taken.getsockname()[1])
    assert done.returncode == 1
    assert "in gebruik" in one_clear_line(done)


def test_every_verb_has_help(command) -> None:
    for verb in ("demo", "serve", "ingest", "fetch", "editions", "indicators", "monitor"):
        done = command(verb, "--help")
        assert done.returncode == 0
        assert "Usage" in done.stdout


def test_monitor_without_editions_says_what_to_do(command) -> None:
    done = command("monitor", "leefbaarometer")
    assert done.returncode == 0
    assert "krachtwijk demo" in done.stdout


def test_ctrl_c_is_told_in_one_line_and_ends_with_130(command, monkeypatch: pytest.MonkeyPatch) -> None:
    from krachtwijk.cli import demo

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "build", interrupted)
    done = command("demo", "--no-serve")
    assert done.returncode == 130
    assert "draai het opnieuw" in one_clear_line(done)


def test_ctrl_c_while_loading_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    from krachtwijk import cli

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "run", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == 130


@pytest.mark.slow
def test_a_programme_without_boundaries_says_so(command) -> None:
    done = command("monitor", "outcome", "nplv-2022")
    assert done.returncode == 0
    assert "geen grens bekend" in done.stdout


def test_starting_the_command_loads_nothing_that_taking_in_a_file_does_not_need() -> None:
    loaded = "sorted({'numpy', 'scipy', 'django'} & set(sys.modules))"
    code = f"import sys, krachtwijk.cli.main, krachtwijk.sources; print({loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
