"""Tables from anyone in Spark's SQL: what `table_rows` and `tables` say to the embedded engine.

Text is read a line at a time, so that a cluster can part a file anywhere, and taken apart here: the readers of CSV of
Spark and of Sail disagree on rows of the wrong length and on quotes.  A quoted cell with a line end in it therefore
cannot be read, and says so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from precipice.records import SparkQuery, View
from precipice.sources.spark_queries import (
    NOTHING,
    column,
    flag,
    naive,
    number,
    plain,
    problems,
    records,
    rounded,
    text,
    without_names,
    zoned,
)
from precipice.sources.table_rows import COLUMNS, LISTS, SEPARATOR, Shape

MARK = "\ufeff"  # stands before the first line where a program marked the file as UTF-8

# A cell in quotes, with blanks around it, or any other; a quote within the latter stands for itself.
CELL = r',( *"[^"]*(?:""[^"]*)*" *|[^,]*)'
OPEN = """startswith(ltrim(cell), '"') AND NOT (length(trim(cell)) > 1 AND endswith(trim(cell), '"'))"""
UNQUOTED = """CASE WHEN startswith(ltrim(cell), '"')
THEN replace(substr(trim(cell), 2, length(trim(cell)) - 2), '""', '"') ELSE cell END"""

CSV = """
SELECT {cells}, line, flaw FROM (
    SELECT line, flaw, CASE WHEN flaw IS NULL THEN transform(cells, cell -> {unquoted}) END AS cells FROM (
        SELECT line, cells, CASE WHEN line IN ({headers}) THEN 'header' WHEN NOT is_valid_utf8(line) THEN 'broken'
                   WHEN contains(line, '"') AND (array_join(cells, {delimiter}) <> line
                        OR exists(cells, cell -> {open})) THEN 'broken'
                   WHEN size(cells) <> {width} THEN 'ragged' END AS flaw
        FROM (SELECT value AS line, CASE WHEN contains(value, '"')
                         THEN regexp_extract_all(concat({delimiter}, value), {cell}, 1)
                         ELSE split(value, {delimiter}) END AS cells
              FROM {view} WHERE {given})))
"""

FLOAT = """CASE WHEN isnan({0}) THEN NULL WHEN abs({0}) < 9007199254740992
AND {0} = CAST(try_cast({0} AS BIGINT) AS DOUBLE) THEN CAST(try_cast({0} AS BIGINT) AS STRING)
ELSE CAST({0} AS STRING) END"""

# By way of microseconds, since Sail writes a time in the zone that its file names.
ZONED = "concat(CAST(timestamp_micros(unix_micros({0})) AS STRING), '+00')"

MOMENT = """CASE WHEN {text} RLIKE '^[0-9]{{13}}$' THEN timestamp_millis(try_cast({text} AS BIGINT))
     WHEN {text} RLIKE '^[0-9]{{9,10}}([.][0-9]+)?$'
     THEN timestamp_micros(CAST(round({number} * 1000000) AS BIGINT))
     WHEN {text} RLIKE {says_zone} THEN {zoned} ELSE {naive} END"""
SAYS_ZONE = r"(Z|UTC|GMT|[+-][0-9][0-9](:?[0-9][0-9])?)$"
LOOKS_NAIVE = r"^[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?[T ][0-9]"

JUDGED = """
SELECT line, flaw, published AS text, coalesce(flaw, '') NOT IN ('ragged', 'broken', 'header') AND moment IS NULL
           AND NOT naive AS bad, moment IS NULL AND naive AS naive, moment IS NOT NULL AND NOT naive AS aware
FROM (SELECT line, flaw, published, {moment} AS moment, coalesce({own} IS NOT NULL AND published RLIKE {looks_naive}
          AND NOT published RLIKE {says_zone}, false) AS naive
      FROM ({relation}))
"""

SELECT = """
SELECT lower(coalesce(platform, {platform})) AS platform, id, creator AS creators, {published} AS published,
       'published' AS clock, CAST(NULL AS TIMESTAMP_NTZ) AS source_published, kind, {tags} AS tags,
       {declared_ai} AS declared_ai, {opt_out} AS opt_out, {reactions} AS reactions, {followers} AS followers,
       {followers_read} AS followers_read, coalesce(lower(state), 'shown') AS state, {updated} AS updated
