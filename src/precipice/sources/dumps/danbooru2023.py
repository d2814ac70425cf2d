"""The Danbooru2023 metadata dump and its kin: JSON Lines, one post a line.

Fields and their traps: https://huggingface.co/datasets/nyanko7/danbooru2023 and Danbooru's own API documentation.
The creator is the artist tag (a post counts for each artist), or on request the uploader.  `created_at` is when
somebody posted the work to Danbooru: the clock is `noticed`; a second clock is read off `source` where it carries one
(the same rules as `precipice.sources.gallery_dl.source_clock`, as a query).
"""

from pathlib import Path
from typing import Literal

from precipice.records import Intake
from precipice.sources.dumps import danbooru2023_spark
from precipice.sources.dumps.danbooru2023_fields import (
    COLUMNS,
    FIRST_SNOWFLAKE,
    MILLISECONDS_FROM,
    MILLISECONDS_TO,
    TWITTER_EPOCH,
)
from precipice.sources.queries import paths, problems, text, without_names

# Offsets ('-04:00', '+09:00', 'Z', ' UTC') and whole milliseconds both occur.  By way of microseconds, since a cast
# from TIMESTAMPTZ asks the calendar library for each row and takes twice as long.  A time without an offset is no
# moment: behind its 19th character stand digits of a second or nothing.
MOMENT = f"""
CASE WHEN length({{0}}) > 19 AND (substr({{0}}, -6, 1) IN ('+', '-') OR regexp_matches(substr({{0}}, 20), '[^.0-9]'))
     THEN make_timestamp(epoch_us(try_cast({{0}} AS TIMESTAMPTZ)))
     WHEN try_cast({{0}} AS BIGINT) BETWEEN {MILLISECONDS_FROM} AND {MILLISECONDS_TO}
     THEN make_timestamp_ms({{0}}::BIGINT)
     WHEN try_cast({{0}} AS BIGINT) < {MILLISECONDS_FROM} THEN make_timestamp_ms({{0}}::BIGINT * 1000) END
"""
FIRST_YEAR = "TIMESTAMP '2000-01-01'"  # whatever is older is no date of a post

# Braces are doubled, since the query is formatted once more.
TWEET = r"(?:^|//)(?:[\w-]+\.)*(?:twitter|x)\.com/(?:i/web|[^/?#]+)/status(?:es)?/(\d{{1,19}})(?:\D|$)"
PIXIV_PATH = (
    r"(?:^|//)[\w-]+\.(?:pximg|pixiv)\.net/(?:[^?#]*/)?img/(\d\d\d\d/\d\d/\d\d/\d\d/\d\d/\d\d)/"  # Japan, UTC+9
)

# What nearly every address looks like: a third of the work of the rules above, with the same answer.
PLAIN_TWEET = r"^https://(?:twitter|x)\.com/[^/?#]+/status/(\d{{1,19}})(?:\D|$)"
PLAIN_PIXIV_PATH = r"^https://i\.pximg\.net/[^/?#]+/img/(\d\d\d\d/\d\d/\d\d/\d\d/\d\d/\d\d)/[^/?#]*$"


def _carried(sign: str, plain: str, rule: str) -> str:
    """Give what an address carries, empty where it carries nothing; only those with `sign` in them are looked at."""
    first = f"nullif(regexp_extract(source, '{plain}', 1), '')"
    return (
        f"CASE WHEN contains(source, '{sign}') THEN coalesce({first}, regexp_extract(source, '{rule}', 1)) ELSE '' END"
    )


ARTISTS = """CASE WHEN contains(tag_string_artist, ' ') OR tag_string_artist = 'banned_artist'
THEN list_filter(string_split(tag_string_artist, ' '), lambda name, place: name NOT IN ('', 'banned_artist')
    AND list_position(string_split(tag_string_artist, ' '), name) = place)
WHEN tag_string_artist = '' OR tag_string_artist IS NULL THEN [] ELSE [tag_string_artist] END"""
UPLOADER = "CASE WHEN uploader_id IS NULL THEN [] ELSE [uploader_id::VARCHAR] END"


