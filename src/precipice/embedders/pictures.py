"""Pictures as arrays: decoded within limits, laid on white, no larger than an embedder looks at."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL import Image

Picture = npt.NDArray[np.uint8]
"""Red, green and blue, shape (height, width, 3)."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
"""Decoders that are asked; of moving pictures the first frame is taken."""
PIXELS = 1 << 26
"""Pixels of a picture that is decoded (8,192 by 8,192): 256 MiB with alpha."""
SIDE = 384
"""Pixels of the longer side that are kept: the largest that usual models look at."""
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Unread:
    """Why a picture could not be decoded."""

    reason: str
    """`no picture`, `too large` or `broken`."""


def load(path: Path) -> Picture | Unread:
    """Decode a picture; one that cannot be decoded is an answer.

    Args:
        path: of its file.

    Returns:
        Its pixels, transparent ones laid on white, the longer side at most `SIDE`.
    """
    from PIL import Image, UnidentifiedImageError

    if not path.is_file():
        return Unread("no picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow warns of is bounded here, or of no concern to pixels
            with Image.open(path, formats=FORMATS) as opened:
                if opened.width * opened.height > PIXELS:
                    return Unread("too large")
                opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
                opened.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
                return np.asarray(_flat(opened))
    except UnidentifiedImageError:
        return Unread("no picture")
    except Image.DecompressionBombError:
        return Unread("too large")
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError):  # decoders raise all of these
        return Unread("broken")


def _flat(picture: "Image.Image") -> "Image.Image":
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    whole = picture.convert("RGBA")
    ground = Image.new("RGBA", whole.size, (*WHITE, 255))
    return Image.alpha_composite(ground, whole).convert("RGB")


def thumbnail(picture: Picture, side: int) -> bytes:
    """Write a picture as a JPEG no larger than so many pixels each way."""
    from PIL import Image

    small = Image.fromarray(picture)
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Scale a picture to a size, whatever its shape."""
    from PIL import Image

    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BOX))
