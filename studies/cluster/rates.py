"""Rates fitted to what was measured: seconds of a task by its rows, bytes by rows, what the driver does by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from studies.cluster.cells import cells_of
from studies.cluster.measure import HELD_OUT, CallLine, ColumnLine, TaskLine
from studies.cluster.uploads import PER_CREATOR

Float = npt.NDArray[np.float64]
Part = Literal["read", "merge", "other"]
"""What a stage's tasks begin from: files, a shuffle, or neither."""
FLOOR = 0.02
"""Seconds: shorter tasks are not fitted more closely than to this."""
FEW = 1_000
"""Rows up to which a task is all start."""
TAGS = ("tagged", "tags", "tag months", "tag words")
"""Questions that only counting tags asks."""
MANY = 100_000
"""Rows from which a task's memory is its rows' and not what Spark takes at the least."""


@dataclass(frozen=True)
class TaskRate:
    """How long tasks of a stage hold a core: start + a_row · rows + a_written · rows written, times a drawn ratio."""

    start: float
    """Seconds."""
    a_row: float
    """Seconds for a row that comes in."""
    a_written: float
    """Seconds for a row that goes into the shuffle."""
    ratios: Float
    """What tasks took over what the line says, mean 1, shape (tasks,)."""
    most_rows: int
    """Of a task that was measured."""

    def seconds(self, rows: Float, written: Float) -> Float:
        """Give what tasks take by their rows, of any one shape."""
        found: Float = self.start + self.a_row * rows + self.a_written * written
        return found

    def drawn(self, rows: Float, written: Float, rng: np.random.Generator) -> Float:
        """Give what tasks take with a ratio drawn for each from those measured."""
        drawn: Float = self.seconds(rows, written) * rng.choice(self.ratios, len(rows))
        return drawn


@dataclass(frozen=True)
class CallRate:
    """What a call costs besides its tasks, all of it on the driver and on one core."""

    fixed_s: float
    """To plan it, to start its stages, to take note of their ends."""
    a_row_s: float
    """CPU seconds to take a row of the answer into Python."""
    after_s: float
    """CPU seconds to work on a row of the answer: for `cells`, to put them in order, a bounded piece at a time."""

    def working(self, rows: float) -> float:
        """Give the CPU seconds of an answer."""
        return rows * (self.a_row_s + self.after_s)


@dataclass(frozen=True)
class Rates:
    """All that the plan needs."""

    tasks: Mapping[tuple[str, Part], TaskRate]
    """By step and part."""
    calls: Mapping[str, CallRate]
    shuffle_bytes: Mapping[str, float]
    """Of a row written, by step."""
    result_bytes: float
    """Of a cell on its way to the driver."""
    memory_bytes: float
    """Of a row that a merging task reads, the most that was seen."""
    cold_s: float
    """Seconds that each core of a new executor takes longer, in all."""
    cold_driver_s: float
    """The same of a new driver."""
    driver_bytes: float
    """Memory of the driver's Python for a cell."""
    java_s: float
    """CPU seconds that the driver's Java takes for a cell that passes through it."""


Stages = Mapping[tuple[str, str, int, int], Sequence[TaskLine]]
"""Tasks by setting, run, call and stage."""


def by_stage(tasks: Iterable[TaskLine]) -> dict[tuple[str, str, int, int], list[TaskLine]]:
    """Group tasks by setting, run, call and stage."""
    found: dict[tuple[str, str, int, int], list[TaskLine]] = {}
    for task in tasks:
        found.setdefault((task.setting, task.run, task.call, task.stage), []).append(task)
    return found


def part_of(stage: Sequence[TaskLine]) -> Part:
    """Say what a stage's tasks begin from."""
    if any(task.input_rows for task in stage):
        return "read"
    return "merge" if any(task.read_rows for task in stage) else "other"


def span(stage: Sequence[TaskLine]) -> float:
    """Give the seconds from a stage's first launch to its last end."""
    return max(task.launched + task.took for task in stage) / 1e3 - min(task.launched for task in stage) / 1e3


