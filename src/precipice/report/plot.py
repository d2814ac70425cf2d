"""The plane of one plot: months across, counts up from nought, and where both fall in pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor, log10

import numpy as np

from precipice.months import month_start
from precipice.records import Event
from precipice.report.lettering import text_width
from precipice.report.look import Layout
from precipice.report.publication import Line

STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
"""Months from one tick to the next."""


@dataclass(frozen=True)
class Plane:
    """What a plot spans."""

    layout: Layout
    width: float
    """Of the plot itself, pixels."""
    height: float
    start: int
    """First month, as in `precipice.months`."""
    end: int
    """Last month, included."""
    ticks: tuple[float, ...]
    """Counts with a tick, from nought on."""
    top: float
    """The largest count there is room for."""
    room: float
    """Pixels that the counts take to the left of the plot."""

    @property
    def begin(self) -> float:
        """First moment, milliseconds since 1970."""
        return milliseconds(month_start(self.start))

    @property
    def finish(self) -> float:
        """First moment past the end."""
        return milliseconds(month_start(self.end + 1))

    @property
    def tick_months(self) -> tuple[int, ...]:
        """Months with a tick: as many as there is room to write."""
        room = 2 * text_width("0000", self.layout.letters)
        months = self.end - self.start + 1
        step = next((step for step in STEPS if step * self.width / months >= room), STEPS[-1])
        return tuple(range(step * ceil(self.start / step), self.end + 1, step))

    def x(self, moment: float) -> float:
        """Pixels from the left edge of a moment in milliseconds."""
        return self.width * (moment - self.begin) / (self.finish - self.begin)

    def y(self, value: float) -> float:
        """Pixels from the upper edge of a count."""
        return self.height * (1 - value / self.top)

    def events(self, events: Iterable[Event]) -> list[tuple[float, Event]]:
        """Give the events within the months, with their pixel."""
        known = ((self.x(event_moment(event)), event) for event in events)
        return [(x, event) for x, event in known if 0 <= x <= self.width]


def plane(layout: Layout, width: float, height: float, lines: Sequence[Line], months: tuple[int, int]) -> Plane:
    """Give the plane that holds all lines with their bands; counts begin at nought."""
    top = 1.04 * max((_top(line) for line in lines), default=1.0)
    ticks = nice_ticks(top, max(2, round(height / (2.8 * layout.letters))))
    room = max(text_width(count_text(tick), layout.letters) for tick in ticks) + 4
    return Plane(layout, width, height, *months, ticks, top, room)


def _top(line: Line) -> float:
    values = np.where(line.complete, np.fmax(line.value, line.high), line.value)
    shown = values[np.isfinite(values)]
    few = line.most if line.few.any() and np.isfinite(line.most) else 0.0
    return max(float(shown.max()) if len(shown) else 1.0, few, 1.0)


def nice_ticks(top: float, most: int) -> tuple[float, ...]:
    """Give ticks from nought up to `top`: one, two or five times a power of ten apart, at most about `most` of them."""
    power = 10.0 ** floor(log10(top / most))
    steps = [power * factor for factor in (1, 2, 5, 10)]
    step = next(step for step in steps if step >= top / most)
    step = max(1.0, step if step <= top else max(step for step in steps if step <= top))
    return tuple(step * index for index in range(floor(top / step) + 1))


def count_text(value: float) -> str:
    """Write a tick."""
    return f"{value / 1000:,.0f}k" if value >= 100_000 else f"{value:,.0f}"


def milliseconds(moment: datetime) -> float:
    """Give a moment as Vega takes it."""
    return moment.timestamp() * 1000


def middle(start: int, end: int) -> str:
    """Give the middle of the months from `start` to `end`, where their number is drawn: events lie at their own day."""
    first, past = month_start(start), month_start(end + 1)
    return f"{first + (past - first) / 2:%Y-%m-%d}"


def event_moment(event: Event) -> float:
    """Give the day of an event, in milliseconds since 1970."""
    return milliseconds(month_start(event.month)) + (event.day.day - 1) * 86_400_000.0
