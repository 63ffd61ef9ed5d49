# SPDX-License-Identifier: EUPL-1.2
"""Every column, code, warning and publication has a meaning, and every meaning is of something (issue 3, item 5)."""

from __future__ import annotations

import ast
from pathlib import Path

import polars as pl
import pytest

import krachtwijk.sources
from krachtwijk.catalogue import (
    dictionary,
    errata,
    publications,
    score_versions,
    source_families,
)
from krachtwijk.catalogue.dictionary import PLACEHOLDER, load_dictionary
from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.families import families
from krachtwijk.warehouse import Warehouse


def _columns(built: Warehouse) -> dict[str, pl.Schema]:
    return {info.table: built.result(info.table).collect_schema() for info in built.results()}  # type: ignore[union-attr]


def test_every_column_of_every_built_table_has_a_meaning(built: Warehouse) -> None:
    tables = _columns(built)
    assert len(tables) > 15
    absent = [
        f"{table}: {column}"
        for table, schema in tables.items()
        for column in schema.names()
        if dictionary().field(table, column) is None
    ]
    assert absent == []


def test_no_meaning_is_of_nothing(built: Warehouse) -> None:
    tables = _columns(built)
    used = {id(dictionary().field(table, c)) for table, schema in tables.items() for c in schema.names()}
    assert [f"{f.name} {f.tables}" for f in dictionary().fields if id(f) not in used] == []
    kinds = {kind.id for table in tables if (kind := dictionary().kind(table)) is not None}
    assert [kind.id for kind in dictionary().tables if kind.id not in kinds] == []


def test_every_code_that_occurs_in_a_column_with_codes_has_a_meaning(built: Warehouse) -> None:
    checked = 0
    for table, schema in _columns(built).items():
        for column in schema.names():
            field = dictionary().field(table, column)
            if field is None or not field.values:
                continue
            frame = built.result(table)
            assert frame is not None
            found = frame.select(pl.col(column).cast(pl.String).unique()).collect()[column].drop_nulls()
            assert set(found) <= {value.code for value in field.values}, f"{table}: {column}"
            checked += 1
    assert checked > 20


def test_the_columns_marked_as_key_name_each_row_of_a_table_once(built: Warehouse) -> None:
    for table, schema in _columns(built).items():
        key = dictionary().key(table, tuple(schema.names()))
        frame = built.result(table)
        assert key and frame is not None, table
        keys = frame.select(key)
        rows, distinct = (
            keys.select(pl.len()).collect().item(),
            keys.unique().select(pl.len()).collect().item(),
        )
        assert rows == distinct, table
        assert keys.null_count().collect().row(0) == (0,) * len(key), table


def test_a_table_is_of_one_kind_and_dimensions_are_explained_per_version() -> None:
    assert dictionary().kind("outcome-x-2022-telling").id == "telling"  # type: ignore[union-attr]
    assert dictionary().kind("outcome-x-2022").id == "uitkomsten"  # type: ignore[union-attr]
    assert dictionary().kind("lbm2-ontwikkeling-pc4").id == "ontwikkeling"  # type: ignore[union-attr]
    assert dictionary().kind("onbekend") is None
    assert dictionary().field("lbm2-wijk", "soc") is None  # a dimension of 3.0 only
    for version in score_versions().values():
        for dimension in version.dimensions:
            found = dictionary().field(f"{version.id}-wijk", f"class_{dimension.id}")
            assert found is not None and found.name == f"class_{PLACEHOLDER}"


def _warning_codes() -> set[str]:
    """Codes that the code of `sources` gives: the first of a pair with a text, and `duplicate_edition`."""
    found = set()
    for path in Path(krachtwijk.sources.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
                word = node.elts[0].value
                if isinstance(word, str) and "_" in word and word.islower():
                    found.add(word)
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if (
                        isinstance(key, ast.Constant)
                        and key.value == "code"
                        and isinstance(value, ast.Constant)
                    ):
                        found.add(value.value)
    return found


def test_every_warning_has_a_meaning_and_every_meaning_a_warning() -> None:
    assert {w.code for w in dictionary().warnings} == _warning_codes()


def test_every_publication_that_is_taken_in_is_described() -> None:
    taken_in = {f.id for f in families() if f.expects}
    assert set(source_families()) == taken_in
    assert {p.source for p in publications() if p.ingest} <= set(source_families())


def test_nothing_is_said_in_one_language_only() -> None:
    told = [*dictionary().tables, *dictionary().fields, *dictionary().warnings, *dictionary().service]
    told += [v for f in dictionary().fields for v in f.values]
    told += [*errata(), *source_families().values()]
    for entry in told:
        for name in entry.__slots__:
            if name.endswith("_en"):
                dutch, english = getattr(entry, name.removesuffix("_en")), getattr(entry, name)
                assert bool(dutch) == bool(english), (entry, name)
                if isinstance(dutch, tuple):
                    assert len(dutch) == len(english)


def test_an_erratum_is_about_a_known_publication_or_about_ourselves() -> None:
    assert len({e.id for e in errata()}) == len(errata()) > 4
    for entry in errata():
        assert entry.kind in ("bron", "eigen")
        assert (entry.source in source_families()) == (entry.kind == "bron")
    assert [e.date for e in errata()] == sorted((e.date for e in errata()), reverse=True)


def test_a_field_of_a_table_that_does_not_exist_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fields.toml"
    path.write_text(
        '[[field]]\nname = "x"\ntables = ["nergens"]\nlabel = "a"\nlabel_en = "a"\nmeaning = "a"\nmeaning_en = "a"\n'
    )
    with pytest.raises(KrachtwijkError, match="Onbekende tabel nergens"):
        load_dictionary(path)
