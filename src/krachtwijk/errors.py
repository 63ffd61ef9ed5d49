# SPDX-License-Identifier: EUPL-1.2
"""The one error a person may see: what is wrong, where, and how to mend it."""

from __future__ import annotations


class KrachtwijkError(Exception):
    """A mistake in input or use, told in one line.

    ``what`` says what is wrong, ``where`` names file, line, column or field, ``mend`` says what to do.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what.rstrip(".")
        self.where = where
        self.mend = mend.rstrip(".")
        super().__init__(what)

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        remedy = f" {self.mend}." if self.mend else ""
        return f"{self.what}{place}.{remedy}"
