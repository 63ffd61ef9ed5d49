# SPDX-License-Identifier: EUPL-1.2
"""Do the tests of displacement keep their level, and find what is planted, in a thousand made-up countries.

    .venv/bin/python bench/towns.py [--countries 1000] [--plan]

In each, the worst 86 of 1,080 areas of 18 cities are chosen by their last score; half of the countries' bad luck is
shared by areas around. Prints the Markdown tables of bench/effects.md; a minute or two, with `--plan` some more.
"""

from __future__ import annotations

import argparse
from contextlib import suppress

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.stats import t as student

from krachtwijk.monitor.effects.inference import (
    clustered,
    coefficients,
    conley,
    jackknife,
    moments,
    wild_bootstrap,
)
from krachtwijk.monitor.effects.matching import Compared, compare, match
from krachtwijk.monitor.effects.placebo import draw, levers, roles
from krachtwijk.monitor.effects.power import from_placebos, placebo_p, smallest
from krachtwijk.monitor.effects.rings import exposure, ring_codes, steps_to
from krachtwijk.monitor.effects.towns import CUTS, Towns, towns
from krachtwijk.monitor.space.cells import neighbours

GROUPS = {1: "programme", 2: "first ring"}
#: Displacement in the first ring, in the unit of scores; none first.
PLANTED = (0.0, -0.15, -0.25, -0.35)
CITIES = {"plain": 18, "within": 18, "matched": 30}


def plain(country: Towns, within: bool) -> tuple[np.ndarray, np.ndarray]:
    """Programme and rings beside the rest of the same cities, all at once, with an error by city."""
    here = country.eligible
    columns = [country.codes[here] == code for code in (1, 2, 3)]
    city = country.city[here]
    if within:
        columns += [city == number for number in np.unique(city)]
    else:
        columns.append(np.ones(here.sum()))
    sums = moments(country.change[here], np.column_stack(columns).astype(float), city)
    effect = np.linalg.solve(sums.squares.sum(axis=0), sums.products.sum(axis=0))
    return effect[:2], np.sqrt(np.diag(clustered(sums))[:2])


def matched(country: Towns, code: int) -> Compared:
    alike = match(country.start, country.codes == code, country.codes == 0, caliper=0.5, neighbours=3)
    return compare(country.change, alike, country.city)


def by_plan(seed: int, ago: int) -> tuple[float, float, float, np.ndarray]:
    """The first ring as the plan of 2007 tests it: within cities, since the last measurement before the start, beside
    areas beyond two rings; bootstrap by city, and 199 placebo programmes of adjoining areas out of the worse half of
    each city by the first measurement.

    Gives the estimate, the smallest displacement said to be found (by error, by placebos), and per planted one
    (P, 2): probability by bootstrap and by placebos. What is planted also stands in the outcomes of the placebos.
    """
    country = towns(seed, ago=ago, chosen=0.06)
    change = country.values[:, country.after].mean(axis=1) - country.values[:, ~country.after][:, -1]
    here = np.flatnonzero(country.eligible)
    city, inside, change = country.city[here], country.programme[here], change[here]
    pairs = cKDTree(country.xy[here]).query_pairs(CUTS[0], output_type="ndarray")
    near = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(here), len(here)))
    near = csr_array(near + near.T)
    parts = connected_components(near[inside][:, inside], directed=False)[1]
    sizes: dict[int, list[int]] = {}
    for number in range(parts.max() + 1):
        members = np.flatnonzero(inside)[parts == number]
        sizes.setdefault(int(city[members[0]]), []).append(len(members))
    codes = ring_codes(steps_to(neighbours(near.indptr, near.indices), inside, most=2), inside, (1, 2))
    columns = exposure(codes, 2).astype(float)
    free = np.flatnonzero(~inside)
    among = near[free][:, free]
    all_of_them = np.ones(len(free), dtype=bool)
    start = country.values[here[free], 0]
    drawn = draw(city[free], among, all_of_them, start, sizes, draws=199, seed=seed)
    made = levers(roles(drawn, among, np.arange(len(free)), 2), 3, city[free])[:, 1]
    p = []
    for planted in PLANTED:
        moved = change + planted * (codes == 2)
        sums = moments(moved, columns, city, absorbed=city)
        estimate = float(coefficients(sums)[1])
        wild = wild_bootstrap(sums, 1, draws=999, points="webb", interval=False).p
        p.append((wild, placebo_p(estimate, made @ moved[free])))
        if not planted:
            first, error = estimate, float(np.sqrt(clustered(sums)[1, 1]))
    said = -smallest(error, degrees=17), from_placebos(made @ change[free]).down
    return first, *said, np.array(p)


