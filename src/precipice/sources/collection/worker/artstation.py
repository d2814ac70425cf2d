"""ArtStation: the listing of an artist's projects, fifty a request, with the time of publication.

`created_at`, and gallery-dl's `date`, is that of the draft.  A project's own page costs a request each and is asked
for only on request.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from precipice.sources.collection.protocol import Task
from precipice.sources.collection.worker.listing import Extractor, Listing, Record
from precipice.sources.collection.worker.transport import Rule
from precipice.sources.gallery_dl.fields import without_names, words

FIELDS = ("id", "user_id", "published_at", "updated_at", "likes_count", "visible")
ICONS = ("model3d", "marmoset", "video", "video_clip", "pano", "image")
RULES = (
    Rule("profile", r"/users/[^/]+/quick\.json"),
    Rule("listing", r"/users/[^/]+/projects\.json"),
    Rule("frame", r"/users/[^/]+/(?:followers|following)\.json"),
    Rule("frame", r"/api/v2/search/projects\.json", "POST"),
    Rule("token", r"/api/v2/csrf_protection/token\.json", "POST"),
    Rule("frame", r"/projects\.json"),
    Rule("work", r"/projects/\w+\.json"),
)


def url(root: str, artist: str) -> str:
    """Give the address of an artist's projects."""
    return f"{root}/{quote(artist, safe='')}"


def profile(extr: Extractor, artist: str) -> dict[str, Any]:
    """Ask for `quick.json`: id, followers, the number of projects as its album of all states it."""
    said = extr.get_user_info(artist)
    albums = [album for album in said.get("albums_with_community_projects") or () if _is_of_all(album)]
    return {
        "creator": str(said["id"]),
        "followers": said.get("followers_count"),
        "uploads": albums[0].get("total_projects") if albums else None,
        "kind": "studio" if said.get("is_studio_account") else "artist" if said.get("is_artist", True) else "other",
    }


def _is_of_all(album: Mapping[str, Any]) -> bool:
    return album.get("album_type") == "all_projects"


def records(extr: Extractor, task: Task) -> Iterator[Record]:
    """List projects, newest first as a rule but not always."""
    return iter(extr.projects())


def stated(label: str, path: str, body: Any) -> int | None:  # noqa: ANN401  whatever a server answers
    """Read the total that every page of the listing states.

    Raises:
        ValueError: a page before the end is empty; gallery-dl would ask for the next for ever.
    """
    if label != "listing":
        return None
    if not body["data"] and body["total_count"]:
        raise ValueError("an empty page before the end of the listing")
    return int(body["total_count"])


def slim(record: Record, known: Mapping[str, Any]) -> Record:
    """Keep what an upload needs; of a profile, id and followers with the time they were read."""
    kept: Record = {"category": "artstation"} | {name: record[name] for name in FIELDS if name in record}
    icons = record.get("icons")
    kept["icons"] = {icon: True for icon in ICONS if icons.get(icon) is True} if isinstance(icons, dict) else {}
    if known.get("followers") is not None:
        kept["userinfo"] = {"id": known["creator"], "followers_count": known["followers"]}
        kept["followers_read"] = known["read"]
    if isinstance(record.get("tags"), list):
        user = record.get("user") or {}
        kept["tags"] = list(without_names(words(record["tags"]), (user.get("username"), user.get("full_name"))))
        kept["software_items"] = list(words(record.get("software_items")))
    return kept


def details(extr: Extractor, record: Record) -> Record:
    """Ask for a project's own page, which has its tags."""
    said = extr.request_json(f"{extr.root}/projects/{record['hash_id']}.json")
    return {**said, **record, "tags": said.get("tags") or [], "software_items": said.get("software_items"),
            "user": said.get("user"), "visible": said.get("visible", True)}  # fmt: skip


def called(extr: Extractor, post: str, artist: str) -> tuple[str, str] | None:
    """Ask who made a project now."""
    user = extr.request_json(f"{extr.root}/projects/{post}.json").get("user") or {}
    return (str(user["username"]), str(user["id"])) if {"username", "id"} <= user.keys() else None


def following(extr: Extractor, artist: str) -> Iterator[Record]:
    """List whom an artist follows."""
    return (_candidate(user) for user in extr._pagination(f"{extr.root}/users/{artist}/following.json"))  # noqa: SLF001  gallery-dl has no other


def followers_of(extr: Extractor, artist: str) -> Iterator[Record]:
    """List an artist's followers."""
    return (_candidate(user) for user in extr._pagination(f"{extr.root}/users/{artist}/followers.json"))  # noqa: SLF001  as above


def search(extr: Extractor, query: str) -> Iterator[Record]:
    """List the makers of the projects that a search finds."""
    return (_candidate(found["user"]) for found in extr.projects() if found.get("user"))


def _candidate(user: Mapping[str, Any]) -> Record:
    return {"artist": str(user["username"]), "id": str(user["id"])}


def frame_url(root: str, which: str, name: str) -> str:
    """Give the address of the list that a frame is grown from."""
    return f"{root}/search?query={quote(name)}" if which == "search" else url(root, name)


LISTING = Listing(
    rules=RULES,
    url=url,
    profile=profile,
    is_tag=False,
    profile_first=False,
    records=records,
    stated=stated,
    served=lambda label, body: len(body["data"]) if label == "listing" else None,
    slim=slim,
    identity=lambda record: str(record["id"]),
    published=lambda record: str(record.get("published_at") or ""),
    is_deleted=lambda record: False,
    is_hidden=lambda record: record.get("visible") is False,
    handle=lambda record: str(record["hash_id"]),
    creator=lambda record, artist: str(record["user_id"]),
    called=called,
    frames={"following": following, "followers-of": followers_of, "search": search},
    frame_url=frame_url,
    details=details,
)
"""ArtStation."""
