# SPDX-License-Identifier: EUPL-1.2
"""Which codes there were in which year, and what became of them."""

import polars as pl
import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import cells, codes, packaged
from krachtwijk.geography import register as registers
from krachtwijk.warehouse import Warehouse

KWB = "publications/cbs-kwb/"
LBM = "publications/leefbaarometer/"
RIVM = "publications/rivm-gezondheid/"
CROSSWALK = "geography/amsterdam-buurt-2015-2022-koppeling-rd.csv.gz"

#: A short name for each side of the README's table: file, column, first characters of the codes.
LISTS = {
    "lbm3": (LBM + "lbm3-buurt-2024.csv.gz", "id", "BU"),
    "lbm3 Amsterdam": (LBM + "lbm3-buurt-2024.csv.gz", "id", "BU0363"),
    "kwb-2024": (KWB + "kwb-2024-85984NED-buurt-11cols.csv.gz", "WijkenEnBuurten", "BU"),
    "kwb-2017": (KWB + "kwb-2017-83765NED-buurt-12cols.csv.gz", "WijkenEnBuurten", "BU"),
    "kwb-2019 Amsterdam": (KWB + "kwb-2019-84583NED-amsterdam-volledig.csv.gz", "WijkenEnBuurten", "BU"),
    "kwb-2019 Den Haag": (KWB + "kwb-2019-84583NED-den-haag-volledig.csv", "WijkenEnBuurten", "BU"),
    "gezondheid-2012": (RIVM + "gezondheid-2012-50090NED-18plus.csv.gz", "WijkenEnBuurten", "BU"),
    "lbm2-wijk": (LBM + "lbm2-wijk-klasse-2002-2016.csv", "WK_CODE", "WK"),
    "lbm2-wijk scores": (LBM + "lbm2-wijk-dimensiescore-stand-2012-2016.csv.gz", "GBD", "WK"),
    "lbm2-pc4": (LBM + "lbm2-pc4-klasse-2002-2016.csv.gz", "CODE", ""),
    "pc4-gemeente": ("publications/cbs-pc4/pc4-gemeente-2023.csv", "PC4", ""),
    "cbs-pc4": ("publications/cbs-pc4/cbs-pc4-kerncijfers.csv.gz", "pc4", ""),
    "pc4 outlines": ("geography/pc4-rd.geojson.gz", "postcode", ""),
    "crosswalk old": (CROSSWALK, "BUURTCODE_CBS_2015", "BU"),
    "crosswalk new": (CROSSWALK, "BUURTCODE_CBS_2022", "BU"),
}


def listed(name: str, known: pl.DataFrame) -> set[str]:
    """Codes of a list above, or of the register as 'buurt 2024'."""
    if name in LISTS:
        file, column, start = LISTS[name]
        found = packaged.columns(file, [column]).select(codes.clean_expr(pl.col(column))).to_series()
        return {code for code in found.drop_nulls() if code.startswith(start)}
    level, year = name.split()
    return set(known.filter(pl.col("level") == level, pl.col("year") == int(year))["code"])


# the table "What joins with what" of the data README; counts are exact, percentages as printed there
@pytest.mark.parametrize(
    ("left", "right", "shared", "of", "percentage"),
    [
        ("lbm3", "kwb-2024", 12145, 12147, 99.98),
        ("kwb-2024", "lbm3", 12145, 13817, 87.9),
        ("kwb-2024", "buurt 2024", 13817, 13817, 100),
        ("lbm3", "buurt 2024", 12147, 12147, 100),
        ("buurt 2024", "buurt 2025", None, 14574, 99.5),
        ("buurt 2017", "buurt 2024", None, 13208, 76.9),
        ("kwb-2017", "kwb-2024", None, 9028, 78.8),
        ("lbm3", "buurt 2020", None, 12147, 84.8),
        ("buurt 2020", "buurt 2017", None, 13808, 83.1),
        ("buurt 2020", "buurt 2024", None, 13808, 89.1),
        ("gezondheid-2012", "buurt 2020", 13808, 13808, 100),
        ("lbm2-wijk", "wijk 2016", 2981, 2981, 100),
        ("lbm2-wijk scores", "wijk 2014", None, 2962, 87.1),
        ("wijk 2016", "wijk 2022", None, 2981, 84.6),
        ("wijk 2022", "wijk 2020", None, 3340, 91.1),
        ("wijk 2022", "wijk 2025", None, 3340, 95.9),
        ("lbm2-pc4", "pc4 outlines", 4058, 4068, 99.75),
        ("lbm2-pc4", "cbs-pc4", None, 4068, 99.75),
        ("lbm2-pc4", "pc4-gemeente", None, 4068, 99.75),
        ("kwb-2019 Den Haag", "buurt 2017", 114, 114, 100),
        ("kwb-2019 Den Haag", "lbm3", 110, 114, 96.5),
        ("kwb-2019 Amsterdam", "buurt 2020", 479, 479, 100),
        ("kwb-2019 Amsterdam", "lbm3", 0, 479, 0),
        ("kwb-2019 Amsterdam", "crosswalk old", 439, 479, 91.6),
        ("lbm3 Amsterdam", "crosswalk new", 389, 441, 88.2),
    ],
)
def test_codes_join_as_measured(
    left: str, right: str, shared: int | None, of: int, percentage: float, known: pl.DataFrame
) -> None:
    first, second = listed(left, known), listed(right, known)
    assert len(first) == of
    assert shared is None or len(first & second) == shared
    decimals = 2 if percentage in (99.98, 99.75) else 1
    assert round(100 * len(first & second) / of, decimals) == percentage


