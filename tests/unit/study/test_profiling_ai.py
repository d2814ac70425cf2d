"""The section `ai` of a profile: what the command prints and hands on, and the errors it gives."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import precipice as pc
from precipice.cli.profile import command
from precipice.errors import InputError
from precipice.study import read_study
from precipice.study.profiling import Answer, profile_study, section, sections_for

ROWS = "platform,id,creator,published,declared_ai,tags\n" + "".join(
    f"site,{who}-{month},{who},20{21 + month // 12}-{month % 12 + 1:02d}-15,{declared},{tags}\n"
    for who in range(50)
    for month in range(who % 20, 24, 3)
    for declared in [("" if month < 12 else str(who % 5 == 0 and month > 14).lower())]
    for tags in [("Glaze" if who % 7 == 0 else "cat")]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("profile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECIPICE_KEY", "00" * 16)
        (place / "uploads.csv").write_text(ROWS)
        pc.ingest(place / "study", place / "uploads.csv", kind="table")
    return place / "study"


def profile(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(command, [str(folder), *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_json_holds_shares_months_rules_adoption_and_onset(folder: Path) -> None:
    found = json.loads(profile(folder, "--by", "ai", "--cutoff", "2022-01", "--json"))
    assert found["schema"] == 1
    lines = [line.split(",") for line in ROWS.splitlines()[1:]]
    asked = [line for line in lines if line[4]]
    total = next(row for row in found["ai"]["shares"] if row["cohort"] == "all" and row["measure"] == "declared")
    assert (total["uploads"], total["asked"], total["said"]) == (
        len(lines), len(asked), sum(line[4] == "true" for line in lines),
    )  # fmt: skip
    glaze = next(row for row in found["ai"]["shares"] if row["cohort"] == "all" and row["measure"] == "glaze")
    assert glaze["said"] == sum(line[5] == "Glaze" for line in lines)
    assert found["ai"]["tags"]["glaze"]["taken"] == ["Glaze"]
    assert found["ai"]["rules"][0]["silence"] == "not asked"
    assert {row["by"] for row in found["ai"]["adoption"]} == {"month", "tenure"}
    assert "at least 20" in found["ai"]["onset"][0]["refused"]


def test_a_stated_accuracy_adds_the_corrected_share(folder: Path) -> None:
    plain = profile(folder, "--by", "ai")
    told = profile(folder, "--by", "ai", "--sensitivity", "40/50", "--specificity", "1")
    assert "corrected_low" in told.splitlines()[0]
    assert "corrected_low" not in plain
    share, corrected = (
        float(re.split(r"\s+", line)[column])
        for line in told.splitlines() if line.split()[1:3] == ["all", "declared"] for column in (8, 11)
    )  # fmt: skip
    assert corrected == pytest.approx(share / 0.8, abs=2e-3)


def test_the_same_seed_gives_the_same_limits_and_another_one_others(folder: Path) -> None:
    words = ("--by", "ai", "--sensitivity", "40/50", "--specificity", "0.99", "--json")
    first, again, other = (json.loads(profile(folder, *words, "--seed", seed)) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_one_accuracy_without_the_other_is_an_error(folder: Path) -> None:
    with pytest.raises(InputError, match="one is missing"):
        profile(folder, "--by", "ai", "--sensitivity", "0.8")


def test_a_label_that_says_nothing_is_an_error(folder: Path) -> None:
    with pytest.raises(InputError, match="says nothing"):
        profile(folder, "--by", "ai", "--sensitivity", "0.3", "--specificity", "0.7")


def test_a_section_that_is_not_there_is_an_error_with_those_that_are(folder: Path) -> None:
    with pytest.raises(InputError, match="no section 'nothing'") as refused:
        profile(folder, "--by", "nothing")
    assert "ai" in refused.value.why


@pytest.mark.parametrize("name", sections_for(None))
def test_every_section_answers_in_one_shape(folder: Path, name: str) -> None:
    assert callable(section(name))
    answer: Answer = profile_study(folder, read_study(folder), [name]).sections[name]
    rows = [dict(row) for row in answer.rows()]
    # A world of 50 creators may be too small for a section to give a number; it then says so in words.
    assert rows or name not in {"ai", "themes"}
    assert len({tuple(row) for row in rows}) <= 1
    assert bool(answer.table().num_rows) == bool(rows)
    assert json.dumps(answer.as_dict())
    assert answer.summary()


def test_a_platform_without_labels_is_said_to_say_nothing(tmp_path: Path) -> None:
    pc.init(tmp_path / "study", example="openmoji")
    answer = profile_study(tmp_path / "study", read_study(tmp_path / "study"), ["ai"])
    words = answer.summary()
    assert "the platform says nothing of its 4,495 uploads" in words
    assert "%" not in words
    total = [row for row in answer.as_dict()["ai"]["shares"] if row["measure"] == "declared"]
    assert {row["share"] for row in total} == {None}
