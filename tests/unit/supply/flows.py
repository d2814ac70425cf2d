"""Flows and paths that fit on fingers, or drawn with a known truth."""

from collections.abc import Sequence

import numpy as np

from precipice.months import parse_month
from precipice.supply import Flow, Paths

START = parse_month("2018-01")


def flow(  # a flow as its numbers
    months: int = 60,
    level: float = 500.0,
    *,
    labelled: int = 24,
    share: float = 0.2,
    size: float = 200.0,
    noise: float = 0.05,
    seed: int = 1,
) -> Flow:
    """Make a platform of two cohorts of one level each, with labels in the last months."""
    rng = np.random.default_rng(seed)
    uploads = np.round(level * np.exp(rng.normal(0, noise, (2, months))))
    shares = np.full((2, months), np.nan)
    sizes = np.full((2, months), np.nan)
    if labelled:
        shares[:, -labelled:], sizes[:, -labelled:] = share, size
    return Flow(
        "site", np.arange(START, START + months, dtype=np.int32), ("senior", "junior"), uploads, shares, sizes,
        months - labelled,
    )  # fmt: skip


def paths(human: Sequence[Sequence[float]], synthetic: Sequence[float], *, known: int, began: int) -> Paths:
    """Make one path of human uploads by cohort and synthetic ones."""
    months = np.arange(START, START + len(synthetic), dtype=np.int32)
    names = ("senior", "junior")[: len(human)]
    return Paths(
        "site", names, months, known, began, np.array([human], float), np.array([synthetic], float), "labelled",
        "bootstrap",
    )  # fmt: skip
