"""What naive readings would say of the seniors of one platform at one event: shown beside ours, each marked as naive.

Seniors (first upload before a cutoff) are closed to newcomers and can only stop; juniors can only arrive.  So seniors
fall and juniors rise whether or not anything happened, and most of these readings find an effect where there is none.
They look at the paper's window: from a year before the cutoff to the last complete month (Porres & Gomez-Villa, 2024).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from precipice.display import Plot, Shown, Together
from precipice.effects.effect import SIGNIFICANT
from precipice.effects.naive_creators import last_seen, two_way, within_creators
from precipice.effects.naive_series import Finding, means, quasi_poisson, segmented, structural, trends
from precipice.effects.sample import Float, Index, add_up
from precipice.errors import InputError
from precipice.months import month_text
from precipice.panel import Bool, Panel
from precipice.tallies import parts

LEAD = 12
"""Months before the cutoff at which the window begins: the paper's runs from 2021-01, its cutoff is 2022-01."""
SHORTEST = 8
"""Months on either side of the event with which the longest of the models can still be fitted."""

CLOSED = "seniors are a closed cohort: some stop every month and nobody joins"


@dataclass(frozen=True)
class Naive(Shown):
    """What one naive reading says of one platform and event; it is no estimate of what the event did."""

    plot = Plot("estimate", "name", kind="bars")

    name: str
    """The reading, in a few words."""
    says: str
    """What one would write who believed it."""
    p: float
    """Its p-value; NaN where it cannot be computed."""
    estimate: float
    """Relative change of what it looks at: −0.2 is a fifth less."""
    why_it_misleads: str
    """Why it may find an effect where there is none."""

    @property
    def found(self) -> bool:
        """True where it claims a change at 5 %."""
        return self.p < SIGNIFICANT

    def summary(self) -> str:
        """Say it in plain words, marked as naive."""
        return f"Naive ({self.name}): {self.says}. It misleads: {self.why_it_misleads}."

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give the reading as one row: name, says, p, estimate, why_it_misleads."""
        return table([self])


def table(readings: Iterable[Naive]) -> Any:  # noqa: ANN401  a pyarrow.Table
    """Give one row a reading."""
    import pyarrow as pa

    rows = [{name: _null(value) for name, value in vars(naive).items()} for naive in readings]
    texts = [("name", pa.string()), ("says", pa.string()), ("p", pa.float64()), ("estimate", pa.float64())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*texts, ("why_it_misleads", pa.string())]))


@dataclass(frozen=True, eq=False)
class Months:
    """The window of one platform: who was active when, from a year before the cutoff on."""

    seniors: Float
    """Seniors with an upload, by month, shape (months,)."""
    juniors: Float
    """Juniors with an upload, by month, shape (months,)."""
    cutoff: int
    """Offset of the month that parts seniors from juniors."""
    event: int
    """Offset of the event's month."""
    of_year: Index
    """Month of the year of each, 0 for January, shape (months,)."""
    senior: Bool
    """Creators first seen before the cutoff, shape (n,)."""
    entry: Index
    """Month of first upload as an offset, below 0 where before the window, shape (n,)."""
    last: Index
    """Month of last upload as an offset, shape (n,)."""
    before: Float
    """Months of the window with an upload before the event, shape (n,)."""
    after: Float
    """The same from the event on, shape (n,)."""


