"""The front door: one event, every platform of a panel, every method."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from importlib.util import find_spec
from typing import get_args

from precipice.display import Together
from precipice.effects import guards
from precipice.effects.asking import METHODS, Question, ask, refused
from precipice.effects.case import LOOK_BACK, WINDOW, Case, Span, case_of
from precipice.effects.effect import Effect
from precipice.effects.guards import Frame
from precipice.effects.multiplicity import adjust
from precipice.effects.sample import sample_of
from precipice.errors import InputError, MissingExtraError
from precipice.months import month_text
from precipice.panel import Panel


def estimate(  # noqa: PLR0913  the front door: all but the first two have a default that suits
    panel: Panel,
    event_month: int,
    *,
    event: str = "event",
    methods: Sequence[str] | None = None,
    control: str | None = None,
    look_back: int = LOOK_BACK,
    window: int = WINDOW,
    frame: Frame = "population",
    exclude: Collection[int] = (),
    others: Mapping[str, int] | None = None,
    wash_out: int | None = None,
) -> tuple[Effect, ...]:
    """Estimate what an event did on each platform of a panel.

    Args:
        panel: uploads by creator and month.
        event_month: the event's month (see `precipice.months`).
        event: its name.
        methods: keys of `METHODS`; None for all that can be asked here.
        control: a platform that the event should not have touched; it is not asked about itself.
        look_back: incumbents are the entrants of this many months before the event.
        window: months before the event and from it on.
        frame: how the creators were chosen; methods that break on such a choice are withheld.
        exclude: months never used, such as a yearly drive (see `precipice.months`).
        others: months of other known events, by name.
        wash_out: months at the start whose entrants are left out; None for a year where the history is truncated.

    Returns:
        one effect for each platform, method and outcome, with NaN and a reason where the panel cannot tell; p-values
        corrected over the platforms.

    Raises:
        InputError: no such method, platform or frame, or the event lies outside every platform's months.
        MissingExtraError: `age-period` was asked by name and statsmodels is not installed.
    """
    names = _methods(methods, control)
    question = Question(
        event,
        event_month,
        Span(look_back, window, window),
        _frame(frame),
        tuple(sorted(set(exclude))),
        dict(others or {}),
    )
    asked = [platform for platform in panel.platforms if platform != control]
    _check_inside(panel, asked, event_month)
    opposite = case_for(panel, control, question, wash_out=wash_out) if control is not None else None
    effects: list[Effect] = []
    for platform in asked:
        effects += _on_platform(panel, platform, question, names, opposite, wash_out)
    return Together(adjust(effects))


def case_for(
    panel: Panel, platform: str, question: Question, *, control: Case | None = None, wash_out: int | None = None
) -> Case:
    """Prepare one platform for a question.

    Raises:
        InputError: no such platform, or the event lies outside its complete months.
    """
    sample = sample_of(panel, platform, wash_out=wash_out)
    return case_of(sample, question.month, question.span, excluded=question.excluded, control=control)


def _on_platform(
    panel: Panel, platform: str, question: Question, names: Sequence[str], control: Case | None, wash_out: int | None
) -> list[Effect]:
    sample = sample_of(panel, platform, wash_out=wash_out)
    if not sample.washed < question.month - sample.start < sample.n_months:
        reason = guards.outside(sample, question.month, question.span)
        return refused(platform, question, names, reason)
    case = case_of(sample, question.month, question.span, excluded=question.excluded, control=control)
    return _cross_checked(ask(case, question, names), case, question)


def _cross_checked(effects: list[Effect], case: Case, question: Question) -> list[Effect]:
    """Mark the incumbents' change where newcomers, or the control's incumbents, moved the same way."""
    others: dict[str, Effect] = {}
    for effect in effects:
        if effect.method == "SJ":
            others["newcomers' first months"] = effect
    if case.control is not None:
        others |= {
            f"incumbents on {effect.platform}": effect
            for effect in ask(case.control, question, ["S1"])
            if effect.outcome == "capped"
        }
    found = [guards.coincident_shock(e, others) if e.method == "S1" else None for e in effects]
    return [replace(e, reasons=(*e.reasons, s)) if s else e for e, s in zip(effects, found, strict=True)]


def _methods(methods: Sequence[str] | None, control: str | None) -> list[str]:
    installed = find_spec("statsmodels") is not None
    if methods is None:
        absent = {"control"} if control is None else set()
        absent |= set() if installed else {"age-period"}
        return [name for name in METHODS if name not in absent]
    for name in methods:
        if name not in METHODS:
            near = get_close_matches(name, METHODS, 1)
            raise InputError(
                f"there is no method '{name}'",
                why=f"there are {', '.join(METHODS)}",
                fix=f"did you mean {near[0]}?" if near else "name one of those",
            )
    if "control" in methods and control is None:
        raise InputError("the control difference needs a control platform", fix="name one, or leave the method out")
    if "age-period" in methods and not installed:
        raise MissingExtraError("statsmodels", "effects")
    return list(dict.fromkeys(methods))


def _frame(frame: Frame) -> Frame:
    if frame not in get_args(Frame):
        raise InputError(
            f"there is no frame '{frame}'",
            why="it says how creators were chosen",
            fix=f"one of {', '.join(get_args(Frame))}",
        )
    return frame


def _check_inside(panel: Panel, asked: Sequence[str], event_month: int) -> None:
    windows = [panel.window(platform) for platform in asked]
    if any(window.first < event_month <= window.last_complete for window in windows):
        return
    if not windows:
        raise InputError("there is no platform to ask about", why="the control is the only one", fix="add a platform")
    raise InputError(
        f"the event of {month_text(event_month)} lies outside the panel",
        why=f"its complete months run from {month_text(min(w.first for w in windows))} to "
        f"{month_text(max(w.last_complete for w in windows))}",
        fix="choose a month between them",
    )
