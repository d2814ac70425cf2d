"""Effects and measurements made by hand, for what is read off them."""

from collections.abc import Iterable
from dataclasses import replace
from math import nan
from typing import Any, Literal

import numpy as np
from scipy.special import ndtr

from precipice.effects.calibration import kernel_of
from precipice.effects.case import Measured, Span
from precipice.effects.effect import Effect, Placebo, Status
from precipice.effects.verdict import HEADLINE
from tests.unit.effects.panels import START


def effect(
    method: str = "S1",
    *,
    estimate: float = -0.1,
    se: float = 0.02,
    p: float | None = None,
    reasons: Iterable[Status] = (),
    outcome: str = HEADLINE,
    platform: str = "here",
) -> Effect:
    """Make an effect; without `p` a normal one; a status that refuses takes the numbers away."""
    whole = Effect(
        platform=platform, event="event", cutoff=START + 36, method=method, outcome=outcome, estimate=estimate,
        low=estimate - 1.96 * se, high=estimate + 1.96 * se, p=float(2 * ndtr(-abs(estimate) / se)) if p is None else p,
        p_rank=0.02, se=se, detectable=2.8 * se, placebo_mean=0.01, n_creators=1234,
        placebos=(Placebo(START + 12, 0.03, 0.02), Placebo(START + 13, -0.01, 0.02)), span=Span(),
        verdict="cannot tell", reasons=tuple(reasons), compares_with="others", cannot_say="whose change it is",
    )  # fmt: skip
    if not whole.refused:
        return whole
    return replace(whole, estimate=nan, low=nan, high=nan, p=nan, p_rank=nan, se=nan, detectable=nan)


def status(name: str, weight: Literal["refuses", "weakens", "notes"] = "weakens") -> Status:
    """Make a status that says its own name."""
    return Status(name, weight, f"there is {name}", f"no {name}")


def measured(
    estimate: float = -0.1,
    se: float = 0.02,
    *,
    spread: float = 0.02,
    placebos: int = 80,
    slope: float = 0.0,
    **fields: Any,
) -> Measured:
    """Make a measurement with monthly placebos around nought."""
    months = np.arange(placebos)
    estimates = np.random.default_rng(0).normal(0, spread, placebos) + slope * (months - months.mean())
    whole = Measured(
        estimate, se, 1000, START + months, estimates, np.full(placebos, 0.02), kernel_of(12, 12, paired=True)
    )
    return replace(whole, **fields)
