"""What every engine has to know of the Danbooru2023 dump: its fields, and what the numbers in it mean."""

TWITTER_EPOCH = 1_288_834_974_657  # milliseconds, subtracted from a tweet's time before it becomes the id's upper bits
FIRST_SNOWFLAKE = 300_000_000_000_000  # smaller ids were counted, not timed
MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973
MILLISECONDS_TO = 253_402_300_800_000  # the year 10000

COLUMNS = {
    "id": "BIGINT",
    "created_at": "VARCHAR",
    "updated_at": "VARCHAR",
    "uploader_id": "BIGINT",
    "fav_count": "BIGINT",
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
