"""The Danbooru2023 dump in Spark's SQL: what `danbooru2023` says to the embedded engine."""

from pathlib import Path
from typing import Literal

from precipice.records import SparkQuery, View
from precipice.sources.dumps.danbooru2023_fields import (
    COLUMNS,
    FIRST_SNOWFLAKE,
    MILLISECONDS_FROM,
    MILLISECONDS_TO,
    TWITTER_EPOCH,
)
from precipice.sources.spark_queries import (
    NOTHING,
    flag,
    plain,
    problems,
    records,
    text,
    whole,
    without_names,
    zoned,
)

FIRST_YEAR = "TIMESTAMP '2000-01-01 00:00:00'"

HOST = "(?:^|//)(?:[A-Za-z0-9_-]+[.])*(?:twitter|x)[.]com/"
TWEET = HOST + "(?:i/web|[^/?#]+)/status(?:es)?/([0-9]{1,19})(?:[^0-9]|$)"
DRAWN = ("(?:^|//)[A-Za-z0-9_-]+[.](?:pximg|pixiv)[.]net/(?:[^?#]*/)?img/"
         "([0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{2}/[0-9]{2}/[0-9]{2})/")  # fmt: skip
PLAIN_TWEET = "^https://(?:twitter|x)[.]com/[^/?#]+/status/([0-9]{1,19})(?:[^0-9]|$)"
PLAIN_DRAWN = ("^https://i[.]pximg[.]net/[^/?#]+/img/"
               "([0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{2}/[0-9]{2}/[0-9]{2})/[^/?#]*$")  # fmt: skip

MOMENT = f"""CASE WHEN length({{0}}) > 19 AND (substr({{0}}, -6, 1) IN ('+', '-') OR substr({{0}}, 20) RLIKE '[^.0-9]')
     THEN {{zoned}}
     WHEN {{whole}} BETWEEN {MILLISECONDS_FROM} AND {MILLISECONDS_TO} THEN timestamp_millis({{whole}})
     WHEN {{whole}} BETWEEN -{MILLISECONDS_FROM} AND {MILLISECONDS_FROM} - 1 THEN timestamp_millis({{whole}} * 1000)
END"""

SPLIT = "split(tag_string_artist, ' ')"
ARTISTS = f"""CASE WHEN contains(tag_string_artist, ' ') OR tag_string_artist = 'banned_artist'
THEN array_distinct(filter({SPLIT}, name -> name NOT IN ('', 'banned_artist')))
WHEN tag_string_artist = '' OR tag_string_artist IS NULL THEN {NOTHING} ELSE array(tag_string_artist) END"""
UPLOADER = f"CASE WHEN uploader_id IS NULL THEN {NOTHING} ELSE array(CAST(uploader_id AS STRING)) END"

BARE_TAGS = f"""
CASE WHEN tags = '' THEN {NOTHING}
     WHEN CASE WHEN contains(tag_string_artist, ' ') THEN exists({ARTISTS}, name -> contains(tags, name))
               ELSE coalesce(tag_string_artist, '') <> '' AND contains(tags, tag_string_artist) END
     THEN {without_names("split(tags, ' ')", ARTISTS)}
     ELSE split(tags, ' ') END
"""

DECLARED_AI = """contains(tag_string_meta, 'ai-')
AND tag_string_meta RLIKE '(^| )ai-(generated|assisted)( |$)'"""

