"""Read files of tag aliases and implications, in the shape that Danbooru and its kin give them out.

A row has `antecedent_name` and `consequent_name`, and counts unless its `status` is another than `active`.  CSV with a
header, a JSON list, or JSON Lines; packed with gzip or not.
"""

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from precipice.errors import InputError
from precipice.tag_rules import TagRules

FROM, TO, STATUS = "antecedent_name", "consequent_name", "status"


def read_tag_rules(
    *,
    aliases: Path | None = None,
    implications: Path | None = None,
    stop: Path | None = None,
    stop_kinds: Iterable[str] = ("meta",),
) -> TagRules:
    """Read rules for tags from files.

    Args:
        aliases: names that are other words for another name.
        implications: names that say another along with themselves.
        stop: a tag a line to leave out; `#` begins a comment.
        stop_kinds: kinds to leave out.

    Raises:
        InputError: a file is not there, or a row names no two tags.
    """
    implied: dict[str, list[str]] = defaultdict(list)
    for name, other in _pairs(implications):
        implied[name].append(other)
    lines = _text(stop).splitlines() if stop else []
    stopped = (line.partition("#")[0].strip() for line in lines)
    return TagRules(
        aliases=dict(_pairs(aliases)),
        implications={name: tuple(dict.fromkeys(others)) for name, others in implied.items()},
        stop=frozenset(tag for tag in stopped if tag),
        stop_kinds=frozenset(stop_kinds),
    )


def _pairs(path: Path | None) -> Iterator[tuple[str, str]]:
    for number, row in _rows(path) if path else ():
        status = str(row.get(STATUS) or "active")
        name, other = (str(row.get(key) or "").strip() for key in (FROM, TO))
        if not name or not other:
            raise InputError(
                "a row names no two tags",
                where=f"{path.name if path else ''}:{number}",
                why=f"it has {', '.join(f'{key}={value!r}' for key, value in list(row.items())[:4])}",
                fix=f"name the columns {FROM} and {TO}, as Danbooru's exports do",
            )
        if status == "active" and name != other:
            yield name, other


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    text = _text(path)
    if ".csv" in path.suffixes:
        yield from enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2)
        return
    try:
        if text.lstrip().startswith("["):
            found = [(index, row) for index, row in enumerate(json.loads(text), start=1)]
        else:
            found = [(index, json.loads(line)) for index, line in enumerate(text.splitlines(), start=1) if line.strip()]
    except ValueError as error:
        raise InputError(
            "a file of tag rules is not JSON", where=path.name, why=str(error), fix="name it .csv if it is CSV"
        ) from error
    for number, row in found:
        yield number, row if isinstance(row, dict) else {"row": row}


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError("there is no such file of tag rules", where=str(path), fix="check the name") from error
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise InputError(
            "a file of tag rules cannot be read", where=str(path), why=str(error), fix="save it as UTF-8"
        ) from error
