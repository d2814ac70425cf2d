"""Tags of real archives: counted once more with dictionaries, and what docs/themes.md says of them."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import precipice as pc
from precipice.archive import TagCounts, count_tags
from precipice.cohorts import draw_by_cutoff
from precipice.months import parse_month
from precipice.panel import Panel
from precipice.profiles.diversity import measure_diversity
from precipice.profiles.theme_search import find_themes
from precipice.study import Study, open_panel
from tests.conftest import ROOT
from tests.unit.archive.archives import take_table

MAP = {"creator": "creator_id", "published": "timestamp", "id": "item_id"}


def read(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def month(row: dict[str, str]) -> int:
    moment = datetime.fromisoformat(row["timestamp"]).astimezone(UTC)
    return 12 * moment.year + moment.month - 1


@pytest.fixture(scope="module")
def shadertoy(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Panel, TagCounts]:
    archive = tmp_path_factory.mktemp("shadertoy") / "archive"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRECIPICE_KEY", raising=False)
        take_table(archive, shared / "panels" / "shadertoy.csv.gz", columns=MAP)
    return shared / "panels" / "shadertoy.csv.gz", open_panel(archive.parent, Study()), count_tags(archive)


def test_tags_of_shadertoy_are_those_counted_with_a_dictionary(shadertoy: tuple[Path, Panel, TagCounts]) -> None:
    path, _, counts = shadertoy
    by_hand: Counter[tuple[int, str]] = Counter()
    tagged = 0
    for row in read(path):
        tags = {tag for tag in row["tags"].split("|") if tag}
        tagged += bool(tags)
        by_hand.update((month(row), tag) for tag in tags)
    ours: Counter[tuple[int, str]] = Counter()
    months = np.repeat(counts.months, np.diff(counts.indptr))
    for when, tag, n in zip(months.tolist(), counts.tag.tolist(), counts.count.tolist(), strict=True):
        ours[when, counts.tags[tag]] += n
    assert ours == by_hand
    assert (counts.uploads, counts.tagged, len(counts.tags)) == (15_061, tagged, 664)


def test_at_a_quiet_date_no_tag_of_shadertoy_is_named(shadertoy: tuple[Path, Panel, TagCounts]) -> None:
    _, panel, counts = shadertoy
    themes = find_themes(panel, counts, "shadertoy", parse_month("2018-01"), cutoff=parse_month("2017-01"))
    assert (len(themes.tags), len(themes.dates), themes.named.sum()) == (28, 3, 0)


def test_the_documents_numbers_of_shadertoy_are_these(shadertoy: tuple[Path, Panel, TagCounts]) -> None:
    _, panel, counts = shadertoy
    cohorts = draw_by_cutoff(panel, parse_month("2017-01"))
    rows = measure_diversity(panel, counts, cohorts, "shadertoy", halves=2)
    common = {(one.cohort, one.start // 12): round(float(one.hill[1])) for one in rows}
    ends = [common[key] for key in (("senior", 2014), ("senior", 2020), ("junior", 2017), ("junior", 2020))]
    text = (ROOT / "docs" / "themes.md").read_text(encoding="utf-8")
    assert "seniors ({} in 2014, {} in 2020) or juniors ({} in 2017, {} in 2020)".format(*ends) in text
    assert f"at a coverage of {100 * rows[0].standard:.0f} %" in text
    assert max(one.top_share for one in rows if one.top) < 0.03


def test_the_concentration_of_mints_on_foundation_is_ginis_formula(shared: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRECIPICE_KEY", raising=False)
        take_table(tmp_path / "archive", shared / "panels" / "foundation.csv.gz", columns=MAP)
    panel = open_panel(tmp_path, Study())
    found = pc.replicate(panel, pc.draw(panel, "all")[0], pc.gini, replicates=20)
    mints: dict[int, Counter[str]] = {}
    for row in read(shared / "panels" / "foundation.csv.gz"):
        mints.setdefault(month(row), Counter())[row["creator_id"]] += 1
    for when, value in zip(found.months.tolist(), found.value.tolist(), strict=True):
        y = np.sort(np.array(list(mints[when].values()), float))
        by_hand = 2 * (np.arange(1, len(y) + 1) * y).sum() / (len(y) * y.sum()) - (len(y) + 1) / len(y)
        assert value == pytest.approx(by_hand)
    text = (ROOT / "docs" / "themes.md").read_text(encoding="utf-8")
    assert f"rises from {found.value[0]:.2f} in January to {found.value[2]:.2f} in March" in text
    assert {f"{value:.2f}" for value in found.value[3:]} == {"0.37", "0.38"}


def test_the_documents_error_rates_are_the_studys() -> None:
    text = (ROOT / "docs" / "themes.md").read_text(encoding="utf-8")
    rows = list(csv.DictReader((ROOT / "studies" / "themes" / "results.csv").read_text(encoding="utf-8").splitlines()))
    still = [row for row in rows if row["planted"] == "0"]
    assert len(still) == 5
    for row in still:
        shares = [f"{100 * float(row[f'false_{way}']):.1f} %" for way in ("calibrated", "creators", "uploads")]
        assert f"| `{row['world']}` | {shares[0]} | {shares[1]} | {shares[2]} |" in text
        # At its nominal level: 5 % and four binomial standard errors of so many replications.
        assert float(row["false_calibrated"]) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / int(row["replications"]))
    for row in (row for row in rows if row["planted"] != "0"):
        named, wrong = 100 * float(row["found_calibrated"]), 100 * float(row["false_calibrated"])
        off, held = abs(float(row["error"])), 100 * float(row["covered"])
        assert f"`{row['world']}`" in text
        assert f"{named:.0f} % of these changes are named" in text or f"on `all`, {named:.0f} % are named" in text
        assert f"and {wrong:.1f} % of the tags named are wrong" in text
        assert f"{off:.2f} log points off a true −{abs(float(row['size'])):.2f}, and {held:.0f} % of the" in text
    assert [row["world"] for row in rows if row["planted"] == "5"] == ["still", "all"]
