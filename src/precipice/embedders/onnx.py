"""Any picture model in ONNX, from a file of the user's: `pip install 'precipice[onnx]'`.

Beside `MODEL.onnx` may stand `MODEL.json` with `mean` and `std` (three numbers each, of values from 0 to 1); without it
pictures are scaled to 0 to 1 alone.  The model takes one tensor (pictures, 3, height, width) of floats, and its first
output is taken, averaged over whatever dimensions follow the second.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from precipice.embedders.pictures import Picture, resized
from precipice.embedders.protocol import Float, unit
from precipice.errors import InputError, MissingExtraError

SIDE = 224
"""Pixels of each side where the model leaves it open."""
RANK = 4


class Onnx:
    """A model in a file."""

    def __init__(self, model: Path) -> None:
        """Load a model.

        Args:
            model: the file.

        Raises:
            MissingExtraError: onnxruntime is not installed.
            InputError: the file is no model, or none of pictures.
        """
        self._session = _session(model)
        self._mean, self._std = _scaling(model.with_suffix(".json"))
        (first, *others) = self._session.get_inputs()
        if others or len(first.shape) != RANK or first.shape[1] != 3:
            raise InputError(
                "the model does not take pictures",
                where=str(model),
                why=f"it takes {', '.join(f'{part.name} {part.shape}' for part in (first, *others))}",
                fix="export it with one input of shape (pictures, 3, height, width)",
            )
        self._input = first.name
        self._size = tuple(side if isinstance(side, int) else SIDE for side in first.shape[2:])
        digest = hashlib.sha256(model.read_bytes()).hexdigest()[:12]
        self.name = f"onnx {model.name} {digest}"
        self.about = f"whatever {model.name} was trained to tell apart"
        self.dimensions = int(self._run(np.zeros((1, 3, *self._size), np.float32)).shape[1])

    def embed(self, pictures: Sequence[Picture]) -> Float:
        """Embed pictures; see `protocol.Embedder`."""
        if not pictures:
            return np.zeros((0, self.dimensions))
        height, width = self._size
        scaled = np.stack([resized(picture, width, height) for picture in pictures]) / np.float32(255)
        batch = ((scaled - self._mean) / self._std).transpose(0, 3, 1, 2)
        # One by one: many exported models have a fixed batch of one.
        return unit(np.concatenate([self._run(one[None]) for one in batch.astype(np.float32)]))

    def _run(self, batch: Any) -> Float:  # noqa: ANN401  float32 of four dimensions
        found = np.asarray(self._session.run(None, {self._input: batch})[0], np.float64)
        averaged: Float = found.reshape(*found.shape[:2], -1).mean(axis=2)
        return averaged


def _session(model: Path) -> Any:  # noqa: ANN401  onnxruntime is imported when needed
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise MissingExtraError("onnxruntime", "onnx") from error
    if not model.is_file():
        raise InputError("there is no such model", where=str(model), fix="name its file:  --embedder onnx:MODEL.onnx")
    try:
        return onnxruntime.InferenceSession(str(model), providers=onnxruntime.get_available_providers())
    except Exception as error:  # its errors share no other parent
        raise InputError(
            "the model cannot be loaded",
            where=str(model),
            why=str(error).splitlines()[0],
            fix="export it to ONNX again",
        ) from error


def _scaling(place: Path) -> tuple[Any, Any]:
    if not place.is_file():
        return np.zeros(3, np.float32), np.ones(3, np.float32)
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        mean, std = np.asarray(found["mean"], np.float32), np.asarray(found["std"], np.float32)
    except (ValueError, KeyError, TypeError) as error:
        raise _unscaled(place, f"{type(error).__name__}: {error}") from error
    if mean.shape != (3,) or std.shape != (3,) or not (std > 0).all():
        raise _unscaled(place, "mean and std are three numbers each, and no std is nought")
    return mean, std


def _unscaled(place: Path, why: str) -> InputError:
    return InputError(
        "the scaling of the model cannot be read",
        where=str(place),
        why=why,
        fix='write it like:  {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}',
    )
