"""What a study allows the engine is kept by every step that asks it."""

from collections.abc import Callable
from pathlib import Path

import pytest

import precipice as pc
from precipice.errors import InputError
from precipice.study import read_study
from precipice.study.opening import limits_of
from precipice.study.profiling import profile_study
from precipice.study.settings import Study

ROWS = [
    "site,0,sam,2021-12-03T00:00:00Z,cat",
    "site,1,sam,2022-01-03T00:00:00Z,cat",
    "site,2,ann,2022-02-03T00:00:00Z,dog",
]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECIPICE_KEY", "ab" * 32)
    for name, rows in (("a.csv", ROWS[:2]), ("b.csv", ROWS[2:])):
        (tmp_path / name).write_text("\n".join(["platform,id,creator,published,tags", *rows]) + "\n")
    pc.ingest(tmp_path, tmp_path / "a.csv", kind="table")
    (tmp_path / "precipice.toml").write_text('[engine]\nmemory = "12 apples"\n')
    return tmp_path


@pytest.mark.parametrize(
    "step",
    [lambda folder: pc.ingest(folder, folder / "b.csv", kind="table"), pc.reduce],
    ids=["ingest", "reduce"],
)
def test_a_step_that_asks_the_engine_keeps_to_the_limits(study: Path, step: Callable[[Path], object]) -> None:
    with pytest.raises(InputError, match="memory cannot be '12 apples'"):
        step(study)


@pytest.mark.parametrize("name", ["ai", "themes", "diversity"])
def test_a_section_of_the_profile_keeps_to_the_limits(study: Path, name: str) -> None:
    asked = (study / "precipice.toml").read_text()
    (study / "precipice.toml").unlink()
    pc.reduce(study)  # kept, so that the panel asks no engine
    (study / "precipice.toml").write_text(asked)
    with pytest.raises(InputError, match="memory cannot be '12 apples'"):
        profile_study(study, read_study(study), (name,))


@pytest.mark.parametrize(("spill", "place"), [("scratch", "study/scratch"), ("/big/disk", "/big/disk")])
def test_a_spill_folder_is_relative_to_the_study(spill: str, place: str) -> None:
    settings = Study.model_validate({"engine": {"spill": spill, "memory": "2GB", "threads": 3}})
    found = limits_of(settings, Path("study"))
    assert (found.spill, found.memory, found.threads) == (Path(place), "2GB", 3)
