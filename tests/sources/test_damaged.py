# SPDX-License-Identifier: EUPL-1.2
"""Damaged and foreign files: one clear refusal, or the broken lines named; the warehouse stays as it was."""

import gzip
from pathlib import Path

import pytest

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources import ingest_file
from krachtwijk.warehouse import Warehouse, tables

HEADER = "GBD,JAAR,RLBRMTR,RLBWON,RLBBEV,RLBVRZ,RLBVEI,RLBFYS\n"
GOOD = "WK036300,2016,0.1,0.1,0,0,0,0\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "leeg"),
        (b"  \n \n", "leeg"),
        (HEADER.encode(), "geen regels"),
        (gzip.compress((HEADER + GOOD).encode(), mtime=0)[:-12], "beschadigd"),
        (b"PK\x03\x04\x00\x00binary", "geen tekst"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "geen tekst"),
        ((HEADER + GOOD).encode().replace(b"0.1", b"0\x00", 1), "geen tekst"),
        (("a,b\n" + "x" * 200_000 + ",1\n").encode(), "niet als tabel"),
        (b"naam,waarde\nx,1\n", "geen bekende publicatie"),
        (b'{"a": 1}', "features"),
        (b'{"a": ', "geldige JSON"),
        (b'{"features": ' + b"[" * 200_000, "te diep"),
        (b'{"features": []}', "leeg"),
        (b"GBD,GBD,JAAR\n1,2,3\n", "meer dan"),
        ((HEADER + "WK036300,2016,veel,0,0,0,0,0\n").encode(), "'veel' is geen getal"),
        ((HEADER + "Amsterdam,2016,0,0,0,0,0,0\n").encode(), "geen bekende vorm"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    warehouse: Warehouse, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "bestand.csv"
    path.write_bytes(content)
    with pytest.raises(KrachtwijkError, match=told) as refusal:
        ingest_file(warehouse, path)
    assert "bestand.csv" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert warehouse.editions() == []
    assert list((warehouse.home / "tmp").glob("*")) == []


def test_a_gzip_file_that_swells_beyond_measure_is_refused(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 1000)
    path = tmp_path / "bestand.csv.gz"
    path.write_bytes(gzip.compress((HEADER + GOOD * 100).encode(), mtime=0))
    with pytest.raises(KrachtwijkError, match="te groot"):
        ingest_file(warehouse, path)


def test_each_broken_line_is_named_and_the_rest_is_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "stand.csv"
    path.write_text(
        HEADER
        + GOOD
        + "WK036301,2016,0.1\n"  # 3: too few cells
        + "WK036302,2016,0.1,0.1,0,0,0,0,9\n"  # 4: too many
        + GOOD  # 5: said before
        + "WK036303,2016,veel,0,0,0,0,0\n"  # 6: no number
        + "WK036304,vorig jaar,0,0,0,0,0,0\n"  # 7: no year
        + "\n"  # 8: nothing
        + ",2016,0,0,0,0,0,0\n"  # 9: no code
        + "WK036305,2016,inf,0,0,0,0,0\n"  # 10: not finite
        + "WK036306,2016,.,,NaN,0,0,0\n"  # 11: markers
    )
    outcome = ingest_file(warehouse, path)
    assert [r["line"] for r in outcome.rejected] == [3, 4, 5, 6, 7, 9, 10]
    assert (outcome.rows, outcome.kept) == (9, 2)
    assert all(r["reason"] for r in outcome.rejected)
    areas = warehouse.observations().collect()["area"].unique().sort().to_list()
    assert areas == ["WK036300", "WK036306"]


def test_western_encoding_and_mac_line_ends_are_read(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "misdrijven-2024.csv"
    text = "WijkenEnBuurten;Gemeentenaam_2;GeregistreerdeMisdrijven_1\r\nGM1900;Súdwest-Fryslân;100\r\n"
    path.write_bytes(text.encode("cp1252"))
    assert ingest_file(warehouse, path, period="2024").kept == 1


def test_a_missing_file_a_folder_and_a_wrong_option_are_told(warehouse: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "misdrijven.csv"
    path.write_text("WijkenEnBuurten,GeregistreerdeMisdrijven_1\nGM1900,1\n")
    for arguments, told in (
        ({"path": tmp_path / "weg.csv"}, "bestaat niet"),
        ({"path": tmp_path}, "een map"),
        ({"path": path, "source": "onzin"}, "Bron onzin is onbekend"),
        ({"path": path, "source": "lbm3"}, "geen bekende publicatie"),
        ({"path": path, "period": "twee"}, "geen jaar"),
        ({"path": path}, "jaar niet bekend"),
    ):
        with pytest.raises(KrachtwijkError, match=told):
            ingest_file(warehouse, **arguments)
    assert warehouse.editions() == []


@pytest.mark.shared
def test_a_table_that_others_compiled_is_refused_with_the_reason(warehouse: Warehouse, shared: Path) -> None:
    with pytest.raises(KrachtwijkError, match="samengesteld"):
        ingest_file(warehouse, shared / "data/samengesteld/buurten-provincie-utrecht-2020.csv")


def test_an_unknown_file_is_refused_with_the_nearest_headers_first(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    path = tmp_path / "pc4.csv"
    path.write_text("pc4,inwonertal,stedelijkheid\n1011,5,1\n")
    with pytest.raises(KrachtwijkError, match="pc4, inwonertal, stedelijkheid") as refusal:
        ingest_file(warehouse, path)
    assert "kop zoals lbm3 (bu_code, wk_code, gm_code of PC4" in str(refusal.value)
    assert "rivm-gezondheid" in str(refusal.value)
    assert len(str(refusal.value)) < 700
