"""What tests share: where the shared data lie, and when a missing part may be skipped."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def absent(reason: str) -> None:
    """Skip on a user's machine, fail where every part must be there (CI=true)."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real panels, recorded answers and samples, beside the project."""
    place = ROOT.parent / "shared" / "data"
    if not place.is_dir():
        absent("the shared data (../shared/data) are not beside the project")
    return place
