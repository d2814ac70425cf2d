"""Models that loops are run with: one file a member, one protocol (`precipice.loops.loop.Model`).

To add one: a file like `gaussian.py`, a line in `MODELS`; `tests/unit/loops/test_models.py` runs its contract.
"""

import importlib
from collections.abc import Mapping
from typing import Any, cast

from precipice.errors import InputError
from precipice.loops.loop import Model

MODELS: Mapping[str, str] = {
    "ddpm": "Ddpm",
    "gaussian": "Gaussian",
    "kde": "KernelDensity",
    "mixture": "Mixture",
    "regression": "Regression",
    "styles": "StyleShares",
    "text_to_image": "TextToImage",
    "vae": "Vae",
}
"""Name (and module here) → class."""


def make(name: str, options: Mapping[str, Any] | None = None) -> Model[Any]:
    """Make a model by name.

    Args:
        name: a key of `MODELS`.
        options: fields of its class, such as `components`.

    Raises:
        InputError: there is no such model or option.
        MissingExtraError: it needs an optional part that is not installed.
    """
    if name not in MODELS:
        raise InputError(f"there is no model '{name}'", fix=f"choose one of {', '.join(MODELS)}")
    kind = getattr(importlib.import_module(f"precipice.loops.models.{name}"), MODELS[name])
    unknown = sorted(set(options or {}) - set(kind.__dataclass_fields__))
    if unknown:
        known = ", ".join(kind.__dataclass_fields__) or "none"
        raise InputError(f"the model '{name}' has no option '{unknown[0]}'", fix=f"its options: {known}")
    return cast("Model[Any]", kind(**(options or {})))
