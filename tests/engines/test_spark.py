"""What stops Spark is told in words: what is missing, what does not answer, what cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from precipice.archive import Limits, reduce
from precipice.archive.engines import ENGINES, open_engine, polars, spark
from precipice.archive.engines.spark_failures import told_in_our_words
from precipice.errors import InputError, MissingExtraError
from precipice.study.settings import EngineSection
from tests.unit.archive.archives import take_uploads, upload


def test_the_study_file_knows_every_engine() -> None:
    kinds = EngineSection.model_json_schema()["properties"]["name"]["enum"]
    assert sorted(kinds) == sorted(ENGINES)


def test_an_engine_that_there_is_not_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no engine 'flink'"), open_engine(Limits(engine="flink"), tmp_path):
        pass


@pytest.mark.parametrize(("module", "limits", "extra"), [
    (spark, Limits(engine="spark"), "spark"),
    (polars, Limits(engine="polars"), "polars"),
])  # fmt: skip
def test_an_engine_that_is_not_installed_names_its_extra(
    module: object, limits: Limits, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as refused, open_engine(limits, tmp_path):
        pass
    assert f"precipice[{extra}]" in refused.value.fix


@pytest.mark.parametrize("master", ["sc://127.0.0.1:1/;token=hush", "sc://127.0.0.1:1;token=hush", "sc:///;token=hush"])
def test_a_server_that_does_not_answer_is_one_error_at_once(sail: Limits, tmp_path: Path, master: str) -> None:
    with (
        pytest.raises(InputError, match="Spark does not answer") as refused,
        open_engine(Limits(engine="spark", master=master), tmp_path),
    ):
        pass
    assert "check the address" in refused.value.fix
    assert "hush" not in str(refused.value)


def test_an_archive_that_the_server_does_not_see_is_said_so(
    sail: Limits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam"), upload(2, "ann")])
    monkeypatch.setattr(spark, "address_of", lambda path, sail: "file:///nowhere/uploads.parquet")
    with pytest.raises(InputError, match=r"does not see this archive|cannot read the archive") as refused:
        reduce(tmp_path / "archive", limits=sail)
    assert "shared disk" in refused.value.fix
    assert not list((tmp_path / "archive").glob("monthly-*"))


def test_sessions_are_in_utc_wherever_the_machine_is(sail: Limits, tmp_path: Path) -> None:
    session = spark.session_of(sail, tmp_path)
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    (row,) = session.sql("SELECT date_format(timestamp_seconds(0), 'yyyy-MM-dd HH') AS epoch").toArrow().to_pylist()
    assert row == {"epoch": "1970-01-01 00"}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited before sending its port number.", "Java is missing"),
        ("java.lang.OutOfMemoryError: Java heap space", "memory is not enough"),
        ("java.io.IOException: No space left on device", "the disk is full"),
        ("All masters are unresponsive! Giving up.", "Spark does not answer"),
        ("something else\nat Foo.scala:1", "Spark failed"),
    ],
)
def test_each_failure_has_its_words(sail: Limits, tmp_path: Path, words: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as refused, told_in_our_words("spark://head:7077", tmp_path):
        raise RuntimeError(words)
    assert "unchanged" in refused.value.fix or "nothing was changed" in refused.value.fix
    assert "Foo.scala" not in str(refused.value)


def test_a_program_without_a_file_is_no_doctest_of_spark(sail: Limits, tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam"), upload(2, "ann")])
    program = (
        "import sys; from pathlib import Path; from precipice.archive import Limits, reduce; "
        f"found = reduce(Path({str(tmp_path / 'archive')!r}), limits=Limits(engine='spark', master='sail')); "
        "print(int(found.counts.sum()), hasattr(sys.modules['__main__'], '__file__'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["2", "False"], done.stderr


def test_children_of_a_process_with_a_session_become_what_they_were_forked_for(sail: Limits, tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam"), upload(2, "ann")])
    program = (
        "import os, subprocess; from pathlib import Path; from precipice.archive import Limits, reduce; "
        f"reduce(Path({str(tmp_path / 'archive')!r}), limits=Limits(engine='spark', master='sail')); "
        # A function of Python's in the child makes it a fork, as for Spark's Java.
        "print({subprocess.Popen(['true'], preexec_fn=os.getpid).wait() for _ in range(120)}, "
        "'GRPC_ENABLE_FORK_SUPPORT' in os.environ)"
    )
    outside = {name: value for name, value in os.environ.items() if name != "GRPC_ENABLE_FORK_SUPPORT"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=outside)
    assert done.stdout.split() == ["{0}", "False"], done.stderr


@pytest.mark.parametrize(
    ("memory", "megabytes"), [("700MB", 1_000), ("2GB", 2_000), ("1.5 GiB", 1_610), ("lots", 1_000)]
)
def test_its_driver_gets_the_memory_of_the_settings_and_what_it_needs_at_least(
    tmp_path: Path, memory: str, megabytes: int
) -> None:
    settings = spark._settings(None, Limits(memory), tmp_path)
    assert settings["spark.driver.memory"] == f"{megabytes}m"


@pytest.mark.parametrize("engine", ["sail", "spark"])
def test_a_folder_whose_name_has_signs_of_a_pattern_is_read(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "my study [1] ä*%20" / "archive"
    take_uploads(folder, [upload(1, "sam"), upload(2, "ann")])
    assert reduce(folder, limits=request.getfixturevalue(engine)).counts.tolist() == [1, 1]
