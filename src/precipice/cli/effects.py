"""`precipice effects`: what events did beyond ordinary attrition."""

from pathlib import Path
from typing import Any

import click

from precipice.cli.collecting import say_partial
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
from precipice.errors import InputError

EXAMPLES = """
\b
Examples:
  precipice effects study --event stable-diffusion
  precipice effects study --event 2022-08 --method S1 --method S2 --json
  precipice effects study --event stable-diffusion --control melpa --exclude 2021-10 --exclude 2022-10
  precipice effects study --event stable-diffusion --power
  precipice effects study --event stable-diffusion --specifications
  precipice effects --power --assume creators=4000,history=100,activity=0.05
"""


@click.command(name="effects", epilog=EXAMPLES)
@study_folder
@click.option(
    "--event",
    "names",
    multiple=True,
    metavar="EVENT",
    help="A shipped event, a line of events.csv, or a month; may be given again (default: the study's).",
)
@click.option(
    "--events",
    "events_file",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Use this file of events instead of DIR/events.csv.",
)
@click.option("--control", default=None, metavar="PLATFORM", help="A platform that the event should not have touched.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="NAME",
    help="S1, S2, SJ, S12, control, age-period, "
    "lapse-S1, lapse-S2; may be given again (default: all that can be asked).",
)
@click.option("--look-back", type=int, default=None, help="Incumbents are the entrants of so many months.  [60]")
@click.option("--window", type=int, default=None, help="Months before the event and from it on.  [12]")
@click.option(
    "--exclude", type=MONTH, multiple=True, help="Leave a month out, such as a yearly drive; may be repeated."
)
@click.option(
    "--frame",
    type=click.Choice(["population", "random", "followers", "recent", "other"]),
    default=None,
    help="How the creators were chosen (default: the study's).",
)
@click.option("--platform", "platforms", multiple=True, metavar="NAME", help="Only this platform; may be given again.")
@click.option("--power", "ask_power", is_flag=True, help="Say what effects this panel could have seen.")
@click.option(
    "--specifications",
    "ask_specifications",
    is_flag=True,
    help="Ask (the first --method) with other cutoffs, look-backs, windows and caps too, and say how far the answer "
    "hangs on them.",
)
@click.option(
    "--assume",
    default=None,
    metavar="NAME=NUMBER,…",
    help="With --power, before collecting: creators=…,history=… and optionally activity, uploads, noise.",
)
@engine_option
@shared_options  # fmt: skip
def command(
    folder: Path,
    names: tuple[str, ...],
    events_file: Path | None,
    control: str | None,
    methods: tuple[str, ...],
    look_back: int | None,
    window: int | None,
    exclude: tuple[int, ...],
    frame: str | None,
    platforms: tuple[str, ...],
    ask_power: bool,
    ask_specifications: bool,
    assume: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    seed: int | None,
    config: Path | None,
) -> None:
    """Estimate what events did to the artists of the study in DIR, beyond ordinary attrition.

    Seniors can only stop and juniors only arrive, with no event at all.  Each number here is compared with what the
    same statistic did at months when nothing happened; where the data cannot tell, it says so and what is missing.
    """
    if ask_power and ask_specifications:
        raise InputError("--power and --specifications are two questions", fix="ask them one after the other")
    if assume is not None:
        _print_assumed(assume, look_back, window, as_json=as_json)
        return
    study = settings(folder, config, seed=seed, frame=frame, platforms=platforms or None)
    changes = {"control": control, "methods": methods or None, "look_back": look_back, "window": window,
               "exclude": exclude or None}  # fmt: skip
    given = {name: value for name, value in changes.items() if value is not None}
    study = study.model_copy(update={"effects": study.effects.model_copy(update=given)})
    with progress_bar(quiet=quiet, verbose=verbose) as progress:
        from precipice.study import estimating

        ask: Any = estimating.measure if ask_power else estimating.specify if ask_specifications else estimating.ask
        found = ask(folder, study, names, events_file, progress=progress)
    if ask_power:
        _print_powers(found, as_json=as_json)
    elif ask_specifications:
        _print_specifications(found, as_json=as_json)
    else:
        _print_effects(*found, as_json=as_json, partial=say_partial(folder, study, quiet=quiet or as_json))
        for effect in found[0] if verbose and not as_json else ():
            say(effect.summary(), quiet=quiet)


