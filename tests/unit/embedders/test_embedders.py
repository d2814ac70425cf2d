"""Every embedder passes one contract; the built-in one knows colour, edges and texture, each by its own part."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from precipice.embedders import EMBEDDERS, Embedder, Picture, Unread, find_embedder, load, pictures
from precipice.embedders.simple import POINTS, Simple, lab, patterns
from precipice.embedders.torch_models import unconnected
from precipice.errors import InputError, MissingExtraError
from tests.conftest import wanted
from tests.unit.embedders.fakes import fake_torch


def picture(seed: int, height: int = 40, width: int = 60) -> Picture:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def onnx_model(place: Path, *, channels: int = 3, rank: int = 4, batch: int | str = "n") -> Path:
    """Write a model with one convolution of fixed weights."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weight = np.random.default_rng(3).normal(size=(8, channels, 3, 3)).astype(np.float32)
    shape = [batch, channels, 32, 32][:rank]
    nodes = [helper.make_node("Conv", ["picture", "w"], ["c"]), helper.make_node("Relu", ["c"], ["out"])]
    graph = helper.make_graph(
        nodes if rank == 4 else [helper.make_node("Relu", ["picture"], ["out"])], "tiny",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weight, "w")] if rank == 4 else [],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(place))
    return place


@pytest.fixture(params=sorted(EMBEDDERS))
def embedder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Embedder:
    if request.param == "simple":
        return find_embedder("simple")
    if request.param == "onnx":
        return find_embedder(f"onnx:{onnx_model(tmp_path / 'tiny.onnx')}")
    fake_torch(monkeypatch)
    (tmp_path / "weights.bin").write_bytes(b"w")
    return find_embedder(f"{request.param}:tiny:{tmp_path / 'weights.bin'}")


