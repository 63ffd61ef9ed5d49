# SPDX-License-Identifier: EUPL-1.2
"""The commands of the law engine at their edges: what they read, and how they say that something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from krachtwijk.cli.main import app
from krachtwijk.errors import KrachtwijkError

FUND = {
    "at": "2008-10-01T10:00:00+02:00", "type": "fund", "fund": "F", "municipality": "S", "year": 2008,
    "amount": "60000.00", "reserve": "0.00",
}  # fmt: skip
LINE = json.dumps(FUND)


def replay(content: bytes, folder: Path, *options: str):
    file = folder / "events.jsonl"
    file.write_bytes(content)
    return CliRunner().invoke(app, ["vouchers", "replay", str(file), "--json", *options])


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=["unix", "windows", "no end"])
def test_a_file_as_any_computer_writes_it(tmp_path: Path, before: bytes, end: bytes) -> None:
    found = json.loads(replay(before + LINE.encode() + end, tmp_path).stdout)
    assert found["events"] == [{"n": 1, "accepted": True, "article": "2.2", "reason": None}]


def test_an_empty_file_is_no_mistake(tmp_path: Path) -> None:
    answer = replay(b"\n\n", tmp_path)
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    assert (found["events"], found["cases"], found["ledger"]) == ([], {}, {})


def test_a_line_ends_with_a_line_feed_and_nothing_else(tmp_path: Path) -> None:
    plan = {"at": "2008-12-01T10:00:00Z", "type": "application", "case": "A", "fund": "F", "wijk": "W"}
    text = json.dumps({**plan, "plan": "een\u2028twee\u0085drie"}, ensure_ascii=False)
    found = json.loads(replay(f"{LINE}\n{text}\n".encode(), tmp_path).stdout)
    assert [e["accepted"] for e in found["events"]] == [True, True]


def test_standard_input_is_a_file_too() -> None:
    answer = CliRunner().invoke(app, ["vouchers", "replay", "-", "--json"], input=LINE)
    assert json.loads(answer.stdout)["ledger"] == {"F": {}}


def test_every_malformed_line_is_named_and_nothing_is_answered(tmp_path: Path) -> None:
    answer = replay(f"{LINE}\nx\n\n[]\n".encode(), tmp_path)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert [line.rpartition("(")[2] for line in answer.stderr.splitlines()] == ["regel 2).", "regel 4)."]


def test_a_moment_with_which_cannot_be_reckoned_is_refused(tmp_path: Path) -> None:
    answer = replay(LINE.encode(), tmp_path, "--as-of", "9999-12-31")
    assert isinstance(answer.exception, KrachtwijkError)
    term = ["rules", "term", "--kind", "awb", "--from", "9999-12-31", "--weeks", "5"]
    assert isinstance(CliRunner().invoke(app, term).exception, KrachtwijkError)


def test_as_of_with_another_offset_is_the_same_moment(tmp_path: Path) -> None:
    for moment, count in (("2008-10-01T08:00:00Z", 1), ("2008-10-01T07:59:59Z", 0), ("2008-10-01", 1)):
        assert len(json.loads(replay(LINE.encode(), tmp_path, "--as-of", moment).stdout)["events"]) == count


def test_a_term_that_moves_into_a_year_without_decree_says_so() -> None:
    asked = ["rules", "term", "--kind", "awb", "--from", "2028-11-18", "--weeks", "6", "--json"]
    found = json.loads(CliRunner().invoke(app, asked).stdout)
    assert found["due"] == "2029-01-02"
    assert any("2029 zijn hier niet bekend" in step for step in found["steps"])
