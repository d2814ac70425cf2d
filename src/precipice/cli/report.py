"""`precipice report`: the main job."""

import webbrowser
from datetime import UTC, datetime
from pathlib import Path

import click

from precipice.cli.common import engine_option, print_json, progress_bar, say, settings, shared_options, study_folder

EXAMPLES = """
\b
Examples:
  precipice report study
  precipice report study --example openmoji --open
  precipice report paper --simulate
  precipice report study --files pictures
  precipice report study --check
"""


@click.command(name="report", epilog=EXAMPLES)
@study_folder
@click.option("--example", default=None, metavar="NAME", help="Make DIR of this example first, if it is not there.")
@click.option("--simulate", is_flag=True, help="Use a simulated population of known truth in place of the archive.")
@click.option("--check", "only_check", is_flag=True, help="Only say whether the last run still stands; exit 1 if not.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    metavar="DIR",
    help="Files of your own, named after their uploads: what they carry, and how alike pictures are.",
)
@click.option("--embedder", default=None, metavar="NAME", help="What likeness of pictures is by, as in profile.")
@click.option("--hide-works", is_flag=True, help="Show no single works of these files on the page.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@engine_option
@shared_options
def command(
    folder: Path,
    example: str | None,
    simulate: bool,
    only_check: bool,
    files: Path | None,
    embedder: str | None,
    hide_works: bool,
    open_page: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Run the study in DIR (default: here): cohorts, figures, tables, report.html and run.json.

    Figures go to figures/ (SVG, PDF, PNG), their numbers to tables/ (CSV, Parquet), the page to report.html, and the
    record of the run to runs/<utc>/run.json.
    """
    from precipice.study import ledger
    from precipice.study.profiling.own_files import OwnFiles
    from precipice.study.starting import start_study
    from precipice.verbs import write_report
    from precipice.version import VERSION

    if only_check:
        record = ledger.check(folder)
        say(f"the run of {record['started']} still stands", quiet=quiet)
        return
    started = datetime.now(UTC)
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        if example is not None and not (folder / "precipice.toml").exists():
            start_study(folder, example, now=started, version=VERSION, progress=progress)
        study = settings(folder, config, seed=seed)
        own = None if files is None else OwnFiles(files, embedder, works=not hide_works)
        written = write_report(folder, settings=study, simulate=simulate, own=own, started=started, progress=progress)
    if as_json:
        print_json({"report": str(written.page), "run": str(written.record), "answer": written.answer})
    else:
        click.echo(written.answer)
        say(f"page: {written.page}", quiet=quiet)
    if open_page:
        webbrowser.open(written.page.resolve().as_uri())
