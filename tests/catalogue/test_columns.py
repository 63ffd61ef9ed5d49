# SPDX-License-Identifier: EUPL-1.2
"""Every column of every packaged file is an indicator or is said to be no figure; every value fits its range."""

from __future__ import annotations

import math

import polars as pl
import pytest

from krachtwijk.catalogue import DATA, figures, indicator, indicators, is_non_figure, non_figures, unmapped
from krachtwijk.sources.tidy import MARKERS, NUMBER_MARKERS
from krachtwijk.warehouse.tables import Table, read_table

FOLDER = DATA / "publications"

#: Packaged file -> publication family and year of the table (None where the columns or rows state it).
FILES = {
    "cbs-groningen/buurt-2017-groningen-attributen.csv.gz": ("cbs-wbk", 2017),
    "cbs-groningen/vierkant100m-2000-2014-groningen-attributen.csv.gz": ("cbs-vierkant", None),
    "cbs-groningen/wijk-2017-groningen-attributen.csv.gz": ("cbs-wbk", 2017),
    "cbs-kwb/kwb-2017-83765NED-buurt-12cols.csv.gz": ("cbs-kwb", 2017),
    "cbs-kwb/kwb-2019-84583NED-amsterdam-volledig.csv.gz": ("cbs-kwb", 2019),
    "cbs-kwb/kwb-2019-84583NED-den-haag-volledig.csv": ("cbs-kwb", 2019),
    "cbs-kwb/kwb-2019-84583NED-utrecht-22cols.csv": ("cbs-kwb", 2019),
    "cbs-kwb/kwb-2021-amsterdam-22cols.csv": ("cbs-kwb", 2021),
    "cbs-kwb/kwb-2022-gemeente-18cols.csv.gz": ("cbs-kwb-tmap", 2022),
    "cbs-kwb/kwb-2022-wijk-18cols.csv.gz": ("cbs-kwb-tmap", 2022),
    "cbs-kwb/kwb-2023-amsterdam-inkomen.csv": ("cbs-kwb-en", 2023),
    "cbs-kwb/kwb-2024-85984NED-buurt-11cols.csv.gz": ("cbs-kwb", 2024),
    "cbs-kwb/kwb-2024-amsterdam-zonder-inkomen.csv": ("cbs-kwb-en", 2024),
    "cbs-kwb/wijkenbuurtenkaart-2015-gemeente.csv": ("cbs-wbk", 2015),
    "cbs-kwb/wijkenbuurtenkaart-2016-gemeente.csv.gz": ("cbs-wbk", 2016),
    "cbs-kwb/wijkenbuurtenkaart-2016-wijk.csv.gz": ("cbs-wbk", 2016),
    "cbs-kwb/wijkenbuurtenkaart-2017-gemeente.csv": ("cbs-wbk", 2017),
    "cbs-kwb/wijkenbuurtenkaart-baarn-buurten-wfs.geojson": ("cbs-wbk", 2024),
    "cbs-nabijheid/nabijheid-2020-amsterdam.csv": ("cbs-nabijheid", 2020),
    "cbs-nabijheid/nabijheid-2024-amsterdam.csv": ("cbs-nabijheid", 2024),
    "cbs-pc4/cbs-pc4-kerncijfers.csv.gz": ("cbs-pc4", 2023),
    "cbs-pc4/pc4-gemeente-2023.csv": ("cbs-pc4", 2023),
    "cbs-ses-woa/ses-woa-2019-85163NED-amsterdam.csv": ("cbs-ses-woa", 2019),
    "leefbaarometer/lbm2-gemeente-dimensiescore-stand-2012-2016.csv.gz": ("lbm2", None),
    "leefbaarometer/lbm2-gemeente-klasse-2002-2016.csv": ("lbm2", None),
    "leefbaarometer/lbm2-pc4-dimensiescore-2012-2016.csv.gz": ("lbm2", None),
    "leefbaarometer/lbm2-pc4-klasse-2002-2016.csv.gz": ("lbm2", None),
    "leefbaarometer/lbm2-wijk-dimensiescore-ontwikkeling-2012-2016.csv.gz": ("lbm2", None),
    "leefbaarometer/lbm2-wijk-dimensiescore-stand-2012-2016.csv.gz": ("lbm2", None),
    "leefbaarometer/lbm2-wijk-klasse-2002-2016.csv": ("lbm2", None),
    "leefbaarometer/lbm3-buurt-2024.csv.gz": ("lbm3", 2024),
    "leefbaarometer/lbm3-gemeente-2024.csv.gz": ("lbm3", 2024),
    "leefbaarometer/lbm3-wijk-amstelveen-2014-2022.csv": ("lbm3", None),
    "politie/misdrijven-2012-2024-47018NED-typeddataset-deel.csv": ("politie-misdrijven", None),
    "politie/misdrijven-2024-47018NED-buurt-deel.csv": ("politie-misdrijven", 2024),
    "rivm-gezondheid/gezondheid-2012-50090NED-18plus.csv.gz": ("rivm-gezondheid", 2012),
    "rivm-gezondheid/gezondheid-2020-50090NED-18plus.csv.gz": ("rivm-gezondheid", 2020),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, Table]:
    return {name: read_table(FOLDER / name) for name in FILES}


