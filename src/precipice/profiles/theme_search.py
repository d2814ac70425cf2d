"""Find the tags whose use by seniors against juniors changed at an event, beyond what other dates show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from precipice.corrections import benjamini_hochberg
from precipice.errors import InputError
from precipice.months import month_text
from precipice.panel import Bool, Panel, Window
from precipice.profiles.drift import FEWEST_DATES, FEWEST_ERRORS, Drift, judge, sampling_only
from precipice.profiles.log_odds import background, log_odds
from precipice.profiles.tag_sums import Float, Group, Index, TagRows, TagSums, count_users, rows_on, sum_groups
from precipice.profiles.themes import GROUPS, Contrast, Themes
from precipice.records import Event

if TYPE_CHECKING:
    from precipice.archive import TagCounts

WINDOW = 12  # one whole year keeps the seasons out
WORTH = 10.0
"""The prior's worth in creators, α₀."""
FEWEST_USERS = 20
"""Creators who used a tag around the event, below which it is not tested: its log-odds are far from normal."""
FEWEST_ACTIVE = 20
"""Active creators of a group, below which it is not compared."""
FEWEST_TOLD = 5
"""Creators below which their number is not written out."""
MOST_DATES = 8
"""Dates without an event that are compared with, the latest first."""
TOGETHER = 2_000
"""Tags whose covariances over all dates are in memory at one time."""

CHANGE: Mapping[Contrast, tuple[float, ...]] = {"gap": (-1, 1, 1, -1), "seniors": (-1, 1, 0, 0)}
"""Weights of the four groups of a date in the change."""
GAP_BEFORE, GAP_AFTER = (1, 0, -1, 0), (0, 1, 0, -1)


@dataclass(frozen=True, eq=False)
class _Setting:
    """One platform and event, with cohorts and windows that can be shifted to earlier dates."""

    platform: str
    rows: TagRows
    first: Index
    seen: Window
    month: int
    cutoff: int
    before: int
    after: int

    def groups(self, month: int) -> list[Group]:
        """Give the four groups of a date: the cutoff lies as far from it as from the event."""
        senior = self.first < self.cutoff - (self.month - month)
        windows = (month - self.before, month), (month, month + self.after)
        return [Group(window, members) for members in (senior, ~senior) for window in windows]

    def stayers(self) -> list[Group]:
        """Give the four groups of the event with those creators alone who are active before and after it."""
        both = self.active((self.month - self.before, self.month)) & self.active((self.month, self.month + self.after))
        return [Group(group.window, group.members & both) for group in self.groups(self.month)]

    def active(self, window: tuple[int, int]) -> Bool:
        """Say who has a tag in a window, shape (n,)."""
        inside = (self.rows.months >= window[0]) & (self.rows.months < window[1])
        return np.bincount(self.rows.creator[inside], minlength=self.rows.size) > 0

    def sizes(self, groups: list[Group]) -> Index:
        """Count the active creators of groups."""
        return np.array([(group.members & self.active(group.window)).sum() for group in groups], np.int64)

    def dates(self, contrast: Contrast) -> tuple[int, ...]:
        """Give the dates without an event: a window apart, wholly before the event, with enough active creators."""
        needed = np.array(CHANGE[contrast]) != 0
        found: list[int] = []
        month = self.month - max(self.before, self.after)
        while month - self.before >= self.seen.first + self.seen.truncated_first and len(found) < MOST_DATES:
            if (self.sizes(self.groups(month))[needed] >= FEWEST_ACTIVE).all():
                found.append(month)
            month -= max(self.before, self.after)
        return tuple(found)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Numbers of K tags; the last axis but those of covariances is K's."""

    shares: Float
    """Of the four groups of the event, shape (4, K)."""
    errors: Float
    """Standard errors of these, shape (4, K)."""
    users: Index
    """Of these groups, shape (4, K)."""
    gaps: Float
    """Before and after, and their variances, shape (2, 2, K)."""
    change: Float
    """At the event, the dates without one, and of stayers, shape (K, D + 2)."""
    covariance: Float
    """Shape (K, D + 2, D + 2)."""


