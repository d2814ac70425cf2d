"""CLIP's picture towers with weights of the user's: `--embedder open_clip:MODEL:WEIGHTS`, `precipice[open-clip]`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from precipice.embedders.pictures import Picture
from precipice.embedders.protocol import Float
from precipice.embedders.torch_models import UNMADE, embed, fingerprint, imported, parse_model, unconnected, unmade


class OpenClip:
    """The picture tower of a CLIP model."""

    def __init__(self, text: str) -> None:
        """Make a model and load its weights.

        Args:
            text: `MODEL:WEIGHTS`.

        Raises:
            MissingExtraError: open_clip or torch is not installed.
            InputError: there is no such model or file, or the weights are another model's.
        """
        model, weights = parse_model(text, "open_clip")
        open_clip, self._torch = imported("open_clip", "open-clip")
        try:
            with unconnected():
                made = open_clip.create_model_and_transforms(model, pretrained=str(weights))
        except UNMADE as error:
            raise unmade("open_clip", model, weights, str(error)) from error
        self._model: Any = made[0].eval()
        self._prepare: Any = made[2]
        self.name = f"open_clip {model} {fingerprint(weights)}"
        self.about = "what captions of pictures on the web speak of: mostly what is depicted, some of it style"
        self.dimensions = 0
        self.dimensions = self.embed([np.zeros((8, 8, 3), np.uint8)]).shape[1]

    def embed(self, pictures: Sequence[Picture]) -> Float:
        """Embed pictures; see `protocol.Embedder`."""
        return embed(pictures, self._torch, self._prepare, self._model.encode_image, self.dimensions)
