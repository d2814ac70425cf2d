"""`precipice doctor`: what this machine has, and what a study needs."""

from dataclasses import asdict
from pathlib import Path

import click

from precipice.cli.common import engine_option, print_json, say, settings, shared_options, study_folder
from precipice.errors import CheckError, InputError

EXAMPLES = """
\b
Examples:
  precipice doctor
  precipice doctor study --engine spark=sc://host:15002
  precipice doctor --uploads 5e8 --engine spark --cores 100
"""
MARKS = {"fine": "✓", "not used": "·", "short": "!", "missing": "✗"}
COLOURS = {"fine": "green", "not used": None, "short": "yellow", "missing": "red"}


@click.command(name="doctor", epilog=EXAMPLES)
@study_folder
@click.option("--uploads", default=None, metavar="N", help="Say what a study of so many uploads takes, such as 5e8.")
@click.option("--cores", type=click.IntRange(1), default=None, help="Cores the engine has (default: this machine's).")
@engine_option
@shared_options
def command(
    folder: Path,
    uploads: str | None,
    cores: int | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Look at versions, engines, memory and disk for the study in DIR, and at what a study of some size takes.

    Each line ends in a verdict.  The engine of the study is asked for a row; others are only looked for.  Exit 1 if
    something that the study needs is missing or short.
    """
    from precipice.study.health import duration, estimate, examine, size, weigh

    study = settings(folder, config, seed=seed)
    need = None if uploads is None else estimate(_number(uploads), study, cores)
    lines = examine(folder, study)
    lines += [] if need is None else weigh(need, folder, study)
    if as_json:
        print_json({"lines": [asdict(line) for line in lines], "need": None if need is None else asdict(need)})
    else:
        widths = [max(len(getattr(line, name)) for line in lines) for name in ("what", "verdict")]
        for line in lines:
            mark = click.style(f"{MARKS[line.verdict]} {line.verdict.ljust(widths[1])}", fg=COLOURS[line.verdict])
            click.echo(f"{mark}  {line.what.ljust(widths[0])}  {line.found}")
            if line.fix:
                click.echo(f"{' ' * (widths[1] + 4)}{' ' * widths[0]}  → {line.fix}")
    if need is not None and not as_json:
        click.echo(
            f"\n{need.uploads:,} uploads on {need.engine}, {need.cores} cores: {duration(need.ingest_s)} to take in"
            f" from JSON Lines on this machine, {duration(need.reduce_s)} to reduce once, {need.cells:,} cells,"
            f" {size(need.archive_bytes)} of archive."
        )
        say(f"in proportion to {need.source}", quiet=quiet)
    bad = [line.what for line in lines if line.verdict in ("short", "missing")]
    if bad:
        raise CheckError("something that this study needs is not there", why=", ".join(bad), fix="see the lines above")


def _number(text: str) -> int:
    try:
        number = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        number = 0.0
    if not 1 <= number < 1e15:
        raise InputError(f"'{text}' is no number of uploads", where="--uploads", fix="write it like:  --uploads 5e8")
    return round(number)
