"""What a worker and its supervisor say to each other: one JSON object a line, tasks in, answers out."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Do = Literal["profile", "collect", "grow"]


@dataclass(frozen=True)
class Manner:
    """How a worker behaves towards its site."""

    agent: str
    """The User-Agent, with a contact."""
    pace: float = 2.0
    """Least seconds between two requests."""
    timeout: float = 30.0
    """Seconds a server may be silent within one request."""
    retries: int = 4
    """Times a failed request (5xx, a broken connection) is made again."""
    retry_wait: float | None = None
    """Seconds before each of those; None for 1, 2, 3, 4."""
    wait: float = 60.0
    """Seconds waited after a 429 that names no time; doubled from one to the next."""
    longest_wait: float = 900.0
    """The most seconds that one wait may take; a server that asks for more has the site stopped."""
    waits: int = 5
    """Waits in a row after which the site is stopped."""
    details: bool = False
    """Whether each work's own page is asked for as well (tags, opt-outs)."""


@dataclass(frozen=True)
class Task:
    """One thing asked of a worker."""

    do: Do
    artist: str
    """Name on the platform; of a frame to grow, whose list it is, or a query."""
    post: str | None = None
    """A post of the artist known from before, by which a renamed artist is found again."""
    after: str | None = None
    """Danbooru: go on below this id, down to which everything came before; None to begin at the newest."""
    known: int | None = None
    """For an update: how many posts were stated when last seen complete; None to read to the end."""
    newest: str | None = None
    """For an update: publication of the newest post held, ISO 8601."""
    since: str | None = None
    """Posts before this day are not kept, ISO 8601; the count of what was served includes them."""
    until: str | None = None
    """Posts from the day after this one on are not kept."""
    profile: Mapping[str, Any] | None = None
    """What a profile said before, so that it need not be asked for twice."""
    active: bool = False
    """For a profile: whether the listing's first page is looked at too, for the time of the newest upload."""
    list: str | None = None
    """For a frame to grow: which list (`following`, `followers-of`, `search`, `artists`)."""
    most: int = 0
    """For a frame to grow: candidates wanted."""


@dataclass(frozen=True)
class Result:
    """What came of a task."""

    exit: int = 0
    """gallery-dl's status; 0 where it thinks all is well."""
    errors: tuple[str, ...] = ()
    """What its log called an error, without names and addresses."""
    failures: tuple[str, ...] = ()
    """Requests that failed and were not made good, in words."""
    reached_end: bool = False
    """Whether the listing came to its end (or, for an update, to what was known)."""
    gone: bool = False
    """Whether the platform knows no such artist."""
    stated: int | None = None
    """How many posts the platform says there are."""
    seen: int = 0
    """Different posts served, by this task."""
    deleted: int = 0
    """Of these, marked as deleted."""
    hidden: int = 0
    """Of these, without an address of a picture: banned or hidden."""
    outside: int = 0
    """Of these, outside of the days asked for."""
    last: str | None = None
    """The lowest id reached, for going on."""
    newest: str | None = None
    """Publication of the newest post served, ISO 8601."""
    post: str | None = None
    """A post by which the artist can be found again under another name."""
    artist: str | None = None
    """Name under which the platform lists the artist now."""
    profile: Mapping[str, Any] | None = None
    """creator (the platform's own id), followers, uploads, kind, last: each where the platform says it."""
    found: tuple[Mapping[str, Any], ...] = ()
    """For a frame to grow: candidates (artist, id)."""
    notes: tuple[str, ...] = ()
    """What else should be known, in words."""
    updated: bool = field(default=False)
    """Whether the listing was read only down to what was known before; the counts are of what was read."""


def task_line(task: Task) -> str:
    """Write a task as a line."""
    return json.dumps(asdict(task), ensure_ascii=False) + "\n"


def read_task(line: str) -> Task:
    """Read a task."""
    return Task(**json.loads(line))


def read_result(said: Mapping[str, Any]) -> Result:
    """Read a result out of an answer."""
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said["result"].items()
    }
    return Result(**given)
