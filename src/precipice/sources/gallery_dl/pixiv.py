"""Pixiv: gallery-dl's messages and the answers of the platform's app interface.

`illust_ai_type` is 1 for "made by hand", 2 for "made with a model" and 0 where the creator was never asked: the
question came on 2022-10-31.  In 150 recorded answers every work from then on says 1 or 2, and of the 82 before it 80
say 0 (the other two were presumably edited since).  So 0 is None, not False.
"""

from precipice.records import Dropped, Upload
from precipice.sources.gallery_dl.contract import Platform, Unit
from precipice.sources.gallery_dl.fields import Record, count, inner, moment, text, without_names, words

NAME = "pixiv"
DECLARED_AI = {1: False, 2: True}
KINDS = {"illust": "image", "manga": "comic", "ugoira": "video"}
NOVEL_FIELDS = frozenset({"novel_ai_type", "text_length"})
OTHER_IDS = frozenset({"avatar", "background"})
"""What gallery-dl writes as id of a user's own pictures; every user's would be the same post."""


def recognises(record: Record) -> bool:
    """Tell Pixiv's works by gallery-dl's category and their fields; novels number apart and are not read."""
    if record.get("category", NAME) != NAME or NOVEL_FIELDS & record.keys():
        return False
    return "user" in record and ("create_date" in record or "illust_ai_type" in record)


def is_other(record: Record) -> bool:
    """Tell avatars and page backgrounds from works."""
    return record.get("id") in OTHER_IDS


def identity(record: Record) -> tuple[str, str | None]:
    """Give the platform and the work's id, which all its pages share."""
    return NAME, text(record.get("id"))


def parse(record: Record, where: str, unit: Unit = "artist") -> Upload | Dropped:
    """Turn a work into an upload.

    Raises:
        BadDateError: `create_date` cannot be read; gallery-dl writes None for works it was not shown.
    """
    user = inner(record, "user")
    creator = text(user.get("id"))
    if creator in {None, "0"}:  # the work of an account that is gone
        return Dropped("no_creator", where)
    return Upload(
        platform=NAME,
        id=identity(record)[1] or "",
        creators=(str(creator),),
        published=moment(NAME, record, "create_date", where, naive="date"),
        kind=KINDS.get(text(record.get("type")) or ""),
        tags=without_names(words(record.get("tags")), (user.get("name"), user.get("account"))),
        declared_ai=DECLARED_AI.get(count(record.get("illust_ai_type")) or 0),
        reactions=count(record.get("total_bookmarks")),
        state="hidden" if record.get("visible") is False else "shown",
    )


PLATFORM = Platform(recognises, is_other, identity, parse)
