"""A study as a file: `precipice.toml`, checked to the line.

An unknown key, a wrong type or an impossible date is an error that points at its line and suggests the right one.
"""

import difflib
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from precipice.errors import InputError
from precipice.months import month_text, parse_month
from precipice.records import EVENTS

NAME = "precipice.toml"


def _month(value: object) -> int:
    if isinstance(value, int):
        return value
    if isinstance(value, date):
        value = value.isoformat()[:10]
    try:
        return parse_month(str(value))
    except InputError as error:
        raise ValueError(f"{error.what}; {error.fix}") from error


Month = Annotated[int, BeforeValidator(_month)]


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StudySection(Section):
    """What is asked."""

    title: str = "Uploads by month and cohort"
    platforms: tuple[str, ...] = Field(default=(), strict=False)
    """Platforms to show; empty for all in the archive."""
    start: Month | None = Field(default=None, alias="from")
    """First month shown; None for the first in the archive."""
    end: Month | None = Field(default=None, alias="to")
    """Last month shown; None for the last in the archive."""
    cutoff: Month = parse_month("2022-01")
    """Seniors uploaded before this month, juniors only from it on."""
    cap: int = Field(default=1, ge=1)
    """Most uploads counted a month and creator."""
    unit: Literal["artist", "uploader"] = "artist"
    """Who counts as the creator of a Danbooru post."""
    clock: Literal["first", "source"] = "first"
    """`first`: the clock each upload came with; `source`: the time its original carries, where it does."""
    frame: Literal["population", "random", "followers", "recent", "other"] = "population"
    """How creators came to be in the archive: all or random ones, by today's followers, by recent activity."""
    partial: Literal["keep", "drop"] = "keep"
    """Whether collected artists of whom something is missing count."""
    timezone: str | None = None
    """Zone of dates that say none."""
    seed: int = 1
    """Seed of every draw."""
    licence: str | None = None
    """Licence of what is published: `CC-BY-4.0`, or an address; None where none is stated."""
    n: int | None = Field(default=None, ge=1)
    """Creators drawn at random on each platform; None for all."""
    where: str | None = None
    """Condition that creators must meet: `followers > 2000`."""
    events: tuple[str, ...] = Field(default=tuple(EVENTS), strict=False)
    """Names of shipped events, or of lines of `events.csv`."""

    @model_validator(mode="after")
    def _in_order(self) -> "StudySection":
        if self.start is not None and self.end is not None and self.start > self.end:
            raise ValueError(f"'to' ({month_text(self.end)}) is before 'from' ({month_text(self.start)})")
        return self


class ColumnsSection(Section):
    """Which column of a table is what; the left side is ours, the right side the file's."""

    platform: str | None = None
    id: str | None = None
    creator: str | None = None
    published: str | None = None
    kind: str | None = None
    tags: str | None = None
    declared_ai: str | None = None
    opt_out: str | None = None
    reactions: str | None = None
    followers: str | None = None
    followers_read: str | None = None
    state: str | None = None
    updated: str | None = None


class EngineSection(Section):
    """Which engine is asked, and what it may use."""

    name: Literal["duckdb", "polars", "spark", "bigquery", "trino"] = "duckdb"
    master: str | None = None
    """Where the engine runs: `local[4]`, `spark://host:7077`, `sc://host:15002`, `sail`, or a warehouse's table."""
    memory: str = "700MB"
    """Memory before it spills to disk."""
    threads: int | None = Field(default=None, ge=1)
    """Threads; None for as many as this process may run on."""
    spill: str | None = None
    """Folder for what does not fit in memory, relative to the study; None for one in the archive."""


class ArchiveSection(Section):
    """Where the archive's key lies and how far its sources reach."""

    key: str | None = None
    """File of the key that pseudonyms are made with, relative to the study; None for the user's data folder."""
    observed_from: Month | None = None
    """Month from which on every upload is in the sources; None where that is not known."""
    observed_to: Month | None = None
    """Last month that the sources cover to its end; None where that is not known."""


