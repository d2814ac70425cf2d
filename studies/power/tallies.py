"""From lines to rates: blocks of one world and method added up, each rate with its Monte Carlo error."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan, sqrt

from studies.power.ledger import Line

Key = tuple[str, str]


@dataclass(frozen=True)
class Tally:
    """What one method answered on all panels of one world."""

    world: str
    method: str
    panels: int
    refused: int
    rejected: int
    fell: int
    ranked: int
    believed: int
    covered: int
    truth: float
    """Mean over the blocks, in log points."""
    estimate_sum: float
    estimate_squares: float
    se_sum: float

    @property
    def given(self) -> int:
        """Panels on which a number was given; all of them for the verdict, since to be unable to tell is one."""
        return self.panels if self.method == "verdict" else self.panels - self.refused

    @property
    def size(self) -> float:
        """Share of those on which something was said to have happened."""
        return self.rejected / self.given if self.given else nan

    @property
    def error(self) -> float:
        """Monte Carlo standard error of `size`; of a share of nought, that of half a panel."""
        share = max(self.size, 0.5 / self.given) if self.given else nan
        return sqrt(share * (1 - min(share, 1 - 0.5 / self.given)) / self.given) if self.given else nan

    @property
    def coverage(self) -> float:
        """Share of intervals that held the true value."""
        return self.covered / self.given if self.given else nan

    @property
    def mean(self) -> float:
        """Mean estimate, in log points."""
        return self.estimate_sum / self.given if self.given else nan

    @property
    def spread(self) -> float:
        """Standard deviation of the estimates."""
        return sqrt(max(self.estimate_squares / self.given - self.mean**2, 0.0)) if self.given else nan

    @property
    def se(self) -> float:
        """Mean of the standard errors."""
        return self.se_sum / self.given if self.given else nan


ADDED = ("refused", "rejected", "fell", "ranked", "believed", "covered", "estimate_sum", "estimate_squares", "se_sum")


def tally(lines: Iterable[Line]) -> Mapping[Key, Tally]:
    """Add up blocks by world and method, in the order in which they come.

    A sum that is NaN belongs to a method without such numbers (a verdict has no estimate).
    """
    groups: dict[Key, list[Line]] = {}
    for line in lines:
        groups.setdefault((line.world, line.method), []).append(line)
    return {
        key: Tally(
            *key,
            panels=sum(line.replications for line in group),
            truth=sum(line.truth for line in group) / len(group),
            **{name: sum(getattr(line, name) for line in group) for name in ADDED},
        )
        for key, group in groups.items()
    }
