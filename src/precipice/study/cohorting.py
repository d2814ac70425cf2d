"""Draw the cohorts that a command asks for, and count them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from precipice.archive import Progress
from precipice.cohorts import Draw, Vintage, draw, tags_named
from precipice.panel import Panel
from precipice.series import Retention, Series, count, retain
from precipice.study.opening import draw_creators, open_panel
from precipice.study.settings import Study


@dataclass(frozen=True, eq=False)
class Counted:
    """Series of cohorts, with the panel and the draw that they are of."""

    panel: Panel
    series: tuple[Series, ...]
    retention: tuple[Retention, ...]
    """By entry vintage; empty unless asked for."""
    draw: Draw | None
    """The random sample, if one was drawn."""

    def rows(self, *, intervals: bool = False) -> Iterator[dict[str, object]]:
        """Give a plain row for each platform, cohort and month."""
        for series in self.series:
            if not intervals:
                yield from series.rows()
                continue
            for row in series.table().to_pylist():
                yield {name: round(v, 3) if isinstance(v, float) else v for name, v in row.items()}

    def retention_rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each platform, vintage and tenure."""
        for retention in self.retention:
            yield from retention.rows()

    def write_draw(self, place: Path) -> None:
        """Write the draw as CSV: platform, creator, probability of inclusion."""
        import csv

        if self.draw is None:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["platform", "creator", "probability"], lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.draw.table().to_pylist())


def count_cohorts(
    folder: Path,
    study: Study,
    by: str = "cutoff",
    *,
    retention: bool = False,
    progress: Progress = lambda step, share: None,
) -> Counted:
    """Count the uploads of a study's cohorts.

    Args:
        folder: the study's folder.
        study: its settings.
        by: `cutoff`, `month`, `quarter`, `year`, `all`, or a condition (see `precipice.cohorts.meets`).
        retention: whether to follow creators by tenure too.
        progress: called with each step in words, and its share done where that is known.

    Raises:
        InputError: the cutoff lies outside the data, nobody meets a condition, or there is no archive.
    """
    asked = study.study
    named = by not in ("cutoff", "month", "quarter", "year", "all")
    progress("reduce uploads to a panel", None)
    panel = open_panel(folder, study, tags=tags_named(by) if named else ())
    panel, drawn = draw_creators(panel, study)
    progress("count cohorts", None)
    series = count(panel, draw(panel, by, cutoff=asked.cutoff), cap=asked.cap, start=asked.start, end=asked.end)
    vintage: Vintage = "month" if by == "month" else "quarter" if by == "quarter" else "year"
    return Counted(panel, series, retain(panel, vintage) if retention else (), drawn)
