-- The archive's queries once more, as plain SQL over a table post(platform, creator, published in UTC), a row a creator.
-- They share no line with the narwhals expressions and the arrays that they are an oracle of.
-- $cutoff, $start, $end: months as 12 * year + month - 1;  $cap: most uploads counted a month and creator.

-- name: monthly
SELECT platform, creator, 12 * year(published) + month(published) - 1 AS month, count(*) AS n
FROM post GROUP BY ALL;

-- name: series
WITH entry AS (SELECT platform, creator, min(month) AS first FROM monthly GROUP BY ALL),
senior_or_junior AS (
    SELECT monthly.*, first, CASE WHEN first < $cutoff THEN 'senior' ELSE 'junior' END AS cohort
    FROM monthly JOIN entry USING (platform, creator)
),
calendar AS (
    SELECT platform, cohort, month
    FROM (SELECT DISTINCT platform FROM monthly), (VALUES ('senior'), ('junior')) AS cohorts(cohort),
         (SELECT unnest(range($start, $end + 1)) AS month)
)
SELECT platform, cohort, month, coalesce(sum(n), 0)::BIGINT AS uploads,
       coalesce(sum(CASE WHEN n > $cap THEN $cap ELSE n END), 0)::BIGINT AS capped, count(n) AS creators, count(*) FILTER (first = month) AS entrants
FROM calendar LEFT JOIN senior_or_junior USING (platform, cohort, month)
GROUP BY ALL ORDER BY ALL;

-- name: retention
WITH entry AS (SELECT platform, creator, min(month) AS first FROM monthly GROUP BY ALL),
observed AS (  -- the first month is truncated, and the last counts where its last day was seen
    SELECT platform, min(12 * year(published) + month(published) - 1) + 1 AS since,
           max(12 * year(published) + month(published) - 1)
               - (max(published)::DATE <> last_day(max(published)))::INTEGER AS until
    FROM post GROUP BY platform
),
followed AS (SELECT * FROM entry JOIN observed USING (platform) WHERE first BETWEEN since AND until),
tenures AS (SELECT *, unnest(range(0, until - first + 1)) AS tenure FROM followed)
SELECT tenures.platform, (first // 12)::VARCHAR AS vintage, tenure, count(*) AS creators, count(n) AS active
FROM tenures LEFT JOIN monthly ON monthly.platform = tenures.platform AND monthly.creator = tenures.creator
    AND monthly.month = first + tenure
GROUP BY ALL ORDER BY ALL;
