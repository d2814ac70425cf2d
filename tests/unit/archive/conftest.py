"""What the archive's tests share."""

import pytest


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment would come before the one these archives share."""
    monkeypatch.delenv("PRECIPICE_KEY", raising=False)
