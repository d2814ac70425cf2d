"""The benchmarks, on a small input: every way of every stage gives the same rows, and the comparison can fail."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ROWS = 20_000

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bench")
    sizes = ["--rows", str(ROWS), "--sample", "2000", "--creators", "3000", "--repeats", "1", "--no-startup"]
    command = [sys.executable, str(BENCHMARKS / "main_job.py"), *sizes]
    done = subprocess.run(
        [*command, "--folder", str(place), "--results", str(place)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return found


def test_all_ways_of_every_stage_give_the_same_rows(results: dict[str, Any]) -> None:
    compared = {name: stage["compared"] for name, stage in results["stages"].items()}
    assert list(compared) == ["ingest", "sample", "series", "panel", "bands"]
    assert all(count == 0 for stage in compared.values() for count in stage["differ"].values()), compared
    assert compared["ingest"]["rows"] > ROWS  # posts, and a credit for each artist
    assert compared["series"]["rows"] == 34 * 2


def test_every_way_but_the_reference_is_compared(results: dict[str, Any]) -> None:
    reference = {"ingest": "precipice", "sample": "precipice", "series": "sql", "panel": "sql"}
    for name, stage in results["stages"].items():
        assert set(stage["ways"]) - {reference.get(name)} == set(stage["compared"]["differ"])


def test_each_process_is_measured_and_written_down(folder: Path, results: dict[str, Any]) -> None:
    for stage in results["stages"].values():
        for way in stage["ways"].values():
            assert way["cpu_s"] > 0
            assert way["wall_s"] > 0
            assert way["peak_mb"] > 10  # an interpreter with an engine takes more than that
    page = (folder / "results.md").read_text()
    assert f"{ROWS:,} posts" in page
    assert all(target["what"] in page for target in results["targets"])


@pytest.mark.parametrize(("stage", "name"), [("series", "series-polars.json"), ("bands", "bands-closed.json")])
def test_the_comparison_finds_one_wrong_number(folder: Path, stage: str, name: str) -> None:
    place = folder / f"rows-{ROWS}"
    given = (place / name).read_text()
    found = json.loads(given)
    if stage == "series":
        found["series"][-1]["capped"] += 1
    else:
        found["bands"]["senior uploads"]["sum"][-1] += 1
    (place / name).write_text(json.dumps(found))
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "checks.py"), stage, str(place)], capture_output=True, text=True, check=False,
        env={**os.environ, "PRECIPICE_KEY": "00" * 32},
    )  # fmt: skip
    (place / name).write_text(given)
    assert done.returncode == 1
    assert any(json.loads(done.stdout)["differ"].values())
