"""`precipice refresh`: what is new since artists were collected, and what is gone."""

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from precipice.cli.collecting import DURATION, conclude, print_collected, print_estimates, shown, whole
from precipice.cli.common import settings, shared_options, study_folder

EXAMPLES = """
\b
Examples:
  precipice refresh study
  precipice refresh study --site artstation --budget 30m
  precipice refresh study --recheck
"""


@click.command(name="refresh", epilog=EXAMPLES)
@study_folder
@click.option("--site", "sites", multiple=True, metavar="NAME", help="Only this site; may be repeated.")
@click.option("--recheck", is_flag=True, help="Read every listing to its end and take out what is no longer there.")
@click.option("--budget", type=DURATION, default=None, help="Stop after this long: 30m.")
@click.option("--exclude", default=None, metavar="FILE", help="List of who is never asked and taken out.")
@click.option("--contact", default=None, metavar="ADDRESS", help="Address that sites can write to.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and how long it would take; ask nothing.")
@shared_options
def command(
    folder: Path,
    sites: tuple[str, ...],
    recheck: bool,
    budget: float | None,
    exclude: str | None,
    contact: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Fetch what the artists of the study in DIR (default: here) have uploaded since they were collected.

    Whoever was partial or refused is tried again.  A listing is read only down to what is known, and to its end where
    the platform's total does not come out.
    """
    from precipice.study.collecting import change, collect, prepare
    from precipice.version import VERSION

    study = change(
        settings(folder, config, seed=seed), sites=sites or None, exclude=whole(exclude), contact=contact
    )  # fmt: skip
    plan = prepare(
        folder, study, now=lambda: datetime.now(UTC), version=VERSION, mode="recheck" if recheck else "update"
    )  # fmt: skip
    if dry_run:
        print_estimates(plan, as_json=as_json)
        return
    with shown(plan, quiet=quiet, verbose=verbose) as tell:
        found = collect(plan, budget=budget, tell=tell)
    print_collected(found, as_json=as_json, quiet=quiet)
    conclude(found, plan, " ".join(["precipice", *map(shlex.quote, sys.argv[1:])]), quiet=quiet)