class EffectsSection(Section):
    """How effects are estimated."""

    methods: tuple[str, ...] = Field(default=(), strict=False)
    """Names of methods; empty for all that can be asked."""
    control: str | None = None
    """A platform that the events should not have touched."""
    look_back: int = Field(default=60, ge=1)
    """Incumbents are the entrants of this many months before the event."""
    window: int = Field(default=12, ge=1)
    """Months compared before the event and from it on; a whole year keeps the seasons out."""
    exclude: Annotated[tuple[Month, ...], Field(strict=False)] = ()
    """Months never used, such as a yearly drive."""


class SupplySection(Section):
    """How the supply is forecast, and which runways are asked for."""

    until: Month | None = None
    """Last month to forecast; None for 60 after the last complete one, or as many as the history allows."""
    generation_months: int = Field(default=12, ge=1)
    """Calendar months whose uploads one model trains on."""
    threshold: float = Field(default=0.1, gt=0, lt=1)
    """Share of the first generation that must be lost."""
    sensitivity: str | None = None
    """Of the works made with a model, the share that the label marks: `"0.8"`, or right of tried, `"160/200"`."""
    specificity: str | None = None
    """Of the other works, the share that it leaves alone."""
    share: str | None = None
    """A share of synthetic uploads that is stated in the place of labels: `"0.2"` or `"0.1..0.3"`."""


def _day(value: object) -> str | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError as error:
        raise ValueError(f"'{value}' is not a day; write it like 2023-10-31") from error


Day = Annotated[str, BeforeValidator(_day)]


class CollectSection(Section):
    """Whom to ask, how, and for how long the answers may be kept."""

    sites: tuple[str, ...] = Field(default=(), strict=False)
    """Sites to ask: `artstation`, `deviantart`, `danbooru`, `safebooru`, `aibooru`, or `NAME=https://host`."""
    frame: str = "artists.csv"
    """List of the artists who may be asked, relative to the study."""
    n: int | None = Field(default=None, ge=1)
    """Artists drawn at random on each site; None for the whole list."""
    where: str | None = None
    """Condition that artists must meet to be drawn: `followers > 2000`."""
    screen: Literal["until-drawn", "all"] = "until-drawn"
    """Whether candidates are screened until enough are found, or all of them, which makes probabilities exact."""
    since: Day | None = None
    """First day kept; None for the whole history."""
    until: Day | None = None
    """Last day kept; None for today."""
    contact: str | None = None
    """Address that sites can write to; goes into the User-Agent."""
    pace: float = Field(default=2.0, ge=0, strict=False)
    """Least seconds between two requests to a site."""
    followers: bool = True
    """Whether each artist's profile is asked for, where it says how many followers there are."""
    details: bool = False
    """Whether each work's own page is asked for too (tags, opt-outs): many more requests."""
    exclude: str | None = None
    """List of artists who are never asked, and whose uploads are taken out of the archive."""
    expires: Day | None = None
    """Day by which what was collected is to be deleted."""
    timeout: float = Field(default=30.0, gt=0, strict=False)
    """Seconds that a server may be silent within an answer."""
    retries: int = Field(default=4, ge=0)
    """Times that a failed request is made again."""
    wait: float = Field(default=60.0, ge=0, strict=False)
    """Seconds to wait after a 429 that names no time."""
    patience: float = Field(default=180.0, gt=0, strict=False)
    """Seconds after which a worker that says nothing is ended."""


class TagsSection(Section):
    """How tags are read; files are relative to the study."""

    report: bool = True
    """Whether the report shows themes and diversity, where the archive has tags."""

    aliases: str | None = None
    """CSV or JSON of `antecedent_name`, `consequent_name`: names that are other words for another."""
    implications: str | None = None
    """The same shape: names that say another along with themselves."""
    stop: str | None = None
    """A tag a line to leave out."""
    stop_kinds: tuple[str, ...] = Field(default=("meta",), strict=False)
    """Kinds of tags to leave out: `artist`, `character`, `copyright`, `general`, `lore`, `meta`, `species`."""


class LoopSection(Section):
    """The loops of small models that the report runs on a platform's supply."""

    report: bool = True
    """Whether the report runs them."""
    platform: str | None = None
    """Whose supply; None for the platform with most uploads among those whose labels tell uploads apart."""
    pictures: str | None = None
    """`digits`, `fashion-mnist`, or a folder of pictures relative to the study; None for the study's own tags."""
    model: Literal["gaussian", "mixture", "kde", "vae", "ddpm"] = "mixture"
    """What is fitted to pictures."""
    n: int = Field(default=600, ge=30)
    """Pictures that a generation is fitted to, at the measured share."""
    replicates: int = Field(default=3, ge=1)
    """Runs of each regime on pictures."""
    bias: float = Field(default=0.9, gt=0, le=1, strict=False)
    """Sampling bias, which is assumed: 1 for none."""
    generations: int | None = Field(default=None, ge=1)
    """Generations at most; None for all that are counted and forecast."""


