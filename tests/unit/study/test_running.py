from datetime import UTC, datetime
from pathlib import Path

import pytest

import precipice as pc
from precipice.errors import CheckError, InputError
from precipice.months import parse_month
from precipice.study import ledger, open_panel, read_study, run

ROWS = "platform,id,creator,published,followers,tags\n" + "".join(
    f"{site},{site}{who}-{month},{who},20{21 + month // 12}-{month % 12 + 1:02d}-15,{1000 * who},{tag}\n"
    for site in ("a", "b")
    for who in range(50)
    for tag in [("ink", "oil")[who % 2]]
    for month in range(who % 20, 24, 3)
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRECIPICE_KEY", "00" * 16)
    (tmp_path / "uploads.csv").write_text(ROWS)
    pc.ingest(tmp_path / "study", tmp_path / "uploads.csv", kind="table")
    return tmp_path / "study"


def test_a_study_runs_from_archive_to_findings(folder: Path) -> None:
    findings = run(folder)
    assert findings.panel.platforms == ("a", "b")
    assert [series.cohort for series in findings.cohorts] == ["senior", "junior"] * 2
    assert sum(int(series.uploads.sum()) for series in findings.overall) == ROWS.count("\n") - 1
    assert findings.simulated is None
    assert findings.sources[0].kept == ROWS.count("\n") - 1


def test_a_platform_can_be_asked_for_alone(folder: Path) -> None:
    study = read_study(folder)
    study = study.model_copy(update={"study": study.study.model_copy(update={"platforms": ("b",)})})
    panel = open_panel(folder, study)
    assert panel.platforms == ("b",)
    assert len(panel) == 50
    assert set(panel.platform.tolist()) == {0}


def test_a_platform_that_is_not_in_the_archive_is_an_error(folder: Path) -> None:
    (folder / "precipice.toml").write_text('[study]\nplatforms = ["c"]\n')
    with pytest.raises(InputError, match="no platform 'c'"):
        run(folder)


def test_a_cohort_too_small_is_an_error_that_says_how_many(folder: Path) -> None:
    (folder / "precipice.toml").write_text('[study]\ncutoff = "2021-02"\n')
    with pytest.raises(InputError, match=r"the senior cohort is too small: 6 creators"):
        run(folder)


def test_a_draw_is_of_those_who_meet_the_condition(folder: Path) -> None:
    (folder / "precipice.toml").write_text(
        '[study]\nn = 30\nwhere = "followers > 9000 and tag = oil"\ncutoff = "2021-08"\n'
    )
    with pytest.raises(InputError, match="too small"):  # 20 odd numbers from 11 to 49 on each platform
        run(folder)
    panel = open_panel(folder)
    drawn = pc.sample(panel, 30, where="followers > 9000 and tag = oil", seed=1)
    assert drawn.eligible == {"a": 20, "b": 20}


def test_observation_is_as_long_as_the_study_says(folder: Path) -> None:
    (folder / "precipice.toml").write_text('[archive]\nobserved_from = "2020-01"\nobserved_to = "2023-06"\n')
    window = open_panel(folder).windows[0]
    assert (window.first, window.last) == (parse_month("2020-01"), parse_month("2023-06"))
    assert not window.truncated_first
    assert not window.unfinished_last


def test_a_last_upload_in_mid_month_leaves_the_month_unfinished(folder: Path) -> None:
    assert open_panel(folder).windows[0].unfinished_last


def test_a_simulated_study_says_what_was_planted(tmp_path: Path) -> None:
    pc.init(tmp_path / "paper", example="paper")
    findings = run(tmp_path / "paper", simulate=True)
    assert findings.panel.origin == "simulated"
    assert findings.simulated
    assert findings.panel.platforms == ("artstation", "danbooru", "deviantart")
    assert (findings.start, findings.end) == (parse_month("2021-01"), parse_month("2023-10"))


def test_a_study_without_an_archive_says_how_to_make_one(tmp_path: Path) -> None:
    pc.init(tmp_path / "paper", example="paper")
    with pytest.raises(InputError, match="there is no archive here") as caught:
        run(tmp_path / "paper")
    assert "precipice ingest" in str(caught.value)


def test_a_run_record_stands_until_an_input_changes(folder: Path) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    (folder / "precipice.toml").write_text("[study]\ncap = 1\n")
    page = folder / "report.html"
    page.write_text("x")
    record = ledger.describe(folder, read_study(folder), ["precipice", "report"], moment)
    place = ledger.keep(folder, record, [page], moment)
    assert place == folder / "runs" / "2026-01-02T030405Z" / "run.json"
    assert ledger.check(folder)["seed"] == 1
    (folder / "precipice.toml").write_text("[study]\ncap = 2\n")
    with pytest.raises(CheckError, match="stale") as caught:
        ledger.check(folder)
    assert "precipice.toml has changed" in str(caught.value)
    assert caught.value.exit_status == 1


def test_a_new_input_makes_a_record_stale_too(folder: Path) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    ledger.keep(folder, ledger.describe(folder, read_study(folder), [], moment), [], moment)
    (folder / "events.csv").write_text("name,date,label,source\n")
    with pytest.raises(CheckError, match="stale") as caught:
        ledger.check(folder)
    assert "events.csv is new" in str(caught.value)


def test_a_folder_without_a_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run is on record"):
        ledger.check(tmp_path)
