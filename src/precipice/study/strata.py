"""Tags by cohort: how often the uploads of seniors and of juniors carry each, on every platform."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from precipice.archive import TagCounts
from precipice.cohorts import Cohort
from precipice.panel import Bool, Panel
from precipice.profiles.tag_sums import TagRows, rows_on
from precipice.supply import CohortTags

TagsOf = Mapping[str, CohortTags]
"""By platform."""
BLOCK = 100_000
"""Creators' months at a time."""


def tags_by_cohort(panel: Panel, cohorts: Sequence[Cohort], counts: TagCounts | None) -> TagsOf:
    """Give the tags of each platform's cohorts over all months; no platform where there are no tags.

    Args:
        panel: creators and their uploads.
        cohorts: disjoint groups of its creators.
        counts: their tags; None where there are none.
    """
    if counts is None:
        return {}
    return {name: _on(panel, cohorts, counts, name) for name in panel.platforms if name in counts.platforms}


def _on(panel: Panel, cohorts: Sequence[Cohort], counts: TagCounts, platform: str) -> CohortTags:
    part, on, rows = panel.only(platform), panel.on(platform), rows_on(panel, counts, platform)
    rates = []
    for cohort in cohorts:
        members = cohort.members[on]
        uploads = float(part.count[members[part.row]].sum())
        rates.append(np.minimum(_carried(rows, members) / max(uploads, 1.0), 1.0))
    return CohortTags(tuple(cohort.name for cohort in cohorts), np.array(rates))


def _carried(rows: TagRows, members: Bool) -> npt.NDArray[np.float64]:
    """Count the uploads of some creators that carry each tag, shape (K,)."""
    counts, chosen = rows.counts, rows.rows[members[rows.creator]]
    lengths, total = np.diff(counts.indptr), np.zeros(len(counts.tags))
    for low in range(0, len(chosen), BLOCK):
        some = chosen[low : low + BLOCK]
        starts, many = counts.indptr[some], lengths[some]
        cells = np.repeat(starts - np.concatenate([[0], np.cumsum(many)[:-1]]), many) + np.arange(many.sum())
        total += np.bincount(counts.tag[cells], counts.count[cells], len(total))
    return total
