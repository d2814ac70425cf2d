"""Killed at any moment, a collection begun anew ends with the archive of one that was never disturbed."""

import contextlib
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from precipice.archive import read_manifest
from precipice.sources.collection import ledger as ledgers
from precipice.sources.collection.spool import Spool
from tests.collection.studies import (
    WHAT_DOES_NOT_DEPEND_ON_WHEN,
    check_nothing_is_lost_and_nobody_wrongly_complete,
    command,
    make_study,
    rows,
    run,
    states,
)
from tests.imitation.server import imitation
from tests.imitation.worlds import ARTSTATION, DANBOORU, DEVIANTART, World, person, world

KILLS = 5


@pytest.mark.slow
def test_a_collection_killed_again_and_again_ends_with_the_archive_of_one_that_was_not(tmp_path: Path) -> None:
    made = world({ARTSTATION: (8, 80), DEVIANTART: (8, 50), DANBOORU: (5, 260)}, seed=3)
    wish = {"n": 5, "where": None, "wait": 0.01}
    undisturbed = make_study(tmp_path / "undisturbed", made, **wish)
    with imitation(made) as site:
        run(undisturbed, site)
        whole = len(site.log)
    rng = np.random.default_rng(5)
    study = make_study(tmp_path / "study", made, **wish)
    with imitation(made) as site:
        killed = 0
        for _ in range(KILLS):
            left = max(2, whole - len(site.log))
            at, delay = len(site.log) + int(rng.integers(1, min(left, 14))), float(rng.exponential(0.03))
            process = command(study, site)
            while process.poll() is None and len(site.log) < at:
                time.sleep(0.002)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=30)
            killed += process.returncode == -signal.SIGKILL
            if (study / "archive" / "manifest.json").exists():
                read_manifest(study / "archive")
        assert killed >= KILLS - 2
        run(study, site)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    assert rows(study, WHAT_DOES_NOT_DEPEND_ON_WHEN) == rows(undisturbed, WHAT_DOES_NOT_DEPEND_ON_WHEN)
    assert states(study) == states(undisturbed)
    assert not (study / "archive" / "spool").exists()


class Crash(BaseException):
    """Stands for the power going out."""


@contextlib.contextmanager
def crash_at(step: int, patcher: pytest.MonkeyPatch, *, after: bool) -> Iterator[None]:
    """Break off before or after the n-th of the writes: pages, ledger lines, batches made and removed."""
    taken = [0]

    def wrap(name: str, owner: type) -> None:
        plain = getattr(owner, name)

        def maybe(*args: object, **kwargs: object) -> object:
            taken[0] += 1
            strikes = taken[0] == step
            if strikes and not after:
                raise Crash
            result = plain(*args, **kwargs)
            if strikes:
                raise Crash
            return result

        patcher.setattr(owner, name, maybe)

    for name, owner in (("add", Spool), ("batches", Spool), ("clear", Spool), ("write", ledgers.Ledger)):
        wrap(name, owner)
    yield


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(step=st.integers(1, 20), after=st.booleans())
def test_a_collection_that_breaks_off_before_or_after_any_write_goes_on_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, step: int, after: bool
) -> None:
    made = World({DANBOORU: [person("ann", 7, 250), person("bob", 8, 30)]})
    study = make_study(tmp_path_factory.mktemp("study"), made)
    with imitation(made) as site:
        with pytest.MonkeyPatch.context() as patcher, crash_at(step, patcher, after=after), contextlib.suppress(Crash):
            run(study, site)
        run(study, site)
        check_nothing_is_lost_and_nobody_wrongly_complete(study, site)
    held = Counter(rows(study, "id"))
    assert set(held.values()) == {1}
    assert len(held) == len(made.ids(DANBOORU))
    assert set(states(study).values()) == {"complete"}
