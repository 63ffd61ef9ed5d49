# SPDX-License-Identifier: EUPL-1.2
"""The applications of one fund and wijk that wait for the same thing, so that the ones a grant would leave without
money are found without looking at all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from immutables import Map


@dataclass(frozen=True, slots=True)
class Waiting:
    """Names of applications by the size of what they ask: the number of binary digits of the cents."""

    sizes: Map[int, Map[str, int]] = field(default_factory=Map)

    def add(self, name: str, cents: int) -> Waiting:
        """With this application, which asks so much."""
        size = cents.bit_length()
        return Waiting(self.sizes.set(size, self.sizes.get(size, Map()).set(name, cents)))

    def remove(self, name: str, cents: int) -> Waiting:
        """Without this application, which asked so much."""
        size = cents.bit_length()
        left = self.sizes[size].delete(name)
        return Waiting(self.sizes.set(size, left) if left else self.sizes.delete(size))

    def above(self, cents: int, most: int | None = None) -> Iterator[str]:
        """The names of those that ask more than this, and at most ``most``."""
        least = max(cents, 0).bit_length()
        for size, names in self.sizes.items():
            if size >= least and (most is None or size <= most.bit_length()):
                yield from (
                    n for n, asked in names.items() if asked > cents and (most is None or asked <= most)
                )
