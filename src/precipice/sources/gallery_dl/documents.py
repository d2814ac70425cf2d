"""JSON texts taken apart element by element, so that what stands before a break is kept.

A text may hold several documents one after another: `gallery-dl -j … >> all.json` writes such files.
"""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

LISTINGS = frozenset({"illusts", "ranking_illusts", "results", "posts", "data"})
"""Fields under which platforms answer with many records: Pixiv, DeviantArt, e621, ArtStation."""
SINGLES = frozenset({"illust", "post"})
"""Fields under which Pixiv and e621 answer with one."""

DECODER = json.JSONDecoder()
SPACE = re.compile(r"[ \t\r\n\ufeff]*")
MESSAGE_START = re.compile(r"\[\s*-?\d")
LIST_OF_RECORDS = re.compile(r"\[\s*[{\]]")


class BrokenJSONError(ValueError):
    """Say where a text stops being JSON; it never leaves this package."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


@dataclass(frozen=True, slots=True)
class Element:
    """One value of a text: a record, a message, or whatever else stands where one should."""

    value: object
    position: int
    """Characters before it."""
    label: str = ""
    """Its place in an array, as `row 3` or `illusts 3`; empty where it stands alone."""


Walk = Generator[Element, None, int]
"""Yields elements, returns the position after them."""


def elements(document: str) -> Iterator[Element]:
    """Yield the records and messages of a text, in order.

    Raises:
        BrokenJSONError: the text breaks off or is not JSON from some place on; what came before has been yielded.
    """
    at = _skip(document, 0)
    while at < len(document):
        at = _skip(document, (yield from _document(document, at)))


def _document(document: str, at: int) -> Walk:
    if document[at] == "{":
        return (yield from _object(document, at))
    if document[at] == "[" and not MESSAGE_START.match(document, at):
        return (yield from _array(document, at, "row"))
    value, end = _decode(document, at)
    yield Element(value, at)
    return end


def _array(document: str, at: int, name: str) -> Walk:
    at, number = _skip(document, at + 1), 0
    while document[at : at + 1] != "]":
        value, end = _decode(document, at)
        number += 1
        yield Element(value, at, f"{name} {number}")
        at = _next(document, end, "]")
    return at + 1


def _object(document: str, at: int) -> Walk:
    start, listing = at, False
    record: dict[str, object] = {}
    at = _skip(document, at + 1)
    while document[at : at + 1] != "}":
        key, at = _decode(document, at)
        at = _expect(document, at, ":")
        if key in LISTINGS and LIST_OF_RECORDS.match(document, at):
            listing = True
            at = yield from _array(document, at, str(key))
        else:
            record[str(key)], at = _decode(document, at)
        at = _next(document, at, "}")
    if not listing:
        yield Element(_unwrapped(record), start)
    return at + 1


def _unwrapped(record: dict[str, object]) -> dict[str, object]:
    for name in SINGLES & record.keys():
        if isinstance(single := record[name], dict) and "id" not in record:
            return single
    return record


def _skip(document: str, at: int) -> int:
    found = SPACE.match(document, at)
    return found.end() if found else at


def _expect(document: str, at: int, sign: str) -> int:
    at = _skip(document, at)
    if document[at : at + 1] != sign:
        raise BrokenJSONError(f"expecting '{sign}'", at)
    return _skip(document, at + 1)


def _next(document: str, at: int, end: str) -> int:
    at = _skip(document, at)
    return at if document[at : at + 1] == end else _expect(document, at, ",")


def _decode(document: str, at: int) -> tuple[object, int]:
    try:
        return DECODER.raw_decode(document, at)
    except json.JSONDecodeError as broken:
        raise BrokenJSONError(broken.msg[:1].lower() + broken.msg[1:], broken.pos) from broken
    except (ValueError, RecursionError) as refused:  # a number of thousands of digits, brackets without end
        raise BrokenJSONError(str(refused), at) from refused
