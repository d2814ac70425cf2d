"""Foundation, an NFT platform: mints of January to June 2021, from two CSV files of Barabasi-Lab/crypto-art (MIT).

`mint_data.csv` (token_id, mint_date) says when, `list_data.csv` (token_id, creator, listing_date, listing_amt) who: a
token's creator is the account that listed it first; later listings are resales.
"""

from pathlib import Path
from typing import Literal

from precipice.errors import InputError
from precipice.records import Intake
from precipice.sources.queries import paths, problems

DIALECT = "header = true, all_varchar = true, delim = ',', quote = '\"', comment = '', strict_mode = true"
TO_SECONDS = 253_402_300_800  # the year 10000

MINTED = f"""CASE WHEN try_cast(mint_date AS BIGINT) BETWEEN 0 AND {TO_SECONDS}
THEN make_timestamp_ms(mint_date::BIGINT * 1000) END"""

SELECT = f"""
SELECT 'foundation' AS platform, mint.token_id::VARCHAR AS id,
       CASE WHEN first_listing.creator IS NULL THEN [] ELSE [first_listing.creator] END AS creators,
       mint.published AS published, 'published' AS clock,
       NULL::TIMESTAMP AS source_published, 'image' AS kind, []::VARCHAR[] AS tags, NULL::BOOLEAN AS declared_ai,
       NULL::BOOLEAN AS opt_out, NULL::BIGINT AS reactions, NULL::BIGINT AS followers,
       NULL::TIMESTAMP AS followers_read, 'shown' AS state, NULL::TIMESTAMP AS updated
FROM (SELECT try_cast(try_cast(token_id AS DOUBLE) AS BIGINT) AS token_id, {MINTED} AS published
      FROM read_csv({{mint}}, {DIALECT})) AS mint
LEFT JOIN (
    SELECT try_cast(try_cast(token_id AS DOUBLE) AS BIGINT) AS token_id,
           arg_min(creator, try_cast(listing_date AS BIGINT)) AS creator
    FROM read_csv({{listing}}, {DIALECT}) GROUP BY ALL
) AS first_listing USING (token_id)
"""

JUDGED = f"""
SELECT filename AS file, row_number() OVER () AS row, mint_date AS text, {MINTED} IS NULL AS bad, false AS naive,
       false AS aware
FROM read_csv({{mint}}, {DIALECT})
"""


def intake(
    files: tuple[Path, ...],
    *,
    unit: Literal["artist", "uploader"] = "artist",
    platform: str = "foundation",
    on_bad: Literal["stop", "drop"] = "stop",
) -> Intake:
    """Make the query that joins mints with their first listing.

    Raises:
        InputError: one of the two files is missing.
    """
    named = {path.name: path for path in files}
    for name in ("mint_data.csv", "list_data.csv"):
        if name not in named:
            raise InputError(
                f"{name} is missing",
                why=f"there are {', '.join(named) or 'no files'}",
                fix="give both mint_data.csv and list_data.csv",
            )
    mint, listing = (paths((named[name],)) for name in ("mint_data.csv", "list_data.csv"))
    return Intake(
        kind="foundation",
        files=(named["mint_data.csv"], named["list_data.csv"]),  # rows are those of the first
        options={"unit": unit, "platform": platform, "on_bad": on_bad},
        select=SELECT.format(mint=mint, listing=listing),
        problems=problems(JUDGED.format(mint=mint)),
        date_column="mint_date",
        on_bad=on_bad,
    )
