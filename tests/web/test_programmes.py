# SPDX-License-Identifier: EUPL-1.2
"""The programme page: do gaps close and since when, areas by city or in groups, every chart with its rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client

from krachtwijk.catalogue import programme
from krachtwijk.warehouse import Warehouse

Get = Callable[..., str]
ADDRESS = "/programma/krachtwijken-2007/"


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200, address
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def gaps(built: Warehouse, indicator: str, window: str) -> pl.DataFrame:
    found = built.result("outcome-krachtwijken-2007")
    assert found is not None
    return found.filter((pl.col("indicator") == indicator) & (pl.col("window") == window)).collect()


def order_of(page: str) -> list[str]:
    """Ids of the areas in the order of the small multiples."""
    part = page.split('class="veelvoud', 1)[1].split("</section></div>", 1)[0]
    return re.findall(r"/programma/krachtwijken-2007/(AW\d\d)/\?", part)


def test_areas_stand_by_city_and_name_unless_a_reader_sorts(page: Get) -> None:
    expected = [a.id for a in sorted(programme("krachtwijken-2007").areas, key=lambda a: (a.city, a.name))]
    assert order_of(page(ADDRESS)) == expected
    assert order_of(page(f"{ADDRESS}?volgorde=onzin")) == expected
    assert "Groep 1 van" not in page(ADDRESS)


def test_sorted_by_change_the_groups_fall_and_inside_a_group_the_alphabet_rules(
    page: Get, built: Warehouse
) -> None:
    found = gaps(built, "lbm2-rmtr", "2012-2016")
    group = dict(found.select("area", "group").rows())
    shown = order_of(page(f"{ADDRESS}?onderwerp=lbm2-rmtr&venster=2012-2016&volgorde=verandering"))
    assert sorted(shown) == sorted(group)
    numbers = [group[area] for area in shown]
    assert numbers == sorted(numbers)
    names = {a.id: (a.city, a.name) for a in programme("krachtwijken-2007").areas}
    for number in set(numbers):
        inside = [names[a] for a in shown if group[a] == number]
        assert inside == sorted(inside)


def test_a_group_never_holds_a_larger_change_than_the_one_before_it(built: Warehouse) -> None:
    for indicator, window in (("lbm2-klasse", "2002-2016"), ("lbm2-rmtr", "2012-2016")):
        ends = (
            gaps(built, indicator, window)
            .group_by("group")
            .agg(pl.col("change").min().alias("low"), pl.col("change").max().alias("high"))
            .sort("group")
        )
        assert ends["group"].to_list() == list(range(1, ends.height + 1))
        assert (ends["high"].shift(-1) < ends["low"]).drop_nulls().all()


def test_without_a_verdict_there_is_no_group_and_nothing_to_sort(page: Get, built: Warehouse) -> None:
    assert gaps(built, "gez-eenzaam", "2012-2016")["group"].null_count() == 40
    text = page(f"{ADDRESS}?onderwerp=gez-eenzaam&venster=2012-2016&volgorde=verandering")
    assert "Groep" not in text
    assert len(order_of(text)) == 40


@pytest.mark.parametrize("window", ["2002-2016", "2008-2012"])
def test_the_page_says_whether_gaps_close_and_since_when(page: Get, built: Warehouse, window: str) -> None:
    counts = built.result("outcome-krachtwijken-2007-telling")
    assert counts is not None
    [row] = (
        counts.filter((pl.col("indicator") == "lbm2-klasse") & (pl.col("window") == window))
        .collect()
        .to_dicts()
    )
    text = page(f"{ADDRESS}?venster={window}")
    assert f"Sinds {window[:4]} ging {round(100 * row['share'])}% van de gebieden vooruit" in text
    assert f"tussen {round(100 * row['low'])}% en {round(100 * row['high'])}%" in text
    assert row["high"] < 0.5
    assert "In de meeste gebieden niet." in text


def test_the_courses_come_as_one_csv_with_edition_rule_and_run(client: Client) -> None:
    rows = rows_of(client, f"{ADDRESS}?csv=verloop")
    made = programme("krachtwijken-2007")
    assert {r["unit"] for r in rows if r["kind"] == "gebied"} == {a.id for a in made.areas}
    assert {r["unit"] for r in rows if r["kind"] == "stad"} == {a.city_code for a in made.areas}
    assert all(r["edition"] and r["rule"] and r["run"] for r in rows)


def test_the_counts_per_window_come_as_csv_with_their_interval(client: Client) -> None:
    rows = rows_of(client, f"{ADDRESS}?csv=vensters")
    assert [r["window"] for r in rows] == ["2002-2016", "2008-2016", "2008-2012", "2012-2016"]
    assert all(float(r["low"]) <= float(r["share"]) <= float(r["high"]) for r in rows)


def test_the_groups_come_as_csv_only_where_they_are_drawn(client: Client) -> None:
    assert len(rows_of(client, f"{ADDRESS}?volgorde=verandering&csv=groepen")) == 40
    assert client.get(f"{ADDRESS}?csv=groepen").status_code == 404


def test_subjects_are_chosen_under_their_theme(page: Get) -> None:
    select = page(ADDRESS).split('<select id="onderwerp"', 1)[1].split("</select>", 1)[0]
    headings = re.findall(r'<optgroup label="([^"]+)">', select)
    assert headings == list(dict.fromkeys(headings))
    assert {"Wonen", "Veiligheid", "Gezondheid", "Leefbaarheid"} <= set(headings)


def test_a_programme_without_boundaries_names_its_areas_and_tells_no_figures(page: Get) -> None:
    text = page("/programma/nplv-2022/?volgorde=verandering")
    assert "nog geen cijfers" in text
    assert "<svg" not in text
    assert text.count("/programma/nplv-2022/NPLV") == 20
    assert "Sluiten de verschillen" not in text


def test_an_area_tells_each_subject_in_the_longest_window_that_has_a_verdict(
    page: Get, built: Warehouse
) -> None:
    made = programme("krachtwijken-2007")
    result = built.result("outcome-krachtwijken-2007")
    assert result is not None
    rows = result.filter(pl.col("area") == "AW01").collect().to_dicts()
    order = [w.id for w in made.windows]
    told: dict[str, str] = {}
    for row in sorted(rows, key=lambda r: order.index(r["window"])):
        if row["verdict"] != "unknown":
            told.setdefault(row["indicator"], row["verdict"])
    closing = list(told.values()).count("closing")
    assert len(set(order)) > 1 and len(told) > 1
    text = page(f"{ADDRESS}AW01/")
    assert f"op {closing} van de {len(told)} onderwerpen vooruit" in text
    # a window that was asked for holds for every subject
    in_first = [r["verdict"] for r in rows if r["window"] == order[0] and r["verdict"] != "unknown"]
    assert len(in_first) == 1
    assert "bleef gelijk tussen 2002 en 2016" in page(f"{ADDRESS}AW01/?venster={order[0]}")


def test_an_area_of_a_programme_says_the_same_on_its_own_page(page: Get) -> None:
    def verdicts(text: str) -> list[str]:
        part = text.split("per onderwerp de langste periode waarover iets te zeggen is</caption>", 1)[1]
        return re.findall(r'<td class="tekst">([^<;]+)', part.split("</table>", 1)[0])

    own = [v for v in verdicts(page("/gebied/1813/")) if v.strip() != "onbekend"]
    assert own and own == [v for v in verdicts(page(f"{ADDRESS}AW01/")) if v.strip() != "onbekend"]
