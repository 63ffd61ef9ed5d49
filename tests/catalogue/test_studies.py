# SPDX-License-Identifier: EUPL-1.2
"""The plan of a study: read whole, and every mistake told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from krachtwijk.catalogue.studies import FOLDER, examine_study, read_study, study
from krachtwijk.errors import KrachtwijkError

FILE = FOLDER / "krachtwijken-2007.toml"


def test_the_plan_of_2007_is_read_and_a_programme_without_one_has_none() -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    assert plan.placebos.draws == 999
    assert {w.role for w in plan.windows} == {"voor", "na"}
    assert study("nplv-2022") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("draws = 999", "draw = 999", "draw is hier niet bekend"),
        ("draws = 999", 'draws = "veel"', "draws is 'veel'"),
        ("draws = 999", "", "draws ontbreekt"),
        ("alpha = 0.05", "alpha = 5.0", "alpha is 5.0"),
        ('weights = "webb"', 'weights = "welp"', "weights is 'welp'"),
        ('outcome = "klasse"', 'outcome = "klas"', "klas staat niet in dit plan"),
        ('indicator = "lbm2-won"', 'indicator = "lbm2-wonn"', "Indicator lbm2-wonn bestaat niet"),
        ("start = 2002\nend = 2008", "start = 2008\nend = 2002", "end ligt niet na start"),
        ("start = 2002\nend = 2008", "start = 2003\nend = 2008", "Van 2003 is geen meting"),
        ("cuts = [500.0, 1000.0", "cuts = [500.0, 400.0", "cuts lopen niet op"),
        ('id = "rang"', 'id = "klasse"', "klasse staat er twee keer in"),
        ("[matching]", "[match]", "match is hier niet bekend"),
        (
            'programme = "krachtwijken-2007"',
            'programme = "krachtwijken"',
            "Programma krachtwijken bestaat niet",
        ),
        ('level = "pc4"', 'level = "wijk"', "level is 'wijk'"),
        ('question = "effect"', 'question = "waterbed"', "Er is niet één hoofdtoets per vraag"),
        ("years = [2002, 2008]", "years = [2002, 2012]", "years noemt een jaar dat vooraf niet is gemeten"),
        ("\nyear = 2002\nworst", "\nyear = 2001\nworst", "year noemt een jaar dat vooraf niet is gemeten"),
        ("radii = [200.0, 500.0, 1000.0]", "radii = 200.0", "radii is 200.0"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "fout.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    made, mistakes = examine_study(path)
    assert made is None
    (mistake,) = [m for m in mistakes if told in m.what]
    assert mistake.mend
    changed = next(
        n
        for n, (a, b) in enumerate(zip(text.splitlines(), path.read_text().splitlines(), strict=False), 1)
        if a != b
    )
    if not any(words in told for words in ("ontbreekt", "match is", "hoofdtoets")):
        # on the line itself, or on the first of its table
        assert 0 <= mistake.line - changed <= 2
    with pytest.raises(KrachtwijkError) as refused:
        read_study(path)
    assert refused.value.where.startswith("fout.toml, regel")


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fout.toml"
    path.write_text("a = \n")
    made, (mistake,) = examine_study(path)
    assert made is None and mistake.line == 1
