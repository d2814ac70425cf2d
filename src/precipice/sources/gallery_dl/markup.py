"""Danbooru's XML answers, read as a stream.

A document type is refused where it stands, before any entity is declared: no entity is ever expanded.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from precipice.sources.gallery_dl.fields import UnreadableError

POSTS = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:posts?\b|!DOCTYPE\s+posts?\b)", re.DOTALL)
"""How a file of posts begins."""
CHUNK = 1 << 16
TRUE = "true"


class _Posts:
    """Collects the fields of each `<post>` while expat reads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready: list[tuple[dict[str, object], int]] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._post: dict[str, object] | None = None
        self._line = 0
        self._field: tuple[str, dict[str, str]] | None = None
        self._words: list[str] = []

    def take(self) -> list[tuple[dict[str, object], int]]:
        """Give the posts finished since the last call, each with the line it begins at."""
        taken, self.ready = self.ready, []
        return taken

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "post":
            self._post, self._line = {}, self.parser.CurrentLineNumber
        elif self._post is not None:
            self._field, self._words = (tag, attributes), []

    def _text(self, text: str) -> None:
        self._words.append(text)

    def _end(self, tag: str) -> None:
        if self._post is None:
            return
        if tag == "post":
            self.ready.append((self._post, self._line))
            self._post = None
        elif self._field and self._field[0] == tag:
            self._post[tag.replace("-", "_")] = _value("".join(self._words), self._field[1])

    def _refuse(self, doctype: str, system: str | None, public: str | None, internal: bool) -> None:
        raise UnreadableError(
            f"{self.name} declares a document type",
            where=f"{self.name}:{self.parser.CurrentLineNumber}",
            why="answers of Danbooru have none, and what it declares could grow without end when read",
            fix="fetch the answer again from the platform, as JSON if you can",
        )


def posts(stream: BinaryIO, name: str) -> Iterator[tuple[dict[str, object], int] | UnreadableError]:
    """Yield each post's fields with the line it begins at; at a break, the error as the last value."""
    collected = _Posts(name)
    broken: UnreadableError | None = None
    while broken is None:
        chunk = stream.read(CHUNK)
        try:
            collected.parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            broken = UnreadableError(
                f"{name} is not whole",
                where=f"{name}:{error.lineno}",
                why=f"XML: {expat.ErrorString(error.code)} at column {error.offset + 1}",
                fix="fetch it again, or keep what can be read with on_bad='drop'",
            )
        except UnreadableError as refused:
            broken = refused
        yield from collected.take()
        if not chunk:
            break
    if broken is not None:
        yield broken


def _value(written: str, attributes: dict[str, str]) -> object:
    if attributes.get("nil") == TRUE:
        return None
    return written == TRUE if attributes.get("type") == "boolean" else written