def test_no_packaged_file_is_forgotten_here() -> None:
    packaged = {str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file()} - {"manifest.toml"}
    assert packaged == set(FILES)


def test_every_column_is_a_figure_or_known_to_be_none(tables: dict[str, Table]) -> None:
    forgotten = {
        name: left
        for name, table in tables.items()
        if (left := unmapped(FILES[name][0], table.columns, FILES[name][1]))
    }
    assert forgotten == {}


def test_no_column_is_both_a_figure_and_none(tables: dict[str, Table]) -> None:
    for name, table in tables.items():
        source, year = FILES[name]
        both = [c for c in figures(source, table.columns, year) if is_non_figure(source, c)]
        assert both == [], name


def test_every_line_of_the_lists_is_used(tables: dict[str, Table]) -> None:
    """A stem that fits no packaged column is a slip of the pen."""
    used: set[tuple[str, str]] = set()
    for name, table in tables.items():
        source, year = FILES[name]
        used |= {(source, f.indicator) for f in figures(source, table.columns, year).values()}
    stated = {(c.source, i.id) for i in indicators().values() for c in i.columns}
    assert stated - used == set()
    for entry in non_figures():
        assert entry.reason.strip()
        columns = [c for n, t in tables.items() if FILES[n][0] == entry.source for c in t.columns]
        assert any(is_non_figure(entry.source, c) for c in columns), entry


def test_two_columns_of_a_file_are_never_the_same_figure_in_the_same_period(tables: dict[str, Table]) -> None:
    for name, table in tables.items():
        found = figures(*_arguments(name, table))
        keys = [(f.indicator, f.years) for f in found.values()]
        assert len(keys) == len(set(keys)), name


def _arguments(name: str, table: Table) -> tuple[str, tuple[str, ...], int | None]:
    source, year = FILES[name]
    return source, table.columns, year


def test_every_packaged_value_is_inside_the_range_of_its_indicator(tables: dict[str, Table]) -> None:
    outside = []
    for name, table in tables.items():
        for column, figure in figures(*_arguments(name, table)).items():
            text = table.frame[column].fill_null("").str.strip_chars().str.to_lowercase()
            text = text.filter(~text.is_in([*MARKERS, ""]))
            values = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=True)
            values = values.filter(~values.is_in(list(NUMBER_MARKERS))) * figure.factor
            low, high = indicator(figure.indicator).range
            assert low is not None
            assert high is not None
            if values.len() and not (low <= values.min() and values.max() <= high):  # type: ignore[operator]
                outside.append((name, column, values.min(), values.max()))
    assert outside == []


def test_running_numbers_differ_per_year_and_match_on_the_stem_quirk_7() -> None:
    for year, name in ((2017, "Bevolkingsdichtheid_33"), (2024, "Bevolkingsdichtheid_34")):
        assert figures("cbs-kwb", [name], year)[name].indicator == "bevolkingsdichtheid"


def test_electricity_and_gas_of_2019_are_told_apart_by_number_quirk_7() -> None:
    header = ["Appartement_48", "Appartement_56", "Huurwoning_53", "Huurwoning_61"]
    found = figures("cbs-kwb", header, 2019)
    assert [found[c].indicator for c in header] == [
        "elektriciteit-appartement",
        "gas-appartement",
        "elektriciteit-huurwoning",
        "gas-huurwoning",
    ]


