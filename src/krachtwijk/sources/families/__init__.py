# SPDX-License-Identifier: EUPL-1.2
"""One adapter per publication family. An adapter recognises a header and melts the table; it writes nothing."""

from __future__ import annotations

from typing import Protocol

from krachtwijk.errors import KrachtwijkError
from krachtwijk.sources.tidy import Reading
from krachtwijk.warehouse.tables import Table


class Family(Protocol):
    """A publication family.

    ``id`` names it in the catalogue and in editions; ``expects`` tells in Dutch what its header looks like, for the
    message about an unknown file; it is empty for a table that is recognised only to say why it is refused.
    """

    @property
    def id(self) -> str:
        """The source id."""
        ...

    @property
    def title(self) -> str:
        """The name for people."""
        ...

    @property
    def expects(self) -> str:
        """What its header looks like."""
        ...

    def recognises(self, table: Table) -> bool:
        """Whether the header (and where needed the first cells) are this family's."""
        ...

    def own_periods(self, table: Table) -> tuple[str, ...]:
        """The periods the file itself states, empty where it states none."""
        ...

    def read(self, table: Table, period: str) -> Reading:
        """Melt the table. ``period`` is used only where the file states none of its own."""
        ...


def families() -> tuple[Family, ...]:
    """All families, the most specific header first."""
    from krachtwijk.sources.families import cbs, leefbaarometer, names, politie, rivm

    return (
        *leefbaarometer.FAMILIES,
        *rivm.FAMILIES,
        *politie.FAMILIES,
        *names.FAMILIES,
        *cbs.FAMILIES,
    )


def recognise(table: Table, source: str | None = None) -> Family:
    """The family of a table by its header; ``source`` narrows the choice. Refuses with what was expected."""
    candidates = [f for f in families() if source is None or f.id == source]
    if not candidates:
        known = ", ".join(sorted({f.id for f in families() if f.expects}))
        raise KrachtwijkError(f"Bron {source} is onbekend", where="--source", mend=f"Kies uit: {known}")
    for family in candidates:
        if family.recognises(table):
            return family
    words = [name.lower() for name in table.columns if len(name) > 1]
    nearest = sorted(candidates, key=lambda f: -sum(word in f.expects.lower() for word in words))[:3]
    expected = "; ".join(f"{f.id} ({f.expects})" for f in nearest)
    others = sorted({f.id for f in candidates if f.expects} - {f.id for f in nearest})
    head = "".join(c if c.isprintable() else "?" for c in ", ".join(table.columns[:6]))[:120]
    raise KrachtwijkError(
        f"Dit bestand is van geen bekende publicatie: de kop begint met {head}",
        where=str(table.path),
        mend=f"Verwacht wordt een kop zoals {expected}" + (f"; of van {', '.join(others)}" if others else ""),
    )
