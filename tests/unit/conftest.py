"""Studies that several units' tests look at, made once."""

from pathlib import Path

import pytest

import precipice as pc
from tests.unit.linked import FILE, uploads


@pytest.fixture(scope="session")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the studies `labelled` and `silent`."""
    folder = tmp_path_factory.mktemp("linked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECIPICE_KEY", "00" * 16)
        for name, labelled in (("labelled", True), ("silent", False)):
            (folder / f"{name}.csv").write_text(uploads(labelled=labelled))
            pc.ingest(folder / name, folder / f"{name}.csv", kind="table")
            (folder / name / "precipice.toml").write_text(FILE)
    return folder
