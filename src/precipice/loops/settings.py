"""One loop's settings: what is fitted, fed and measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.loops.counts import zipf
from precipice.loops.feed import Feed, check_share, constant
from precipice.loops.loop import Plan
from precipice.loops.models import MODELS
from precipice.loops.policies import POLICIES, SHARES, WEIGHTED


@dataclass(frozen=True, eq=False, kw_only=True)
class Loop:
    """A self-consuming loop; `precipice.simulate` runs it."""

    model: str = "gaussian"
    """A key of `precipice.loops.MODELS`."""
    policy: str = "synthetic"
    """A key of `precipice.loops.POLICIES`."""
    n: int = 1_000
    """Works a generation is fitted to, human and synthetic together."""
    share: float | None = None
    """Human share of n; None for a half with `augment` and `fresh`, all with `real`, nought with the others."""
    generations: int | None = None
    """Generations after the first; None for all that the supply has, or 10 where it is constant."""
    feed: Feed | None = None
    """A supply that changes, in place of n and share."""
    bias: float = 1.0
    """Sampling bias λ: 1 for the model as it is, below 1 for quality at the cost of diversity."""
    weight: float | None = None
    """Weight of the human works in place of their share, with `augment` and `fresh`."""
    label: tuple[float, float] | None = None
    """Sensitivity and specificity of an AI label by which works are left out; None to leave none out."""
    dimension: int = 1
    """Dimensions of the human distribution where it is made up, or how many styles there are."""
    styles: npt.NDArray[Any] | None = None
    """Shares of the styles of a made-up world, in place of Zipf's over `dimension` styles; the commonest first."""
    works: npt.NDArray[Any] | None = None
    """Real works in place of a made-up distribution, works × numbers."""
    features: Callable[[npt.NDArray[Any]], npt.NDArray[Any]] | None = None
    """What works are turned into before distances are measured; None to measure them as they are."""
    metrics: tuple[str, ...] = ()
    """What is measured; empty for what is usual with the model."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the model, such as `{"components": 20}`."""
    by_samples: bool = False
    """Draw works even where exact draws of sufficient statistics would do."""
    single: bool = False
    """Count in single precision: half the time and memory; for sufficient statistics of Gaussians alone."""

    def __post_init__(self) -> None:
        """Refuse what cannot be run.

        Raises:
            InputError: a name nobody knows, or a number out of range.
        """
        for name, known in (("model", MODELS), ("policy", POLICIES)):
            if getattr(self, name) not in known:
                raise InputError(f"there is no {name} '{getattr(self, name)}'", fix=f"choose one of {', '.join(known)}")
        if not 0 < self.bias <= 1:
            raise InputError(
                f"the sampling bias is {self.bias:g}",
                why="λ is above 0 and at most 1; 1 gives the model's outputs as they are",
                fix="give a bias such as 0.9",
            )
        if self.dimension < 1:
            raise InputError(f"{self.dimension} dimensions are asked for", fix="ask for 1 or more")
        if self.model == "styles" and self.works is None and len(self.shares()) < 2:
            raise InputError("one style cannot lose diversity", fix="set dimension to the number of styles, 2 or more")
        self._check_weight()
        self.supply()

    def _check_weight(self) -> None:
        if self.weight is None:
            return
        check_share("the weight", self.weight)
        if self.policy not in WEIGHTED:
            raise InputError(
                f"the policy '{self.policy}' takes no weight",
                why="a weight is of one human batch against one synthetic",
                fix=f"choose {' or '.join(WEIGHTED)}, or leave the weight out",
            )

    def shares(self) -> npt.NDArray[np.float64]:
        """Give the shares of the styles of a made-up world, the commonest first.

        Raises:
            InputError: they are no shares.
        """
        if self.styles is None:
            return zipf(self.dimension)
        p = np.sort(np.asarray(self.styles, dtype=np.float64))[::-1]
        if not (np.isfinite(p).all() and (p > 0).all()):
            raise InputError("styles with no share, or less, cannot be drawn", fix="leave those styles out")
        return np.asarray(p / p.sum())

    @property
    def closed(self) -> bool:
        """Whether sufficient statistics can be drawn in place of works."""
        made_up = self.works is None and not self.by_samples
        if self.model == "gaussian":
            return made_up and self.policy != "accumulate_subsample" and not set(self.options) - {"likelihood"}
        return made_up and self.model == "styles" and self.weight is None

    def supply(self) -> Feed:
        """Give the works by generation.

        Raises:
            InputError: the supply cannot feed the policy.
        """
        share = SHARES.get(self.policy, 0.0) if self.share is None else self.share
        if self.feed is None:
            feed = constant(self.n, share, 10 if self.generations is None else self.generations)
        else:
            feed = self.feed if self.generations is None else self.feed.until(self.generations)
        feed = feed if self.label is None else feed.filtered(*self.label)
        lacking = _lacking(self.policy, feed)
        if lacking:
            raise InputError(f"the policy '{self.policy}' is fed with {lacking}", why=feed.words,
                             fix="change the share, the supply or the policy")  # fmt: skip
        return feed

    def plan(self) -> Plan:
        """Give policy, bias and weight."""
        return Plan(POLICIES[self.policy], self.bias, self.weight)

    def describe(self) -> str:
        """Say it in a line."""
        what = f"{self.model}, {self.policy}: {self.supply().words}, λ = {self.bias:g}"
        return what + ("" if self.weight is None else f", weight {self.weight:.3g} on human works")


Kind = Literal["human", "synthetic"]


def _lacking(policy: str, feed: Feed) -> str:
    """Say which works a policy cannot do without and does not get: fewer than two of them cannot be fitted to."""
    if policy == "synthetic" and (feed.synthetic[1:] < 2).any():
        return "fewer than two synthetic works in some generation"
    if policy == "augment" and feed.human[0] < 2:
        return "no human works"
    return ""
