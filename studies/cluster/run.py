"""Five billion uploads on a simulated cluster: `python -m studies.cluster.run`, a minute or two.

It takes what `studies.cluster.measure` measured, holds the simulation against the two runs that nothing was fitted on,
and writes `results.csv`, `held_out.csv` and `docs/cluster-plan.md`; `--write` sets the page from the results there are.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from studies.cluster.measure import (
    HELD_OUT,
    CallLine,
    ColumnLine,
    TaskLine,
    read,
    read_calls,
    read_columns,
    read_tasks,
    write,
)
from studies.cluster.plan import Site, Timeline, Workload, on_cores, repeated, sizes
from studies.cluster.rates import Rates, by_stage, fit, fitted_settings, held, is_warm, read_bytes, span
from studies.cluster.scheduling import Cluster, run

PLACE = Path(__file__).parent
RESULTS, HELD = PLACE / "results.csv", PLACE / "held_out.csv"
SEED = 20_261_126
DRAWS = 20
"""Draws of the rates, each from settings drawn anew with replacement, and a simulation with each."""
UPLOADS = 5e9


@dataclass(frozen=True)
class Scenario:
    """What is varied, and its name."""

    name: str
    work: Workload
    site: Site


@dataclass(frozen=True)
class Line:
    """One line of the results: what went in, and what came out."""

    scenario: str
    uploads: float
    per_creator: float
    order: str
    partitions: int
    split_mb: float
    bytes_each: float
    read_each: float
    executors: int
    cores: int
    store_mb_s: float
    network_gbit_s: float
    losses: float
    slow: float
    seconds: float
    """Median over draws."""
    low: float
    high: float
    """From the 2.5th to the 97.5th per cent of draws."""
    cells_s: float
    last_s: float
    rows_s: float
    start_s: float
    """On the executors, means over draws."""
    driver_s: float
    """On the driver alone."""
    busy: float
    """Share of the cores' time in which they had work."""
    again: float
    core_hours: float
    """All cores, from the start to the end."""
    cells: float
    read_bytes: float
    shuffle_bytes: float
    result_bytes: float
    driver_bytes: float
    task_rows: float
    task_bytes: float
    draws: int
    inputs: str


@dataclass(frozen=True)
class Held:
    """A run that nothing was fitted on."""

    setting: str
    run: str
    core_s: float
    """Seconds in which tasks had a core, measured."""
    core_s_predicted: float
    core: float
    """Share of their time in which tasks had a core, taken from the run itself: other work on the machine sets it."""
    measured: float
    """Wall seconds."""
    predicted: float
    low: float
    high: float
    load: float

    @property
    def error(self) -> float:
        """Of the prediction, as a share of what was measured."""
        return self.predicted / self.measured - 1

    @property
    def core_error(self) -> float:
        """The same of the seconds in which tasks had a core."""
        return self.core_s_predicted / self.core_s - 1


def scenarios(columns: Sequence[ColumnLine]) -> Iterator[Scenario]:
    """Give what is simulated."""
    base, site = base_work(columns), Site()
    unsorted = replace(base, order="shuffled", read_each=round(read_bytes(columns, "shuffled"), 2))
    for cores in (1, 10, 100, 1_000):
        yield Scenario(f"{cores:,} core{'s' * (cores > 1)}", base, on_cores(site, cores))
    for per_creator in (150, 1_500):
        yield Scenario(f"{per_creator:,} uploads a creator", replace(base, per_creator=per_creator), site)
    yield Scenario("uploads in no order", unsorted, site)
    yield Scenario("200 partitions, Spark's default", replace(base, partitions=200), site)
    yield Scenario("a store of 20 MB/s a core", base, replace(site, store_mb_s=20))
    yield Scenario("a network of 1 Gbit/s", base, replace(site, network_gbit_s=1))
    yield Scenario("each executor lost once in 30 minutes", base, replace(site, losses=2))
    yield Scenario("no slow machine, none lost", base, replace(site, slow=0, losses=0))


def base_work(columns: Sequence[ColumnLine]) -> Workload:
    """Give the reduction that all scenarios vary."""
    return Workload(UPLOADS, read_each=round(read_bytes(columns, "by time"), 2))


def draw_rates(tasks: Sequence[TaskLine], calls: Sequence[CallLine], draws: int, seed: int) -> list[Rates]:
    """Fit rates to settings drawn with replacement."""
    rng, names = np.random.default_rng(seed), fitted_settings(calls)
    return [fit(tasks, calls, list(rng.choice(names, len(names)))) for _ in range(draws)]


def line_of(scenario: Scenario, timelines: Sequence[Timeline], rates: Rates, inputs: str) -> Line:
    """Put one scenario's timelines into a line."""
    work, site = scenario.work, scenario.site
    size, cores = sizes(work, rates), site.executors * site.cores
    seconds = np.array([timeline.seconds for timeline in timelines])
    low, middle, high = np.quantile(seconds, [0.025, 0.5, 0.975])

    def mean(*steps: str) -> float:
        return float(np.mean([sum(a for step, a, _ in t.calls if step in steps) for t in timelines]))

    return Line(
        scenario.name, work.uploads, work.per_creator, work.order, work.partitions, work.split_mb,
        work.bytes_each, work.read_each, site.executors, site.cores, site.store_mb_s, site.network_gbit_s, site.losses,
        site.slow,
        float(middle), float(low), float(high), mean("cells"), mean("last"), mean("files", "rows"), mean("start"),
        float(np.mean([sum(b for _, _, b in t.calls) for t in timelines])),
        float(np.mean([t.core_seconds / (t.seconds * cores) for t in timelines])),
        float(np.mean([t.again for t in timelines])), float(middle) * cores / 3600, size.cells, size.read_bytes,
        size.shuffle_bytes, size.result_bytes, size.cells * rates.driver_bytes, size.task_rows, size.task_bytes,
        len(timelines), inputs,
    )  # fmt: skip


