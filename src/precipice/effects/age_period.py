"""Age + period Poisson: the jump of the cohort effect at the cutoff.

Cells are cohort × month with offset log n; tenure and calendar month are factors, and the effect is the coefficient of
1[c < T0]·1[t ≥ T0].  With cohort effects it would be exactly collinear (no newcomer exists before the event); with
tenure and period it is identified, and a linear drift of cohorts is absorbed.  Standard errors are clustered by cohort
of entry.  The fit is statsmodels'.
"""

from dataclasses import dataclass
from math import nan

import numpy as np

from precipice.effects.calibration import kernel_of
from precipice.effects.case import FEWEST, Case, Measured
from precipice.effects.outcomes import Outcome, OutcomeName
from precipice.effects.sample import Float, Index, add_up
from precipice.errors import CheckError, MissingExtraError


@dataclass(frozen=True, eq=False)
class Cells:
    """Cohort × month cells at risk, each array of shape (cells,)."""

    entry: Index
    """Month of entry."""
    month: Index
    """Calendar month."""
    creators: Float
    """Creators of the cohort."""
    total: Float
    """Sum of their outcome."""


def measure(case: Case, outcome: OutcomeName = "capped") -> Measured:
    """Fit the model on the cohorts of the look-back and the newcomers.

    Raises:
        MissingExtraError: statsmodels is not installed.
        CheckError: the effect is not identified on these cells.
    """
    cells = cohort_cells(case.outcome(outcome).outcome, case)
    after, newcomers = cells.month >= case.event, cells.entry >= case.event
    if min(cells.total[side].sum() for side in (newcomers, after & ~newcomers, ~after)) < FEWEST:
        estimate, se, clusters = nan, nan, 2
    else:
        estimate, se, clusters = fit(cells, case.event)
    creators = case.sample.entrants[int(cells.entry.min()) : int(cells.entry.max()) + 1]
    empty = np.zeros(0)
    return Measured(
        estimate, se, int(creators.sum()), empty.astype(np.int64), empty, empty, kernel_of(0, case.span.after),
        degrees=float(clusters - 1), after=case.span.after,
    )  # fmt: skip


def cohort_cells(outcome: Outcome, case: Case) -> Cells:
    """Add the outcome up by month of entry and calendar month, from the look-back to the end of the window."""
    size, first, stop = outcome.n_months, max(case.event - case.span.look_back, 0), case.event + case.span.after
    entrants = outcome.sample.entrants.astype(np.float64)
    entry, month = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    age = month - entry
    at_risk = (age >= 1) & (age <= outcome.oldest) & outcome.usable[month] & (entrants[entry] > 0)
    at_risk &= (entry >= first) & (month < stop)
    return Cells(entry[at_risk], month[at_risk], entrants[entry[at_risk]], outcome.counted[at_risk])


def design(cells: Cells, event: int) -> Float:
    """Give the columns: exposed × post first, then a dummy for each tenure and each month but the first month.

    Shape (cells, 1 + tenures + months − 1).
    """
    exposed = (cells.entry < event) & (cells.month >= event)
    columns = [exposed[:, None].astype(np.float64), _dummies(cells.month - cells.entry), _dummies(cells.month)[:, 1:]]
    X: Float = np.concatenate(columns, axis=1)
    return X


def fit(cells: Cells, event: int) -> tuple[float, float, int]:
    """Fit the Poisson model; tenures or months in which nothing happened are left out, for they have no estimate.

    Returns:
        the coefficient in log points, its clustered standard error, and the number of clusters.

    Raises:
        MissingExtraError: statsmodels is not installed.
        CheckError: the design has not full rank.
    """
    try:
        import statsmodels.api as sm  # type: ignore[import-untyped]
    except ImportError as missing:
        raise MissingExtraError("statsmodels", "effects") from missing
    cells = _lively(cells)
    X = design(cells, event)
    rank = int(np.linalg.matrix_rank(X))
    if rank < X.shape[1] or len(np.unique(cells.entry >= event)) < 2:
        raise CheckError(
            "the age + period model is not identified on these cells",
            why=f"its {X.shape[1]} columns have rank {rank}",
            fix="a longer look-back, or newcomers after the event",
        )
    model = sm.GLM(cells.total, X, family=sm.families.Poisson(), offset=np.log(cells.creators))
    found = model.fit(cov_type="cluster", cov_kwds={"groups": cells.entry}, use_t=True)
    return float(found.params[0]), float(found.bse[0]), len(np.unique(cells.entry))


def _lively(cells: Cells) -> Cells:
    age = cells.month - cells.entry
    while True:
        kept = (add_up(age, int(age.max()) + 1, cells.total)[age] > 0) & (
            add_up(cells.month, int(cells.month.max()) + 1, cells.total)[cells.month] > 0
        )
        if kept.all() or not kept.any():
            return cells
        cells = Cells(cells.entry[kept], cells.month[kept], cells.creators[kept], cells.total[kept])
        age = age[kept]


def _dummies(level: Index) -> Float:
    dummies: Float = (level[:, None] == np.unique(level)[None, :]).astype(np.float64)
    return dummies
