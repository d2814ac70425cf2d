"""Who and what the imitated platforms hold: drawn from a seed, and changed half-way where a test says so."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

END = datetime(2023, 10, 30, 22, 10, tzinfo=UTC)


@dataclass
class Work:
    """One post."""

    number: int
    published: datetime
    deleted: bool = False
    hidden: bool = False
    tags: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Danbooru: artists beside the one whose list it stands in."""


@dataclass
class Person:
    """One artist of one platform."""

    name: str
    number: int
    followers: int
    works: list[Work] = field(default_factory=list)
    kind: str = "artist"
    gone: bool = False
    old_names: tuple[str, ...] = ()


def person(
    name: str, number: int, works: int, *, followers: int = 2500, rng: np.random.Generator | None = None,
    apart: float = 9.0,
) -> Person:  # fmt: skip
    """Make an artist with so many works, so many days apart on average, newest first."""
    rng = rng or np.random.default_rng(number)
    days = np.cumsum(rng.exponential(apart, works))
    made = [
        Work(number * 10_000 + works - index, END - timedelta(days=float(day)), tags=_tags(index))
        for index, day in enumerate(days)
    ]
    return Person(name, number, followers, made)


def _tags(index: int) -> tuple[str, ...]:
    return ("synthetic", *(("NoAI",) if index % 4 == 0 else ()), *(("CreatedWithAI",) if index % 15 == 7 else ()))


@dataclass
class World:
    """The artists of each platform, by host."""

    people: dict[str, list[Person]] = field(default_factory=dict)

    def find(self, host: str, name: str) -> Person | None:
        """Find an artist by the present name, without case."""
        return next((p for p in self.people.get(host, []) if p.name.lower() == name.lower() and not p.gone), None)

    def ids(self, host: str) -> set[str]:
        """Give every post of a platform by its identifier there."""
        return {identifier(host, work) for p in self.people.get(host, []) for work in p.works}


ARTSTATION, DEVIANTART = "www.artstation.com", "www.deviantart.com"
DANBOORU, AIBOORU = "danbooru.donmai.us", "aibooru.online"
HOSTS = (ARTSTATION, DEVIANTART, DANBOORU, AIBOORU)


def identifier(host: str, work: Work) -> str:
    """Give the identifier of a post on a platform."""
    return f"BBBBBBBB-0000-0000-0000-{work.number:012d}" if host == DEVIANTART else str(work.number)


def world(sizes: dict[str, tuple[int, int]], seed: int = 1, apart: float = 9.0, reach: float = 7.6) -> World:
    """Make a world: host → how many artists, and works an artist on average, so many days apart."""
    rng = np.random.default_rng(seed)
    made: dict[str, list[Person]] = {}
    for at, (host, (artists, works)) in enumerate(sizes.items()):
        numbers = rng.poisson(works, artists)
        followers = np.exp(rng.normal(reach, 0.8, artists)).astype(int)  # at 7.6, about half above 2,000
        made[host] = [
            person(f"synth_{host.split('.')[-2]}_{i:04d}", (at + 1) * 100_000 + i, max(1, int(numbers[i])),
                   followers=int(followers[i]), rng=rng, apart=apart)
            for i in range(artists)
        ]  # fmt: skip
    return World(made)


def iso(moment: datetime, hours: int = -5) -> str:
    """Write a moment with an offset, as the platforms do."""
    return moment.astimezone(timezone(timedelta(hours=hours))).isoformat(timespec="milliseconds")
