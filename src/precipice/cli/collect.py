"""`precipice collect`: artists' uploads from the platforms themselves."""

import shlex
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from precipice.cli.collecting import DURATION, conclude, print_collected, print_estimates, shown, whole
from precipice.cli.common import print_json, say, settings, shared_options, study_folder
from precipice.errors import InputError

EXAMPLES = """
\b
Examples:
  precipice collect study --dry-run
  precipice collect study --site artstation --n 250 --where 'followers > 2000' --budget 2h
  precipice collect study --site danbooru --since 2021-01-01 --until 2023-10-31
  precipice collect study --site artstation --grow following:NAME --most 2000
  precipice collect study --site myboard=https://booru.example.org
"""


@click.command(name="collect", epilog=EXAMPLES)
@study_folder
@click.option("--site", "sites", multiple=True, metavar="NAME",
              help="artstation, deviantart, danbooru, safebooru, aibooru, NAME=https://host; repeatable.")  # fmt: skip
@click.option("--frame", default=None, metavar="FILE", help="List of who may be asked (default: artists.csv).")
@click.option("--n", type=click.IntRange(min=1), default=None, help="Artists drawn at random on each site.")
@click.option("--where", default=None, metavar="CONDITION", help="Whom to draw: 'followers > 2000'.")
@click.option("--since", default=None, metavar="DAY", help="First day kept.")
@click.option("--until", default=None, metavar="DAY", help="Last day kept.")
@click.option("--budget", type=DURATION, default=None, help="Stop after this long: 2h.")
@click.option("--exclude", default=None, metavar="FILE", help="List of who is never asked and taken out.")
@click.option("--contact", default=None, metavar="ADDRESS", help="Address that sites can write to.")
@click.option("--grow", default=None, metavar="LIST:NAME",
              help="Add candidates to the list, ask for no uploads: following:NAME, followers-of:NAME, search:WORDS, "
                   "artists:QUERY (Danbooru), dump:FILE; needs one --site.")  # fmt: skip
@click.option(
    "--most", type=click.IntRange(min=1), default=1000, show_default=True, help="Candidates to add by --grow."
)
@click.option("--held", is_flag=True, help="By --grow, add only those of whom the archive holds uploads.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and how long it would take; ask nothing.")
@shared_options
def command(
    folder: Path,
    sites: tuple[str, ...],
    frame: str | None,
    n: int | None,
    where: str | None,
    since: str | None,
    until: str | None,
    budget: float | None,
    exclude: str | None,
    contact: str | None,
    grow: str | None,
    most: int,
    held: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Draw artists from the list in DIR (default: here) and fetch the records of their uploads into its archive.

    Metadata only, never a picture, at two seconds a request.  Stopped at any moment, the same command goes on.
    """
    from precipice.study.collecting import change, collect, prepare
    from precipice.version import VERSION

    study = change(
        settings(folder, config, seed=seed), sites=sites or None, frame=whole(frame), n=n, where=where, since=since,
        until=until, exclude=whole(exclude), contact=contact,
    )  # fmt: skip
    if grow is not None:
        from precipice.study.growing import grow as grow_list

        if len(sites) != 1:
            raise InputError("which site is the list of?", where="--grow", fix="name one:  --site artstation")
        grown = grow_list(folder, study, sites[0], grow, most=most, held=held, version=VERSION)
        if as_json:
            print_json({"grown": asdict(grown)})
        say(
            f"{grown.found:,} found, {grown.added:,} of them new on the list; requests made: {grown.requests:,}",
            quiet=quiet,
        )
        return
    plan = prepare(folder, study, now=lambda: datetime.now(UTC), version=VERSION)
    if dry_run:
        print_estimates(plan, as_json=as_json)
        return
    with shown(plan, quiet=quiet, verbose=verbose) as tell:
        found = collect(plan, budget=budget, tell=tell)
    print_collected(found, as_json=as_json, quiet=quiet)
    conclude(found, plan, " ".join(["precipice", *map(shlex.quote, sys.argv[1:])]), quiet=quiet)
