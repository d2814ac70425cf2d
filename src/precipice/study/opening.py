"""Open a study's archive: reduce it to the panel that everything else is read off."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from precipice.archive import Limits, read_manifest, reduce
from precipice.cohorts import Draw, sample, tags_named
from precipice.months import parse_month
from precipice.panel import Bool, Panel, Window
from precipice.sources.collection.ledger import NAME as LEDGER
from precipice.sources.collection.ledger import Ledger
from precipice.study.settings import Study, read_study

ARCHIVE = "archive"


def limits_of(study: Study, folder: Path) -> Limits:
    """Give what the engine may use, by a study's settings; a relative spill folder is relative to the study."""
    engine = study.engine
    spill = folder / engine.spill if engine.spill else None
    return Limits(engine.memory, engine.threads, spill, engine=engine.name, master=engine.master)


def open_panel(folder: Path, study: Study | None = None, *, tags: tuple[str, ...] = ()) -> Panel:
    """Reduce a study's archive to its panel.

    Args:
        folder: the study's folder.
        study: its settings; None to read them.
        tags: tags for which the panel shall know who used them.

    Raises:
        InputError: there is no archive, or it is empty, or a platform asked for is not in it.
    """
    study = study or read_study(folder)
    tags = tuple(dict.fromkeys((*tags, *tags_named(study.study.where))))
    reduced = reduce(folder / ARCHIVE, clock=study.study.clock, tags=tags, limits=limits_of(study, folder))
    collection = read_manifest(folder / ARCHIVE).collection
    windows = tuple(
        _collected_window(_window(*span, day, study), study, collection.get(name, {}))
        for name, span, day in zip(reduced.platforms, reduced.spans, reduced.last_days, strict=True)
    )
    start = min(reduced.start, *(window.first for window in windows))
    # Arrays stay those of the file, months too where nobody says that observation began before the first upload.
    shift = np.int16(reduced.start - start)
    panel = Panel(
        platforms=reduced.platforms,
        creators=reduced.creators,
        platform=reduced.platform,
        start=start,
        end=max(*(last for _, last in reduced.spans), *(window.last for window in windows)),
        indptr=reduced.indptr,
        month=reduced.month + shift if shift else reduced.month,
        count=reduced.counts,
        first=reduced.first,
        followers=reduced.followers,
        windows=windows,
        tags=reduced.tags,
    )
    if study.study.partial == "drop":
        panel = panel.keep(~_is_partial(panel, partial_creators(folder / ARCHIVE)))
    chosen = study.study.platforms
    if not chosen:
        return panel
    for name in chosen:
        panel.window(name)
    kept = panel.keep(np.isin(np.array(panel.platforms)[panel.platform], chosen))
    names = tuple(name for name in panel.platforms if name in chosen)
    renumber = np.array([names.index(name) if name in names else -1 for name in panel.platforms], np.int16)
    windows_kept = tuple(panel.window(name) for name in names)
    return replace(kept, platforms=names, windows=windows_kept, platform=renumber[kept.platform])


def partial_creators(archive: Path) -> frozenset[tuple[str, int]]:
    """Give the platform and pseudonym of collected artists of whom something is missing."""
    entries = [entry for entry in Ledger(archive / LEDGER).entries.values() if entry.creator]
    whole = {(entry.site, entry.creator) for entry in entries if entry.state == "complete"}
    return frozenset(
        (entry.site, int(entry.creator, 16)) for entry in entries
        if entry.post is not None and (entry.site, entry.creator) not in whole
    )  # fmt: skip


def _is_partial(panel: Panel, partial: frozenset[tuple[str, int]]) -> Bool:
    found = np.zeros(len(panel), np.bool_)
    for index, name in enumerate(panel.platforms):
        mine = np.array([creator for platform, creator in partial if platform == name], np.int64)
        found |= (panel.platform == index) & np.isin(panel.creators, mine)
    return found


def _window(first: int, last: int, last_day: str, study: Study) -> Window:
    """Say what is known of a platform's observation: from the study, else from the uploads, with doubt."""
    known_from, known_to = study.archive.observed_from, study.archive.observed_to
    ends = (np.datetime64(last_day, "D") + 1).astype("datetime64[M]") > np.datetime64(last_day, "M")
    return Window(
        first if known_from is None else min(first, known_from),
        last if known_to is None else max(last, known_to),
        truncated_first=known_from is None or known_from > first,
        unfinished_last=not ends if known_to is None else known_to < last,
    )


def _collected_window(window: Window, study: Study, note: Mapping[str, object]) -> Window:
    """Say more surely what is known of a platform that was collected from: artists were read from first to last."""
    until = min((str(note[name]) for name in ("until", "whole_to") if note.get(name)), default=None)
    if until is None or note.get("all_creators"):
        return window
    last = parse_month(until[:7])
    first_known = window.truncated_first and study.archive.observed_from is None and note.get("since") is None
    last_known = study.archive.observed_to is None
    return replace(
        window,
        truncated_first=window.truncated_first and not first_known,
        unfinished_last=window.last >= last if last_known else window.unfinished_last,
    )


def draw_creators(panel: Panel, study: Study) -> tuple[Panel, Draw | None]:
    """Draw the random sample that a study asks for; the whole panel and None where it asks for none."""
    asked = study.study
    if asked.n is None and asked.where is None:
        return panel, None
    if panel.origin == "simulated":  # its frame was sampled already, by the law that the truth states
        return panel, None
    draw = sample(panel, asked.n or len(panel), where=asked.where, seed=asked.seed)
    return panel.keep(draw.members), draw
