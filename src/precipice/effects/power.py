"""Power: what this panel, or one not yet collected, could see.

Effects are planted in the panel's own placebo windows: from each placebo cutoff on, every upload of an incumbent is
lost with probability δ.  A month with y uploads then keeps one with probability 1 − δ^y, which is why a fall of a fifth
in the rate shows as less in months with an upload.  Expected values are planted, so no chance is needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from precipice.display import Plot, Shown
from precipice.effects.asking import METHODS
from precipice.effects.calibration import (
    FEWEST_PLACEBOS,
    Calibration,
    Worth,
    calibrate,
    degrees_of_freedom,
    detectable,
    independent,
    kernel_of,
)
from precipice.effects.case import Case, Measured, Span, Statistic
from precipice.effects.gap import gap_between
from precipice.effects.guards import creators_needed, edge
from precipice.effects.incumbents import change
from precipice.effects.newcomers import change_beyond_newcomers
from precipice.effects.outcomes import TRIM, OutcomeName
from precipice.effects.reference import Standardised
from precipice.effects.sample import Float, add_up
from precipice.errors import InputError

SIZES = (-0.1, -0.2, -0.3, -0.4, -0.5)
"""Relative changes of incumbents' upload rate that are planted."""
SEEN = 0.8
"""Power at which an effect counts as seen: four times in five."""
SIGNIFICANT = 0.05

STATISTICS: Mapping[str, Callable[[Standardised, int, Span], Statistic]] = {
    "S1": change,
    "S2": gap_between,
    "S12": change_beyond_newcomers,
    "control": change,
}
"""Methods in which a change of rate can be planted; planted here, it does not move the control platform."""
PLANTED: tuple[OutcomeName, ...] = ("capped", "counts", "trimmed")
"""Outcomes in which it can."""

DESIGN_EFFECT = 1.6
"""Creator-robust variance of S1 over 1/O_after + 1/O_before, on months with an upload: 1.57 (standard deviation 0.09)
over 20 simulated platforms where an incumbent has an upload in 3 months of 100, 1.26 (0.06) where in 10."""
CALENDAR_NOISE = 0.04
"""τ, the platform's own movement of S1 in log points: the root of total less sampling variance was 0.04 on simulated
platforms whose months move together by a tenth."""


