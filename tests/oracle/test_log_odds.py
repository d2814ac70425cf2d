"""Log-odds of tags against others: Monroe's z as scattertext has it, statsmodels' fractional logit, the bootstrap."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from scipy.special import ndtr
from statsmodels.tools.sm_exceptions import SpecificationWarning  # type: ignore[import-untyped]

from precipice.months import parse_month
from precipice.profiles.log_odds import Prior, background, log_odds
from precipice.profiles.tag_sums import Float, Group, TagSums, rows_on, share_matrix, sum_groups
from precipice.replicates import weights
from tests.unit.profiles.tagged import chance

YEARS = [(parse_month("2020-01"), parse_month("2021-01")), (parse_month("2021-01"), parse_month("2022-01"))]
REPLICATES = 2_000
CHANGE = np.array([-1.0, 1.0, 1.0, -1.0])


def one_tag_each(*groups: list[int]) -> TagSums:
    """Make the sums of groups of creators with one tag each, so many of each tag, nobody in two groups."""
    counts = np.array(groups, float)
    own = np.eye(len(groups))
    return TagSums(
        active=counts.sum(axis=1),
        weights=counts.sum(axis=1),
        shares=counts,
        pairs=own * counts.sum(axis=1),
        products=own[:, :, None] * counts,
        common=own[:, :, None] * counts,
        users=counts.astype(int),
        anyone=counts.sum(axis=0).astype(int),
    )


def even(groups: int, tags: int) -> Prior:
    """Give the prior of creators with one tag each, all tags alike."""
    share = np.full((groups, tags), 1 / tags)
    return Prior(np.ones(groups), np.ones(groups), share, share, share)


def test_with_one_tag_a_creator_it_is_monroes_z() -> None:
    # Source: scattertext 0.2.2, test_logOddsUninformativePriorScore.py, test_get_score_threshold: 2Φ(z) − 1 where it is
    # beyond 0.8, of these counts with a prior of 0.01 a word.
    odds = log_odds(one_tag_each([1, 5, 2, 7, 10], [10, 10, 1, 5, 10]), even(2, 5), worth=0.05)
    z = (odds.value[0] - odds.value[1]) / np.sqrt(np.array([1.0, -1.0]) @ odds.covariance @ np.array([1.0, -1.0]))
    assert (2 * ndtr(z) - 1)[[0, 3]] == pytest.approx([-0.9593012, 0.8197493], abs=1e-7)
    assert np.all(np.abs((2 * ndtr(z) - 1)[[1, 2, 4]]) < 0.8)


def test_with_one_tag_a_creator_the_difference_is_monroes_delta() -> None:
    # Source: scattertext 0.2.2, test_logOddsUninformativePriorScore.py, test_get_delta_hats.
    odds = log_odds(one_tag_each([1, 5, 1, 9], [100, 510, 100, 199]), even(2, 4), worth=0.04)
    assert odds.value[0] - odds.value[1] == pytest.approx([-0.6095321, -1.0345766, -0.6095321, 1.5201005], abs=1e-7)


def four_groups(half: float) -> tuple[TagSums, list[tuple[Float, Float]]]:
    """Make creators of chance in four groups: the sums, and of each group w p and w, nought for those outside."""
    panel, counts = chance(np.random.default_rng(8), creators=400)
    senior = np.random.default_rng(9).random(len(panel)) < 0.5
    groups = [Group(year, members) for members in (senior, ~senior) for year in YEARS]
    rows, tags = rows_on(panel, counts, "site"), np.arange(len(counts.tags))
    made = []
    for group in groups:
        shares, weight = share_matrix(rows, group.window, tags, half=half)
        made.append((shares.toarray() * group.members[:, None], weight * group.members))
    return sum_groups(rows, groups, tags, half=half), made


@pytest.mark.parametrize("half", [0.0, 20.0])
def test_without_a_prior_it_is_the_fractional_logit_with_errors_clustered_by_creator(half: float) -> None:
    # Papke & Wooldridge (1996): a binomial quasi-likelihood of shares, here with a mean for each group and the sandwich
    # over creators, who stand in up to two groups.
    sums, made = four_groups(half)
    odds = log_odds(sums, background(sums, [slice(0, 4)]), worth=0.0)
    creator = np.concatenate([np.flatnonzero(w) for _, w in made])
    dummies = np.repeat(np.eye(4), [np.count_nonzero(w) for _, w in made], axis=0)
    weight = np.concatenate([w[w > 0] for _, w in made])
    for tag in range(sums.shares.shape[1]):
        share = np.concatenate([p[w > 0, tag] for p, w in made]) / weight
        with warnings.catch_warnings():
            # It says that it does not fully support errors that are clustered and weighted; these are the same.
            warnings.simplefilter("ignore", SpecificationWarning)
            fit = sm.GLM(share, dummies, family=sm.families.Binomial(), var_weights=weight).fit(
                cov_type="cluster", cov_kwds={"groups": creator, "use_correction": False}
            )
        assert odds.value[:, tag] == pytest.approx(fit.params, rel=1e-6)
        assert odds.covariance[tag] == pytest.approx(fit.cov_params(), rel=1e-5, abs=1e-9)


def test_the_error_of_the_change_is_that_of_a_bootstrap_over_creators() -> None:
    sums, made = four_groups(20.0)
    prior = background(sums, [slice(0, 4)])
    odds = log_odds(sums, prior, worth=1.0)
    ours = np.sqrt(CHANGE @ odds.covariance @ CHANGE)
    drawn = weights(np.arange(len(made[0][1])), REPLICATES, seed=1).astype(float).T
    change = np.zeros((REPLICATES, sums.shares.shape[1]))
    for group, (p, w) in enumerate(made):
        inside = drawn @ p + prior.share[group]
        whole = drawn @ w[:, None] + prior.weight[group]
        change += CHANGE[group] * np.log(inside / (whole - inside))
    # The standard deviation of 2,000 draws has an error of 1.6 %; what is beyond the delta method, and the prior's own
    # variance, which the draws lack, stay below 5 % of it here.
    assert change.std(axis=0) == pytest.approx(ours, rel=0.05 + 4 * 0.016)
