"""What an event did, as the page shows it: a verdict for each platform and event, and the numbers behind it."""

import re
from collections.abc import Mapping
from math import isfinite

from precipice.effects import OUTCOME_WORDS, Effect, judge
from precipice.report.grids import Grid
from precipice.report.look import platform_name
from precipice.report.publication import rounded
from precipice.report.tables import FEW
from precipice.report.words import verdict_sentence
from precipice.study.findings import Findings


def verdict_grids(findings: Findings) -> tuple[Grid, ...]:
    """Give a table of four questions for each platform and event; none where no effect was estimated."""
    return tuple(
        Grid(
            verdict_sentence(findings, verdict),
            ("question", "answer", "why"),
            tuple((row.question, row.answer, re.sub(r"(?<!\w)-(?=\d)", "−", row.detail)) for row in verdict.rows),
        )
        for verdict in findings.verdicts or judge(findings.effects)
    )


def effects_grid(findings: Findings) -> Grid | None:
    """Give a row for each effect that was estimated or refused; None where none was asked for."""
    if not findings.effects:
        return None
    labels = {event.name: event.label for event in findings.events}
    header = ("platform", "event", "method", "of", "change", "p", "would be seen", "creators", "says")
    rows = tuple(_row(effect, labels) for effect in findings.effects)
    return Grid("Effects, each with its 95 % interval", header, rows)


def _row(effect: Effect, labels: Mapping[str, str]) -> tuple[str, ...]:
    known, creators = not effect.refused and isfinite(effect.estimate), rounded(effect.n_creators)
    change = (
        f"{effect.percent:+.1f} % ({effect.percent_low:+.1f} to {effect.percent_high:+.1f})" if known else "refused"
    )
    return (
        platform_name(effect.platform),
        labels.get(effect.event, effect.event),
        effect.method,
        OUTCOME_WORDS.get(effect.outcome, effect.outcome),
        change.replace("-", "−"),
        f"{effect.p:.3f}" if known and isfinite(effect.p) else "–",
        f"{abs(effect.percent_detectable):.0f} %" if known and isfinite(effect.detectable) else "–",
        FEW if creators is None else f"{creators:,}",
        effect.verdict,
    )


def comparisons(findings: Findings) -> tuple[tuple[str, str, str], ...]:
    """Say of each method that was asked what it compares with and what it cannot say."""
    found = {effect.method: (effect.method, effect.compares_with, effect.cannot_say) for effect in findings.effects}
    return tuple(found.values())
