"""The one schema of uploads, and the shipped events.

Whatever door an upload comes in by, it is an `Upload` from there on, and `FIELDS` says how it lies on disk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from precipice.months import month_of, month_text

Clock = Literal["published", "noticed", "source"]
"""Which clock a time was read off: the platform's own publication time, the time at which somebody else posted it
(Danbooru), or a time that the address of the original carries (a tweet's id, a Pixiv path)."""

State = Literal["shown", "deleted", "banned", "hidden"]
"""What had become of an upload when it was read."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One work that one or more creators put up on a platform.

    Creators carry their names only on the way to the archive's door; there each becomes a keyed hash.
    """

    platform: str
    """Name of the platform, lower case: `artstation`, `danbooru`."""
    id: str
    """The platform's own identifier of the post or project; platform and id are the key of an upload."""
    creators: tuple[str, ...]
    """Names or ids of the creators on the platform, one or more; hashed at the archive's door."""
    published: datetime
    """When it was published, with its time zone; kept in UTC to the second."""
    clock: Clock = "published"
    """Which clock `published` was read off."""
    source_published: datetime | None = None
    """A second clock: when the original was published, where `source` carries that; None where it does not."""
    kind: str | None = None
    """What kind of work: `image`, `video`, `3d`, `text`, …; None where the platform does not say."""
    tags: tuple[str, ...] = ()
    """Tags as the platform writes them; kinds other than general as a prefix (`character:`, `copyright:`, `meta:`)."""
    declared_ai: bool | None = None
    """Declared as made with a generative model: True, False, or None where the platform does not say."""
    opt_out: bool | None = None
    """Opted out of training (`NoAI`): True, False, or None where the platform does not say."""
    reactions: int | None = None
    """Likes, favourites or bookmarks when it was read; None where unknown."""
    followers: int | None = None
    """Followers of the (first) creator at `followers_read`; today's value, never that of the day of the upload."""
    followers_read: datetime | None = None
    """When `followers` was read; None where the source does not say."""
    state: State = "shown"
    """Deleted and banned works are kept and marked."""
    updated: datetime | None = None
    """When the platform last changed the record; of two records of one upload the newer one wins."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """One row that a door read and did not keep, and the name of the rule."""

    rule: str
    where: str = ""


FIELDS: Mapping[str, str] = {
    "platform": "VARCHAR",
    "id": "VARCHAR",
    "creators": "BIGINT[]",
    "published": "TIMESTAMP",
    "clock": "VARCHAR",
    "source_published": "TIMESTAMP",
    "kind": "VARCHAR",
    "tags": "VARCHAR[]",
    "declared_ai": "BOOLEAN",
    "opt_out": "BOOLEAN",
    "reactions": "BIGINT",
    "followers": "BIGINT",
    "followers_read": "TIMESTAMP",
    "state": "VARCHAR",
    "updated": "TIMESTAMP",
}
"""The columns of the archive's Parquet files with their SQL types; times are naive UTC."""

DROP_RULES: Mapping[str, str] = {
    "no_creator": "the record names no creator (a Danbooru post without an artist tag, or with 'banned_artist' alone)",
    "no_id": "the record has no identifier",
    "bad_date": "the publication date cannot be read (dropped only on request; otherwise ingest stops)",
    "unreadable": "the line is not a record (dropped only on request; otherwise ingest stops)",
    "repeated": "the same upload stands in the files more than once; the newest record was kept",
    "already_held": "the archive already holds this record, or a newer one",
    "asset_of_project": "one more picture of a project that was counted already",
    "excluded": "every creator is on a list of those to be left out",
    "message": "an output line that is no upload (an error message, a queued address)",
}
"""Every reason for which a row that was read is not kept."""


@dataclass(frozen=True)
class Event:
    """A dated event that series are drawn against."""

    name: str
    """Short key, as in `--event stable-diffusion`."""
    label: str
    """As written on figures."""
    day: date
    """The day that the source gives."""
    source: str
    """Where the date is from."""
    platforms: tuple[str, ...] = field(default=())
    """The platforms it concerns; empty for all."""

    @property
    def month(self) -> int:
        """The month it falls in, as in `precipice.months`."""
        return month_of(datetime(self.day.year, self.day.month, self.day.day))  # noqa: DTZ001  a day has no zone

    def __str__(self) -> str:
        """Give the label and the month."""
        return f"{self.label} ({month_text(self.month)})"


EVENTS: Mapping[str, Event] = {
    event.name: event
    for event in (
        Event(
            "nft-boom",
            "NFT boom",
            date(2021, 3, 11),
            "Christie's sale of Beeple's Everydays, 11 March 2021; the boom that Porres & Gomez-Villa (2024) mark",
        ),
        Event("dall-e-2", "DALL·E 2", date(2022, 4, 6), "OpenAI's announcement, 6 April 2022"),
        Event(
            "stable-diffusion",
            "Stable Diffusion",
            date(2022, 8, 22),
            "Stability AI's public release, 22 August 2022",
        ),
    )
}
"""The three events of Porres & Gomez-Villa (2024), with the source of each date."""


@dataclass(frozen=True)
class View:
    """Files that an engine lays open under a name before a query reads them."""

    name: str
    files: tuple[Path, ...]
    form: Literal["lines", "parquet"]
    """`lines`: a column `value` of the text of each line; `parquet`: the columns of the files."""


@dataclass(frozen=True)
class SparkQuery:
    """The query of a door in Spark's SQL."""

    views: tuple[View, ...]
    select: str
    """As `Intake.select`."""
    problems: str
    """SQL text that gives one row: rows, bad (rows without a readable date), text (that of one of them), line (its
    line, NULL for Parquet), naive and aware (rows whose date has no time zone, or has one), ragged (lines with too few
    or too many cells), ragged_line (one of them), broken (lines that may not even be left out), broken_line, headers
    (lines that repeat a header)."""


@dataclass(frozen=True)
class Intake:
    """What a door hands to the archive: a query that an engine runs, or uploads one by one.

    Exactly one of `select` and `uploads` is given.
    """

    kind: str
    """The door: `danbooru2023`, `gallery-dl`, `table`."""
    files: tuple[Path, ...]
    """The files read."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What the user chose (unit, column map, time zone), for the manifest."""
    select: str | None = None
    """SQL text that reads the files and gives the columns of `FIELDS`, creators as names (VARCHAR[]); an id, a date
    or a creator that cannot be read is NULL or empty."""
    problems: str | None = None
    """SQL text that gives one row: rows, rows without a readable date, line of the first within its file, its
    text, rows whose date has no time zone, rows whose date has one, the file of the first."""
    check_first: bool = False
    """Whether `problems` is asked before anything is written (tables), or only to explain a failure (dumps)."""
    spark: SparkQuery | None = None
    """The same for Spark; None where the embedded engine reads the files for it."""
    uploads: Iterable[Upload | Dropped] | None = None
    """Uploads one by one, from doors whose rows come from the world one by one."""
    date_column: str = "published"
    """What the source calls its date, for messages."""
    on_bad: Literal["stop", "drop"] = "stop"
    """Whether a date or line that cannot be read stops the ingest or is dropped and counted."""
