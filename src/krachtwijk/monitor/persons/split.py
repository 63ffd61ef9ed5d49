# SPDX-License-Identifier: EUPL-1.2
"""The change of an area's mean, split into progress of those who stayed and the coming and going of others.

    m₁ − m₀ = (s₁ − s₀) + Σ_in n_g/N₁ (ȳ_g − s₁) − Σ_out n_g/N₀ (ȳ_g − s₀)

m: mean of all residents; s: of those who stayed. Exact for any data: the dynamic decomposition of Melitz and Polanec
(RAND Journal of Economics 46, 2015) with people for firms and equal weights.

**Standard errors.** Each term is a smooth function of means over people, so its error is that of the mean of its
influence function (Hampel, JASA 69, 1974). Every person has one value of it per term, built from both of their years:
that the same people are in both means is in it. It speaks about the people who might have lived here: residents are
seen as independent draws, and so are their coming, going and number. Who asks only what happened to these residents,
all of whom are in the table, has no sampling error at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from krachtwijk.monitor.persons.flows import (
    CAME,
    CAME_LAST,
    GONE,
    LEFT,
    LEFT_FIRST,
    NEW,
    STAY,
    STAY_FIRST,
    STAY_LAST,
    Floats,
    Flows,
    Ints,
    Tally,
    tally,
)

#: The terms, in order. Each counts as it adds to the change: who leave with a mean below that of stayers raise it.
TERMS = ("progress", "moved_in", "entered", "measured_in", "moved_out", "gone", "measured_out")
#: Kinds that each term after progress is about.
INFLOW = {"moved_in": (CAME, CAME_LAST), "entered": (NEW,), "measured_in": (STAY_LAST,)}
OUTFLOW = {"moved_out": (LEFT, LEFT_FIRST), "gone": (GONE,), "measured_out": (STAY_FIRST,)}
#: Half the width of an interval of 90 % in standard errors.
HALF = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Split:
    """Per area, all (n, …) and in units of the outcome; NaN where nobody stayed, or nobody is known in a year.

    ``first``, ``last``: residents with a known outcome; ``mean_first``, ``mean_last``, ``change``. ``terms`` (n, 7) by
    `TERMS` add up to the change; ``people`` (n, 7) whom each is about; ``covariance`` (n, 7, 7) of the terms;
    ``variance`` (n, 2) of the two means.
    """

    areas: tuple[str, ...]
    first: Ints
    last: Ints
    mean_first: Floats
    mean_last: Floats
    change: Floats
    terms: Floats
    people: Ints
    covariance: Floats
    variance: Floats

    def error(self, *terms: str) -> Floats:
        """(n,) standard error of the sum of some terms, of all where none is named."""
        chosen = np.array([not terms or name in terms for name in TERMS], dtype=np.float64)
        with np.errstate(invalid="ignore"):
            return np.sqrt(np.maximum(np.einsum("nij,i,j->n", self.covariance, chosen, chosen), 0.0))

    def total(self, *terms: str) -> Floats:
        """(n,) the sum of some terms."""
        return np.asarray(sum(self.terms[:, TERMS.index(name)] for name in terms))


def split(found: Flows | Tally, *, sampled: float = 0.0) -> Split:
    """Split the change of the mean of every area of the flows.

    ``sampled`` is the share of the people asked about that is in the table, by simple random sampling: 0 speaks of a
    wider population (see above), 1 of these people only, for whom nothing is uncertain. Raises ValueError outside 0-1.
    """
    if not 0 <= sampled <= 1:
        raise ValueError("a share lies between 0 and 1")
    held = tally(found) if isinstance(found, Flows) else found
    people, sums = held.people.astype(np.float64), held.sums
    starters, enders = (STAY, *_flat(OUTFLOW)), (STAY, *_flat(INFLOW))
    n0, n1, stayed = people[:, starters].sum(axis=1), people[:, enders].sum(axis=1), people[:, STAY]
    with np.errstate(divide="ignore", invalid="ignore"):
        m0 = sums[:, starters, 0].sum(axis=1) / n0
        m1 = sums[:, enders, 1].sum(axis=1) / n1
        s0, s1 = sums[:, STAY, 0] / stayed, sums[:, STAY, 1] / stayed
        columns = [s1 - s0]
        columns += [(sums[:, k, 1].sum(axis=1) - people[:, k].sum(axis=1) * s1) / n1 for k in INFLOW.values()]
        columns += [
            -(sums[:, k, 0].sum(axis=1) - people[:, k].sum(axis=1) * s0) / n0 for k in OUTFLOW.values()
        ]
        terms = np.column_stack(columns)
        weight = _influence(people, terms, s0, s1, n0, n1)
        moments = _moments(people, sums)
        everyone = people.sum(axis=1)
        scale = (1.0 - sampled) * everyone / np.maximum(everyone - 1.0, 1.0)
        covariance = np.einsum("ngtp,ngpq,ngsq->nts", weight, moments, weight) * scale[:, None, None]
        variance = np.column_stack(
            [
                (sums[:, kinds, 2 + which].sum(axis=1) / n - m * m)
                / np.maximum(n - 1.0, 1.0)
                * (1.0 - sampled)
                for which, kinds, n, m in ((0, starters, n0, m0), (1, enders, n1, m1))
            ]
        )
    about = [
        held.people[:, (STAY,)],
        *(held.people[:, k] for k in INFLOW.values()),
        *(held.people[:, k] for k in OUTFLOW.values()),
    ]
    return Split(
        held.areas,
        n0.astype(np.int64),
        n1.astype(np.int64),
        m0 + held.centre,
        m1 + held.centre,
        m1 - m0,
        terms,
        np.column_stack([counts.sum(axis=1) for counts in about]),
        covariance,
        np.maximum(variance, 0.0),
    )


def _flat(parts: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(kind for kinds in parts.values() for kind in kinds)


def _influence(people: Floats, terms: Floats, s0: Floats, s1: Floats, n0: Floats, n1: Floats) -> Floats:
    """(areas, kinds, terms, 3): a person of that kind adds a + b y₀ + c y₁ to the influence on that term, over n.

    For the inflow of a group g, (1/N₁) Σ_g (y₁ − s₁): its own people directly, everybody in N₁, and who stayed by s₁.
    """
    weight = np.zeros((*people.shape, len(TERMS), 3))
    stayed = people[:, STAY]
    weight[:, STAY, 0] = np.column_stack([-terms[:, 0], -np.ones(len(stayed)), np.ones(len(stayed))])
    weight[:, STAY, 0] /= stayed[:, None]
    for parts, n, s, which, sign in ((INFLOW, n1, s1, 2, 1.0), (OUTFLOW, n0, s0, 1, -1.0)):
        for name, kinds in parts.items():
            term = TERMS.index(name)
            for kind in kinds:
                weight[:, kind, term, 0] -= sign * s / n
                weight[:, kind, term, which] += sign / n
            for kind in (STAY, *_flat(parts)):
                weight[:, kind, term, 0] -= terms[:, term] / n
            share = sign * people[:, kinds].sum(axis=1) / n / stayed
            weight[:, STAY, term, 0] += share * s
            weight[:, STAY, term, which] -= share
    return weight


def _moments(people: Floats, sums: Floats) -> Floats:
    """(areas, kinds, 3, 3): Σ (1, y₀, y₁)ᵀ(1, y₀, y₁)."""
    moments = np.empty((*people.shape, 3, 3))
    moments[..., 0, 0] = people
    moments[..., 0, 1] = moments[..., 1, 0] = sums[..., 0]
    moments[..., 0, 2] = moments[..., 2, 0] = sums[..., 1]
    moments[..., 1, 1], moments[..., 2, 2] = sums[..., 2], sums[..., 3]
    moments[..., 1, 2] = moments[..., 2, 1] = sums[..., 4]
    return moments
