"""Write a Danbooru-like dump: JSON Lines with the 46 keys of a real row, of any length.

Artists and tags follow Zipf-like laws (log-uniform ranks), 30 general tags a post, 4 % of posts with two artists,
3 % with none, 2 % deleted or banned; publication times grow from 2005-05 to 2023-12 and carry New York's offsets
as the real dump does.  Every value is a hash of the row's number, so the same arguments give the same rows.

    python benchmarks/danbooru_like.py 5000000 build/danbooru_5m.jsonl
"""

import argparse
from pathlib import Path

import duckdb

# Uniform number in (0, 1) from a row number and a stream name.
MACROS = """
CREATE MACRO uniform(i, stream) AS (hash(i, stream) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO rank(i, stream, size) AS floor(pow(size, uniform(i, stream)))::BIGINT;
CREATE MACRO stamp(t) AS strftime(t, '%Y-%m-%dT%H:%M:%S.') || '123' || '-05:00';
"""

ROWS = """
SELECT id, stamp(t - INTERVAL 5 HOUR) AS created_at, (500000 + rank(id, 'uploader', 50000)) AS uploader_id,
       (id % 40)::INT AS score,
       CASE WHEN id % 3 = 0 THEN 'https://twitter.com/someone/status/'
                || (((epoch_ms(t) - 86400000 - 1288834974657) * 4194304)::HUGEINT)::VARCHAR
            WHEN id % 3 = 1 THEN 'https://i.pximg.net/img-original/img/'
                || strftime(t - INTERVAL 40 HOUR, '%Y/%m/%d/%H/%M/%S') || '/' || (100000000 + id)::VARCHAR || '_p0.png'
            ELSE '' END AS source,
       md5(id::VARCHAR) AS md5, NULL::VARCHAR AS last_comment_bumped_at,
       ['g', 's', 'q', 'e'][(id % 4)::INT + 1] AS rating, 1200 AS image_width, 1600 AS image_height,
       concat_ws(' ', general, artist, 'original', 'highres commentary_request') AS tag_string,
       (id % 90)::INT AS fav_count, 'png' AS file_ext, NULL::VARCHAR AS last_noted_at, NULL::BIGINT AS parent_id,
       FALSE AS has_children, NULL::BIGINT AS approver_id, 30 AS tag_count_general,
       len(string_split(artist, ' '))::INT AS tag_count_artist, 0 AS tag_count_character, 1 AS tag_count_copyright,
       1234567 + id % 99999 AS file_size, (id % 41)::INT AS up_score, -1 AS down_score, FALSE AS is_pending,
       FALSE AS is_flagged, uniform(id, 'deleted') < 0.015 AS is_deleted, 34 AS tag_count,
       stamp(t + INTERVAL 30 DAY) AS updated_at, uniform(id, 'banned') < 0.005 AS is_banned, NULL::BIGINT AS pixiv_id,
       NULL::VARCHAR AS last_commented_at, FALSE AS has_active_children, 0 AS bit_flags, 2 AS tag_count_meta,
       TRUE AS has_large, FALSE AS has_visible_children,
       {'id': id + 1000, 'file_ext': 'png', 'status': 'active'} AS media_asset,
       general AS tag_string_general, '' AS tag_string_character, 'original' AS tag_string_copyright,
       artist AS tag_string_artist, 'highres commentary_request' AS tag_string_meta,
       'https://cdn.example.invalid/original/' || md5(id::VARCHAR) || '.png' AS file_url,
       'https://cdn.example.invalid/sample/sample-' || md5(id::VARCHAR) || '.jpg' AS large_file_url,
       'https://cdn.example.invalid/180x180/' || md5(id::VARCHAR) || '.jpg' AS preview_file_url
FROM (
    SELECT id,
           TIMESTAMP '2005-05-24 12:00:00'
               + to_seconds((586000000 * pow((id + uniform(id, 'time')) / $rows::DOUBLE, 0.7))::BIGINT) AS t,
           CASE WHEN uniform(id, 'artists') < 0.03 THEN ''
                WHEN uniform(id, 'artists') < 0.07
                THEN 'artist_' || rank(id, 'artist', $artists) || ' artist_' || rank(id, 'second', $artists)
                ELSE 'artist_' || rank(id, 'artist', $artists) END AS artist,
           array_to_string(list_distinct(list_transform(range(30),
               lambda k: 'tag_' || rank(id * 31 + k, 'tag', $tags))), ' ') AS general
    FROM range(1, $rows + 1) AS numbers(id)
)
"""


def write_dump(rows: int, path: Path, threads: int = 2) -> None:
    """Write `rows` posts as JSON Lines to `path`."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {int(threads)}")
    connection.execute(MACROS)
    path.parent.mkdir(parents=True, exist_ok=True)
    query = (
        ROWS.replace("$rows", str(int(rows)))
        .replace("$artists", str(max(10, rows // 15)))
        .replace("$tags", str(max(100, rows // 50)))
    )
    connection.execute(f"COPY ({query}) TO '{path}' (FORMAT json)")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)
    arguments = parser.parse_args()
    write_dump(arguments.rows, arguments.path)


if __name__ == "__main__":
    main()
