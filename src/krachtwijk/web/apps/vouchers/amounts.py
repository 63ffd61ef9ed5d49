# SPDX-License-Identifier: EUPL-1.2
"""Amounts as people write and read them; inside they are whole cents."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.formats import number_format

_WRITTEN = (
    re.compile(r"(?P<euros>[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,12})(?:,(?P<cents>[0-9]{1,2}))?"),  # 1.250,50
    re.compile(r"(?P<euros>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})\.(?P<cents>[0-9]{1,2})"),  # 1,250.50
)


def shown(cents: int) -> str:
    """Cents as euros in the language of the reader: ``€ 1.250,50``."""
    sign = "−" if cents < 0 else ""
    return f"{sign}€\u00a0{number_format(Decimal(abs(cents)) / 100, 2, use_l10n=True, force_grouping=True)}"


def read(given: str) -> str:
    """An amount as somebody wrote it, as the law engine takes it (``1250.50``). Raises ValueError."""
    bare = (
        given.replace("€", "")
        .replace(" ", "")
        .replace("\N{NO-BREAK SPACE}", "")
        .removesuffix("-")
        .removesuffix(",")
    )
    for form in _WRITTEN:
        if found := form.fullmatch(bare):
            whole = int(re.sub(r"[.,]", "", found["euros"]))
            return f"{whole}.{(found['cents'] or '0').ljust(2, '0')}"
    raise ValueError(given)
