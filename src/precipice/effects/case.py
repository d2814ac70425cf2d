"""One platform and one event, ready to be asked: the sample, the windows, the curves, the placebo cutoffs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.effects.calibration import Kernel
from precipice.effects.influence import Influence
from precipice.effects.outcomes import LAPSE, Outcome, OutcomeName
from precipice.effects.reference import Standardised, standardise
from precipice.effects.sample import Float, Sample, open_months
from precipice.errors import InputError

LOOK_BACK = 60  # months of entry before the cutoff; S1 sees −20 % in 29 of 100 panels, with 24 months in 17
WINDOW = 12  # months before and after: one whole year keeps the seasons out
FEWEST = 20.0  # outcomes in a window, below which the logarithm of a ratio is no longer near normal


@dataclass(frozen=True)
class Span:
    """The months that a statistic looks at around a cutoff."""

    look_back: int = LOOK_BACK
    """Incumbents are the entrants of this many months before the cutoff."""
    before: int = WINDOW
    """Months before the cutoff, P."""
    after: int = WINDOW
    """Months from the cutoff on, H."""

    def __post_init__(self) -> None:
        """Check that the windows can be used.

        Raises:
            InputError: a window is empty, or incumbents could not have been there through the one before.
        """
        if self.after < 0 or self.before < 1 or self.look_back < self.before:
            raise InputError(
                "these windows cannot be used",
                why=f"look-back {self.look_back}, {self.before} months before and {self.after} from the cutoff on",
                fix="at least one month, and a look-back no shorter than the window before",
            )


@dataclass(frozen=True)
class Statistic:
    """One statistic at one cutoff."""

    value: float
    """In log points; NaN where a window holds fewer than `FEWEST` outcomes."""
    influence: Influence | None
    """What each creator adds to its deviation; None where there is no value."""

    @property
    def se(self) -> float:
        """Creator-robust standard error: root of the sum of squared influences."""
        return self.influence.norm if self.influence is not None else float("nan")


@dataclass(frozen=True, eq=False)
class Measured:
    """A statistic at the event and at the placebo cutoffs, before calibration."""

    estimate: float
    """At the event, in log points; NaN where it cannot be computed."""
    se: float
    """Its creator-robust (or cluster-robust) standard error, without the platform's calendar noise."""
    n_creators: int
    """Creators that enter the statistic at the event."""
    cutoffs: npt.NDArray[np.int64]
    """Placebo cutoffs as months, shape (B,)."""
    estimates: Float
    """The statistic at each placebo cutoff, shape (B,)."""
    errors: Float
    """Its standard errors, shape (B,)."""
    kernel: Kernel
    """How it weighs the months around a cutoff, by which cutoffs share months."""
    largest: float | None = None
    """Largest influence of one creator at the event, in log points; None where the method has none."""
    degrees: float | None = None
    """Degrees of freedom of a method that brings its own inference; None where placebos give it."""
    after: int = WINDOW
    """Months after the cutoff that were used."""
    n_tried: int = 0
    """Placebo cutoffs that the history has room for; those with too few outcomes in a window are not in `cutoffs`."""


class Standards(Mapping[OutcomeName, Standardised]):
    """Outcomes with their curves, each made when it is first asked for."""

    def __init__(self, names: tuple[OutcomeName, ...], make: Callable[[OutcomeName], Standardised]) -> None:
        """Say what there is to ask for, and what makes one."""
        self._names, self._make = names, make
        self._made: dict[OutcomeName, Standardised] = {}

    def __getitem__(self, name: OutcomeName) -> Standardised:
        """Give an outcome with its curve."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[OutcomeName]:
        """Give the outcomes' names."""
        return iter(self._names)

    def __len__(self) -> int:
        """Number of outcomes."""
        return len(self._names)


