# SPDX-License-Identifier: EUPL-1.2
"""Every warning of an ingest: that it comes when it must, says what and where, and changes no figure."""

import csv
import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from krachtwijk.catalogue import Publication, publications
from krachtwijk.catalogue.columns import figures
from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import register
from krachtwijk.sources import Outcome, ingest_file
from krachtwijk.warehouse import Warehouse

Writer = Callable[..., Path]

CRIME = ("WijkenEnBuurten", "ID", "GeregistreerdeMisdrijven_1")
TYPED = ("ID", "SoortMisdrijf", "WijkenEnBuurten", "Perioden", "GeregistreerdeMisdrijven_1")
KWB = ("WijkenEnBuurten", "SoortRegio_2", "Codering_3", "AantalInwoners_5")


def codes(outcome: Outcome) -> list[str]:
    """The warning codes of an outcome, in order."""
    return [w["code"] for w in outcome.warnings]


def text_of(outcome: Outcome, code: str) -> str:
    """The text of the one warning with this code."""
    (found,) = [w["text"] for w in outcome.warnings if w["code"] == code]
    return found


def buurten(warehouse: Warehouse, year: int, number: int) -> list[str]:
    """Codes of buurten that exist in a year."""
    known = register.known_codes(warehouse).filter((pl.col("level") == "buurt") & (pl.col("year") == year))
    return sorted(known["code"])[:number]


# --- double_count ---------------------------------------------------------------------------------------------


def test_kinds_of_crime_are_never_added_to_their_total(warehouse: Warehouse, write: Writer) -> None:
    rows = [
        (1, "0.0.0 ", "GM1680    ", "2023JJ00", 655),
        (2, "1.1.1 ", "GM1680    ", "2023JJ00", 20),
        (3, "1.1.2 ", "GM1680    ", "2023JJ00", 635),
    ]
    outcome = ingest_file(warehouse, write("misdrijven.csv", TYPED, rows))
    assert codes(outcome) == ["double_count"]
    assert "1.1.1" in text_of(outcome, "double_count")
    assert [r["line"] for r in outcome.rejected] == [3, 4]
    assert (outcome.rows, outcome.kept) == (3, 1)
    assert warehouse.observations().collect()["value"].to_list() == [655.0]


def test_kinds_of_crime_without_their_total_are_refused(warehouse: Warehouse, write: Writer) -> None:
    with pytest.raises(KrachtwijkError, match="niet het totaal"):
        ingest_file(warehouse, write("m.csv", TYPED, [(1, "1.1.1 ", "GM1680", "2023JJ00", 20)]))


def test_ages_and_margins_beside_the_adults_are_left_out(warehouse: Warehouse, write: Writer) -> None:
    header = ("ID", "Leeftijd", "Marges", "WijkenEnBuurten", "Perioden", "Eenzaam_28")
    rows = [
        (1, "20300", "MW00000", "GM0363", "2020JJ00", " 49.0"),
        (2, "53115", "MW00000", "GM0363", "2020JJ00", " 50.0"),
        (3, "20300", "MOG0095", "GM0363", "2020JJ00", " 47.0"),
    ]
    outcome = ingest_file(warehouse, write("gezondheid.csv", header, rows))
    assert codes(outcome) == ["double_count"]
    assert [r["line"] for r in outcome.rejected] == [3, 4]
    (row,) = warehouse.observations().collect().rows(named=True)
    assert (row["value"], row["status"]) == (49.0, "estimated")


# --- total_contradicted ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_doubled_national_file_is_caught_in_an_empty_home(tmp_path: Path, write: Writer) -> None:
    """The trap of the data README: 1 590 945 crimes in buurten against 805 327 in the country (2024)."""
    home = Warehouse(tmp_path / "leeg")
    areas = buurten(home, 2025, 14_730)
    each, left = divmod(1_590_945, len(areas))
    rows = [(area, n, each + (n < left)) for n, area in enumerate(areas)]
    shutil.rmtree(home.home)
    outcome = ingest_file(home, write("landelijk.csv", CRIME, rows), period="2024")
    assert codes(outcome) == ["total_contradicted"]
    told = text_of(outcome, "total_contradicted")
    for part in ("1 590 945", "805 327", "NL", "1,98", "dubbele"):
        assert part in told
    assert home.observations().collect()["value"].sum() == 1_590_945  # told, not changed


