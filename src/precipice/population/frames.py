"""From everybody on the platform to the creators that a researcher would see."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.panel import Bool, Panel, Window
from precipice.population.world import Frame, Population

UPLOADS_EXPONENT = 0.9  # followers grow by 0.93 % with 1 % more uploads on Foundation (14,639 creators, 2021)
TENURE_EXPONENT = 1.0  # Foundation's five months show no growth with tenure: assumed, in proportion to months there


def draw_followers(
    uploads: npt.NDArray[np.int64], months: npt.NDArray[np.integer], population: Population, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw each creator's followers at the end of the window, log-normal around a law of activity and tenure.

    Args:
        uploads: uploads over the whole history, shape (n,).
        months: months from first to last upload, both included, shape (n,).
        population: the platform.
        rng: source of chance.
    """
    years = 1 + (months - 1) / 12
    log_mean = np.log(population.followers) + UPLOADS_EXPONENT * np.log(uploads) + TENURE_EXPONENT * np.log(years)
    followers: npt.NDArray[np.float64] = np.exp(
        log_mean + population.followers_sigma * rng.standard_normal(len(uploads))
    )
    return followers.astype(np.int64)


def in_frame(panel: Panel, frame: Frame) -> Bool:
    """Say which creators can be drawn, shape (n,); followers and last uploads are those at the end of the window."""
    if frame.kind == "followers":
        return np.asarray(panel.followers > frame.followers_over)
    if frame.kind == "recent":
        return np.asarray(panel.last > panel.end - frame.recent_months)
    return np.ones(len(panel), dtype=np.bool_)


def sampled(panel: Panel, frame: Frame, rng: np.random.Generator) -> Panel:
    """Draw the frame's creators and cut off what lies before the records begin.

    Creators who uploaded nothing since the records began are not in the panel, however they were drawn.

    Raises:
        InputError: fewer creators in the frame than are to be drawn, or none left.
    """
    chosen = in_frame(panel, frame)
    eligible = np.flatnonzero(chosen)
    if frame.size is not None and len(eligible) < frame.size:
        raise InputError(
            f"the frame '{frame.kind}' cannot give {frame.size:,} creators",
            why=f"{len(eligible):,} of the {len(panel):,} simulated ones are in it",
            fix="raise the population's entries, or lower the frame's size",
        )
    if frame.size is not None:
        chosen = np.zeros(len(panel), dtype=np.bool_)
        chosen[rng.choice(eligible, frame.size, replace=False)] = True
    if not chosen.all():
        panel = panel.keep(chosen)
    return panel if frame.history_from is None else records_from(panel, frame.history_from)


def records_from(panel: Panel, month: int) -> Panel:
    """Forget all uploads before a month: first uploads become the first ones seen, and the first month is truncated."""
    seen = panel.month >= month - panel.start
    lengths = np.bincount(panel.row[seen], minlength=len(panel))
    some = lengths > 0
    indptr = np.concatenate([[0], np.cumsum(lengths[some])]).astype(np.int64)
    months = panel.month[seen] - (month - panel.start)
    return replace(
        panel,
        creators=panel.creators[some],
        platform=panel.platform[some],
        start=month,
        indptr=indptr,
        month=months.astype(np.int16),
        count=panel.count[seen],
        first=(month + months[indptr[:-1]]).astype(np.int32),
        followers=panel.followers[some],
        windows=tuple(Window(month, window.last, True, window.unfinished_last) for window in panel.windows),
        tags={tag: used[some] for tag, used in panel.tags.items()},
    )
