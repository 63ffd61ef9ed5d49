# SPDX-License-Identifier: EUPL-1.2
"""Finding names as people type them (R-search): folding, order of words, half words, typing errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.geography.names import SHAPES, NameIndex, core, errors_allowed, folded, words

NAMES = (
    "Overdie",
    "Overdie-Oost",
    "Oud-Overdie",
    "Wijk 03 Overdie",
    "IJsselstein",
    "'s-Gravenhage",
    "Centrum",
)
NAMES += (
    "Centrum",
    "Sint-Oedenrode",
    "Súdwest-Fryslân",
    "Kanaleneiland-Zuid",
    "Bergen (NH.)",
    "Zuid II",
    "Zuid III",
)
PLACES = ("Alkmaar",) * 4 + (
    "IJsselstein",
    "'s-Gravenhage",
    "Haarlem",
    "Alkmaar",
    "Meierijstad",
    "Súdwest-Fryslân",
)
PLACES += ("Utrecht", "Bergen (NH.)", "Breda", "Breda")
INDEX = NameIndex(NAMES, [(place,) for place in PLACES])


def best(question: str, *, errors: bool = False) -> list[tuple[str, int]]:
    found = INDEX.match(question, errors=errors)
    order = np.lexsort((found.rows, found.ranks))
    return [(NAMES[found.rows[at]], int(found.ranks[at])) for at in order]


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("IJsselstein", "ysselstein"),
        ("Ĳsselstein", "Ysselstein"),
        ("Súdwest-Fryslân", "sudwest fryslan"),
        ("'s-Gravenhage", "S Gravenhage"),
        ("Straße Æ", "strasse ae"),
        ("  Heechterp/Schieringen ", "heechterp schieringen"),
    ],
)
def test_what_sounds_or_looks_the_same_folds_the_same(typed: str, same: str) -> None:
    assert folded(typed) == folded(same)


def test_saints_and_roman_numbers_have_one_way_of_writing() -> None:
    assert words("St. Oedenrode") == words("Sint-Oedenrode")
    assert words("Zuid II") == words("zuid 2")


def test_numbers_in_front_and_additions_in_brackets_do_not_make_a_name() -> None:
    assert core("Wijk 03 Overdie") == core("Overdie")
    assert core("Bergen (NH.)") == ["bergen"]
    assert core("De Wijk") == ["wyk"]
    assert core("Wijk bij Duurstede") == ["wyk", "duurstede"]


def test_the_whole_name_stands_before_a_part_and_a_part_before_a_beginning() -> None:
    assert best("overdie") == [
        ("Overdie", 0),
        ("Wijk 03 Overdie", 0),
        ("Overdie-Oost", 1),
        ("Oud-Overdie", 2),
    ]
    assert {rank for _, rank in best("overd")} == {3, 4}


def test_words_may_come_in_any_order_and_the_gemeente_may_be_one_of_them() -> None:
    assert best("centrum haarlem") == best("Haarlem, Centrum") == [("Centrum", 0)]
    assert best("haarlem") == []  # the gemeente alone does not mean each of its areas


def test_a_half_typed_ij_does_not_lose_the_name() -> None:
    assert best("ijssel")[0][0] == best("ijs")[0][0] == "IJsselstein"
    index = NameIndex(["Bijlmer"], [("",)])
    assert all(len(index.match("bijlmer"[:n]).rows) == 1 for n in range(1, 8))


def test_words_that_are_left_out_or_abbreviated_are_no_reason_not_to_find() -> None:
    index = NameIndex(["Capelle aan den IJssel"], [("",)])
    for typed in ("capelle a/d ijssel", "capelle ad ijssel", "capelle ijssel", "Capelle aan de IJssel"):
        assert len(index.match(typed).rows) == 1, typed


def test_joined_and_split_words_are_tried() -> None:
    assert ["kanaleneiland", "zuid"] in INDEX.joined_or_split("kanalen eiland zuid")
    assert ["oud", "overdie"] in INDEX.joined_or_split("oudoverdie")


def test_numbers_forgive_nothing() -> None:
    index = NameIndex(["Buurt 1825"], [("",)])
    assert len(index.match("1826", errors=True).rows) == 0


def test_an_empty_question_or_index_finds_nothing() -> None:
    assert len(INDEX.match("").rows) == len(INDEX.match(" -'/ ").rows) == 0
    assert len(NameIndex([], []).match("overdie", errors=True).rows) == 0


def distance(a: str, b: str) -> int:
    """Letters too many, too few, other, or swapped with their neighbour: the plain table, as a second opinion."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            other = a[i - 1] != b[j - 1]
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + other)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


WORD = st.text("abcde", min_size=4, max_size=12)


@given(st.lists(WORD, min_size=1, max_size=12, unique=True), WORD)
def test_errors_are_counted_as_a_plain_table_counts_them(names: list[str], typed: str) -> None:
    found = NameIndex(names, [("",)] * len(names)).match(typed, errors=True)
    ranks = dict(zip(found.rows.tolist(), found.ranks.tolist(), strict=True))
    allowed = errors_allowed(words(typed)[0])
    for at, name in enumerate(names):
        starts = min(distance(typed, name[:n]) for n in range(1, len(name) + 1))
        whole = distance(typed, name)
        if whole <= allowed and starts == whole:
            assert ranks[at] // SHAPES == whole, (typed, name)
        elif at in ranks and typed not in name:
            assert ranks[at] // SHAPES in {starts, whole}, (typed, name)


@given(st.sampled_from(["Kanaleneiland", "Heechterp", "Oedenrode", "Leidschendam"]), st.data())
def test_one_error_anywhere_still_finds_the_name(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(name) - 2))
    letter = data.draw(st.sampled_from("aeknrst"))
    wrong = data.draw(
        st.sampled_from(
            [
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            ]
        )
    )
    index = NameIndex([name, "Verweg", "Bovenkerk"], [("",)] * 3)
    assert 0 in index.match(wrong, errors=True).rows


@given(st.text(max_size=40))
def test_no_text_breaks_the_search(typed: str) -> None:
    for errors in (False, True):
        found = INDEX.match(typed, errors=errors)
        assert len(found.rows) == len(found.ranks) == len(set(found.rows.tolist()))
    INDEX.joined_or_split(typed)