def test_a_sum_below_the_total_is_coverage(warehouse: Warehouse, write: Writer) -> None:
    outcome = ingest_file(warehouse, write("deel.csv", CRIME, [("BU03610300", 1, 805_327)]), period="2024")
    assert outcome.warnings == []


@pytest.mark.parametrize(("wijk", "expected"), [(100, []), (95, []), (80, ["total_contradicted"])])
def test_rounding_is_allowed_within_one_file(
    warehouse: Warehouse, write: Writer, wijk: int, expected: list[str]
) -> None:
    rows = [
        ("WK034401", "Wijk", "WK034401", wijk),
        ("BU03440111", "Buurt", "BU03440111", 50),
        ("BU03440112", "Buurt", "BU03440112", 50),
    ]
    assert codes(ingest_file(warehouse, write("kwb.csv", KWB, rows), period="2019")) == expected


def test_totals_of_earlier_editions_count(warehouse: Warehouse, write: Writer) -> None:
    ingest_file(warehouse, write("g.csv", KWB, [("GM0344", "Gemeente", "GM0344", 1000)]), period="2018")
    parts = [("WK034401", "Wijk", "WK034401", 900), ("WK034402", "Wijk", "WK034402", 900)]
    outcome = ingest_file(warehouse, write("w.csv", KWB, parts), period="2018")
    assert codes(outcome) == ["total_contradicted"]
    assert "editie cbs-kwb-gemeente-2018" in text_of(outcome, "total_contradicted")


def test_packaged_gemeenten_are_totals_too(warehouse: Warehouse, write: Writer) -> None:
    parts = [("WK001400", "Wijk", "WK001400", 300_000)]  # Groningen had 202 636 inhabitants in 2017
    outcome = ingest_file(warehouse, write("w.csv", KWB, parts), period="2017")
    assert "GM0014" in text_of(outcome, "total_contradicted")
    assert "gemeenten" in text_of(outcome, "total_contradicted")


# --- codes ----------------------------------------------------------------------------------------------------


def test_a_code_that_never_existed_is_told_and_kept(warehouse: Warehouse, write: Writer) -> None:
    rows = [("BU03610300", 1, 5), ("BU00019999", 2, 5), ("BU77770101", 3, 5)]
    outcome = ingest_file(warehouse, write("m.csv", CRIME, rows), period="2024")
    assert codes(outcome) == ["unknown_area"]
    assert "1 van" in text_of(outcome, "unknown_area")
    assert "BU77770101 (regel 4)" in text_of(outcome, "unknown_area")
    assert outcome.kept == 3


def test_old_amsterdam_codes_in_a_later_year_are_told_with_their_successor(
    warehouse: Warehouse, write: Writer
) -> None:
    rows = [("BU03630000", "Buurt", "BU03630000", 1110), ("BU03440111", "Buurt", "BU03440111", 50)]
    outcome = ingest_file(warehouse, write("kwb.csv", KWB, rows), period="2024")
    assert codes(outcome) == ["renumbered_area"]
    told = text_of(outcome, "renumbered_area")
    assert "1 van 2" in told
    assert "BU03630000 is BU0363AE01" in told
    assert codes(ingest_file(warehouse, write("kwb.csv", KWB, rows), period="2019")) == []


def test_a_list_of_codes_that_was_taken_in_makes_a_new_year_known(
    warehouse: Warehouse, write: Writer
) -> None:
    new = [("BU03610399", "Buurt", "BU03610399", 50)]
    path = write("kwb.csv", KWB, new)
    assert codes(ingest_file(warehouse, path, period="2026")) == ["unknown_area"]
    ingest_file(warehouse, write("lijst.csv", ("Buurt2026", "buurtnaam2026"), [("03610399", "Nieuw")]))
    path = write("kwb2.csv", KWB, [*new, ("BU03610300", "Buurt", "BU03610300", 5)])
    assert codes(ingest_file(warehouse, path, period="2026")) == []


