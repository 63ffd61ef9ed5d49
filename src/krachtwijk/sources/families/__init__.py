# SPDX-License-Identifier: EUPL-1.2
"""One adapter per publication family. An adapter recognises a header and melts the table; it writes nothing."""

from __future__ import annotations

from typing import Protocol

from krachtwijk.sources.tidy import Reading
from krachtwijk.warehouse.tables import Table


class Family(Protocol):
    """A publication family.

    ``id`` names it in the catalogue and in editions; ``expects`` tells in Dutch what its header looks like, for the
    message about an unknown file.
    """

    id: str
    title: str
    expects: str

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
    from krachtwijk.sources.families import leefbaarometer

    return (*leefbaarometer.FAMILIES,)
