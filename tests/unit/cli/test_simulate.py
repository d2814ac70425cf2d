"""`precipice simulate`, run as a command."""

import json
from pathlib import Path

import numpy as np
import pytest

from precipice.cli import main
from precipice.loops import Loop, simulate
from tests.unit.cli.test_commands import precipice


def test_the_stated_example_gives_the_stated_json(tmp_path: Path) -> None:
    words = "simulate --model gaussian --policy synthetic --n 50 --dimension 1 --generations 20 --bias 0.9"
    done = precipice(*words.split(), "--replicates", 20_000, "--seed", 1, "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    assert list(found["trace"][0]) == ["generation", "metric", "mean", "low", "high", "theory"]
    variance = [row for row in found["trace"] if row["metric"] == "variance"]
    assert [row["generation"] for row in variance] == list(range(21))
    assert variance[20]["theory"] == pytest.approx(0.9**20)
    error = (variance[20]["high"] - variance[20]["low"]) / (2 * 1.96)
    assert abs(variance[20]["mean"] - 0.9**20) < 4 * error
    assert "95 % limits of the mean" in found["interval"]
    # The verb and the command are one.
    same = simulate(Loop(n=50, generations=20, bias=0.9), replicates=20_000, seed=1)
    assert same.rows() == found["trace"]


def test_words_and_rows_come_apart_and_a_figure_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "supply.csv").write_text(
        "month,human,synthetic\n" + "".join(f"2022-{m:02d},{100 - m},{9 * m}\n" for m in range(1, 13))
    )
    done = precipice("simulate", "--policy", "fresh", "--supply", "supply.csv", "--every", 3, "--sensitivity", 0.8,
                     "--specificity", 0.95, "--metric", "variance", "--replicates", 20, "--figure", "loop.svg",
                     cwd=tmp_path)  # fmt: skip
    assert done.stdout.splitlines()[0].split() == ["metric", "generation", "mean", "low", "high", "theory"]
    assert len(done.stdout.splitlines()) == 1 + 4
    assert "supply.csv, 3 entries a generation, less what is labelled" in done.stderr
    assert (tmp_path / "loop.svg").read_text().startswith("<svg")


def test_real_works_come_from_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "works.npy", np.random.default_rng(1).standard_normal((90, 2)))
    done = precipice("simulate", "--works", "works.npy", "--n", 30, "--model", "kde", "--option", "bandwidth=0.5",
                     "--generations", 1, "--replicates", 2, "--json", "-q", cwd=tmp_path)  # fmt: skip
    found = json.loads(done.stdout)
    assert found["source"] == "samples"
    assert set(found["floor"]) == {"frechet", "precision", "recall", "tail_recall"}
    assert all(value is not None for value in found["floor"].values())


def test_the_best_weight_is_worked_out(tmp_path: Path) -> None:
    done = precipice("simulate", "--policy", "fresh", "--n", 20, "--weight", "best", "--replicates", 9, cwd=tmp_path)
    assert "weight 0.618 on human works" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--share 1.2 --policy fresh", "the human share is 1.2"),
        ("--model gausian", "there is no model 'gausian'"),
        ("--sensitivity 0.8", "--specificity is missing"),
        ("--sensitivity 0.4 --specificity 0.5", "tells nothing"),
        ("--supply nowhere.csv", "the supply cannot be read"),
        ("--supply nowhere.csv --n 5", "--supply and --n or --share are both given"),
        ("--works nowhere.npy", "the works cannot be read"),
        ("--option components", "cannot read 'components'"),
        ("--option components=3", "the model 'gaussian' has no option 'components'"),
        ("--weight heavy --policy fresh", "cannot read 'heavy' as a weight"),
        ("--weight best --policy fresh --share 1", "there is no best weight"),
        ("--replicates 0", "0 replicates are asked for"),
        ("--figure loop.gif --n 5 --replicates 2", "names no format"),
    ],
)
def test_bad_input_gets_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["precipice", "simulate", *words.split()])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "error: " in said.splitlines()[0]
    assert message in said
    assert "fix: " in said
