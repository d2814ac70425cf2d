"""What each generation is fed: how many human and how many synthetic works."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Feed:
    """Human and synthetic works by generation; entry 0 is what generation 0 is fitted to, all of it human."""

    human: Whole
    """Works by people, shape (G + 1,)."""
    synthetic: Whole
    """Works by the model before, shape (G + 1,)."""
    words: str
    """Where the numbers are from."""

    def __post_init__(self) -> None:
        """Refuse what no loop can be fed with."""
        for name in ("human", "synthetic"):
            amount = getattr(self, name)
            if (amount < 0).any():
                at = int(np.flatnonzero(amount < 0)[0])
                raise InputError(
                    f"the {name} supply is negative: {amount[at]} in generation {at}",
                    fix="a supply is a number of works, nought or more",
                )
        short = np.flatnonzero(self.total < 2)
        if len(short):
            raise InputError(
                f"generation {short[0]} is fed with {self.total[short[0]]} works",
                why="no model can be fitted to fewer than two",
                fix="raise the supply, or make generations longer",
            )

    @property
    def total(self) -> Whole:
        """Works of both kinds, shape (G + 1,)."""
        return self.human + self.synthetic

    @property
    def generations(self) -> int:
        """Generations after the first."""
        return len(self.human) - 1

    def until(self, generations: int) -> "Feed":
        """Give the first so many generations.

        Raises:
            InputError: the supply ends earlier.
        """
        if generations > self.generations:
            raise InputError(
                f"{generations} generations are asked for, and the supply ends with generation {self.generations}",
                why="nothing is assumed of works that nobody counted or forecast",
                fix=f"ask for at most {self.generations}, give a longer series, or shorter generations",
            )
        return replace(self, human=self.human[: generations + 1], synthetic=self.synthetic[: generations + 1])

    def resized(self, n: int) -> "Feed":
        """Give every generation n works, the human share of each as it is.

        Raises:
            InputError: fewer than two works.
        """
        if n < 2:
            raise InputError(f"n is {n}", why="no model can be fitted to fewer than two works", fix="give 2 or more")
        human = np.rint(n * self.human / self.total).astype(np.int64)
        return Feed(human, n - human, f"{self.words}; {n:,} works a generation at these shares")

    def filtered(self, sensitivity: float, specificity: float) -> "Feed":
        """Leave out what is labelled as made by AI, from generation 1 on: h · specificity and a · (1 − sensitivity).

        Args:
            sensitivity: share of synthetic works that carry the label.
            specificity: share of human works that do not.

        Raises:
            InputError: a share is not one, or the label is no better than a coin.
        """
        for name, value in (("sensitivity", sensitivity), ("specificity", specificity)):
            check_share(name, value)
        if sensitivity + specificity <= 1:
            raise InputError(
                f"a label of sensitivity {sensitivity:g} and specificity {specificity:g} tells nothing",
                why="together they must exceed 1; at 1 it is drawn by lot",
                fix="measure the label, or leave the filter out",
            )
        human, synthetic = self.human.copy(), self.synthetic.copy()
        human[1:] = np.rint(human[1:] * specificity)
        synthetic[1:] = np.rint(synthetic[1:] * (1 - sensitivity))
        words = f"{self.words}, less what is labelled (sensitivity {sensitivity:g}, specificity {specificity:g})"
        return Feed(human, synthetic, words)


def check_share(name: str, value: float) -> None:
    """Refuse a share that is none.

    Raises:
        InputError: it is below 0 or above 1.
    """
    if not 0 <= value <= 1:
        raise InputError(f"{name} is {value:g}", why="a share lies between 0 and 1", fix=f"give {name} such as 0.8")


def constant(n: int, share: float, generations: int) -> Feed:
    """Feed every generation with the same n works, a share of them human.

    Raises:
        InputError: fewer than two works, a share that is none, or fewer than one generation.
    """
    check_share("the human share", share)
    if n < 2:
        raise InputError(f"n is {n}", why="no model can be fitted to fewer than two works", fix="give n of 2 or more")
    if generations < 1:
        raise InputError(f"{generations} generations are asked for", fix="ask for 1 or more")
    human = np.full(generations + 1, round(n * share), dtype=np.int64)
    return Feed(human, n - human, f"{n:,} works a generation, {100 * share:g} % of them human")


def series(human: Sequence[float], synthetic: Sequence[float], *, months: int = 1, words: str = "a series") -> Feed:
    """Feed generations from a series: the first entry (or the first so many months together) is generation 0.

    Args:
        human: works by people.
        synthetic: works by machines, as many entries.
        months: entries that make a generation; what is left over at the end is not used.
        words: where the numbers are from.

    Raises:
        InputError: not two generations long, of different lengths, or not numbers.
    """
    amounts = [np.asarray(amount, dtype=float) for amount in (human, synthetic)]
    if len(amounts[0]) != len(amounts[1]):
        raise InputError(f"the supply has {len(amounts[0])} human and {len(amounts[1])} synthetic entries",
                         fix="give one of each for every generation")  # fmt: skip
    if months < 1:
        raise InputError(f"a generation of {months} months is asked for", fix="ask for 1 or more")
    whole = len(amounts[0]) // months
    if whole < 2:
        raise InputError(
            f"the supply holds {whole} generation{'s' * (whole != 1)} of {months} entr{'y' if months == 1 else 'ies'}",
            why="there must be a first generation and one after it",
            fix="give a longer series, or shorter generations",
        )
    if not all(np.isfinite(amount).all() for amount in amounts):
        raise InputError("the supply has entries that are no numbers", fix="fill them, or leave those generations out")
    summed = [np.rint(a[: whole * months].reshape(whole, months).sum(axis=1)).astype(np.int64) for a in amounts]
    return Feed(summed[0], summed[1], words + (f", {months} entries a generation" if months > 1 else ""))