FROM ({relation})
"""


def query(
    layouts: Mapping[Path, Mapping[str, Shape]],
    columns: Mapping[str, str],
    kind: str,
    headers: Mapping[Path, str],
    *,
    platform: str | None,
    timezone: str | None,
) -> SparkQuery:
    """Write the query that reads tables.

    Args:
        layouts: each file's columns in order, with what lies in them.
        columns: our name → the file's column, which every file has.
        kind: `csv`, `tsv`, `json` or `parquet`.
        headers: the first line of each file of text.
        platform: platform of rows that name none.
        timezone: zone of dates that say none.
    """
    groups: dict[tuple[object, ...], list[Path]] = {}
    for path, layout in layouts.items():
        # Files that are packed in different ways are not read in one go.
        groups.setdefault((path.suffix, headers.get(path), *(() if kind == "json" else layout.items())), []).append(
            path
        )
    form: Literal["lines", "parquet"] = "parquet" if kind == "parquet" else "lines"
    views = tuple(View(f"given_{number}", tuple(files), form) for number, files in enumerate(groups.values()))

    def relation(*, headed: bool) -> str:
        parts = (
            _rows(view, layouts[view.files[0]], columns, kind, headers.get(view.files[0], ""), headed=headed)
            for view in views
        )
        return " UNION ALL ".join(f"({part})" for part in parts)

    judged = JUDGED.format(
        relation=relation(headed=True), moment=_moment("published", timezone), own=naive("published", "UTC"),
        looks_naive=text(LOOKS_NAIVE), says_zone=text(SAYS_ZONE),
    )  # fmt: skip
    select = SELECT.format(
        platform=text(platform.strip() if platform else "unknown"),
        published=plain(_moment("published", timezone)),
        tags=without_names("tags", "creator"),
        declared_ai=flag("declared_ai"), opt_out=flag("opt_out"),
        reactions=rounded("reactions"), followers=rounded("followers"),
        followers_read=plain(_moment("followers_read", timezone or "UTC")),
        updated=plain(_moment("updated", timezone or "UTC")),
        relation=relation(headed=False),
    )  # fmt: skip
    return SparkQuery(views, select, problems(judged))


def _rows(
    view: View, layout: Mapping[str, Shape], columns: Mapping[str, str], kind: str, header: str, *, headed: bool
) -> str:
    """Write the query of one view; `headed` keeps the lines of headers, to be counted."""
    if kind == "parquet":
        cells = _cells(layout, columns, {theirs: column(theirs) for theirs in layout})
        return f"SELECT {cells}, CAST(NULL AS STRING) AS line, CAST(NULL AS STRING) AS flaw FROM {view.name}"
    if kind == "json":
        names = dict.fromkeys(columns.values())
        cells = _cells({}, columns, {theirs: f"record.{column(theirs)}" for theirs in names})
        return f"SELECT {cells}, line, flaw FROM ({records(view.name, names)})"
    delimiter = "\t" if kind == "tsv" else ","
    heads = f"{text(header)}, {text(MARK + header)}"
    cells = _cells(layout, columns, {theirs: f"cells[{place}]" for place, theirs in enumerate(layout)})
    return CSV.format(
        cells=cells, view=view.name, headers=heads, delimiter=text(delimiter),
        cell=text(CELL.replace(",", delimiter)), width=len(layout), open=OPEN, unquoted=UNQUOTED,
        given="value <> ''" if headed else f"value <> '' AND value NOT IN ({heads})",
    )  # fmt: skip


def _cells(layout: Mapping[str, Shape], columns: Mapping[str, str], places: Mapping[str, str]) -> str:
    cells = []
    for name in COLUMNS:
        theirs = columns.get(name)
        cells.append(
            f"{_cell(name, places[theirs], layout.get(theirs, 'json')) if theirs is not None else _gap(name)} AS {name}"
        )
    return ", ".join(cells)


def _gap(name: str) -> str:
    return NOTHING if name in LISTS else "CAST(NULL AS STRING)"


def _cell(name: str, own: str, shape: Shape) -> str:
    """Write one cell as text that is null where empty, or as a list of such texts."""
    written = {"float": FLOAT.format(own), "zoned": ZONED.format(own)}.get(shape, f"CAST({own} AS STRING)")
    cell = f"nullif(trim({written}), '')"
    if name not in LISTS:
        return cell
    alone = f"CASE WHEN {cell} IS NULL THEN {NOTHING} ELSE array({cell}) END"
    split = _tidy(f"split({cell}, '[{SEPARATOR}]')")
    otherwise = alone if name == "creator" else f"CASE WHEN {cell} IS NULL THEN {NOTHING} ELSE {split} END"
    if shape == "list":
        several = _tidy(f"CAST({own} AS ARRAY<STRING>)")
        return f"array_distinct({several})" if name == "creator" else f"coalesce({several}, {NOTHING})"
    if shape != "json":
        return otherwise
    several = _tidy(f"from_json({cell}, 'array<string>')")
    once = f"array_distinct({several})" if name == "creator" else several
    return f"CASE WHEN startswith({cell}, '[') THEN coalesce({once}, {otherwise}) ELSE {otherwise} END"


def _tidy(entries: str) -> str:
    return f"filter(transform({entries}, entry -> trim(entry)), entry -> entry <> '')"


def _moment(name: str, timezone: str | None) -> str:
    return MOMENT.format(
        text=name, number=number(name), says_zone=text(SAYS_ZONE), zoned=zoned(name), naive=naive(name, timezone)
    )
