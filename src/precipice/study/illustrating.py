"""What is drawn beside the effects: paths around events, answers under other choices, naive readings, who stayed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from precipice.archive import Progress
from precipice.effects import (
    HEADLINE,
    Effect,
    Naive,
    Paths,
    Question,
    Span,
    Specifications,
    Survival,
    case_for,
    follow,
    read_naively,
    specify,
    survive,
)
from precipice.effects.paths import Who
from precipice.errors import InputError, MissingExtraError
from precipice.panel import Panel
from precipice.records import Event
from precipice.study.settings import Study

WHOSE: Mapping[str, Who] = {"S1": "incumbents", "SJ": "newcomers"}
"""Whose paths each method adds up."""
MANY = 3
"""Platforms and events of which all pictures are drawn; of more, only one event a platform."""


@dataclass(frozen=True)
class NaivelyOn:
    """What naive readings say of one event on one platform."""

    platform: str
    event: str
    readings: tuple[Naive, ...]


@dataclass(frozen=True)
class Beside:
    """All that is drawn beside the effects of a study."""

    paths: tuple[Paths, ...] = ()
    """O/E by month around an event, of whomever a number was given."""
    specifications: tuple[Specifications, ...] = ()
    """The incumbents' change under other choices, wherever the headline gave a number."""
    naive: tuple[NaivelyOn, ...] = ()
    """Naive readings of each platform and event that was asked about."""
    survival: tuple[Survival, ...] = ()
    """Kaplan–Meier curves by year of the first upload."""


def question_of(study: Study, event: Event, events: Sequence[Event]) -> Question:
    """Give what a study asks about one event, which is told of the others."""
    asked = study.effects
    others = {other.name: other.month for other in events if other.month != event.month}
    span = Span(asked.look_back, asked.window, asked.window)
    return Question(event.name, event.month, span, study.study.frame, tuple(sorted(set(asked.exclude))), others)


def illustrate(
    panel: Panel,
    study: Study,
    events: Sequence[Event],
    effects: Sequence[Effect],
    *,
    progress: Progress = lambda step, share: None,
) -> Beside:
    """Work out what is drawn beside the effects.

    Args:
        panel: creators and their uploads by month.
        study: its settings.
        events: those that were asked about.
        effects: the answers; where one has no number, nothing is drawn in its place.
        progress: called with each step.
    """
    chosen = _pairs(events, effects)
    told = [e for e in effects if (e.platform, e.event) in chosen and e.outcome == HEADLINE and not e.refused]
    questions = {event.name: question_of(study, event, events) for event in events}
    progress("follow incumbents and newcomers around events", None)
    paths = [part for effect in told for part in _paths(panel, questions, effect)]
    progress("ask the same with other choices", None)
    specifications = [specify(panel, e.platform, questions[e.event]) for e in told if e.method == "S1"]
    progress("read the series naively", None)
    naive = _naive(panel, study.study.cutoff, questions, chosen)
    first = min((event.month for event in events), default=None)
    return Beside(tuple(paths), tuple(specifications), tuple(naive), survive(panel, "year", event=first))


def _pairs(events: Sequence[Event], effects: Sequence[Effect]) -> list[tuple[str, str]]:
    """Give the platforms and events to draw: all where they are few, else of each platform the last that has a number.

    Platforms on which no event has a number then have none drawn.
    """
    asked = list(dict.fromkeys((effect.platform, effect.event) for effect in effects))
    if len(asked) <= MANY:
        return asked
    months = {event.name: event.month for event in events}
    told = [(e.platform, e.event) for e in effects if e.method == "S1" and e.outcome == HEADLINE and not e.refused]
    last: dict[str, tuple[str, str]] = {}
    for platform, event in sorted(told, key=lambda pair: months[pair[1]]):
        last[platform] = (platform, event)
    return list(last.values())


def specify_events(
    panel: Panel,
    study: Study,
    events: Sequence[Event],
    *,
    progress: Progress = lambda step, share: None,
) -> tuple[Specifications, ...]:
    """Ask about each event on each platform under every combination of choices.

    The method is the first that the study names, S1 where it names none.

    Raises:
        InputError: the method has no specification curve.
    """
    method = (study.effects.methods or ("S1",))[0]
    asked = [(platform, event) for event in events for platform in panel.platforms if platform != study.effects.control]
    found = []
    for index, (platform, event) in enumerate(asked):
        progress(f"ask about {event.label} on {platform} in many ways", index / len(asked))
        found.append(specify(panel, platform, question_of(study, event, events), method=method))
    return tuple(found)


def _paths(panel: Panel, questions: Mapping[str, Question], effect: Effect) -> Iterator[Paths]:
    if effect.method not in WHOSE:
        return
    case = case_for(panel, effect.platform, replace(questions[effect.event], month=effect.cutoff))
    for outcome in ("capped", "counts"):
        yield follow(case, WHOSE[effect.method], outcome)


def _naive(
    panel: Panel, cutoff: int, questions: Mapping[str, Question], pairs: Sequence[tuple[str, str]]
) -> Iterator[NaivelyOn]:
    for platform, event in pairs:
        month = questions[event].month
        try:
            yield NaivelyOn(platform, event, read_naively(panel, platform, min(cutoff, month), month))
        except (InputError, MissingExtraError):
            continue  # too few months around the event, or no statsmodels: there is nothing to warn of
