"""Effects on real creators: what is refused, what is not found where nothing happened, what a yearly drive does."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from precipice.effects import Effect, estimate, from_panel, judge
from precipice.months import parse_month
from precipice.panel import Panel

STABLE_DIFFUSION = parse_month("2022-08")


def read(shared: Path, name: str) -> Panel:
    with gzip.open(shared / "panels" / f"{name}.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [(row["platform"], row["creator_id"], row["timestamp"][:7]) for row in csv.DictReader(lines)]
    platform, creator, month = (np.array(column) for column in zip(*rows, strict=True))
    table = {"platform": platform, "creator": creator, "month": month, "uploads": np.ones(len(rows), int)}
    return from_panel(table, complete=False)


@pytest.fixture(scope="module")
def contributions(shared: Path) -> Panel:
    return read(shared, "git_contributions")


def s1(effects: tuple[Effect, ...]) -> dict[str, Effect]:
    return {effect.platform: effect for effect in effects if (effect.method, effect.outcome) == ("S1", "capped")}


def test_five_months_of_an_nft_market_are_refused_with_the_history_they_would_need(shared: Path) -> None:
    effects = estimate(read(shared, "foundation"), parse_month("2021-03"), event="nft-boom")
    assert all(effect.refused for effect in effects)
    (verdict,) = judge(effects)
    assert "cannot tell: the history begins in 2021-01, 2 months before the event" in verdict.sentence
    assert "at least 60 complete months before the event" in verdict.sentence


@pytest.mark.parametrize("month", ["2018-06", "2019-06", "2020-04"])
def test_nothing_is_found_at_months_in_which_nothing_happened(shared: Path, month: str) -> None:
    (found,) = s1(estimate(read(shared, "shadertoy"), parse_month(month), methods=["S1"], frame="random")).values()
    assert found.verdict in {"not distinguishable", "cannot tell"}
    assert found.refused or found.p > 0.05


def test_software_contributors_are_a_negative_control_for_image_generators(contributions: Panel) -> None:
    found = s1(estimate(contributions, STABLE_DIFFUSION, methods=["S1"]))
    answered = {name: effect for name, effect in found.items() if not effect.refused}
    assert set(answered) == {"free-programming-books", "melpa", "tldr-pages"}
    assert all(effect.p > 0.05 for effect in answered.values())
    assert found["sprig"].refused
    assert found["codingtrain-site"].refused


def test_leaving_out_a_yearly_drive_is_told_and_moves_the_platform_that_has_one(contributions: Panel) -> None:
    octobers = [parse_month(f"{year}-10") for year in range(2012, 2026)]
    whole, without = (
        s1(estimate(contributions.only("tldr-pages"), STABLE_DIFFUSION, methods=["S1"], exclude=months))["tldr-pages"]
        for months in ([], octobers)
    )
    assert "excluded_months" in {status.name for status in without.reasons}
    assert abs(whole.estimate - without.estimate) > 0.05
    assert without.p > 0.05