def held_out(tasks: Sequence[TaskLine], calls: Sequence[CallLine], rates: Sequence[Rates]) -> Iterator[Held]:
    """Hold the simulation against runs that nothing was fitted on."""
    for name in HELD_OUT:
        mine = [call for call in calls if call.setting == name]
        for run_name in dict.fromkeys(call.run for call in mine):
            asked = [call for call in mine if call.run == run_name]
            work, site = as_measured(asked)
            cold = not is_warm(run_name)
            known = [one if cold else replace(one, cold_s=0.0, cold_driver_s=0.0) for one in rates]
            ran = [task for task in tasks if (task.setting, task.run) == (name, run_name)]
            core_s = sum(map(held, ran)) / 1e3
            site = replace(site, core=core_s / (sum(task.took for task in ran) / 1e3))
            found = list(repeated(work, site, known, (SEED, 1)))
            low, middle, high = np.quantile([t.seconds for t in found], [0.025, 0.5, 0.975])
            cold_s = 2 * rates[0].cold_s if cold else 0.0
            core_s_predicted = float(np.median([t.core_seconds for t in found])) * site.core + cold_s
            measured = sum(call.wall_s + call.after_s for call in asked)
            yield Held(name, "first, cold" if cold else "again, warm", core_s, core_s_predicted, site.core, measured,
                       float(middle), float(low), float(high), asked[0].load)  # fmt: skip


def replayed(tasks: Sequence[TaskLine]) -> Iterator[tuple[float, float]]:
    """Schedule the measured tasks of each larger stage anew, and give its seconds, measured and simulated.

    Larger are those of eight tasks and more that took a second: the log's clock counts milliseconds, on a busy machine.
    Nothing is fitted here: it is the simulator alone that is tried.
    """
    stages = {key: stage for key, stage in by_stage(tasks).items() if len(stage) >= 8 and span(stage) >= 1}
    for key, stage in stages.items():
        cluster = Cluster(2, 1) if key[0].startswith("standalone") else Cluster(1, 2)
        ordered = sorted(stage, key=lambda task: task.launched)
        seconds = np.array([task.took for task in ordered]) / 1e3
        yield span(stage), run([seconds], cluster).seconds


def as_measured(calls: Sequence[CallLine]) -> tuple[Workload, Site]:
    """Say what a run was: its workload, and this machine in the place of a cluster."""
    first = calls[0]
    work = Workload(
        uploads=first.rows,
        order="shuffled" if first.order == "shuffled" else "by time",
        bytes_each=first.archive_bytes / first.rows, split_mb=first.split_mb, partitions=first.partitions,
        coalesced=False,
    )  # fmt: skip
    executors = 2 if first.setting.startswith("standalone") else 1
    site = Site(executors, 2 // executors, store_mb_s=np.inf, network_gbit_s=np.inf, losses=0, slow=0)
    return work, site


def read_lines(path: Path = RESULTS) -> list[Line]:
    """Read the results."""
    return read(Line, path)


def read_held(path: Path = HELD) -> list[Held]:
    """Read what was held out."""
    return read(Held, path)


def rounded(line: Any) -> Any:  # noqa: ANN401  a kind of line
    """Give a line with numbers of six digits."""
    cells = {name.name: cell for name, cell in zip(fields(line), astuple(line), strict=True)}
    return type(line)(**{name: float(f"{c:.6g}") if isinstance(c, float) else c for name, c in cells.items()})


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and simulate, or write the page."""
    parser = argparse.ArgumentParser(prog="python -m studies.cluster.run", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page, simulate nothing but what is drawn")
    options = parser.parse_args(arguments)
    tasks, calls, columns = read_tasks(), read_calls(), read_columns()
    if not options.write:
        rates = draw_rates(tasks, calls, DRAWS, SEED)
        apart = [rounded(one) for one in held_out(tasks, calls, rates)]
        for one in apart:
            print(f"{one.setting}, {one.run}: {one.measured:.1f} s, predicted {one.predicted:.1f}", file=sys.stderr)
        inputs = f"{calls[0].inputs}; precipice {version('precipice')}; seed {SEED}"
        lines, whole = [], fit(tasks, calls)
        for number, scenario in enumerate(scenarios(columns)):
            found = list(repeated(scenario.work, scenario.site, rates, (SEED, 2, number)))
            lines.append(rounded(line_of(scenario, found, whole, inputs)))
            print(f"{scenario.name}: {lines[-1].seconds / 60:.1f} minutes", file=sys.stderr)
        write(apart, HELD)
        write(lines, RESULTS)
    from studies.cluster.pages import write_page

    write_page(read_lines(), read_held(), tasks, calls, columns)


if __name__ == "__main__":
    main()
