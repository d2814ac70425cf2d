"""Files that lie elsewhere: `https://`, and `s3://`, `gs://`, `hf://` through fsspec, with the store's own credentials.

A file is fetched whole before it is read, since its door reads it more than once: it costs its size on disk until it is
taken in.  What breaks off is gone on with from there, if the file is still the same.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from precipice.errors import InputError, MissingExtraError, SourceError

REMOTE = re.compile(r"^(https?|s3|gs|gcs|hf)://")
CLIENTS = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "hf": "huggingface_hub"}
BLOCK = 8 << 20  # bytes asked for at a time: that much is lost at most where a transfer breaks off
PATIENCE = 60  # seconds that a server may be silent
MARKS = ("ETag", "etag", "generation", "md5Hash", "blob_id", "LastModified", "last_modified")
"""What stores call that by which they tell one content of a file from another."""


class Store(Protocol):
    """A place that hands out one file in parts."""

    size: int
    """Bytes."""
    mark: str
    """Changes when the file does, as far as the store says so."""

    def read(self, start: int, end: int) -> bytes:
        """Give the bytes from `start` up to `end`."""


def is_remote(text: str) -> bool:
    """Tell an address from a path."""
    return REMOTE.match(text) is not None


def shown(address: str) -> str:
    """Give an address as it may be written down: without a query, a user or a password."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def fetch(address: str, cache: Path | None = None, progress: Callable[[str, float | None], None] | None = None) -> Path:
    """Fetch a file to this machine, going on where an earlier try broke off.

    Args:
        address: where it lies.
        cache: folder for it; None for the user's cache folder.
        progress: called with what is done and its share.

    Raises:
        InputError: there is no such file, or no room for it here.
        MissingExtraError: the store's client is not installed.
        SourceError: the store refuses or breaks off; what came is kept.
    """
    # What is escaped in an address may hold a path of its own, which must not lead out of the cache.
    name = Path(unquote(urlsplit(address).path.rsplit("/", 1)[-1])).name
    if name in ("", ".."):
        raise InputError("this address names no file", where=shown(address), fix="name one file, not a folder")
    folder = place_of(address, cache)
    whole, part, note = folder / name, folder / f"{name}.part", folder / f"{name}.json"
    with told(address):
        store = _open(address)
        known = {"size": store.size, "mark": store.mark}
        same = _noted(note) == known
        if same and whole.exists():
            return whole
        folder.mkdir(parents=True, exist_ok=True)
        if not same:
            part.unlink(missing_ok=True)
        _make_sure_of_room(store.size - (part.stat().st_size if part.exists() else 0), folder, address)
        note.write_text(json.dumps(known))
        with part.open("ab") as out:
            while out.tell() < store.size:
                content = store.read(out.tell(), min(out.tell() + BLOCK, store.size))
                if not content:
                    raise OSError(f"it broke off at {out.tell():,} of {store.size:,} bytes")
                out.write(content)
                if progress is not None:
                    progress(f"fetch {name}", out.tell() / store.size)
        part.replace(whole)
    return whole


def forget(address: str, cache: Path | None = None) -> None:
    """Remove what was fetched, once it has been taken in."""
    shutil.rmtree(place_of(address, cache), ignore_errors=True)


def _noted(note: Path) -> object:
    """Read what was known of a file when it was begun; None where nothing is, or where a kill tore the note."""
    try:
        return json.loads(note.read_text())
    except (OSError, ValueError):
        return None


def place_of(address: str, cache: Path | None = None) -> Path:
    """Give the folder of what is fetched from an address; of the address, only a hash is in its name."""
    import pooch

    base = cache or Path(pooch.os_cache("precipice"))
    return base / "remote" / hashlib.sha256(shown(address).encode()).hexdigest()[:16]


def _make_sure_of_room(missing: int, folder: Path, address: str) -> None:
    free = shutil.disk_usage(folder).free
    if missing > free:
        raise InputError(
            "the disk has no room for this file",
            where=shown(address),
            why=f"{missing:,} bytes are to be fetched, {free:,} are free at {folder}",
            fix="make room there, or set XDG_CACHE_HOME to a larger disk",
        )


def _open(address: str) -> Store:
    scheme = urlsplit(address).scheme
    if scheme in ("http", "https"):
        return Web(address)
    client = CLIENTS[scheme]
    for name in (client, "fsspec"):
        if find_spec(name) is None:
            raise MissingExtraError(name, "cloud")
    import fsspec

    system, path = fsspec.core.url_to_fs(address)
    return Bucket(system, path)


class Bucket:
    """A file of an object store."""

    def __init__(self, system: Any, path: str) -> None:  # noqa: ANN401  a file system of fsspec
        """Ask for its size."""
        found = system.info(path)
        if found.get("type") == "directory":
            raise FileNotFoundError("it is a folder")
        self.system, self.path = system, path
        self.size = int(found["size"])
        self.mark = str(next((found[name] for name in MARKS if found.get(name)), ""))

    def read(self, start: int, end: int) -> bytes:
        """Give some of its bytes."""
        return bytes(self.system.cat_file(self.path, start=start, end=end))


@dataclass
class Web:
    """A file of a web server."""

    address: str
    size: int = 0
    mark: str = ""

    def __post_init__(self) -> None:
        """Ask for its size."""
        import requests

        with requests.get(self.address, stream=True, timeout=PATIENCE, headers=WHOLE) as answer:
            answer.raise_for_status()
            length = answer.headers.get("Content-Length")
            if length is None:
                raise OSError("the server does not say how long the file is")
            self.size = int(length)
            self.mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""

    def read(self, start: int, end: int) -> bytes:
        """Give some of its bytes; servers that send no parts are read from the beginning."""
        import requests

        headers = {**WHOLE, "Range": f"bytes={start}-{end - 1}"}
        with requests.get(self.address, stream=True, timeout=PATIENCE, headers=headers) as answer:
            answer.raise_for_status()
            skipped = 0 if answer.status_code == requests.codes.partial_content else start
            content = bytearray()
            for piece in answer.iter_content(1 << 16):
                content += piece[skipped:]
                skipped = max(skipped - len(piece), 0)
                if len(content) >= end - start:
                    break
            return bytes(content[: end - start])


WHOLE = {"Accept-Encoding": "identity"}  # else a server may pack what is sent, and its length is another


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turn what clients of stores raise into one clear error, without credentials in it."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=shown(address), fix="check the address") from error
    except tuple(_failures(address)) as error:
        raise SourceError(
            f"cannot fetch {shown(address).rsplit('/', 1)[-1]}",
            where=shown(address),
            why=_words(error, address),
            fix="try again: what came is kept, and the rest is fetched;  if you are refused, see docs/engines.md",
        ) from error


def _failures(address: str) -> Iterator[type[Exception]]:
    import requests

    yield from (OSError, requests.RequestException)
    if urlsplit(address).scheme == "s3":
        from botocore.exceptions import BotoCoreError

        yield BotoCoreError
    if urlsplit(address).scheme == "hf":
        from huggingface_hub.errors import HfHubHTTPError

        yield HfHubHTTPError


def _words(error: Exception, address: str) -> str:
    """Give the first line of what was said, with no query or user of the address in it."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    bare = first.replace(address, shown(address))
    return re.sub(r"(https?://)[^\s/@]*@|\?[^\s'\")]*", r"\1", bare)[:300]
