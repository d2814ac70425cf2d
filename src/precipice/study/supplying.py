"""Ask a study's archive for its supply: archive → labels and series → flow → forecast → runways."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from precipice.archive import Progress
from precipice.cohorts import draw_by_cutoff
from precipice.display import Together
from precipice.errors import InputError
from precipice.panel import Panel
from precipice.profiles import Labels, Rule, measure_shares
from precipice.profiles.correction import paired, parse_accuracy
from precipice.series import count
from precipice.study.opening import draw_creators, open_panel
from precipice.study.profiling import Asked
from precipice.study.profiling.ai import open_labels
from precipice.study.profiling.tagging import count_tags
from precipice.study.settings import Study
from precipice.study.strata import TagsOf, tags_by_cohort
from precipice.supply import (
    Belief,
    CohortTags,
    Flow,
    Generations,
    Horizon,
    Outlook,
    Paths,
    Scenario,
    filtered,
    find_runways,
    flow_of,
    forecast,
    pool_generations,
    scenarios_of,
    vary,
)
from precipice.supply.flow import no_labels, parse_share
from precipice.supply.forecast import FARTHEST, PATHS, TIMES
from precipice.supply.recursion import check_policy, with_elsewhere
from precipice.supply.runway import STYLES, metric_of
from precipice.supply.sensitivity import BIASES

AHEAD = 60
"""Months that are forecast where no last one is named, or as many as the history allows."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of a supply."""

    until: int | None = None
    """Last month to forecast; None for `AHEAD` months."""
    metrics: tuple[str, ...] = ("spread", "tail", "effective", "fresh")
    """Keys of `supply.METRICS`, or `stratum:COHORT`."""
    thresholds: tuple[float, ...] = (0.1,)
    """Losses at which it is over."""
    biases: tuple[float, ...] = BIASES
    """Sampling biases; several, since none is measured."""
    policies: tuple[str, ...] = ("fresh", "accumulate")
    """Keys of `supply.POLICIES`."""
    months: int = 12
    """Calendar months a generation."""
    belief: Belief = field(default_factory=Belief)
    """What is believed of the label, or a share in its place."""
    filtered: bool = False
    """Whether what is labelled is dropped before training."""
    elsewhere: float = 0.0
    """Synthetic works from elsewhere for each one that is uploaded here; unknown, so none are counted by default."""
    forecaster: str = "bootstrap"
    """A key of `supply.FORECASTERS`."""
    paths: int = PATHS
    """Number of paths."""

    @classmethod
    def of(cls, study: Study) -> "Wanted":
        """Give what a study's file asks for.

        Raises:
            InputError: the label's accuracy or the stated share cannot be read.
        """
        asked = study.supply
        return cls(
            until=asked.until,
            thresholds=(asked.threshold,),
            months=asked.generation_months,
            belief=believe(asked.sensitivity, asked.specificity, asked.share),
        )

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All scenarios that are asked for."""
        return scenarios_of(self.metrics, self.thresholds, self.biases, self.policies)


def look_ahead(
    folder: Path, study: Study, wanted: Wanted | None = None, *, progress: Progress = lambda step, share: None
) -> tuple[Outlook, ...]:
    """Give the outlook of each platform of a study.

    Args:
        folder: the study's folder.
        study: its settings.
        wanted: what is asked; None for what the study's file asks for.
        progress: called with each step in words, and its share done where that is known.

    Raises:
        InputError: something that was asked for cannot be used, or the history is too short.
    """
    wanted = wanted or Wanted.of(study)
    _check(wanted)
    progress("reduce uploads to a panel", None)
    panel, _ = draw_creators(open_panel(folder, study), study)
    cohorts = draw_by_cutoff(panel, study.study.cutoff)
    asked = Asked(folder, study, panel, cohorts, progress=progress)
    labels = open_labels(asked)
    styles = any(metric.startswith(STYLES) for metric in wanted.metrics)
    tags = tags_by_cohort(panel, cohorts, count_tags(asked)) if styles else {}
    return outlooks(panel, labels, study, wanted, tags=tags, progress=progress)


def outlooks(
    panel: Panel,
    labels: Labels,
    study: Study,
    wanted: Wanted,
    *,
    tags: TagsOf | None = None,
    progress: Progress = lambda step, share: None,
) -> tuple[Outlook, ...]:
    """Give the outlook of each platform of a panel with labels and, for metrics of styles, tags; see `look_ahead`."""
    return Together(outlook() for _, outlook in _each(panel, labels, study, wanted, tags or {}, progress))


def outlooks_or_reasons(
    panel: Panel,
    labels: Labels,
    study: Study,
    *,
    tags: TagsOf | None = None,
    progress: Progress = lambda step, share: None,
) -> tuple[tuple[Outlook, ...], Mapping[str, str]]:
    """Give the outlook of each platform that has one, and for each other platform why it has none.

    Where there are tags, the cohorts' styles have a runway too.

    Raises:
        InputError: what the study's file asks for cannot be read.
    """
    found, reasons, tags = [], {}, tags or {}
    for platform, outlook in _each(panel, labels, study, Wanted.of(study), tags, progress):
        try:
            found.append(outlook())
        except InputError as error:
            reasons[platform] = f"{error.what}, since {error.why}" if error.why else error.what
    return tuple(found), reasons


def _each(
    panel: Panel, labels: Labels, study: Study, wanted: Wanted, tags: TagsOf, progress: Progress
) -> Iterator[tuple[str, Callable[[], Outlook]]]:
    """Give each platform with what makes its outlook."""
    names = [cohort.name for cohort in draw_by_cutoff(panel, study.study.cutoff)]
    for metric in wanted.metrics:
        metric_of(metric, names, next(iter(tags.values()), None))
    for index, (platform, flow) in enumerate(flows(panel, labels, study)):
        progress(f"forecast the supply of {platform}", index / len(panel.platforms))

        def outlook(index: int = index, platform: str = platform, flow: Callable[[], Flow] = flow) -> Outlook:
            return _outlook(flow(), labels.rules[index], wanted, study.study.seed, tags.get(platform))

        yield platform, outlook


def flows(panel: Panel, labels: Labels, study: Study) -> Iterator[tuple[str, Callable[[], Flow]]]:
    """Give each platform with what makes its flow of uploads, which fails where the history is too short."""
    cohorts = draw_by_cutoff(panel, study.study.cutoff)
    series, shares = count(panel, cohorts, start=panel.start, end=panel.end), measure_shares(labels, cohorts)
    for platform in panel.platforms:
        some = [n for n, one in enumerate(series) if one.platform == platform and one.size]
        yield platform, partial(flow_of, [series[n] for n in some], [shares[n] for n in some])


def carry_on(flow: Flow, wanted: Wanted, seed: int) -> Paths:
    """Forecast a flow as far as is wanted; where nothing tells uploads apart, all of them together."""
    last, most = int(flow.months[-1]), min(FARTHEST, TIMES * len(flow.months))
    until = last + min(AHEAD, most) if wanted.until is None else wanted.until
    told = wanted.belief if wanted.belief.stated is not None or flow.labelled else None
    return forecast(flow, until, told, paths=wanted.paths, forecaster=wanted.forecaster, seed=seed)


def _outlook(flow: Flow, rule: Rule, wanted: Wanted, seed: int, tags: CohortTags | None) -> Outlook:
    belief = wanted.belief
    if tags is not None and not any(metric.startswith(STYLES) for metric in wanted.metrics):
        wanted = replace(wanted, metrics=(*wanted.metrics, *(STYLES + cohort for cohort in flow.cohorts)))
    drawn = carry_on(flow, wanted, seed)
    until = int(drawn.months[-1])
    if drawn.source == "unknown":
        error = no_labels(flow)
        return Outlook(flow.platform, rule, None, drawn, (), None, f"{error.what}, since {error.why}; {error.fix}")
    pooled = _prepared(wanted, pool_generations(drawn, wanted.months), belief)
    runways = find_runways(
        pooled, wanted.scenarios, platform=flow.platform, cohorts=flow.cohorts, source=drawn.source, tags=tags
    )
    alone = (
        "fresh",
        "effective",
    )  # neither bias nor policy moves them, and styles hang on the weights of cohorts alone
    asked = (s for s in wanted.scenarios if s.metric not in alone and not s.metric.startswith(STYLES))
    first = next(asked, None)
    horizon, prepare = Horizon(until, wanted.months), partial(_prepared, wanted)
    varied = None if first is None else vary(flow, belief, first, horizon, seed=seed, prepare=prepare)
    return Outlook(flow.platform, rule, belief, drawn, runways, varied, filtered=wanted.filtered)


def _prepared(wanted: Wanted, pooled: Generations, belief: Belief) -> Generations:
    """Add works from elsewhere, and drop what is labelled, if that is asked for."""
    pooled = with_elsewhere(pooled, wanted.elsewhere)
    return filtered(pooled, belief.sensitivity.value, belief.specificity.value) if wanted.filtered else pooled


def believe(sensitivity: str | None, specificity: str | None, share: str | None) -> Belief:
    """Read what is believed of a label, or the share that is stated in its place.

    Args:
        sensitivity, specificity: such as `0.8` or `160/200`; both or neither.
        share: such as `0.2` or `0.1..0.3`.

    Raises:
        InputError: one cannot be read, one of a pair is missing, or a share is stated beside an accuracy.
    """
    texts = {"--sensitivity": sensitivity, "--specificity": specificity}
    read = [None if text is None else parse_accuracy(text, where=where) for where, text in texts.items()]
    accuracy = paired(*read)
    if share is None:
        return Belief() if accuracy is None else Belief(*accuracy)
    if accuracy is not None:
        raise InputError(
            "a share is stated, and so is how often a label errs",
            where="--share",
            why="a stated share stands in the place of any label",
            fix="give one of the two",
        )
    return Belief(stated=parse_share(share))


def _check(wanted: Wanted) -> None:
    """Check what can be checked before any work.

    Raises:
        InputError: a filter goes by a label whose errors nobody stated, or the loop has no such policy or bias.
    """
    for scenario in wanted.scenarios:
        check_policy(scenario.policy, scenario.bias)
    if wanted.filtered and wanted.belief.source != "corrected":
        raise InputError(
            "what a filter leaves is not known",
            where="--drop-labelled",
            why="a filter drops what is labelled, so what it leaves hangs on how often the label errs",
            fix="say how often: --sensitivity 0.8 --specificity 0.99",
        )
