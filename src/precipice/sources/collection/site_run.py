"""One site's part in a collection: what its worker says is kept, judged, and written into the ledger.

Every page is on disk before the ledger says so, and every artist's records before its state: killed at any moment,
a collection begun anew asks again for what the ledger does not have, and what comes twice is one row in the archive.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from precipice.sources.collection.completeness import judge
from precipice.sources.collection.conversation import Conversation
from precipice.sources.collection.frames import Candidate
from precipice.sources.collection.ledger import Entry
from precipice.sources.collection.protocol import Result, Task, read_result
from precipice.sources.collection.walk import Walk

CRASHES = 3
"""Artists in a row at whom a worker died or fell silent, after which its site is left alone."""

End = Literal["done", "budget", "refused", "slowed", "no key", "key refused", "broken", "not installed", "changed"]


class Keeper(Protocol):
    """Whoever keeps records on their way to the archive."""

    def page(self, walk: Walk, candidate: Candidate, task: Task, said: Mapping[str, Any]) -> None:
        """Keep the records of a page; when this returns they are on disk."""

    def judged(self, walk: Walk, candidate: Candidate, task: Task, result: Result, entry: Entry) -> None:
        """Take note that an artist is done with."""

    def tick(self) -> None:
        """Do now and then what is to be done now and then."""


@dataclass
class Outcome:
    """How a site's walk ended."""

    site: str
    end: End = "done"
    why: str = ""
    """What was refused, in words."""
    wait: float | None = None
    """Seconds that the site asked to wait."""
    requests: int = 0
    loopback: bool = False
    """Whether an imitation on this machine was asked in place of the site."""
    gallery_dl: str = ""


@dataclass
class Progress:
    """How far a site has come."""

    done: int = 0
    requests: int = 0
    artist_requests: list[int] = field(default_factory=list)


