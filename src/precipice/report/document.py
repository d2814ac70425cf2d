"""The shape of `findings.json`: everything a page says, as data.

Its JSON Schema is made from these nouns and shipped as `findings.schema.json`; `docs/findings.md` says what each means.
A number that is withheld, refused or unknown is null.  A change of meaning or of a name raises `version`; a new name
does not.
"""

import json
from importlib.resources import files
from typing import Any, Literal

from precipice.report.told import ChangeTold, CohortTold, ComparisonTold, EffectTold, EventTold, Part, VerdictTold

Section = Literal["ai", "supply", "loops", "own"]

Cell = str | int | float | bool | list[str] | list[float] | None
"""What stands in a table: months as `2022-08`."""


class Asked(Part):
    """What was asked."""

    title: str
    """Stands over the page."""
    platforms: list[str]
    """Those observed in the months shown, the one with most uploads first."""
    names: dict[str, str]
    """How each is written on the page."""
    creators: str
    """How many creators there are, in words: platforms of fewer than 5 are not in the number."""
    start: str
    """First month shown."""
    end: str
    """Last month shown."""
    cutoff: str
    """Seniors uploaded before this month, juniors only from it on."""
    cap: int
    """Most uploads counted a month and creator in cohorts."""
    unit: Literal["artist", "uploader"]
    """Who counts as the creator of a Danbooru post."""
    clock: Literal["first", "source"]
    """Which clock dates an upload."""
    frame: Literal["population", "random", "followers", "recent", "other"]
    """How creators came to be in the archive."""
    partial: Literal["keep", "drop"]
    """Whether collected creators of whom something is missing count."""
    seed: int
    """Seed of every draw."""
    drawn: int | None
    """Creators drawn at random on each platform; null for all."""
    where: str | None
    """Condition that they had to meet."""
    look_back: int
    """Incumbents are the entrants of this many months before an event."""
    window: int
    """Months compared before an event and from it on."""
    excluded: list[str]
    """Months never used."""
    control: str | None
    """Platform that the events should not have touched."""


class Answer(Part):
    """The answer in words, in the order of the page."""

    lead: list[str]
    """What events did, or that this was not asked: a sentence a verdict, after a count where there are many."""
    counting: str
    """What `facts` count."""
    facts: list[str]
    """What cohorts did between the first and the last year shown, a sentence a platform; made from `changes`."""
    expected: str
    """What to expect with no event at all."""


class FigureTold(Part):
    """One figure with the numbers that it draws, as in `tables/<stem>.csv`."""

    number: int
    """As on the page."""
    stem: str
    """Name of its files."""
    title: str
    """What is drawn."""
    subtitle: str
    """Who and when."""
    notes: list[str]
    """How to read it."""
    description: str
    """The same in words, from the numbers."""
    after: str
    """The figure of the paper that it follows; empty for none."""
    columns: list[str]
    """Names of the columns."""
    rows: list[list[Cell]]
    """The numbers."""


class TableTold(Part):
    """A table of the page that belongs to no figure, as it is read there."""

    section: Section
    """Where it stands."""
    caption: str
    """What it is of."""
    columns: list[str]
    """Names of the columns."""
    rows: list[list[str]]
    """The cells as written."""
    notes: list[str]
    """What stands below it."""


class SourceTold(Part):
    """One ingest: what was read, kept and dropped."""

    kind: str
    """The door."""
    files: dict[str, str]
    """Each file's SHA-256 (of a sample of blocks where it is over 1 GiB)."""
    read: int
    """Rows read."""
    kept: int
    """Uploads kept."""
    replaced: int
    """Of these, in the place of an older record."""
    dropped: dict[str, int]
    """Rows not kept, by rule (see docs/uploads.md)."""


class LimitTold(Part):
    """One thing that these data cannot say."""

    name: str
    """What it is about."""
    words: str
    """What there is."""


class Document(Part):
    """All that a page says of one study; what run it was is in `runs/<utc>/run.json`."""

    format: Literal["precipice-findings"] = "precipice-findings"
    """What this file is."""
    version: Literal[1] = 1
    """Version of this shape."""
    simulated: str | None
    """The planted truth where the population is simulated and nothing is measured; null for real uploads."""
    asked: Asked
    """What was asked, and of whom."""
    answer: Answer
    """The answer in words."""
    changes: list[ChangeTold]
    """What cohorts did: what `answer.facts` says."""
    cohorts: list[CohortTold]
    """The cohorts by platform."""
    events: list[EventTold]
    """The events."""
    verdicts: list[VerdictTold]
    """What `answer.lead` says."""
    effects: list[EffectTold]
    """Every effect that was asked for."""
    comparisons: list[ComparisonTold]
    """What each method compares with, and what it cannot say."""
    figures: list[FigureTold]
    """Every figure, in the order of the page."""
    tables: list[TableTold]
    """Tables that belong to no figure."""
    words: dict[str, list[str]]
    """Sentences of the sections `themes`, `ai`, `supply`, `loops` and `own`."""
    sources: list[SourceTold]
    """What was read, kept and dropped; empty for a simulated population."""
    limits: list[LimitTold]
    """What these data cannot say."""

    def plain(self) -> dict[str, Any]:
        """Give the document as JSON takes it."""
        return self.model_dump(mode="json")


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the document, draft 2020-12."""
    found = Document.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def findings_schema() -> dict[str, Any]:
    """Give the JSON Schema of `findings.json` as it is shipped."""
    found: dict[str, Any] = json.loads((files("precipice.report") / "findings.schema.json").read_text(encoding="utf-8"))
    return found
