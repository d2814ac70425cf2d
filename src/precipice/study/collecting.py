"""Collect into a study: frame, walk, workers and archive brought together."""

import importlib.metadata
import os
import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from precipice.archive import (
    Limits,
    archive_key,
    count_uploads,
    exclude,
    note_collection,
    pseudonym,
    read_manifest,
    remove_unserved,
)  # fmt: skip
from precipice.archive.engine import told_plainly
from precipice.archive.manifest import NAME as MANIFEST
from precipice.display import Plot, Shown
from precipice.errors import InputError, MissingExtraError
from precipice.sources.collection.conditions import parse_condition
from precipice.sources.collection.conversation import Conversation
from precipice.sources.collection.flow import Flow, count_flow
from precipice.sources.collection.frames import Candidate, excluded_names, make_frame, read_list
from precipice.sources.collection.ledger import NAME as LEDGER
from precipice.sources.collection.ledger import Ledger
from precipice.sources.collection.protocol import Manner
from precipice.sources.collection.site_run import Outcome, SiteRun
from precipice.sources.collection.sites import PINNED, SITES, Site, find_site
from precipice.sources.collection.spool import Spool
from precipice.sources.collection.supervisor import supervise
from precipice.sources.collection.walk import Mode, Walk, Wish
from precipice.study.drawn import write_draw
from precipice.study.keeping import KIND, Keeper
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.removing import spellings
from precipice.study.settings import CollectSection, Study

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_PACE = 1.0
"""Seconds; a site may only be asked faster where it is an imitation on this machine."""
LOOPBACK = "PRECIPICE_LOOPBACK"


