"""The cohorts of a platform in one row each, as they may be published."""

from dataclasses import dataclass

import numpy as np

from precipice.report.publication import Line, fewest, split, total
from precipice.study.findings import Findings


@dataclass(frozen=True)
class Size:
    """One cohort, or both where one is too small to be given, on one platform."""

    platform: str
    cohort: str
    creators: int | None
    """None where there are some, but fewer than `FEWEST`."""
    uploads: int | None
    """Uploads of the months that are given; None where none is."""
    capped: int | None
    """Uploads at most the cap a month and creator, of the months that are given."""
    withheld: int
    """Months, or longer periods, whose uploads are withheld."""
    capped_withheld: int
    """The same for capped uploads."""
    first: int | None
    """First month shown, or first of a period, with an upload; None where there is none."""
    last: int | None
    """Last one."""


def cohort_sizes(findings: Findings, platform: str) -> tuple[Size, ...]:
    """Give the cohorts of a platform with their creators, uploads, first and last month.

    Raises:
        InputError: there is no such platform.
    """
    parts = [series for series in findings.cohorts if series.platform == platform]
    least = fewest(findings)
    if any(0 < series.size < least for series in parts):
        whole = next(series for series in findings.overall if series.platform == platform)
        names = " and ".join(series.cohort for series in parts)
        return (_size(names, whole.size if whole.size >= least else None, total(findings, platform), None, platform),)
    found = {(line.name, capped): line for capped in (False, True) for line in split(findings, platform, capped=capped)}
    return tuple(
        _size(name, series.size, found.get((name, False)), found.get((name, True)), platform)
        for series in parts
        for name in [series.cohort]
    )


def _size(name: str, creators: int | None, whole: Line | None, capped: Line | None, platform: str) -> Size:
    if whole is None:
        return Size(platform, name, 0, 0, 0, 0, 0, None, None)
    told = whole if capped is None else capped
    active = np.flatnonzero(told.few | ~told.given | (told.value > 0))
    first, last = (int(told.start[active[0]]), int(told.end[active[-1]])) if len(active) else (None, None)
    withheld = (int((~whole.given).sum()), 0 if capped is None else int((~capped.given).sum()))
    limited = None if capped is None else capped.uploads
    return Size(platform, name, creators, whole.uploads, limited, *withheld, first, last)
