"""What `collect` and `refresh` share: the bar, the words at the end, the exit status."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from precipice.cli.common import print_json, print_rows, progress_bar, say
from precipice.errors import CheckError, InputError, SourceError

if TYPE_CHECKING:
    from precipice.sources.collection.site_run import Outcome, SiteRun
    from precipice.study import Study
    from precipice.study.collecting import Collected, Plan

EVERY = 0.5  # seconds between two looks at how far it has come
UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


class DurationType(click.ParamType[float]):
    """A length of time: `90m`, `2h`."""

    name = "DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a number and its unit as seconds."""
        text = str(value).strip().lower()
        digits = text.rstrip("abcdefghijklmnopqrstuvwxyz").strip()
        unit = text[len(digits) :].strip()
        if not digits.replace(".", "", 1).isdigit() or unit not in UNITS:
            raise InputError(
                f"cannot read the length of time '{value}'",
                where=param.opts[0] if param else "",
                why=f"it is a number with one of {', '.join(UNITS)}",
                fix="write it like 90m or 2h",
            )
        return float(digits) * UNITS[unit]


DURATION = DurationType()


def whole(file: str | None) -> str | None:
    """Give a file named on the command line so that it stays the same one seen from the study's folder."""
    return None if file is None else str(Path(file).resolve())


@contextmanager
def shown(plan: "Plan", *, quiet: bool, verbose: bool) -> Iterator[Callable[[Mapping[str, "SiteRun"]], None]]:
    """Show how far each site has come: a bar on a terminal, with `-v` a line when something has changed."""
    last = [0.0]
    waits: set[float] = set()
    with progress_bar(quiet=quiet, verbose=verbose) as progress:

        def tell(runs: Mapping[str, "SiteRun"]) -> None:
            for run in runs.values():
                until = run.talk.waits_until
                if until is not None and until not in waits:
                    waits.add(until)
                    say(f"{run.walk.site.name} asks to wait; it goes on at {clock_time(until)}", quiet=quiet)
            if time.monotonic() - last[0] >= EVERY:
                last[0] = time.monotonic()
                words, share = how_far(plan, runs)
                progress(words, share)

        yield tell


def how_far(plan: "Plan", runs: Mapping[str, "SiteRun"]) -> tuple[str, float | None]:
    """Say how many artists are done, how many requests are left, at which pace, and how long that takes."""
    parts, shares = [], []
    for run in runs.values():
        whole = len(run.walk.frame.candidates)
        wanted = min(run.walk.wish.n or whole, whole)
        done = min(run.progress.done, wanted)
        shares.append(done / wanted if wanted else 1.0)
        costs = run.progress.artist_requests
        left = round((wanted - done) * (run.progress.requests / len(costs))) if costs else None
        words = f"{run.walk.site.name} {done}/{wanted} artists"
        if run.is_over:
            words += f" ({run.outcome.end})"
        elif run.talk.waits_until is not None:
            words += f", waits until {clock_time(run.talk.waits_until)}"
        elif left is not None:
            words += f", about {left:,} requests and {span(left * max(plan.manner.pace, 0.05))} left"
        parts.append(words)
    return f"{'; '.join(parts)} ({plan.manner.pace:g} s apart)", min(shares, default=None)


def clock_time(moment: float) -> str:
    """Write a moment of the clock that goes only forward as time of day."""
    return f"{datetime.now().astimezone() + timedelta(seconds=moment - time.monotonic()):%H:%M:%S}"


