"""The section `diversity`: effective numbers of tags, the top tag, concentration and turnover, by cohort and year."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.archive import TagCounts, sample_tags
from precipice.cohorts import everyone
from precipice.display import Plot, Shown
from precipice.errors import InputError
from precipice.months import month_text
from precipice.profiles.diversity import NORMAL, YEAR, Diversity, measure_diversity
from precipice.profiles.novelty import Novelty, measure_novelty
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.profiling.asked import Asked
from precipice.study.profiling.themes import Unasked, open_tags, tag_rules

if TYPE_CHECKING:
    import pyarrow as pa


EACH = 400
"""Uploads drawn of each platform and month, to measure novelty on."""


@dataclass(frozen=True, eq=False)
class DiversityProfile(Shown):
    """Diversity of a study's cohorts, a row for each platform, cohort and year."""

    plot = Plot("from", "hill1", "hill1_low", "hill1_high", by="cohort", rows="platform")

    found: tuple[Diversity, ...]
    """Where there are enough creators."""
    unasked: tuple[Unasked, ...]
    """Platforms of which nothing can be said, `event` empty."""
    novelty: tuple[Novelty, ...]
    """Novelty of a sample of uploads, a row for each platform, cohort and month."""
    tags_left_out: int
    """Rare tags that were not counted: with any, numbers of order 0 are too small."""

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give a row for each platform, cohort and year, for reading."""
        for one in self.found:
            spans = ["{:,.0f} ({:,.0f}–{:,.0f})".format(one.hill[order], *one.limits(order)) for order in (0, 1, 2)]
            yield {
                "platform": one.platform,
                "cohort": one.cohort,
                "year": f"{one.start // 12}",
                "artists": one.creators,
                "tags": spans[0],
                "common": spans[1],
                "dominant": spans[2],
                "top tag": one.top,
                "its share": f"{100 * one.top_share:.1f} ± {196 * one.top_se:.1f} %" if one.top else "–",
                "Gini": one.gini,
                "turnover": "–" if isnan(one.turnover) else f"{one.turnover:.3f} ± {NORMAL * one.turnover_se:.3f}",
                "by chance": "–" if isnan(one.turnover) else f"{one.turnover_by_chance:.3f}",
            }

    def table(self) -> "pa.Table":
        """Give a row for each platform, cohort and year with all numbers."""
        import pyarrow as pa

        return pa.Table.from_pylist([one.as_dict() for one in self.found])

    def as_dict(self) -> dict[str, Any]:
        """Give everything, as JSON takes it."""
        return {
            "years": [one.as_dict() for one in self.found],
            "novelty": [one.as_dict() for one in self.novelty],
            "unasked": [vars(one) for one in self.unasked],
            "tags_left_out": self.tags_left_out,
        }

    def summary(self) -> str:
        """Say for each platform and cohort whether tags became fewer and whether one dominates."""
        lines = [_told(rows) for rows in self.series()]
        lines += [_novelty_told(rows) for rows in _novelties(self.novelty)]
        if self.tags_left_out:
            lines.append(f"{self.tags_left_out:,} rarer tags were left out: numbers of order 0 are too small.")
        lines += [f"{one.platform}: cannot tell: {one.reason}" for one in self.unasked]
        lines.append(
            "Tags are what platforms and fans write, not styles: a style that nobody tags is not seen here, and a tag "
            "that comes into use is not a new style."
        )
        return "\n".join(lines)

    def series(self) -> list[list[Diversity]]:
        """Give the years of each platform and cohort, in order."""
        keys = dict.fromkeys((one.platform, one.cohort) for one in self.found)
        return [[one for one in self.found if (one.platform, one.cohort) == key] for key in keys]


def _novelties(found: tuple[Novelty, ...]) -> list[list[Novelty]]:
    """Give the months of each platform and cohort that span two years or more, in order."""
    keys = dict.fromkeys((one.platform, one.cohort) for one in found)
    parts = [[one for one in found if (one.platform, one.cohort) == key] for key in keys]
    return [part for part in parts if len(part) >= 2 * YEAR]


def _novelty_told(rows: list[Novelty]) -> str:
    """Compare the first and the last year: their mean, and the share of that which errors over artists explain."""
    means, errors = [], []
    for part in (rows[:YEAR], rows[-YEAR:]):
        means.append(sum(one.average for one in part) / len(part))
        errors.append(sqrt(sum(one.average_se**2 for one in part)) / len(part))
    clear = abs(means[1] - means[0]) > NORMAL * sqrt(errors[0] ** 2 + errors[1] ** 2)
    change = ("rose" if means[1] > means[0] else "fell") if clear else "did not clearly change"
    name = rows[0].cohort if rows[0].cohort == "all" else rows[0].cohort + "s"
    return (
        f"{rows[0].platform}, {name}: the novelty of an upload's tags against earlier uploads {change}, on average "
        f"{means[0]:.2f} in the year from {month_text(rows[0].month)} and {means[1]:.2f} in that to "
        f"{month_text(rows[-1].month)} (0: known together, 1: never seen)."
    )


def _told(rows: list[Diversity]) -> str:
    first, last = rows[0], rows[-1]
    name = f"{last.platform}, {last.cohort if last.cohort == 'all' else last.cohort + 's'}"
    top = (
        "no tag is of five artists"
        if not last.top
        else (
            f"the most used tag of {last.start // 12}, {last.top}, is {100 * last.top_share:.1f} % of an artist's tags "
            f"(± {196 * last.top_se:.1f})"
        )
    )
    if len(rows) == 1:
        return f"{name}: common tags in {last.start // 12}: {last.hill[1]:,.0f}; {top}."
    apart = first.limits(1)[0] > last.limits(1)[1], first.limits(1)[1] < last.limits(1)[0]
    change = "fell" if apart[0] else "rose" if apart[1] else "did not clearly change"
    return (
        f"{name}: common tags {change}, {first.hill[1]:,.0f} in {first.start // 12} and {last.hill[1]:,.0f} in "
        f"{last.start // 12} at a coverage of {100 * last.standard:.0f} %; {top}."
    )


def profile_diversity(asked: Asked) -> DiversityProfile:
    """Profile the diversity of a study's cohorts; rules for tags are those of the section `themes`.

    Raises:
        InputError: a file of rules cannot be read, or no upload has a tag.
    """
    return diversity_of(asked, open_tags(asked))


def measured_novelty(asked: Asked) -> tuple[Novelty, ...]:
    """Measure the novelty of a random sample of a study's uploads."""
    study = asked.study
    asked.progress("draw uploads and compare them with earlier ones", None)
    sample = sample_tags(
        asked.folder / ARCHIVE, tag_rules(asked), each=EACH, seed=study.study.seed, clock=study.study.clock,
        limits=limits_of(study, asked.folder),
    )  # fmt: skip
    rng = np.random.default_rng(study.study.seed)
    cohorts = (*asked.cohorts, *everyone(asked.panel))
    platforms = asked.panel.platforms
    return tuple(
        one
        for name in platforms
        for one in measure_novelty(asked.panel, sample, cohorts, name, rng=rng, seed=study.study.seed)
    )


def diversity_of(asked: Asked, counts: TagCounts) -> DiversityProfile:
    """Measure every platform; one with too few creators with tags is kept with its reason."""
    found: list[Diversity] = []
    unasked = []
    for platform in asked.panel.platforms:
        asked.progress(f"measure diversity on {platform}", None)
        try:
            found += measure_diversity(
                asked.panel, counts, (*asked.cohorts, *everyone(asked.panel)), platform, seed=asked.study.study.seed
            )
        except InputError as error:
            unasked.append(Unasked(platform, "", f"{error.what}: {error.why}."))
    return DiversityProfile(tuple(found), tuple(unasked), measured_novelty(asked), counts.tags_left_out)
