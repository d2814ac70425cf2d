"""Hill numbers against what iNEXT prints for its spiders, and against all samples of a small collection counted out."""

from itertools import combinations

import numpy as np
import pytest

from precipice.profiles.hill import ORDERS, Incidence, asymptote, coverage, hill, size_for

# Spiders under girdled and logged hemlocks (Sackett et al. 2011), data(spider) of iNEXT.
GIRDLED = Incidence.of_abundance(np.array([46, 22, 17, 15, 15, 9, 8, 6, 6, 4, *[2] * 4, *[1] * 12]))
LOGGED = Incidence.of_abundance(
    np.array([88, 22, 16, 15, 13, 10, 8, 8, 7, 7, 7, 5, 4, 4, 4, 3, 3, 3, 3, *[2] * 4, *[1] * 14])
)
# iNEXT 3.0.2, iNEXT(spider$Girdled, q = c(0, 1, 2), size = …): size, the three Hill numbers, coverage.
ROWS = [
    (1, 1.0, 1.0, 1.0, 0.1223268),
    (10, 6.478617, 5.608968, 4.759772, 0.5969308),
    (50, 15.030098, 9.939329, 7.148973, 0.8674807),
    (100, 20.459426, 11.266546, 7.627561, 0.9072004),
    (167, 25.928571, 12.051422, 7.838078, 0.9285714),
    (168, 26.0, 12.05965, 7.84, 0.9288554),
    (169, 26.071145, 12.06784, 7.841901, 0.9291383),
    (200, 28.141739, 12.303742, 7.891717, 0.9373713),
    (336, 34.730733, 13.016966, 8.003912, 0.9635701),
]


@pytest.mark.parametrize(("size", "richness", "shannon", "simpson", "covered"), ROWS)
def test_spiders_at_every_size_are_inexts(
    size: int, richness: float, shannon: float, simpson: float, covered: float
) -> None:
    assert [hill(GIRDLED, size, order) for order in ORDERS] == pytest.approx([richness, shannon, simpson], abs=6e-6)
    assert coverage(GIRDLED, size) == pytest.approx(covered, abs=6e-8)


def test_asymptotes_of_spiders_are_inexts() -> None:
    # A Quick Introduction to iNEXT (vignette, 2016), $AsyEst and $DataInfo: three digits.
    assert [asymptote(GIRDLED, order) for order in ORDERS] == pytest.approx([43.893, 13.826, 8.175], abs=6e-4)
    assert [asymptote(LOGGED, order) for order in ORDERS] == pytest.approx([61.403, 16.337, 6.920], abs=6e-4)
    assert [coverage(one, one.units) for one in (GIRDLED, LOGGED)] == pytest.approx([0.9289, 0.9446], abs=6e-5)


@pytest.mark.parametrize("wanted", [0.3, 0.6, 0.92, 0.9288554, 0.96])
def test_a_size_for_a_coverage_has_that_coverage(wanted: float) -> None:
    assert coverage(GIRDLED, size_for(GIRDLED, wanted)) == pytest.approx(wanted, abs=1e-9)
    assert coverage(LOGGED, size_for(LOGGED, wanted)) == pytest.approx(wanted, abs=1e-9)


def test_rarefied_incidence_is_the_mean_over_all_smaller_samples() -> None:
    rng = np.random.default_rng(2)
    units = rng.random((7, 9)) < rng.random(9) * 0.7 + 0.1
    sample = Incidence.of(7, units.sum(axis=0))
    for size in range(1, 7):
        parts = [units[list(chosen)].sum(axis=0) for chosen in combinations(range(7), size)]
        assert hill(sample, size, 0) == pytest.approx(np.mean([(part > 0).sum() for part in parts]))
        whole = size * sample.total / 7  # ΣQ expected of so many units
        entropy = -np.mean([sum(n / whole * np.log(n / whole) for n in part if n) for part in parts])
        assert hill(sample, size, 1) == pytest.approx(np.exp(entropy))
        squares = np.mean([((part / whole) ** 2).sum() for part in parts])
        assert hill(sample, size, 2) == pytest.approx(1 / squares)
        # Coverage of a sample: which share of all occurrences a further unit's would fall on kinds it has.
        others = [
            sum(units[other][units[list(chosen)].any(axis=0)].sum() for other in set(range(7)) - set(chosen))
            / (7 - size)
            for chosen in combinations(range(7), size)
        ]
        assert coverage(sample, size) == pytest.approx(np.mean(others) * 7 / sample.total)


def test_evenly_used_kinds_count_in_full_whatever_the_order() -> None:
    even = Incidence.of_abundance(np.full(8, 50))
    assert [hill(even, even.units, order) for order in ORDERS] == pytest.approx([8, 8, 8], rel=0.02)
    assert hill(even, even.units, 1) == pytest.approx(8)


def test_many_units_do_not_overflow() -> None:
    counts = np.concatenate([np.full(400, 1), np.full(100, 2), np.arange(3, 60_000, 997)])
    large = Incidence.of(200_000, counts)
    values = [hill(large, size, order) for size in (10.5, 1_000, 150_000, 300_000.5) for order in ORDERS]
    assert np.isfinite(values).all()
    assert np.isfinite([asymptote(large, order) for order in ORDERS]).all()
    assert asymptote(large, 1) >= hill(large, large.units, 1)
