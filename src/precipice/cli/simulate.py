"""`precipice simulate`: what becomes of models that are trained on what models made."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from precipice.cli.common import print_json, print_rows, progress_bar, say, settings, shared_options
from precipice.errors import InputError

if TYPE_CHECKING:
    from precipice.loops import Loop, Trace

EXAMPLES = """
\b
Examples:
  precipice simulate --n 50 --generations 20 --bias 0.9 --replicates 20000 --seed 1
  precipice simulate --policy fresh --share 0.2 --n 250 --bias 0.8 --dimension 16 --figure loop.svg
  precipice simulate --policy accumulate --supply supply.csv --every 12 --sensitivity 0.8 --specificity 0.95
  precipice simulate --study study --policy fresh --bias 0.9
  precipice simulate --model styles --dimension 30 --n 200 --policy fresh --share 0.1 --json
  precipice simulate --model mixture --option components=10 --works features.npy --n 600 --replicates 5
"""
SHOWN = 11
"""Generations printed as words; all of them with -v and as JSON."""


@click.command(name="simulate", epilog=EXAMPLES)
@click.option(
    "--model",
    default="gaussian",
    show_default=True,
    metavar="NAME",
    help="gaussian, styles, regression, kde; of optional parts mixture, vae, ddpm, text_to_image.",
)
@click.option(
    "--policy",
    default="synthetic",
    show_default=True,
    metavar="NAME",
    help="What a generation is fed: synthetic, augment, fresh, accumulate, accumulate_subsample, real.",
)
@click.option("--n", type=int, default=None, help="Works a generation, human and synthetic together.  [1000]")
@click.option(
    "--share", type=float, default=None, help="Human share of n.  [0.5 with augment and fresh, 1 with real, else 0]"
)
@click.option(
    "--supply",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="CSV with generation (or month), human, synthetic, in place of --n and --share.",
)
@click.option(
    "--study",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    metavar="DIR",
    help="Study whose measured and forecast uploads are the supply; with --n as many a generation at their shares.",
)
@click.option("--platform", default=None, metavar="NAME", help="Platform of --study, where it has several.")
@click.option(
    "--every",
    type=int,
    default=None,
    help="Lines of --supply, or months of --study, that make a generation.  [1, or 12]",
)
@click.option("--generations", type=int, default=None, help="Generations after the first.  [10, or all of --supply]")
@click.option(
    "--bias",
    type=float,
    default=1.0,
    show_default=True,
    help="Sampling bias λ: 1 gives outputs as they are, less gives quality for diversity.",
)
@click.option("--weight", default=None, metavar="W", help="Weight of the human works (fresh, augment), or 'best'.")
@click.option("--sensitivity", type=float, default=None, help="Leave out what is labelled AI: share of it labelled.")
@click.option("--specificity", type=float, default=None, help="Share of human works that the label leaves alone.")
@click.option("--dimension", type=int, default=1, show_default=True, help="Dimensions, or number of styles.")
@click.option(
    "--works",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Real works, .npy or .csv of numbers, one row a work, in place of a made-up distribution.",
)
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="What is measured; may be given again.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the model.")
@click.option("--samples", is_flag=True, help="Draw works even where sufficient statistics would do.")
@click.option("--single", is_flag=True, help="Count in single precision (Gaussians by sufficient statistics).")
@click.option("--replicates", type=int, default=None, help="Independent runs.  [1000, or 5 on works]")
@click.option("--jobs", type=int, default=None, help="Threads.  [one a processor]")
@click.option(
    "--figure",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Draw the curves: .svg, .png, .pdf or .json.",
)
@shared_options  # fmt: skip
def command(
    model: str,
    policy: str,
    n: int | None,
    share: float | None,
    supply: Path | None,
    study: Path | None,
    platform: str | None,
    every: int | None,
    generations: int | None,
    bias: float,
    weight: str | None,
    sensitivity: float | None,
    specificity: float | None,
    dimension: int,
    works: Path | None,
    metrics: tuple[str, ...],
    options: tuple[str, ...],
    samples: bool,
    single: bool,
    replicates: int | None,
    jobs: int | None,
    figure: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Run a self-consuming loop: every generation is fitted to what people and the generation before it made.

    Limits are 95 % limits of the mean over replicates.  theory is what a closed form or an exact recursion expects,
    where there is one.  The models are small: this shows laws, and no platform's future.
    """
    from precipice.loops import Loop, simulate

    _check_supply(supply, study, n, share, platform)
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        feed = _feed(supply, every) if study is None else _study_feed(study, config, platform, every, n, progress)
    loop = Loop(
        model=model, policy=policy, n=1_000 if n is None else n, share=share, generations=generations,
        feed=feed, bias=bias, label=_label(sensitivity, specificity),
        dimension=dimension, works=None if works is None else _works(works), metrics=metrics,
        options=_options(options), by_samples=samples, single=single,
    )  # fmt: skip
    loop = _weighted(loop, weight)
    seed = _seed(seed, config, study)
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        trace = simulate(loop, replicates=replicates, seed=seed, jobs=jobs, progress=progress)
    if figure is not None:
        from precipice.report import loop_curves, save

        say(f"drawn to {save(loop_curves(trace), figure)}", quiet=quiet)
    _print(trace, seed, as_json=as_json, whole=verbose)
    say(trace.summary(), quiet=quiet)


