"""Files that lie elsewhere are fetched whole, gone on with, taken in, and leave no credential behind."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from precipice.errors import InputError, MissingExtraError, SourceError
from precipice.sources import remote
from precipice.sources.remote import fetch, forget, is_remote, shown
from tests.conftest import wanted
from tests.unit.sources.stores import Server, serving

ROWS = "platform,id,creator,published\n" + "".join(
    f"site,{number},creator {number % 7},2022-0{number % 9 + 1}-03T00:00:00Z\n" for number in range(500)
)
SECRET = "hush-hush"  # noqa: S105  what must not come out


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(remote, "BLOCK", 4_096)
    with serving({"uploads.csv": ROWS.encode()}) as server:
        yield server


def precipice(*words: object, cwd: Path, status: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "precipice", *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, "PRECIPICE_KEY": "11" * 16, "XDG_CACHE_HOME": str(cwd / "cache"), "NO_PROXY": "*",
             "NO_COLOR": "1", "HF_HUB_OFFLINE": "0", **environment},
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done


def spool(cwd: Path) -> list[Path]:
    return [path for path in (cwd / "cache").rglob("*") if path.is_file()]


def test_an_address_is_no_path() -> None:
    assert [is_remote(text) for text in ("s3://b/x", "hf://datasets/a/b/c", "https://h/x", "gs://b/x")] == [True] * 4
    assert [is_remote(text) for text in ("a.csv", "/tmp/a.csv", "C:/a.csv", "s3:/b/x", "ftp://h/x")] == [False] * 5  # noqa: S108  text


def test_a_file_is_fetched_in_parts_and_once(store: Server, tmp_path: Path) -> None:
    place = fetch(f"{store.address}/uploads.csv", tmp_path)
    assert place.read_text() == ROWS
    parts = [line for line in store.asked if "bytes=" in line]
    assert len(parts) == -(-len(ROWS) // 4_096)
    assert fetch(f"{store.address}/uploads.csv", tmp_path) == place
    assert [line for line in store.asked if "bytes=" in line] == parts
    forget(f"{store.address}/uploads.csv", tmp_path)
    assert not place.exists()


def test_what_breaks_off_is_gone_on_with(store: Server, tmp_path: Path) -> None:
    store.breaks_at = 9_000
    with pytest.raises(SourceError, match=r"cannot fetch uploads\.csv") as refused:
        fetch(f"{store.address}/uploads.csv", tmp_path)
    assert "what came is kept" in refused.value.fix
    store.breaks_at, store.asked[:] = None, []
    assert fetch(f"{store.address}/uploads.csv", tmp_path).read_text() == ROWS
    assert next(line for line in store.asked if "bytes=" in line).endswith("bytes=8192-12287")


def test_a_file_that_has_changed_is_fetched_anew(store: Server, tmp_path: Path) -> None:
    store.breaks_at = 9_000
    with pytest.raises(SourceError):
        fetch(f"{store.address}/uploads.csv", tmp_path)
    store.breaks_at, store.files["uploads.csv"] = None, ROWS.upper().encode() + b"more"
    assert fetch(f"{store.address}/uploads.csv", tmp_path).read_bytes() == store.files["uploads.csv"]


def test_a_note_that_a_kill_has_torn_costs_a_fetch_and_no_more(store: Server, tmp_path: Path) -> None:
    place = fetch(f"{store.address}/uploads.csv", tmp_path)
    place.with_name("uploads.csv.json").write_text('{"size": 1')
    assert fetch(f"{store.address}/uploads.csv", tmp_path).read_text() == ROWS


def test_a_name_that_holds_a_path_stays_in_the_cache(store: Server, tmp_path: Path) -> None:
    store.files["../../../uploads.csv"] = ROWS.encode()
    place = fetch(f"{store.address}/..%2F..%2F..%2Fuploads.csv", tmp_path / "cache")
    assert place.name == "uploads.csv"
    assert (tmp_path / "cache").resolve() in place.resolve().parents
    with pytest.raises(InputError, match="names no file"):
        fetch(f"{store.address}/%2E%2E", tmp_path)


def test_a_server_that_sends_no_parts_is_read_all_the_same(store: Server, tmp_path: Path) -> None:
    store.sends_parts = False
    assert fetch(f"{store.address}/uploads.csv", tmp_path).read_text() == ROWS


def test_a_refusal_is_one_error_without_the_addresses_secrets(store: Server, tmp_path: Path) -> None:
    store.refuses = True
    address = store.address.replace("//", f"//me:{SECRET}@") + f"/uploads.csv?X-Amz-Signature={SECRET}"
    with pytest.raises(SourceError) as refused:
        fetch(address, tmp_path)
    assert "403" in refused.value.why
    assert SECRET not in str(refused.value)
    assert shown(address) == f"{store.address}/uploads.csv"


def test_a_file_larger_than_the_disk_is_not_begun(
    store: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precipice.sources.remote.shutil", _FullDisk)
    with pytest.raises(InputError, match="no room for this file") as refused:
        fetch(f"{store.address}/uploads.csv", tmp_path)
    assert f"{len(ROWS):,} bytes are to be fetched" in refused.value.why
    assert not list(tmp_path.rglob("*.part"))


class _FullDisk:
    free = 10

    @classmethod
    def disk_usage(cls, place: Path) -> type["_FullDisk"]:
        return cls


def test_a_store_whose_client_is_missing_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as refused:
        fetch("s3://bucket/uploads.csv", tmp_path)
    assert "precipice[cloud]" in refused.value.fix


@pytest.fixture(scope="module")
def object_store() -> Iterator[str]:
    """An object store with Amazon's interface, on loopback."""
    server_module = wanted("moto.server", "moto is not installed")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_dump_in_an_object_store_is_taken_in_and_leaves_nothing(object_store: str, tmp_path: Path) -> None:
    import requests

    requests.put(f"{object_store}/bucket", timeout=10).raise_for_status()
    requests.put(f"{object_store}/bucket/deep/uploads.csv", data=ROWS.encode(), timeout=10).raise_for_status()
    keys: dict[str, Any] = {
        "AWS_ENDPOINT_URL": object_store,
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    words = ("ingest", "s3://bucket/deep/uploads.csv", "--as", "table", "study", "--json")
    found = json.loads(precipice(*words, cwd=tmp_path, **keys).stdout)["source"]
    assert (found["read"], found["kept"]) == (500, 500)
    assert found["files"][0]["name"] == "uploads.csv"
    assert spool(tmp_path) == []
    held = "".join(path.read_text() for path in (tmp_path / "study").rglob("*.json"))
    assert SECRET not in held
    done = precipice("ingest", "s3://bucket/none.csv", "--as", "table", "study", cwd=tmp_path, status=2, **keys)
    assert "there is no such file" in done.stderr


def test_a_file_of_a_data_set_on_hugging_face_is_taken_in(store: Server, tmp_path: Path) -> None:
    wanted("huggingface_hub", "huggingface_hub is not installed")
    words = ("ingest", "hf://datasets/some/set/uploads.csv", "--as", "table", "study", "--json")
    found = precipice(*words, cwd=tmp_path, HF_ENDPOINT=store.address, HF_TOKEN=f"hf_{SECRET}",
                      HF_HOME=str(tmp_path / "hf"))  # fmt: skip
    assert json.loads(found.stdout)["source"]["kept"] == 500
    assert any("/datasets/some/set/resolve/" in line for line in store.asked)
    assert spool(tmp_path) == []


def test_an_object_of_googles_store_is_taken_in(store: Server, tmp_path: Path) -> None:
    wanted("gcsfs", "gcsfs is not installed")
    words = ("ingest", "gs://bucket/uploads.csv", "--as", "table", "study", "--json")
    found = precipice(*words, cwd=tmp_path, STORAGE_EMULATOR_HOST=store.address)
    assert json.loads(found.stdout)["source"]["kept"] == 500
    assert any("/b/bucket/o/uploads.csv" in line for line in store.asked)
