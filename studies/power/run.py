"""Run the size and power study: `python -m studies.power.run [--jobs 2] [--minutes 40] [--write]`.

Blocks that `results.csv` already holds are left alone, so a study that was stopped goes on where it was.
"""

import argparse
import hashlib
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from math import hypot, inf, nan
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent
RESULTS = PLACE / "results.csv"

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only get in each other's way
os.environ.setdefault("OMP_NUM_THREADS", "1")

from studies.power import ledger  # noqa: E402  after the number of threads is set
from studies.power.battery import BATTERIES, Answer  # noqa: E402
from studies.power.truths import CONTROLS, true_values  # noqa: E402
from studies.power.worlds import SETTINGS  # noqa: E402

MEASURED = ("effects", "population")
"""Folders of the package whose code the results speak of."""
BESIDE = ("paths.py", "specification.py", "survival.py")
"""Modules there that no answer is made by: they only follow, repeat or draw."""

FIRST = ("realistic", "lively", "platform_shock", "clean", "group_shocks", "drift", "pair", "tag_shocks", "pair_half",
         "pair_shock")  # fmt: skip
"""Nulls with the most replications, ± 1 point at 5 %, in the order of the run."""
SECOND = ("rate_down_20", "lively_down_20", "rate_down_30", "lively_down_30", "many_followers", "pair_down_20",
          "pair_down_30", "young_platform", "many_followers_shock")  # fmt: skip
"""Worlds that come next."""
READ_NAIVELY = ("realistic", "clean", "random_250", "many_followers", "lively", "drift", "rate_down_20",
                "lively_down_20")  # fmt: skip
MANY, SOME, FEW = 500, 200, 100


@dataclass(frozen=True)
class Job:
    """One block: panels of one world, asked by one battery."""

    world: str
    battery: str
    first: int
    replications: int


def plan(*, short: bool = False) -> list[Job]:
    """List the blocks of the study, the most wanted first."""
    if short:
        return [Job(world, "ours", 0, 20) for world in ("realistic", "lively_down_30")]
    rest = (*SECOND, *(name for name in SETTINGS if name not in FIRST + SECOND))
    jobs = [*_blocks(FIRST, "ours", 100, MANY), *_blocks(rest, "ours", 100, SOME)]
    jobs += [*_blocks(READ_NAIVELY, "naive", 50, FEW), *_blocks(READ_NAIVELY[:3], "naive-long", 50, FEW)]
    jobs += _blocks((*FIRST, *rest), "age-period", 50, FEW)
    return jobs


def _blocks(worlds: Iterable[str], battery: str, size: int, replications: int) -> Iterator[Job]:
    for world in worlds:
        for first in range(0, replications, size):
            yield Job(world, battery, first, size)


def done(job: Job, code: str) -> list[ledger.Line]:
    """Draw a block's panels, ask them, and count the answers."""
    setting, ask = SETTINGS[job.world], BATTERIES[job.battery]
    truths = {} if job.battery.startswith("naive") else truths_of(job.world)
    began = time.process_time()
    answers: dict[str, list[Answer]] = {}
    for replication in range(job.first, job.first + job.replications):
        for answer in ask(setting, setting.draw(replication)):
            answers.setdefault(answer.method, []).append(answer)
    record: dict[str, Any] = {
        "world": job.world, "battery": job.battery, "first": job.first, "replications": job.replications,
        "lines": len(answers), "seconds": time.process_time() - began, "parameters": setting.parameters,
        "versions": versions(), "code": code,
    }  # fmt: skip
    return [
        ledger.Line(method=method, **record, **ledger.counted(given, *truths.get(method, (nan, nan))))
        for method, given in answers.items()
    ]


@cache
def truths_of(world: str) -> dict[str, tuple[float, float]]:
    """Give the true values of a world and their errors; of a control difference, those of S1 here less there."""
    setting = SETTINGS[world]
    found = dict(true_values(setting.population))
    if setting.partner is not None and "control" not in found:
        there = true_values(setting.partner)
        for control, method in CONTROLS.items():
            (here, error), (theirs, another) = found[method], there[method]
            found[control] = (here - theirs, hypot(error, another))
    return found


def versions() -> str:
    """Name the versions that decide the numbers."""
    return ", ".join([f"{name} {version(name)}" for name in ("precipice", "numpy", "scipy", "statsmodels")]) + (
        f", Python {platform.python_version()}"
    )


def code_digest() -> str:
    """Give the first digits of the SHA-256 over the measured modules."""
    import precipice

    digest = hashlib.sha256()
    root = Path(precipice.__file__).parent
    for folder in MEASURED:
        for path in sorted(path for path in (root / folder).glob("*.py") if path.name not in BESIDE):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:10]


def run(jobs: Sequence[Job], path: Path, *, processes: int = 1, minutes: float = inf) -> None:
    """Do the blocks that are not in the file yet, until they are done or the time is up."""
    whole = ledger.read(path)
    if path.exists():
        ledger.rewrite(path, whole)
    there = {ledger.block_of(line) for line in whole}
    left = [job for job in jobs if (job.world, job.battery, job.first, job.replications) not in there]
    began = time.monotonic()
    _say(f"{len(jobs) - len(left)} of {len(jobs)} blocks are done")
    for count, (job, lines) in enumerate(_results(left, code_digest(), processes), 1):
        ledger.append(path, lines)
        gone = (time.monotonic() - began) / 60
        _say(
            f"[{count}/{len(left)}] {job.world}, {job.battery}, {job.first} to {job.first + job.replications - 1}: "
            f"{lines[0].seconds:.0f} CPU-s; {gone:.0f} min gone, about {gone / count * (len(left) - count):.0f} left"
        )
        if gone > minutes:
            _say("the time is up; the same command goes on from here")
            return


def _results(jobs: Sequence[Job], code: str, processes: int) -> Iterator[tuple[Job, list[ledger.Line]]]:
    """Give blocks as they are done, no more of them begun than there are processes."""
    if processes == 1:
        yield from ((job, done(job, code)) for job in jobs)
        return
    waiting = list(reversed(jobs))
    with ProcessPoolExecutor(processes) as pool:
        begun: dict[Future[list[ledger.Line]], Job] = {}
        while waiting or begun:
            while waiting and len(begun) < processes:
                job = waiting.pop()
                begun[pool.submit(done, job, code)] = job
            for future in wait(begun, return_when=FIRST_COMPLETED).done:
                yield begun.pop(future), future.result()


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and do the study, or write its pages."""
    parser = argparse.ArgumentParser(prog="python -m studies.power.run", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--minutes", type=float, default=inf, help="stop after the block in which these are over")
    parser.add_argument("--short", action="store_true", help="two small blocks, to see that it works")
    parser.add_argument("--only", choices=tuple(BATTERIES), help="these questions alone")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the file of results")
    parser.add_argument("--write", action="store_true", help="write docs/error-rates.md and its pictures, run nothing")
    options = parser.parse_args(arguments)
    if options.write:
        from studies.power.pages import write

        write(ledger.read(options.results))
        return
    jobs = [job for job in plan(short=options.short) if options.only in (None, job.battery)]
    run(jobs, options.results, processes=options.jobs, minutes=options.minutes)


if __name__ == "__main__":
    main()