def find_themes(
    panel: Panel,
    counts: "TagCounts",
    platform: str,
    event: Event | int,
    *,
    cutoff: int,
    window: int = WINDOW,
    fewest: int = FEWEST_USERS,
) -> Themes:
    """Find the tags whose use by seniors against juniors changed at an event.

    Args:
        panel: creators with their first uploads.
        counts: their tags by month.
        platform: one of the panel's.
        event: or its month, as in `precipice.months`; the windows are the months before it and from it on.
        cutoff: parts seniors from juniors; at earlier dates it is earlier by as much.
        window: months before and after; fewer after where the observation ends.
        fewest: creators who must have used a tag around the event.

    Raises:
        InputError: no such platform, too few months before or after the event, too few creators with tags, or no tag
            used by enough of them.
    """
    month = event.month if isinstance(event, Event) else event
    setting = _setting(panel, counts, platform, (month, cutoff), window)
    here = setting.groups(month)
    active = setting.sizes(here)
    contrast = _contrast(setting, active)
    tags, users = _tested(setting, fewest)
    dates = setting.dates(contrast)
    found = _measure(setting, tags, dates, contrast)
    beyond, used = _judge(found, dates)
    stayers = setting.sizes(setting.stayers())[np.flatnonzero(CHANGE[contrast])]
    shown = 1.0 if stayers.min() >= FEWEST_ACTIVE else np.nan
    few = np.minimum(active[:2], active[2:]) < FEWEST_ACTIVE
    gaps = np.where(few[:, None, None], np.nan, found.gaps)
    last = len(dates) + 1
    return Themes(
        platform=platform,
        event=event.name if isinstance(event, Event) else month_text(month),
        month=month,
        cutoff=cutoff,
        before=setting.before,
        after=setting.after,
        contrast=contrast,
        tags=tuple(counts.tags[k] for k in tags),
        fewest=fewest,
        users=users,
        group_users=found.users,
        active=active,
        shares=np.where(active[:, None] > 0, found.shares, np.nan),
        shares_se=np.where(active[:, None] > 0, found.errors, np.nan),
        gap_before=gaps[0, 0],
        gap_before_se=_root(gaps[0, 1]),
        gap_after=gaps[1, 0],
        gap_after_se=_root(gaps[1, 1]),
        change=found.change[:, 0],
        change_se=_root(found.covariance[:, 0, 0]),
        stayers=found.change[:, last] * shown,
        stayers_se=_root(found.covariance[:, last, last]) * shown,
        beyond=beyond,
        q=benjamini_hochberg(beyond.p),
        dates=dates if used else (),
        reasons=_reasons(setting, contrast, window, (len(dates), used, len(tags))),
    )


def _setting(panel: Panel, counts: "TagCounts", platform: str, months: tuple[int, int], window: int) -> _Setting:
    seen, (month, cutoff) = panel.window(platform), months
    begins = seen.first + seen.truncated_first
    after = min(window, seen.last_complete + 1 - month)
    if after < 1 or month - window < begins:
        raise InputError(
            f"the event {month_text(month)} lies too near an end of what was observed on {platform}",
            why=f"complete months run from {month_text(begins)} to {month_text(seen.last_complete)}; {window} are "
            "compared before an event and at least one from it on",
            fix=f"choose a shorter window, or an event from {month_text(begins + window)} on",
        )
    rows = rows_on(panel, counts, platform)
    first = panel.only(platform).first.astype(np.int64)
    return _Setting(platform, rows, first, seen, month, cutoff, window, after)


def _contrast(setting: _Setting, active: Index) -> Contrast:
    """Choose what is compared: the gap, or seniors alone where there are too few juniors before the event.

    Raises:
        InputError: there are too few seniors with tags.
    """
    if active[:2].min() < FEWEST_ACTIVE:
        raise InputError(
            f"too few seniors on {setting.platform} have tags around the event",
            why=", ".join(f"{name}: {_many(count)}" for name, count in zip(GROUPS, active.tolist(), strict=True)),
            fix=f"choose another cutoff or a wider window; at least {FEWEST_ACTIVE} are needed before and after",
        )
    return "gap" if active.min() >= FEWEST_ACTIVE else "seniors"


def _many(creators: int) -> str:
    """Write a number of creators; reasons stand in reports, where fewer than 5 are never counted out."""
    return str(creators) if creators == 0 or creators >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD}"


