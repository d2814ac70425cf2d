"""The answer in words, never stronger than the method allows."""

import re
from collections import Counter
from collections.abc import Mapping
from math import isfinite

from precipice.effects import Status, Verdict, judge
from precipice.months import month_text
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
PLAIN: Mapping[str, tuple[str, str]] = {
    "no_placebo": (
        "too short or too thin a history",
        "the history before the event is too short, or too thin, to know how far such numbers stray when nothing "
        "happens",
    ),
    "edge": (
        "an event too near an end of the records",
        "the event lies too near the beginning or the end of the records",
    ),
    "small": ("too few creators or uploads", "there are too few uploads around the event"),
    "drift": ("a drift before the event", "what it is compared with was drifting long before"),
    "one_creator": ("a number that hangs on one creator", "the number hangs on a single creator"),
    "unknown_tenure": ("creators whose beginnings are not known", "it is not known when creators began"),
    "selected_frame": (
        "how creators were chosen",
        "creators were chosen by what they do today, which makes effects that are not there",
    ),
}
"""Name of a status → what keeps a verdict from telling, to be counted and to be said; the table has it in numbers."""
NOT_ESTIMATED = (
    "No effect of an event was estimated here, so nothing below says that an event changed anything, or that none did."
)


def answer(findings: Findings) -> str:
    """Say what was found, its uncertainty and what it does not show; a paragraph a line."""
    return "\n".join([*opening(findings), counting(findings), *facts(findings), EXPECTED])


def opening(findings: Findings) -> tuple[str, ...]:
    """Say first what events did, or that this was not asked; and before that, whether anything was measured at all."""
    simulated = (f"SIMULATED — nothing here is measured. Known truth: {planted(findings)}",)
    return (*(simulated if findings.simulated else ()), *lead(findings))


def lead(findings: Findings) -> tuple[str, ...]:
    """Say what events did, counted first where there are many, or that this was not asked."""
    counted = tally(findings)
    return (*counted, *verdicts(findings, counted=bool(counted))) or (NOT_ESTIMATED,)


def tally(findings: Findings) -> tuple[str, ...]:
    """Count the verdicts where there are more than a reader takes in; nothing where there are few."""
    judged = findings.verdicts or judge(findings.effects)
    answers = [verdict.rows[0].answer for verdict in judged]
    if len(answers) <= MANY:
        return ()
    whether = "whether incumbents changed beyond ordinary attrition"
    kinds = Counter(PLAIN[verdict.why[0].name][0] for verdict in judged if verdict.why and verdict.why[0].name in PLAIN)
    reasons = "; ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
    why = (f"What keeps them from telling: {reasons}.",) if reasons else ()
    if set(answers) == {"cannot tell"}:
        return (f"None of {len(answers)} verdicts, one for each event and platform, can tell {whether}.", *why)
    counts = (f"{answer} {number(answers.count(answer), 'time')}" for answer in ("yes", "no", "cannot tell"))
    return (
        f"Of {len(answers)} verdicts, one for each event and platform, the question {whether} is answered "
        f"{', '.join(counts)}.",
        *why,
    )


def counting(findings: Findings) -> str:
    """Say what the numbers of `facts` count."""
    study = findings.study.study
    most = "once" if study.cap == 1 else f"{study.cap} times"
    return (
        f"Mean uploads a month, each {study.unit} counted at most {most} a month; 95 % intervals over {study.unit}s. "
        f"Seniors: {cohort_rule(findings, 'senior')}; juniors: in that month or later."
    )


def verdicts(findings: Findings, *, counted: bool = False) -> tuple[str, ...]:
    """Give one sentence for each event and platform of which effects were estimated.

    Args:
        findings: of the study.
        counted: leave out those that cannot tell and say why, since they are counted already.
    """
    judged = findings.verdicts or judge(findings.effects)
    return tuple(verdict_sentence(findings, verdict) for verdict in judged if not (counted and verdict.why))


def verdict_sentence(findings: Findings, verdict: Verdict) -> str:
    """Give a verdict's sentence with names as on figures and reasons in plain words; numbers stand in its table."""
    labels = {event.name: event.label for event in findings.events}
    named = f"{platform_name(verdict.platform)}, {labels.get(verdict.event, verdict.event)}"
    if verdict.why:
        return f"{named} ({month_text(verdict.cutoff)}): cannot tell: {'; '.join(map(_plainly, verdict.why))}."
    sentence = NEEDED.sub("", verdict.sentence)
    rest = sentence.removeprefix(f"{verdict.platform}, {verdict.event}")
    return named + rest if rest != sentence else rest


def _plainly(status: Status) -> str:
    """Say what keeps a verdict from telling; what so many creators could show is plain already."""
    if status.name not in PLAIN or (status.name == "small" and status.weight != "refuses"):
        return status.reason
    return PLAIN[status.name][1]


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