@dataclass
class SiteRun:
    """One site: its walk, its worker, the artist at hand."""

    walk: Walk
    talk: Conversation
    keeper: Keeper
    now: Callable[[], datetime]
    pseudonym: Callable[[str, str], str]
    """Platform and the platform's own id → pseudonym, as in the archive."""
    outcome: Outcome
    progress: Progress = field(default_factory=Progress)
    steps: Iterator[tuple[Candidate, Task]] | None = None
    candidate: Candidate | None = None
    task: Task | None = None
    before: int = 0
    """Posts that had come before the place where the artist at hand goes on."""
    asked: int = 0
    crashes: int = 0
    called: str = ""
    """Name under which pages of the artist at hand come; another than before once a renaming is found out."""
    renewed: bool = False
    """Whether the worker was started anew because its token had run out."""
    is_over: bool = False

    def next(self) -> None:
        """Ask for the next thing; without one, the site is done."""
        if self.steps is None:
            self.steps = self.walk.tasks()
        step = next(self.steps, None)
        if step is None:
            self.finish("done")
            return
        self.candidate, self.task = step
        held = self.walk.entry(self.candidate)
        goes_on = self.task.after is not None and held is not None
        self.before = held.seen if goes_on and held else 0
        self.asked, self.called = 0, self.task.artist
        # An update leaves the entry as it is until it is done.
        if self.task.do == "collect" and not goes_on and self.task.known is None:
            self._begin()
        self.talk.ask(self.task)

    def _begin(self) -> None:
        """Write down that an artist is begun, with nothing served yet."""
        wish = self.walk.wish
        self._change(state="begun", pages=0, last=None, seen=0, deleted=0, hidden=0, outside=0, why="",
                     since=wish.since, until=wish.until, details=wish.details)  # fmt: skip

    def _change(self, **fields: Any) -> Entry:  # noqa: ANN401  fields of an entry
        artist = self.walk.name(self._candidate)
        at = self.now().isoformat(timespec="seconds")
        return self.walk.ledger.change(self.walk.site.name, artist, at=at, **fields)

    @property
    def _candidate(self) -> Candidate:
        if self.candidate is None:
            raise RuntimeError("no artist is at hand")
        return self.candidate

    def hear(self, said: Mapping[str, Any]) -> None:
        """Take what the worker says."""
        self.talk.hear(said.get("seconds") or 0.0 if said["say"] == "wait" else 0.0)
        if said["say"] == "request":
            self.asked += 1
            self.progress.requests += 1
            self.outcome.requests += 1
        elif said["say"] == "open":
            self.outcome.loopback, self.outcome.gallery_dl = said["loopback"], said["gallery_dl"]
        elif said["say"] == "page":
            self._page(said)
        elif said["say"] == "done":
            self._done(read_result(said))
        elif said["say"] == "stop":
            self._stop(said)
        elif said["say"] == "broken":
            self.outcome.why = ", ".join(said.get("missing", ()))
            self.outcome.gallery_dl = said.get("version", "")
            self.finish(said["why"])
        elif said["say"] == "ended":
            self.fell_silent("the worker process ended")

    def _page(self, said: Mapping[str, Any]) -> None:
        task = self.task
        if task is None:
            return
        self.keeper.page(self.walk, self._candidate, task, said)
        if task.known is not None:
            return
        if said["artist"] != self.called:  # everything anew, under another name
            self.called = said["artist"]
            self._begin()
        held = self.walk.entry(self._candidate)
        known = {"creator": self.pseudonym(self.walk.site.name, said["creator"])} if said.get("creator") else {}
        self._change(pages=(held.pages if held else 0) + 1, last=said["last"], newest=said["newest"],
                     post=said["post"], seen=(held.seen if held else 0) + said["served"], **known)  # fmt: skip

    def _done(self, result: Result) -> None:
        task, candidate = self.task, self._candidate
        if task is None:
            return
        self.crashes, self.renewed = 0, False
        if task.do == "profile":
            entry = self._profile(result)
        else:
            entry = self._collected(task, result)
            self.progress.done += entry.state != "begun"
            self.progress.artist_requests.append(self.asked)
        self.walk.fresh.add(self.walk.name(candidate))
        self.keeper.judged(self.walk, candidate, task, result, entry)
        self.next()

    def _profile(self, result: Result) -> Entry:
        held = self.walk.entry(self._candidate)
        requests = (held.requests if held else 0) + self.asked
        if result.gone:
            return self._change(state="gone", why="the platform knows no such artist", requests=requests)
        if not result.reached_end or result.profile is None:
            why = judge(result).why
            return self._change(state="partial", why=why, requests=requests, tries=(held.tries if held else 0) + 1)
        known = result.profile
        return self._change(
            state="screened", requests=requests, creator=self.pseudonym(self.walk.site.name, str(known["creator"])),
            followers=known.get("followers"), uploads=known.get("uploads"), kind=known.get("kind"), read=known["read"],
            latest=known.get("last"),
        )  # fmt: skip

    def _collected(self, task: Task, result: Result) -> Entry:
        held = self.walk.entry(self._candidate)
        # Under another name everything was asked for anew.
        before = self.before if result.artist == task.artist else 0
        judged = judge(result, before, was_there=held is not None and held.post is not None)
        known = result.profile or {}
        creator = self.pseudonym(self.walk.site.name, str(known["creator"])) if known.get("creator") else ""
        fields: dict[str, Any] = {
            "state": judged.state, "why": judged.why, "stated": result.stated,
            "newest": result.newest or (held.newest if held else None),
            "post": result.post or (held.post if held else None),
            "last": result.last or (held.last if held else None), "notes": result.notes,
            "requests": (held.requests if held else 0) + self.asked,
            "tries": 0 if judged.state == "complete" else (held.tries if held else 0) + 1,
        }  # fmt: skip
        if result.updated:
            fields["seen"] = result.stated
        else:
            fields |= {"seen": before + result.seen, "deleted": result.deleted, "hidden": result.hidden,
                       "outside": result.outside}  # fmt: skip
        if known.get("read"):
            fields |= {name: known.get(name) for name in ("followers", "uploads", "kind", "read")}
        return self._change(**fields, **({"creator": creator} if creator else {}))

    def _stop(self, said: Mapping[str, Any]) -> None:
        """Stop a site that refuses; the artist at hand is asked again in another run."""
        status = said["status"]
        self.outcome.why, self.outcome.wait = f"the {said['label']} answered {status}", said.get("seconds")
        if status == 429:
            self.finish("slowed")
        elif status == 401 and said["label"] != "token" and not self.renewed and self.task:
            self.renewed = True
            self.talk.end()
            self._begin()
            self.talk.ask(replace(self.task, after=None))
        elif status == 401 or said["label"] == "token":
            self.finish("key refused")
        elif status == 0:
            self.outcome.why = said["label"]
            self.finish("broken")
        else:
            held = self.walk.entry(self._candidate)
            self._change(state="refused", why=self.outcome.why, tries=(held.tries if held else 0) + 1,
                         requests=(held.requests if held else 0) + self.asked)  # fmt: skip
            self.finish("refused")

    def fell_silent(self, why: str) -> None:
        """End a worker that died or is stuck, and go on with the next artist."""
        self.talk.end()
        if self.candidate is None:
            self.finish("broken")
            return
        self.crashes += 1
        held = self.walk.entry(self.candidate)
        entry = self._change(state="partial", why=why, tries=(held.tries if held else 0) + 1,
                             requests=(held.requests if held else 0) + self.asked)  # fmt: skip
        self.walk.fresh.add(entry.artist)
        if self.crashes >= CRASHES:
            self.outcome.why = f"{why}, at {CRASHES} artists in a row"
            self.finish("broken")
            return
        self.next()

    def finish(self, end: End) -> None:
        """End the site's part."""
        self.outcome.end = end
        self.is_over = True
        self.talk.end()
