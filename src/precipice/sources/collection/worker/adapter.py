"""gallery-dl behind one adapter: its settings, its job, its log, and the check that it is what this was written to.

It has no stable interface for programs, so its version is pinned and `check` looks for everything used here.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from gallery_dl import config, job, version
from gallery_dl.extractor import artstation as gdl_artstation
from gallery_dl.extractor import common
from gallery_dl.extractor import danbooru as gdl_danbooru
from gallery_dl.extractor import deviantart as gdl_deviantart

from precipice.sources.collection.protocol import Manner
from precipice.sources.collection.worker.listing import Extractor
from precipice.sources.collection.worker.transport import Transport

NEEDED: Mapping[str, tuple[object, tuple[str, ...]]] = {
    "gallery_dl.config": (config, ("clear", "set")),
    "gallery_dl.job.Job": (job.Job, ("run", "dispatch", "_init", "handle_finalize")),
    "Extractor": (common.Extractor, ("initialize", "request", "request_json", "from_url", "session", "status", "exc")),
    "ArtstationUserExtractor": (
        gdl_artstation.ArtstationUserExtractor, ("projects", "get_user_info", "_pagination", "root"),
    ),
    "ArtstationSearchExtractor": (gdl_artstation.ArtstationSearchExtractor, ("projects",)),
    "DeviantartGalleryExtractor": (gdl_deviantart.DeviantartGalleryExtractor, ("deviations", "root")),
    "DeviantartTagExtractor": (gdl_deviantart.DeviantartTagExtractor, ("deviations",)),
    "DeviantartOAuthAPI": (gdl_deviantart.DeviantartOAuthAPI, ("_call", "gallery_all", "user_friends", "browse_tags")),
    "DanbooruTagExtractor": (gdl_danbooru.DanbooruTagExtractor, ("posts", "page_start", "_pagination")),
    "DanbooruArtistSearchExtractor": (gdl_danbooru.DanbooruArtistSearchExtractor, ("artists",)),
}  # fmt: skip
"""What is used of gallery-dl, by name."""
CLASSES = {
    ("artstation", "artist"): gdl_artstation.ArtstationUserExtractor,
    ("artstation", "search"): gdl_artstation.ArtstationSearchExtractor,
    ("deviantart", "artist"): gdl_deviantart.DeviantartGalleryExtractor,
    ("deviantart", "search"): gdl_deviantart.DeviantartTagExtractor,
    ("danbooru", "artist"): gdl_danbooru.DanbooruTagExtractor,
    ("danbooru", "search"): gdl_danbooru.DanbooruTagExtractor,
    ("danbooru", "artists"): gdl_danbooru.DanbooruArtistSearchExtractor,
}
"""Kind of site and what is listed → the class that lists it; every other list of a site comes by its `artist`."""
ADDRESS = re.compile(r"(?:https?:/)?/\S+")


def missing() -> tuple[str, ...]:
    """Name what is used of gallery-dl and is not there; empty where all is well."""
    return tuple(
        f"{name}.{part}" for name, (place, parts) in NEEDED.items() for part in parts if not hasattr(place, part)
    )


def gallery_dl_version() -> str:
    """Give the version that runs."""
    return str(version.__version__)


class Log(logging.Handler):
    """Remembers what gallery-dl calls an error: many of its failures are nowhere else to be seen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.secrets: tuple[str, ...] = ()
        """Credentials, which never leave in words; nor do names."""
        self.names: tuple[str, ...] = ()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one record, without addresses and secrets."""
        words = ADDRESS.sub("…", record.getMessage())
        for secret in filter(None, (*self.secrets, *self.names)):
            words = re.sub(re.escape(secret), "…", words, flags=re.IGNORECASE)
        (self.errors if record.levelno >= logging.ERROR else self.warnings).append(words[:160])


def settle(manner: Manner, credentials: Mapping[str, str], kind: str, host: str, *, loopback: bool) -> Log:
    """Set gallery-dl up from nothing: no settings file of its own, no cache on disk, no question on a terminal.

    What is said of one instance of Danbooru, keys above all, is said under its host's name and so to no other.
    """
    config.clear()
    everywhere = {
        "sleep-request": 0, "retries": manner.retries, "timeout": manner.timeout, "browser": "", "input": False,
        "sleep-429": 0, "proxy-env": not loopback, "tls12": True,
    }  # fmt: skip
    if manner.retry_wait is not None:
        everywhere["sleep-retries"] = manner.retry_wait or "0.0"
    for name, value in everywhere.items():
        config.set(("extractor",), name, value)
    config.set(("cache",), "file", ":memory:")
    section = host if kind == "danbooru" else kind
    special: dict[str, object] = {"group": False, "metadata": manner.details} if kind == "deviantart" else {}
    special |= {"threshold": 1} if kind == "danbooru" else {}  # read on until a page is empty
    for name, value in {**special, **credentials}.items():
        config.set(("extractor", section), name, value)
    log = Log()
    log.secrets = tuple(credentials.values())
    root = logging.getLogger()
    root.handlers[:] = [log]
    root.setLevel(logging.WARNING)
    # Names and tokens may stand in a record's arguments; nothing but the handler above ever sees one.
    logging.lastResort = None
    return log


def open_extractor(kind: str, which: str, address: str, transport: Transport) -> Extractor:
    """Make gallery-dl's extractor for an address, all of whose requests go by our transport.

    Raises:
        ValueError: the address is none that it knows.
    """
    found = CLASSES.get((kind, which), CLASSES[kind, "artist"])
    extr = cast("Extractor", found.from_url(address))
    if extr is None:
        raise ValueError("no name that the site could have")
    extr.initialize()
    extr.session.mount("https://", transport)
    extr.session.mount("http://", transport)
    return extr


class Listed(job.Job):  # type: ignore[misc]  # gallery-dl has no types
    """A job that lists and downloads nothing; a failure becomes its status and a line in the log."""

    def __init__(self, extr: Extractor, work: Callable[[], None]) -> None:
        super().__init__(extr)
        self.work = work

    def dispatch(self, messages: Any) -> bool:  # noqa: ANN401  gallery-dl's
        """Do the work in place of following the extractor's messages, which leave hidden posts out."""
        self.work()
        return True
