# SPDX-License-Identifier: EUPL-1.2
"""A mistake in a catalogue file is one clear line with file, entry and remedy; a sound file is read as written."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from krachtwijk.catalogue import DATA, indicators, indicators_of, load_indicators, load_themes, themes
from krachtwijk.errors import KrachtwijkError

COUNT = """
[[indicator]]
id = "bomen"
label = "Bomen"
label_en = "Trees"
theme = "wonen"
unit = "bomen"
direction = "neutraal"
aggregation = "som"
source = "Gemeente"
range = [0, 1000]
definition = "Aantal bomen."
definition_en = "Number of trees."
column = [{ source = "proef", stem = "Bomen" }]
"""


def load(folder: Path, text: str) -> None:
    (folder / "proef.toml").write_text(text, encoding="utf-8")
    load_indicators(folder)


def changed(old: str, new: str) -> str:
    assert old in COUNT
    return COUNT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (COUNT + "\nid =", ["geen geldige TOML", "proef.toml"]),
        (COUNT + 'kleur = "groen"', ["Onbekend veld kleur", "proef.toml, bomen"]),
        (COUNT.replace('{ source = "proef"', '{ bron = "proef"'), ["Onbekend veld bron", "proef.toml"]),
        ("[indicatoren]\n" + COUNT, ["Onbekend onderdeel indicatoren", "proef.toml"]),
        (changed('label_en = "Trees"\n', ""), ["Verplicht veld ontbreekt", "label_en", "proef.toml, bomen"]),
        (changed('id = "bomen"\n', ""), ["Verplicht veld ontbreekt", "'id'", "proef.toml, zonder id"]),
        (changed('id = "bomen"', 'id = "Bomen 2"'), ["verkeerde vorm", "proef.toml, Bomen 2"]),
        (COUNT + COUNT, ["bomen staat er twee keer in", "proef.toml"]),
        (changed('"neutraal"', '"omhoog"'), ["Onbekende waarde omhoog voor direction", "proef.toml, bomen"]),
        (changed('"som"', '"gemiddelde"'), ["Onbekende waarde gemiddelde voor aggregation", "bomen"]),
        (changed("[0, 1000]", "[1000, 0]"), ["staan verkeerd om", "proef.toml, bomen"]),
        (changed("[0, 1000]", "[0]"), ["geen twee grenzen", "proef.toml, bomen"]),
        (changed("[0, 1000]", '[0, "veel"]'), ["Grens veel", "proef.toml, bomen"]),
        (COUNT + changed('id = "bomen"', 'id = "struiken"'), ["Kolom Bomen van proef hoort al bij bomen"]),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path: Path, text: str, told: list[str]) -> None:
    with pytest.raises(KrachtwijkError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.mend
    for part in told:
        assert part in message


def test_an_unknown_theme_is_refused_with_the_known_ones_r_003(tmp_path: Path) -> None:
    with pytest.raises(KrachtwijkError, match=r"Onbekend thema geluk \(proef.toml, bomen\).*wonen, werken"):
        load(tmp_path, changed('"wonen"', '"geluk"'))


@pytest.mark.parametrize("field", ["source", "unit"])
def test_an_indicator_without_source_or_unit_is_refused_r_139(tmp_path: Path, field: str) -> None:
    line = next(part for part in COUNT.splitlines() if part.startswith(field))
    for text, told in (("", "Verplicht veld ontbreekt"), (f'{field} = " "', "Verplicht veld is leeg")):
        with pytest.raises(KrachtwijkError, match=rf"{told}.*{field}.*proef.toml, bomen"):
            load(tmp_path, changed(line, text))


@pytest.mark.parametrize(
    ("weight", "told"),
    [
        ("", "Een gewogen gemiddelde heeft een gewicht nodig"),
        ('weight = "struiken"', "Gewicht struiken is geen indicator"),
        ('weight = "aandeel-bomen"', "Gewicht aandeel-bomen is geen aantal dat optelt"),
    ],
)
def test_a_mean_needs_a_count_as_weight_r_139(tmp_path: Path, weight: str, told: str) -> None:
    share = changed('id = "bomen"', 'id = "aandeel-bomen"').replace(
        '"som"', '"gewogen-gemiddelde"\n' + weight
    )
    with pytest.raises(KrachtwijkError, match=rf"{told} \(proef.toml, aandeel-bomen\)"):
        load(tmp_path, COUNT + share.replace('"Bomen" }', '"AandeelBomen" }'))


def test_defaults_of_a_file_fill_what_an_entry_leaves_out(tmp_path: Path) -> None:
    text = '[defaults]\nunit = "bomen"\nsource = "Provincie"\n' + changed('unit = "bomen"\n', "")
    (tmp_path / "proef.toml").write_text(text, encoding="utf-8")
    made = load_indicators(tmp_path)["bomen"]
    assert (made.unit, made.source, made.range) == ("bomen", "Gemeente", (0.0, 1000.0))


def test_an_open_bound_is_an_empty_text(tmp_path: Path) -> None:
    (tmp_path / "proef.toml").write_text(changed("[0, 1000]", '[0, ""]'), encoding="utf-8")
    assert load_indicators(tmp_path)["bomen"].range == (0.0, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('policy = "geluk"', "Onbekend beleidsthema geluk"),
        ("kleur = 1", "Onbekend veld kleur"),
    ],
)
def test_a_mistake_in_the_themes_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "themes.toml"
    theme = '[[theme]]\nid = "a"\nlabel = "A"\nlabel_en = "A"\nlists = ["beleid"]\n'
    path.write_text(theme + text, encoding="utf-8")
    with pytest.raises(KrachtwijkError, match=rf"{told} \(themes.toml, a\)"):
        load_themes(path)
    path.write_text(theme + theme, encoding="utf-8")
    with pytest.raises(KrachtwijkError, match="Thema a staat er twee keer in"):
        load_themes(path)


def test_five_policy_themes_six_outcome_themes_and_health_r_003_r_145() -> None:
    five = ["wonen", "werken", "leren-opgroeien", "integreren", "veiligheid"]
    assert [t.id for t in themes().values() if "beleid" in t.lists] == five
    assert [t.id for t in themes().values() if "outcome" in t.lists] == [*five, "schulden"]
    assert [t.id for t in themes().values() if "aanvulling" in t.lists] == ["gezondheid"]
    assert all(t.policy for t in themes().values() if "outcome" in t.lists)
    assert all(t.policy == t.id for t in themes().values() if "beleid" in t.lists)


def test_every_outcome_theme_and_health_has_an_indicator_with_a_direction_r_155() -> None:
    directed = {i.theme for i in indicators().values() if i.direction != "neutraal"}
    assert {t.id for t in themes().values() if {"outcome", "aanvulling"} & set(t.lists)} <= directed


def test_noise_is_that_of_rounding_or_not_stated() -> None:
    """A uniform rounding error of unit r has standard deviation r / sqrt(12); four digits are kept in the files."""
    for made in indicators().values():
        if made.noise_sd is not None:
            assert math.isclose(made.noise_sd, made.rounding / math.sqrt(12), rel_tol=0.001), made.id


def test_model_estimates_state_no_noise_and_say_so() -> None:
    made = indicators_of("rivm-gezondheid")
    assert len(made) == 35
    for topic in made:
        assert topic.id.startswith("gez-")
        assert topic.noise_sd is None
        assert "modelschatting" in topic.definition
        assert "model-based estimate" in topic.definition_en


def test_shares_lie_between_0_and_100() -> None:
    assert all(i.range == (0, 100) for i in indicators().values() if i.unit == "%")


def test_definition_breaks_quirk_9() -> None:
    found = indicators()
    years = {name: [b.year for b in found[name].breaks] for name in found}
    assert all(years[i] == [2022] for i in found if i.startswith("tot-2022-"))
    assert years["opleiding-hoog"] == [2021]
    assert years["inkomen-per-inwoner"] == [2019, 2023]
    assert years["huishoudens-laag-inkomen"] == [2023]
    assert years["lbm2-rmtr"] == [2014]
    assert all(b.text.strip() and b.text_en.strip() for i in found.values() for b in i.breaks)


def test_labels_tell_indicators_apart_in_both_languages() -> None:
    for language in ("label", "label_en"):
        labels = [getattr(i, language) for i in indicators().values()]
        assert len(labels) == len(set(labels)), sorted({x for x in labels if labels.count(x) > 1})


def test_the_method_page_shows_the_mapping_of_themes_as_the_file_has_it() -> None:
    page = (DATA.parents[2] / "docs" / "methods" / "indicatoren.md").read_text(encoding="utf-8")
    for theme in themes().values():
        lists = ", ".join(theme.lists)
        assert f"| {theme.label} | `{theme.id}` | {lists} | {theme.policy or '–'} |" in page
