"""The benchmark of engines: what a way leaves behind counts, and a row that differs is found."""

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
BUSY = "import time; end = time.process_time() + {seconds}\nwhile time.process_time() < end: pass"
SECONDS = 0.4


def run(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=BENCHMARKS, capture_output=True, text=True, check=False
    )


def test_an_orphan_is_waited_for_and_counted(tmp_path: Path) -> None:
    code = f"""
import sys; from pathlib import Path; from measuring import measure
busy = {BUSY.format(seconds=SECONDS)!r}
leave = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]])"
command = [sys.executable, "-c", leave, busy]
out = Path(sys.argv[1])
print(measure([sys.executable, "reaped.py", *command], out).cpu, measure(command, out).cpu)
"""
    done = run(code, str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    with_orphans, without = map(float, done.stdout.split())
    assert with_orphans > SECONDS
    assert with_orphans - without > SECONDS / 2


def test_ways_that_give_other_rows_fail_the_run(tmp_path: Path) -> None:
    code = """
import json, sys; from pathlib import Path; import engines; from measuring import Place
folder = Path(sys.argv[1]); place = Place(folder, folder / "dump", 1, 1, 1)
for way in engines.WAYS:
    place.output("series", way.name).write_text(json.dumps({"series": [{"uploads": 1}]}))
print(engines.compare(place))
place.output("series", "ours-polars").write_text(json.dumps({"series": [{"uploads": 2}]}))
engines.compare(place)
"""
    done = run(code, str(tmp_path))
    assert done.stdout == "1\n"
    assert done.returncode == 1
    assert "ours-polars gave other rows" in done.stderr


def test_the_page_is_written_from_the_results() -> None:
    place = BENCHMARKS / "results_engines.json"
    done = run("import json, sys, engines; print(engines.page(json.load(open(sys.argv[1]))), end='')", str(place))
    assert done.stdout == (BENCHMARKS / "results_engines.md").read_text()
    assert {size["rows"] for size in json.loads(place.read_text())["sizes"]} >= {200_000}


def test_the_page_of_ingest_is_written_from_its_results() -> None:
    place = BENCHMARKS / "results_engine_ingest.json"
    code = "import json, sys, engine_ingest; print(engine_ingest.page(json.load(open(sys.argv[1]))), end='')"
    done = run(code, str(place))
    assert done.stdout == (BENCHMARKS / "results_engine_ingest.md").read_text()
    assert json.loads(place.read_text())["compared"] > 150_000
