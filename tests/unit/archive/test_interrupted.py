"""What breaks off half-way: a killed ingest, two at once, a full disk, too little memory."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pytest

from precipice.archive import Limits, read_manifest, reduce
from precipice.errors import InputError
from tests.unit.archive.archives import cells, contents, digest, key_file, rows, take_dump, take_uploads, upload

POSTS = 100_000
WRITE = f"""
COPY (SELECT i AS id, 'artist_' || hash(i) % 5000 AS tag_string_artist,
             strftime(TIMESTAMP '2020-01-01' + to_seconds(i * 600), '%Y-%m-%dT%H:%M:%S.000-05:00') AS created_at,
             array_to_string(list_transform(range(12), lambda k: 'tag_' || hash(i * 31 + k) % 3000), ' ')
                 AS tag_string_general
      FROM range(1, {POSTS} + 1) AS numbers(i)) TO $1 (FORMAT json)
"""
INGEST = """
import resource, sys
from pathlib import Path
from tests.unit.archive.archives import take_dump
archive, dump, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    print("begin", flush=True)
    print(take_dump(Path(archive), Path(dump)).kept)
except Exception as error:
    print(type(error).__name__, error)
    sys.exit(getattr(error, "exit_status", 99))
"""
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dump") / "posts.json"
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(WRITE, [str(place)])
    return place


def begin(archive: Path, dump: Path, limit: int = 0) -> subprocess.Popen[str]:
    """Start an ingest in a process of its own, and give it when its work begins."""
    key_file(archive)
    process = subprocess.Popen(
        [sys.executable, "-c", INGEST, str(archive), str(dump), str(limit)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    return process


def staging(archive: Path, since: float) -> bool:
    """Say whether an ingest has begun to write; what an earlier one left over is older, and may go at any time."""
    try:
        return any(part.stat().st_mtime >= since for part in archive.glob("*.part"))
    except FileNotFoundError:
        return False


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    words, _ = process.communicate(timeout=60)
    return process.returncode, words


def small(archive: Path) -> None:
    """Make an archive of three uploads, one of which the dump holds in a newer state."""
    take_uploads(archive, [upload(n, "sam", platform="danbooru") for n in (-2, -1, 7)])


def test_an_ingest_killed_at_any_moment_leaves_the_old_archive_whole_and_can_be_run_again(
    tmp_path: Path, dump: Path
) -> None:
    undisturbed = tmp_path / "undisturbed"
    small(undisturbed)
    running = begin(undisturbed, dump)
    started = time.monotonic()
    assert end(running) == (0, f"{POSTS}\n")
    whole = time.monotonic() - started
    wanted, archive = cells(reduce(undisturbed)), tmp_path / "archive"
    small(archive)
    before, old = contents(archive), rows(archive)
    killed = 0
    # From the first byte staged, not from the start: how long starting takes differs from run to run.
    for share in (*np.random.default_rng(1).uniform(0.0, 0.02, 2), 0.3):
        began = time.time()
        process = begin(archive, dump)
        while process.poll() is None and not staging(archive, began):
            time.sleep(0.005)
        time.sleep(share * whole)
        process.send_signal(signal.SIGKILL)
        status, _ = end(process)
        killed += status == -signal.SIGKILL
        held = contents(archive)
        if len(read_manifest(archive).sources) == 1:  # whatever is left over, the old archive is there to the byte
            assert {name: held.get(name) for name in before} == before
            assert rows(archive) == old
        else:
            assert cells(reduce(archive)) == wanted
    assert killed >= 2
    end(begin(archive, dump))
    assert cells(reduce(archive)) == wanted
    assert digest(archive) == digest(undisturbed)
    names = {file.name for file in read_manifest(archive).files} | {"manifest.json", ".lock"}
    assert {path.name for path in archive.iterdir() if not path.name.startswith("monthly")} == names


def test_two_ingests_at_once_are_one_ingest_and_one_clear_error(tmp_path: Path, dump: Path) -> None:
    archive = tmp_path / "archive"
    first = begin(archive, dump)
    deadline = time.monotonic() + 20
    while not (archive / "incoming.parquet.part").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(InputError, match="another ingest is at work") as refused:
        take_uploads(archive, [upload(1, "sam")])
    assert "wait until it is done" in refused.value.fix
    assert end(first) == (0, f"{POSTS}\n")
    assert read_manifest(archive).rows == POSTS
    assert take_uploads(archive, [upload(-1, "sam")]).kept == 1


@pytest.mark.parametrize("limit", [100_000, 1_000_000])
def test_a_file_that_may_not_grow_is_told_as_a_full_disk_and_nothing_is_lost(
    tmp_path: Path, dump: Path, limit: int
) -> None:
    archive = tmp_path / "archive"
    small(archive)
    before = contents(archive)
    status, words = end(begin(archive, dump, limit))
    assert status == 2, words
    assert "the disk is full" in words
    assert "free some space" in words
    assert contents(archive) == before


@pytest.fixture
def little_disk(tmp_path: Path) -> object:
    """A disk of its own with room for 2 MB, where this process may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("this process may not mount a disk; the limit on the size of files is tested all the same")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost(little_disk: Path, dump: Path) -> None:
    archive = little_disk / "archive"
    small(archive)
    before = contents(archive)
    with pytest.raises(InputError, match="the disk is full") as refused:
        take_dump(archive, dump)
    assert "No space left" in refused.value.why
    assert contents(archive) == before
    assert cells(reduce(archive)).total() == 3
    filler = little_disk / "filler"
    with pytest.raises(OSError, match="No space left"):  # not even room for the monthly table
        filler.write_bytes(bytes(3_000_000))
    with pytest.raises(InputError, match="the disk is full"):
        reduce(archive, clock="source")
    with pytest.raises(InputError, match="the disk is full"):
        take_uploads(archive, [upload(1, "ann")], "more")
    filler.unlink()
    assert take_uploads(archive, [upload(1, "ann")], "more").kept == 1


def test_too_little_memory_is_told_and_nothing_is_lost(tmp_path: Path, dump: Path) -> None:
    archive = tmp_path / "archive"
    small(archive)
    before = contents(archive)
    from precipice.sources.dumps import danbooru2023
    from tests.unit.archive.archives import take

    with pytest.raises(InputError, match="memory is not enough") as refused:
        take(archive, danbooru2023.intake((dump,)), Limits("30MB", threads=1))
    assert "raise [engine] memory" in refused.value.fix
    assert contents(archive) == before


@pytest.mark.skipif(os.name != "posix", reason="signals of Unix")
def test_the_reduction_may_be_killed_and_run_again(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, [upload(n, "sam") for n in range(5)])
    wanted = cells(reduce(archive))
    (table,) = archive.glob("monthly-first-*.arrow")
    whole = table.read_bytes()
    table.rename(table.with_suffix(".part"))  # a kill before the file is in its place
    assert cells(reduce(archive)) == wanted
    for length in (0, 7, len(whole) // 2, len(whole) - 1):  # a machine that stopped before the file was on its disk
        table.unlink()
        table.write_bytes(whole[:length])
        assert cells(reduce(archive)) == wanted
        assert table.read_bytes() == whole


def test_words_of_a_subprocess_are_json_free_of_traces(tmp_path: Path, dump: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"id": 1}) + "\n{\n")
    status, words = end(begin(tmp_path / "archive", broken))
    assert status == 2
    assert "Traceback" not in words
    assert "broken.json:1" in words
