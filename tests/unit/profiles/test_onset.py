"""Around the first declared upload: the naive picture jumps with no effect at all, the matched one does not."""

import numpy as np
import pytest

from precipice.cohorts import everyone
from precipice.months import parse_month
from precipice.panel import Panel
from precipice.population import Population, populate
from precipice.profiles import Labels, Onset, label, study_onset
from precipice.profiles.adoption import first_times
from tests.unit.profiles.worlds import Cells, labelled

SINCE = parse_month("2021-06")
SMALL = Population(entries=20, lifetime=12, dormancy=0.1, waking=0.4, start=parse_month("2018-01"))


def world(seed: int, effect: float = 1.0) -> Labels:
    """Label a simulated platform: a third of creators declare each upload with one chance in five from a month on.

    With an effect, adopters' uploads after their first declared one are multiplied by it, at random to whole numbers.
    """
    rng = np.random.default_rng(seed)
    panel = populate(SMALL, rng)
    inclined = rng.random(len(panel)) < 1 / 3
    labels = _labelled(panel, inclined, rng)
    if effect == 1:
        return labels
    first = first_times(labels).declared
    late = panel.month + panel.start > first[panel.row]
    more = np.where(late, rng.poisson(panel.count * (effect - 1)), 0)
    counts = (panel.count + more).astype(np.int32)
    changed = Panel(**{**panel.__dict__, "count": counts})
    cells = Cells(changed, declared=labels.declared, denied=counts - labels.declared)
    return label(changed, cells)


def _labelled(panel: Panel, inclined: np.ndarray, rng: np.random.Generator) -> Labels:
    chance = 0.2 * inclined[panel.row] * (panel.month + panel.start >= SINCE)
    declared = rng.binomial(panel.count, chance)
    return label(panel, Cells(panel, declared=declared, denied=panel.count - declared))


def found(labels: Labels) -> Onset:
    return study_onset(labels, everyone(labels.panel)[0], labels.panel.platforms[0])


@pytest.fixture(scope="module")
def nulls() -> list[Onset]:
    return [found(world(seed)) for seed in range(60)]


def test_the_naive_picture_jumps_with_no_effect_at_all(nulls: list[Onset]) -> None:
    zero = 12
    jumps = [onset.adopter_mean[zero] - onset.adopter_mean[zero - 1] for onset in nulls]
    assert min(jumps) > 0.5


def test_with_no_effect_the_matched_difference_is_nought_on_average_and_as_sure_as_it_says(nulls: list[Onset]) -> None:
    after = np.array([onset.after for onset in nulls])
    errors = np.array([(onset.after_high - onset.after_low) / 2 / 1.96 for onset in nulls])
    assert abs(after.mean()) < 4 * after.std(ddof=1) / len(nulls) ** 0.5
    covered = np.mean([onset.after_low <= 0 <= onset.after_high for onset in nulls])
    assert abs(covered - 0.95) < 4 * (0.95 * 0.05 / len(nulls)) ** 0.5
    # The stated error is the spread over worlds, within four of its own errors (a ninth each for 60 worlds).
    assert errors.mean() == pytest.approx(after.std(ddof=1), rel=4 / (2 * (len(nulls) - 1)) ** 0.5)


def test_before_the_onset_matching_leaves_next_to_nothing_over(nulls: list[Onset]) -> None:
    means = np.array([np.nanmean(onset.adopter_mean[:12]) for onset in nulls])
    assert abs(np.mean([onset.before for onset in nulls])) < 0.05 * means.mean()  # bins have a width


def test_a_planted_effect_is_found_and_sized() -> None:
    # Sized against the same world without it: the adopters' own uploads in the months after, times a half.
    plain = [found(world(seed)) for seed in range(12)]
    changed = [found(world(seed, effect=1.5)) for seed in range(12)]
    expected = np.mean([0.5 * np.nanmean(onset.adopter_mean[13:]) for onset in plain])
    gained = np.array([b.after - a.after for a, b in zip(plain, changed, strict=True)])
    # Some of the matches declare later and have the effect too, so at most a quarter of it is hidden, and never more
    # is found than was planted.
    assert 0.75 * expected < gained.mean() < expected
    assert np.mean([onset.after_low > 0 for onset in changed]) > 0.25  # by chance one in forty


def test_too_few_adopters_are_no_comparison_and_said_to_be() -> None:
    labels = labelled([(who, SINCE, 1, int(who == 1)) for who in range(1, 30)])
    refused = found(labels)
    assert refused.refused
    assert refused.adopters == 1
    assert "at least 20" in refused.summary()
    assert refused.as_dict()["after"] is None
    assert refused.table().num_rows == 25


def test_each_adopters_matches_weigh_as_one() -> None:
    # 20 adopters at one stratum with 40 matches that upload twice next month, 20 at another with 20 that upload thrice.
    rows = []
    for who in range(120):
        month = SINCE if who < 60 else SINCE + 1
        adopter = who % 60 < 20
        if who >= 60 and who % 60 >= 40:
            continue
        after = 1 if adopter else 2 if who < 60 else 3
        rows += [(who, month, 1, int(adopter)), (who, month + 1, after, int(adopter))]
    onset = found(labelled(rows, end=SINCE + 3))
    assert (onset.adopters, onset.matched, onset.controls) == (40, 40, 60)
    assert onset.control_mean[13] == pytest.approx(2.5)
    assert onset.adopter_mean[13] == 1