def test_vectors_are_of_length_one_and_the_same_in_any_company(embedder: Embedder) -> None:
    shown = [picture(seed, height, width) for seed, height, width in ((1, 40, 60), (2, 7, 300), (3, 1, 1), (4, 64, 64))]
    together = embedder.embed(shown)
    assert together.shape == (4, embedder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    alone = np.concatenate([embedder.embed([one]) for one in reversed(shown)])[::-1]
    np.testing.assert_allclose(together, alone, atol=1e-5)  # single precision, in batches of other sizes


def test_no_picture_is_no_vector_and_the_name_says_what_it_is(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimensions)
    assert embedder.name
    assert embedder.about


def test_other_pictures_are_less_alike_than_the_same(embedder: Embedder) -> None:
    first, second = embedder.embed([picture(1), picture(2)])
    assert first @ second < 1 - 1e-4


@pytest.mark.parametrize("member", ["timm", "open_clip"])
@pytest.mark.parametrize(
    ("text", "message"),
    [("", "needs a model and its weights"), ("tiny", "needs a model and its weights"),
     ("tiny:none.bin", "no such file"), ("unknown:weights.bin", "cannot make 'unknown'")],
)  # fmt: skip
def test_a_model_that_cannot_be_made_is_one_clear_error(
    member: str, text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_torch(monkeypatch)
    monkeypatch.chdir(tmp_path)
    Path("weights.bin").write_bytes(b"w")
    with pytest.raises(InputError, match=message):
        find_embedder(f"{member}:{text}")


def test_libraries_that_are_missing_or_do_not_go_together_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights.bin").write_bytes(b"w")
    (tmp_path / "open_clip.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')")
    for name in ("timm", "open_clip", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    for text, extra in (("timm:a:{}", "timm"), ("open_clip:a:{}", "open-clip"), ("onnx:{}", "onnx")):
        with pytest.raises(MissingExtraError, match="is not installed") as caught:
            find_embedder(text.format(tmp_path / "weights.bin"))
        assert f"precipice[{extra}]" in caught.value.fix
    monkeypatch.delitem(sys.modules, "open_clip")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(InputError, match="cannot be imported") as other:
        find_embedder(f"open_clip:a:{tmp_path / 'weights.bin'}")
    assert "torchvision" in other.value.why


def test_the_hub_is_out_of_reach_only_while_a_model_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted("huggingface_hub", "huggingface_hub is not installed")
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    before = dict(os.environ)
    with suppress(RuntimeError), unconnected():
        assert constants.is_offline_mode()
        raise RuntimeError("no such weights")
    assert not constants.is_offline_mode()
    assert dict(os.environ) == before


def test_an_unknown_embedder_is_one_clear_error() -> None:
    with pytest.raises(InputError, match="no embedder 'clip'") as caught:
        find_embedder("clip")
    assert "simple, onnx, timm, open_clip" in caught.value.why


def test_a_model_of_something_else_is_one_clear_error(tmp_path: Path) -> None:
    for name, model in (("flat", {"rank": 2}), ("grey", {"channels": 1})):
        with pytest.raises(InputError, match="does not take pictures"):
            find_embedder(f"onnx:{onnx_model(tmp_path / f'{name}.onnx', **model)}")
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(InputError, match="cannot be loaded"):
        find_embedder(f"onnx:{tmp_path / 'broken.onnx'}")
    with pytest.raises(InputError, match="no such model"):
        find_embedder(f"onnx:{tmp_path / 'none.onnx'}")


def test_a_model_is_scaled_as_the_file_beside_it_says(tmp_path: Path) -> None:
    model = onnx_model(tmp_path / "tiny.onnx", batch=1)
    plain = find_embedder(f"onnx:{model}").embed([picture(1)])
    scaling = tmp_path / "tiny.json"
    scaling.write_text(json.dumps({"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.3]}))
    assert not np.allclose(plain, find_embedder(f"onnx:{model}").embed([picture(1)]))
    scaling.write_text(json.dumps({"mean": [0, 0, 0], "std": [1, 1, 1]}))
    np.testing.assert_allclose(plain, find_embedder(f"onnx:{model}").embed([picture(1)]))
    for broken in (
        "{}",
        "x",
        json.dumps({"mean": [0, 0], "std": [1, 1]}),
        json.dumps({"mean": [0] * 3, "std": [0] * 3}),
    ):
        scaling.write_text(broken)
        with pytest.raises(InputError, match="scaling of the model"):
            find_embedder(f"onnx:{model}")


def test_lab_is_that_of_the_standard() -> None:
    # sRGB primaries, white and black, D65; Lindbloom's published values to two places.
    rgb = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0]], float)
    known = np.array([[53.24, 80.09, 67.20], [87.73, -86.18, 83.18], [32.30, 79.19, -107.86], [100, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(lab(rgb), known, atol=0.02)


def test_patterns_on_fingers() -> None:
    grey = np.zeros((3, 3))
    grey[1, 1] = 1  # darker all around: no neighbour reaches the middle; all reach the others
    found = patterns(grey, 1)
    assert found[1, 1] == 0
    assert found[0, 0] == POINTS
    flat = patterns(np.full((4, 4), 0.3), 2)
    assert (flat == POINTS).all()


def parts(one: Picture, other: Picture) -> tuple[float, float, float]:
    """Give how alike two pictures are in colour, edges and texture."""
    first, second = Simple().embed([one, other]) * np.sqrt(3)
    colours, edges = 5 * 7 * 7, 25
    cut = [0, colours, colours + edges, len(first)]
    colour, edge, texture = (float(first[a:b] @ second[a:b]) for a, b in pairwise(cut))
    return colour, edge, texture


def stripes(width: int, colour: tuple[int, int, int], *, down: bool = False) -> Picture:
    on = (np.arange(64) // width % 2)[:, None] * np.ones(64, int)
    on = on.T if down else on
    return np.asarray(on[..., None] * np.array(colour), np.uint8)


def test_each_part_sees_what_it_is_named_after() -> None:
    # As bright as each other, so that only the hue differs.
    red, blue = (190, 60, 60), (60, 60, 255)
    colour, edges, texture = parts(stripes(8, red), stripes(8, blue))
    assert colour < 0.8
    assert edges > 0.95
    assert texture > 0.95
    colour, edges, _ = parts(stripes(8, red), stripes(8, red, down=True))
    assert colour > 0.99
    assert edges < 0.8
    noisy = np.clip(stripes(8, red) + np.random.default_rng(0).normal(0, 4, (64, 64, 3)), 0, 255).astype(np.uint8)
    colour, _, texture = parts(stripes(8, red), noisy)
    assert colour > 0.9
    assert texture < 0.8


COLOURS: dict[str, Any] = {
    "RGB": (200, 10, 10), "RGBA": (200, 10, 10, 0), "L": 90, "P": 3, "CMYK": (0, 0, 0, 255), "I;16": 700,
}  # fmt: skip


def save(place: Path, *, mode: str = "RGB", size: tuple[int, int] = (30, 20), **more: Any) -> Path:
    Image.new(mode, size, COLOURS[mode]).save(place, **more)
    return place


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGB"), ("a.png", "RGBA"), ("a.png", "L"), ("a.gif", "P"), ("a.jpg", "RGB"),
                       ("a.jpg", "CMYK"), ("a.webp", "RGBA"), ("a.png", "I;16"), ("a.tif", "RGB"), ("a.bmp", "L")],
)  # fmt: skip
def test_every_usual_picture_becomes_red_green_and_blue(name: str, mode: str, tmp_path: Path) -> None:
    found = load(save(tmp_path / name, mode=mode))
    assert not isinstance(found, Unread)
    assert found.shape == (20, 30, 3)
    assert found.dtype == np.uint8
    if mode == "RGBA":
        assert (found == 255).all()  # transparent: the white of the paper


def test_a_large_picture_is_scaled_and_a_huge_one_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(save(tmp_path / "a.png", size=(1000, 10)))
    assert not isinstance(found, Unread)
    assert found.shape == (4, 384, 3)
    monkeypatch.setattr(pictures, "PIXELS", 9_999)
    assert load(tmp_path / "a.png") == Unread("too large")


def test_what_is_no_picture_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    whole = save(tmp_path / "whole.png", size=(300, 300)).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    assert load(tmp_path / "text.png") == load(tmp_path / "none.png") == load(tmp_path) == Unread("no picture")
    assert load(tmp_path / "cut.png") == Unread("broken")


def test_the_path_of_the_built_in_embedder_imports_no_learning_library() -> None:
    code = (
        "from precipice.embedders import find_embedder; import numpy as np, sys;"
        "find_embedder('simple').embed([np.zeros((4, 4, 3), np.uint8)]);"
        "print([name for name in ('torch', 'onnxruntime', 'timm', 'open_clip', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
