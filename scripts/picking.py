"""Measure what picking from a specification curve does: `python scripts/picking.py --panels 120`.

On panels where nothing happened, how often is the headline below 5 %, and how often is any specification?
"""

import argparse

import numpy as np

from precipice.effects import Question, specify
from precipice.population import WORLDS, populate


def main() -> None:
    """Draw panels, ask about them in every way, and print the two rates with their Monte Carlo errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=120)
    parser.add_argument("--world", default="realistic", choices=sorted(WORLDS))
    parser.add_argument("--first-seed", type=int, default=1)
    asked = parser.parse_args()
    world = WORLDS[asked.world]
    question = Question("event", world.planted.month)
    found = []
    for seed in range(asked.first_seed, asked.first_seed + asked.panels):
        curve = specify(populate(world, np.random.default_rng(seed)), world.platform, question)
        found.append((curve.headline.sign != 0, any(one.sign != 0 for one in curve.told)))
    rates = np.mean(found, axis=0)
    errors = np.sqrt(rates * (1 - rates) / len(found))
    words = ("headline", "any specification")
    print(f"{asked.world}, {len(found)} panels, seeds from {asked.first_seed}:", end="")  # noqa: T201  its answer
    for word, rate, error in zip(words, rates, errors, strict=True):
        print(f" {word} {100 * rate:.1f} ± {100 * error:.1f} %;", end="")  # noqa: T201
    print()  # noqa: T201


if __name__ == "__main__":
    main()