SELECT = f"""
SELECT {{platform}} AS platform, CAST(id AS STRING) AS id, {{creators}} AS creators,
       {plain(f"CASE WHEN created >= {FIRST_YEAR} THEN created END")} AS published, 'noticed' AS clock,
       {
    plain(f'''CASE WHEN tweet <> '' THEN timestamp_millis(CASE WHEN try_cast(tweet AS BIGINT) >= {FIRST_SNOWFLAKE}
                THEN shiftright(try_cast(tweet AS BIGINT), 22) + {TWITTER_EPOCH} END)
            WHEN drawn <> '' THEN try_to_timestamp(drawn, 'yyyy/MM/dd/HH/mm/ss') - INTERVAL 9 HOUR END''')
}
           AS source_published,
       CASE WHEN file_ext IN ('mp4', 'webm', 'zip', 'swf') THEN 'video' ELSE 'image' END AS kind, {BARE_TAGS} AS tags,
       {DECLARED_AI} AS declared_ai, CAST(NULL AS BOOLEAN) AS opt_out, fav_count AS reactions,
       CAST(NULL AS BIGINT) AS followers, CAST(NULL AS TIMESTAMP_NTZ) AS followers_read,
       CASE WHEN is_banned THEN 'banned' WHEN is_deleted THEN 'deleted' ELSE 'shown' END AS state,
       {plain(f"CASE WHEN changed >= {FIRST_YEAR} THEN changed END")} AS updated
FROM ({{posts}})
"""


def query(
    files: tuple[Path, ...], *, unit: Literal["artist", "uploader"], platform: str, on_bad: Literal["stop", "drop"]
) -> SparkQuery:
    """Write the query that reads a dump; where bad rows stop an ingest, so do values of another type."""
    packings: dict[str, list[Path]] = {}
    for path in files:
        packings.setdefault(path.suffix, []).append(path)
    views = tuple(View(f"given_{number}", tuple(group), "lines") for number, group in enumerate(packings.values()))
    lines = " UNION ALL ".join(f"(SELECT line, flaw, record.* FROM ({records(view.name, COLUMNS)}))" for view in views)
    typed = ", ".join(_typed(name, strict=on_bad == "stop") for name in COLUMNS)
    posts = (
        f"SELECT {', '.join(COLUMNS)}, {_moment('created_at')} AS created, {_moment('updated_at')} AS changed, "
        f"{_tags()} AS tags, {_carried('/status', PLAIN_TWEET, TWEET)} AS tweet, "
        f"{_carried('/img/', PLAIN_DRAWN, DRAWN)} AS drawn FROM (SELECT {typed} FROM ({lines}))"
    )
    created = _moment("created_at")
    judged = (
        f"SELECT line, flaw, created_at AS text, coalesce(flaw, '') <> 'broken' AND coalesce({created} < {FIRST_YEAR},"
        f" true) AS bad, false AS naive, false AS aware FROM ({lines})"
    )
    creators = ARTISTS if unit == "artist" else UPLOADER
    select = SELECT.format(platform=text(platform), creators=creators, posts=posts)
    return SparkQuery(views, select, problems(judged))


def _typed(name: str, *, strict: bool) -> str:
    """Read a field that is no text; where that must stop an ingest, one that cannot be read does."""
    if COLUMNS[name] == "BIGINT":
        value, words = (
            f"coalesce({whole(name)}, CASE {name} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)",
            "whole number",
        )
    elif COLUMNS[name] == "BOOLEAN":
        value, words = flag(name), "truth value"
    else:
        return name
    if strict:
        refusal = f"raise_error(concat('{name} is no {words}: ', {name}))"
        value = f"CASE WHEN {name} IS NOT NULL AND ({value}) IS NULL THEN {refusal} ELSE {value} END"
    return f"{value} AS {name}"


def _moment(name: str) -> str:
    return MOMENT.format(name, zoned=zoned(name), whole=whole(name))


def _tags() -> str:
    def prefixed(kind: str) -> str:
        return f"concat('{kind}:', replace(nullif(tag_string_{kind}, ''), ' ', ' {kind}:'))"

    return (
        f"concat_ws(' ', nullif(tag_string_general, ''), {prefixed('character')}, {prefixed('copyright')}, "
        f"{prefixed('meta')})"
    )


def _carried(sign: str, plainly: str, rule: str) -> str:
    """Give what an address carries, empty where it carries nothing; only those with `sign` in them are looked at."""
    first = f"nullif(regexp_extract(source, {text(plainly)}, 1), '')"
    return (
        f"CASE WHEN contains(source, '{sign}') THEN coalesce({first}, regexp_extract(source, {text(rule)}, 1)) "
        "ELSE '' END"
    )
