"""A run as an RO-Crate: what went in, what came out and what did it, for archives and machines that read such.

Written by hand, since it is one small JSON file: RO-Crate 1.1 with the profile Process Run Crate 0.5.  It stands at the
study's root, where every file it names lies below it, and speaks of the last run.  What may hold names (`artists.csv`)
or rows (the archive's manifest) is named as an input with its hash and is no part of the crate.
"""

import json
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from precipice.archive.manifest import write_atomically

CRATE = "ro-crate-metadata.json"
CONTEXT = ("https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context")
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
KEPT_BACK = ("artists.csv", "archive/manifest.json")
"""Inputs that are named and are no part of the crate."""
NOT_STATED = "Not stated: ask whoever made this study before you use more than its facts."
TYPES = {".toml": "application/toml", ".parquet": "application/vnd.apache.parquet", ".csv": "text/csv"}

Entity = dict[str, Any]


def write_crate(folder: Path, record: Mapping[str, Any], place: Path) -> Path:
    """Write `ro-crate-metadata.json` at a study's root.

    Args:
        folder: the study's folder.
        record: of the run, as in `run.json`.
        place: of `run.json`.
    """
    target = folder / CRATE
    graph = describe_crate(record, place.relative_to(folder).as_posix(), place.stat().st_size)
    write_atomically(target, json.dumps(graph, indent=1, ensure_ascii=False) + "\n")
    return target


def describe_crate(record: Mapping[str, Any], run: str, size: int) -> dict[str, Any]:
    """Give the crate of a run.

    Args:
        record: as in `run.json`.
        run: path of `run.json` in the study's folder.
        size: its bytes.
    """
    study = record["settings"]["study"]
    licence = study.get("licence")
    inputs = {name: known for name, known in record["inputs"].items() if name not in KEPT_BACK}
    files = [_file(name, known) for name, known in sorted({**inputs, **record["outputs"]}.items())]
    files.append({**_file(run, {"bytes": size}), "description": "The record of the run."})
    kept_back = [_kept_back(name, record["inputs"][name]) for name in KEPT_BACK if name in record["inputs"]]
    root = {
        "@id": "./", "@type": "Dataset", "name": study["title"], "datePublished": record["finished"],
        "description": "Uploads by month and cohort: a study made with precipice, and the record of its run.",
        "license": _ref(licence_address(licence)) if licence else NOT_STATED, "conformsTo": _ref(PROFILE),
        "hasPart": [_ref(one["@id"]) for one in files], "mentions": [_ref("#run")], "mainEntity": _ref("report.html"),
    }  # fmt: skip
    about = {"@id": CRATE, "@type": "CreativeWork", "conformsTo": _ref(SPECIFICATION), "about": _ref("./")}
    profile = {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    used = [_ref(quote(name)) for name in sorted(inputs)] + [_ref(one["@id"]) for one in kept_back]
    made = [_ref(quote(name)) for name in sorted(record["outputs"])] + [_ref(quote(run))]
    graph = [about, root, profile, _action(record, used, made), *_software(record), *files, *kept_back]
    if licence:
        graph.append({"@id": licence_address(licence), "@type": "CreativeWork", "name": licence})
    return {"@context": list(CONTEXT), "@graph": graph}


def licence_address(licence: str) -> str:
    """Give the address of a licence: its own, or that of its name in the list of SPDX."""
    return licence if "://" in licence else f"https://spdx.org/licenses/{quote(licence)}"


def _action(record: Mapping[str, Any], used: list[Entity], made: list[Entity]) -> Entity:
    command = [Path(word).name if Path(word).is_absolute() else word for word in record["command"]]
    return {
        "@id": "#run", "@type": "CreateAction", "name": " ".join(command) or "precipice report",
        "startTime": record["started"], "endTime": record["finished"], "instrument": _ref("#precipice"),
        "actionStatus": _ref("http://schema.org/CompletedActionStatus"), "object": used, "result": made,
        "description": f"Seed {record['seed']}; settings and versions are in run.json.",
    }  # fmt: skip


def _software(record: Mapping[str, Any]) -> list[Entity]:
    versions = dict(record["software"])
    own = versions.pop("precipice", "")
    system = versions.pop("system", None)
    parts = [
        {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}
        for name, version in versions.items()
    ]
    main = {
        "@id": "#precipice", "@type": "SoftwareApplication", "name": "precipice", "softwareVersion": own,
        "softwareRequirements": [_ref(part["@id"]) for part in parts],
    } | ({"operatingSystem": system} if system else {})  # fmt: skip
    return [main, *parts]


def _file(name: str, known: Mapping[str, Any]) -> Entity:
    kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    found = {"@id": quote(name), "@type": "File", "name": name, "encodingFormat": kind}
    found |= {"contentSize": str(known["bytes"])} if "bytes" in known else {}
    return found | ({"sha256": known["sha256"]} if known.get("sha256") else {})


def _kept_back(name: str, known: Mapping[str, Any]) -> Entity:
    words = "Not part of this crate, since it may hold names or speaks of single records."
    found = {"@id": f"#{name}", "@type": "CreativeWork", "name": name, "description": words}
    return found | ({"sha256": known["sha256"]} if known.get("sha256") else {})


def _ref(identifier: str) -> Entity:
    return {"@id": identifier}