@dataclass(frozen=True)
class Collected(Shown):
    """What came of a collection."""

    plot = Plot("artists", "state", rows="site", kind="bars")

    outcomes: tuple[Outcome, ...]
    """How each site's part ended."""
    flows: tuple[Flow, ...]
    """How each frame became a sample, with what came of those drawn."""
    removed: Mapping[str, int]
    """Uploads taken out of the archive: `excluded`, `unserved` (no longer on their platform)."""
    read: int
    """Records that reached the archive's door."""
    kept: int
    """Uploads that are new in the archive, or newer than what it had."""

    @property
    def partial(self) -> int:
        """Artists drawn of whom something is missing."""
        return sum(flow.partial for flow in self.flows)

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each site and what came of the artists drawn."""
        states = ("complete", "partial", "gone", "refused", "pending")
        for flow in self.flows:
            yield from ({"site": flow.site, "state": state, "artists": getattr(flow, state)} for state in states)

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def summary(self) -> str:
        """Say for each site how far it came, and what was kept."""
        ended = {one.site: one.end for one in self.outcomes}
        lines = [
            f"{flow.site}: {flow.drawn:,} artists drawn of {flow.lines:,} listed, {flow.complete:,} complete, "
            f"{flow.partial:,} partial; ended: {ended.get(flow.site, 'not asked')}"
            for flow in self.flows
        ]
        lines.append(f"{self.read:,} records read, {self.kept:,} uploads new in the archive")
        return "\n".join(lines)


@dataclass
class Plan:
    """Everything that a collection needs, opened."""

    folder: Path
    settings: CollectSection
    sites: tuple[Site, ...]
    walks: Mapping[str, Walk]
    keeper: Keeper
    manner: Manner
    ledger: Ledger
    excluded: tuple[Candidate, ...] = ()
    """Who is never asked, and taken out of the archive."""


def prepare(folder: Path, study: Study, *, now: Callable[[], datetime], version: str, mode: Mode = "collect") -> Plan:
    """Read frame, ledger and archive, and say whom a collection would ask.

    Raises:
        InputError: a site or condition cannot be used, or a list is missing or empty.
    """
    archive = folder / ARCHIVE
    notes = read_manifest(archive).collection if mode != "collect" and (archive / MANIFEST).exists() else {}
    settings = study.collect if study.collect.sites else remembered_sites(study.collect, notes)
    sites = _sites(settings)
    listed = read_list(folder / settings.frame)
    excluded = read_list(folder / settings.exclude) if settings.exclude else ()
    barred = excluded_names(excluded)
    key_place = folder / study.archive.key if study.archive.key else None
    key = archive_key(archive, key_place)
    keeper = Keeper(archive, Spool(archive / "spool"), key, key_place, limits_of(study, folder), now, version)
    ledger = Ledger(archive / LEDGER)
    for entry in ledger.entries.values():
        if entry.creator:
            keeper.wanted.add((entry.site, int(entry.creator, 16)))
    walks = {
        site.name: _walk(site, listed, barred, ledger, _wish(settings, notes.get(site.name, {}), mode),
                         int(str(notes.get(site.name, {}).get("seed", study.study.seed))), keeper)
        for site in sites
    }  # fmt: skip
    manner = manner_of(settings, version)
    keeper.keeps_all = _held_otherwise(archive, keeper.limits)
    return Plan(folder, settings, sites, walks, keeper, manner, ledger, excluded)


def remembered_sites(settings: CollectSection, notes: Mapping[str, Mapping[str, object]]) -> CollectSection:
    """Take the sites that were collected from before, where none is named."""
    sites = tuple(name if name in SITES else f"{name}={note['root']}" for name, note in notes.items())
    return settings.model_copy(update={"sites": sites})


def _wish(settings: CollectSection, note: Mapping[str, Any], mode: Mode) -> Wish:
    """Say what is asked of a site; for a refresh, what was asked of it when it was collected from."""
    asked = settings.model_copy(update={
        "n": note["wanted"], **{name: note[name] for name in ("where", "screen", "since", "until", "details")},
    }) if note else settings  # fmt: skip
    where = parse_condition(asked.where) if asked.where else None
    return Wish(
        asked.n, where, asked.screen == "all", settings.followers, asked.details, asked.since, asked.until, mode
    )


def manner_of(settings: CollectSection, version: str) -> Manner:
    """Say how sites are asked."""
    return Manner(
        agent=f"precipice/{version} (uploads by month for research; contact: {settings.contact or ''})",
        pace=settings.pace, timeout=settings.timeout, retries=settings.retries, wait=settings.wait,
        details=settings.details, retry_wait=0.0 if settings.pace == 0 else None,
    )  # fmt: skip


def _sites(settings: CollectSection) -> tuple[Site, ...]:
    sites = tuple(find_site(text) for text in settings.sites)
    if not sites:
        raise InputError(
            "there is no site to collect from",
            where="precipice.toml",
            why="[collect] sites is empty",
            fix="name some:  --site artstation --site deviantart",
        )
    if settings.where and "followers" in parse_condition(settings.where).attributes:
        for site in sites:
            if not site.followers:
                raise InputError(
                    f"{site.name} does not say how many follow an artist",
                    where=f"--where {settings.where!r}",
                    why="on Danbooru and its kin an artist is a tag",
                    fix=f"collect it by itself with another condition:  --site {site.name} --where 'uploads > 20'",
                )
    return sites


def _walk(
    site: Site, listed: tuple[Candidate, ...], excluded: Mapping[str, frozenset[str]], ledger: Ledger, wish: Wish,
    seed: int, keeper: Keeper,
) -> Walk:  # fmt: skip
    if site.kind == "danbooru":  # as tags are written there
        listed = tuple(replace(candidate, artist="_".join(candidate.artist.lower().split())) for candidate in listed)
    frame = make_frame(site.name, listed, excluded.get(site.name, frozenset()), seed)
    if not frame.lines:
        raise InputError(
            f"the list holds nobody of {site.name}",
            where="artists.csv",
            why=f"its platforms are {', '.join(sorted({c.site for c in listed})) or 'none'}",
            fix=f"add lines like:  {site.name},NAME   or let it grow:  precipice collect --grow {site.lists[0]}:NAME "
            f"--site {site.name}",
        )
    if site.kind == "danbooru":  # the tag is the creator
        for candidate in frame.candidates:
            keeper.creator(site.name, candidate.artist)
    return Walk(site, frame, ledger, wish, keeper.name)


def _held_otherwise(archive: Path, limits: Limits) -> frozenset[str]:
    """Give the platforms that may be whole in the archive: it has taken uploads in by another door."""
    manifest = read_manifest(archive)
    if not manifest.rows or all(source.kind == KIND for source in manifest.sources):
        return frozenset()
    sampled = {name for name, note in manifest.collection.items() if not note.get("all_creators")}
    return frozenset(name.partition("/")[0] for name in count_uploads(archive, limits)) - sampled


def collect(
    plan: Plan,
    *,
    budget: float | None = None,
    tell: Callable[[Mapping[str, SiteRun]], None] = lambda runs: None,
) -> Collected:
    """Ask the sites, and take what they serve into the archive.

    Whatever ends it (the budget, a refusal, Ctrl-C), what was served is in the archive before this returns or raises.

    Args:
        plan: from `prepare`.
        budget: seconds after which to stop.
        tell: called with how far each site has come, a few times a second.

    Raises:
        InputError: gallery-dl is not there or of another version, or there is no contact.
    """
    keeper = plan.keeper
    with _alone(keeper.folder), told_plainly(keeper.folder):
        excluded = exclude_listed(plan)
        check_settings(plan.settings)
        keeper.take_in()  # what a killed run left in the spool
        outcomes, unserved = _ask(plan, budget, tell)
    removed = {"excluded": excluded, "unserved": unserved}
    flows = tuple(count_flow(walk) for walk in plan.walks.values())
    read, kept = (sum(getattr(source, name) for source in keeper.sources) for name in ("read", "kept"))
    return Collected(outcomes, flows, removed, read, kept)


def _ask(
    plan: Plan, budget: float | None, tell: Callable[[Mapping[str, SiteRun]], None]
) -> tuple[tuple[Outcome, ...], int]:
    """Lead the workers, and take in what came; give how each site's part ended, and how many uploads were removed."""
    keeper = plan.keeper
    inbox: queue.SimpleQueue[tuple[str, int, Mapping[str, Any]]] = queue.SimpleQueue()
    runs = {
        name: SiteRun(walk, Conversation(walk.site, plan.manner, inbox, plan.settings.patience), keeper, keeper.now,
                      keeper.creator, Outcome(name))
        for name, walk in plan.walks.items()
    }  # fmt: skip
    try:
        outcomes = supervise(runs, inbox, budget=budget, tell=tell)
    finally:
        keeper.take_in()
        gone = remove_unserved(keeper.folder, keeper.checked, keeper.limits)
        note_collection(keeper.folder, {name: _note(plan, run, gone) for name, run in runs.items()})
        write_draw(keeper.folder, plan.walks.values())
    return outcomes, gone


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one collection at a time into an archive: two at once would ask a site twice as fast."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / ".collecting.lock", timeout=0):
            yield
    except Timeout as error:
        raise InputError(
            "another collection is at work in this archive",
            where=str(folder),
            why="two at once would ask each site twice as fast",
            fix="wait until it is done, then run this again",
        ) from error


