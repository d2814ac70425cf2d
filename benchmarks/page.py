"""Time the page in a browser: how large it is, when its first picture stands, what a step of a slider takes.

    python benchmarks/page.py [--creators 10000 300000] [--steps 12]

Panels are simulated and published as if they were real, so that cells under five creators are merged.  Results go to
`results_page.md`.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.months import parse_month
from precipice.population import WORLDS, populate
from precipice.records import EVENTS
from precipice.report import render
from precipice.series import count, retain
from precipice.study import Findings, Study

HERE = Path(__file__).parent
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LIMITS = {10_000: 120.0, 300_000: 350.0}
"""Milliseconds that a step may take, by creators."""

STEP = """async ([id, value]) => {
  const input = document.getElementById(id), before = document.documentElement.dataset.shown;
  const start = performance.now();
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  while (document.documentElement.dataset.shown === before) await new Promise((done) => requestAnimationFrame(done));
  return performance.now() - start;
}"""
"""A step ends with the frame in which the new picture and its words stand."""


@dataclass(frozen=True)
class Timed:
    """One page, measured."""

    creators: int
    uploads: int
    writing: float
    """Seconds to write page, figures and tables."""
    size: int
    """Bytes of the page."""
    numbers: int
    """Bytes of the numbers that its sliders move."""
    first: float
    """Milliseconds from opening to the first picture, median."""
    steps: dict[str, tuple[float, float]]
    """For each slider median and largest of its steps, milliseconds."""

    @property
    def worst(self) -> float:
        """Largest median of a slider."""
        return max(median for median, _ in self.steps.values())


def findings(creators: int) -> Findings:
    """Simulate a platform of about so many creators, and count it as if it were real."""
    world = WORLDS["realistic"]
    small = populate(world, np.random.default_rng(1))
    world = replace(world, entries=world.entries * creators / len(small))
    panel = populate(world, np.random.default_rng(2))
    cutoff = parse_month("2022-01")
    shown = tuple(event for event in EVENTS.values() if panel.start <= event.month <= panel.end)
    settings = Study.model_validate({"study": {"cutoff": cutoff, "title": f"{len(panel):,} simulated creators"}})
    return Findings(
        study=settings, panel=panel, start=panel.start, end=panel.end, events=shown,
        overall=count(panel, everyone(panel)),
        cohorts=count(panel, draw_by_cutoff(panel, cutoff)), retention=retain(panel), sources=(),
    )  # fmt: skip


def measure(page: Page, address: str, steps: int) -> tuple[float, dict[str, tuple[float, float]]]:
    """Open a page a few times, then step every slider through its range."""
    first = []
    for _ in range(5):
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        first.append(float(page.evaluate("Number(document.documentElement.dataset.first)")))
    times = {}
    for name in ("cutoff", "cap", "window", "from"):
        place = f"explore-{name}"
        low, high = (int(page.get_attribute(f"#{place}", end) or 0) for end in ("min", "max"))
        values = np.linspace(low, high, steps).round().astype(int).tolist()[::-1]
        values = [b for a, b in zip([None, *values], values, strict=False) if a != b]
        found = [page.evaluate(STEP, [place, value]) for value in values]
        times[name] = (statistics.median(found), max(found))
        page.evaluate(STEP, [place, low if name == "from" else high])
    return statistics.median(first), times


def timed(creators: int, steps: int, folder: Path) -> Timed:
    """Write a page of so many creators, and time it."""
    found = findings(creators)
    start = time.perf_counter()
    place = render(found, folder)
    writing = time.perf_counter() - start
    text = place.read_text(encoding="utf-8")
    held = text.split('id="explorer-data">')[1].split("</script>")[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
        first, times = measure(context.new_page(), place.as_uri(), steps)
        browser.close()
    caps = json.loads(held)["platforms"][0]["caps"]
    print(f"{len(found.panel):,} creators: {[(cap['cap'], len(cap['cutoffs'])) for cap in caps]}")
    uploads = int(found.panel.count.sum())
    return Timed(len(found.panel), uploads, writing, place.stat().st_size, len(held), first, times)


def words(found: list[Timed], sizes: list[int]) -> str:
    """Write the results as a page."""
    rows = [
        f"| {one.creators:,} | {one.uploads:,} | {one.writing:.0f} s | {one.size / 1e6:.2f} MB "
        f"| {one.numbers / 1e3:.0f} kB | {one.first:.0f} ms | "
        + " | ".join(f"{median:.0f} ({largest:.0f})" for median, largest in one.steps.values())
        + " |"
        for one in found
    ]
    met = [
        f"- {size:,} creators: {one.worst:.0f} ms against {LIMITS[size]:.0f}, "
        f"{'met' if one.worst <= LIMITS[size] else 'MISSED'}."
        for size, one in zip(sizes, found, strict=True) if size in LIMITS
    ]  # fmt: skip
    head = (
        "| creators | uploads | written in | page | its numbers | first picture | cutoff | cap | window | months |\n"
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )
    return "\n".join([
        "# The page in a browser", "",
        "Chromium, headless, network cut off, 1280 pixels wide; milliseconds of a slider's step are median (largest), "
        "up to the frame in which picture and words stand.", "", head, *rows, "",
        "Limits of a step, held against the slowest slider's median:", "", *met, "",
        f"Measured {datetime.now(UTC):%Y-%m-%d} with {os.cpu_count()} cores ({platform.machine()}), "
        f"load {os.getloadavg()[0]:.1f} at the end, by `python benchmarks/page.py`.", "",
    ])  # fmt: skip


def main(arguments: list[str]) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--creators", type=int, nargs="+", default=[10_000, 300_000])
    parser.add_argument("--steps", type=int, default=12)
    asked: Any = parser.parse_args(arguments)
    found = []
    for creators in asked.creators:
        with tempfile.TemporaryDirectory() as folder:
            found.append(timed(creators, asked.steps, Path(folder)))
    text = words(found, asked.creators)
    (HERE / "results_page.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
