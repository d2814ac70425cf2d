"""A loop fed by a study: its own uploads by generation, and what cannot feed one."""

import json
from pathlib import Path

import numpy as np
import pytest

import precipice as pc
from precipice.errors import InputError
from precipice.months import month_text
from precipice.study import read_study
from precipice.study.feeding import feed_of
from tests.unit.cli.test_commands import precipice
from tests.unit.linked import FILE, ingest_both
from tests.unit.study.test_supplying import uploads


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ingest_both(tmp_path_factory.mktemp("feeding"), uploads, FILE)


def counted(first: str, last: str) -> tuple[int, int]:
    """Count all uploads and the declared ones of some months in the file itself."""
    cells = [line.split(",") for line in uploads(labelled=True).splitlines()[1:]]
    inside = [cell for cell in cells if first <= cell[3][:7] <= last]
    return len(inside), sum(cell[4] == "true" for cell in inside)


def test_counted_generations_are_the_uploads_in_the_file(place: Path) -> None:
    found = feed_of(place / "labelled", read_study(place / "labelled"))
    feed = found.feed
    assert [month_text(int(month)) for month in found.starts[:3]] == ["2020-07", "2021-07", "2022-07"]
    assert found.known == 2
    assert found.source == "labelled"
    for generation, (first, last) in enumerate(
        [("2020-07", "2021-06"), ("2021-07", "2022-06"), ("2022-07", "2023-06")]
    ):
        total, declared = counted(first, last)
        # Totals are counted; shares are drawn around the label's, one half of an upload a month and cohort at the most.
        assert feed.total[generation] == pytest.approx(total, abs=2)
        assert feed.synthetic[generation] == pytest.approx(declared, abs=0.06 * total)
    assert feed.synthetic[0] == 0
    assert feed.generations == 5
    assert "2 are counted and 3 forecast" in feed.words


def test_a_feed_of_n_works_keeps_every_share(place: Path) -> None:
    whole, resized = pc.feed_of(place / "labelled"), pc.feed_of(place / "labelled", n=1_000)
    assert resized.total.tolist() == [1_000] * len(whole.total)
    assert np.abs(resized.human / 1_000 - whole.human / whole.total).max() <= 0.0005


def test_the_months_of_a_generation_may_be_chosen(place: Path) -> None:
    half = pc.feed_of(place / "labelled", months=6)
    assert half.total[0] == pytest.approx(counted("2021-01", "2021-06")[0], abs=2)
    assert half.generations > 5


def test_the_command_is_fed_by_a_study(place: Path) -> None:
    done = precipice("simulate", "--study", "labelled", "--policy", "fresh", "--bias", 0.9, "--replicates", 400,
                     "--metric", "variance", "--json", cwd=place)  # fmt: skip
    found = json.loads(done.stdout)
    assert found["seed"] == 1  # the study's
    last = found["trace"][-1]
    feed = pc.feed_of(place / "labelled")
    kept = 1.0
    for human, synthetic in zip(feed.human[1:], feed.synthetic[1:], strict=True):
        kept = (human + 0.9 * kept * synthetic) / (human + synthetic)
    assert last["theory"] == pytest.approx(kept, abs=2 / feed.total.min())
    assert abs(last["mean"] - last["theory"]) < 4 * (last["high"] - last["low"]) / (2 * 1.96)
    assert "uploads to site by 12 months" in found["loop"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--study silent", "human and synthetic uploads cannot be told apart"),
        ("--study labelled --platform moon", "there is no platform 'moon'"),
        ("--study labelled --share 0.5", "--study and --share are both given"),
        ("--study labelled --supply feed.csv", "--supply and --study are both given"),
        ("--study labelled --every 500", "a generation of 500 months does not fit"),
        ("--study labelled --n 1", "n is 1"),
        ("--platform site", "--platform is given without --study"),
    ],
)
def test_what_cannot_feed_a_loop_is_one_clear_error(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    from precipice.cli import main

    monkeypatch.chdir(place)
    monkeypatch.setattr("sys.argv", ["precipice", "simulate", *words.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert message in told
    assert "fix:" in told


def test_a_stated_share_feeds_a_loop_from_its_first_month_to_come(place: Path) -> None:
    study = read_study(place / "silent")
    study = study.model_copy(update={"supply": study.supply.model_copy(update={"share": "0.5"})})
    found = feed_of(place / "silent", study)
    assert (found.known, found.source) == (0, "stated")
    assert np.abs(found.feed.human[1:] / found.feed.total[1:] - 0.5).max() < 0.01
    with pytest.raises(InputError, match="cannot be told apart") as refused:
        feed_of(place / "silent", read_study(place / "silent"))
    assert "[supply]" in refused.value.fix
