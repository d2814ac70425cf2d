"""The tables of an exported data set: a few plain ones, the same for every study, from its findings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from precipice.report.document import Document
from precipice.report.told import ChangeTold, CohortTold, EffectTold, EventTold, Part, VerdictTold

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    kind: str
    """`text`, `whole`, `number` or `truth`."""
    words: str
    """What it holds."""


@dataclass(frozen=True)
class Published:
    """One table of a data set."""

    name: str
    words: str
    """What a row is."""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


PLATFORM = Column("platform", "text", "Name of the platform.")
STATUS = "`given`; `<5` for 1 to 4 creators; `withheld` where it would give such a number away"
MONTHLY = (
    PLATFORM,
    Column("cohort", "text", "`all`, `senior` or `junior`."),
    Column("period", "text", "Month (`2021-05`), quarter (`2021-Q2`) or year (`2021`): as short as may be given."),
    Column("months", "whole", "Months that the numbers cover."),
    Column("complete", "truth", "Whether all of them were observed throughout."),
    Column("uploads_a_month", "number", "Uploads a month."),
    Column("uploads_low", "number", "Lower 95 % limit over creators; empty for all."),
    Column("uploads_high", "number", "Upper one."),
    Column("uploads_status", "text", f"{STATUS}."),
    Column("capped_a_month", "number", "Uploads a month, each creator at most the study's cap."),
    Column("capped_low", "number", "Lower 95 % limit over creators."),
    Column("capped_high", "number", "Upper one."),
    Column("capped_status", "text", f"{STATUS}; empty where it is not asked, as for all."),
)
RETENTION = (
    PLATFORM,
    Column("first_upload", "text", "Year of the first upload, or years where they are given together."),
    Column("creators", "whole", "Creators who began then; empty where that may not be given."),
    Column("months_since_from", "whole", "First month since the first upload."),
    Column("months_since_to", "whole", "Last one."),
    Column("share_active", "number", "Share of them who upload in a month, mean of these months."),
    Column("status", "text", "`given`, or `<5` where 1 to 4 creators would show."),
)


def published(told: Document) -> tuple[Published, ...]:
    """Give a data set's tables; one without rows is left out."""
    tables = (
        Published("monthly", "Uploads of a cohort in a month, quarter or year", MONTHLY, tuple(_monthly(told))),
        Published(
            "retention", "An entry year so many months on", RETENTION, tuple(_rows_of(told, "retention-"))
        ),
        _plain("cohorts", "A cohort", CohortTold, told.cohorts),
        _plain("changes", "A cohort's first and last year compared; a description, not an effect", ChangeTold,
               told.changes),
        _plain("effects", "What one method says one event did", EffectTold, told.effects),
        _plain("verdicts", "What all methods together say", VerdictTold, told.verdicts),
        _plain("events", "An event", EventTold, told.events),
    )  # fmt: skip
    return tuple(table for table in tables if table.rows)


def _monthly(told: Document) -> Iterator[Row]:
    """Join totals and capped uploads of the same cohort and period."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for start, measure in (("totals-", "uploads"), ("cohorts-", "capped")):
        for row in _rows_of(told, start):
            key = (row["platform"], row["cohort"], row["period"])
            own = {f"{measure}_{part}": row[f"{measure}_{part}"] for part in ("a_month", "low", "high")}
            shared = {name: row[name] for name in ("platform", "cohort", "period", "months", "complete")}
            found.setdefault(key, shared).update(own | {f"{measure}_status": row["status"]})
    yield from found.values()


def _rows_of(told: Document, start: str) -> Iterator[Row]:
    for figure in told.figures:
        if figure.stem.startswith(start):
            yield from (dict(zip(figure.columns, row, strict=True)) for row in figure.rows)


KINDS = {"integer": "whole", "number": "number", "boolean": "truth"}


def _plain(name: str, words: str, noun: type[Part], parts: Sequence[Part]) -> Published:
    """Make a table of a noun: lists of plain values joined, lists of nouns by their first name."""
    fields = noun.model_json_schema()["properties"]
    columns = tuple(Column(key, _kind(field), field["description"]) for key, field in fields.items() if key != "rows")
    rows = (part.model_dump(mode="json") for part in parts)
    return Published(name, words, columns, tuple({c.name: _cell(row[c.name]) for c in columns} for row in rows))


def _kind(field: Mapping[str, Any]) -> str:
    kinds: Iterable[Mapping[str, Any]] = field.get("anyOf", [field])
    return next((KINDS[kind["type"]] for kind in kinds if kind.get("type") in KINDS), "text")


def _cell(value: Any) -> Any:  # noqa: ANN401  whatever a noun holds
    if isinstance(value, list):
        return " ".join(str(next(iter(part.values())) if isinstance(part, Mapping) else part) for part in value)
    return value
