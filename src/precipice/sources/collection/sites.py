"""The sites that can be asked, what they expect, and the lawful other ways to the same records."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from precipice.errors import InputError

PINNED = "1.32.18"
"""The version of gallery-dl that the worker is written to and tested with."""

Kind = Literal["artstation", "deviantart", "danbooru"]


@dataclass(frozen=True)
class Site:
    """One site."""

    name: str
    """Name of the platform in the archive."""
    kind: Kind
    root: str
    """Scheme and host."""
    page: int
    """Posts an answer holds."""
    before: int
    """Requests an artist costs before the first page."""
    followers: bool
    """Whether the platform says how many follow an artist."""
    ways: str
    """Lawful other ways to the same records, in words."""
    lists: tuple[str, ...]
    """Lists that a sampling frame can be grown from."""


EXPORT = "ask the artists for an export of their own, or ingest what you were given:  precipice ingest FILE --as table"
BOORU_WAYS = "a public dump (precipice ingest posts.json --as danbooru2023), or a key of your own account"
SITES: Mapping[str, Site] = {
    site.name: site
    for site in (
        Site("artstation", "artstation", "https://www.artstation.com", 50, 0, True, EXPORT,
             ("following", "followers-of", "search")),
        Site("deviantart", "deviantart", "https://www.deviantart.com", 24, 1, True,
             f"check that your key is active at https://www.deviantart.com/developers/apps, or {EXPORT}",
             ("following", "search")),
        Site("danbooru", "danbooru", "https://danbooru.donmai.us", 200, 1, False, BOORU_WAYS, ("artists", "search")),
        Site("safebooru", "danbooru", "https://safebooru.donmai.us", 200, 1, False, BOORU_WAYS, ("artists", "search")),
        Site("aibooru", "danbooru", "https://aibooru.online", 200, 1, False, BOORU_WAYS, ("artists", "search")),
    )
}  # fmt: skip
"""Sites by name; any other instance of Danbooru is written `NAME=https://host`."""
INSTANCE = re.compile(r"([a-z][a-z0-9_-]*)=(https?://[^/\s]+)/?")


def find_site(text: str) -> Site:
    """Find a site by its name, or make one of `NAME=https://host`, an instance of Danbooru.

    Raises:
        InputError: it is neither.
    """
    if text in SITES:
        return SITES[text]
    found = INSTANCE.fullmatch(text)
    if found and urlsplit(found[2]).netloc and found[1] not in SITES:
        return Site(found[1], "danbooru", found[2], 200, 1, False, BOORU_WAYS, ("artists", "search"))
    why = f"there are {', '.join(SITES)}, and NAME=https://host for another instance of Danbooru"
    if text == "pixiv":
        why = "Pixiv's terms bar collecting, so its records come by export only"
        raise InputError(
            "Pixiv is not collected", where="--site", why=why, fix="ingest an export:  precipice ingest FILE --as table"
        )
    raise InputError(f"there is no site '{text}'", where="--site", why=why, fix="name one of those")
