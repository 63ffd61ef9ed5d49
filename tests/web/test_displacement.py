# SPDX-License-Identifier: EUPL-1.2
"""Issue 7: the pages "Waterbed" and "Naar de stad toe, en vergeleken met wijken die erop leken" (R-159, R-160)."""

from __future__ import annotations

import html
import re
from typing import Any

import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import programme
from krachtwijk.catalogue.studies import study
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.publication import wording

ADDRESS = "/waterbed/krachtwijken-2007/"
EFFECT = "/effect/krachtwijken-2007/"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def rows(built: Warehouse, kind: str) -> pl.DataFrame:
    found = built.result(f"waterbed-krachtwijken-2007-{kind}")
    assert found is not None, kind
    return found.collect()


def primary(built: Warehouse, question: str) -> dict[str, Any]:
    return rows(built, "schatting").filter(question=question, primary=True).row(0, named=True)


def signed(value: float, decimals: int = 2) -> str:
    return wording.number(value, decimals, signed=True)


def test_the_plan_stands_beside_the_result_with_its_hash_and_moment(client: Client, built: Warehouse) -> None:
    info = built.result_info("waterbed-krachtwijken-2007-plan")
    assert info is not None
    page = client.get(ADDRESS).content.decode()
    told = text_of(page)
    plan = study("krachtwijken-2007")
    assert plan is not None
    assert info.extra["hash"] in told
    assert wording.day(info.extra["fixed_at"] or info.made_at) in told
    assert plan.question in told and plan.decision in told
    assert html.escape(str(info.extra["text"]).splitlines()[0], quote=True) in page.replace(
        "&quot;", "&quot;"
    )
    # before anything of the result: plan, then power, then rings
    assert page.index('id="plan"') < page.index('id="kracht"') < page.index('id="ringen"')


def test_the_finding_is_that_of_the_primary_test_with_interval_and_placebo_band(
    client: Client, built: Warehouse
) -> None:
    row = primary(built, "waterbed")
    told = text_of(client.get(ADDRESS).content.decode())
    assert f"Het verschil is {signed(row['estimate'])} klasse" in told
    assert f"van {signed(row['low'])} tot {signed(row['high'])}" in told
    assert f"nabootsing {signed(row['placebo_low'])} tot {signed(row['placebo_high'])}" in told
    verdict = built.result_info("waterbed-krachtwijken-2007-schatting").extra["verdicts"]["waterbed"]  # type: ignore[union-attr]
    heading = re.search(r"<h1>(.*?)</h1>", client.get(ADDRESS).content.decode(), re.S)
    assert heading is not None
    words = {
        "achter": "bleven",
        "vooruit": "meer vooruit",
        "geen-van-betekenis": "geen waterbed van betekenis",
        "niet-te-zeggen": "niet te zeggen",
    }
    assert words[verdict] in heading[1]


def test_the_first_screen_tells_how_the_areas_fared_beside_what_comes_by_itself(
    client: Client, built: Warehouse
) -> None:
    frame = rows(built, "naast-elkaar").filter(outcome="klasse", window="2008-2012")
    values = {row["measure"]: row for row in frame.to_dicts()}
    closer, itself = values["verschil-stad"], values["verschil-vanzelf"]
    assert closer["low"] <= itself["change"] <= closer["high"]
    for address in ("/waterbed/", ADDRESS, EFFECT):
        told = text_of(client.get(address).content.decode())
        assert f"kwamen de wijken {wording.number(closer['change'], 2)} klasse dichter bij" in told
        assert f"komen vanzelf {wording.number(itself['change'], 2)} dichterbij: ongeveer evenveel" in told
    assert "is met deze cijfers niet te zeggen" in text_of(client.get(EFFECT).content.decode())
    sure = rows(built, "schatting").filter(
        question="waterbed", variant="alleen-bron", outcome="klasse", window="2008-2012", term="ring-1"
    )
    assert f"zelfs beter dan verder weg: {signed(sure['estimate'][0])} klasse" in text_of(
        client.get(ADDRESS).content.decode()
    )


