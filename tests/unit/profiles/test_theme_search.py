"""Tags whose use changed at an event: named where one was planted, and as seldom as promised where none was."""

from dataclasses import replace

import numpy as np
import pytest
from studies.themes.run import replicate
from studies.themes.worlds import CUTOFF, EVENT, START, WORLDS, World, draw

from precipice.errors import InputError
from precipice.months import month_text, parse_month
from precipice.profiles.theme_search import FEWEST_ACTIVE, find_themes
from precipice.profiles.themes import Themes
from precipice.records import EVENTS

SMALL = World("small", "a small platform for quick tests", creators=1_500, tags=60)


@pytest.fixture(scope="module")
def themes() -> Themes:
    world = replace(SMALL, planted={2: -2.0})
    panel, counts = draw(world, np.random.default_rng(1))
    return find_themes(panel, counts, "site", EVENTS["stable-diffusion"], cutoff=CUTOFF)


def test_a_planted_change_is_named_with_its_direction(themes: Themes) -> None:
    place = themes.tags.index("t2")
    assert themes.named[place]
    assert themes.beyond.estimate[place] < 0
    assert themes.shares[1, place] < themes.shares[0, place]  # seniors after, before
    assert "t2" in themes.summary()
    assert "7 dates without an event" in themes.summary()


def test_it_says_what_was_compared(themes: Themes) -> None:
    assert (themes.event, themes.month, themes.contrast) == ("stable-diffusion", EVENT, "gap")
    assert [month_text(month) for month in themes.dates[:2]] == ["2021-08", "2020-08"]
    assert (themes.users >= themes.fewest).all()
    assert themes.active.min() >= FEWEST_ACTIVE
    assert "It cannot say why a tag changed" in themes.summary()


def test_rows_lie_by_p_and_the_table_has_them(themes: Themes) -> None:
    rows = themes.rows()
    p = [row["p"] for row in rows]
    assert p == sorted(p)  # type: ignore[type-var]
    assert themes.table().num_rows == len(themes.tags) == len(rows)
    first = rows[0]
    assert first["beyond_low"] < first["beyond"] < first["beyond_high"]  # type: ignore[operator]


def test_the_gap_after_less_the_gap_before_is_the_change(themes: Themes) -> None:
    assert themes.gap_after - themes.gap_before == pytest.approx(themes.change)


def test_what_is_detectable_is_seen_four_times_in_five() -> None:
    # By its own law: an estimate of that size with that error has p below 5 % of the number of tags in four of five.
    panel, counts = draw(SMALL, np.random.default_rng(2))
    found = find_themes(panel, counts, "site", EVENT, cutoff=CUTOFF)
    from scipy.special import stdtr

    drawn = found.detectable + found.beyond.se * np.random.default_rng(3).standard_normal((4_000, len(found.tags)))
    p = 2 * stdtr(found.beyond.degrees, -np.abs(drawn) / (found.beyond.se * found.beyond.scale))
    assert np.mean(p < 0.05 / len(found.tags)) == pytest.approx(0.8, abs=0.01)


def test_without_dates_before_it_names_nothing_and_says_why() -> None:
    panel, counts = draw(replace(SMALL, planted={2: -2.0}), np.random.default_rng(1))
    early = find_themes(panel, counts, "site", START + 30, cutoff=START + 24)
    assert not early.named.any()
    assert early.dates == ()
    assert "p is of sampling error alone" in early.summary()


def test_with_too_few_juniors_before_seniors_are_compared_with_themselves() -> None:
    panel, counts = draw(SMALL, np.random.default_rng(4))
    alone = find_themes(panel, counts, "site", EVENT, cutoff=EVENT)
    assert alone.contrast == "seniors"
    assert np.isnan(alone.gap_before).all()
    assert np.isfinite(alone.gap_after).all()
    assert "seniors are compared with themselves" in alone.summary()
    assert alone.rows()[0]["gap_before"] is None


@pytest.mark.parametrize(
    ("month", "cutoff", "words"),
    [
        (START + 6, START + 3, "too near an end"),
        (EVENT + 40, CUTOFF, "too near an end"),
        (EVENT, START, "too few seniors"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_would_do(month: int, cutoff: int, words: str) -> None:
    panel, counts = draw(SMALL, np.random.default_rng(5))
    with pytest.raises(InputError, match=words) as refused:
        find_themes(panel, counts, "site", month, cutoff=cutoff)
    assert refused.value.fix


def test_no_tag_used_by_enough_is_refused() -> None:
    panel, counts = draw(SMALL, np.random.default_rng(5))
    with pytest.raises(InputError, match="no tag on site was used by 1000000 creators"):
        find_themes(panel, counts, "site", EVENT, cutoff=CUTOFF, fewest=1_000_000)


def test_an_event_near_the_end_is_compared_over_the_months_there_are() -> None:
    panel, counts = draw(SMALL, np.random.default_rng(6))
    late = find_themes(panel, counts, "site", parse_month("2023-05"), cutoff=CUTOFF)
    assert (late.before, late.after) == (12, 6)
    assert "Only 6 of 12 months" in late.summary()


@pytest.mark.slow
def test_where_nothing_changed_a_tag_is_named_one_time_in_twenty() -> None:
    # Newcomers, leavers and fashions at once, no change at the event: any tag named is a false discovery, and the share
    # of false ones is 1 or 0.  Of 60 worlds 5 % are 3; four binomial standard errors above that are 9.8.
    world = replace(WORLDS["all"], creators=1_500, tags=60)
    found = [replicate(world, seed) for seed in range(60)]
    assert sum(one.wrong[0] for one in found) <= 9.8
    # p is below 5 % for 5 % of tags; tags of a world go together, so the error is over worlds.
    small = np.array([one.small[0] for one in found])
    assert small.mean() < 0.05 + 4 * small.std() / np.sqrt(len(small))
    # Uploads as if each were drawn on its own name something in far more worlds: what this is about.
    assert sum(one.wrong[2] > 0 for one in found) > 20


@pytest.mark.slow
def test_a_planted_change_is_found_and_sized() -> None:
    world = replace(WORLDS["all"], creators=1_500, tags=60, planted={2: -1.5, 6: -1.5})
    found = [replicate(world, seed) for seed in range(100, 125)]
    assert np.mean([one.found[0] for one in found]) > 0.5
    assert np.mean([one.wrong[0] for one in found]) <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 25)
    error = np.array([one.error for one in found])
    # Shrinkage towards the background pulls a large change in by a little: a tenth of it here.
    assert abs(error.mean()) < 0.1 * 1.5 + 4 * error.std() / np.sqrt(len(error))
    assert np.mean([one.covered for one in found]) > 0.95 - 4 * np.sqrt(0.05 * 0.95 / 50)
