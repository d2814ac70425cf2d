"""What the package promises of itself: light to import, whole in its wheel, helpful in every command."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import precipice
from precipice.cli import COMMANDS
from tests.conftest import LONGEST, ROOT

HEAVY = ("numpy", "pandas", "duckdb", "pyarrow", "altair", "pydantic", "narwhals", "scipy", "click")


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_files_of_tests_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert not modules_after("import precipice") & set(HEAVY)


def test_asking_for_help_imports_no_mathematics_and_no_engine() -> None:
    assert not modules_after("import precipice.cli") & (set(HEAVY) - {"click"})


def test_a_command_imports_what_it_needs_and_no_more(tmp_path: Path) -> None:
    # Each part is slow to import, and a command that is used often does not need it.
    parts = {f"precipice.{name}" for name in ("effects", "loops", "marks", "profiles", "report", "supply")}
    unneeded = {"scipy", "pandas", "altair", "jinja2", *parts}
    precipice.init(tmp_path / "study", example="openmoji")
    words = ["precipice", "cohorts", str(tmp_path / "study"), "--cutoff", "2020-01", "--json", "--quiet"]
    command = f"import sys\nfrom precipice.cli import main\nsys.argv = {words}\nmain()"
    assert not modules_after(command) & unneeded
    assert "duckdb" not in modules_after(command)  # what was counted is kept, and no engine is asked


def test_no_public_name_is_also_a_module() -> None:
    modules = {path.stem for path in (ROOT / "src" / "precipice").iterdir()}
    assert not modules & set(precipice.__all__)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "precipice", name, "--help"], capture_output=True, text=True, check=True
    )
    assert f"precipice {name}" in done.stdout
    assert "Examples:" in done.stdout
    for option in ("--json", "--quiet", "--verbose", "--seed", "--config"):
        assert option in done.stdout


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            place,
            ROOT,
        ],
        check=True,
    )
    with zipfile.ZipFile(next(place.glob("precipice-*.whl"))) as wheel:
        wheel.extractall(place / "site")
    return place / "site"


def test_the_wheel_alone_runs_the_main_job(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "import precipice, sys; assert 'site' in precipice.__file__, precipice.__file__;"
        "from precipice.cli import main; sys.argv = ['precipice', 'report', 'study', '--example', 'openmoji']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(unpacked), "HOME": str(tmp_path), "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "study" / "report.html").stat().st_size > 10_000


def test_the_wheel_holds_no_tests_and_the_type_marker(unpacked: Path) -> None:
    assert (unpacked / "precipice" / "py.typed").exists()
    assert not (unpacked / "tests").exists()


def test_pinned_versions_name_no_address() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "://" not in text
    assert "file:" not in text
