"""Shares of uploads by cohort and month: declared AI, opted out, and tags that mention a mark."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.cohorts import Cohort
from precipice.errors import InputError
from precipice.months import month_text
from precipice.profiles.correction import Accuracy, Corrected, correct_shares
from precipice.profiles.labels import Labels, Whole
from precipice.profiles.ratios import Float, Sums, effective_size, interval_of_ratio, sums
from precipice.profiles.rules import NOTHING, Rule
from precipice.profiles.words import MARKS

if TYPE_CHECKING:
    import pyarrow as pa

MEASURES: Mapping[str, str] = {
    "declared": "declared as made with a generative model",
    "opted_out": "opted out of training",
} | {name: f"have tags that mention {mark.label}" for name, mark in MARKS.items()}
"""What a share may be of, in words."""


@dataclass(frozen=True, eq=False)
class Share:
    """The share of one cohort's uploads on one platform of which something is said, by month."""

    platform: str
    cohort: str
    measure: str
    """A key of `MEASURES`."""
    rule: Rule
    """The platform's label."""
    months: npt.NDArray[np.int32]
    """First month of each period, as in `precipice.months`, shape (T,)."""
    uploads: Whole
    """All uploads, shape (T,)."""
    unsaid: Whole
    """Of them those that are in no share: nobody asked, or no tag to read, shape (T,)."""
    monthly: Sums
    """Uploads of which it is said (y) and those asked (n), by month, shape (T,)."""
    whole: Sums
    """The same over all months, shape (1,)."""
    complete: npt.NDArray[np.bool_]
    """Whether the platform was observed throughout the month, shape (T,)."""
    corrected: Corrected | None = None
    """Shares behind those of a label that errs, by month, shape (T,); None where no accuracy was stated."""
    corrected_whole: Corrected | None = None
    """The same over all months, shape (1,)."""
    period: int = 1
    """Months of a period: 1, 3 or 12; the above speaks of months and means periods."""

    @property
    def value(self) -> Float:
        """The share, shape (T,); not a number where nobody was asked."""
        return self.monthly.ratio

    @property
    def says_nothing(self) -> bool:
        """Whether no upload of the cohort was asked."""
        return not bool(self.whole.n[0] > 0)

    def interval(self, level: float = 0.95) -> tuple[Float, Float]:
        """Give lower and upper limits over creators, each of shape (T,) (see `ratios.interval_of_ratio`)."""
        return interval_of_ratio(self.monthly, level)

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row a month."""
        low, high = self.interval()
        for t, month in enumerate(self.months.tolist()):
            row: dict[str, object] = {
                "platform": self.platform, "cohort": self.cohort, "measure": self.measure, "month": month_text(month),
                "uploads": int(self.uploads[t]), "asked": int(self.monthly.n[t]), "said": int(self.monthly.y[t]),
                "unsaid": int(self.unsaid[t]), "share": _plain(self.value[t]), "low": _plain(low[t]),
                "high": _plain(high[t]),
            }  # fmt: skip
            if self.corrected is not None:
                row |= {name: _plain(values[t]) for name, values in _named(self.corrected)}
            yield row

    def table(self) -> "pa.Table":
        """Give a row a month."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def as_dict(self) -> dict[str, Any]:
        """Give the share over all months with its rule, as JSON takes it."""
        low, high = interval_of_ratio(self.whole)
        more: dict[str, Any] = {}
        if self.corrected_whole is not None:
            more = {name: _plain(values[0]) for name, values in _named(self.corrected_whole)} | {
                "sensitivity": str(self.corrected_whole.sensitivity),
                "specificity": str(self.corrected_whole.specificity),
                "clipped": bool(self.corrected_whole.clipped[0]),
            }
        return {
            "platform": self.platform, "cohort": self.cohort, "measure": self.measure,
            "uploads": int(self.uploads.sum()), "asked": int(self.whole.n[0]), "said": int(self.whole.y[0]),
            "unsaid": int(self.unsaid.sum()), "creators": int(self.whole.creators[0]),
            "share": _plain(self.whole.ratio[0]), "low": _plain(low[0]), "high": _plain(high[0]), **more,
        }  # fmt: skip

    def summary(self) -> str:
        """Say it in one sentence, the unsaid first where that is all there is."""
        who = f"{self.platform}, {self.cohort}"
        uploads = int(self.uploads.sum())
        if self.says_nothing:
            words = NOTHING if self.measure in ("declared", "opted_out") else "no tag was read"
            return f"{who}: {words} of its {uploads:,} uploads."
        told = self.as_dict()
        words = (
            f"{who}: {told['said']:,} of {told['asked']:,} uploads {MEASURES[self.measure]}, "
            f"{_percent(told['share'])} ({_percent(told['low'])} to {_percent(told['high'])} over creators)"
        )
        if told["unsaid"]:
            words += f"; {told['unsaid']:,} more say nothing"
        if self.corrected_whole is not None:
            words += (
                f"; if the label finds {told['sensitivity']} of such works and leaves {told['specificity']} of the "
                f"others alone, {_percent(told['corrected'])} ({_percent(told['corrected_low'])} to "
                f"{_percent(told['corrected_high'])})"
            )
            if told["clipped"]:
                many = "fewer than the label's errors alone would make" if told["corrected"] == 0 else "too many for it"
                words += f", the nearest that is possible: the labels are {many}"
        return words + "."