# --- years ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        ("stand.csv", None, []),
        ("stand.csv", "2016", []),
        ("stand.csv", "2014", ["year_contradicted"]),
        ("stand-2014.csv", None, ["year_contradicted"]),
        ("stand-2012-2016.csv", None, []),
    ],
)
def test_the_files_own_year_goes_before_option_and_name(
    warehouse: Warehouse, write: Writer, name: str, period: str | None, expected: list[str]
) -> None:
    path = write(name, ("GBD", "JAAR", "RLBRMTR"), [("WK036300", 2016, 0.1)])
    outcome = ingest_file(warehouse, path, period=period)
    assert codes(outcome) == expected
    assert warehouse.edition(outcome.edition).periods == ("2016",)


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        ("misdrijven-2024.csv", None, ["period_from_name"]),
        ("misdrijven-2024.csv", "2024", []),
        ("misdrijven-2024.csv", "2023", ["year_contradicted"]),
        ("misdrijven-2012-2024.csv", "2023", []),
    ],
)
def test_option_goes_before_name(
    warehouse: Warehouse, write: Writer, name: str, period: str | None, expected: list[str]
) -> None:
    outcome = ingest_file(warehouse, write(name, CRIME, [("GM0344", 1, 10)]), period=period)
    assert codes(outcome) == expected
    assert warehouse.edition(outcome.edition).periods == (period or "2024",)


def test_two_years_in_the_name_and_no_option_is_refused(warehouse: Warehouse, write: Writer) -> None:
    with pytest.raises(KrachtwijkError, match="jaar niet bekend"):
        ingest_file(warehouse, write("misdrijven-2012-2024.csv", CRIME, [("GM0344", 1, 10)]))


def test_the_statline_number_in_the_name_contradicts_the_year(warehouse: Warehouse, write: Writer) -> None:
    path = write("kwb-84583NED-utrecht.csv", KWB, [("GM0344", "Gemeente", "GM0344", 400)])
    outcome = ingest_file(warehouse, path, period="2021")
    assert "84583NED van StatLine gaat over 2019" in text_of(outcome, "year_contradicted")


def test_inhabitants_of_another_packaged_year_are_recognised(warehouse: Warehouse, packaged: Path) -> None:
    path = packaged / "cbs-kwb/kwb-2021-amsterdam-22cols.csv"
    outcome = ingest_file(warehouse, path, period="2019")
    found = [w["text"] for w in outcome.warnings if w["code"] == "year_contradicted"]
    assert any("precies die van 2021" in t for t in found)


def test_inhabitants_that_differ_from_the_packaged_year_are_told(
    warehouse: Warehouse, packaged: Path, tmp_path: Path
) -> None:
    path = tmp_path / "utrecht.csv"
    with (packaged / "cbs-kwb/kwb-2019-84583NED-utrecht-22cols.csv").open(encoding="utf-8-sig") as handle:
        header, *rows = csv.reader(handle, delimiter=";")
    column = header.index("AantalInwoners_5")
    for row in rows:
        row[column] = str(round(int(row[column]) * 0.97))
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header, *rows])
    assert "year_contradicted" in codes(ingest_file(warehouse, path, period="2019"))


def test_a_doubled_count_is_no_other_year(warehouse: Warehouse, write: Writer, packaged: Path) -> None:
    """Inhabitants of Utrecht 2019, each buurt counted twice: the total says so, and only the total."""
    with (packaged / "cbs-kwb/kwb-2019-84583NED-utrecht-22cols.csv").open(encoding="utf-8-sig") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    doubled = [
        (code, "Buurt", code, 2 * int(row["AantalInwoners_5"]))
        for row in rows
        if (code := row["WijkenEnBuurten"]).startswith("BU") and row["AantalInwoners_5"].strip() != "."
    ]
    outcome = ingest_file(warehouse, write("utrecht.csv", KWB, doubled), period="2019")
    assert codes(outcome) == ["total_contradicted"]
    assert "verhouding 2,00" in text_of(outcome, "total_contradicted")


@pytest.mark.parametrize(("period", "expected"), [("2023", False), ("2022", True), ("2024", True)])
def test_the_postcode_table_is_of_the_year_its_sum_says(
    warehouse: Warehouse, packaged: Path, period: str, expected: bool
) -> None:
    path = packaged / "cbs-pc4/cbs-pc4-kerncijfers.csv.gz"
    outcome = ingest_file(warehouse, path, period=period)
    assert ("year_contradicted" in codes(outcome)) is expected


# --- values ---------------------------------------------------------------------------------------------------


def test_values_out_of_range_are_set_aside_and_told_once_per_indicator(
    warehouse: Warehouse, write: Writer
) -> None:
    header = ("CODE", "KL12", "KL16")
    path = write("klasse.csv", header, [("1011", 0, 10), ("1012", 1, 9), ("1013", 5, 4.5)])
    outcome = ingest_file(warehouse, path)
    assert codes(outcome) == ["out_of_range"]
    assert "(minstens 1 en hoogstens 9), eerst 0 bij 1011 (regel 2)" in text_of(outcome, "out_of_range")
    frame = warehouse.observations().collect().filter(area="1011")
    assert frame["value"].to_list() == [None, None]
    assert set(frame["status"]) == {"missing"}
    assert outcome.kept == 3


