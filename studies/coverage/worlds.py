"""Simulated platforms with a planted share of synthetic uploads, cut off where a forecast would have been made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from precipice.cohorts import draw_by_cutoff
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of
from precipice.population import Planted, Population, populate
from precipice.profiles import Accuracy, label, measure_shares
from precipice.series import count
from precipice.supply import Belief, Flow, flow_of

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

START, END = parse_month("2014-01"), parse_month("2023-10")
CUTOFF = parse_month("2018-01")
LABELS_FROM = parse_month("2019-10")
NOW = parse_month("2021-10")
"""The first month that is forecast: 24 months of labels before it, and 25 months of truth from it on."""
SENSITIVITY, SPECIFICITY, TRIED = 0.8, 0.99, 200
"""The label, and the works of either kind on which somebody tried it."""

_COMMON = Population(start=START, end=END, entries=40, surge=0.0, calendar_sd=0.1)
WORLDS: Mapping[str, Population] = {
    "steady": _COMMON,
    "restless": replace(_COMMON, calendar_sd=0.25, calendar_persistence=0.8),
    "growing": replace(_COMMON, entries=15, growth=0.25),
    "emptying": replace(_COMMON, entries=90, growth=-0.25),
    "struck": replace(_COMMON, planted=Planted(month=NOW + 6, level=-0.3, exit=1.5)),
}
"""By name; in `struck`, half a year into the forecast, the rate of all who are there falls by three tenths and half as
many again leave, which no past foretells."""


@dataclass(frozen=True)
class Cells:
    """Counts by creator and month, in the shape of the archive's."""

    platforms: tuple[str, ...]
    platform: Whole
    creator: Whole
    month: Whole
    counts: Mapping[str, Whole]
    mentions: Mapping[str, Whole]
    spellings: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class World:
    """What is known at the cut, what is believed of the label, and what came."""

    flow: Flow
    belief: Belief
    human: Float
    """True human uploads by cohort in all months, shape (C, T)."""
    synthetic: Float
    """True synthetic uploads in all months, shape (T,)."""


def draw_world(name: str, rng: np.random.Generator) -> World:
    """Draw a platform, plant synthetic uploads, label them with errors, and cut."""
    panel = populate(WORLDS[name], rng)
    synthetic = _plant(panel, rng)
    declared = rng.binomial(synthetic, SENSITIVITY) + rng.binomial(panel.count - synthetic, 1 - SPECIFICITY)
    month = panel.month + panel.start
    declared = np.where(month >= LABELS_FROM, declared, 0)
    asked = np.where(month >= LABELS_FROM, panel.count, 0)
    flow = _flow(panel, declared, asked)
    se, sp = (Accuracy(rng.binomial(TRIED, value) / TRIED, TRIED) for value in (SENSITIVITY, SPECIFICITY))
    senior = (panel.first < CUTOFF)[panel.row]
    span = panel.n_months
    human = [np.bincount(panel.month[c], (panel.count - synthetic)[c], minlength=span) for c in (senior, ~senior)]
    made = np.bincount(panel.month, synthetic, minlength=span)
    return World(flow, Belief(se, sp), np.array(human, float), np.asarray(made, np.float64))


def _plant(panel: Panel, rng: np.random.Generator) -> Whole:
    """Make uploads synthetic: a share that rises and levels off, restless, and very uneven over creators."""
    months = np.arange(panel.n_months) + panel.start
    rise = rng.uniform(1.0, 2.5) * (1 - np.exp(-np.maximum(months - LABELS_FROM, 0) / rng.uniform(12, 36)))
    noise = np.zeros(len(months))
    for t in range(1, len(months)):
        noise[t] = 0.9 * noise[t - 1] + rng.normal(0, 0.06)
    odds = rng.uniform(-3.5, -2.0) + rise + noise
    share = np.where(months >= LABELS_FROM, 1 / (1 + np.exp(-odds)), 0.0)
    inclined = rng.gamma(0.5, 2.0, len(panel))
    own = np.clip(share[panel.month] * inclined[panel.row], 0, 1)
    return np.asarray(rng.binomial(panel.count, own), np.int64)


def _flow(panel: Panel, declared: Whole, asked: Whole) -> Flow:
    """Cut the panel at `NOW` and give what is then known of it."""
    kept = panel.month + panel.start < NOW
    row = panel.row[kept]
    window = Window(START, NOW - 1, truncated_first=False, unfinished_last=False)
    part = panel_of(
        panel.platforms, panel.platform[row], panel.creators[row], panel.month[kept] + panel.start, panel.count[kept],
        windows={panel.platforms[0]: window}, origin=panel.origin,
    )  # fmt: skip
    zeros = np.zeros(len(part.month), np.int64)
    counts = dict.fromkeys(("unsaid_readable", "opted_out", "not_opted_out", "tagged"), zeros)
    counts |= {"uploads": part.count.astype(np.int64), "declared": declared[kept], "denied": (asked - declared)[kept]}
    cells = Cells(
        part.platforms, part.platform[part.row].astype(np.int64), part.creators[part.row],
        part.month.astype(np.int64) + part.start, counts, {}, {},
    )  # fmt: skip
    cohorts = draw_by_cutoff(part, CUTOFF)
    return flow_of(count(part, cohorts), measure_shares(label(part, cells), cohorts))
