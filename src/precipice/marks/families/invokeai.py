"""InvokeAI: four generations of its texts, from the command line `Dream` to today's graph.

Source: InvokeAI 1 (`Dream`), 2 (`sd-metadata`), 3 and later (`invokeai_metadata`, `invokeai_graph`).
"""

from collections.abc import Mapping
from typing import Any

from precipice.marks.families.opened import OpenedFile, json_object
from precipice.marks.record import Mark, fields


def find(opened: OpenedFile) -> Mark | None:
    """Find any of its texts, and read the newest for model and version."""
    where = []
    known: dict[str, str] = {}
    for text in opened.texts("invokeai_metadata", "sd-metadata"):
        own = json_object(text.text)
        if {"app_version", "model", "model_weights", "model_hash"} & own.keys():
            where.append(text.place)
            known = {**_fields(own), **known}
    where += [text.place for text in opened.texts("invokeai_graph") if json_object(text.text)]
    where += [text.place for text in opened.texts("Dream") if " -s " in text.text or " -S " in text.text]
    return Mark("invokeai", "found", tuple(where), fields={"software": "InvokeAI", **known}) if where else None


def _fields(own: Mapping[str, Any]) -> dict[str, str]:
    model = own.get("model")
    inner = model if isinstance(model, dict) else {}
    name = own.get("model_weights") or inner.get("model_name") or inner.get("name")
    hashed = own.get("model_hash") or inner.get("hash")
    return fields(model=name or (model if isinstance(model, str) else None), model_hash=hashed,
                  version=own.get("app_version"))  # fmt: skip
