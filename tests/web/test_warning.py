# SPDX-License-Identifier: EUPL-1.2
"""R-132: the page "Waarschuwing" tells the record as it stands in the tables, and names no area."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import warnings
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication.selectors import warnings as held
from krachtwijk.web.apps.publication.selectors.areas import known_areas


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def told(client: Client, address: str = "/waarschuwing/") -> str:
    return text_of(client.get(address).content.decode().split("<main")[1].split("</main>")[0])


def rows(built: Warehouse, kind: str, level: str = "pc4") -> pl.DataFrame:
    found = built.result(f"waarschuwing-{level}-{kind}")
    assert found is not None
    return found.collect()


def of(frame: pl.DataFrame, method: str, split: str = "tijd") -> dict[str, float]:
    newest = frame.filter(target="score").sort("origin", "until")["origin"][-1]
    row: dict[str, float] = frame.filter(target="score", origin=newest, method=method, split=split).row(
        0, named=True
    )
    return row


@pytest.mark.parametrize("level", sorted(warnings()))
def test_the_heading_is_the_record_and_so_is_every_claim(
    client: Client, built: Warehouse, level: str
) -> None:
    frame, page = rows(built, "toets", level), told(client, f"/waarschuwing/?gebieden={level}")
    model, chance = of(frame, "model"), of(frame, "kans")
    share = round(100 * model["events"] / model["areas"])
    assert (
        f"Van elke 100 gebieden met de grootste kans daalden er {round(100 * model['top5'])}. "
        f"Met loten waren het er {share}."
    ) in page
    assert round(100 * chance["top5"]) == share
    best = max(of(frame, m)["auc"] for m in held.NAIVE)
    claim = "Dat is beter dan" if model["auc"] - best >= 0.03 else "Dat is niet duidelijk beter dan"
    assert f"{claim} de beste eenvoudige regel" in page and f"haalt {round(100 * best)}." in page
    front = max(of(frame, m)["top5"] for m in held.NAIVE)
    ahead = model["top5"] - front >= 0.03
    assert ("Ook vooraan" if ahead else "Vooraan in de lijst is zij niet duidelijk beter") in page
    assert f"is dat {round(100 * of(frame, 'model', 'gebied')['auc'])}." in page
    better = model["brier"] < model["brier_chance"]
    assert f"De kansen zijn {'' if better else 'niet '}beter dan één kans" in page


def test_every_figure_has_its_table_and_its_csv_with_the_run(client: Client, built: Warehouse) -> None:
    for name, kind in (("volgorde", "toets"), ("kansen", "betrouwbaarheid"), ("grootte", "groep")):
        content = client.get(f"/waarschuwing/?csv={name}").content.decode()
        assert rows(built, kind)["run"][0] in content
    page = client.get("/waarschuwing/").content.decode()
    for link in re.findall(r'href="(/downloads/[^"]+)"', page):
        answer = client.get(link)
        assert answer.status_code == 200, link
        answer.close()
    assert page.count("/downloads/waarschuwing-pc4-") == 4


def test_the_page_names_no_area_and_says_who_decides(client: Client) -> None:
    page = told(client)
    levels = ("gemeente", "pc4", "stadsdeel")
    names = {area.name for area in known_areas().today.values() if area.level in levels}
    assert len(names) > 4000
    assert not [n for n in names if n in page and re.search(rf"\b{re.escape(n)}\b", page)]
    assert "Koster en Van Ommeren" in page and "Een mens kijkt ernaar" in page
    assert "Het systeem beslist niets" in page


def test_it_is_linked_listed_and_unknown_areas_are_not_found(client: Client) -> None:
    assert 'href="/waarschuwing/"' in client.get("/bronnen/").content.decode().split("<footer")[1]
    assert client.get("/waarschuwing/?gebieden=mars").status_code == 404
    assert client.get("/waarschuwing/?csv=lijst").status_code == 404


def test_without_a_record_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    assert "nog niet getoetst" in told(Client())
    assert "nog niet getoetst" in told(Client(), "/waarschuwing/?taal=nl")


@pytest.mark.parametrize(
    ("model", "words"), [(0.585, "Dat is niet duidelijk beter dan"), (0.7, "Dat is beter dan")]
)
def test_a_model_that_does_not_beat_the_simple_rules_is_told_so(
    built: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: float, words: str
) -> None:
    monkeypatch.setenv("KRACHTWIJK_HOME", str(tmp_path))
    frame = rows(built, "toets").with_columns(
        pl.when(pl.col("method") == "model").then(model).otherwise(pl.col("auc")).alias("auc")
    )
    info = built.result_info("waarschuwing-pc4-toets")
    assert info is not None
    Warehouse(tmp_path).write_result(frame, replace(info, run="ffffffffffff", extra={}))
    page = told(Client())
    assert words in page
    assert "Het verschil is" not in page  # without an interval none is told
