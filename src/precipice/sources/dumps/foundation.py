"""Foundation, an NFT platform: mints of January to June 2021, from two CSV files of Barabasi-Lab/crypto-art (MIT).

`mint_data.csv` (token_id, mint_date) says when, `list_data.csv` (token_id, creator, listing_date, listing_amt) who: a
token's creator is the account that listed it first; later listings are resales.
"""

from pathlib import Path
from typing import Literal

from precipice.errors import InputError
from precipice.records import Intake

SELECT = """
SELECT 'foundation' AS platform, mint.token_id::VARCHAR AS id,
       CASE WHEN first_listing.creator IS NULL THEN [] ELSE [first_listing.creator] END AS creators,
       make_timestamp_ms(try_cast(mint.mint_date AS BIGINT) * 1000) AS published, 'published' AS clock,
       NULL::TIMESTAMP AS source_published, 'image' AS kind, []::VARCHAR[] AS tags, NULL::BOOLEAN AS declared_ai,
       NULL::BOOLEAN AS opt_out, NULL::BIGINT AS reactions, NULL::BIGINT AS followers,
       NULL::TIMESTAMP AS followers_read, 'shown' AS state, NULL::TIMESTAMP AS updated
FROM (SELECT try_cast(token_id AS DOUBLE)::BIGINT AS token_id, mint_date
      FROM read_csv('{mint}', header = true, all_varchar = true)) AS mint
LEFT JOIN (
    SELECT try_cast(token_id AS DOUBLE)::BIGINT AS token_id, arg_min(creator, listing_date::BIGINT) AS creator
    FROM read_csv('{listing}', header = true, all_varchar = true) GROUP BY ALL
) AS first_listing USING (token_id)
"""

PROBLEMS = """
SELECT count(*), count(*) FILTER (bad), min(row) FILTER (bad) + 1, arg_min(mint_date, row) FILTER (bad), 0, 0
FROM (SELECT row_number() OVER () AS row, mint_date, try_cast(mint_date AS BIGINT) IS NULL AS bad
      FROM read_csv('{mint}', header = true, all_varchar = true))
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
    named = {path.name: str(path).replace("'", "''") for path in files}
    for name in ("mint_data.csv", "list_data.csv"):
        if name not in named:
            raise InputError(
                f"{name} is missing",
                why=f"there are {', '.join(named) or 'no files'}",
                fix="give both mint_data.csv and list_data.csv",
            )
    return Intake(
        kind="foundation",
        files=files,
        options={"unit": unit, "platform": platform, "on_bad": on_bad},
        select=SELECT.format(mint=named["mint_data.csv"], listing=named["list_data.csv"]),
        problems=PROBLEMS.format(mint=named["mint_data.csv"]),
        date_column="mint_date",
        on_bad=on_bad,
    )
