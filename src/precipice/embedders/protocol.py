"""What every embedder is: a name, a number of dimensions, and a function from pictures to unit vectors."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from precipice.embedders.pictures import Picture

Float = npt.NDArray[np.float64]


class Embedder(Protocol):
    """Turns pictures into vectors whose scalar products say how alike the pictures are."""

    @property
    def name(self) -> str:
        """Name with whatever decides its numbers: version, model, fingerprint of the weights."""

    @property
    def about(self) -> str:
        """What its similarity is of, in a sentence."""

    @property
    def dimensions(self) -> int:
        """Length of each vector."""

    def embed(self, pictures: Sequence[Picture]) -> Float:
        """Embed pictures.

        Args:
            pictures: red, green and blue, each of shape (height, width, 3), uint8.

        Returns:
            Vectors of length 1, shape (pictures, dimensions); the same picture gives the same vector whatever stands
            beside it.
        """


def unit(vectors: npt.ArrayLike) -> Float:
    """Scale rows to length 1; a row of nothing stays nothing."""
    rows = np.asarray(vectors, np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Float = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return scaled
