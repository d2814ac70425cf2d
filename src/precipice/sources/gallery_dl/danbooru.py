"""Danbooru and kin (AIBooru, instances of one's own), and e621: pictures that fans post and tag.

The artist is a tag, not the account that posts.  `created_at` is when a fan posted, so the clock is `noticed`; when
the artist published is read off `source` where that is possible (see `source_clock`).
"""

from dataclasses import dataclass
from datetime import datetime

from precipice.records import Dropped, State, Upload
from precipice.sources.gallery_dl.contract import Platform, Unit
from precipice.sources.gallery_dl.fields import Record, count, inner, moment, read_moment, text, without_names, words
from precipice.sources.gallery_dl.source_clock import source_moment

DANBOORU = "danbooru"
E621 = "e621"
SAME_AS_E621 = frozenset({"e621", "e926"})
"""e926 shows the posts of e621 under the same numbers."""
TAG_KINDS = ("general", "species", "character", "copyright", "lore", "meta")
AI_TAGS = frozenset({"ai-generated", "ai-assisted", "ai_generated", "ai_assisted"})
AI_FIELDS = ("tag_string", "tags", "tag_string_meta", "tags_meta")
"""The first of these that a record has decides; a record cut down to other fields says nothing."""
NO_ARTISTS = {
    DANBOORU: frozenset({"banned_artist"}),
    E621: frozenset({
        "anonymous_artist", "avoid_posting", "conditional_dnp", "epilepsy_warning", "jumpscare_warning",
        "sound_warning", "third-party_edit", "unknown_artist", "unknown_artist_signature", "unknown_colorist",
    }),
}  # fmt: skip
"""Tags of the artist kind that name nobody; left in, 'conditional_dnp' would be e621's most diligent artist."""
KINDS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "webp", "avif", "gif"), "image"),
    **dict.fromkeys(("mp4", "webm", "zip", "swf"), "video"),
}
"""File endings; `zip` is Pixiv's animation as a bundle of frames."""


@dataclass(frozen=True)
class _Post:
    """What the two ways of writing a post have in common."""

    platform: str
    artists: tuple[str, ...]
    no_artists: frozenset[str]
    tags: dict[str, tuple[str, ...]]
    declared_ai: bool | None
    ending: str | None
    sources: tuple[str, ...]
    state: State


def recognises(record: Record) -> bool:
    """Tell Danbooru's records by their fields: the category is whatever the instance is called."""
    return bool({"tags_artist", "tag_string_artist"} & record.keys()) and not _is_nested(record)


def recognises_e621(record: Record) -> bool:
    """Tell e621's records by their fields, with tags by kind (the platform) or in lists (gallery-dl)."""
    return _is_nested(record) and ("artist" in inner(record, "tags") or "tags_artist" in record)


def is_other(record: Record) -> bool:
    """Say no: everything with artist tags is a post."""
    return False


def identity(record: Record) -> tuple[str, str | None]:
    """Give the instance's name (`danbooru` where gallery-dl did not name one) and the post's number."""
    return (text(record.get("category")) or DANBOORU).lower(), text(record.get("id"))


def identity_e621(record: Record) -> tuple[str, str | None]:
    """Give the platform's name and the post's number."""
    name = (text(record.get("category")) or E621).lower()
    return E621 if name in SAME_AS_E621 else name, text(record.get("id"))


def parse(record: Record, where: str, unit: Unit = "artist") -> Upload | Dropped:
    """Turn a post of Danbooru or kin into an upload.

    Raises:
        BadDateError: `created_at` cannot be read.
    """
    tags = {kind: _kind_words(record, kind) for kind in TAG_KINDS}
    stated = [words(record[field]) for field in AI_FIELDS if record.get(field) is not None]
    post = _Post(
        platform=identity(record)[0],
        artists=_kind_words(record, "artist"),
        no_artists=NO_ARTISTS[DANBOORU],
        tags=tags,
        declared_ai=any(not AI_TAGS.isdisjoint(some) for some in stated) if stated else None,
        ending=text(record.get("file_ext")) or text(record.get("extension")),
        sources=words(record.get("source")),
        state=_state(record),
    )
    return _upload(post, record, where, unit)


def parse_e621(record: Record, where: str, unit: Unit = "artist") -> Upload | Dropped:
    """Turn a post of e621 into an upload.

    Raises:
        BadDateError: `created_at` cannot be read.
    """
    nested = inner(record, "tags")
    tags = {kind: words(nested.get(kind)) or words(record.get(f"tags_{kind}")) for kind in (*TAG_KINDS, "artist")}
    deleted = inner(record, "flags").get("deleted") is True
    post = _Post(
        platform=identity_e621(record)[0],
        artists=tags.pop("artist"),
        no_artists=NO_ARTISTS[E621],
        tags=tags,
        declared_ai=any(not AI_TAGS.isdisjoint(some) for some in tags.values()),
        ending=text(inner(record, "file").get("ext")),
        sources=words(record.get("sources")),
        state="deleted" if deleted else "shown" if inner(record, "file").get("url") else "hidden",
    )
    return _upload(post, record, where, unit)


def _upload(post: _Post, record: Record, where: str, unit: Unit) -> Upload | Dropped:
    artists = tuple(name for name in dict.fromkeys(post.artists) if name not in post.no_artists)
    uploader = text(record.get("uploader_id"))
    creators = artists if unit == "artist" else () if uploader is None else (uploader,)
    if not creators:
        return Dropped("no_creator", where)
    bare = {kind: without_names(tags, artists) for kind, tags in post.tags.items()}
    return Upload(
        platform=post.platform,
        id=text(record.get("id")) or "",
        creators=creators,
        published=_published(post.platform, record, where),
        clock="noticed",
        source_published=source_moment(post.sources),
        kind=KINDS.get((post.ending or "").lower()),
        tags=tuple(tag if kind == "general" else f"{kind}:{tag}" for kind, tags in bare.items() for tag in tags),
        declared_ai=post.declared_ai,
        reactions=count(record.get("fav_count")),
        state=post.state,
        updated=read_moment(record.get("updated_at")),
    )


def _published(platform: str, record: Record, where: str) -> datetime:
    return moment(platform, record, "created_at", where, epoch=True, naive="date")


def _is_nested(record: Record) -> bool:
    return bool(inner(record, "file")) and bool(inner(record, "flags"))


def _kind_words(record: Record, kind: str) -> tuple[str, ...]:
    return words(record.get(f"tags_{kind}")) or words(record.get(f"tag_string_{kind}"))


def _state(record: Record) -> State:
    if record.get("is_banned") is True:
        return "banned"
    if record.get("is_deleted") is True:
        return "deleted"
    # A whole record has its width; one cut down to chosen fields says nothing by having no address.
    return "hidden" if not record.get("file_url") and "image_width" in record else "shown"


PLATFORM = Platform(recognises, is_other, identity, parse)
PLATFORM_E621 = Platform(recognises_e621, is_other, identity_e621, parse_e621)
