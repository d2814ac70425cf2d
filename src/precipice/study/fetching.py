"""Files to take in, wherever they lie: those elsewhere are fetched first, and removed once they are in the archive."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from precipice.archive import Progress
from precipice.sources.remote import fetch, forget, is_remote


@contextmanager
def at_hand(files: Sequence[str | Path], progress: Progress = lambda step, share: None) -> Iterator[tuple[Path, ...]]:
    """Give paths of files, fetched where they are addresses.

    What was fetched stays where taking it in fails, so that a second try fetches nothing.

    Raises:
        InputError: there is no such file, or no room for it.
        SourceError: a store refuses or breaks off.
    """
    addresses = [str(file) for file in files if is_remote(str(file))]
    yield tuple(fetch(str(file), progress=progress) if is_remote(str(file)) else Path(file) for file in files)
    for address in addresses:
        forget(address)
