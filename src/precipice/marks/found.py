"""Marks of a folder's files: read, counted, written."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import metadata
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precipice.display import Plot, Shown
from precipice.marks import ledger
from precipice.marks.folders import files_in, shown
from precipice.marks.record import FileMarks
from precipice.marks.workers import read_all
from precipice.version import VERSION

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = 1
"""Of a record; a new one makes old ledgers void."""
LEDGER = "marks.jsonl"


@dataclass(frozen=True)
class MarksFound(Shown):
    """What was found in the files of one folder."""

    plot = Plot("path", "answer", kind="counts")

    files: tuple[FileMarks, ...]
    """One record a file, by path."""
    c2pa_reader: str | None
    """Version of the C2PA reader; None where it is not installed, and manifests are unchecked."""
    reread: int
    """Files that were read now; the others' records are from an earlier run that was cut short, or complete."""

    def count(self, name: str) -> Mapping[str, int]:
        """Count files by `answer`, `kind`, `c2pa`, `model_use` or `training`, or marks by `family`, most first."""
        if name == "family":
            values = [mark.family for record in self.files for mark in record.marks]
        else:
            values = [getattr(record, name) for record in self.files]
        return dict(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))

    def table(self) -> "pa.Table":
        """Give a row a file: path, bytes, kind, answer, families, where, c2pa, source types, fields, notes."""
        import pyarrow as pa

        rows = [record.row() for record in self.files]
        names = [*FileMarks("", None, "", "empty").row()]
        kinds = {name: pa.int64() if name == "bytes" else pa.string() for name in names}
        return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})

    def summary(self) -> str:
        """Say what was found, and what that does not mean."""
        answers = self.count("answer")
        said = ", ".join(f"{number:,} {answer}" for answer, number in answers.items())
        lines = [f"{len(self.files):,} files: {said}."]
        families = self.count("family")
        if families:
            lines.append("Marks: " + ", ".join(f"{name} {number:,}" for name, number in families.items()) + ".")
        use = self.count("model_use")
        lines.append(
            f"A generative model made {use.get('whole', 0):,} of them as their marks say, and parts of "
            f"{use.get('part', 0):,}; training on {self.count('training').get('not allowed', 0):,} is not allowed."
        )
        lines.append("Marks are easily taken off and forged: a file without one may be anything.")
        unchecked = self.count("c2pa").get("unchecked", 0)
        if unchecked and self.c2pa_reader is None:
            lines.append(f"C2PA manifests of {unchecked:,} files are unchecked:  pip install 'precipice[c2pa]'")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Give counts and records as plain values."""
        names = ("answer", "kind", "family", "c2pa", "model_use", "training")
        return {
            "files": len(self.files), "c2pa_reader": self.c2pa_reader,
            "counts": {name: dict(self.count(name)) for name in names},
            "records": [record.as_dict() for record in self.files],
        }  # fmt: skip


def read_marks(
    folder: Path | str,
    *,
    keep: Path | str | None = None,
    jobs: int | None = None,
    progress: Callable[[str, float | None], None] = lambda step, share: None,
) -> MarksFound:
    """Read the marks of all files in a folder; what a file does to its reader is an answer, never an error.

    Args:
        folder: of the files; folders in it are read too, names that begin with a dot are not.
        keep: folder for `marks.jsonl`, from which a run that was cut short goes on; None to keep nothing.
        jobs: processes; None for as many as there are cores.
        progress: called with the step in words and the share done.

    Returns:
        A record a file, by path.

    Raises:
        InputError: there is no such folder, or no file in it.
    """
    folder = Path(folder)
    place = None if keep is None else Path(keep) / LEDGER
    progress("list the files", None)
    paths, closed = files_in(folder)
    reader = _c2pa_version()
    readers = f"precipice {VERSION}, records {SCHEMA}, c2pa-python {reader}, of {folder.resolve()}"
    known = {} if place is None else ledger.recall(place, readers)
    stamps = {path: ledger.stamp(folder, path) for path in paths}
    records = {path: known[path][1] for path in paths if path in known and known[path][0] == stamps[path]}
    left = [path for path in paths if path not in records]
    with ledger.keep(place, readers, anew=not known) as kept:
        for number, (path, record) in enumerate(
            zip(left, read_all(folder, left, jobs or cpu_count() or 1), strict=True)
        ):
            records[path] = _sized(record, stamps[path])
            kept.add(path, stamps[path], record)
            progress("read the marks of files", (len(paths) - len(left) + number + 1) / len(paths))
    told = [replace(records[path], path=shown(path)) for path in paths]
    told += [FileMarks(shown(path), None, "folder", "cannot be opened") for path in closed]
    return MarksFound(tuple(told), reader, len(left))


def write_marks(found: MarksFound, folder: Path | str) -> tuple[Path, Path]:
    """Write `marks.csv` and `marks.parquet`, each in one step.

    They name files; share them only with whoever may know these.
    """
    from pyarrow import csv, parquet

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    table = found.table()
    places = folder / "marks.csv", folder / "marks.parquet"
    parts = [place.with_name(place.name + ".part") for place in places]
    csv.write_csv(table, parts[0])
    parquet.write_table(table, parts[1], compression="zstd")
    for part, place in zip(parts, places, strict=True):
        part.replace(place)
    return places


def _sized(record: FileMarks, stamp: ledger.Stamp | None) -> FileMarks:
    """Add the size of a file whose reader did not live to tell it."""
    lost = record.answer in ("reader crashed", "took too long")
    return replace(record, bytes=stamp[0]) if lost and stamp is not None else record


def _c2pa_version() -> str | None:
    try:
        return metadata.version("c2pa-python")
    except metadata.PackageNotFoundError:
        return None
