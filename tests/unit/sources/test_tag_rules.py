"""Files of tag rules, in the shapes in which booru sites export them."""

import gzip
import json
from pathlib import Path

import pytest

from precipice.errors import InputError
from precipice.sources.tag_rules import read_tag_rules

ROWS = [
    {"id": 1, "antecedent_name": "kitty", "consequent_name": "cat", "status": "active"},
    {"id": 2, "antecedent_name": "hound", "consequent_name": "dog", "status": "deleted"},
    {"id": 3, "antecedent_name": "dog", "consequent_name": "dog", "status": "active"},
]
CSV = "id,antecedent_name,consequent_name,created_at,status\n" + "".join(
    f"{row['id']},{row['antecedent_name']},{row['consequent_name']},2020-01-01,{row['status']}\n" for row in ROWS
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("aliases.csv", CSV.encode()),
        ("aliases.csv.gz", gzip.compress(CSV.encode())),
        ("aliases.json", json.dumps(ROWS).encode()),
        ("aliases.jsonl", b"\n".join(json.dumps(row).encode() for row in ROWS)),
        ("aliases.csv", b"\xef\xbb\xbf" + CSV.encode()),
    ],
)
def test_every_shape_gives_the_active_rules(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    rules = read_tag_rules(aliases=tmp_path / name, implications=tmp_path / name)
    assert rules.aliases == {"kitty": "cat"}
    assert rules.implications == {"kitty": ("cat",)}


def test_a_stop_list_is_a_tag_a_line(tmp_path: Path) -> None:
    (tmp_path / "stop.txt").write_text("# about the file\nhighres\n\ntranslated  # by a fan\n", encoding="utf-8")
    assert read_tag_rules(stop=tmp_path / "stop.txt").stop == {"highres", "translated"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"from,to\nkitty,cat\n", "a row names no two tags"),
        ("a.json", b"{broken", "is not JSON"),
        ("a.json", b'["kitty"]', "a row names no two tags"),
        ("a.csv", b"\xff\xfe\xfa", "cannot be read"),
        ("a.csv.gz", b"no gzip", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words) as refused:
        read_tag_rules(aliases=tmp_path / name)
    assert name in refused.value.where


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file of tag rules"):
        read_tag_rules(aliases=tmp_path / "gone.csv")
