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


LONGEST = (
    "collection/test_paper.py", "unit/effects/test_size.py", "engines/test_parity.py", "engines/test_cluster.py",
    "engines/test_taking_in.py", "browser/test_page.py", "hygiene/test_documents.py", "oracle/test_publishing.py",
    "engines/test_spark.py", "unit/test_benchmarks.py", "oracle/test_effects.py", "oracle/test_peers.py",
    "hygiene/test_package.py", "property/test_archive.py", "property/test_collection_kills.py", "browser/test_site.py",
    "browser/test_explorer.py", "collection/test_whole.py", "unit/profiles/test_theme_search.py",
    "unit/report/test_page.py", "unit/report/test_loop_section.py", "unit/study/test_running.py",
)  # fmt: skip
"""Files of tests that take longest, which begin first, so that no worker is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; workers take whole files in this order (`--no-loadscope-reorder`)."""
    place = {ROOT / "tests" / name: index for index, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


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
