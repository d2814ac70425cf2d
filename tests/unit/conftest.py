"""Studies that several units' tests look at, made once."""

from pathlib import Path

import pytest

from tests.unit.linked import FILE, ingest_both, uploads


@pytest.fixture(scope="session")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the studies `labelled` and `silent`."""
    return ingest_both(tmp_path_factory.mktemp("linked"), uploads, FILE)
