"""Embedders: from pictures to vectors whose scalar products say how alike the pictures are; one module a member."""

from collections.abc import Callable, Mapping
from pathlib import Path

from precipice.embedders.pictures import Picture, Unread, load, thumbnail
from precipice.embedders.protocol import Embedder
from precipice.errors import InputError


def _simple(text: str) -> Embedder:
    from precipice.embedders.simple import Simple

    return Simple()


def _onnx(text: str) -> Embedder:
    from precipice.embedders.onnx import Onnx

    return Onnx(Path(text))


def _timm(text: str) -> Embedder:
    from precipice.embedders.timm import Timm

    return Timm(text)


def _open_clip(text: str) -> Embedder:
    from precipice.embedders.open_clip import OpenClip

    return OpenClip(text)


EMBEDDERS: Mapping[str, Callable[[str], Embedder]] = {
    "simple": _simple,
    "onnx": _onnx,
    "timm": _timm,
    "open_clip": _open_clip,
}
"""Name → function from what follows the name's colon to an embedder; libraries are imported when it is called."""


def find_embedder(text: str = "simple") -> Embedder:
    """Make an embedder: `simple`, `onnx:MODEL.onnx`, `timm:MODEL:WEIGHTS`, `open_clip:MODEL:WEIGHTS`.

    Raises:
        InputError: there is none of this name, or its model cannot be loaded.
        MissingExtraError: its library is not installed.
    """
    name, _, rest = text.partition(":")
    if name not in EMBEDDERS:
        raise InputError(
            f"there is no embedder '{name}'",
            where="--embedder",
            why=f"there are {', '.join(EMBEDDERS)}",
            fix="take the built-in one:  --embedder simple   or a model of yours:  --embedder onnx:MODEL.onnx",
        )
    return EMBEDDERS[name](rest)


__all__ = ["EMBEDDERS", "Embedder", "Picture", "Unread", "find_embedder", "load", "thumbnail"]
