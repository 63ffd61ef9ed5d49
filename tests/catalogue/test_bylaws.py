# SPDX-License-Identifier: EUPL-1.2
# ruff: noqa: E501 - a line of a by-law beside what is told of it
"""Reading a by-law: every mistake with line, entry and remedy; what it inherits is assumed; which one held when."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from krachtwijk.catalogue.bylaws import FOLDER, bylaw, bylaws, examine, read_bylaw, written
from krachtwijk.errors import KrachtwijkError
from krachtwijk.rules.bylaw import PARAMETERS, STANDINGS, Bylaw, Tranche, UnknownValueError, Value

HEAD = """id = "proef"
title = "Proef"
municipality = "Proefstad"
in_force = 2009-01-01
source = "Gemeenteblad 1"
inherits = "g31-2008"
"""


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[str], list[str]]:
    """The mistakes of a text, without the name of its file."""

    def check(text: str) -> list[str]:
        path = tmp_path / "proef.toml"
        path.write_text(text, "utf-8")
        return [str(m).replace(str(path), "proef.toml") for m in examine(path)[1]]

    return check


def values(*lines: str) -> str:
    return "\n".join([HEAD, "[values]", *lines])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('cash_limit = { value = "700.00", article = "9", standing = "gelezen" }', "standing is 'gelezen'. Kies uit: read"),
        ('cash_limit = { value = "700.00", article = "9" }', "standing ontbreekt. Kies uit: read, assumed, unknown"),
        ('cash_limit = { value = "700.00", standing = "read" }', "Het artikel ontbreekt. Noem het artikel"),
        ('cash_limit = { value = 700.00, article = "9", standing = "read" }', "700.0 is geen bedrag. Schrijf het als tekst"),
        ('cash_limit = { value = "-1", article = "9", standing = "read" }', "-1 kan hier niet. Noem een bedrag van 0"),
        ('cash_limit = { article = "9", standing = "read" }', 'De waarde ontbreekt. Geef value, of standing = "unknown"'),
        ('cash_limit = { value = "1", standing = "unknown" }', "Een onbekende waarde heeft geen waarde. Haal value weg"),
        ('cash_limit = { value = "1", artikel = "9", standing = "read" }', "artikel is hier niet bekend. Kies uit: value"),
        ('cash_limit = { value = "1", article = 9, standing = "read" }', "article is 9. Zet het tussen aanhalingstekens"),
        ('cash_limit = "700.00"', "Dit is geen waarde met artikel. Schrijf { value"),
        ('cash_limt = { value = "1", article = "9", standing = "read" }', "cash_limt is geen waarde van een verordening. Bedoelt u cash_limit"),
        ('cost_reserve = { value = 10, article = "2", standing = "read" }', '10 is geen percentage. Schrijf het als tekst, van 0 tot 100: "10"'),
        ('cost_reserve = { value = "101", article = "2", standing = "read" }', "'101' is geen percentage"),
        ('cost_reserve = { value = "Infinity", article = "2", standing = "read" }', "'Infinity' is geen percentage"),
        ('decision_term = { value = "4", article = "5", standing = "read" }', "'4' is geen heel getal. Schrijf een getal zonder"),
        ('decision_term = { value = 0, article = "5", standing = "read" }', "0 kan hier niet. Noem een getal van 1"),
        ('decision_term = { value = true, article = "5", standing = "read" }', "True is geen heel getal"),
        ('last_issue = { value = "2009-06-30", article = "5", standing = "read" }', "is geen datum. Schrijf 2008-10-01, zonder aanhalingstekens"),
        ('last_issue = { value = 0001-01-01, article = "5", standing = "read" }', "0001-01-01 kan hier niet. Noem een dag tussen 1900 en 2200"),
        ('partial_grant = { value = "ja", article = "6", standing = "read" }', "'ja' is geen ja of nee. Schrijf true of false"),
        ('order = { value = "loting", article = "4", standing = "read" }', "loting kan hier niet. Kies uit: receipt, completion"),
        ('applicants = { value = "individual", article = "1", standing = "read" }', "'individual' is geen lijst. Schrijf ["),
        ('applicants = { value = [], article = "1", standing = "read" }', "Zo kan niemand aanvragen. Kies uit: individual"),
        ('applicants = { value = ["burger"], article = "1", standing = "read" }', "burger kan hier niet. Kies uit: individual"),
        ('applicants = { value = ["company", "company"], article = "1", standing = "read" }', "Er staat iets twee keer in de lijst. Haal er een weg"),
        ('body = { value = " ", article = "1", standing = "read" }', "' ' is geen tekst. Zet een tekst tussen"),
        ('voucher_maximum = { value = "0.50", article = "1", standing = "read" }', "0.50 is te weinig voor een voucher. Noem een bedrag"),
        ('tranches = { value = [{ opens = 2009-01-01 }], article = "4", standing = "read" }', "Een tranche heeft closes, en soms opens en decides"),
        ('tranches = { value = [{ opens = 2009-03-01, closes = 2009-02-01 }], article = "4", standing = "read" }', "De dagen van de tranche tot 2009-02-01 staan niet op volgorde"),
        ('channel_weights = { value = 2, article = "5", standing = "read" }', "2 is geen weging. Schrijf { zaal = 2, internet = 1 }"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_value_names_line_entry_and_remedy(
    checked: Callable[[str], list[str]], line: str, told: str
) -> None:
    (mistake,) = checked(values(line))
    number = values(line).splitlines().index(line) + 1
    entry = line.split(" ")[0]
    assert mistake.startswith(f"proef.toml, regel {number}: {entry}: ")
    assert told in mistake
    assert mistake.endswith(".")


def test_every_mistake_is_told_and_not_only_the_first(checked: Callable[[str], list[str]]) -> None:
    text = values(
        'cash_limit = { value = 1, article = "9", standing = "read" }', 'quorum = { standing = "x" }'
    )
    text = (
        text.replace('title = "Proef"', 'titel = "Proef"')
        + '\n[[ground]]\ncode = "a"\n[[gronden]]\ncode = "b"\n'
    )
    found = checked(text)
    assert [m.split(": ")[1] for m in found] == [
        "title",
        "titel",
        "cash_limit",
        "quorum",
        "[[ground]] a",
        "gronden",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id = ", "Dit bestand is geen geldige TOML"),
        (HEAD.replace('id = "proef"\n', ""), "id ontbreekt. Zet id bovenaan het bestand"),
        (HEAD.replace('"proef"', '"Mijn proef"'), "'Mijn proef' is geen naam. Gebruik kleine letters"),
        (HEAD.replace("2009-01-01", '"2009"'), "'2009' is geen datum"),
        (HEAD.replace('inherits = "g31-2008"', 'inherits = "g32"'), "g32 bestaat niet. Noem een van: capelle-2011"),
        (HEAD.replace('inherits = "g31-2008"', 'inherits = "proef"'), "erven van elkaar in een kring: proef → proef"),
        (HEAD + "cash_limit = 1\n", "cash_limit is hier niet bekend. Haal het weg. Een waarde hoort onder [values]"),
        (HEAD + "values = 1\n", "[values] is geen tabel"),
        (HEAD + "ground = 1\n", "ground is geen lijst. Schrijf [[ground]], met dubbele haken"),
        (HEAD + '[[ground]]\ncode = "a"\ntext = "x"\n', "article ontbreekt. Noem article, tussen aanhalingstekens"),
        (HEAD + '[[ground]]\ncode = "a"\ntext = "x"\narticle = "1"\ncomputed = "ja"\n', "'ja' is geen ja of nee"),
        (HEAD + 2 * '[[ground]]\ncode = "a"\ntext = "x"\narticle = "1"\n', "a staat er twee keer. Haal er een weg"),
        (HEAD + "".join(f'[[ground]]\ncode = "{c}"\ntext = "x"\narticle = "1"\ncomputed = true\n' for c in "ab"), "Er zijn twee gronden die worden uitgerekend"),
        (HEAD + '[[sentence]]\ncode = "s"\nsubject = "S"\ntext = "{cash}"\narticle = "1"\n', "cash is geen waarde. Noem een waarde"),
        (HEAD + "until = 2008-01-01\n", "De verordening eindigt op 2008-01-01, voor zij begint op 2009-01-01"),
        (HEAD + "adopted = 2009-02-01\nannounced = 2009-01-01\n", "De bekendmaking ligt voor de vaststelling"),
        (values('order = { value = "tranche", article = "4", standing = "read" }'), "De volgorde gaat per tranche, maar er zijn geen tranches"),
        (values('last_execution = { value = 2009-03-01, article = "5", standing = "read" }'), "De laatste dag van uitvoering ligt voor 2009-06-30"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rest_of_a_file_says_how_to_mend_it(
    checked: Callable[[str], list[str]], text: str, told: str
) -> None:
    found = checked(text)
    assert [m for m in found if told in m] == found
    assert len(found) == 1


def test_the_second_of_two_equal_grounds_is_named_by_its_own_line(
    checked: Callable[[str], list[str]],
) -> None:
    text = HEAD + 2 * '[[ground]]\ncode = "a"\ntext = "x"\narticle = "1"\n'
    assert checked(text)[0].startswith(f"proef.toml, regel {len(HEAD.splitlines()) + 5}: [[ground]] a")


def test_a_by_law_that_stands_alone_names_each_value_ground_and_outcome_it_lacks(
    checked: Callable[[str], list[str]],
) -> None:
    found = checked(HEAD.replace('inherits = "g31-2008"\n', ""))
    missing = {m.split("proef.toml: ")[1].split(":")[0] for m in found if " ontbreekt: " in m}
    assert missing == {name for name, parameter in PARAMETERS.items() if parameter.used}


def test_a_day_of_the_model_before_the_start_is_told_but_stops_nobody(tmp_path: Path) -> None:
    path = tmp_path / "proef.toml"
    path.write_text(HEAD.replace("2009-01-01", "2026-01-01"), "utf-8")
    law, mistakes = examine(path)
    assert law is not None and read_bylaw(path).id == "proef"
    assert [m.entry for m in mistakes] == ["last_issue", "last_execution"]
    assert "komt van g31-2008" in mistakes[0].what


def test_what_is_inherited_is_assumed_and_says_from_where(tmp_path: Path) -> None:
    path = tmp_path / "proef.toml"
    path.write_text(values('cash_limit = { value = "700", article = "8.2", standing = "read" }'), "utf-8")
    law = read_bylaw(path)
    assert (law("cash_limit"), law.article("cash_limit"), law.values["cash_limit"].from_bylaw) == (
        700_00,
        "8.2",
        "",
    )
    held = law.values["voucher_maximum"]
    assert (held.value, held.standing, held.from_bylaw) == (5000_00, "assumed", "g31-2008")
    assert {g.standing for g in law.grounds.values()} == {"assumed"}
    assert law.outcomes["not-supplemented"].standing == "read"  # an act holds everywhere
    assert [s.code for s in law.sentences if s.local] == []


def test_an_unknown_value_stops_with_its_article_and_remedy() -> None:
    law = bylaws()["leeuwarden-2008"]
    with pytest.raises(UnknownValueError, match="Van leeuwarden-2008 is niet bekend wie beslist") as error:
        law("decision_model")
    assert error.value.article == "1"


@pytest.mark.parametrize("name", sorted(bylaws()))
def test_every_packaged_by_law_is_whole_and_every_value_has_its_article(name: str) -> None:
    law = bylaws()[name]
    assert examine(FOLDER / f"{name}.toml")[1] == []
    assert law.about and law.source
    assert set(law.values) == set(PARAMETERS)
    for value in law.values.values():
        assert value.standing in STANDINGS
        assert value.article, value.name
        assert value.source, value.name
        if value.standing != "read" and not value.from_bylaw and value.name != "body":
            assert value.note, f"{value.name} is {value.standing}: why?"


def test_the_model_is_the_ordinance() -> None:
    """The numbers of the ordinance, article by article."""
    law = bylaws()["g31-2008"]
    read = {
        "voucher_maximum": (5_000_00, "1a"),
        "direct_limit": (10_000_00, "5.1"),
        "cash_limit": (500_00, "9.3b"),
        "cost_reserve": (10_00, "2.3"),
        "decision_term": (4, "5.1"),
        "last_issue": (datetime.date(2009, 6, 30), "5.8"),
        "last_execution": (datetime.date(2009, 12, 31), "5.8"),
        "order": ("receipt", "4.4"),
        "general_bylaw_applies": (False, "3.2"),
        "decision_model": ("mandate", "2.6"),
        "partial_grant": (True, "6 toel."),
    }
    assert {name: (law(name), law.article(name)) for name in read} == read
    assert {law.values[name].standing for name in read} == {"read"}
    assert law.in_force == datetime.date(2008, 10, 1)
    assert {code: g.article for code, g in law.grounds.items()} == {c: f"6{c}" for c in "abcde"}


def test_the_variants_say_what_is_known_of_them() -> None:
    schiedam = bylaws()["schiedam-2012"]
    assert schiedam("decision_model") == "binding-advice" and schiedam("body_size") == 7
    assert "company" in schiedam("applicants") and schiedam("order") == "tranche"
    assert schiedam("tranches")[0] == Tranche(datetime.date(2019, 1, 7), decides=datetime.date(2019, 1, 21))
    now = bylaws()["schiedam-2024"]
    assert now("decision_model") == "advice" and now("resident_proof") == "brp" and now("order") == "ranking"
    assert "company" not in now("applicants") and now("general_bylaw_applies") is True
    baarsjes = bylaws()["de-baarsjes-2010"]
    assert baarsjes("consultation_binding") is False and baarsjes("report_only_below") == 500_00
    assert "read" not in {v.standing for v in baarsjes.values.values()}  # a newspaper is not the text
    capelle = bylaws()["capelle-2011"]
    assert capelle("money_source") == "subsidie 40+ gemeenten"
    leeuwarden = bylaws()["leeuwarden-2008"]
    assert leeuwarden("body") == "adviesplatform"
    assert leeuwarden.adopted is not None and leeuwarden.in_force < leeuwarden.adopted  # it works back


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KrachtwijkError, match="Er is geen verordening delft") as error:
        bylaw("delft")
    assert "schiedam-2024" in error.value.mend


# --- any by-law, written and read back ------------------------------------------------------------------------

WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    str.strip
)
DAY = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))


def of(name: str) -> st.SearchStrategy[Any]:
    """Any value that a parameter can have."""
    parameter = PARAMETERS[name]
    pick = st.sampled_from(parameter.choices) if parameter.choices else WORD
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "money": st.integers(100, 1_000_000_000_00),
        "percent": st.integers(0, 10_000),
        "weeks": st.integers(1, 520),
        "number": st.integers(0, 1_000_000),
        "date": DAY,
        "flag": st.booleans(),
        "choice": pick,
        "list": st.lists(pick, min_size=1, unique=True).map(tuple),
        "text": WORD,
        "tranches": st.lists(
            st.lists(DAY, min_size=3, max_size=3).map(sorted).map(lambda d: Tranche(d[1], d[0], d[2])),
            max_size=3,
        ).map(lambda found: tuple(sorted(found, key=lambda t: t.closes))),
        "weights": st.dictionaries(WORD, st.integers(0, 1000), min_size=1).map(
            lambda d: tuple(sorted(d.items()))
        ),
    }
    return kinds[parameter.kind]


@st.composite
def any_by_law(draw: st.DrawFn) -> Bylaw:
    model = bylaws()["g31-2008"]
    found = {}
    for name, parameter in PARAMETERS.items():
        standing = draw(st.sampled_from(STANDINGS))
        empty = standing == "unknown" or (parameter.optional and draw(st.booleans()))
        value = None if empty else draw(of(name))
        note = draw(st.just("") | WORD)
        found[name] = Value(name, value, draw(WORD), draw(WORD), standing, note)
    return replace(
        model,
        id="proef",
        title=draw(WORD),
        in_force=draw(DAY),
        values=found,
        note=draw(WORD),
        sentences=model.sentences[:3],
    )


@pytest.mark.slow
@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to shrink a whole by-law takes minutes and tells no more
    suppress_health_check=list(HealthCheck),
)
@given(law=any_by_law())
def test_any_by_law_is_read_back_as_it_was_written(law: Bylaw, tmp_path: Path) -> None:
    path = tmp_path / "proef.toml"
    path.write_text(written(law), "utf-8")
    found, mistakes = examine(path)
    assert [m for m in mistakes if m.fatal] == []
    assert found == law


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), at=st.integers(0, 4000))
def test_no_text_in_a_by_law_breaks_the_reader(text: str, at: int, tmp_path: Path) -> None:
    path = tmp_path / "proef.toml"
    sound = written(bylaws()["g31-2008"])
    path.write_text(sound[:at] + text + sound[at:], "utf-8", errors="replace")
    law, mistakes = examine(path)
    assert law is not None or mistakes
    assert all(re.match(r".+\.$", str(m), re.DOTALL) for m in mistakes)


def test_the_by_law_in_the_documentation_is_one_without_mistakes(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs/bylaws.md").read_text("utf-8")
    blocks = [block.replace("\n   ", "\n") for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]
    path = tmp_path / "delft-2009.toml"
    path.write_text("\n".join(blocks).replace("   # SPDX", "# SPDX").replace("   [[", "[["), "utf-8")
    law, mistakes = examine(path)
    assert mistakes == []
    assert law is not None and law("cash_limit") == 250_00