def read_naively(panel: Panel, platform: str, cutoff: int, event_month: int, *, lead: int = LEAD) -> tuple[Naive, ...]:
    """Read the seniors of one platform naively, in ten ways.

    Args:
        panel: uploads by creator and month.
        platform: one of its platforms.
        cutoff: first month of the juniors (see `precipice.months`).
        event_month: the event's month, not before the cutoff.
        lead: months before the cutoff at which the window begins.

    Raises:
        InputError: there is no such platform, or the months around the event are too few.
        MissingExtraError: statsmodels is not installed.
    """
    m = months_of(panel.only(platform), cutoff, event_month, lead)
    n_before, n_after = m.event, len(m.seniors) - m.event
    whole = np.maximum(m.entry, 0)
    watched = (np.maximum(n_before - whole, 0)[m.senior], (len(m.seniors) - np.maximum(whole, n_before))[m.senior])
    fell = "seniors' months with an upload changed by {:+.0f} % at the event"
    return Together((
        _naive("trends", trends(m.seniors[m.cutoff :], m.juniors[m.cutoff :]),
               "seniors' months with an upload run at {:+.0f} % a year while juniors' rise",
               f"{CLOSED}, while juniors can only arrive"),
        _naive("means", means(m.seniors, m.event),
               "seniors' months with an upload lie {:+.0f} % from those before", CLOSED),
        _naive("segmented", segmented(m.seniors, m.event), fell,
               "a line does not follow the bend from joining to leaving, and months are not independent"),
        _naive("segmented, seasons", segmented(m.seniors, m.event, of_year=m.of_year, lags=3), fell,
               "so many terms on so few months leave errors that look too small"),
        _naive("quasi-Poisson", quasi_poisson(m.seniors, m.event), fell,
               "a steady trend does not follow the bend from joining to leaving"),
        _naive("local level", structural(m.seniors, m.event, trend=False), fell,
               "the forecast is level, seniors are not, and its band soon holds everything"),
        _naive("local linear trend", structural(m.seniors, m.event, trend=True), fell,
               "it keeps its error rate only by hardly ever seeing anything"),
        _naive("creator effects", within_creators(m.before[m.senior], watched[0], m.after[m.senior], watched[1]),
               "the same seniors' months with an upload changed by {:+.0f} %",
               "each creator's tenure grows with the calendar"),
        _naive("two-way effects", two_way(m.before / n_before, m.after / n_after, m.senior),
               "seniors' months with an upload lie {:+.0f} % from what juniors' let one expect",
               "juniors were not there before, so their arrival counts as seniors' loss"),
        _naive("last seen", last_seen(m.entry[m.senior], m.last[m.senior], m.event, len(m.seniors)),
               "seniors' hazard of leaving changed by {:+.0f} %",
               "whoever pauses at the end of the record looks gone, so exits crowd there"),
    ))  # fmt: skip


def months_of(panel: Panel, cutoff: int, event_month: int, lead: int = LEAD) -> Months:
    """Count seniors and juniors by month of the window.

    Args:
        panel: one platform.
        cutoff: first month of the juniors.
        event_month: the event's month.
        lead: months before the cutoff at which the window begins.

    Raises:
        InputError: the cutoff is after the event, or too few months lie on a side of it.
    """
    window = panel.windows[0]
    first, stop = max(cutoff - lead, window.first), window.last_complete + 1
    if cutoff > event_month or event_month - first < SHORTEST or stop - event_month < SHORTEST:
        raise InputError(
            "the months do not allow the naive readings",
            why=f"the cutoff is {month_text(cutoff)}, the event {month_text(event_month)}, and the window would run "
            f"from {month_text(first)} to {month_text(stop - 1)}",
            fix=f"a cutoff before the event, and {SHORTEST} months on either side of it",
        )
    senior, size, event = panel.first < cutoff, stop - first, event_month - first
    by_side, before, after = np.zeros((2, size)), np.zeros(len(panel)), np.zeros(len(panel))
    for part in parts(panel):
        limits = panel.indptr[part.start : part.stop + 1]
        month = panel.month[limits[0] : limits[-1]].astype(np.int64) + (panel.start - first)
        inside, starts = (month >= 0) & (month < size), limits[:-1] - limits[0]
        side = np.repeat(np.where(senior[part], 0, size), np.diff(limits))
        by_side += add_up((side + month)[inside], 2 * size).reshape(2, size)
        before[part] = np.add.reduceat(inside & (month < event), starts, dtype=np.float64)
        after[part] = np.add.reduceat(inside & (month >= event), starts, dtype=np.float64)
    return Months(
        seniors=by_side[0],
        juniors=by_side[1],
        cutoff=cutoff - first,
        event=event,
        of_year=np.arange(first, stop) % 12,
        senior=senior,
        entry=panel.first.astype(np.int64) - first,
        last=panel.last.astype(np.int64) - first,
        before=before,
        after=after,
    )


def _naive(name: str, finding: Finding, words: str, why: str) -> Naive:
    if not isfinite(finding.p):
        return Naive(name, "it cannot be computed here", finding.p, finding.estimate, why)
    said = (
        words.format(100 * finding.estimate) if isfinite(finding.estimate) else "a change, against a line below nought"
    )
    said = said if finding.p < SIGNIFICANT else "nothing to be seen"
    return Naive(name, f"{said} (p = {finding.p:.3f})", finding.p, finding.estimate, why)


def _null(value: object) -> object:
    return None if isinstance(value, float) and not isfinite(value) else value
