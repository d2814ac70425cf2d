-- monthly
SELECT
  *
FROM (
  SELECT
    `t3`.`platform`,
    `t3`.`creator`,
    `t3`.`month`,
    COUNT(*) AS `n`
  FROM (
    SELECT
      `t2`.`platform`,
      `t2`.`creator`,
      `t2`.`moment`,
      CAST((
        (
          EXTRACT(year FROM `t2`.`moment`) * 12
        ) + EXTRACT(month FROM `t2`.`moment`)
      ) - 1 AS INT64) AS `month`
    FROM (
      SELECT
        `t1`.*
        REPLACE (`made_0` AS `creator`)
      FROM (
        SELECT
          `t0`.`platform`,
          `t0`.`creators` AS `creator`,
          `t0`.`published` AS `moment`
        FROM `uploads` AS `t0`
      ) AS `t1`
      LEFT JOIN UNNEST(`t1`.`creator`) AS `made_0`
    ) AS `t2`
    WHERE
      NOT (
        `t2`.`creator` IS NULL
      )
  ) AS `t3`
  GROUP BY
    1,
    2,
    3
) AS `t4`;

-- monthly by the second clock
SELECT
  *
FROM (
  SELECT
    `t3`.`platform`,
    `t3`.`creator`,
    `t3`.`month`,
    COUNT(*) AS `n`
  FROM (
    SELECT
      `t2`.`platform`,
      `t2`.`creator`,
      `t2`.`moment`,
      CAST((
        (
          EXTRACT(year FROM `t2`.`moment`) * 12
        ) + EXTRACT(month FROM `t2`.`moment`)
      ) - 1 AS INT64) AS `month`
    FROM (
      SELECT
        `t1`.*
        REPLACE (`made_0` AS `creator`)
      FROM (
        SELECT
          `t0`.`platform`,
          `t0`.`creators` AS `creator`,
          CASE
            WHEN `t0`.`source_published` <= `t0`.`published`
            THEN `t0`.`source_published`
            ELSE `t0`.`published`
          END AS `moment`
        FROM `uploads` AS `t0`
      ) AS `t1`
      LEFT JOIN UNNEST(`t1`.`creator`) AS `made_0`
    ) AS `t2`
    WHERE
      NOT (
        `t2`.`creator` IS NULL
      )
  ) AS `t3`
  GROUP BY
    1,
    2,
    3
) AS `t4`;

-- followers
WITH `t1` AS (
  SELECT
    `t0`.`platform`,
    `t0`.`creators`[safe_offset(0)] AS `creator`,
    `t0`.`followers`,
    COALESCE(`t0`.`followers_read`, `t0`.`published`) AS `read`
  FROM `uploads` AS `t0`
  WHERE
    NOT (
      `t0`.`followers` IS NULL
    ) AND ARRAY_LENGTH(`t0`.`creators`) > 0
)
SELECT
  *
FROM (
  SELECT
    `t7`.`platform`,
    `t7`.`creator`,
    MAX(`t7`.`followers`) AS `followers`
  FROM (
    SELECT
      `t3`.`platform`,
      `t3`.`creator`,
      `t3`.`followers`,
      `t3`.`read`
    FROM `t1` AS `t3`
    INNER JOIN (
      SELECT
        *
      FROM (
        SELECT
          `t2`.`platform`,
          `t2`.`creator`,
          MAX(`t2`.`read`) AS `read`
        FROM `t1` AS `t2`
        GROUP BY
          1,
          2
      ) AS `t4`
    ) AS `t6`
      ON `t3`.`platform` = `t6`.`platform`
      AND `t3`.`creator` = `t6`.`creator`
      AND `t3`.`read` = `t6`.`read`
  ) AS `t7`
  GROUP BY
    1,
    2
) AS `t8`;

-- last uploads
SELECT
  *
FROM (
  SELECT
    `t1`.`platform`,
    MAX(`t1`.`published`) AS `last`
  FROM (
    SELECT
      *
    FROM `uploads` AS `t0`
    WHERE
      ARRAY_LENGTH(`t0`.`creators`) > 0
  ) AS `t1`
  GROUP BY
    1
) AS `t2`;

