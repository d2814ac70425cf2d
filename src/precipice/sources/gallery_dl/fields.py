"""Single fields of a raw record, read strictly: a moment, a count, a word, or None where nothing is said."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from precipice.errors import InputError

Record = Mapping[str, object]
"""One raw record as a platform or gallery-dl wrote it; it never leaves the sources."""


class UnreadableError(InputError):
    """Say that a file, a line or a record cannot be read as an upload."""


class BadDateError(InputError):
    """Say that a record's publication date cannot be read."""


CLOCK_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}")
NUMBER = re.compile(r"-?\d{1,18}")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 10**11  # as seconds this is the year 5138, as milliseconds 1973
FIRST_YEAR = 2000  # DeviantArt, the oldest platform read here, opened in August 2000
SHOWN = 80  # characters of a value that an error repeats


def moment(
    platform: str, record: Record, field: str, where: str, *, epoch: bool = False, naive: str | None = None
) -> datetime:
    """Read a record's publication date: UTC, whole seconds.

    Args:
        platform: name of the platform, for the error.
        record: the raw record.
        field: the platform's own field, which has to carry its offset.
        where: file and line, for the error.
        epoch: whether the field may be seconds (or milliseconds) since 1970, as a number or as digits.
        naive: gallery-dl's field without an offset, taken as UTC where the platform's own field is absent.

    Raises:
        BadDateError: there is no such date, or it cannot be read.
    """
    value = record.get(field)
    read = read_moment(value, epoch=epoch)
    if value is None and naive is not None:
        read = read_moment(record.get(naive), naive=True)
    if read is None:
        raise BadDateError(
            f"{platform}: cannot read {field} from {_shown(value)}",
            where=where,
            why=f"a date and time with its offset{', or seconds since 1970,' if epoch else ''} after {FIRST_YEAR - 1}"
            " is needed to place the upload in a month",
            fix="fetch the record again, or drop such records with on_bad='drop'",
        )
    return read


def read_moment(value: object, *, epoch: bool = False, naive: bool = False) -> datetime | None:
    """Read a date and time as UTC in whole seconds, or give None.

    Args:
        value: ISO 8601 with an offset, BigQuery's `2023-02-01 03:45:10.12 UTC`, or an epoch.
        epoch: whether seconds or milliseconds since 1970 are understood.
        naive: whether a time without an offset is UTC; otherwise it is not understood.
    """
    try:
        read = _from_epoch(value) if epoch and count(value) is not None else _from_text(value, naive=naive)
        return None if read is None or read.year < FIRST_YEAR else read.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def _from_epoch(value: object) -> datetime | None:
    number = count(value)
    if number is None:
        return None
    return EPOCH + timedelta(milliseconds=number if number >= MILLISECONDS_FROM else 1000 * number)


def _from_text(value: object, *, naive: bool) -> datetime | None:
    written = text(value)
    if written is None or not CLOCK_TIME.match(written):
        return None
    read = datetime.fromisoformat(written.removesuffix(" UTC") + ("Z" if written.endswith(" UTC") else ""))
    return read.replace(tzinfo=UTC) if naive and read.tzinfo is None else read if read.tzinfo else None


def text(value: object) -> str | None:
    """Read a word, or a number as its digits; None where it is neither or empty."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    written = str(value).strip()
    # JSON may escape half a surrogate pair, which no file can be written with.
    return (written if written.isascii() else LONE_SURROGATE.sub("\ufffd", written)) or None


def count(value: object) -> int | None:
    """Read a whole number, also one written as text (XML, gallery-dl's `num-to-str`); None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return int(value) if NUMBER.fullmatch(str(value)) else None


def words(value: object) -> tuple[str, ...]:
    """Read tags: a list of words, a list of records with a name, or one text with spaces between."""
    if isinstance(value, str):
        return tuple((text(value) or "").split())
    if not isinstance(value, list | tuple):
        return ()
    named = (item.get("name", item.get("tag_name")) if isinstance(item, dict) else item for item in value)
    return tuple(word for word in map(text, named) if word is not None)


def inner(record: Record, name: str) -> Record:
    """Give the record within a record, empty where there is none."""
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def without_names(tags: Iterable[str], names: Iterable[object]) -> tuple[str, ...]:
    """Give each tag once, but none that is a creator's name or ends in it (`hero_(somebody)`).

    Creators become hashes when uploads are stored; their names must not come along as tags.
    """
    known = {name.casefold() for name in map(text, names) if name is not None}
    endings = tuple(f"({name})" for name in known)
    folded = {tag: tag.casefold() for tag in tags}
    return tuple(tag for tag, word in folded.items() if word not in known and not word.endswith(endings))


def _shown(value: object) -> str:
    written = repr(value)
    return written if len(written) <= SHOWN else written[:SHOWN] + "…"