@dataclass(frozen=True, eq=False)
class Case:
    """One platform, one event and the windows; months are offsets from `sample.start`."""

    sample: Sample
    """The platform's creators."""
    event: int
    """The event's month, T0."""
    span: Span
    """Look-back and windows."""
    standards: Mapping[OutcomeName, Standardised]
    """Each outcome with its curve."""
    control: "Case | None" = None
    """The same event on the control platform; None where no control was named."""
    quiet: int | None = None
    """Month before which nothing has happened, where that is earlier than `event`, as for a cutoff set after the event:
    placebo windows and the curve end before it.  None for the event's month itself."""

    def outcome(self, name: OutcomeName) -> Standardised:
        """Give an outcome with its curve."""
        return self.standards[name]

    def fitting(self, name: OutcomeName) -> Span:
        """Give the windows, the one after the event shortened to what is known of an outcome that needs `lag` months.

        A lapse is known six months late, so that a year of lapses takes a year and a half to see.
        """
        room = self.sample.n_months - self.standards[name].outcome.lag - self.event
        return Span(self.span.look_back, self.span.before, min(self.span.after, max(room, 0)))

    def cutoffs(self, name: OutcomeName, after: int) -> range:
        """Give the placebo cutoffs: whole windows within the history, settled before the event."""
        lag = self.standards[name].outcome.lag
        end = self.event if self.quiet is None else min(self.quiet, self.event)
        return range(self.sample.washed + self.span.before + lag, end - after - lag + 1)


def case_of(
    sample: Sample,
    event_month: int,
    span: Span,
    *,
    outcomes: Iterable[OutcomeName] = ("capped", "counts", "trimmed", "lapse"),
    excluded: tuple[int, ...] = (),
    control: Case | None = None,
    quiet: int | None = None,
) -> Case:
    """Fit the curves that one event on one platform needs.

    Args:
        sample: the platform's creators.
        event_month: the event's month, as in `precipice.months`.
        span: look-back and windows.
        outcomes: the outcomes to prepare.
        excluded: months never used, as in `precipice.months`.
        control: the same event on the control platform.
        quiet: offset of the month before which nothing has happened, where that is before the event's month.

    Raises:
        InputError: the event lies outside the platform's complete months.
    """
    event = event_month - sample.start
    if not 0 < event < sample.n_months:
        raise InputError(
            f"the event lies outside the complete months of {sample.platform}",
            why=f"there are {sample.n_months} complete months and the event would be month {event + 1}",
            fix="choose an event inside them",
        )
    usable = open_months(sample.n_months, sample.start, excluded)
    # Tenures that no creator had reached before the event have no curve, and are not at risk.
    known = event if quiet is None else min(quiet, event)
    oldest = max(min(span.look_back + span.after, known - 1 - sample.washed), 1)
    reach = max(span.before, span.after) + span.after
    standards = Standards(
        tuple(dict.fromkeys(outcomes)),
        lambda name: standardise(
            Outcome(name, sample, usable, oldest, reach + (LAPSE if name == "lapse" else 0)), known
        ),
    )
    return Case(sample, event, span, standards, control, quiet)


def sweep(
    case: Case, name: OutcomeName, statistic: Callable[[Standardised, int, Span], Statistic], kernel: Kernel
) -> Measured:
    """Compute a statistic at the event and at every placebo cutoff.

    Args:
        case: platform, event and windows.
        name: which outcome.
        statistic: gives the statistic at one cutoff.
        kernel: how the statistic weighs the months around a cutoff.
    """
    standard, span = case.outcome(name), case.fitting(name)
    found = []
    for cutoff in case.cutoffs(name, span.after):
        at = statistic(standard, cutoff, span)  # its weights go before the next one's come
        found.append((cutoff, at.value, at.se))
    usable = [each for each in found if np.isfinite(each[1])]
    cutoffs, estimates, errors = np.array(usable, np.float64).reshape(-1, 3).T
    event = statistic(standard, case.event, span)
    number, largest = event.influence.extent() if event.influence is not None else (0, None)
    return Measured(
        estimate=event.value,
        se=event.se,
        n_creators=number,
        cutoffs=cutoffs.astype(np.int64) + case.sample.start,
        estimates=estimates,
        errors=errors,
        kernel=kernel,
        largest=largest,
        after=span.after,
        n_tried=len(found),
    )
