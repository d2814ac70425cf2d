"""Vectors of the user's pictures: embedded once, kept beside the study, and made anew only for files that changed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precipice.embedders import Embedder, Unread, load

STORE = "vectors.npz"
BATCH = 64
"""Pictures decoded and embedded together: 28 MB at the largest size that is kept."""
SAVED = 2_000
"""Pictures after which a long run writes down what it has."""

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Embedded:
    """Pictures as vectors."""

    index: Whole
    """Index of each embedded file among those that were asked for, rising, shape (n,)."""
    vectors: Float
    """Unit vectors, shape (n, d)."""
    unread: dict[str, int]
    """Files that could not be decoded, by reason."""


def embed_files(
    folder: Path, paths: Sequence[str], embedder: Embedder, store: Path, progress: Callable[[str, float | None], None]
) -> Embedded:
    """Embed pictures of a folder.

    Args:
        folder: the folder.
        paths: of the pictures, relative to it.
        embedder: what makes vectors of them.
        store: folder in which the vectors are kept.
        progress: called with the step in words and the share done.
    """
    stamps = {path: _stamp(folder / path) for path in paths}
    known = _recall(store / STORE, embedder.name)
    left = [path for path in paths if (path, *stamps[path]) not in known]
    unread: dict[str, int] = {}
    done = 0
    with ThreadPoolExecutor(4) as threads:  # decoders let go of Python's lock
        for start in range(0, len(left), BATCH):
            part = left[start : start + BATCH]
            loaded = list(threads.map(lambda path: load(folder / path), part))
            good = [(path, one) for path, one in zip(part, loaded, strict=True) if not isinstance(one, Unread)]
            for one in loaded:
                if isinstance(one, Unread):
                    unread[one.reason] = unread.get(one.reason, 0) + 1
            vectors = embedder.embed([picture for _, picture in good])
            known |= {(path, *stamps[path]): row for (path, _), row in zip(good, vectors, strict=True)}
            done += len(part)
            progress("embed pictures", (len(paths) - len(left) + done) / len(paths))
            if done // SAVED > (done - len(part)) // SAVED:
                _keep(store / STORE, embedder.name, known)
    if left:
        _keep(store / STORE, embedder.name, known)
    index = [number for number, path in enumerate(paths) if (path, *stamps[path]) in known]
    rows = [known[paths[number], *stamps[paths[number]]] for number in index]
    vectors = np.array(rows, np.float64).reshape(len(rows), embedder.dimensions)
    return Embedded(np.array(index, np.int64), vectors, unread)


Key = tuple[str, int, int]
"""Path, size in bytes, time of the last change in nanoseconds."""


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns


def _recall(place: Path, name: str) -> dict[Key, Float]:
    """Read what an embedder of this name left; nothing where there is none, or it is broken."""
    try:
        with np.load(place, allow_pickle=False) as found:
            if str(found["embedder"]) != name:
                return {}
            keys = zip(found["paths"].tolist(), found["bytes"].tolist(), found["changed"].tolist(), strict=True)
            return dict(zip(keys, found["vectors"].astype(np.float64), strict=True))
    except (OSError, ValueError, KeyError, EOFError):
        return {}


def _keep(place: Path, name: str, known: dict[Key, Float]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    paths, sizes, changed = zip(*known, strict=True) if known else ((), (), ())
    with part.open("wb") as file:
        np.savez(
            file, embedder=np.array(name), paths=np.array(paths, np.str_), bytes=np.array(sizes, np.int64),
            changed=np.array(changed, np.int64), vectors=np.array(list(known.values()), np.float32),
        )  # fmt: skip
    part.replace(place)
