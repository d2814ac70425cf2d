"""Tags by cohort: how often the uploads of seniors and of juniors carry each, on every platform."""

from collections.abc import Mapping, Sequence

import numpy as np

from precipice.archive import TagCounts
from precipice.cohorts import Cohort
from precipice.panel import Panel
from precipice.profiles.tag_sums import count_uses, rows_on
from precipice.supply import CohortTags

TagsOf = Mapping[str, CohortTags]
"""By platform."""


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
        rates.append(np.minimum(count_uses(rows, members) / max(uploads, 1.0), 1.0))
    return CohortTags(tuple(cohort.name for cohort in cohorts), np.array(rates))
