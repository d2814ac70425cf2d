"""What the tool says of real panels: numbers where the data allow any, a reason where they do not."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import precipice as pc
from precipice.effects import TRIM, judge
from precipice.months import parse_month
from precipice.study import open_panel, read_study
from precipice.study.estimating import estimate_events, find_event
from tests.unit.cli.test_commands import precipice

COLUMNS = {"creator": "creator_id", "published": "timestamp", "id": "item_id"}


@pytest.fixture(scope="module", autouse=True)
def key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECIPICE_KEY", "22" * 16)
        yield


def study(shared: Path, place: Path, name: str) -> Path:
    pc.ingest(place / name, shared / "panels" / f"{name}.csv.gz", kind="table", columns=COLUMNS)
    return place / name


def asked(folder: Path, event: str, **changes: object) -> tuple[pc.Effect, ...]:
    settings = read_study(folder)
    settings = settings.model_copy(update={"effects": settings.effects.model_copy(update=changes)})
    return estimate_events(open_panel(folder, settings), settings, [find_event(event, folder)])


def test_foundations_five_months_are_refused_with_the_reason(shared: Path, tmp_path: Path) -> None:
    for effect in asked(study(shared, tmp_path, "foundation"), "2021-04", methods=("S1", "S2")):
        assert effect.verdict == "cannot tell"
        assert effect.refused
        assert effect.as_dict()["estimate"] is None
        assert effect.reasons[0].reason
        assert effect.reasons[0].needed


def test_openmoji_cannot_tell(tmp_path: Path) -> None:
    pc.init(tmp_path / "openmoji", example="openmoji")
    (verdict,) = judge(asked(tmp_path / "openmoji", "stable-diffusion"))
    assert "cannot tell" in verdict.sentence
    assert [row.answer for row in verdict.rows] == ["cannot tell", "cannot tell", "cannot tell", "no"]


def test_a_drive_every_october_is_told_apart_when_its_months_are_left_out(shared: Path, tmp_path: Path) -> None:
    folder = study(shared, tmp_path, "git_contributions")
    octobers = tuple(parse_month(f"{year}-10") for year in (2021, 2022, 2023))
    usual = {e.platform: e for e in asked(folder, "stable-diffusion", methods=("S1",)) if e.outcome == "capped"}
    without = {
        e.platform: e
        for e in asked(folder, "stable-diffusion", methods=("S1",), exclude=octobers)
        if e.outcome == "capped"
    }
    # A software archive's contributors are a negative control: no event may be found on any of its platforms.
    assert {effect.verdict for effect in without.values()} <= {"cannot tell", "not distinguishable"}
    assert any(status.name == "excluded_months" for effect in without.values() for status in effect.reasons)
    assert usual["free-programming-books"].estimate != without["free-programming-books"].estimate


def test_shadertoy_at_months_when_nothing_happened_gives_no_effect(shared: Path, tmp_path: Path) -> None:
    folder = study(shared, tmp_path, "shadertoy")
    found = [
        effect
        for month in ("2017-09", "2018-09", "2019-09")
        for effect in asked(folder, month, methods=("S1",), look_back=36)
        if effect.outcome == "capped"
    ]
    assert [effect.verdict for effect in found if effect.verdict in ("lower", "higher")] == []


def test_eleven_icon_archives_each_have_an_answer(shared: Path, tmp_path: Path) -> None:
    effects = asked(study(shared, tmp_path, "open_icons"), "stable-diffusion", methods=("S1",))
    verdicts = judge(effects)
    assert len(verdicts) == 11
    for verdict in verdicts:
        assert len(verdict.rows) == 4
        assert verdict.sentence.endswith(".")


def test_the_command_prints_the_stated_json(shared: Path, tmp_path: Path) -> None:
    folder = study(shared, tmp_path, "git_contributions")
    done = precipice(
        "effects", folder, "--event", "2022-08", "--platform", "melpa", "--method", "S1", "--json", cwd=tmp_path
    )
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    assert {
        "platform", "event", "method", "outcome", "estimate", "low", "high", "p", "p_rank", "n_creators", "n_placebos",
        "placebos", "verdict", "reasons",
    } <= found["effects"][0].keys()  # fmt: skip
    assert [effect["outcome"] for effect in found["effects"]] == ["capped", "counts", "trimmed"]
    assert found["effects"][0]["n_placebos"] == len(found["effects"][0]["placebos"])
    assert set(found["effects"][0]["placebos"][0]) == {"cutoff", "estimate", "se"}


def test_the_specification_curve_is_printed_with_its_warning_and_as_json(shared: Path, tmp_path: Path) -> None:
    folder = study(shared, tmp_path, "git_contributions")
    words = ("effects", folder, "--event", "2022-08", "--platform", "melpa", "--specifications")
    plain = precipice(*words, cwd=tmp_path).stdout
    assert "melpa, 2022-08 (2022-08), S1 in 81 ways" in plain
    assert "makes its p-value worthless" in plain
    (found,) = json.loads(precipice(*words, "--json", cwd=tmp_path).stdout)["specifications"]
    assert len(found["specifications"]) == 81
    (headline,) = (row for row in found["specifications"] if row["headline"])
    assert (headline["cutoff"], headline["look_back"], headline["window"], headline["cap"]) == ("2022-08", 60, 12, TRIM)
    assert 0 <= found["same_sign"] <= 1


def test_two_questions_at_once_are_an_error(tmp_path: Path) -> None:
    done = precipice("effects", tmp_path, "--power", "--specifications", cwd=tmp_path, status=2)
    assert "ask them one after the other" in done.stderr


def test_power_before_collecting_needs_no_data(tmp_path: Path) -> None:
    done = precipice("effects", "--power", "--assume", "creators=4200,history=104", "--json", cwd=tmp_path)
    sizes = json.loads(done.stdout)["power"][0]["sizes"]
    assert [round(row["size"], 1) for row in sizes] == [-0.1, -0.2, -0.3, -0.4, -0.5]
    assert all(a["power"] <= b["power"] for a, b in pairwise(sizes))


def test_an_event_nobody_knows_is_met_with_those_there_are(tmp_path: Path) -> None:
    pc.init(tmp_path / "openmoji", example="openmoji")
    done = precipice("effects", "openmoji", "--event", "stable-difusion", cwd=tmp_path, status=2)
    assert "--> --event" in done.stderr
    assert "write 'stable-diffusion'" in done.stderr
