"""The files of a folder, in an order that is always the same; links to folders are not followed."""

import os
from pathlib import Path

from precipice.errors import InputError


def files_in(folder: Path) -> tuple[list[str], list[str]]:
    """List a folder's files and those of the folders in it; names that begin with a dot are left out.

    Args:
        folder: where to look.

    Returns:
        The files, and the folders that could not be opened: relative paths with `/`, sorted.

    Raises:
        InputError: there is no such folder, or no file in it.
    """
    if not folder.is_dir():
        raise InputError(
            "there is no such folder of files",
            where=str(folder),
            why="it is a file" if folder.exists() else "nothing is there",
            fix="name the folder that holds the pictures:  --files FOLDER",
        )
    found: list[str] = []
    closed: list[str] = []
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(folder / inside) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    path = f"{inside}/{entry.name}" if inside else entry.name
                    # A link to a folder may lead round in a circle, or out into the whole disk.
                    (waiting if entry.is_dir(follow_symlinks=False) else found).append(path)
        except OSError:
            closed.append(inside or ".")
    found = [path for path in found if not (folder / path).is_dir()]
    if not found and not closed:
        raise InputError(
            "there is no file in the folder",
            where=str(folder),
            why="it and the folders in it are empty; names that begin with a dot are left out",
            fix="name the folder that holds the pictures:  --files FOLDER",
        )
    return sorted(found), sorted(closed)


def shown(path: str) -> str:
    """Write a path as text that any file can hold: bytes that are no UTF-8 in hexadecimal."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
