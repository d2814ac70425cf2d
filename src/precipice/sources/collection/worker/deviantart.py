"""DeviantArt: the gallery through the platform's own interface, twenty-four a request.

The profile states how many deviations there are and how many watch the artist.  Nobody is taken for a group: that
guess of gallery-dl's loses whole galleries without a word.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from precipice.sources.collection.protocol import Task
from precipice.sources.collection.worker.listing import Extractor, Listing, Record
from precipice.sources.collection.worker.transport import Rule
from precipice.sources.gallery_dl.fields import without_names, words

FIELDS = ("deviationid", "published_time", "is_deleted", "is_blocked", "is_published")
MEDIA = ("videos", "flash", "content", "text_content")
API = "/api/v1/oauth2"
RULES = (
    Rule("token", r"/oauth2/token", "POST"),
    Rule("profile", API + r"/user/profile/[^/]+"),
    Rule("listing", API + r"/gallery/all"),
    Rule("work", API + r"/deviation/metadata"),
    Rule("work", API + r"/deviation/[0-9A-Fa-f-]+"),
    Rule("frame", API + r"/browse/tags"),
    Rule("frame", API + r"/user/friends/[^/]+"),
)


def url(root: str, artist: str) -> str:
    """Give the address of an artist's gallery."""
    return f"{root}/{quote(artist, safe='')}/gallery"


def profile(extr: Extractor, artist: str) -> dict[str, Any]:
    """Ask for the profile: id, watchers, the number of deviations."""
    said = _answer(extr, f"/user/profile/{quote(artist, safe='')}", {"expand": "user.stats"})
    user, stats = said["user"], said["stats"]
    kind = "group" if user.get("type") == "group" else "artist" if said.get("user_is_artist", True) else "other"
    return {
        "creator": str(user["userid"]),
        "artist": str(user["username"]),
        "followers": (user.get("stats") or {}).get("watchers"),
        "uploads": stats.get("user_deviations"),
        "kind": kind,
    }


def _answer(extr: Extractor, endpoint: str, params: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = extr.api._call(endpoint, params=dict(params))  # noqa: SLF001  gallery-dl's has no `expand`
    return said


def records(extr: Extractor, task: Task) -> Iterator[Record]:
    """List all deviations."""
    return iter(extr.deviations())


def stated(label: str, path: str, body: Any) -> int | None:  # noqa: ANN401  whatever a server answers
    """Read the number of deviations out of a profile."""
    return int(body["stats"]["user_deviations"]) if label == "profile" else None


def slim(record: Record, known: Mapping[str, Any]) -> Record:
    """Keep what an upload needs, the author by the platform's id alone."""
    kept: Record = {"category": "deviantart"} | {name: record[name] for name in FIELDS if name in record}
    author = record["author"]
    kept["author"] = {"userid": author["userid"]}
    kept["stats"] = {"favourites": (record.get("stats") or {}).get("favourites")}
    kept |= {name: True for name in MEDIA if record.get(name)}
    if known.get("followers") is not None and known.get("creator") == str(author["userid"]):
        kept["author"]["stats"] = {"watchers": known["followers"]}
        kept["followers_read"] = known["read"]
    if "tags" in record:
        kept["tags"] = list(without_names(words(record["tags"]), (author.get("username"),)))
    return kept


def published(record: Record) -> str:
    """Give the time of publication, which is seconds since 1970 and often text."""
    said = record.get("published_time")
    return datetime.fromtimestamp(int(said), UTC).isoformat() if said else ""


def called(extr: Extractor, post: str, artist: str) -> tuple[str, str] | None:
    """Ask who made a deviation now."""
    author = _answer(extr, f"/deviation/{post}", {}).get("author") or {}
    return (str(author["username"]), str(author["userid"])) if {"username", "userid"} <= author.keys() else None


def tagged(extr: Extractor, tag: str) -> Iterator[Record]:
    """List the authors of the newest deviations with a tag."""
    return (_candidate(found["author"]) for found in extr.deviations() if found.get("author"))


def watching(extr: Extractor, artist: str) -> Iterator[Record]:
    """List whom an artist watches."""
    return (_candidate(friend["user"]) for friend in extr.api.user_friends(artist))


def _candidate(user: Mapping[str, Any]) -> Record:
    return {"artist": str(user["username"]), "id": str(user["userid"])}


def frame_url(root: str, which: str, name: str) -> str:
    """Give the address of the list that a frame is grown from."""
    return f"{root}/tag/{quote(name, safe='')}" if which == "search" else url(root, name)


LISTING = Listing(
    rules=RULES,
    url=url,
    profile=profile,
    is_tag=False,
    profile_first=True,
    records=records,
    stated=stated,
    served=lambda label, body: len(body.get("results", ())) if label == "listing" else None,
    slim=slim,
    identity=lambda record: str(record["deviationid"]),
    published=published,
    is_deleted=lambda record: record.get("is_deleted") is True,
    is_hidden=lambda record: record.get("is_blocked") is True or record.get("is_published") is False,
    handle=lambda record: str(record["deviationid"]),
    creator=lambda record, artist: str(record["author"]["userid"]),
    called=called,
    frames={"search": tagged, "following": watching},
    frame_url=frame_url,
)
"""DeviantArt; details come by gallery-dl's own setting `metadata`, in batches."""
