"""A file as families see it: its pieces, and the file itself for those that need all of it."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from precipice.marks.pieces import Carried, Piece
from precipice.marks.xmp import Xmp, read_xmp


@dataclass(frozen=True)
class OpenedFile:
    """One file, opened, with what its container carries."""

    file: BinaryIO
    carried: Carried

    @cached_property
    def xmp(self) -> Xmp:
        """What its XMP packets say."""
        return read_xmp(self.carried.xmp)

    def texts(self, *keywords: str) -> list[Piece]:
        """Give its texts of these keywords."""
        return self.carried.named(*keywords)


def json_object(text: str) -> dict[str, Any]:
    """Read a text as a JSON object; an empty one where it is none."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