def measure_shares(  # the arguments of a share
    labels: Labels,
    cohorts: Sequence[Cohort],
    measure: str = "declared",
    *,
    sensitivity: Accuracy | None = None,
    specificity: Accuracy | None = None,
    rng: np.random.Generator | None = None,
    period: int = 1,
) -> tuple[Share, ...]:
    """Measure a share by platform, cohort and month.

    Args:
        labels: what the uploads of a panel declare.
        cohorts: groups of the panel's creators; they may overlap.
        measure: a key of `MEASURES`.
        sensitivity, specificity: how often the label is right, to correct `declared`; None for no correction.
        rng: source of chance of the correction's limits.
        period: months that are taken together: 1, or whole quarters (3) or years (12) of the calendar.

    Returns:
        A share for each platform and cohort, every period present.

    Raises:
        InputError: no such measure, or the label says nothing by its accuracy.
    """
    y, n = _counted(labels, measure)
    panel, row = labels.panel, labels.panel.row
    at = (panel.month.astype(np.int64) + panel.start) // period - panel.start // period
    months = np.arange(panel.start // period, panel.end // period + 1, dtype=np.int32) * period
    span, found = len(months), []
    for index, platform in enumerate(panel.platforms):
        window = panel.windows[index]
        complete = (months + period - 1 <= window.last_complete) & (months >= window.first + window.truncated_first)
        for cohort in cohorts:
            cells = cohort.members[row] & (panel.platform[row] == index)
            uploads = np.bincount(at[cells], panel.count[cells], minlength=span).astype(np.int64)
            asked = np.bincount(at[cells], n[cells], minlength=span).astype(np.int64)
            parts = (y[cells], n[cells], row[cells])
            by_period, whole = _by_creator(*parts, at[cells], span), _by_creator(*parts, np.zeros_like(at[cells]), 1)
            found.append(
                Share(
                    platform, cohort.name, measure, labels.rules[index], months, uploads, uploads - asked, by_period,
                    whole, complete, period=period,
                )
            )  # fmt: skip
    if measure != "declared" or sensitivity is None or specificity is None:
        return tuple(found)
    return tuple(_with_correction(share, sensitivity, specificity, rng) for share in found)


def _counted(labels: Labels, measure: str) -> tuple[Whole, Whole]:
    """Give the uploads of which a measure is said, and those asked, each of the shape of the panel's cells."""
    if measure == "declared":
        return labels.yes, labels.asked
    if measure == "opted_out":
        return labels.opted_out, labels.opted_out + labels.not_opted_out
    if measure not in labels.mentions:
        raise InputError(
            f"there is no measure '{measure}'", why=f"there are {', '.join(MEASURES)}", fix="name one of those"
        )
    return labels.mentions[measure], labels.tagged


def _by_creator(y: Whole, n: Whole, row: npt.NDArray[np.int32], at: Whole, span: int) -> Sums:
    """Add up each creator's months of a period first: it is creators who are drawn."""
    pairs, place = np.unique(row.astype(np.int64) * span + at, return_inverse=True)
    each = [np.bincount(place, part, minlength=len(pairs)) for part in (y, n)]
    return sums(each[0], each[1], pairs % span, span)


def _with_correction(
    share: Share, sensitivity: Accuracy, specificity: Accuracy, rng: np.random.Generator | None
) -> Share:
    rng = rng or np.random.default_rng(0)
    return replace(
        share,
        corrected=correct_shares(share.monthly.ratio, effective_size(share.monthly), sensitivity, specificity, rng),
        corrected_whole=correct_shares(share.whole.ratio, effective_size(share.whole), sensitivity, specificity, rng),
    )


def _named(found: Corrected) -> tuple[tuple[str, Float], ...]:
    return (("corrected", found.value), ("corrected_low", found.low), ("corrected_high", found.high))


def _plain(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
