"""`precipice init`: a study's folder."""

from datetime import UTC, datetime
from pathlib import Path

import click

from precipice.cli.common import print_json, progress_bar, say, shared_options

EXAMPLES = """
\b
Examples:
  precipice init study
  precipice init study --example openmoji
  precipice init paper --example paper && precipice report paper --simulate
"""


@click.command(name="init", epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--example",
    default=None,
    metavar="NAME",
    help="openmoji (real pictures, ready to report) or paper (Porres & Gomez-Villa 2024 as a study).",
)
@shared_options  # fmt: skip
def command(
    folder: Path,
    example: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Make a study in DIR: commented precipice.toml, artists.csv, events.csv, and an example's data if asked for."""
    from precipice.study.starting import start_study
    from precipice.version import VERSION

    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        made = start_study(folder, example, now=datetime.now(UTC), version=VERSION, progress=progress)
    if as_json:
        print_json({"folder": str(folder), "made": [path.name for path in made]})
        return
    say(f"made {folder}: {', '.join(path.name for path in made)}", quiet=quiet)
    say(f"next:  precipice report {folder}" + (" --simulate" if example == "paper" else ""), quiet=quiet)
