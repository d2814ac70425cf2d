import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = "platform,item,artist,when,reach\n" + "".join(
    f"site,{who}-{month},artist {who},2021-{month + 1:02d}-15T12:00:00Z,{100 * who}\n"
    for who in range(60)
    for month in range(who % 11, 12)
)
MAP = "creator=artist,published=when,id=item,followers=reach"


def precipice(*words: object, cwd: Path, status: int = 0, given: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "precipice", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, check=False, input=given,
        env={**os.environ, "PRECIPICE_KEY": "11" * 16, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "uploads.csv").write_text(ROWS)
    precipice("ingest", "uploads.csv", "study", "--as", "table", "--columns", MAP, cwd=folder)
    return folder


def test_the_series_come_out_as_the_stated_json(place: Path) -> None:
    done = precipice(
        "cohorts",
        "study",
        "--cutoff",
        "2021-06",
        "--cap",
        1,
        "--from",
        "2021-03",
        "--to",
        "2021-12",
        "--json",
        cwd=place,
    )
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    assert list(found["series"][0]) == ["platform", "cohort", "month", "uploads", "capped", "creators", "entrants"]
    assert len(found["series"]) == 20
    seniors = [row for row in found["series"] if row["cohort"] == "senior"]
    assert [row["month"] for row in seniors] == [f"2021-{month:02d}" for month in range(3, 13)]
    assert seniors[0]["entrants"] == len([who for who in range(60) if who % 11 == 2])


def test_retention_is_added_on_request(place: Path) -> None:
    rows = json.loads(precipice("cohorts", "study", "--cutoff", "2021-06", "--retention", "--json", cwd=place).stdout)
    assert list(rows["retention"][0]) == ["platform", "vintage", "tenure", "creators", "active", "share"]
    assert rows["retention"][0]["share"] == 1.0


def test_words_go_to_stderr_and_rows_to_stdout(place: Path) -> None:
    done = precipice("cohorts", "study", "--cutoff", "2021-06", cwd=place)
    assert done.stdout.splitlines()[0].split() == [
        "platform", "cohort", "month", "uploads", "capped", "creators", "entrants",
    ]  # fmt: skip
    assert "is expected with no event at all" in done.stderr
    assert precipice("cohorts", "study", "--cutoff", "2021-06", "-q", cwd=place).stderr == ""


def test_a_draw_is_written_down(place: Path) -> None:
    done = precipice(
        "cohorts", "study", "--cutoff", "2021-06", "--n", 25, "--where", "followers > 1000", "--seed", 1, cwd=place
    )
    lines = (place / "study" / "tables" / "draw.csv").read_text().splitlines()
    assert lines[0] == "platform,creator,probability"
    assert len(lines) == 26
    assert "25 of 49 on site" in done.stderr


def test_the_same_file_again_changes_nothing(place: Path) -> None:
    archive = place / "study" / "archive"
    before = {path.name: path.read_bytes() for path in archive.glob("*.*")}
    done = precipice("ingest", "uploads.csv", "study", "--as", "table", "--columns", MAP, cwd=place)
    assert "0 kept" in done.stderr
    assert {path.name: path.read_bytes() for path in archive.glob("*.*")} == before


def test_the_archive_of_a_study_is_here_by_default(place: Path) -> None:
    precipice("cohorts", "--cutoff", "2021-06", cwd=place / "study")


ERRORS = {
    "an unknown verb": (["cohrts"], 2, ["there is no command 'cohrts'", "did you mean:  precipice cohorts"]),
    "an unknown option": (["cohorts", "study", "--cutof", "2021-06"], 2, ["--cutoff", "precipice cohorts --help"]),
    "a missing column": (
        ["ingest", "uploads.csv", "other", "--as", "table"], 2,
        ["column 'id' is missing", "--> uploads.csv:1", "why: the header has: platform, item, artist, when, reach",
         "fix: rename", "[columns]"],
    ),
    "a file that is not there": (["ingest", "nothing.csv", "other", "--as", "table"], 2, ["there is no such file"]),
    "no kind": (["ingest", "uploads.csv", "other"], 2, ["--as is missing"]),
    "a cutoff outside the data": (
        ["cohorts", "study", "--cutoff", "2031-01"], 2,
        ["the cutoff 2031-01 is outside the data", "2021-01 to 2021-12"],
    ),
    "a month that is none": (["cohorts", "study", "--cutoff", "2021-15"], 2, ["'2021-15' is not a month", "--cutoff"]),
    "no archive": (["cohorts", "nowhere"], 2, ["there is no archive here", "precipice ingest"]),
    "a cohort too small": (["report", "study", "--config", "small.toml"], 2, ["too small", "at least 20"]),
    "an example nobody knows": (["init", "new", "--example", "opnmoji"], 2, ["no example", "openmoji, paper"]),
    "a study that is there": (["init", "made"], 2, ["there is a study here already"]),
    "no run to check": (["report", "made", "--check"], 2, ["no run is on record"]),
    "a condition nobody can read": (["cohorts", "study", "--where", "likes > 3"], 2, ["cannot read the condition"]),
    "a data set nobody knows": (["ingest", "--dataset", "danboru", "other"], 2, ["did you mean 'danbooru2023'"]),
    "a mirror without the file": (
        ["ingest", "--dataset", "danbooru2023", "--mirror", ".", "other"], 2, ["the mirror has no posts.json"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_what_goes_wrong_is_said_with_what_where_why_and_fix(place: Path, case: str) -> None:
    (place / "small.toml").write_text('[study]\ncutoff = "2021-02"\n')
    (place / "made").mkdir(exist_ok=True)
    (place / "made" / "precipice.toml").touch()
    words, status, parts = ERRORS[case]
    done = precipice(*words, cwd=place, status=status)
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr


def test_a_bad_date_names_its_line_and_how_many_there_are(place: Path) -> None:
    (place / "bad.csv").write_text("platform,id,creator,published\ns,1,a,2021-01-02\ns,2,a,soon\ns,3,a,later\n")
    done = precipice("ingest", "bad.csv", "other", "--as", "table", cwd=place, status=2)
    assert "2 of 3 rows have no readable date" in done.stderr
    assert "--> bad.csv:3" in done.stderr
    assert "'soon'" in done.stderr
    done = precipice("ingest", "bad.csv", "other", "--as", "table", "--on-bad", "drop", "--json", cwd=place)
    assert json.loads(done.stdout)["source"]["dropped"] == {"bad_date": 2}


def test_text_in_brackets_comes_through_as_it_is(place: Path) -> None:
    (place / "[red]x.csv").write_text("a,b\n1,2\n")
    done = precipice("ingest", "[red]x.csv", "other", "--as", "table", cwd=place, status=2)
    assert "[red]x.csv:1" in done.stderr


def test_a_pipe_that_closes_early_is_no_failure(place: Path) -> None:
    command = f"{sys.executable} -m precipice cohorts study --cutoff 2021-06 2>/dev/null | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=place, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("platform")
    assert done.stderr == ""


def test_ctrl_c_stops_at_once_keeps_what_was_there_and_says_how_to_go_on(place: Path, tmp_path: Path) -> None:
    post = '{"id": %d, "created_at": "2022-01-01T00:00:00Z", "tag_string_artist": "a%d", "tag_string_general": "%s"}\n'
    tags = " ".join(f"tag_{number}" for number in range(40))
    with (tmp_path / "posts.json").open("w") as file:
        file.writelines(post % (number, number % 5000, tags) for number in range(400_000))
    archive = place / "study" / "archive"
    before = {path.name: path.read_bytes() for path in archive.glob("*.*")}
    running = subprocess.Popen(
        [sys.executable, "-m", "precipice", "ingest", tmp_path / "posts.json", "study", "--as", "danbooru2023", "-v"],
        cwd=place, stderr=subprocess.PIPE, text=True, env={**os.environ, "PRECIPICE_KEY": "11" * 16},
    )  # fmt: skip
    assert running.stderr is not None
    for line in running.stderr:
        if "read the rows" in line:
            break
    running.send_signal(signal.SIGINT)
    words = running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert "Go on with:" in words
    assert "precipice ingest" in words
    assert {path.name: path.read_bytes() for path in archive.glob("*.*") if path.suffix != ".part"} == before