def _print(trace: "Trace", seed: int, *, as_json: bool, whole: bool) -> None:
    from precipice.loops.trace import INTERVAL

    if as_json:
        floor = {name: None if value != value else value  # noqa: PLR0124  not a number
                 for name, value in zip(trace.metrics, trace.floor.tolist(), strict=True)}  # fmt: skip
        print_json({
            "loop": trace.words, "replicates": trace.replicates, "seed": seed, "source": trace.source,
            "interval": INTERVAL, "floor": floor, "notes": trace.notes, "trace": trace.rows(),
        })  # fmt: skip
        return
    step = 1 if whole else max(1, -(-trace.generations // (SHOWN - 1)))
    shown = {*range(0, trace.generations + 1, step), trace.generations}
    print_rows(
        {name: "–" if value is None else f"{value:.5g}" if isinstance(value, float) else value
         for name, value in ({"metric": row["metric"]} | row).items()}
        for row in trace.rows()
        if row["generation"] in shown
    )  # fmt: skip


def _check_supply(supply: Path | None, study: Path | None, n: int | None, share: float | None,
                  platform: str | None) -> None:  # fmt: skip
    if supply is not None and study is not None:
        raise InputError("--supply and --study are both given", why="each says how many works there are",
                         fix="give one of the two")  # fmt: skip
    if supply is not None and (n is not None or share is not None):
        raise InputError("--supply and --n or --share are both given", why="a supply says how many works there are",
                         fix="leave out --n and --share")  # fmt: skip
    if study is not None and share is not None:
        raise InputError("--study and --share are both given", why="the study's uploads say what share is human",
                         fix="leave out --share, or state one in precipice.toml, under [supply]")  # fmt: skip
    if platform is not None and study is None:
        raise InputError("--platform is given without --study", fix="name the study's folder:  --study DIR")


def _feed(path: Path | None, every: int | None) -> Any:  # noqa: ANN401  a Feed, imported only when asked for
    from precipice.cli.feed_file import read_feed

    return None if path is None else read_feed(path, months=1 if every is None else every)


def _study_feed(
    folder: Path,
    config: Path | None,
    platform: str | None,
    every: int | None,
    n: int | None,
    progress: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401  as above
    from precipice.study.feeding import feed_of

    feed = feed_of(folder, settings(folder, config), platform=platform, months=every, progress=progress).feed
    return feed if n is None else feed.resized(n)


def _label(sensitivity: float | None, specificity: float | None) -> tuple[float, float] | None:
    if sensitivity is None and specificity is None:
        return None
    if sensitivity is None or specificity is None:
        missing = "--sensitivity" if sensitivity is None else "--specificity"
        raise InputError(f"{missing} is missing", why="a label is wrong in two ways", fix=f"add {missing}, such as 0.9")
    return sensitivity, specificity


def _works(path: Path) -> Any:  # noqa: ANN401  an array, numpy is imported only when asked for
    import numpy as np

    try:
        if path.suffix == ".npy":
            return np.load(path, allow_pickle=False)
        return np.loadtxt(path, delimiter=",", ndmin=2)
    except (OSError, ValueError) as error:
        raise InputError(
            "the works cannot be read", where=str(path), why=str(error).splitlines()[0],
            fix="give .npy, or .csv of numbers without a header, one row a work",
        ) from error  # fmt: skip


def _options(options: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for option in options:
        name, sign, value = (part.strip() for part in option.partition("="))
        if not sign or not name:
            raise InputError(f"cannot read '{option}'", where="--option", fix="write it like:  --option components=10")
        found[name] = _value(value)
    return found


def _value(text: str) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False, "none": None}.get(text.lower(), text)


def _weighted(loop: "Loop", weight: str | None) -> "Loop":
    from dataclasses import replace

    from precipice.loops.theory import best_weight

    if weight is None:
        return loop
    if weight != "best":
        try:
            return replace(loop, weight=float(weight))
        except ValueError as error:
            raise InputError(f"cannot read '{weight}' as a weight", where="--weight",
                             fix="give a number between 0 and 1, or 'best'") from error  # fmt: skip
    feed = loop.supply()
    human, synthetic = float(feed.human[1:].mean()), float(feed.synthetic[1:].mean())
    if not human or not synthetic:
        raise InputError("there is no best weight without both human and synthetic works", where="--weight",
                         fix="set --share between 0 and 1")  # fmt: skip
    return replace(loop, weight=best_weight(human, synthetic))


def _seed(seed: int | None, config: Path | None, study: Path | None) -> int:
    if seed is not None:
        return seed
    folder = study or (None if config is None else config.parent)
    return 0 if folder is None else int(settings(folder, config).study.seed)
