"""What a run writes down of itself holds no secret of an engine's or a store's address."""

import json
from datetime import UTC, datetime
from pathlib import Path

from precipice.study import Study
from precipice.study.ledger import describe

SECRET = "hush-hush"  # noqa: S105  what must not come out


def test_the_record_of_a_run_holds_no_token(tmp_path: Path) -> None:
    study = Study.model_validate({"engine": {"name": "spark", "master": f"sc://host:15002/;token={SECRET}"}})
    argv = ["/usr/bin/precipice", "report", f"--engine=trino=trino://me:{SECRET}@host/a/b/c", f"x?sig={SECRET}"]
    record = describe(tmp_path, study, argv, datetime(2024, 1, 2, tzinfo=UTC))
    assert SECRET not in json.dumps(record)
    assert record["settings"]["engine"]["master"] == "sc://host:15002/;token=…"
    assert record["command"][0] == "precipice"
    assert describe(tmp_path, Study(), argv, datetime(2024, 1, 2, tzinfo=UTC))["settings"]["engine"]["master"] is None
