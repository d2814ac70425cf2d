"""Paths: O/E month by month around a cutoff, at the event and at every placebo cutoff; what S1 and SJ add up.

A path is log O_t/E_t of each month less log ΣO/ΣE of the window before the cutoff, so that it lies about nought before
and the months from the cutoff on say when S1 (incumbents) or SJ (newcomers) came to what it is.  Sums over creators of
one month of entry are all that it needs, so every cutoff is read off two tables of entry × calendar month.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from precipice.display import Plot, Shown
from precipice.effects.case import FEWEST, Case, Span
from precipice.effects.influence import Influence, Weights
from precipice.effects.outcomes import OutcomeName
from precipice.effects.reference import Standardised
from precipice.effects.sample import Float, Index
from precipice.errors import InputError
from precipice.months import month_text

Who = Literal["incumbents", "newcomers"]
"""Incumbents: entrants of the look-back, as in S1.  Newcomers: entrants of the window before in the months before, of
the window after in those after, as in SJ; in the cutoff's own month none of the latter is at risk yet, but on
`trimmed`."""

BAND = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of the placebo paths that tables and pictures give, month by month."""


@dataclass(frozen=True, eq=False)
class Paths(Shown):
    """O/E by month around one event on one platform, among the same at placebo cutoffs.

    Numbers are in log points against the window before the cutoff; NaN where a month has no outcome or nobody at risk.
    """

    plot = Plot("offset", "path")

    platform: str
    """Name of the platform."""
    cutoff: int
    """The event's month (see `precipice.months`)."""
    who: Who
    """`incumbents` or `newcomers`."""
    outcome: str
    """`capped`, `counts` or `trimmed`."""
    offsets: Index
    """Months from the cutoff, the cutoff's own being 0, shape (T,)."""
    event: Float
    """The path at the event, shape (T,)."""
    errors: Float
    """Its creator-robust standard errors, without the platform's calendar noise, shape (T,)."""
    creators: Index
    """Creators with an upload behind each month of it, shape (T,)."""
    cutoffs: npt.NDArray[np.int64]
    """Placebo cutoffs as months, shape (B,)."""
    placebos: Float
    """The path at each placebo cutoff, shape (B, T)."""
    placebo_creators: Index
    """Creators with an upload behind each month of those, shape (B, T)."""

    def bands(self, quantiles: tuple[float, ...] = BAND) -> Float:
        """Give quantiles of the placebo paths month by month, NaN where there is none, shape (quantiles, T)."""
        found = np.full((len(quantiles), len(self.offsets)), np.nan)
        known = np.isfinite(self.placebos).any(axis=0)
        if known.any():
            found[:, known] = np.nanquantile(self.placebos[:, known], quantiles, axis=0)
        return found

    def outside(self) -> tuple[int, int, int]:
        """Count the months from the cutoff on, and those below and above nine tenths of the placebo paths."""
        low, _, _, _, high = self.bands()
        known = (self.offsets >= 0) & np.isfinite(self.event) & np.isfinite(low)
        return int(known.sum()), int((self.event < low)[known].sum()), int((self.event > high)[known].sum())

    def summary(self) -> str:
        """Say it in plain words."""
        months, below, above = self.outside()
        return (
            f"{self.platform}, {month_text(self.cutoff)}, {self.who} on {self.outcome}: of {months} months from the "
            f"cutoff on {below} lie below and {above} above nine tenths of {len(self.cutoffs)} placebo paths; one in "
            "ten lies outside where nothing happened."
        )

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give one row a month: month, offset, path, se, creators, and the quantiles of the placebo paths."""
        import pyarrow as pa

        columns: dict[str, Any] = {
            "month": [month_text(self.cutoff + offset) for offset in self.offsets.tolist()],
            "offset": self.offsets,
            "path": pa.array(self.event, from_pandas=True),
            "se": pa.array(self.errors, from_pandas=True),
            "creators": self.creators,
        }
        rows = zip(BAND, self.bands(), strict=True)
        columns |= {f"placebo_{100 * share:.0f}": pa.array(row, from_pandas=True) for share, row in rows}
        return pa.table(columns)


class _Tables(NamedTuple):
    """Sums by month of entry and calendar month, each of shape (n_months, n_months)."""

    counted: Float
    expected: Float
    active: Float


def follow(case: Case, who: Who = "incumbents", outcome: OutcomeName = "capped") -> Paths:
    """Follow O/E by month around the event and around every placebo cutoff.

    Args:
        case: platform, event and windows.
        who: whose outcomes.
        outcome: `capped`, `counts` or `trimmed`; lapses are known too late to be read by month.

    Raises:
        InputError: the outcome is `lapse`.
    """
    if outcome == "lapse":
        raise InputError(
            "lapses have no path by month", why="each is known six months late", fix="follow capped or counts"
        )
    standard, span = case.outcome(outcome), case.fitting(outcome)
    tables = _tables(standard)
    offsets = np.arange(-(span.before if who == "incumbents" else span.after), span.after)
    event, creators = _path(tables, case.event, who, span)
    found = [(cutoff, *_path(tables, cutoff, who, span)) for cutoff in case.cutoffs(outcome, span.after)]
    usable = [(cutoff, path, active) for cutoff, path, active in found if np.isfinite(path).any()]
    shape = (len(usable), len(offsets))
    return Paths(
        platform=case.sample.platform,
        cutoff=case.event + case.sample.start,
        who=who,
        outcome=outcome,
        offsets=offsets,
        event=event,
        errors=_errors(standard, case.event, who, span),
        creators=creators,
        cutoffs=np.array([cutoff for cutoff, _, _ in usable], np.int64) + case.sample.start,
        placebos=np.array([path for _, path, _ in usable], np.float64).reshape(shape),
        placebo_creators=np.array([active for _, _, active in usable], np.int64).reshape(shape),
    )


def blocks(who: Who, cutoff: int, span: Span) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Give months of entry and calendar months of the block before a cutoff and of the one from it on."""
    after = slice(cutoff, cutoff + span.after)
    if who == "incumbents":
        entries = slice(max(cutoff - span.look_back, 0), cutoff)
        return (entries, slice(cutoff - span.before, cutoff)), (entries, after)
    before = slice(max(cutoff - span.after, 0), cutoff)
    return (before, before), (after, after)


