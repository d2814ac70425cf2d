"""Artists taken out of an archive by name: now, for good, by whichever way they are named."""

import json
from pathlib import Path

import pytest

from precipice.archive import archive_key, ingest, read_manifest
from precipice.errors import InputError
from precipice.sources import tables
from precipice.sources.dumps import DUMPS
from precipice.study import Study
from precipice.study.removing import Removal, remove
from tests.unit.archive.archives import NOW, SMALL, rows
from tests.unit.cli.test_commands import precipice

KEY = "11" * 16
UPLOADS = """platform,id,creator,published
site,1,Ann Lee,2021-01-05T12:00:00Z
site,2,Ann Lee,2021-02-05T12:00:00Z
site,3,bob,2021-02-05T12:00:00Z
other,4,Ann Lee,2021-02-05T12:00:00Z
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the study `study` of four uploads, and the file they came from."""
    monkeypatch.setenv("PRECIPICE_KEY", KEY)
    (tmp_path / "uploads.csv").write_text(UPLOADS)
    take_in(tmp_path, "uploads.csv")
    return tmp_path


def take_in(place: Path, name: str) -> None:
    intake = tables.intake((place / name,), tables.TableOptions({}, None, None, "stop"))
    ingest(place / "study" / "archive", intake, now=NOW, version="1", limits=SMALL)


def ids(place: Path) -> list[str]:
    return sorted(str(row["id"]) for row in rows(place / "study" / "archive"))


def out(place: Path, *names: str, platform: str = "site", dry_run: bool = False) -> Removal:
    return remove(place / "study", Study(), platform, names, dry_run=dry_run)


def test_their_uploads_go_and_stay_out_at_a_later_ingest(study: Path) -> None:
    assert out(study, "Ann Lee") == Removal("site", 1, 1, 0, 2, 0, dry_run=False)
    assert ids(study) == ["3", "4"]
    (study / "more.csv").write_text(UPLOADS + "site,5,Ann Lee,2022-01-05T12:00:00Z\nsite,6,bob,2022-01-05T12:00:00Z\n")
    take_in(study, "more.csv")
    assert ids(study) == ["3", "4", "6"]


def test_the_same_names_again_change_nothing(study: Path) -> None:
    out(study, "Ann Lee")
    before = read_manifest(study / "study" / "archive")
    assert out(study, "Ann Lee", " Ann Lee ") == Removal("site", 1, 0, 1, 0, 0, dry_run=False)
    assert read_manifest(study / "study" / "archive") == before


def test_a_name_is_known_in_small_letters_and_with_underscores_too(study: Path) -> None:
    (study / "tags.csv").write_text("platform,id,creator,published\nsite,7,zoe_may,2021-02-05T12:00:00Z\n")
    take_in(study, "tags.csv")
    assert out(study, "Zoe May").uploads == 1
    assert "7" not in ids(study)


def test_a_dry_run_says_the_same_and_takes_nothing(study: Path) -> None:
    assert out(study, "Ann Lee", "nobody", dry_run=True) == Removal("site", 2, 1, 0, 2, 0, dry_run=True)
    assert ids(study) == ["1", "2", "3", "4"]
    assert not read_manifest(study / "study" / "archive").excluded


def test_of_an_upload_by_several_only_those_named_are_taken_out(study: Path) -> None:
    archive = study / "study" / "archive"
    post = {"id": 9, "created_at": "2021-02-05T12:00:00.000Z", "tag_string_artist": "ann bob", "tag_string": "ann bob"}
    (study / "posts.json").write_text(json.dumps(post | {"tag_string_general": "", "uploader_id": 1}) + "\n")
    intake = DUMPS["danbooru2023"]((study / "posts.json",))
    ingest(archive, intake, now=NOW, version="1", limits=SMALL)
    assert archive_key(archive) == bytes.fromhex(KEY)
    assert out(study, "ann", platform="danbooru") == Removal("danbooru", 1, 1, 0, 0, 1, dry_run=False)
    (kept,) = [row for row in rows(archive) if row["platform"] == "danbooru"]
    assert len(kept["creators"]) == 1


@pytest.mark.parametrize(
    ("platform", "names", "words"),
    [("sitte", ["ann"], "nothing of a platform 'sitte'"), ("site", [" "], "nobody is named")],
)
def test_what_cannot_be_meant_is_refused(study: Path, platform: str, names: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        out(study, *names, platform=platform)
    assert ids(study) == ["1", "2", "3", "4"]


def test_without_an_archive_or_its_key_nobody_is_looked_for(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="archive"):
        remove(study / "elsewhere", Study(), "site", ["bob"])
    assert not (study / "elsewhere").exists()
    monkeypatch.delenv("PRECIPICE_KEY")
    monkeypatch.setenv("XDG_DATA_HOME", str(study / "empty"))
    with pytest.raises(InputError, match="key is not here"):
        out(study, "bob")
    monkeypatch.setenv("PRECIPICE_KEY", "22" * 16)
    with pytest.raises(InputError, match="not the archive's key"):
        out(study, "bob")
    monkeypatch.setenv("PRECIPICE_KEY", KEY)
    assert "3" in ids(study)


def test_the_command_reads_names_from_a_file_and_from_standard_input(study: Path) -> None:
    (study / "gone.txt").write_text("\ufeffbob\n\nnobody\n", encoding="utf-8")
    words = ("remove", "study", "--platform", "site")
    done = precipice(*words, "--names", "gone.txt", "--dry-run", cwd=study)
    assert done.stdout == "1 uploads would be taken out; 0 that others made too stay, without them\n"
    assert "1 of 2 names" in done.stderr
    assert "check that it is the platform's own" in done.stderr
    done = precipice(*words, "--names", "-", "--json", cwd=study, given="bob\nAnn Lee\n")
    assert json.loads(done.stdout)["removal"] == {
        "platform": "site", "names": 2, "found": 2, "already": 0, "uploads": 3, "shared": 0, "dry_run": False,
    }  # fmt: skip
    assert ids(study) == ["4"]
    assert "there is no such file" in precipice(*words, "--names", "lost.txt", cwd=study, status=2).stderr.lower()
