"""Themes: which tags one cohort uses more than the other, before and after an event, and how that changed.

The log-odds of a tag (`precipice.profiles.log_odds`) are of a creator's share of tags, each creator weighing one.
Seniors against juniors in the same months is the gap; the gap after an event less the gap before it is the change.
What all creators do alike drops out of it.  What does not: newcomers always begin otherwise than they go on, and who
stays is not who leaves.  So the change is compared with the same change at dates when nothing happened, cohorts and
windows shifted alike (`precipice.profiles.drift`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from precipice.months import month_text
from precipice.panel import Bool
from precipice.profiles.drift import Drift
from precipice.profiles.tag_sums import Float, Index

if TYPE_CHECKING:
    import pyarrow as pa

Contrast = Literal["gap", "seniors"]
"""`gap`: the change of seniors against juniors.  `seniors`: their own, where too few juniors are before the event."""

DISCOVERY = 0.05
"""Share of false discoveries among the tags named, at most, in the long run (Benjamini & Hochberg 1995)."""

GROUPS = ("senior before", "senior after", "junior before", "junior after")


@dataclass(frozen=True, eq=False)
class Themes:
    """Tags of seniors and juniors around one event on one platform; log-odds are in log points."""

    platform: str
    """Name of the platform."""
    event: str
    """Name of the event."""
    month: int
    """The event's month, the first of those after (see `precipice.months`)."""
    cutoff: int
    """Seniors uploaded before this month, juniors only from it on."""
    before: int
    """Months compared before the event."""
    after: int
    """Months compared from the event on."""
    contrast: Contrast
    """What `change` is a change of."""
    tags: tuple[str, ...]
    """Tags tested, K of them: used by at least `fewest` creators around the event."""
    fewest: int
    """Creators who must have used a tag around the event for it to be tested."""
    users: Index
    """Creators who used each around the event, shape (K,)."""
    group_users: Index
    """Creators who used it in each of `GROUPS`, shape (4, K)."""
    active: Index
    """Creators with a tag in each of `GROUPS`, shape (4,)."""
    shares: Float
    """Mean share of a creator's tags in each group, shape (4, K); not a number in a group of nobody."""
    shares_se: Float
    """Standard errors of these over creators, shape (4, K)."""
    gap_before: Float
    """Seniors' log-odds less juniors' before the event, shape (K,); not a number where a group is too small."""
    gap_before_se: Float
    """Its standard error over creators."""
    gap_after: Float
    """The same from the event on."""
    gap_after_se: Float
    """Its standard error over creators."""
    change: Float
    """Change of the contrast from before to after, shape (K,)."""
    change_se: Float
    """Its standard error over creators."""
    stayers: Float
    """The same among creators active both before and after: what is left of it is who came and who went."""
    stayers_se: Float
    """Its standard error over creators."""
    beyond: Drift
    """The change beyond what dates without an event show; by sampling error alone where there are too few of these."""
    q: Float
    """p of the change, corrected by false-discovery rate over the tags tested, shape (K,)."""
    dates: tuple[int, ...]
    """Months without an event that were compared with, the latest first."""
    reasons: tuple[str, ...]
    """What limits the answer, a sentence each."""

    @property
    def calibrated(self) -> bool:
        """Whether the change was compared with dates without an event."""
        return len(self.dates) > 0

    @property
    def named(self) -> Bool:
        """Tags whose change is beyond chance at the false-discovery rate, shape (K,); none without such dates."""
        return np.asarray((self.q <= DISCOVERY) & self.calibrated, np.bool_)

    @property
    def detectable(self) -> Float:
        """Size of a change that would be named four times in five if it were the only one, shape (K,)."""
        from scipy.special import stdtrit

        tail = float(stdtrit(self.beyond.degrees, 1 - DISCOVERY / 2 / max(len(self.tags), 1)))
        return np.asarray((tail * self.beyond.scale + 0.8416212335729143) * self.beyond.se, np.float64)

    def rows(self) -> list[dict[str, object]]:
        """Give a plain row for each tag, the least p first; log-odds in log points, None for what is not known."""
        order = np.argsort(self.beyond.p, kind="stable").tolist()
        numbers: dict[str, Float] = {
            **{f"share_{name.replace(' ', '_')}": self.shares[i] for i, name in enumerate(GROUPS)},
            "gap_before": self.gap_before,
            "gap_before_se": self.gap_before_se,
            "gap_after": self.gap_after,
            "gap_after_se": self.gap_after_se,
            "change": self.change,
            "change_se": self.change_se,
            "stayers": self.stayers,
            "stayers_se": self.stayers_se,
            "beyond": self.beyond.estimate,
            "beyond_low": self.beyond.estimate - self.beyond.half,
            "beyond_high": self.beyond.estimate + self.beyond.half,
            "p": self.beyond.p,
            "p_rank": self.beyond.p_rank,
            "q": self.q,
        }
        return [
            {
                "platform": self.platform,
                "event": self.event,
                "tag": self.tags[k],
                "users": int(self.users[k]),
                **{name: _known(values[k]) for name, values in numbers.items()},
                "named": bool(self.named[k]),
            }
            for k in order
        ]

    def as_dict(self) -> dict[str, object]:
        """Give everything, as JSON takes it: months as YYYY-MM, None for what is not known."""
        return {
            "platform": self.platform,
            "event": self.event,
            "month": month_text(self.month),
            "cutoff": month_text(self.cutoff),
            "months_before": self.before,
            "months_after": self.after,
            "contrast": self.contrast,
            "active": dict(zip(GROUPS, self.active.tolist(), strict=True)),
            "dates": [month_text(month) for month in self.dates],
            "drift": {
                name: _known(getattr(self.beyond, name)) for name in ("returning", "passing", "scale", "degrees")
            },
            "detectable_factor": self.typical,
            "reasons": list(self.reasons),
            "cannot_say": CANNOT_SAY,
            "tags": self.rows(),
        }

    def table(self) -> "pa.Table":
        """Give a row for each tag, the least p first."""
        import pyarrow as pa

        return pa.Table.from_pylist(self.rows())

    def summary(self) -> str:
        """Say in plain words what was found and what it cannot say."""
        opening = (
            f"{self.platform}, {self.event} ({month_text(self.month)}): {len(self.tags)} tags used by at least "
            f"{self.fewest} creators."
        )
        who = "the gap between seniors and juniors" if self.contrast == "gap" else "seniors' use"
        if not self.calibrated:
            found = f"No change of {who} is named."
        else:
            names = [self.tags[k] for k in np.argsort(self.beyond.p) if self.named[k]]
            listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
            found = (
                f"{len(names) or 'None'} changed in {who} beyond what {len(self.dates)} dates without an event show, "
                f"at a false-discovery rate of {100 * DISCOVERY:.0f} %" + (f": {listed}." if names else ".")
            )
            found += f" Half of the tags would have had to change by a factor of {self.typical:.1f} to be seen."
        return " ".join([opening, found, *self.reasons, f"It cannot say {CANNOT_SAY}."])

    @property
    def typical(self) -> float:
        """The factor of odds by which the tag in the middle must change to be named four times in five."""
        return float(np.exp(np.median(self.detectable)))


CANNOT_SAY = (
    "why a tag changed: whether artists took up other themes, or those of some themes left or came, or tagged otherwise"
)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
