"""Fooocus: its own JSON, or AUTOMATIC1111's text with its name as the version.

Source: Fooocus 2.2's metadata schemes `fooocus` and `a1111` (PNG texts; EXIF UserComment, Software and MakerNote).
"""

from precipice.marks.families.automatic1111 import settings, value
from precipice.marks.families.opened import OpenedFile, json_object
from precipice.marks.record import Mark, fields

OWN = ("adm_guidance", "sharpness", "performance", "refiner_switch")


def find(opened: OpenedFile) -> Mark | None:
    """Find its settings in PNG texts or EXIF."""
    for text in opened.texts("parameters", "UserComment", "comment"):
        own = json_object(text.text)
        if "base_model" in own and any(name in own for name in OWN):
            kept = fields(
                model=own["base_model"], model_hash=own.get("base_model_hash"), version=own.get("version"),
                software="Fooocus",
            )  # fmt: skip
            return Mark("fooocus", "found", (text.place,), fields=kept)
        line = settings(text.text)
        if value(line, "Version").startswith("Fooocus"):
            kept = fields(
                model=value(line, "Model"), model_hash=value(line, "Model hash"), version=value(line, "Version"),
                software="Fooocus",
            )  # fmt: skip
            return Mark("fooocus", "found", (text.place,), fields=kept)
    return None
