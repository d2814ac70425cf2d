"""Declared AI on recorded answers of Pixiv, recounted with the standard library from the raw files."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

import precipice as pc
from precipice.study import read_study
from precipice.study.profiling import profile_study

NEVER_ASKED, BY_HAND, BY_MODEL = 0, 1, 2


def works(place: Path) -> dict[int, tuple[bool, int]]:
    """Read by id, off the raw answers: whether it is from November 2022 on, and `illust_ai_type`."""
    found: dict[int, tuple[bool, int]] = {}
    for file in sorted(place.glob("*.json")):
        for work in json.loads(file.read_text(encoding="utf-8-sig"))["illusts"]:
            moment = datetime.fromisoformat(work["create_date"]).astimezone(UTC)
            found[work["id"]] = ((moment.year, moment.month) >= (2022, 11), work["illust_ai_type"])
    return found


def test_pixivs_flags_are_counted_as_they_stand_in_the_answers(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECIPICE_KEY", "00" * 16)
    place = shared / "recorded" / "pixiv"
    raw = Counter(works(place).values())
    pc.ingest(tmp_path, *sorted(place.glob("*.json")), kind="gallery-dl")
    study = read_study(tmp_path)
    study = study.model_copy(update={"study": study.study.model_copy(update={"cutoff": 12 * 2022 + 10})})
    (answer,) = profile_study(tmp_path, study, ["ai"]).sections.values()
    total = next(r for r in answer.as_dict()["shares"] if (r["measure"], r["cohort"]) == ("declared", "all"))
    # 82 works are from before the question and in no share, the two with an answer, edited in later, among them.
    assert total["uploads"] == raw.total() == 150
    assert total["asked"] == raw[True, BY_HAND] + raw[True, BY_MODEL] == 68
    assert total["said"] == raw[True, BY_MODEL]
    assert raw[True, NEVER_ASKED] == 0
    assert total["unsaid"] == sum(n for (late, _), n in raw.items() if not late) == 82
    assert "the creator" in answer.summary()
