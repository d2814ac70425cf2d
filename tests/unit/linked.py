"""A small platform with labels and tags, as a study and opened, for tests of what meets in a report."""

import csv
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import precipice as pc
from precipice.archive import TagCounts
from precipice.cohorts import draw_by_cutoff
from precipice.study import open_panel, read_study
from precipice.study.profiling import Asked
from precipice.study.profiling.ai import open_labels
from precipice.study.profiling.tagging import count_tags
from precipice.study.strata import tags_by_cohort
from precipice.study.supplying import outlooks_or_reasons
from precipice.supply import Outlook

FILE = '[study]\ncutoff = "2020-06"\n[supply]\nuntil = "2026-12"\n'
"""The studies' settings."""


def ingest_both(folder: Path, written: Callable[..., str], settings: str) -> Path:
    """Make studies `labelled` and `silent`, of the same uploads with labels and without, in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRECIPICE_KEY", "00" * 16)
        for name, labelled in (("labelled", True), ("silent", False)):
            (folder / f"{name}.csv").write_text(written(labelled=labelled))
            pc.ingest(folder / name, folder / f"{name}.csv", kind="table")
            (folder / name / "precipice.toml").write_text(settings)
    return folder


@cache
def uploads(*, labelled: bool) -> str:
    """Write a platform of 60 creators over five years, each with tags of their own; half declare from July 2021 on."""
    rng = np.random.default_rng(1)
    lines = ["platform,id,creator,published,declared_ai,tags"]
    for who in range(60):
        own = rng.choice(30, 6, replace=False) + (0 if who % 30 < 17 else 20)
        for month in range(who % 30, 60):
            for n in range(rng.poisson(2)):
                said = "" if month < 30 or not labelled else str(bool(who % 2 and rng.random() < 0.4)).lower()
                tags = "|".join(f"t{i}" for i in rng.choice(own, 3, replace=False))
                lines.append(f"site,{who}-{month}-{n},{who},20{19 + month // 12}-{month % 12 + 1:02d}-15,{said},{tags}")
    return "\n".join([*lines, "site,last,0,2023-12-31,,t1"]) + "\n"


def rows(*, labelled: bool) -> list[dict[str, str]]:
    """Give the uploads that are in the file."""
    return list(csv.DictReader(io.StringIO(uploads(labelled=labelled))))


@cache
def asked_of(folder: Path) -> tuple[Asked, tuple[Outlook, ...], TagCounts | None]:
    """Open a study: what sections are asked with, its supply, its tags."""
    study = read_study(folder)
    panel = open_panel(folder, study)
    asked = Asked(folder, study, panel, draw_by_cutoff(panel, study.study.cutoff))
    counts = count_tags(asked)
    tags = tags_by_cohort(panel, asked.cohorts, counts)
    found, _ = outlooks_or_reasons(panel, open_labels(asked), study, tags=tags)
    return asked, found, counts
