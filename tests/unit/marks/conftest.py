"""A folder for one file, and its record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from precipice.marks import FileMarks
from precipice.marks.reading import read_file

Read = Callable[[bytes], FileMarks]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Give a function that writes bytes to a file and reads its marks."""

    def write_and_read(content: bytes) -> FileMarks:
        (tmp_path / "file.bin").write_bytes(content)
        return read_file(tmp_path, "file.bin")

    return write_and_read
