"""What the members that run on torch share: loading from the user's files, and embedding without gradients.

Weights come from a file of the user's; nothing is ever fetched.  Both libraries import torchvision, which must be the
one made for the torch that is installed.
"""

import hashlib
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from precipice.embedders.pictures import Picture
from precipice.embedders.protocol import Float, unit
from precipice.errors import InputError, MissingExtraError

BATCH = 32
UNMADE = (RuntimeError, ValueError, KeyError, OSError, AssertionError, pickle.UnpicklingError)
"""What the libraries raise for models that they do not know, and for weights that are another model's or none."""


def imported(package: str, extra: str) -> tuple[Any, Any]:
    """Import a library and torch.

    Raises:
        MissingExtraError: one of them is not installed.
        InputError: they do not go together.
    """
    try:
        return import_module(package), import_module("torch")
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or package, extra) from error
    except (ImportError, RuntimeError, AttributeError) as error:  # torchvision made for another torch
        raise InputError(
            f"{package} cannot be imported",
            why=str(error).splitlines()[0],
            fix="install the torchvision that was made for this torch (torchvision's releases list both)",
        ) from error


@contextmanager
def unconnected() -> Iterator[None]:
    """Keep the hub's client from the network while a model is made: some models would fetch a part of theirs.

    Its own switch is set, not the environment's: that one would reach other work of this process, and its children.
    """
    if find_spec("huggingface_hub") is None:
        yield
        return
    client: Any = import_module("huggingface_hub.constants")
    before = client.HF_HUB_OFFLINE
    client.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        client.HF_HUB_OFFLINE = before


def parse_model(text: str, member: str) -> tuple[str, Path]:
    """Read `MODEL:WEIGHTS`.

    Raises:
        InputError: a part is missing, or there is no such file.
    """
    model, sign, weights = text.partition(":")
    if not model or not sign or not weights:
        raise InputError(
            f"{member} needs a model and its weights",
            where="--embedder",
            why=f"it got '{text}'; nothing is ever fetched",
            fix=f"name both:  --embedder {member}:MODEL:WEIGHTS",
        )
    if not Path(weights).is_file():
        raise InputError("there is no such file of weights", where=weights, fix="name a file of your own")
    return model, Path(weights)


def unmade(member: str, model: str, weights: Path, why: str) -> InputError:
    """Make the error for a model that cannot be made with some weights."""
    return InputError(
        f"{member} cannot make '{model}' with these weights",
        where=str(weights),
        why=" ".join(line.strip() for line in why.splitlines()[:2])[:200] or "the library does not say",
        fix=f"take weights of this model, as {member} saves them"
        + (" without the head (num_classes=0)" if member == "timm" else ""),
    )


def fingerprint(weights: Path) -> str:
    """Give 12 hexadecimal digits of the weights' SHA-256."""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def embed(
    pictures: Sequence[Picture],
    torch: Any,  # noqa: ANN401  imported when needed
    prepare: Callable[[Any], Any],
    run: Callable[[Any], Any],
    dimensions: int,
) -> Float:
    """Embed pictures, some at a time.

    Args:
        pictures: to embed.
        torch: the library.
        prepare: from a Pillow picture to a tensor (3, height, width).
        run: from a batch of these to vectors (pictures, dimensions).
        dimensions: of a vector.
    """
    from PIL import Image

    if not pictures:
        return np.zeros((0, dimensions))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            batch = torch.stack([prepare(Image.fromarray(one)) for one in pictures[start : start + BATCH]])
            parts.append(np.asarray(run(batch).float().cpu().numpy(), np.float64))
    return unit(np.concatenate(parts))
