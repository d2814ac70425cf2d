"""DeviantArt: gallery-dl's messages and the answers of the platform's OAuth interface.

The interface says nothing of generative models and nothing of opting out: both are None.
"""

from precipice.records import Dropped, State, Upload
from precipice.sources.gallery_dl.contract import Platform, Unit
from precipice.sources.gallery_dl.fields import Record, count, inner, moment, read_moment, text, without_names, words

NAME = "deviantart"
OTHER_CATEGORIES = frozenset({"avatar", "Status"})
"""What gallery-dl writes into `da_category` of things that are no deviation."""
KIND_FIELDS = (("videos", "video"), ("flash", "video"), ("content", "image"), ("text_content", "text"))
"""The field that holds the work, in order: a video has a picture as `content` too."""


def recognises(record: Record) -> bool:
    """Tell DeviantArt's records by gallery-dl's category, or else by their fields."""
    if "category" in record:
        return record["category"] == NAME
    return "deviationid" in record or "statusid" in record or _is_profile(record)


def is_other(record: Record) -> bool:
    """Tell profiles, avatars and status lines from deviations."""
    return "statusid" in record or record.get("da_category") in OTHER_CATEGORIES or _is_profile(record)


def identity(record: Record) -> tuple[str, str | None]:
    """Give the platform and the deviation's UUID."""
    return NAME, text(record.get("deviationid"))


def parse(record: Record, where: str, unit: Unit = "artist") -> Upload | Dropped:
    """Turn a deviation into an upload; `published_time` is epoch seconds, often as text.

    Raises:
        BadDateError: `published_time` cannot be read.
    """
    author = inner(record, "author")
    creator = text(author.get("userid")) or text(author.get("username")) or text(record.get("username"))
    if creator is None:
        return Dropped("no_creator", where)
    return Upload(
        platform=NAME,
        id=identity(record)[1] or "",
        creators=(creator,),
        published=moment(NAME, record, "published_time", where, epoch=True, naive="date"),
        kind=next((kind for field, kind in KIND_FIELDS if record.get(field)), None),
        tags=without_names(words(record.get("tags")), (author.get("username"), record.get("username"))),
        reactions=count(inner(record, "stats").get("favourites")),
        followers=count(inner(author, "stats").get("watchers")),
        followers_read=read_moment(record.get("followers_read")),
        state=_state(record),
    )


def _is_profile(record: Record) -> bool:
    return "user" in record and "user_deviations" in inner(record, "stats")


def _state(record: Record) -> State:
    if record.get("is_deleted") is True:
        return "deleted"
    return "hidden" if record.get("is_blocked") is True or record.get("is_published") is False else "shown"


PLATFORM = Platform(recognises, is_other, identity, parse)
