"""`precipice supply`: fresh human work to come, and the runway."""

from pathlib import Path

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

EXAMPLES = """
\b
Examples:
  precipice supply study --until 2030-12
  precipice supply study --metric tail --threshold 0.2 --policy fresh --bias 1 --bias 0.9 --json
  precipice supply study --sensitivity 160/200 --specificity 0.99 --generation-months 6
  precipice supply study --share 0.1..0.3
"""


@click.command(name="supply", epilog=EXAMPLES)
@study_folder
@click.option("--until", type=MONTH, default=None, help="Last month to forecast (default: 60 after the last complete).")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="spread, tail, effective, fresh, or of a cohort stratum:senior or, by tags, styles:senior; may be repeated.",
)
@click.option("--threshold", "thresholds", type=float, multiple=True, help="Loss at which it is over.  [0.1]")
@click.option(
    "--bias", "biases", type=float, multiple=True, help="Share of the variance that sampling keeps.  [1 0.95 0.9 0.8]"
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME",
    help="synthetic, augment, fresh, accumulate, accumulate_subsample, real; may be given again.  [fresh accumulate]",
)
@click.option("--generation-months", "months", type=int, default=None, help="Months a generation.  [12]")
@click.option("--sensitivity", default=None, metavar="SHARE", help="Of models' works, the share that is labelled.")
@click.option("--specificity", default=None, metavar="SHARE", help="Of other works, the share that is not labelled.")
@click.option("--share", default=None, metavar="SHARE", help="State a share of synthetic uploads: 0.2, or 0.1..0.3.")
@click.option("--drop-labelled", is_flag=True, help="Drop what is labelled before training; needs its accuracy.")
@click.option(
    "--elsewhere",
    type=float,
    default=0.0,
    help="Synthetic works from elsewhere for each uploaded here.  [unknown, so none]",
)
@click.option("--forecaster", default="bootstrap", show_default=True, metavar="NAME", help="bootstrap or ets.")
@click.option("--paths", type=click.IntRange(100, 100_000), default=4_000, show_default=True, help="Forecast paths.")
@click.option("--cutoff", type=MONTH, default=None, help="Seniors uploaded before this month (default: the study's).")
@click.option("--platform", "platforms", multiple=True, metavar="NAME", help="Only this platform; may be given again.")
@engine_option
@shared_options
def command(
    folder: Path,
    until: int | None,
    metrics: tuple[str, ...],
    thresholds: tuple[float, ...],
    biases: tuple[float, ...],
    policies: tuple[str, ...],
    months: int | None,
    sensitivity: str | None,
    specificity: str | None,
    share: str | None,
    drop_labelled: bool,
    elsewhere: float,
    forecaster: str,
    paths: int,
    cutoff: int | None,
    platforms: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Forecast the fresh human uploads of the study in DIR, and when models trained on it would have lost how much.

    Human and synthetic uploads are told apart by the platform's own label, corrected where its accuracy is stated.
    A runway is a probability and quantiles over paths, censored at the last month, never one date.
    """
    from precipice.study.supplying import Wanted, believe, look_ahead

    study = settings(folder, config, seed=seed, cutoff=cutoff, platforms=platforms or None)
    told = (sensitivity, specificity, share)
    usual = Wanted.of(study)
    wanted = Wanted(
        until=until or usual.until,
        metrics=metrics or usual.metrics,
        thresholds=thresholds or usual.thresholds,
        biases=biases or usual.biases,
        policies=policies or usual.policies,
        months=usual.months if months is None else months,
        belief=believe(*told) if any(told) else usual.belief,
        filtered=drop_labelled,
        elsewhere=elsewhere,
        forecaster=forecaster,
        paths=paths,
    )
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        found = look_ahead(folder, study, wanted, progress=progress)
    if as_json:
        print_json({"supply": [outlook.as_dict() for outlook in found]})
        return
    for outlook in found:
        print_rows({name: _shown(name, value) for name, value in row.items()} for row in outlook.rows())
        say(outlook.summary(), quiet=quiet)


def _shown(name: str, value: object) -> object:
    """Say what stands where there is no number: a month beyond the horizon, a policy or bias that does not matter."""
    if value is None:
        return "beyond" if name.startswith("q") else "any"
    return f"{value:g}" if name == "bias" else value
