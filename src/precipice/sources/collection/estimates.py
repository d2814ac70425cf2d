"""What a collection will cost, before and while it runs."""

from dataclasses import dataclass
from math import ceil

from precipice.sources.collection.protocol import Manner
from precipice.sources.collection.walk import Walk

WORKS = 100
"""Works that an artist is taken to have until some have been counted."""


@dataclass(frozen=True)
class Estimate:
    """What is left to ask of one site."""

    site: str
    candidates: int
    artists: int
    """Artists still to be asked for their posts."""
    screenings: tuple[int, int]
    """Profiles to read, least and most; it depends on how many meet the condition."""
    requests: tuple[int, int]
    """Requests in all, least and most."""
    seconds: tuple[float, float]
    """At the set pace, least and most, waits apart."""
    an_artist: float
    """Requests an artist is taken to cost, profiles apart."""
    asks: tuple[str, ...]
    """What is asked, in words."""


def estimate(walk: Walk, manner: Manner) -> Estimate:
    """Estimate what is left of a walk.

    Artists of whom the ledger knows how many posts they have count with that; others with 100.
    """
    wanted = len(walk.frame.candidates) if walk.wish.n is None else min(walk.wish.n, len(walk.frame.candidates))
    done = sum(
        held is not None and held.state in ("complete", "partial", "gone", "refused")
        for held in map(walk.entry, walk.drawn())
    )
    left = max(0, wanted - done) if walk.wish.mode == "collect" else wanted
    unscreened = sum(standing == "unscreened" for _, standing in walk.standings()) if walk.needs_profile else 0
    screenings = (min(left, unscreened), unscreened)
    if walk.wish.where is None and not walk.wish.screen_all:
        screenings = (screenings[0], screenings[0])
    elif walk.wish.screen_all:
        screenings = (unscreened, unscreened)
    elif not left:
        screenings = (0, 0)
    known = [held.uploads for held in map(walk.entry, walk.drawn()) if held and held.uploads is not None]
    works = sum(known) / len(known) if known else WORKS
    update = walk.wish.mode == "update"
    pages = 1 if update else max(1, ceil(works / walk.site.page))
    details = (works if walk.site.kind == "artstation" else pages) if walk.wish.details else 0
    an_artist = pages + (walk.site.before if walk.site.kind != "deviantart" or not walk.needs_profile else 0) + details
    low, high = (round(count + left * an_artist) for count in screenings)
    return Estimate(
        walk.site.name, len(walk.frame.candidates), left, screenings, (low, high),
        (low * manner.pace, high * manner.pace), an_artist, _asks(walk),
    )  # fmt: skip


def _asks(walk: Walk) -> tuple[str, ...]:
    profile = {
        "artstation": "GET /users/NAME/quick.json: followers, how many works",
        "deviantart": "GET /api/v1/oauth2/user/profile/NAME: watchers, how many works",
        "danbooru": "GET /counts/posts.json: how many posts",
    }[walk.site.kind]
    listing = {
        "artstation": "GET /users/NAME/projects.json: 50 works an answer",
        "deviantart": "GET /api/v1/oauth2/gallery/all: 24 works an answer",
        "danbooru": "GET /counts/posts.json, then /posts.json: 200 posts an answer, page after page by falling id",
    }[walk.site.kind]
    details = {
        "artstation": "GET /projects/HASH.json for every work: its tags",
        "deviantart": "GET /api/v1/oauth2/deviation/metadata for every answer: tags",
        "danbooru": "",
    }[walk.site.kind]
    needed = walk.needs_profile or walk.site.kind == "deviantart"
    return tuple(filter(None, (profile if needed else "", listing, details if walk.wish.details else "")))
