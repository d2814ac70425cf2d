"""`precipice remove`: artists out of the archive, for good."""

from dataclasses import asdict
from pathlib import Path

import click

from precipice.cli.common import print_json, say, settings, shared_options, study_folder
from precipice.errors import InputError

EXAMPLES = """
\b
Examples:
  precipice remove study --platform sketchbook --names gone.txt
  precipice remove study --platform sketchbook --names - --dry-run
  precipice remove study --platform sketchbook --creator ann
"""


@click.command(name="remove", epilog=EXAMPLES)
@study_folder
@click.option("--platform", required=True, metavar="NAME", help="Whose artists they are, as the archive has it.")
@click.option("--creator", "creators", multiple=True, metavar="NAME",
              help="Name or id on the platform; may be repeated.  Your shell may remember it.")  # fmt: skip
@click.option("--names", default=None, metavar="FILE", help="A name a line; - reads standard input.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken out; take nothing.")
@shared_options
def command(
    folder: Path,
    platform: str,
    creators: tuple[str, ...],
    names: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Take artists out of the archive of the study in DIR (default: here), and keep them out.

    Names are hashed with the archive's key and kept nowhere.  Of an upload by several artists only those named are
    taken out.  The same names again change nothing.  What was made of the archive before, such as report.html, has
    to be made anew.
    """
    from precipice.study.removing import remove

    study = settings(folder, config, seed=seed)
    found = remove(folder, study, platform, [*creators, *_listed(names)], dry_run=dry_run)
    if as_json:
        print_json({"removal": asdict(found)})
        return
    verb = "would be taken out" if dry_run else "taken out"
    click.echo(f"{found.uploads:,} uploads {verb}; {found.shared:,} that others made too stay, without them")
    say(f"{found.found:,} of {found.names:,} names had uploads here, {found.already:,} were out already", quiet=quiet)
    if found.found + found.already < found.names:
        say("whoever had none is kept out by this spelling; check that it is the platform's own", quiet=quiet)


def _listed(names: str | None) -> list[str]:
    if names is None:
        return []
    try:
        with click.open_file(names, encoding="utf-8-sig") as file:
            return str(file.read()).splitlines()
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=names, fix="check the name after --names") from error
    except OSError as error:
        raise InputError("the names cannot be read", where=names, why=str(error), fix="check --names") from error
    except UnicodeDecodeError as error:
        raise InputError("the names are not UTF-8", where=names, why=str(error), fix="save them as UTF-8") from error
