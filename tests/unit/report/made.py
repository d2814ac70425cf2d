"""Findings made by hand or drawn from a simulated population, for the report's tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.effects import judge
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of
from precipice.population import WORLDS, paper_population, paper_worlds, populate, truth
from precipice.records import EVENTS, Event
from precipice.series import count, retain
from precipice.study.estimating import estimate_events
from precipice.study.findings import Findings
from precipice.study.illustrating import illustrate
from precipice.study.settings import Study

Cells = Mapping[str, Mapping[str, Mapping[int, int]]]
"""Platform → creator → month → uploads."""


def panel(cells: Cells, windows: Mapping[str, Window] | None = None) -> Panel:
    names = tuple(sorted(cells))
    rows = [
        (names.index(platform), number, month, uploads)
        for platform, creators in cells.items()
        for number, months in enumerate(creators.values(), start=1)
        for month, uploads in months.items()
    ]
    platform, creators, months, uploads = (np.array(column) for column in zip(*rows, strict=True))
    return panel_of(names, platform, creators, months, uploads, windows=windows)


def find(
    panel: Panel,
    *,
    cutoff: int = parse_month("2022-01"),
    events: Sequence[Event] = tuple(EVENTS.values()),
    start: int | None = None,
    end: int | None = None,
    study: Mapping[str, Any] | None = None,
    **more: Any,
) -> Findings:
    settings = Study.model_validate({"study": {"cutoff": cutoff, **(study or {})}})
    start, end = start or panel.start, end or panel.end
    cap = settings.study.cap
    return Findings(
        study=settings,
        panel=panel,
        start=start,
        end=end,
        events=tuple(event for event in events if start <= event.month <= end),
        overall=count(panel, everyone(panel), cap=cap, start=start, end=end),
        cohorts=count(panel, draw_by_cutoff(panel, cutoff), cap=cap, start=start, end=end),
        retention=retain(panel),
        sources=more.pop("sources", ()),
        **more,
    )


START, CUTOFF, END = parse_month("2021-01"), parse_month("2022-01"), parse_month("2023-10")
WHOLE = Window(START, END, truncated_first=False, unfinished_last=False)


def steady(seniors: int = 40, juniors: int = 30) -> dict[str, dict[int, int]]:
    """Make a platform without chance: seniors stop one after the other, juniors come one after the other."""
    cells: dict[str, dict[int, int]] = {}
    for i in range(seniors):
        last = END - max(0, i - 11) * 30 // seniors
        cells[f"senior {i}"] = {m: 1 + (m + i) % 3 for m in range(START, last + 1) if (m + i) % 4 or m == START}
    for i in range(juniors):
        first = CUTOFF + max(0, i - 11) * 12 // juniors
        cells[f"junior {i}"] = {m: 1 + (m + i) % 2 for m in range(first, END + 1) if (m + i) % 3 or m == first}
    return cells


@cache
def ordinary() -> Findings:
    """One platform with enough creators in every month."""
    return find(panel({"site": steady()}, {"site": WHOLE}))


@cache
def few_seniors() -> Findings:
    """The same, but one month in which three seniors uploaded, nine times each."""
    cells, month = steady(), CUTOFF + 15
    for name, uploads in cells.items():
        if name.startswith("senior"):
            uploads.pop(month, None)
            uploads.update({month: 9} if int(name.split()[1]) < 3 else {})
    return find(panel({"site": cells}, {"site": WHOLE}))


@cache
def paper() -> Findings:
    """The paper's three platforms, simulated without any effect."""
    words = " ".join(truth(world).words for world in paper_worlds())
    return find(paper_population(np.random.default_rng(1)), start=START, end=END, simulated=words)


@cache
def told(events: tuple[str, ...] = ("stable-diffusion",), methods: tuple[str, ...] = ("S1", "S2", "SJ")) -> Findings:
    """One simulated platform on which incumbents' rate fell by 30 %, with effects and all that is drawn beside."""
    world = WORLDS["rate_down_30"]
    simulated = populate(world, np.random.default_rng(3))
    asked = tuple(EVENTS[name] for name in events)
    found = find(
        simulated, events=asked, start=parse_month("2018-01"), end=END, simulated=truth(world).words,
    )  # fmt: skip
    settings = found.study.model_copy(update={"effects": found.study.effects.model_copy(update={"methods": methods})})
    effects = estimate_events(simulated, settings, asked)
    beside = illustrate(simulated, settings, asked, effects)
    return replace(found, study=settings, effects=effects, verdicts=judge(effects), beside=beside)
