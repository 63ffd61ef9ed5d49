# SPDX-License-Identifier: EUPL-1.2
"""`krachtwijk consultation tally`: what comes out, and what a wrong file is told."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from krachtwijk.cli import main

CHECK_4 = "\r\n".join(
    [
        "META", "key;value", "budget;60000", "vote_type;approval", "rule;greedy", "num_votes;200",
        "PROJECTS", "project_id;cost;name", "1;20000;Speeltuin", "2;20000;Plein", "3;20000;Pad",
        "4;12000;Feest", "5;11000;Tuin", "VOTES", "voter_id;vote",
        *(f"a{n};1,2,3" for n in range(120)), *(f"b{n};4,5" for n in range(80)), "",
    ]
)  # fmt: skip


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wijk.pb").write_bytes(CHECK_4.encode())

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(
            sys, "argv", ["krachtwijk", "consultation", "tally", *(str(a) for a in arguments)]
        )
        with pytest.raises(SystemExit) as ended:
            main.run()
        out, err = capfd.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    return run


def test_the_answer_for_machines_has_the_fields_of_the_interface(command, tmp_path: Path) -> None:
    done = command("wijk.pb", "--rule", "mes", "--json", "--log", "telling.jsonl")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(answer) == {"rule", "winners", "cost", "budget", "log_sha256", "warnings"}
    assert (answer["rule"], answer["cost"], answer["budget"]) == ("mes", "43000.00", "60000.00")
    assert len(answer["winners"]) == 3 and {"4", "5"} < set(answer["winners"])
    assert hashlib.sha256((tmp_path / "telling.jsonl").read_bytes()).hexdigest() == answer["log_sha256"]


def test_without_a_rule_that_of_the_file_counts_and_a_packed_file_is_the_same(
    command, tmp_path: Path
) -> None:
    (tmp_path / "wijk.pb.gz").write_bytes(gzip.compress(CHECK_4.encode()))
    plain, packed = (json.loads(command(name, "--json").stdout) for name in ("wijk.pb", "wijk.pb.gz"))
    assert plain == packed
    assert plain["rule"] == "greedy" and set(plain["winners"]) == {"1", "2", "3"}


def test_people_read_names_amounts_warnings_and_who_wins_under_other_rules(command) -> None:
    said = command("wijk.pb", "--compare").stdout
    assert "Regel greedy: 3 van 5 plannen winnen." in said
    assert "Kosten 60000.00 van 60000.00." in said
    assert "Let op: Er zijn 5 plannen." in said
    assert "Met de regel mes winnen ‘Tuin’ en ‘Feest’ wel, en winnen" in said


def test_the_winners_are_written_in_a_file_of_the_same_kind(command, tmp_path: Path) -> None:
    assert command("wijk.pb", "--write", "uitslag.pb").returncode == 0
    text = (tmp_path / "uitslag.pb").read_bytes().decode()
    assert "project_id;cost;name;selected\r\n1;20000;Speeltuin;1\r\n" in text
    assert "5;11000;Tuin;0\r\n" in text


def test_the_lot_needs_its_seed_only_where_nothing_else_decides(command) -> None:
    seeds = {command("wijk.pb", "--rule", "mes", "--seed", seed, "--json").stdout for seed in "abcdefgh"}
    assert len({tuple(json.loads(out)["winners"]) for out in seeds}) > 1  # which of three equal plans


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "regel 1"),
        ("zomaar tekst\n", "begint niet met META"),
        (CHECK_4.replace("a7;1,2,3", "a7;1,2,9"), "regel 23"),
        (CHECK_4.replace("budget;60000", "budget;x"), "regel 3"),
    ],
)
def test_a_malformed_file_ends_with_2_and_one_line(command, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "fout.pb").write_text(content, "utf-8")
    done = command("fout.pb", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "fout.pb" in done.stderr and words in done.stderr


def test_what_is_no_text_no_file_or_no_rule_is_refused_in_one_line(command, tmp_path: Path) -> None:
    (tmp_path / "beeld.pb").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "half.pb.gz").write_bytes(gzip.compress(CHECK_4.encode())[:50])
    for arguments, code in (
        (["beeld.pb"], 2),
        (["half.pb.gz"], 2),
        (["niets.pb"], 2),
        (["wijk.pb", "--rule", "borda"], 1),
        (["wijk.pb", "--stop", "ooit"], 1),
        (["wijk.pb", "--ties", "leeftijd"], 1),
    ):
        done = command(*arguments)
        assert (done.returncode, done.stdout) == (code, ""), arguments
        assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


def by_law(folder: Path, *values: str) -> Path:
    """A by-law of our own that inherits the model and counts in another way."""
    lines = ['id = "delft-2009"', 'title = "Delft"', 'municipality = "Delft"', "in_force = 2009-01-01"]
    lines += [
        'source = "zelf gemaakt"',
        'about = "Telt anders."',
        'inherits = "g31-2008"',
        "[values]",
        *values,
    ]
    path = folder / "delft-2009.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_r085_a_by_law_says_how_is_counted(command, tmp_path: Path) -> None:
    law = by_law(
        tmp_path,
        'consultation_rule = { value = "mes-add1", article = "7", standing = "read" }',
        'tie_rule = { value = ["most-votes", "lot"], article = "7", standing = "read" }',
    )
    found = json.loads(command("wijk.pb", "--bylaw", law, "--json").stdout)
    assert found["rule"] == "mes-add1"
    assert sorted(found["winners"])[-2:] == ["4", "5"] and found["cost"] == "43000.00"
    model = json.loads(command("wijk.pb", "--bylaw", "g31-2008", "--json").stdout)
    assert model["rule"] == "yes-no"


def test_weights_of_channels_come_only_from_a_by_law(command, tmp_path: Path) -> None:
    law = by_law(
        tmp_path,
        'consultation_rule = { value = "greedy", article = "7", standing = "read" }',
        'channel_weights = { value = { zaal = 3, internet = 1 }, article = "7", standing = "read" }',
    )
    election = CHECK_4.replace("voter_id;vote", "voter_id;vote;voting_method")
    lines = [
        f"{line};internet"
        if line[:1] == "a"
        else f"{line};zaal"
        if line[:1] == "b" and line[1:2].isdigit()
        else line
        for line in election.split("\r\n")
    ]
    (tmp_path / "zaal.pb").write_text("\n".join(lines), "utf-8")
    plain = json.loads(command("zaal.pb", "--rule", "greedy", "--json").stdout)
    weighed = json.loads(command("zaal.pb", "--bylaw", law, "--json").stdout)
    assert plain["winners"][0] in {"1", "2", "3"}
    assert weighed["winners"][0] in {"4", "5"}


def test_a_by_law_and_a_rule_of_ones_own_do_not_go_together(command) -> None:
    done = command("wijk.pb", "--bylaw", "g31-2008", "--rule", "mes")
    assert done.returncode == 1
    assert "--bylaw zegt al hoe er wordt geteld" in done.stderr
