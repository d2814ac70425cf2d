"""Families of marks: one module a family, each from a file to its mark or to nothing."""

from collections.abc import Callable, Mapping

from precipice.marks.families import (
    automatic1111,
    c2pa,
    comfyui,
    dalle,
    fooocus,
    invokeai,
    iptc,
    midjourney,
    novelai,
)
from precipice.marks.families.opened import OpenedFile
from precipice.marks.record import Mark

FAMILIES: Mapping[str, Callable[[OpenedFile], Mark | None]] = {
    "c2pa": c2pa.find,
    "iptc": iptc.find,
    "automatic1111": automatic1111.find,
    "comfyui": comfyui.find,
    "fooocus": fooocus.find,
    "invokeai": invokeai.find,
    "novelai": novelai.find,
    "midjourney": midjourney.find,
    "dalle": dalle.find,
}
"""Name → function that looks for the family's mark; it raises nothing, whatever the file holds."""

__all__ = ["FAMILIES", "OpenedFile"]
