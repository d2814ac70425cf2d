"""The flame graph: seconds go to the functions that were at work, and every box lies inside of its caller."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from defusedxml import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def flame() -> ModuleType:
    place = Path(__file__).parents[2] / "benchmarks" / "flame.py"
    spec = importlib.util.spec_from_file_location("flame", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["flame"] = module
    spec.loader.exec_module(module)
    return module


def test_seconds_go_to_the_functions_at_work(flame: ModuleType, tmp_path: Path) -> None:
    seen = flame.sampled(["init", str(tmp_path / "study"), "--example", "openmoji", "--quiet"])
    whole = flame.tree(seen)
    assert whole.cpu == pytest.approx(sum(seen.values()))
    assert 0 < sum(box.cpu for box in whole.inside.values()) <= whole.cpu
    assert "study.starting.start_study" in whole.inside


def test_boxes_are_as_wide_as_their_seconds_and_lie_inside_their_callers(flame: ModuleType) -> None:
    run, estimate, small = "study.running.run", "effects.incumbents.estimate", "panel.Panel.keep"
    seen = {(run,): 1.0, (run, estimate): 2.0, (run, estimate, "effects.sample.<listcomp>"): 1.0,
                    (run, small): 0.01, ("report.page.page",): 4.0}  # fmt: skip
    root = ElementTree.fromstring(flame.drawn(flame.tree(seen), "Title & all", "words"))
    boxes = {}
    for group in root.iter(f"{SVG}g"):
        title, rect = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        assert title is not None
        assert rect is not None
        name = re.split(": ", title.text or "")[0]
        boxes[name] = {key: float(rect.attrib[key]) for key in ("x", "y", "width")}
    assert set(boxes) == {run, estimate, "report.page.page"}  # the small one is left out
    inner, outer = boxes[estimate], boxes[run]
    assert inner["y"] > outer["y"]
    assert outer["x"] <= inner["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 0.2
    assert inner["width"] + 1 == pytest.approx(3 / 4 * (outer["width"] + 1), rel=0.01)
