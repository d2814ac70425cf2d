"""The spool: records between a site and the archive's door, page by page, gone as soon as the archive has them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from precipice.records import Dropped, Upload
from precipice.sources.collection.ledger import append_lines, mend_tail
from precipice.sources.gallery_dl import PLATFORMS
from precipice.sources.gallery_dl.fields import BadDateError

BATCH = "batch"


class Spool:
    """A folder with a file a site, to which pages are appended whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waiting = 0
        """Records that came since the last batch was made."""

    def add(self, site: str, kind: str, records: list[Mapping[str, Any]]) -> None:
        """Append a page; when this returns it is on disk."""
        if not records:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        append_lines(self.folder / f"{site}.jsonl", [{"kind": kind, "record": record} for record in records])
        self.waiting += len(records)

    def batches(self) -> tuple[Path, ...]:
        """Set aside what came so far, and give all that is set aside, an interrupted run's first."""
        if not self.folder.is_dir():
            return ()
        number = max((int(path.stem.split("-")[1]) for path in self.folder.glob(f"{BATCH}-*.jsonl")), default=0)
        for place in sorted(self.folder.glob("*.jsonl")):
            if place.name.startswith(f"{BATCH}-"):
                continue
            mend_tail(place)
            number += 1
            place.rename(self.folder / f"{BATCH}-{number:06d}.jsonl")
        self.waiting = 0
        found = sorted(self.folder.glob(f"{BATCH}-*.jsonl"))
        for place in found:
            if not place.stat().st_size:  # begun, and killed before its first page stood whole
                place.unlink()
        return tuple(place for place in found if place.exists())

    def clear(self, batches: tuple[Path, ...]) -> None:
        """Remove what the archive has taken in."""
        for place in batches:
            place.unlink(missing_ok=True)
        if self.folder.is_dir() and not any(self.folder.iterdir()):
            self.folder.rmdir()


def read_batches(
    batches: tuple[Path, ...], is_wanted: Callable[[str, str], bool] = lambda platform, name: True
) -> Iterator[Upload | Dropped]:
    """Give the uploads of batches; of several records of one post the last, which was read last.

    Args:
        batches: files of a spool.
        is_wanted: platform and creator → whether the creator belongs to the sample.  Somebody who merely shares a
            post with an artist of the sample would look like a creator of very few posts.
    """
    latest: dict[tuple[str, str, str], tuple[str, Mapping[str, Any], str]] = {}
    for place in batches:
        for number, line in enumerate(place.read_text(encoding="utf-8").splitlines(), 1):
            said = json.loads(line)
            kind, record = said["kind"], said["record"]
            platform, post = PLATFORMS[kind].identity(record)
            key = (kind, platform, str(post))
            if key in latest:
                yield Dropped("repeated", f"{place.name}:{number}")
            latest[key] = (kind, record, f"{place.name}:{number}")
    for kind, record, where in latest.values():
        yield _upload(kind, record, where, is_wanted)


def _upload(
    kind: str, record: Mapping[str, Any], where: str, is_wanted: Callable[[str, str], bool]
) -> Upload | Dropped:
    try:
        parsed = PLATFORMS[kind].parse(record, where)
    except BadDateError:
        return Dropped("bad_date", where)
    if isinstance(parsed, Dropped):
        return parsed
    creators = tuple(name for name in parsed.creators if is_wanted(parsed.platform, name))
    return replace(parsed, creators=creators) if creators else Dropped("no_creator", where)
