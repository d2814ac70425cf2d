"""`precipice profile`: what cohorts upload and say."""

from pathlib import Path

import click

from precipice.cli.common import (
    MONTH,
    print_json,
    print_rows,
    progress_bar,
    say,
    settings,
    shared_options,
    study_folder,
)

EXAMPLES = """
\b
Examples:
  precipice profile study --by ai --cutoff 2022-01
  precipice profile study --by ai --sensitivity 160/200 --specificity 0.99 --json
"""


@click.command(name="profile", epilog=EXAMPLES)
@study_folder
@click.option("--by", multiple=True, metavar="SECTION", help="ai; may be given again (default: all sections).")
@click.option("--cutoff", type=MONTH, default=None, help="Seniors uploaded before this month (default: the study's).")
@click.option("--platform", "platforms", multiple=True, help="Only this platform; may be given again.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    metavar="DIR",
    help="Folder of files of your own, for sections that read such.",
)
@click.option(
    "--sensitivity",
    default=None,
    metavar="SHARE",
    help="ai: of the works made with a model, the share that the label marks: 0.8, or right/tried: 160/200.",
)
@click.option(
    "--specificity",
    default=None,
    metavar="SHARE",
    help="ai: of the other works, the share that the label leaves alone: 0.99, or right/tried.",
)
@shared_options
def command(
    folder: Path,
    by: tuple[str, ...],
    cutoff: int | None,
    platforms: tuple[str, ...],
    files: Path | None,
    sensitivity: str | None,
    specificity: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Profile what the cohorts of the study in DIR upload and say, from its archive (default: here).

    Section ai: uploads declared as made with a generative model, by the platform's own rule, opted out of training,
    and words in tags that speak of either; creators who ever declared; and what they uploaded around that.
    """
    from precipice.profiles.correction import parse_accuracy
    from precipice.study.profiling import profile_study

    accuracies = {"sensitivity": sensitivity, "specificity": specificity}
    options = {
        name: None if text is None else parse_accuracy(text, where=f"--{name}") for name, text in accuracies.items()
    }
    study = settings(folder, config, seed=seed, cutoff=cutoff, platforms=platforms or None)
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        found = profile_study(folder, study, by, files=files, options=options, progress=progress)
    if as_json:
        print_json(found.as_dict())
        return
    for answer in found.sections.values():
        print_rows(answer.rows())
        say(answer.summary(), quiet=quiet)
