"""The section styles from end to end: pictures of two looks, linked, embedded once, compared."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from precipice.cli import cli
from precipice.embedders.pictures import Picture
from precipice.embedders.protocol import Float
from precipice.embedders.simple import Simple
from precipice.errors import InputError
from precipice.study import read_study, run, take_in
from precipice.study.profiling import profile_study
from precipice.study.profiling.own_files import OwnFiles
from precipice.study.profiling.styles import StylesProfile
from precipice.study.profiling.vectors import Embedded, embed_files
from precipice.study.starting import start_study
from precipice.version import VERSION

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
CREATORS, WORKS = 44, 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a study of 44 creators, half of them seniors whose works are all striped, juniors' works of all sorts."""
    place = tmp_path_factory.mktemp("styles")
    rng = np.random.default_rng(0)
    (place / "files").mkdir()
    rows = ["platform,id,creator,published"]
    for creator in range(CREATORS):
        senior = creator < CREATORS // 2
        base = rng.integers(60, 256, 3)
        for work in range(WORKS):
            year = (2020 if senior else 2022) + work % 2
            rows.append(f"site,{creator}-{work},c{creator},{year}-0{1 + work}-01T00:00:00Z")
            width = 4 if senior else int(rng.integers(1, 12))
            stripe = (np.arange(48) // width % 2)[:, None, None] * np.ones((1, 48, 1))
            colour = np.array([200, 60, 60]) if senior else base
            noise = 0 if senior else rng.normal(0, 20 * (creator % 3), (48, 48, 3))
            picture = np.clip(stripe * colour + noise, 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(place / "files" / f"{creator}-{work}.png")
    (place / "files" / "0-0_p1.png").write_text("no picture")
    (place / "files" / "stranger.png").write_bytes((place / "files" / "0-0.png").read_bytes())
    (place / "uploads.csv").write_text("\n".join(rows) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(place / "data"))
        start_study(place / "study", None, now=NOON, version=VERSION)
        study = read_study(place / "study")
        take_in(place / "study", (place / "uploads.csv",), "table", study, now=NOON, version=VERSION)
    return place / "study"


@pytest.fixture(scope="module")
def found(folder: Path) -> StylesProfile:
    return profile(folder)


def profile(folder: Path, files: Path | None = None) -> StylesProfile:
    found = profile_study(folder, read_study(folder), ["styles"], files=files or folder.parent / "files")
    answer = found.sections["styles"]
    assert isinstance(answer, StylesProfile)
    return answer


def test_cohorts_of_one_look_and_of_many_are_told_apart(found: StylesProfile) -> None:
    (site,) = found.platforms
    senior, junior, every = site.varieties
    assert (senior.creators, senior.works, junior.creators, junior.works) == (22, 66, 22, 66)
    assert every.creators == 44
    assert senior.similarity == pytest.approx(1, abs=1e-6)
    assert senior.styles == pytest.approx(1, abs=1e-3)
    assert junior.similarity_high < senior.similarity_low
    assert junior.styles_low > 1
    assert site.contrast is not None
    assert site.contrast.similarity_high < 0
    assert "Juniors' works are less alike than seniors'" in found.summary()
    assert found.unread == {"no picture": 1}
    assert "1 are of none that is known" in found.summary()


def test_drift_shows_when_others_come(found: StylesProfile) -> None:
    (site,) = found.platforms
    drifts = {drift.cohort: drift for drift in site.drifts}
    assert set(drifts) == {"all"}  # seniors made nothing after the cutoff, juniors nothing before it
    assert drifts["all"].p < 0.01
    assert any("senior: drift cannot be measured" in words for words in site.left_out)


def test_neighbours_of_juniors_are_earlier_works_by_others(found: StylesProfile) -> None:
    shown = found.platforms[0].neighbours
    assert len(shown.work) == 6
    for work, nearest in zip(shown.work, shown.nearest, strict=True):
        creator = found.paths[work].split("-")[0]
        assert int(creator) >= CREATORS // 2
        assert all(found.paths[other].split("-")[0] != creator for other in nearest if other >= 0)


class Counting(Simple):
    """Counts the pictures that it embeds."""

    seen = 0

    def embed(self, pictures: Sequence[Picture]) -> Float:
        self.seen += len(pictures)
        return super().embed(pictures)


def test_pictures_are_embedded_once_and_anew_when_they_change(folder: Path, tmp_path: Path) -> None:
    files = folder.parent / "files"
    paths = [f"{creator}-0.png" for creator in range(8)] + ["0-0_p1.png"]
    counting = Counting()

    def embedded() -> Embedded:
        return embed_files(files, paths, counting, tmp_path, lambda step, share: None)

    first = embedded()
    assert (counting.seen, first.index.tolist(), first.unread) == (8, list(range(8)), {"no picture": 1})
    np.testing.assert_allclose(embedded().vectors, first.vectors, atol=1e-6)  # kept in single precision
    assert counting.seen == 8
    (files / paths[0]).touch()
    embedded()
    assert counting.seen == 9
    (tmp_path / "vectors.npz").write_bytes(b"broken")
    embedded()
    assert counting.seen == 17


def test_pictures_of_nothing_known_are_one_clear_error(folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "holiday.png")
    with pytest.raises(InputError, match="no picture is of an upload") as caught:
        profile(folder, tmp_path)
    assert "holiday.png" in caught.value.why
    assert "files.csv" in caught.value.fix
    with pytest.raises(InputError, match="needs files"):
        profile_study(folder, read_study(folder), ["styles"])


def test_the_main_job_takes_files_and_hides_works_when_asked(folder: Path) -> None:
    study = read_study(folder)
    own = run(folder, study=study, own=OwnFiles(folder.parent / "files", works=False)).own
    assert own is not None
    assert own.marks.found.count("answer")["no picture"] == 1
    assert own.styles is not None
    assert own.styles.platforms[0].shown == ()
    assert len(own.styles.platforms[0].neighbours.work) == 6


def test_the_command_takes_an_embedder_and_prints_json(folder: Path) -> None:
    files = ["--by", "styles", "--files", str(folder.parent / "files")]
    done = CliRunner().invoke(cli, ["profile", str(folder), *files, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["styles"]
    assert told["embedder"] == "simple 1"
    assert [row["cohort"] for row in told["cohorts"]] == ["senior", "junior", "all"]
    assert {"chance_low", "chance_high", "drift"} <= set(told["drift"][0])
    wrong = CliRunner().invoke(cli, ["profile", str(folder), *files, "--embedder", "clip"])
    assert isinstance(wrong.exception, InputError)
