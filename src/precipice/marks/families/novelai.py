"""NovelAI: its name as software in PNG texts, or the same texts hidden in the alpha channel.

Source: NovelAI's pictures (`Software: NovelAI`, `Source: Stable Diffusion 1D44365E`).
"""

import re

from precipice.marks.families.opened import OpenedFile
from precipice.marks.record import Mark, fields

SOURCE = re.compile(r"(.*?)\s+([0-9A-F]{8,})")


def find(opened: OpenedFile) -> Mark | None:
    """Find its texts, plain or hidden."""
    where = [text.place for text in opened.texts("Software") if text.text.strip().startswith("NovelAI")]
    if not where:
        return None
    source = next((text.text.strip() for text in opened.texts("Source")), "")
    found = SOURCE.fullmatch(source)
    model, hashed = (found[1], found[2]) if found else (source, None)
    return Mark("novelai", "found", tuple(where), fields=fields(software="NovelAI", model=model, model_hash=hashed))
