"""Models of timm with weights from a file of the user's: `--embedder timm:MODEL:WEIGHTS`, `precipice[timm]`."""

from collections.abc import Sequence
from typing import Any

from precipice.embedders.pictures import Picture
from precipice.embedders.protocol import Float
from precipice.embedders.torch_models import UNMADE, embed, fingerprint, imported, parse_model, unconnected, unmade


class Timm:
    """A model of timm, without its head."""

    def __init__(self, text: str) -> None:
        """Make a model and load its weights.

        Args:
            text: `MODEL:WEIGHTS`.

        Raises:
            MissingExtraError: timm or torch is not installed.
            InputError: there is no such model or file, or the weights are another model's.
        """
        model, weights = parse_model(text, "timm")
        timm, self._torch = imported("timm", "timm")
        try:
            with unconnected():
                self._model = timm.create_model(model, pretrained=False, num_classes=0, checkpoint_path=str(weights))
        except UNMADE as error:
            raise unmade("timm", model, weights, str(error)) from error
        self._model.eval()
        self._prepare: Any = timm.data.create_transform(**timm.data.resolve_model_data_config(self._model))
        self.name = f"timm {model} {fingerprint(weights)}"
        self.about = f"whatever {model} was trained to tell apart"
        self.dimensions = int(self._model.num_features)

    def embed(self, pictures: Sequence[Picture]) -> Float:
        """Embed pictures; see `protocol.Embedder`."""
        return embed(pictures, self._torch, self._prepare, self._model, self.dimensions)
