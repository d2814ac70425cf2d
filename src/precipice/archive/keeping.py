"""What is done to an archive beside taking uploads in: its key, notes in its manifest, uploads taken out of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from precipice.archive.intake import alone, held_manifest
from precipice.archive.manifest import NAME, read_manifest, write_manifest
from precipice.archive.pseudonyms import check_value, find_key


def archive_key(folder: Path, place: Path | None = None) -> bytes:
    """Give the key of an archive, and make both where there is none yet.

    Args:
        folder: the archive's folder.
        place: file of the key; None for the user's data folder.

    Raises:
        InputError: the key is not here, or is another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        manifest = held_manifest(folder)
        if not (folder / NAME).exists():
            write_manifest(folder, manifest)
        key = find_key(manifest.archive, place, empty=not manifest.files, known=manifest.key_check)
        if not manifest.key_check:
            write_manifest(folder, replace(manifest, key_check=check_value(key, manifest.archive)))
    return key


def note_collection(folder: Path, notes: Mapping[str, Mapping[str, object]]) -> None:
    """Put what is to be known of a collection into the manifest, site by site; other sites' notes stay."""
    with alone(folder):
        manifest = read_manifest(folder)
        merged = {**manifest.collection, **notes}
        if merged != manifest.collection:
            write_manifest(folder, replace(manifest, collection=merged))
