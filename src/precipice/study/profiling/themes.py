"""The section `themes`: tags whose use by seniors against juniors changed at the study's events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precipice.archive import TagCounts, count_tags
from precipice.display import Plot, Shown
from precipice.errors import InputError
from precipice.profiles.theme_search import find_themes
from precipice.profiles.themes import Themes
from precipice.sources.tag_rules import read_tag_rules
from precipice.study.estimating import find_event
from precipice.study.events import find_events
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.profiling.asked import Asked
from precipice.tag_rules import TagRules

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 15
"""Tags printed of each platform and event, beside those that are named."""


@dataclass(frozen=True)
class Unasked:
    """A platform and event of which nothing can be said."""

    platform: str
    event: str
    reason: str
    """Why, and what would be needed."""


@dataclass(frozen=True, eq=False)
class ThemesProfile(Shown):
    """Themes of a study: one answer for each platform and event."""

    plot = Plot("beyond", "tag", kind="bars")

    found: tuple[Themes, ...]
    """Where there is enough to compare."""
    unasked: tuple[Unasked, ...]
    """Where there is not."""
    uploads: int
    """Uploads in the archive."""
    tagged: int
    """Those of them with a tag."""
    tags: int
    """Tags counted."""
    tags_left_out: int
    """Rarer tags that were not."""

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give the tags with the least p of each platform and event, and all that are named."""
        for themes in self.found:
            for place, row in enumerate(themes.rows()):
                if place < MOST or row["named"]:
                    yield _printed(row)

    def table(self) -> "pa.Table":
        """Give a row for each platform, event and tag tested."""
        import pyarrow as pa

        return pa.Table.from_pylist([row for themes in self.found for row in themes.rows()])

    def as_dict(self) -> dict[str, Any]:
        """Give every tag tested, what limits each answer, and what could not be asked."""
        return {
            "uploads": self.uploads,
            "tagged": self.tagged,
            "tags": self.tags,
            "tags_left_out": self.tags_left_out,
            "answers": [themes.as_dict() for themes in self.found],
            "unasked": [vars(one) for one in self.unasked],
        }

    def summary(self) -> str:
        """Say what changed for each platform and event, and what could not be asked and why."""
        share = 100 * self.tagged / self.uploads if self.uploads else 0.0
        lines = [f"{self.tagged:,} of {self.uploads:,} uploads have tags ({share:.0f} %), of {self.tags:,} kinds."]
        if self.tags_left_out:
            lines[0] += f" {self.tags_left_out:,} rarer ones were left out."
        lines += [themes.summary() for themes in self.found]
        lines += [f"{one.platform}, {one.event}: cannot tell: {one.reason}" for one in self.unasked]
        return "\n".join(lines)


def _printed(row: Mapping[str, object]) -> dict[str, object]:
    """Give a tag's row for reading: shares in per cent, the change as a factor of odds with its 95 % limits."""

    def percent(name: str) -> str:
        return "–" if row[name] is None else f"{100 * float(str(row[name])):.2f} %"

    def factor(name: str) -> str:
        return f"× {exp(float(str(row[name]))):.2f}"

    return {
        "platform": row["platform"],
        "event": row["event"],
        "tag": row["tag"],
        "artists": row["users"],
        "seniors before": percent("share_senior_before"),
        "after": percent("share_senior_after"),
        "juniors before": percent("share_junior_before"),
        "then": percent("share_junior_after"),
        "odds": factor("beyond"),
        "from": factor("beyond_low"),
        "to": factor("beyond_high"),
        "p": row["p"],
        "q": row["q"],
        "changed": "yes" if row["named"] else "",
    }


def profile_themes(asked: Asked) -> ThemesProfile:
    """Profile the tags of a study's cohorts around its events.

    The options `aliases`, `implications` and `stop` are files, `stop_kinds` kinds of tags, `events` names or months,
    `window` months; each stands in place of the study's own setting.

    Raises:
        InputError: a file of rules cannot be read, or no upload has a tag.
    """
    return themes_of(asked, open_tags(asked))


def open_tags(asked: Asked) -> TagCounts:
    """Count the tags of a study's archive."""
    study = asked.study
    return count_tags(
        asked.folder / ARCHIVE, tag_rules(asked), clock=study.study.clock, limits=limits_of(study, asked.folder),
        progress=asked.progress,
    )  # fmt: skip


def tag_rules(asked: Asked) -> TagRules:
    """Read a study's rules for tags, those named by options first."""
    section, files = asked.study.tags, {}
    for name in ("aliases", "implications", "stop"):
        own = getattr(section, name)
        files[name] = asked.options.get(name) or (asked.folder / own if own else None)
    kinds = asked.options.get("stop_kinds")
    return read_tag_rules(
        **{name: Path(place) if place else None for name, place in files.items()},
        stop_kinds=section.stop_kinds if kinds is None else kinds,
    )


def themes_of(asked: Asked, counts: TagCounts) -> ThemesProfile:
    """Ask about every event on every platform; what cannot be asked is kept with its reason."""
    study, panel = asked.study, asked.panel
    found, unasked = [], []
    window = asked.options.get("window") or study.effects.window
    names = asked.options.get("events")
    events = (
        [find_event(name, asked.folder) for name in names] if names else find_events(study.study.events, asked.folder)
    )
    for platform in panel.platforms:
        for event in events:
            if event.platforms and platform not in event.platforms:
                continue
            asked.progress(f"compare tags on {platform} around {event.label}", None)
            try:
                found.append(find_themes(panel, counts, platform, event, cutoff=study.study.cutoff, window=window))
            except InputError as error:
                unasked.append(Unasked(platform, event.name, f"{error.what}: {error.why}."))
    return ThemesProfile(
        tuple(found), tuple(unasked), counts.uploads, counts.tagged, len(counts.tags), counts.tags_left_out
    )