def test_the_power_is_the_most_careful_of_the_table(client: Client, built: Warehouse) -> None:
    row, plan = primary(built, "waterbed"), study("krachtwijken-2007")
    assert plan is not None
    before = [w.id for w in plan.windows if w.role == "voor"]
    same = rows(built, "kracht").filter(outcome=row["outcome"], term=row["term"], method=row["method"])
    told = same.filter(pl.col("window").is_in([row["window"], *before]))
    most = told["smallest"].max()
    text = text_of(client.get(ADDRESS).content.decode())
    assert f"met 80% kans zien, is {wording.number(most, 2)} klasse" in text  # type: ignore[arg-type]
    enough = "Een verschuiving die ertoe doet, hadden wij gezien" in text
    assert enough == (most <= plan.relevant)  # type: ignore[operator]


def test_every_variant_of_the_plan_stands_on_the_page(client: Client) -> None:
    told = text_of(client.get(ADDRESS).content.decode())
    plan = study("krachtwijken-2007")
    assert plan is not None
    assert all(variant.label.split(":")[0] in told for variant in plan.variants)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (ADDRESS, "kracht"),
        (ADDRESS, "ringen"),
        (ADDRESS, "nabootsing"),
        (ADDRESS, "varianten"),
        (ADDRESS, "signalen"),
        (ADDRESS, "verloop-ring-1"),
        (EFFECT, "verloop"),
        (EFFECT, "verschillen"),
    ],
)
def test_every_chart_has_its_rows_with_the_run(client: Client, address: str, name: str) -> None:
    page = client.get(address).content.decode()
    assert f"?csv={name}" in page
    lines = client.get(f"{address}?csv={name}").content.decode().splitlines()
    header = lines[0].split(",")
    assert len(lines) > 1 and {"run", "rule", "edition"} <= set(header)


def test_the_placebo_chart_holds_every_placebo_programme(client: Client, built: Warehouse) -> None:
    lines = client.get(f"{ADDRESS}?csv=nabootsing").content.decode().splitlines()
    plan = study("krachtwijken-2007")
    assert plan is not None and len(lines) - 1 == plan.placebos.draws


def test_the_ministrys_counts_stand_beside_chance_and_no_area_is_named(
    client: Client, built: Warehouse
) -> None:
    page = client.get(ADDRESS).content.decode()
    told = text_of(page)
    assert "Zij telden in 40 wijken 11 keer signaal 1a" in told
    assert "gemiddeld 10,5 signalen" in told
    counts = rows(built, "ministerie-telling").filter(
        origin="berekend", search="aanliggend", indication="1a", receiving="5"
    )
    for row in counts.to_dicts():
        assert f"{row['alarms']} van {row['units']}" in told
        assert row["placebos"] == 99 and 0 < row["p"] <= 1
    assert "waterbed-krachtwijken-2007-ministerie.csv" not in page
    assert client.get("/downloads/waterbed-krachtwijken-2007-ministerie.csv").status_code == 404
    assert "waterbed-krachtwijken-2007-ministerie-telling.csv" in page
    part = page.partition('id="ministerie"')[2]
    assert not [a.name for a in programme("krachtwijken-2007").areas if a.name in text_of(part)]


def test_convergence_and_counterfactual_stand_side_by_side_with_what_comes_by_itself(
    client: Client, built: Warehouse
) -> None:
    main = primary(built, "effect")
    told = text_of(client.get(EFFECT).content.decode())
    of_window = rows(built, "naast-elkaar").filter(outcome=main["outcome"], window=main["window"])
    values = {row["measure"]: row for row in of_window.to_dicts()}
    assert f"veranderde met {signed(values['verschil-stad']['change'])} klasse" in told
    assert f"erop leken is het verschil {signed(values['verschil-lijkend']['change'])} klasse" in told
    assert f"brengt een gebied {signed(values['verschil-vanzelf']['change'])} klasse dichter bij" in told
    assert "Zij beantwoorden een andere vraag" in told
    heading = re.search(r"<h1>(.*?)</h1>", client.get(EFFECT).content.decode(), re.S)
    assert heading is not None
    if values["verschil-stad"]["low"] <= 0 <= values["verschil-stad"]["high"]:
        assert "niet te zeggen" in heading[1]


