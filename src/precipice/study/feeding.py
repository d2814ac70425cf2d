"""Feed a loop from a study: uploads by generation, as counted and as forecast, and what is known of them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precipice.archive import Progress
from precipice.cohorts import draw_by_cutoff
from precipice.errors import InputError
from precipice.loops.feed import Feed, series
from precipice.months import month_text
from precipice.study.opening import draw_creators, open_panel
from precipice.study.profiling import Asked
from precipice.study.profiling.ai import open_labels
from precipice.study.settings import Study
from precipice.study.supplying import Wanted, carry_on, flows
from precipice.supply import Flow, Paths, pool_generations
from precipice.supply.flow import no_labels


@dataclass(frozen=True, eq=False)
class Measured:
    """A feed with the months that it is of."""

    feed: Feed
    """Entry 0 is the months before synthetic uploads begin, or their share is stated from."""
    months: int
    """Calendar months a generation."""
    starts: npt.NDArray[np.int64]
    """First month of each generation, as in `precipice.months`, shape (G + 1,)."""
    known: int
    """Generations, after generation 0, that lie within the months at hand; the others are forecast."""
    source: str
    """Where the share of synthetic uploads is from: `labelled`, `corrected` or `stated`."""


def measured_feed(paths: Paths, months: int) -> Measured:
    """Pool a platform's paths into generations, the middle path of each generation's human and synthetic uploads.

    Args:
        paths: uploads at hand and to come, told apart.
        months: calendar months a generation.

    Raises:
        InputError: a generation does not fit the months, or holds fewer than two uploads.
    """
    pooled = pool_generations(paths, months)
    human = np.concatenate([[np.median(pooled.first.sum(axis=1))], np.median(pooled.human.sum(axis=1), axis=0)])
    synthetic = np.concatenate([[0.0], np.median(pooled.synthetic, axis=0)])
    starts = np.concatenate([[pooled.starts[0] - months], pooled.starts]).astype(np.int64)
    ahead = len(human) - 1 - pooled.known
    counted = f"{pooled.known} {'is' if pooled.known == 1 else 'are'} counted"
    words = (
        f"uploads to {paths.platform} by {months} months from {month_text(int(starts[0]))} on, of which after the "
        f"first {counted} and {ahead} forecast (middle of {len(paths.human):,} paths), share of synthetic ones "
        f"{paths.source}"
    )
    return Measured(series(human.tolist(), synthetic.tolist(), words=words), months, starts, pooled.known, paths.source)


def feed_of(
    folder: Path,
    study: Study,
    *,
    platform: str | None = None,
    months: int | None = None,
    progress: Progress = lambda step, share: None,
) -> Measured:
    """Give the human and synthetic uploads of a study's platform by generation.

    Args:
        folder: the study's folder.
        study: its settings; `[supply]` says what is believed of labels and how far is forecast.
        platform: which; None where there is only one.
        months: calendar months a generation; None for the study's.
        progress: called with each step in words.

    Raises:
        InputError: there is no such platform or several, the history is too short, or nothing tells human and
            synthetic uploads apart.
    """
    wanted = Wanted.of(study)
    wanted = wanted if months is None else replace(wanted, months=months)
    progress("reduce uploads to a panel", None)
    panel, _ = draw_creators(open_panel(folder, study), study)
    chosen = _chosen(panel.platforms, platform)
    cohorts = draw_by_cutoff(panel, study.study.cutoff)
    labels = open_labels(Asked(folder, study, panel, cohorts, progress=progress))
    progress(f"forecast the supply of {chosen}", None)
    flow = dict(flows(panel, labels, study))[chosen]()
    drawn = carry_on(flow, wanted, study.study.seed)
    if drawn.source == "unknown":
        raise _silent(flow)
    return measured_feed(drawn, wanted.months)


def _chosen(platforms: tuple[str, ...], platform: str | None) -> str:
    if platform is None and len(platforms) == 1:
        return platforms[0]
    if platform in platforms:
        return str(platform)
    raise InputError(
        "one platform feeds a loop" if platform is None else f"there is no platform '{platform}'",
        where="--platform",
        why=f"the study has {', '.join(platforms)}",
        fix=f"name one:  --platform {platforms[0]}",
    )


def _silent(flow: Flow) -> InputError:
    error = no_labels(flow)
    return InputError(
        error.what, where=error.where, why=error.why,
        fix='state a share to see what it would mean: share = "0.2" under [supply] in precipice.toml',
    )  # fmt: skip
