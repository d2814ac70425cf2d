"""Run a study: archive → panel → cohorts and series → findings, the only place where stages meet."""

from pathlib import Path

import numpy as np

from precipice.archive import Progress, Source, read_manifest
from precipice.cohorts import draw_by_cutoff, everyone
from precipice.effects import judge
from precipice.errors import InputError
from precipice.months import month_text
from precipice.panel import Panel
from precipice.population import paper_population, paper_worlds, truth
from precipice.series import count, retain
from precipice.study.estimating import estimate_events
from precipice.study.events import find_events
from precipice.study.findings import Findings
from precipice.study.illustrating import illustrate
from precipice.study.looping import loop_study
from precipice.study.opening import ARCHIVE, draw_creators, open_panel
from precipice.study.profiling import Asked
from precipice.study.profiling.ai import profile_ai
from precipice.study.profiling.own_files import OwnFiles, profile_files
from precipice.study.profiling.tagging import count_tags, profile_tags
from precipice.study.settings import Study, read_study
from precipice.study.strata import tags_by_cohort
from precipice.study.supplying import outlooks_or_reasons

SMALL = 20  # creators; a cohort below that is an error, since no interval over so few means much


def run(
    folder: Path,
    *,
    study: Study | None = None,
    simulate: bool = False,
    own: OwnFiles | None = None,
    progress: Progress = lambda step, share: None,
) -> Findings:
    """Run a study and give what it found.

    Args:
        folder: the study's folder.
        study: its settings; None to read `precipice.toml`.
        simulate: draw a population of known truth in place of the archive.
        own: the user's own files, to read marks and styles of; never those of a simulated population.
        progress: called with each step in words, and its share done where that is known.

    Raises:
        InputError: something in the study or its archive cannot be used.
    """
    study = study or read_study(folder)
    asked = study.study
    events = find_events(asked.events, folder)
    progress("reduce uploads to a panel", None)
    panel, simulated, sources = _panel(folder, study, simulate=simulate)
    panel, drawn = draw_creators(panel, study)
    start = panel.start if asked.start is None else asked.start
    end = panel.end if asked.end is None else asked.end
    progress("count cohorts", None)
    cohorts = draw_by_cutoff(panel, asked.cutoff)
    for cohort in cohorts:
        if len(cohort) < SMALL:
            raise InputError(
                f"the {cohort.name} cohort is too small: {len(cohort)} creators",
                where=f"cutoff {month_text(asked.cutoff)}",
                why=f"{cohort.rule}; uploads run from {month_text(panel.start)} to {month_text(panel.end)}",
                fix=f"choose another cutoff; at least {SMALL} creators are needed on each side",
            )
    overall = count(panel, everyone(panel), cap=asked.cap, start=start, end=end)
    series = count(panel, cohorts, cap=asked.cap, start=start, end=end)
    progress("follow creators by tenure", None)
    retention = retain(panel, "year")
    shown = tuple(event for event in events if start <= event.month <= end)
    effects = estimate_events(panel, study, shown, progress=progress)
    asked_with = Asked(folder, study, panel, cohorts, progress=progress)
    ai = None if simulated else profile_ai(asked_with)
    counts = None if simulated else count_tags(asked_with)
    themes, diversity = profile_tags(asked_with, counts)
    tags = tags_by_cohort(panel, cohorts, counts)
    supply = ((), {}) if ai is None else outlooks_or_reasons(panel, ai.labels, study, tags=tags, progress=progress)
    return Findings(
        study=study,
        panel=panel,
        start=start,
        end=end,
        events=shown,
        overall=overall,
        cohorts=series,
        retention=retention,
        sources=sources,
        effects=effects,
        verdicts=judge(effects),
        beside=illustrate(panel, study, shown, effects, progress=progress),
        themes=themes,
        diversity=diversity,
        draw=drawn,
        collection={} if simulate else read_manifest(folder / ARCHIVE).collection,
        simulated=simulated,
        ai=ai,
        outlooks=supply[0],
        no_outlook=supply[1],
        loop=loop_study(asked_with, supply[0], counts),
        own=None if simulated or own is None else profile_files(own.asked(asked_with)),
    )


def _panel(folder: Path, study: Study, *, simulate: bool) -> tuple[Panel, str | None, tuple[Source, ...]]:
    if not simulate:
        return open_panel(folder, study), None, read_manifest(folder / ARCHIVE).sources
    panel = paper_population(np.random.default_rng(study.study.seed))
    words = " ".join(dict.fromkeys(truth(world).words for world in paper_worlds()))
    return panel, words, ()
