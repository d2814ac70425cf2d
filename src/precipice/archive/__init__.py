"""The archive: uploads on disk as Parquet with a manifest, and the only door to an engine.

Work here grows with uploads and is the engine's: queries only, never a Python loop over rows.
Names are imported when they are first used: a look at what was reduced before needs no engine.
"""

from typing import TYPE_CHECKING

from precipice.on_demand import on_demand

if TYPE_CHECKING:
    from precipice.archive.engine import Limits
    from precipice.archive.intake import ingest
    from precipice.archive.keeping import archive_key, note_collection
    from precipice.archive.labels import LabelCells, read_labels
    from precipice.archive.linking import Links, link_files
    from precipice.archive.manifest import Manifest, Source, read_manifest
    from precipice.archive.monthly_tables import Monthly
    from precipice.archive.progress import Progress
    from precipice.archive.pseudonyms import pseudonym, pseudonym_text
    from precipice.archive.reduction import ClockChoice, count_uploads, reduce
    from precipice.archive.removal import Served, exclude, remove_unserved
    from precipice.archive.tag_counts import TagCounts, UntaggedError, count_tags
    from precipice.archive.tag_samples import TagSample, sample_tags
else:
    __getattr__ = on_demand(__name__, {
        "precipice.archive.engine": ("Limits",),
        "precipice.archive.intake": ("ingest",),
        "precipice.archive.keeping": ("archive_key", "note_collection"),
        "precipice.archive.labels": ("LabelCells", "read_labels"),
        "precipice.archive.linking": ("Links", "link_files"),
        "precipice.archive.manifest": ("Manifest", "Source", "read_manifest"),
        "precipice.archive.monthly_tables": ("Monthly",),
        "precipice.archive.progress": ("Progress",),
        "precipice.archive.pseudonyms": ("pseudonym", "pseudonym_text"),
        "precipice.archive.reduction": ("ClockChoice", "count_uploads", "reduce"),
        "precipice.archive.removal": ("Served", "exclude", "remove_unserved"),
        "precipice.archive.tag_counts": ("TagCounts", "UntaggedError", "count_tags"),
        "precipice.archive.tag_samples": ("TagSample", "sample_tags"),
    })  # fmt: skip

__all__ = [
    "ClockChoice",
    "LabelCells",
    "Limits",
    "Links",
    "Manifest",
    "Monthly",
    "Progress",
    "Served",
    "Source",
    "TagCounts",
    "TagSample",
    "UntaggedError",
    "archive_key",
    "count_tags",
    "count_uploads",
    "exclude",
    "ingest",
    "link_files",
    "note_collection",
    "pseudonym",
    "pseudonym_text",
    "read_labels",
    "read_manifest",
    "reduce",
    "remove_unserved",
    "sample_tags",
]