-- tagged
SELECT
  `t6`.`platform`,
  `t6`.`creator`
FROM (
  SELECT
    `t5`.`platform`,
    `t5`.`creator`,
    (
      ROW_NUMBER() OVER (PARTITION BY `t5`.`platform`, `t5`.`creator` ORDER BY 1 ASC) - 1
    ) + 1 AS `made_0`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t3`.*
        REPLACE (`made_1` AS `creator`)
      FROM (
        SELECT
          `t2`.`platform`,
          `t2`.`creator`
        FROM (
          SELECT
            `t1`.*
            REPLACE (`made_2` AS `tag`)
          FROM (
            SELECT
              `t0`.`platform`,
              `t0`.`creators` AS `creator`,
              `t0`.`tags` AS `tag`
            FROM `uploads` AS `t0`
          ) AS `t1`
          LEFT JOIN UNNEST(`t1`.`tag`) AS `made_2`
        ) AS `t2`
        WHERE
          `t2`.`tag` = 'cat'
      ) AS `t3`
      LEFT JOIN UNNEST(`t3`.`creator`) AS `made_1`
    ) AS `t4`
    WHERE
      NOT (
        `t4`.`creator` IS NULL
      )
  ) AS `t5`
) AS `t6`
WHERE
  `t6`.`made_0` = 1;

-- labels
SELECT
  *
FROM (
  SELECT
    `t3`.`platform`,
    `t3`.`creator`,
    `t3`.`month`,
    COUNT(*) AS `uploads`,
    COALESCE(SUM(`t3`.`declared`), 0) AS `declared`,
    COALESCE(SUM(`t3`.`denied`), 0) AS `denied`,
    COALESCE(SUM(`t3`.`unsaid_readable`), 0) AS `unsaid_readable`,
    COALESCE(SUM(`t3`.`opted_out`), 0) AS `opted_out`,
    COALESCE(SUM(`t3`.`not_opted_out`), 0) AS `not_opted_out`,
    COALESCE(SUM(`t3`.`tagged`), 0) AS `tagged`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t1`.*
        REPLACE (`made_0` AS `creator`)
      FROM (
        SELECT
          `t0`.`platform`,
          `t0`.`creators` AS `creator`,
          CAST((
            (
              EXTRACT(year FROM `t0`.`published`) * 12
            ) + EXTRACT(month FROM `t0`.`published`)
          ) - 1 AS INT64) AS `month`,
          CASE WHEN `t0`.`declared_ai` THEN 1 ELSE 0 END AS `declared`,
          CASE WHEN NOT (
            `t0`.`declared_ai`
          ) THEN 1 ELSE 0 END AS `denied`,
          CASE
            WHEN (
              `t0`.`declared_ai` IS NULL
            ) AND NOT (
              `t0`.`opt_out` IS NULL
            )
            THEN 1
            ELSE 0
          END AS `unsaid_readable`,
          CASE WHEN `t0`.`opt_out` THEN 1 ELSE 0 END AS `opted_out`,
          CASE WHEN NOT (
            `t0`.`opt_out`
          ) THEN 1 ELSE 0 END AS `not_opted_out`,
          CASE WHEN ARRAY_LENGTH(`t0`.`tags`) > 0 THEN 1 ELSE 0 END AS `tagged`
        FROM `uploads` AS `t0`
      ) AS `t1`
      LEFT JOIN UNNEST(`t1`.`creator`) AS `made_0`
    ) AS `t2`
    WHERE
      NOT (
        `t2`.`creator` IS NULL
      )
  ) AS `t3`
  GROUP BY
    1,
    2,
    3
) AS `t4`;

-- spellings
SELECT
  `t6`.`tag`,
  `t6`.`mark`