def plan(many: int) -> None:
    print(
        "| chosen by | mean estimate | smallest by error | by placebos | planted | bootstrap | placebos | both |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for ago, name in ((0, "the last measurement"), (1, "the one before")):
        found = []
        for seed in range(many):
            with suppress(ValueError):  # where a city has no room for placebos
                found.append(by_plan(seed, ago))
        first, by_error, by_placebos = (np.mean([each[place] for each in found]) for place in range(3))
        below = np.array([each[3] for each in found]) <= 0.05
        for place, planted in enumerate(PLANTED):
            wild, placebos = below[:, place].mean(axis=0)
            both = below[:, place].all(axis=1).mean()
            told = (
                f"{name} ({len(found)} countries) | {first:+.3f} | {by_error:.3f} | {by_placebos:.3f}"
                if not planted
                else " | | | "
            )
            print(f"| {told} | {planted:.2f} | {wild:.1%} | {placebos:.1%} | {both:.1%} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="alarms and power in made-up countries")
    parser.add_argument("--countries", type=int, default=1000)
    parser.add_argument("--plan", action="store_true", help="only the test of the plan, in a fifth as many")
    told = parser.parse_args()
    many = told.countries
    if told.plan:
        plan(many // 5)
        return
    effect: dict[tuple[str, int], list[float]] = {}
    errors: dict[tuple[str, int, str], list[float]] = {}
    wild: dict[int, list[float]] = {1: [], 2: []}
    kept: dict[int, list[Compared]] = {1: [], 2: []}
    for seed in range(many):
        country = towns(seed)
        for design in ("plain", "within"):
            for code, one, error in zip((1, 2), *plain(country, design == "within"), strict=True):
                effect.setdefault((design, code), []).append(one)
                errors.setdefault((design, code, "by city (CV1)"), []).append(error)
        for code in GROUPS:
            found = matched(country, code)
            kept[code].append(found)
            effect.setdefault(("matched", code), []).append(found.effect)
            for name, variance in (
                ("by city (CV1)", clustered(found.sums)[0, 0]),
                ("jackknife by city (CV3)", jackknife(found.sums)[0, 0]),
                ("Conley, discs, 3 km", conley(found.influence, country.xy, 3_000.0, "discs")[0, 0]),
                ("Conley, discs, 15 km", conley(found.influence, country.xy, 15_000.0, "discs")[0, 0]),
            ):
                errors.setdefault(("matched", code, name), []).append(variance**0.5)
            wild[code].append(wild_bootstrap(found.sums, 0, draws=999, interval=False).p)

    print(f"{many:,} countries where nothing was done:\n")
    print("| comparison | of | mean estimate | spread | error | mean error | alarms at 5 % |")
    print("| --- | --- | ---: | ---: | --- | ---: | ---: |")
    for (design, code, name), error in errors.items():
        one, se = np.array(effect[design, code]), np.array(error)
        limit = student.ppf(0.975, CITIES[design] - 1)
        print(
            f"| {design} | {GROUPS[code]} | {one.mean():+.3f} | {one.std():.3f} | {name} | {se.mean():.3f} "
            f"| {(np.abs(one / se) > limit).mean():.1%} |"
        )
    for code, p in wild.items():
        print(
            f"| matched | {GROUPS[code]} | | | wild bootstrap, 999 draws | | {(np.array(p) <= 0.05).mean():.1%} |"
        )

    print("\nDisplacement planted in the first ring, found (of its own sign) by the matched comparison:\n")
    print("| planted | said power | jackknife | wild bootstrap | beyond the band of 499 countries without |")
    print("| ---: | ---: | ---: | ---: | ---: |")
    one, se = np.array(effect["matched", 2]), np.array(errors["matched", 2, "jackknife by city (CV3)"])
    limit = student.ppf(0.975, 29)
    band = from_placebos(one[: min(499, many // 2)])
    rest = one[min(499, many // 2) :]
    for power in (0.5, 0.8, 0.95):
        planted = -smallest(float(se.mean()), power=power, degrees=29)
        drawn = [
            found.effect + planted < 0
            and wild_bootstrap(found.sums, 0, null=-planted, draws=999, interval=False).p <= 0.05
            for found in kept[2]
        ]
        print(
            f"| {planted:.3f} | {power:.0%} | {((one + planted) / se < -limit).mean():.1%} | {np.mean(drawn):.1%} "
            f"| {(rest + planted <= band.low).mean():.1%} |"
        )
    print(f"\nSmallest effect by that band, at 80 %: {band.down:+.3f} and {band.up:+.3f}.")


if __name__ == "__main__":
    main()
