# SPDX-License-Identifier: EUPL-1.2
"""A file of a user as a table on the engine that they choose, and a table of any engine back into a file.

What each engine cannot do by itself stands in docs/methods/index.md.
"""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import polars as pl

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse.tables import LINE, Table, read_table

Engine: TypeAlias = Literal["polars", "duckdb", "spark"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
#: What stands for a missing number in a CSV file.
MISSING = ("", ".", "NA", "NaN", "nan", "null")


def check_engine(engine: str) -> None:
    """Whether an engine exists and is installed. Raises KrachtwijkError with how to install it."""
    if engine not in ENGINES:
        raise KrachtwijkError(f"--engine is {engine!r}", mend=f"Kies uit: {', '.join(ENGINES)}")
    try:
        if engine == "duckdb":
            import duckdb  # noqa: F401
        elif engine == "spark":
            import pyspark  # noqa: F401
    except ImportError:
        extra = f"pip install 'krachtwijk[{engine}]'"
        java = ", en Java 17" if engine == "spark" else ""
        raise KrachtwijkError(
            f"{engine} is niet geïnstalleerd", mend=f"Installeer het met {extra}{java}"
        ) from None


@contextmanager
def opened(path: Path, engine: Engine, numeric: Sequence[str], texts: Sequence[str]) -> Iterator[Any]:
    """The table in a CSV or Parquet file as a lazy frame of an engine.

    Of a CSV file the columns ``numeric`` become Float64 and all others stay text, empty ``texts`` null; a
    Parquet file
    keeps its own types. Raises KrachtwijkError with file, line and column where a number is none.
    """
    with _workplace() as work:
        if path.suffix == ".parquet":
            if not path.is_file():
                raise KrachtwijkError("Dit bestand bestaat niet", where=str(path), mend="Controleer de naam")
            source = path
        else:
            frame = typed(read_table(path), numeric, texts)
            if engine == "polars":
                yield frame.lazy()
                return
            source = work() / "table.parquet"
            frame.write_parquet(source)
        yield reading(source, engine, path)


def reading(source: Path, engine: Engine, path: Path | None = None) -> Any:
    """The table in a Parquet file as a lazy frame of an engine; ``path`` is what an error names, if not the file."""
    if engine == "polars":
        return _scanned(source)
    if engine == "spark":
        return _spark(source)
    import duckdb

    try:
        return duckdb.read_parquet(str(source))
    except duckdb.Error as error:
        raise _unreadable(path or source) from error


def _spark(path: Path) -> Any:
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        session = SparkSession.builder.appName("krachtwijk").getOrCreate()
    except PySparkException as error:
        raise KrachtwijkError(
            "Spark start niet", where=str(error).split("\n")[0], mend="Installeer Java 17 en zet JAVA_HOME"
        ) from error
    try:
        return session.read.parquet(str(path))
    except PySparkException as error:
        raise _unreadable(path) from error


def _scanned(path: Path) -> pl.LazyFrame:
    try:
        frame = pl.scan_parquet(path)
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(path) from error
    return frame


def _unreadable(path: Path) -> KrachtwijkError:
    return KrachtwijkError(
        "Dit is geen leesbaar Parquet-bestand", where=str(path), mend="Bewaar het opnieuw, of geef een CSV"
    )


@contextmanager
def _workplace() -> Iterator[Callable[[], Path]]:
    """A folder for what stands on disk only while it is worked on; made where it is asked for, gone afterwards."""
    import tempfile

    made: list[str] = []

    def folder() -> Path:
        made.append(tempfile.mkdtemp(prefix="krachtwijk-"))
        return Path(made[-1])

    try:
        yield folder
    finally:
        for name in made:
            shutil.rmtree(name, ignore_errors=True)


def typed(table: Table, numeric: Sequence[str], texts: Sequence[str]) -> pl.DataFrame:
    """A text table with the columns ``numeric`` as Float64. Raises KrachtwijkError on a broken line or on text
    where a number belongs.

    A comma counts as the decimal sign where the file does not separate its columns with it.
    """
    if table.broken:
        line, reason = table.broken[0]
        raise KrachtwijkError(
            f"Deze regel heeft {reason}", where=f"{table.path}, regel {line}", mend="Herstel de regel"
        )
    columns = [pl.col(name).str.strip_chars() for name in texts if name in table.columns]
    frame = table.frame.with_columns(
        *(pl.when(c == "").then(None).otherwise(c).name.keep() for c in columns)  # no code is no unit
    )
    numbers = [name for name in numeric if name in table.columns]
    for name in numbers:
        text = pl.col(name).str.strip_chars()
        if table.separator != ",":
            text = (
                pl.when(text.str.contains(r"^[+-]?\d*,\d+$"))
                .then(text.str.replace(",", ".", literal=True))
                .otherwise(text)
            )
        text = pl.when(text.is_in(MISSING)).then(None).otherwise(text)
        frame = frame.with_columns(text.alias(name)).with_columns(
            pl.col(name).cast(pl.Float64, strict=False).alias("__number")
        )
        wrong = frame.filter(pl.col("__number").is_null() & pl.col(name).is_not_null()).head(1)
        if wrong.height:
            raise KrachtwijkError(
                f"{wrong[name][0]!r} is geen getal",
                where=f"{table.path}, regel {wrong[LINE][0]}, kolom {name}",
                mend="Herstel de waarde, of laat haar leeg",
            )
        frame = frame.with_columns(pl.col("__number").alias(name)).drop("__number")
    return frame.drop(LINE)


def collected(native: Any) -> pl.DataFrame:
    """A frame of any of the engines as a Polars frame."""
    if isinstance(native, pl.DataFrame):
        return native
    if isinstance(native, pl.LazyFrame):
        return native.collect()
    with _workplace() as work:
        folder = work()
        if hasattr(native, "write_parquet"):
            native.write_parquet(str(folder / "0.parquet"))
            return pl.read_parquet(folder / "0.parquet")
        native.write.parquet(str(folder / "spark"))
        return pl.read_parquet(folder / "spark" / "*.parquet")


def check_target(path: Path) -> None:
    """Whether a table can be written under this name. Raises KrachtwijkError."""
    if path.suffix not in (".csv", ".parquet"):
        raise KrachtwijkError(
            f"{path.name} is geen .csv of .parquet", where=str(path), mend="Kies een van beide"
        )
    if not path.absolute().parent.is_dir():
        raise KrachtwijkError("Deze map bestaat niet", where=str(path.parent), mend="Maak haar eerst")


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as CSV or Parquet, told by the name, at once or not at all.

    CSV holds each float to its last digit.
    """
    work = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        _put(frame, work, path.suffix)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)


def _put(frame: pl.DataFrame, path: Path, kind: str) -> None:
    if kind == ".parquet":
        frame.write_parquet(path, compression="zstd")
    else:
        frame.write_csv(path)


def write_folder(
    folder: Path, frames: Mapping[str, pl.DataFrame], texts: Mapping[str, str], kind: str, ours: str
) -> None:
    """Write a folder of tables (``kind`` .csv or .parquet) and texts, at once or not at all.

    A folder of that name is replaced if every file in it is of a name that matches ``ours``; else it is refused.
    """
    check_folder(folder, ours)
    work = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    old = work.with_suffix(".old")
    try:
        work.mkdir(parents=True)
        for name, frame in frames.items():
            _put(frame, work / f"{name}{kind}", kind)
        for name, text in texts.items():
            (work / name).write_text(text, "utf-8")
        if folder.exists():
            os.replace(folder, old)
        os.replace(work, folder)
    finally:
        if old.exists() and not folder.exists():
            os.replace(old, folder)
        for left in (work, old):
            shutil.rmtree(left, ignore_errors=True)


def check_folder(folder: Path, ours: str) -> None:
    """Whether a folder may be written (anew). Raises KrachtwijkError."""
    if folder.exists() and not folder.is_dir():
        raise KrachtwijkError("Dit is een bestand, geen map", where=str(folder), mend="Kies een andere naam")
    other = [p.name for p in folder.iterdir() if not re.fullmatch(ours, p.name)] if folder.exists() else []
    if other:
        raise KrachtwijkError(
            f"In deze map staat al iets anders: {other[0]}",
            where=str(folder),
            mend="Kies een nieuwe of lege map",
        )
