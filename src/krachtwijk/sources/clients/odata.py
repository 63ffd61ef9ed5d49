# SPDX-License-Identifier: EUPL-1.2
"""StatLine tables over OData: version 3 (`UntypedDataSet`) and version 4 (`Observations`), both to a CSV as StatLine
gives it: one row per area and period, one column per topic, missing cells as StatLine's own markers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import polars as pl

from krachtwijk.catalogue import DATA, indicators
from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.clients.fetched import Fetched, changed, fetched, filter_mark
from krachtwijk.sources.clients.web import Web, writing
from krachtwijk.warehouse.tables import read_table

CBS4 = "https://datasets.cbs.nl/odata/v1/CBS"
CBS3 = "https://opendata.cbs.nl"
#: Tables that others publish through CBS (police 47…, RIVM 50…) stand on a server of their own.
CBS3_OTHERS = "https://dataderden.cbs.nl"

#: Version 4 says why a cell is empty; the marker is what StatLine's CSV has for it (data README, quirk 4).
MARKERS = {"Impossible": "", "Confidential": "geheim", "Secret": "geheim", "Missing": ".", "Unknown": "."}

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(slots=True)
class _Service:
    """One table at its server: pages of rows, and of every answer when it was fetched."""

    web: Web
    table: str
    edition: str = ""
    answers: list[tuple[float, bool]] = field(default_factory=list)

    def ask(self, url: str, max_age: float | None = None) -> dict[str, Any]:
        answer = self.web.json(url, edition=self.edition, max_age=max_age)
        self.answers.append((answer.fetched_at, answer.stale))
        return answer.content

    def rows(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        rows = content.get("value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise changed(self.table, "value")
        return rows

    def pages(self, url: str) -> Iterator[list[dict[str, Any]]]:
        """Follow next links to the end. Refuses one that was followed before, leads away, or comes after no rows."""
        seen = set[str]()
        while url:
            seen.add(url)
            content = self.ask(url)
            rows = self.rows(content)
            yield rows
            link = content.get("@odata.nextLink") or content.get("odata.nextLink") or ""
            onward = urljoin(url, link) if link else ""
            if onward and (onward in seen or not rows or urlsplit(onward).hostname != urlsplit(url).hostname):
                raise KrachtwijkError(
                    f"De bladzijden van tabel {self.table} lopen niet goed door",
                    where=f"{url} verwijst naar {onward}",
                    mend="Haal de tabel opnieuw op met --refresh; meld het de uitgever als het zo blijft",
                )
            url = onward

    def codes(self, url: str, *names: str) -> list[dict[str, Any]]:
        """All rows of a small list, each with the fields named."""
        found = [row for rows in self.pages(url) for row in rows]
        if gone := next((name for row in found for name in names if name not in row), None):
            raise changed(f"{self.table}/{urlsplit(url).path.rsplit('/', 1)[1]}", gone)
        return found


def fetch_cbs3(web: Web, table: str, where: str = "", *, base: str = "") -> Fetched:
    """A version 3 table as CSV, cells untouched. ``where`` is an OData filter.

    Data come from ODataFeed (pages of 10,000 rows): ODataApi refuses `$skip`.
    """
    _check_name(table)
    base = base or (CBS3_OTHERS if table.startswith(("4", "5")) else CBS3)
    service = _Service(web, table)
    info = service.rows(service.ask(f"{base}/ODataApi/odata/{table}/TableInfos?$format=json", max_age=0))
    title, service.edition = _about(info[0] if info else {})
    properties = service.codes(f"{base}/ODataApi/odata/{table}/DataProperties?$format=json", "Key", "Type")
    columns = ["ID"] + [p["Key"] for p in properties if p["Key"] and p["Type"] != "TopicGroup"]
    _check_expected(table, columns)
    dated = any(p["Type"] == "TimeDimension" for p in properties)
    path = web.folder / f"cbs3-{table}{'' if dated else _year(title)}{filter_mark(where)}.csv"
    url = f"{base}/ODataFeed/odata/{table}/UntypedDataSet?$format=json{_filter(where)}"
    count = 0
    with writing(path) as part, part.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        for rows in service.pages(url):
            for row in rows:
                if gone := next((c for c in columns if c not in row), None):
                    raise changed(table, gone)
                writer.writerow("" if row[c] is None else row[c] for c in columns)
            count += len(rows)
            web.tell(count)
        _refuse_empty(count, url)
    return fetched(path, url, count, service.answers)


def fetch_cbs4(web: Web, table: str, where: str = "", *, base: str = CBS4) -> Fetched:
    """A version 4 table as CSV in StatLine's shape. ``where`` is an OData filter.

    `ValueAttribute` decides what an empty cell is: see MARKERS. Without a filter the
    number of observations must be the number that the table itself states.
    """
    _check_name(table)
    service = _Service(web, table)
    about = service.ask(f"{base}/{table}/Properties", max_age=0)
    title, service.edition = _about(about)
    dimensions = service.codes(f"{base}/{table}/Dimensions", "Identifier", "Kind")
    measures = service.codes(f"{base}/{table}/MeasureCodes", "Identifier", "Title")
    columns = _named(measures)
    _check_expected(table, columns.values())
    url = f"{base}/{table}/Observations{_filter(where, '?')}"
    total = None if where else about.get("ObservationCount")
    keys = [d["Identifier"] for d in dimensions]
    notices = set[str]()
    long = pl.DataFrame(schema=dict.fromkeys(["Measure", *keys, "cell"], pl.String))
    for rows in service.pages(url):
        long = long.vstack(_cells(rows, table, keys, columns, notices))
        web.tell(long.height, total)
    _refuse_empty(long.height, url)
    if total is not None and long.height != total:
        raise _spoiled(f"Van tabel {table} kwamen {long.height} van {total} cijfers binnen", url)
    if long.select(*keys, "Measure").is_duplicated().any():
        raise _spoiled(f"In tabel {table} staat een cijfer er dubbel in", url)
    wide = long.pivot("Measure", index=keys, values="cell", maintain_order=True)
    named = [pl.col(code).alias(name) for code, name in columns.items() if code in wide.columns]
    dated = any(d["Kind"] == "TimeDimension" for d in dimensions)
    path = web.folder / f"cbs4-{table}{'' if dated else _year(title)}{filter_mark(where)}.csv"
    with writing(path) as part:
        wide.select(*keys, *named).with_row_index("ID").write_csv(part)
    return fetched(path, url, wide.height, service.answers, sorted(notices))


def _cells(
    rows: list[dict[str, Any]], table: str, keys: list[str], columns: dict[str, str], notices: set[str]
) -> pl.DataFrame:
    """Observations of one page as text cells: keys, Measure, cell."""
    needed = ("Measure", "ValueAttribute", "Value", *keys)
    cells = []
    for row in rows:
        if gone := next((name for name in needed if name not in row), None):
            raise changed(f"{table}/Observations", gone)
        if row["Measure"] not in columns:
            raise changed(f"{table}/MeasureCodes", row["Measure"])
        attribute, value = row["ValueAttribute"], row["Value"]
        if attribute not in MARKERS and attribute != "None":
            notices.add(
                f"Tabel {table} geeft bij een waarde '{attribute}', een aanduiding die wij niet kennen"
            )
        if value is None:
            value = row.get("StringValue")
        cells.append(MARKERS.get(attribute, ".") if value is None else str(value))
    schema = dict.fromkeys(["Measure", *keys], pl.String)
    return pl.DataFrame({name: [row[name] for row in rows] for name in schema}, schema=schema).with_columns(
        pl.Series("cell", cells, dtype=pl.String)
    )


def _named(measures: list[dict[str, Any]]) -> dict[str, str]:
    """Column name per measure code: title and running number as StatLine has it (`AantalInwoners_1`).

    A title that comes twice (apartments: gas, electricity) carries the measure code instead: the numbers of the two
    versions differ, so that a number could point at the wrong one.
    """
    titles = Counter(stem(m["Title"]) for m in measures)
    return {
        m["Identifier"]: f"{name}_{m['Identifier'].replace('_', '-') if titles[name] > 1 else number}"
        for number, m in enumerate(measures, 1)
        if (name := stem(m["Title"]))
    }


def stem(title: str) -> str:
    """StatLine's column name for a title: `Aantal inwoners` is `AantalInwoners`, `0 tot 15 jaar` is `k_0Tot15Jaar`."""
    name = "".join(word[0].upper() + word[1:] for word in re.findall(r"\w+", title))
    return f"k_{name}" if name[:1].isdigit() else name


