"""The answer in words, never stronger than the method allows."""

import re
from math import isfinite

from precipice.effects import Verdict, judge
from precipice.report.change import Change, changes
from precipice.report.look import platform_name
from precipice.report.publication import FEWEST, platforms
from precipice.report.wording import amount, cohort_rule, number, planted, plural, span
from precipice.study.findings import Findings

EXPECTED = (
    "That seniors fall and juniors rise is, alone, what to expect with no event at all: no senior can be added after "
    "the cutoff, and no junior was there before it. Seniors can only go on or stop, and juniors begin from nothing."
)
NEEDED = re.compile(r" \(needed: (?:[^()]|\([^()]*\))*\)")
"""What would be needed for an answer, as verdicts put it."""
MANY = 4
"""Verdicts that are read one by one; more are counted first."""
TENFOLD = 9.0
"""Relative change from which on a percentage says nothing that the two means do not."""
NOT_ESTIMATED = (
    "No effect of an event was estimated here, so nothing below says that an event changed anything, or that none did."
)


def answer(findings: Findings) -> str:
    """Say what was found, its uncertainty and what it does not show; a paragraph a line."""
    return "\n".join([*opening(findings), counting(findings), *facts(findings), EXPECTED])


def opening(findings: Findings) -> tuple[str, ...]:
    """Say first what events did, or that this was not asked; and before that, whether anything was measured at all."""
    simulated = (f"SIMULATED — nothing here is measured. Known truth: {planted(findings)}",)
    asked = (*tally(findings), *verdicts(findings)) or (NOT_ESTIMATED,)
    return (*(simulated if findings.simulated else ()), *asked)


def tally(findings: Findings) -> tuple[str, ...]:
    """Count the verdicts where there are more than a reader takes in; nothing where there are few."""
    answers = [verdict.rows[0].answer for verdict in findings.verdicts or judge(findings.effects)]
    if len(answers) <= MANY:
        return ()
    counts = (f"{answer} {number(answers.count(answer), 'time')}" for answer in ("yes", "no", "cannot tell"))
    return (
        f"Of {len(answers)} verdicts, one for each event and platform, the question whether incumbents changed beyond "
        f"ordinary attrition is answered {', '.join(counts)}.",
    )


def counting(findings: Findings) -> str:
    """Say what the numbers of `facts` count."""
    study = findings.study.study
    most = "once" if study.cap == 1 else f"{study.cap} times"
    return (
        f"Mean uploads a month, each {study.unit} counted at most {most} a month; 95 % intervals over {study.unit}s. "
        f"Seniors: {cohort_rule(findings, 'senior')}; juniors: in that month or later."
    )


def verdicts(findings: Findings) -> tuple[str, ...]:
    """Give one sentence for each event and platform of which effects were estimated."""
    return tuple(verdict_sentence(findings, verdict) for verdict in findings.verdicts or judge(findings.effects))


def verdict_sentence(findings: Findings, verdict: Verdict) -> str:
    """Give a verdict's sentence with names as on figures; what would be needed stands in the table of its rows."""
    labels = {event.name: event.label for event in findings.events}
    sentence = NEEDED.sub("", verdict.sentence)
    rest = sentence.removeprefix(f"{verdict.platform}, {verdict.event}")
    named = f"{platform_name(verdict.platform)}, {labels.get(verdict.event, verdict.event)}"
    return named + rest if rest != sentence else rest


def facts(findings: Findings) -> tuple[str, ...]:
    """Say for each platform what seniors and juniors did between the first and the last year shown."""
    return tuple(_fact(findings, platform) for platform in platforms(findings))


def _fact(findings: Findings, platform: str) -> str:
    told = [_told(findings, change) for change in changes(findings, platform) if change is not None]
    return f"{platform_name(platform)}: {'; '.join(told) or 'there are too few complete months to compare'}."


def _told(findings: Findings, change: Change) -> str:
    who, unit = plural(change.line.name), findings.study.study.unit
    windows, means = (span(change.first), span(change.last)), (change.before, change.after)
    thin = [window for window, mean in zip(windows, means, strict=True) if not isfinite(mean)]
    if thin:
        return f"of {who} no means are given: fewer than {FEWEST} {unit}s uploaded in part of {' and '.join(thin)}"
    first, last = (f"{amount(mean)} ({window})" for window, mean in zip(windows, means, strict=True))
    if change.direction in ("fell", "rose"):
        return f"{who} {change.direction} from {first} to {last}{_interval(change)}"
    return f"{who} did not clearly change: {first}, then {last}{_interval(change)}"


def _interval(change: Change) -> str:
    if not (isfinite(change.ratio) and change.high < TENFOLD):
        return ""
    return f", {100 * change.ratio:+.0f} % ({100 * change.low:+.0f} to {100 * change.high:+.0f} %)".replace("-", "−")
