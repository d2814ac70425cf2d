"""The methods of one study in words with citations, from its findings: a sentence for what was done, none for the rest.

Sentences cite as `@key`, a key of `REFERENCES`, and as `@@key` where the authors are part of the sentence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from precipice.effects import HEADLINE, OUTCOME_WORDS
from precipice.records import DROP_RULES
from precipice.report.document import Document
from precipice.report.publication import FEWEST
from precipice.report.references import REFERENCES
from precipice.report.told import EffectTold
from precipice.report.wording import listed, number
from precipice.report.words import PLAIN

CITED = re.compile(r"@(@?)(\w+)")
NAMES = 99
"""More than there are methods or platforms: lists here are whole."""


@dataclass(frozen=True)
class Methods:
    """A study's methods, to be quoted."""

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]
    """Those that the paragraphs cite, by author."""

    def summary(self) -> str:
        """Give them as Markdown."""
        listing = "\n".join(f"- {reference}" for reference in self.references)
        return "\n\n".join(["## Methods", *self.paragraphs, "### References", listing])

    def as_dict(self) -> dict[str, Any]:
        """Give the parts by name."""
        return {"paragraphs": list(self.paragraphs), "references": list(self.references)}


def describe_methods(told: Document, software: Mapping[str, str]) -> Methods:
    """Say how a study was made.

    Args:
        told: its findings, as in `findings.json`.
        software: package → version, as in the run record; empty where no run is on record.
    """
    paragraphs = [" ".join(sentences) for part in PARTS if (sentences := tuple(part(told)))]
    paragraphs.append(_made(told, software))
    keys = {key for paragraph in paragraphs for _, key in CITED.findall(paragraph)}
    cited = (CITED.sub(_cited, paragraph) for paragraph in paragraphs)
    return Methods(tuple(cited), tuple(sorted(REFERENCES[key][1] for key in keys)))


def _cited(found: re.Match[str]) -> str:
    short = REFERENCES[found[2]][0]
    authors, _, year = short.rpartition(" ")
    return f"{authors} ({year})" if found[1] else short


def _counted(told: Document) -> Iterator[str]:
    asked = told.asked
    names = listed([asked.names[name] for name in asked.platforms], NAMES)
    if told.simulated is not None:
        yield f"Nothing here was measured: the population is simulated. {told.simulated}"
    yield f"Uploads on {names} were counted by month from {asked.start} to {asked.end}, of {asked.creators}."
    for source in told.sources:
        dropped = [f"{number(rows, 'row')}: {DROP_RULES.get(rule, rule)}" for rule, rows in source.dropped.items()]
        lost = f"; dropped were {'; '.join(dropped)}" if dropped else ", none dropped"
        replaced = f", {source.replaced:,} of them in the place of an older record" if source.replaced else ""
        yield f"From {source.kind} {number(source.read, 'row')} were read and {source.kept:,} kept{replaced}{lost}."
    if asked.drawn is not None:
        where = f" among those with {asked.where}" if asked.where else ""
        yield f"On each platform {number(asked.drawn, asked.unit)} were drawn at random{where} (seed {asked.seed})."
    if asked.frame in FRAMES:
        yield f"The {asked.unit}s {FRAMES[asked.frame]}."
    if asked.clock == "source":
        yield "An upload is dated by the time that its original carries, where it carries one."


FRAMES = {
    "random": "are a random sample of the platform's",
    "followers": "were chosen by the followers they have today, which favours those who stayed",
    "recent": "were chosen because they uploaded lately, which leaves out those who stopped",
}
"""How creators came to be in the archive, where it is not all of them."""


def _cohorts(told: Document) -> Iterator[str]:
    asked = told.asked
    most = "one upload" if asked.cap == 1 else f"{asked.cap} uploads"
    yield (
        f"Following @@porres, seniors are {asked.unit}s whose first upload lies before {asked.cutoff}, juniors those "
        f"who first uploaded in that month or later; in cohorts at most {most} a month and {asked.unit} count."
    )
    sizes = [
        f"{one.creators:,} {one.cohort}s on {asked.names[one.platform]}" for one in told.cohorts if one.creators
    ]  # fmt: skip
    if sizes:
        yield f"There are {listed(sizes, NAMES)}."
    yield (
        f"Intervals of monthly sums are 95 % limits over {asked.unit}s: exact Poisson limits (@garwood) of an "
        "effective number of units (@fay; @tiwari)."
    )
    if any(change.percent is not None for change in told.changes):
        yield (
            "The first and the last twelve complete months of each cohort (fewer where there are fewer than 24) are "
            f"compared by the ratio of their sums, with limits over {asked.unit}s by the delta method on the log "
            "scale; this describes, and estimates no effect."
        )
    if told.simulated is None:
        yield f"Numbers of 1 to {FEWEST - 1} {asked.unit}s, and those that would give one away, are withheld."