def fit(tasks: Sequence[TaskLine], calls: Sequence[CallLine], settings: Sequence[str] | None = None) -> Rates:
    """Fit all rates.

    Args:
        tasks: of all settings.
        calls: of all settings.
        settings: those to fit on, any as often as it is to count; None for each that is not held out, once.
    """
    names = settings if settings is not None else fitted_settings(calls)
    times = {name: list(names).count(name) for name in set(names)}
    mine = [task for task in tasks if task.setting in times]
    stages = {key: stage for key, stage in by_stage(mine).items() if stage}
    # Counting tags asks for files and days too, of all uploads where a reduction asks for those of the last month.
    warm = {key: stage for key, stage in stages.items()
            if is_warm(key[1]) and (key[1].startswith("reduce") or stage[0].step in TAGS)}  # fmt: skip
    grouped: dict[tuple[str, Part], list[TaskLine]] = {}
    for key, stage in warm.items():
        grouped.setdefault((stage[0].step, part_of(stage)), []).extend(stage * times[key[0]])
    asked = [call for call in calls if call.run.startswith("reduce") or call.step in TAGS
             for _ in range(times.get(call.setting, 0))]  # fmt: skip
    cells = [call for call in asked if call.step == "cells"]
    sent = sum(task.result_bytes for call in cells for task in _last_stage(stages, call))
    merging = [task for task in grouped["cells", "merge"] if task.read_rows > MANY]
    cold, cold_driver = _cold(stages, [call for call in calls if call.setting in times])
    return Rates(
        tasks={name: fit_tasks(group) for name, group in grouped.items()},
        calls={step: _fit_call([call for call in asked if call.step == step], stages)
               for step in sorted({call.step for call in asked})},
        shuffle_bytes={step: _ratio(group, "written_bytes", "written_rows")
                       for (step, part), group in grouped.items() if part == "read"},
        result_bytes=sent / max(1, sum(call.answer for call in cells)),
        memory_bytes=max((task.memory_bytes / task.read_rows for task in merging), default=float("nan")),
        cold_s=cold, cold_driver_s=cold_driver, java_s=java_of(calls),
        driver_bytes=_driver_bytes(asked),
    )  # fmt: skip


def fitted_settings(calls: Iterable[CallLine]) -> list[str]:
    """Name the settings that rates are fitted on."""
    return [name for name in dict.fromkeys(call.setting for call in calls) if name not in HELD_OUT]


def is_warm(run: str) -> bool:
    """Say whether a run is not the first of its kind in its process."""
    return not run.endswith(" 0")


def held(task: TaskLine) -> float:
    """Give the milliseconds in which a task had a core, or waited for its garbage to be collected."""
    return max(1.0, min(task.took, task.cpu + task.gc))


def fit_tasks(tasks: Sequence[TaskLine]) -> TaskRate:
    """Fit a line of non-negative coefficients to the time in which tasks had a core, by relative errors."""
    took = np.array([held(task) for task in tasks]) / 1e3
    rows = np.array([task.input_rows or task.read_rows for task in tasks], float)
    written = np.array([task.written_rows if task.input_rows else 0 for task in tasks], float)
    rows, written = rows * (rows.max() > FEW), written * (written.max() > FEW)
    weights = 1 / np.maximum(took, FLOOR)
    scale = np.maximum(1.0, [1.0, rows.max(), written.max()])
    design = np.column_stack([np.ones(len(took)), rows, written]) / scale
    coefficients = nnls(design * weights[:, None], took * weights)[0] / scale
    line = np.maximum(coefficients @ np.vstack([np.ones(len(took)), rows, written]), 1e-3)
    ratios = took / line
    # Its mean over all seconds, not over tasks: the sum of what tasks take is what it has to give.
    share = took.sum() / line.sum()
    start, a_row, a_written = (float(c) * share for c in coefficients)
    return TaskRate(start, a_row, a_written, ratios / np.average(ratios, weights=line), int(rows.max()))


def _fit_call(calls: Sequence[CallLine], stages: Stages) -> CallRate:
    warm = [call for call in calls if is_warm(call.run)]
    rest = [
        call.wall_s
        - sum(span(stage) for key, stage in stages.items() if key[:3] == (call.setting, call.run, call.call))
        for call in warm
    ]
    fixed, _ = _slope([call.answer for call in warm], np.maximum(rest, 0))
    answers = [call.answer for call in warm]
    if max(answers) <= MANY:
        return CallRate(fixed, 0.0, 0.0)
    _, own = _slope(answers, [call.own_cpu_s for call in warm])
    _, after = _slope(answers, [call.after_cpu_s for call in warm])
    return CallRate(fixed, own, after)


