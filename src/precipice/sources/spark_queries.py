r"""The doors' queries in Spark's SQL, as far as several doors share them.

They give what their counterparts in the embedded engine's SQL give.  Three things differ in the dialects: text in
quotes knows escapes, patterns are Java's (and Rust's on Sail: digits are `[0-9]`, since `\d` means more there), and a
cast reads more as a time than it should, so that a pattern says first what is one.
"""

from collections.abc import Iterable

PROBLEMS = """
SELECT count(*) FILTER (WHERE flaw IS NULL OR flaw = 'record') AS rows,
       count(*) FILTER (WHERE bad) AS bad, min(coalesce(text, '')) FILTER (WHERE bad) AS text,
       min_by(line, coalesce(text, '')) FILTER (WHERE bad) AS line,
       count(*) FILTER (WHERE naive) AS naive, count(*) FILTER (WHERE aware) AS aware,
       count(*) FILTER (WHERE flaw = 'ragged') AS ragged, min(line) FILTER (WHERE flaw = 'ragged') AS ragged_line,
       count(*) FILTER (WHERE flaw = 'broken') AS broken, min(line) FILTER (WHERE flaw = 'broken') AS broken_line,
       count(*) FILTER (WHERE flaw = 'header') AS headers
FROM ({judged})
"""
"""The query that `SparkQuery.problems` asks for, over rows of line, flaw, text, bad, naive and aware."""

RECORDS = """
SELECT line, flaw, CASE WHEN flaw IS NULL THEN from_json(line, {schema}, {options}) END AS record FROM (
    SELECT value AS line, CASE WHEN NOT is_valid_utf8(value) THEN 'broken'
               WHEN NOT (startswith(value, '{{') AND endswith(value, '}}')) THEN 'record' END AS flaw
    FROM (SELECT btrim(value, {blanks}) AS value FROM {view}) WHERE value <> '')
"""
JSON = "map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')"
BLANKS = " \t\r"

NAMELESS = """
CASE WHEN exists({names}, name -> contains(lower(array_join({tags}, ' ')), lower(name)))
     THEN filter({tags}, tag -> tag <> '' AND NOT exists({names}, name -> lower(tag) = lower(name)
          OR endswith(lower(tag), concat('(', lower(name), ')')) OR endswith(lower(tag), concat(':', lower(name)))))
     ELSE {tags} END
"""

NOTHING = "CAST(array() AS ARRAY<STRING>)"  # of a type, which Sail wants
DAY = r"[0-9]{4}(-[0-9][0-9]?-|/[0-9][0-9]?/)[0-9][0-9]?"
HOUR = r"[T ][0-9][0-9]?:[0-9][0-9]?(:[0-9][0-9]?([.][0-9]+)?)?"
ZONE = r"(Z| UTC| GMT|[+-][0-9][0-9](:?[0-9][0-9])?)"
ZONED = rf"^{DAY}({HOUR}{ZONE})?$"
NAIVE = rf"^{DAY}({HOUR})?$"
NO_SECONDS = rf"[T ][0-9][0-9]?:[0-9][0-9]{ZONE}$"
NUMBER = r"^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")


def text(value: str) -> str:
    """Write a value as SQL text."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def column(name: str) -> str:
    """Write a column's name in SQL."""
    return "`" + name.replace("`", "``") + "`"


def records(view: str, names: Iterable[str]) -> str:
    """Read lines of JSON: columns line, flaw and record, a structure of texts of those names (see `PROBLEMS`)."""
    schema = text(", ".join(f"{column(name)} STRING" for name in names))
    return RECORDS.format(schema=schema, options=JSON, blanks=text(BLANKS), view=view)


def without_names(tags: str, names: str) -> str:
    """Give the tags of a list that are no name of a creator and end in none; `tags` and `names` are SQL arrays."""
    return NAMELESS.format(tags=tags, names=names)


def zoned(written: str) -> str:
    """Read text that says its zone, or a bare day as that day in UTC."""
    bare = f"replace(trim({written}), '/', '-')"
    # Sail wants seconds before a zone.
    minute = f"instr({bare}, ':')"
    timed = f"concat(substr({bare}, 1, {minute} + 2), ':00', substr({bare}, {minute} + 3))"
    bare = f"CASE WHEN trim({written}) RLIKE {text(NO_SECONDS)} THEN {timed} ELSE {bare} END"
    return f"CASE WHEN trim({written}) RLIKE {text(ZONED)} THEN try_cast({bare} AS TIMESTAMP) END"


def naive(written: str, timezone: str | None) -> str:
    """Read text without a zone in one that was named.  Of an hour that comes twice it takes the second."""
    if timezone is None:
        return "CAST(NULL AS TIMESTAMP)"
    zone = text(timezone)
    there = f"try_cast(replace(trim({written}), '/', '-') AS TIMESTAMP)"  # the session is in UTC
    first = f"to_utc_timestamp({there}, {zone})"
    later = " ".join(
        f"WHEN from_utc_timestamp({first} + INTERVAL {minutes} MINUTE, {zone}) = {there}"
        f" THEN {first} + INTERVAL {minutes} MINUTE"
        for minutes in (60, 30)
    )
    return f"CASE WHEN trim({written}) RLIKE {text(NAIVE)} THEN CASE {later} ELSE {first} END END"


def plain(moment: str) -> str:
    """Give a time as the archive keeps it: UTC, without saying so."""
    return f"CAST({moment} AS TIMESTAMP_NTZ)"


def number(written: str) -> str:
    """Read text as a floating-point number, null where it is none, or one that no whole number of 64 bits is near."""
    value = f"try_cast({written} AS DOUBLE)"
    return f"CASE WHEN {written} RLIKE {text(NUMBER)} AND abs({value}) < 9.223372036854775807E18 THEN {value} END"


def rounded(written: str) -> str:
    """Read text as a number and round it to a whole one; null where it is none, or one beyond 64 bits."""
    return f"try_cast(round({number(written)}) AS BIGINT)"


def whole(written: str) -> str:
    """Read text as a whole number, to the last digit where it is written as one."""
    return f"coalesce(try_cast({written} AS BIGINT), {rounded(written)})"


def flag(written: str) -> str:
    """Read text as true or false, null where it is neither."""
    true, false = (", ".join(map(text, words)) for words in (TRUE, FALSE))
    return f"CASE WHEN lower({written}) IN ({true}) THEN true WHEN lower({written}) IN ({false}) THEN false END"


def problems(judged: str) -> str:
    """Give the query that `SparkQuery.problems` asks for."""
    return PROBLEMS.format(judged=judged)
