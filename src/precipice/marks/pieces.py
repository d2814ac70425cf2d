"""What a picture file carries beside its pixels: pieces that walkers find, gathered within limits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from precipice.marks import limits

CUT = "cut short"
MANY = "more parts than are read"
"""Faults that several walkers note; a native reader may take minutes over a file of very many parts."""


@dataclass(frozen=True)
class Piece:
    """One thing that a walker found in a file."""

    what: Literal["text", "exif", "xmp", "jumbf", "fault"]
    place: str
    """Where it stood (`PNG tEXt`, `EXIF UserComment`); of a fault, what is wrong."""
    keyword: str = ""
    """Name of a text, as the file has it."""
    text: str = ""
    content: bytes = b""


def fault(words: str) -> Piece:
    """Note what is wrong with a file."""
    return Piece("fault", words)


@dataclass
class Carried:
    """All pieces of one file, gathered within limits."""

    kind: str
    """What the file's first bytes say it is: `png`, `jpeg`, `webp`, …"""
    texts: list[Piece] = field(default_factory=list)
    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    jumbf: list[bytes] = field(default_factory=list)
    """Boxes of C2PA manifests, unread."""
    faults: list[str] = field(default_factory=list)
    read: int = 0
    """Bytes of text taken so far."""

    def take(self, pieces: Iterable[Piece]) -> "Carried":
        """Take pieces up to the limits; a fault is noted once."""
        for piece in pieces:
            if piece.what == "text":
                self._take_text(piece)
            elif piece.what == "fault":
                self.note(piece.place)
            elif len(held := self._held(piece.what)) < limits.BLOCKS:
                held.append(piece.content)
        return self

    def note(self, words: str) -> None:
        """Note a fault once."""
        if words not in self.faults:
            self.faults.append(words)

    def named(self, *keywords: str) -> list[Piece]:
        """Give the texts of these keywords."""
        return [text for text in self.texts if text.keyword in keywords]

    def _held(self, what: str) -> list[bytes]:
        return {"exif": self.exif, "xmp": self.xmp, "jumbf": self.jumbf}[what]

    def _take_text(self, piece: Piece) -> None:
        if len(self.texts) >= limits.TEXTS or self.read + len(piece.text) > limits.ALL_TEXT:
            self.note("more text than is read")
            return
        self.read += len(piece.text)
        self.texts.append(piece)
