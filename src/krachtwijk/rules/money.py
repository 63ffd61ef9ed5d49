# SPDX-License-Identifier: EUPL-1.2
"""Money is a whole number of cents. Never a float, never a rounding."""

from __future__ import annotations

import re

from krachtwijk.errors import KrachtwijkError

AMOUNT = re.compile(r"(?P<sign>-?)(?P<euros>[0-9]{1,13})(?:\.(?P<cents>[0-9]{1,2}))?")


def cents(text: object) -> int:
    """An amount in euros as text (``"12300"``, ``"0.50"``) in cents. Raises KrachtwijkError on anything else."""
    found = AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise KrachtwijkError(
            f"{text!r} is geen bedrag", mend='Schrijf het als tekst in euro\'s met een punt: "1250.00"'
        )
    value = int(found["euros"]) * 100 + int((found["cents"] or "0").ljust(2, "0"))
    return -value if found["sign"] else value


def euros(amount: int) -> str:
    """Cents as text in euros, always with two decimals: ``"12300.00"``."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
