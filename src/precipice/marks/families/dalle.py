"""DALL·E and OpenAI's later picture models: their names in texts, or in an unread C2PA manifest.

Pictures by its interface carry no text of their own, and what ChatGPT saves carries a C2PA manifest; the name in a
manifest is found without the C2PA reader, which alone can say whether the manifest holds.
"""

import re

from precipice.marks.families.opened import OpenedFile
from precipice.marks.record import TRAINED, Mark, fields

NAMES = r"DALL[·.\- ]?E(?: ?[23])?|OpenAI|ChatGPT|GPT-4o|gpt-image-\d"
NAME = re.compile(rf"\b({NAMES})(?![A-Za-z])")
BOXED = re.compile(rf"({NAMES})")
"""In a box the byte after a name is the length of what follows, and may look like a letter."""
KEYWORDS = ("Software", "Source", "Author", "Creator", "Credit", "Generator", "ai_generator")


def find(opened: OpenedFile) -> Mark | None:
    """Find its makers' names where software is named, and in C2PA boxes."""
    named = [(text.place, NAME.search(text.text[:1000])) for text in opened.texts(*KEYWORDS)]
    named += [("XMP tool", NAME.search(text)) for name in ("software", "ai_system") for text in opened.xmp.all(name)]
    boxes = b"".join(opened.carried.jumbf)
    if TRAINED.encode() in boxes:  # an artist's own manifest may name OpenAI, to forbid it something
        named.append(("C2PA manifest", BOXED.search(boxes.decode("utf-8", "ignore"))))
    found = [(place, match[1]) for place, match in named if match]
    if not found:
        return None
    software = "; ".join(dict.fromkeys(name for _, name in found))
    return Mark("dalle", "found", tuple(place for place, _ in found), fields=fields(software=software))
