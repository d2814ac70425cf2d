"""Principal components against scikit-learn's own, and there and back."""

import numpy as np
import pytest

from precipice.loops.components import Components
from precipice.loops.settings import Loop
from precipice.loops.showing import show_generations

X = np.random.default_rng(1).standard_normal((60, 9)) @ np.diag(np.arange(9, 0, -1.0))


def test_they_are_scikit_learns_but_for_signs() -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    ours, theirs = Components.of(X, 4), decomposition.PCA(4).fit(X)
    assert np.abs(ours.directions @ theirs.components_.T) == pytest.approx(np.eye(4), abs=1e-8)
    assert ours.kept == pytest.approx(theirs.explained_variance_ratio_.sum())


def test_all_of_them_give_the_works_back() -> None:
    whole = Components.of(X, 99)
    assert whole.directions.shape == (9, 9)
    assert whole.kept == pytest.approx(1)
    np.testing.assert_allclose(whole.works(whole.of_works(X)), X, atol=1e-10)


def test_generations_are_shown_with_the_same_chance_each() -> None:
    loop = Loop(works=X, n=20, policy="real", generations=2)
    made = show_generations(loop, (0, 2), 5, seed=3)
    assert {t: x.shape for t, x in made.items()} == {0: (5, 9), 2: (5, 9)}
    again = show_generations(loop, (0, 2), 5, seed=3)
    np.testing.assert_array_equal(made[2], again[2])
    assert not np.array_equal(made[0], made[2])
    with pytest.raises(ValueError, match="only a loop on works"):
        show_generations(Loop(), (0,), 5)