def _check_name(table: str) -> None:
    if not re.fullmatch(r"\w{3,20}", table):
        raise KrachtwijkError(
            f"'{table}' is geen tabelnummer", mend="Geef het nummer dat StatLine noemt, bijvoorbeeld 85984NED"
        )


def _check_expected(table: str, columns: Iterable[str]) -> None:
    """Refuse where a column is gone that the catalogue reads and that the packaged file of this table has."""
    here = {_plain(column) for column in columns}
    read = {_plain(f"{column.stem}_0") for indicator in indicators().values() for column in indicator.columns}
    for path in (DATA / "publications").glob(f"*/*{table.upper()}*"):
        for column in read_table(path).columns:
            if re.search(r"_\d+$", column) and _plain(column) in read - here:
                raise changed(table, column)


def _plain(column: str) -> str:
    """A column name without running number or measure code, in small letters: what stays when a table is renewed."""
    return re.sub(r"^k_|_[^_]*$", "", column).lower()


def _filter(where: str, sign: str = "&") -> str:
    return sign + urlencode({"$filter": where}, safe="$") if where else ""


def _about(properties: dict[str, Any]) -> tuple[str, str]:
    """Title of a table, and what tells one publication of it from the next."""
    edition = f"{properties.get('Version', '')} {properties.get('Modified', '')}"
    return str(properties.get("Title", "")), edition


def _year(title: str) -> str:
    """`-2024` where a title names one year; for tables whose rows carry no period of their own."""
    years = set(_YEAR.findall(title))
    return f"-{years.pop()}" if len(years) == 1 else ""


def _spoiled(what: str, url: str) -> KrachtwijkError:
    return KrachtwijkError(what, where=url, mend="Haal hem opnieuw op met --refresh")


def _refuse_empty(count: int, url: str) -> None:
    if not count:
        raise KrachtwijkError("De dienst gaf geen enkele regel", where=url, mend="Controleer tabel en filter")