def _tested(setting: _Setting, fewest: int) -> tuple[Index, Index]:
    """Give the tags used by enough creators around the event, and by how many: blind to which side of it they lie."""
    users = count_users(setting.rows, (setting.month - setting.before, setting.month + setting.after))
    tags = np.flatnonzero(users >= fewest)
    if not len(tags):
        raise InputError(
            f"no tag on {setting.platform} was used by {fewest} creators around the event",
            why=f"the most used one was by {_many(int(users.max(initial=0)))}",
            fix="choose a wider window or a later event, or collect more artists",
        )
    return tags, users[tags]


def _measure(setting: _Setting, tags: Index, dates: tuple[int, ...], contrast: Contrast) -> _Measured:
    """Compute the changes at all dates, a part of the tags at a time."""
    groups = [*setting.groups(setting.month), *(g for date in dates for g in setting.groups(date)), *setting.stayers()]
    limits = [slice(4 * d, 4 * d + 4) for d in range(len(groups) // 4)]
    weight = np.kron(np.eye(len(limits)), np.array(CHANGE[contrast], np.float64))
    sides = np.zeros((2, len(groups)))
    sides[:, :4] = GAP_BEFORE, GAP_AFTER
    parts = []
    for low in range(0, len(tags), TOGETHER):
        sums = sum_groups(setting.rows, groups, tags[low : low + TOGETHER])
        odds = log_odds(sums, background(sums, limits), WORTH)
        gaps = np.stack([sides @ odds.value, np.einsum("sg,kgh,sh->sk", sides, odds.covariance, sides)], axis=1)
        shares = sums.shares[:4] / np.maximum(sums.weights[:4, None], 1e-12)
        parts.append(
            _Measured(
                shares,
                _root(_share_variance(sums, shares)),
                sums.users[:4],
                gaps,
                (weight @ odds.value).T,
                weight @ odds.covariance @ weight.T,
            )
        )
    return _Measured(
        np.concatenate([part.shares for part in parts], axis=1),
        np.concatenate([part.errors for part in parts], axis=1),
        np.concatenate([part.users for part in parts], axis=1),
        np.concatenate([part.gaps for part in parts], axis=2),
        np.concatenate([part.change for part in parts]),
        np.concatenate([part.covariance for part in parts]),
    )


def _share_variance(sums: TagSums, shares: Float) -> Float:
    """Give the variance over creators of weighted mean shares: Σ w² (p − mean)²/(Σ w)², of the first four groups."""
    own = np.arange(4)
    squares = sums.products[own, own] - 2 * shares * sums.common[own, own] + shares**2 * sums.pairs[own, own][:, None]
    return np.asarray(squares / np.maximum(sums.weights[:4, None], 1e-12) ** 2, np.float64)


def _root(variance: Float) -> Float:
    """Give standard errors; a tag that everybody carries alike has a variance of nought, but for rounding."""
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), np.float64)


def _judge(found: _Measured, dates: tuple[int, ...]) -> tuple[Drift, bool]:
    """Judge the change against dates without an event, or by sampling error where there are too few."""
    if len(dates) >= FEWEST_DATES and len(dates) * len(found.change) >= FEWEST_ERRORS:
        return judge(found.change[:, :-1], found.covariance[:, :-1, :-1]), True
    return sampling_only(found.change[:, 0], found.covariance[:, 0, 0]), False


def _reasons(setting: _Setting, contrast: Contrast, window: int, known: tuple[int, bool, int]) -> tuple[str, ...]:
    n_dates, used, n_tags = known
    found = []
    if contrast == "seniors":
        found.append(
            f"Fewer than {FEWEST_ACTIVE} juniors have tags before or after the event, so seniors are compared with "
            "themselves, and what changed for everybody is not told apart."
        )
    if not used:
        found.append(
            f"Only {n_dates} dates without an event and {n_tags} tags could be compared with (needed: {FEWEST_DATES} "
            f"dates, and {FEWEST_ERRORS} tags and dates together): p is of sampling error alone, and drift that no "
            "event made would pass for a change."
        )
    if setting.after < window:
        found.append(f"Only {setting.after} of {window} months from the event on are complete.")
    return tuple(found)
