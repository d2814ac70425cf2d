"""Settling in Spark's SQL: the rules of `takers.settling`, over the views `staged`, `held` and `overlap`.

One difference: keys are joined first, and whole records compared in those files alone that hold one that comes again.
"""

from precipice.records import FIELDS

COLUMNS = ", ".join(FIELDS)
TYPES = {"VARCHAR": "STRING", "BIGINT": "BIGINT", "BOOLEAN": "BOOLEAN", "TIMESTAMP": "TIMESTAMP_NTZ",
         "VARCHAR[]": "ARRAY<STRING>", "BIGINT[]": "ARRAY<BIGINT>"}  # fmt: skip
SCHEMA = ", ".join(f"{name} {TYPES[kind]}" for name, kind in FIELDS.items())
TIMES = ("published", "source_published", "followers_read", "updated")

# HMAC-SHA-256 spelled out as in `pseudonyms`: two halves of the first 64 bits, since a whole number has 63.
HASH = """sha2(concat(outer_pad, unhex(sha2(concat(inner_pad, CAST(platform AS BINARY), unhex('00'),
CAST(name AS BINARY)), 256))), 256)"""
NUMBER = """CAST(conv(substr(digits, 1, 8), 16, 10) AS BIGINT) * 2147483648
+ shiftright(CAST(conv(substr(digits, 9, 8), 16, 10) AS BIGINT), 1)"""
PSEUDONYMS = f"transform(transform(creators, name -> {HASH}), digits -> {NUMBER})"


def _kept(name: str) -> str:
    if name == "creators":
        empty = "CAST(array() AS ARRAY<BIGINT>)"
        return f"CASE WHEN id IS NULL OR published IS NULL THEN {empty} ELSE {PSEUDONYMS} END AS creators"
    return f"CAST(date_trunc('SECOND', {name}) AS TIMESTAMP_NTZ) AS {name}" if name in TIMES else name


# The key's pads stand in a table that is joined: as literals they would stand in every plan and log.
PSEUDONYMOUS = f"SELECT {', '.join(map(_kept, FIELDS))} FROM ({{select}}) CROSS JOIN pads"

TALLY = """
SELECT count(*) AS rows, count(*) FILTER (WHERE size(creators) > 0) AS kept,
       count(*) FILTER (WHERE id IS NULL AND published IS NULL) AS unreadable,
       count(*) FILTER (WHERE id IS NULL AND published IS NOT NULL) AS no_id,
       count(*) FILTER (WHERE id IS NOT NULL AND published IS NULL) AS bad_date,
       count(*) FILTER (WHERE id IS NOT NULL AND published IS NOT NULL AND coalesce(size(creators), 0) <= 0)
           AS no_creator
FROM staged
"""

LEFT_OUT = f"""
SELECT {COLUMNS} FROM (
    SELECT {
    ", ".join(
        "filter(creators, creator -> NOT array_contains(coalesce(who, CAST(array() AS ARRAY<BIGINT>)), creator))"
        " AS creators"
        if name == "creators"
        else name
        for name in FIELDS
    )
}, coalesce(size(creators), 0) AS before
    FROM staged LEFT JOIN excluded USING (platform))
WHERE before <= 0 OR size(creators) > 0
"""

REPEATED = "SELECT count(*) - count(DISTINCT platform, id) AS repeated FROM staged WHERE size(creators) > 0"


def _written(name: str, kind: str) -> str:
    """Write a column as `settling` does for its own engine."""
    text = f"CAST({name} AS STRING)"
    if kind == "TIMESTAMP":
        text = f"CAST(unix_micros(CAST({name} AS TIMESTAMP)) AS STRING)"
    elif "[]" in kind:
        text = f"array_join(CAST({name} AS ARRAY<STRING>), chr(30))"
    return f"coalesce({text}, '')"


TIE = f"md5(concat_ws(chr(31), {', '.join(_written(name, kind) for name, kind in FIELDS.items())}))"

SETTLED = f"""
WITH keyed AS (SELECT {COLUMNS} FROM staged WHERE size(creators) > 0),
again AS (SELECT platform, id FROM keyed GROUP BY platform, id HAVING count(*) > 1),
repeated AS (SELECT {COLUMNS}, {TIE} AS record FROM keyed LEFT SEMI JOIN again USING (platform, id)),
ranked AS (
    SELECT *, row_number() OVER newest AS place,
           updated <=> first_value(updated) OVER newest AND published = first_value(published) OVER newest AS equal
    FROM repeated
    WINDOW newest AS (PARTITION BY platform, id ORDER BY updated DESC NULLS LAST, published DESC, record)
),
joint AS (
    SELECT platform, id, array_sort(array_distinct(flatten(collect_list(creators)))) AS others
    FROM ranked WHERE equal GROUP BY platform, id
)
SELECT {COLUMNS} FROM keyed LEFT ANTI JOIN again USING (platform, id)
UNION ALL
SELECT {
    ", ".join(
        "concat(creators, array_except(others, creators)) AS creators" if name == "creators" else name
        for name in FIELDS
    )
} FROM ranked JOIN joint USING (platform, id) WHERE place = 1
UNION ALL
SELECT {COLUMNS} FROM staged WHERE coalesce(size(creators), 0) <= 0
"""

TOUCHED = """
SELECT DISTINCT file FROM (SELECT platform, id, file FROM held WHERE size(creators) > 0)
LEFT SEMI JOIN (SELECT platform, id FROM staged WHERE size(creators) > 0) USING (platform, id) ORDER BY file
"""

OVERLAP = f"""
SELECT platform, id, file,
       CASE WHEN incoming_record = held_record THEN false
            WHEN incoming_updated IS NULL THEN held_updated IS NULL
            ELSE coalesce(incoming_updated >= held_updated, true) END AS newer
FROM (SELECT platform, id, updated AS incoming_updated, xxhash64({COLUMNS}) AS incoming_record
      FROM staged WHERE size(creators) > 0)
JOIN (SELECT platform, id, updated AS held_updated, xxhash64({COLUMNS}) AS held_record, file
      FROM held WHERE size(creators) > 0) USING (platform, id)
"""

OUTCOME = """SELECT count(*) FILTER (WHERE NOT newer) AS known, count(*) FILTER (WHERE newer) AS newer,
       array_sort(collect_set(file) FILTER (WHERE newer)) AS files FROM overlap"""

NEWS = f"""SELECT {COLUMNS} FROM staged
LEFT ANTI JOIN (SELECT platform, id FROM overlap WHERE NOT newer) USING (platform, id)"""

LEFT = f"""SELECT {COLUMNS} FROM held
LEFT ANTI JOIN (SELECT platform, id FROM overlap WHERE newer) USING (platform, id)"""