#: One packaged CSV of every family.
FUZZED = list({p.source: p for p in publications() if p.ingest and ".csv" in p.file}.values())


@pytest.mark.parametrize("publication", FUZZED, ids=lambda p: p.source)
def test_an_impossible_value_in_any_packaged_file_is_set_aside(
    warehouse: Warehouse, tmp_path: Path, publication: Publication
) -> None:
    raw = publication.path.read_bytes()
    text = (gzip.decompress(raw) if publication.file.endswith(".gz") else raw).decode("utf-8-sig")
    separator = max(";,", key=text.split("\n", 1)[0].count)
    header, first, *rest = csv.reader(text.splitlines(), delimiter=separator)
    column = next(iter(figures(publication.source, header, publication.period)))
    first[header.index(column)] = "9e15"
    path = tmp_path / publication.path.name.removesuffix(".gz")
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, delimiter=separator).writerows([header, first, *rest[:200]])
    period = None if publication.period is None else str(publication.period)
    outcome = ingest_file(warehouse, path, period=period)
    assert codes(outcome) == ["out_of_range"]
    assert "(regel 2)" in text_of(outcome, "out_of_range")
    assert warehouse.observations().collect()["value"].max() < 1e12


def test_numbers_in_a_warning_are_written_the_dutch_way(warehouse: Warehouse, write: Writer) -> None:
    rows = [("GM0344", "Gemeente", "GM0344", 30_000_000.5)]
    told = text_of(ingest_file(warehouse, write("k.csv", KWB, rows), period="2018"), "out_of_range")
    assert "hoogstens 20 000 000), eerst 30 000 000,5 bij GM0344" in told


def test_two_columns_that_say_the_same_are_refused(warehouse: Warehouse, write: Writer) -> None:
    path = write("k.csv", ("GM_CODE", "AANT_INW", "aantal_inwoners"), [("GM0344", 1, 2)])
    with pytest.raises(KrachtwijkError, match="allebei inwoners"):
        ingest_file(warehouse, path, period="2016")


def test_a_column_nobody_knows_is_named(warehouse: Warehouse, write: Writer) -> None:
    path = write("m.csv", (*CRIME, "Zakkenrollerij_9"), [("GM0344", 1, 10, 3)])
    outcome = ingest_file(warehouse, path, period="2024")
    assert codes(outcome) == ["unknown_column"]
    assert "Zakkenrollerij_9" in text_of(outcome, "unknown_column")


# --- editions -------------------------------------------------------------------------------------------------


def test_the_same_content_packed_or_not_is_one_edition(warehouse: Warehouse, write: Writer) -> None:
    path = write("m.csv", CRIME, [("GM0344", 1, 10)])
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    first, again = (ingest_file(warehouse, p, period="2024") for p in (path, packed))
    assert codes(again) == ["duplicate_edition"]
    assert (again.edition, again.rows, again.kept, again.new) == (first.edition, 1, 1, False)
    assert len(warehouse.editions()) == 1


def test_a_revision_is_a_new_edition_beside_the_old_one(warehouse: Warehouse, write: Writer) -> None:
    old = ingest_file(warehouse, write("m.csv", CRIME, [("GM0344", 1, 10)]), period="2024")
    new = ingest_file(warehouse, write("m.csv", CRIME, [("GM0344", 1, 12)]), period="2024")
    assert old.edition != new.edition
    assert [m.edition for m in warehouse.editions()] == [old.edition, new.edition]
    assert warehouse.observations().collect()["value"].to_list() == [12.0]
    assert warehouse.observations(editions=[old.edition]).collect()["value"].to_list() == [10.0]


def test_the_json_has_the_agreed_fields(warehouse: Warehouse, write: Writer) -> None:
    path = write("m.csv", CRIME, [("GM0344", 1, 10), ("Totaal", 2, 10)])
    answer = ingest_file(warehouse, path, period="2024").as_json()
    assert {"source", "edition", "rows", "kept", "rejected", "warnings"} <= set(answer)
    assert answer["source"] == "politie-misdrijven"
    assert (answer["rows"], answer["kept"]) == (2, 1)
    assert answer["rejected"] == [{"line": 3, "reason": "gebiedscode 'TOTAAL' heeft geen bekende vorm"}]
