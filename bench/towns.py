# SPDX-License-Identifier: EUPL-1.2
"""Do the tests of displacement keep their level, and find what is planted, in a thousand made-up countries.

    .venv/bin/python bench/towns.py [--countries 1000]

In each, the worst 86 of 1,080 areas of 18 cities are chosen by their last score; half of the countries' bad luck is
shared by areas around. Prints the Markdown tables of bench/effects.md; a minute or two.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.stats import t as student

from krachtwijk.monitor.effects.inference import clustered, conley, jackknife, moments, wild_bootstrap
from krachtwijk.monitor.effects.matching import Compared, compare, match
from krachtwijk.monitor.effects.power import from_placebos, smallest
from krachtwijk.monitor.effects.towns import Towns, towns

GROUPS = {1: "programme", 2: "first ring"}
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


def main() -> None:
    parser = argparse.ArgumentParser(description="alarms and power in made-up countries")
    parser.add_argument("--countries", type=int, default=1000)
    many = parser.parse_args().countries
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
