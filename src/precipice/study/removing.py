"""Taking creators out of a study's archive by name, now and for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from precipice.archive import exclude, pseudonym, read_manifest
from precipice.archive.pseudonyms import find_key
from precipice.archive.removal import platforms_of, standing
from precipice.errors import InputError
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.settings import Study


@dataclass(frozen=True)
class Removal:
    """What taking creators out came to, or would."""

    platform: str
    names: int
    """How many were asked for."""
    found: int
    """Of these, those who had an upload in the archive."""
    already: int
    """Of these, those who were out already."""
    uploads: int
    """Taken out."""
    shared: int
    """Uploads that stay, under the names of those who made them too."""
    dry_run: bool
    """Whether nothing was done."""


def remove(folder: Path, study: Study, platform: str, names: Sequence[str], *, dry_run: bool = False) -> Removal:
    """Take creators out of a study's archive; no later ingest brings them back.

    Args:
        folder: the study's folder.
        study: its settings.
        platform: whose creators they are, as the archive has it.
        names: as the platform writes them; also looked for in small letters and with `_` for a space.
        dry_run: only say what it would come to.

    Raises:
        InputError: there is no archive, its key is not here, it has nothing of such a platform, or no name is given.
    """
    archive, limits = folder / ARCHIVE, limits_of(study, folder)
    manifest = read_manifest(archive)
    # Never an empty one: a key made now would fit nothing, and nobody could be found with it.
    key = find_key(manifest.archive, folder / study.archive.key if study.archive.key else None, empty=False,
                   known=manifest.key_check)  # fmt: skip
    asked = dict.fromkeys(name.strip() for name in names if name.strip())
    if not asked:
        raise InputError("nobody is named", fix="add:  --creator NAME   or  --names FILE  with a name a line")
    known = sorted({*platforms_of(archive, limits), *manifest.excluded})
    if platform not in known:
        raise InputError(
            f"the archive has nothing of a platform '{platform}'",
            where=str(archive),
            why=f"it has {', '.join(known) or 'no upload'}",
            fix="check the name after --platform",
        )
    numbers = {name: {pseudonym(key, platform, word) for word in spellings(name)} for name in asked}
    out = {int(text, 16) for text in manifest.excluded.get(platform, ())}
    everyone = set().union(*numbers.values())
    there = standing(archive, platform, everyone, limits)
    if not dry_run:
        exclude(archive, {platform: everyone}, limits)
    return Removal(
        platform, len(asked), sum(bool(who & there.creators) for who in numbers.values()),
        sum(who <= out for who in numbers.values()), there.alone, there.shared, dry_run,
    )  # fmt: skip


def spellings(name: str) -> set[str]:
    """Give the ways in which a platform may write a name."""
    folded = name.casefold()
    return {name, folded, "_".join(folded.split())}