@dataclass(frozen=True, eq=False)
class Power(Shown):
    """What a method on a panel can see."""

    plot = Plot("size", "power")

    method: str
    """A key of `STATISTICS`."""
    outcome: str
    """`capped`, `counts` or `trimmed`."""
    sizes: Float
    """Relative changes of incumbents' upload rate, all below 0, shape (k,)."""
    shifts: Float
    """What the statistic makes of each, in log points, mean over the windows, shape (k,)."""
    power: Float
    """Chance to see each, by the calibrated error, shape (k,)."""
    planted: Float
    """Share of placebo windows in which it was seen when planted there, shape (k,); NaN from assumptions alone."""
    creators: tuple[int | None, ...]
    """Creators with whom each would be seen four times in five; None where no number would do."""
    detectable: float
    """Size of the statistic seen four times in five, in log points."""
    smallest: float
    """The change of rate that makes such a size, NaN where none of the sizes planted is large enough."""
    n_creators: int
    """Creators there are."""

    def summary(self) -> str:
        """Say it in plain words."""
        seen = (
            f"a fall of {-100 * self.smallest:.0f} % in incumbents' upload rate is seen four times in five"
            if np.isfinite(self.smallest)
            else f"a fall of {-100 * self.sizes.min():.0f} % in incumbents' upload rate is not seen four times in five"
        )
        chances = ", ".join(f"{100 * s:.0f} %: {p:.2f}" for s, p in zip(self.sizes, self.power, strict=True))
        opening = f"{self.method} on {self.outcome}, {self.n_creators:,} creators"
        return f"{opening}: {seen}. Power by change of rate: {chances}."

    def as_dict(self) -> dict[str, Any]:
        """Give the numbers as JSON takes them, None for NaN."""
        rows = self.table().to_pylist()
        whole = {"detectable": self.detectable, "smallest": self.smallest}
        plain = {name: value if np.isfinite(value) else None for name, value in whole.items()}
        return {"method": self.method, "outcome": self.outcome, "n_creators": self.n_creators, **plain, "sizes": rows}

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give one row a size: size, shift, power, planted, creators."""
        import pyarrow as pa

        return pa.table(
            {
                "size": self.sizes,
                "shift": self.shifts,
                "power": self.power,
                "planted": pa.array(self.planted, from_pandas=True),
                "creators": pa.array(self.creators, pa.int64()),
            }
        )


def measure_power(
    case: Case, method: str = "S1", outcome: OutcomeName = "capped", sizes: tuple[float, ...] = SIZES
) -> Power:
    """Plant changes of incumbents' upload rate in the placebo windows of a case and see how often they are found.

    Args:
        case: platform, event and windows; of the event only the standard error is looked at.
        method: a key of `STATISTICS`.
        outcome: `capped`, `counts` or `trimmed`.
        sizes: relative changes, each between −1 and 0.

    Raises:
        InputError: nothing can be planted in this method or outcome, a size is out of range, or the placebos are worth
            fewer than three independent ones.
    """
    _check(method, outcome, sizes)
    short = edge(case, outcome, case.fitting(outcome).after)
    if short:
        raise InputError("the windows around the event are not whole", why=short.reason, fix=short.needed)
    measured = METHODS[method](case, outcome)
    worth = independent(len(measured.cutoffs), measured.kernel).n_var
    if worth < FEWEST_PLACEBOS:
        raise InputError(
            "the panel's placebo windows are too few to plant effects in",
            why=f"{len(measured.cutoffs)} cutoffs are worth {worth:.1f} independent ones, and three are needed",
            fix="a longer history or a shorter window, or power from assumptions alone",
        )
    judged = calibrate(0.0, measured.se, measured.estimates, measured.errors, measured.kernel)
    shifts = np.array([_shifts(case, method, outcome, measured, size) for size in sizes])
    planted = np.array([_found(measured, measured.estimates + shift) for shift in shifts])
    return _power(method, outcome, np.array(sizes), shifts.mean(axis=1), planted, measured, judged)


def from_assumptions(
    creators: int,
    history: int,
    *,
    activity: float = 0.05,
    uploads: float = 1.7,
    noise: float = CALENDAR_NOISE,
    span: Span | None = None,
    sizes: tuple[float, ...] = SIZES,
) -> Power:
    """Say what S1 on months with an upload could see, before anything is collected.

    The creator-robust variance is taken as `DESIGN_EFFECT` times 1/O_after + 1/O_before, and the uploads of an active
    month as Fisher's logarithmic series, the law of counts whose rates differ widely between creators.

    Args:
        creators: incumbents, first seen in the look-back.
        history: complete months before the event.
        activity: share of incumbents with an upload in a month, over both windows.
        uploads: mean uploads of an active month, at least 1.
        noise: τ, the platform's own movement of S1 in log points.
        span: look-back and windows.
        sizes: relative changes of incumbents' upload rate, each between −1 and 0.

    Raises:
        InputError: an assumption is out of range, or the history too short for placebos.
    """
    span = span or Span()
    _check("S1", "capped", sizes)
    kernel = kernel_of(span.before, span.after, paired=True)
    worth = independent(max(history - span.before - span.after + 1, 0), kernel)
    if creators < 1 or not 0 < activity <= 1 or uploads < 1 or noise < 0 or worth.n_var < FEWEST_PLACEBOS:
        raise InputError(
            "power cannot be computed from these assumptions",
            why=f"creators {creators}, activity {activity}, uploads {uploads}, noise {noise}; a history of {history} "
            f"months is worth {worth.n_var:.1f} independent placebos, and three are needed",
            fix="at least one creator, activity above 0 and at most 1, uploads of 1 or more, or a longer history",
        )
    active = creators * activity * np.array([span.after, span.before])
    se = float(np.sqrt(DESIGN_EFFECT * (1 / active).sum()))
    nothing = np.zeros(0)
    measured = Measured(0.0, se, creators, nothing.astype(np.int64), nothing, nothing, kernel)
    shifts = np.log(_kept(-np.array(sizes), uploads))
    judged = _assumed(se**2, noise**2, worth)
    return _power("S1", "capped", np.array(sizes), shifts, np.full(len(sizes), np.nan), measured, judged)


def _assumed(sampling: float, calendar: float, worth: Worth) -> Calibration:
    """Give the calibration of an estimate of nought whose placebos are as noisy as itself."""
    mean_variance = (sampling + calendar) / worth.n_mean
    se = float(np.sqrt(sampling + calendar + mean_variance))
    degrees = degrees_of_freedom(sampling, calendar + mean_variance, worth.degrees, paired=True)
    return Calibration(0.0, se, 0.0, 0.0, 1.0, 1.0, 0.0, calendar, mean_variance, degrees, worth.n_mean, worth.n_var)


def _kept(lost: Float, uploads: float) -> Float:
    """Give the share of active months that keep an upload when each is lost with chance `lost`, shape (k,).

    Fisher's logarithmic series with parameter x has mean −x/((1 − x) log(1 − x)), here `uploads`, and
    E[δ^Y] = log(1 − δx)/log(1 − x) (Fisher, Corbet & Williams 1943).
    """
    from scipy.optimize import brentq

    if uploads <= 1 + 1e-6:
        return 1 - lost
    x = float(brentq(lambda x: -x / ((1 - x) * np.log1p(-x)) - uploads, 1e-9, 1 - 1e-12))
    kept: Float = 1 - np.log1p(-lost * x) / np.log1p(-x)
    return kept


def plant(case: Case, outcome: OutcomeName, cutoff: int, size: float) -> Standardised:
    """Give an outcome as it would be expected had incumbents' upload rate changed by `size` from a cutoff on.

    Args:
        case: platform and curves.
        outcome: `capped`, `counts` or `trimmed`.
        cutoff: month offset.
        size: relative change between −1 and 0.
    """
    return _planted(case, outcome, _thinned_sums(case, outcome, size), cutoff)


def _planted(case: Case, outcome: OutcomeName, thinned: Float, cutoff: int) -> Standardised:
    """Put what thinned uploads come to where incumbents' outcomes of the window after a cutoff stand."""
    standard, months = case.outcome(outcome), slice(cutoff, cutoff + case.span.after)
    counted = standard.counted.copy()
    counted[:cutoff, months] = thinned[:cutoff, months]
    return replace(standard, counted=counted)


