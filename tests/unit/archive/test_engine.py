"""The engine keeps to its limits, and its failures are told in words."""

import os
from pathlib import Path

import duckdb
import pytest

from precipice.archive.engine import Limits, connect, full_disk, one_row, told_plainly
from precipice.errors import CheckError, InputError


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    return str(one_row(connection, f"SELECT current_setting('{name}')")[0])


def test_the_engine_uses_what_the_limits_say(tmp_path: Path) -> None:
    with connect(Limits(memory="300MB", threads=3, spill=tmp_path / "other"), tmp_path / "spill") as connection:
        assert setting(connection, "threads") == "3"
        assert setting(connection, "memory_limit") == "286.1 MiB"
        assert setting(connection, "temp_directory") == str(tmp_path / "other")
        assert setting(connection, "TimeZone") == "UTC"


def test_threads_are_as_asked_where_the_system_does_not_count_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    with connect(Limits(threads=1), tmp_path / "spill") as connection:
        assert setting(connection, "threads") == "1"
    with connect(Limits(), tmp_path / "spill") as connection:
        assert setting(connection, "threads") == str(os.cpu_count())


@pytest.mark.parametrize("memory", ["lots", "7 apples", "'; DROP"])
def test_memory_that_is_no_amount_is_said_so(tmp_path: Path, memory: str) -> None:
    with pytest.raises(InputError, match="memory cannot be") as refused, connect(Limits(memory), tmp_path / "spill"):
        pass
    assert "700MB" in refused.value.fix


def test_too_little_memory_is_told_plainly(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="memory is not enough") as refused,
        connect(Limits("20MB", threads=1), tmp_path / "spill") as connection,
    ):
        connection.execute(
            "SELECT max(len(all_of)) FROM (SELECT list(i) AS all_of FROM range(9000000) t(i) GROUP BY i % 9)"
        )
    assert "[engine] memory" in refused.value.fix
    assert refused.value.exit_status == 2


def test_a_spill_folder_without_room_is_a_full_disk(tmp_path: Path) -> None:
    other = tmp_path / "other"
    with (
        pytest.raises(InputError, match="the disk is full") as refused,
        connect(Limits("60MB", threads=1, spill=other), tmp_path / "own") as connection,
    ):
        connection.execute(  # 5 MB are what a disk with 5 MB left comes to
            "SET max_temp_directory_size = '5MB';"
            "SELECT count(*) FROM (SELECT hash(i) AS h FROM range(4000000) t(i) GROUP BY h ORDER BY h)"
        )
    assert refused.value.where == str(other)
    assert "offload" in refused.value.why


def test_a_spill_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(InputError, match="spill cannot be") as refused,
        connect(Limits(spill=tmp_path / "file" / "spill"), tmp_path / "own"),
    ):
        pass
    assert str(tmp_path / "file") in refused.value.why


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(27, "File too large"),
        OSError(122, "Disk quota exceeded"),
        duckdb.IOException('IO Error: Could not write to file "x": No space left on device'),
    ],
)
def test_a_full_disk_is_told_plainly(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(InputError, match="the disk is full") as refused, told_plainly(tmp_path):
        raise error
    assert refused.value.where == str(tmp_path)
    assert "unchanged" in refused.value.fix
    assert str(full_disk(tmp_path, "why")).splitlines()[0] == "the disk is full"


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), duckdb.IOException("IO Error: odd")])
def test_other_failures_pass_through_as_they_are(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)), told_plainly(tmp_path):
        raise error


def test_a_query_that_gives_no_row_is_a_failed_check() -> None:
    with duckdb.connect() as connection, pytest.raises(CheckError, match="gave no row"):
        one_row(connection, "SELECT 1 WHERE false")
