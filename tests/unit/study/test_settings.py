from pathlib import Path

import pytest

from precipice.errors import InputError
from precipice.months import parse_month
from precipice.study.events import find_events
from precipice.study.settings import Study, read_study


def study_of(tmp_path: Path, text: str) -> Study:
    (tmp_path / "precipice.toml").write_text(text, encoding="utf-8")
    return read_study(tmp_path)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        study_of(tmp_path, text)
    return str(caught.value)


def test_a_folder_without_a_file_has_the_papers_defaults(tmp_path: Path) -> None:
    study = read_study(tmp_path).study
    assert (study.cutoff, study.cap, study.n) == (parse_month("2022-01"), 1, None)
    assert study.events == ("nft-boom", "dall-e-2", "stable-diffusion")


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    study = study_of(
        tmp_path,
        '[study]\ntitle = "T"\nfrom = "2021-01"\nto = "2023-10"\ncutoff = 2022-01-01\ncap = 3\nplatforms = ["a", "b"]\n'
        '[columns]\ncreator = "artist"\n[engine]\nthreads = 1\n[archive]\nobserved_to = "2023-10"\n',
    )
    assert (study.study.start, study.study.end) == (parse_month("2021-01"), parse_month("2023-10"))
    assert study.study.platforms == ("a", "b")
    assert study.columns.creator == "artist"
    assert study.archive.observed_to == parse_month("2023-10")


def test_an_unknown_key_points_at_its_line_and_suggests_the_right_one(tmp_path: Path) -> None:
    words = complaint(tmp_path, '# first\n[study]\ntitle = "T"\ncutof = "2022-01"\n')
    assert words.startswith("there is no key 'cutof' in [study]")
    assert "--> precipice.toml:4" in words
    assert "write 'cutoff'" in words


def test_an_unknown_section_points_at_its_line(tmp_path: Path) -> None:
    words = complaint(tmp_path, "[study]\n\n[studie]\ncap = 1\n")
    assert "there is no key 'studie'" in words
    assert "precipice.toml:3" in words
    assert "write 'study'" in words


def test_a_wrong_type_points_at_its_line_and_shows_a_right_one(tmp_path: Path) -> None:
    words = complaint(tmp_path, '[study]\ncutoff = "2022-01"\ncap = "one"\n')
    assert "[study] cap cannot be 'one'" in words
    assert "precipice.toml:3" in words
    assert "cap = 1" in words


@pytest.mark.parametrize("value", ['"2022-13"', '"soon"', '"2022-02-30"'])
def test_an_impossible_date_points_at_its_line(tmp_path: Path, value: str) -> None:
    words = complaint(tmp_path, f"[study]\ncap = 1\ncutoff = {value}\n")
    assert "precipice.toml:3" in words
    assert "is not a month" in words


def test_a_date_that_toml_refuses_points_at_its_line(tmp_path: Path) -> None:
    words = complaint(tmp_path, "[study]\ncutoff = 2022-02-30\n")
    assert words.startswith("the study file is not TOML")
    assert "precipice.toml:2" in words


def test_months_the_wrong_way_round_say_so(tmp_path: Path) -> None:
    words = complaint(tmp_path, '[study]\nfrom = "2023-01"\nto = "2021-01"\n')
    assert "'to' (2021-01) is before 'from' (2023-01)" in words


def test_a_cap_below_one_is_refused(tmp_path: Path) -> None:
    assert "greater than or equal to 1" in complaint(tmp_path, "[study]\ncap = 0\n")


def test_shipped_events_have_the_papers_months_and_a_source(tmp_path: Path) -> None:
    events = find_events(("nft-boom", "dall-e-2", "stable-diffusion"), tmp_path)
    assert [event.month for event in events] == [parse_month(m) for m in ("2021-03", "2022-04", "2022-08")]
    assert all(event.source for event in events)


def test_lines_of_the_events_file_are_events_too(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("# mine\nname,date,label,source\nban,2020-05-04,The ban,a blog\n")
    events = find_events(("dall-e-2",), tmp_path)
    assert [event.name for event in events] == ["dall-e-2", "ban"]
    assert str(events[1]) == "The ban (2020-05)"


def test_an_event_nobody_knows_is_met_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no event 'stable-difusion'") as caught:
        find_events(("stable-difusion",), tmp_path)
    assert "write 'stable-diffusion'" in str(caught.value)


def test_an_event_without_a_date_points_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("name,date,label,source\nok,2020-05-04,,\nban,soon,,\n")
    with pytest.raises(InputError, match="an event cannot be read") as caught:
        find_events((), tmp_path)
    assert "events.csv:3" in str(caught.value)


def test_an_engine_given_on_the_command_line_comes_before_the_study_s() -> None:
    study = Study.model_validate({"engine": {"name": "spark", "master": "spark://head:7077", "memory": "2GB"}})
    assert study.with_engine("duckdb").engine.master is None
    assert study.with_engine("spark").engine.master == "spark://head:7077"
    other = study.with_engine("spark=sc://host:15002;token=a=b").engine
    assert (other.name, other.master, other.memory) == ("spark", "sc://host:15002;token=a=b", "2GB")
    with pytest.raises(InputError, match="there is no engine 'sprk'") as refused:
        study.with_engine("sprk")
    assert "'spark'" in refused.value.fix
