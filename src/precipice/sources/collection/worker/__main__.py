"""The worker as a process: a line of settings, then tasks, in on stdin; answers out on stdout."""

import importlib.util
import json
import os
import signal
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from precipice.sources.collection.protocol import Manner, read_task

if TYPE_CHECKING:
    from precipice.sources.collection.worker.collecting import Site

LOOPBACK = "PRECIPICE_LOOPBACK"
"""For tests: a port of this machine to which every request goes instead.  Nothing but a port can be said."""


class Voice:
    """Says one line at a time; with nobody left to hear it, the worker ends, and with it every request."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out

    def __call__(self, say: str, **fields: Any) -> None:  # noqa: ANN401  whatever is to be said
        """Say one thing."""
        try:
            self.out.write(json.dumps({"say": say, **fields}, ensure_ascii=False) + "\n")
            self.out.flush()
        except BrokenPipeError:
            os._exit(0)


def main() -> None:
    """Work through the tasks of stdin until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    tell = Voice(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)  # whatever else prints must not garble the answers
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    settings = json.loads(sys.stdin.readline())
    site = _site(settings, tell)
    if site is None:
        return
    from precipice.sources.collection.worker.collecting import do
    from precipice.sources.collection.worker.transport import Stopped

    for line in sys.stdin:
        try:
            tell("done", result=asdict(do(site, read_task(line))))
        except Stopped as stop:
            tell("stop", status=stop.status, label=stop.label, seconds=stop.seconds)
            return


def _site(settings: dict[str, Any], tell: Voice) -> "Site | None":
    if importlib.util.find_spec("gallery_dl") is None:
        tell("broken", why="not installed")
        return None
    from precipice.sources.collection.worker import adapter, credentials
    from precipice.sources.collection.worker.collecting import Site
    from precipice.sources.collection.worker.transport import Transport

    lacking = adapter.missing()
    if lacking:
        tell("broken", why="changed", version=adapter.gallery_dl_version(), missing=lacking)
        return None
    name, kind, root = settings["site"], settings["kind"], settings["root"]
    keys = credentials.find(name, kind)
    if kind in credentials.REQUIRED and not keys:
        tell("broken", why="no key")
        return None
    port = os.environ.get(LOOPBACK)
    loopback = int(port) if port else None
    manner = Manner(**settings["manner"])
    host = urlsplit(root).netloc
    log = adapter.settle(manner, keys, kind, host, loopback=loopback is not None)
    listing = importlib.import_module(f"precipice.sources.collection.worker.{kind}").LISTING
    transport = Transport(host, listing.rules, manner, tell, loopback=loopback)
    tell("open", gallery_dl=adapter.gallery_dl_version(), loopback=loopback is not None, keyed=bool(keys))
    return Site(name, kind, root, listing, transport, log, tell, manner.details, lambda: datetime.now(UTC))


if __name__ == "__main__":
    main()
