"""ComfyUI: the graph of nodes as JSON, in PNG texts, or in EXIF's Make and Model of WebP.

Source: ComfyUI's `SaveImage` (texts `prompt` and `workflow`) and `SaveAnimatedWEBP` (`prompt:{…}` in EXIF).
"""

from typing import Any

from precipice.marks.families.opened import OpenedFile, json_object
from precipice.marks.pieces import Piece
from precipice.marks.record import Mark, fields

MODEL_INPUTS = ("ckpt_name", "unet_name")
PARTS = ("prompt", "workflow")


def find(opened: OpenedFile) -> Mark | None:
    """Find its graphs."""
    where, models = [], []
    for text in opened.texts(*PARTS, "Make", "Model", "ImageDescription", "UserComment"):
        graph = json_object(_bare(text))
        if not _is_graph(graph):
            continue
        where.append(text.place)
        models += _models(graph)
    if not where:
        return None
    return Mark(
        "comfyui", "found", tuple(where), fields=fields(software="ComfyUI", model="; ".join(sorted(set(models))))
    )


def _bare(text: Piece) -> str:
    name, _, rest = text.text.partition(":")
    return rest if name.lower() in PARTS else text.text


def _is_graph(graph: dict[str, Any]) -> bool:
    if isinstance(graph.get("nodes"), list) and ("last_node_id" in graph or "links" in graph):
        return True
    return bool(graph) and all(isinstance(node, dict) and "class_type" in node for node in graph.values())


def _models(graph: dict[str, Any]) -> list[str]:
    inputs = [node.get("inputs") for node in graph.values() if isinstance(node, dict)]
    found = [part.get(name) for part in inputs if isinstance(part, dict) for name in MODEL_INPUTS]
    return [name for name in found if isinstance(name, str)]