def _tables(standard: Standardised) -> _Tables:
    outcome = standard.outcome
    return _Tables(standard.counted, standard.awaited, np.where(outcome.exposed, outcome.sample.active, 0.0))


def _path(tables: _Tables, cutoff: int, who: Who, span: Span) -> tuple[Float, Index]:
    """Give the path at one cutoff and the creators behind it; NaN throughout where S1 or SJ could not be computed."""
    parts = [
        tuple(table[entries, months].sum(axis=0) for table in tables) for entries, months in blocks(who, cutoff, span)
    ]
    (before, expected, _), (after, _, _) = parts
    counted, at_risk, active = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    path = np.full(len(counted), np.nan)
    if min(before.sum(), after.sum()) >= FEWEST and expected.sum() > 0:
        known = (counted > 0) & (at_risk > 0)
        path[known] = np.log(counted[known] / at_risk[known]) - np.log(before.sum() / expected.sum())
    return path, active.astype(np.int64)


def _errors(standard: Standardised, cutoff: int, who: Who, span: Span) -> Float:
    """Give the creator-robust standard error of each month, from the influences of month and window before."""
    (entries, window), _ = blocks(who, cutoff, span)
    before = _influence(standard, entries, window)
    months = [
        _influence(standard, entered, slice(month, month + 1))
        for entered, months in blocks(who, cutoff, span)
        for month in range(months.start, months.stop)
    ]
    return np.array([np.nan if before is None or month is None else (before - month).norm for month in months])


def _influence(standard: Standardised, entries: slice, months: slice) -> Influence | None:
    """Give the creators' influences on log ΣO/ΣE of one block; None where there is no such number."""
    o, e = (table[entries, months].sum() for table in (standard.counted, standard.awaited))
    if o <= 0 or e <= 0:
        return None
    return Influence(standard, (Weights(entries, months, 1 / o, -1 / e),))
