# SPDX-License-Identifier: EUPL-1.2
"""Pabulib files: read with their quirks, written as they were, refused in one sentence with the line."""

from __future__ import annotations

import gzip
from fractions import Fraction
from pathlib import Path

import pytest

from krachtwijk.rules import pabulib

SMALL = (
    "META\nkey;value\nbudget;60000\nvote_type;approval\nrule;greedy\n"
    "PROJECTS\nproject_id;cost;name\na;20000;Speeltuin\nb;12000.50;Feest\n"
    "VOTES\nvoter_id;vote\n1;a,b\n2;b\n"
)


def texts(shared: Path) -> dict[str, str]:
    files = sorted((shared / "data/pabulib").glob("*.pb*"))
    return {
        file.name: (
            gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        ).decode()
        for file in files
    }


@pytest.mark.shared
def test_all_43_files_are_written_as_they_were_read(shared: Path) -> None:
    found = texts(shared)
    assert len(found) == 43
    for name, text in found.items():
        assert pabulib.write(pabulib.read(text, name)) == text, name


@pytest.mark.shared
def test_counts_of_meta_are_those_of_the_rows_and_a_double_vote_counts_once(shared: Path) -> None:
    notices = {name: pabulib.read(text, name).notices for name, text in texts(shared).items()}
    assert {name: said for name, said in notices.items() if said} == {
        "Netherlands_Amsterdam_604.pb": ("Regel 1927 noemt een plan twee keer; het telt één keer.",)
    }


def test_amounts_are_exact_and_unknown_keys_and_columns_are_kept() -> None:
    text = SMALL.replace("rule;greedy\n", "rule;greedy\nx_own;1;2\n").replace("name\n", "name;colour\n")
    text = text.replace("Speeltuin", "Speeltuin;rood").replace("Feest", '"Feest; groot";blauw')
    election = pabulib.read(text)
    assert [project.cost for project in election.projects] == [Fraction(20000), Fraction(24001, 2)]
    assert election.meta["x_own"] == "1;2"
    assert election.projects[1].fields["name"] == "Feest; groot"
    assert election.ballots[0].plans == (0, 1)
    assert pabulib.write(election).replace('"1;2"', "1;2") == text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("ends", ["", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_byte_order_mark_and_end_of_file_are_kept(newline: str, ends: str, mark: str) -> None:
    text = mark + (SMALL.rstrip("\n") + ends).replace("\n", newline)
    assert pabulib.write(pabulib.read(text)) == text


def test_target_is_read_and_beneficiaries_written() -> None:
    text = SMALL.replace("cost;name", "cost;target")
    election = pabulib.read(text)
    assert election.projects[0].fields["beneficiaries"] == "Speeltuin"
    assert "project_id;cost;beneficiaries\n" in pabulib.write(election)


def test_winners_are_written_in_the_column_of_the_format() -> None:
    text = pabulib.write(pabulib.with_winners(pabulib.read(SMALL), ["b"]))
    assert "project_id;cost;name;selected\na;20000;Speeltuin;0\nb;12000.50;Feest;1\n" in text
    assert pabulib.write(pabulib.with_winners(pabulib.read(text), ["b"])) == text


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("META\n", "", 1, "begint niet met META"),
        ("budget;60000\n", "", 2, "noemt geen budget"),
        ("budget;60000", "budget;veel", 3, "'veel' is geen bedrag"),
        ("budget;60000", "budget;-1", 3, "'-1' is geen bedrag"),
        ("budget;60000", "budget;60000\nbudget;1", 4, "noemt budget twee keer"),
        ("approval", "hands", 4, "soort stem 'hands'"),
        ("project_id;cost", "project_id;price", 7, "ontbreekt de kolom cost"),
        ("cost;name", "cost;cost", 7, "een kolom twee keer"),
        ("a;20000", "a;1e4", 8, "kosten '1e4' van plan a"),
        ("b;12000.50", "a;1", 9, "Plan a staat twee keer"),
        ("a;20000;Speeltuin", "a;20000", 8, "2 velden en PROJECTS heeft 3 kolommen"),
        ("1;a,b", "1;a,c", 12, "plan 'c', dat niet in PROJECTS staat"),
        ("VOTES\nvoter_id;vote\n1;a,b\n2;b\n", "", 10, "VOTES ontbreekt"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_how_to_mend(
    old: str, new: str, line: int, words: str
) -> None:
    with pytest.raises(pabulib.PabulibError) as error:
        pabulib.read(SMALL.replace(old, new, 1), "wijk.pb")
    assert words in error.value.what
    assert error.value.where == f"wijk.pb, regel {line}"
    assert error.value.mend


def test_counts_that_differ_and_voters_named_twice_are_told_not_refused() -> None:
    text = SMALL.replace("budget;60000", "num_votes;3\nnum_projects;4\nbudget;60000").replace(
        "\n2;b", "\n1;b"
    )
    assert pabulib.read(text).notices == (
        "1 stembiljetten hebben een voter_id dat vaker voorkomt; ze tellen alle mee.",
        "META noemt 4 plannen, het bestand heeft er 2.",
        "META noemt 3 stembiljetten, het bestand heeft er 2.",
    )