def _thinned_sums(case: Case, outcome: OutcomeName, size: float) -> Float:
    """Add up what is left of all creators' uploads by month of entry and calendar month, (n_months, n_months)."""
    whole, found = case.outcome(outcome).outcome, np.zeros(case.sample.n_months**2)
    for block in case.sample.blocks():
        place = np.repeat(block.entry * whole.n_months, block.lengths) + block.month
        found += add_up(place, len(found), thinned(block.count.astype(np.float64), -size, outcome))
    return np.where(whole.exposed, found.reshape(whole.exposed.shape), 0.0)


def thinned(uploads: Float, lost: float, outcome: OutcomeName) -> Float:
    """Give the expected outcome of incumbents' months when each upload is lost with a given chance.

    Args:
        uploads: uploads of each month, shape (cells,).
        lost: chance to lose each, δ.
        outcome: `counts`: y(1 − δ).  `capped`: 1 − δ^y.  `trimmed`: E min(K, c) = Σ_{j<c} P(K > j) for K binomial.
    """
    if outcome == "counts":
        return uploads * (1 - lost)
    if outcome == "capped":
        return np.asarray(1 - lost**uploads)
    total, at_most, just = np.zeros(len(uploads)), np.zeros(len(uploads)), lost**uploads
    for j in range(TRIM):
        at_most = at_most + just
        total += 1 - at_most
        just = just * np.maximum(uploads - j, 0) / (j + 1) * (1 - lost) / lost
    return total


def _shifts(case: Case, method: str, outcome: OutcomeName, measured: Measured, size: float) -> Float:
    """Give what planting does to the statistic at each placebo cutoff, shape (B,)."""
    statistic, standard, thinned = STATISTICS[method], case.outcome(outcome), _thinned_sums(case, outcome, size)
    found = []
    for month in measured.cutoffs:
        cutoff = int(month) - case.sample.start
        with_effect = statistic(_planted(case, outcome, thinned, cutoff), cutoff, case.span)
        found.append(with_effect.value - statistic(standard, cutoff, case.span).value)
    return np.array(found)


def _found(measured: Measured, planted: Float) -> float:
    """Give the share of placebo cutoffs at which the planted statistic is significant against the other cutoffs.

    The others are those whose windows do not overlap; where too few of those are left, all but the cutoff itself.
    """
    seen = []
    for place, cutoff in enumerate(measured.cutoffs):
        others = np.abs(measured.cutoffs - cutoff) >= measured.kernel.reach
        if independent(int(others.sum()), measured.kernel).n_var < FEWEST_PLACEBOS:
            others = measured.cutoffs != cutoff
        estimates, errors = measured.estimates[others], measured.errors[others]
        judged = calibrate(float(planted[place]), float(measured.errors[place]), estimates, errors, measured.kernel)
        seen.append(judged.p < SIGNIFICANT)
    return float(np.mean(seen))


def _power(
    method: str, outcome: str, sizes: Float, shifts: Float, planted: Float, measured: Measured, judged: Calibration
) -> Power:
    from scipy.special import nctdtr, stdtrit

    critical = float(stdtrit(judged.degrees, 1 - SIGNIFICANT / 2))
    # A fall is seen as a fall, or (hardly ever) as a rise.
    # Beyond 20 standard errors the chance is 1, and nctdtr has no answer; nor has it for the far tail beyond 8.
    distance = np.minimum(np.abs(shifts) / judged.se, 20.0)
    chance = 1 - nctdtr(judged.degrees, distance, critical)
    chance += np.where(distance < 8, nctdtr(judged.degrees, np.minimum(distance, 8.0), -critical), 0.0)
    size = detectable(judged.se, judged.degrees)
    rising = np.argsort(-shifts)
    enough = -shifts[rising][-1] >= size
    smallest = float(np.interp(size, np.append(0, -shifts[rising]), np.append(0, sizes[rising]))) if enough else np.nan
    creators = tuple(creators_needed(measured, judged, size, float(abs(shift))) for shift in shifts)
    return Power(method, outcome, sizes, shifts, chance, planted, creators, size, smallest, measured.n_creators)


def _check(method: str, outcome: str, sizes: tuple[float, ...]) -> None:
    if method in STATISTICS and outcome in PLANTED and sizes and all(-1 < size < 0 for size in sizes):
        return
    raise InputError(
        "this effect cannot be planted",
        why=f"method {method}, outcome {outcome}, sizes {', '.join(map(str, sizes)) or 'none'}",
        fix=f"one of {', '.join(STATISTICS)} on {', '.join(PLANTED)}, and falls between -1 and 0",
    )
