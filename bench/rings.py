# SPDX-License-Identifier: EUPL-1.2
"""The simulations of Butts (Journal of Urban Economics 133, 2023, table 1): fixed rings beside those of the data.

    .venv/bin/python bench/rings.py [--runs 2000]

Prints how much more fixed rings err than rings at quantiles, with what the paper printed behind it; some minutes.
"""

from __future__ import annotations

import argparse

import numpy as np

from krachtwijk.monitor.effects.rings import ringed
from krachtwijk.monitor.effects.towns import CURVES, disc

#: As printed, 2 rings and 3 rings: squared error, error on a grid, error close by (at 0.1 in his code)
PRINTED = {
    ("tau1", 250): (0.33, 0.46, 0.58, 0.73, 0.59, 0.87),
    ("tau1", 500): (0.26, 0.36, 0.52, 0.66, 0.54, 0.79),
    ("tau1", 1000): (0.21, 0.29, 0.47, 0.58, 0.49, 0.69),
    ("tau1", 5000): (0.12, 0.16, 0.36, 0.45, 0.38, 0.55),
    ("tau2", 250): (0.81, 0.56, 1.13, 0.81, 1.68, 0.91),
    ("tau2", 500): (1.05, 0.55, 1.32, 0.84, 2.06, 1.06),
    ("tau2", 1000): (1.47, 0.61, 1.59, 0.93, 2.54, 1.29),
    ("tau2", 5000): (3.81, 1.15, 2.48, 1.32, 4.32, 2.22),
    ("tau3", 250): (0.62, 0.72, 0.85, 0.89, 1.06, 0.98),
    ("tau3", 500): (0.72, 0.78, 0.93, 0.94, 1.21, 1.09),
    ("tau3", 1000): (0.91, 0.95, 1.06, 1.04, 1.45, 1.31),
    ("tau3", 5000): (2.18, 2.17, 1.61, 1.54, 2.49, 2.24),
    ("tau4", 250): (1.57, 0.93, 1.34, 1.0, 1.37, 1.01),
    ("tau4", 500): (2.17, 1.16, 1.55, 1.14, 1.60, 1.18),
    ("tau4", 1000): (3.63, 1.85, 1.95, 1.44, 2.06, 1.52),
    ("tau4", 5000): (6.96, 3.37, 3.64, 2.67, 5.76, 4.24),
}
FIXED = ((0.0, 0.8, 1.0), (0.0, 0.4, 0.8, 1.0))


def errors(name: str, n: int, seed: int) -> tuple[np.ndarray, int]:
    """(3, 3): 2 rings, 3 rings and the data's own, by the three measures; and how many the data chose."""
    edge = 0.25 if name == "tau4" else 0.8
    distance, change, effect = disc(name, n, seed)
    near = distance <= edge
    grid = np.arange(0, edge + 1e-9, 0.01)
    found = np.empty((3, 3))
    for place, edges in enumerate((*FIXED, None)):
        rings = ringed(distance, change, edges)
        found[place] = (
            ((rings.at(distance[near]) - effect[near]) ** 2).mean(),
            np.abs(rings.at(grid) - CURVES[name](grid)).mean(),
            np.abs(rings.at(np.array([0.1])) - CURVES[name](np.array([0.1])))[0],
        )
    return found, len(rings)


def main() -> None:
    parser = argparse.ArgumentParser(description="rings of the data beside fixed ones")
    parser.add_argument("--runs", type=int, default=2000)
    runs = parser.parse_args().runs
    print(f"{runs:,} runs; ours (printed). 1 = as good as rings of the data\n")
    print("| curve | units | squared, 2 rings | 3 rings | absolute, 2 | 3 | close by, 2 | 3 | rings |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    apart = []
    for (name, n), printed in PRINTED.items():
        total, many = np.zeros((3, 3)), 0
        for seed in range(runs):
            found, rings = errors(name, n, seed)
            total += found
            many += rings
        ratio = (total[:2] / total[2]).T.reshape(-1)
        apart.append(np.abs(np.log(ratio / printed)))
        cells = " | ".join(f"{one:.2f} ({other:.2f})" for one, other in zip(ratio, printed, strict=True))
        print(f"| {name} | {n} | {cells} | {many / runs:.1f} |", flush=True)
    far = np.exp(np.array(apart)) - 1
    print(f"\nApart: {np.median(far):.0%} in the middle, {far.max():.0%} at most.")


if __name__ == "__main__":
    main()
