"""The section `themes` of a profile, from an archive on disk."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from studies.themes.worlds import World, draw

import precipice as pc
from precipice.cli import cli
from precipice.errors import InputError
from precipice.months import month_start, parse_month
from precipice.study import read_study
from precipice.study.profiling import profile_study
from precipice.study.profiling.themes import ThemesProfile

WORLD = World("small", "a small platform", creators=700, tags=30, planted={4: -2.5})


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a drawn platform as a table of uploads, a row a creator, month and tag, and ingest it."""
    folder = tmp_path_factory.mktemp("tagged")
    panel, counts = draw(WORLD, np.random.default_rng(11))
    rows = ["platform,id,creator,published,tags"]
    for creator, month in zip(panel.row.tolist(), panel.month.tolist(), strict=True):
        rows.append(f"site,f{creator}-{month},c{creator},{month_start(panel.start + month):%Y-%m-%d}T00:00:00Z,")
    place = np.searchsorted(panel.creators, counts.creators)
    for row, (creator, month) in enumerate(zip(place.tolist(), counts.months.tolist(), strict=True)):
        for cell in range(int(counts.indptr[row]), int(counts.indptr[row + 1])):
            for number in range(int(counts.count[cell])):
                tag = counts.tags[int(counts.tag[cell])]
                rows.append(
                    f"site,{row}-{cell}-{number},c{creator},{month_start(month):%Y-%m-%d}T12:00:00Z,{tag}|meta:x"
                )
    (folder / "uploads.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECIPICE_KEY", "ab" * 32)
        pc.ingest(folder, folder / "uploads.csv", kind="table")
    (folder / "precipice.toml").write_text('[archive]\nobserved_from = "2014-01"\nobserved_to = "2023-10"\n')
    return folder


def profile(folder: Path, **options: object) -> ThemesProfile:
    found = profile_study(folder, read_study(folder), ("themes",), options=options).sections["themes"]
    assert isinstance(found, ThemesProfile)
    return found


def test_every_event_is_answered_or_refused_with_a_reason(study: Path) -> None:
    found = profile(study, events=("nft-boom", "stable-diffusion", "2014-03"))
    # Nobody was a junior before March 2021 with a cutoff in 2022.
    assert [(one.event, one.contrast) for one in found.found] == [("nft-boom", "seniors"), ("stable-diffusion", "gap")]
    assert [one.event for one in found.unasked] == ["2014-03"]
    assert "2014-03: cannot tell" in found.summary()


def test_the_planted_tag_is_named_and_printed(study: Path) -> None:
    found = profile(study, events=("stable-diffusion",))
    (themes,) = found.found
    assert [themes.tags[k] for k in np.flatnonzero(themes.named)] == ["t4"]
    first = next(iter(found.rows()))
    assert (first["tag"], first["changed"]) == ("t4", "yes")
    assert found.tags == 30  # the kind meta is left out
    assert found.table().num_rows == len(themes.tags)


def test_rules_from_files_and_options_change_what_is_counted(study: Path, tmp_path: Path) -> None:
    (tmp_path / "aliases.csv").write_text("antecedent_name,consequent_name\nt1,t0\n")
    (tmp_path / "stop.txt").write_text("t3\n")
    found = profile(study, aliases=tmp_path / "aliases.csv", stop=tmp_path / "stop.txt", events=("2022-08",))
    assert set(found.found[0].tags) == {f"t{k}" for k in range(30)} - {"t1", "t3"}
    assert profile(study, stop_kinds=()).tags == 31


def test_the_studys_own_files_lie_beside_it(study: Path) -> None:
    (study / "stop.txt").write_text("t5\n")
    text = (study / "precipice.toml").read_text()
    (study / "precipice.toml").write_text(text + '[tags]\nstop = "stop.txt"\n')
    try:
        assert profile(study).tags == 29
    finally:
        (study / "precipice.toml").write_text(text)


def test_the_command_prints_json(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(
        ["profile", str(study), "--by", "themes", "--event", "2022-08", "--window", "6", "--json", "-q"],
        standalone_mode=False,
    )
    printed = json.loads(capsys.readouterr().out)
    (answer,) = printed["themes"]["answers"]
    assert (answer["event"], answer["months_before"]) == ("2022-08", 6)
    assert {"tag", "beyond", "q", "named"} <= answer["tags"][0].keys()
    assert printed["themes"]["tagged"] < printed["themes"]["uploads"]


def test_an_archive_without_tags_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECIPICE_KEY", "ab" * 32)
    lines = [f"site,{n},c{n % 9},{datetime(2020 + n % 4, 1, 1, tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}" for n in range(90)]
    (tmp_path / "u.csv").write_text("\n".join(["platform,id,creator,published", *lines]) + "\n")
    pc.ingest(tmp_path, tmp_path / "u.csv", kind="table")
    with pytest.raises(InputError, match="no upload has a tag"):
        profile(tmp_path)
    study = read_study(tmp_path)
    asked = study.model_copy(update={"study": study.study.model_copy(update={"cutoff": parse_month("2022-01")})})
    whole = profile_study(tmp_path, asked).sections
    assert all("no upload has a tag" in whole[name].summary() for name in ("themes", "diversity"))
    assert "no upload has a tag" not in whole["ai"].summary()
