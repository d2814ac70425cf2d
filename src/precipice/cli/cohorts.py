"""`precipice cohorts`: cohorts, monthly series, retention."""

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
from precipice.months import month_text

EXAMPLES = """
\b
Examples:
  precipice cohorts study --cutoff 2022-01 --cap 1 --from 2021-01 --to 2023-10 --json
  precipice cohorts study --by year --retention
  precipice cohorts study --by 'followers > 2000'
  precipice cohorts study --n 250 --where 'followers > 2000' --seed 1
"""


@click.command(name="cohorts", epilog=EXAMPLES)
@study_folder
@click.option("--cutoff", type=MONTH, default=None, help="Seniors uploaded before this month (default: the study's).")
@click.option(
    "--by",
    default="cutoff",
    show_default=True,
    metavar="RULE",
    help="cutoff, month, quarter, year (of the first upload), all, or a condition such as 'followers > 2000'.",
)
@click.option("--cap", type=int, default=None, help="Most uploads counted a month and creator (default: the study's).")
@click.option("--from", "start", type=MONTH, default=None, help="First month shown.")
@click.option("--to", "end", type=MONTH, default=None, help="Last month shown.")
@click.option(
    "--clock",
    type=click.Choice(["first", "source"]),
    default=None,
    help="Count by the clock uploads came with, or by the time their original carries.",
)
@click.option("--platform", "platforms", multiple=True, metavar="NAME", help="Only this platform; may be given again.")
@click.option("--n", type=int, default=None, help="Draw so many creators at random on each platform.")
@click.option("--where", default=None, metavar="CONDITION", help="Only creators who meet it: 'followers > 2000'.")
@click.option(
    "--draw",
    "draw_to",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Write the draw to a CSV file (default: DIR/tables/draw.csv).",
)
@click.option("--retention", is_flag=True, help="Add who is still active by months since the first upload.")
@click.option("--intervals", is_flag=True, help="Add 95 % limits over creators to each count.")
@engine_option
@shared_options  # fmt: skip
def command(
    folder: Path,
    cutoff: int | None,
    by: str,
    cap: int | None,
    start: int | None,
    end: int | None,
    clock: str | None,
    platforms: tuple[str, ...],
    n: int | None,
    where: str | None,
    draw_to: Path | None,
    retention: bool,
    intervals: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Draw cohorts and count their uploads by month, from the archive of the study in DIR (default: here).

    capped counts at most --cap uploads a month and creator; creators are those with an upload in the month; entrants
    those whose first upload over the whole history falls in it.  Months without uploads are zeros.
    """
    from precipice.study.cohorting import count_cohorts

    study = settings(
        folder, config, seed=seed, cutoff=cutoff, cap=cap, start=start, end=end, clock=clock, n=n, where=where,
        platforms=platforms or None,
    )  # fmt: skip
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        found = count_cohorts(folder, study, by, retention=retention, progress=progress)
    if found.draw is not None:
        place = draw_to or folder / "tables" / "draw.csv"
        found.write_draw(place)
        say(f"{found.draw.summary()}; written to {place}", quiet=quiet)
    rows = list(found.rows(intervals=intervals))
    if as_json:
        more: dict[str, Any] = {"retention": list(found.retention_rows())} if retention else {}
        print_json({"series": rows, **more})
        return
    print_rows(rows)
    if retention:
        click.echo()
        print_rows(found.retention_rows())
    for series in found.series:
        say(series.summary(), quiet=quiet)
    for name, window in zip(found.panel.platforms, found.panel.windows, strict=True):
        say(f"{name}: observed {window}", quiet=quiet)
    if by == "cutoff":
        say(
            f"Seniors (before {month_text(study.study.cutoff)}) can only stop and juniors only arrive:"
            " seniors falling and juniors rising is expected with no event at all.",
            quiet=quiet,
        )
