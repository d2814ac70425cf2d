"""The archive: uploads on disk as Parquet with a manifest, and the only door to an engine.

Work here grows with uploads and is the engine's: queries only, never a Python loop over rows.
"""

from precipice.archive.engine import Limits
from precipice.archive.intake import Progress, ingest
from precipice.archive.keeping import archive_key, note_collection
from precipice.archive.manifest import Manifest, Source, read_manifest
from precipice.archive.pseudonyms import pseudonym, pseudonym_text
from precipice.archive.reduction import ClockChoice, Monthly, count_uploads, reduce
from precipice.archive.removal import Served, exclude, remove_unserved

__all__ = [
    "ClockChoice",
    "Limits",
    "Manifest",
    "Monthly",
    "Progress",
    "Served",
    "Source",
    "archive_key",
    "count_uploads",
    "exclude",
    "ingest",
    "note_collection",
    "pseudonym",
    "pseudonym_text",
    "read_manifest",
    "reduce",
    "remove_unserved",
]
