"""What was planted in a simulated panel, in words and numbers: every figure made from one must say so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from precipice.months import month_text
from precipice.population.world import Frame, Population

if TYPE_CHECKING:
    import pyarrow as pa

FRAMES = {
    "population": "all creators",
    "random": "creators drawn at random",
    "followers": "creators with more than {over:,} followers at the end",
    "recent": "creators with an upload in the last {recent} months",
}


@dataclass(frozen=True)
class Truth:
    """The known answer that an estimate from a simulated panel is held against."""

    platform: str
    """Name of the platform."""
    numbers: Mapping[str, float]
    """What happens at the event: `month`, the five numbers of `Planted` (`newcomers` as 0 or 1), `platform_shock`, and
    `incumbent_rate_ratio`, what the planted level and slope make of an incumbent's upload rate in the twelve months
    from the event on (1 is no change)."""
    words: str
    """The same in a sentence or two, for captions."""

    def summary(self) -> str:
        """Give the truth in plain words."""
        return self.words

    def table(self) -> "pa.Table":
        """Give the numbers as a table: `platform`, `quantity`, `value`."""
        import pyarrow as pa

        return pa.table(
            {
                "platform": [self.platform] * len(self.numbers),
                "quantity": list(self.numbers),
                "value": [float(value) for value in self.numbers.values()],
            }
        )


def truth(population: Population) -> Truth:
    """Say what was planted in panels of a population, and what else happens at the event."""
    p, e = population, population.planted
    ratios = [(1 + e.level) * (1 + e.slope) ** month for month in range(12)]
    numbers = {
        "month": float(e.month),
        "level": e.level,
        "slope": e.slope,
        "exit": e.exit,
        "entry": e.entry,
        "newcomers": float(e.newcomers),
        "platform_shock": p.platform_shock,
        "incumbent_rate_ratio": sum(ratios) / len(ratios),
    }
    window = f"{month_text(p.start)} to {month_text(p.end)}"
    opening = f"Simulated, not measured ('{p.platform}', {window}; {_frame_words(p.frame)})."
    return Truth(p.platform, numbers, f"{opening} {_planted_words(p)}")


def _frame_words(frame: Frame) -> str:
    words = FRAMES[frame.kind].format(over=frame.followers_over, recent=frame.recent_months)
    size = f", {frame.size:,} of them" if frame.size is not None else ""
    known = f", seen only from {month_text(frame.history_from)} on" if frame.history_from is not None else ""
    return words + size + known


def _planted_words(population: Population) -> str:
    e, shock = population.planted, population.platform_shock
    who = "everybody's" if e.newcomers else "incumbents'"
    parts = [
        words
        for words, true in (
            (f"{who} upload rate {_percent(e.level)}", e.level != 0),
            (f"{who} upload rate {_percent(e.slope)} with every further month", e.slope != 0),
            (f"{who} hazard of leaving times {e.exit:g}", e.exit != 1),
            (f"entrants a month {_percent(e.entry)}", e.entry != 0),
        )
        if true
    ]
    if parts:
        planted = f"Planted from {month_text(e.month)} on: {'; '.join(parts)}."
    else:
        planted = "No effect was planted: what changes is ordinary attrition, arrival, season and chance."
    if shock != 0:
        planted += f" From {month_text(e.month)} on all creators' upload rate is {_percent(shock)} for another reason."
    return planted


def _percent(change: float) -> str:
    return f"{100 * change:+.3g} %"
