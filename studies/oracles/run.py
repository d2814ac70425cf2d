"""Hold every closed form of self-consuming loops against a simulation: `python -m studies.oracles.run`.

It takes about five CPU-minutes and writes `results.csv` and `docs/loop-oracles.md`; `--short` takes the tests'
replicates, `--write` sets the page from the results that are there.
"""

import argparse
import csv
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from string import Template

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only get in each other's way

import numpy as np

from studies.oracles.checks import Check
from studies.oracles.rows import checks

PLACE = Path(__file__).parent
RESULTS = PLACE / "results.csv"
TEMPLATE = PLACE / "page.md"
PAGE = PLACE.parent.parent / "docs" / "loop-oracles.md"
SEED = 20_240_717
"""Of the study; check number i is drawn from (SEED, i)."""


@dataclass(frozen=True)
class Result:
    """One line of the file of results."""

    row: int
    what: str
    setting: str
    theory: float
    measured: float
    error: float
    z: float
    replicates: int
    seconds: float
    versions: str


def measured(check: Check, number: int, replicates: int) -> Result:
    """Simulate one check."""
    began = time.process_time()
    found = check.measure(replicates, np.random.default_rng([SEED, number]))
    z = (found.value - check.theory) / found.error
    return Result(check.row, check.what, check.setting, check.theory, found.value, found.error, z, replicates,
                  round(time.process_time() - began, 2), versions())  # fmt: skip


def versions() -> str:
    """Name the versions that decide the numbers."""
    named = ", ".join(f"{name} {version(name)}" for name in ("precipice", "numpy", "scipy"))
    return f"{named}, Python {platform.python_version()}"


def write(results: Sequence[Result], path: Path = RESULTS) -> None:
    """Write the file of results, whole or not at all."""
    staged = path.with_suffix(".part")
    with staged.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow([field.name for field in fields(Result)])
        lines.writerows([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in astuple(r)] for r in results)
    staged.replace(path)


def read(path: Path = RESULTS) -> list[Result]:
    """Read the file of results."""
    kinds = {field.name: field.type for field in fields(Result)}
    with path.open(newline="", encoding="utf-8") as file:
        return [Result(**{name: kinds[name](cell) for name, cell in row.items()})  # type: ignore[operator]
                for row in csv.DictReader(file)]  # fmt: skip


def page(results: Sequence[Result]) -> str:
    """Set the page from the results."""
    head = (
        "| row | what | at | theory | measured | standard error | z |\n| --- | --- | --- | ---: | ---: | ---: | ---: |"
    )
    lines = [
        f"| {r.row} | {_cell(r.what)} | {_cell(r.setting)} | {_number(r.theory, '.5g')} | {_number(r.measured, '.5g')}"
        f" | {r.error:.2g} | {_number(r.z, '+.2f')} |"
        for r in results
    ]
    z = np.abs([r.z for r in results])
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        table="\n".join([head, *lines]), checks=len(results), largest=f"{z.max():.2f}",
        over=int((z > 2).sum()), expected=f"{0.0455 * len(z):.1f}", versions=results[0].versions,
        minutes=f"{sum(r.seconds for r in results) / 60:.1f}",
    )  # fmt: skip


def _cell(text: str) -> str:
    """Write bars so that a table does not end there."""
    return text.replace("|", "\\|")


def _number(value: float, form: str) -> str:
    return f"{value:{form}}".replace("-", "−")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and do the study, or write its page."""
    parser = argparse.ArgumentParser(prog="python -m studies.oracles.run", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the tests' replicates, printed only")
    parser.add_argument("--write", action="store_true", help="write the page, simulate nothing")
    options = parser.parse_args(arguments)
    if not options.write:
        results = []
        for number, check in enumerate(checks()):
            results.append(measured(check, number, check.short if options.short else check.replicates))
            last = results[-1]
            print(f"{last.row:2d} {last.what}, {last.setting}: {last.theory:.5g} / {last.measured:.5g} "
                  f"± {last.error:.2g}, z {last.z:+.2f}, {last.seconds:.1f} CPU-s", file=sys.stderr)  # fmt: skip
        if options.short:
            return
        write(results)
    PAGE.write_text(page(read()), encoding="utf-8")


if __name__ == "__main__":
    main()
