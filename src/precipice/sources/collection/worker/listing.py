"""What a site's module gives: how its extractor is called, what its records say, and which fields are let through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from precipice.sources.collection.protocol import Task
from precipice.sources.collection.worker.transport import Rule

Record = dict[str, Any]
Extractor = Any
"""gallery-dl's; it has no types."""


@dataclass(frozen=True)
class Listing:
    """One kind of site."""

    rules: tuple[Rule, ...]
    """The requests that may be made."""
    url: Callable[[str, str], str]
    """Root and artist → the address by which gallery-dl finds its extractor."""
    profile: Callable[[Extractor, str], dict[str, Any]]
    """Ask for an artist's profile: creator, followers, uploads, kind, as far as there is one."""
    is_tag: bool
    """Whether artists are tags, which have no page of their own and are gone when no post is left."""
    profile_first: bool
    """Whether the profile is needed before the listing, because it alone states how many posts there are."""
    records: Callable[[Extractor, Task], Iterator[Record]]
    """List an artist's posts as the platform serves them, hidden and deleted ones too."""
    stated: Callable[[str, str, Any], int | None]
    """Label, path and answer → how many posts the platform says there are, where this answer says it."""
    served: Callable[[str, Any], int | None]
    """Label and answer → how many posts are in it; None where it is no answer with posts."""
    slim: Callable[[Record, Mapping[str, Any]], Record]
    """Record and profile → the fields that are kept, in the shape in which gallery-dl writes them."""
    identity: Callable[[Record], str]
    published: Callable[[Record], str]
    """When a record was published, ISO 8601 with its offset; empty where it does not say."""
    is_deleted: Callable[[Record], bool]
    is_hidden: Callable[[Record], bool]
    handle: Callable[[Record], str]
    """What a post is asked for by."""
    creator: Callable[[Record, str], str | None]
    """Record and name asked for → the platform's id of the artist; None where it is another's post."""
    called: Callable[[Extractor, str, str], tuple[str, str] | None]
    """Ask what the artist of a post (or of a name) is called now: name and id."""
    frames: Mapping[str, Callable[[Extractor, str], Iterator[Record]]]
    """Lists that a sampling frame can be grown from."""
    frame_url: Callable[[str, str, str], str]
    """Root, list and name → the address by which gallery-dl finds an extractor for it."""
    details: Callable[[Extractor, Record], Record] | None = None
    """Ask for a work's own page, and give the record with what it adds."""
