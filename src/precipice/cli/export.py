"""`precipice export`: a data set that may be published."""

from pathlib import Path

import click

from precipice.cli.common import print_json, say, shared_options

EXAMPLES = """
\b
Examples:
  precipice export study data --licence CC-BY-4.0
  precipice export study data --json
"""


@click.command(name="export", epilog=EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--licence", default=None, metavar="NAME", help="Of the data set, such as CC-BY-4.0 (default: the study's)."
)
@shared_options
def command(
    folder: Path,
    out: Path,
    licence: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Write what the report of the study in DIR says to OUT, as a data set to be published.

    Plain tables (CSV) with croissant.json, README, methods and a licence note.  Nothing is in it that is not on the
    page: no number of 1 to 4 creators, no row of a single one, no name or pseudonym.
    """
    from precipice.verbs import export

    written = export(folder, out, licence=licence)
    if as_json:
        print_json({"folder": str(out), "files": [path.name for path in written]})
    else:
        say(f"wrote {out}: {', '.join(path.name for path in written)}", quiet=quiet)
    if (out / "LICENCE.md").read_text(encoding="utf-8").startswith("No licence"):
        say("no licence is stated: others may not use more than its facts; add --licence", quiet=quiet)
