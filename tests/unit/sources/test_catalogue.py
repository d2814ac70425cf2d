"""Public data sets come from a mirror folder or by download; what is refused is told with the way around."""

import gc
import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from precipice.errors import InputError, SourceError
from precipice.sources import catalogue
from precipice.sources.catalogue import CATALOGUE, PublicFile, PublicSet, find
from precipice.sources.dumps import DUMPS
from tests.unit.archive.archives import rows, take_dump, who
from tests.unit.sources.test_dumps import LISTINGS, MINTS

SERVED = {"/mint_data.csv": MINTS.encode(), "/list_data.csv": LISTINGS.encode(), "/broken.csv": b"x" * 10_000}


class Server(BaseHTTPRequestHandler):
    """A small publisher that has a few files, breaks one off, and refuses another."""

    def do_GET(self) -> None:
        content = SERVED.get(self.path)
        if self.path == "/forbidden.csv":
            self.send_error(403)
        elif content is None:
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:100] if self.path == "/broken.csv" else content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def publisher() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _quiet_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("PRECIPICE_KEY", raising=False)
    logging.getLogger("pooch").setLevel(logging.ERROR)


def small_set(address: str, *names: str, sha256: str | None = None) -> PublicSet:
    files = tuple(PublicFile(name, f"{address}/{name}", sha256) for name in names)
    return PublicSet(name="small", files=files, kind="foundation", licence="MIT", words="a few rows")


def test_the_catalogue_names_each_sets_door_licence_and_address() -> None:
    for name, entry in CATALOGUE.items():
        assert entry.name == name
        assert entry.kind in {*DUMPS, "table"}
        assert entry.licence
        assert entry.words
        assert all(file.address.startswith("https://") and file.address.endswith(file.name) for file in entry.files)
    assert {"danbooru2023", "foundation"} <= set(CATALOGUE)


def test_a_name_that_is_not_in_the_catalogue_gets_a_suggestion() -> None:
    with pytest.raises(InputError, match="has no 'fondation'") as refused:
        find("fondation")
    assert "did you mean 'foundation'" in refused.value.fix
    with pytest.raises(InputError) as refused:
        find("zzz")
    assert "danbooru2023, foundation" in refused.value.why


def test_a_mirror_folder_gives_the_files_and_fetches_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("the network was asked"))
    (tmp_path / "mint_data.csv").write_text(MINTS)
    (tmp_path / "list_data.csv").write_text(LISTINGS)
    files = find("foundation").fetch(mirror=tmp_path)
    assert files == (tmp_path / "mint_data.csv", tmp_path / "list_data.csv")
    take_dump(tmp_path / "archive", *files, kind="foundation")
    assert len(rows(tmp_path / "archive")) == 3


def test_a_mirror_that_lacks_a_file_or_holds_another_is_refused(tmp_path: Path) -> None:
    entry = small_set("https://example.invalid", "mint_data.csv", sha256=hashlib.sha256(MINTS.encode()).hexdigest())
    with pytest.raises(InputError, match=r"the mirror has no mint_data\.csv") as refused:
        entry.fetch(mirror=tmp_path)
    assert "https://example.invalid/mint_data.csv" in refused.value.fix
    (tmp_path / "mint_data.csv").write_text(MINTS)
    assert entry.fetch(mirror=tmp_path) == (tmp_path / "mint_data.csv",)
    (tmp_path / "mint_data.csv").write_text(MINTS + " ")
    with pytest.raises(InputError, match="is not what it should be") as refused:
        entry.fetch(mirror=tmp_path)
    assert "SHA-256" in refused.value.why


def test_a_set_is_downloaded_once_and_comes_in_by_its_door(
    tmp_path: Path, publisher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = CATALOGUE["foundation"]
    moved = replace(entry, files=tuple(replace(file, address=f"{publisher}/{file.name}") for file in entry.files))
    monkeypatch.setattr(catalogue, "CATALOGUE", {"foundation": moved})
    files = find("foundation").fetch(cache=tmp_path / "cache")
    assert [path.name for path in files] == ["mint_data.csv", "list_data.csv"]
    assert files[0].read_text() == MINTS
    take_dump(tmp_path / "archive", *files, kind="foundation")
    assert [row["creators"] for row in rows(tmp_path / "archive")] == [
        who("foundation", name) for name in ("sam", "ann", "sam")
    ]
    monkeypatch.setattr(catalogue, "CATALOGUE", {"foundation": replace(moved, files=tuple(
        replace(file, address="http://127.0.0.1:9/gone") for file in moved.files))})  # fmt: skip
    assert find("foundation").fetch(cache=tmp_path / "cache") == files


def test_a_download_is_checked_against_its_hash(tmp_path: Path, publisher: str) -> None:
    right = hashlib.sha256(MINTS.encode()).hexdigest()
    assert small_set(publisher, "mint_data.csv", sha256=right).fetch(cache=tmp_path / "right")
    with pytest.raises(SourceError, match=r"cannot fetch mint_data\.csv") as refused:
        small_set(publisher, "mint_data.csv", sha256="0" * 64).fetch(cache=tmp_path / "wrong")
    assert refused.value.exit_status == 3
    assert "hash" in refused.value.why
    assert not [*(tmp_path / "wrong").rglob("*.csv")]


# pooch leaves the connection open when a download breaks off.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(("name", "sign"), [("none.csv", "404"), ("forbidden.csv", "403"), ("broken.csv", "")])
def test_a_download_that_is_refused_or_breaks_off_is_told_with_the_way_around(
    tmp_path: Path, publisher: str, name: str, sign: str
) -> None:
    with pytest.raises(SourceError, match=f"cannot fetch {name}") as refused:
        small_set(publisher, name).fetch(cache=tmp_path / "cache")
    error = refused.value
    assert error.exit_status == 3
    assert error.where == f"{publisher}/{name}"
    assert sign in error.why
    assert "--dataset small --mirror FOLDER" in error.fix
    gc.collect()
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_publisher_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(SourceError, match="cannot fetch") as refused:
        small_set(address, "mint_data.csv").fetch(cache=tmp_path / "cache")
    assert "refused" in refused.value.why
