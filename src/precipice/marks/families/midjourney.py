"""Midjourney: the job's identifier behind the prompt, as pictures saved from its site carry it.

Source: the site's PNG texts and XMP: `Description: PROMPT --ar 2:1 --v 6 Job ID: UUID`.
"""

import re

from precipice.marks.families.opened import OpenedFile
from precipice.marks.record import Mark, fields

JOB = re.compile(r"\bJob ID: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
VERSION = re.compile(r"--(v|version|niji)\s+([\w.]{1,8})")


def find(opened: OpenedFile) -> Mark | None:
    """Find a job's identifier in PNG texts, EXIF or XMP."""
    texts = [
        (text.place, text.text) for text in opened.texts("Description", "ImageDescription", "UserComment", "comment")
    ]
    texts += [("XMP description", text) for text in opened.xmp.all("description")]
    found = [(place, text) for place, text in texts if JOB.search(text)]
    if not found:
        return None
    versions = VERSION.findall(found[0][1])
    version = (
        " ".join(("niji", versions[-1][1]) if versions[-1][0] == "niji" else versions[-1][1:]) if versions else None
    )
    return Mark(
        "midjourney", "found", tuple(place for place, _ in found), fields=fields(software="Midjourney", version=version)
    )