def test_an_ambiguous_stem_of_another_year_is_reported_and_not_guessed() -> None:
    header = ["Appartement_49", "Appartement_57"]
    assert figures("cbs-kwb", header, 2020) == {}
    assert unmapped("cbs-kwb", header, 2020) == header


def test_a_new_column_is_reported() -> None:
    assert unmapped("cbs-kwb", ["AantalInwoners_5", "IetsNieuws_123"], 2025) == ["IetsNieuws_123"]


def test_names_match_whatever_their_case() -> None:
    assert figures("cbs-wbk", ["aant_inw", "AANT_MAN"], 2017).keys() == {"aant_inw", "AANT_MAN"}


def test_thousands_of_euros_become_euros_quirk_9() -> None:
    assert figures("cbs-kwb", ["GemiddeldeWoningwaarde_35"], 2019)["GemiddeldeWoningwaarde_35"].factor == 1000


@pytest.mark.parametrize(
    ("source", "column", "identifier", "period"),
    [
        ("cbs-vierkant", "INW2000", "inwoners", "2000"),
        ("cbs-vierkant", "I2014_65PL", "leeftijd-65-plus", "2014"),
        ("cbs-vierkant", "TINW_00_10", "bevolkingsgroei", "2000-2010"),
        ("lbm2", "KL02", "lbm2-klasse", "2002"),
        ("lbm2", "VKL0216", "lbm2-vklasse", "2002-2016"),
        ("lbm2", "RLBRMTR12", "lbm2-rmtr", "2012"),
        ("lbm2", "RLBRMTR", "lbm2-rmtr", None),
    ],
)
def test_years_in_a_column_name_give_the_period(
    source: str, column: str, identifier: str, period: str | None
) -> None:
    figure = figures(source, [column])[column]
    assert (figure.indicator, figure.period) == (identifier, period)


def test_divorced_and_widowed_are_exchanged_in_the_municipality_file_of_2015(
    tables: dict[str, Table],
) -> None:
    """Read by the catalogue, 2015 lies near 2016 for both; read by its headings it would not."""
    earlier = tables["cbs-kwb/wijkenbuurtenkaart-2015-gemeente.csv"]
    later = tables["cbs-kwb/wijkenbuurtenkaart-2016-gemeente.csv.gz"]
    joined = earlier.frame.join(later.frame, left_on="gemeentecode", right_on="GM_CODE")
    for identifier in ("aandeel-gescheiden", "aandeel-verweduwd"):
        (before,) = [
            c for c, f in figures("cbs-wbk", earlier.columns, 2015).items() if f.indicator == identifier
        ]
        (after,) = [
            c for c, f in figures("cbs-wbk", later.columns, 2016).items() if f.indicator == identifier
        ]
        land = joined.filter(pl.col("water") == "NEE")
        change = (land[before].cast(pl.Float64) - land[after].cast(pl.Float64)).abs().mean()
        assert isinstance(change, float)
        assert change < 0.2, identifier


def test_the_income_shares_of_2022_are_those_of_persons_and_of_2023_those_of_households(
    tables: dict[str, Table],
) -> None:
    """Amsterdam 2019: 39.3 % of persons, 50.9 % of households; the later tables lie near their own kind."""
    first = tables["cbs-kwb/kwb-2019-84583NED-amsterdam-volledig.csv.gz"].frame.row(0, named=True)
    map_2022 = tables["cbs-kwb/kwb-2022-gemeente-18cols.csv.gz"].frame.filter(pl.col("code") == "GM0363")
    english = tables["cbs-kwb/kwb-2023-amsterdam-inkomen.csv"].frame.filter(
        pl.col("Area_Code").str.strip_chars() == "GM0363"
    )
    persons = float(first["k_40PersonenMetLaagsteInkomen_73"])
    households = float(first["k_40HuishoudensMetLaagsteInkomen_76"])
    assert math.isclose(float(map_2022["income_low"][0]), persons, abs_tol=2)
    assert math.isclose(float(english["Pct_Lowest_40Pct_Income"][0].replace(",", ".")), households, abs_tol=3)
