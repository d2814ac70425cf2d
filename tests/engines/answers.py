"""All that an archive is asked, put so that two engines' answers compare row by row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from precipice.archive import Limits, count_tags, link_files, read_labels, read_manifest, reduce
from precipice.archive.engines import open_engine, stored_files
from precipice.archive.reduction import followers, monthly
from precipice.archive.tag_counts import repeated
from precipice.records import FIELDS
from precipice.tag_rules import TagRules

WORDS = {"no_ai": ("noai", "noaiart"), "glaze": ("glazed", "グレーズ")}
RULES = TagRules(aliases={"kitty": "cat"}, implications={"cat": ("animal",)}, stop=frozenset({"sketch"}))
TAGS = ("cat", "never", "")


def answers(folder: Path, limits: Limits, *, links: tuple[tuple[int, str | None, str], ...] = ()) -> dict[str, Any]:
    """Ask an archive everything, anew, and give each answer as plain lists."""
    found: dict[str, Any] = {}
    for clock in ("first", "source"):
        forget(folder)
        reduced = reduce(folder, clock=clock, tags=TAGS, limits=limits)
        found[f"reduced by {clock}"] = plain(vars(reduced))
    found["labels"] = plain(vars(read_labels(folder, WORDS, clock="source", limits=limits)))
    for rules in (TagRules(), RULES):
        found[f"tags by {rules}"] = plain(vars(count_tags(folder, rules, limits=limits)))
    found["links"] = plain(vars(link_files(folder, links, limits=limits)))
    forget(folder)
    return found


def uploads(folder: Path, limits: Limits) -> list[tuple[Any, ...]]:
    """Give every row of an archive as an engine reads it, nulls and times included."""
    with open_engine(limits, folder) as engine:
        posts = engine.uploads(stored_files(folder, read_manifest(folder)))
        return sorted(engine.rows(posts.select(*FIELDS)), key=repr)


def queries(folder: Path, limits: Limits) -> dict[str, list[tuple[Any, ...]]]:
    """Give rows of queries as they are, before anything is made of them."""
    with open_engine(limits, folder) as engine:
        posts = engine.uploads(stored_files(folder, read_manifest(folder)))
        return {
            "monthly": sorted(engine.rows(monthly(posts).select("platform", "creator", "month", "n"))),
            "followers": sorted(engine.rows(followers(posts).select("platform", "creator", "followers"))),
            "repeated": sorted(engine.rows(repeated(posts).select("platform", "id"))),
        }


def forget(folder: Path) -> None:
    """Take away what was kept, so that the engine is asked again."""
    for kept in (*folder.glob("monthly-*"), *folder.glob("labels-*")):
        kept.unlink()


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Turn arrays, in mappings too, into lists."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else plain(value) if isinstance(value, Mapping) else value
        for name, value in fields.items()
    }
