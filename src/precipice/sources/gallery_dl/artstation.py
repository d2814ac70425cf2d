"""ArtStation: gallery-dl's messages (one an asset) and the platform's listing and detail of projects.

`published_at` is the time of publication; `created_at`, and with it gallery-dl's `date`, is that of the draft.
"""

from precipice.records import Dropped, Upload
from precipice.sources.gallery_dl.contract import Platform, Unit
from precipice.sources.gallery_dl.fields import Record, count, inner, moment, read_moment, text, without_names, words

NAME = "artstation"
AI_MARKS = frozenset({"createdwithai", "madewithai", "generatedwithai", "aigenerated", "aiassisted"})
"""Tags that declare a generative model, without case and punctuation; 'CreatedWithAI' is the platform's own."""
AI_SOFTWARE = frozenset({"midjourney", "stablediffusion", "dalle", "dalle2", "dalle3", "novelai", "adobefirefly"})
"""Programs that a creator lists as used; the platform's own filter counts both tags and programs."""
OPT_OUT_MARK = "noai"
ASSET_KINDS = {
    "image": "image",
    "pano": "image",
    "video": "video",
    "video_clip": "video",
    "model3d": "3d",
    "marmoset": "3d",
}
"""The platform's asset types, as `asset.asset_type` or as an icon of the listing."""
ICON_ORDER = ("model3d", "marmoset", "video", "video_clip", "pano", "image")


def recognises(record: Record) -> bool:
    """Tell ArtStation's records by gallery-dl's category, or else by their fields."""
    if "category" in record:
        return record["category"] == NAME
    return {"hash_id", "published_at"} <= record.keys() or _is_profile(record)


def is_other(record: Record) -> bool:
    """Tell profiles (`quick.json`) and the messages of a challenge from projects."""
    return _is_profile(record) or ("challenge" in record and "published_at" not in record)


def identity(record: Record) -> tuple[str, str | None]:
    """Give the platform and the project's id, which all its assets share."""
    return NAME, text(record.get("id"))


def parse(record: Record, where: str, unit: Unit = "artist") -> Upload | Dropped:
    """Turn a project into an upload; without tags (the listing has none) AI and opt-out are unknown.

    Raises:
        BadDateError: `published_at` cannot be read.
    """
    user = inner(record, "user")
    creator = text(record.get("user_id")) or text(user.get("id")) or text(user.get("username"))
    if creator is None:
        return Dropped("no_creator", where)
    profile = inner(record, "userinfo")
    # The profile is that of the page: on a page of likes it is not the creator's.
    own_profile = text(profile.get("id")) == creator
    tagged = isinstance(record.get("tags"), list)
    tags = words(record.get("tags"))
    marks = {_mark(tag) for tag in tags}
    programs = {_mark(program) for program in words(record.get("software_items"))}
    return Upload(
        platform=NAME,
        id=identity(record)[1] or "",
        creators=(creator,),
        published=moment(NAME, record, "published_at", where),
        kind=_kind(record),
        tags=without_names(tags, (user.get("username"), user.get("full_name"))),
        declared_ai=True if marks & AI_MARKS or programs & AI_SOFTWARE else None,
        opt_out=OPT_OUT_MARK in marks if tagged else None,
        reactions=count(record.get("likes_count")),
        followers=count(profile.get("followers_count")) if own_profile else None,
        followers_read=read_moment(record.get("followers_read")) if own_profile else None,
        state="hidden" if record.get("visible") is False else "shown",
        updated=read_moment(record.get("updated_at")),
    )


def _is_profile(record: Record) -> bool:
    return "followers_count" in record and not {"hash_id", "published_at"} & record.keys()


def _kind(record: Record) -> str | None:
    asset = text(inner(record, "asset").get("asset_type"))
    icons = inner(record, "icons")
    lit = (icon for icon in ICON_ORDER if icons.get(icon) is True)
    return ASSET_KINDS.get(asset or next(lit, ""))


def _mark(tag: str) -> str:
    return "".join(letter for letter in tag.casefold() if letter.isalnum())


PLATFORM = Platform(recognises, is_other, identity, parse)
