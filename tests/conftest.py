"""What tests share: where the shared data lie, and when a missing part may be skipped."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def absent(reason: str) -> None:
    """Skip on a user's machine, fail where every part must be there (CI=true)."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def wanted(module: str, reason: str) -> Any:
    """Import a peer for a whole file of tests, or leave the file out with a reason; where CI=true it must be there."""
    return import_module(module) if os.environ.get("CI") == "true" else pytest.importorskip(module, reason=reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real panels, recorded answers and samples, beside the project."""
    place = ROOT.parent / "shared" / "data"
    if not place.is_dir():
        absent("the shared data (../shared/data) are not beside the project")
    return place
