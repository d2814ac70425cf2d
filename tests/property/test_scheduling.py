"""Laws that any list scheduling keeps, on clusters of chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies.cluster.scheduling import Cluster, Run, draw_losses, run

SECONDS = st.lists(st.floats(0.01, 50), min_size=1, max_size=40).map(np.array)
CLUSTERS = st.builds(Cluster, executors=st.integers(1, 6), cores=st.integers(1, 4), back_s=st.floats(0.5, 30))


def no_core_is_used_twice(found: Run) -> bool:
    order = np.lexsort((found.ends, found.starts, found.cores))
    cores, starts, ends = found.cores[order], found.starts[order], found.ends[order]
    same = cores[1:] == cores[:-1]
    return bool(np.all(starts[1:][same] >= ends[:-1][same] - 1e-9))


@given(SECONDS, CLUSTERS)
@settings(max_examples=60, deadline=None)
def test_a_stage_takes_what_graham_bounds(seconds: np.ndarray, cluster: Cluster) -> None:
    """Graham (1966): max(total / m, longest) ≤ makespan ≤ total / m + (1 − 1 / m) · longest."""
    machines = cluster.executors * cluster.cores
    found = run([seconds], cluster)
    share, longest = seconds.sum() / machines, seconds.max()
    assert max(share, longest) - 1e-9 <= found.seconds <= share + (1 - 1 / machines) * longest + 1e-9
    assert found.again == 0
    assert found.core_seconds == pytest.approx(seconds.sum())
    assert no_core_is_used_twice(found)


@given(st.lists(SECONDS, min_size=1, max_size=3), CLUSTERS, st.integers(0, 2**32 - 1), st.floats(0, 200))
@settings(max_examples=60, deadline=None)
def test_whatever_is_lost_every_task_is_done_in_the_end(
    stages: list[np.ndarray], cluster: Cluster, seed: int, per_hour: float
) -> None:
    losses = draw_losses(cluster.executors, per_hour, 3_600, np.random.default_rng(seed))
    found = run(stages, cluster, losses)
    assert len(found.starts) == sum(map(len, stages)) + found.again
    for number, seconds in enumerate(stages):
        done = np.sort(np.round((found.ends - found.starts)[found.done & (found.stages == number)], 6))
        assert set(np.round(seconds, 6)) <= set(done)
        assert found.starts[found.stages == number].min() >= (
            found.ends[found.done & (found.stages == number - 1)].min() if number else 0
        )
    assert no_core_is_used_twice(found)
    assert found.seconds >= max(sum(stage.max() for stage in stages), 0) - 1e-9


def test_what_an_executor_wrote_is_worked_out_again_before_others_go_on() -> None:
    """By hand: two executors of a core; the first is lost at 1.5, halfway through its first task after the shuffle."""
    found = run([np.ones(2), np.ones(4)], Cluster(2, 1, back_s=100), [(1.5, 0)])
    order = np.argsort(found.starts, kind="stable")
    assert found.starts[order].tolist() == [0, 0, 1, 1, 2, 3, 4, 5]
    assert found.stages[order].tolist() == [0, 0, 1, 1, 0, 1, 1, 1]
    assert found.done[order].tolist() == [True, True, False, True, True, True, True, True]
    assert (found.seconds, found.again) == (6, 2)


def test_a_free_core_waits_until_what_was_lost_is_written_again() -> None:
    """By hand: of three, the second works out again what the first had written, from 2 to 3, and the third waits."""
    assert run([np.ones(3), np.ones(5)], Cluster(3, 1, back_s=100), [(1.5, 0)]).seconds == 5


def test_nothing_older_than_the_stage_before_is_needed_again() -> None:
    assert run([np.ones(1), np.ones(1), np.ones(2)], Cluster(2, 1, back_s=100), [(2.5, 0)]).again == 2


def test_what_was_written_for_this_stage_is_lost_too_and_what_ended_in_the_driver_is_not() -> None:
    """By hand: lost at 1.5 with one task done and one running, in a first stage of two, and in a last one."""
    assert run([np.ones(4), np.ones(2)], Cluster(2, 1, back_s=100), [(1.5, 0)]).again == 2
    assert run([np.ones(4)], Cluster(2, 1, back_s=100), [(1.5, 0)]).again == 1


def test_an_executor_comes_back_cold_and_a_slow_one_takes_longer() -> None:
    assert run([np.ones(2)], Cluster(1, 1, cold_s=3)).seconds == 5
    assert run([np.ones(2)], Cluster(1, 1, cold_s=3, back_s=10), [(4.5, 0)]).seconds == 4.5 + 10 + 4
    assert run([np.ones(4)], Cluster(2, 1, speeds=np.array([1.0, 3.0]))).seconds == 3
