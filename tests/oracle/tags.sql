-- Tags by creator and month once more, as plain SQL over an archive's table posts(platform, id, creators, published, tags).
-- It shares no line with the narwhals expressions and the arrays that it is an oracle of.
-- meaning(raw, tag): every tag that a word counts as.

-- name: tag_cells
WITH single AS (SELECT platform, id, published, unnest(creators) AS creator, tags FROM posts),
carried AS (SELECT DISTINCT platform, id, creator, published, unnest(tags) AS raw FROM single),
counted AS (SELECT DISTINCT platform, id, creator, published, tag FROM carried JOIN meaning USING (raw))
SELECT platform, creator, 12 * year(published) + month(published) - 1 AS month, tag, count(*) AS n
FROM counted GROUP BY ALL ORDER BY ALL;
