-- The archive's queries on labels once more, as plain SQL over the archive's own files; see tests/oracle/reduction.sql.
-- $words: the words of one mark, in lower case, letters and digits only.

-- name: labels
SELECT platform, creator, 12 * year(published) + month(published) - 1 AS month, count(*) AS uploads,
       count(*) FILTER (declared_ai) AS declared, count(*) FILTER (NOT declared_ai) AS denied,
       count(*) FILTER (declared_ai IS NULL AND opt_out IS NOT NULL) AS unsaid_readable,
       count(*) FILTER (opt_out) AS opted_out, count(*) FILTER (NOT opt_out) AS not_opted_out,
       count(*) FILTER (len(tags) > 0) AS tagged
FROM (SELECT *, unnest(creators) AS creator FROM posts) GROUP BY ALL ORDER BY ALL;

-- name: mentions
SELECT platform, creator, 12 * year(published) + month(published) - 1 AS month, count(*) AS n
FROM (SELECT *, unnest(creators) AS creator FROM posts)
WHERE len(list_filter(tags, lambda tag: list_contains($words, regexp_replace(
    regexp_replace(lower(tag), '^(general|species|character|copyright|lore|meta):', ''), '[^\p{L}\p{N}]+', '', 'g')))) > 0
GROUP BY ALL ORDER BY ALL;
