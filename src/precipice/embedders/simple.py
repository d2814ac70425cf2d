"""The built-in embedder: statistics of colour, edges and texture, and nothing learned.

It runs everywhere and needs no weights.  It says how alike two pictures are in palette, in the directions and strength
of their edges, and in grain; it knows nothing of what is depicted, and nothing of style beyond these three.

Each part is the square root of a distribution, so that the scalar product of two pictures' parts is the Bhattacharyya
coefficient of the two distributions (Bhattacharyya 1943), and that of two pictures the mean of the three coefficients:
1 for pictures of the same statistics, 0 for pictures that share none.

Source: CIE 1976 L*a*b* (ISO 11664-4) for colour; orientation histograms after Dalal & Triggs (2005), of the whole
picture; rotation-invariant uniform local binary patterns (Ojala, Pietikäinen & Mäenpää 2002), radius 1 and 2.
"""

from collections.abc import Sequence
from math import pi, sqrt

import numpy as np
import numpy.typing as npt

from precipice.embedders.pictures import Picture, resized
from precipice.embedders.protocol import Float

SIZE = 64
"""Pixels of each side that are looked at; finer grain is not seen."""
LIGHTNESS, CHROMA, CHROMA_REACH = 5, 7, 75.0
"""Bins of L* from 0 to 100, and of a* and of b* from −75 to 75, beyond which colours count with the outermost."""
ORIENTATIONS, STRENGTHS = 8, (0.02, 0.08, 0.25)
"""Bins of direction over half a turn, and limits of strength (of a step from black to white) between four bins."""
RADII, POINTS = (1, 2), 8
PATTERNS = POINTS + 2
"""Uniform patterns by their number of ones, and all others."""
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                   [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
WHITE = TO_XYZ.sum(axis=1)
"""D65, the white of sRGB (IEC 61966-2-1)."""


class Simple:
    """Statistics of colour, edges and texture."""

    name = "simple 1"
    about = "palette, directions and strength of edges, and grain; nothing learned, nothing of what is depicted"
    dimensions = LIGHTNESS * CHROMA**2 + ORIENTATIONS * 3 + 1 + len(RADII) * PATTERNS

    def embed(self, pictures: Sequence[Picture]) -> Float:
        """Embed pictures; see `protocol.Embedder`."""
        rows = [self._one(resized(picture, SIZE, SIZE)) for picture in pictures]
        return np.array(rows).reshape(len(rows), self.dimensions)

    def _one(self, picture: Picture) -> Float:
        linear = _linear(picture)
        light = lab(linear)
        grey = light[..., 0] / 100
        parts = (_colours(light), _edges(grey), _textures(grey))
        return np.concatenate([np.sqrt(part / part.sum()) for part in parts]) / sqrt(len(parts))


def _linear(picture: Picture) -> Float:
    """Undo the curve of sRGB, from 0 to 1."""
    value = picture / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(linear: Float) -> Float:
    """Turn linear red, green and blue into L*, a* and b*, same shape."""
    ratio = linear @ TO_XYZ.T / WHITE
    curved = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(curved, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _colours(light: Float) -> Float:
    """Count pixels by colour, each shared among the bins around it, shape (bins,)."""
    lightness = np.clip(light[..., 0] / 100, 0, 1) * (LIGHTNESS - 1)
    chroma = np.clip(light[..., 1:] / (2 * CHROMA_REACH) + 0.5, 0, 1) * (CHROMA - 1)
    place = np.concatenate([lightness[..., None], chroma], axis=-1).reshape(-1, 3)
    shape = (LIGHTNESS, CHROMA, CHROMA)
    low = np.minimum(place.astype(np.int64), np.array(shape) - 2)
    part = place - low
    total = np.zeros(LIGHTNESS * CHROMA**2)
    # A hard border between bins would part colours that no eye tells apart.
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, part, 1 - part), axis=1)
        index = np.ravel_multi_index(tuple((low + corner).T), shape)
        total += np.bincount(index, weight, minlength=len(total))
    return total


def _edges(grey: Float) -> Float:
    """Count pixels by strength and direction of the slope, the flat ones in one bin, shape (bins,)."""
    padded = np.pad(grey, 1, mode="edge")
    down = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    across = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    strength = np.digitize(np.hypot(down, across), STRENGTHS)
    direction = (np.arctan2(down, across) % pi) / pi * ORIENTATIONS
    low = direction.astype(np.int64) % ORIENTATIONS
    part = direction - np.floor(direction)
    total = np.zeros((len(STRENGTHS), ORIENTATIONS))
    sloped = strength > 0
    for bin_, weight in ((low, 1 - part), ((low + 1) % ORIENTATIONS, part)):
        np.add.at(total, (strength[sloped] - 1, bin_[sloped]), weight[sloped])
    return np.concatenate([[(~sloped).sum()], total.ravel()])


def _textures(grey: Float) -> Float:
    """Count local binary patterns at each radius, shape (bins,)."""
    return np.concatenate([np.bincount(patterns(grey, radius).ravel(), minlength=PATTERNS) for radius in RADII]).astype(
        np.float64
    )


def patterns(grey: Float, radius: int) -> npt.NDArray[np.int64]:
    """Give the pattern of each pixel: the ones of a uniform one, or `POINTS + 1`; same shape.

    Neighbours are the eight pixels in the directions of a compass at this distance.  What differs by less than a
    thousandth counts as the same, as the rounding of flat areas would be texture otherwise.
    """
    height, width = grey.shape
    padded = np.pad(grey, radius, mode="edge")
    around = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
    starts = [(radius + radius * y, radius + radius * x) for y, x in around]
    ones = np.stack([padded[y : y + height, x : x + width] >= grey - 1e-3 for y, x in starts])
    changes = (ones != np.roll(ones, 1, axis=0)).sum(axis=0)
    return np.where(changes <= 2, ones.sum(axis=0), POINTS + 1).astype(np.int64)
