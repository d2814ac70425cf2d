"""Loops on handwritten digits: the committed study against an earlier run, and a short version of it."""

import numpy as np
import pytest
from studies.digits.pages import PUBLISHED, by_name, ends, published
from studies.digits.run import MODEL, REGIMES, digits, loop_of, read

pytest.importorskip("sklearn")
SPREAD = 0.035
"""Between seeds of the earlier run, in precision and recall, as it states."""
VALUES = by_name(read())


@pytest.mark.parametrize("regime", PUBLISHED)
def test_the_committed_study_repeats_the_earlier_run_within_both_spreads(regime: str) -> None:
    """Three standard deviations of seeds; the distance, without a stated spread of its ratio, within a fifth."""
    ours, theirs = ends(VALUES, regime), published(regime)
    assert ours[0].mean() == pytest.approx(theirs[0], rel=0.2)
    for k in (1, 2):
        assert abs(ours[k].mean() - theirs[k]) < 3 * np.hypot(SPREAD, ours[k].std(ddof=1))
    assert abs(ours[3].mean() - theirs[3]) < 3 * ours[3].std(ddof=1)


def test_regimes_are_ordered_by_their_human_share() -> None:
    order = ["synthetic", "fresh 5 %", "fresh 20 %", "fresh 50 %", "100 % real"]
    recalls = [ends(VALUES, regime)[2].mean() for regime in order]
    assert recalls == sorted(recalls)
    distances = [ends(VALUES, regime)[0].mean() for regime in order]
    assert distances == sorted(distances, reverse=True)


def test_vendi_score_and_variance_rise_while_recall_halves() -> None:
    """Why they are no headline."""
    for metric in ("vendi", "variance"):
        series = VALUES["synthetic", metric].mean(axis=1)
        assert series[-1] > series[0]
    recall = VALUES["synthetic", "recall"].mean(axis=1)
    assert recall[-1] < 0.6 * recall[0]


def test_a_short_loop_loses_what_the_control_keeps() -> None:
    """Three generations of 300 works; the seeds' spread is a tenth of the difference asked for."""
    from precipice.loops import simulate

    ended = {}
    for regime in (REGIMES[0], REGIMES[-1]):
        trace = simulate(loop_of(regime, n=300, generations=3), replicates=2, seed=1)
        ended[regime.name] = dict(zip(trace.metrics, trace.mean[:, -1], strict=True))
        assert trace.floor[1] > 0.9
    assert ended["100 % real"]["recall"] - ended["synthetic"]["recall"] > 0.1
    assert ended["synthetic"]["frechet"] > 1.5 * ended["100 % real"]["frechet"]


def test_the_components_keep_nearly_all_of_the_digits() -> None:
    components, directions, mean = digits()
    from sklearn.datasets import load_digits

    x = load_digits().data / 16
    lost = ((components @ directions + mean - x) ** 2).sum() / ((x - mean) ** 2).sum()
    assert lost < 0.01
    assert MODEL["components"] == 20