def test_quirk_2_old_amsterdam_buurten_reach_a_score_of_2024_through_the_crosswalk(
    known: pl.DataFrame,
) -> None:
    table = packaged.columns(CROSSWALK, ["BUURTCODE_CBS_2015", "BUURTCODE_CBS_2022"])
    scored = listed("lbm3", known)
    old = listed("kwb-2019 Amsterdam", known)
    reached = [a for a, b in table.iter_rows() if a in old and b in scored]
    assert len(reached) == 389  # data README: then 389 / 479 = 81.2 %


@pytest.mark.parametrize(
    ("level", "year", "count"),
    [
        ("buurt", 2014, 12005),
        ("buurt", 2017, 13208),
        ("buurt", 2020, 13808),
        ("buurt", 2024, 14574),
        ("buurt", 2025, 14822),  # the file has 14,823 lines, one of them "Buitenland" (municipality 0998)
        ("wijk", 2014, 2745),
        ("wijk", 2016, 2981),
        ("wijk", 2020, 3177),
        ("wijk", 2022, 3340),
        ("wijk", 2025, 3504),  # idem, of 3,505
        ("gemeente", 2015, 393),  # 394 codes in the attribute table, one of them abroad
        ("gemeente", 2016, 390),
        ("gemeente", 2017, 388),
        ("gemeente", 2020, 355),
        ("gemeente", 2022, 345),
        ("gemeente", 2024, 342),
        ("gemeente", 2025, 342),  # idem, of 343
        ("provincie", 2022, 12),
        ("stadsdeel", 2022, 9),
        ("pc4", 2016, 4068),
    ],
)
def test_every_packaged_list_is_in_the_register(
    level: str, year: int, count: int, known: pl.DataFrame
) -> None:
    rows = known.filter(pl.col("level") == level, pl.col("year") == year)
    assert rows.height == count
    assert rows["code"].is_unique().all()


def test_quirk_1_codes_of_2025_get_their_prefix_and_keep_their_zeros(known: pl.DataFrame) -> None:
    name = known.filter(pl.col("code") == "BU00140000", pl.col("year") == 2025)["name"].item()
    assert name == "Binnenstad-Noord"


def test_every_area_but_ten_ended_postcodes_lies_in_a_municipality(known: pl.DataFrame) -> None:
    lost = known.filter(pl.col("gemeente_name").is_null(), ~pl.col("level").is_in(["land", "provincie"]))
    assert set(lost["code"]) == {
        "1099", "2268", "2633", "2818", "3700", "4304", "6679", "6683", "6700", "8292",
    }  # fmt: skip


def test_a_postcode_in_two_municipalities_lies_where_most_of_its_addresses_are(known: pl.DataFrame) -> None:
    rows = packaged.columns(
        "publications/cbs-pc4/pc4-gemeente-2023.csv", ["PC4", "Gemeente2023", "aantal_pc6huisnr"]
    ).with_columns(pl.col("aantal_pc6huisnr").cast(pl.Int64))
    double = rows.filter(pl.len().over("PC4") > 1)
    assert double["PC4"].n_unique() == 18  # data README
    most = double.sort("aantal_pc6huisnr").group_by("PC4").last()
    expected = {
        code: f"GM{int(number):04d}" for code, number in most.select("PC4", "Gemeente2023").iter_rows()
    }
    found = known.filter(pl.col("year") == 2023, pl.col("code").is_in(list(expected)))
    assert dict(found.select("code", "gemeente").iter_rows()) == expected


def test_the_country_is_one_code_whatever_the_publication_writes(known: pl.DataFrame) -> None:
    assert set(known.filter(pl.col("level") == "land")["code"]) == {"NL"}


def test_a_list_with_a_wrong_code_is_refused_with_its_place() -> None:
    wrong = registers.Register(
        "buurt", 2024, "geography/gemeentenamen-2025.csv.gz", "Gemeente2025", prefix="GM"
    )
    with pytest.raises(KrachtwijkError, match=r"GM0014 is geen buurtcode.*gemeentenamen-2025"):
        wrong.read()


