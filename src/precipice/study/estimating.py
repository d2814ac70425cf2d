"""Ask what events did, for the platforms and settings of a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

from precipice.archive import Progress
from precipice.effects import (
    HEADLINE,
    Effect,
    Power,
    Question,
    Span,
    Specifications,
    Verdict,
    case_for,
    estimate,
    judge,
    measure_power,
)
from precipice.effects.outcomes import OutcomeName
from precipice.errors import InputError
from precipice.months import month_start, parse_month
from precipice.panel import Panel
from precipice.records import Event
from precipice.study.events import find_events
from precipice.study.illustrating import specify_events
from precipice.study.opening import draw_creators, open_panel
from precipice.study.settings import Study

OUTCOMES: tuple[OutcomeName, ...] = (HEADLINE, "capped")
"""Outcomes that power is measured on: the one that verdicts rest on, and the one that is asked before collecting."""


@dataclass(frozen=True)
class PowerOn:
    """What one method could have seen of one event on one platform."""

    platform: str
    event: str
    power: Power

    def summary(self) -> str:
        """Say it in plain words."""
        return f"{self.platform}, {self.event}: {self.power.summary()}"

    def as_dict(self) -> dict[str, object]:
        """Give the parts by name, as JSON takes them."""
        return {"platform": self.platform, "event": self.event, **self.power.as_dict()}


def find_event(name: str, folder: Path, events_file: Path | None = None) -> Event:
    """Find an event by its name, or make one of a month (`2022-08`).

    Args:
        name: of a shipped event or a line of a file of events, or a month.
        folder: the study's folder.
        events_file: a file of events to use instead of the study's `events.csv`.

    Raises:
        InputError: it is neither a shipped event, nor a line of `events.csv`, nor a month.
    """
    try:
        month = parse_month(name)
    except InputError:
        return next(event for event in find_events((name,), folder, events_file, where="--event") if event.name == name)
    return Event(name, name, date(*month_start(month).timetuple()[:3]), "named on the command line")


def estimate_events(
    panel: Panel,
    study: Study,
    events: Sequence[Event],
    *,
    progress: Progress = lambda step, share: None,
) -> tuple[Effect, ...]:
    """Estimate what each event did on each platform, by the methods that the study names.

    Args:
        panel: creators and their uploads by month.
        study: its settings; `[effects]` names methods, control, windows and months to leave out.
        events: what to ask about.  Each is told of the others, so that overlaps are said.
        progress: called with each event.

    Raises:
        InputError: no such method or control platform.
    """
    asked = study.effects
    found: list[Effect] = []
    for index, event in enumerate(events):
        progress(f"estimate what {event.label} did", index / len(events))
        found += estimate(
            panel,
            event.month,
            event=event.name,
            methods=asked.methods or None,
            control=asked.control,
            look_back=asked.look_back,
            window=asked.window,
            frame=study.study.frame,
            exclude=asked.exclude,
            others={other.name: other.month for other in events if other.month != event.month},
        )
    return tuple(found)


def ask(
    folder: Path,
    study: Study,
    names: Sequence[str] = (),
    events_file: Path | None = None,
    *,
    progress: Progress = lambda step, share: None,
) -> tuple[tuple[Effect, ...], tuple[Verdict, ...]]:
    """Estimate what events did in a study's archive, and judge.

    Args:
        folder: the study's folder.
        study: its settings.
        names: events by name or month; the study's events where there are none.
        events_file: a file of events to use instead of the study's `events.csv`.
        progress: called with each step in words, and its share done where that is known.
    """
    panel, _ = draw_creators(open_panel(folder, study), study)
    effects = estimate_events(panel, study, _events(folder, study, names, events_file), progress=progress)
    return effects, judge(effects)


def measure(
    folder: Path,
    study: Study,
    names: Sequence[str] = (),
    events_file: Path | None = None,
    *,
    progress: Progress = lambda step, share: None,
) -> tuple[PowerOn, ...]:
    """Say what effects a study's panel could have seen, by planting some in its own placebo windows.

    Each method is asked on the outcome that verdicts rest on, and on months with an upload.

    Raises:
        InputError: the panel's history is too short to plant effects in, on every platform.
    """
    panel, _ = draw_creators(open_panel(folder, study), study)
    asked = study.effects
    found: list[PowerOn] = []
    refused: list[InputError] = []
    for event in _events(folder, study, names, events_file):
        span = Span(asked.look_back, asked.window, asked.window)
        question = Question(event.name, event.month, span, frame=study.study.frame, excluded=tuple(asked.exclude))
        for platform in panel.platforms:
            progress(f"plant effects of {event.label} on {platform}", None)
            try:
                case = case_for(panel, platform, question)
                for method, outcome in product(asked.methods or ("S1",), OUTCOMES):
                    found.append(PowerOn(platform, event.name, measure_power(case, method, outcome)))
            except InputError as error:
                refused.append(error)
    if not found and refused:
        raise refused[0]
    return tuple(found)


def specify(
    folder: Path,
    study: Study,
    names: Sequence[str] = (),
    events_file: Path | None = None,
    *,
    progress: Progress = lambda step, share: None,
) -> tuple[Specifications, ...]:
    """Ask about events in a study's archive under every combination of choices (`illustrating.specify_events`)."""
    panel, _ = draw_creators(open_panel(folder, study), study)
    return specify_events(panel, study, _events(folder, study, names, events_file), progress=progress)


def _events(folder: Path, study: Study, names: Sequence[str], events_file: Path | None) -> tuple[Event, ...]:
    if names:
        return tuple(find_event(name, folder, events_file) for name in names)
    return find_events(study.study.events, folder, events_file)
