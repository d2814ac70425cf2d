"""Outcomes: what is counted of each creator and month at risk, added up over the creators of each month of entry.

An estimate is made of sums of an outcome over creators, and its creator-robust standard error of the sum of squares of
what creators add to it, which is linear in their outcomes: both follow, at every cutoff, from sums of the outcome and
of products of the outcomes of two months.  So creators are gone through once an outcome and not once a cutoff.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from precipice.effects.sample import CREATORS, Block, Float, Narrow, Sample
from precipice.panel import Bool
from precipice.tallies import EXACT
from precipice.threads import one_thread

OutcomeName = Literal["capped", "counts", "trimmed", "lapse"]

LAPSE = 6  # months of silence after an upload that make a lapse
TRIM = 3  # uploads a month and creator that `trimmed` counts at most


class Tables(NamedTuple):
    """Sums over the creators of each month of entry, of tenures up to one and of months up to some apart."""

    oldest: int
    reach: int
    sums: Float
    products: Float


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is counted of each creator and month at risk; months are offsets as in `Sample`.

    A month has one *place*, that of the outcome; where only months with an upload are at risk it has a second, of what
    is 1 for a creator at risk.
    """

    name: OutcomeName
    """`capped`: 1 where there is an upload.  `counts`: uploads.  `trimmed`: uploads beyond a creator's first, at most
    `TRIM` a month.  `lapse`: 1 where `LAPSE` silent months follow."""
    sample: Sample
    """The platform's creators."""
    usable: Bool
    """Months that may be used, shape (n_months,)."""
    oldest: int
    """Greatest tenure that is at risk, in months."""
    reach: int
    """Months that lie less than this apart may be asked for together."""

    @property
    def n_months(self) -> int:
        """Complete months."""
        return len(self.usable)

    @property
    def youngest(self) -> int:
        """Least tenure at risk: 0 for `trimmed`, which leaves out the upload by which a creator enters, else 1."""
        return 0 if self.name == "trimmed" else 1

    @property
    def lag(self) -> int:
        """Months after a cell that must have been observed to know its outcome: `LAPSE` for a lapse, else 0."""
        return LAPSE if self.name == "lapse" else 0

    @property
    def step(self) -> int:
        """Places of a month: 2 where only months with an upload are at risk, as of a lapse, else 1."""
        return 2 if self.name == "lapse" else 1

    @cached_property
    def exposed(self) -> Bool:
        """Whether entrants of a month (rows) can be at risk in a calendar month, shape (n_months, n_months)."""
        months = np.arange(self.n_months)
        settled = self.usable & (months + self.lag < self.n_months)
        age = months[None, :] - months[:, None]
        return np.asarray((age >= self.youngest) & (age <= self.oldest) & settled[None, :])

    @cached_property
    def counted(self) -> Float:
        """Sum of the outcome by month of entry and calendar month, shape (n_months, n_months)."""
        return np.where(self.exposed, self._tables.sums[:, :: self.step], 0.0)

    @cached_property
    def at_risk(self) -> Float:
        """Creators at risk by month of entry and calendar month, shape (n_months, n_months)."""
        there = self._tables.sums[:, 1 :: self.step] if self.step == 2 else self.sample.entrants[:, None]
        return np.where(self.exposed, there, 0.0)

    @property
    def products(self) -> Float:
        """Σ(x_j − x̄_j)(x_k − x̄_k) over a month's entrants for place j and k = j + 0, 1, …, (n_months, places, lags)."""
        return self._tables.products

    @cached_property
    def _tables(self) -> Tables:
        # Those of another question will do, if they reach as far: who is not exposed is left out when they are read.
        held: Tables | None = self.sample.tables.get(self.name)
        if held is None or held.oldest < self.oldest or held.reach < self.reach:
            held = self.sample.tables[self.name] = _tabulate(self)
        return held

    def of_cells(self, block: Block) -> tuple[Narrow, Narrow]:
        """Give tenure, `oldest` + 1 for all beyond, and outcome of some creators' cells, at risk or not."""
        tenure = np.minimum(block.tenure, np.int16(self.oldest + 1))
        if self.name == "counts":
            return tenure, block.count
        if self.name == "trimmed":
            return tenure, np.minimum(block.count - (tenure == 0), TRIM)
        if self.name == "capped":
            return tenure, np.broadcast_to(np.int8(1), tenure.shape)
        return tenure, np.asarray(block.silence(self.n_months) >= LAPSE, np.int8)


def _tabulate(outcome: Outcome) -> Tables:
    """Add up a sample's outcomes and their products, month of entry by month of entry."""
    # By tenure first: place 0 is 1 for everybody, and what lies beyond the oldest tenure goes where nobody looks.
    step, n_months, places = outcome.step, outcome.n_months, outcome.step * (outcome.oldest + 1)
    crossed = np.zeros((n_months, 1 + places, 1 + places))
    room = np.empty(min(len(outcome.sample.panel), CREATORS) * (1 + places + step))
    with one_thread():
        for block in outcome.sample.blocks():
            _add(crossed, outcome, block, room)
    # Row c begins c months later in the calendar: lines longer by a month, read as lines of the right length.
    sums = np.zeros((n_months, n_months + 1, step))
    products = np.zeros((n_months, step * (n_months + 1), step * outcome.reach))
    sums.reshape(n_months, -1)[:, :places] = crossed[:, 0, 1:]
    number = np.maximum(crossed[:, 0, :1], 1)
    for lag in range(min(products.shape[2], places)):
        apart = crossed[:, 1:, 1:].diagonal(lag, axis1=1, axis2=2)
        means = crossed[:, 0, 1 : 1 + places - lag] * crossed[:, 0, 1 + lag :] / number
        products[:, : places - lag, lag] = apart - means
    whole = n_months * step * n_months
    return Tables(
        outcome.oldest,
        outcome.reach,
        sums.reshape(-1)[:whole].reshape(n_months, -1),
        products.reshape(-1, products.shape[2])[:whole].reshape(n_months, -1, products.shape[2]),
    )


def _add(crossed: Float, outcome: Outcome, block: Block, room: Float) -> None:
    """Add the products of some creators' values: a dense matrix of few thousand rows, times itself.

    Four bytes are exact as long as no sum can pass `EXACT`; eight hold every whole number to 2^53.
    """
    step, width, number = outcome.step, len(crossed[0]) + outcome.step, len(block.entry)
    order = np.argsort(block.entry.astype(np.int16), kind="stable")
    limits = np.searchsorted(block.entry[order], np.arange(outcome.n_months + 1)).tolist()
    tenure, value = outcome.of_cells(block)
    most, largest = int(value.max()), int(np.max(np.diff(limits)))
    kind: Any = np.float32 if most * most * largest <= EXACT else np.float64
    values: npt.NDArray[Any] = room.view(kind)[: number * width]
    values[:] = 0
    begin = np.empty(number, np.int32)
    begin[order] = np.arange(1, number * width, width, dtype=np.int32)
    place = np.repeat(begin, block.lengths)
    place += tenure if step == 1 else tenure * np.int16(step)
    values[place] = value
    if step == 2:
        values[place + 1] = 1
    rows = values.reshape(number, width)
    rows[:, 0] = 1
    for entry in np.flatnonzero(np.diff(limits)).tolist():
        seen = 1 + step * min(outcome.oldest + 1, outcome.n_months - entry)
        part = rows[limits[entry] : limits[entry + 1], :seen]
        crossed[entry, :seen, :seen] += part.T @ part
