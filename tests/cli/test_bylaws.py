# SPDX-License-Identifier: EUPL-1.2
"""`krachtwijk bylaws`: check, diff, explain and list as an official runs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from krachtwijk.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["krachtwijk", "bylaws", *(str(a) for a in arguments)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return command


def variant(folder: Path, *lines: str) -> Path:
    path = folder / "stad-2009.toml"
    head = 'id = "stad-2009"\ntitle = "T"\nin_force = 2008-12-01\nsource = "S"\ninherits = "g31-2008"\n[values]\n'
    path.write_text(head + "\n".join(lines) + "\n", "utf-8")
    return path


def event(at: str, type: str, **fields: Any) -> str:
    return json.dumps({"at": f"{at}T10:00:00+01:00", "type": type, **fields})


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Two cases that run: one of 6,000 that was granted, one of 400 in cash."""
    path = tmp_path / "events.jsonl"
    plan = {"fund": "F", "wijk": "W", "plan": "p", "planning": "p", "other_subsidy": "nee", "signed": True}
    person = {"initiator": {"kind": "individual", "name": "N"}}
    lines = [
        event("2009-01-05", "fund", fund="F", municipality="X", year=2008, amount="50000", reserve="0"),
        event("2009-01-05", "designate", fund="F", wijk="W", amount="50000"),
        event("2009-01-05", "ceiling", fund="F", wijk="W", amount="50000", announced="2009-01-05"),
        event(
            "2009-01-06", "application", case="A", requested="6000", cost_estimate="6000", **plan, **person
        ),
        event("2009-01-07", "application", case="B", requested="400", cost_estimate="400", **plan, **person),
        event("2009-01-08", "decision", case="A", outcome="grant", amount="6000", by="college"),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_check_finds_nothing_wrong_with_what_is_packaged(run: Run) -> None:
    code, out, err = run("check")
    assert (code, err) == (0, "")
    assert "g31-2008.toml: 0 fouten" in out
    assert "schiedam-2009.toml" in out and "stopt waar zij dit nodig heeft: last_issue" in out


def test_check_tells_every_mistake_with_its_line_and_ends_with_1(run: Run, tmp_path: Path) -> None:
    path = variant(tmp_path, "cash_limit = 5", 'quorum = { value = 1, standing = "read" }')
    code, out, err = run("check", path)
    assert (code, out) == (1, "")
    assert f"{path}, regel 7: cash_limit: Dit is geen waarde met artikel." in err
    assert f"{path}, regel 8: quorum: Het artikel ontbreekt." in err


def test_check_of_a_file_that_is_not_there_or_no_toml(run: Run, tmp_path: Path) -> None:
    code, _, err = run("check", tmp_path / "weg.toml")
    assert code == 1 and "Dit bestand kan niet worden gelezen" in err
    code, _, err = run("check", "delft-2009")
    assert code == 1 and "Er is geen verordening delft-2009" in err


def test_check_in_json_names_mistakes_boundaries_and_what_is_unknown(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("check", variant(tmp_path, 'quorum = { standing = "unknown" }'), "--json")
    (answer,) = json.loads(out)
    assert code == 0 and answer["mistakes"] == [] and answer["failures"] == []
    assert answer["unknown"] == ["quorum"] and answer["boundaries"] > 40


def test_what_if_the_limit_were_5000(run: Run, tmp_path: Path, events: Path) -> None:
    """The official's question: which running cases change, and how."""
    path = variant(tmp_path, 'direct_limit = { value = "5000", article = "5.1", standing = "read" }')
    code, out, _ = run("diff", "g31-2008", path, "--events", events, "--json")
    answer = json.loads(out)
    assert code == 0
    assert [(v["name"], v["a"]["value"], v["b"]["value"]) for v in answer["values"]] == [
        ("direct_limit", "€ 10.000", "€ 5.000")
    ]
    assert set(answer["cases"]) == {"A"} and answer["unchanged"] == 1
    assert answer["cases"]["A"]["granted"] == {"a": "6000.00", "b": "0.00"}
    assert [e["n"] for e in answer["events"]] == [6]
    assert answer["ledger"]["F"]["W"]["available"] == {"a": "44000.00", "b": "50000.00"}


def test_a_longer_term_moves_the_due_dates_in_words(run: Run, tmp_path: Path, events: Path) -> None:
    path = variant(tmp_path, 'decision_term = { value = 6, article = "5.1", standing = "read" }')
    code, out, _ = run("diff", "g31-2008", path, "--events", events)
    assert code == 0
    assert "g31-2008: vier weken (5.1)" in out and "stad-2009: zes weken (5.1)" in out
    assert "B: uiterste dag 2009-02-04, wordt 2009-02-18" in out


def test_a_by_law_differs_nowhere_from_itself(run: Run, events: Path) -> None:
    code, out, _ = run("diff", "g31-2008", "g31-2008", "--events", events)
    assert code == 0
    assert out.splitlines() == [
        "g31-2008 en g31-2008 hebben dezelfde waarden.",
        "Zaken die hetzelfde blijven: 2. Zaken die veranderen: 0.",
    ]


def test_a_malformed_line_of_events_ends_with_2(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("{}\n")
    code, out, err = run("diff", "g31-2008", "g31-2008", "--events", path)
    assert (code, out) == (2, "") and "regel 1" in err


def test_explain_says_what_is_assumed_and_keeps_house_rules_apart(run: Run) -> None:
    code, out, _ = run("explain", "g31-2008")
    assert code == 0
    assert "- Contant geld kan tot en met € 500 per keer. (9.3b)\n" in out
    assert "- Een initiatief wint als er meer stemmen voor zijn dan tegen. (5.6) [aangenomen]\n" in out
    rest = out.split("Wat de verordening niet zegt")[1]
    assert "kleinste aantal stemmen" in rest
    assert rest.split("Huisregels: van ons, niet van de verordening")[1].count("\n- ") == 2


def test_explain_in_json_holds_the_same_sentences(run: Run) -> None:
    _, out, _ = run("explain", "schiedam-2024", "--json")
    told = json.loads(out)
    assert told["in_force"] == "2024-01-04" and told["supersedes"] == "schiedam-2012"
    sentences = [s for part in told["subjects"] for s in part["sentences"]]
    assert {"text", "article", "standing", "notes", "from"} == set(sentences[0])
    assert [s["article"] for s in sentences if s["text"].startswith("Bewoner is wie")] == ["1b"]


def test_list_says_of_whom_and_from_when_until_when(run: Run) -> None:
    code, out, _ = run("list")
    assert (
        code == 0 and "schiedam-2012: Schiedam, geldt vanaf 1 januari 2012 tot en met 3 januari 2024" in out
    )
