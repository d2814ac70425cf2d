"""The outlook of one platform: supply, runways and what they hang on, with what is to be said of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from precipice.display import Plot, Shown
from precipice.months import month_text
from precipice.profiles import Rule
from precipice.supply.flow import Belief
from precipice.supply.forecast import Paths
from precipice.supply.runway import CAVEATS, Runway
from precipice.supply.sensitivity import Sensitivity

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Outlook(Shown):
    """What is uploaded to a platform, what may come, and what models trained on it would keep."""

    plot = Plot("month", "middle", "low", "high", by="kind", rows="platform")

    platform: str
    rule: Rule
    """The platform's label."""
    belief: Belief | None
    """What is believed of the label, or the share that was stated; None where nothing tells uploads apart."""
    paths: Paths
    """Uploads at hand and to come."""
    runways: tuple[Runway, ...]
    """One a scenario; none where nothing tells human and synthetic uploads apart."""
    sensitivity: Sensitivity | None
    """What the first scenario's runway hangs on."""
    refused: str = ""
    """Why there is no runway; empty where there are some."""
    filtered: bool = False
    """Whether what is labelled was dropped before training."""

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each runway; where there is none, for each year of all uploads to come."""
        if self.runways:
            for runway in self.runways:
                told = runway.as_dict()
                yield told | {"produced_by": str(told["produced_by"]).partition(":")[0].partition(",")[0]}
            return
        yield from self.paths.years()

    def table(self) -> "pa.Table":
        """Give the bands of uploads by month."""
        return self.paths.table()

    def as_dict(self) -> dict[str, Any]:
        """Give everything, as JSON takes it."""
        return {
            "platform": self.platform, "label": self.rule.summary(), "share_from": self.paths.source,
            "share": None if self.belief is None else _believed(self.belief), "refused": self.refused,
            "labelled_dropped": self.filtered, "forecaster": self.paths.forecaster,
            "months": list(self.paths.bands()),
            "runways": [runway.as_dict() | {"generations": list(runway.rows())} for runway in self.runways],
            "sensitivity": None if self.sensitivity is None else self.sensitivity.as_dict(),
            "caveats": list(CAVEATS),
        }  # fmt: skip

    def summary(self) -> str:
        """Say what is uploaded, what may come, when it would matter, and all that this does not say."""
        lines = [f"{self.rule.summary()}.", self.paths.summary()]
        if self.refused:
            return "\n".join([*lines, f"No runway: {self.refused}."])
        lines += self._by_metric()
        lines += [self.sensitivity.summary()] if self.sensitivity else []
        return "\n".join([*lines, " ".join(CAVEATS)])

    def _by_metric(self) -> list[str]:
        """Say each metric's runway in a line: alone, or from the least to the most likely of its scenarios."""
        lines = []
        for key in dict.fromkeys((r.scenario.metric, r.scenario.threshold) for r in self.runways):
            some = [r for r in self.runways if (r.scenario.metric, r.scenario.threshold) == key]
            if len(some) == 1:
                lines.append(some[0].summary())
                continue
            least, most = (pick(some, key=lambda r: r.probability) for pick in (min, max))
            lines.append(
                f"{self.platform}: {most.of} is below {100 * (1 - key[1]):g} % of generation 0 by "
                f"{month_text(most.end)} on {100 * least.probability:.0f} % of paths ({least.under}) to "
                f"{100 * most.probability:.0f} % ({most.under}). By {most.produced_by}."
            )
        return lines


def _believed(belief: Belief) -> dict[str, str]:
    if belief.stated is not None:
        return {"stated": str(belief.stated)}
    return {"sensitivity": str(belief.sensitivity), "specificity": str(belief.specificity)}