FROM (
  SELECT
    `t5`.`tag`,
    `t5`.`word`,
    CASE
      WHEN IF(`t5`.`word` IS NULL, NULL, `t5`.`word` IN ('glazed', 'グレーズ'))
      THEN 'glaze'
      ELSE CASE
        WHEN IF(`t5`.`word` IS NULL, NULL, `t5`.`word` IN ('noai', 'noaiart'))
        THEN 'no_ai'
        ELSE NULL
      END
    END AS `mark`
  FROM (
    SELECT
      `t4`.`tag`,
      REGEXP_REPLACE(
        REGEXP_REPLACE(LOWER(`t4`.`tag`), '^(general|species|character|copyright|lore|meta):', ''),
        '[^\\p{L}\\p{N}]+',
        ''
      ) AS `word`
    FROM (
      SELECT
        `t3`.`tag`,
        (
          ROW_NUMBER() OVER (PARTITION BY `t3`.`tag` ORDER BY 1 ASC) - 1
        ) + 1 AS `made_0`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t1`.*
            REPLACE (`made_1` AS `tag`)
          FROM (
            SELECT
              `t0`.`tags` AS `tag`
            FROM `uploads` AS `t0`
            WHERE
              ARRAY_LENGTH(`t0`.`creators`) > 0
          ) AS `t1`
          LEFT JOIN UNNEST(`t1`.`tag`) AS `made_1`
        ) AS `t2`
        WHERE
          NOT (
            `t2`.`tag` IS NULL
          )
      ) AS `t3`
    ) AS `t4`
    WHERE
      `t4`.`made_0` = 1
  ) AS `t5`
) AS `t6`
WHERE
  NOT (
    `t6`.`mark` IS NULL
  );

-- mentions
SELECT
  *
FROM (
  SELECT
    `t14`.`platform`,
    `t14`.`creator`,
    `t14`.`month`,
    COALESCE(SUM(`t14`.`no_ai`), 0) AS `no_ai`,
    COALESCE(SUM(`t14`.`glaze`), 0) AS `glaze`
  FROM (
    SELECT
      `t13`.`platform`,
      `t13`.`id`,
      `t13`.`creator`,
      `t13`.`month`,
      `t13`.`mark`,
      CASE WHEN `t13`.`mark` = 'no_ai' THEN 1 ELSE 0 END AS `no_ai`,
      CASE WHEN `t13`.`mark` = 'glaze' THEN 1 ELSE 0 END AS `glaze`
    FROM (
      SELECT
        `t12`.*
        REPLACE (`made_0` AS `creator`)
      FROM (
        SELECT
          `t7`.`platform`,
          `t7`.`id`,
          `t7`.`creator`,
          `t7`.`month`,
          `t11`.`mark`
        FROM (
          SELECT
            `t0`.`platform`,
            `t0`.`id`,
            `t0`.`creators` AS `creator`,
            CAST((
              (
                EXTRACT(year FROM `t0`.`published`) * 12
              ) + EXTRACT(month FROM `t0`.`published`)
            ) - 1 AS INT64) AS `month`
          FROM `uploads` AS `t0`
        ) AS `t7`
        INNER JOIN (
          SELECT
            `t9`.`platform`,
            `t9`.`id`,
            `t9`.`mark`
          FROM (
            SELECT
              `t8`.`platform`,
              `t8`.`id`,
              `t8`.`mark`,
              (
                ROW_NUMBER() OVER (PARTITION BY `t8`.`platform`, `t8`.`id`, `t8`.`mark` ORDER BY 1 ASC) - 1
              ) + 1 AS `made_1`
            FROM (
              SELECT
                `t5`.`platform`,
                `t5`.`id`,
                `t2`.`mark`
              FROM (
                SELECT
                  `t3`.*
                  REPLACE (`made_2` AS `tag`)
                FROM (
                  SELECT
                    `t0`.`platform`,
                    `t0`.`id`,
                    `t0`.`tags` AS `tag`
                  FROM `uploads` AS `t0`
                ) AS `t3`
                LEFT JOIN UNNEST(`t3`.`tag`) AS `made_2`
              ) AS `t5`
              INNER JOIN `spelled` AS `t2`
                ON `t5`.`tag` = `t2`.`tag`
            ) AS `t8`
          ) AS `t9`
          WHERE
            `t9`.`made_1` = 1
        ) AS `t11`
          ON `t7`.`platform` = `t11`.`platform` AND `t7`.`id` = `t11`.`id`
      ) AS `t12`
      LEFT JOIN UNNEST(`t12`.`creator`) AS `made_0`
    ) AS `t13`
    WHERE
      NOT (
        `t13`.`creator` IS NULL
      )
  ) AS `t14`
  GROUP BY
    1,
    2,
    3
) AS `t15`;

-- tag totals
SELECT
  *
FROM (
  SELECT
    `t3`.`tag`,
    COUNT(*) AS `uploads`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t1`.*
        REPLACE (`made_0` AS `tag`)
      FROM (
        SELECT
          `t0`.`tags` AS `tag`
        FROM `uploads` AS `t0`
        WHERE
          ARRAY_LENGTH(`t0`.`creators`) > 0
      ) AS `t1`
      LEFT JOIN UNNEST(`t1`.`tag`) AS `made_0`
    ) AS `t2`
    WHERE
      NOT (
        `t2`.`tag` IS NULL
      ) AND `t2`.`tag` <> ''
  ) AS `t3`
  GROUP BY
    1
) AS `t4`;

