"""Grow the list of artists who may be asked: from lists of a site, a dump of its artists, an archive's creators."""

import json
import queue
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from precipice.archive import archive_key, pseudonym, reduce
from precipice.archive.manifest import write_atomically
from precipice.errors import InputError, SourceError
from precipice.sources.collection.conversation import Conversation
from precipice.sources.collection.frames import Candidate, grown
from precipice.sources.collection.protocol import Result, Task, read_result
from precipice.sources.collection.sites import Site, find_site
from precipice.study.collecting import check_settings, manner_of
from precipice.study.opening import ARCHIVE
from precipice.study.settings import Study

DUMP = "dump"


@dataclass(frozen=True)
class Grown:
    """What a list has grown by."""

    site: str
    found: int
    added: int
    """Of these, not on the list before."""
    requests: int


def grow(
    folder: Path, study: Study, site_name: str, source: str, *, most: int, held: bool, version: str,
) -> Grown:  # fmt: skip
    """Append candidates to a study's list of artists; what stands in it stays.

    Args:
        folder: the study's folder.
        study: its settings.
        site_name: of which site.
        source: `LIST:NAME` with one of the site's lists, or `dump:FILE`, JSON Lines of Danbooru's artists.
        most: candidates wanted.
        held: whether only artists of whom the archive holds uploads are taken.
        version: for the User-Agent.

    Raises:
        InputError: there is no such list, or the file cannot be read.
        SourceError: the site refused or broke off before there was anybody.
    """
    site = find_site(site_name)
    which, _, name = source.partition(":")
    requests = 0
    if which == DUMP:
        found = [Candidate(site.name, artist, number) for artist, number in _dumped(Path(name))]
    elif which in site.lists:
        said, requests = _asked(study, site, Task("grow", name, list=which, most=most), version)
        found = [Candidate(site.name, str(one["artist"]), str(one["id"])) for one in said.found]
    else:
        raise InputError(
            f"{site.name} has no list '{which}'",
            where="--grow",
            why=f"there are {', '.join(f'{one}:NAME' for one in site.lists)}, and {DUMP}:FILE",
            fix=f"write it like:  --grow {site.lists[0]}:NAME",
        )
    if held:
        found = _held(folder, study, site, found)
    place = folder / study.collect.frame
    text, added = grown(place, found[:most])
    write_atomically(place, text)
    return Grown(site.name, min(len(found), most), added, requests)


def _asked(study: Study, site: Site, task: Task, version: str) -> tuple[Result, int]:
    check_settings(study.collect)
    inbox: queue.SimpleQueue[tuple[str, int, Mapping[str, Any]]] = queue.SimpleQueue()
    talk = Conversation(site, manner_of(study.collect, version), inbox, study.collect.patience)
    requests = 0
    try:
        talk.ask(task)
        while not talk.is_overdue:
            try:
                _, _, said = inbox.get(timeout=0.2)
            except queue.Empty:
                continue
            talk.hear(said.get("seconds") or 0.0 if said["say"] == "wait" else 0.0)
            requests += said["say"] == "request"
            if said["say"] in ("done", "stop", "broken", "ended"):
                break
        else:
            said = {"say": "ended"}
    finally:
        talk.end()
    if said["say"] == "done" and (result := read_result(said)).found:
        return result, requests
    why = "; ".join(read_result(said).failures) if said["say"] == "done" else str(said.get("why") or said.get("status"))
    raise SourceError(
        f"{site.name} named nobody",
        where=site.root,
        why=why or "the list is empty",
        fix=f"try again later, or another list: {', '.join(site.lists)};  the list of artists is as it was",
    )


def _dumped(place: Path) -> Iterator[tuple[str, str]]:
    """Give the artists of a dump of Danbooru's table who are neither deleted nor banned: name and id."""
    number = 0
    try:
        with place.open(encoding="utf-8") as lines:
            for line in lines:
                number += 1
                said = json.loads(line) if line.strip() else {"is_deleted": True}
                if not said.get("is_deleted") and not said.get("is_banned"):
                    yield str(said["name"]), str(said.get("id", ""))
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=str(place), fix="check the name after dump:") from error
    except (ValueError, KeyError, AttributeError) as error:
        raise InputError(
            "a line is no artist of Danbooru",
            where=f"{place.name}:{number}",
            why=f"{type(error).__name__}: {error}",
            fix="give JSON Lines of the artists table, with 'name' in each",
        ) from error


def _held(folder: Path, study: Study, site: Site, found: list[Candidate]) -> list[Candidate]:
    """Keep those of whom the archive holds uploads, by name or by id; it has no names to ask for itself."""
    key_place = folder / study.archive.key if study.archive.key else None
    key = archive_key(folder / ARCHIVE, key_place)
    reduced = reduce(folder / ARCHIVE)
    index = reduced.platforms.index(site.name) if site.name in reduced.platforms else -1
    there = set(reduced.creators[reduced.platform == index].tolist())
    return [
        candidate for candidate in found
        if any(pseudonym(key, site.name, word) in there for word in (candidate.artist, candidate.id) if word)
    ]  # fmt: skip
