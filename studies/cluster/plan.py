"""The plan: a reduction of so many uploads as jobs, and what a simulated cluster makes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from studies.cluster.cells import cells_of, cells_of_task
from studies.cluster.rates import Part, Rates
from studies.cluster.scheduling import Cluster, Run, draw_losses, run
from studies.cluster.uploads import PER_CREATOR, Order

Float = npt.NDArray[np.float64]
MIB = 1 << 20
CALLS = ("files", "files", "rows", "cells", "last")
"""Questions of a reduction: are the files there, uploads by platform, the cells, and the last day of each platform."""
COLUMNS = ("cells", "last")
"""Calls that read columns; the others read little more than the ends of files, and the store is not waited for."""


@dataclass(frozen=True)
class Workload:
    """What is reduced, and how."""

    uploads: float
    per_creator: float = PER_CREATOR
    """Uploads for each creator that there may be."""
    order: Order = "by time"
    bytes_each: float = 97.5
    """Of an upload in the archive, all columns: benchmarks/results.json, 30 tags."""
    read_each: float = 9.0
    """Of these, those that counting needs: who, where and when."""
    split_mb: float = 128
    """Spark's own default."""
    partitions: int = 4_000
    """Of the shuffle."""
    coalesced: bool = True
    """Whether Spark puts nearly empty partitions together, as it does by itself."""

    @property
    def creators(self) -> int:
        """How many there may be."""
        return max(2, int(self.uploads / self.per_creator))

    @property
    def tasks(self) -> int:
        """Tasks that read the archive."""
        return max(1, round(self.uploads * self.bytes_each / (self.split_mb * MIB)))


@dataclass(frozen=True)
class Site:
    """Where it runs: what is assumed, since none of it was measured."""

    executors: int = 25
    cores: int = 4
    store_mb_s: float = 100.0
    """Megabytes a second that a core reads from the store."""
    network_gbit_s: float = 10.0
    """Of each executor, and of the driver."""
    losses: float = 0.02
    """Of an executor an hour."""
    back_s: float = 120.0
    """Until another stands in its place."""
    slow: float = 0.04
    """Share of executors that are slow, at least one of them where it is not 0 and there are several."""
    slowness: float = 2.0
    """By how much these take longer."""
    core: float = 1.0
    """Share of their time in which tasks have a core; less where a machine does other work beside."""


@dataclass(frozen=True)
class Stage:
    """Tasks of a stage that are all alike but for chance."""

    part: Part
    tasks: int
    rows: float
    """That come in, of each."""
    written: float
    """Rows that go into the shuffle, of each."""
    carried_s: float
    """Seconds that each waits for the store or the network."""


@dataclass(frozen=True)
class Call:
    """One question to the engine: its stages, then its answer on the driver."""

    step: str
    stages: tuple[Stage, ...]
    answer: float
    """Rows that come back."""
    answer_bytes: float


@dataclass(frozen=True)
class Timeline:
    """What became of one reduction."""

    calls: tuple[tuple[str, float, float], ...]
    """Step, seconds on the executors, seconds on the driver alone."""
    seconds: float
    again: int
    """Tasks begun again."""
    core_seconds: float
    """Seconds in which cores had work."""


@dataclass(frozen=True)
class Sizes:
    """What a workload comes to, without a simulation."""

    cells: float
    shuffled: float
    """Rows through the shuffle."""
    shuffle_bytes: float
    read_bytes: float
    result_bytes: float
    task_rows: float
    """Rows that a task after the shuffle takes in."""
    task_bytes: float
    """Memory that it holds meanwhile, at the most a row that was seen."""


def sizes(work: Workload, rates: Rates) -> Sizes:
    """Reckon what a workload comes to."""
    cells = cells_of(work.uploads, work.creators)
    shuffled = work.tasks * cells_of_task(work.uploads / work.tasks, work.uploads, work.creators, work.order)
    read = work.read_each * len(COLUMNS)
    task_rows = shuffled / work.partitions
    return Sizes(cells, shuffled, shuffled * rates.shuffle_bytes["cells"], read * work.uploads,
                 cells * rates.result_bytes, task_rows, task_rows * rates.memory_bytes)  # fmt: skip


