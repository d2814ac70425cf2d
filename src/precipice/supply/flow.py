"""The flow of uploads into a platform, split into human and synthetic by what its labels say.

From corrected shares s of cohort c in month m (`precipice.profiles`): human uploads are Σ u(1 − s), synthetic ones
Σ u·s, and what is not labelled is not taken for human.  Counts of uploads are as counted; what is uncertain is the
share (over creators), the label's accuracy, and whatever comes after the last complete month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.months import month_text
from precipice.profiles import Accuracy, Share, correct
from precipice.profiles.correction import check_label
from precipice.profiles.ratios import effective_size
from precipice.series import Series

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

LEAST_MONTHS = 24
"""Complete months of uploads without which nothing is forecast: two of each month of the year."""
LEAST_LABELLED = 12
"""Complete months with labels without which no share is forecast."""
YEAR = 12
PRIOR = 12.0
"""Uploads that the months about a month count for, where its own share is drawn."""
GRID = 400
"""Quantiles of which each path has one: finer than anything that is told apart."""
EXACT = Accuracy(1.0)


@dataclass(frozen=True)
class Stated:
    """A share of synthetic uploads that somebody states, in the place of labels: the same in every month to come."""

    low: float
    """Least, between 0 and 1."""
    high: float
    """Most; each path draws one number between the two, evenly."""

    def __post_init__(self) -> None:
        """Check that both are shares.

        Raises:
            InputError: they are none, or run backwards.
        """
        if not 0 <= self.low <= self.high < 1:
            raise InputError(
                f"a share of {self} is none that a platform can have",
                where="--share",
                why="it lies from 0 up to, not including, 1, the lower end first",
                fix="write it like 0.2, or as a range 0.1..0.3",
            )

    def __str__(self) -> str:
        """Write it as it was given."""
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g}..{self.high:g}"


def parse_share(text: str) -> Stated:
    """Read `0.2` or `0.1..0.3`.

    Raises:
        InputError: it is neither.
    """
    low, _, high = text.partition("..")
    try:
        return Stated(float(low), float(high or low))
    except ValueError as error:
        raise InputError(
            f"'{text}' is not a share",
            where="--share",
            why="it is neither a number between 0 and 1 nor a range of such",
            fix="write it like 0.2, or as a range 0.1..0.3",
        ) from error


@dataclass(frozen=True, eq=False)
class Flow:
    """Uploads of one platform by cohort in complete months, and what their labels say."""

    platform: str
    months: npt.NDArray[np.int32]
    """Complete months, as in `precipice.months`, shape (T,)."""
    cohorts: tuple[str, ...]
    """Names of the strata."""
    uploads: Float
    """Uploads, shape (C, T)."""
    share: Float
    """Labelled share of the uploads that were asked, shape (C, T); not a number where none was."""
    size: Float
    """Effective number of uploads behind it, shape (C, T)."""
    began: int
    """Offset of the month in which synthetic uploads begin (see `first_labelled`); T where there are no labels."""

    def __post_init__(self) -> None:
        """Check that uploads are counts and shares are shares.

        Raises:
            InputError: an upload count is negative or none, or a share lies outside of 0 to 1.
        """
        if not (np.isfinite(self.uploads).all() and (self.uploads >= 0).all()):
            raise InputError(
                "a supply of less than nothing cannot be forecast", where=self.platform,
                why="an upload count is negative or missing", fix="give 0 for months without uploads",
            )  # fmt: skip
        known = self.share[np.isfinite(self.share)]
        if ((known < 0) | (known > 1)).any():
            raise InputError(
                "a labelled share lies outside of 0 to 1", where=self.platform,
                why=f"shares run from {known.min():g} to {known.max():g}", fix="give shares, not per cent",
            )  # fmt: skip

    @property
    def labelled(self) -> bool:
        """Whether there are labels for long enough to say where the share is going."""
        return len(self.months) - self.began >= LEAST_LABELLED


def flow_of(series: Sequence[Series], shares: Sequence[Share] = ()) -> Flow:
    """Make the flow of one platform from its cohorts' series and shares declared AI.

    Args:
        series: one a cohort, disjoint, of one platform and the same months.
        shares: one a cohort in the same order, of the same months; none where there are no labels.

    Raises:
        InputError: too few complete months, or nobody uploads in the last year.
    """
    complete = np.flatnonzero(np.logical_and.reduce([one.complete for one in series]))
    if len(complete) < LEAST_MONTHS:
        raise InputError(
            f"the history is too short to forecast: {len(complete)} complete months",
            where=series[0].platform,
            why=f"a trend is told from a season in {LEAST_MONTHS} months at the least",
            fix="ingest more of the past, or say how far the sources reach: [archive] observed_from, observed_to",
        )
    kept = slice(int(complete[0]), int(complete[-1]) + 1)
    uploads = np.array([one.uploads[kept] for one in series], float)
    if uploads[:, -12:].sum() <= 0:
        raise InputError(
            "there is no supply to forecast: nobody uploaded in the last twelve complete months",
            where=series[0].platform,
            why=f"the last complete month is {month_text(int(series[0].months[kept][-1]))}",
            fix="choose a platform that is still used, or an earlier last month: --to",
        )
    nothing = np.full(uploads.shape, np.nan)
    share = np.array([one.value[kept] for one in shares]) if shares else nothing
    size = np.array([effective_size(one.monthly)[kept] for one in shares]) if shares else nothing
    names = tuple(one.cohort for one in series)
    return Flow(series[0].platform, series[0].months[kept], names, uploads, share, size, first_labelled(share, uploads))


def first_labelled(share: Float, uploads: Float) -> int:
    """Give the offset of the month in which synthetic uploads begin; T where no month has labels.

    That is the first month by which one in a hundred of all declared uploads is there, since some labels (tags of fans)
    are also put on works that are years older; where nothing is declared, the first month in which anybody was asked.

    Args:
        share: labelled share, shape (C, T); not a number where nobody was asked.
        uploads: shape (C, T).
    """
    asked = np.flatnonzero(np.isfinite(share).any(axis=0))
    declared = np.cumsum((np.nan_to_num(share) * uploads).sum(axis=0))
    if not len(asked):
        return int(uploads.shape[1])
    return int(asked[0] if declared[-1] == 0 else np.searchsorted(declared, 0.01 * declared[-1]))


@dataclass(frozen=True)
class Belief:
    """What is believed of the label, or stated in its place."""

    sensitivity: Accuracy = EXACT
    """Of the works made with a model, the share that the label marks; 1 takes the label at its word."""
    specificity: Accuracy = EXACT
    """Of the other works, the share that it leaves alone."""
    stated: Stated | None = None
    """A share in the place of any label."""

    def __post_init__(self) -> None:
        """Check that the label says something.

        Raises:
            InputError: sensitivity and specificity add up to 1 or less.
        """
        check_label(self.sensitivity, self.specificity)

    @property
    def source(self) -> Literal["stated", "labelled", "corrected"]:
        """Where the share is from."""
        if self.stated is not None:
            return "stated"
        return "labelled" if (self.sensitivity, self.specificity) == (EXACT, EXACT) else "corrected"


def draw_shares(flow: Flow, belief: Belief, paths: int, rng: np.random.Generator) -> Float:
    """Draw true shares of synthetic uploads in the months at hand, shape (paths, C, T).

    Months before synthetic uploads begin have none, and so has all of the past where a share is stated: it is stated
    of the months to come.  A month's labelled share is drawn around that of the twelve months about it, which counts
    for `PRIOR` uploads: drawn by itself, a month with one upload and no declared one would be a quarter synthetic.

    Args:
        flow: uploads and labels.
        belief: what is believed of the label; one number for the whole of a path.
        paths: number of draws.
        rng: source of chance.

    Raises:
        InputError: there are too few months with labels and no share is stated.
    """
    shape = (paths, *flow.uploads.shape)
    if belief.stated is not None:
        return np.zeros(shape)
    if not flow.labelled:
        raise no_labels(flow)
    said, asked = _about(flow)
    near = _quantiles(said, asked, paths, rng)
    own = np.nan_to_num(flow.share * flow.size)
    rest = np.nan_to_num(flow.size) - own
    least = 1e-3  # a beta law needs a little of either
    labelled = rng.beta(own + np.maximum(PRIOR * near, least), rest + np.maximum(PRIOR * (1 - near), least))
    se, sp = belief.sensitivity.draw(paths, rng), belief.specificity.draw(paths, rng)
    se = np.maximum(se, 1 - sp + 0.01)  # as in profiles.correct_draws
    found = correct(labelled, se[:, None, None], sp[:, None, None])
    found[:, :, : flow.began] = 0.0
    return found


def _about(flow: Flow) -> tuple[Float, Float]:
    """Give declared and asked uploads (effective) of the twelve months about each, shape (C, T).

    A cohort with none takes those of all cohorts together.
    """
    size = np.nan_to_num(flow.size)
    t = np.arange(size.shape[1])
    low, high = np.clip(t - YEAR // 2 + 1, flow.began, None), np.clip(t + YEAR // 2 + 1, None, len(t))
    parts = []
    for values in (np.nan_to_num(flow.share) * size, size):
        sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
        summed = np.where(high > low, sums[:, high] - sums[:, np.minimum(low, high)], 0.0)
        parts.append(np.where(size.sum(axis=1, keepdims=True) > 0, summed, summed.sum(axis=0)))
    return parts[0], parts[1]


def _quantiles(said: Float, asked: Float, paths: int, rng: np.random.Generator) -> Float:
    """Draw shares from a beta law with Jeffreys' prior, shape (paths, C, T): on a path one quantile in every month."""
    from scipy.special import betaincinv

    grid = (np.arange(GRID) + 0.5) / GRID
    table = betaincinv(said + 0.5, asked - said + 0.5, grid[:, None, None])
    return np.asarray(table[rng.integers(0, GRID, (paths, len(said), 1)), np.arange(len(said))[:, None],
                            np.arange(said.shape[1])])  # fmt: skip


def no_labels(flow: Flow) -> InputError:
    """Make the error for a runway without labels and without a stated share."""
    there = max(len(flow.months) - flow.began, 0)
    return InputError(
        "human and synthetic uploads cannot be told apart",
        where=flow.platform,
        why=f"{there} complete months have labels of generative models, and {LEAST_LABELLED} are needed"
        if there
        else "the platform says nothing of generative models",
        fix="state a share to see what it would mean: --share 0.2, or --share 0.1..0.3",
    )
