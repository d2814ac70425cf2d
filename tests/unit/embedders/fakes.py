"""Stand-ins for torch, timm and open_clip, which the suite does not install: they average pixels."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image


class FakeTensor:
    """As much of torch's tensor as the members use."""

    def __init__(self, value: Any) -> None:
        self.value = np.asarray(value, np.float64)

    def float(self) -> "FakeTensor":
        return self

    def cpu(self) -> "FakeTensor":
        return self

    def numpy(self) -> Any:
        return self.value


class Inference:
    """As much of torch's inference mode."""

    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...


def mean(batch: FakeTensor) -> FakeTensor:
    return FakeTensor(batch.value.mean(axis=(2, 3)) + 0.1)


class Model:
    num_features = 3
    encode_image = staticmethod(mean)

    def eval(self) -> "Model":
        return self

    def __call__(self, batch: FakeTensor) -> FakeTensor:
        return mean(batch)


def prepare(one: Image.Image) -> Any:
    return np.asarray(one.resize((8, 8)), np.float64).transpose(2, 0, 1) / 255


def create_model(name: str, *, pretrained: bool, num_classes: int, checkpoint_path: str) -> Model:
    assert not pretrained  # or timm would fetch weights
    assert num_classes == 0
    assert Path(checkpoint_path).is_file()
    if name == "unknown":
        raise RuntimeError("Unknown model (unknown)")
    return Model()


def create_clip(name: str, *, pretrained: str) -> tuple[Model, None, Any]:
    assert Path(pretrained).is_file()
    if name == "unknown":
        raise RuntimeError("Model config for unknown not found.")
    return Model(), None, prepare


def fake_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put libraries in place that average pixels: what the members ask of them is what is tested."""
    torch = ModuleType("torch")
    torch.inference_mode = Inference  # type: ignore[attr-defined]
    torch.stack = lambda parts: FakeTensor(np.stack(parts))  # type: ignore[attr-defined]
    timm = ModuleType("timm")
    timm.create_model = create_model  # type: ignore[attr-defined]
    timm.data = SimpleNamespace(  # type: ignore[attr-defined]
        resolve_model_data_config=lambda model: {}, create_transform=lambda **settings: prepare
    )
    clip = ModuleType("open_clip")
    clip.create_model_and_transforms = create_clip  # type: ignore[attr-defined]
    for module in (torch, timm, clip):
        monkeypatch.setitem(sys.modules, module.__name__, module)
