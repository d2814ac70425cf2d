"""Studies that collect from the imitated platforms, and what lies in their archives."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from precipice.archive import pseudonym, pseudonym_text, read_manifest
from precipice.cli import main
from precipice.sources.collection.ledger import Entry, Ledger
from precipice.study import read_study
from precipice.study.collecting import Collected, Plan, change, collect, prepare
from tests.imitation.server import Imitation
from tests.imitation.worlds import AIBOORU, ARTSTATION, DANBOORU, DEVIANTART, Person, World, identifier

SITES = {ARTSTATION: "artstation", DEVIANTART: "deviantart", DANBOORU: "danbooru", AIBOORU: "aibooru"}
HOSTS = {site: host for host, site in SITES.items()}
KEY = bytes(range(32))
FAST = {"pace": 0, "contact": "test@example.org", "timeout": 0.5, "retries": 2, "wait": 0.05, "patience": 20}
KEYS = {"PRECIPICE_DEVIANTART_CLIENT_ID": "4711", "PRECIPICE_DEVIANTART_CLIENT_SECRET": "s3cr3t-client"}


def make_study(folder: Path, world: World, **settings: object) -> Path:
    """Make a study whose list holds everybody of a world."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.key").write_text(KEY.hex())
    lines = [f"{SITES[host]},{person.name}" for host, people in world.people.items() for person in people]
    (folder / "artists.csv").write_text("platform,artist\n" + "\n".join(lines) + "\n", encoding="utf-8")
    said = {"sites": [SITES[host] for host in world.people], **FAST, **settings}
    text = "\n".join(f"{name} = {_toml(value)}" for name, value in said.items() if value is not None)
    (folder / "precipice.toml").write_text(f'[archive]\nkey = "study.key"\n\n[collect]\n{text}\n', encoding="utf-8")
    return folder


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | list) else f"'{value}'" if '"' in str(value) else f'"{value}"'


@contextmanager
def surroundings(site: Imitation) -> Iterator[None]:
    """Send whatever is asked to the imitation."""
    with patch.dict(os.environ, {**KEYS, "PRECIPICE_LOOPBACK": str(site.port)}):
        os.environ.pop("PRECIPICE_KEY", None)
        yield


def planned(folder: Path, **changes: object) -> Plan:
    """Open a study's plan."""
    mode: Any = changes.pop("mode", "collect")
    study = change(read_study(folder), **changes)
    return prepare(folder, study, now=lambda: datetime.now(UTC), version="1", mode=mode)


def run(folder: Path, site: Imitation, budget: float | None = None, **changes: object) -> Collected:
    """Collect, in this process; the workers are processes of their own."""
    with surroundings(site):
        return collect(planned(folder, **changes), budget=budget)


def command(
    folder: Path, site: Imitation, *words: str, verb: str = "collect", **environment: str
) -> "subprocess.Popen[str]":
    """Start the command itself."""
    around = {**os.environ, **KEYS, "PRECIPICE_LOOPBACK": str(site.port), **environment}
    around.pop("PRECIPICE_KEY", None)
    return subprocess.Popen(
        [sys.executable, "-m", "precipice", verb, str(folder), *words],
        env=around, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def call(folder: Path, site: Imitation, *words: str, verb: str = "collect", **environment: str) -> tuple[int, str, str]:
    """Run the command line to its end, in this process: status, results, words."""
    out, err = io.StringIO(), io.StringIO()
    around = {**KEYS, "PRECIPICE_LOOPBACK": str(site.port), **environment}
    with (
        patch.dict(os.environ, around),
        patch.object(sys, "argv", ["precipice", verb, str(folder), *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        os.environ.pop("PRECIPICE_KEY", None)
        try:
            main()
            status = 0
        except SystemExit as left:
            status = int(left.code or 0)
    return status, out.getvalue(), err.getvalue()


def rows(folder: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    """Give the uploads of an archive that count, by platform and id."""
    archive = folder / "archive"
    held = [str(archive / file.name) for file in read_manifest(archive).files]
    if not held:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT {columns} FROM read_parquet($1) WHERE len(creators) > 0 ORDER BY platform, id", [held]
        ).fetchall()


WHAT_DOES_NOT_DEPEND_ON_WHEN = "* EXCLUDE (followers_read)"
"""Followers are read by the clock of the run; all else is as the platform says it."""


def ids(folder: Path, platform: str) -> set[str]:
    """Give the ids of a platform's uploads."""
    return {str(row[1]) for row in rows(folder, "platform, id") if row[0] == platform}


def entries(folder: Path) -> Mapping[tuple[str, str], Entry]:
    """Give the ledger."""
    return Ledger(folder / "archive" / "ledger.jsonl").entries


def states(folder: Path) -> dict[str, str]:
    """Give the state of each artist by name."""
    found: dict[str, str] = {}
    plan = planned(folder)
    for name, walk in plan.walks.items():
        for candidate in walk.frame.candidates:
            held = walk.entry(candidate)
            found[f"{name}/{candidate.artist}"] = held.state if held else "pending"
    return found


def why(folder: Path, name: str) -> str:
    """Give why an artist is what it is."""
    return next(
        held.why for walk in planned(folder).walks.values() for candidate in walk.frame.candidates
        if f"{walk.site.name}/{candidate.artist}" == name and (held := walk.entry(candidate))
    )  # fmt: skip


def creator_of(host: str, person: Person) -> str:
    """Give an artist's id on a platform, which is what the archive hashes."""
    if host == DEVIANTART:
        return f"AAAAAAAA-0000-0000-0000-{person.number:012d}"
    return str(person.number) if host == ARTSTATION else person.name


def check_nothing_is_lost_and_nobody_wrongly_complete(folder: Path, site: Imitation) -> None:
    """Check the two promises: whatever was served whole is in the archive; whoever is complete is wholly there."""
    for host, people in site.world.people.items():
        platform = SITES[host]
        held = ids(folder, platform)
        assert site.served(host) <= held, f"{platform}: served and lost"
        complete = {
            entry.creator for entry in entries(folder).values() if entry.site == platform and entry.state == "complete"
        }
        for person in people:
            if pseudonym_text(pseudonym(KEY, platform, creator_of(host, person))) in complete:
                mine = {identifier(host, work) for work in person.works}
                assert mine <= held, f"{platform}/{person.name} is called complete and lacks {len(mine - held)}"
