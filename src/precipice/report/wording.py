"""Words that figures, tables and sentences share."""

import re
from collections.abc import Sequence

from precipice.cohorts import Vintage, vintage_name
from precipice.months import month_text
from precipice.report.publication import FEWEST, Line, fewest
from precipice.study.findings import Findings


def number(count: int, noun: str) -> str:
    """Write a number with its noun: `1 artist`, `1,250 artists`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def people(findings: Findings, count: int | None) -> str:
    """Write a number of creators in the study's unit; `fewer than 5` where it may not be given."""
    unit = findings.study.study.unit
    if count is None or 0 < count < fewest(findings):
        return f"fewer than {FEWEST} {unit}s"
    return number(count, unit)


def everybody(findings: Findings) -> str:
    """Write the number of creators; of platforms with too few to tell, none is in it, and it is the least there are."""
    counts = {series.platform: series.size for series in findings.overall}
    told = [count for count in counts.values() if count >= fewest(findings)]
    total = people(findings, sum(told)) if told else people(findings, None)
    return total if len(told) == sum(map(bool, counts.values())) or not told else f"at least {total}"


def capped_uploads(findings: Findings) -> str:
    """Say what `capped` counts."""
    study = findings.study.study
    return f"uploads a month, at most {'one' if study.cap == 1 else study.cap} an {study.unit}"


def cohort_rule(findings: Findings, cohort: str) -> str:
    """Say in few words who belongs to a cohort."""
    cutoff = month_text(findings.study.study.cutoff)
    return {"senior": f"first upload before {cutoff}", "junior": f"first upload in {cutoff} or later"}.get(cohort, "")


def plural(cohort: str) -> str:
    """Name the members of a cohort."""
    return f"{cohort}s" if cohort in ("senior", "junior") else cohort


def span(months: tuple[int, int]) -> str:
    """Write a first and a last month."""
    return month_text(months[0]) if months[0] == months[1] else f"{month_text(months[0])} to {month_text(months[1])}"


def listed(words: Sequence[str], most: int = 6) -> str:
    """Write a list in a sentence; a long one is cut, and says by how many."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} and {len(words) - most + 1} more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def period_name(line: Line, index: int) -> str:
    """Name the months that a number covers: `2021-05`, `2021-Q2`, `2021`."""
    vintage: Vintage = {1: "month", 3: "quarter", 12: "year"}[line.period]  # type: ignore[assignment]
    return vintage_name(int(line.start[index]) // line.period, vintage)


def amount(value: float) -> str:
    """Write a mean: whole from ten on, with one decimal below."""
    return f"{value:,.0f}" if value >= 9.95 or value == round(value) else f"{value:.1f}"


def planted(findings: Findings) -> str | None:
    """Give what was planted in a simulated population, each sentence once and without saying again that it is one."""
    if findings.simulated is None:
        return None
    rest = re.sub(r"Simulated, not measured \([^)]*\)\.", "", findings.simulated)
    sentences = dict.fromkeys(part.strip() for part in re.split(r"(?<=\.)\s+", rest) if part.strip())
    return " ".join(sentences) or findings.simulated


def stem(findings: Findings, platform: str) -> str:
    """Give a platform's part of a file name: letters, digits and hyphens; two platforms never share one."""
    slugs = [
        re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "platform" for name in findings.panel.platforms
    ]
    index = findings.panel.platforms.index(platform)
    twins = slugs[:index].count(slugs[index])
    return f"{slugs[index]}-{twins + 1}" if slugs.count(slugs[index]) > 1 else slugs[index]
