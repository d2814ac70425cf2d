"""The benchmark of loops, on a few replicates: all ways have one law, and a difference fails."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def loops() -> ModuleType:
    spec = importlib.util.spec_from_file_location("loop_benchmark", BENCHMARKS / "loops.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["loop_benchmark"] = module  # where dataclasses look for their module
    spec.loader.exec_module(module)
    return module


def test_all_ways_have_one_law(loops: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve dimensions and ten generations of sixty works, in place of 64, 100 and 1,000."""
    for name, value in {"D": 12, "N": 60, "GENERATIONS": 10}.items():
        monkeypatch.setattr(loops, name, value)
    found = {}
    for name, way in loops.WAYS.items():
        ends = np.array(way.run(60 if way.slow else 2_000))
        found[name] = loops.Reading(1.0, 1.0, 1.0), len(ends), ends.mean(), ends.std(ddof=1) / len(ends) ** 0.5
    loops.check(found)
    reading, count, mean, error = found["single"]
    with pytest.raises(AssertionError):
        loops.check({**found, "single": (reading, count, mean + 1, error)})
    text = loops.page(found, 2_000)
    assert text.count("\n| ") == 2 + len(loops.WAYS)
    assert "33.3 ×" in text  # 2,000 replicates in the time of 60


def test_a_way_is_run_as_a_process_of_its_own(loops: ModuleType, tmp_path: Path) -> None:
    output = tmp_path / "single.json"
    reading = loops.measure(
        [sys.executable, str(BENCHMARKS / "loops.py"), "--run", "single", "--replicates", "2"], output
    )
    assert len(json.loads(output.read_text())) == 2
    assert reading.cpu > 0