-- carried
SELECT
  COUNT(*) AS `uploads`,
  COALESCE(SUM(`t1`.`tagged`), 0) AS `tagged`
FROM (
  SELECT
    CASE WHEN ARRAY_LENGTH(`t0`.`tags`) > 0 THEN 1 ELSE 0 END AS `tagged`
  FROM `uploads` AS `t0`
  WHERE
    ARRAY_LENGTH(`t0`.`creators`) > 0
) AS `t1`;

-- repeated
SELECT
  *
FROM `uploads` AS `t0`
WHERE
  ARRAY_LENGTH(
    ARRAY(
      SELECT DISTINCT
        made_0
      FROM UNNEST(`t0`.`tags`) AS made_0
    )
  ) < ARRAY_LENGTH(`t0`.`tags`);

-- tag months
SELECT
  *
FROM (
  SELECT
    `t8`.`i`,
    `t8`.`creator`,
    `t8`.`month`,
    COALESCE(SUM(`t8`.`words`), 0) AS `words`
  FROM (
    SELECT
      `t7`.`i`,
      `t7`.`id`,
      `t7`.`creator`,
      CAST((
        (
          EXTRACT(year FROM `t7`.`moment`) * 12
        ) + EXTRACT(month FROM `t7`.`moment`)
      ) - 1 AS INT64) AS `month`,
      `t7`.`tag`,
      ARRAY_LENGTH(`t7`.`tag`) AS `words`
    FROM (
      SELECT
        `t6`.`platform`,
        `t6`.`id`,
        `t6`.`creator`,
        `t6`.`tag`,
        `t6`.`moment`,
        `t2`.`i`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t3`.*
            REPLACE (`made_0` AS `creator`)
          FROM (
            SELECT
              `t1`.`platform`,
              `t1`.`id`,
              `t1`.`creators` AS `creator`,
              `t1`.`tags` AS `tag`,
              `t1`.`published` AS `moment`
            FROM `uploads` AS `t1`
            WHERE
              ARRAY_LENGTH(`t1`.`tags`) > 0
          ) AS `t3`
          LEFT JOIN UNNEST(`t3`.`creator`) AS `made_0`
        ) AS `t4`
        WHERE
          NOT (
            `t4`.`creator` IS NULL
          )
      ) AS `t6`
      INNER JOIN `names` AS `t2`
        ON `t6`.`platform` = `t2`.`platform`
    ) AS `t7`
  ) AS `t8`
  GROUP BY
    1,
    2,
    3
) AS `t9`;

-- tag words
SELECT
  `t20`.`row`,
  `t20`.`code`
FROM (
  SELECT
    `t19`.*
    EXCEPT (`made_0`)
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t17`.`i`,
        `t17`.`id`,
        `t17`.`row`,
        `t17`.`code`,
        (
          ROW_NUMBER() OVER (PARTITION BY `t17`.`i`, `t17`.`id`, `t17`.`row`, `t17`.`code` ORDER BY 1 ASC) - 1
        ) + 1 AS `made_0`
      FROM (
        SELECT
          `t16`.`i`,
          `t16`.`id`,
          `t16`.`row`,
          `t4`.`code`
        FROM (
          SELECT
            `t14`.*
            REPLACE (`made_1` AS `tag`)
          FROM (
            SELECT
              `t13`.`i`,
              `t13`.`id`,
              `t5`.`row`,
              `t13`.`tag`
            FROM (
              SELECT
                `t11`.`i`,
                `t11`.`id`,
                `t11`.`creator`,
                CAST((
                  (
                    EXTRACT(year FROM `t11`.`moment`) * 12
                  ) + EXTRACT(month FROM `t11`.`moment`)
                ) - 1 AS INT64) AS `month`,
                `t11`.`tag`
              FROM (
                SELECT
                  `t10`.`platform`,
                  `t10`.`id`,
                  `t10`.`creator`,
                  `t10`.`tag`,
                  `t10`.`moment`,
                  `t6`.`i`
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      `t7`.*
                      REPLACE (`made_2` AS `creator`)
                    FROM (
                      SELECT
                        `t3`.`platform`,
                        `t3`.`id`,
                        `t3`.`creators` AS `creator`,
                        `t3`.`tags` AS `tag`,
                        `t3`.`published` AS `moment`
                      FROM `uploads` AS `t3`
                      WHERE
                        ARRAY_LENGTH(`t3`.`tags`) > 0
                    ) AS `t7`
                    LEFT JOIN UNNEST(`t7`.`creator`) AS `made_2`
                  ) AS `t8`
                  WHERE
                    NOT (
                      `t8`.`creator` IS NULL
                    )
                ) AS `t10`
                INNER JOIN `names` AS `t6`
                  ON `t10`.`platform` = `t6`.`platform`
              ) AS `t11`
            ) AS `t13`
            INNER JOIN `months` AS `t5`
              ON `t13`.`i` = `t5`.`i`
              AND `t13`.`creator` = `t5`.`creator`
              AND `t13`.`month` = `t5`.`month`
          ) AS `t14`
          LEFT JOIN UNNEST(`t14`.`tag`) AS `made_1`
        ) AS `t16`
        INNER JOIN `codes` AS `t4`
          ON `t16`.`tag` = `t4`.`raw`
      ) AS `t17`
    ) AS `t18`
    WHERE
      `t18`.`made_0` = 1
  ) AS `t19`
) AS `t20`;