def test_other_tests_that_stand_out_are_told_where_they_are(client: Client, built: Warehouse) -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    for address, question in ((ADDRESS, "waterbed"), (EFFECT, "effect")):
        told = text_of(client.get(address).content.decode())
        tested = rows(built, "schatting").filter(pl.col("q").is_not_null(), question=question)
        beyond = tested.filter(pl.col("q") <= plan.inference.fdr)
        assert (
            f"zijn er {tested.height} andere. Na verrekening van dat aantal blijven er {beyond.height} over"
            in told
        )
        for row in beyond.to_dicts():
            assert f"{signed(row['estimate'], 3)} punten naast wijken die erop leken" in told
            assert "Daarvan is geen meting van voor de start" in told
    assert beyond["outcome"].to_list() == ["veiligheid"]


def test_the_placebo_chart_says_the_share_that_it_shows(client: Client, built: Warehouse) -> None:
    main = primary(built, "waterbed")
    same = ("question", "outcome", "window", "term")
    drawn = rows(built, "placebo").filter(**{name: main[name] for name in same})["estimate"]
    as_far = min((drawn >= main["estimate"]).sum(), (drawn <= main["estimate"]).sum())
    told = text_of(client.get(ADDRESS).content.decode())
    assert f"ligt {wording.percent(as_far / len(drawn))} aan die kant minstens zo ver als het echte" in told
    assert main["p_placebo"] == pytest.approx(2 * (as_far + 1) / (len(drawn) + 1))


def test_each_window_has_its_own_finding_and_what_does_not_exist_gives_the_plans(client: Client) -> None:
    plan = study("krachtwijken-2007")
    assert plan is not None
    for window in plan.windows:
        page = client.get(f"{EFFECT}?venster={window.id}").content.decode()
        if window.role == "na":
            assert f"tussen {window.start} en {window.end}" in page
    asked, own = (
        client.get(address).content.decode().partition("<main")[2]
        for address in (f"{EFFECT}?venster=1066-1492", EFFECT)
    )
    assert asked.partition("</h1>")[0] == own.partition("</h1>")[0]


@pytest.mark.parametrize("address", ["/waterbed/nplv-2022/", "/effect/nplv-2022/"])
def test_a_programme_without_a_study_says_what_is_missing(client: Client, address: str) -> None:
    told = text_of(client.get(address).content.decode())
    assert "nog niet te zeggen" in told
    assert "een meting voor de start en een meting erna" in told


def test_what_does_not_exist_is_not_found(client: Client) -> None:
    for address in ("/waterbed/mars/", "/effect/mars/", f"{ADDRESS}?csv=mars"):
        assert client.get(address).status_code == 404


def test_the_pages_are_found_from_programme_footer_and_sitemap(client: Client) -> None:
    page = client.get("/programma/krachtwijken-2007/").content.decode()
    assert f'href="{ADDRESS}"' in page and f'href="{EFFECT}"' in page
    assert 'href="/waterbed/"' in client.get("/").content.decode().partition("<footer")[2]
    sitemap = client.get("/sitemap.xml").content.decode()
    for address in ("/waterbed/", ADDRESS, EFFECT, "/waterbed/nplv-2022/"):
        assert f"{address}</loc>" in sitemap
    listed = client.get("/waterbed/").content.decode()
    assert f'href="{ADDRESS}"' in listed and f'href="{EFFECT}"' in listed


def test_no_words_of_cause_or_stigma(client: Client) -> None:
    for address in ("/waterbed/", ADDRESS, EFFECT):
        told = re.sub(r"(?s)<(details|pre).*?</\1>", " ", client.get(address).content.decode())
        assert not re.search(r"\b(dankzij|veroorzaakt|probleemwijk\w*|slechtste|achterstandswijk\w*)\b", told)