def exclude_listed(plan: Plan) -> int:
    """Take whoever is on the list of those to be left out out of the archive, for good; say how many uploads went.

    The list may name them by name or by the platform's id; both are looked for.
    """
    keeper = plan.keeper
    who: dict[str, set[int]] = {}
    for candidate in plan.excluded:
        words = (spellings(candidate.artist) | {candidate.id}) - {""}
        numbers = who.setdefault(candidate.site, set())
        numbers.update(pseudonym(keeper.key, candidate.site, word) for word in words)
        held = plan.ledger.get(candidate.site, keeper.name(candidate))
        if held is not None and held.creator:
            numbers.add(int(held.creator, 16))
    return exclude(keeper.folder, who, keeper.limits) if who else 0


def check_settings(settings: CollectSection) -> None:
    """Check what has to be there before anything is asked.

    Raises:
        InputError: gallery-dl is not there or of another version, there is no contact, or the pace is too fast.
    """
    try:
        found = importlib.metadata.version("gallery-dl")
    except importlib.metadata.PackageNotFoundError as error:
        raise MissingExtraError("gallery-dl", "collect") from error
    if found != PINNED:
        raise InputError(
            f"gallery-dl is {found}",
            why=f"it has no stable interface, and collecting is written to {PINNED}",
            fix="pip install 'precipice[collect]'",
        )
    if not settings.contact:
        raise InputError(
            "there is no contact",
            where="precipice.toml",
            why="sites should be able to write to whoever asks them",
            fix='name an address:  --contact you@example.org   or  [collect] contact = "you@example.org"',
        )
    if settings.pace < LEAST_PACE and not os.environ.get(LOOPBACK):
        raise InputError(
            f"a pace of {settings.pace:g} seconds is too fast",
            where="[collect] pace",
            why=f"sites are asked at most every {LEAST_PACE:g} seconds",
            fix="leave it at 2",
        )


def _note(plan: Plan, run: SiteRun, unserved: int) -> dict[str, object]:
    walk, wish, settings = run.walk, run.walk.wish, plan.settings
    flow = {name: value for name, value in asdict(count_flow(walk)).items() if name != "site"}
    held = plan.keeper
    before = read_manifest(held.folder).collection.get(walk.site.name, {})
    asked = held.now().strftime("%Y-%m-%dT%H:%M:%SZ") if run.outcome.requests else before.get("asked")
    return {
        **flow, "seed": walk.frame.seed, "where": wish.where.text if wish.where else None,
        "screen": "all" if wish.screen_all else "until-drawn", "since": wish.since, "until": wish.until,
        "details": wish.details, "root": walk.site.root, "pace": settings.pace,
        "ended": run.outcome.end, "gallery_dl": run.outcome.gallery_dl or PINNED, "asked": asked,
        "imitation": run.outcome.loopback or before.get("imitation", False),
        "expires": settings.expires or before.get("expires"),
        "unserved": int(str(before.get("unserved", 0))) + unserved,
        "whole_to": _whole_to(walk),
        "all_creators": walk.site.name in held.keeps_all,
        "hidden": sum(entry.hidden for entry in walk.ledger.of(walk.site.name)),
    }  # fmt: skip


def _whole_to(walk: Walk) -> str | None:
    """Give the day up to which every artist drawn was read to the end; None where somebody is not complete."""
    held = [walk.entry(candidate) for candidate in walk.drawn() if not walk.is_replaced(candidate)]
    days = [entry.at[:10] for entry in held if entry is not None and entry.state in ("complete", "partial")]
    return min(days) if days and len(days) == len(held) else None


def change(study: Study, **changes: object) -> Study:
    """Put the command's options in the place of a study's settings for collecting.

    Raises:
        InputError: one of them cannot be used.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        checked = CollectSection.model_validate({**study.collect.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise InputError(
            f"{name} cannot be {first['input']!r}",
            where=f"--{name}",
            why=first["msg"].removeprefix("Value error, "),
            fix="see:  precipice collect --help",
        ) from error
    return study.model_copy(update={"collect": checked})
