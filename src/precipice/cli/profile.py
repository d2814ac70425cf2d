"""`precipice profile`: what cohorts upload and say."""

from pathlib import Path
from typing import Any

import click

from precipice.cli.common import (
    MONTH,
    engine_option,
    print_json,
    print_rows,
    progress_bar,
    say,
    settings,
    shared_options,
    study_folder,
)

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

EXAMPLES = """
\b
Examples:
  precipice profile study --by ai --cutoff 2022-01
  precipice profile study --by marks --files pictures
  precipice profile study --by styles --files pictures --embedder onnx:model.onnx
  precipice profile study --by ai --sensitivity 160/200 --specificity 0.99 --json
  precipice profile study --by themes --event stable-diffusion --stop-kind meta --stop-kind character
"""


@click.command(name="profile", epilog=EXAMPLES)
@study_folder
@click.option(
    "--by",
    multiple=True,
    metavar="SECTION",
    help="ai, diversity, marks, styles, themes; may be given again (default: all that can be asked).",
)
@click.option("--cutoff", type=MONTH, default=None, help="Seniors uploaded before this month (default: the study's).")
@click.option("--platform", "platforms", multiple=True, metavar="NAME", help="Only this platform; may be given again.")
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
@click.option(
    "--embedder",
    default=None,
    metavar="NAME",
    help="styles: simple (built in), onnx:MODEL.onnx, timm:MODEL:WEIGHTS, open_clip:MODEL:WEIGHTS.  [simple]",
)
@click.option(
    "--event",
    "names",
    multiple=True,
    metavar="EVENT",
    help="themes: a shipped event, a line of events.csv, or a month; may be given again (default: the study's).",
)
@click.option(
    "--window", type=click.IntRange(1), default=None, help="themes: months before an event and from it on.  [12]"
)
@click.option(
    "--aliases",
    type=FILE,
    default=None,
    metavar="FILE",
    help="themes, diversity: tags that are other words "
    "for another (columns antecedent_name, consequent_name; CSV or JSON).",
)
@click.option("--implications", type=FILE, default=None, metavar="FILE", help="Tags that say another, the same shape.")
@click.option("--stop", type=FILE, default=None, metavar="FILE", help="Tags to leave out, one a line.")
@click.option(
    "--stop-kind",
    "stop_kinds",
    multiple=True,
    metavar="KIND",
    help="Kinds of tags to leave out: meta, character, copyright, …; may be given again (default: the study's).",
)
@engine_option
@shared_options  # fmt: skip
def command(
    folder: Path,
    by: tuple[str, ...],
    cutoff: int | None,
    platforms: tuple[str, ...],
    files: Path | None,
    sensitivity: str | None,
    specificity: str | None,
    embedder: str | None,
    names: tuple[str, ...],
    window: int | None,
    aliases: Path | None,
    implications: Path | None,
    stop: Path | None,
    stop_kinds: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Profile what the cohorts of the study in DIR upload and say, from its archive (default: here).

    Section ai: uploads declared as made with a generative model, by the platform's own rule, opted out of training,
    and words in tags that speak of either; creators who ever declared; and what they uploaded around that.

    Section diversity: effective numbers of tags at one coverage, the top tag and its share, how unevenly uploads lie on
    artists (Gini), and turnover of tags, by cohort and year.

    Section marks, with --files: what picture files carry (C2PA, IPTC, texts of generators), by cohort where a file is
    named after its upload (12345.png, pixiv/12345.png) or files.csv beside them says so (file,platform,id).

    Section styles, with --files: how alike the pictures of each cohort are, how many styles that amounts to, whether
    their centre moves, one vote a creator; by colour, edges and texture, or by a model of your own.

    Section themes: tags whose use by seniors against juniors changed at the study's events, beyond what dates without
    an event show.
    """
    from precipice.profiles.correction import parse_accuracy
    from precipice.study.profiling import profile_study

    accuracies = {"sensitivity": sensitivity, "specificity": specificity}
    options: dict[str, Any] = {
        name: None if text is None else parse_accuracy(text, where=f"--{name}") for name, text in accuracies.items()
    }
    options["embedder"] = embedder
    options |= {"aliases": aliases, "implications": implications, "stop": stop, "stop_kinds": stop_kinds or None,
                "events": names, "window": window}  # fmt: skip
    study = settings(folder, config, seed=seed, cutoff=cutoff, platforms=platforms or None)
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        found = profile_study(folder, study, by, files=files, options=options, progress=progress)
    if as_json:
        print_json(found.as_dict())
        return
    for answer in found.sections.values():
        print_rows(answer.rows())
        say(answer.summary(), quiet=quiet)
