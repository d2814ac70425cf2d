"""Leads the workers of all sites at once, and ends whatever falls silent or takes longer than it may."""

import queue
import time
from collections.abc import Callable, Mapping
from typing import Any

from precipice.sources.collection.site_run import Outcome, SiteRun

TICK = 0.2


def supervise(
    runs: Mapping[str, SiteRun],
    inbox: "queue.SimpleQueue[tuple[str, int, Mapping[str, Any]]]",
    *,
    budget: float | None,
    tell: Callable[[Mapping[str, SiteRun]], None],
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Outcome, ...]:
    """Lead all sites until each is done, refuses, or the budget of seconds is used up.

    Args:
        runs: what is to be done, by site.
        inbox: where workers' words arrive.
        budget: seconds; None for as long as it takes.
        tell: called with the runs a few times a second.
        clock: seconds, going only forward.
    """
    started = clock()
    try:
        for run in runs.values():
            run.next()
        while any(not run.is_over for run in runs.values()):
            _turn(runs, inbox)
            next(iter(runs.values())).keeper.tick()
            tell(runs)
            if budget is not None and clock() - started >= budget:
                _drain(runs, inbox)
                for run in runs.values():
                    if not run.is_over:
                        run.finish("budget")
    finally:
        try:
            _drain(runs, inbox)
        finally:  # a disk that is full is so here too, and no worker may be left behind
            for run in runs.values():
                run.talk.end()
    return tuple(run.outcome for run in runs.values())


def _turn(runs: Mapping[str, SiteRun], inbox: "queue.SimpleQueue[tuple[str, int, Mapping[str, Any]]]") -> None:
    """Handle one thing said, or find out who has been silent for too long."""
    try:
        site, number, said = inbox.get(timeout=TICK)
        run = runs[site]
        if number == run.talk.number and not run.is_over:
            run.hear(said)
    except queue.Empty:
        pass
    # What lies unheard, as after a long ingest, is no silence.
    for run in runs.values() if inbox.empty() else ():
        if not run.is_over and run.talk.is_overdue:
            run.fell_silent(f"the worker was silent for {run.talk.patience:.0f} seconds")


def _drain(runs: Mapping[str, SiteRun], inbox: "queue.SimpleQueue[tuple[str, int, Mapping[str, Any]]]") -> None:
    """Keep the pages that were said and not yet heard when the work was stopped."""
    while True:
        try:
            site, number, said = inbox.get_nowait()
        except queue.Empty:
            return
        run = runs[site]
        if said["say"] == "page" and number == run.talk.number and not run.is_over:
            run.hear(said)