class Study(Section):
    """A whole study file."""

    study: StudySection = StudySection()
    columns: ColumnsSection = ColumnsSection()
    effects: EffectsSection = EffectsSection()
    supply: SupplySection = SupplySection()
    loop: LoopSection = LoopSection()
    tags: TagsSection = TagsSection()
    engine: EngineSection = EngineSection()
    archive: ArchiveSection = ArchiveSection()
    collect: CollectSection = CollectSection()

    def with_engine(self, text: str) -> "Study":
        """Give the same study on another engine, `NAME` or `NAME=MASTER`, with what it may use as before.

        Raises:
            InputError: there is no such engine.
        """
        name, _, master = text.partition("=")
        known = get_args(EngineSection.model_fields["name"].annotation)
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise InputError(
                f"there is no engine '{name}'",
                where="--engine",
                why=f"there are {', '.join(known)}",
                fix=f"write '{close[0]}'" if close else "leave it out for the embedded one",
            )
        # Another engine's address is no use to this one.
        own = self.engine.master if name == self.engine.name else None
        engine = self.engine.model_copy(update={"name": name, "master": master or own})
        return self.model_copy(update={"engine": engine})


def read_study(folder: Path, name: str = NAME) -> Study:
    """Read a study's file; the defaults where there is none.

    Args:
        folder: the study's folder.
        name: the file in it.

    Raises:
        InputError: something in it cannot be used; the message names the line and suggests what is right.
    """
    place = folder / name
    if not place.exists():
        return Study()
    text = place.read_text(encoding="utf-8")
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise InputError(
            "the study file is not TOML",
            where=f"{NAME}:{line[1]}" if line else NAME,
            why=str(error),
            fix="see the comments of a fresh one:  precipice init FOLDER",
        ) from error
    try:
        return Study.model_validate(found)
    except ValidationError as error:
        raise _pointed(error, text) from error


def _pointed(error: ValidationError, text: str) -> InputError:
    """Turn the first finding of a validation into an error that points at its line."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    section, key = (path[0], path[1]) if len(path) > 1 else ("", path[0] if path else "")
    where = f"{NAME}:{_line_of(text, section, key)}"
    if first["type"] == "extra_forbidden":
        known = _keys(section)
        close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        return InputError(
            f"there is no key '{key}'" + (f" in [{section}]" if section else ""),
            where=where,
            why=f"the keys are {', '.join(known)}",
            fix=f"write '{close[0]}'" if close else "remove it",
        )
    words = first["msg"].removeprefix("Value error, ")
    what = f"[{section}] {key} cannot be {first['input']!r}" if key else f"[{section}] does not hold together"
    return InputError(what, where=where, why=words, fix=_example(section, key))


def _keys(section: str) -> list[str]:
    model: type[BaseModel] = Study
    if section:
        annotation = Study.model_fields[section].annotation if section in Study.model_fields else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else Study
    return [field.alias or name for name, field in model.model_fields.items()]


def _example(section: str, key: str) -> str:
    examples: dict[str, Any] = {
        "from": '"2021-01"', "to": '"2023-10"', "cutoff": '"2022-01"', "cap": "1", "seed": "1", "n": "250",
        "where": '"followers > 2000"', "events": '["stable-diffusion"]', "platforms": '["artstation"]',
    }  # fmt: skip
    return f"write it like:  {key} = {examples[key]}" if key in examples else "see the comments of a fresh study file"


def _line_of(text: str, section: str, key: str) -> int:
    """Find the line of a key in its section; the section's own line where the key is not written out."""
    current, section_line = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[\s*([\w.-]+)\s*\]", line)
        if header:
            current = header[1]
            section_line = number if current == section else section_line
        if current == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    if not section and key:
        return next((n for n, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*\[\s*{key}", line)), 1)
    return section_line