def test_a_list_with_an_absent_column_is_refused_with_those_it_has() -> None:
    with pytest.raises(KrachtwijkError, match=r"Kolom Buurt2024 ontbreekt.*Buurt2025, buurtnaam2025"):
        packaged.columns("geography/buurtnamen-2025.csv.gz", ["Buurt2024"])


@pytest.mark.slow
def test_an_ended_code_tells_its_years_and_its_successors(geography: Warehouse) -> None:
    ten_boer = registers.area(geography, "GM0009")
    assert ten_boer["years"] == [2015, 2016, 2017]
    assert not ten_boer["current"]
    # Ten Boer joined Groningen on 1 January 2019 (CBS, Gemeentelijke indeling)
    assert ten_boer["successors"] == [{"code": "GM0014", "share": 1.0, "how": "ligging"}]
    assert "GM0009" in [before["code"] for before in registers.area(geography, "gm0014 ")["predecessors"]]


@pytest.mark.slow
def test_a_municipality_that_was_split_has_two_successors(geography: Warehouse) -> None:
    # Maasdonk was divided between 's-Hertogenbosch and Oss on 1 January 2015; no outline of its own is packaged
    shares = {s["code"]: s["share"] for s in registers.area(geography, "GM1671")["successors"]}
    assert set(shares) == {"GM0796", "GM0828"}
    assert sum(shares.values()) == pytest.approx(1, abs=0.03)


@pytest.mark.slow
def test_quirk_2_an_old_amsterdam_buurt_points_to_its_new_code(geography: Warehouse) -> None:
    old = registers.area(geography, "BU03630000")
    assert old["successors"] == [{"code": "BU0363AE01", "share": 1.0, "how": "koppeltabel"}]
    assert registers.area(geography, "BU0363AE01")["predecessors"][0]["code"] == "BU03630000"
    # one code, two areas: in 2014 it was a whole buurtcombinatie
    assert {n["year"]: n["name"] for n in old["names"]}[2014] == "Burgwallen-Oude Zijde"


@pytest.mark.slow
def test_successors_are_told_with_how_they_are_known(register: pl.DataFrame) -> None:
    ended = register.filter(~pl.col("current"), pl.col("level").is_in(["buurt", "wijk", "gemeente"]))
    links = ended.explode("successors").unnest("successors", separator="_")
    assert set(links["successors_how"].drop_nulls()) == {"koppeltabel", "ligging", "naam"}
    shares = links.group_by("level", "code").agg(pl.col("successors_share").sum())["successors_share"]
    assert shares.max() <= 1 + 1e-9
    found = ended.group_by("level").agg((pl.col("successors").list.len() > 0).mean())
    # measured: all gemeenten, 89 % of the wijken and 87 % of the buurten that ended
    assert {level: round(share, 2) for level, share in found.iter_rows()} == {
        "gemeente": 1.0, "wijk": 0.89, "buurt": 0.87,
    }  # fmt: skip
    assert register.filter("current").select((pl.col("successors").list.len() == 0).all()).item()


@pytest.mark.slow
def test_points_lie_in_the_netherlands_and_in_their_municipality(register: pl.DataFrame) -> None:
    placed = register.filter(pl.col("lon").is_not_null())
    assert placed["lon"].is_between(3.2, 7.3).all()
    assert placed["lat"].is_between(50.7, 53.7).all()
    for level, least in {"gemeente": 0.97, "wijk": 0.9, "buurt": 0.89, "pc4": 0.99, "stadsdeel": 1.0}.items():
        rows = register.filter(pl.col("level") == level)
        assert rows["lon"].is_not_null().mean() >= least
    overdie = cells.centres_wgs84(["E1117N5165"])  # in the postcode 1813, Alkmaar
    point = register.filter(pl.col("code") == "1813").select("lon", "lat").row(0)
    assert point == pytest.approx(overdie[0].tolist(), abs=0.05)


@pytest.mark.slow
def test_area_knows_cells_by_rule_and_refuses_what_never_existed(geography: Warehouse) -> None:
    cell = registers.area(geography, "E2303N5800")
    assert (cell["level"], cell["current"], cell["successors"]) == ("cel100m", True, [])
    with pytest.raises(KrachtwijkError, match="WK999999 komt in geen enkele lijst voor"):
        registers.area(geography, "WK999999")


def test_the_register_is_kept_until_a_list_changes(geography: Warehouse, known: pl.DataFrame) -> None:
    (kept,) = geography.cache("x").parent.glob("codes-*.parquet")
    assert pl.read_parquet(kept).equals(known)
