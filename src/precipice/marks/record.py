"""What was found in one file: marks, and an answer that is never "human"."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from precipice.marks import limits

Answer = Literal[
    "marks found",
    "no mark found",
    "damaged, no mark found",
    "empty",
    "no picture",
    "too large",
    "cannot be opened",
    "no regular file",
    "took too long",
    "reader crashed",
]
State = Literal["found", "valid", "invalid", "remote", "unreadable", "unchecked"]
"""`found` for marks without a signature; the others are C2PA's."""

FIELDS = (
    "software", "version", "model", "model_hash", "actions", "training", "reason",
)  # fmt: skip
"""All that is ever kept of a file's texts; prompts, names, paths and dates are not."""
SOURCE_TYPES = {
    "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia", "algorithmicallyEnhanced",
    "compositeSynthetic", "composite", "compositeCapture", "computationalCapture", "dataDrivenMedia", "digitalArt",
    "digitalCreation", "digitalCapture", "humanEdits", "minorHumanEdits", "multiFrameComputationalCapture",
    "negativeFilm", "positiveFilm", "print", "screenCapture", "softwareImage", "virtualRecording", "empty",
    "trainedAlgorithmicData",
}  # fmt: skip
"""The terms of IPTC's vocabulary of digital source types and the two of C2PA's own; others are kept as `other`."""
TRAINED, COMPOSITE = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True)
class Mark:
    """One family's mark in a file."""

    family: str
    """A name of `precipice.marks.FAMILIES`."""
    state: State
    where: tuple[str, ...]
    """Where it stood: `PNG tEXt parameters`, `EXIF UserComment`, `C2PA manifest`."""
    source_types: tuple[str, ...] = ()
    """Digital source types that it states of the whole file, IPTC's terms."""
    part_source_types: tuple[str, ...] = ()
    """Digital source types that it states of what went into the file (C2PA ingredients)."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Of `FIELDS` those that were there; `training` says whether training on the file is allowed."""


@dataclass(frozen=True)
class FileMarks:
    """What was found in one file."""

    path: str
    """Relative to the folder that was read, with `/`."""
    bytes: int | None
    """Size; None where it cannot be told."""
    kind: str
    """What its first bytes say it is: `png`, `jpeg`, …, `unknown`."""
    answer: Answer
    marks: tuple[Mark, ...] = ()
    notes: tuple[str, ...] = ()
    """What is wrong with the file, and what was not looked at."""

    @property
    def c2pa(self) -> str:
        """State of its C2PA manifest: valid, invalid, remote, unreadable, unchecked, or absent."""
        return next((mark.state for mark in self.marks if mark.family == "c2pa"), "absent")

    @property
    def generators(self) -> tuple[str, ...]:
        """Families of generators that left their own texts."""
        return tuple(mark.family for mark in self.marks if mark.family not in ("c2pa", "iptc"))

    @property
    def source_types(self) -> tuple[str, ...]:
        """Digital source types that any mark states of the whole file."""
        return tuple(dict.fromkeys(term for mark in self.marks for term in mark.source_types))

    @property
    def model_use(self) -> Literal["whole", "part", "not said"]:
        """Whether a readable mark says that a generative model made the file, or a part of it.

        `not said` is no statement that none was used.
        """
        if self.generators or TRAINED in self.source_types:
            return "whole"
        parts = {term for mark in self.marks for term in mark.part_source_types}
        return "part" if COMPOSITE in self.source_types or parts & {TRAINED, COMPOSITE} else "not said"

    @property
    def training(self) -> str:
        """What its marks say of training on it: `not allowed`, `constrained`, `allowed`, or `not said`."""
        said = {mark.fields["training"] for mark in self.marks if "training" in mark.fields}
        return next((word for word in ("not allowed", "constrained", "allowed") if word in said), "not said")

    def as_dict(self) -> dict[str, Any]:
        """Give the whole record as plain values."""
        summary = {"c2pa": self.c2pa, "model_use": self.model_use, "training": self.training}
        return asdict(self) | summary

    def row(self) -> dict[str, Any]:
        """Give the record as one row of a table: lists joined by semicolons, nothing as an empty text."""
        fields = {
            name: "; ".join(dict.fromkeys(mark.fields[name] for mark in self.marks if name in mark.fields))
            for name in ("software", "version", "model", "model_hash", "actions", "reason")
        }
        return {
            "path": self.path, "bytes": self.bytes, "kind": self.kind, "answer": self.answer,
            "families": "; ".join(mark.family for mark in self.marks),
            "where": "; ".join(place for mark in self.marks for place in mark.where),
            "c2pa": self.c2pa, "source_types": "; ".join(self.source_types), "model_use": self.model_use,
            "training": self.training, **fields, "notes": "; ".join(self.notes),
        }  # fmt: skip


def from_dict(found: Mapping[str, Any]) -> FileMarks:
    """Make a record of what `as_dict` gave.

    Raises:
        KeyError, TypeError: it is none.
    """
    marks = tuple(
        Mark(
            one["family"], one["state"], tuple(one["where"]), tuple(one["source_types"]),
            tuple(one["part_source_types"]), dict(one["fields"]),
        )
        for one in found["marks"]
    )  # fmt: skip
    return FileMarks(found["path"], found["bytes"], found["kind"], found["answer"], marks, tuple(found["notes"]))


def clean(text: str) -> str:
    """Make one line of at most `limits.FIELD` characters of a text that anybody may have written."""
    return " ".join(CONTROL.sub(" ", text[: 4 * limits.FIELD]).split())[: limits.FIELD]


def fields(**given: object) -> dict[str, str]:
    """Keep the fields that are there, each one cleaned.

    Raises:
        KeyError: a name is not one of `FIELDS`.
    """
    if unknown := given.keys() - set(FIELDS):
        raise KeyError(*unknown)
    texts = {name: clean(value) for name, value in given.items() if isinstance(value, str)}
    if "model" in texts:  # its folders may be those of a home
        texts["model"] = "; ".join(re.split(r"[\\/]", name)[-1] for name in texts["model"].split("; "))
    return {name: text for name, text in texts.items() if text}


def source_type(value: str) -> str:
    """Give the term of a digital source type: the last part of its address, or `other`."""
    term = value.strip().rstrip("/").rpartition("/")[2]
    return term if term in SOURCE_TYPES else "other"