def _prefixed(kind: str) -> str:
    column = f"nullif(tag_string_{kind}, '')"
    return f"'{kind}:' || replace({column}, ' ', ' {kind}:')"


# One split of one text: splitting each kind and joining the lists takes a tenth longer.
TAGS = f"""concat_ws(' ', nullif(tag_string_general, ''), {_prefixed("character")}, {_prefixed("copyright")},
{_prefixed("meta")})"""

# One look at the whole text spares nearly every post the search for names among its tags.
BARE_TAGS = f"""
CASE WHEN tags = '' THEN []
     WHEN CASE WHEN contains(tag_string_artist, ' ')
               THEN len(list_filter({ARTISTS}, lambda name: contains(tags, name))) > 0
               ELSE coalesce(tag_string_artist, '') <> '' AND contains(tags, tag_string_artist) END
     THEN {without_names("string_split(tags, ' ')", ARTISTS)}
     ELSE string_split(tags, ' ') END
"""

# Of an AND the engine works out both sides for every row, of a CASE only what is asked for.
DECLARED_AI = """CASE WHEN contains(tag_string_meta, 'ai-')
THEN regexp_matches(tag_string_meta, '(^| )ai-(generated|assisted)( |$)')
WHEN tag_string_meta IS NOT NULL THEN false END"""

READ = f"""
SELECT *, {MOMENT.format("created_at")} AS created, {MOMENT.format("updated_at")} AS changed, {TAGS} AS tags,
       {_carried("/status", PLAIN_TWEET, TWEET)} AS tweet, {_carried("/img/", PLAIN_PIXIV_PATH, PIXIV_PATH)} AS drawn
FROM {{relation}}
"""

SELECT = f"""
SELECT {{platform}} AS platform, id::VARCHAR AS id, {{creators}} AS creators,
       CASE WHEN created >= {FIRST_YEAR} THEN created END AS published, 'noticed' AS clock,
       CASE WHEN tweet <> '' THEN make_timestamp_ms(CASE WHEN try_cast(tweet AS BIGINT) >= {FIRST_SNOWFLAKE}
                THEN (tweet::BIGINT >> 22) + {TWITTER_EPOCH} END)
            WHEN drawn <> '' THEN try_strptime(drawn, '%Y/%m/%d/%H/%M/%S') - INTERVAL 9 HOUR END AS source_published,
       CASE WHEN file_ext IN ('mp4', 'webm', 'zip', 'swf') THEN 'video' ELSE 'image' END AS kind, {BARE_TAGS} AS tags,
       {DECLARED_AI} AS declared_ai, NULL::BOOLEAN AS opt_out, fav_count AS reactions, NULL::BIGINT AS followers,
       NULL::TIMESTAMP AS followers_read,
       CASE WHEN is_banned THEN 'banned' WHEN is_deleted THEN 'deleted' ELSE 'shown' END AS state,
       CASE WHEN changed >= {FIRST_YEAR} THEN changed END AS updated
FROM ({READ})
"""

JUDGED = f"""
SELECT filename AS file, row_number() OVER () AS row, created_at AS text,
       coalesce({MOMENT.format("created_at")} < {FIRST_YEAR}, true) AS bad, false AS naive, false AS aware
FROM {{relation}}
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
    platform = platform.strip().lower()
    select = SELECT.format(
        platform=text(platform),
        creators=ARTISTS if unit == "artist" else UPLOADER,
        relation=_relation(files, skip_bad=on_bad == "drop"),
    )
    return Intake(
        kind="danbooru2023",
        files=files,
        options={"unit": unit, "platform": platform, "on_bad": on_bad},
        select=select,
        problems=problems(JUDGED.format(relation=_relation(files, skip_bad=True))),
        spark=danbooru2023_spark.query(files, unit=unit, platform=platform, on_bad=on_bad),
        date_column="created_at",
        on_bad=on_bad,
    )


def _relation(files: tuple[Path, ...], *, skip_bad: bool) -> str:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    return (
        f"read_json({paths(files)}, format = 'newline_delimited', columns = {{{columns}}},"
        f" ignore_errors = {str(skip_bad).lower()}, maximum_object_size = 67108864)"
    )
