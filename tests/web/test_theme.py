# SPDX-License-Identifier: EUPL-1.2
"""A house style is one file of tokens: sound ones replace ours, others are refused with their line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krachtwijk.cli import main
from krachtwijk.errors import KrachtwijkError
from krachtwijk.web import theme

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "docs/themes").glob("*.css"))
STATIC = theme.OWN.parent


@pytest.mark.parametrize("path", [theme.OWN, *EXAMPLES], ids=lambda p: p.name)
def test_g27_every_pair_of_colours_of_our_themes_is_told_apart(path: Path) -> None:
    found = theme.read_theme(path).results()
    assert [r for r in found if not r.passes] == []
    # 15 pairs; 8 steps and one order for each of four kinds of eyes
    assert len(found) % (len(theme.PAIRS) + 4 * 9) == 0


def test_every_token_that_a_stylesheet_uses_exists() -> None:
    used = {
        name
        for path in STATIC.glob("*.css")
        for name in re.findall(r"var\(--([\w-]+)", path.read_text("utf-8"))
    }
    assert used - set(theme.own().tokens) == set()


def test_colours_stand_in_tokens_only() -> None:
    loose = {
        path.name: found
        for path in STATIC.glob("*.css")
        if path != theme.OWN
        and (found := re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s)])|rgba?\(", path.read_text("utf-8")))
    }
    assert loose == {}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "huis.css"
    path.write_text(text, "utf-8")
    return path


def test_what_a_theme_does_not_name_stays_ours(tmp_path: Path) -> None:
    made = theme.read_theme(write(tmp_path, ":root { --kleur-accent: #703070; }"))
    assert made.tokens == {**theme.own().tokens, "kleur-accent": "#703070"}
    again = theme.read_theme(write(tmp_path, made.css()))
    assert again.tokens == made.tokens


def test_print_has_tokens_of_its_own_and_is_tested_too(tmp_path: Path) -> None:
    text = "@media print {\n :root { --kleur-papier: #000000 } }\n:root { --kleur-accent: #1b4f7a }"
    made = theme.read_theme(write(tmp_path, text))
    assert made.tokens["kleur-papier"] == "#ffffff"
    assert {r.where for r in made.results() if not r.passes} == {"print"}
    assert "@media print" in made.css()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (":root {\n  --kleur-acent: #123456;\n}", 2, "--kleur-acent bestaat niet"),
        ("/* a\n b */\n:root {\n  --kleur-accent: rood;\n}", 4, "geen kleur"),
        (":root { --kleur-accent: url(https://elders.example/x) }", 1, "geen kleur"),
        (':root { --letter: url("//elders.example/font") }', 1, "geen letter"),
        (":root { --maat: calc(1px + 1em) }", 1, "geen maat"),
        (":root {\n\n  color: #123456;\n}", 3, "geen token"),
        ("body { --maat: 8px }", 1, "hoort niet in een thema"),
        ("@import 'https://elders.example/x.css';", 1, "verkeerde plaats"),
        ("@media (min-width: 1px) {\n:root { --maat: 8px } }", 1, "hoort niet in een thema"),
        (":root { --maat: 8px }\n}", 2, "te veel"),
        (":root {\n  --maat: 8px;\n", 3, "niet gesloten"),
        (":root {\n  --maat: 8px;\n :root { --maat: 8px } }", 3, "hoort niet in een thema"),
        ("--maat: 8px;", 1, "verkeerde plaats"),
    ],
)
def test_a_bad_theme_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(KrachtwijkError) as refused:
        theme.read_theme(write(tmp_path, text))
    assert f"regel {line}" in str(refused.value)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"/* niets */", b"\xff\xfe", b"x" * 70_000, None])
def test_what_is_no_theme_at_all_is_refused_too(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "huis.css"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KrachtwijkError, match=r"thema|token|plaats"):
        theme.read_theme(path)


@given(st.text(alphabet=":root{}-;@#/*klasemt 1px\n\\\"'()", max_size=200))
def test_any_text_is_a_theme_or_one_clear_sentence(text: str) -> None:
    try:
        given_tokens, _ = theme._read(text, "huis.css", theme.own().given)
    except KrachtwijkError as error:
        assert "regel" in str(error)
    else:
        assert set(given_tokens) <= set(theme.own().tokens)


def test_the_site_serves_the_theme_in_place_of_its_own_tokens(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from django.contrib.staticfiles.storage import staticfiles_storage as storage\n"
        "call_command('collectstatic', verbosity=0, interactive=False)\n"
        "name = storage.stored_name('krachtwijk/tokens.css')\n"
        "print(name); print(storage.open(name).read().decode())"
    )
    names = []
    for example in ("", str(EXAMPLES[0])):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={
                **os.environ,
                "KRACHTWIJK_HOME": str(tmp_path / "var"),
                "KRACHTWIJK_THEME": example,
                "PYTHONPATH": str(ROOT / "src"),
                "DJANGO_SETTINGS_MODULE": "krachtwijk.web.settings",
            },
        )
        name, _, text = done.stdout.partition("\n")
        names.append(name)
        accent = theme.read_theme(EXAMPLES[0]).tokens["kleur-accent"] if example else "#1b4f7a"
        assert f"--kleur-accent: {accent};" in text
    assert re.fullmatch(r"krachtwijk/tokens\.[0-9a-f]{12}\.css", names[0])
    assert names[0] != names[1]


def test_theme_check_tells_every_pair_and_fails_on_too_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def run(path: Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["krachtwijk", "theme", "check", str(path)])
        with pytest.raises(SystemExit) as ended:
            main.run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out + err

    code, told = run(EXAMPLES[0])
    assert code == 0
    assert all(words in told for _, _, _, words in theme.PAIRS)
    code, told = run(write(tmp_path, ":root { --kleur-stil: #aaaaaa; --klasse-4: #f4f1ea; }"))
    assert code == 1
    assert re.search(r"TE WEINIG\s+2\.3\d\s+minstens  4\.5  stille tekst op papier", told)
    assert re.search(r"TE WEINIG\s+0\.00\s+minstens  8\.0  klasse 4 naast 5, met deuteranopie", told)
    code, told = run(write(tmp_path, "body {}"))
    assert code == 1
    assert len(told.strip().splitlines()) == 1