def _effects(told: Document) -> Iterator[str]:
    asked = told.asked
    if not told.effects:
        yield "No effect of an event was estimated."
        return
    labels = {event.name: event for event in told.events}
    named = [
        f"{labels[name].label} ({labels[name].day})" if name in labels else name
        for name in dict.fromkeys(one.event for one in told.effects)
    ]
    yield (
        f"What {listed(named, NAMES)} did was asked of incumbents, {asked.unit}s whose first upload lies in the "
        f"{asked.look_back} months before the event, over {asked.window} months before it and as many from it on."
    )
    if asked.excluded:
        yield f"{listed(asked.excluded, NAMES)} were left out."
    methods = [f"{one.method} (compared with {one.compares_with})" for one in told.comparisons]
    yield f"Estimators: {'; '.join(methods)}."
    outcomes = dict.fromkeys(one.outcome for one in told.effects)
    yield f"Outcomes: {'; '.join(OUTCOME_WORDS.get(name, name) for name in outcomes)}."
    yield from _judged(told)


def _judged(told: Document) -> Iterator[str]:
    refused = sum(one.refused for one in told.effects)
    if refused:
        reasons = dict.fromkeys(
            s.status for one in told.effects if one.refused for s in one.statuses if s.weight == "refuses"
        )
        count = len(told.effects)
        why = "; ".join(PLAIN[name][0] if name in PLAIN else name.replace("_", " ") for name in reasons)
        if refused == count:
            yield f"The data allow none of these {number(count, 'estimate')} ({why}): all were refused."
        else:
            yield f"Of {number(count, 'estimate')} the data do not allow {refused} ({why}): these were refused."
    calibrated = [one for one in told.effects if one.placebos and not one.refused]
    if calibrated:
        yield _placebos(calibrated)
        yield from (OWN_INFERENCE[name] for name in dict.fromkeys(one.method for one in told.effects if not one.refused)
                    if name in OWN_INFERENCE)  # fmt: skip
        yield "p-values of each estimator were corrected over the tests asked together (@holm)."
    if any(one.p is not None for one in told.verdicts):
        yield _verdicts(told)


def _verdicts(told: Document) -> str:
    others = {"S2": "newcomers", "control": "the control platform's incumbents"}
    asked = [
        f"{words} ({method})" for method, words in others.items() if method in {one.method for one in told.effects}
    ]
    count = len(told.verdicts)
    corrected = f", corrected over {count} verdicts (@holm)" if count > 1 else ""
    return (
        f"A verdict rests on {OUTCOME_WORDS[HEADLINE]}, the upload by which a creator joined left out, and asks two "
        f"things together: that incumbents changed (S1), and that they changed further in that direction than "
        f"{' or '.join(asked)}. Its p-value is the greater of the two (@berger){corrected}."
    )


OWN_INFERENCE = {
    "age-period": "The age-period model is a Poisson regression with standard errors clustered by month of entry.",
}
"""What is said of methods that are not judged against placebos alone."""


def _placebos(calibrated: list[EffectTold]) -> str:
    counts = sorted({one.placebos for one in calibrated})
    spread = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return (
        f"Each estimate was judged against the same statistic at {spread} placebo cutoffs, months at which nothing "
        "happened (@schuemie): their mean was taken off, and the variance that they have beyond sampling error "
        "(@paule) added to the estimate's own; the months that placebo cutoffs share are allowed for, with degrees of "
        "freedom after @@satterthwaite."
    )


def _beside(told: Document) -> Iterator[str]:
    stems = [figure.stem for figure in told.figures]
    yield from (sentence for start, sentence in DRAWN.items() if any(stem.startswith(start) for stem in stems))


DRAWN: Mapping[str, str] = {
    "retention-": "Retention is the share of an entry year's creators who upload in a month so long after their first.",
    "survival-": "Staying is drawn as Kaplan–Meier curves by entry year (@kaplan), exit being the first upload that "
    "half a year of silence follows.",
    "specifications-": "The incumbents' change was asked again under other cutoffs, look-backs, windows and caps "
    "(@simonsohn); the headline was fixed beforehand.",
    "naive-": "Naive readings are shown beside, marked as misleading; no verdict rests on them.",
    "themes-": "Tags were compared between seniors and juniors before and after an event by log-odds with an "
    "informative prior (@monroe), against the same contrast at dates without an event (@efron; @schuemie), at a "
    "false-discovery rate of 5 % (@benjamini).",
    "diversity-": "Diversity of tags is given as Hill numbers at equal coverage (@chao; @coverage).",
    "ai-share-": "Declared AI is what each platform's own label says; it is not corrected for a label that errs.",
    "supply-": "Uploads to come are paths drawn from the past, and runways their first passages; neither is a "
    "measurement.",
    "loop-": "Loops of small models were run on the study's supply under several policies, with a sampling bias that "
    "is assumed; they show a direction, and no large model's future.",
}
"""Beginning of a figure's name → what is said where there is such a figure."""


def _made(told: Document, software: Mapping[str, str]) -> str:
    packages = [f"{name} {version}" for name, version in software.items() if name not in ("system", "precipice")]
    version = f" {software['precipice']}" if "precipice" in software else ""
    rest = f", with {listed(packages, NAMES)}" if packages else ""
    return f"Computed by precipice{version}{rest}; seed {told.asked.seed}."


PARTS: tuple[Callable[[Document], Iterator[str]], ...] = (_counted, _cohorts, _effects, _beside)
"""A paragraph each."""
