"""The doctor says of each thing whether it is there, and what a study takes."""

import json
from pathlib import Path

import pytest
from studies.cluster.measure import read_calls, read_tasks
from studies.cluster.rates import core_us, driver_us, fit

from precipice.archive.engine import bytes_of
from precipice.archive.engines import probing
from precipice.archive.engines.addresses import without_secrets
from precipice.study import Study, health
from precipice.study.rates import RATES
from tests.conftest import ROOT
from tests.unit.cli.test_commands import precipice


def test_each_line_has_a_verdict_and_what_is_short_ends_in_one_error(tmp_path: Path) -> None:
    done = precipice("doctor", "study", "--uploads", "5e12", cwd=tmp_path, status=1)
    lines = [line.split()[:2] for line in done.stdout.splitlines() if line[:1] in "✓·!✗"]
    assert ["✓", "fine"] in lines
    assert ["!", "short"] in lines
    assert "engine duckdb" in done.stdout
    assert "answers" in done.stdout
    assert "disk for the archive" in done.stderr


def test_the_json_says_the_same(tmp_path: Path) -> None:
    found = json.loads(precipice("doctor", "--uploads", "1000", "--json", cwd=tmp_path).stdout)
    assert {line["verdict"] for line in found["lines"]} <= {"fine", "not used"}
    assert found["need"]["cells"] == 476


def test_an_engine_that_does_not_answer_is_said_so_and_no_secret_with_it(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    done = precipice("doctor", "--engine", "spark=sc://127.0.0.1:port/;token=hush", cwd=tmp_path, status=1)
    assert "✗ missing" in done.stdout
    assert "check the address" in done.stdout
    assert "hush" not in done.stdout + done.stderr


def test_what_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "_version", lambda package: None)
    for name in ("polars", "spark", "sail", "bigquery", "trino"):
        reach = probing.installed(name)
        assert not reach.reachable
        assert f"precipice[{name}]" in reach.fix


@pytest.mark.parametrize(("found", "words"), [(None, "Java is missing"), (11, "Java is 11, too old")])
def test_spark_without_a_java_it_can_use_says_so(
    monkeypatch: pytest.MonkeyPatch, found: int | None, words: str
) -> None:
    monkeypatch.setattr(probing, "find_spec", lambda name: object())
    monkeypatch.setattr(probing, "_version", lambda package: "4.2.1")
    monkeypatch.setattr(probing, "java_version", lambda: found)
    reach = probing.installed("spark")
    assert words in reach.words
    assert "Java 17" in reach.fix


def test_what_a_study_takes_grows_with_it_and_falls_with_cores() -> None:
    small, large = health.estimate(10**6, Study(), 2), health.estimate(10**8, Study(), 2)
    assert large.cells == pytest.approx(100 * small.cells, rel=1e-4)
    assert large.archive_bytes == pytest.approx(100 * small.archive_bytes, rel=1e-4)
    assert health.estimate(10**8, Study(), 100).reduce_s < large.reduce_s


def test_the_rates_are_those_that_were_measured() -> None:
    stages = json.loads((ROOT / "benchmarks" / "results.json").read_text())["stages"]
    ingest = stages["ingest"]["ways"]["precipice"]["net_s"]
    assert RATES["duckdb"].ingest_us == pytest.approx(ingest / 5.0, rel=0.01)
    assert RATES["duckdb"].cells == pytest.approx(stages["panel"]["compared"]["rows"] / 5e6, rel=0.01)


def test_the_rates_of_spark_are_those_of_the_plan_for_a_cluster() -> None:
    tasks, calls = read_tasks(), read_calls()
    assert RATES["spark"].reduce_us == pytest.approx(core_us(tasks, calls), rel=0.01)
    assert RATES["spark"].driver_us == pytest.approx(driver_us(fit(tasks, calls)), rel=0.01)
    ways = json.loads((ROOT / "benchmarks" / "results_engines.json").read_text())["sizes"][-1]["ways"]
    assert RATES["spark"].start_s == pytest.approx(ways["ours-spark=local[*]"]["startup_s"] / 2, rel=0.01)
    assert RATES["sail"].reduce_us == pytest.approx(ways["ours-spark=sail"]["net_s"], rel=0.01)  # of a million
    assert RATES["sail"].start_s == pytest.approx(ways["ours-spark=sail"]["startup_s"], rel=0.01)


def test_no_number_of_cores_saves_what_the_driver_does() -> None:
    study = Study().with_engine("spark=spark://head:7077")
    few, many = (health.estimate(5 * 10**9, study, cores) for cores in (100, 10**6))
    assert few.engine == "spark"
    assert few.reduce_s > many.reduce_s > 5e9 * RATES["spark"].driver_us / 1e6


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("sc://host:15002/;token=abc;use_ssl=true", "sc://host:15002/;token=…;use_ssl=true"),
        ("trino://me:pass@host/c/s/t", "trino://me:…@host/c/s/t"),
        ("https://host/f?X-Amz-Signature=12ab&x=1", "https://host/f?X-Amz-Signature=…&x=1"),
        ("local[4]", "local[4]"),
        (None, ""),
    ],
)
def test_secrets_of_addresses_stay_where_they_are(text: str | None, bare: str) -> None:
    assert without_secrets(text) == bare


@pytest.mark.parametrize(("text", "number"), [("700MB", 7e8), ("2GiB", 2**31), ("1.5 GB", 1.5e9), ("lots", 0)])
def test_amounts_of_memory_are_read_as_the_engine_writes_them(text: str, number: float) -> None:
    assert bytes_of(text) == number


def test_durations_and_sizes_are_written_for_reading() -> None:
    assert [health.duration(s) for s in (3, 300, 8_000, 400_000)] == [
        "3.0 seconds",
        "5.0 minutes",
        "2.2 hours",
        "4.6 days",
    ]
    assert [health.size(s) for s in (5e3, 5e6, 5e9, 5e12)] == ["5 kB", "5.0 MB", "5.0 GB", "5.0 TB"]
