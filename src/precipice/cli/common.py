"""What commands share: options, progress, how rows are printed."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from precipice.errors import InputError
from precipice.months import parse_month

if TYPE_CHECKING:
    from precipice.study import Study

F = TypeVar("F", bound=Callable[..., Any])


class MonthType(click.ParamType[int]):
    """A month, `YYYY-MM`."""

    name = "YYYY-MM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a month."""
        if isinstance(value, int):
            return value
        option = param.opts[0] if param and param.opts else ""
        return parse_month(str(value), where=option)


MONTH = MonthType()

ENGINE = "precipice.engine"
"""Where the option of the engine is kept while a command runs."""

study_folder = click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))


def shared_options(function: F) -> F:
    """Give a command the options that every command has."""
    for option in reversed(
        (
            click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout."),
            click.option("-q", "--quiet", is_flag=True, help="Print no words and no progress."),
            click.option("-v", "--verbose", is_flag=True, help="Print each step with its time."),
            click.option("--seed", type=int, default=None, help="Seed of every draw (default: the study's)."),
            click.option("--config", type=click.Path(path_type=Path), default=None, metavar="FILE",
                         help="Study file to use instead of DIR/precipice.toml."),
        )
    ):  # fmt: skip
        function = option(function)
    return function


def engine_option(function: F) -> F:
    """Give a command that reads the archive the option of the engine that does; `settings` puts it in place."""

    def remember(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        ctx.meta[ENGINE] = value

    return click.option(
        "--engine", default=None, metavar="NAME[=MASTER]", expose_value=False, callback=remember,
        help="Engine in place of the study's: duckdb, polars, spark, spark=sc://host:15002, …",
    )(function)  # fmt: skip


def say(words: str, *, quiet: bool) -> None:
    """Print words to stderr unless asked to be quiet."""
    if not quiet:
        click.echo(words, err=True)


@contextmanager
def progress_bar(*, quiet: bool, verbose: bool) -> Iterator[Callable[[str, float | None], None]]:
    """Give a function that shows each step and how far it has come: a bar on a terminal, lines with -v elsewhere."""
    if quiet or not sys.stderr.isatty():
        seen: set[str] = set()

        def line(step: str, share: float | None) -> None:
            if verbose and step not in seen:
                seen.add(step)
                click.echo(f"  {step} …", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("start", total=None)
        current = [""]

        def show(step: str, share: float | None) -> None:
            if step != current[0]:
                current[0] = step
                bar.reset(task, description=step, total=None)
            if share is not None:
                bar.update(task, total=1.0, completed=share)

        yield show


def print_json(what: Mapping[str, Any]) -> None:
    """Print a result as JSON with its schema's version."""
    click.echo(json.dumps({"schema": 1, **what}, ensure_ascii=False, separators=(", ", ": ")))


def print_rows(rows: Iterable[Mapping[str, object]]) -> None:
    """Print rows as an aligned table: text left, numbers right."""
    listed = list(rows)
    if not listed:
        return
    names = list(listed[0])
    texts = [[_cell(row[name]) for name in names] for row in listed]
    widths = [max(len(name), *(len(line[i]) for line in texts)) for i, name in enumerate(names)]
    right = [isinstance(listed[0][name], int | float) for name in names]
    for line in [names, *texts]:
        cells = (t.rjust(w) if r else t.ljust(w) for t, w, r in zip(line, widths, right, strict=True))
        click.echo("  ".join(cells).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def settings(folder: Path, config: Path | None, **changes: object) -> "Study":
    """Read the study's settings and put the command's options in their place.

    Raises:
        InputError: the file is not there or cannot be used.
    """
    from precipice.study import read_study

    if config is not None and not config.exists():
        raise InputError("there is no such study file", where=str(config), fix="check the name after --config")
    study = read_study(folder) if config is None else read_study(config.parent, config.name)
    given = {name: value for name, value in changes.items() if value is not None}
    study = study.model_copy(update={"study": study.study.model_copy(update=given)})
    context = click.get_current_context(silent=True)
    engine = None if context is None else context.meta.get(ENGINE)
    return study if engine is None else study.with_engine(engine)
