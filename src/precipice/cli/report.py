"""`precipice report`: the main job."""

import webbrowser
from datetime import UTC, datetime
from pathlib import Path

import click

from precipice.cli.common import engine_option, print_json, progress_bar, say, settings, shared_options, study_folder
from precipice.errors import PrecipiceError

EXAMPLES = """
\b
Examples:
  precipice report study
  precipice report study --example openmoji --open
  precipice report paper --simulate
  precipice report study --files pictures
  precipice report study --check
  precipice report study --serve --open
  precipice report study --methods > methods.md
"""


@click.command(name="report", epilog=EXAMPLES)
@study_folder
@click.option("--example", default=None, metavar="NAME", help="Make DIR of this example first, if it is not there.")
@click.option("--simulate", is_flag=True, help="Use a simulated population of known truth in place of the archive.")
@click.option("--check", "only_check", is_flag=True, help="Only say whether the last run still stands; exit 1 if not.")
@click.option("--methods", is_flag=True, help="Print how it was made, with citations; of the last run if that stands.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    metavar="DIR",
    help="Files of your own, named after their uploads: what they carry, and how alike pictures are.",
)
@click.option("--embedder", default=None, metavar="NAME", help="What likeness of pictures is by, as in profile.")
@click.option("--hide-works", is_flag=True, help="Show no single works of these files on the page.")
@click.option("--serve", is_flag=True, help="Then serve the page to you alone, with exact numbers, until Ctrl-C.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@engine_option
@shared_options
def command(
    folder: Path,
    example: str | None,
    simulate: bool,
    only_check: bool,
    methods: bool,
    files: Path | None,
    embedder: str | None,
    hide_works: bool,
    serve: bool,
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
    if serve:
        from precipice.report import serving

        serving.check_extra()  # before the long work, not after it
    if methods and _stands(folder):
        _print_methods(folder, as_json=as_json)
        return
    started = datetime.now(UTC)
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        if example is not None and not (folder / "precipice.toml").exists():
            start_study(folder, example, now=started, version=VERSION, progress=progress)
        study = settings(folder, config, seed=seed)
        own = None if files is None else OwnFiles(files, embedder, works=not hide_works)
        written = write_report(folder, settings=study, simulate=simulate, own=own, started=started, progress=progress)
    if methods:
        _print_methods(folder, as_json=as_json)
    elif as_json:
        print_json({"report": str(written.page), "run": str(written.record), "answer": written.answer})
    else:
        click.echo(written.answer)
        say(f"page: {written.page}", quiet=quiet)
    if serve:
        serving.serve(written.page, written.found, ready=lambda address: _served(address, open_page=open_page))
    elif open_page:
        webbrowser.open(written.page.resolve().as_uri())


def _served(address: str, *, open_page: bool) -> None:
    """Say where the page is served, to you alone."""
    click.echo(f"serving: {address}  (Ctrl-C ends it)", err=True)
    if open_page:
        webbrowser.open(address)


def _stands(folder: Path) -> bool:
    """Whether a run is on record that still holds for what lies in the folder."""
    from precipice.study import ledger

    try:
        ledger.check(folder)
    except PrecipiceError:
        return False
    return True


def _print_methods(folder: Path, *, as_json: bool) -> None:
    from precipice.verbs import read_methods

    methods = read_methods(folder)
    if as_json:
        print_json(methods.as_dict())
    else:
        click.echo(methods.summary())
