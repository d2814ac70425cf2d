"""Policies: what a generation is fed, each a rule of a line or two."""

from collections.abc import Mapping
from typing import Any

from precipice.loops.loop import Policy, Turn


def synthetic(turn: Turn[Any]) -> tuple[Any, Any]:
    """Only what the generation before made."""
    return turn.made(), None


def augment(turn: Turn[Any]) -> tuple[Any, Any]:
    """The human works of the beginning, always the same, and what the generation before made."""
    original = turn.human(turn.n_first) if turn.kept is None else turn.world.pick(turn.kept, turn.n_first, turn.rng)
    return (turn.mix(original, turn.made()) if turn.n_synthetic else original), original


def fresh(turn: Turn[Any]) -> tuple[Any, Any]:
    """New human works, and what the generation before made."""
    return _new(turn), None


def accumulate(turn: Turn[Any]) -> tuple[Any, Any]:
    """Everything so far."""
    pool = _new(turn) if turn.kept is None else turn.join(turn.kept, _new(turn))
    return pool, pool


def accumulate_subsample(turn: Turn[Any]) -> tuple[Any, Any]:
    """As many works as the supply has, drawn from everything so far."""
    pool, _ = accumulate(turn)
    return turn.world.pick(pool, turn.n_human + turn.n_synthetic, turn.rng), pool


def real(turn: Turn[Any]) -> tuple[Any, Any]:
    """As many works, all by people: the control."""
    return turn.human(turn.n_human + turn.n_synthetic), None


def _new(turn: Turn[Any]) -> Any:  # noqa: ANN401  a batch is what the world says it is
    if not turn.n_synthetic:
        return turn.human()
    return turn.mix(turn.human(), turn.made()) if turn.n_human else turn.made()


POLICIES: Mapping[str, Policy] = {
    "synthetic": synthetic,
    "augment": augment,
    "fresh": fresh,
    "accumulate": accumulate,
    "accumulate_subsample": accumulate_subsample,
    "real": real,
}
SHARES: Mapping[str, float] = {"augment": 0.5, "fresh": 0.5, "real": 1.0}
"""Human share of the supply where none is given; otherwise nought."""
WEIGHTED = ("augment", "fresh")
"""Policies that mix one human and one synthetic batch, which may be weighted."""
