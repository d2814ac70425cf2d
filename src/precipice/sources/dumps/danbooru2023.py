"""The Danbooru2023 metadata dump and its kin: JSON Lines, one post a line.

Fields and their traps: https://huggingface.co/datasets/nyanko7/danbooru2023 and Danbooru's own API documentation.
The creator is the artist tag (a post counts for each artist), or on request the uploader.  `created_at` is when
somebody posted the work to Danbooru: the clock is `noticed`; a second clock is read off `source` where it carries one.
"""

from pathlib import Path
from typing import Literal

from precipice.records import Intake

TWITTER_EPOCH = 1_288_834_974_657  # milliseconds, subtracted from a tweet's time before it becomes the id's upper bits
FIRST_SNOWFLAKE = 300_000_000_000_000  # smaller ids were counted, not timed

COLUMNS = {
    "id": "BIGINT",
    "created_at": "VARCHAR",
    "updated_at": "VARCHAR",
    "uploader_id": "BIGINT",
    "score": "BIGINT",
    "source": "VARCHAR",
    "file_ext": "VARCHAR",
    "is_deleted": "BOOLEAN",
    "is_banned": "BOOLEAN",
    "tag_string_general": "VARCHAR",
    "tag_string_character": "VARCHAR",
    "tag_string_copyright": "VARCHAR",
    "tag_string_artist": "VARCHAR",
    "tag_string_meta": "VARCHAR",
}

# Offsets ('-04:00', '+09:00', ' UTC') and whole milliseconds both occur.  By way of microseconds, since a cast from
# TIMESTAMPTZ asks the calendar library for each row and takes twice as long.
MOMENT = """coalesce(make_timestamp(epoch_us(try_cast({0} AS TIMESTAMPTZ))),
make_timestamp_ms(try_cast({0} AS BIGINT)))"""

# A tweet's id carries its time; the path of a Pixiv picture carries its date in Japan (UTC+9, no summer time).
SECOND_CLOCK = f"""
CASE WHEN contains(source, '/status') THEN make_timestamp_ms(CASE
         WHEN try_cast(regexp_extract(source, '/status(?:es)?/(\\d+)', 1) AS BIGINT) >= {FIRST_SNOWFLAKE}
         THEN (regexp_extract(source, '/status(?:es)?/(\\d+)', 1)::BIGINT >> 22) + {TWITTER_EPOCH} END)
     WHEN contains(source, '/img/') THEN try_strptime(substr(source, strpos(source, '/img/') + 5, 19),
         '%Y/%m/%d/%H/%M/%S') - INTERVAL 9 HOUR END
"""

ARTISTS = """CASE WHEN contains(tag_string_artist, ' ') OR tag_string_artist = 'banned_artist'
THEN list_filter(string_split(tag_string_artist, ' '), lambda name: name NOT IN ('', 'banned_artist'))
WHEN tag_string_artist = '' OR tag_string_artist IS NULL THEN [] ELSE [tag_string_artist] END"""


def _prefixed(kind: str) -> str:
    column = f"nullif(tag_string_{kind}, '')"
    return f"'{kind}:' || replace({column}, ' ', ' {kind}:')"


# One split of one text: splitting each kind and joining the lists takes a tenth longer.
TAGS = f"""string_split(concat_ws(' ', nullif(tag_string_general, ''), {_prefixed("character")},
{_prefixed("copyright")}, {_prefixed("meta")}), ' ')"""

DECLARED_AI = """contains(tag_string_meta, 'ai-')
AND regexp_matches(tag_string_meta, '(^| )ai-(generated|assisted)( |$)')"""

SELECT = """
SELECT '{platform}' AS platform, id::VARCHAR AS id, {creators} AS creators, {published} AS published,
       'noticed' AS clock, {second} AS source_published,
       CASE WHEN file_ext IN ('mp4', 'webm', 'zip') THEN 'video' ELSE 'image' END AS kind, {tags} AS tags,
       {ai} AS declared_ai, NULL::BOOLEAN AS opt_out, score AS reactions, NULL::BIGINT AS followers,
       NULL::TIMESTAMP AS followers_read,
       CASE WHEN is_banned THEN 'banned' WHEN is_deleted THEN 'deleted' ELSE 'shown' END AS state,
       {updated} AS updated
FROM {relation}
"""

PROBLEMS = """
WITH numbered AS (
    SELECT row_number() OVER () AS line, id, created_at FROM {relation}
)
SELECT count(*), count(*) FILTER (bad), min(line) FILTER (bad), arg_min(created_at, line) FILTER (bad), 0, 0
FROM (SELECT *, {published} IS NULL AS bad FROM numbered)
"""


def intake(
    files: tuple[Path, ...],
    *,
    unit: Literal["artist", "uploader"] = "artist",
    platform: str = "danbooru",
    on_bad: Literal["stop", "drop"] = "stop",
) -> Intake:
    """Make the query that reads a dump, plain or packed with gzip or zstandard.

    Args:
        files: JSON Lines files.
        unit: who counts as the creator: the artist tags, or the member who uploaded.
        platform: name of the platform, for dumps of Danbooru's kin.
        on_bad: stop at a line or date that cannot be read, or drop and count it.
    """
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    ignore = "true" if on_bad == "drop" else "false"
    relation = (
        f"read_json([{paths}], format = 'newline_delimited', columns = {{{columns}}}, ignore_errors = {ignore},"
        " maximum_object_size = 67108864)"
    )
    published = MOMENT.format("created_at")
    select = SELECT.format(
        platform=platform.replace("'", "''"),
        creators=ARTISTS
        if unit == "artist"
        else "CASE WHEN uploader_id IS NULL THEN [] ELSE [uploader_id::VARCHAR] END",
        published=published,
        second=SECOND_CLOCK,
        tags=TAGS,
        ai=DECLARED_AI,
        updated=MOMENT.format("updated_at"),
        relation=relation,
    )
    return Intake(
        kind="danbooru2023",
        files=files,
        options={"unit": unit, "platform": platform, "on_bad": on_bad},
        select=select,
        problems=PROBLEMS.format(relation=relation, published=published),
        date_column="created_at",
        on_bad=on_bad,
    )