def _print_effects(effects: Any, verdicts: Any, *, as_json: bool, partial: str | None) -> None:  # noqa: ANN401  imported late
    if as_json:
        found = {"effects": [one.as_dict() for one in effects], "verdicts": [one.as_dict() for one in verdicts]}
        print_json({**found, "partial": partial})
        return
    for verdict in verdicts:
        click.echo(verdict.summary() + "\n")
    print_rows(_row(effect.as_dict()) for effect in effects)


def _print_specifications(specifications: Any, *, as_json: bool) -> None:  # noqa: ANN401  imported only when asked for
    if as_json:
        print_json({"specifications": [found.as_dict() for found in specifications]})
        return
    for found in specifications:
        click.echo(found.summary() + "\n")
        print_rows(_specification_row(row) for row in found.rows())
        click.echo()


def _specification_row(row: dict[str, Any]) -> dict[str, object]:
    def percent(name: str) -> str:
        return "–" if row[name] is None else f"{row[name]:+.1f} %"

    return {
        "cutoff": row["cutoff"],
        "look-back": row["look_back"],
        "window": row["window"],
        "cap": "none" if row["cap"] is None else str(row["cap"]),
        "change": percent("percent"),
        "from": percent("percent_low"),
        "to": percent("percent_high"),
        "p": "–" if row["p"] is None else f"{row['p']:.3f}",
        "placebos": row["n_placebos"],
        "": "headline" if row["headline"] else "",
        "because": ", ".join(row["statuses"]),
    }


def _row(effect: dict[str, Any]) -> dict[str, object]:
    def percent(name: str) -> str:
        return "–" if effect[name] is None else f"{effect[name]:+.1f} %"

    def number(name: str) -> str:
        return "–" if effect[name] is None else f"{effect[name]:.3f}"

    return {
        "platform": effect["platform"],
        "event": effect["event"],
        "method": effect["method"],
        "outcome": effect["outcome"],
        "change": percent("percent"),
        "from": percent("percent_low"),
        "to": percent("percent_high"),
        "p": number("p"),
        "p (rank)": number("p_rank"),
        "p (Holm)": number("p_holm"),
        "creators": effect["n_creators"],
        "placebos": effect["n_placebos"],
        "answer": effect["verdict"],
        "because": ", ".join(status["status"] for status in effect["reasons"]),
    }


def _print_powers(powers: Any, *, as_json: bool) -> None:  # noqa: ANN401  imported only when asked for
    if as_json:
        print_json({"power": [power.as_dict() for power in powers]})
        return
    for power in powers:
        click.echo(power.summary() + "\n")


def _print_assumed(assume: str, look_back: int | None, window: int | None, *, as_json: bool) -> None:
    from precipice.effects import Span, from_assumptions

    known = {"creators": int, "history": int, "activity": float, "uploads": float, "noise": float}
    values: dict[str, Any] = {}
    for part in filter(None, assume.split(",")):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            values[name] = known[name](value)
        except (KeyError, ValueError) as error:
            raise InputError(
                f"cannot read '{part}'",
                where="--assume",
                why=f"the names are {', '.join(known)}",
                fix="write it like:  --assume creators=4000,history=100",
            ) from error
    if not {"creators", "history"} <= values.keys():
        raise InputError("creators and history are missing", where="--assume", fix="add:  creators=4000,history=100")
    span = Span(look_back or 60, window or 12, window or 12)
    _print_powers(
        [from_assumptions(values.pop("creators"), values.pop("history"), span=span, **values)], as_json=as_json
    )
