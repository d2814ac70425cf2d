"""One artist, or one list of candidates, from the first request to the result."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from precipice.sources.collection.protocol import Result, Task
from precipice.sources.collection.worker.adapter import Listed, Log, open_extractor
from precipice.sources.collection.worker.listing import Extractor, Listing, Record
from precipice.sources.collection.worker.transport import Transport

Tell = Callable[..., None]
GONE = (404, 410)
NO_SUCH = "could not be found"
"""What gallery-dl says where DeviantArt answers 400 with 'User not found.'"""
OTHER_POSTS = "posts came that are not the artist's"


@dataclass
class Tally:
    """What was served of one artist so far."""

    seen: set[str] = field(default_factory=set)
    deleted: int = 0
    hidden: int = 0
    outside: int = 0
    stated: int | None = None
    answers: int = 0
    """Answers with posts, so far."""
    on_page: int = 0
    """Posts in the last of these."""
    last: str | None = None
    newest: str | None = None
    post: str | None = None
    reached_end: bool = False
    strange: bool = False
    """Whether a post came that is not the artist's: the artist has been renamed."""
    failed_details: int = 0
    held_back: list[Record] = field(default_factory=list)
    """In an update: what came that is no newer than what is held; of use only if it does not come out even."""
    caught_up: bool = False
    profile: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """What a worker knows of its site."""

    name: str
    kind: str
    root: str
    listing: Listing
    transport: Transport
    log: Log
    tell: Tell
    details: bool
    now: Callable[[], datetime]

    def extractor(self, artist: str) -> Extractor:
        """Open gallery-dl's extractor for an artist."""
        return open_extractor(self.kind, "artist", self.listing.url(self.root, artist), self.transport)


def do(site: Site, task: Task) -> Result:
    """Do what a task asks."""
    site.transport.failures.clear()
    site.log.errors.clear()
    site.log.warnings.clear()
    if task.do == "grow":
        return grow(site, task)
    result = _named(site, task)
    if result.gone or OTHER_POSTS in result.failures:
        called = _called_now(site, task, result)
        if called is not None:
            # Everything anew: what came under the old name must not stay the work of somebody else.
            again = _named(site, replace(task, artist=called, after=None, known=None, newest=None, profile=None))
            return replace(again, notes=(*again.notes, "goes by another name now"))
    return result


def _named(site: Site, task: Task) -> Result:
    """Ask for an artist by one name."""
    site.log.names = (task.artist,)
    site.transport.failures.clear()
    site.log.errors.clear()
    tally = Tally(profile=dict(task.profile or {}))
    try:
        extr = site.extractor(task.artist)
    except ValueError as unknown:
        return Result(exit=32, errors=(str(unknown),), artist=task.artist)
    site.transport.listen = lambda label, path, body: _listen(site, tally, label, path, body)
    work = _profile if task.do == "profile" else _posts
    status = Listed(extr, lambda: work(site, extr, task, tally)).run()
    return _result(site, task, tally, status)


def _listen(site: Site, tally: Tally, label: str, path: str, body: Any) -> None:  # noqa: ANN401  a server's answer
    stated = site.listing.stated(label, path, body)
    tally.stated = tally.stated if stated is None else stated
    served = site.listing.served(label, body)
    if served is not None:
        tally.answers, tally.on_page = tally.answers + 1, served


def _profile(site: Site, extr: Extractor, task: Task, tally: Tally) -> None:
    tally.profile = site.listing.profile(extr, task.artist) | {"read": site.now().isoformat()}
    if task.active:
        first = next(pages(site.listing.records(extr, task), lambda: (tally.answers, tally.on_page)), [])
        newest = max(filter(None, map(site.listing.published, first)), key=_moment, default="")
        tally.profile["last"] = datetime.fromisoformat(newest).astimezone(UTC).isoformat() if newest else None
    tally.reached_end = True


def _posts(site: Site, extr: Extractor, task: Task, tally: Tally) -> None:
    if site.listing.profile_first and not tally.profile:
        tally.profile = site.listing.profile(extr, task.artist) | {"read": site.now().isoformat()}
    tally.stated = tally.stated if tally.stated is not None else tally.profile.get("uploads")
    for page in pages(site.listing.records(extr, task), lambda: (tally.answers, tally.on_page)):
        _take(site, extr, task, tally, page)
        if tally.strange:
            return
        if _caught_up(site, task, tally, page):
            tally.caught_up = True
            break
    if tally.held_back and not tally.caught_up:
        _tell(site, task, tally, tally.held_back, served=0)
    tally.reached_end = True


def pages(records: Iterator[Record], heard: Callable[[], tuple[int, int]]) -> Iterator[list[Record]]:
    """Cut a stream of records into the pages that they came in, each given out before the next is asked for.

    Args:
        records: what gallery-dl gives out one by one.
        heard: how many answers with posts there have been, and how many posts were in the last.
    """
    page: list[Record] = []
    failure: BaseException | None = None
    while failure is None:
        before = heard()[0]
        try:
            record = next(records, None)
        except BaseException as broken:  # noqa: BLE001  raised again below, once what came before it is out
            failure, record = broken, None
        answers, size = heard()
        if page and (record is None or answers != before):
            yield page
            page = []
        if record is None:
            break
        page.append(record)
        if len(page) >= size:
            yield page
            page = []
    if failure is not None:
        raise failure