def span(seconds: float) -> str:
    """Write a length of time in words: `3 h 20 min`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def print_estimates(plan: "Plan", *, as_json: bool) -> None:
    """Print what would be asked, and how long it would take."""
    from dataclasses import asdict

    from precipice.sources.collection.estimates import estimate

    found = [estimate(walk, plan.manner) for walk in plan.walks.values()]
    if as_json:
        print_json({"dry_run": [asdict(one) for one in found]})
        return
    print_rows(
        {"site": one.site, "candidates": one.candidates, "artists to ask": one.artists,
         "profiles": _range(*one.screenings), "requests": _range(*one.requests),
         "time": f"{span(one.seconds[0])} to {span(one.seconds[1])}"}
        for one in found
    )  # fmt: skip
    for one in found:
        for line in one.asks:
            click.echo(f"  {one.site}: {line}")
    click.echo(
        f"pace: {plan.manner.pace:g} s between requests, sites side by side, one connection each; nothing was asked"
    )


def _range(low: float, high: float) -> str:
    return f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"


def print_collected(found: "Collected", *, as_json: bool, quiet: bool) -> None:
    """Print what came of it."""
    from dataclasses import asdict

    if as_json:
        ended = {one.site: one.end for one in found.outcomes}
        what = {"read": found.read, "kept": found.kept, "removed": dict(found.removed), "ended": ended}
        print_json({"collected": {**what, "sites": [asdict(flow) for flow in found.flows]}})
        return
    print_rows(
        {"site": flow.site, "listed": flow.lines, "screened": flow.screened, "eligible": flow.eligible,
         "drawn": flow.drawn, "complete": flow.complete, "partial": flow.partial, "gone": flow.gone,
         "refused": flow.refused, "left": flow.pending, "chance": _chance(flow.probability, exact=flow.exact)}
        for flow in found.flows
    )  # fmt: skip
    say(f"{found.read:,} records read, {found.kept:,} uploads new in the archive", quiet=quiet)
    words = {"excluded": "of excluded artists", "unserved": "that their platform no longer shows"}
    for name, count in found.removed.items():
        if count:
            say(f"{count:,} uploads {words[name]} were taken out of the archive", quiet=quiet)


def _chance(probability: float | None, *, exact: bool) -> str:
    return "" if probability is None else f"{'' if exact else '~'}{probability:.3f}"


def conclude(found: "Collected", plan: "Plan", again: str, *, quiet: bool) -> None:
    """Say how each site's part ended, and raise what the exit status tells.

    Raises:
        SourceError: a site refused, slowed or broke off.
        InputError: a key is missing or is not accepted, or gallery-dl has changed.
        CheckError: some artists are partial.
    """
    for outcome in found.outcomes:
        if outcome.loopback:
            say(f"note: an imitation on this machine was asked in place of {outcome.site}", quiet=quiet)
        if outcome.end == "budget":
            say(f"the time is used up at {outcome.site}; go on with:  {again}", quiet=quiet)
    kept = f"{found.kept:,} uploads were kept; what was served is in the archive"
    for outcome in found.outcomes:
        error = _error(outcome, plan, kept, again)
        if error is not None:
            raise error
    if found.partial:
        raise CheckError(
            f"{found.partial} artists are partial",
            where=", ".join(flow.site for flow in found.flows if flow.partial),
            why="; ".join(dict.fromkeys(plan_why(plan)))[:300] + f"; {kept}",
            fix='try them again:  precipice refresh   or leave them out:  [study] partial = "drop"',
        )


def plan_why(plan: "Plan") -> Iterator[str]:
    """Give the reasons for which artists are partial."""
    for walk in plan.walks.values():
        for candidate in walk.drawn():
            held = walk.entry(candidate)
            if held is not None and held.state == "partial":
                yield f"{held.site}: {held.why}"


def _error(outcome: "Outcome", plan: "Plan", kept: str, again: str) -> SourceError | InputError | None:
    site = plan.walks[outcome.site].site
    if outcome.end == "refused":
        return SourceError(
            f"{site.name} refused", where=site.root, why=f"{outcome.why}; {kept}",
            fix=f"wait a day and go on with:  {again};  or another way: {site.ways}",
        )  # fmt: skip
    if outcome.end == "slowed":
        asked = f"it asks to wait {span(outcome.wait)}" if outcome.wait else "it asks to wait"
        return SourceError(
            f"{site.name} slows us down", where=site.root, why=f"{outcome.why}: {asked}; {kept}",
            fix=f"go on later with:  {again}",
        )  # fmt: skip
    if outcome.end == "broken":
        return SourceError(
            f"{site.name} broke off", where=site.root, why=f"{outcome.why}; {kept}", fix=f"go on with:  {again}"
        )
    if outcome.end in ("no key", "key refused"):
        prefix = f"PRECIPICE_{site.name.upper()}_"
        what = f"{site.name} needs a key of your own" if outcome.end == "no key" else f"{site.name} refuses the key"
        why = outcome.why or "there is none in gallery-dl's settings, nor in the environment"
        return InputError(
            what, where=site.root, why=f"{why}; {kept}",
            fix=f"register an application at https://www.deviantart.com/developers/apps and set {prefix}CLIENT_ID and "
            f"{prefix}CLIENT_SECRET" if site.kind == "deviantart" else f"set {prefix}USERNAME and {prefix}API_KEY",
        )  # fmt: skip
    if outcome.end == "changed":
        return InputError(
            f"gallery-dl {outcome.gallery_dl} is not what this was written to", why=f"it lacks {outcome.why}",
            fix="pip install 'precipice[collect]'",
        )  # fmt: skip
    return None


def say_partial(folder: Path, study: "Study", *, quiet: bool) -> str | None:
    """Say what share of the collected artists is partial, and whether they count; give it in words."""
    from precipice.archive import read_manifest
    from precipice.report.sampling import partial_words

    collection = read_manifest(folder / "archive").collection
    words = partial_words(collection, study.study.platforms or tuple(collection))
    if words:
        leave = "they are left out" if study.study.partial == "drop" else 'leave them out:  [study] partial = "drop"'
        say(f"note: {words}; {leave}", quiet=quiet)
    return words
