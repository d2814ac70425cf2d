"""Where the numbers are from, and how to make them again: what the page says of sources and of the run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from precipice.records import DROP_RULES
from precipice.report.wording import number
from precipice.study.findings import Findings

SHOWN_OF_HASH = 16
"""Digits of a hash that the page shows; the run record has all."""
COMMAND = "precipice report"

CITATION = (
    "Porres, D. & Gomez-Villa, A. (2024). At the edge of a generative cultural precipice. arXiv:2406.08739. "
    "The cohorts, the cap and figures 1 and 2 are theirs."
)


@dataclass(frozen=True)
class Intake:
    """One ingest, as the page shows it."""

    name: str
    """Its door and its files."""
    read: int
    kept: int
    replaced: int
    dropped: tuple[tuple[str, str, int], ...]
    """Rule, its words, rows."""
    hashes: tuple[tuple[str, str], ...]
    """File and the beginning of its SHA-256."""


@dataclass(frozen=True)
class Making:
    """How to make the page again."""

    command: str
    seed: int
    software: tuple[tuple[str, str], ...]
    """Package and version."""
    inputs: tuple[tuple[str, str], ...]
    """File and the beginning of its SHA-256."""
    record: str | None
    """Path of the run record, relative to the study; None where no run is on record."""


def intakes(findings: Findings) -> tuple[Intake, ...]:
    """Give what was read, kept and dropped, an entry for each ingest."""
    return tuple(
        Intake(
            name=f"{source.kind}: {_files([file.name for file in source.files])}",
            read=source.read,
            kept=source.kept,
            replaced=source.replaced,
            dropped=tuple(
                (rule, DROP_RULES.get(rule, rule), rows) for rule, rows in sorted(source.dropped.items()) if rows
            ),
            hashes=tuple((PurePath(file.name).name, file.sha256[:SHOWN_OF_HASH]) for file in source.files),
        )
        for source in findings.sources
    )


def _files(names: Sequence[str]) -> str:
    base = [PurePath(name).name for name in names]
    return ", ".join(base) if len(base) <= 3 else f"{', '.join(base[:2])} and {number(len(base) - 2, 'more file')}"


def making(findings: Findings) -> Making:
    """Give the command, seed, versions and hashes of the run; what no record holds is left out."""
    run = findings.run
    words = [str(word) for word in run.get("command") or ()]
    # Folders of the machine it ran on are nobody's business.
    command = " ".join(PurePath(word).name if PurePath(word).is_absolute() else word for word in words)
    started = run.get("started")
    return Making(
        command=command or COMMAND,
        seed=findings.study.study.seed,
        software=tuple((str(name), str(version)) for name, version in _mapping(run.get("software")).items()),
        inputs=tuple(_hashed(_mapping(run.get("inputs")))),
        record=f"runs/{str(started).replace(':', '')}/run.json" if started else None,
    )


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _hashed(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, known in inputs.items():
        digest = _mapping(known).get("sha256")
        if digest:
            yield str(name), str(digest)[:SHOWN_OF_HASH]
