"""The archive: uploads on disk as Parquet with a manifest, and the only door to an engine.

Work here grows with uploads and is the engine's: queries only, never a Python loop over rows.
"""

from precipice.archive.engine import Limits
from precipice.archive.intake import ingest
from precipice.archive.keeping import archive_key, note_collection
from precipice.archive.labels import LabelCells, read_labels
from precipice.archive.linking import Links, link_files
from precipice.archive.manifest import Manifest, Source, read_manifest
from precipice.archive.monthly_tables import Monthly
from precipice.archive.pseudonyms import pseudonym, pseudonym_text
from precipice.archive.reduction import ClockChoice, count_uploads, reduce
from precipice.archive.removal import Served, exclude, remove_unserved
from precipice.archive.tag_counts import TagCounts, UntaggedError, count_tags
from precipice.archive.tag_samples import TagSample, sample_tags
from precipice.archive.takers import Progress

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
