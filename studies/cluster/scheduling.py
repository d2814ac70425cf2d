"""A simulated cluster: tasks in waves on executors that may be slow, cold, or lost, as Spark schedules them.

A free core takes the next task that waits (list scheduling, first in, first out).  A stage begins when the one before
is done.  What a stage writes for the next one lies on the executors that wrote it: when one is lost, its running tasks
begin anew, and what it had written is worked out again before any waiting task of the next stage begins; tasks that run
have fetched theirs.  Jobs read from storage that is not lost, so nothing older is ever needed again.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Name = tuple[int, int]
"""A task: its stage's place in the job, and its own in the stage."""


@dataclass(frozen=True)
class Cluster:
    """Executors and their ways."""

    executors: int
    cores: int
    """Of each."""
    speeds: Float | None = None
    """By which task times of each executor are multiplied, shape (executors,); None for 1."""
    cold_s: float = 0.0
    """Seconds longer that the first task of each core takes: its executor has compiled nothing yet."""
    back_s: float = 60.0
    """Seconds until another executor stands in the place of a lost one."""


@dataclass(frozen=True)
class Run:
    """What became of a job: one line for every task that was begun."""

    starts: Float
    ends: Float
    """When it was done, or lost."""
    cores: npt.NDArray[np.int64]
    stages: npt.NDArray[np.int64]
    done: npt.NDArray[np.bool_]
    """Whether it ended well."""
    seconds: float
    """From the start of the job until the last task was done."""
    again: int
    """Tasks begun again, since they, or what they wrote, was lost."""

    @property
    def core_seconds(self) -> float:
        """Seconds in which cores had work."""
        return float((self.ends - self.starts).sum())


@dataclass
class _State:
    """The cluster in the middle of a job."""

    stages: Sequence[Float]
    cluster: Cluster
    stage: int = 0
    clock: float = 0.0
    waiting: deque[Name] = field(default_factory=deque)
    redone: deque[Name] = field(default_factory=deque)
    """Tasks of the stage before whose output was lost; they come first, and others wait until they are done."""
    redoing: int = 0
    free: list[tuple[int, int]] = field(default_factory=list)
    """Core and executor; the lowest core first."""
    running: dict[int, tuple[int, Name, float]] = field(default_factory=dict)
    """Number of the attempt: its core, task and start."""
    ends: list[tuple[float, int]] = field(default_factory=list)
    written: dict[Name, int] = field(default_factory=dict)
    """Tasks that are done, and the executor that has what they wrote."""
    warm: set[int] = field(default_factory=set)
    back: list[tuple[float, int]] = field(default_factory=list)
    """When executors come back."""
    lines: list[tuple[float, float, int, int, bool]] = field(default_factory=list)
    attempts: int = 0
    again: int = 0

    def start(self) -> None:
        """Give free cores what waits."""
        while self.free and (self.redone or (self.waiting and not self.redoing)):
            core, executor = heappop(self.free)
            name = self.redone.popleft() if self.redone else self.waiting.popleft()
            speed = 1.0 if self.cluster.speeds is None else float(self.cluster.speeds[executor])
            seconds = float(self.stages[name[0]][name[1]]) * speed
            if core not in self.warm:
                seconds += self.cluster.cold_s
                self.warm.add(core)
            heappush(self.ends, (self.clock + seconds, self.attempts))
            self.running[self.attempts] = core, name, self.clock
            self.attempts += 1

    def finish(self, attempt: int) -> None:
        """Take a task that is done; one that was lost meanwhile is known no longer."""
        if attempt not in self.running:
            return
        core, name, began = self.running.pop(attempt)
        self.lines.append((began, self.clock, core, name[0], True))
        self.written[name] = core // self.cluster.cores
        if name[0] < self.stage:
            self.redoing -= 1
        heappush(self.free, (core, core // self.cluster.cores))

    def lose(self, executor: int) -> None:
        """Lose an executor, what runs on it, and what it wrote for a stage that is not done."""
        self.free = [(core, of) for core, of in self.free if of != executor]
        heapify(self.free)
        for attempt, (core, name, began) in list(self.running.items()):
            if core // self.cluster.cores == executor:
                del self.running[attempt]
                self.lines.append((began, self.clock, core, name[0], False))
                (self.redone if name[0] < self.stage else self.waiting).appendleft(name)
                self.again += 1
        last = len(self.stages) - 1
        for name in [name for name, of in self.written.items() if of == executor and name[0] < last]:
            del self.written[name]
            self.again += 1
            if name[0] == self.stage:
                self.waiting.append(name)
            else:
                self.redone.append(name)
                self.redoing += 1
        self.warm -= set(range(executor * self.cluster.cores, (executor + 1) * self.cluster.cores))
        heappush(self.back, (self.clock + self.cluster.back_s, executor))

    def come_back(self, executor: int) -> None:
        """Put another executor in the place of a lost one."""
        for core in range(executor * self.cluster.cores, (executor + 1) * self.cluster.cores):
            heappush(self.free, (core, executor))


def run(stages: Sequence[Float], cluster: Cluster, losses: Sequence[tuple[float, int]] = ()) -> Run:
    """Run the stages of one job.

    Args:
        stages: seconds of each task on a core of its own, an array a stage.
        cluster: on what.
        losses: seconds after the start, rising, and the executor that is lost then; one that is lost already is passed
            over.
    """
    state = _State(stages, cluster)
    for executor in range(cluster.executors):
        state.come_back(executor)
    coming = deque(losses)
    for number, tasks in enumerate(stages):
        state.stage = number
        state.written = {name: of for name, of in state.written.items() if name[0] == number - 1}
        state.waiting.extend((number, index) for index in range(len(tasks)))
        while state.waiting or state.running or state.redone:
            state.start()
            _next(state, coming)
    lines = state.lines
    columns = [np.array([line[index] for line in lines]) for index in range(5)]
    return Run(
        starts=columns[0].astype(float), ends=columns[1].astype(float), cores=columns[2].astype(np.int64),
        stages=columns[3].astype(np.int64), done=columns[4].astype(np.bool_), seconds=state.clock, again=state.again,
    )  # fmt: skip


def _next(state: _State, coming: deque[tuple[float, int]]) -> None:
    """Go on to whatever happens next."""
    ending = state.ends[0][0] if state.ends else np.inf
    losing = coming[0][0] if coming else np.inf
    returning = state.back[0][0] if state.back else np.inf
    if ending <= min(losing, returning):
        state.clock, attempt = heappop(state.ends)
        state.finish(attempt)
    elif returning <= losing:
        state.clock, executor = heappop(state.back)
        state.come_back(executor)
    else:
        at, executor = coming.popleft()
        state.clock = max(state.clock, at)
        if all(executor != gone for _, gone in state.back):
            state.lose(executor)


def draw_losses(executors: int, per_hour: float, seconds: float, rng: np.random.Generator) -> list[tuple[float, int]]:
    """Draw when executors are lost: each at a constant rate, independently.

    Args:
        executors: how many.
        per_hour: losses of one executor an hour.
        seconds: up to when.
        rng: where the numbers come from.
    """
    count = int(rng.poisson(executors * per_hour * seconds / 3600))
    moments = np.sort(rng.uniform(0, seconds, count))
    return [(float(at), int(rng.integers(executors))) for at in moments]