def _driver_bytes(calls: Sequence[CallLine]) -> float:
    """Give what a cell adds to the most memory that a driver has held, over settings."""
    largest: dict[str, tuple[int, float]] = {}
    for call in calls:
        if call.step == "cells":
            peak = max(one.peak_mb for one in calls if (one.setting, one.run) == (call.setting, "reduce 0"))
            largest[call.setting] = call.answer, 1e6 * peak
    return _slope(*zip(*largest.values(), strict=True))[1]


def _slope(rows: npt.ArrayLike, seconds: npt.ArrayLike) -> tuple[float, float]:
    """Fit a line by rows: what is there without one, and what each adds, neither below nothing."""
    x = np.asarray(rows, float)
    scale = max(1.0, float(x.max()))
    start, each = nnls(np.column_stack([np.ones(len(x)), x / scale]), np.asarray(seconds, float))[0]
    return float(start), float(each) / scale


def java_of(calls: Iterable[CallLine]) -> float:
    """Give the CPU seconds that the driver's Java takes for a cell, where no task runs in it: on a cluster.

    What planning and starting take is left out, as what the other question to as many tasks takes.
    """
    found = []
    mine = [call for call in calls if call.setting.startswith("standalone") and is_warm(call.run)]
    for run in dict.fromkeys(call.run for call in mine):
        by = {call.step: call for call in mine if call.run == run}
        found.append((by["cells"].java_cpu_s - by["rows"].java_cpu_s) / by["cells"].answer)
    return max(0.0, float(np.mean(found))) if found else 0.0


def _last_stage(stages: Stages, call: CallLine) -> Sequence[TaskLine]:
    mine = [key for key in stages if key[:3] == (call.setting, call.run, call.call)]
    return stages[max(mine, key=lambda key: key[3])]


def core_us(tasks: Iterable[TaskLine], calls: Iterable[CallLine]) -> float:
    """Give the microseconds of tasks for an upload of a warm reduction, mean of the largest archives fitted on."""
    fitted = [call for call in calls if call.setting not in HELD_OUT and call.run.startswith("reduce")]
    most = max(call.rows for call in fitted)
    runs = {(call.setting, call.run) for call in fitted if call.rows == most and is_warm(call.run)}
    return 1e3 * sum(held(task) for task in tasks if (task.setting, task.run) in runs) / len(runs) / most


def driver_us(rates: Rates, uploads: int = 5_000_000) -> float:
    """Give the microseconds of a driver for each of so many uploads, start and planning left out."""
    cells = cells_of(uploads, uploads // PER_CREATOR)
    return 1e6 * (rates.calls["cells"].working(cells) + cells * rates.java_s) / uploads


def read_bytes(columns: Iterable[ColumnLine], order: str) -> float:
    """Give the bytes that counting needs of an upload, from the largest archive of an order: who, where and when."""
    mine = [line for line in columns if line.order == order and line.column in ("platform", "creators", "published")]
    most = max(line.rows for line in mine)
    return sum(line.bytes for line in mine if line.rows == most) / most


def _ratio(tasks: Sequence[TaskLine], above: str, below: str) -> float:
    return float(sum(getattr(task, above) for task in tasks) / max(1, sum(getattr(task, below) for task in tasks)))


def _cold(stages: Stages, calls: Sequence[CallLine]) -> tuple[float, float]:
    """Give by how many seconds the first reduction of a process took longer: for each of two cores, and the driver."""
    cores, drivers = [], []
    for setting in dict.fromkeys(call.setting for call in calls):
        took: dict[str, float] = {}
        rest: dict[str, float] = {}
        for call in calls:
            if call.setting == setting and call.run.startswith("reduce"):
                mine = [stage for key, stage in stages.items() if key[:3] == (setting, call.run, call.call)]
                took[call.run] = took.get(call.run, 0) + sum(held(task) for stage in mine for task in stage) / 1e3
                rest[call.run] = rest.get(call.run, 0) + call.wall_s + call.after_s - sum(map(span, mine))
        later = [run for run in took if is_warm(run)]
        cores.append((took["reduce 0"] - np.mean([took[run] for run in later])) / 2)
        drivers.append(rest["reduce 0"] - np.mean([rest[run] for run in later]))
    return max(0.0, float(np.median(cores))), max(0.0, float(np.median(drivers)))