def call_of(step: str, work: Workload, site: Site, rates: Rates, size: Sizes) -> Call:
    """Lay out one call."""
    uploads = work.uploads / work.tasks
    store = uploads * work.read_each / (1e6 * site.store_mb_s) if step in COLUMNS else 0.0
    if step != "cells":
        many = 1 if work.coalesced else work.partitions
        merged = Stage("merge", many, work.tasks / many, 0, 0)
        return Call(step, (Stage("read", work.tasks, uploads, 1.0, store), merged), 1.0, 0.0)
    written = size.shuffled / work.tasks
    each = site.network_gbit_s * 1e9 / 8 / site.cores
    away = 1 - 1 / site.executors
    fetch = size.task_rows * rates.shuffle_bytes["cells"] * away / each
    stages = (Stage("read", work.tasks, uploads, written, store),
              Stage("merge", work.partitions, size.task_rows, 0, fetch))  # fmt: skip
    return Call(step, stages, size.cells, size.result_bytes)


def simulate(work: Workload, site: Site, rates: Rates, rng: np.random.Generator) -> Timeline:
    """Simulate one reduction.

    Args:
        work: what is reduced.
        site: on what.
        rates: what was measured.
        rng: where chance comes from.
    """
    size, cluster = sizes(work, rates), cluster_of(site, rates, rng)
    told: dict[str, list[float]] = {}
    again, busy = 0, 0.0
    for step in CALLS:
        call = call_of(step, work, site, rates, size)
        found = _job(call, cluster, site, rates, rng)
        parts = told.setdefault(step, [0.0, 0.0])
        parts[0] += found.seconds
        parts[1] += driver_seconds(call, site, rates)
        again += found.again
        busy += found.core_seconds
    # Every core meets its first task once.
    told["start"] = [rates.cold_s / site.core, rates.cold_driver_s]
    calls = tuple((step, parts[0], parts[1]) for step, parts in told.items())
    return Timeline(calls, sum(a + b for _, a, b in calls), again, busy)


def cluster_of(site: Site, rates: Rates, rng: np.random.Generator) -> Cluster:
    """Draw the executors; those that come back are cold, and take longer at their first task."""
    speeds = np.ones(site.executors)
    if site.slow and site.executors > 1:
        slow = max(1, round(site.slow * site.executors))
        speeds[rng.choice(site.executors, slow, replace=False)] = site.slowness
    return Cluster(site.executors, site.cores, speeds, back_s=site.back_s + rates.cold_s)


def stages_of(call: Call, site: Site, rates: Rates, rng: np.random.Generator) -> list[Float]:
    """Draw the seconds of all tasks of a call."""
    found = []
    for stage in call.stages:
        rate = rates.tasks.get((call.step, stage.part))
        if rate is not None:
            rows, written = np.full(stage.tasks, stage.rows), np.full(stage.tasks, stage.written)
            found.append(rate.drawn(rows, written, rng) / site.core + stage.carried_s)
    return found


def driver_seconds(call: Call, site: Site, rates: Rates) -> float:
    """Give what the driver does alone: plan, fetch the answer, put it in order."""
    rate = rates.calls[call.step]
    fetch = call.answer_bytes / (site.network_gbit_s * 1e9 / 8)
    java = rates.java_s if call.step == "cells" else 0.0
    return rate.fixed_s + (rate.working(call.answer) + call.answer * java) / site.core + fetch


def _job(call: Call, cluster: Cluster, site: Site, rates: Rates, rng: np.random.Generator) -> Run:
    tasks = stages_of(call, site, rates, rng)
    long = 2 * sum(float(stage.sum()) / (cluster.executors * cluster.cores) + float(stage.max()) for stage in tasks)
    return run(tasks, cluster, draw_losses(site.executors, site.losses, long, rng))


def on_cores(site: Site, cores: int) -> Site:
    """Give a site of so many cores in all: as many an executor as divide them, up to the site's own."""
    each = max(number for number in range(1, site.cores + 1) if cores % number == 0)
    return replace(site, executors=cores // each, cores=each)


def repeated(work: Workload, site: Site, rates: Sequence[Rates], seed: Sequence[int]) -> Iterator[Timeline]:
    """Simulate once for each of several draws of the rates."""
    for number, one in enumerate(rates):
        yield simulate(work, site, one, np.random.default_rng([*seed, number]))
