"""IPTC and PLUS: what XMP says of the picture's source, the model used, and mining.

Source: IPTC's guidance for generated media (2023) and Photo Metadata 2025.1; PLUS LDF's vocabulary of data mining.
"""

from precipice.marks.families.opened import OpenedFile
from precipice.marks.record import Mark, fields, source_type

MINING = {
    "DMI-ALLOWED": "allowed",
    "DMI-PROHIBITED": "not allowed",
    "DMI-PROHIBITED-AIMLTRAINING": "not allowed",
    "DMI-PROHIBITED-GENAIMLTRAINING": "not allowed",
    "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING": "not allowed",
    "DMI-PROHIBITED-SEECONSTRAINT": "constrained",
    "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR": "constrained",
    "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR": "constrained",
}


def find(opened: OpenedFile) -> Mark | None:
    """Find a digital source type, a model's name or a word on data mining in XMP."""
    xmp = opened.xmp
    if xmp.broken:
        opened.carried.note("XMP cannot be parsed, or is longer than is read")
    types = tuple(dict.fromkeys(source_type(value) for value in xmp.all("source_type")))
    mining = [MINING.get(value.rpartition("/")[2], "") for value in xmp.all("data_mining")]
    model = next(iter(xmp.all("ai_system")), None)
    if not (types or any(mining) or model):
        return None
    words = (
        ("source_type", "XMP DigitalSourceType"),
        ("data_mining", "XMP DataMining"),
        ("ai_system", "XMP AISystemUsed"),
    )
    kept = fields(
        software=next(iter(xmp.all("software")), None), model=model, version=next(iter(xmp.all("ai_version")), None),
        training=next(filter(None, mining), None),
    )  # fmt: skip
    return Mark("iptc", "found", tuple(place for name, place in words if xmp.all(name)), types, fields=kept)
