"""Figures in words, computed from the numbers that are drawn: for whoever does not see them."""

from collections.abc import Sequence

import numpy as np

from precipice.months import month_text
from precipice.records import Event
from precipice.report.kept import Kept
from precipice.report.layers import Labelled
from precipice.report.publication import FEWEST, Line
from precipice.report.wording import amount, period_name, planted, span
from precipice.study.findings import Findings

AROUND = 6
"""Months before and after an event whose means are compared: as far as two events lie apart in most studies."""


def describe_lines(title: str, lines: Labelled, findings: Findings) -> str:
    """Describe a figure of lines: first, last and highest number of each, and the means around each event."""
    starts, ends = ([int(line.start[0]) for _, line in lines], [int(line.end[-1]) for _, line in lines])
    opening = f"Line chart. {title}, {span((min(starts), max(ends)))}." if lines else f"{title}: nobody to draw."
    parts = [opening, *(_describe(label, line, findings.events) for label, line in lines)]
    truth = planted(findings)
    return " ".join([*([f"Simulated, with known truth: {truth}"] if truth else []), *parts])


def _describe(label: str, line: Line, events: Sequence[Event]) -> str:
    sound = np.flatnonzero(line.sound)
    hidden = int((~line.given).sum())
    unit = {1: "months", 3: "quarters", 12: "years"}[line.period]
    withheld = f" {hidden} of {len(line.start)} {unit} withheld, fewer than {FEWEST} creators." if hidden else ""
    if not len(sound):
        return f"{label}: no number to give.{withheld}"
    at = [(int(sound[0]), ""), (int(sound[-1]), ""), (int(sound[np.argmax(line.value[sound])]), "highest ")]
    points = ", ".join(f"{word}{amount(line.value[i])} in {period_name(line, i)}" for i, word in at)
    means = "" if line.period == 1 else f" (means of {unit})"
    concerned = [event for event in events if not event.platforms or line.platform in event.platforms]
    around = "".join(f" {words}" for event in concerned if (words := around_event(line, event)))
    return f"{label}{means}: {points}.{around}{withheld}"


def around_event(line: Line, event: Event) -> str:
    """Give the means of the months before an event and from it on; nothing where not all are given and complete."""
    offset = event.month - int(line.start[0])
    before, after = slice(offset - AROUND, offset), slice(offset, offset + AROUND)
    if line.period != 1 or offset < AROUND or after.stop > len(line.start):
        return ""
    if not (line.sound[before].all() and line.sound[after].all()):
        return ""
    first, second = (amount(float(line.value[part].mean())) for part in (before, after))
    return f"{event.label}, {month_text(event.month)}: mean {first} in the {AROUND} months before, {second} from it on."


def describe_kept(cells: Kept, title: str) -> str:
    """Describe a heat map of retention: each entry year's creators, and the share after one and three years."""
    rows = []
    for index, name in enumerate(cells.vintages):
        shares = [
            f"{100 * cells.share[index, column]:.0f} % after {months} months"
            for months in (12, 36)
            for column, bounds in enumerate(cells.tenures)
            if bounds[0] <= months <= bounds[1] and np.isfinite(cells.share[index, column])
        ]
        began = [] if cells.creators is None else [f"{cells.creators[index]:,} began"]
        rows.append(f"{name}: {', '.join(began + shares) or 'no share to give'}")
    return f"Heat map. {title}, by year of first upload. {'; '.join(rows)}."