def _take(site: Site, extr: Extractor, task: Task, tally: Tally, page: list[Record]) -> None:
    """Count a page and hand it on."""
    listing = site.listing
    mine = [record for record in page if listing.creator(record, task.artist) is not None]
    tally.strange = len(mine) < len(page)
    fresh = [record for record in mine if listing.identity(record) not in tally.seen]
    tally.seen.update(map(listing.identity, fresh))
    tally.deleted += sum(map(listing.is_deleted, fresh))
    tally.hidden += sum(map(listing.is_hidden, fresh))
    kept = [record for record in fresh if _within(listing.published(record), task)]
    tally.outside += len(fresh) - len(kept)
    if fresh:
        _mark(listing, tally, fresh)
        tally.profile.setdefault("creator", listing.creator(fresh[0], task.artist))
    if task.known is not None and task.newest is not None:
        held = _moment(task.newest)
        tally.held_back += [record for record in kept if _moment(listing.published(record)) <= held]
        kept = [record for record in kept if _moment(listing.published(record)) > held]
    if site.details and listing.details is not None:
        kept = [_detailed(site, extr, record, tally) for record in kept]
    _tell(site, task, tally, kept, served=len(fresh))


def _tell(site: Site, task: Task, tally: Tally, kept: list[Record], served: int) -> None:
    known = {**tally.profile, "site": site.name}
    site.tell(
        "page", records=[site.listing.slim(record, known) for record in kept], served=served, last=tally.last,
        newest=tally.newest, creator=tally.profile.get("creator"), artist=task.artist, post=tally.post,
    )  # fmt: skip


def _mark(listing: Listing, tally: Tally, fresh: list[Record]) -> None:
    moments = [moment for moment in map(listing.published, fresh) if moment]
    newest = max((tally.newest or "", *moments), key=_moment)
    tally.newest = newest or None
    tally.last = listing.identity(fresh[-1])
    tally.post = tally.post or listing.handle(fresh[0])


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else float("-inf")


def _within(published: str, task: Task) -> bool:
    """Tell whether a post lies in the days asked for; one without a date is for the archive's door to judge."""
    if not published or (task.since is None and task.until is None):
        return True
    day = datetime.fromisoformat(published).astimezone(UTC).date()
    after_first = task.since is None or day >= date.fromisoformat(task.since)
    return after_first and (task.until is None or day < date.fromisoformat(task.until) + timedelta(days=1))


def _detailed(site: Site, extr: Extractor, record: Record, tally: Tally) -> Record:
    details = site.listing.details
    try:
        return record if details is None else details(extr, record)
    except extr.exc.HttpError:
        tally.failed_details += 1
        return record


def _caught_up(site: Site, task: Task, tally: Tally, page: list[Record]) -> bool:
    """Tell whether an update has met what was known: a page all of old posts, and a total that comes out.

    A post that was dated back, or one that vanished, makes the total differ, and then all is read.
    """
    if task.known is None or task.newest is None or tally.stated is None:
        return False
    held = _moment(task.newest)
    fresh = sum(_moment(site.listing.published(record)) > held for record in page)
    new = len(tally.seen) - len(page) + fresh
    return fresh < len(page) and tally.stated == task.known + new


def _called_now(site: Site, task: Task, result: Result) -> str | None:
    """Ask under which name a post's artist goes now; None where nobody can say, or it is the same."""
    post = result.post or task.post
    if post is None:
        return None
    called: list[tuple[str, str] | None] = []
    try:
        extr = site.extractor(task.artist)
    except ValueError:
        return None
    Listed(extr, lambda: called.append(site.listing.called(extr, post, task.artist))).run()
    name, creator = called[0] if called and called[0] else (None, None)
    before = (result.profile or {}).get("creator") or (task.profile or {}).get("creator")
    same_person = site.listing.is_tag or before in (None, creator)
    return name if name and name != task.artist and same_person else None


def _result(site: Site, task: Task, tally: Tally, status: int) -> Result:
    failures = [f"the {label} {how}" for label, how in site.transport.failures]
    failures += [OTHER_POSTS] if tally.strange else []
    failures += [f"{tally.failed_details} works' own pages failed"] if tally.failed_details else []
    not_found = site.transport.last_status in GONE or any(NO_SUCH in words for words in site.log.errors)
    empty = site.listing.is_tag and tally.stated == 0 and tally.reached_end
    return Result(
        exit=status,
        errors=tuple(site.log.errors),
        failures=tuple(failures),
        reached_end=tally.reached_end,
        gone=(bool(status) and not_found and not tally.reached_end) or (empty and not (task.since or task.until)),
        stated=tally.stated,
        seen=len(tally.seen),
        deleted=tally.deleted,
        hidden=tally.hidden,
        outside=tally.outside,
        last=tally.last,
        newest=tally.newest,
        post=tally.post,
        artist=task.artist,
        profile=tally.profile or None,
        notes=tuple(dict.fromkeys(site.log.warnings)),
        updated=tally.caught_up,
    )


def grow(site: Site, task: Task) -> Result:
    """Read candidates off a list, until there are as many as are wanted."""
    found: dict[str, Record] = {}
    which = str(task.list)
    address = site.listing.frame_url(site.root, which, task.artist)
    extr = open_extractor(site.kind, which, address, site.transport)

    def read() -> None:
        for candidate in site.listing.frames[which](extr, task.artist):
            found.setdefault(candidate["artist"], candidate)
            if len(found) >= task.most:
                return

    site.transport.listen = lambda label, path, body: None
    status = Listed(extr, read).run()
    return Result(
        exit=status, errors=tuple(site.log.errors), reached_end=not status, found=tuple(found.values()),
        failures=tuple(f"the {label} {how}" for label, how in site.transport.failures),
    )  # fmt: skip