-- links
SELECT
  `t10`.*
  EXCEPT (`made_0`)
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t8`.`file`,
      `t8`.`platform`,
      `t8`.`creator`,
      `t8`.`month`,
      (
        ROW_NUMBER() OVER (
          PARTITION BY `t8`.`file`, `t8`.`platform`, `t8`.`creator`, `t8`.`month`
          ORDER BY 1 ASC
        ) - 1
      ) + 1 AS `made_0`
    FROM (
      SELECT
        `t7`.`file`,
        `t7`.`platform`,
        `t7`.`creator`,
        `t7`.`month`
      FROM (
        SELECT
          `t6`.*
          REPLACE (`made_1` AS `creator`)
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t4`.`platform`,
              `t4`.`id`,
              `t4`.`creator`,
              `t4`.`month`,
              `t2`.`file`,
              `t2`.`named`
            FROM (
              SELECT
                `t0`.`platform`,
                `t0`.`id`,
                `t0`.`creators` AS `creator`,
                CAST((
                  (
                    EXTRACT(year FROM `t0`.`published`) * 12
                  ) + EXTRACT(month FROM `t0`.`published`)
                ) - 1 AS INT64) AS `month`
              FROM `uploads` AS `t0`
            ) AS `t4`
            INNER JOIN `wanted` AS `t2`
              ON `t4`.`id` = `t2`.`id`
          ) AS `t5`
          WHERE
            (
              `t5`.`named` IS NULL
            ) OR (
              `t5`.`named` = `t5`.`platform`
            )
        ) AS `t6`
        LEFT JOIN UNNEST(`t6`.`creator`) AS `made_1`
      ) AS `t7`
      WHERE
        NOT (
          `t7`.`creator` IS NULL
        )
    ) AS `t8`
  ) AS `t9`
  WHERE
    `t9`.`made_0` = 1
) AS `t10`;
