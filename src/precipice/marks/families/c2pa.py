"""C2PA manifests, read and checked by c2pa-python, which never touches the network here.

`valid` means that signature and hashes hold; whether the signer is anyone to be trusted is not asked, since no list
of trusted signers is given.  Without the extra `precipice[c2pa]`, or where reading is not possible, a manifest that
is there is `unchecked`.

Source: C2PA 2.1, sections 15 (validation), 18.15 (actions), 18.19 (training and mining).
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from precipice.marks.families.opened import OpenedFile
from precipice.marks.pieces import MANY
from precipice.marks.record import Mark, State, fields, source_type

OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
}
MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "avif": "image/avif", "heic": "image/heic",
        "gif": "image/gif", "tiff": "image/tiff"}  # fmt: skip
MANIFEST, REMOTE = "C2PA manifest", "XMP provenance"
ACTIONS = ("c2pa.actions", "c2pa.actions.v2")
TRAINING = ("c2pa.training-mining", "cawg.training-mining")
USES = {"notAllowed": "not allowed", "constrained": "constrained", "allowed": "allowed"}
ORDER = tuple(USES.values())
LIBRARY = re.compile(r"\s+c2pa-rs/\S+$")
"""The library's own name, which claims of all kinds of software end in."""
IGNORED = "signingCredential.untrusted"
"""Nobody's signature is on a list of trusted signers, since none is given: it says nothing of the file."""


def find(opened: OpenedFile) -> Mark | None:
    """Read a manifest, or say why that cannot be done."""
    reader = _reader()
    there = bool(opened.carried.jumbf)
    if reader is None or opened.carried.kind not in MIME or MANY in opened.carried.faults:
        if there:
            return Mark("c2pa", "unchecked", (MANIFEST,))
        return Mark("c2pa", "remote", (REMOTE,)) if opened.xmp.all("provenance") else None
    module, context = reader
    opened.file.seek(0)
    try:
        found = module.Reader.try_create(MIME[opened.carried.kind], opened.file, None, context)
        if found is None:
            return None
        with found:
            return _mark(json.loads(found.json()))
    except module.C2paError.RemoteManifest:
        return Mark("c2pa", "remote", (REMOTE,))
    except (module.C2paError, ValueError, RecursionError) as error:
        return _failed(opened, str(error), there=there)


@cache
def _reader() -> tuple[Any, Any] | None:
    """Load the reader once a process, without a network; nothing where the extra is not installed."""
    try:
        import c2pa
    except ImportError:
        return None
    return c2pa, c2pa.Context.from_dict(OFFLINE)


def _failed(opened: OpenedFile, words: str, *, there: bool) -> Mark | None:
    reason = words.partition(":")[0]
    if reason == "Remote":
        return Mark("c2pa", "remote", (REMOTE,))
    if there:
        return Mark("c2pa", "unreadable", (MANIFEST,), fields=fields(reason=reason))
    opened.carried.note(f"the C2PA reader could not read it ({reason})")
    return None


def _mark(store: Mapping[str, Any]) -> Mark:
    manifests = _objects(store.get("manifests"))
    label = store.get("active_manifest")
    active = manifests.get(label, {}) if isinstance(label, str) else {}
    actions = list(_actions(active))
    parts = [action for name, manifest in manifests.items() if name != label for action in _actions(manifest)]
    state: State = "invalid" if store.get("validation_state") == "Invalid" else "valid"
    names = dict.fromkeys(str(action["action"]) for action in actions if "action" in action)
    kept = fields(
        software=_software(active, actions), actions=", ".join(names), training=_training(active),
        reason=", ".join(_failures(store)) if state == "invalid" else None,
    )  # fmt: skip
    return Mark("c2pa", state, (MANIFEST,), _types(actions), _types(parts), kept)


def _objects(value: object) -> dict[str, dict[str, Any]]:
    found = value if isinstance(value, dict) else {}
    return {str(name): one for name, one in found.items() if isinstance(one, dict)}


def _assertions(manifest: Mapping[str, Any], labels: Iterable[str]) -> list[dict[str, Any]]:
    every = [one for one in manifest.get("assertions") or () if isinstance(one, dict)]
    found = [one.get("data") for one in every if str(one.get("label")).partition("__")[0] in labels]
    return [data for data in found if isinstance(data, dict)]


def _actions(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = [data.get("actions") for data in _assertions(manifest, ACTIONS)]
    return [one for part in listed if isinstance(part, list) for one in part if isinstance(one, dict)]


def _types(actions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    said = [action.get("digitalSourceType") for action in actions]
    return tuple(dict.fromkeys(source_type(value) for value in said if isinstance(value, str)))


def _software(manifest: Mapping[str, Any], actions: Iterable[Mapping[str, Any]]) -> str:
    """Name the software that made the claim and that acted: products, no people."""
    listed = manifest.get("claim_generator_info")
    agents = [one.get("name") for one in listed or () if isinstance(one, dict)] if isinstance(listed, list) else []
    agents = agents or [LIBRARY.sub("", str(manifest.get("claim_generator") or ""))]
    for action in actions:
        agent = action.get("softwareAgent")
        agents.append(agent.get("name") if isinstance(agent, dict) else agent)
    return "; ".join(dict.fromkeys(name for name in agents if isinstance(name, str) and name))


def _training(manifest: Mapping[str, Any]) -> str | None:
    """Give the strictest word on training or mining."""
    said = set()
    for data in _assertions(manifest, TRAINING):
        for entry in _objects(data.get("entries")).values():
            said.add(USES.get(str(entry.get("use")), ""))
    return next((word for word in ORDER if word in said), None)


def _failures(store: Mapping[str, Any]) -> list[str]:
    results = store.get("validation_results")
    active = results.get("activeManifest") if isinstance(results, dict) else None
    listed = active.get("failure") if isinstance(active, dict) else None
    codes = [str(one.get("code")) for one in listed or () if isinstance(one, dict)]
    return [code for code in dict.fromkeys(codes) if code != IGNORED]
