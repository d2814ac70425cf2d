"""Start a study: a folder with a commented settings file, empty lists, and an example's data where one is asked for."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path

from precipice.archive import Progress
from precipice.errors import InputError
from precipice.study.doors import take_in
from precipice.study.settings import read_study

EXAMPLES = ("openmoji", "paper")


def start_study(
    folder: Path,
    example: str | None = None,
    *,
    now: datetime,
    version: str,
    progress: Progress = lambda step, share: None,
) -> tuple[Path, ...]:
    """Make a study in a folder; what is there already is never written over.

    Args:
        folder: where; made if it is not there.
        example: one of `EXAMPLES`; None for a blank study.
        now, version: for the manifest of an example's archive.
        progress: called with each step in words, and its share done where that is known.

    Returns:
        The files made.

    Raises:
        InputError: there is no such example, or the folder holds a study already.
    """
    if example is not None and example not in EXAMPLES:
        raise InputError(
            f"there is no example '{example}'", why=f"there are {', '.join(EXAMPLES)}", fix="name one of those"
        )
    if (folder / "precipice.toml").exists():
        raise InputError(
            "there is a study here already",
            where=str(folder / "precipice.toml"),
            fix="choose another folder, or go on with:  precipice report",
        )
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    places = [files("precipice.examples") / name for name in (example or "blank", "blank")]
    for place in places:
        for source in sorted(place.iterdir(), key=lambda entry: entry.name):
            target = folder / source.name
            if source.is_file() and not target.exists():
                target.write_bytes(source.read_bytes())
                made.append(target)
    if example == "openmoji":
        take_in(folder, (folder / "uploads.csv",), "table", read_study(folder), now=now, version=version,
                platform="openmoji", progress=progress)  # fmt: skip
        made.append(folder / "archive")
    return tuple(made)
