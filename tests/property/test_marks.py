"""Whatever is done to a marked file, reading it ends in an answer and costs no other file."""

from pathlib import Path

import pytest
from studies.marks.mutations import DAMAGES, mutate
from studies.marks.run import BAD, try_all

from tests.unit.marks.pictures import SAMPLES, TRAINED, created, signed

MUTATIONS = 400


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    own = {
        f"{family}-{index}": content for family, contents in SAMPLES.items() for index, content in enumerate(contents)
    }
    return own | {kind: signed(created(TRAINED), kind=kind) for kind in ("PNG", "JPEG", "WEBP")}


def test_hundreds_of_damaged_files_crash_and_hang_nothing(files: dict[str, bytes], tmp_path: Path) -> None:
    tried = list(try_all(files, MUTATIONS, 2, tmp_path))
    assert len(tried) == MUTATIONS
    assert [one for one in tried if one.record.answer in BAD] == []
    # Damage that destroyed nothing, or everything, would show nothing.
    answers = {one.record.answer for one in tried}
    assert {"marks found", "damaged, no mark found"} <= answers


def test_the_same_number_gives_the_same_damage(files: dict[str, bytes]) -> None:
    contents = list(files.values())
    assert mutate(contents, 17, 1) == mutate(contents, 17, 1)
    assert mutate(contents, 17, 1) != mutate(contents, 17, 2)
    done = {name for number in range(200) for name in mutate(contents, number, 1)[0].split("+")}
    assert done == set(DAMAGES)
