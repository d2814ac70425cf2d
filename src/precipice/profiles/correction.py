"""The share that a label would find if it never erred: Rogan and Gladen's estimator, with the label's own uncertainty.

A label finds a share `sensitivity` of the works made with a model and leaves a share `specificity` of the others
alone, so of a true share p it shows s = p·sensitivity + (1 − p)·(1 − specificity).
Sources: Rogan & Gladen 1978, Am. J. Epidemiology 107(1), 71-76; Greenland 1996 for uncertain sensitivity and
specificity by simulation; delta method as in Rogan & Gladen, extended to both (`delta_variance`).
"""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.profiles.ratios import LEVEL

Float = npt.NDArray[np.float64]

DRAWS = 4_000
"""Draws behind an interval: its ends then lie within about half a per cent of rank."""


@dataclass(frozen=True)
class Accuracy:
    """How often a label is right: a stated number, or one measured on so many works."""

    value: float
    """Between 0 and 1."""
    works: int | None = None
    """Works it was measured on; None where it is stated and taken as exact."""

    def __post_init__(self) -> None:
        """Check that it is a share.

        Raises:
            InputError: it is none, or no work was looked at.
        """
        if not 0 <= self.value <= 1 or (self.works is not None and self.works < 1):
            raise InputError(
                f"{self} is not a share of works",
                why="a label is right for between none and all of the works it was tried on",
                fix="write it like 0.8, or as right/tried: 160/200",
            )

    def draw(self, size: int, rng: np.random.Generator) -> Float:
        """Draw it, from a beta law with Jeffreys' prior where it was measured, shape (size,)."""
        if self.works is None:
            return np.full(size, self.value)
        right = self.value * self.works
        return rng.beta(right + 0.5, self.works - right + 0.5, size)

    @property
    def variance(self) -> float:
        """Its sampling variance; nought where it is stated."""
        return 0.0 if self.works is None else self.value * (1 - self.value) / self.works

    def __str__(self) -> str:
        """Write it as it was given."""
        return f"{self.value:g}" if self.works is None else f"{self.value * self.works:g}/{self.works}"


def parse_accuracy(text: str, *, where: str = "") -> Accuracy:
    """Read `0.8` (stated) or `160/200` (right of tried).

    Raises:
        InputError: it is neither.
    """
    counted = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", text)
    try:
        if counted and int(counted[2]):
            return Accuracy(int(counted[1]) / int(counted[2]), int(counted[2]))
        return Accuracy(float(text))
    except (ValueError, InputError) as error:
        raise InputError(
            f"'{text}' is not how often a label is right",
            where=where,
            why="that is a share between 0 and 1, stated or measured",
            fix="write it like 0.8, or as right/tried: 160/200",
        ) from error


def paired(sensitivity: Accuracy | None, specificity: Accuracy | None) -> tuple[Accuracy, Accuracy] | None:
    """Give both accuracies of a label, or None where neither is stated.

    Raises:
        InputError: one is stated without the other, or they say nothing together.
    """
    if sensitivity is None and specificity is None:
        return None
    if sensitivity is None or specificity is None:
        raise InputError(
            "a label's accuracy has two parts, and one is missing",
            where="--sensitivity, --specificity",
            why="a label errs in two ways: works of models without it, and others with it",
            fix="give both, such as --sensitivity 0.8 --specificity 0.99",
        )
    check_label(sensitivity, specificity)
    return sensitivity, specificity


def check_label(sensitivity: Accuracy, specificity: Accuracy) -> None:
    """Check that a label says more than chance.

    Raises:
        InputError: sensitivity and specificity add up to 1 or less.
    """
    if sensitivity.value + specificity.value <= 1:
        raise InputError(
            f"a label of sensitivity {sensitivity} and specificity {specificity} says nothing",
            why="they add up to 1 or less, so it marks the works of models no more often than the others",
            fix="give the share of models' works that it marks, and the share of the others that it leaves alone",
        )


def correct(share: npt.ArrayLike, sensitivity: npt.ArrayLike, specificity: npt.ArrayLike) -> Float:
    """Give the true share behind a labelled one, clipped to [0, 1]: p = (s + specificity − 1)/(sensitivity +
    specificity − 1).

    A share below the label's own false positives gives 0, one above its sensitivity gives 1.
    """  # noqa: D205  the formula belongs to the sentence
    share, se, sp = (np.asarray(part, float) for part in (share, sensitivity, specificity))
    return np.asarray(np.clip((share + sp - 1) / (se + sp - 1), 0, 1))


def delta_variance(share: float, variance: float, sensitivity: Accuracy, specificity: Accuracy) -> float:
    """Give the first-order variance of a corrected share: [V(s) + p²V(se) + (1 − p)²V(sp)]/(se + sp − 1)²."""
    j = sensitivity.value + specificity.value - 1
    p = (share + specificity.value - 1) / j
    return float((variance + p**2 * sensitivity.variance + (1 - p) ** 2 * specificity.variance) / j**2)


@dataclass(frozen=True, eq=False)
class Corrected:
    """Shares behind labelled ones, with limits."""

    value: Float
    """The point estimate; not a number where there is no share."""
    low: Float
    """Lower limit, same shape."""
    high: Float
    """Upper limit, same shape."""
    clipped: npt.NDArray[np.bool_]
    """Where the estimate lay outside of [0, 1] and was put to its edge, same shape: the stated accuracy and the labels
    at hand then hardly go together."""
    sensitivity: Accuracy
    specificity: Accuracy


def correct_draws(  # the draws behind an interval
    share: Float,
    size: Float,
    sensitivity: Accuracy,
    specificity: Accuracy,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Float:
    """Draw true shares from what a share, its effective size and the label's accuracy leave open, shape (draws, …).

    The accuracy is one number in each draw: it is the same label in every month.

    Args:
        share: labelled, between 0 and 1; not a number where nobody was asked, and so is every draw then.
        size: effective number of uploads, same shape.
        sensitivity, specificity: of the label.
        rng: source of chance.
        draws: number of draws.

    Raises:
        InputError: sensitivity and specificity add up to 1 or less.
    """
    check_label(sensitivity, specificity)
    known = np.isfinite(share) & (np.nan_to_num(size) > 0)
    s, k = np.where(known, share, 0.5), np.where(known, size, 1.0)
    labelled = rng.beta(s * k + 0.5, k - s * k + 0.5, (draws, *share.shape))
    shape = (draws, *(1,) * share.ndim)
    se, sp = sensitivity.draw(draws, rng), specificity.draw(draws, rng)
    # A measured accuracy may come out worthless in a draw; it is then as bad as one that says next to nothing.
    se = np.maximum(se, 1 - sp + 0.01)
    return np.where(known, correct(labelled, se.reshape(shape), sp.reshape(shape)), np.nan)


def correct_shares(  # a share with what is known of its label
    share: Float,
    size: Float,
    sensitivity: Accuracy,
    specificity: Accuracy,
    rng: np.random.Generator,
    level: float = LEVEL,
) -> Corrected:
    """Give true shares with limits, from draws of the share and of the label's accuracy (see `correct_draws`)."""
    drawn = correct_draws(share, size, sensitivity, specificity, rng)
    j = sensitivity.value + specificity.value - 1
    raw = (share + specificity.value - 1) / j
    alpha = (1 - level) / 2
    low, high = np.quantile(drawn, [alpha, 1 - alpha], axis=0)
    value = np.clip(raw, 0, 1)
    # At the edge draws lie to one side of the estimate; its limits include it.
    return Corrected(value, np.fmin(low, value), np.fmax(high, value), (raw < 0) | (raw > 1), sensitivity, specificity)
