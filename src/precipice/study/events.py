"""The events of a study: shipped ones by name, and the lines of its `events.csv`."""

import csv
import difflib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from precipice.errors import InputError
from precipice.records import EVENTS, Event
from precipice.study.settings import NAME


def find_events(
    names: Iterable[str], folder: Path, events_file: Path | None = None, *, where: str = NAME
) -> tuple[Event, ...]:
    """Find events by name: shipped ones, and lines of `events.csv` (name, date, label, source).

    Args:
        names: which events; every line of the file is among them anyway.
        folder: the study's folder.
        events_file: a file of events to use instead of the study's `events.csv`.
        where: what named them, for messages.

    Raises:
        InputError: a name is neither, or a line of the file cannot be read.
    """
    own = {event.name: event for event in _read_events(events_file or folder / "events.csv")}
    known = {**EVENTS, **own}
    chosen = []
    for name in [*names, *own]:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise InputError(
                f"there is no event '{name}'",
                where=where,
                why=f"there are {', '.join(known)}",
                fix=f"write '{close[0]}'" if close else "add a line to events.csv:  name,date,label,source",
            )
        chosen.append(known[name])
    return tuple(dict.fromkeys(chosen))


def _read_events(place: Path) -> Iterable[Event]:
    if not place.exists():
        return
    with place.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                day = date.fromisoformat(row["date"])
                yield Event(row["name"], row.get("label") or row["name"], day, row.get("source") or "events.csv")
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(
                    "an event cannot be read",
                    where=f"{place.name}:{number}",
                    why=f"{dict(row)}",
                    fix="write:  name,date,label,source  and a date like 2022-08-22",
                ) from error
