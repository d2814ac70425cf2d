"""Danbooru and its kin: the posts with an artist's tag, two hundred a request, by falling id.

gallery-dl leaves posts without `file_url` out (banned and hidden ones); here they are kept and marked.  The tag is
the artist's name: when it is renamed, posts come with the new one, and then everything is asked for anew under it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from precipice.sources.collection.protocol import Task
from precipice.sources.collection.worker.listing import Extractor, Listing, Record
from precipice.sources.collection.worker.transport import Rule
from precipice.sources.gallery_dl.fields import words

FIELDS = (
    "id", "created_at", "updated_at", "uploader_id", "fav_count", "file_ext", "source", "is_deleted", "is_banned",
    "image_width", "tag_string_artist", "tag_string_general", "tag_string_character", "tag_string_copyright",
    "tag_string_meta",
)  # fmt: skip
RULES = (
    Rule("listing", r"/posts\.json"),
    Rule("total", r"/counts/posts\.json"),
    Rule("alias", r"/tag_aliases\.json"),
    Rule("frame", r"/artists\.json"),
)


def url(root: str, artist: str) -> str:
    """Give the address of a search for an artist's tag, on any instance."""
    return f"Danbooru:{root}/posts?tags={quote(artist, safe='')}"


def profile(extr: Extractor, artist: str) -> dict[str, Any]:
    """Ask for the number of posts, which is all that there is to know."""
    return {"creator": artist, "uploads": _count(extr, artist)}


def _count(extr: Extractor, tags: str) -> int:
    return int(extr.request_json(f"{extr.root}/counts/posts.json", params={"tags": tags})["counts"]["posts"])


def records(extr: Extractor, task: Task) -> Iterator[Record]:
    """Ask how many posts there are, then list them, below `task.after` where that is given."""
    extr.tags = _search(task)
    _count(extr, extr.tags)
    extr.page_start = f"b{task.after}" if task.after else None
    yield from extr.posts()


def _search(task: Task) -> str:
    """Write the search; days are narrowed down by the server, the only one that can, with a day to spare at each end.

    A post's day depends on the zone in which a server counts it; what lies outside is taken out here.
    """
    if task.since is None and task.until is None:
        return task.artist
    first = date.fromisoformat(task.since) - timedelta(days=1) if task.since else None
    last = date.fromisoformat(task.until) + timedelta(days=1) if task.until else None
    return f"{task.artist} date:{first or ''}..{last or ''}"


def stated(label: str, path: str, body: Any) -> int | None:  # noqa: ANN401  whatever a server answers
    """Read the count of posts."""
    return int(body["counts"]["posts"]) if label == "total" else None


def slim(record: Record, known: Mapping[str, Any]) -> Record:
    """Keep what an upload needs; of the picture's address only whether there is one."""
    kept: Record = {"category": known["site"]} | {name: record[name] for name in FIELDS if name in record}
    kept["file_url"] = bool(record.get("file_url"))
    return kept


def creator(record: Record, artist: str) -> str | None:
    """Give the tag asked for, where the post has it."""
    return artist if artist in words(record.get("tag_string_artist")) else None


def called(extr: Extractor, post: str, artist: str) -> tuple[str, str] | None:
    """Ask what a tag has been renamed to."""
    asked = {"search[antecedent_name]": artist, "search[status]": "active"}
    found = extr.request_json(f"{extr.root}/tag_aliases.json", params=asked)
    names = [str(alias["consequent_name"]) for alias in found if alias.get("antecedent_name") == artist]
    return (names[0], names[0]) if names else None


def artists(extr: Extractor, query: str) -> Iterator[Record]:
    """List the artists of the table, in the order and with the conditions of a query."""
    for entry in extr.artists():
        if not entry.get("is_deleted") and not entry.get("is_banned"):
            yield {"artist": str(entry["name"]), "id": str(entry["id"])}


def tagged(extr: Extractor, query: str) -> Iterator[Record]:
    """List the artists of the posts that a search finds."""
    extr.tags = query
    for post in extr.posts():
        for name in words(post.get("tag_string_artist")):
            yield {"artist": name, "id": ""}


def frame_url(root: str, which: str, name: str) -> str:
    """Give the address of the list that a frame is grown from."""
    if which == "search":
        return url(root, name)
    return f"Danbooru:{root}/artists?{name or 'search[order]=post_count'}"


LISTING = Listing(
    rules=RULES,
    url=url,
    profile=profile,
    is_tag=True,
    profile_first=False,
    records=records,
    stated=stated,
    served=lambda label, body: len(body) if label == "listing" else None,
    slim=slim,
    identity=lambda record: str(record["id"]),
    published=lambda record: str(record.get("created_at") or ""),
    is_deleted=lambda record: record.get("is_deleted") is True,
    is_hidden=lambda record: not record.get("file_url"),
    handle=lambda record: str(record["id"]),
    creator=creator,
    called=called,
    frames={"artists": artists, "search": tagged},
    frame_url=frame_url,
)
"""Danbooru, AIBooru and any instance of one's own."""
