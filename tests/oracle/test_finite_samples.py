"""What a finite sample adds to the supply's recursion: the table of docs/supply.md, from exact expectations."""

import re

import numpy as np
import pytest

from precipice.loops import Loop, simulate
from precipice.loops.expectations import Rule, moments
from precipice.supply import Generations, run_generations
from tests.conftest import ROOT

POLICIES = ("fresh", "accumulate", "augment", "synthetic")
BIAS, GENERATIONS = 0.9, 10
ROWS = {
    int(row[0].replace(",", "")): [float(re.sub(r"[^\d.]", "", cell)) for cell in row[1:]]
    for line in (ROOT / "docs" / "supply.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| 3") and line.count("%") == 6
    for row in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def supply(policy: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Give human and synthetic works by generation."""
    late = np.arange(GENERATIONS + 1) > 0
    human = np.where(late, 0 if policy == "synthetic" else n // 2, n)
    return human, np.where(late, n - human, 0)


def large_sample(policy: str, n: int) -> np.ndarray:
    human, synthetic = supply(policy, n)
    count = GENERATIONS
    pooled = Generations(
        12, np.arange(count, dtype=np.int64), 0, human[None, None, 1:].astype(float), synthetic[None, 1:].astype(float),
        np.ones((1, count)), np.array([[float(n)]]), np.array([[n if policy == "augment" else 0.0]]),
    )  # fmt: skip
    return np.asarray(run_generations(pooled, policy, BIAS).spread[0])


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("n", [30, 300, 3_000, 30_000])
def test_the_expected_variance_differs_by_what_the_table_says(n: int, policy: str) -> None:
    exact, _ = moments(policy, *supply(policy, n), Rule(1, BIAS))
    apart = 100 * np.abs(large_sample(policy, n) / exact[1:] - 1).max()
    assert apart == pytest.approx(ROWS[n][POLICIES.index(policy)], abs=0.0051)
    assert apart < 70 / n  # of order one in n


@pytest.mark.parametrize(("dimension", "replicates", "column"), [(1, 4_000, 4), (16, 1_000, 5)])
@pytest.mark.parametrize("n", [30, 300, 3_000])
def test_single_models_scatter_as_the_table_says(n: int, dimension: int, replicates: int, column: int) -> None:
    """Within a tenth: 4 standard errors of a standard deviation over 1,000 replicates."""
    loop = Loop(policy="fresh", n=n, share=0.5, bias=BIAS, generations=GENERATIONS, dimension=dimension)
    spread = 100 * simulate(loop, replicates=replicates, seed=1).of("variance")[-1].std()
    assert spread == pytest.approx(ROWS[n][column], rel=0.1)
