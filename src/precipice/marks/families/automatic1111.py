"""AUTOMATIC1111's stable-diffusion-webui and whatever writes its text: Forge, SD.Next, ComfyUI add-ons.

Source: the webui's `infotext`: prompt, negative prompt, then a line `Steps: 20, Sampler: Euler a, …, Model: NAME`.
"""

import re

from precipice.marks.families.opened import OpenedFile
from precipice.marks.record import Mark, fields

KEYWORDS = ("parameters", "UserComment", "comment", "ImageDescription")
LINE = re.compile(r"^Steps: \d+, .*\b(?:Sampler|CFG scale|Seed): .*$", re.MULTILINE)
VALUE = r"(?:^|, ){}: (\"[^\"]*\"|[^,\n]*)"


def find(opened: OpenedFile) -> Mark | None:
    """Find its line of parameters in PNG texts, EXIF, a JPEG comment or the pixels."""
    for text in opened.texts(*KEYWORDS):
        line = settings(text.text)
        if line and not value(line, "Version").startswith("Fooocus"):
            kept = fields(
                model=value(line, "Model"), model_hash=value(line, "Model hash"), version=value(line, "Version"),
                software="AUTOMATIC1111 or a fork",
            )  # fmt: skip
            return Mark("automatic1111", "found", (text.place,), fields=kept)
    return None


def settings(text: str) -> str:
    """Give the last line of settings of a text, empty where there is none."""
    found = LINE.findall(text)
    return str(found[-1]) if found else ""


def value(line: str, name: str) -> str:
    """Give one setting of a line."""
    found = re.search(VALUE.format(re.escape(name)), line)
    return found[1].strip('"') if found else ""
