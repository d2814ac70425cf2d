"""The second clock: when the original was published, read off the address it was taken from.

A tweet's id holds milliseconds since 2010-11-04T01:42:54.657Z in its upper bits (Twitter's snowflake ids); a Pixiv
image path holds the time of that image in Japan.  Both may be later than the post that names them: an artist
revises a picture, or somebody replaces a source by a better one.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from precipice.sources.gallery_dl.fields import EPOCH

TWEET = re.compile(r"(?:^|//)(?:[\w-]+\.)*(?:twitter|x)\.com/(?:i/web|[^/?#]+)/status(?:es)?/(\d{1,19})(?!\d)")
PIXIV_PATH = re.compile(
    r"(?:^|//)[\w-]+\.(?:pximg|pixiv)\.net/(?:[^?#]*/)?img/(\d{4})/(\d\d)/(\d\d)/(\d\d)/(\d\d)/(\d\d)/"
)
SNOWFLAKE_EPOCH = 1_288_834_974_657  # ms
SNOWFLAKE_FROM = 300_000_000_000_000  # smaller ids were handed out in sequence and hold no time
SNOWFLAKE_SHIFT = 22
JAPAN = timezone(timedelta(hours=9))


def tweet_moment(tweet: int) -> datetime | None:
    """Give the moment a tweet's id was made, in UTC and whole seconds; None for ids that hold no time."""
    if not SNOWFLAKE_FROM <= tweet < 2**63:
        return None
    milliseconds = (tweet >> SNOWFLAKE_SHIFT) + SNOWFLAKE_EPOCH
    return EPOCH + timedelta(seconds=milliseconds // 1000)


def source_moment(addresses: Iterable[str]) -> datetime | None:
    """Give the earliest moment that any of the addresses carries, in UTC; None where none carries one."""
    moments = [moment for moment in map(_address_moment, addresses) if moment is not None]
    return min(moments, default=None)


def _address_moment(address: str) -> datetime | None:
    if tweet := TWEET.search(address):
        return tweet_moment(int(tweet[1]))
    if path := PIXIV_PATH.search(address):
        try:
            year, month, day, hour, minute, second = map(int, path.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=JAPAN).astimezone(UTC)
        except ValueError:
            return None  # no such day: the address only looks like a path of Pixiv
    return None
