"""A cluster of several processes reduces an archive, and goes on when one of its workers dies in the middle."""

import json
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from precipice.archive import Limits, reduce
from precipice.archive.engines.spark import session_of
from tests.engines import driver
from tests.engines.answers import forget
from tests.engines.cluster import connect_server, standalone
from tests.engines.conftest import need_spark
from tests.engines.test_taking_in import compare, stream, table
from tests.unit.archive.archives import NOON, take_table, upload

FILES, ROWS = 10, 8_000
HOW_LONG = 120  # seconds; it takes a tenth of them
UPLOADS = f"""
SELECT 'site' AS platform, '{{number}}-' || i AS id, 'c' || (i * 7919 + {{number}}) % 5000 AS creator,
       TIMESTAMPTZ '2019-01-01 00:00:00+00' + INTERVAL (i * 97 + {{number}}) MINUTE AS published, i % 1000 AS followers
FROM range({ROWS}) t(i)
"""


def large_archive(place: Path) -> Path:
    """An archive of many files, so that a reduction is many tasks."""
    place.mkdir()
    with duckdb.connect() as connection:
        for number in range(FILES):
            target = place / f"{number}.parquet"
            connection.execute(f"COPY ({UPLOADS.format(number=number)}) TO '{target}' (FORMAT parquet)")
            take_table(place / "archive", target)
    return place / "archive"


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_of_a_reduction_changes_nothing(tmp_path: Path) -> None:
    need_spark()
    archive = large_archive(tmp_path / "study")
    expected = reduce(archive, limits=Limits(threads=1))
    forget(archive)
    halfway, result = tmp_path / "halfway", tmp_path / "result.json"
    with standalone(tmp_path / "cluster") as cluster, (tmp_path / "driver.log").open("wb") as log:
        words = [sys.executable, *map(str, (driver.__file__, archive, cluster.address, halfway, result))]
        with subprocess.Popen(words, env=cluster.environment, stdout=log, stderr=subprocess.STDOUT) as running:
            until = time.monotonic() + HOW_LONG
            while not halfway.exists():
                assert running.poll() is None, (tmp_path / "driver.log").read_text()
                assert time.monotonic() < until
                time.sleep(0.01)
            cluster.kill(0)
            assert not result.exists()
            assert running.wait(HOW_LONG) == 0, (tmp_path / "driver.log").read_text()
        assert cluster.workers[0].poll() is not None
        assert cluster.workers[1].poll() is None
    found = json.loads(result.read_text())
    assert found["before"] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert found["after"] == ["127.0.0.1", "127.0.0.3"]
    for name in ("creators", "indptr", "months", "counts", "followers"):
        assert found[name] == getattr(expected, name).tolist(), name
    assert sum(found["counts"]) == FILES * ROWS


@pytest.mark.slow
def test_a_server_of_spark_connect_makes_the_same_archive(tmp_path: Path) -> None:
    need_spark()
    header = "platform,id,creator,published,followers\n"
    rows = (f'site,1,"sam ""s""",{NOON},7.5', "site,2,ann,2020-02-29T23:59:59-12:00,x", f"site,1,zoe,{NOON},7.5",
            "site,3,ann,soon,", "site,4,ann")  # fmt: skip
    (tmp_path / "a.csv").write_text(header + "".join(row + "\n" for row in rows))
    again = stream("newer", upload(2, "ann", updated="2024-01-01T00:00:00Z"), upload(5))
    with connect_server(tmp_path / "server") as address:
        limits = Limits(engine="spark", master=address)
        first, second = compare(tmp_path, limits, table(tmp_path / "a.csv", on_bad="drop"), again)
        session_of(limits, tmp_path).stop()  # else this process waits for the server at its end
    assert first.dropped == {"bad_date": 1, "repeated": 1, "unreadable": 1}
    assert second.replaced == 1
