"""Weighted log-odds of tags with an informative Dirichlet prior, with errors over creators.

Monroe, Colaresi & Quinn (2008), section 3.3.3: of a word's count y among n words, log((y + α)/(n + α₀ − y − α)), with α
the prior's count of the word and α₀ its count of all.  There each word is drawn on its own, and the variance is about
1/(y + α) + 1/(n + α₀ − y − α).  Here y is a sum of creators' shares, n a number of creators, and the variance is the
sum of the creators' squared influences; where every creator has one tag on one upload, it is the same number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precipice.profiles.tag_sums import Float, TagSums


@dataclass(frozen=True, eq=False)
class LogOdds:
    """Log-odds of K tags in G groups, with their covariance over creators."""

    value: Float
    """Shape (G, K)."""
    covariance: Float
    """Shape (K, G, G)."""


@dataclass(frozen=True, eq=False)
class Prior:
    """The informative prior of each group: means over the creators that it stands for."""

    weight: Float
    """Of w, shape (G,)."""
    weight_square: Float
    """Of w², shape (G,)."""
    share: Float
    """Of w p, shape (G, K)."""
    cross: Float
    """Of w² p, shape (G, K)."""
    square: Float
    """Of w² p², shape (G, K)."""


def background(sums: TagSums, dates: Sequence[slice]) -> Prior:
    """Give as prior of each group the creators of all groups of its date together.

    They are mixed with one creator of all dates', so that a tag unknown at a date has some of it.

    Args:
        sums: of G groups.
        dates: the groups of each date.
    """
    own = np.arange(len(sums.active))
    parts = [
        sums.weights[:, None],
        sums.pairs[own, own][:, None],
        sums.shares,
        sums.common[own, own],
        sums.products[own, own],
    ]
    means = [np.empty_like(part) for part in parts]
    for part, mean in zip(parts, means, strict=True):
        everywhere = part.sum(axis=0) / sums.active.sum()
        for groups in dates:
            mean[groups] = (part[groups].sum(axis=0) + everywhere) / (sums.active[groups].sum() + 1)
    weight, weight_square, share, cross, square = means
    return Prior(weight[:, 0], weight_square[:, 0], share, cross, square)


def log_odds(sums: TagSums, prior: Prior, worth: float) -> LogOdds:
    """Compute log-odds with a Dirichlet prior, and their covariance over creators.

    A creator's influence on a group's log-odds is w p/Y − w (1 − p)/(N − Y), with Y and N the sums and the prior's
    together.  The prior adds the variance of as many creators of the background.

    Args:
        sums: of G groups over K tags.
        prior: what a creator of the background is like.
        worth: the prior's number of creators.
    """
    whole = (sums.weights + worth * prior.weight)[:, None]
    inside = sums.shares + worth * prior.share
    outside = whole - inside
    h = 1 / outside
    g = 1 / inside + h
    covariance = (
        np.einsum("gk,hk,ghk->kgh", g, g, sums.products, optimize=True)
        - np.einsum("gk,hk,ghk->kgh", g, h, sums.common, optimize=True)
        - np.einsum("gk,hk,hgk->kgh", h, g, sums.common, optimize=True)
        + np.einsum("gk,hk,gh->kgh", h, h, sums.pairs, optimize=True)
    )
    own = np.arange(len(sums.active))
    of_prior = g**2 * prior.square - 2 * g * h * prior.cross + h**2 * prior.weight_square[:, None]
    covariance[:, own, own] += worth * of_prior.T
    return LogOdds(np.log(inside / outside), covariance)
