"""What the data cannot say: a sentence for each thing that holds of these findings, and none for what does not."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from precipice.months import month_text
from precipice.report.look import platform_name
from precipice.report.publication import FEWEST, fewest, platforms, split, total
from precipice.report.sampling import partial_words
from precipice.report.sizes import cohort_sizes
from precipice.report.wording import cohort_rule, listed, number, people, plural
from precipice.study.findings import Findings

SMALL = 1000
"""Creators on a platform below whom a fall of a fifth in seniors' uploads goes unseen at least three times in four:
of 4,200 creators of a simulated platform S1 saw it in 42 panels of 100, of 250 it saw a fall of three tenths in 11
(docs/error-rates.md, `rate_down_20`, `random_250_down_30`)."""
MOST = 12
"""Platforms that are named with a month each."""
CLOSE = 6
"""Months; a change between two events that lie nearer than that cannot be told to be one's or the other's."""


def limits(findings: Findings) -> tuple[str, ...]:
    """Say what these data cannot say."""
    return tuple(sentence for rule in RULES for sentence in rule(findings))


def _simulated(findings: Findings) -> Iterator[str]:
    if findings.simulated:
        yield "Nothing here is measured. The population is simulated and says nothing of any real platform."


def _truncated(findings: Findings) -> Iterator[str]:
    windows = {name: findings.panel.window(name) for name in platforms(findings)}
    firsts = {name: window.first for name, window in windows.items() if window.truncated_first}
    if firsts:
        yield (
            f"Who is new. On {_by_month(firsts, 'records begin in {}')}, and what was uploaded before is not in them: "
            "whoever seems to begin in the first months may have begun long before, and some juniors may be seniors."
        )


def _unfinished(findings: Findings) -> Iterator[str]:
    lasts = {name: findings.panel.window(name).last for name in platforms(findings)}
    unsure = {name: last for name, last in lasts.items() if _unfinished_at(findings, name, last)}
    if unsure:
        yield (
            f"The last month. On {_by_month(unsure, '{} may not have been observed to its end')}: it is drawn hollow "
            "and enters no comparison."
        )


def _by_month(months: Mapping[str, int], words: str) -> str:
    """Say something of platforms and their months: once where they share the month, else with a month each."""
    if len(set(months.values())) == 1:
        (month,) = set(months.values())
        return f"{listed([platform_name(name) for name in months])} {words.format(month_text(month))}"
    ordered = sorted(months, key=lambda name: months[name])
    named = [f"{platform_name(name)} ({month_text(months[name])})" for name in ordered]
    return f"{listed(named, MOST)} {words.format('the month in brackets')}"


def _unfinished_at(findings: Findings, platform: str, last: int) -> bool:
    window = findings.panel.window(platform)
    return window.unfinished_last and window.last == last and last <= findings.end


def _frame(findings: Findings) -> Iterator[str]:
    unit, frame = findings.study.study.unit, findings.study.study.frame
    words = {
        "followers": f"The {unit}s were chosen by the followers they have today. Whoever has many by now has mostly "
        "stayed, so this cannot say how many stopped, and juniors are missing who have had less time to be followed.",
        "recent": f"The {unit}s were chosen because they uploaded lately. Whoever stopped is missing, so this cannot "
        "say how many stopped.",
    }
    if frame in words:
        yield f"Who was chosen. {words[frame]}"


def _draw(findings: Findings) -> Iterator[str]:
    drawn = findings.draw
    if drawn is not None:
        least = min(drawn.n, *drawn.eligible.values())
        words = (
            drawn.summary() if least >= FEWEST else f"{findings.study.study.unit}s drawn at random (seed {drawn.seed})"
        )
        yield f"A sample. These are {words}; the intervals say how far another draw may lie."


def _clock(findings: Findings) -> Iterator[str]:
    unit, clock = findings.study.study.unit, findings.study.study.clock
    if findings.simulated or not _noticed(findings):
        return
    posted = "when somebody posted a work to Danbooru, not when it was made or first shown"
    original = "those of the original where a post's source carries one, else "
    yield (
        f"The clock. Danbooru's times are {original if clock == 'source' else ''}{posted}. A junior there is an {unit} "
        "first noticed by then, and the last months lack works that nobody has posted yet."
    )


def _noticed(findings: Findings) -> bool:
    kinds = {source.kind for source in findings.sources}
    return "danbooru2023" in kinds or "danbooru" in platforms(findings)


def _cap(findings: Findings) -> Iterator[str]:
    cap, unit = findings.study.study.cap, findings.study.study.unit
    most = "once" if cap == 1 else f"{cap} times"
    yield (
        f"The cap. An {unit} counts at most {most} a month in the cohort figures, so that no single one moves a line; "
        f"an {unit} who uploads less than before, but still {most} a month, does not show."
    )


def _unit(findings: Findings) -> Iterator[str]:
    if findings.study.study.unit == "uploader":
        yield "Who is counted. On Danbooru these are the people who posted the works, not those who made them."
    else:
        yield (
            "Who is counted. A creator is an account or name on one platform: one person on two platforms, or with two "
            "accounts, is two creators."
        )


def _small(findings: Findings) -> Iterator[str]:
    found = {series.platform: series.size for series in findings.overall if 0 < series.size < SMALL}
    names = [
        f"{platform_name(name)} ({people(findings, found[name])})" for name in platforms(findings) if name in found
    ]
    if names:
        yield (
            f"Small numbers. On {listed(names)} there are fewer than {SMALL:,} creators: of so few, a fall of a fifth "
            "in what seniors upload goes unseen at least three times in four, so that no change seen is not no change."
        )


def _withheld(findings: Findings) -> Iterator[str]:
    if fewest(findings) == 1:
        return
    unit = findings.study.study.unit
    lines = [
        line
        for name in platforms(findings)
        for line in (total(findings, name), *split(findings, name, capped=True), *split(findings, name, capped=False))
    ]
    hidden = sum(int((~line.given).sum()) for line in lines)
    merged = any(len(cohort_sizes(findings, name)) == 1 for name in platforms(findings))
    if hidden or merged:
        yield (
            f"Few {unit}s. {number(hidden, 'number')} of 1 to {FEWEST - 1} {unit}s, or that would give one away, "
            f"{'is' if hidden == 1 else 'are'} withheld (<{FEWEST})."
        )


def _events(findings: Findings) -> Iterator[str]:
    ordered = sorted(findings.events, key=lambda event: event.day)
    for before, after in pairwise(ordered):
        if after.month - before.month < CLOSE:
            apart = number(after.month - before.month, "month")
            yield (
                f"Which event. {before.label} and {after.label} lie {apart} apart: what changes between them or after "
                "both cannot be told to be the one's or the other's."
            )


def _nobody(findings: Findings) -> Iterator[str]:
    for cohort in ("senior", "junior"):
        names = [platform_name(name) for name in platforms(findings) if not _has(findings, name, cohort)]
        rule = cohort_rule(findings, cohort)
        if names:
            yield f"No {plural(cohort)}. On {listed(names)} there are none ({rule}) in the months shown."


def _has(findings: Findings, platform: str, cohort: str) -> bool:
    return any(line.name == cohort for line in split(findings, platform, capped=True))


def _dropped(findings: Findings) -> Iterator[str]:
    read = sum(source.read for source in findings.sources)
    nobody = sum(source.dropped.get("no_creator", 0) for source in findings.sources)
    if nobody:
        yield f"Works of nobody. {100 * nobody / read:.1f} % of the rows read name no creator and count nowhere."


def _partial(findings: Findings) -> Iterator[str]:
    words = partial_words(findings.collection, findings.panel.platforms)
    if words and findings.study.study.partial == "drop":
        yield f"Left out. {words}, and left out of everything here."
    elif words:
        yield f"What is missing. {words}: some of their uploads could not be fetched, so their lines lie too low."


def _collected(findings: Findings) -> Iterator[str]:
    shown = {name: flow for name, flow in findings.collection.items() if name in findings.panel.platforms}
    imitated = [platform_name(name) for name, flow in shown.items() if flow.get("imitation")]
    if imitated:
        yield f"Imitated. A program on this machine stood in for {listed(imitated)}: nothing here is of a real site."
    removed = sum(int(flow.get("unserved", 0)) for flow in shown.values())
    if removed:
        yield f"Taken out. {number(removed, 'upload')} that the platform no longer shows, from the archive."
    asked = str(findings.run.get("started", ""))[:10]
    over = sorted({str(flow["expires"]) for flow in shown.values() if flow.get("expires")})
    if over and asked > over[0]:
        yield f"Kept for too long. What was collected was to be deleted by {over[0]}."


def _always(findings: Findings) -> Iterator[str]:
    if not findings.simulated:
        yield (
            "What is gone. A work or account that was removed before the records were read is in them only where the "
            "source keeps it, so the past looks emptier than it was."
        )
        yield "How it was made. An upload is an upload, whether made by hand or with a generative model."


RULES: tuple[Callable[[Findings], Iterator[str]], ...] = (
    _simulated, _truncated, _unfinished, _frame, _draw, _clock, _cap, _unit, _small, _withheld, _nobody, _events,
    _dropped, _partial, _collected, _always,
)  # fmt: skip
"""One rule a limit."""
