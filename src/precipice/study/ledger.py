"""The record of a run: what went in, what came out, with hashes, so that a reader can tell whether it still holds."""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from precipice.archive import read_manifest
from precipice.archive.engines.addresses import without_secrets
from precipice.errors import CheckError, InputError
from precipice.study.pictures import FASHION
from precipice.study.settings import Study

PACKAGES = ("precipice", "duckdb", "narwhals", "numpy", "scipy", "pyarrow", "altair", "vl-convert-python", "pydantic")
VARYING = (
    r"/command/\d+", r"/(started|finished)", r"/software/\w.*", r"/settings/engine/.*",
    r"/inputs/archive/manifest\.json/(sha256|bytes)", r"/outputs/report\.html/(sha256|bytes)",
    r"/outputs/figures/.*\.(pdf|png)/(sha256|bytes)",
)  # fmt: skip
"""Fields of a record that may differ where the same study is run again: what was typed, when, on what, the page that
says so, the manifest's times of ingest, and pictures whose writers stamp them."""
INPUTS = ("precipice.toml", "artists.csv", "events.csv", "archive/manifest.json")


def software() -> dict[str, str]:
    """Give the versions of Python and of the packages that numbers pass through."""
    found = {"python": platform.python_version(), "system": platform.system()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def describe(folder: Path, study: Study, argv: list[str], started: datetime) -> dict[str, Any]:
    """Give the part of the record that is known before the results are written.

    Args:
        folder: the study's folder.
        study: its settings.
        argv: the command as typed.
        started: when, with a time zone.
    """
    names = (*INPUTS, *_pictures(study))
    inputs = {name: _file(folder / name) for name in names if (folder / name).exists()}
    sources: list[dict[str, Any]] = []
    collection: Mapping[str, Any] = {}
    if (folder / "archive" / "manifest.json").exists():
        manifest = read_manifest(folder / "archive")
        collection = manifest.collection
        sources = [
            {"kind": source.kind, "files": [vars(file) for file in source.files], "read": source.read,
             "kept": source.kept, "dropped": dict(source.dropped), "replaced": source.replaced}
            for source in manifest.sources
        ]  # fmt: skip
    return {
        "schema": 1,
        "command": [Path(argv[0]).name, *map(without_secrets, argv[1:])] if argv else [],
        "started": started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seed": study.study.seed,
        "settings": _told(study),
        "software": software(),
        "inputs": inputs,
        "sources": sources,
        "collection": collection,
    }


def _told(study: Study) -> dict[str, Any]:
    """Give a study's settings without what an engine's address may carry of a secret."""
    settings = study.model_dump(mode="json", by_alias=True)
    settings["engine"]["master"] = without_secrets(study.engine.master) or None
    return settings


def keep(folder: Path, record: Mapping[str, Any], outputs: Iterable[Path], finished: datetime) -> Path:
    """Write `runs/<utc>/run.json`.

    Args:
        folder: the study's folder.
        record: from `describe`.
        outputs: the files written.
        finished: when, with a time zone.
    """
    whole = {
        **record,
        "finished": finished.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "outputs": {str(path.relative_to(folder)): _file(path) for path in sorted(outputs)},
    }
    place = folder / "runs" / str(record["started"]).replace(":", "") / "run.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    part.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(place)
    return place


def check(folder: Path) -> Mapping[str, Any]:
    """Check that the newest run record still stands for what lies in the folder.

    Raises:
        InputError: there is no record, or it cannot be read.
        CheckError: an input or output has changed since; the message says which.
    """
    records = sorted((folder / "runs").glob("*/run.json"))
    if not records:
        raise InputError("no run is on record here", where=str(folder), fix="run:  precipice report")
    try:
        record: dict[str, Any] = json.loads(records[-1].read_text(encoding="utf-8"))
        named = {**record["inputs"], **record["outputs"]}
    except (ValueError, KeyError) as error:
        raise InputError(
            "the run record cannot be read",
            where=str(records[-1].relative_to(folder)),
            why=f"{type(error).__name__}: {error}",
            fix="run:  precipice report",
        ) from error
    appeared = [name for name in INPUTS if (folder / name).exists() and name not in record["inputs"]]
    changed = [name for name, known in named.items() if _file(folder / name)["sha256"] != known["sha256"]]
    if changed or appeared:
        raise CheckError(
            "the run record is stale",
            where=str(records[-1].relative_to(folder)),
            why=", ".join([*(f"{name} has changed" for name in changed), *(f"{name} is new" for name in appeared)]),
            fix="run it again:  precipice report",
        )
    return record


def _pictures(study: Study) -> tuple[str, ...]:
    """Name the folder of pictures that loops were run on, as seen from the study; digits come with a package."""
    name = study.loop.pictures
    if name is None or name == "digits" or not study.loop.report:
        return ()
    return (str(FASHION),) if name == "fashion-mnist" else (name,)


def _file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"sha256": None}
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        whole = hashlib.sha256()
        for file in files:
            whole.update(f"{file.relative_to(path)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return {"sha256": whole.hexdigest(), "files": len(files)}
    content = path.read_bytes()
    rows = {"rows": content.count(b"\n") - 1} if path.suffix == ".csv" else {}
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), **rows}


def command_line() -> list[str]:
    """Give the command as typed."""
    return list(sys.argv)
